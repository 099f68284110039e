"""A name that runs the other way turns nothing round, in either part of a mail."""

import unicodedata

import pytest

from digest.edit.printing.direction import direction, isolated, marked, runs, runs_against

ISOLATED_AP = "\u2068AP\u2069"


@pytest.mark.parametrize(
    ("language", "way"), [("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("UG", "rtl"), ("ko", "ltr")]
)
def test_direction_of_the_script(language, way):
    assert direction(language) == way


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Pier reopens", "ltr"),
        ("الميناء", "rtl"),
        ("NATO لم تعلّق على الحطام", "rtl"),
        ("The word ميناء means harbor", "ltr"),
        ("도서관", "ltr"),
        ("136 – 12.5%", ""),
        ("", ""),
    ],
)
def test_a_text_runs_as_most_of_its_letters_do(text, way):
    assert runs(text) == way


@pytest.mark.parametrize(
    ("text", "way", "against"),
    [
        ("AP", "rtl", True),
        ("AP", "ltr", False),
        ("رويترز", "ltr", True),
        ("رويترز", "rtl", False),
        ("قناة BBC", "rtl", True),
        ("12", "rtl", False),
    ],
)
def test_only_a_name_that_runs_against_its_line_is_set_apart(text, way, against):
    assert runs_against(text, way) is against
    assert (isolated(text, way) != text) is against


@pytest.mark.parametrize(
    ("line", "way", "mark"),
    [
        ("الميناء في 2025", "rtl", ""),
        ("NATO لم تعلّق", "rtl", "\u200f"),
        ("----", "rtl", "\u200f"),
        (f"{ISOLATED_AP} · 12 أغسطس", "rtl", ""),  # what is isolated does not decide
        ("Pier reopens", "ltr", ""),
        ("----", "ltr", ""),
        ("ميناء means harbor", "ltr", "\u200e"),
    ],
)
def test_the_first_letter_of_a_line_tells_its_direction(line, way, mark):
    assert marked(line, way) == mark + line


def test_the_unseen_marks_are_what_unicode_says():
    unseen = marked("-", "rtl")[0] + isolated("AP", "rtl")

    assert [unicodedata.bidirectional(character) for character in unseen] == ["R", "FSI", "L", "L", "PDI"]
