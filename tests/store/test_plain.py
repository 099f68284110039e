"""A story survives the way to the disk and back."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.model import FURTHER_NOTICE, Cut, Dateline, Image, Story
from digest.store.plain import moment_from_plain, moment_to_plain, story_from_plain, story_to_plain
from tests.make import a_story

texts = st.text(max_size=30)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2100, 1, 1), timezones=zones)
stories = st.builds(
    Story,
    id=texts,
    url=texts,
    source=texts,
    headline=texts,
    headline_made=st.booleans(),
    dek=texts,
    byline=texts,
    dateline=st.none() | st.builds(Dateline, place=texts, agency=texts),
    paragraphs=st.lists(texts, max_size=3).map(tuple),
    images=st.lists(st.builds(Image, url=texts, alt=texts, caption=texts, credit=texts, width=st.integers(0, 9999)), max_size=2).map(tuple),
    credit=texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    published_at=st.none() | moments.map(lambda moment: moment.astimezone(UTC)),
    language=texts,
    pinned=st.booleans(),
    furniture=st.lists(st.builds(Cut, text=texts, rule=texts), max_size=2).map(tuple),
    embargo_until=st.none() | st.just(FURTHER_NOTICE) | moments.map(lambda moment: moment.astimezone(UTC)),
    urgency=st.integers(0, 9),
    place=st.integers(0, 99),
    slug=texts,
    usage=texts,
    revision=st.integers(0, 2**31),
    correction=texts,
    withdrawn=st.booleans(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories)
def test_a_story_reads_back_as_it_was_written(story):
    written = json.dumps(story_to_plain(story))

    assert story_from_plain(json.loads(written)) == story


@settings(deadline=None)
@given(moments)
def test_a_moment_is_written_in_utc_and_reads_back(moment):
    written = moment_to_plain(moment)

    assert written.endswith("Z")
    assert moment_from_plain(written) == moment


def test_every_name_of_the_model_is_written():
    assert set(story_to_plain(a_story())) == set(Story.__dataclass_fields__)


def test_what_an_older_version_did_not_write_takes_its_default():
    story = story_from_plain({"id": "u1", "url": "", "source": "Garrison Post", "headline": "Harbor plan approved"})

    assert story == Story(id="u1", url="", source="Garrison Post", headline="Harbor plan approved")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        moment_to_plain(datetime(2025, 8, 12, 14, 0))
