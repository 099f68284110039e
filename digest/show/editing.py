"""What a person sees of the desk's commands: findings, failures and tables, and a moving line while long work goes on."""

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from digest.model import FURTHER_NOTICE, Failure, Story
from digest.show.line import LINE_EVERY, count, fact, local

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from digest.workflow.build import BuiltIssue
    from digest.workflow.explain import Explained
    from digest.workflow.proof import Located
    from digest.workflow.reading import Gathered, Progress
    from digest.workflow.sources import Condition
    from digest.workflow.themes import Fallen

FAILURES_SHOWN = 10
UNMATCHED_SHOWN = 10


def show_gathered(gathered: "Gathered", in_store: int) -> None:
    """The sums of a round over the sources."""
    show_failures(gathered.failures)
    withdrawn = f"{gathered.withdrawn} withdrawn, " if gathered.withdrawn else ""
    print(
        f"{count(in_store, 'story', 'stories')} in the store: {gathered.new} new, {gathered.changed} changed, "
        f"{gathered.unchanged} unchanged, {withdrawn}{gathered.gone} gone; {count(len(gathered.failures), 'failure')}."
    )
    if gathered.left:
        print(f"{count(gathered.left, 'page')} or more wait for the next gathering.")


def show_failures(failures: Sequence[Failure]) -> None:
    """What could not be used, on standard error."""
    for failure in failures[:FAILURES_SHOWN]:
        print(f"failed: {failure.place}: {failure.reason} {failure.hint}".rstrip(), file=sys.stderr)
    if len(failures) > FAILURES_SHOWN:
        print(f"failed: and {len(failures) - FAILURES_SHOWN} more; --json lists them all.", file=sys.stderr)


def show_built(built: "BuiltIssue", found: Sequence["Located"]) -> None:
    """The counts of a built issue, its findings, and where it is."""
    counts, sections = built.report["counts"], built.report["sections"]
    lead = "a lead and " if counts["leads"] else ""
    print(f"{built.report['issue']}: {count(counts['items'], 'item')}, {lead}{count(len(sections), 'section')}")
    for section in sections:
        print(f"  {section['items']:3d}  {section['title']}")
    print(
        f"{count(counts['stories'], 'story', 'stories')} considered: {counts['in']} in, {counts['out']} out; "
        f"{count(counts['failures'], 'failure')}; {counts['html_bytes'] / 1000:.0f} KB of HTML."
    )
    if counts["offered"]:
        print(f"{count(counts['offered'], 'new story is', 'new stories are')} offered at the end of plan.toml.")
    if built.old_plan:
        print(f"Your plan was copied to {built.old_plan.name}.")
    show_findings(found)
    print(f"Built {built.folder}")


def show_findings(found: Sequence["Located"]) -> None:
    """A table on a terminal, a line a finding elsewhere, errors first; in a GitHub workflow also as annotations."""
    if not found:
        print("No findings.")
    elif sys.stdout.isatty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table("", "line", "place", "what", "what to do", box=SIMPLE_HEAD)
        for one in found:
            colour = "red" if one.finding.severity == "error" else "yellow"
            cells = (str(one.line or ""), one.finding.where.partition(" (")[0], one.finding.message, one.finding.hint)
            table.add_row(Text(one.finding.severity, style=colour), *map(Text, cells))
        Console().print(table)
    else:
        for one in found:
            print(f"{_spot(one)}: {one.finding.severity}: {one.finding.where}: {one.finding.message} {one.finding.hint}".rstrip())
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for one in found:
            print(_annotation(one))


def _spot(one: "Located") -> str:
    return f"{one.file}:{one.line}" if one.line else one.file


def _annotation(one: "Located") -> str:
    """A workflow command of GitHub Actions, its texts escaped as GitHub documents it."""
    told, escaped = one.finding, {ord(sign): f"%{ord(sign):02X}" for sign in "%\r\n"}
    more = escaped | {ord(sign): f"%{ord(sign):02X}" for sign in ":,"}
    line = f",line={one.line}" if one.line else ""
    message = f"{told.message} {told.hint}".strip().translate(escaped)
    return f"::{told.severity} file={one.file.translate(more)}{line},title={told.rule.translate(more)}::{message}"


