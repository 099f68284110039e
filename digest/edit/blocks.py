"""Cut the text of a plan into its tables, each with the comments that belong to it, so that one can change and the rest stay as it is."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

TABLES = ("issue", "note", "lead", "section", "section.brief", "sponsor", "offered")
SINGLE = frozenset({"issue", "note", "lead"})
TOP, LOOSE = "", "#"  # the kinds of what stands above all tables, and of comments that belong to none

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'  # texts of several lines may end in one or two quotation marks of their own
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|[\[{]|[\]}]|=|\n",
    re.DOTALL,
)
_PLAIN = re.compile(  # nearly all lines are like this, and are read at once
    r'([\w-]+) = ("(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*"|\d[\d-]*|\[\d+, \d+\]|true)\n', re.ASCII
)
_NAME = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')


class Line(NamedTuple):
    """One line of a plan, or as many as one value takes, with the end of line."""

    text: str
    kind: str  # "header" | "entry" | "comment" | "blank"
    names: tuple[str, ...] = ()  # of the table or the key
    value: tuple[int, int] = (0, 0)  # where in `text` the value of an entry stands, or a header with its brackets
    comments: tuple[str, ...] = ()  # all that stand on it
    inner: tuple[str, ...] = ()  # those of them that stand inside its value and go with it


_BLANK = Line("\n", "blank")


@dataclass(frozen=True, slots=True)
class Block:
    """A table with the comments above it and its own sub-tables. `gap` is the blank lines that follow."""

    kind: str  # one of TABLES, TOP or LOOSE
    lines: tuple[Line, ...]
    gap: str = ""

    @property
    def text(self) -> str:
        """Its lines as they stand in the file, without the gap."""
        return "".join(line.text for line in self.lines)

    @property
    def comments(self) -> tuple[str, ...]:
        """All its comments, in order, from # to the end of line."""
        return tuple(comment for line in self.lines for comment in line.comments)


def cut(text: str) -> tuple[Block, ...]:
    """The blocks of a plan, which must be valid TOML; joined with their gaps they are the text.

    Comments right above a header belong to its table, those right below an entry with a blank line after them to the table above. What
    stands between blank lines belongs to no table and is a block of its own, but above a section it is the section's.
    """
    lines = tuple(_lines(text))
    opens = [at for at, line in enumerate(lines) if line.kind == "header" and ".".join(line.names) in TABLES]
    blocks: list[Block] = []
    kind, start = TOP, 0
    for end in (*opens, len(lines)):
        above, below = _between(lines, start, end)
        if end < len(lines) and lines[end].names == ("section",):
            below = above
        blocks.append(_block(kind, lines[start:above]))
        if above < below:
            blocks.append(_block(LOOSE, lines[above:below]))
        if end < len(lines):
            kind, start = ".".join(lines[end].names), below
    return tuple(blocks)


def block_of(kind: str, entries: Mapping[str, str], *, above: Collection[str] = (), inside: Collection[str] = ()) -> Block:
    """A new table from keys and spelled values, with comments above it and below its header."""
    rows = [*above, header(kind), *inside, *(f"{key} = {value}" for key, value in entries.items())]
    return _block(kind, tuple(_lines("".join(f"{row}\n" for row in rows))))


def header(kind: str) -> str:
    """How a table of this kind begins."""
    return f"[{kind}]" if kind in SINGLE else f"[[{kind}]]"


def changed(block: Block, entries: Mapping[str, str | None], *, order: Sequence[str]) -> Block | None:
    """The block with some keys spelled anew, added or taken out (None); every comment stays. `order` is where a new key belongs.

    None when one of the keys is not written as a line of its own.
    """
    for key, value in entries.items():
        own = _own(block)
        at = next((at for at in own if block.lines[at].names == (key,)), None)
        if at is None and (value is None or _written_otherwise(block, key)):
            return None
        if at is not None:
            lines, end = _respelled(block.lines[at], value), at + 1
        else:
            before = [at for at in own if block.lines[at].names[0] in order[: order.index(key)]]
            at = end = before[-1] + 1 if before else next(at for at, line in enumerate(block.lines) if line.kind == "header") + 1
            lines = f"{key} = {value}\n"
        block = replace(block, lines=(*map(_ended, block.lines[:at]), *_lines(lines), *block.lines[end:]))
    return block


