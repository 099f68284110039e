"""Tell the news from a piece that only speaks about it: opinion, an explainer, a list, a live report."""

import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from digest.edit.grouping.kinds import kind_of
from digest.edit.grouping.terms import first_paragraphs, words_of
from digest.edit.headline import VERBS
from digest.model import Story

_QUESTION = re.compile(r"[?？؟](?:\s|$)|^¿")
OPENING = 120  # words, up to the end of their paragraph
_WORD = re.compile(r"[\w’']+")
# What follows one of these is no verb.
NOUN_AFTER = frozenset(("the", "a", "an", "of", "in", "for", "his", "her", "their", "its", "and", "on", "with", "my", "our", "no"))
_SAYS_MORE = frozenset(("to", "not", "is", "are", "be"))
_PARTED = re.compile(r"\s*[:|]\s+|\s+[-–—]\s+")


def aside_of(story: Story) -> str:
    """What makes a story no plain news, in a few words; "" for plain news."""
    headline = " ".join(story.headline.casefold().split())
    return next((found for rule in RULES if (found := rule(story, headline))), "")


def reads_as_news(story: Story) -> bool:
    """Whether a headline has a verb and the text names early a day or somebody who speaks.

    News may do without either, so this parts only the tellings of one event. True for short items and for languages without a list.
    """
    return _names_early(story) and _tells_a_happening(story)


def _names_early(story: Story) -> bool:
    opening, language = first_paragraphs(story, OPENING), story.language[:2]
    if language not in _words()["early"] or opening.count(" ") < OPENING - 1:
        return True
    return _early(language).search(opening) is not None


def _tells_a_happening(story: Story) -> bool:
    """Whether a headline in English may have a verb. Plurals and figures may hide one that is on no list: "Ferries sound alarm"."""
    words = _WORD.findall(story.headline.casefold())
    if story.language[:2] != "en" or len(words) < 2 or _is_plural(words[0]) or any(word.isdigit() for word in words):
        return True
    return not _SAYS_MORE.isdisjoint(words) or any(before not in NOUN_AFTER and _may_be_verb(word) for before, word in pairwise(words))


def _may_be_verb(word: str) -> bool:
    if word.endswith(("n't", "n’t", "ed", "ing")) or word in VERBS or word in _base_forms():
        return True
    return _is_plural(word)


def _is_plural(word: str) -> bool:
    """Whether it may be one; verbs look alike."""
    return word.endswith("s") and not word.endswith(("'s", "’s", "ss"))


# --- the rules: each takes the story and its headline in small letters


def _calls_itself(story: Story, headline: str) -> str:
    kind = kind_of(story)
    return f"it calls itself {kind}" if kind else ""


def _stands_apart(story: Story, headline: str) -> str:
    folders = urlsplit(story.url).path.casefold().split("/")[:-1]
    return next((f"it stands in /{folder}/" for folder in folders if folder in _words()["folders"]), "")


def _is_labelled(story: Story, headline: str) -> str:
    first, *rest = _PARTED.split(headline)
    return next((f"its headline says “{part}”" for part in (first, *rest[-1:]) if rest and part in _words()["labels"]), "")


def _names_its_writer(story: Story, headline: str) -> str:
    """As the heads of columns do: "Halyard: the pier is a mistake", by Ann Halyard."""
    first, *rest = _PARTED.split(headline)
    return "its headline begins with its writer’s name" if rest and first and first in re.split(r"\W+", story.byline.casefold()) else ""


def _asks(story: Story, headline: str) -> str:
    return "its headline asks" if _QUESTION.search(headline) else ""


def _lists(story: Story, headline: str) -> str:
    language = story.language[:2]
    return "its headline announces a list" if language in _words()["lists"] and _counts(language).search(headline) else ""


def _explains(story: Story, headline: str) -> str:
    language = story.language[:2]
    opening = _opens(language).match(headline) if language in _words()["openings"] else None
    return f"its headline begins with “{opening[0]}”" if opening else ""


RULES: tuple[Callable[[Story, str], str], ...] = (
    _calls_itself,
    _stands_apart,
    _is_labelled,
    _names_its_writer,
    _asks,
    _lists,
    _explains,
)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads((files("digest.edit") / "words" / "asides.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _early(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w’'-])(?:{_one_of(_words()['early'][language])})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _base_forms() -> frozenset[str]:
    return frozenset(words_of("headline_verbs"))


@lru_cache(maxsize=8)
def _counts(language: str) -> re.Pattern[str]:
    numbers, counted = (_one_of(_words()[name][language]) for name in ("numbers", "lists"))
    return re.compile(rf"(?:^|[,:–—] )(?:the )?(?:\d{{1,2}}|{numbers}) (?:[\w’'-]+ ){{0,2}}(?:{counted})(?![\w’'-])")


@lru_cache(maxsize=8)
def _opens(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_one_of(_words()['openings'][language])})(?![\w’'-])")


def _one_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
