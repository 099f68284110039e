"""One change at the desk changes what it says and nothing else; what makes no sense is refused in a sentence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.amend import CHANGES, amend
from digest.edit.plan import plain, read_plan, write_plan
from digest.errors import PlanError
from digest.model import Image, Section, Sponsor
from tests.make import a_brief, an_issue

PHOTO = Image(url="https://a.example/p.jpg", alt="A pier", width=600, height=400)


def an_edited_issue():
    return an_issue(
        lead=a_brief("lead"),
        sections=(
            Section(title="Harbor", briefs=(a_brief("u1", pinned=True), a_brief("u2", image=PHOTO), a_brief("u3"))),
            Section(title="Town", briefs=(a_brief("u4"), a_brief("u5"))),
        ),
        offered=(a_brief("u6"),),
        sponsors=(Sponsor(name="Harbor Credit Union", text="Moving?", after="Harbor"),),
    )


def outline(issue):
    """Where everything is, in short."""
    parts = [f"lead:{issue.lead.story_id}" if issue.lead else "no lead"]
    parts += [f"{section.title}:{','.join(brief.story_id or brief.headline for brief in section.briefs)}" for section in issue.sections]
    return " | ".join([*parts, f"offered:{','.join(brief.story_id for brief in issue.offered)}"])


def changed(**change):
    return amend(an_edited_issue(), change)


def a(do, **change):
    return {"do": do, **change}


# --- what changes


def test_a_word_is_changed_and_nothing_else():
    before = plain(an_edited_issue())

    after = changed(do="set", place="section[0].brief[1]", key="headline", value="Pier reopens")

    assert after.sections[0].briefs[1] == replace(before.sections[0].briefs[1], headline="Pier reopens")
    assert outline(after) == outline(before)


def test_the_subject_the_alt_text_a_title_and_a_sponsor_are_changed_in_the_same_way():
    assert changed(do="set", place="", key="subject", value="New").subject == "New"
    assert changed(do="set", place="section[0].brief[1]", key="alt", value="A new pier").sections[0].briefs[1].image.alt == "A new pier"
    assert changed(do="set", place="section[1]", key="style", value="headlines").sections[1].style == "headlines"
    assert changed(do="set", place="sponsor[0]", key="until", value="2025-08-31").sponsors[0].last.isoformat() == "2025-08-31"


@pytest.mark.parametrize(
    ("change", "then"),
    [
        (a("move", place="section[0].brief[2]", section=1, at=0), "lead:lead | Harbor:u1,u2 | Town:u3,u4,u5 | offered:u6"),
        (a("move", place="section[0].brief[2]", section=0, at=0), "lead:lead | Harbor:u1,u3,u2 | Town:u4,u5 | offered:u6"),  # below the pin
        (a("move", place="offered[0]", section=1, at=9), "lead:lead | Harbor:u1,u2,u3 | Town:u4,u5,u6 | offered:"),
        (a("move", place="lead", section=1, at=0), "no lead | Harbor:u1,u2,u3 | Town:lead,u4,u5 | offered:u6"),
        (a("move", place="section[1]", at=0), "lead:lead | Town:u4,u5 | Harbor:u1,u2,u3 | offered:u6"),
        (a("drop", place="section[0].brief[1]"), "lead:lead | Harbor:u1,u3 | Town:u4,u5 | offered:u6"),
        (a("drop", place="section[0]"), "lead:lead | Town:u4,u5 | offered:u6"),
        (a("drop", place="lead"), "no lead | Harbor:u1,u2,u3 | Town:u4,u5 | offered:u6"),
        (a("pin", place="section[0].brief[2]", on=True), "lead:lead | Harbor:u1,u3,u2 | Town:u4,u5 | offered:u6"),
        (a("lead", place="section[1].brief[1]"), "lead:u5 | Harbor:u1,u2,u3 | Town:u4,lead | offered:u6"),
        (a("lead", place="offered[0]"), "lead:u6 | Harbor:u1,lead,u2,u3 | Town:u4,u5 | offered:"),
        (a("offer", place="section[0].brief[0]"), "lead:lead | Harbor:u2,u3 | Town:u4,u5 | offered:u6,u1"),
        (a("add", brief={"headline": "By hand"}, section=1, at=1), "lead:lead | Harbor:u1,u2,u3 | Town:u4,By hand,u5 | offered:u6"),
        (a("section", title="Sea", at=1), "lead:lead | Harbor:u1,u2,u3 | Sea: | Town:u4,u5 | offered:u6"),
        (a("merge", place="section[1]", into=0), "lead:lead | Harbor:u1,u2,u3,u4,u5 | offered:u6"),
    ],
    ids=lambda value: value["do"] + " " + value.get("place", "") if isinstance(value, dict) else "",
)  # fmt: skip
def test_an_item_goes_where_it_is_put(change, then):
    assert outline(amend(an_edited_issue(), change)) == then


def test_a_sponsor_follows_its_section_when_that_is_renamed_or_merged():
    assert changed(do="set", place="section[0]", key="title", value="The harbor").sponsors[0].after == "The harbor"
    assert changed(do="merge", place="section[0]", into=1).sponsors[0].after == "Town"


def test_a_note_and_a_sponsor_come_and_go():
    noted = changed(do="note", text="A *quiet* week.", by="The desk")
    sold = changed(do="sponsor", name="Ferry line", text="Sail.", link="https://ferry.example", after="Town")

    assert noted.note.by == "The desk"
    assert amend(noted, {"do": "note", "text": ""}).note is None
    assert [sponsor.name for sponsor in sold.sponsors] == ["Harbor Credit Union", "Ferry line"]
    assert changed(do="drop", place="sponsor[0]").sponsors == ()


def test_a_picture_is_chosen_and_taken_away():
    chosen = changed(do="image", place="lead", image={"url": "https://a.example/q.jpg", "alt": "A quay", "width": 10, "height": 20})

    assert chosen.lead.image == Image(url="https://a.example/q.jpg", alt="A quay", width=10, height=20)
    assert changed(do="image", place="section[0].brief[1]", image=None).sections[0].briefs[1].image is None


# --- what is refused


@pytest.mark.parametrize(
    "change",
    [
        {},
        [],
        {"do": "burn"},
        {"do": ["move"]},
        {"do": "drop", "place": f"section[{'9' * 5000}]"},
        {"do": "move", "place": "section[0]", "at": 10**30},
        {"do": "set", "place": "", "key": "subject", "value": "\ud800\x00"},
        {"do": "note", "text": "x", "by": None},
        {"do": "add", "brief": {"story": "u2", "headline": "once more"}, "section": 1, "at": 0},
        {"do": "set", "place": "section[0].brief[1]", "key": "headline", "value": " "},
        {"do": "set", "place": "section[0].brief[1]", "key": "headline", "value": 7},
        {"do": "set", "place": "section[0].brief[1]", "key": "story", "value": "x"},
        {"do": "set", "place": "lead", "key": "alt", "value": "no picture"},
        {"do": "set", "place": "", "key": "id", "value": "2025-W34"},
        {"do": "set", "place": "section[0]", "key": "title", "value": "Town"},
        {"do": "set", "place": "section[0]", "key": "style", "value": "loud"},
        {"do": "set", "place": "sponsor[0]", "key": "until", "value": "August"},
        {"do": "set", "place": "section[9]", "key": "title", "value": "x"},
        {"do": "drop", "place": "section[0].brief[9]"},
        {"do": "drop", "place": "__class__"},
        {"do": "drop", "place": 3},
        {"do": "move", "place": "section[0].brief[0]", "section": 5, "at": 0},
        {"do": "move", "place": "section[0].brief[0]", "section": 0, "at": -1},
        {"do": "move", "place": "section[0].brief[0]", "section": True, "at": 0},
        {"do": "lead", "place": "lead"},
        {"do": "merge", "place": "section[0]", "into": 0},
        {"do": "add", "brief": {"summary": "no headline"}, "section": 0, "at": 0},
        {"do": "add", "brief": {"headline": "x", "size": "large"}, "section": 0, "at": 0},
        {"do": "image", "place": "lead", "image": {"alt": "no address"}},
        {"do": "pin", "place": "lead", "on": "yes"},
        {"do": "section", "title": "Town", "at": 0},
        {"do": "sponsor", "name": "", "text": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused(change):
    with pytest.raises(PlanError):
        amend(an_edited_issue(), change)


def test_a_text_is_freed_of_what_no_print_shows():
    assert changed(do="set", place="", key="subject", value="Pier\r\n  reopens\x07\ud83d").subject == "Pier reopens"
    assert changed(do="set", place="lead", key="summary", value="One.\r\nTwo.\x00").lead.summary == "One.\nTwo."
    assert changed(do="add", brief={"headline": "By\nhand"}, section=0, at=9).sections[0].briefs[-1].headline == "By hand"


# --- any change at all

PLACES = st.sampled_from(
    (
        "",
        "lead",
        "section[0]",
        "section[1]",
        "section[0].brief[0]",
        "section[0].brief[2]",
        "section[1].brief[1]",
        "offered[0]",
        "sponsor[0]",
    )
)
ANY_CHANGE = st.fixed_dictionaries(
    {"do": st.sampled_from(sorted(CHANGES)), "place": PLACES},
    optional={
        "key": st.sampled_from(("headline", "summary", "title", "subject", "alt", "until")), "value": st.text(max_size=6), "section": st.integers(0, 2),
        "at": st.integers(0, 4), "on": st.booleans(), "title": st.text(max_size=5), "into": st.integers(0, 2), "text": st.text(max_size=5),
        "name": st.text(max_size=5), "brief": st.fixed_dictionaries({"headline": st.text("abc ", max_size=4)}),
        "image": st.none() | st.fixed_dictionaries({"url": st.just("https://a.example/x.png")}),
    },
)  # fmt: skip


@given(st.lists(ANY_CHANGE, max_size=6))
def test_whatever_is_changed_can_be_written_down_and_read_back(changes):
    issue = plain(an_edited_issue())
    for change in changes:
        try:
            issue = amend(issue, change)
        except PlanError as error:
            assert error.message
    assert read_plan(write_plan(issue), where="plan.toml") == issue


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | PLACES,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(("headline", "url", "size", "also", "date", "x")), some, max_size=4),
    max_leaves=6,
)  # fmt: skip
NAMES = ("place", "key", "value", "section", "at", "on", "title", "into", "text", "by", "name", "link", "after", "brief", "image")


@settings(max_examples=500)
@given(st.sampled_from((*CHANGES, "burn")), st.dictionaries(st.sampled_from(NAMES), ANYTHING | st.integers(0, 2), max_size=6))
def test_nonsense_is_refused_and_never_breaks_the_plan(do, rest):
    try:
        issue = amend(an_edited_issue(), {**rest, "do": do})
    except PlanError:
        return
    text = write_plan(issue)
    assert read_plan(text.encode().decode(), where="plan.toml") == issue
