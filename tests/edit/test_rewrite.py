"""A plan is changed where it says something else and nowhere else: a person's comments, order and spelling stay."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.amend import amend
from digest.edit.blocks import cut
from digest.edit.plan import plain, read_plan, write_plan
from digest.edit.rebuild import all_briefs, rebuild
from digest.edit.rewrite import rewrite
from digest.errors import PlanError
from digest.model import Section
from tests.edit.test_amend import ANY_CHANGE, an_edited_issue
from tests.edit.test_plan import issues
from tests.make import ENGLISH, a_brief, an_issue

PLANS = Path(__file__).parent / "plans"
ANNOTATED = (PLANS / "annotated.toml").read_text(encoding="utf-8")

PLAN = '''\
# My own first line.
subject = "Harbor plan approved"   # to be changed by Friday
preheader = ""

[issue]
id = "2025-W33"
edition = "weekly"
title = "Weekly Headlines"
start = 2025-08-11T00:00:00-04:00
end = 2025-08-18T00:00:00-04:00
zone = "America/New_York"

# the desk liked this one
[lead]  # for now
story = "u1"
headline = "Ferry line gets a new pier"
summary = """
A pier. # no comment, this is the text
[[section]] and no table either."""

# --- the harbor
[[section]]
title = 'Harbor'

# check the name with the port
[[section.brief]]
story = "u2"
headline = "Crane two is back"
also = [
    { source = "AP", link = "https://ap.example/2" },
]

[[section.brief]]
headline = "By hand"  # nobody's story
summary = "A line of our own."

[[section]]
title = "Town"
[[section.brief]]
story = "u3"
headline = "Library opens"

[[sponsor]]
name = "Harbor Credit Union"
text = "Moving?"
after = "Harbor"

# perhaps next week
[[offered]]
story = "u4"
headline = "Orchard harvest"
# the end
'''


def issue_of(text):
    return read_plan(text, where="plan.toml")


def after(*changes, text=PLAN):
    for change in changes:
        text = rewrite(text, amend(issue_of(text), change))
    return text


def tables(text):
    """The plan's tables as text, without the blank lines between them, in no order."""
    return sorted(block.text.strip() for block in cut(text))


def comments(text):
    return sorted(re.findall(r"(?m)#.*$", text))


# --- what stays


def test_the_same_issue_is_the_same_text():
    assert rewrite(PLAN, issue_of(PLAN)) == PLAN


def test_one_word_changes_one_line():
    before, now = (
        PLAN.splitlines(),
        after({"do": "set", "place": "section[0].brief[0]", "key": "headline", "value": "Crane two is new"}).splitlines(),
    )

    assert [line for line in now if line not in before] == ['headline = "Crane two is new"']
    assert len(now) == len(before)


def test_the_subject_changes_beside_its_comment():
    assert 'subject = "New"   # to be changed by Friday\n' in after({"do": "set", "place": "", "key": "subject", "value": "New"})


@pytest.mark.parametrize(
    "change",
    [
        {"do": "move", "place": "section[0].brief[0]", "section": 1, "at": 1},
        {"do": "move", "place": "section[1]", "at": 0},
        {"do": "move", "place": "offered[0]", "section": 0, "at": 0},
        {"do": "offer", "place": "section[0].brief[1]"},
        {"do": "lead", "place": "section[0].brief[0]"},
    ],
    ids=lambda change: f"{change['do']} {change['place']}",
)
def test_a_table_that_moves_takes_its_comments_along_and_no_other_changes(change):
    moved = after(change)

    assert comments(moved) == comments(PLAN)
    assert issue_of(moved) == amend(issue_of(PLAN), change)
    changed = [table for table in tables(moved) if table not in tables(PLAN)]
    assert all(re.sub(r"\[+[a-z.]+\]+", "", table) in [re.sub(r"\[+[a-z.]+\]+", "", old) for old in tables(PLAN)] for table in changed)


def test_the_comment_above_a_moved_table_stands_above_it_again():
    moved = after({"do": "move", "place": "section[0].brief[0]", "section": 1, "at": 0})

    assert '# check the name with the port\n[[section.brief]]\nstory = "u2"' in moved
    assert moved.index('title = "Town"') < moved.index("# check the name")


