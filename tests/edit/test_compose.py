from digest.edit.compose import compose
from digest.edit.rank import rank
from digest.model import Edition, Event, Group
from tests.make import ENGLISH, a_story, a_window

WEEKLY = Edition(name="weekly", rhythm="week", title="Weekly Headlines")


def an_event(name: str, *others: str) -> Event:
    return Event(stories=tuple(a_story(one, source=f"Outlet {one}") for one in (name, *others)))


def composed(*groups: Group):
    return compose(groups, rank(groups, window=a_window()), window=a_window(), edition=WEEKLY, language="en", words=ENGLISH)


def test_the_weightiest_event_leads_and_stands_nowhere_else():
    issue = composed(Group(title="Harbor", events=(an_event("u1"), an_event("u2", "v2"), an_event("u3"))))

    assert issue.lead is not None
    assert issue.lead.story_id == "u2"
    assert [also.story_id for also in issue.lead.also] == ["v2"]
    assert [brief.story_id for section in issue.sections for brief in section.briefs] == ["u1", "u3"]


def test_a_discovered_theme_of_one_joins_more_headlines():
    issue = composed(
        Group(title="Harbor", events=(an_event("u1", "v1"), an_event("u2"))),
        Group(title="Rail", theme="rail", events=(an_event("u3"),)),
        Group(title="", events=(an_event("u4"),)),
    )

    assert [(section.title, section.style) for section in issue.sections] == [("Rail", "full"), ("More headlines", "headlines")]
    assert [brief.story_id for brief in issue.sections[1].briefs] == ["u2", "u4"]


def test_the_subject_is_the_leads_headline_and_the_preheader_holds_whole_ones():
    issue = composed(Group(title="Harbor", events=(an_event("u1", "v1"),)), Group(title="Rail", theme="rail", events=(an_event("u3"),)))

    assert issue.subject == "Headline of u1"
    assert issue.preheader == "Plus: Headline of u3"


def test_what_a_piece_calls_itself_stands_above_its_headline():
    explainer = Event(stories=(a_story("u1", headline="Explainer: what the channel plan asks"),))
    other = Event(stories=(a_story("u2", headline="Harbor: what the plan asks"),))

    issue = composed(Group(title="Harbor", theme="harbor", events=(an_event("u0", "v0", "w0"), explainer, other)))

    assert [(brief.kicker, brief.headline) for brief in issue.sections[0].briefs] == [
        ("Explainer", "What the channel plan asks"),
        ("", "Harbor: what the plan asks"),
    ]
