"""How much is each story at home in each theme that an editor configured, and by which tag, keyword or name?"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from digest.edit.grouping.known_as import names_of, surname
from digest.edit.grouping.similar import HEADLINE as HEADLINE_WORDS
from digest.edit.grouping.similar import Reading, Vector, dot, total, weigh
from digest.edit.grouping.terms import UNSPACED, first_paragraphs, names_in, telling_words
from digest.model import Story, Theme

FIRST_WORDS = 300  # of the text, in whole paragraphs: the news and its background, before other matters come up
TOP_WORDS = 60  # `all` and `none` are looked for up here, and in the headline and the line under it
HEADLINE = 10  # a mention there counts as so many: a text that is about a theme holds about ten
HALFWAY = 20  # so many mentions in FIRST_WORDS are worth half of what any number can be
SHORTEST = 150  # words; in a shorter text a mention is worth no more than in one of these
SMALLEST = 60  # stories; in a smaller window a keyword is as rare as it would be in one of these
BELONGS = 13.0  # what a headline reaches that names a theme of every sixth story, when the text goes on to speak of it a few times
TAGGED = 1000.0  # a tag is somebody's word for it
TAUGHT_BY = 3  # sure stories of a theme, before other words are learned from them
TAUGHT_AGAINST = 10  # stories besides them: in a handful, any word seems to mark a theme
TAUGHT = 80.0  # what a likeness of 1 adds; a theme's stories are by .03 to .15 more like each other than like the rest ...
MOST_TAUGHT = BELONGS - 1  # ... and at most: likeness alone never suffices, a mention that tells something must stand too
NAMES = 0.15  # the share of that likeness that names carry, as among the discovered themes
SHARED = 3  # words told of those that a story shares with a theme

_GAPS = re.compile(r"[\W_]+")  # apostrophes, hyphens and all: "same-sex" is "same sex"
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """That a story belongs to a theme, how much it is at home there, and why, in one line."""

    theme: Theme
    strength: float  # BELONGS or more
    reason: str


def belongings(stories: Sequence[Story], themes: Sequence[Theme]) -> tuple[tuple[Belonging, ...], ...]:
    """For each story the themes that it belongs to, the one where it is most at home first. The order of stories does not matter.

    A story is the more at home the more often it speaks of a theme's `any` or `names`, above all in its headline, and the fewer other
    stories do. The stories that are sure by that teach which other words mark the theme in this window: what shares those belongs
    sooner, what does not belongs later. Where nothing is mentioned nothing belongs, and a tag settles it. Of equals the theme that
    was configured first is the home.
    """
    texts = [_told(story) for story in stories]
    found = [_mentions(theme, stories, texts) for theme in themes]
    homes = [_strongest([of_theme[at].strength for of_theme in found]) for at in range(len(stories))]
    sure = [[at for at, home in enumerate(homes) if home == number and found[home][at].belongs] for number in range(len(themes))]
    if any(_teaches(some, stories) for some in sure):
        vectors = weigh([_reading(story) for story in stories], names=NAMES)
        everyone = total(vectors)
        found = [_taught(one, some, vectors, everyone) if _teaches(some, stories) else one for one, some in zip(found, sure, strict=True)]
    return tuple(_homes([(theme, one[at]) for theme, one in zip(themes, found, strict=True)]) for at in range(len(stories)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What speaks for one story's belonging to one theme."""

    strength: float = 0.0
    reason: str = ""

    @property
    def belongs(self) -> bool:
        return self.strength >= BELONGS


def _strongest(strengths: Sequence[float]) -> int:
    return max(range(len(strengths)), key=lambda at: (round(strengths[at], 6), -at), default=-1)


def _homes(found: Iterable[tuple[Theme, _Found]]) -> tuple[Belonging, ...]:
    held = [Belonging(theme=theme, strength=one.strength, reason=one.reason) for theme, one in found if one.belongs]
    return tuple(sorted(held, key=lambda one: -round(one.strength, 6)))  # stable: of equals the first configured