def test_a_dropped_table_goes_with_its_comments():
    dropped = after({"do": "drop", "place": "section[0].brief[0]"})

    assert "check the name" not in dropped
    assert set(comments(PLAN)) - set(comments(dropped)) == {"# check the name with the port"}


def test_a_renamed_section_keeps_its_comments_and_its_sponsor():
    renamed = after({"do": "set", "place": "section[0]", "key": "title", "value": "At sea"})

    assert '# --- the harbor\n[[section]]\ntitle = "At sea"' in renamed
    assert 'after = "At sea"' in renamed


def test_new_tables_are_laid_out_like_those_of_build():
    noted = after({"do": "note", "text": "Quiet.", "by": "The desk"}, {"do": "add", "brief": {"headline": "New"}, "section": 1, "at": 0})

    assert '\n\n[note]\ntext = "Quiet."\nby = "The desk"\n\n' in noted
    assert '\n\n[[section.brief]]\nheadline = "New"\n\n' in noted
    assert comments(noted) == comments(PLAN)


def test_what_is_written_in_another_way_is_laid_out_anew_and_loses_no_comment():
    odd = 'subject = "S"  # mine\n[issue]\nid = "2025-W33"\nedition = "w"\ntitle = "T"\nzone = "UTC"\nstart = 2025-08-11T00:00:00Z\nend = 2025-08-18T00:00:00Z\n'
    odd = 'lead = { story = "u1", headline = "Pier" }\n# about the lead\n' + odd

    changed = rewrite(odd, amend(issue_of(odd), {"do": "set", "place": "lead", "key": "headline", "value": "New pier"}))

    assert issue_of(changed).lead.headline == "New pier"
    assert "# about the lead" in changed


# --- an annotated plan, before and after, side by side in tests/edit/plans

STEPS = {
    "an-item-moves": {"do": "move", "place": "section[0].brief[1]", "section": 1, "at": 1},
    "the-lead-changes": {"do": "lead", "place": "section[1].brief[1]"},
    "a-section-moves": {"do": "move", "place": "section[1]", "at": 0},
    "an-item-is-dropped": {"do": "drop", "place": "section[0].brief[1]"},
    "a-photo-goes": {"do": "image", "place": "lead", "image": None},
}


@pytest.mark.parametrize("name", STEPS)
def test_an_annotated_plan_is_changed_as_a_careful_person_would(name, rewrite_golden):
    golden = PLANS / f"annotated-{name}.toml"

    changed = after(STEPS[name], text=ANNOTATED)

    if rewrite_golden:
        golden.write_text(changed, encoding="utf-8")
    assert changed == golden.read_text(encoding="utf-8")
    assert issue_of(changed) == amend(issue_of(ANNOTATED), STEPS[name])


def test_a_pin_in_an_odd_place_and_a_sponsor_between_sections_stay_where_they_are():
    before, now = ANNOTATED.splitlines(), after({"do": "set", "place": "", "key": "subject", "value": "New"}, text=ANNOTATED).splitlines()

    assert [at for at, (old, new) in enumerate(zip(before, now, strict=True)) if old != new] == [1]


def test_a_pin_is_set_where_the_table_stands():
    pinned = after({"do": "pin", "place": "section[1].brief[1]", "on": True}, text=ANNOTATED)

    assert pinned == ANNOTATED.replace('headline = "Bakers test a loaf"\n', 'headline = "Bakers test a loaf"\npin = true\n')


@pytest.mark.parametrize("kept", [0, 1], ids=["gone", "shorter"])
def test_a_comment_beside_or_inside_a_value_outlives_the_value(kept):
    issue = issue_of(ANNOTATED)
    first, told, third = issue.sections[0].briefs
    changed = replace(issue.sections[0], briefs=(first, replace(told, also=told.also[:kept]), third))

    assert comments(rewrite(ANNOTATED, replace(issue, sections=(changed, issue.sections[1])))) == comments(ANNOTATED)


def test_an_item_by_hand_keeps_its_comment_when_it_is_retitled_below_a_pin():
    change = {"do": "set", "place": "section[0].brief[2]", "key": "headline", "value": "By two hands"}

    assert after(change, text=ANNOTATED) == ANNOTATED.replace("By hand", "By two hands")


