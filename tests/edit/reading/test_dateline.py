import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.reading.dateline import part_dateline
from digest.model import Dateline

NEWS = "The harbor commission approved the plan."


@pytest.mark.parametrize(
    ("written", "place", "agency"),
    [
        ("SEOUL, South Korea (Tribune News Service) — ", "SEOUL, South Korea", "Tribune News Service"),
        ("WASHINGTON (AP) — ", "WASHINGTON", "AP"),
        ("LONDON (Reuters) - ", "LONDON", "Reuters"),
        ("PARIS, Aug 12 (Reuters) - ", "PARIS", "Reuters"),
        ("BEIJING, 12 Aug. 2025 (Xinhua) -- ", "BEIJING", "Xinhua"),
        ("WASHINGTON, D.C., Aug. 12, 2025 — ", "WASHINGTON, D.C.", ""),
        ("KYIV, Ukraine — ", "KYIV, Ukraine", ""),
        ("KYIV — ", "KYIV", ""),
        ("CAMP HUMPHREYS, South Korea — ", "CAMP HUMPHREYS, South Korea", ""),
        ("AL UDEID AIR BASE, Qatar – ", "AL UDEID AIR BASE, Qatar", ""),
        ("MANCHESTER N.H. – ", "MANCHESTER N.H.", ""),
        ("MOSCOW/KYIV (Reuters) - ", "MOSCOW/KYIV", "Reuters"),
        ("DAVOS, Switzerland/WASHINGTON (Reuters) - ", "DAVOS, Switzerland/WASHINGTON", "Reuters"),
        ("ABOARD THE USS GERALD R. FORD (AP) — ", "ABOARD THE USS GERALD R. FORD", "AP"),
        ("ST. PAUL, Minn. (AP) — ", "ST. PAUL, Minn.", "AP"),
        ("SAN JUAN (Stars and Stripes) — ", "SAN JUAN", "Stars and Stripes"),
        ("GRAFENWÖHR, Germany (The Garrison Post) — ", "GRAFENWÖHR, Germany", "The Garrison Post"),
        ("Washington (CNN) -- ", "Washington", "CNN"),
        ("Washington (CNN)", "Washington", "CNN"),
        ("Nashua, New Hampshire (CNN) ", "Nashua, New Hampshire", "CNN"),
        ("(Reuters) - ", "", "Reuters"),
        ("New York, March 25 - ", "New York", ""),
        ("OTTAWA, Oct 2- ", "OTTAWA", ""),
    ],
)
def test_a_dateline_is_parted_from_the_news(written, place, agency):
    assert part_dateline(written + NEWS) == (Dateline(place=place, agency=agency), NEWS)


@pytest.mark.parametrize(
    "paragraph",
    [
        "ANALYSIS/OPINION: — The council should think again.",
        "ANALYSIS — The council should think again.",
        "FILE PHOTO - A man walks along the pier.",
        "OPINION: Harbor — The council should think again.",
        "Gaza (and the rest) — that is what the council spoke about.",
        "NATO — the alliance of 32 nations — meets today.",
        "NATO (North Atlantic Treaty Organization) — The alliance meets today.",
        "U.S. — Officials met.",
        "COVID-19 — The virus is back.",
        "MAKE THE HARBOR GREAT — That was on the banner.",
        "A HARD RAIN — The storm came at noon.",
        '"KYIV, Ukraine — We are here," the banner read.',
        "- KYIV — the first stop",
        "• MOSCOW — The second stop",
        "The mayor (D) - a former pilot - spoke.",
        "On Tuesday, Aug. 12 - The day of the vote - it rained.",
        "The commission — all nine members — voted for the plan.",
        "Two-thirds of the members voted for the plan.",
        "WASHINGTON (AP) — ",
        "",
    ],
)
def test_a_paragraph_without_a_dateline_stays_as_it_is(paragraph):
    assert part_dateline(paragraph) == (None, paragraph)


@given(st.text(max_size=300))
def test_nothing_but_the_dateline_is_ever_lost(paragraph):
    dateline, rest = part_dateline(paragraph)

    assert paragraph.endswith(rest)
    assert dateline is not None or rest == paragraph


@pytest.mark.parametrize("piece", ["A", "A ", "(", "A, ", "— ", "A/", "A (B) "])
def test_a_line_of_100_kilobytes_takes_no_time(piece):
    started = time.process_time()

    part_dateline(piece * (100_000 // len(piece)))

    assert time.process_time() - started < 0.1
