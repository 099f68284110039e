"""The words that no reporter wrote: dates, counts and labels, in the issue's language."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest.errors import TemplateError
from digest.model import Window

if TYPE_CHECKING:
    from babel import Locale

A_WEEK = timedelta(days=7)


def words_for(language: str, templates: Mapping[str, str]) -> Mapping[str, Any]:
    """The fixed words of words/<language>.toml over those of its plain language and of English, so that a gap is never a fault."""
    names = dict.fromkeys(("en", language.partition("-")[0], language))
    words: dict[str, Any] = {}
    for name in names:
        words |= read_toml(f"words/{name}.toml", templates)
    return words


def read_toml(name: str, templates: Mapping[str, str]) -> dict[str, Any]:
    """A TOML file among the templates; {} when there is none. Raises TemplateError with the place of a fault."""
    try:
        return tomllib.loads(templates.get(name, ""))
    except tomllib.TOMLDecodeError as fault:
        raise TemplateError(f"{name} is not TOML: {fault}", hint="Quote every text and write one key a line.") from fault


def fill(words: str, **values: str) -> str:
    """Put values into {places}. A plain exchange: a text in a value or a place unknown to us is never evaluated."""
    return re.sub(r"\{(\w+)\}", lambda place: values.get(place[1], place[0]), words)


def counted(number: int, forms: Mapping[str, str], locale: "Locale") -> str:
    """`1 story`, `5 stories`: the form that the language wants for this number (CLDR plural rules)."""
    form = forms.get(locale.plural_form(number)) or forms["other"]
    return fill(form, n=str(number))


def issue_dates(window: Window, words: Mapping[str, Any], locale: "Locale") -> str:
    """`Week of August 11–17, 2025` for seven whole days, `Wednesday, August 13, 2025` for one, else `August 11–14, 2025`."""
    from babel.dates import format_date

    zone = ZoneInfo(window.zone)
    start, end = window.start.astimezone(zone), window.end.astimezone(zone)
    first, last = start.date(), (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    whole_week = start.time() == end.time() and end.date() - first == A_WEEK and last - first < A_WEEK
    dates = format_date(first, "full", locale=locale) if first == last else _between(first, last, locale)
    line = fill(words["week_of"], dates=dates) if whole_week else dates
    return line[:1].upper() + line[1:]  # many languages write their weekdays small, but not at the head of a line


def short_date(day: date, locale: "Locale") -> str:
    """`Aug 12`."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMd", day, locale=locale)


def locale_of(language: str) -> "Locale":
    """The language's calendar and plural rules; English ones for a language that CLDR does not know."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def is_language(code: str) -> bool:
    """Whether a text is a language code: `en`, `zh-Hant`. Documents also say "English" and "en_US"."""
    return re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*", code) is not None


def same_language(one: str, other: str) -> bool:
    """Whether a reader of the one reads the other too: `es-MX` and `es`."""
    return _primary(one) == _primary(other)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _between(first: date, last: date, locale: "Locale") -> str:
    """`August 11–17, 2025`. CLDR's English pattern cuts the month to `Aug`, so it is written out here."""
    from babel.dates import format_date, parse_pattern

    differs = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    formats = locale.interval_formats.get("yMMMMd") or locale.interval_formats.get("yMMMd") or {}
    patterns = formats.get(differs, ())
    if len(patterns) != 2:
        return f"{format_date(first, 'long', locale=locale)} – {format_date(last, 'long', locale=locale)}"
    long = [parse_pattern(re.sub(r"(?<!M)MMM(?!M)", "MMMM", pattern)) for pattern in patterns]
    dates = "".join(pattern.apply(day, locale) for pattern, day in zip(long, (first, last), strict=True))
    tight = re.sub(r"(?<=\d)\s*–\s*(?=\d)", "–", dates) if differs == "d" else dates
    return tight.replace("\u2009", " ")
