from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.edit.choose import Built, cap, choose, late_stories
from digest.model import FURTHER_NOTICE, Edition, Event, Group
from tests.make import A_TUESDAY, a_story, a_window, as_ranked

WEEKLY = Edition(name="weekly", rhythm="week", title="Weekly Headlines", without=("opinion",))
NOW = A_TUESDAY + timedelta(days=6)
BEFORE = A_TUESDAY - timedelta(days=7)


def reasons(*stories, **known):
    _, decisions = choose(stories, window=a_window(), edition=WEEKLY, carried=known.pop("carried", {}), now=known.pop("now", NOW), **known)
    return {decision.story_id: f"{decision.decision}: {decision.reason}" for decision in decisions}


def test_a_story_that_is_held_back_is_out_until_its_time_has_come():
    later = NOW + timedelta(minutes=1)
    embargoed = a_story("u1", embargo_until=later)
    held = (embargoed, a_story("u2", embargo_until=FURTHER_NOTICE), a_story("u3", withdrawn=True, pinned=True))

    assert reasons(*held) == {
        "u1": "out: embargoed until 2025-08-18 14:01 UTC",
        "u2": "out: embargoed until further notice",
        "u3": "out: withdrawn by its source",
    }
    assert reasons(embargoed, now=later) == {"u1": "in: published in the window"}


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

    assert [event.stories[0].id for event in as_ranked([group], window=a_window())] == ["u4", "u2", "u1"]


def test_what_the_cap_leaves_out_is_told_with_its_place():
    group = Group(title="Harbor", events=(an_event("u1"), an_event("u2", "u3"), an_event("u4")))

    kept, left_out = cap([group], as_ranked([group], window=a_window()), at_most=1)

    assert [event.stories[0].id for event in kept[0].events] == ["u2"]
    assert [(out.story_id, out.reason) for out in left_out] == [
        ("u1", "number 2 of 3; the issue takes 1"),
        ("u4", "number 3 of 3; the issue takes 1"),
    ]


def the_week(harbor: int, others: int) -> list[Group]:
    return [
        Group(title="Harbor", events=tuple(an_event(f"h{at:02}", f"h{at:02}b") for at in range(harbor))),
        Group(title="", events=tuple(an_event(f"m{at:02}") for at in range(others))),
    ]


def kept_of(groups: list[Group], **options) -> dict[str, int]:
    kept, _ = cap(groups, as_ranked(groups, window=a_window()), **options)
    return {group.title: len(group.events) for group in kept}


def test_a_theme_takes_a_quarter_while_others_wait_and_more_when_nothing_else_is_left():
    assert kept_of(the_week(20, 30), at_most=24) == {"Harbor": 6, "": 18}
    assert kept_of(the_week(20, 10), at_most=24) == {"Harbor": 14, "": 10}
    assert kept_of(the_week(20, 30), at_most=8) == {"Harbor": 4, "": 4}


def test_what_a_crowded_theme_leaves_out_says_how_many_are_in():
    groups = the_week(9, 30)

    _, left_out = cap(groups, as_ranked(groups, window=a_window()), at_most=24)

    assert {out.reason for out in left_out if out.story_id == "h08"} == {"number 9 of 39; the issue takes 24, 6 of them on Harbor"}


def test_a_pinned_story_of_a_crowded_theme_stays():
    groups = the_week(9, 30)
    pinned = replace(groups[0], events=(*groups[0].events, *(an_event(f"p{at}", pinned=True) for at in range(8))))

    kept, _ = cap([pinned, groups[1]], as_ranked([pinned, groups[1]], window=a_window()), at_most=24)

    assert {f"p{at}" for at in range(8)} <= {event.stories[0].id for event in kept[0].events}


def test_what_came_since_an_editor_began_is_kept_beside_a_full_issue():
    groups = the_week(0, 6)
    known = {f"m{at:02}" for at in range(5)}

    kept, left_out = cap(groups, as_ranked(groups, window=a_window()), at_most=4, known=known)

    assert [event.stories[0].id for event in kept[-1].events] == ["m00", "m01", "m02", "m03", "m05"]
    assert [out.story_id for out in left_out] == ["m04"]
