"""Hear what several stories speak of: who, where and what happens, and how each word is written in the middle of a line."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from digest.edit.grouping.terms import first_paragraphs, fold, opens_a_sentence, stopwords, words_of
from digest.model import Story

FIRST_WORDS = 80  # of each text, in whole paragraphs
LONGEST_ACTOR = 3  # words

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’&.][^\W_]+)*")
_OPENS_A_NAME = frozenset(["new", "first", "world", "old", "great", "good", "western"])  # small words that do: "New York", "World Cup"
_SAINTS = ("St", "Ste", "Mt", "Ft")  # a full stop after these ends nothing: "St. Louis"
_POSSESSIVE = re.compile(r"['’][sS]?$")


class Word(NamedTuple):
    """A word as a story writes it, without its possessive."""

    text: str
    plain: str  # in small letters
    told: bool  # its capital, or the lack of one, tells whether it is a name
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
    place: bool  # a country or people
    thing: bool  # with a figure in it, "COVID-19", "F-35": it tells of what happens, it does not act
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
    forms: Mapping[str, str]  # from a word in small letters to its printed form, for names: "mueller" -> "Mueller"
    held: Mapping[str, int]  # from a word's key to the number of stories that hold it
    headlined: Mapping[str, int]  # from a word's key to the number of headlines that hold it; empty when no story has one
    weights: Mapping[str, float]  # from a word's key to how much the stories speak of it, 0 to 1
    most: float  # the weights of the five heaviest words together
    actors: tuple[Actor, ...]  # the most spoken of first
    happenings: tuple[Happening, ...]  # the most told of first


def listen(stories: Sequence[Story]) -> Subject:
    """What the stories speak of. Their order matters only between equals."""
    tellings = tuple(_telling(story) for story in stories)
    forms = _forms(tellings)
    held, in_headlines = _counts(tellings)
    weights = _weights(tellings, held, in_headlines)
    return Subject(
        tellings=tellings,
        forms=forms,
        held=held,
        headlined=in_headlines,
        weights=weights,
        most=sum(sorted(weights.values(), reverse=True)[:5]) or 1.0,
        actors=_actors(tellings, forms),
        happenings=_happenings(tellings),
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
def places() -> frozenset[str]:
    """The countries and regions that demonyms lead to."""
    return frozenset(demonyms().values())


@lru_cache(maxsize=1)
def offices() -> frozenset[str]:
    """Words that stand before a person's name."""
    return frozenset(words_of("offices"))


def _telling(story: Story) -> Telling:
    lines = first_paragraphs(story, FIRST_WORDS).split("\n")
    text = tuple(segment for line in lines for segment in _segments(line, in_capitals=False))
    headline = "" if story.headline_made else story.headline
    return Telling(headline=tuple(_segments(headline, in_capitals=_in_capitals(headline))), text=text, tags=story.tags)


def _in_capitals(headline: str) -> bool:
    """Whether a headline gives each long word a capital, so that a capital tells nothing."""
    longer = [word for word in _WORD.findall(headline)[1:] if len(word) > 3]
    return len([word for word in longer if word[0].isupper()]) > 0.7 * len(longer)


def _segments(text: str, *, in_capitals: bool) -> Iterator[Segment]:
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
        segment.append(Word(printed, printed.lower(), told, bare != written))
        end, last = match.end(), written
    if segment:
        yield tuple(segment)


def _forms(tellings: Sequence[Telling]) -> dict[str, str]:
    """The printed form of each word that is a name: more often with a capital than without where that tells something."""
    words = [word for telling in tellings for segment in (*telling.headline, *telling.text) for word in segment]
    told = Counter(word.text for word in words if word.told)
    untold = Counter(word.text for word in words if not word.told)
    capitals: dict[str, list[str]] = defaultdict(list)
    for text in sorted(told.keys() | untold.keys()):
        if text != text.lower() and text.lower() not in stopwords():
            capitals[text.lower()].append(text)
    forms: dict[str, str] = {}
    for plain, texts in capitals.items():
        counts = {text: told[text] for text in texts if told[text]}
        if not counts and not told[plain]:
            counts = {text: untold[text] for text in texts if text.isupper() and 1 < len(text) <= 5}
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


def _keys(segments: Sequence[Segment]) -> set[str]:
    return {key(word.plain) for segment in segments for word in segment if fold(word.plain) not in stopwords()}


def _happenings(tellings: Sequence[Telling]) -> tuple[Happening, ...]:
    told: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for telling in tellings:
        in_head = {happening(word.plain) for segment in telling.headline for word in segment}
        in_text = {happening(word.plain) for segment in telling.text for word in segment}
        told.update(in_head | in_text)
        told.update(in_head)
        written.update(word.plain for segment in (*telling.headline, *telling.text) for word in segment)
    del told[""]
    ranked = sorted(told.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Happening(noun=noun, text=noun if written[noun] >= written[f"{noun}s"] else f"{noun}s", part=times / (2 * len(tellings)))
        for noun, times in ranked
    )


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
        actors.append(Actor(text=printed, place=full in places(), thing=any(letter.isdigit() for letter in printed), part=part))
    return tuple(sorted(actors, key=lambda actor: (-actor.part, actor.text)))


def is_name(segment: Segment, at: int, forms: Mapping[str, str]) -> bool:
    """Whether a word stands as a name: by its own capital where that tells something, else as the other stories write it."""
    word = segment[at]
    if word.plain in _OPENS_A_NAME:
        return word.text[0].isupper() and at + 1 < len(segment) and is_name(segment, at + 1, forms)
    if fold(word.plain) in stopwords():
        return False
    return word.text[0].isupper() if word.told else word.plain in forms


def in_print(segment: Segment, at: int, forms: Mapping[str, str]) -> str:
    """A word as it is written in the middle of a line."""
    word = segment[at]
    return word.text if word.told or (is_name(segment, at, forms) and word.plain not in forms) else forms.get(word.plain, word.plain)


def _opens_a_name(segment: Segment, at: int) -> bool:
    """Whether a word at the beginning of a sentence belongs to the name that follows: "Los Angeles"."""
    word = segment[at]
    if at + 1 >= len(segment) or word.told or fold(word.plain) in stopwords() or word.plain in offices():
        return False
    return word.text[0].isupper() and segment[at + 1].told and segment[at + 1].text[0].isupper()


def _runs(segment: Segment, forms: Mapping[str, str]) -> Iterator[str]:
    """The actors of a segment: its runs of names, parted by offices and peoples."""
    run: list[str] = []
    at = 0
    while at < len(segment):
        word = segment[at]
        named = is_name(segment, at, forms) or _opens_a_name(segment, at)
        two = f"{word.plain} {segment[at + 1].plain}" if at + 1 < len(segment) else ""
        place = (demonyms().get(two) or demonyms().get(word.plain)) if named else None
        if place or not named or word.plain in offices():
            yield from _run(run)
            run = []
            if place:
                yield place
                at += two in demonyms()
        else:
            run.append(forms.get(word.plain, word.text) if not word.told else word.text)
        at += 1
        if word.ends:
            yield from _run(run)
            run = []
    yield from _run(run)


def _run(run: Sequence[str]) -> Iterator[str]:
    if 0 < len(run) <= LONGEST_ACTOR and len("".join(run)) > 1 and run != ["New"]:
        yield " ".join(run)
