"""Stories are kept once, replaced only by their own source, and found again."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import StoreError
from digest.model import Failure, Story
from digest.store.database import Database
from digest.store.stories import Kept, Reading, Seen, Stories
from tests.make import A_TUESDAY, a_story

AN_HOUR_LATER = A_TUESDAY + timedelta(hours=1)
A_DAY_LATER = A_TUESDAY + timedelta(days=1)


@pytest.fixture
def stories(database):
    return Stories(database)


def a_reading(outcome: Story | Failure, **changes: str) -> Reading:
    place = outcome.place if isinstance(outcome, Failure) else f"stories/{outcome.id}.txt"
    return Reading(**{"source": "Garrison Post", "place": place, "fingerprint": "f1", "outcome": outcome} | changes)


def a_failure(place: str = "stories/broken.txt") -> Failure:
    return Failure(source="Garrison Post", place=place, reason="has no text", hint="Look at the file.")


def keep(stories: Stories, *outcomes: Story | Failure, at: datetime = A_TUESDAY, **changes: str) -> Kept:
    return stories.keep([a_reading(outcome, **changes) for outcome in outcomes], at)


def ids(found: tuple[Story, ...]) -> list[str]:
    return [story.id for story in found]


# --- keeping


def test_a_story_is_kept_whole(stories):
    story = a_story("u1", headline="Zürich “talks”", tags=("europe",), paragraphs=("One.", "Zwei — två."))

    assert keep(stories, story) == Kept(new=1)
    assert stories.get("u1") == story
    assert stories.first_gathered(["u1", "unknown"]) == {"u1": A_TUESDAY}


def test_an_equal_story_changes_nothing(stories):
    keep(stories, a_story("u1"))

    assert keep(stories, a_story("u1"), at=A_DAY_LATER) == Kept(unchanged=1)
    assert stories.versions("u1") == ()
    assert stories.first_gathered(["u1"]) == {"u1": A_TUESDAY}


def test_a_changed_story_replaces_its_earlier_version_which_stays_on_record(stories):
    for number, headline in enumerate(("First", "Second", "Third")):
        keep(stories, a_story("u1", headline=headline), at=A_TUESDAY + timedelta(hours=number))

    assert stories.get("u1").headline == "Third"
    earlier = [(version.number, version.replaced_at, version.story.headline) for version in stories.versions("u1")]
    assert earlier == [(1, AN_HOUR_LATER, "First"), (2, A_TUESDAY + timedelta(hours=2), "Second")]
    assert stories.first_gathered(["u1"]) == {"u1": A_TUESDAY}
    assert stories.count() == 1


def test_a_story_that_moves_to_another_date_is_found_there_only(stories):
    keep(stories, a_story("u1"))

    keep(stories, a_story("u1", published_at=A_DAY_LATER))

    assert ids(stories.within(A_TUESDAY, A_DAY_LATER)) == []
    assert ids(stories.within(A_DAY_LATER, A_DAY_LATER + timedelta(seconds=1))) == ["u1"]


def test_only_its_own_source_may_replace_a_story(stories):
    keep(stories, a_story("u1"))

    kept = keep(stories, a_story("u1", headline="Taken over"), source="Harbor Wire")

    assert kept.failures[0].reason == "claims the address of a story from Garrison Post."
    assert (kept.failures[0].source, kept.failures[0].place) == ("Harbor Wire", "stories/u1.txt")
    assert (kept.new, kept.changed, kept.unchanged) == (0, 0, 0)
    assert stories.get("u1").headline == "Headline of u1"


def test_within_one_batch_the_first_source_has_the_story(stories):
    first, second = a_reading(a_story("u1")), a_reading(a_story("u1"), source="Harbor Wire")

    kept = stories.keep([first, second], A_TUESDAY)

    assert (kept.new, len(kept.failures)) == (1, 1)


def test_a_refused_story_is_read_again_and_kept_once_its_address_is_free(stories):
    keep(stories, a_story("u1"))
    keep(stories, a_story("u1", headline="Now ours"), source="Harbor Wire")
    assert stories.seen("Harbor Wire")["stories/u1.txt"].fingerprint == ""

    stories.forget_places("Garrison Post", keep=set(), at=A_TUESDAY)

    assert keep(stories, a_story("u1", headline="Now ours"), source="Harbor Wire") == Kept(changed=1)
    assert stories.gone(["u1"]) == {}


def test_a_source_that_was_renamed_keeps_its_stories(stories):
    keep(stories, a_story("u1"), source="Old name")

    assert stories.forget_sources(keep={"New name"}, at=A_TUESDAY) == 1

    assert keep(stories, a_story("u1"), source="New name") == Kept(unchanged=1)
    assert (stories.gone(["u1"]), stories.count(), stories.seen("Old name")) == ({}, 1, {})


def test_two_documents_of_one_story_are_two_versions_of_it(stories):
    readings = [a_reading(a_story("u1", headline=name), place=name) for name in ("a.txt", "b.txt")]

    assert stories.keep(readings, A_TUESDAY) == Kept(new=1, changed=1)
    assert stories.get("u1").headline == "b.txt"
    assert [version.story.headline for version in stories.versions("u1")] == ["a.txt"]


def test_a_story_that_is_no_text_becomes_a_failure_and_stops_nothing(stories):
    kept = keep(stories, a_story("u1", headline="half a pair: \ud800"), a_story("u2"))

    assert kept.new == 1
    assert "not Unicode" in kept.failures[0].reason
    assert ids(stories.search("")) == ["u2"]


def test_a_batch_is_kept_whole_or_not_at_all(stories):
    naive = a_story("u2", published_at=datetime(2025, 8, 12))

    with pytest.raises(ValueError, match="no time zone"):
        keep(stories, *(a_story(f"a{number}") for number in range(600)), naive)

    assert stories.count() == 0


# --- documents


def test_a_document_is_remembered_with_its_fingerprint_or_its_failure(stories):
    keep(stories, a_story("u1"), a_failure())

    assert stories.seen("Garrison Post") == {
        "stories/u1.txt": Seen(fingerprint="f1", story_id="u1"),
        "stories/broken.txt": Seen(fingerprint="f1", failure=a_failure()),
    }
    assert stories.seen("Harbor Wire") == {}


def test_a_mended_document_is_no_failure_any_more(stories):
    keep(stories, a_failure("stories/u1.txt"))

    keep(stories, a_story("u1"), fingerprint="f2")

    assert stories.seen("Garrison Post") == {"stories/u1.txt": Seen(fingerprint="f2", story_id="u1")}


def test_a_story_whose_file_breaks_stays_as_it_was(stories):
    keep(stories, a_story("u1"))

    keep(stories, a_failure("stories/u1.txt"), fingerprint="f2")
    stories.forget_places("Garrison Post", keep={"stories/u1.txt"}, at=A_DAY_LATER)

    assert stories.get("u1") == a_story("u1")
    assert stories.gone(["u1"]) == {}


def test_a_file_name_need_not_be_unicode(stories):
    keep(stories, a_story("u1"), place="stories/caf\udce9.txt")

    assert stories.forget_places("Garrison Post", keep={"stories/caf\udce9.txt"}, at=A_TUESDAY) == 0
    assert stories.gone(["u1"]) == {}


# --- going and coming back


def test_a_story_whose_file_vanished_is_kept_as_gone(stories):
    keep(stories, a_story("u1"), a_story("u2"))

    assert stories.forget_places("Garrison Post", keep={"stories/u1.txt"}, at=A_DAY_LATER) == 1

    assert stories.gone(["u1", "u2"]) == {"u2": A_DAY_LATER}
    assert ids(stories.within(A_TUESDAY, A_DAY_LATER)) == ["u1", "u2"]
    assert set(stories.seen("Garrison Post")) == {"stories/u1.txt"}


def test_a_story_that_comes_back_is_not_gone_any_more(stories):
    keep(stories, a_story("u1"))
    stories.forget_places("Garrison Post", keep=set(), at=A_DAY_LATER)

    assert keep(stories, a_story("u1"), at=A_DAY_LATER) == Kept(unchanged=1)
    assert stories.gone(["u1"]) == {}


def test_several_stories_are_had_at_once(stories):
    keep(stories, *(a_story(f"a{number}") for number in range(600)))

    found = stories.among([f"a{number}" for number in range(599)] + ["unknown"])

    assert len(found) == 599 and found["a7"] == a_story("a7")
    assert stories.among([]) == {}


def test_a_story_is_had_as_it_stood_at_a_moment(stories):
    for day, headline in enumerate(("First", "Second", "Third")):
        keep(stories, a_story("u1", headline=headline), a_story("u2"), at=A_TUESDAY + timedelta(days=day))

    def then(day: float) -> dict[str, str]:
        found = stories.as_of(["u1", "u2", "unknown"], A_TUESDAY + timedelta(days=day))
        return {id: story.headline for id, story in found.items()}

    assert [then(day) for day in (0, 0.5, 1, 1.5, 2)] == [{"u1": "First"}, {"u1": "First"}, {"u1": "Second"}, {"u1": "Second"}, {}]


def test_a_file_that_is_renamed_takes_its_story_along(stories):
    keep(stories, a_story("u1"))

    keep(stories, a_story("u1"), place="stories/renamed.txt")
    stories.forget_places("Garrison Post", keep={"stories/renamed.txt"}, at=A_DAY_LATER)

    assert stories.gone(["u1"]) == {}


def test_when_one_of_two_documents_of_a_story_goes_the_other_is_read_again(stories):
    stories.keep([a_reading(a_story("u1", headline=name), place=name) for name in ("a.txt", "b.txt")], A_TUESDAY)

    stories.forget_places("Garrison Post", keep={"a.txt"}, at=A_DAY_LATER)

    assert stories.seen("Garrison Post") == {"a.txt": Seen(fingerprint="", story_id="u1")}
    assert stories.gone(["u1"]) == {}


def test_a_document_that_now_holds_another_story_lets_go_of_the_first(stories):
    keep(stories, a_story("u1"), place="stories/a.txt")

    keep(stories, a_story("u2"), place="stories/a.txt")
    stories.forget_places("Garrison Post", keep={"stories/a.txt"}, at=A_DAY_LATER)

    assert set(stories.gone(["u1", "u2"])) == {"u1"}


def test_one_source_going_leaves_the_others_alone(stories):
    keep(stories, a_story("u1"))
    keep(stories, a_story("u2"), source="Harbor Wire")

    stories.forget_places("Harbor Wire", keep=set(), at=A_DAY_LATER)

    assert set(stories.gone(["u1", "u2"])) == {"u2"}


# --- finding


def test_a_window_holds_its_start_and_not_its_end(stories):
    keep(
        stories,
        a_story("at start", published_at=A_TUESDAY),
        a_story("at end", published_at=A_DAY_LATER),
        a_story("undated", published_at=None),
    )

    assert ids(stories.within(A_TUESDAY, A_DAY_LATER)) == ["at start"]
    assert ids(stories.undated()) == ["undated"]


def test_a_window_is_in_order_of_date_and_id(stories):
    keep(stories, a_story("b"), a_story("c", published_at=A_TUESDAY - timedelta(microseconds=1)), a_story("a"))

    assert ids(stories.within(A_TUESDAY - timedelta(days=1), A_DAY_LATER)) == ["c", "a", "b"]


def test_a_window_in_another_zone_is_the_same_window(stories):
    from zoneinfo import ZoneInfo

    keep(stories, a_story("u1", published_at=A_TUESDAY))

    tokyo = A_TUESDAY.astimezone(ZoneInfo("Asia/Tokyo"))
    assert ids(stories.within(tokyo, tokyo + timedelta(seconds=1))) == ["u1"]


def test_the_nearest_stories_of_an_empty_window_are_told(stories):
    for number in range(4):
        keep(stories, a_story(f"before{number}", published_at=A_TUESDAY - timedelta(days=number)))
        keep(stories, a_story(f"after{number}", published_at=A_DAY_LATER + timedelta(days=number)))

    before, after = stories.nearest(A_TUESDAY + timedelta(hours=1), A_DAY_LATER)

    assert (before.id, after.id) == ("before0", "after0")


def test_nothing_is_near_in_an_empty_store(stories):
    assert stories.nearest(A_TUESDAY, A_DAY_LATER) == (None, None)


def test_a_story_is_got_by_id_by_address_and_by_the_beginning_of_its_id(stories):
    keep(stories, a_story("k3v9aa"), a_story("k3v9ab"), a_story("k3"), a_story("x_y"))

    assert stories.get("k3v9aa").id == "k3v9aa"
    assert stories.get("https://garrisonpost.example/k3v9ab").id == "k3v9ab"
    assert stories.get("k3v9aa"[:6]).id == "k3v9aa"
    assert stories.get("k3").id == "k3"
    assert [stories.get(wanted) for wanted in ("nothing", "", "x%", "_", "\ud800")] == [None] * 5


def test_a_beginning_that_several_share_lists_them(stories):
    keep(stories, a_story("k3v9aa"), a_story("k3v9ab"))

    with pytest.raises(StoreError, match=r"k3v9aa.*k3v9ab"):
        stories.get("k3v9")


def test_a_story_without_an_address_is_not_found_by_nothing(stories):
    keep(stories, a_story("u1", url=""))

    assert stories.get("") is None


@pytest.mark.parametrize(
    "text", ["ÜBERSICHT", "übersicht garrison", "garrison HARBOR", "mayor's plan", "100%", "straße", "STRASSE", "Кремль"]
)
def test_a_search_finds_every_word_whatever_its_capitals(stories, text):
    keep(
        stories,
        a_story("u1", headline="Übersicht: Harbor plan at 100%", paragraphs=("The mayor’s plan for the Straße.", "КРЕМЛЬ answered.")),
        a_story("u2", headline="Other 100 news", source="Harbor Wire"),
    )

    assert ids(stories.search(text, 10)) == ["u1"]


def test_a_search_wants_all_of_its_words(stories):
    keep(stories, a_story("u1", headline="Harbor plan"), a_story("u2", headline="Harbor fire"))

    assert ids(stories.search("harbor")) == ["u1", "u2"]
    assert ids(stories.search("harbor fire")) == ["u2"]
    assert ids(stories.search("harbor fire flood")) == []


def test_a_search_gives_the_newest_first_and_undated_ones_last(stories):
    keep(stories, a_story("undated", published_at=None), a_story("old"), a_story("new", published_at=A_DAY_LATER))

    assert ids(stories.search("", 10)) == ["new", "old", "undated"]
    assert ids(stories.search("", 1)) == ["new"]


def test_a_search_does_not_find_the_names_of_fields(stories):
    keep(stories, a_story("u1"))

    assert stories.search("headline_made") == ()


def test_more_ids_than_a_statement_takes_are_asked_in_parts(stories):
    many = [a_story(f"u{number}") for number in range(1200)]

    assert keep(stories, *many).new == 1200
    assert len(stories.first_gathered([story.id for story in many])) == 1200
    assert stories.forget_places("Garrison Post", keep={"stories/u7.txt"}, at=A_DAY_LATER) == 1199
    assert len(stories.gone([story.id for story in many])) == 1199


def test_two_users_of_a_database_see_each_others_stories(tmp_path, stories):
    one, other = stories, Stories(Database(tmp_path / "digest.db"))

    keep(one, a_story("u1"))
    keep(other, a_story("u2"))

    assert one.count() == other.count() == 2


def test_times_come_back_in_utc(stories):
    from zoneinfo import ZoneInfo

    keep(stories, a_story("u1"), at=A_TUESDAY.astimezone(ZoneInfo("Asia/Seoul")))

    assert stories.first_gathered(["u1"])["u1"].tzinfo is UTC
    assert stories.first_gathered(["u1"]) == {"u1": A_TUESDAY}
