"""Find where each sentence of a paragraph begins and ends, so that nothing is ever cut in half."""

import re
from importlib.resources import files


def _listed(name: str) -> frozenset[str]:
    """The words of one list. Its lines that begin with # say why they are there."""
    lines = files("digest.edit").joinpath("words", f"abbreviations_{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_TITLES, _NUMBERED, _WITHIN, _OPENERS = (_listed(name) for name in ("titles", "numbered", "within", "openers"))

_STOP = re.compile(
    r"""(?P<stop>[.!?…؟۔।。！？｡](?<![.!?…؟۔।。！？｡].)[.!?…؟۔।。！？｡]*+)  # the first of a run, then all of it: linear time
        (?: (?<=[。！？｡]) [」』”’）】〉》]*+ (?!と|って)  # needs no space after it
          | (?P<close>(?:[ \u00a0\u202f]?»|["'](?!\w)|[“«‘](?=\s|$)|[”’)\]}›])*+)
            (?=\s|$|[“«]|["'(]?[A-Z][\w’']*\s) )""",
    re.VERBOSE | re.DOTALL,
)
_CREDIT = re.compile(r"\s(?=(?:Image|Photo|Photograph|Picture|Video|Audio|Credit|Source):\s[A-Z])")  # below a picture, no stop before it
_NEXT = re.compile(r"\s*(?P<open>[\"'“‘„«»‹(\[{¿¡$£€#@*•–—-]*)\s?(?P<word>\w+(?:-\w+)*)?(?P<dot>\.?)")
_BEFORE = re.compile(r"(?<![^\W_])(?:[^\W\d_]+\.-?)*[^\W\d_]+$")  # "Sen", "U.S", "J.-C": letters with stops inside
_DOTTED = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*")  # an initial or dotted letters: "J", "U.S", "p.m"
_NUMERAL = re.compile(r"\d|[IVX]+$")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z])")
_ORDINAL = re.compile(r"(?:\b(?:[Dd](?:er|ie|as|em|en|es)|[Aa]m|[Vv]om|[Zz]u[mr]|[Bb]eim|[Ii]m|bis|seit)\s+|^)\d{1,2}$")  # "am 3. Oktober"
_SPEAKER = re.compile(
    r"\s+(?P<first>[A-Z][\w.’'-]*)(?:\s+[A-Z][\w.’'-]*){0,4}\s+(?:said|says|asked|asks|added|wrote|tweeted|told|replied|shouted|demanded)\b"
)
_HOUR_GOES_ON = re.compile(
    r"[A-Z]{2,4}$|\d|(?:Eastern|Central|Mountain|Pacific|Greenwich|Local)$|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$"
)
_QUOTE_MARK = re.compile(r"[\"“”„«»‘’']")
_CLOSES = {'"': '"', "”": "“„", "“": "„", "»": "«", "«": "»", "’": "‘'", "'": "'‘"}  # a closing mark: the marks that it may close
_CLIPPED = re.compile(r"['’‘](?:em|til|cause|bout|n|tis|twas|\d0s)\b")
_LOOK_BACK = 24  # characters: longer than any abbreviation


def sentences(paragraph: str) -> tuple[tuple[int, int], ...]:
    """Half-open character spans of the paragraph's sentences, in order, trimmed of outer space.

    Together they cover every character that is not a space. English news is what the rules know best; Spanish, French and
    German abbreviations are known, and Chinese, Japanese, Arabic and Hindi stops end a sentence where they stand. When in
    doubt two sentences stay one: a summary may lose a sentence that way, and is never cut inside one. Linear time.
    """
    spans: list[tuple[int, int]] = []
    begin = _skip_space(paragraph, 0)
    for mark in _STOP.finditer(paragraph):
        if mark.end() > begin and _ends(paragraph, begin, mark):
            spans += _credit_apart(paragraph, begin, mark.end())
            begin = _skip_space(paragraph, mark.end())
    return (*spans, *_credit_apart(paragraph, begin, len(paragraph.rstrip())))


def ends_in_abbreviation(text: str) -> bool:
    """Whether the full stop at the end of `text` belongs to its last word ("U.S.", "Inc.", "Sen.") and not to a sentence."""
    word = _word_before(text, len(text) - 1) if text.endswith(".") else ""
    return "." in word or _is_title(word) or word in _WITHIN or (len(word) == 1 and word.isupper())


