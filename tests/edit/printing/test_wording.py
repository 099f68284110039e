"""Dates and counts read as a person in that language would write them."""

from datetime import UTC, date, datetime

import pytest

from digest.edit.printing.wording import counted, direction, fill, issue_dates, locale_of, short_date, words_for
from digest.errors import TemplateError
from tests.make import a_window

WORDS = {"week_of": "Week of {dates}"}


@pytest.mark.parametrize(
    ("start", "end", "printed"),
    [
        (datetime(2025, 8, 11, 4), datetime(2025, 8, 18, 4), "Week of August 11–17, 2025"),
        (datetime(2025, 7, 28, 4), datetime(2025, 8, 4, 4), "Week of July 28 – August 3, 2025"),
        (datetime(2024, 12, 30, 5), datetime(2025, 1, 6, 5), "Week of December 30, 2024 – January 5, 2025"),
        (datetime(2025, 10, 27, 4), datetime(2025, 11, 3, 5), "Week of October 27 – November 2, 2025"),  # clocks go back
        (datetime(2025, 8, 13, 4), datetime(2025, 8, 14, 4), "Wednesday, August 13, 2025"),
        (datetime(2025, 8, 11, 4), datetime(2025, 8, 15, 4), "August 11–14, 2025"),
        (datetime(2025, 8, 11, 13), datetime(2025, 8, 14, 15), "August 11–14, 2025"),
        (datetime(2025, 8, 11, 13), datetime(2025, 8, 18, 13), "August 11–18, 2025"),  # seven times 24 hours are no calendar week
    ],
)
def test_the_date_line_says_what_the_window_covers(start, end, printed):
    window = a_window(start=start.replace(tzinfo=UTC), end=end.replace(tzinfo=UTC))

    assert issue_dates(window, WORDS, locale_of("en")) == printed


@pytest.mark.parametrize(
    ("language", "printed"),
    [
        ("en-GB", "11–17 August 2025"),
        ("es", "11–17 de agosto de 2025"),
        ("uk", "11–17 серпня 2025 р."),
        ("ko", "2025년 8월 11일~17일"),
        ("ar", "11–17 أغسطس 2025"),
    ],
)
def test_dates_follow_the_language(language, printed):
    dates = issue_dates(a_window(), {"week_of": "{dates}"}, locale_of(language))

    assert dates.replace("\u202f", " ") == printed


def test_a_short_date_fits_a_line_of_credits():
    assert short_date(date(2025, 8, 12), locale_of("en")) == "Aug 12"


@pytest.mark.parametrize(("number", "printed"), [(1, "1 тема"), (3, "3 теми"), (7, "7 тем"), (21, "21 тема")])
def test_counts_take_the_languages_plural(number, printed):
    forms = {"one": "{n} тема", "few": "{n} теми", "many": "{n} тем", "other": "{n} теми"}

    assert counted(number, forms, locale_of("uk")) == printed


def test_a_missing_plural_form_falls_back():
    assert counted(1, {"other": "{n} stories"}, locale_of("en")) == "1 stories"


def test_filling_in_evaluates_nothing():
    assert fill("Photo: {credit} {other} {credit.__class__}", credit="{n}") == "Photo: {n} {other} {credit.__class__}"


def test_words_come_from_the_language_then_its_parent_then_english():
    templates = {"words/en.toml": 'a = "en"\nb = "en"\nc = "en"', "words/es.toml": 'b = "es"\nc = "es"', "words/es-MX.toml": 'c = "mx"'}

    assert words_for("es-MX", templates) == {"a": "en", "b": "es", "c": "mx"}


def test_broken_words_name_their_file():
    with pytest.raises(TemplateError, match=r"words/es\.toml is not TOML"):
        words_for("es", {"words/es.toml": "a = "})


@pytest.mark.parametrize(("language", "printed"), [("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl")])
def test_direction_of_the_script(language, printed):
    assert direction(language) == printed
