"""The span of time that an issue covers, said the way people say it: a week, a day, since Monday."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.edit.reading.dates import read_date
from digest.errors import BadDate
from digest.model import Edition, Window

WEEK = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{2})", re.IGNORECASE)
AGO = re.compile(r"(?P<count>\d{1,3}) (?P<unit>hour|day|week)s? ago", re.IGNORECASE)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def week(said: str, *, edition: Edition, zone: str, now: datetime) -> Window:
    """The ISO week that `said` means: "last" (the last whole one before `now`), "this", or "2025-W33".

    Raises BadDate for anything else and for a week its year does not have.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday())
    word = said.strip().lower()
    if word == "last":
        monday -= timedelta(days=7)
    elif match := WEEK.fullmatch(word):
        try:
            monday = date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
        except ValueError as error:
            raise BadDate(f"There is no week {said}.", hint="Write a week as 2025-W33.") from error
        if not 1900 <= monday.year <= 2100:
            raise BadDate(f"{said} is too far away.", hint="Weeks from 1900 to 2100 can be built.")
    elif word != "this":
        raise BadDate(f"{said!r} is not a week.", hint="Write --week 2025-W33, --week this or --week alone for the last whole week.")
    year, number, _ = monday.isocalendar()
    return _whole_days(_issue_id(f"{year}-W{number:02d}", edition, "week"), monday, 7, edition=edition, zone=zone)


def day(said: str, *, edition: Edition, zone: str, now: datetime) -> Window:
    """The local day that `said` means: "last" or "yesterday", "today", or a date such as "2025-08-13". Raises BadDate."""
    today = now.astimezone(ZoneInfo(zone)).date()
    words = {"last": today - timedelta(days=1), "yesterday": today - timedelta(days=1), "today": today, "this": today}
    chosen = words.get(said.strip().lower()) or read_date(said, zone=ZoneInfo(zone)).astimezone(ZoneInfo(zone)).date()
    return _whole_days(_issue_id(chosen.isoformat(), edition, "day"), chosen, 1, edition=edition, zone=zone)


def span(since: str, until: str, *, edition: Edition, zone: str, now: datetime, last_end: datetime | None = None) -> Window:
    """From `since` up to but not including `until` ("" = now). "last" begins where the edition's last issue ended (`last_end`).

    Understands dates, "monday" (the latest one, 00:00), "today", "yesterday" and "3 days ago" (that many days before today's midnight).
    Raises BadDate.
    """
    if since.strip().lower() == "last":
        if last_end is None:
            raise BadDate(
                f"--since last: {edition.name} has no approved or sent issue yet.",
                hint="Name a date for the first one: --since 2025-08-11.",
            )
        start = last_end
    else:
        start = _moment(since, zone=zone, now=now)
    end = _moment(until, zone=zone, now=now) if until else now.astimezone(UTC).replace(second=0, microsecond=0)
    if end <= start:
        raise BadDate(
            f"The window would end ({_short(end, zone)}) before it begins ({_short(start, zone)}).", hint="Set --until after --since."
        )
    return Window(
        issue_id=_issue_id(f"{_short(start, zone)}--{_short(end, zone)}", edition, "week"),
        edition=edition.name,
        start=start,
        end=end,
        zone=zone,
    )


def midnight(of: date, zone: str) -> datetime:
    """The moment at which a local day begins, in UTC. Days of 23 and 25 hours meet without a gap."""
    return datetime.combine(of, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _whole_days(issue_id: str, first: date, days: int, *, edition: Edition, zone: str) -> Window:
    start, end = midnight(first, zone), midnight(first + timedelta(days=days), zone)
    return Window(issue_id=issue_id, edition=edition.name, start=start, end=end, zone=zone)


def _issue_id(span: str, edition: Edition, rhythm: str) -> str:
    """The span alone for the edition that is first of the rhythm, else with the edition's name, so that no two share an issue."""
    return span if edition.first and edition.rhythm == rhythm else f"{edition.name}-{span}"


def _moment(said: str, *, zone: str, now: datetime) -> datetime:
    word = " ".join(said.lower().split())
    local = now.astimezone(ZoneInfo(zone))
    if word == "now":
        return now.astimezone(UTC).replace(second=0, microsecond=0)
    if word in ("today", "yesterday"):
        return midnight(local.date() - timedelta(days=word == "yesterday"), zone)
    if word in WEEKDAYS:
        return midnight(local.date() - timedelta(days=(local.weekday() - WEEKDAYS.index(word)) % 7), zone)
    if match := AGO.fullmatch(word):
        count = int(match["count"])
        if match["unit"] == "hour":
            return (now - timedelta(hours=count)).astimezone(UTC).replace(second=0, microsecond=0)
        return midnight(local.date() - timedelta(days=count * (7 if match["unit"] == "week" else 1)), zone)
    return read_date(said, zone=ZoneInfo(zone))


def _short(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%d" if local.time() == time() else "%Y-%m-%dT%H%M")
