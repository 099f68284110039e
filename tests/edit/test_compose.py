from hypothesis import given
from hypothesis import strategies as st

from digest.edit.choose import cap
from digest.edit.compose import compose
from digest.model import Edition, Event, Group
from tests.make import ENGLISH, a_story, a_window, as_ranked

WEEKLY = Edition(name="weekly", rhythm="week", title="Weekly Headlines")


def an_event(name: str, *others: str, **changes) -> Event:
    return Event(stories=tuple(a_story(one, source=f"Outlet {one}", **changes) for one in (name, *others)))


def composed(*groups: Group):
    return compose(groups, as_ranked(groups, window=a_window()), window=a_window(), edition=WEEKLY, language="en", words=ENGLISH)


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
    assert sorted(brief.story_id for brief in issue.sections[1].briefs) == ["u2", "u4"]


def test_sections_stand_in_the_order_of_their_best_story_and_the_rest_last():
    quiet = Group(title="Harbor", events=(an_event("h1"), an_event("h2"), an_event("h3")))
    loud = Group(title="Rail", events=(an_event("r1"), an_event("r2", "x1", "x2")))
    rest = Group(title="", events=(an_event("m1", "m2", "m3", "m4"),))

    issue = composed(quiet, loud, rest, Group(title="Pier", events=(an_event("lead", "a", "b", "c", "d"), an_event("p2"), an_event("p3"))))

    assert issue.lead is not None
    assert issue.lead.story_id == "lead"
    assert [section.title for section in issue.sections] == ["Rail", "Harbor", "Pier", "More headlines"]
    assert issue.sections[0].briefs[0].story_id == "r2"


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=6), st.integers(1, 20))
def test_only_a_configured_theme_is_a_section_of_one(rows, at_most):
    groups = [
        Group(title=f"Theme {at}", theme="own" if own else "", events=tuple(an_event(f"u{at}{row}") for row in range(size)))
        for at, (own, size) in enumerate(rows)
    ]
    ranked = as_ranked(groups, window=a_window())
    kept, _ = cap(groups, ranked, at_most=at_most)

    issue = compose(kept, ranked, window=a_window(), edition=WEEKLY, language="en", words=ENGLISH)

    own = {group.title for group in groups if group.theme}
    assert all(len(section.briefs) > 1 or section.title in own for section in issue.sections if section.style == "full")
    printed = [brief.story_id for section in issue.sections for brief in section.briefs] + [issue.lead.story_id if issue.lead else ""]
    assert sorted(printed) == sorted(event.stories[0].id for group in kept for event in group.events)
    assert [section.style for section in issue.sections].count("headlines") <= 1
    assert all(section.style == "full" for section in issue.sections[:-1])


def test_what_only_speaks_about_the_news_does_not_lead_unless_it_is_pinned_or_alone():
    asks = an_event("asks", "v1", "v2", "v3", headline="Will the pier reopen?")
    news = an_event("news")

    assert leading(asks, news) == "news"
    assert leading(asks) == "asks"
    assert leading(news, an_event("pinned", headline="Will the pier reopen?", pinned=True)) == "pinned"


def leading(*events: Event) -> str:
    lead = composed(Group(title="", events=events)).lead
    return lead.story_id if lead else ""


def test_the_subject_is_the_leads_headline_and_the_preheader_holds_whole_ones():
    issue = composed(Group(title="Harbor", events=(an_event("u1", "v1"),)), Group(title="Rail", theme="rail", events=(an_event("u3"),)))

    assert issue.subject == "Headline of u1"
    assert issue.preheader == "Plus: Headline of u3"


def test_what_a_piece_calls_itself_stands_above_its_headline():
    explainer = Event(stories=(a_story("u1", headline="Explainer: what the channel plan asks"),))
    other = Event(stories=(a_story("u2", headline="Harbor: what the plan asks"),))

    issue = composed(Group(title="Harbor", theme="harbor", events=(an_event("u0", "v0", "w0"), explainer, other)))

    assert [(brief.kicker, brief.headline) for brief in issue.sections[0].briefs] == [
        ("", "Harbor: what the plan asks"),
        ("Explainer", "What the channel plan asks"),
    ]