# --- by what is mentioned


def _mentions(theme: Theme, stories: Sequence[Story], texts: Sequence["_Told"]) -> list[_Found]:
    """What a theme's tags, keywords and names say of each story."""
    wanted = _compiled(theme)
    asked = wanted.any or wanted.all
    counts = [[(mention.count(told.head, told.whole), mention.count(told.text, told.whole)) for mention in asked] for told in texts]
    stories_with = [sum(1 for row in counts if any(row[at])) for at in range(len(asked))]
    rarity = [math.log(1 + max(SMALLEST, len(stories)) / max(1, number)) for number in stories_with]
    return [_weighed(story, told, wanted, row, rarity) for story, told, row in zip(stories, texts, counts, strict=True)]


def _weighed(story: Story, told: "_Told", wanted: "_Wanted", counts: Sequence[tuple[int, int]], rarity: Sequence[float]) -> _Found:
    if any(mention.count(told.top, told.whole) for mention in wanted.none):
        return _Found()
    if tag := next((tag for tag in story.tags if _plain(tag) in wanted.tags), ""):
        return _Found(strength=TAGGED, reason=f"tag {tag}")
    if not all(mention.count(told.top, told.whole) for mention in wanted.all):
        return _Found()
    worth = [rare * (HEADLINE * head + text) for rare, (head, text) in zip(rarity, counts, strict=True)]
    if not any(worth):
        return _Found()
    rarest = max(rare for rare, weight in zip(rarity, worth, strict=True) if weight)
    times = sum(worth) / rarest
    strength = rarest * times * (HALFWAY + 1) / (times + HALFWAY * max(told.words, SHORTEST) / FIRST_WORDS)
    if wanted.all and not wanted.any:
        strength = max(strength, BELONGS)
    best = max(range(len(worth)), key=lambda at: (round(worth[at], 6), -at))
    return _Found(strength=strength, reason=f"{(wanted.any or wanted.all)[best].reason} {_where(*counts[best])}")


def _where(head: int, text: int) -> str:
    """How often a keyword stands where: "in the headline", "in the headline and 3 times in the text"."""
    times = {1: "once", 2: "twice"}.get(text, f"{text} times")
    return " and ".join([*(["in the headline"] if head else []), *([f"{times} in the text"] if text else [])])


# --- by what the sure stories share


def _teaches(sure: Sequence[int], stories: Sequence[Story]) -> bool:
    return len(sure) >= TAUGHT_BY and len(stories) - len(sure) >= TAUGHT_AGAINST


def _taught(found: Sequence[_Found], sure: Sequence[int], vectors: Sequence[Vector], everyone: Vector) -> list[_Found]:
    """Each mention weighed anew by how much more the story shares with the theme's sure stories than with all others, itself left out."""
    theirs = total([vectors[at] for at in sure])
    known = frozenset(sure)
    return [
        _likened(one, vector, theirs, everyone, sure=len(sure), others=len(vectors) - len(sure), itself=at in known)
        if 0 < one.strength < TAGGED
        else one
        for at, (one, vector) in enumerate(zip(found, vectors, strict=True))
    ]


def _likened(found: _Found, vector: Vector, theirs: Vector, everyone: Vector, *, sure: int, others: int, itself: bool) -> _Found:
    own = dot(vector, vector)
    with_theirs = dot(vector, theirs) - (own if itself else 0.0)
    with_others = dot(vector, everyone) - own - with_theirs
    alike = with_theirs / (sure - itself) - with_others / (others - (not itself))
    taught = replace(found, strength=max(0.0, found.strength + max(-MOST_TAUGHT, min(MOST_TAUGHT, TAUGHT * alike))))
    if found.belongs or not taught.belongs:
        return taught
    binds = {word.removeprefix("^"): weight * theirs.get(word, 0.0) for word, weight in sorted(vector.items(), reverse=True)}
    best = sorted(binds, key=lambda word: (-round(binds[word], 9), word))[:SHARED]
    return replace(taught, reason=f"{found.reason}; shares {', '.join(best)} with {sure} stories of this theme")


