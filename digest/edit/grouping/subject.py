"""Hear what several stories speak of: who, where and what happens, and how each word is written in the middle of a line."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import NamedTuple

from digest.edit.grouping.terms import first_paragraphs, fold, is_english, opens_a_sentence, small_words, words_of
from digest.model import Story

FIRST_WORDS = 80  # of each text, in whole paragraphs
OPENING = 18  # words of headline and text that say what a story is about
LONGEST_ACTOR = 3  # words
OFTEN, NEARLY_ALWAYS = 3, 0.6  # times, and part of a word's times, that another stands beside it: a name has both or is cut

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’&.][^\W_]+)*")
_ARTICLES = ("the", "a", "an", "his", "her", "its", "their", "our")
_PREPOSITIONS = (
    "of",
    "for",
    "on",
    "in",
    "at",
    "by",
    "with",
    "from",
    "over",
    "about",
    "against",
    "into",
    "after",
    "before",
    "between",
    "under",
)
_BEFORE_A_NOUN = frozenset((*_ARTICLES, *_PREPOSITIONS))  # "on the jobs bill": nouns until a small word or the end
STORMS = frozenset(["hurricane", "typhoon", "cyclone", "storm", "war"])  # what happens even in a name: "Hurricane Odile", "Civil War"
_DEPARTMENTS = frozenset(["secretary", "minister", "leader", "department"])  # the name before one says of what: "Defense Secretary"
_OPENS_A_NAME = frozenset(["new", "first", "world", "old", "great", "good", "western"])  # small words that do: "New York", "World Cup"
_SAINTS = ("St", "Ste", "Mt", "Ft")  # a full stop after these ends nothing: "St. Louis"
_POSSESSIVE = re.compile(r"['’][sS]?$")


class Word(NamedTuple):
    """A word as a story writes it, without its possessive."""

    text: str
    plain: str  # in small letters
    told: bool  # its capital, or the lack of one, tells whether it is a name
    small: bool  # tells nothing in the story's language
    ends: bool = False  # a possessive: "Trump's" is followed by another matter


Segment = tuple[Word, ...]  # words with only a space between them


@dataclass(frozen=True, slots=True)
class Telling:
    """A story's headline and opening, in segments."""

    headline: tuple[Segment, ...]
    text: tuple[Segment, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, place or body as a name would print it, and the part of the stories that speak of it."""

    text: str
    place: bool  # a country or a region
    country: bool  # two of which stand side by side: "Russia–Ukraine"; a region and its country do not
    thing: bool  # a disease or a name with a figure in it, "COVID-19", "F-35": it tells of what happens, it does not act
    part: float


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens, as the noun for it ("attack"), as a name would print that ("attacks"), and the part of the stories that tell of it."""

    noun: str
    text: str
    part: float


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a name for the stories is made from."""

    tellings: tuple[Telling, ...]
    forms: Mapping[str, str]  # from a word in small letters to its printed form, for names: "roe" -> "Roe"
    held: Mapping[str, int]  # from a word's key to the number of stories that hold it
    headlined: Mapping[str, int]  # from a word's key to the number of headlines that hold it; empty when no story has one
    weights: Mapping[str, float]  # from a word's key to how much the stories speak of it, 0 to 1
    most: float  # the weights of the five heaviest words together
    actors: tuple[Actor, ...]  # the most spoken of first
    happenings: tuple[Happening, ...]  # the most told of first
    nouns: frozenset[str]  # words in small letters that the stories write as nouns
    opening: Mapping[str, int]  # from a word's key to the number of stories that hold it in their first words
    small: frozenset[str]  # words that tell nothing in the stories' languages, as they are compared
    english: bool  # whether lists of English words for what happens are of use
    clauses: Mapping[str, int]  # from a word's key to the clauses that hold it, a bit each
    told_in: tuple[int, ...]  # the clauses of each story, a bit each
    partners: Mapping[str, frozenset[str]]  # from a word in small letters to those beside it nearly always: "hall" -> "town"


def listen(stories: Sequence[Story]) -> Subject:
    """What the stories speak of. Their order matters only between equals."""
    tellings = tuple(_telling(story) for story in stories)
    english = all(is_english(story.language) for story in stories)
    forms = _forms(tellings)
    held, in_headlines = _counts(tellings)
    weights = _weights(tellings, held, in_headlines)
    written = _nouns_written(tellings) if english else Counter()
    clauses = _clauses(tellings)
    return Subject(
        tellings=tellings,
        forms=forms,
        held=held,
        headlined=in_headlines,
        weights=weights,
        most=sum(sorted(weights.values(), reverse=True)[:5]) or 1.0,
        actors=_actors(tellings, forms),
        happenings=_happenings(tellings, forms, written) if english else (),
        small=frozenset().union(*(small_words(story.language) for story in stories)),
        english=english,
        nouns=frozenset(word for word in written if not word[0].isdigit()),
        opening=Counter(word for telling in tellings for word in _keys(_first_words(telling))),
        clauses=clauses,
        told_in=_told_in(tellings),
        partners=_partners(tellings),
    )


@lru_cache(maxsize=65_536)
def key(plain: str) -> str:
    """A word as names are compared: "Russian" and "Russia" are one, "attacked" and "attack" too."""
    return fold(happening(plain) or demonyms().get(plain, plain))


def happening(plain: str) -> str:
    """The noun for what happens that a word tells of, "" for none."""
    return _nouns().get(plain, "")


@lru_cache(maxsize=1)
def _nouns() -> Mapping[str, str]:
    listed = tomllib.loads((files("digest.edit") / "words" / "happenings.toml").read_text(encoding="utf-8"))
    return {word: noun for noun, others in listed.items() for word in (noun, *others)}


@lru_cache(maxsize=1)
def demonyms() -> Mapping[str, str]:
    """From a people in small letters to its place."""
    listed = tomllib.loads((files("digest.edit") / "words" / "demonyms.toml").read_text(encoding="utf-8"))
    return {people.lower(): place for people, place in listed.items()}


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """The countries that demonyms lead to."""
    return frozenset(demonyms().values())


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """The countries, and the regions of datelines."""
    regions = (files("digest.edit") / "words" / "regions.txt").read_text(encoding="utf-8").splitlines()
    return frozenset((*countries(), *(region for region in regions if region[:1] != "#" and "." not in region)))


@lru_cache(maxsize=1)
def _places_in_small_letters() -> frozenset[str]:
    return frozenset((*demonyms(), *map(str.lower, places())))


@lru_cache(maxsize=1)
def diseases() -> frozenset[str]:
    """Diseases in small letters. They do not act and stand in places: "Measles in Samoa"."""
    return frozenset(words_of("diseases"))


@lru_cache(maxsize=1)
def offices() -> frozenset[str]:
    """Words that stand before a person's name."""
    return frozenset(words_of("offices"))


def _telling(story: Story) -> Telling:
    lines = first_paragraphs(story, FIRST_WORDS).split("\n")
    small = small_words(story.language)
    text = tuple(segment for line in lines for segment in _segments(line, small, in_capitals=False))
    headline = "" if story.headline_made else story.headline
    return Telling(headline=tuple(_segments(headline, small, in_capitals=_in_capitals(headline))), text=text, tags=story.tags)


def _in_capitals(headline: str) -> bool:
    """Whether a headline gives each long word a capital, so that a capital tells nothing."""
    longer = [word for word in _WORD.findall(headline)[1:] if len(word) > 3]
    return len([word for word in longer if word[0].isupper()]) > 0.7 * len(longer)


def _segments(text: str, small: Set[str], *, in_capitals: bool) -> Iterator[Segment]:
    segment: list[Word] = []
    end, last = 0, ""
    for match in _WORD.finditer(text):
        written = match.group()
        gap = text[end : match.start()]
        if segment and (segment[-1].ends or (gap != " " and not gap.isspace())) and not (gap == ". " and last in _SAINTS):
            yield tuple(segment)
            segment = []
        bare = _POSSESSIVE.sub("", written) or written
        told = not in_capitals and not opens_a_sentence(gap, last)
        printed = f"{bare}." if bare in _SAINTS else bare
        segment.append(Word(printed, plain := printed.lower(), told, fold(plain) in small, bare != written))
        end, last = match.end(), written
    if segment:
        yield tuple(segment)


def _forms(tellings: Sequence[Telling]) -> dict[str, str]:
    """The printed form of each word that is a name: more often with a capital than without where that tells something."""
    words = [word for telling in tellings for segment in (*telling.headline, *telling.text) for word in segment]
    small = {word.plain for word in words if word.small}
    told = Counter(word.text for word in words if word.told)
    untold = Counter(word.text for word in words if not word.told)
    capitals: dict[str, list[str]] = defaultdict(list)
    for text in sorted(told.keys() | untold.keys()):
        if text != text.lower() and text.lower() not in small:
            capitals[text.lower()].append(text)
    forms: dict[str, str] = {}
    for plain, texts in capitals.items():
        counts = {text: told[text] for text in texts if told[text]}
        if not counts and not told[plain]:
            counts = {text: untold[text] for text in texts if text.isupper() and 1 < len(text.replace(".", "")) <= 5}
        if sum(counts.values()) > told[plain]:
            forms[plain] = max(counts, key=lambda text: (counts[text], not text.isupper()))
    return forms


def _counts(tellings: Sequence[Telling]) -> tuple[Counter[str], Counter[str]]:
    """From a word's key to the number of stories that hold it, and to the number of headlines."""
    stories: Counter[str] = Counter()
    headlines: Counter[str] = Counter()
    for telling in tellings:
        in_head = _keys(telling.headline)
        headlines.update(in_head)
        stories.update(in_head | _keys(telling.text))
    return stories, headlines


def _weights(tellings: Sequence[Telling], stories: Mapping[str, int], headlines: Mapping[str, int]) -> dict[str, float]:
    """The mean of the part of the stories and the part of the headlines that hold a word."""
    with_headline = sum(bool(telling.headline) for telling in tellings)
    if not with_headline:
        return {word: count / len(tellings) for word, count in stories.items()}
    return {word: 0.5 * count / len(tellings) + 0.5 * headlines[word] / with_headline for word, count in stories.items()}


def _keys(segments: Iterable[Segment]) -> set[str]:
    return {key(word) for word in {word.plain for segment in segments for word in segment if not word.small}}


def _first_words(telling: Telling) -> Iterator[Segment]:
    left = OPENING
    for segment in (*telling.headline, *telling.text):
        if left > 0:
            yield segment[:left]
        left -= len(segment)


def _clauses(tellings: Sequence[Telling]) -> Mapping[str, int]:
    """Which clauses hold each word, a bit each: whether words stand together is then quickly told."""
    holds: dict[str, int] = defaultdict(int)
    bit = 1
    for segment in (segment for telling in tellings for segment in (*telling.headline, *telling.text)):
        for word in segment:
            if not word.small:
                holds[word.plain] |= bit
        bit <<= 1
    merged: dict[str, int] = defaultdict(int)
    for plain, bits in holds.items():
        merged[key(plain)] |= bits
    return merged


def _told_in(tellings: Sequence[Telling]) -> tuple[int, ...]:
    """The clauses of each story, a bit each."""
    ends = list(accumulate((len(telling.headline) + len(telling.text) for telling in tellings), initial=0))
    return tuple((1 << end) - (1 << start) for start, end in pairwise(ends))


def _partners(tellings: Sequence[Telling]) -> dict[str, frozenset[str]]:
    words: Counter[str] = Counter()
    beside: Counter[tuple[str, str]] = Counter()
    for segment in (segment for telling in tellings for segment in (*telling.headline, *telling.text)):
        words.update([word.plain for word in segment])
        beside.update([(one.plain, other.plain) for one, other in pairwise(segment) if not one.small and not other.small])
    found: dict[str, set[str]] = defaultdict(set)
    for (one, other), times in beside.items():
        for word, partner in ((one, other), (other, one)):
            if times >= OFTEN and times >= NEARLY_ALWAYS * words[word] and partner not in offices():
                found[word].add(partner)
    return {word: frozenset(partners) for word, partners in found.items()}


def _nouns_written(tellings: Sequence[Telling]) -> Counter[str]:
    """How often each word is written where a noun is: "the jobs bill passed" says it of "bill" only if a small word or nothing follows."""
    written: Counter[str] = Counter()
    for segment in (segment for telling in tellings for segment in (*telling.headline, *telling.text)):
        opened = False
        for at, word in enumerate(segment):
            if opened and not word.small and (at + 1 == len(segment) or segment[at + 1].small):
                written[word.plain] += 1
            opened = word.plain in _BEFORE_A_NOUN or (opened and not word.small)
    return written


def _happenings(tellings: Sequence[Telling], forms: Mapping[str, str], written: Mapping[str, int]) -> tuple[Happening, ...]:
    told: Counter[str] = Counter()
    for telling in tellings:
        in_head = set(_happenings_in(telling.headline, forms))
        told.update(in_head | set(_happenings_in(telling.text, forms)))
        told.update(in_head)
    ranked = sorted(told.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Happening(
            noun=noun, text=noun if written.get(noun, 0) >= written.get(f"{noun}s", 0) else f"{noun}s", part=times / (2 * len(tellings))
        )
        for noun, times in ranked
    )


def _happenings_in(segments: Sequence[Segment], forms: Mapping[str, str]) -> Iterator[str]:
    """The nouns for what happens; no name is one but a storm's: "Bill Clinton" tells of no bill."""
    for segment in segments:
        for at, word in enumerate(segment):
            noun = happening(word.plain)
            office = at + 1 < len(segment) and segment[at + 1].plain in offices()  # "the defense secretary"
            if noun and not office and (noun in STORMS or not is_name(segment, at, forms)):
                yield noun


def _actors(tellings: Sequence[Telling], forms: Mapping[str, str]) -> tuple[Actor, ...]:
    """Runs of names, a people as its place, a person under the form that the headlines prefer, else the shorter one."""
    stories: Counter[str] = Counter()
    headlines: Counter[str] = Counter()
    for telling in tellings:
        in_head = {actor for segment in telling.headline for actor in _runs(segment, forms)}
        in_text = {actor for segment in telling.text for actor in _runs(segment, forms)}
        headlines.update(in_head)
        stories.update(in_head | in_text)
    merged: dict[str, Counter[str]] = defaultdict(Counter)
    longer: dict[str, str] = {}
    for actor in sorted(stories, key=lambda actor: (-stories[actor], actor)):
        if " " in actor and actor not in places():
            longer.setdefault(actor.rpartition(" ")[2], actor)
    for actor in stories:
        merged[longer.get(actor, actor)][actor] += stories[actor]
    actors = []
    for full, counts in sorted(merged.items()):
        part = min(1.0, max(counts.values()) / len(tellings) + 0.5 * headlines[full] / len(tellings))
        printed = max(sorted(counts), key=lambda form: (headlines[form], stories[form], -len(form)))
        actors.append(Actor(text=printed, place=full in places(), country=full in countries(), thing=_is_thing(printed), part=part))
    return tuple(sorted(actors, key=lambda actor: (-actor.part, actor.text)))


def _is_thing(actor: str) -> bool:
    return actor.lower() in diseases() or any(letter.isdigit() for letter in actor)


def is_name(segment: Segment, at: int, forms: Mapping[str, str]) -> bool:
    """Whether a word stands as a name: by its own capital where that tells something, else as the other stories write it."""
    word = segment[at]
    if word.plain in _OPENS_A_NAME:
        return word.text[0].isupper() and at + 1 < len(segment) and is_name(segment, at + 1, forms)
    if word.small:
        return word.text == "US"
    if word.told or not word.text[0].isupper():
        return word.text[0].isupper() if word.told else word.plain in forms
    return word.plain in forms or word.plain in _places_in_small_letters()


def in_print(segment: Segment, at: int, forms: Mapping[str, str]) -> str:
    """A word as it is written in the middle of a line."""
    word = segment[at]
    return word.text if word.told or (is_name(segment, at, forms) and word.plain not in forms) else forms.get(word.plain, word.plain)


def _opens_a_name(segment: Segment, at: int) -> bool:
    """Whether a word at the beginning of a sentence belongs to the name that follows: "Los Angeles"."""
    word = segment[at]
    if at + 1 >= len(segment) or word.told or word.small or word.plain in offices():
        return False
    return word.text[0].isupper() and segment[at + 1].told and segment[at + 1].text[0].isupper()


def _runs(segment: Segment, forms: Mapping[str, str]) -> Iterator[str]:
    """The actors of a segment: its runs of names, parted by offices and peoples; of "Iraqi Army" only the place."""
    run: list[str] = []
    at = 0
    after_people = False
    while at < len(segment):
        word = segment[at]
        named = is_name(segment, at, forms) or _opens_a_name(segment, at)
        two = f"{word.plain} {segment[at + 1].plain}" if named and at + 1 < len(segment) else ""
        place = (demonyms().get(two) or demonyms().get(word.plain)) if named else None
        if place or not named or is_office(segment, at):
            if not after_people and word.plain not in _DEPARTMENTS:
                yield from _run(run)
            run = []
            after_people = place is not None
            if place:
                yield place
                at += two in demonyms()
            elif word.plain in diseases():
                yield forms.get(word.plain, word.plain)
        else:
            run.append(forms.get(word.plain, word.text) if not word.told else word.text)
        at += 1
        if word.ends:
            if not after_people:
                yield from _run(run)
            run, after_people = [], False
    if not after_people:
        yield from _run(run)


def is_office(segment: Segment, at: int) -> bool:
    """Whether a word is an office or the end of one: "Secretary of State"."""
    return segment[at].plain in offices() or (at > 1 and segment[at - 1].plain == "of" and segment[at - 2].plain in offices())


def _run(run: Sequence[str]) -> Iterator[str]:
    if 0 < len(run) <= LONGEST_ACTOR and len("".join(run)) > 1 and run != ["New"]:
        yield " ".join(run)
