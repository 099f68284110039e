"""Find furniture that no rule foresaw: a paragraph that recurs in stories of one outlet that have nothing else in common."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.edit.grouping.terms import telling_words
from digest.model import Cut, Story

RULE = "recurs at this outlet"
LEAST = 3  # stories of the window that hold it
ALIKE = 0.5  # of the shorter one's paragraphs: from here on two stories are tellings of one, and count once
MATTER = 0.5  # of the headlines: a word that stands in more of them is what the stories are about, and the paragraph may be its background
LONGEST = 1200  # characters; no furniture was seen that is longer

_FIGURES = re.compile(r"\d+")


def without_recurring(stories: Sequence[Story]) -> tuple[Story, ...]:
    """The stories without what recurs at their outlet among these; each cut stands in `furniture`, under the rule's name.

    A cut paragraph leaves "" in its place, so that the number of every other one stays what it is in the store. A story that holds nothing
    else stays as it is.
    """
    outlets: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        outlets[story.source].append(story)
    recurring = {source: frozenset(_recurring(told)) for source, told in outlets.items() if len(told) >= LEAST}
    return tuple(_without(story, recurring.get(story.source, frozenset())) for story in stories)


def _recurring(stories: Sequence[Story]) -> Iterator[str]:
    """What stands in several stories of one outlet on different matters."""
    read = [frozenset(map(_plain, story.paragraphs)) for story in stories]
    held: dict[str, list[int]] = defaultdict(list)
    for at, paragraphs in enumerate(read):
        for paragraph in paragraphs:
            held[paragraph].append(at)
    for paragraph, holders in held.items():
        if len(holders) < LEAST or not 0 < len(paragraph) <= LONGEST:
            continue
        apart = _apart(holders, [read[at] - {paragraph} for at in holders])
        if len(apart) >= LEAST and _differ([stories[at] for at in apart]):
            yield paragraph


def _apart(holders: Sequence[int], others: Sequence[frozenset[str]]) -> list[int]:
    """Those of the holders that are no tellings of one another, by the `others` of their paragraphs."""
    apart: list[tuple[int, frozenset[str]]] = []
    for at, told in zip(holders, others, strict=True):
        if all(len(told & known) < ALIKE * min(len(told), len(known)) for _, known in apart[-LEAST:]):
            apart.append((at, told))
    return [at for at, _ in apart]


def _differ(stories: Sequence[Story]) -> bool:
    """Whether no word stands in most of the headlines."""
    words = Counter(word for story in stories for word in set(telling_words(story.headline)))
    return max(words.values(), default=0) <= MATTER * len(stories)


def _without(story: Story, recurring: frozenset[str]) -> Story:
    if not recurring:
        return story
    kept = tuple("" if _plain(paragraph) in recurring else paragraph for paragraph in story.paragraphs)
    if kept == story.paragraphs or not any(kept):
        return story
    cuts = (Cut(text=paragraph, rule=RULE) for paragraph, left in zip(story.paragraphs, kept, strict=True) if not left)
    return replace(story, paragraphs=kept, furniture=(*story.furniture, *cuts))


def _plain(paragraph: str) -> str:
    """A paragraph as it is compared: case and figures aside."""
    return _FIGURES.sub("0", paragraph.casefold())
