"""Turn the text of a plan into another issue, and leave every word of a person that the change is not about as it stands."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import tomlkit

from digest.edit.blocks import LOOSE, TABLES, TOP, Block, block_of, changed, cut, renamed
from digest.edit.plan import (
    BRIEF_KEYS,
    brief_values,
    inbox_values,
    issue_values,
    note_values,
    plain,
    plan_value,
    read_as_written,
    read_plan,
    section_values,
    sponsor_values,
    write_plan,
)
from digest.errors import PlanError
from digest.model import Brief, Issue

NAME = "plan.toml"
KINDS = (TOP, *TABLES)  # in the order of a plan that build wrote
FLOW = frozenset({"section", "section.brief"})  # a brief belongs to the section above it, so these keep one order among themselves
ITEMS = frozenset({"lead", "section.brief", "offered"})
ORDER: Mapping[str, tuple[str, ...]] = {
    TOP: ("subject", "preheader"),
    "issue": ("id", "edition", "title", "start", "end", "zone"),
    "note": ("text", "by"),
    "section": ("title", "style"),
    "sponsor": ("name", "text", "link", "after", "from", "until"),
    **dict.fromkeys(ITEMS, BRIEF_KEYS),
}


def rewrite(text: str, wanted: Issue, remarks: Mapping[str, str] | None = None) -> str:
    """The plan's text with just the lines changed that make it read as `wanted`; read_plan() of it gives plain(wanted).

    Comments, order, spelling and all that is not changed stay byte for byte. A table moves with the comments that belong to it, also out
    of the issue; what belongs to a table cut() knows. `remarks` as for write_plan(). A plan whose items are not tables of their
    own is laid out anew, a person's comments at its end. Raises PlanError when `text` cannot be read.
    """
    wanted = plain(wanted)
    mine = read_as_written(text, where=NAME)
    if plain(mine) == wanted:
        return text
    windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    unix = text.replace("\r\n", "\n") if windows else text
    result = _changed(unix, mine, wanted, remarks or {})
    if result is None or not _reads_as(result, wanted):
        result = _laid_out_anew(unix, wanted, remarks or {})
    return result.replace("\n", "\r\n") if windows else result


@dataclass(frozen=True, slots=True)
class Piece:
    """What one table of a plan says, and where: the number of its section and its own, or only its own."""

    kind: str
    place: tuple[int, ...]  # as it is printed, where a pinned item comes first
    what: Any  # an Issue, Note, Section, Sponsor or Brief
    values: Mapping[str, Any]  # its plan keys


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A block on its way into the new text. `was` is its number in the old one, None for a new table."""

    block: Block
    was: int | None = None


def _changed(text: str, mine: Issue, wanted: Issue, remarks: Mapping[str, str]) -> str | None:
    """The text changed table by table; None when the tables are not written each under a header of its own."""
    blocks = cut(text)
    old = _by_block(blocks, mine)
    if old is None:
        return None
    new = list(_pieces(wanted))
    pairs = _paired([piece for piece in old if piece], new)
    number = {id(piece): at for at, piece in enumerate(old) if piece}
    placed = []
    for piece, before in zip(new, pairs, strict=True):
        if before is None:
            placed.append(Placed(_made(piece, remarks)))
        else:
            at = number[id(before)]
            placed.append(Placed(_edited(blocks[at], before, piece), at))
    return _joined(blocks, _in_order(blocks, new, placed))


def _pieces(issue: Issue) -> Iterator[Piece]:
    """Every table of an issue, in the order of a plan that build wrote."""
    yield Piece(TOP, (), (issue.subject, issue.preheader), inbox_values(issue))
    yield Piece("issue", (), issue.window, issue_values(issue))
    if issue.note:
        yield Piece("note", (), issue.note, note_values(issue.note))
    if issue.lead:
        yield Piece("lead", (), issue.lead, brief_values(issue.lead))
    for at, section in enumerate(issue.sections):
        yield Piece("section", (at,), section, section_values(section))
        printed = sorted(range(len(section.briefs)), key=lambda row: not section.briefs[row].pinned)
        for row, brief in enumerate(section.briefs):
            yield Piece("section.brief", (at, printed.index(row)), brief, brief_values(brief))
    for at, sponsor in enumerate(issue.sponsors):
        yield Piece("sponsor", (at,), sponsor, sponsor_values(sponsor))
    for at, brief in enumerate(issue.offered):
        yield Piece("offered", (at,), brief, brief_values(brief))


