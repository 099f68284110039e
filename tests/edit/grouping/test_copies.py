"""The same copy is found wherever it stands; a shared phrase or promo is not copy."""

import random

from digest.edit.grouping.copies import copies
from digest.model import Story
from tests.make import a_story

WORDS = [
    "harbor",
    "pier",
    "ferry",
    "crane",
    "tide",
    "lamp",
    "glass",
    "rope",
    "sail",
    "anchor",
    "deck",
    "wharf",
    "buoy",
    "gull",
    "net",
    "storm",
    "keel",
    "mast",
    "chart",
    "cabin",
    "oar",
    "port",
    "bow",
    "hull",
]


def a_text(seed: int, words: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def story_of(name: str, *texts: str) -> Story:
    return a_story(name, headline=f"Headline of {name}", paragraphs=texts)


def test_the_same_copy_under_another_headline_is_found():
    assert copies([story_of("a", a_text(1)), story_of("b", a_text(2)), story_of("c", a_text(1))]) == [(0, 2)]


def test_a_copy_with_a_new_top_and_a_cut_tail_is_found():
    original, kept = a_text(1, 300), " ".join(a_text(1, 300).split()[60:200])

    assert copies([story_of("a", original), story_of("b", a_text(9, 40), kept)]) == [(0, 1)]


def test_a_quoted_paragraph_does_not_make_a_copy():
    quoted = a_text(3, 30)

    assert copies([story_of("a", a_text(1, 300), quoted), story_of("b", a_text(2, 300), quoted)]) == []


def test_a_promo_at_the_end_of_many_stories_does_not_make_copies():
    promo = a_text(7, 100)
    stories = [story_of(f"s{seed}", a_text(seed, 180), promo) for seed in range(20, 30)]

    assert copies(stories) == []


def test_copy_that_very_many_outlets_carry_is_linked_throughout():
    stories = [story_of(f"o{outlet}", a_text(100 + outlet, 15), a_text(1, 300)) for outlet in range(25)]

    linked = {0}
    for one, other in copies(stories):
        linked |= {one, other} if {one, other} & linked else set()
    assert linked == set(range(25))


def test_a_notice_too_short_for_a_run_is_a_copy_when_it_is_the_same():
    assert copies([story_of("a", "Ferry is late."), story_of("b", "Ferry is late."), story_of("c", "Ferry is full.")]) == [(0, 1)]


def test_stories_without_text_are_compared_by_their_headlines():
    alike = [a_story(name, headline="Pier opens", paragraphs=()) for name in "ab"]

    assert copies([*alike, a_story("c", headline="", paragraphs=()), a_story("d", headline="", paragraphs=())]) == [(0, 1)]
