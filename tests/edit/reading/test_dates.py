from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.reading.dates import read_date
from digest.errors import BadDate

NEW_YORK = ZoneInfo("America/New_York")


def moment(text: str) -> str:
    return read_date(text, zone=NEW_YORK).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-08-12", "2025-08-12 04:00"),
        ("20250812", "2025-08-12 04:00"),
        ("2025/08/02", "2025-08-02 04:00"),
        ("2025-08-12T09:30:00Z", "2025-08-12 09:30"),
        ("2025-08-12T09:30:00.123456789+05:30", "2025-08-12 04:00"),
        ("2025-08-12 09:30", "2025-08-12 13:30"),
        ("2025-08-12 09:30 EDT", "2025-08-12 13:30"),
        ("Aug. 12, 2025 9:30 a.m. EDT", "2025-08-12 13:30"),
        ("August 12, 2025 at 9 p.m. ET", "2025-08-13 01:00"),
        ("9:30 PST, January 12, 2025", "2025-01-12 17:30"),
        ("Tue, 12 Aug 2025 09:30:00 -0400", "2025-08-12 13:30"),
        ("Tue Aug 12 09:30:00 +0200 2025", "2025-08-12 07:30"),
        ("12 August 2025 14:30 GMT+3", "2025-08-12 11:30"),
        ("12 August 2025 14:30 KST", "2025-08-12 05:30"),
        ("August 12, 2025 | 9:30 am", "2025-08-12 13:30"),
        ("Sept. 3rd, 2025", "2025-09-03 04:00"),
        ("13/04/2025", "2025-04-13 04:00"),
        ("04/13/2025", "2025-04-13 04:00"),
        ("04/04/2025", "2025-04-04 04:00"),
    ],
)
def test_a_plain_date_is_read(text, utc):
    assert moment(text) == utc


@pytest.mark.parametrize("text", ["03/04/2025", "12.08.2025", "3-4-2025"])
def test_a_date_that_could_mean_two_days_is_refused_with_advice(text):
    with pytest.raises(BadDate) as refused:
        moment(text)

    assert "year-month-day" in refused.value.hint


@pytest.mark.parametrize("text", ["Aug. 12", "August 2025", "9:30", "today", "", "2 hours ago", "03/04/25", "1755000000"])
def test_what_is_missing_is_never_taken_from_today(text):
    with pytest.raises(BadDate):
        moment(text)


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31",
        "2101-01-01",
        "0001-01-01",
        "2025-02-30",
        "2025-08-12 25:00",
        "2025-08-12T09:30+23:00",
        "Aug 12 2025 9:30 XYZ",
        "12 août 2025",
        "9" * 5000,
    ],
)
def test_nonsense_is_no_date(text):
    with pytest.raises(BadDate):
        moment(text)


def test_two_zones_that_disagree_are_refused():
    with pytest.raises(BadDate):
        moment("Tue, 12 Aug 2025 09:30:00 -0700 (EDT)")


@given(st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)), st.integers(-12 * 4, 14 * 4))
def test_iso_reads_back_as_it_was_written(naive, quarters):
    written = naive.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))

    assert read_date(written.isoformat(), zone=NEW_YORK) == written


@given(st.text(max_size=60))
def test_any_text_is_a_utc_moment_or_a_bad_date(text):
    try:
        read = read_date(text, zone=NEW_YORK)
    except BadDate:
        return

    assert read.tzinfo is UTC
