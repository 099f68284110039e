from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.window import day, midnight, span, week
from digest.errors import BadDate
from digest.model import Edition

WEEKLY = Edition(name="weekly", rhythm="week", title="Weekly Headlines")
DAILY = Edition(name="daily", rhythm="day", title="Daily Headlines")
NEW_YORK = "America/New_York"
A_MONDAY_NOON = datetime(2025, 8, 18, 16, tzinfo=UTC)


def test_a_bare_week_is_the_last_whole_one():
    window = week("last", edition=WEEKLY, zone=NEW_YORK, now=A_MONDAY_NOON)

    assert window.issue_id == "2025-W33"
    assert window.start == datetime(2025, 8, 11, 4, tzinfo=UTC)
    assert window.end == datetime(2025, 8, 18, 4, tzinfo=UTC)


def test_the_last_week_is_told_by_the_newsrooms_clock_not_by_utc():
    sunday_evening = datetime(2025, 8, 18, 2, tzinfo=UTC)  # still Sunday in New York

    assert week("last", edition=WEEKLY, zone=NEW_YORK, now=sunday_evening).issue_id == "2025-W32"


@pytest.mark.parametrize(
    ("said", "issue"), [("this", "2025-W34"), ("2025-W33", "2025-W33"), ("2025w01", "2025-W01"), ("2026-W53", "2026-W53")]
)
def test_a_week_can_be_named(said, issue):
    assert week(said, edition=WEEKLY, zone=NEW_YORK, now=A_MONDAY_NOON).issue_id == issue


@pytest.mark.parametrize("said", ["2025-W53", "2025-W00", "33", "next", "August"])
def test_what_is_no_week_is_refused_with_advice(said):
    with pytest.raises(BadDate) as caught:
        week(said, edition=WEEKLY, zone=NEW_YORK, now=A_MONDAY_NOON)
    assert "2025-W33" in caught.value.hint


def test_a_bare_day_is_yesterday():
    assert day("last", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON).issue_id == "2025-08-17"


def test_a_day_of_25_hours_is_covered_whole():
    window = day("2025-11-02", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON)

    assert window.end - window.start == timedelta(hours=25)


def test_since_monday_is_the_latest_monday_at_midnight():
    window = span("monday", "", edition=DAILY, zone=NEW_YORK, now=datetime(2025, 8, 14, 16, tzinfo=UTC))

    assert window.start == datetime(2025, 8, 11, 4, tzinfo=UTC)
    assert window.end == datetime(2025, 8, 14, 16, tzinfo=UTC)


def test_since_three_days_ago_begins_at_a_midnight():
    assert span("3 days ago", "", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON).start == datetime(2025, 8, 15, 4, tzinfo=UTC)


def test_since_last_goes_on_where_the_last_issue_ended():
    end = datetime(2025, 8, 12, 4, tzinfo=UTC)

    assert span("last", "", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON, last_end=end).start == end


def test_since_last_without_an_issue_asks_for_a_date():
    with pytest.raises(BadDate, match="no approved or sent issue yet"):
        span("last", "", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON)


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadDate, match="before it begins"):
        span("2025-08-14", "2025-08-11", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON)


def test_an_ambiguous_date_is_refused():
    with pytest.raises(BadDate):
        span("03/04/2025", "", edition=DAILY, zone=NEW_YORK, now=A_MONDAY_NOON)


def test_another_edition_of_the_same_rhythm_carries_its_name():
    sports = Edition(name="sports", rhythm="week", title="Sports", first=False)

    assert week("2025-W33", edition=sports, zone=NEW_YORK, now=A_MONDAY_NOON).issue_id == "sports-2025-W33"


@given(
    st.dates(date(1975, 1, 1), date(2037, 1, 1)),
    st.sampled_from([NEW_YORK, "Africa/Cairo", "Pacific/Apia", "America/Havana", "Asia/Seoul"]),
)
def test_days_meet_without_a_gap_or_an_overlap(first, zone):
    days = [first + timedelta(days=count) for count in range(3)]
    windows = [day(one.isoformat(), edition=DAILY, zone=zone, now=A_MONDAY_NOON) for one in days]

    assert [window.start for window in windows[1:]] == [window.end for window in windows[:-1]]
    assert windows[0].start == midnight(first, zone)


def test_no_two_editions_share_an_issue():
    ids = [week("2025-W33", edition=edition, zone="UTC", now=A_MONDAY_NOON).issue_id for edition in (WEEKLY, DAILY)]
    ids += [day("2025-08-13", edition=edition, zone="UTC", now=A_MONDAY_NOON).issue_id for edition in (WEEKLY, DAILY)]
    ids += [span("2025-08-11", "2025-08-14", edition=edition, zone="UTC", now=A_MONDAY_NOON).issue_id for edition in (WEEKLY, DAILY)]

    assert ids == [
        "2025-W33", "daily-2025-W33", "weekly-2025-08-13", "2025-08-13", "2025-08-11--2025-08-14", "daily-2025-08-11--2025-08-14",
    ]  # fmt: skip


@pytest.mark.parametrize("far", ["0001-W01", "9999-W52"])
def test_a_week_that_no_newsroom_prints_is_refused(far):
    with pytest.raises(BadDate, match="too far away"):
        week(far, edition=WEEKLY, zone="UTC", now=A_MONDAY_NOON)
