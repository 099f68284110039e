"""Name what several stories are about, as a desk would: "Ukraine ceasefire talks", "Hurricane Milton", "Barracks mold"."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import islice, pairwise
from operator import and_

from digest.edit.grouping.subject import (
    STORMS,
    Actor,
    Segment,
    Subject,
    demonyms,
    diseases,
    happening,
    in_print,
    is_name,
    is_office,
    key,
    listen,
    offices,
    places,
)
from digest.edit.grouping.terms import first_paragraphs, fold, stopwords, telling_words, words_of
from digest.model import Story

LONGEST = 6  # words of a name
OPENING = 250  # words of a story that the name of its theme must fit
STEM = 5  # letters by which two forms of a word are one
CONSIDERED = 8  # names handed back
ACTORS, HAPPENINGS = 6, 5  # the most spoken of, from which names are put together
EVERY_HEADLINE = 8  # up to so many stories any run of a headline may become the name; from more, only one that recurs
INSIDE = frozenset(["of", "the", "for", "and", "in", "on", "at", "to"])  # small words that may stand inside a name

# What the judge gives for each mark of a name, see `_marks`.
WORTH: Mapping[str, float] = {
    "words": 1.12,
    "all": 1.46,
    "recurs": 0.43,
    "event": 0.25,
    "happens": 0.05,
    "told": 0.10,
    "named": 0.71,
    "topic": -0.54,
    "pair": 0.88,
    "odd pair": -0.30,
    "bare": -0.90,
    "untold": -0.29,
    "alone": -0.39,
    "long": -0.10,
    "cut": -0.30,
    "disease": 1.20,
    "tag": 1.00,
    "opening": 1.26,
    "together": 0.80,
}

TOPICS, TOPIC_PART = 3, 0.5  # nouns that are no happening, and the part of the stories that hold such a one
# What the other marks say to a person.
SEEN: Mapping[str, str] = {
    "recurs": "a run of words that recurs",
    "event": "an event’s own name",
    "happens": "a noun for what happens",
    "disease": "a disease",
    "tag": "a tag that most stories carry",
    "bare": "against it: only a name",
    "odd pair": "against it: two actors that are no countries",
    "untold": "against it: what happens is in no headline",
    "alone": "against it: a word that few stories hold",
    "long": "against it: long",
    "cut": "against it: half of a pair of words",
}

THEME_WORDS, GOES_ON = 8, 0.5  # words by which a theme is known a week later, and the part of them that its stories must still speak of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A theme of the issue before, under the name that it bore there."""

    title: str
    issue_id: str
    words: tuple[str, ...]  # what its stories spoke of most, as `Judged.words`


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Names, the best first, each with what the judge saw in it."""

    why: Mapping[str, str]  # in order
    words: tuple[str, ...]  # what the stories speak of most, as words are compared

    @property
    def names(self) -> tuple[str, ...]:
        """The names alone."""
        return tuple(self.why)


def judge(stories: Sequence[Story], *, least: float | None = None, earlier: Sequence[Earlier] = ()) -> Judged:
    """Names for what the stories share, the best first. The order of the stories does not matter.

    Several makers propose and one judge chooses: actors with what happens or a noun, a run of words that recurs, a tag that most carry.
    A name worth less than `least` points is not given: the stories share too little. Without `least` there is always one.
    A theme of the issue before keeps its name when its story goes on and the name still fits.
    """
    subject = listen(sorted(stories, key=lambda story: (story.id, story.url)))
    proposed = considered(subject)
    points = {printed: sum(WORTH[mark] * value for mark, value in marks.items()) for printed, marks in proposed.items()}
    judged = sorted(
        (printed for printed in points if least is None or points[printed] >= least), key=lambda printed: (-points[printed], printed)
    )
    kept = {theme.title: f"kept from {theme.issue_id}" for theme in _going_on(earlier, subject)} if judged or least is None else {}
    why = {printed: _reason(points[printed], proposed[printed]) for printed in islice(_unlike(judged), CONSIDERED)}
    if not why and not kept and least is None:
        why = {_plain_name(subject): "nothing better could be made"}
    return Judged(why=kept | {printed: reason for printed, reason in why.items() if printed not in kept}, words=_heaviest(subject))


def fits(story: Story, name: str) -> bool:
    """Whether the story speaks of what the name says: its opening holds at least half of the name's telling words, in some form."""
    wanted = {frozenset(_forms(word)) for word in telling_words(name, story.language)}
    opening = telling_words(f"{story.headline}\n{first_paragraphs(story, OPENING)}", story.language)
    held = {form for word in opening for form in _forms(word)}
    return 2 * sum(not forms.isdisjoint(held) for forms in wanted) >= len(wanted)