def _by_block(blocks: Sequence[Block], mine: Issue) -> list[Piece | None] | None:
    """What each block says (None for loose comments), or None when there are not as many tables as the issue has parts."""
    waiting: dict[str, deque[Piece]] = defaultdict(deque)
    for piece in _pieces(mine):
        waiting[piece.kind].append(piece)
    said: list[Piece | None] = []
    for block in blocks:
        if block.kind != LOOSE and not waiting[block.kind]:
            return None
        said.append(None if block.kind == LOOSE else waiting[block.kind].popleft())
    return None if any(waiting.values()) else said


# --- which table is which


def _paired(old: Sequence[Piece], new: Sequence[Piece]) -> list[Piece | None]:
    """For each new piece the old one that it comes from. An item is known by its story, one written by hand by its texts or its place."""
    found: dict[int, Piece] = {}
    taken: set[int] = set()

    def pair(kinds: frozenset[str], *likenesses: Callable[[Piece], Hashable]) -> None:
        for likeness in likenesses:
            waiting: dict[Hashable, deque[Piece]] = defaultdict(deque)
            for piece in old:
                if piece.kind in kinds and id(piece) not in taken and (key := likeness(piece)) is not None:
                    waiting[key].append(piece)
            for piece in new:
                if piece.kind in kinds and id(piece) not in found and waiting and (queue := waiting.get(likeness(piece))):
                    found[id(piece)] = queue.popleft()
                    taken.add(id(found[id(piece)]))

    def home(piece: Piece) -> Hashable:
        """The old section that a section's first known brief stands in."""
        if id(piece) in mine:
            return piece.place
        inside = (one for one in new if one.kind == "section.brief" and one.place[:1] == piece.place and id(one) in found)
        return next((found[id(one)].place[:1] for one in inside if found[id(one)].kind == "section.brief"), None)

    mine = {id(piece) for piece in old}
    pair(frozenset({TOP, "issue", "note"}), lambda piece: piece.kind)
    pair(
        ITEMS,
        lambda piece: (piece.kind, piece.place, piece.what),
        lambda piece: piece.what,
        lambda piece: piece.what.story_id or None,
        lambda piece: None if piece.what.story_id else piece.what.headline,
        lambda piece: None if piece.what.story_id else (piece.kind, piece.place),
    )
    pair(frozenset({"section"}), lambda p: (p.place, p.what.title), lambda p: p.what.title, home, lambda p: p.place)
    pair(frozenset({"sponsor"}), lambda p: p.what, lambda p: (p.what.name, p.what.text), lambda p: p.what.name, lambda p: p.what.text)
    return [found.get(id(piece)) for piece in new]


# --- one table


def _made(piece: Piece, remarks: Mapping[str, str]) -> Block:
    remark = remarks.get(piece.what.story_id) if isinstance(piece.what, Brief) else None
    return block_of(piece.kind, _spelled(piece.values), inside=[f"# {remark}"] if remark else [])


def _edited(block: Block, before: Piece, after: Piece) -> Block:
    """The table with the values that differ spelled anew; written from new when they do not stand on lines of their own."""
    if (before.kind, before.values) == (after.kind, after.values):
        return block
    named = renamed(block, after.kind)
    keys = [key for key in ORDER[after.kind] if before.values.get(key) != after.values.get(key)]
    entries = _spelled({key: after.values.get(key) for key in keys})
    return changed(named, entries, order=ORDER[after.kind]) or replace(
        block_of(after.kind, _spelled(after.values), inside=block.comments), gap=block.gap
    )


