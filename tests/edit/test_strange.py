"""A word is marked when the story does not hold it, and only then."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.strange import strange_words
from digest.edit.summarise import summarise
from digest.model import Dateline
from tests.make import a_story

STORY = a_story(
    headline="Café reopens",
    dek="A quay gets its coffee back",
    dateline=Dateline(place="KYIV, Ukraine", agency="AP"),
    paragraphs=("The mayor’s “well-known” café opened on Tuesday, after 12 years.", "Straße 7 was shut."),
)


def marked(summary: str) -> list[str]:
    return [summary[start:end] for start, end in strange_words(summary, STORY)]


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ("The mayor's well known café opened.", []),  # punctuation aside, apostrophes of either kind
        ("KYIV: THE CAFÉ OPENED on TUESDAY — at the quay (AP)!", ["at"]),  # capitals aside; headline, dek and dateline count
        ("STRASSE 7 was shut", []),  # as case folding has it
        ("The cafe\u0301 opened", []),  # one accent in two spellings
        ("\u0928\u092e\u0938\u094d\u0924\u0947 opened", ["\u0928\u092e\u0938\u094d\u0924\u0947"]),  # a word of Devanagari is one
        ("The mayor secretly opened 13 cafés.", ["secretly", "13 cafés"]),  # neighbours are one mark
        ("Secretly, the mayor: opened", ["Secretly"]),
        ("open", ["open"]),  # a part of a word is another word
        ("fast, cheap", ["fast", "cheap"]),  # something stands between
        ("", []),
        ("— … “”", []),
    ],
)
def test_words_that_the_story_does_not_hold_are_found(summary, words):
    assert marked(summary) == words


@given(st.text())
def test_marks_stand_in_order_within_the_summary_and_never_touch(summary):
    spans = strange_words(summary, STORY)

    edges = [edge for span in spans for edge in span]
    assert edges == sorted(set(edges)) and all(0 <= edge <= len(summary) for edge in edges)
    assert all(summary[start:end].strip() == summary[start:end] for start, end in spans)


def test_a_summary_of_the_story_itself_has_no_mark():
    assert strange_words(summarise(STORY, zone=UTC).summary, STORY) == ()