def _forms(word: str) -> tuple[str, str]:
    """As names are compared, and by its beginning: other languages write a word in many forms."""
    return key(word), f"{word[:STEM]}-" if len(word) >= STEM else word


def _going_on(earlier: Sequence[Earlier], subject: Subject) -> list[Earlier]:
    """The themes whose story goes on here and whose name is still spoken of, the one with most words in common first."""
    common = {theme.title: sum(not _few_hold(word, subject) for word in theme.words) / len(theme.words) for theme in earlier if theme.words}
    going = [theme for theme in earlier if common.get(theme.title, 0.0) >= GOES_ON and not _alone(_split(theme.title), subject)]
    return sorted(going, key=lambda theme: (-common[theme.title], theme.title))


def _heaviest(subject: Subject) -> tuple[str, ...]:
    shared = [word for word in subject.weights if not _few_hold(word, subject)]
    return tuple(sorted(shared, key=lambda word: (-round(subject.weights[word], 6), word))[:THEME_WORDS])


def _reason(points: float, marks: Mapping[str, float]) -> str:
    """What the judge saw, in words: "4.1 points: its words in 82 % of stories and headlines, together in 67 %, a noun for what happens"."""
    seen = [told for mark, told in SEEN.items() if marks[mark] > 0]
    return f"{points:.1f} points: " + ", ".join(
        [f"its words in {marks['words']:.0%} of stories and headlines", f"together in {marks['together']:.0%}", *seen]
    )


def considered(subject: Subject) -> Mapping[str, Mapping[str, float]]:
    """Every name that the makers propose and that is well formed, with its marks."""
    runs = _runs(subject)
    made: dict[str, float] = {}
    for printed, recurs in (*_actors_and_happening(subject, runs), *_with_topic(subject, runs), *_spans(runs)):
        made[printed] = max(recurs, made.get(printed, 0.0))
    tags = dict(_tags(subject))
    return {
        printed: _marks(printed, subject, made.get(printed, 0.0), tags.get(printed, 0.0))
        for printed in made | tags
        if well_formed(printed, subject.small)
    }


