"""The issue as a text file that a person edits: what is printed, in the order it is printed, and nothing else."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomlkit
from tomlkit.items import AoT, Table

from digest.edit.printing.wording import is_language
from digest.errors import PlanError
from digest.model import Also, Brief, Image, Issue, Note, Section, Sponsor, Window

HELP = """\
{title}, {id}: all that will be printed, in this order.
Change what you like: retitle, rewrite, move or delete a table, add one by hand (it needs only a headline).
What you change stays when the issue is built again; a table you delete stays away. To see it: digest preview {id}
To pin a story to the top of its section:  pin = true      A word above its headline:  kicker = "Analysis"
An editor's note:      [note]       text = "Two threads ran through the week."   by = "The desk"
A sponsor's block:     [[sponsor]]  name = "…"  text = "…"  link = "https://…"  after = "title of a section"
                       and, if it was sold for certain days:  from = 2025-08-11  until = 2025-08-31
Note and sponsor texts may hold *emphasis*, **more** and [links](https://…); all other texts are plain."""

# plan key -> how it reads in a Brief; the order in which a table is written
BRIEF_KEYS = (
    "story", "kicker", "headline", "summary", "link", "source", "credit", "date", "language", "pin",
    "image", "alt", "caption", "photo_credit", "size", "also", "named_under",
)  # fmt: skip


def write_plan(issue: Issue, remarks: Mapping[str, str] | None = None, *, choice: Sequence[str] = ()) -> str:
    """The text of plan.toml. `remarks`: story id -> a comment to stand below its table's header. `choice`: subjects to choose from."""
    remarks = remarks or {}
    plan = tomlkit.document()
    for line in HELP.format(title=issue.title, id=issue.id).splitlines():
        plan.add(tomlkit.comment(line))
    plan.add(tomlkit.nl())
    for key, value in inbox_values(issue).items():
        plan[key] = value
        for line in choice_lines(choice) if key == "subject" else ():
            plan.add(tomlkit.comment(line))
    plan["issue"] = _table(issue_values(issue))
    if issue.note:
        plan["note"] = _table(note_values(issue.note))
    if issue.lead:
        plan["lead"] = brief_table(issue.lead, remarks)
    sections = tomlkit.aot()
    for section in issue.sections:
        table = _table(section_values(section))
        if section.briefs:
            table["brief"] = _tables(brief_table(brief, remarks) for brief in section.briefs)
        sections.append(table)
    if issue.sections:
        plan["section"] = sections
    if issue.sponsors:
        plan["sponsor"] = _tables(_table(sponsor_values(sponsor)) for sponsor in issue.sponsors)
    if issue.offered:
        plan["offered"] = _tables(brief_table(brief, remarks) for brief in issue.offered)
    return tomlkit.dumps(plan)


def choice_lines(choice: Sequence[str]) -> list[str]:
    """The comments that stand below the subject, so that one can be copied over it; none for less than two."""
    return ["To choose from:", *(f"  {tomlkit.string(text).as_string()}" for text in choice)] if len(choice) > 1 else []


def brief_table(brief: Brief, remarks: Mapping[str, str]) -> Table:
    """A brief as one table of the plan, keys that say nothing left out."""
    table = tomlkit.table()
    if brief.story_id in remarks:
        table.add(tomlkit.comment(remarks[brief.story_id]))
    for key, value in brief_values(brief).items():
        table[key] = plan_value(key, value)
    return table


def inbox_values(issue: Issue) -> dict[str, str]:
    """What stands above all tables: how the issue shows itself in an inbox."""
    return {"subject": issue.subject, "preheader": issue.preheader}


def issue_values(issue: Issue) -> dict[str, Any]:
    """The plan keys and values of [issue], its moments in the newsroom's zone."""
    zone = ZoneInfo(issue.window.zone)
    return {
        "id": issue.id,
        "edition": issue.window.edition,
        "title": issue.title,
        "start": issue.window.start.astimezone(zone),
        "end": issue.window.end.astimezone(zone),
        "zone": issue.window.zone,
    }


def note_values(note: Note) -> dict[str, str]:
    """The plan keys and values of [note]."""
    return _filled({"text": note.text, "by": note.by})


def section_values(section: Section) -> dict[str, str]:
    """The plan keys and values of a [[section]], its briefs left out."""
    return _filled({"title": section.title, "style": "" if section.style == "full" else section.style})


def sponsor_values(sponsor: Sponsor) -> dict[str, Any]:
    """The plan keys and values of a [[sponsor]]."""
    texts = _filled({"name": sponsor.name, "text": sponsor.text, "link": sponsor.url, "after": sponsor.after})
    return texts | {key: day for key, day in (("from", sponsor.first), ("until", sponsor.last)) if day}


def brief_values(brief: Brief) -> dict[str, Any]:
    """A brief's plan keys and plain values (JSON's own kinds; a date as "2025-08-12"). Keys that say nothing are absent."""
    image = brief.image or Image(url="")
    values = {
        "story": brief.story_id,
        "kicker": brief.kicker,
        "headline": brief.headline,
        "summary": brief.summary,
        "link": brief.url,
        "source": brief.source,
        "credit": brief.credit,
        "date": brief.date.isoformat() if brief.date else "",
        "language": brief.language,
        "pin": brief.pinned,
        "image": image.url,
        "alt": image.alt,
        "caption": image.caption,
        "photo_credit": image.credit,
        "size": [image.width, image.height] if image.width or image.height else [],
        "also": [
            _filled({"source": also.source, "headline": also.headline, "link": also.url, "story": also.story_id}) for also in brief.also
        ],
        "named_under": list(brief.named_under),
    }
    return {key: values[key] for key in BRIEF_KEYS if values[key] or key == "headline"}


def plan_value(key: str, value: Any) -> Any:
    """A plain value as tomlkit writes it: real dates, one inline table a line under `also`."""
    if key == "date":
        return tomlkit.date(value)
    if key == "also":
        rows = tomlkit.array()
        for row in value:
            inline = tomlkit.inline_table()
            inline.update(row)
            rows.append(inline)
        return rows.multiline(True)
    return value


def _table(values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
    return table


def _tables(tables: Iterator[Table]) -> AoT:
    rows = tomlkit.aot()
    for table in tables:
        rows.append(table)
    return rows


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


# --- reading


def read_plan(text: str, *, where: str) -> Issue:
    """The issue that a plan's text describes; pinned briefs stand first in their section. `where` names the file in messages.

    Raises PlanError that lists every fault, each with its key path.
    """
    return plain(read_as_written(text, where=where))


def read_as_written(text: str, *, where: str) -> Issue:
    """The issue as read_plan() gives it, but for pinned briefs: they stand where their table does."""
    try:
        issue, faults = _understood(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{where} is not valid TOML: {error}.", hint="Mend that line; a text stands in double quotes.") from error
    if faults or issue is None:
        count = f"{len(faults)} fault" + "s" * (len(faults) > 1)
        raise PlanError(f"{where} has {count}.", faults=faults, hint="The first lines of the file say what it may hold.")
    return issue


@lru_cache(maxsize=8)  # a desk reads the same text several times for one change, and that takes longer than all else about it
def _understood(text: str) -> tuple[Issue | None, tuple[str, ...]]:
    reader = _Reader()
    issue = reader.issue(tomllib.loads(text))
    return issue, tuple(reader.faults)


def read_brief(values: Mapping[str, Any]) -> Brief:
    """A brief from its plan keys and plain values, as brief_values gives them. Raises PlanError that lists every fault."""
    reader = _Reader()
    table = {key: _day_of(value) if key == "date" else value for key, value in values.items() if value}
    brief = reader.brief("item", table)
    if reader.faults:
        raise PlanError("This is no item.", faults=tuple(reader.faults), hint="; ".join(reader.faults))
    return brief


def _day_of(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return value  # the reader says what is wrong with it


class _Reader:
    """Takes a parsed plan apart and notes every fault on the way."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def issue(self, plan: Mapping[str, Any]) -> Issue | None:
        self.known("", plan, ("subject", "preheader", "issue", "note", "lead", "section", "sponsor", "offered"))
        window = self.window(self.table("issue", plan.get("issue", {})))
        note = self.table("note", plan.get("note", {}))
        self.known("note", note, ("text", "by"))
        issue = Issue(
            id=window.issue_id if window else "",
            window=window or Window(issue_id="", edition="", start=datetime.min, end=datetime.min, zone="UTC"),
            title=self.text("issue.title", self.table("issue", plan.get("issue", {})).get("title", "")),
            subject=self.text("subject", plan.get("subject", ""), required=True),
            preheader=self.text("preheader", plan.get("preheader", "")),
            note=Note(text=self.text("note.text", note.get("text", "")), by=self.text("note.by", note.get("by", ""))) if note else None,
            lead=self.brief("lead", plan["lead"]) if "lead" in plan else None,
            sections=tuple(self.section(f"section[{at}]", table) for at, table in self.rows("section", plan)),
            sponsors=tuple(self.sponsor(f"sponsor[{at}]", table) for at, table in self.rows("sponsor", plan)),
            offered=tuple(self.brief(f"offered[{at}]", table) for at, table in self.rows("offered", plan)),
        )
        return issue if window else None

    def window(self, table: Mapping[str, Any]) -> Window | None:
        self.known("issue", table, ("id", "edition", "title", "start", "end", "zone"))
        values = {key: self.text(f"issue.{key}", table.get(key, ""), required=True) for key in ("id", "edition", "zone")}
        start, end = (self.moment(f"issue.{key}", table.get(key)) for key in ("start", "end"))
        try:
            ZoneInfo(values["zone"] or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.faults.append(f"issue.zone: no such time zone: {values['zone']!r}")
        if start is None or end is None or not all(values.values()):
            return None
        return Window(issue_id=values["id"], edition=values["edition"], zone=values["zone"], start=start, end=end)

    def section(self, place: str, table: Any) -> Section:
        table = self.table(place, table)
        self.known(place, table, ("title", "style", "brief"))
        style = table.get("style", "full")
        if style not in ("full", "headlines"):
            self.faults.append(f'{place}.style: expects "full" or "headlines"')
        return Section(
            title=self.text(f"{place}.title", table.get("title", ""), required=True),
            style=str(style),
            briefs=tuple(self.brief(f"{place}.brief[{at}]", row) for at, row in self.rows("brief", table, place)),
        )

    def sponsor(self, place: str, table: Any) -> Sponsor:
        table = self.table(place, table)
        self.known(place, table, ("name", "text", "link", "after", "from", "until"))
        texts = {
            key: self.text(f"{place}.{key}", table.get(key, ""), required=key in ("name", "text"))
            for key in ("name", "text", "link", "after")
        }
        first, last = (self.day(f"{place}.{key}", table.get(key)) for key in ("from", "until"))
        return Sponsor(name=texts["name"], text=texts["text"], url=texts["link"], after=texts["after"], first=first, last=last)

    def brief(self, place: str, table: Any) -> Brief:
        table = self.table(place, table)
        story = table.get("story")
        if isinstance(story, str) and story:
            place = f"{place} ({story})"
        self.known(place, table, BRIEF_KEYS)
        texts = {
            key: self.text(f"{place}.{key}", table.get(key, ""), required=key == "headline")
            for key in ("story", "kicker", "headline", "summary", "link", "source", "credit", "image", "alt", "caption", "photo_credit")
        }
        width, height = self.size(f"{place}.size", table.get("size", []))
        if not isinstance(pinned := table.get("pin", False), bool):
            self.faults.append(f"{place}.pin: expects true or false")
        image = Image(
            url=texts["image"], alt=texts["alt"], caption=texts["caption"], credit=texts["photo_credit"], width=width, height=height
        )
        return Brief(
            story_id=texts["story"],
            kicker=texts["kicker"],
            headline=texts["headline"],
            summary=texts["summary"],
            url=texts["link"],
            source=texts["source"],
            credit=texts["credit"],
            date=self.day(f"{place}.date", table.get("date")),
            language=self.language(f"{place}.language", table.get("language", "")),
            image=image if image != Image(url="") else None,
            also=tuple(self.also(f"{place}.also[{at}]", row) for at, row in self.rows("also", table, place)),
            pinned=bool(pinned),
            named_under=self.titles(f"{place}.named_under", table.get("named_under", [])),
        )

    def also(self, place: str, table: Any) -> Also:
        table = self.table(place, table)
        self.known(place, table, ("source", "headline", "link", "story"))
        texts = {key: self.text(f"{place}.{key}", table.get(key, "")) for key in ("source", "headline", "link", "story")}
        return Also(story_id=texts["story"], source=texts["source"], url=texts["link"], headline=texts["headline"])

    # the smallest pieces

    def known(self, place: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        self.faults += [f"{place}.{key}: no such key; there are {', '.join(keys)}".lstrip(".") for key in table if key not in keys]

    def table(self, place: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.faults.append(f"{place}: expects a table")
        return {}

    def rows(self, key: str, table: Mapping[str, Any], place: str = "") -> list[tuple[int, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list):
            self.faults.append(f"{place}.{key}: expects [[{key}]] with two brackets".lstrip("."))
            return []
        return list(enumerate(value))

    def text(self, place: str, value: Any, *, required: bool = False) -> str:
        if not isinstance(value, str):
            self.faults.append(f"{place}: expects a text in double quotes")
            return ""
        if required and not value.strip():
            self.faults.append(f"{place}: is missing")
        return value

    def language(self, place: str, value: Any) -> str:
        code = self.text(place, value)
        if code and not is_language(code):
            self.faults.append(f'{place}: expects a language code such as "en"')
            return ""
        return code

    def moment(self, place: str, value: Any) -> datetime | None:
        if isinstance(value, datetime) and value.tzinfo:
            return value.astimezone(UTC)
        self.faults.append(f"{place}: expects a moment with its offset, such as 2025-08-11T00:00:00-04:00")
        return None

    def day(self, place: str, value: Any) -> date | None:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.faults.append(f"{place}: expects a date without quotes, such as 2025-08-12")
        return None

    def titles(self, place: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(title, str) for title in value):
            return tuple(value)
        self.faults.append(f'{place}: expects titles of sections, such as ["Harbor"]')
        return ()

    def size(self, place: str, value: Any) -> tuple[int, int]:
        if value == []:
            return 0, 0
        if isinstance(value, list) and len(value) == 2 and all(isinstance(side, int) and 0 <= side < 100_000 for side in value):
            return value[0], value[1]
        self.faults.append(f"{place}: expects width and height in pixels, such as [1072, 560]")
        return 0, 0


def plain(issue: Issue) -> Issue:
    """The issue as a plan can hold it: without spans, pinned briefs first in their section."""

    def bare(brief: Brief) -> Brief:
        return replace(brief, spans=()) if brief.spans else brief

    return replace(
        issue,
        lead=bare(issue.lead) if issue.lead else None,
        sections=tuple(
            replace(section, briefs=tuple(sorted(map(bare, section.briefs), key=lambda brief: not brief.pinned)))
            for section in issue.sections
        ),
        offered=tuple(map(bare, issue.offered)),
    )