def renamed(block: Block, kind: str) -> Block:
    """The block as a table of another kind, its sub-tables too."""
    if block.kind == kind:
        return block

    def headed(line: Line) -> Line:
        if line.kind != "header":
            return line
        deeper = line.names[block.kind.count(".") + 1 :]
        name = f"[[{'.'.join((kind, *deeper))}]]" if deeper else header(kind)
        start, end = line.value
        return next(_lines(line.text[:start] + name + line.text[end:]))

    return replace(block, kind=kind, lines=tuple(map(headed, block.lines)))


# --- the lines of a text


def _lines(text: str) -> Iterator[Line]:
    at = 0
    while at < len(text):
        if text[at] == "\n":
            line = _BLANK
        elif plain := _PLAIN.match(text, at):
            line = Line(plain[0], "entry", (plain[1],), (plain.start(2) - at, plain.end(2) - at))
        else:
            line = _line(text, at)
        yield line
        at += len(line.text)


def _line(text: str, start: int) -> Line:
    """The line that begins at `start`. It ends where no text and no bracket is open."""
    depth, end = 0, len(text)
    equals = outer = -1  # where its first = and the comment at its end stand
    comments: list[str] = []
    inner: list[str] = []
    for token in _TOKEN.finditer(text, start):
        sign, at = token[0][0], token.start()
        if sign == "#":
            comments.append(token[0].rstrip("\r"))
            if depth:
                inner.append(comments[-1])
            else:
                outer = at - start
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "=" and equals < 0:
            equals = at - start
        elif sign == "\n" and not depth:
            end = at + 1
            break
    return _told(text[start:end], equals, outer, tuple(comments), tuple(inner))


def _told(text: str, equals: int, outer: int, comments: tuple[str, ...], inner: tuple[str, ...]) -> Line:
    said = text.lstrip()
    if not said or said[0] == "#":
        return Line(text, "comment" if said else "blank", comments=comments)
    end = len((text[:outer] if outer >= 0 else text).rstrip())
    if said[0] == "[":
        start = len(text) - len(said)
        return Line(text, "header", _names(text[start:end]), (start, end), comments)
    start = len(text) - len(text[equals + 1 :].lstrip())
    return Line(text, "entry", _names(text[:equals]), (start, end), comments, inner)


def _names(path: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in _NAME.findall(path))


# --- from lines to blocks


def _between(lines: Sequence[Line], start: int, end: int) -> tuple[int, int]:
    """Where the table that begins at `start` ends, and where the comments begin that belong to the header at `end`."""
    first = below = end
    while first > start and lines[first - 1].kind in ("comment", "blank"):
        first -= 1
    while end < len(lines) and below > first and lines[below - 1].kind == "comment":
        below -= 1
    above = first
    while above < below and lines[above].kind == "comment":
        above += 1
    while above < below and lines[above].kind == "blank":
        above += 1
    return above, below


def _block(kind: str, lines: Sequence[Line]) -> Block:
    end = len(lines)
    while end and lines[end - 1].kind == "blank":
        end -= 1
    return Block(kind, tuple(lines[:end]), "".join(line.text for line in lines[end:]))


# --- change a block


def _own(block: Block) -> list[int]:
    """Where its own entries stand, those of its sub-tables left out."""
    headers = [at for at, line in enumerate(block.lines) if line.kind == "header"]
    sub_tables = headers[1:] if block.kind != TOP else headers
    end = sub_tables[0] if sub_tables else len(block.lines)
    return [at for at, line in enumerate(block.lines[:end]) if line.kind == "entry"]


def _written_otherwise(block: Block, key: str) -> bool:
    """Whether a key is there with dots or as a sub-table."""
    inside = len(block.kind.split(".")) if block.kind else 0
    deeper = [line.names[inside] for line in block.lines if line.kind == "header" and len(line.names) > inside]
    dotted = [line.names[0] for line in block.lines if line.kind == "entry" and len(line.names) > 1]
    return key in deeper or key in dotted


def _respelled(line: Line, value: str | None) -> str:
    """The entry with another value, or only its comments; those inside the old value then stand above it."""
    if value is None:
        return "".join(f"{comment}\n" for comment in line.comments)
    start, end = line.value
    return "".join(f"{comment}\n" for comment in line.inner) + line.text[:start] + value + line.text[end:]


def _ended(line: Line) -> Line:
    return line if line.text.endswith("\n") else line._replace(text=line.text + "\n")
