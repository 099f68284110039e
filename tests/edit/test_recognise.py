from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.edit.reading.feed import Entry
from digest.edit.reading.recognise import Mark, Recognised, alike, keys_of, recognise
from tests.make import MATTERS

FEED = "https://post.example/feed"
T0 = datetime(2025, 8, 12, 9, 17, tzinfo=UTC)


def an_entry(number: int, **changes: object) -> Entry:
    values: dict[str, object] = {
        "guid": f"post-{number}",
        "url": f"https://post.example/s/{number}",
        "title": f"{MATTERS[number % len(MATTERS)][0]} for the {number}th time",
        "content": f"<p>{MATTERS[number % len(MATTERS)][1]} {number}</p>",
        "published": T0 + timedelta(minutes=number),
    }
    return Entry(**values | changes)  # type: ignore[arg-type]


class Memory:
    """What a store would remember between two looks at a feed."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = {}

    def look(self, entries: Sequence[Entry]) -> tuple[Recognised, ...]:
        known = {key: self.marks[key] for key in keys_of(entries) if key in self.marks}
        found = recognise(entries, known, feed=FEED)
        self.marks |= {key: Mark(place=one.place, look=one.look) for one in found for key in one.keys}
        return found

    def places(self, *entries: Entry) -> list[str]:
        return [one.place for one in self.look(entries)]


numbers = st.lists(st.integers(0, 60), min_size=1, max_size=20, unique=True)
storms = st.lists(
    st.sampled_from(["new ids", "no ids", "one id", "http", "trackers", "amp", "new addresses", "reversed", "half"]), min_size=1, max_size=5
)


def after(storm: str, entries: list[Entry], round: int) -> list[Entry]:
    """The feed after something happened to it."""
    if storm == "reversed":
        return entries[::-1]
    if storm == "half":
        return entries[::2]
    change = {
        "new ids": lambda one: replace(one, guid=f"{round}:{one.guid}"),
        "no ids": lambda one: replace(one, guid=""),
        "one id": lambda one: replace(one, guid="https://post.example/"),
        "http": lambda one: replace(one, url=one.url.replace("https:", "http:")),
        "trackers": lambda one: replace(one, url=one.url.partition("?")[0] + f"?utm_source=r{round}"),
        "amp": lambda one: replace(one, url=one.url.partition("?")[0].rstrip("/").removesuffix("/amp") + "/amp"),
        "new addresses": lambda one: replace(one, url=f"https://post.example/{round}/{one.title.replace(' ', '-')}"),
    }[storm]
    return [change(one) for one in entries]


@given(numbers, storms)
def test_no_storm_makes_two_stories_of_one_nor_one_of_two(numbers: list[int], storms: list[str]):
    memory, entries = Memory(), [an_entry(number) for number in numbers]
    first = {one.entry.title: one.place for one in memory.look(entries)}
    assert len(set(first.values())) == len(entries)

    for round, storm in enumerate(storms):
        entries = after(storm, entries, round)
        found = memory.look(entries)

        assert {one.entry.title: one.place for one in found} == {one.title: first[one.title] for one in entries}


@given(
    st.lists(
        st.builds(
            an_entry,
            st.integers(0, 9),
            guid=st.sampled_from(["", "a", "b"]),
            url=st.sampled_from(["", "https://post.example/", "https://post.example/a", "https://post.example/b?x=1"]),
        ),
        max_size=8,
    )
)
def test_whatever_a_feed_holds_no_place_comes_twice_and_looking_again_changes_nothing(entries: list[Entry]):
    memory = Memory()
    first = memory.look(entries)

    again = memory.look(entries)

    places = [one.place for one in first]
    assert len(places) == len(set(places))
    assert [(one.place, one.entry) for one in again] == [(one.place, one.entry) for one in first]
    assert {one.entry.title for one in first} >= {
        one.title for one in entries if one.url not in {"https://post.example/a", "https://post.example/b?x=1"} and not one.guid
    }


def test_the_same_address_twice_with_a_new_headline_is_one_story_the_one_on_top():
    live = "https://post.example/live"

    (one,) = Memory().look(
        [an_entry(1, url=live, guid="", title="Ferry docks, live"), an_entry(2, url=live, guid="", title="Ferry is late, live")]
    )

    assert one.entry.title == "Ferry docks, live"


def test_many_stories_at_one_address_are_many():
    entries = [an_entry(number, url="https://post.example/briefs", guid="") for number in range(4)]

    assert len(set(Memory().places(*entries))) == 4


def test_an_id_that_is_used_for_another_story_does_not_take_its_place():
    memory = Memory()
    memory.look([an_entry(1, guid="7")])

    (place,) = memory.places(an_entry(2, guid="7"))

    assert place == "https://post.example/s/2"


def test_an_address_that_is_used_for_the_next_day_s_story_is_the_same_place():
    memory = Memory()
    (first,) = memory.places(an_entry(1, url="https://post.example/today"))

    assert memory.places(an_entry(2, url="https://post.example/today")) == [first]


def test_what_was_never_known_cannot_be_taken_back():
    assert Memory().look([Entry(guid="post-1", deleted=True)]) == ()


def test_what_is_taken_back_by_its_id_is_found():
    memory = Memory()
    (place,) = memory.places(an_entry(1))

    (one,) = memory.look([Entry(guid="post-1", deleted=True)])

    assert (one.place, one.entry.deleted) == (place, True)


def test_headlines_are_alike_by_their_words_or_by_the_minute():
    assert alike(" Ferry line gets a pier", " Ferry line gets a new pier at last")
    assert alike("2025-08-12T09:17:00+00:00 One", "2025-08-12T09:17:00+00:00 Another")
    assert not alike("2025-08-12T00:00:00+00:00 One", "2025-08-12T00:00:00+00:00 Another")
    assert not alike(" Library opens on Sundays", " Drivers accept an offer")
    assert not alike(" ", " ")
