"""A finding is shown on the line that it is about, wherever the editor has moved it."""

import pytest

from digest.edit.places import line_of

PLAN = """\
# a comment
subject = "News"
preheader = "More"

[issue]
id = "2025-W33"

[note]
text = "Hello."

[lead]
story = "u0"
also = [{source = "AP", story = "u9"}]

[[section]]
title = "Harbor"

[[section.brief]]
headline = "By hand"

[[section.brief]]
story = "u1"

[[section]]
title = "Rail"

[[section.brief]]
headline = "By hand too"

[[sponsor]]
name = "A"

[[sponsor]]
name = "B"

[[offered]]
story = "u7"
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("subject", 'subject = "News"'),
        ("preheader", 'preheader = "More"'),
        ("note", "[note]"),
        ("lead", "[lead]"),
        ("lead (u0)", 'story = "u0"'),
        ("section[0].brief[7] (u1)", 'story = "u1"'),
        ("offered (u7)", 'story = "u7"'),
        ("offered", "[[offered]]"),
        ("sponsor[1]", '[[sponsor]]\nname = "B"'),
        ("section[1].brief[0]", '[[section.brief]]\nheadline = "By hand too"'),
        ("section[0].brief[0]", '[[section.brief]]\nheadline = "By hand"'),
    ],
)
def test_a_place_leads_to_its_line(where, line):
    assert line_of(PLAN, where) == PLAN[: PLAN.index(line)].count("\n") + 1


@pytest.mark.parametrize("where", ["email.html", "lead (u8)", "sponsor[2]", "section[4].brief[0]", "section[1].brief[1]", "", "plan.toml"])
def test_what_is_not_in_the_plan_has_no_line(where):
    assert line_of(PLAN, where) == 0
