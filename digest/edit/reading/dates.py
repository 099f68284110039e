"""Read the date that an outlet printed. What could mean two days is refused, never guessed."""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser

from digest.errors import BadDate

HINT = "Write the date as year-month-day: 2025-08-31, or with a time 2025-08-31 09:30."

# Abbreviations that newsrooms print beside a time, in hours east of UTC. IST and the like are absent: they name several zones.
HOURS: Mapping[str, float] = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
CLOCKS: Mapping[str, str] = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}

ISO = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?|[A-Za-z]{2,4})?",
    re.ASCII,
)
OFFSET_AFTER_TIME = re.compile(r"(?i)(?<=[\dm.])\s*\b(?:UTC|GMT)?(?P<offset>(?<=[TC ])[+-]\d{1,2}(?::?\d\d)?)(?!\d)(?=\W*$)", re.ASCII)
NAMED_ZONE = re.compile(rf"\b(?:{'|'.join([*HOURS, *CLOCKS])})\b", re.ASCII)
YEAR_FIRST = re.compile(r"^(?P<year>\d{4})[-/.](?P<month>0?[1-9]|1[0-2])[-/.](?P<day>\d{1,2})\b", re.ASCII)  # 2025-08-12 9:30 a.m.
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
DATE_WORD = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)|january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues?|wed|thur?s?|fri|sat|sun)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|[ap]|[ap]?m|at|on|of|st|nd|rd|th",
    re.IGNORECASE,
)


def read_date(text: str, *, zone: tzinfo) -> datetime:
    """Return the moment in UTC. A time without a zone is read in `zone`; a date without a time is 00:00 of that day there.

    Raises BadDate for a date without a year, for one that could mean two days (03/04/2025) and for years outside 1900-2100.
    """
    written = " ".join(text.split())
    if not written or len(written) > 100:
        raise BadDate("There is no date here." if not written else f"{written[:60]!r}... is no date.", hint=HINT)
    iso = ISO.fullmatch(written)
    naive, found = _iso(written, iso) if iso else _spelled(written)
    return _utc(written, naive, found or zone)


def _iso(written: str, iso: re.Match[str]) -> tuple[datetime, tzinfo | None]:
    """Year first has one reading only. 20250812 and 2025-8-12 count too."""
    if not iso["sep"] and (len(iso["month"]) < 2 or len(iso["day"]) < 2):
        raise BadDate(f"{written!r} is no date.", hint=HINT)
    day = (int(iso["year"]), int(iso["month"]), int(iso["day"]))
    time = (int(iso["hour"] or 0), int(iso["minute"] or 0), int(iso["second"] or 0), int((iso["part"] or "0")[:6].ljust(6, "0")))
    try:
        naive = datetime(*day, *time)
    except ValueError as error:
        raise BadDate(f"{written!r} is no date: {error}.", hint=HINT) from error
    return naive, _zone(written, iso["zone"])


def _spelled(written: str) -> tuple[datetime, tzinfo | None]:
    """A date as people write it: "Aug. 12, 2025 9:30 a.m. EDT"."""
    rest, found = _part_zone(YEAR_FIRST.sub(lambda day: f"{day['day']} {calendar.month_abbr[int(day['month'])]} {day['year']}", written))
    if not YEAR.search(rest):
        raise BadDate(f"{written!r} names no year of four digits.", hint=HINT)
    strange = [word for word in re.findall(r"[^\W\d_]+", rest) if not DATE_WORD.fullmatch(word)]
    if strange:
        raise BadDate(f"{written!r} is no date that can be read: {strange[0]!r} is not understood.", hint=HINT)
    # Two readings of the order and two of what is missing: only what all agree on was really written.
    readings = {
        _parse(written, rest.replace("|", " ").replace("•", " "), dayfirst=dayfirst, missing=missing)
        for dayfirst in (False, True)
        for missing in (datetime(2000, 1, 1), datetime(2004, 2, 2))
    }
    if len(readings) > 1:
        raise BadDate(f"{written!r} could mean two days, or a part of it is missing.", hint=HINT)
    moment = readings.pop()
    if found and moment.tzinfo and moment.utcoffset() != moment.replace(tzinfo=found).utcoffset():
        raise BadDate(f"{written!r} names two zones.", hint=HINT)
    return moment.replace(tzinfo=None), found or moment.tzinfo


def _parse(written: str, rest: str, *, dayfirst: bool, missing: datetime) -> datetime:
    try:
        return parser.parse(rest, dayfirst=dayfirst, default=missing)
    except (ValueError, OverflowError) as error:
        raise BadDate(f"{written!r} is no date that can be read.", hint=HINT) from error


def _part_zone(written: str) -> tuple[str, tzinfo | None]:
    """The zone apart from the rest: dateutil releases differ about GMT+3 and about abbreviations."""
    if ":" in written and (offset := OFFSET_AFTER_TIME.search(written)):
        return written[: offset.start()], _zone(written, offset["offset"])
    if named := NAMED_ZONE.search(written):
        return f"{written[: named.start()]} {written[named.end() :]}".strip(" ()"), _zone(written, named.group())
    return written, None


def _zone(written: str, name: str | None) -> tzinfo | None:
    if not name:
        return None
    if name[0] in "+-":
        digits = name[1:].replace(":", "").rjust(2, "0").ljust(4, "0") if len(name) <= 3 else name[1:].replace(":", "").rjust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        if minutes > 14 * 60:
            raise BadDate(f"{written!r} has the offset {name}, which no place on earth keeps.", hint=HINT)
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    if name.upper() in HOURS:
        return timezone(timedelta(hours=HOURS[name.upper()]))
    if name.upper() in CLOCKS:
        return ZoneInfo(CLOCKS[name.upper()])
    raise BadDate(
        f"{written!r} names the zone {name!r}, which is not understood.", hint="Write the offset instead: 2025-04-03 09:30 -0400."
    )


def _utc(written: str, naive: datetime, zone: tzinfo) -> datetime:
    if not 1900 <= naive.year <= 2100:
        raise BadDate(f"{written!r} lies outside the years 1900 to 2100.", hint=HINT)
    return naive.replace(tzinfo=zone).astimezone(UTC)
