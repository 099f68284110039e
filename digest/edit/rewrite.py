"""Turn a plan's text into another issue, so that whatever a person wrote between the values stays where it belongs."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

import tomlkit
from tomlkit.exceptions import TOMLKitError

from digest.edit.plan import BRIEF_KEYS, brief_values, plain, plan_value, read_plan, write_plan
from digest.errors import PlanError
from digest.model import Brief, Issue, Note, Section, Sponsor

HEADER = re.compile(r"[ \t]*\[(?P<double>\[)?[ \t]*(?P<name>[A-Za-z.]+)[ \t]*\]\]?[ \t]*(?:#.*)?")
KINDS = ("", "issue", "note", "lead", "section", "sponsor", "offered")  # in the order of a plan that build wrote
DOUBLE = frozenset({"section", "section.brief", "sponsor", "offered"})
SPONSOR_KEYS = ("name", "text", "link", "after", "from", "until")
Noun = TypeVar("Noun")


def rewrite(text: str, wanted: Issue, remarks: Mapping[str, str] | None = None) -> str:
    """The plan's text turned into `wanted`: tables in its order, each as it stood but for the values that differ.

    A comment right above a table's header belongs to that table and moves with it, also out of the issue. Where the text cannot be cut
    into tables (a person may write TOML in other ways), it is laid out anew with the person's comments at its end. `remarks`: story id ->
    a comment for a table that is new. Raises PlanError when `text` is no plan.
    """
    read_plan(text, where="plan.toml")
    try:
        written = _written(_cut(text), wanted, remarks or {})
        faithful = read_plan(written, where="plan.toml") == plain(wanted)
    except (TOMLKitError, tomllib.TOMLDecodeError, PlanError, _NotTables):
        faithful = False
    return written if faithful else _laid_out_anew(text, wanted, remarks or {})


class _NotTables(Exception):
    """The text holds tables that are not written with headers of their own."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A table of the plan as text: comments above it, its header's line, what follows up to the next."""

    kind: str  # "" = what stands above all tables
    above: str
    header: str
    body: str
    at: int = -1  # which block of the text it was; -1 = it is new

    @property
    def text(self) -> str:
        return self.above + self.header + self.body


# --- cutting


def _cut(text: str) -> list[_Block]:
    """The text in blocks; joined they are the text."""
    lines = text.splitlines(keepends=True)
    heads = [at for at, opens in enumerate(_outside(lines)) if opens and HEADER.fullmatch(lines[at].rstrip("\r\n"))]
    starts = [_with_comments(lines, at) for at in heads]
    ends = [*starts[1:], len(lines)]
    blocks = [_Block("", "", "", "".join(lines[: starts[0] if starts else len(lines)]), at=0)]
    for start, head, end in zip(starts, heads, ends, strict=True):
        found = HEADER.fullmatch(lines[head].rstrip("\r\n"))
        assert found is not None
        kind = found["name"]
        if (kind not in KINDS and kind != "section.brief") or bool(found["double"]) != (kind in DOUBLE):
            raise _NotTables
        blocks.append(_Block(kind, "".join(lines[start:head]), lines[head], "".join(lines[head + 1 : end]), at=len(blocks)))
    return blocks


def _with_comments(lines: Sequence[str], head: int) -> int:
    """Where the comments begin that stand right above a header."""
    while head > 0 and lines[head - 1].lstrip().startswith("#"):
        head -= 1
    return head


TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]')


def _outside(lines: Sequence[str]) -> Iterator[bool]:
    """For each line, whether it begins outside of any text and any list."""
    fence, depth = "", 0  # the marks of the long text that is open; how many lists are
    for line in lines:
        yield not fence and depth == 0
        if not fence and depth == 0 and HEADER.fullmatch(line.rstrip("\r\n")):
            continue
        at = 0
        while at < len(line):
            if fence:
                end = _closing(line, at, fence)
                if end < 0:
                    break
                fence, at = "", end
                continue
            found = TOKEN.search(line, at)
            if found is None:
                break
            at = found.end()
            if found[0] in ('"""', "'''"):
                fence = found[0]
            elif found[0] in "[{":
                depth += 1
            elif found[0] in "]}":
                depth -= 1


def _closing(line: str, at: int, fence: str) -> int:
    """Where a long text ends in this line, -1 when it goes on. Up to two more marks may stand before the three that end it."""
    pattern = r'(?:\\.|[^\\])*?"""("{0,2})' if fence == '"""' else r"[\s\S]*?'''('{0,2})"
    found = re.compile(pattern, re.DOTALL).match(line, at)
    return found.end() if found else -1


