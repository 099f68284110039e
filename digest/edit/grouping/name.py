"""Name what several stories are about, as a desk would: "Ukraine ceasefire talks", "Hurricane Milton", "Barracks mold"."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from digest.edit.grouping.subject import Actor, Segment, Subject, demonyms, happening, in_print, is_name, key, listen, offices, places
from digest.edit.grouping.terms import fold, stopwords, words_of
from digest.model import Story

LONGEST = 6  # words of a name
CONSIDERED = 8  # names handed back
ACTORS, HAPPENINGS = 4, 5  # the most spoken of, from which names are put together
EVERY_HEADLINE = 8  # up to so many stories any run of a headline may become the name; from more, only one that recurs
INSIDE = frozenset(["of", "the", "for", "and", "in", "on", "at", "to"])  # small words that may stand inside a name

# What the judge gives for: each word being spoken of, all that is spoken of being named, a run that recurs, a noun for what happens,
# an actor, an event's own name; what it takes for nothing but a name, a dash between others than countries, a happening that is in no
# headline, each word that few stories hold and each beyond four; and what a weak noun is worth.
PER_WORD, IN_ALL, RECURS, HAPPENS, ACTS, OWN_NAME = 1.0, 1.0, 0.25, 0.3, 0.2, 0.3
BARE, ODD_PAIR, UNTOLD, ALONE, LONG, WEAK = 0.3, 0.15, 0.25, 0.2, 0.1, 0.8

FAIR_PART = 0.25  # of the stories: a word that fewer hold names something else
TOGETHER = 0.8  # of the stories: two actors that are no countries stand in a name side by side only when both are in so many

Run = tuple[str, ...]  # words in small letters


@dataclass(frozen=True, slots=True)
class Recurring:
    """A run of words as it is printed, the part of the stories that hold it, and whether a name is in it."""

    printed: str
    part: float
    named: bool


SPLIT_PLACES = frozenset(word for place in places() if " " in place for word in place.split())  # "Saudi" alone stands for both words


def name(stories: Sequence[Story], *, least: float | None = None) -> tuple[str, ...]:
    """Names for what the stories share, the best first. The order of the stories does not matter.

    Several makers propose and one judge chooses: actors with what happens, a run of words that recurs, a tag that most carry.
    A name worth less than `least` points is not given: the stories share too little. Without `least` there is always one.
    """
    subject = listen(sorted(stories, key=lambda story: (story.id, story.url)))
    runs = _runs(subject)
    made = (*_actors_and_happening(subject, runs), *_spans(runs), *_tags(subject))
    points = {printed: _judge(printed, subject, recurs) for printed, recurs in made if well_formed(printed)}
    judged = sorted(
        (printed for printed in points if least is None or points[printed] >= least), key=lambda printed: (-points[printed], printed)
    )
    return tuple(islice(_unlike(judged), CONSIDERED)) or ((_plain_name(subject),) if least is None else ())


def well_formed(name: str) -> bool:
    """2 to 6 words, two of which tell something; a capital first, no verb, no small word at an end, none twice, not a bare place."""
    words = name.replace("–", " ").split()
    parts = [key(part) for word in words for part in word.lower().split("-") if fold(part) not in stopwords()]
    return (
        2 <= len(words) <= LONGEST
        and len([part for part in parts if len(part) > 1]) >= 2
        and len(parts) == len(set(parts))
        and not name[0].islower()
        and not any(_is_small(word) for word in (words[0], words[-1]))
        and not any(_is_verb(word) for word in (words[0].lower(), *words[1:]))
        and name.lower() not in demonyms()
        and name not in places()
        and not any(word == "to" and before[0].isupper() for before, word in pairwise(words))  # "Kerry to apologize"
        and words[-1].lower() not in demonyms()
        and words[-1].lower() not in offices() | _never_last()
    )


def _actors_and_happening(subject: Subject, runs: Mapping[Run, Recurring]) -> Iterator[tuple[str, float]]:
    """ "Russia–North Korea ties": who the stories speak of most, one or two of a kind, and the noun for what happens."""
    happenings = subject.happenings[:HAPPENINGS]
    nouns = {form for happening in happenings for form in (happening.noun, happening.text)}
    phrases = [(happening.text, 0.0) for happening in happenings]
    phrases += [(found.printed, found.part) for run, found in runs.items() if len(run) == 2 and run[1] in nouns and not found.named]
    for who in _actors(subject.actors[:ACTORS]):
        if _is_event(who):
            yield who, 0.0
            continue
        for phrase, recurs in phrases:
            if (phrase, *who.lower().split()) in runs:  # "Hurricane Harvey", never "Harvey hurricane"
                continue
            yield _capital(f"{who} {phrase}"), recurs


def _is_event(name: str) -> bool:
    """ "Hurricane Milton" says itself what happens."""
    words = name.split()
    return len(words) > 1 and all(word[0].isupper() for word in words) and any(happening(word.lower()) for word in words[:-1])


def _actors(actors: Sequence[Actor]) -> Iterator[str]:
    """One actor, two countries, two others that nearly every story holds, or a country and a thing: "Italy COVID-19"."""
    for at, actor in enumerate(actors):
        yield actor.text
        for other in actors[at + 1 :]:
            if actor.place and other.place:
                yield f"{actor.text}–{other.text}"
            elif actor.thing != other.thing:
                yield f"{other.text} {actor.text}" if actor.thing else f"{actor.text} {other.text}"
            elif not actor.place and not other.place and not actor.thing and min(actor.part, other.part) >= TOGETHER:
                yield f"{actor.text}–{other.text}"


def _spans(runs: Mapping[Run, Recurring]) -> Iterator[tuple[str, float]]:
    """A run of 2 to 6 words that several stories hold, or that stands in a headline."""
    for found in runs.values():
        yield _capital(found.printed), found.part


def _tags(subject: Subject) -> Iterator[tuple[str, float]]:
    """A tag that most of the stories carry."""
    carried = Counter(tag for telling in subject.tellings for tag in set(telling.tags))
    for tag, times in sorted(carried.items()):
        if times > 1 and times > 0.5 * len(subject.tellings):
            words = tag.replace("-", " ").replace("_", " ").split()
            yield _capital(" ".join(subject.forms.get(word.lower(), word) for word in words)), times / len(subject.tellings)


def _runs(subject: Subject) -> dict[Run, Recurring]:
    """Runs of 2 to 6 words with the part of the stories that hold each, a headline counting twice; none cuts a name in two."""
    stories: Counter[Run] = Counter()
    times: Counter[Run] = Counter()
    cut: Counter[Run] = Counter()
    printed: dict[Run, Counter[str]] = defaultdict(Counter)
    for telling in subject.tellings:
        for worth, segments in ((2, telling.headline), (1, telling.text)):
            held: set[Run] = set()
            for run, words, cuts in (found for segment in segments for found in _runs_of(segment, subject, shared=worth == 1)):
                held.add(run)
                times[run] += 1
                cut[run] += cuts
                printed[run][words] += 1
            stories.update(dict.fromkeys(held, worth))
    least = 2 if len(subject.tellings) <= EVERY_HEADLINE else 3
    return {
        run: Recurring(
            printed=max(sorted(printed[run]), key=lambda words: printed[run][words]),
            part=count / (3 * len(subject.tellings)),
            named=any(word in subject.forms for word in run),
        )
        for run, count in sorted(stories.items())
        if count >= least and 2 * cut[run] <= times[run]
    }


def _runs_of(segment: Segment, subject: Subject, *, shared: bool) -> Iterator[tuple[Run, str, bool]]:
    """Each run with telling words at its ends, as it is printed, and whether it cuts a name in two; all `shared` by two stories."""
    forms = subject.forms
    plain = [word.plain for word in segment]
    lonely = [shared and subject.held.get(key(word), 2) < 2 for word in plain]
    prints = [in_print(segment, at, forms) for at in range(len(segment))]
    small = [_is_small(word) for word in prints]
    named = [is_name(segment, at, forms) and word.plain not in offices() for at, word in enumerate(segment)]
    for start in range(len(plain)):
        if small[start] or lonely[start]:
            continue
        for stop in range(start + 2, min(start + LONGEST, len(plain)) + 1):
            if lonely[stop - 1]:
                break
            if small[stop - 1]:
                if plain[stop - 1] not in INSIDE:
                    break
                continue
            before = named[start] and start > 0 and named[start - 1]
            after = named[stop - 1] and stop < len(plain) and named[stop]
            yield tuple(plain[start:stop]), " ".join(prints[start:stop]), before or after


def _alone(words: Sequence[str], subject: Subject) -> int:
    """How many of the words only one story speaks of, or a small part of many."""
    least = min(len(subject.tellings), max(2, FAIR_PART * len(subject.tellings)))
    telling = [word for word in words if not _is_small(word) and word not in SPLIT_PLACES]
    return sum(subject.held.get(key(word.lower()), 0) < least for word in telling)


def _judge(printed: str, subject: Subject, recurs: float) -> float:
    words = printed.replace("–", " ").split()
    keys = dict.fromkeys(key(word.lower()) for word in words if not _is_small(word))  # in order, so that every process sums alike
    spoken = sum(subject.weights.get(word, 0.0) * (WEAK if word in _weak() else 1.0) for word in keys)
    happens = happening(words[-1].lower())
    event = _is_event(printed)
    odd_pair = "–" in printed and not any(printed.startswith(f"{actor.text}–") and actor.place for actor in subject.actors[:ACTORS])
    bare = all(word[0].isupper() or _is_small(word) for word in words) and not any(happening(word.lower()) for word in words)
    return (
        PER_WORD * spoken / len(keys)
        + IN_ALL * spoken / subject.most
        + RECURS * recurs
        + OWN_NAME * event * subject.weights.get(key(words[-1].lower()), 0.0)
        + HAPPENS * (event or (happens != "" and fold(happens) not in _weak()))
        + ACTS * any(printed.startswith(actor.text) for actor in subject.actors[:ACTORS])
        - BARE * bare
        - ODD_PAIR * odd_pair
        - UNTOLD * (happens != "" and not event and bool(subject.headlined) and not subject.headlined.get(key(words[-1].lower())))
        - ALONE * _alone(words, subject)
        - LONG * max(0, len(words) - 4)
    )


@lru_cache(maxsize=1)
def _never_last() -> frozenset[str]:
    return frozenset(words_of("never_last"))


@lru_cache(maxsize=1)
def _weak() -> frozenset[str]:
    """Keys of the nouns that say little alone."""
    return frozenset(map(fold, words_of("weak_happenings")))


def _is_small(word: str) -> bool:
    """Whether a word as printed tells nothing. "New" of a name does: "New York"."""
    return fold(word) in stopwords() and word != "New"


def _unlike(names: Sequence[str]) -> Iterator[str]:
    """Without those that only put the words of a better one otherwise."""
    seen: set[frozenset[str]] = set()
    for printed in names:
        keys = frozenset(key(word.lower()) for word in printed.replace("–", " ").split()) - stopwords()
        if keys not in seen:
            seen.add(keys)
            yield printed


def _plain_name(subject: Subject) -> str:
    """When nothing better can be made: who it is about, else the shortest headline's first words."""
    if subject.actors:
        return _capital(f"{subject.actors[0].text} news")
    headlines = [" ".join(word.text for segment in telling.headline for word in segment) for telling in subject.tellings]
    shortest = min((headline for headline in headlines if headline), key=lambda headline: (len(headline), headline), default="")
    return _capital(" ".join(shortest.split()[:LONGEST])[:40]) or "Related stories"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_verb(word: str) -> bool:
    """Whether a word, in small letters as verbs are in the middle of a line, is a verb of headlines in any form."""
    plain = word.lower()
    return plain in _verbs() or (plain.endswith("ed") and len(plain) > 4 and plain == word)


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    bases = words_of("headline_verbs")
    return frozenset(form for base in bases for form in (base, *_forms_of(base)))


def _forms_of(base: str) -> Iterator[str]:
    stem = base.removesuffix("e")
    yield from (f"{base}s", f"{base}es", f"{stem}ed", f"{stem}ing", f"{base}{base[-1]}ed", f"{base}{base[-1]}ing")
    if base.endswith("y"):
        yield from (f"{base[:-1]}ies", f"{base[:-1]}ied")
