from datetime import UTC, datetime, timedelta

from digest.edit.choose import Built, cap, choose, late_stories, rank
from digest.model import Edition, Event, Group
from tests.make import A_TUESDAY, a_story, a_window

WEEKLY = Edition(name="weekly", rhythm="week", title="Weekly Headlines", without=("opinion",))
BEFORE = A_TUESDAY - timedelta(days=7)


def reasons(*stories, **known):
    _, decisions = choose(stories, window=a_window(), edition=WEEKLY, carried=known.pop("carried", {}), **known)
    return {decision.story_id: f"{decision.decision}: {decision.reason}" for decision in decisions}


def test_every_story_gets_one_reason():
    told = reasons(
        a_story("u1"),
        a_story("u2", tags=("Opinion",)),
        a_story("u3", published_at=None),
        a_story("u4", published_at=BEFORE),
        a_story("u5"),
        a_story("u6"),
        a_story("u7", paragraphs=()),
        carried={"u5": "2025-W32"},
        gone=frozenset({"u6"}),
    )

    assert told == {
        "u1": "in: published in the window",
        "u2": "out: tag opinion is left out of weekly",
        "u3": 'out: undated: give it a date, or let its source say undated = "gathered"',
        "u4": "out: published before the window",
        "u5": "out: already carried in 2025-W32",
        "u6": "out: its source no longer has it",
        "u7": "out: has no text",
    }


def test_the_window_is_half_open():
    window = a_window()

    told = reasons(a_story("first", published_at=window.start), a_story("next", published_at=window.end))

    assert told["first"].startswith("in")
    assert told["next"] == "out: published after the window"


def late(story, *, gathered, built):
    return late_stories([story], window=a_window(), edition=WEEKLY, built=built, first_gathered={story.id: gathered})


LAST_WEEK = Built(
    "2025-W32", datetime(2025, 8, 4, 4, tzinfo=UTC), datetime(2025, 8, 11, 4, tzinfo=UTC), datetime(2025, 8, 11, 9, tzinfo=UTC)
)


def test_a_story_that_arrived_after_its_issue_was_built_is_late():
    found = late(a_story(published_at=BEFORE), gathered=LAST_WEEK.built_at + timedelta(hours=1), built=[LAST_WEEK])

    assert found == {"u1": "late: it arrived after 2025-W32 was built"}


def test_a_story_that_was_left_out_by_choice_is_never_late():
    assert not late(a_story(published_at=BEFORE), gathered=LAST_WEEK.built_at - timedelta(hours=1), built=[LAST_WEEK])


def test_without_an_earlier_issue_nothing_is_late():
    assert not late(a_story(published_at=BEFORE), gathered=A_TUESDAY, built=[])


def test_a_story_older_than_late_days_is_not_late():
    old = Built("2025-W31", datetime(2025, 7, 28, 4, tzinfo=UTC), datetime(2025, 8, 4, 4, tzinfo=UTC), datetime(2025, 8, 4, 9, tzinfo=UTC))

    assert not late(a_story(published_at=datetime(2025, 8, 3, tzinfo=UTC)), gathered=A_TUESDAY, built=[old, LAST_WEEK])


def test_a_late_story_has_one_chance_only():
    daily = [
        Built(
            f"2025-08-{day:02d}",
            datetime(2025, 8, day, 4, tzinfo=UTC),
            datetime(2025, 8, day + 1, 4, tzinfo=UTC),
            datetime(2025, 8, day + 1, 9, tzinfo=UTC),
        )
        for day in (8, 9, 10)
    ]
    story = a_story(published_at=datetime(2025, 8, 8, 14, tzinfo=UTC))

    assert not late(story, gathered=datetime(2025, 8, 9, 12, tzinfo=UTC), built=daily)
    assert late(story, gathered=datetime(2025, 8, 11, 12, tzinfo=UTC), built=daily)


def an_event(*names: str, **changes) -> Event:
    return Event(stories=tuple(a_story(name, source=f"Outlet {name}", **changes) for name in names))


def test_what_more_outlets_tell_ranks_higher_and_a_pin_ranks_first():
    group = Group(title="", events=(an_event("u1"), an_event("u2", "u3"), an_event("u4", pinned=True)))

    assert [event.stories[0].id for event in rank([group], window=a_window())] == ["u4", "u2", "u1"]


def test_what_the_cap_leaves_out_is_told_with_its_place():
    group = Group(title="Harbor", events=(an_event("u1"), an_event("u2", "u3"), an_event("u4")))

    kept, left_out = cap([group], rank([group], window=a_window()), at_most=1)

    assert [event.stories[0].id for event in kept[0].events] == ["u2"]
    assert [(out.story_id, out.reason) for out in left_out] == [
        ("u1", "number 2 of 3; the issue takes 1"),
        ("u4", "number 3 of 3; the issue takes 1"),
    ]
