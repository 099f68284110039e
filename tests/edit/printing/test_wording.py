"""Dates and counts read as a person in that language would write them."""

import re
import tomllib
from datetime import UTC, date, datetime

import pytest

from digest.edit.printing.wording import counted, fill, is_language, issue_dates, locale_of, same_language, short_date, words_for
from digest.edit.render import theme
from digest.errors import TemplateError
from digest.newsroom import shipped_templates
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


@pytest.mark.parametrize(
    ("one", "other", "same"), [("es-MX", "es", True), ("EN", "en-GB", True), ("ar", "fa", False), ("en", "", False), ("es", "est", False)]
)
def test_a_region_is_no_other_language(one, other, same):
    assert same_language(one, other) is same


@pytest.mark.parametrize(("text", "known"), [("en", True), ("zh-Hant-TW", True), ("English", False), ("en_US", False), ('en" x="', False)])
def test_a_language_is_a_code(text, known):
    assert is_language(text) is known


def test_a_date_begins_its_line_with_a_capital():
    day = a_window(start=datetime(2025, 8, 13, 4, tzinfo=UTC), end=datetime(2025, 8, 14, 4, tzinfo=UTC))

    assert issue_dates(day, WORDS, locale_of("es")) == "Miércoles, 13 de agosto de 2025"


# --- the words files that come with digest

SHIPPED = shipped_templates()
LANGUAGES = sorted(name.removeprefix("words/").removesuffix(".toml") for name in SHIPPED if name.startswith("words/"))
PLURALS = ("minutes", "stories")
PLACE = re.compile(r"\{(\w+)\}")
NUMBERS = (*range(202), 1000, 10**6)


def own_words(language):
    return tomllib.loads(SHIPPED[f"words/{language}.toml"])


def faults(language, words):
    """What is wrong with a language's words, beside the English ones: a word or plural form too few or too many, a place lost or made up."""
    english, locale = own_words("en"), locale_of(language)
    found = [f"{key}: is missing" for key in english if key not in words]
    found += [f"{key}: nobody asks for it" for key in words if key not in english and key != "theme"]
    for key in (key for key in english if key in words):
        if type(words[key]) is not type(english[key]):
            found.append(f"{key}: is no {type(english[key]).__name__}")
        elif key in PLURALS:
            found += _plural_faults(key, words[key], locale)
        elif isinstance(words[key], str):
            found += [] if PLACE.findall(words[key]) == PLACE.findall(english[key]) else [f"{key}: has not the places of the English"]
            found += [] if words[key].strip() else [f"{key}: is empty"]
        elif isinstance(words[key], list):
            found += [] if words[key] and all(isinstance(word, str) and word for word in words[key]) else [f"{key}: lacks words"]
    return found


def _plural_faults(key, forms, locale):
    of = {form: [number for number in NUMBERS if locale.plural_form(number) == form] for form in (*locale.plural_form.tags, "other")}
    found = [f"{key}: has the forms {', '.join(sorted(forms))}, not {', '.join(sorted(of))}"] if set(forms) != set(of) else []
    for form, words in forms.items():
        places = PLACE.findall(words)
        if places != ["n"] and not (places == [] and len(of.get(form, ())) == 1):  # "two" may be said without its number
            found.append(f"{key}.{form}: has no number")
    return found


def test_the_languages_that_come_with_digest():
    assert LANGUAGES == ["ar", "en", "es", "ko", "uk"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_words_file_is_complete(language):
    assert faults(language, own_words(language)) == []
    assert 100 <= own_words(language)["words_a_minute"] <= 300
    theme(SHIPPED, language)  # knows every token that the language changes


@pytest.mark.parametrize(
    ("language", "change", "fault"),
    [
        ("es", {"also": None}, "also: is missing"),
        ("es", {"alos": "También"}, "alos: nobody asks for it"),
        ("es", {"photo": "Foto"}, "photo: has not the places of the English"),
        ("es", {"plus": "Además: {titulares}"}, "plus: has not the places of the English"),
        ("es", {"unsubscribe": " "}, "unsubscribe: is empty"),
        ("es", {"says_so": "Foto"}, "says_so: is no list"),
        ("uk", {"stories": {"one": "{n} новина", "other": "{n} новини"}}, "stories: has the forms one, other, not few, many, one, other"),
        ("uk", {"stories": {"one": "новина", "few": "{n}", "many": "{n}", "other": "{n}"}}, "stories.one: has no number"),  # 21 новина
        ("ko", {"minutes": {"other": "{m}분"}}, "minutes.other: has no number"),
    ],
)
def test_an_incomplete_words_file_is_seen(language, change, fault):
    words = {key: value for key, value in (own_words(language) | change).items() if value is not None}

    assert faults(language, words) == [fault]


@pytest.mark.parametrize(
    ("number", "printed"),
    [(0, "لا أخبار"), (1, "خبر واحد"), (2, "خبران"), (3, "3 أخبار"), (11, "11 خبرًا"), (100, "100 خبر"), (103, "103 أخبار")],
)
def test_arabic_counts_in_six_forms(number, printed):
    assert counted(number, own_words("ar")["stories"], locale_of("ar")) == printed