def _spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as TOML writes them; None stays."""
    return {key: None if value is None else tomlkit.item(plan_value(key, value)).as_string() for key, value in values.items()}


# --- all tables


def _in_order(blocks: Sequence[Block], new: Sequence[Piece], placed: Sequence[Placed]) -> list[Placed]:
    """The blocks in their new order. Where nothing moved the order of the file stays, also where build would have written another."""
    flow = _flow(new, placed)
    others: dict[str, deque[Placed]] = defaultdict(deque)
    for piece, one in zip(new, placed, strict=True):
        if piece.kind not in FLOW:
            others[piece.kind].append(one)
    numbers = [one.was for one in flow if one.was is not None and blocks[one.was].kind in FLOW]
    stays = set(_longest_rising(numbers))
    by_number = {one.was: one for one in flow if one.was is not None}
    result: list[Placed] = []
    for at, block in enumerate(blocks):
        if block.kind == LOOSE:
            result.append(Placed(block, at))
        elif at in stays:
            result.append(by_number[at])
        elif block.kind not in FLOW and others[block.kind]:
            result.append(others[block.kind].popleft())
    for kind in KINDS:
        for one in others[kind]:
            result.insert(_after(result, kind), one)
    before: Placed | None = None
    for one in flow:
        if one.was is None or one.was not in stays:
            result.insert(_behind(result, before) if before else _first_of_flow(result), one)
        before = one
    return result


def _flow(new: Sequence[Piece], placed: Sequence[Placed]) -> list[Placed]:
    """Sections and their items, in order. A pinned item may stand further down in the file than it is printed: then it stays there."""
    sections: dict[int, list[tuple[Piece, Placed]]] = defaultdict(list)
    for piece, one in zip(new, placed, strict=True):
        if piece.kind in FLOW:
            sections[piece.place[0]].append((piece, one))
    result: list[Placed] = []
    for head, *items in sections.values():
        as_filed = sorted(items, key=lambda row: -1 if row[1].was is None else row[1].was)
        as_read = sorted(as_filed, key=lambda row: not row[0].what.pinned)
        result += [one for _, one in (head, *(as_filed if as_read == items else items))]
    return result


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The longest run of numbers, others left out, in which each is larger than the one before: what need not be moved."""
    tails: list[int] = []
    ends: list[int] = []  # positions in `numbers`
    before: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(ends[length - 1] if length else -1)
        tails[length:] = [number, *tails[length + 1 :]]
        ends[length:] = [at, *ends[length + 1 :]]
    run, at = [], ends[-1] if ends else -1
    while at >= 0:
        run.append(numbers[at])
        at = before[at]
    return run[::-1]


def _after(result: Sequence[Placed], kind: str) -> int:
    """Where a further table of a kind goes: below the last of its kind, or where build would have begun them."""
    up_to = KINDS.index(kind)
    return max((at for at, one in enumerate(result) if one.block.kind != LOOSE and KINDS.index(one.block.kind) <= up_to), default=-1) + 1


def _behind(result: Sequence[Placed], before: Placed) -> int:
    return next(at for at, one in enumerate(result) if one is before) + 1


def _first_of_flow(result: Sequence[Placed]) -> int:
    return next((at for at, one in enumerate(result) if one.block.kind in FLOW), _after(result, "section"))


def _joined(blocks: Sequence[Block], order: Sequence[Placed]) -> str:
    """The new text. Tables that stood together keep the lines between them, others get a blank one; the end stays as it was."""
    parts = []
    for one, following in pairwise([*order, None]):
        assert one is not None
        text, gap = one.block.text, one.block.gap
        if following is None:
            together, gap = one.was == len(blocks) - 1, blocks[-1].gap
        else:
            together = one.was is not None and following.was == one.was + 1
        if not together and not text.endswith("\n"):
            text += "\n"
        parts.append(text + (gap if together or following is None else gap or "\n"))
    return "".join(parts)


# --- whether it is right, and when it is not


def _reads_as(text: str, wanted: Issue) -> bool:
    try:
        return read_plan(text, where=NAME) == wanted
    except PlanError:
        return False


def _laid_out_anew(text: str, wanted: Issue, remarks: Mapping[str, str]) -> str:
    """The plan written from new, a person's comments kept at its end."""
    new = write_plan(wanted, remarks)
    known = set(new.splitlines())
    comments = [comment for block in cut(text) for comment in block.comments if comment not in known]
    return new + "".join(f"{line}\n" for line in ["", *comments] if comments)