def test_lines_that_end_as_on_windows_go_on_doing_so():
    windows = PLAN.replace("\n", "\r\n")
    change = {"do": "add", "brief": {"headline": "New"}, "section": 1, "at": 0}

    assert after(change, text=windows) == after(change).replace("\n", "\r\n")


def test_a_line_separator_inside_a_text_ends_no_line():
    text = PLAN.replace("Library opens", "Library\u2028opens [at noon")

    assert after({"do": "set", "place": "", "key": "subject", "value": "New"}, text=text) == text.replace("Harbor plan approved", "New")


def test_a_story_that_is_dropped_at_the_desk_stays_dropped_when_the_issue_is_built_again():
    fresh = an_issue("u1", "u2", "u3")
    text, written = rebuild(fresh, current=None, written=None, words=ENGLISH)
    text = after({"do": "drop", "place": "section[0].brief[1]"}, text=text)

    for _ in range(2):
        text, written = rebuild(fresh, current=text, written=written, words=ENGLISH)

    assert [brief.story_id for brief in all_briefs(issue_of(text))] == ["u1", "u3"]


def test_what_is_no_plan_is_refused():
    with pytest.raises(PlanError):
        rewrite("subject = ", an_issue("u1"))


# --- whatever is changed

WORDS = st.sampled_from(
    (
        "Pier",
        'a "quoted" word',
        "# no comment",
        "[[section]]",
        "'''",
        '"""',
        "back\\slash",
        "two\nlines",
        "Überraschung",
        "[lead]",
        "x = [",
        "{",
    )
)
COMMENT = st.sampled_from(("# mine", "  # mine, indented", "#", "# [[section]]", '# """'))


@st.composite
def plans(draw):
    """Plans as build writes them, with texts of every kind, and comments and blank lines where a person may put them."""
    issue = an_edited_issue()
    for place in draw(
        st.lists(st.sampled_from(("lead", "section[0].brief[0]", "section[0].brief[2]", "section[1].brief[1]", "offered[0]")), max_size=4)
    ):
        issue = amend(
            issue, {"do": "set", "place": place, "key": draw(st.sampled_from(("headline", "summary", "credit"))), "value": draw(WORDS)}
        )
    lines = write_plan(issue).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 5))):
        heads = [at for at, line in enumerate(lines) if line.startswith("[") and at > 12]
        at = draw(st.sampled_from([*heads, len(lines)]))
        lines.insert(at, draw(st.one_of(COMMENT, st.just(""))) + "\n")
    return "".join(lines)


@settings(max_examples=200)
@given(plans())
def test_the_blocks_of_a_plan_are_its_text(text):
    assert "".join(block.text + block.gap for block in cut(text)) == text
    assert rewrite(text, issue_of(text)) == text


@settings(max_examples=300, deadline=None)
@given(
    plans(),
    st.lists(
        ANY_CHANGE | st.fixed_dictionaries({"do": st.just("set"), "place": st.just("lead"), "key": st.just("summary"), "value": WORDS}),
        max_size=5,
    ),
)
def test_any_change_is_written_as_it_was_meant_and_keeps_what_it_does_not_touch(text, changes):
    issue = issue_of(text)
    for change in changes:
        try:
            wanted = amend(issue, change)
        except PlanError:
            continue
        before, text = text, rewrite(text, wanted)
        issue = issue_of(text)
        assert issue == plain(wanted)
        if change["do"] not in ("drop", "merge", "note"):  # tables may go in these
            assert set(re.findall(r"(?m)^[ \t]*# mine.*$", before)) <= set(re.findall(r"(?m)^[ \t]*# mine.*$", text))


@st.composite
def annotated(draw):
    """The annotated plan with further comments of a person, on lines of their own and beside values, each with its number."""
    lines = ANNOTATED.splitlines(keepends=True)
    for number in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        noted = draw(
            st.sampled_from((f"# mine {number}\n{line}", f"\n# mine {number}\n\n{line}", line.replace("\n", f"  # mine {number}\n")))
        )
        text = "".join((*lines[:at], noted, *lines[at + 1 :]))
        try:
            fits = read_plan(text, where="plan.toml") == issue_of(ANNOTATED)  # not inside of a text
        except PlanError:
            fits = False
        if fits:
            lines = text.splitlines(keepends=True)
    return "".join(lines)