def _reading(story: Story) -> Reading:
    text = first_paragraphs(story, FIRST_WORDS)
    return Reading(words=Counter(telling_words(text) + HEADLINE_WORDS * telling_words(story.headline)), names=Counter(names_in(text)))


# --- texts and what is looked for in them


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as words with one space on each side, in its own capitals and in small letters."""

    written: str
    small: str

    def with_(self, other: "_Text") -> "_Text":
        return _Text(written=self.written + other.written, small=self.small + other.small)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A story's texts as they are searched."""

    head: _Text  # headline and dek
    text: _Text  # the first FIRST_WORDS
    top: _Text  # headline, dek and the first TOP_WORDS
    whole: _Text  # headline, dek and text
    words: int  # of the text


@dataclass(frozen=True, slots=True)
class _Mention:
    """A keyword or name of a theme, as it is looked for and as it is told."""

    count: Callable[[_Text, _Text], int]  # in the first text; the second is all that was read of the story
    reason: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    tags: frozenset[str]
    any: tuple[_Mention, ...]  # names first: they tell more
    all: tuple[_Mention, ...]
    none: tuple[_Mention, ...]


@lru_cache(maxsize=512)
def _compiled(theme: Theme) -> _Wanted:
    return _Wanted(
        tags=frozenset(map(_plain, theme.tags)),
        any=(*_names(theme.names), *_keywords(theme.any)),
        all=tuple(_keywords(theme.all)),
        none=tuple(_keywords(theme.none)),
    )


def _keywords(words: Iterable[str]) -> list[_Mention]:
    """Beginnings of words, case aside."""
    return [_Mention(count=_counted([_open(word.lower())]), reason=f"keyword “{word}”") for word in words if _plain(word)]


def _names(names: Iterable[str]) -> list[_Mention]:
    """Whole words, in their own capitals, under any of their names; a person also by the surname, once the full name was told."""
    return [_Mention(count=_named(names_of(name)), reason=f"name “{name}”") for name in names if _plain(name)]


def _counted(searched: Sequence[str]) -> Callable[[_Text, _Text], int]:
    return lambda text, _: sum(text.small.count(one) for one in searched)


def _named(names: Sequence[str]) -> Callable[[_Text, _Text], int]:
    wanted = [(_closed(name), _closed(surname(name)) if surname(name) else "") for name in names if _plain(name)]

    def count(text: _Text, whole: _Text) -> int:
        known = {last if last and full in whole.written else full for full, last in wanted}
        left, found = text.written, 0
        for name in sorted(known, key=lambda name: (-len(name), name)):  # the longest first: no mention counts twice
            found += left.count(name)
            left = left.replace(name, "  ")
        return found

    return count


def _open(word: str) -> str:
    """The keyword with its left edge, where its script has edges."""
    folded = _GAPS.sub(" ", word).strip()
    return folded if _UNSPACED.match(folded) else f" {folded}"


def _closed(name: str) -> str:
    opened = _open(name)
    return opened if _UNSPACED.match(opened[-1]) else f"{opened} "


def _told(story: Story) -> _Told:
    head, text = _text(f"{story.headline} | {story.dek}"), _text(first_paragraphs(story, FIRST_WORDS))
    return _Told(
        head=head,
        text=text,
        top=head.with_(_text(first_paragraphs(story, TOP_WORDS))),
        whole=head.with_(text),
        words=text.written.count(" ") - 1,
    )


def _text(text: str) -> _Text:
    written = f" {_GAPS.sub(' ', text).strip()} "
    return _Text(written=written, small=written.lower())


def _plain(text: str) -> str:
    return _GAPS.sub(" ", text).strip().lower()
