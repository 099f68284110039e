from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.plan import plain, read_plan, write_plan
from digest.errors import PlanError
from digest.model import Also, Brief, Image, Issue, Note, Section, Sponsor
from tests.make import a_brief, a_window, an_issue

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
SAID = TEXT.filter(str.strip)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))


def images() -> st.SearchStrategy[Image]:
    return st.builds(Image, url=SAID, alt=TEXT, caption=TEXT, credit=TEXT, width=st.integers(0, 5000), height=st.integers(0, 5000))


def briefs() -> st.SearchStrategy[Brief]:
    return st.builds(
        Brief,
        story_id=TEXT,
        kicker=TEXT,
        headline=SAID,
        summary=TEXT,
        spans=st.just(()),
        url=TEXT,
        source=TEXT,
        credit=TEXT,
        date=DAYS,
        language=st.sampled_from(["", "en", "zh-Hant"]),
        image=st.none() | images(),
        also=st.lists(st.builds(Also, story_id=TEXT, source=TEXT, url=TEXT, headline=TEXT), max_size=3).map(tuple),
        pinned=st.booleans(),
        named_under=st.lists(st.sampled_from(["Harbor", "Rail"]), unique=True).map(tuple),
    )


def issues() -> st.SearchStrategy[Issue]:
    sections = st.builds(
        Section, title=SAID, briefs=st.lists(briefs(), max_size=4).map(tuple), style=st.sampled_from(["full", "headlines"])
    )
    return st.builds(
        Issue,
        id=st.just("2025-W33"),
        window=st.just(a_window()),
        title=TEXT,
        subject=SAID,
        preheader=TEXT,
        note=st.none() | st.builds(Note, text=SAID, by=TEXT),
        lead=st.none() | briefs(),
        sections=st.lists(sections, max_size=3).map(tuple),
        sponsors=st.lists(st.builds(Sponsor, name=SAID, text=SAID, url=TEXT, after=TEXT, first=DAYS, last=DAYS), max_size=2).map(tuple),
        offered=st.lists(briefs(), max_size=2).map(tuple),
    )


@given(issues())
def test_a_plan_reads_back_as_it_was_written(issue):
    assert read_plan(write_plan(issue), where="plan.toml") == plain(issue)


def test_a_pinned_brief_stands_first():
    issue = an_issue("u1", "u2")
    text = write_plan(issue).replace('story = "u2"', 'story = "u2"\npin = true')

    read = read_plan(text, where="plan.toml")

    assert [brief.story_id for brief in read.sections[0].briefs] == ["u2", "u1"]


def test_a_brief_written_by_hand_needs_only_a_headline():
    text = write_plan(an_issue("u1")) + '\n[[section.brief]]\nheadline = "From the desk"\n'

    assert read_plan(text, where="plan.toml").sections[0].briefs[1] == Brief(headline="From the desk")


def test_every_fault_of_a_plan_is_told_at_once():
    text = (
        write_plan(an_issue("u1", "u2"))
        .replace('subject = "Harbor plan approved"', "subject = 7")
        .replace('headline = "Headline of u2"', "")
        .replace('summary = "The harbor commission approved plan u1', 'sumary = "The harbor commission approved plan u1')
        .replace("date = 2025-08-12", 'date = "Tuesday"', 1)
    )

    with pytest.raises(PlanError) as caught:
        read_plan(text, where="plan.toml")

    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "subject",
        "section[0].brief[0] (u1).sumary",
        "section[0].brief[0] (u1).date",
        "section[0].brief[1] (u2).headline",
    ]


def test_a_remark_stands_below_the_header_of_its_table():
    lines = write_plan(an_issue("u1"), {"u1": "made from the lead: please write one"}).splitlines()

    assert lines[lines.index("[[section.brief]]") + 1] == "# made from the lead: please write one"


def test_a_lead_reads_back():
    issue = an_issue("u1", lead=a_brief("u9"))

    assert read_plan(write_plan(issue), where="plan.toml").lead == a_brief("u9")