def open_quotations(text: str, inside: str = "") -> tuple[str, bool]:
    """The marks of the quotations still open after `text`, and whether a mark in it had no partner.

    `inside` holds the marks that were open before it.
    """
    orphan = False
    for found in _QUOTE_MARK.finditer(text):
        mark, at = found[0], found.start()
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        if _is_no_quotation_mark(text, at, inside):
            continue
        opens = mark in '„“«‘"' or (mark == "»" and after.isalnum()) or (mark == "'" and not before.isalnum() and after.isalpha())
        partner = next((one for one in inside if one in _CLOSES.get(mark, "")), "")
        if partner and not (mark == "'" and opens):
            inside = inside.replace(partner, "", 1)
        elif opens:
            orphan |= mark in inside
            inside += mark
        else:
            orphan |= mark not in "'’" or before in tuple(".,!?")
    return inside, orphan


def _is_no_quotation_mark(text: str, at: int, inside: str) -> bool:
    """Apostrophes (don't), clipped words ('em, the '90s) and inches (6'2") open and close nothing."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if text[at] == '"':
        return before.isdigit() and not inside
    return text[at] in "'’‘" and ((before.isalnum() and after.isalnum()) or bool(_CLIPPED.match(text, at)))


def _ends(text: str, begin: int, mark: re.Match[str]) -> bool:
    """Whether the stop that was found ends the sentence that began at `begin`."""
    following = _NEXT.match(text, mark.end())
    word = (following["word"] if following else None) or ""
    if mark["close"] is None or mark.end() == len(text):  # a stop that needs no space, or the end
        return True
    if not text[mark.end()].isspace():  # "said.The": a space was lost, unless it is a name such as "Change.Org"
        return text[max(0, mark.start() - 3) : mark.start()].islower() and word not in ("Com", "Net", "Org", "Gov", "Edu", "Io", "Js")
    if word[:1].islower() and word.islower():
        return False
    if "." in mark["stop"] and "!" not in mark["stop"] and "?" not in mark["stop"]:
        return _full_stop_ends(text, begin, mark, word, is_initial=bool(following and following["dot"]) and len(word) < 3)
    if _word_before(text, mark.start()) in ("Yahoo", "Jeopardy"):
        return word in _OPENERS
    return not (mark["close"] and _names_the_speaker(text, mark.end()))


def _credit_apart(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """The sentence, without the credit that ran into a caption: "The pier at dusk Photo: Garrison Post"."""
    spans = []
    if text.find(": ", begin, end) > 0:
        for space in _CREDIT.finditer(text, begin, end):
            if text[begin : space.start()].strip():
                spans.append((begin, begin + len(text[begin : space.start()].rstrip())))
                begin = space.end()
    return [*spans, (begin, end)] if begin < end else spans


def _full_stop_ends(text: str, begin: int, mark: re.Match[str], word: str, *, is_initial: bool) -> bool:
    start = mark.start()
    opens = word in _OPENERS and not is_initial
    if start and text[start - 1].isspace():  # an omission: "the plan ... was dropped", ". . ."
        return opens or len(mark["stop"]) > 3
    if len(mark["stop"]) > 1:
        return bool(word)
    if start - begin < 6 and _ENUMERATOR.fullmatch(text, begin, start):  # "1. The mayor"
        return False
    before = _word_before(text, start)
    if not before:
        return not (text[start - 1 : start].isdigit() and _ORDINAL.search(text, max(begin, start - _LOOK_BACK), start))
    return _word_ends(text, mark, before, word, opens=opens)


def _word_ends(text: str, mark: re.Match[str], before: str, word: str, *, opens: bool) -> bool:
    """Whether a full stop after the word `before` and ahead of `word` ends a sentence, or belongs to an abbreviation."""
    if _is_title(before):
        return bool(mark["close"]) and opens
    if before in _NUMBERED and _NUMERAL.match(word):
        return False
    if before.lower() in ("a.m", "p.m"):
        return not _HOUR_GOES_ON.match(word)
    if _DOTTED.fullmatch(before) or before in _WITHIN:
        return opens or (mark["close"] not in ("", ")") and not _names_the_speaker(text, mark.end()))
    return True


def _names_the_speaker(text: str, at: int) -> bool:
    """Whether a name and a verb of saying follow: the quotation before them belongs to their sentence."""
    speaker = _SPEAKER.match(text, at, at + 80)
    return speaker is not None and speaker["first"] not in _OPENERS


def _word_before(text: str, at: int) -> str:
    found = _BEFORE.search(text, max(0, at - _LOOK_BACK), at)
    return found[0] if found else ""


def _is_title(word: str) -> bool:
    return word in _TITLES or (len(word) > 1 and word.isupper() and word.title() in _TITLES)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
