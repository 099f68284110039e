"""Propose a theme to configure for what a newsroom's stories keep coming back to, in the words that digest.toml takes."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tomlkit

from digest.edit.grouping.match import TOP_WORDS, belongings
from digest.edit.grouping.terms import WORD, first_paragraphs, fold, stopwords
from digest.model import Story, Theme

WORDS = 5  # keywords and names together: what a person would jot down
LEAST = 3  # stories that a theme has to find again
STRANGER = 0.5  # what a stranger that holds a word counts against a story of the theme that does: it may only mention it
SHORTEST = 4  # letters; shorter beginnings begin too many words
_NAME = re.compile(r"[A-Z][^\W\d_]+(?: (?:[A-Z][^\W\d_]+|\d+))+")
_GAPS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A theme that could be configured, and the stories that it would take."""

    theme: Theme
    stories: tuple[Story, ...]  # those that it was proposed for and finds again
    others: int  # stories that it would take besides

    @property
    def toml(self) -> str:
        """The theme as a table of digest.toml, ready to paste."""
        words = {"title": self.theme.title, "any": list(self.theme.any), "names": list(self.theme.names)}
        return tomlkit.dumps({"themes": {self.theme.key: {key: value for key, value in words.items() if value}}}).strip()


def propose(title: str, wanted: Collection[str], weeks: Sequence[Sequence[Story]], *, taken: Collection[str]) -> Proposal | None:
    """A theme called `title` that finds the stories with the ids `wanted`, week by week as a build would; None when few words cannot.

    Words are chosen one by one: the next is the one that stands in most stories that none stands in yet, less the strangers that
    hold it. `taken` are the keys in use.
    """
    stories = [story for week in weeks for story in week]
    texts = {story.id: _text(story) for story in stories}
    of_theme = {story.id: texts[story.id] for story in stories if story.id in wanted}
    strangers = [text for id_, text in texts.items() if id_ not in wanted]
    words = _chosen(title, [story for story in stories if story.id in wanted], of_theme, strangers)
    names = tuple(word for word in words if word[0].isupper())
    theme = Theme(key=_key(title, taken), title=title, any=tuple(word for word in words if word not in names), names=names)
    found = [story for week in weeks for story, held in zip(week, belongings(week, [theme]), strict=True) if held] if words else []
    again = tuple(story for story in found if story.id in wanted)
    others = len(found) - len(again)
    enough = max(LEAST, len(of_theme) / 2)
    return Proposal(theme=theme, stories=again, others=others) if len(again) >= enough and others < len(again) else None


def _chosen(title: str, stories: Iterable[Story], texts: Mapping[str, str], strangers: Sequence[str]) -> list[str]:
    holds = {word: frozenset(id_ for id_, text in texts.items() if _holds(text, word)) for word in _candidates(stories)}
    holds = {word: held for word, held in holds.items() if len(held) > 1}
    strays = {word: sum(_holds(text, word) for text in strangers) for word in holds}
    chosen: list[str] = []
    found: frozenset[str] = frozenset()
    for _ in range(WORDS):
        gains = {word: len(held - found) - strays[word] * STRANGER for word, held in holds.items()}
        best = max(gains, key=lambda word: (gains[word] + (word.lower() in title.lower()), len(holds[word]), word), default="")
        if not best or gains[best] <= 0:
            break
        chosen.append(best)
        found |= holds[best]
    return chosen


def _candidates(stories: Iterable[Story]) -> set[str]:
    """Names of several words, and the beginnings of the words of headlines."""
    found: set[str] = set()
    for story in stories:
        lines = (story.headline, first_paragraphs(story, TOP_WORDS))
        found |= {name for line in lines for name in _NAME.findall(line) if not stopwords() & {word.lower() for word in name.split()}}
        found |= {_beginning(word) for word in WORD.findall(story.headline) if fold(word) not in stopwords()}
    return {word for word in found if len(word) >= SHORTEST}


def _beginning(word: str) -> str:
    """The beginning that a word and its plural share: "ferr" of "ferries", "pilot" of "pilots"."""
    small = word.lower().replace("’", "'").removesuffix("'s")
    if word[0].isupper() and not small.endswith("ies"):
        return small  # "Sanders" may be a name
    folded = fold(small)
    return folded if small.startswith(folded) else small.removesuffix("ies")


def _text(story: Story) -> str:
    return f" {_GAPS.sub(' ', f'{story.headline} | {story.dek} | {first_paragraphs(story, TOP_WORDS)}').strip()} "


def _holds(text: str, word: str) -> bool:
    return _edged(word) in (text if word[0].isupper() else text.lower())


@lru_cache(maxsize=4096)  # each word is looked for in every story
def _edged(word: str) -> str:
    told = _GAPS.sub(" ", word).strip()
    return f" {told} " if word[0].isupper() else f" {told}"


def _key(title: str, taken: Collection[str]) -> str:
    """A key that TOML takes bare and that no other theme has."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "theme"
    return next(key for number in range(1, len(taken) + 2) if (key := plain if number == 1 else f"{plain}-{number}") not in taken)
