"""Which way a text runs, and how a name that runs the other way is kept from turning its neighbours round."""

import unicodedata

RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
MARKS = {"ltr": "\u200e", "rtl": "\u200f"}  # a letter of that direction which nobody sees
ISOLATE, POP = "\u2068", "\u2069"  # what stands between them counts as one sign without a direction (Unicode UAX #9)
LEFT, RIGHT = ("L",), ("R", "AL")  # Unicode's names for letters that run left to right, and right to left


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def runs(text: str) -> str:
    """The direction of most letters of a text, `rtl` or `ltr`; "" for a text without letters. A foreign name does not turn it round."""
    if text.isascii():  # as most are, and quicker
        return "ltr" if any(map(str.isalpha, text)) else ""
    right, left = _letters(text, RIGHT), _letters(text, LEFT)
    return "" if right == left == 0 else "rtl" if right > left else "ltr"


def runs_against(text: str, way: str) -> bool:
    """Whether some letter of a text runs against the direction `way`, and would draw digits and marks beside it along."""
    return _letters(text, LEFT if way == "rtl" else RIGHT) > 0


def isolated(text: str, way: str) -> str:
    """A name for a line of plain text that runs `way`: between isolates when it holds letters that run against it."""
    return f"{ISOLATE}{text}{POP}" if runs_against(text, way) else text


def marked(line: str, way: str) -> str:
    """A line of plain text that any program shows running `way`: many go by the first letter, which may be a foreign name's."""
    first = _first_letter(line)
    return line if first == way or (first == "" and way == "ltr") else MARKS[way] + line


def _letters(text: str, kinds: tuple[str, ...]) -> int:
    if text.isascii() and kinds == RIGHT:
        return 0
    return sum(unicodedata.bidirectional(character) in kinds for character in text)


def _first_letter(line: str) -> str:
    """The direction of the first letter outside isolates."""
    depth = 0
    for character in line:
        kind = unicodedata.bidirectional(character)
        depth += (kind in ("LRI", "RLI", "FSI")) - (kind == "PDI" and depth > 0)
        if depth == 0 and kind in (*LEFT, *RIGHT):
            return "rtl" if kind in RIGHT else "ltr"
    return ""