def show_understood(told: dict[str, Any]) -> None:
    """What was understood of a document and what was cut, rule by rule."""
    dateline = told["dateline"] or {}
    print(told["headline"] + ("   (made from the lead)" if told["headline_made"] else ""))
    for name in ("id", "url", "source", "dek", "byline"):
        fact(name, told[name])
    agency = f"({dateline['agency']})" if dateline.get("agency") else ""
    fact("dateline", f"{dateline.get('place', '')} {agency}".strip())
    fact("published", told["published_at"] or "undated")
    if told["withdrawn"]:
        fact("withdrawn", "yes")
    embargo = told["embargo_until"] or ""
    fact("embargo", "until further notice" if embargo.startswith(f"{FURTHER_NOTICE.year}") else embargo)
    fact("tags", ", ".join(told["tags"]))
    for name in ("slug", "urgency", "revision"):
        fact(name, str(told[name] or ""))
    for name in ("correction", "usage", "language", "lead", "summary", "credit"):
        fact(name, told[name])
    for image in told["images"]:
        fact("image", image["url"] or "no address")
        for name in ("alt", "caption", "credit"):
            fact(f"  {name}", image[name])
    fact("paragraphs", str(len(told["paragraphs"])))
    for cut in told["furniture"]:
        fact("cut", f"{cut['rule']}: {_short(cut['text'])}")
    print()


def show_stories(stories: Sequence[Story], *, zone: str, in_store: int) -> None:
    """A table on a terminal, lines with tabs elsewhere."""
    rows = [(story.id, local(story.published_at, zone), story.source, story.headline, ", ".join(story.tags)) for story in stories]
    if sys.stdout.isatty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table("id", "published", "source", "headline", "tags", box=SIMPLE_HEAD)
        for row in rows:
            table.add_row(*map(Text, row))
        Console().print(table)
    else:
        for row in rows:
            print("\t".join(row))
    print(f"{count(len(stories), 'story', 'stories')} shown of {in_store} in the store.", file=sys.stderr)


def show_sources(found: "Sequence[Condition]", *, zone: str) -> None:
    """A table on a terminal, lines with tabs elsewhere; below it what is wrong."""
    heads = ("source", "kind", "state", "last read", "newest story", "stories", "a day")
    rows: list[tuple[str, ...]] = [
        (
            one.source,
            one.kind,
            one.state,
            local(one.health.read_at if one.health else None, zone, without="never"),
            local(one.newest, zone, without="none"),
            str(one.stories),
            f"{one.a_day:.1f}",
        )
        for one in found
    ]
    if sys.stdout.isatty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        colours = {"well": "green", "fails": "red", "silent": "yellow", "new": ""}
        table = Table(*heads, box=SIMPLE_HEAD)
        for row in rows:
            table.add_row(*(Text(cell, style=colours[cell] if head == "state" else "") for head, cell in zip(heads, row, strict=True)))
        Console().print(table)
    else:
        for row in (heads, *rows):
            print("\t".join(row))
    for one in found:
        if one.trouble:
            print(f"{one.source}: {one.trouble}")
        if one.health and one.health.moved:
            print(f"{one.source}: it has moved to {one.health.moved}; write that into digest.toml.")


def show_themes(fallen: "Fallen") -> None:
    """A table of themes and weeks on a terminal, lines with tabs elsewhere; then what matched none, and what to put into digest.toml."""
    heads = ("theme", *fallen.weeks, "all")
    counted = [*((one.theme.title, one.stories) for one in fallen.themes), ("(no theme)", fallen.without), ("(all)", fallen.stories)]
    rows = [(title, *map(str, numbers), str(sum(numbers))) for title, numbers in counted]
    if sys.stdout.isatty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD)
        for head in heads:
            table.add_column(head, justify="left" if head == "theme" else "right")
        for row in rows:
            table.add_row(*(Text(cell, style="dim" if cell == "0" else "") for cell in row))
        Console().print(table)
    else:
        for row in (heads, *rows):
            print("\t".join(row))
    if fallen.unmatched:
        print(f"{count(len(fallen.unmatched), 'story matches', 'stories match')} no theme:")
        for story in fallen.unmatched[:UNMATCHED_SHOWN]:
            print(f"  {story.id}  {story.headline}")
        if len(fallen.unmatched) > UNMATCHED_SHOWN:
            print(f"  and {len(fallen.unmatched) - UNMATCHED_SHOWN} more; --json lists them all.")
    if fallen.proposals:
        print("Themes that come back, for digest.toml:")
    for one in fallen.proposals:
        besides = f", and {one.others} besides" if one.others else ""
        print(f"\n# {count(len(one.stories), 'story', 'stories')} of these weeks{besides}: {_short(one.stories[0].headline)}\n{one.toml}")


