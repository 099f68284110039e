"""Set plain text in lines that fit a terminal, a pager and an old mail program."""

import re
import unicodedata
from collections.abc import Iterator

from digest.edit.printing.direction import marked

COLUMNS = 76  # quoted with "> " a line still fits 80

NEVER_FIRST = frozenset("!%),.:;?]}¢°’”‰′″℃、。〃々〉》」』】〕〗〞ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー・！％），．：；？］｝～…")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|mailto:", re.IGNORECASE)
# A picture sequence (👩‍🚀), a flag and a letter with its accents are drawn as one and must not be torn apart.
CLUSTER = re.compile(r"[\U0001F1E6-\U0001F1FF]{2}|.[̀-ͯ︀-️\U0001F3FB-\U0001F3FF⃣]*(?:‍.[︀-️\U0001F3FB-\U0001F3FF]*)*", re.DOTALL)


def wrap(text: str, columns: int = COLUMNS, indent: str = "", *, way: str = "ltr") -> str:
    """Break one paragraph that runs `way` into lines of at most `columns` of display width, without trailing spaces.

    A web address is never broken and stands alone on its line when it does not fit beside its neighbours; another word longer than
    a line is broken anywhere. Text in Chinese or Japanese breaks between characters, but no line begins with a closing mark.
    """
    lines: list[str] = []
    line, used = "", 0
    room = max(columns - width(indent), 2)
    for piece, gap in _pieces(text, room):
        wide = width(piece)
        if line and used + len(gap) + wide > room:
            lines.append(line)
            line, used = piece, wide
        else:
            line, used = (f"{line}{gap}{piece}", used + len(gap) + wide) if line else (piece, wide)
    return "\n".join(indent + marked(line, way) for line in [*lines, line] if line)


def width(text: str) -> int:
    """How many columns a terminal gives the text: two for a wide character, none for an accent or a joiner (Unicode UAX #11)."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def tidy(page: str) -> str:
    """A whole text part: no trailing spaces, never more than one empty line, one newline at the end."""
    lines = "\n".join(line.rstrip() for line in page.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _pieces(text: str, room: int) -> Iterator[tuple[str, str]]:
    """What must stay together, each with the gap before it: a space between words, nothing between wide characters."""
    for word in text.split():
        gap = " "
        for piece in _unbreakable(word, room):
            yield piece, gap
            gap = ""


def _unbreakable(word: str, room: int) -> Iterator[str]:
    """A word as it is, if it has no wide character and fits a line; else its parts."""
    if (
        (word.isascii() and len(word) <= room)
        or ADDRESS.match(word)
        or (width(word) <= room and not any(_is_ideograph(character) for character in word))
    ):
        yield word
        return
    piece = ""
    for cluster in CLUSTER.findall(word):
        joins = bool(piece) and (cluster[0] in NEVER_FIRST or not (_is_ideograph(cluster[0]) or _is_ideograph(piece[-1])))
        if piece and (not joins or width(piece) + width(cluster) > room):
            yield piece
            piece = ""
        piece += cluster
    yield piece


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _is_ideograph(character: str) -> bool:
    """Whether a line may break beside it. Korean is wide too, but it breaks at its spaces."""
    return unicodedata.east_asian_width(character) in "WF" and not "가" <= character <= "힣"
