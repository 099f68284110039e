"""Read plain text as it was copied off a page or came from a wire: its paragraphs, and the headline if one stands on top."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from digest.edit.reading.captions import is_alt_of, read_caption
from digest.edit.reading.clean import read_byline, read_date_line, read_outlet
from digest.edit.reading.dateline import part_dateline
from digest.edit.reading.furniture import furniture_rule
from digest.edit.reading.plain import plain, plain_lines
from digest.model import Cut

WIDEST = 120  # characters: no wire or mail wraps its lines wider, so longer ones are paragraphs of their own
ADDRESS = re.compile(r"(?:link|url)\s*:\s*(https?://\S+)", re.IGNORECASE)
NARROWEST = 50  # a block of shorter lines is a list or a head, not wrapped text
TOP = 8  # lines in which a headline may stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands on top of a plain text, and the lines that remain."""

    headline: str
    dek: str
    rest: tuple[str, ...]
    furniture: tuple[Cut, ...] = ()


def wire_paragraphs(text: str) -> tuple[str, ...]:
    """Blank lines part paragraphs. Within a block each line is one too, unless the block was wrapped at a fixed width."""
    lines = plain_lines(text).expandtabs(4).split("\n")
    wrapped = all(len(line) <= WIDEST or " " not in line.strip() for line in lines)
    paragraphs: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line.rstrip())
        elif block:
            paragraphs.extend(_unwrapped(block) if wrapped else block)
            block = []
    return tuple(paragraph for paragraph in map(plain, paragraphs) if paragraph)


def part_head(lines: Sequence[str]) -> Head:
    """Part headline and dek from a text's lines. A line is the headline when it plainly is: the first that is no furniture,
    short and without a full stop. A dek stands between it and a byline, date or dateline, the name of a section above it."""
    labels: list[int] = []
    for number, line in enumerate(lines[:TOP]):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _stands_around(line) or _is_alt(line, following):
            continue
        if _is_section(line, following):
            labels.append(number)
            continue
        if not (following and _is_headline(line)):
            break
        after = lines[number + 2] if number + 2 < len(lines) else ""
        dek = following if _is_dek(following) and _ends_a_head(after, sentence=following.endswith(".")) else ""
        above = [text for place, text in enumerate(lines[:number]) if place not in labels]
        cuts = tuple(Cut(text=lines[place], rule="label") for place in labels)
        return Head(headline=line, dek=dek, rest=(*above, *lines[number + (2 if dek else 1) :]), furniture=cuts)
    return Head(headline="", dek="", rest=tuple(lines))


def part_address(lines: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Part the story's address from a text's lines: "Link: https://…" among the first of them; "" when there is none."""
    for number, line in enumerate(lines[:TOP]):
        if match := ADDRESS.fullmatch(line):
            return match[1], (*lines[:number], *lines[number + 1 :])
    return "", tuple(lines)


def _unwrapped(block: Sequence[str]) -> list[str]:
    """Join the lines that a fixed width parted: a line goes on below when the next word would not have fitted beside it."""
    lines = textwrap.dedent("\n".join(block)).split("\n")
    width = max(map(len, lines))
    joined = [lines[0].strip()]
    for above, line in pairwise(lines):
        word = line.split(maxsplit=1)[0]
        goes_on = width >= NARROWEST and len(above) + 1 + len(word) > width and not line.startswith("  ")
        if goes_on and not _stands_around(above.strip()) and not _stands_around(line.strip()):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line.strip())
    return joined


def _stands_around(line: str) -> bool:
    """Byline, date line, furniture, a picture's words: whatever may stand above a headline or below it."""
    return bool(read_byline(line) or read_outlet(line) or read_date_line(line) or furniture_rule(line) or read_caption(line, at_top=True))


def _is_dated(line: str) -> bool:
    return bool(read_date_line(line)) or furniture_rule(line) == "update line"


def _is_alt(line: str, following: str) -> bool:
    caption = read_caption(following, at_top=True) if following else None
    return caption is not None and is_alt_of(line, caption[1].caption)


def _is_section(line: str, following: str) -> bool:
    """Markets; Asia Pacific; News > World: one or two names of a section, right above a line that is a headline itself."""
    names = re.findall(r"\w[\w’'-]*", line)
    short = len(names) <= 2 or (len(names) <= 4 and re.search(r" [&>/|»›] ", line) is not None)
    return short and line[:1].isupper() and not re.search(r"[.?!,;:\d]", line) and len(following.split()) >= 4 and _is_headline(following)


def _is_headline(line: str) -> bool:
    words = line.split()
    sentence = line.rstrip("\"'”’)").endswith((".", ":", ";", ",", "…")) and not re.search(r"\b(?:[A-Z]\.)+$", line)
    opens = line.lstrip("'\"“‘¿¡")[:1]
    return (
        3 <= len(words) <= 22
        and len(line) <= 160
        and not sentence
        and (opens.isupper() or opens.isdigit())
        and part_dateline(line)[0] is None
    )


def _ends_a_head(line: str, *, sentence: bool) -> bool:
    """Whether the line above can be a dek: who wrote it or when stands below, or the dateline below what is no `sentence`."""
    return bool(read_byline(line)) or _is_dated(line) or (not sentence and part_dateline(line)[0] is not None)


def _is_dek(line: str) -> bool:
    return 4 <= len(line.split()) <= 40 and not _stands_around(line) and part_dateline(line)[0] is None
