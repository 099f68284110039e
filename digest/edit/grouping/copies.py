"""Find the same copy at several outlets, even where one of them rewrote the top: runs of five words that both stories hold."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from digest.edit.grouping.terms import WORD
from digest.model import Story

FIRST_WORDS = 1500
ONE_IN = 4  # only runs that begin with one word in four, the same words everywhere, are looked up: a quarter of the memory
FEW = 40  # a story with fewer runs looked up is compared by all its runs
FURNITURE = 6  # a run in more stories than this is a phrase or a promo ...
MOSTLY = 0.5  # ... but a story that holds little else is one that many outlets carry
SHARED = 0.25  # of the shorter story's runs: from here on the two are one copy
SHARED_WIDELY = 0.6  # the same, where runs count that many stories hold
COMPARED = 10  # stories that one story is compared with: those that share the most runs

Runs = frozenset[int]  # each run of five words as one number, the same in every process


def copies(stories: Sequence[Story]) -> list[tuple[int, int]]:
    """The pairs of places in `stories` that hold the same copy, in order: containment of word 5-grams in the first 1,500 words.

    Stories with the very same words are always linked. A copy at very many outlets is compared with ten others only, which is
    enough to link them all.
    """
    words = [_words(story) for story in stories]
    runs = [frozenset(_runs(numbers, ONE_IN)) for numbers in words]
    index = _held_by_several(runs)
    common = frozenset(run for run, places in index.items() if len(places) > FURNITURE)
    own = [kept - common for kept in runs]
    widely = [len(left) < MOSTLY * len(kept) for left, kept in zip(own, runs, strict=True)]
    found = set(_same_words(words))
    for at, kept in enumerate(runs):
        looked_up = kept if widely[at] else own[at]
        shared = Counter(other for run in looked_up if run in index for other in index[run] if other != at)
        for other, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:COMPARED]:
            if min(len(kept), len(runs[other])) < FEW:
                same = _contained(frozenset(_runs(words[at])), frozenset(_runs(words[other]))) >= SHARED
            elif widely[at] and widely[other]:
                same = _contained(kept, runs[other]) >= SHARED_WIDELY
            else:
                same = _contained(own[at], own[other]) >= SHARED
            if same:
                found.add((min(at, other), max(at, other)))
    return sorted(found)


def _contained(one: Runs, other: Runs) -> float:
    """The part of the smaller set that the other holds too."""
    return len(one & other) / (min(len(one), len(other)) or 1)


def _words(story: Story) -> tuple[int, ...]:
    """The first words of the text, each as a number; those of the headline for a story without text."""
    words: list[int] = []
    for text in story.paragraphs or (story.headline,):
        words += [_number(word) for word in WORD.findall(text.lower())]
        if len(words) >= FIRST_WORDS:
            break
    return tuple(words[:FIRST_WORDS])


@lru_cache(maxsize=131_072)  # one number object a word, not one an occurrence
def _number(word: str) -> int:
    return crc32(word.encode())


def _runs(words: tuple[int, ...], one_in: int = 1) -> Iterator[int]:
    runs = zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)
    return (hash(run) for run in runs if run[0] % one_in == 0)


def _held_by_several(runs: Sequence[Runs]) -> dict[int, list[int]]:
    """From a run to the places of the stories that hold it, for the runs that more than one story holds."""
    first: dict[int, int] = {}
    index: dict[int, list[int]] = {}
    for at, kept in enumerate(runs):
        for run in kept:
            if run in index:
                index[run].append(at)
            elif run in first:
                index[run] = [first[run], at]
            else:
                first[run] = at
    return index


def _same_words(words: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Links each story to the one before it with the very same words."""
    last: dict[tuple[int, ...], int] = {}
    for at, numbers in enumerate(words):
        if numbers in last:
            yield last[numbers], at
        if numbers:
            last[numbers] = at
