"""Part a story's dateline from its first sentence: where it was filed, and by which agency."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from digest.edit.sentences import sentences
from digest.model import Dateline

LONGEST = 130  # characters up to and with the dash; the longest real ones name three cities and an agency


def _words(name: str) -> frozenset[str]:
    text = (files("digest.edit") / "words" / name).read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


LABELS = _words("labels.txt")
AGENCIES = _words("agencies.txt")
CITIES = _words("datelines.txt")

DASH = re.compile(r"[^\S\n]*(?:[—–]|--+)\s*|(?:[^\S\n]+|(?<=\d)|(?<=\)\.)|(?<=\)))[-_]\s+")  # (EFE).- as well
DASHES = ("—", "–", "--", "- ", "-\n", "_ ")  # DASH is looked for only where one stands
AGENCY = re.compile(r"\s*\((?P<name>[^()]{2,60})\)$")
AGENCY_FIRST = re.compile(r"(?P<head>[^()\n]{0,80}?)\s?\((?P<name>[^()]{2,40})\)\s*(?P<rest>(?=[^\W\d_a-z]|[\"“‘'])\S.*)", re.DOTALL)
AGENCY_WORDS = re.compile(r"(?:The )?[A-Z][\w.'’/&-]*(?: (?:[A-Z&][\w.'’/&-]*|and|of|for|the)){0,5}")
MONTH = (  # English, Spanish, French and German
    r"(?:(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
    r"|ene(?:ro)?|abr(?:il)?|mayo|ago(?:sto)?|dic(?:iembre)?"
    r"|janv(?:ier)?|févr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|août|déc(?:embre)?"
    r"|jänner|märz|mai|juni|juli|okt(?:ober)?|dez(?:ember)?)\.?"
)
AGENCY_AFTER_COMMA = re.compile(r",\s*(?P<name>Reuters?|AP|AFP|UPI)$")
DATE = re.compile(
    rf",?\s*\(?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
    rf"(?:{MONTH}\s+(?:\d{{1,3}}|l)|(?:(?:le|am|el)\s+)?\d{{1,2}}(?:\.|er)?\s+(?:de\s+)?{MONTH})(?:,?\s+(?:de\s+)?\d{{4}})?\)?$",
    re.I,
)
WORD = r"[^\W\d_][^\W\d_.'’ʻ-]*(?:[.'’ʻ-][^\W\d_]*)*"
PLACE = re.compile(rf"{WORD}(?:\s+{WORD}){{0,6}}")
REGION = re.compile(rf"{WORD}(?:\s+{WORD}){{0,3}}")
TIME_WORDS = ("In ", "On ", "By ", "The ", "Since ", "Until ", "After ", "Before ", "From ", "At ", "For ", "Last ")
A_SENTENCE = 12  # words: so many behind a dash are a lead, and no entry of a list
KICKER = re.compile(r"(?P<kicker>[A-Z][A-Z/&’' ]{1,40}[A-Z])\s*(?: -|--|[—–])\s+(?=\S)")
A_TITLE = re.compile(r"(?!(?:ST|FT|MT|PT|STE|N|S|E|W)\.)[^\W\d_]{2,5}\.$")  # DR., GEN., PROF.
PLACE_NOUNS = frozenset(
    [
        "camp",
        "fort",
        "ft.",
        "base",
        "airfield",
        "barracks",
        "city",
        "town",
        "township",
        "village",
        "county",
        "island",
        "islands",
        "isle",
        "beach",
        "bay",
        "lake",
        "springs",
        "falls",
        "mount",
        "mountain",
        "valley",
        "river",
        "harbor",
        "port",
        "point",
        "creek",
        "park",
        "heights",
        "hill",
        "hills",
        "saint",
        "st.",
        "san",
        "santa",
        "los",
        "las",
        "el",
        "la",
        "new",
        "north",
        "south",
        "east",
        "west",
    ]
)
TIME_OF_DAY = "noon midnight dawn dusk morning afternoon evening night today tomorrow tonight yesterday"
DAYS = "monday tuesday wednesday thursday friday saturday sunday"
MONTHS = "january february march april may june july august september october november december"
NUMBERS = "one two three four five six seven eight nine ten eleven twelve first second third last next"
SMALL_WORDS = frozenset({"and", "of", "de", "da", "del", "la", "le", "el", "al", "the", "in", "on", "du", "des"})


def part_dateline(paragraph: str) -> tuple[Dateline | None, str]:
    """Return the dateline and the text after it, or None and the paragraph as it was.

    Knows `SEOUL, South Korea (Tribune News Service) —`, `PARIS, Aug 12 (Reuters) -`, `MOSKAU, 12. August (Reuters) -`, `MOSCOW/KYIV —`,
    `BEIRUT and DAMASCUS, Syria —`, `Madrid, 12 ago (EFE).-`, `Washington (CNN)` and `(Reuters) -`. A second dateline right behind the first
    and a kicker (`LONDON (Reuters) - EXCLUSIVE -`) go with it. Dateline.place is "" when only an agency signs.
    """
    dateline, rest = _part_one(paragraph)
    if dateline is None:
        return None, paragraph
    again, after = _part_one(rest)
    if again and (again.agency in AGENCIES or _is_place(again.place, capitals=True)):
        place = "/".join(dict.fromkeys(filter(None, (dateline.place, again.place))))
        dateline, rest = Dateline(place=place, agency=dateline.agency or again.agency), after
    return dateline, _without_kicker(rest)


def _part_one(paragraph: str) -> tuple[Dateline | None, str]:
    head = paragraph[: LONGEST + 3]
    dash = DASH.search(paragraph, 1, LONGEST + 3) if any(map(head.__contains__, DASHES)) else None
    if dash and dash.start() <= LONGEST and (dateline := _read(paragraph[: dash.start()], paragraph[dash.end() :])):
        return dateline, paragraph[dash.end() :]
    undashed = AGENCY_FIRST.match(paragraph) if "(" in paragraph[:82] else None  # Washington (CNN) The court ...
    if undashed and undashed["name"] in AGENCIES and (not undashed["head"] or _may_be_small(undashed["head"])):
        return Dateline(place=undashed["head"], agency=undashed["name"]), undashed["rest"]
    return None, paragraph


def _without_kicker(rest: str) -> str:
    """The news behind `EXCLUSIVE -`. Capitals that a sentence explains between two dashes are its own: NASA - the agency - said."""
    kicker = KICKER.match(rest)
    if not kicker:
        return rest
    explained = DASH.search(rest, kicker.end(), kicker.end() + 200)
    labelled = kicker["kicker"] in LABELS and _begins_news(rest[kicker.end() :])
    return rest[kicker.end() :] if labelled or not explained else rest


def _read(head: str, rest: str) -> Dateline | None:
    """The dateline that stands before a dash, if that is what it is."""
    head = head.strip().lstrip("*").rstrip(" ,")  # old wires mark a flash with ****
    if head.endswith(")."):  # (EFE).-
        head = head[:-1]
    if not rest.strip() or "\n" in head or head.upper() in LABELS:
        return None
    place, agency, dated = _parts(head)
    if _knows(agency) and not place:
        return Dateline(place="", agency=agency)
    known = _knows(agency)
    if not (_is_place(place, capitals=True) or ((known or dated) and _may_be_small(place, any_case=dated))):
        return None
    if agency and not known and not _may_sign(place, agency):
        return None
    if not (known or dated) and not _shows_a_place(place, rest):
        return None
    return Dateline(place=place, agency=agency)


def _knows(agency: str) -> bool:
    """Reuters; AP; dpa/lno, where a desk stands behind the agency."""
    return agency in AGENCIES or agency.partition("/")[0] in AGENCIES


def _may_sign(place: str, agency: str) -> bool:
    """Whether brackets that name no agency we know sign as one: (The Garrison Post), (RNS). Not (New York), not (Enters)."""
    if not AGENCY_WORDS.fullmatch(agency) or _spells(place, agency):
        return False
    last = re.split(r"[ -]", agency.casefold())[-1]
    return last in _listed("outlet_nouns.txt") or (agency.isupper() and len(agency) <= 6)


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


def _shows_a_place(place: str, rest: str) -> bool:
    """Whether capitals that no agency and no date vouch for are a place.

    A city that needs nothing beside it, or a city with its region; any other when a sentence as long as a lead follows or it names
    what places are, and it is not made of words that are no name: NOON, PART TWO, DR. ROE, STRIKE ENDS.
    """
    if not _begins_news(rest):
        return False
    cities = [one.strip() for one in re.split(r"/|,? and ", place)]
    if any(map(_is_known, cities)):
        return True
    start, end = (sentences(rest[:400]) or ((0, 0),))[0]
    long = len(rest[start:end].split()) >= A_SENTENCE
    return "," not in place and _may_be_a_name(place.split()) and (long or not PLACE_NOUNS.isdisjoint(place.casefold().split()))


def _begins_news(rest: str) -> bool:
    first = rest.lstrip("\"“‘'([¿¡«„ ")[:1]
    return first.isupper() or first.isdigit()


def _is_known(place: str) -> bool:
    """Whether the city may stand alone or its region is one."""
    city, _, region = place.partition(",")
    regions = _regions()
    if region:
        return any(part.strip().casefold() in regions for part in region.split(","))
    return city.upper() in CITIES or any(
        city.casefold().endswith(f" {abbreviated}") for abbreviated in regions if abbreviated.endswith(".")
    )


def _may_be_a_name(city: list[str]) -> bool:
    """Not NASA or U.S.; not NOON, PART TWO, DR. ROE, WHAT’S NEXT, STRIKE ENDS."""
    bare = [re.sub(r"[’']s$", "", word.casefold()) for whole in city for word in whole.split("-")]
    if sum(map(str.isalpha, "".join(city))) < 4 or (len(city) > 3 and city[0] not in ("ABOARD", "NEAR", "OFF")):
        return False
    if any(A_TITLE.match(word) for word in city[:-1]) or " ".join(city).upper() in LABELS:
        return False
    happens = _listed("happenings.toml") | _listed("kinds.txt") | _heading_words()
    ends = {bare[0], bare[-1]} - {"new", "near", "off", "aboard", "high", "great"}
    return not (ends & _listed("stopwords.txt") or happens & set(bare) or (len(bare) == 1 and bare[0] in _listed("offices.txt")))


@cache
def _heading_words() -> frozenset[str]:
    """Words that head an entry of a list: hours, days, numbers, the words of labels and parts, and verbs of headlines in their forms."""
    verbs = _listed("headline_verbs.txt")
    forms = {verb + ending for verb in verbs for ending in ("", "s", "es", "ed", "d")}
    words = " ".join((TIME_OF_DAY, DAYS, MONTHS, NUMBERS)).split()
    return frozenset(words) | forms | {word.casefold() for label in LABELS for word in label.split()} - {"world"}


@cache
def _regions() -> frozenset[str]:
    countries = tomllib.loads((files("digest.edit") / "words" / "demonyms.toml").read_text(encoding="utf-8")).values()
    return frozenset(country.casefold() for country in countries) | {region.casefold() for region in _words("regions.txt")}


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of a list that has several on a line."""
    text = (files("digest.edit") / "words" / name).read_text(encoding="utf-8")
    if name.endswith(".toml"):
        return frozenset(tomllib.loads(text))
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
