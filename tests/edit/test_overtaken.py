"""What a reader would read differently counts as a change; a notice of a correction counts as one."""

from dataclasses import replace

import pytest

from digest.edit.overtaken import overtaken
from digest.model import Cut, Image
from tests.make import a_story

THEN = a_story(paragraphs=("The pier opened on Monday.", "It cost 3 million."), furniture=(Cut(text="Subscribe", rule="promo"),))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"tags": ("harbor",), "images": (Image(url="a.png"),), "furniture": ()}, ""),  # nobody reads them in the summary
        ({"headline": "Pier opens"}, "changed"),
        ({"dek": "At last"}, "changed"),
        ({"credit": "© 2025"}, "changed"),
        ({"paragraphs": ("The pier opened on Tuesday.", "It cost 3 million.")}, "changed"),
        ({"paragraphs": ("The pier opened on Tuesday.", "A correction of its course cost 3 million.")}, "changed"),
        ({"paragraphs": ("CORRECTION: it was Tuesday.", "The pier opened on Tuesday.")}, "corrected"),
        ({"paragraphs": ("The pier opened on Tuesday.", "(Clarification: it is the north pier.)")}, "corrected"),
        (
            {"paragraphs": ("The pier opened on Tuesday.",), "furniture": (Cut(text="Editor’s note: it was Tuesday.", rule="note"),)},
            "corrected",
        ),
    ],
)
def test_a_story_is_compared_as_it_is_read(changes, told):
    assert overtaken(THEN, replace(THEN, **changes)) == told


def test_a_correction_that_stood_there_before_is_not_news():
    then = replace(THEN, paragraphs=("Correction: it was Monday.", "The pier opened on Monday."))
    now = replace(then, paragraphs=("Correction: it was Monday.", "The pier opened at noon on Monday."))

    assert overtaken(then, now) == "changed"
