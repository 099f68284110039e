"""A story with two themes stands in one section and is named under the other, for as long as both are printed."""

import re

import pytest

from digest.edit.compose import compose
from digest.edit.group import events, themes
from digest.edit.plan import read_plan, write_plan
from digest.edit.rebuild import rebuild
from digest.edit.render import render
from digest.errors import PlanError
from digest.model import Edition, Masthead, Section, Theme
from tests.edit.test_render import SHIPPED
from tests.make import ENGLISH, a_brief, a_story, a_window, an_issue

POST = Masthead(publisher="The Garrison Post")
LOOKS = ("front-page", "brief")


def an_issue_of_two(**changes):
    both = a_brief("both", headline="Ferry strike & the pier", named_under=("Piers",))
    sections = (Section(title="Ferries", briefs=(both, a_brief("u1"))), Section(title="Piers", briefs=(a_brief("u2"),)))
    return an_issue(**{"lead": a_brief("lead"), "sections": sections} | changes)


def lines(issue):
    """Every line that names an item elsewhere: of the text part, and of both looks."""
    emails = [render(issue, POST, SHIPPED, look=look) for look in LOOKS]
    html = [re.sub(r"<[^>]+>", "", line).strip() for email in emails for line in email.html.splitlines() if "See also:" in line]
    return [line for line in emails[0].text.splitlines() if "See also:" in line], html


def test_a_story_is_named_under_its_other_theme():
    text, html = lines(an_issue_of_two())

    assert text == ["See also: Ferry strike & the pier (in Ferries)"]
    assert html == ["See also: Ferry strike &amp; the pier (in Ferries)"] * 2


def test_the_line_stands_below_the_section_that_it_belongs_to():
    text = render(an_issue_of_two(), POST, SHIPPED).text

    assert text.index("Piers\n---") < text.index("Headline of u2") < text.index("See also:")


@pytest.mark.parametrize("case", ["dropped", "moved there", "offered", "is the lead", "other section gone", "untied by hand"])
def test_no_line_points_at_what_is_not_printed_elsewhere(case):
    ferries, piers = an_issue_of_two().sections
    both, other = ferries.briefs
    issue = {
        "dropped": an_issue_of_two(sections=(Section(title="Ferries", briefs=(other,)), piers)),
        "moved there": an_issue_of_two(sections=(Section(title="Ferries", briefs=(other,)), Section(title="Piers", briefs=(both,)))),
        "offered": an_issue_of_two(sections=(Section(title="Ferries", briefs=(other,)), piers), offered=(both,)),
        "is the lead": an_issue_of_two(lead=both, sections=(Section(title="Ferries", briefs=(other,)), piers)),
        "other section gone": an_issue_of_two(sections=(ferries, Section(title="Bridges", briefs=piers.briefs))),
        "untied by hand": read_plan(write_plan(an_issue_of_two()).replace('named_under = ["Piers"]\n', ""), where="plan.toml"),
    }[case]

    assert lines(issue) == ([], [])


def test_the_line_follows_a_headline_that_the_editor_changed():
    plan = write_plan(an_issue_of_two()).replace("Ferry strike & the pier", "Ferries stand still")

    assert lines(read_plan(plan, where="plan.toml"))[0] == ["See also: Ferries stand still (in Ferries)"]


def test_the_editors_choice_survives_a_rebuild():
    text, written = rebuild(an_issue_of_two(), current=None, written=None, words=ENGLISH)
    untied = text.replace('named_under = ["Piers"]\n', "")
    assert untied != text

    again, _ = rebuild(an_issue_of_two(), current=untied, written=written, words=ENGLISH)

    assert "named_under" not in again


def test_a_plan_that_names_no_list_of_titles_is_refused():
    plan = write_plan(an_issue_of_two()).replace('named_under = ["Piers"]', 'named_under = "Piers"')

    with pytest.raises(PlanError) as raised:
        read_plan(plan, where="plan.toml")

    assert "named_under: expects titles of sections" in raised.value.faults[0]


def test_a_build_names_a_story_under_its_other_theme():
    ferries, piers = Theme(key="f", title="Ferries", any=("ferry",)), Theme(key="p", title="Piers", any=("pier",))
    stories = [
        a_story("a", headline="Choir sings at dawn", paragraphs=("A choir of forty sang on the hill on Monday. Its leader is ninety.",)),
        a_story("b", headline="Ferry and pier", paragraphs=("The ferry left its pier on Monday. The ferry was late.",)),
        a_story("c", headline="New pier opens", paragraphs=("A pier for anglers opened in the north on Monday. Nobody fell in.",)),
    ]
    groups = themes(events(stories), (ferries, piers))
    ranked = sorted((event for group in groups for event in group.events), key=lambda event: event.stories[0].id)

    issue = compose(
        groups, ranked, window=a_window(), edition=Edition(name="weekly", rhythm="week", title="Weekly"), language="en", words=ENGLISH
    )

    assert {brief.story_id: brief.named_under for section in issue.sections for brief in section.briefs} == {"b": ("Piers",), "c": ()}
    assert lines(issue)[0] == ["See also: Ferry and pier (in Ferries)"]
