"""What a mail uses is recognised for what it is, and weighed by what mail programs were measured to show."""

from pathlib import Path

import pytest

from digest.edit.printing.support import measured, support, uses, uses_in_tags

BUILT = Path(__file__).parents[3] / "issues" / "2025-W33" / "email.html"
EMAILS = Path(__file__).parents[2] / "emails"


def test_every_needed_feature_is_known():
    from digest.edit.check import LARGE, NEEDED

    assert not NEEDED - measured().features.keys()
    assert {program for feature in measured().features.values() for program in feature.without} >= LARGE


@pytest.mark.parametrize(
    ("style", "used", "unused"),
    [
        ("text-transform:uppercase", "css-text-transform", "css-transform"),
        ("transform:rotate(1deg)", "css-transform", "css-text-transform"),
        ("display:block", "css-display", "css-display-flex"),
        ("display:flex", "css-display-flex", "css-display-grid"),
        ("background-color:#fff", "css-background-color", "css-background-image"),
    ],
)
def test_a_declaration_is_what_it_says_and_nothing_like_it(style, used, unused):
    found = uses_in_tags(f'<p style="{style}">x</p>')

    assert unused not in found
    assert used in found


def test_what_a_style_tag_holds_is_not_needed_by_the_page():
    page = "<html><head><style>@media (hover){p{display:flex}}</style></head><body><p>x</p></body></html>"

    assert "css-display-flex" not in uses_in_tags(page)
    assert "css-at-media" in uses(page)


# What each page is to reach. In Arabic every cell names its side, which the formula counts against it although each program shows it:
# text-align is measured as partly shown where the values `start` and `end` are missing, and the page writes `right`.
FLOORS = {"front-page": 90, "brief": 90, "es": 91, "ko": 91, "uk": 91, "ar": 83}


def test_the_sample_is_shown_better_than_by_other_makers_of_mail():
    assert support(BUILT.read_text(encoding="utf-8")) >= 93  # react-email's, of as many stories, had 91.6


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_a_small_issue_is_shown_as_well(name, floor):
    assert support((EMAILS / f"{name}.html").read_text(encoding="utf-8")) >= floor


@pytest.mark.parametrize("web", ["position:absolute", "display:flex", "--ink:#000", "width:calc(1px + 1px)"])
def test_a_page_laid_out_as_for_the_web_is_shown_worse(web):
    page = BUILT.read_text(encoding="utf-8").replace('style="', f'style="{web};')

    assert support(page) < 80
