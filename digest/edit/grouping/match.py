"""Does a story belong to a theme that an editor configured, and by which tag, keyword or name?"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from digest.edit.grouping.terms import UNSPACED
from digest.model import Story, Theme

FIRST_WORDS = 60  # the top of the text, in whole paragraphs; further down anything may be mentioned
MENTIONS = 3  # at the top, for a theme that the headline does not speak of

_GAPS = re.compile(r"[\W_]+")  # apostrophes, hyphens and all: "same-sex" is "same sex"
_UNSPACED = re.compile(f"[{UNSPACED}]")


def matches(story: Story, theme: Theme) -> str:
    """Why the story belongs to the theme: "tag north-korea", "keyword “ceasefire”", "name “Kim Jong Un”"; "" when it does not.

    One of `any` or `names` must stand in the headline or the line under it, or the top of the text must hold three mentions of
    them. `all` and `none` count wherever they stand in headline, dek and top. A theme with `all` alone asks for those only.
    """
    wanted = _compiled(theme)
    head, top = _read(story.headline, story.dek, story.paragraphs)
    whole = head.with_(top)
    if any(mention.count(whole) for mention in wanted.none):
        return ""
    if tag := next((tag for tag in story.tags if _plain(tag) in wanted.tags), ""):
        return f"tag {tag}"
    if not all(mention.count(whole) for mention in wanted.all):
        return ""
    if wanted.all and not wanted.any:
        return wanted.all[0].reason
    said = next((mention for mention in wanted.any if mention.count(head)), None)
    if not said and sum(mention.count(top) for mention in wanted.any) >= MENTIONS:
        said = next(mention for mention in wanted.any if mention.count(top))
    return said.reason if said else ""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as words with one space on each side, in its own capitals and in small letters."""

    written: str
    small: str

    def with_(self, other: "_Text") -> "_Text":
        return _Text(written=self.written + other.written, small=self.small + other.small)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A keyword or name of a theme, as it is looked for and as it is told."""

    count: Callable[[_Text], int]
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


def _keywords(words: Iterable[str]) -> Iterable[_Mention]:
    """Beginnings of words, case aside."""
    return [_Mention(count=_counter(_open(word.lower()), small=True), reason=f"keyword “{word}”") for word in words if _plain(word)]


def _names(names: Iterable[str]) -> Iterable[_Mention]:
    """Whole words, in their own capitals."""
    return [_Mention(count=_counter(_closed(name), small=False), reason=f"name “{name}”") for name in names if _plain(name)]


def _counter(searched: str, *, small: bool) -> Callable[[_Text], int]:
    return lambda text: (text.small if small else text.written).count(searched)


def _open(word: str) -> str:
    """The keyword with its left edge, where its script has edges."""
    folded = _GAPS.sub(" ", word).strip()
    return folded if _UNSPACED.match(folded) else f" {folded}"


def _closed(name: str) -> str:
    opened = _open(name)
    return opened if _UNSPACED.match(opened[-1]) else f"{opened} "


@lru_cache(maxsize=16)  # every theme in turn asks about the same story
def _read(headline: str, dek: str, paragraphs: tuple[str, ...]) -> tuple[_Text, _Text]:
    top: list[str] = []
    words = 0
    for paragraph in paragraphs:
        top.append(paragraph)
        words += paragraph.count(" ") + 1
        if words >= FIRST_WORDS:
            break
    return _text(f"{headline} | {dek}"), _text(" | ".join(top))


def _text(text: str) -> _Text:
    written = f" {_GAPS.sub(' ', text).strip()} "
    return _Text(written=written, small=written.lower())


def _plain(text: str) -> str:
    return _GAPS.sub(" ", text).strip().lower()
