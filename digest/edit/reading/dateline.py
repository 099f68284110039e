"""Part a story's dateline from its first sentence: where it was filed, and by which agency."""

import re
from importlib.resources import files

from digest.model import Dateline

LONGEST = 130  # characters up to and with the dash; the longest real ones name three cities and an agency


def _words(name: str) -> frozenset[str]:
    text = (files("digest.edit") / "words" / name).read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


LABELS = _words("labels.txt")
AGENCIES = _words("agencies.txt")

DASH = re.compile(r"[^\S\n]*(?:[—–]|--+)\s*|(?:[^\S\n]+|(?<=\d))[-_]\s+")
AGENCY = re.compile(r"\s*\((?P<name>[^()]{2,60})\)$")
AGENCY_FIRST = re.compile(r"(?P<head>[^()\n]{0,80}?)\s?\((?P<name>[^()]{2,40})\)\s*(?P<rest>(?=[^\W\d_a-z]|[\"“‘'])\S.*)", re.DOTALL)
AGENCY_WORDS = re.compile(r"(?:The )?[A-Z][\w.'’/&-]*(?: (?:[A-Z&][\w.'’/&-]*|and|of|for|the)){0,5}")
MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
AGENCY_AFTER_COMMA = re.compile(r",\s*(?P<name>Reuters?|AP|AFP|UPI)$")
DATE = re.compile(
    rf",?\s*\(?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:{MONTH}\s+(?:\d{{1,3}}|l)|\d{{1,2}}\s+{MONTH})(?:,?\s+\d{{4}})?\)?$",
    re.I,
)
WORD = r"[^\W\d_][^\W\d_.'’ʻ-]*(?:[.'’ʻ-][^\W\d_]*)*"
PLACE = re.compile(rf"{WORD}(?:\s+{WORD}){{0,6}}")
REGION = re.compile(rf"{WORD}(?:\s+{WORD}){{0,3}}")
TIME_WORDS = ("In ", "On ", "By ", "The ", "Since ", "Until ", "After ", "Before ", "From ", "At ", "For ", "Last ")
SMALL_WORDS = frozenset({"and", "of", "de", "da", "del", "la", "le", "el", "al", "the", "in", "on", "du", "des"})


def part_dateline(paragraph: str) -> tuple[Dateline | None, str]:
    """Return the dateline and the text after it, or None and the paragraph as it was.

    Knows `SEOUL, South Korea (Tribune News Service) —`, `PARIS, Aug 12 (Reuters) -`, `MOSCOW/KYIV —`, `Washington (CNN)` and `(Reuters) -`.
    Dateline.place is "" when only an agency signs.
    """
    dash = DASH.search(paragraph, 1, LONGEST + 3)
    if dash and dash.start() <= LONGEST and (dateline := _read(paragraph[: dash.start()], paragraph[dash.end() :])):
        return dateline, paragraph[dash.end() :]
    undashed = AGENCY_FIRST.match(paragraph) if "(" in paragraph[:82] else None  # Washington (CNN) The court ...
    if undashed and undashed["name"] in AGENCIES and (not undashed["head"] or _may_be_small(undashed["head"])):
        return Dateline(place=undashed["head"], agency=undashed["name"]), undashed["rest"]
    return None, paragraph


def _read(head: str, rest: str) -> Dateline | None:
    """The dateline that stands before a dash, if that is what it is."""
    head = head.strip().lstrip("*").rstrip(" ,")  # old wires mark a flash with ****
    if not rest.strip() or "\n" in head or head.upper() in LABELS:
        return None
    place, agency, dated = _parts(head)
    if agency in AGENCIES and not place:
        return Dateline(place="", agency=agency)
    known = agency in AGENCIES
    if not (_is_place(place, capitals=True) or ((known or dated) and _may_be_small(place, any_case=dated))):
        return None
    if agency and not known and (not AGENCY_WORDS.fullmatch(agency) or _spells(place, agency)):
        return None
    if not (agency or dated or "," in place) and not _stands_alone(place, rest):
        return None
    return Dateline(place=place, agency=agency)


def _parts(head: str) -> tuple[str, str, bool]:
    """Place, agency and whether a date stood there: ("PARIS", "Reuters", True) of `PARIS, Aug 12 (Reuters)`."""
    signed = AGENCY.search(head) or AGENCY_AFTER_COMMA.search(head)
    agency = signed["name"].strip() if signed else ""
    if signed and not DATE.fullmatch(agency):  # LONDON (Aug. 12) - signs nothing
        head = head[: signed.start()]
    else:
        agency = ""
    dated = DATE.search(head)
    return (head[: dated.start()] if dated else head).strip(), agency, dated is not None


def _is_place(text: str, *, capitals: bool) -> bool:
    """Whether text reads as `CITY[, Region]`, or several of them with a slash; `capitals`: the city must stand in them."""
    return 0 < len(text) <= 100 and all(_is_one_place(one.strip(), capitals=capitals) for one in text.split("/"))


def _is_one_place(text: str, *, capitals: bool) -> bool:
    city, *regions = (part.strip() for part in text.split(","))
    if len(regions) > 2 or city.upper() in LABELS or not PLACE.fullmatch(city) or not all(REGION.fullmatch(region) for region in regions):
        return False
    if any(not _is_name(region) for region in regions):
        return False
    upper = [word for word in city.split() if _is_upper(word)]
    # MANCHESTER N.H., and "near KYIV": one word in capitals of two letters or more must be there
    return bool(upper) and city.split()[-1] in upper if capitals else _is_name(city)


def _is_upper(word: str) -> bool:
    return word.isupper() and sum(letter.isalpha() for letter in word) >= 2


def _is_name(text: str) -> bool:
    """South Korea, N.C., Rio de Janeiro."""
    return text[:1].isupper() and all(word[0].isupper() or word in SMALL_WORDS for word in text.split())


def _may_be_small(place: str, *, any_case: bool = False) -> bool:
    """Washington; New York; with a date beside it, even mexico city."""
    return not f"{place} ".startswith(TIME_WORDS) and _is_place(place.title() if any_case else place, capitals=False)


def _spells(place: str, agency: str) -> bool:
    """FEMA (Federal Emergency Management Agency): the brackets explain letters, they do not sign."""
    return "".join(word[0] for word in agency.split() if word[0].isupper()) == place


def _stands_alone(place: str, rest: str) -> bool:
    """Nothing but capitals and a dash: `KYIV —` is a place; NATO that goes on in small letters, U.S. and A HARD RAIN are not."""
    words = place.split()
    first = rest.lstrip("\"“‘'([ ")[:1]
    return (
        (first.isupper() or first.isdigit())
        and sum(letter.isalpha() for letter in place) >= 4
        and (len(words) <= 3 or words[0] in ("ABOARD", "NEAR", "OFF"))
        and words[0] not in ("A", "AN")
    )