def show_explained(told: "Explained", *, zone: str) -> None:
    """Why a story is in or out, and where each sentence of its summary came from."""
    story, line = told.story, told.line
    print(story.headline)
    for name, value in (("id", story.id), ("url", story.url), ("source", story.source), ("published", local(story.published_at, zone))):
        fact(name, value)
    if line:
        fact(told.issue_id, f"{line['decision']}: {line['reason']}")
        fact("section", line["section"])
        fact("grouped by", line["grouped"])
        for at, name in enumerate(told.names):
            fact("or named" if at else "named", f"{name} ({told.why_named[name]})" if name in told.why_named else name)
        _show_ranking(told.ranking)
    else:
        fact(told.issue_id or "no issue", "has not considered it: its date is outside their windows, or it came later")
    for paragraph, sentence in told.sentences:
        fact(f"from ¶{paragraph}", sentence)
    for cut in (*story.furniture, *told.recurring):
        fact("cut", f"{cut.rule}: {_short(cut.text)}")
    if told.versions:
        fact("changed", f"{count(told.versions, 'time')} since it was first gathered")


def _show_ranking(ranking: Mapping[str, Any]) -> None:
    """The sum that gave a story its place, a part a line."""
    if not ranking:
        return
    fact("ranked", f"{ranking['place']} of {ranking['of']}" + (", pinned before all others" if ranking["pinned"] else ""))
    name, says = (max(len(part[key]) for part in ranking["parts"]) for key in ("name", "says"))
    for part in ranking["parts"]:
        sum_ = f"{part['value']:5.2f} × {part['weight']:<4g} = {part['product']:6.2f}"
        fact("", f"{part['name']:{name}}  {part['says']:{says}}  {sum_}")
    fact("", f"{'total':{name}}  {'':{says}}  {'':12} = {ranking['total']:6.2f}")


@contextmanager
def progress(sources: int, *, quiet: bool) -> "Iterator[Progress]":
    """A moving line on a terminal, a line every thousand documents of a source elsewhere, nothing when `quiet`."""
    from digest.workflow.reading import Silent

    if quiet:
        yield Silent()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = BarColumn(bar_width=24), TextColumn("{task.completed:.0f} of {task.total:.0f} sources · {task.description}")
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Bar(bars, bars.add_task("", total=sources))


class _Lines:
    def moved(self, source: str, done: int) -> None:
        if done % LINE_EVERY == 0 and done:
            print(f"{source}: {done} read", file=sys.stderr)

    def over(self, source: str) -> None:
        """A line a source would be too many."""


class _Bar:
    """How many sources are done, how many documents were read, and whom we wait for at the end."""

    def __init__(self, bars: "Bars", task: "TaskID") -> None:
        self._bars, self._task, self._done, self._lock = bars, task, dict[str, int](), threading.Lock()
        self._busy: dict[str, None] = {}

    def moved(self, source: str, done: int) -> None:
        with self._lock:
            self._done[source] = done
            self._busy[source] = None
            self._tell()

    def over(self, source: str) -> None:
        with self._lock:
            self._busy.pop(source, None)
            self._tell(advance=1)

    def _tell(self, *, advance: int = 0) -> None:
        busy = ", ".join(list(self._busy)[:2]) + f" and {len(self._busy) - 2} more" * (len(self._busy) > 2)
        self._bars.update(self._task, advance=advance, description=f"{sum(self._done.values()):,} read" + f" · reading {busy}" * bool(busy))


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99].rstrip() + "…"
