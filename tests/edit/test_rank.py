from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.rank import weigh
from digest.model import Event, Group, Image, Ranking
from tests.make import a_story, a_window, as_ranked


def an_event(*names: str, **changes) -> Event:
    return Event(stories=tuple(a_story(name, source=f"Outlet {name}", **changes) for name in names))


def order(*events: Event, **weights) -> list[str]:
    ranked = as_ranked([Group(title="", events=events)], window=a_window(), ranking=Ranking(**weights))
    return [event.stories[0].id for event in ranked]


def parts(event: Event, *, group: Group | None = None, **weights) -> dict:
    one = weigh([replace(group or Group(title=""), events=(event,))], window=a_window(), ranking=Ranking(**weights))[0]
    return {part.name: part for part in one.parts}


PLAIN = an_event("plain")
BETTER = {
    "more outlets": an_event("better", "b2"),
    "longer": an_event("better", paragraphs=("The harbor commission approved the plan on Tuesday. " * 40,)),
    "higher in its feed": an_event("better", place=1),
    "more urgent": an_event("better", urgency=2),
    "fresher": an_event("better", published_at=a_window().end - timedelta(hours=1)),
    "with a picture": an_event("better", images=(Image(url="https://garrisonpost.example/a.jpg"),)),
    "pinned": an_event("better", pinned=True),
}


@pytest.mark.parametrize("what", BETTER)
def test_what_is_better_in_one_thing_stands_first(what):
    events = (PLAIN, BETTER[what])

    assert order(*events) == order(*reversed(events)) == ["better", "plain"]


WORSE = {
    "no news": an_event("worse", headline="Opinion: The pier is a mistake"),
    "of little urgency": an_event("worse", urgency=8),
}


@pytest.mark.parametrize("what", WORSE)
def test_what_is_worse_in_one_thing_stands_last(what):
    assert order(WORSE[what], PLAIN) == ["plain", "worse"]


def test_an_item_on_a_large_theme_stands_before_one_on_none():
    theme = Group(title="Harbor", events=tuple(an_event(f"h{at}") for at in range(6)))

    ranked = as_ranked([Group(title="", events=(an_event("alone"),)), theme], window=a_window())

    assert ranked[-1].stories[0].id == "alone"


def test_a_theme_of_the_newsroom_counts_more_than_a_discovered_one():
    found, own = Group(title="Rail", events=(an_event("found"),)), Group(title="Harbor", theme="harbor", events=(an_event("own"),))

    assert [event.stories[0].id for event in as_ranked([found, own], window=a_window())] == ["own", "found"]


def test_a_tag_moves_a_story_up_or_down_by_its_weight():
    sport, storm, plain = an_event("sport", tags=("Sport",)), an_event("storm", tags=("storm",)), an_event("plain")

    assert order(sport, storm, plain, tags={"sport": -2, "Storm": 1.5}) == ["storm", "plain", "sport"]
    assert parts(sport, tags={"sport": -2})["tag sport"].product == -2


def test_a_weight_of_nought_leaves_a_part_out():
    events = an_event("a", "a2", "a3"), an_event("b", urgency=1)

    assert order(*events, urgency=0) == ["a", "b"]
    assert order(*events, outlets=0) == ["b", "a"]


def test_equal_sums_are_parted_by_date_then_by_length_then_by_headline():
    late = an_event("late", published_at=a_window().end - timedelta(days=1))
    early = an_event("early", published_at=a_window().end - timedelta(days=3))
    named = an_event("x", headline="Council meets"), an_event("a", headline="Pier reopens")

    longer = an_event("z", headline="Zoo opens", paragraphs=("The harbor commission approved the plan on Tuesday, and again. " * 2,))

    assert order(early, late, freshness=0) == ["late", "early"]
    assert order(*named, longer, length=0) == ["z", "x", "a"]
    assert order(*reversed(named)) == order(*named) == ["x", "a"]


def test_each_doubling_of_outlets_counts_the_same_up_to_a_dozen():
    values = [parts(an_event(*(f"u{at}" for at in range(number))))["outlets"].value for number in (1, 2, 4, 8, 12, 40)]

    assert values == [0.0, 0.28, 0.56, 0.84, 1.0, 1.0]


def test_an_outlet_counts_twice_at_most_however_often_it_tells_an_event():
    def told(times: int) -> Event:
        return Event(stories=tuple(a_story(f"u{at}") for at in range(times)))

    assert parts(told(2))["outlets"].says == "1 outlet, 2 stories"
    assert parts(told(1))["outlets"].value < parts(told(2))["outlets"].value == parts(told(9))["outlets"].value


def test_what_outlets_tell_at_once_counts_more_than_what_they_tell_all_week():
    def told(*days: int) -> Event:
        end = a_window().end - timedelta(hours=1)
        return Event(
            stories=tuple(a_story(f"u{at}", source=f"Outlet {at}", published_at=end - timedelta(days=day)) for at, day in enumerate(days))
        )

    assert parts(told(0, 1, 2))["outlets"].says == "3 outlets"
    assert parts(told(0, 3, 6))["outlets"].says == "1 outlet"
    assert parts(told(0, 3, 4, 5, 6))["outlets"].says == "3 outlets"
    assert parts(Event(stories=tuple(a_story(name, source=name, published_at=None) for name in ("a", "b"))))["outlets"].says == "2 outlets"


def test_the_sum_is_told_in_words():
    event = an_event("u1", "u2", urgency=3, place=4)

    told = {name: part.says for name, part in parts(event, group=Group(title="Harbor")).items()}

    assert told == {
        "outlets": "2 outlets",
        "theme": "1 item on Harbor",
        "own_theme": "not of digest.toml",
        "news": "plain news",
        "length": "74 characters",
        "place": "place 4 of its list",
        "urgency": "urgency 3",
        "freshness": "6 days before the end",
        "picture": "0 pictures",
    }


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 20), st.booleans()), min_size=1, max_size=12), st.randoms())
def test_the_order_is_that_of_the_sums_that_are_shown_whatever_the_order_of_the_stories(rows, chance):
    events = [
        an_event(*(f"u{at}x{copy}" for copy in range(outlets)), urgency=urgency, place=place, pinned=pinned)
        for at, (outlets, urgency, place, pinned) in enumerate(rows)
    ]

    weighed = weigh([Group(title="", events=tuple(events))], window=a_window())
    chance.shuffle(events)
    again = weigh([Group(title="", events=tuple(events))], window=a_window())

    assert [one.event for one in again] == [one.event for one in weighed]
    assert all(one.total == round(sum(round(part.value * part.weight, 2) for part in one.parts), 2) for one in weighed)
    shown = [(not one.pinned, -one.total) for one in weighed]
    assert shown == sorted(shown)
