"""Every story in one event and one group, whatever the order; copies together, different matters apart."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.group import events, themes
from digest.model import Story, Theme
from tests.make import MATTERS, a_story

TALLEST = (
    "The state opened its tallest lighthouse to visitors on Saturday after a repair of three years. Keepers led the first groups up 214 steps "
    "to the lamp, which was made in a glassworks inland in 1871 and still turns on its first bearing. The repair cost four million dollars, "
    "and half of that came from a lottery. Children may climb free of charge until the end of the summer holidays, the lighthouse board said."
)


def the_stories() -> list[Story]:
    stories = [a_story(f"m{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(MATTERS)]
    copy = a_story("c1", headline="Lighthouse opens", paragraphs=(TALLEST,))
    return [*stories, copy, replace(copy, id="c2", source="Harbor Ledger", headline="Visitors may climb again")]


def as_sets(found) -> set[frozenset[str]]:
    return {frozenset(story.id for story in event.stories) for event in found}


@settings(max_examples=25, deadline=None)
@given(st.permutations(the_stories()), st.integers(2, 13))
def test_order_does_not_matter_and_every_story_stands_once(stories, number):
    some = stories[:number]

    found = events(some)
    groups = themes(found, ())

    assert as_sets(found) == as_sets(events(sorted(some, key=lambda story: story.id)))
    assert sorted(story.id for event in found for story in event.stories) == sorted(story.id for story in some)
    assert sorted(event.stories[0].id for group in groups for event in group.events) == sorted(event.stories[0].id for event in found)
    assert {id_ for group in groups for id_ in group.why} == {story.id for story in some}


def test_the_same_copy_at_two_outlets_is_one_event():
    assert frozenset({"c1", "c2"}) in as_sets(events(the_stories()))


def test_a_copy_whose_top_was_rewritten_is_found():
    rewritten = "Climbers are back. " + TALLEST.partition("years. ")[2]
    stories = [*the_stories(), a_story("c3", headline="Up the stairs", paragraphs=(rewritten,))]

    assert frozenset({"c1", "c2", "c3"}) in as_sets(events(stories))


def test_stories_that_share_nothing_stay_apart():
    apart = [story for story in the_stories() if story.id.startswith("m")]

    assert len(events(apart)) == len(apart)


def test_a_configured_theme_comes_first_and_says_why():
    rail = Theme(key="rail", title="Rail", any=("bus driver",))

    first, *_ = themes(events(the_stories()), (rail,))

    assert (first.title, first.theme, len(first.events)) == ("Rail", "rail", 1)
    assert list(first.why.values()) == ["keyword “bus driver”"]


def test_nothing_gives_nothing():
    assert themes(events([]), ()) == ()