def places(issue):
    yield from ("lead",) if issue.lead else ()
    for at, section in enumerate(issue.sections):
        yield f"section[{at}]"
        yield from (f"section[{at}].brief[{row}]" for row in range(len(section.briefs)))
    yield from (f"offered[{at}]" for at in range(len(issue.offered)))


@st.composite
def edits(draw, issue):
    """Something that an editor does to an item or a section; only a drop, a merge or a lost section takes a table away."""
    change = {
        "do": draw(st.sampled_from(("set", "set", "move", "move", "lead", "offer", "pin", "image", "add", "section", "note"))),
        "place": draw(st.sampled_from(list(places(issue)))),
        "key": draw(st.sampled_from(("headline", "summary", "kicker", "title", "alt", "credit"))),
        "value": draw(WORDS),
        "section": draw(st.integers(0, len(issue.sections))),
        "at": draw(st.integers(0, 4)),
        "on": draw(st.booleans()),
        "title": draw(WORDS),
        "text": draw(WORDS),
        "image": draw(st.none() | st.just({"url": "pictures/new.png", "width": 10, "height": 20})),
        "brief": {"headline": draw(WORDS)},
    }
    try:
        return change, amend(issue, change)
    except PlanError:
        return change, issue


def by_story(text):
    """The tables of stories, without the comments above them and under whichever header they stand."""
    stories = {}
    for block in cut(text):
        header = next((line for line in block.lines if line.kind == "header"), None)
        below = block.text.partition(header.text)[2] if header else ""
        if found := re.search(r'(?m)^story = "(u\d)"', below):
            stories[found[1]] = re.sub(r"\[\[?[a-z. ]+\.also\]\]", "", below)
    return stories


@settings(max_examples=150, deadline=None)
@given(annotated(), st.data())
def test_no_editing_loses_a_comment_or_touches_a_table_that_it_is_not_about(text, data):
    assert "".join(block.text + block.gap for block in cut(text)) == text
    for _ in range(data.draw(st.integers(1, 5))):
        issue, before = issue_of(text), text
        _change, wanted = data.draw(edits(issue))
        text = rewrite(text, wanted)

        assert issue_of(text) == wanted
        assert set(re.findall(r"# mine \d", text)) == set(re.findall(r"# mine \d", before))
        old, new = ({brief.story_id: brief for brief in all_briefs(one)} for one in (issue, wanted))
        untouched = [id_ for id_ in old if id_ and old[id_] == new[id_]]
        assert [by_story(text)[id_].rstrip() for id_ in untouched] == [by_story(before)[id_].rstrip() for id_ in untouched]


@settings(max_examples=200, deadline=None)
@given(issues(), issues())
def test_any_plan_can_become_any_other(first, second):
    text = write_plan(first)

    assert issue_of(rewrite(text, second)) == plain(second)
    assert issue_of(rewrite(rewrite(text, second), first)) == plain(first)


@given(st.lists(ANY_CHANGE, min_size=1, max_size=4))
def test_writing_the_first_issue_again_takes_every_change_of_order_back(changes):
    text = write_plan(plain(an_edited_issue()))
    first, now = issue_of(text), text
    for change in changes:
        try:
            now = rewrite(now, amend(issue_of(now), change))
        except PlanError:
            continue

    assert issue_of(rewrite(now, first)) == first


def test_two_items_by_hand_with_the_same_headline_are_not_mixed_up():
    twins = Section(
        title="Twins", briefs=(a_brief("", headline="Same", summary="One", url=""), a_brief("", headline="Same", summary="Two", url=""))
    )
    text = write_plan(replace(an_issue(), sections=(twins,)))

    swapped = rewrite(text, amend(issue_of(text), {"do": "move", "place": "section[0].brief[0]", "section": 0, "at": 1}))

    assert [brief.summary for brief in issue_of(swapped).sections[0].briefs] == ["Two", "One"]