def well_formed(name: str, small: Set[str] | None = None) -> bool:
    """2 to 6 words, two of which tell something; a capital first, no verb, no small word at an end, none twice, not a bare place."""
    small = stopwords() if small is None else small
    words = _split(name)
    parts = [key(part) for word in words for part in word.lower().split("-") if fold(part) not in small]
    return (
        2 <= len(words) <= LONGEST
        and len([part for part in parts if len(part) > 1]) >= 2
        and len(parts) == len(set(parts))
        and not name[0].islower()
        and not words[-1].isdigit()
        and not name.endswith(".")
        and not (words[1][0].isupper() and happening(words[0].lower()) and words[0].lower() not in STORMS)  # "Ban AR-15"
        and not (name[0].isdigit() and len(words[0]) != len("2026"))
        and not (any(word.lower() in offices() for word in words) and all(_is_title(word, small) for word in words[1:]))
        and not any(_is_small(word, small) for word in (words[0], words[-1]))
        and not any(_is_verb(word) for word in (words[0].lower(), *words[1:]))
        and name.lower() not in demonyms()
        and name not in places()
        and not any(word == "to" and before[0].isupper() for before, word in pairwise(words))  # "Roe to apologize"
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
        if "–" not in who and not any(
            who == f"{place.text} {thing.text}" for place in subject.actors for thing in subject.actors if thing.thing
        ):
            yield who, 0.0
        for phrase, recurs in phrases:
            if (phrase, *who.lower().split()) in runs:  # "Hurricane Harvey", never "Harvey hurricane"
                continue
            yield _capital(f"{who} {phrase}"), recurs


def _with_topic(subject: Subject, runs: Mapping[Run, Recurring]) -> Iterator[tuple[str, float]]:
    """ "NRA guns", "Measles in Samoa": an actor with the noun that most stories share, and a disease where it is."""
    for actor in subject.actors[:ACTORS]:
        for other in subject.actors[:ACTORS]:
            if actor.thing and other.place and actor.text.lower() in diseases():
                yield _capital(f"{actor.text} in {other.text}"), 0.0
    nouns = [
        word
        for word in sorted(subject.nouns - subject.forms.keys(), key=lambda word: (-subject.weights.get(key(word), 0.0), word))
        if not happening(word) and subject.held.get(key(word), 0) >= max(2, TOPIC_PART * len(subject.tellings))
    ][:TOPICS]
    phrases = [(word, 0.0) for word in nouns]
    phrases += [(found.printed, found.part) for run, found in runs.items() if len(run) == 2 and set(run) & set(nouns) and not found.named]
    for actor in subject.actors[:ACTORS]:
        for phrase, recurs in phrases:
            if (phrase, *actor.text.lower().split()) not in runs:
                yield _capital(f"{actor.text} {phrase}"), recurs


def _is_event(name: str) -> bool:
    """ "Hurricane Milton" says itself what happens."""
    words = name.split()
    inside = words[:-1] if words[0].lower() in STORMS else words[1:-1]  # a verb may stand first: "Ban AR-15"
    return len(words) > 1 and all(word[0].isupper() for word in words) and any(happening(word.lower()) for word in inside)


def _actors(actors: Sequence[Actor]) -> Iterator[str]:
    """One actor, two countries, two others that nearly every story holds, or a country and a thing: "Italy COVID-19"."""
    for at, actor in enumerate(actors):
        yield actor.text
        for other in actors[at + 1 :]:
            if actor.country and other.country:
                yield f"{actor.text}–{other.text}"
            elif actor.thing != other.thing:
                who, thing = (other, actor) if actor.thing else (actor, other)
                yield f"{who.text} {thing.text}"  # no name without what happens, but see `_with_topic`
            elif not actor.place and not other.place and not other.thing and not actor.thing and min(actor.part, other.part) >= TOGETHER:
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
    small = [_is_small(word, subject.small) for word in prints]
    office = [is_office(segment, at) for at in range(len(segment))]
    named = [is_name(segment, at, forms) and not office[at] for at in range(len(segment))]
    for start in range(len(plain)):
        if small[start] or lonely[start]:
            continue
        for stop in range(start + 2, min(start + LONGEST, len(plain)) + 1):
            if lonely[stop - 1]:
                break
            if small[stop - 1]:
                if plain[stop - 1] not in (INSIDE if subject.english else subject.small):
                    break
                continue
            before = (named[start] and start > 0 and named[start - 1]) or (office[start] and plain[start] not in offices())
            after = named[stop - 1] and stop < len(plain) and named[stop]
            yield tuple(plain[start:stop]), " ".join(prints[start:stop]), before or after


def _is_title(word: str, small: Set[str]) -> bool:
    """Whether a word may belong to a person's name and office: "Special counsel Ann Roe" names nothing but a person."""
    return word[0].isupper() or _is_small(word, small) or word.lower() in offices()


def _alone(words: Sequence[str], subject: Subject) -> int:
    """How many of the words only one story speaks of, or a small part of many."""
    return sum(_few_hold(key(word.lower()), subject) for word in words if not _is_small(word, subject.small) and word not in SPLIT_PLACES)


def _few_hold(word: str, subject: Subject) -> bool:
    return subject.held.get(word, 0) < min(len(subject.tellings), max(2, FAIR_PART * len(subject.tellings)))


def _split(name: str) -> list[str]:
    return name.replace("–", " ").split()


def _together(keys: Iterable[str], subject: Subject) -> float:
    """The part of the stories in which one clause holds all the words."""
    both = reduce(and_, (subject.clauses.get(word, 0) for word in keys))
    return sum(both & told != 0 for told in subject.told_in) / len(subject.told_in)


def _marks(printed: str, subject: Subject, recurs: float, tag: float) -> Mapping[str, float]:
    words = _split(printed)
    keys = dict.fromkeys(
        key(word.lower()) for word in words if not _is_small(word, subject.small)
    )  # in order, so that every process sums alike
    spoken = [subject.weights.get(word, 0.0) for word in keys]
    last = key(words[-1].lower())
    happens = happening(words[-1].lower()) if subject.english else ""
    event = _is_event(printed)
    lands = any(printed.startswith(f"{actor.text}–") and actor.country for actor in subject.actors[:ACTORS])
    pair = "–" in printed
    told = {word.lower() for word in words}
    bare = all(word[0].isupper() or _is_small(word, subject.small) for word in words) and not any(
        happening(word) or word in diseases() for word in told
    )
    return {
        "words": sum(spoken) / len(keys),
        "all": sum(spoken) / subject.most,
        "recurs": recurs,
        "event": event,
        "happens": happens != "" and not event and fold(happens) not in _weak(),
        "told": words[-1].lower() in subject.nouns,
        "named": any(word[0].isupper() for word in words[1:]) or words[0].lower() in subject.forms or words[0] in places(),
        "topic": happens == "" and words[-1][0].islower() and words[-1].lower() in subject.nouns,
        "pair": pair,
        "odd pair": pair and not lands,
        "bare": bare,
        "untold": happens != "" and not event and bool(subject.headlined) and not subject.headlined.get(last),
        "alone": _alone(words, subject),
        "cut": sum(not subject.partners.get(word, told) & told for word in told),
        "long": max(0, len(words) - 4),
        "disease": bool(told & diseases()),
        "tag": tag,
        "opening": sum(subject.opening.get(word, 0) for word in keys) / len(keys) / len(subject.tellings),
        "together": _together(keys, subject),
    }


@lru_cache(maxsize=1)
def _never_last() -> frozenset[str]:
    return frozenset(words_of("never_last"))


@lru_cache(maxsize=1)
def _weak() -> frozenset[str]:
    """Keys of the nouns that say little alone."""
    return frozenset(map(fold, words_of("weak_happenings")))


def _is_small(word: str, small: Set[str]) -> bool:
    """Whether a word as printed tells nothing. "New" of a name does: "New York"."""
    return fold(word) in small and word != "New"


def _unlike(names: Sequence[str]) -> Iterator[str]:
    """Without those that only put the words of a better one otherwise."""
    seen: set[frozenset[str]] = set()
    for printed in names:
        keys = frozenset(key(word.lower()) for word in _split(printed)) - stopwords()
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


@lru_cache(maxsize=65_536)
def _is_verb(word: str) -> bool:
    """Whether a word, in small letters as verbs are in the middle of a line, is a verb of headlines in any form."""
    plain = word.lower()
    return plain in _verbs() or (plain.endswith("ed") and len(plain) > 4 and plain == word)


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    bases = words_of("headline_verbs")
    return frozenset(form for base in bases for form in (base, *_forms_of(base)) if happening(form) != form)


def _forms_of(base: str) -> Iterator[str]:
    stem = base.removesuffix("e")
    yield from (f"{base}s", f"{base}es", f"{stem}ed", f"{stem}ing", f"{base}{base[-1]}ed", f"{base}{base[-1]}ing")
    if base.endswith("y"):
        yield from (f"{base[:-1]}ies", f"{base[:-1]}ied")