# --- putting together


def _written(blocks: list[_Block], wanted: Issue, remarks: Mapping[str, str]) -> str:
    of_kind: dict[str, list[_Block]] = {}
    for block in blocks:
        of_kind.setdefault(block.kind, []).append(block)
    made = {
        "": [_top(of_kind[""][0], wanted)],
        "issue": of_kind.get("issue", []),
        "note": _notes(of_kind.get("note", []), wanted.note),
        "sponsor": _sponsors(of_kind.get("sponsor", []), wanted.sponsors),
        **_briefs(blocks, wanted, remarks),
    }
    order = list(dict.fromkeys("section" if block.kind == "section.brief" else block.kind for block in blocks))
    for kind in KINDS:
        if kind not in order:
            order.insert(_place_of(kind, order), kind)
    return _joined([block for kind in order for block in made[kind]])


def _place_of(kind: str, order: Sequence[str]) -> int:
    """Where a kind of table goes that was not there: after the last one that stands before it in a fresh plan."""
    before = [order.index(one) for one in KINDS[: KINDS.index(kind)] if one in order]
    return max(before) + 1


def _joined(blocks: Sequence[_Block]) -> str:
    """The blocks one after the other; where two meet that did not, a blank line parts them."""
    text = ""
    for before, block in zip([None, *blocks], blocks, strict=False):
        met = before is None or block.at == before.at + 1 > 0
        if not met and text and not text.endswith("\n"):
            text += "\n"
        if not met and text.strip() and not text.endswith(("\n\n", "\r\n\r\n")):
            text += "\n"
        text += block.text
    return text


def _top(block: _Block, wanted: Issue) -> _Block:
    known = _values(block)
    texts = {"subject": wanted.subject, "preheader": wanted.preheader}
    return _changed(block, {key: text for key, text in texts.items() if text or key in known}, ("subject", "preheader"))


def _notes(blocks: list[_Block], note: Note | None) -> list[_Block]:
    if note is None:
        return []
    values = {key: value for key, value in (("text", note.text), ("by", note.by)) if value}
    return [_changed(blocks[0], values, ("text", "by")) if blocks else _new("note", values, "")]


def _sponsors(blocks: list[_Block], wanted: Sequence[Sponsor]) -> list[_Block]:
    def values(sponsor: Sponsor) -> dict[str, Any]:
        texts = {"name": sponsor.name, "text": sponsor.text, "link": sponsor.url, "after": sponsor.after}
        days = {"from": sponsor.first, "until": sponsor.last}
        return {key: value for key, value in (texts | days).items() if value}

    old = [(block, _values(block)) for block in blocks]
    found = _matched(wanted, old, lambda sponsor, known: (known.get("name") == sponsor.name) + (known.get("text") == sponsor.text))
    return [
        _changed(block, values(sponsor), SPONSOR_KEYS) if block else _new("sponsor", values(sponsor), "")
        for sponsor, block in zip(wanted, found, strict=True)
    ]


def _briefs(blocks: list[_Block], wanted: Issue, remarks: Mapping[str, str]) -> dict[str, list[_Block]]:
    """Lead, sections and offered ones: an item may have moved between them."""
    old = [(block, _values(block)) for block in blocks if block.kind in ("lead", "section.brief", "offered")]
    places = [*([("lead", wanted.lead)] if wanted.lead else [])]
    places += [("section.brief", brief) for section in wanted.sections for brief in section.briefs]
    places += [("offered", brief) for brief in wanted.offered]
    found = _matched([brief for _, brief in places], old, _likeness)
    made = [
        _changed(_headed(block, kind), brief_values(brief), BRIEF_KEYS)
        if block
        else _new(kind, brief_values(brief), remarks.get(brief.story_id, ""))
        for (kind, brief), block in zip(places, found, strict=True)
    ]
    lead, rest = made[: bool(wanted.lead)], iter(made[bool(wanted.lead) :])
    sections: list[_Block] = []
    for section, head in zip(wanted.sections, _section_heads(blocks, wanted.sections), strict=True):
        sections += [head, *(next(rest) for _ in section.briefs)]
    return {"lead": lead, "section": sections, "offered": list(rest)}


