"""Hear what several stories speak of: who, where and what happens, and how each word is written in the middle of a line."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from digest.edit.terms import fold, opens_a_sentence, stopwords, words_of
from digest.model import Story

FIRST_WORDS = 80  # of each text, in whole paragraphs
LONGEST_ACTOR = 3  # words

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’&.][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’][sS]?$")
_JOINS = re.compile(r"^\s*$")


@dataclass(frozen=True, slots=True)
class Word:
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
    part: float


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a name for the stories is made from."""

    tellings: tuple[Telling, ...]
    forms: Mapping[str, str]  # from a word in small letters to its printed form, for names: "mueller" -> "Mueller"
    weights: Mapping[str, float]  # from a word's key to how much the stories speak of it, 0 to 1
    actors: tuple[Actor, ...]  # the most spoken of first
    happenings: tuple[tuple[str, float], ...]  # nouns and the part of the stories that tell of them, the most first


def listen(stories: Sequence[Story]) -> Subject:
    """What the stories speak of. Their order matters only between equals."""
    tellings = tuple(_telling(story) for story in stories)
    forms = _forms(tellings)
    return Subject(
        tellings=tellings,
        forms=forms,
        weights=_weights(tellings),
        actors=_actors(tellings, forms),
        happenings=_happenings(tellings),
    )


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
    text: list[Segment] = []
    seen = 0
    for paragraph in story.paragraphs:
        text += _segments(paragraph, in_capitals=False)
        seen += paragraph.count(" ") + 1
        if seen >= FIRST_WORDS:
            break
    headline = "" if story.headline_made else story.headline
    return Telling(headline=tuple(_segments(headline, in_capitals=_in_capitals(headline))), text=tuple(text), tags=story.tags)


def _in_capitals(headline: str) -> bool:
    """Whether a headline gives each long word a capital, so that a capital tells nothing."""
    longer = [word for word in _WORD.findall(headline)[1:] if len(word) > 3]
    return sum(word[0].isupper() for word in longer) > 0.7 * len(longer)


def _segments(text: str, *, in_capitals: bool) -> Iterator[Segment]:
    segment: list[Word] = []
    end, last = 0, ""
    for match in _WORD.finditer(text):
        written = match.group()
        gap = text[end : match.start()]
        if segment and (segment[-1].ends or not _JOINS.match(gap)) and not (gap.strip() == "." and len(last) <= 4 and last[0].isupper()):
            yield tuple(segment)
            segment = []
        bare = _POSSESSIVE.sub("", written) or written
        told = not in_capitals and not opens_a_sentence(gap, last)
        segment.append(Word(text=bare, plain=bare.lower(), told=told, ends=bare != written))
        end, last = match.end(), written
    if segment:
        yield tuple(segment)


def _forms(tellings: Sequence[Telling]) -> dict[str, str]:
    """The printed form of each word that is a name: more often with a capital than without where that tells something."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    untold: dict[str, Counter[str]] = defaultdict(Counter)
    for telling in tellings:
        for segment in (*telling.headline, *telling.text):
            for word in segment:
                (seen if word.told else untold)[word.plain][word.text] += 1
    forms: dict[str, str] = {}
    for plain in sorted(seen.keys() | untold.keys()):
        counts = seen.get(plain) or Counter({text: times for text, times in untold[plain].items() if text[:2].isupper() and len(text) > 1})
        capital = Counter({text: times for text, times in counts.items() if text != plain})
        if capital and capital.total() > counts[plain] and plain not in stopwords():
            forms[plain] = max(sorted(capital), key=lambda text: (capital[text], not text.isupper()))
    return forms


def _weights(tellings: Sequence[Telling]) -> dict[str, float]:
    """The part of the stories whose text holds a word, and of those whose headline does."""
    text: Counter[str] = Counter()
    head: Counter[str] = Counter()
    for telling in tellings:
        in_head, in_text = _keys(telling.headline), _keys(telling.text)
        head.update(in_head)
        text.update(in_head | in_text)
    with_headline = sum(bool(telling.headline) for telling in tellings)
    number = len(tellings)
    if not with_headline:
        return {word: text[word] / number for word in text}
    return {word: 0.5 * text[word] / number + 0.5 * head[word] / with_headline for word in text}


def _keys(segments: Sequence[Segment]) -> set[str]:
    return {key(word.plain) for segment in segments for word in segment if fold(word.plain) not in stopwords()}


def _happenings(tellings: Sequence[Telling]) -> tuple[tuple[str, float], ...]:
    told: Counter[str] = Counter()
    for telling in tellings:
        in_head = {happening(word.plain) for segment in telling.headline for word in segment}
        in_text = {happening(word.plain) for segment in telling.text for word in segment}
        told.update(in_head | in_text)
        told.update(in_head)
    del told[""]
    ranked = sorted(told.items(), key=lambda item: (-item[1], item[0]))
    return tuple((noun, times / (2 * len(tellings))) for noun, times in ranked)


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
    for full, counts in merged.items():
        part = min(1.0, max(counts.values()) / len(tellings) + 0.5 * headlines[full] / len(tellings))
        printed = max(sorted(counts), key=lambda form: (headlines[form], stories[form], -len(form)))
        actors.append(Actor(text=printed, place=full in places(), part=part))
    return tuple(sorted(actors, key=lambda actor: (-actor.part, actor.text)))


def _runs(segment: Segment, forms: Mapping[str, str]) -> Iterator[str]:
    """The actors of a segment: its runs of names, parted by offices and peoples."""
    run: list[str] = []
    at = 0
    while at < len(segment):
        word = segment[at]
        two = f"{word.plain} {segment[at + 1].plain}" if at + 1 < len(segment) else ""
        place = demonyms().get(two) or demonyms().get(word.plain)
        named = word.plain in forms and not word.plain[0].isdigit()
        if place and named or not named or word.plain in offices():
            yield from _run(run)
            run = []
            if place and named:
                yield place
                at += two in demonyms()
        else:
            run.append(forms[word.plain])
        at += 1
        if word.ends:
            yield from _run(run)
            run = []
    yield from _run(run)


def _run(run: Sequence[str]) -> Iterator[str]:
    if run and len(run) <= LONGEST_ACTOR:
        yield " ".join(run)
