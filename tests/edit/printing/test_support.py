"""What a mail uses is recognised for what it is, and weighed by what mail programs were measured to show."""

from pathlib import Path

import pytest

from digest.edit.printing.support import measured, support, uses, uses_in_tags

BUILT = Path(__file__).parents[3] / "issues" / "2025-W33" / "email.html"
BAD = (
    '<html><body><div style="display:flex;position:absolute"><svg></svg><video></video><p style="color:var(--a)">x</p></div></body></html>'
)


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


def test_the_sample_is_shown_better_than_a_page_of_the_web():
    sample = support(BUILT.read_text(encoding="utf-8"))

    assert sample > 86
    assert support(BAD) < sample - 5