def _likeness(brief: Brief, known: Mapping[str, Any]) -> int:
    """How surely a table is this brief's: by its story, or for one written by hand by what it says. 0 = it is another's."""
    story = known.get("story", "")
    if brief.story_id or story:
        return 100 if brief.story_id == story else 0
    values = brief_values(brief)
    return sum(known.get(key) == values[key] for key in ("headline", "summary", "link", "source") if key in values)


def _section_heads(blocks: list[_Block], wanted: Sequence[Section]) -> list[_Block]:
    """The header tables of the sections, each the one that had its title, or else the most of its stories."""
    stories: list[set[str]] = []
    old: list[tuple[_Block, Mapping[str, Any]]] = []
    for block in blocks:
        if block.kind == "section":
            old.append((block, {**_values(block), "at": len(old)}))
            stories.append(set())
        elif block.kind == "section.brief" and stories:
            stories[-1].add(str(_values(block).get("story", "")))

    def likeness(section: Section, known: Mapping[str, Any]) -> int:
        shared = stories[known["at"]] & {brief.story_id for brief in section.briefs if brief.story_id}
        return 1000 * (known.get("title") == section.title) + len(shared)

    def values(section: Section) -> dict[str, Any]:
        return {"title": section.title} | ({"style": section.style} if section.style != "full" else {})

    found = _matched(wanted, old, likeness)
    return [
        _changed(block, values(section), ("title", "style")) if block else _new("section", values(section), "")
        for section, block in zip(wanted, found, strict=True)
    ]


def _matched(
    wanted: Sequence[Noun], old: Sequence[tuple[_Block, Mapping[str, Any]]], likeness: Callable[[Noun, Mapping[str, Any]], int]
) -> list[_Block | None]:
    """For each wanted one the old block that is most like it, no block twice; the most alike choose first, then the order decides."""
    by_story: dict[str, list[int]] = {}
    for at, (_, known) in enumerate(old):
        by_story.setdefault(str(known.get("story", "")), []).append(at)
    pairs = []
    for number, one in enumerate(wanted):
        story = getattr(one, "story_id", "")
        for at in by_story.get(story, []) if isinstance(one, Brief) else range(len(old)):
            if like := likeness(one, old[at][1]):
                pairs.append((-like, abs(number - at), number, at))
    found: dict[int, int] = {}
    for _, _, number, at in sorted(pairs):
        if number not in found and at not in found.values():
            found[number] = at
    return [old[found[number]][0] if number in found else None for number in range(len(wanted))]


# --- single blocks


def _values(block: _Block) -> dict[str, Any]:
    """The plain values of a block."""
    return tomllib.loads(block.body)


def _headed(block: _Block, kind: str) -> _Block:
    """The block under the header of another kind; a comment beside the header stays."""
    if block.kind == kind:
        return block
    name = f"[[{kind}]]" if kind in DOUBLE else f"[{kind}]"
    return replace(block, kind=kind, header=re.sub(r"\[+[ \t]*[A-Za-z.]+[ \t]*\]+", name, block.header, count=1))


def _changed(block: _Block, values: Mapping[str, Any], keys: Sequence[str]) -> _Block:
    """The block with these values, changed where they differ; a key that says nothing may stay."""
    known = {key: _plain(key, value) for key, value in _values(block).items()}
    gone = [key for key in keys if key in known and key not in values and known[key] not in ("", [], False)]
    other = [key for key in keys if key in values and known.get(key) != values[key]]
    if not gone and not other:
        return block
    table = tomlkit.parse(block.body)
    for key in gone:
        table.remove(key)
    for key in other:
        table[key] = plan_value(key, values[key])
    return replace(block, body=tomlkit.dumps(table))


def _plain(key: str, value: Any) -> Any:
    return value.isoformat() if key == "date" and isinstance(value, date) else value


def _new(kind: str, values: Mapping[str, Any], remark: str) -> _Block:
    table = tomlkit.document()
    if remark:
        table.add(tomlkit.comment(remark))
    for key, value in values.items():
        table[key] = plan_value(key, value)
    header = f"[[{kind}]]\n" if kind in DOUBLE else f"[{kind}]\n"
    return _Block(kind, "", header, tomlkit.dumps(table))


def _laid_out_anew(text: str, wanted: Issue, remarks: Mapping[str, str]) -> str:
    """The plan written from new, a person's comments kept at its end."""
    written = write_plan(wanted, remarks)
    known = set(written.splitlines())
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#") and line not in known]
    return written + "".join(f"{line}\n" for line in ["", *comments] if comments)
