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


HARD = [  # kickers, captions, asides, quotations, lists, scores, hours, dates, scripts, recipes, names with titles, headlines, ranges
    "ANALYSIS/OPINION: — The harbor plan is a mistake.",
    "COMMENTARY — The harbor plan is a mistake.",
    "FILE PHOTO - The dredger at work in the channel.",
    "FILE - In this June 19 photo, the dredger works in the channel.",
    "PHOTOS: Harbor day — See all the pictures here.",
    "PHOTO ESSAY — The harbor at dawn, in twelve pictures.",
    "Gaza (and the rest) — The council spoke about nothing else.",
    "Gaza (and, some say, the West Bank) — The council spoke about nothing else.",
    "Washington (not Oregon) — That is where the money is.",
    "London (again) - The talks moved back for a fourth time.",
    "Paris (Texas) — The council there voted for the pier.",
    "Lincoln (R) — The senator never came back.",
    "Portland (Ore.) - The ferry line was sold.",
    "“KYIV, Ukraine — We are here,” the banner read.",
    "“LONDON — That is where we go,” the captain said.",
    "'PARIS — Never again,' the poster said.",
    '"We are lost" - The last words of the pilot were heard by all.',
    "(KYIV) — The second of three parts.",
    "1. LONDON — The first stop.",
    "2) PARIS — The second stop.",
    "• MOSCOW — The third stop.",
    "- OSLO — The fourth stop.",
    "(a) BERLIN — The fifth stop.",
    "HARBOR CITY 3, PORT TOWN 1 — The visitors never led.",
    "LIONS 24, BEARS 17 — The visitors never led.",
    "FINAL: Harbor City 3 - Port Town 1",
    "HALFTIME — The visitors led by nine.",
    "MVP — The pitcher won it twice.",
    "9 A.M. — The doors open.",
    "9:15 a.m. — The mayor arrives.",
    "NOON — The mayor speaks.",
    "Aug. 12 — The council votes.",
    "AUG. 12, 2025 — The council votes.",
    "MONDAY — The council votes.",
    "Tuesday, Aug. 12 - The council votes.",
    "JUNE 19 - The dredger arrives.",
    "Q — What does the plan cost?",
    "Q: What does the plan cost? A — Forty million.",
    "QUESTION — What does the plan cost?",
    "INGREDIENTS — Two cups of flour and a pinch of salt.",
    "DIRECTIONS — Mix flour and salt.",
    "SERVES 4 — Ready in an hour.",
    "PREP TIME, 20 MINUTES — Mix flour and salt.",
    "Jane Roe, mayor — The plan is a good one.",
    "JANE ROE, Harbor Commission — The plan is a good one.",
    "JANE ROE — The mayor of Harbor City was first elected in 2010.",
    "Sen. Jane Roe (D-Ore.) — The senator voted for it.",
    "DR. JANE ROE — The harbor physician has seen it before.",
    "GEN. JOHN SMITH (Ret.) — The general spoke at noon.",
    "CHANNEL PLAN APPROVED — Pilots rejoice.",
    "PORT STRIKE ENDS — Ships sail again on Monday.",
    "PILOTS WIN, Growers Lose — That was the outcome.",
    "FIRE ON THE PIER — Nobody was hurt.",
    "STOP PRESS — The vote is off.",
    "“A plan for the ages” — That is what the mayor called it.",
    "— Yes, she said. — No, he said.",
    "— LONDON? — The pilot shook his head.",
    "ROE — You never came back. SMITH — I was at sea.",
    "HAMLET — To be or not to be, that is the question.",
    "ENTER GHOST — The lights go down.",
    "EXT. HARBOR, Night — A ship comes in.",
    "CURTAIN — The lights go down.",
    "2019–2021 — The years of the strike.",
    "MAY-JUNE — The season of storms.",
    "A–Z — The harbor from anchors to zinc.",
    "MONDAY-FRIDAY — The ferry leaves at nine.",
    "$40 MILLION — The cost of the plan.",
    "40 PERCENT — The share of growers who oppose it.",
    "UPDATE 2 - Harbor plan approved after long debate.",
    "UPDATE 1-Harbor plan approved after long debate.",
    "WRAPUP 3 - Strike ends at the port.",
    "BREAKING — Harbor plan approved.",
    "CORRECTED - Harbor plan approved by seven, not six.",
    "REFILE - Harbor plan approved by seven.",
    "EDITOR’S NOTE — The names of the crew were changed.",
    "THE BIG IDEA — The channel should be deepened.",
    "THE TAKEAWAY — The channel should be deepened.",
    "BOTTOM LINE — The channel should be deepened.",
    "WHAT’S NEXT — The council votes on Monday.",
    "PART TWO — The channel is deepened.",
    "CHAPTER ONE — The ship sails.",
    "SECTION 3, Article 2 — The port belongs to the town.",
    "WINNER — Harbor City, for its pier.",
    "LOSER — Port Town, for its pier.",
    "PRO — The pilots want it.",
    "CON — The growers do not.",
    "AGREE — The pilots want it.",
    "MYTH — The channel is deep.",
    "FACT — The channel is shallow.",
    "RATING, Three stars — The film is good.",
    "CAST — Jane Roe, John Smith.",
    "DIRECTOR — Jane Roe made it in a month.",
    "GRADE — B plus.",
    "NATO — The alliance meets today.",
    "FEMA (Federal Emergency Management Agency) — The agency answers.",
    "COVID-19 — The virus is back.",
    "HIV (human immunodeficiency virus) - The virus was found in 1983.",
    "OPEC — Ministers meet in Vienna on Monday.",
    "NASA — Engineers delayed the launch again.",
    "CNN — The network cut forty jobs.",
    "The AP (and Reuters) — Both agencies sent a reporter.",
    "AP — The agency sent a reporter.",
    "IBM (New York) — Shares rose by nine percent.",
    "TEXAS A&M — The Aggies won again.",
    "UCLA 81, USC 70 — The Bruins never trailed.",
    "RIP — The old pier is gone.",
    "DEAR ABBY — My husband is at sea.",
    "DEAR READERS — The paper moves.",
    "SUBSCRIBE — The paper needs you.",
    "Harbor City (pop. 9,000) — The town is small.",
    "Rome (53 B.C.) — The senate met.",
    "Moscow (Reuters Breakingviews) and London — Both are in the same boat.",
    "Kabul (the capital) — The city fell in a week.",
    "Dallas (1978) - The series made oil famous.",
    "Chicago (the musical) - The show returns on Monday.",
    "In Paris (AP) - That is how it began.",
    "The harbor commission (AP style) — The rule is clear.",
    "Berlin, Alexanderplatz — The novel was filmed in 1980.",
    "Paris, Texas — The film was made in 1984.",
    "Vienna, The Hague - Two cities and one court.",
    "Nice, France - The town where it happened is quiet now.",
    "SPOILER ALERT — The ship sinks.",
    "WATCH LIVE — The mayor speaks at noon.",
    "LOOK — The mayor speaks at noon.",
    "OK — The plan is good.",
    "NO — The plan is bad.",
    "YES, Minister — The series returns.",
    "MAYOR — The plan is good.",
    "NARRATOR — The ship came in at dawn.",
    "HARBOR MASTER (whispering) — The ship is late.",
    "JANE (to the pilot) — You are late.",
    "NURSE (Enters) — The doctor is here.",
]


@pytest.mark.parametrize("paragraph", HARD)
def test_what_only_looks_like_a_dateline_stays(paragraph):
    assert part_dateline(paragraph) == (None, paragraph)


@pytest.mark.parametrize(
    "opening",
    [
        "THE BIG IDEA",
        "NOON",
        "PORT STRIKE ENDS",
        "INGREDIENTS",
        "DR. JANE ROE",
        "MONDAY-FRIDAY",
        "WHAT’S NEXT",
        "PART TWO",
        "NATO",
        "MAYOR",
    ],
)
def test_a_heading_stays_however_long_the_sentence_behind_it(opening):
    paragraph = f"{opening} — The harbor commission, after nine years of argument, approved the plan on Tuesday by seven votes to two."

    assert part_dateline(paragraph) == (None, paragraph)


def test_a_town_that_no_list_knows_is_a_dateline_when_a_lead_follows():
    news = "The harbor commission, after nine years of argument, approved the plan on Tuesday by seven votes to two."

    assert part_dateline(f"HALYARD — {news}") == (Dateline(place="HALYARD", agency=""), news)
    assert part_dateline(f"HALYARD — {NEWS}")[0] is None


@pytest.mark.parametrize("place", ["CAMP HALYARD", "GARRISON BAY", "FORT SIGNAL", "ST. ANNE"])
def test_what_names_a_kind_of_place_is_one_before_a_short_sentence(place):
    assert part_dateline(f"{place} — {NEWS}") == (Dateline(place=place, agency=""), NEWS)


@pytest.mark.parametrize(
    ("written", "place", "agency"),
    [
        ("MADRID (EFE) - ", "MADRID", "EFE"),
        ("Madrid, 12 ago (EFE).- ", "Madrid", "EFE"),
        ("LA HABANA, 3 de enero de 2025 (Prensa Latina) - ", "LA HABANA", "Prensa Latina"),
        ("PARIS (AFP) - ", "PARIS", "AFP"),
        ("Paris, le 12 août (AFP) - ", "Paris", "AFP"),
        ("BRUXELLES, 1er février (Belga) - ", "BRUXELLES", "Belga"),
        ("Berlin (dpa) - ", "Berlin", "dpa"),
        ("Hannover (dpa/lni) - ", "Hannover", "dpa/lni"),
        ("MOSKAU, 12. August (Reuters) - ", "MOSKAU", "Reuters"),
        ("MÜNCHEN, 3. März - ", "MÜNCHEN", ""),
    ],
)
def test_spanish_french_and_german_datelines_are_parted(written, place, agency):
    assert part_dateline(written + "La ciudad votó el plan.") == (Dateline(place=place, agency=agency), "La ciudad votó el plan.")


@pytest.mark.parametrize(
    ("written", "place", "agency"),
    [
        ("BEIRUT and DAMASCUS, Syria (AP) — ", "BEIRUT and DAMASCUS, Syria", "AP"),
        ("WASHINGTON (AP) — SEOUL, South Korea (AP) — ", "WASHINGTON/SEOUL, South Korea", "AP"),
        ("WASHINGTON — KYIV, Ukraine — ", "WASHINGTON/KYIV, Ukraine", ""),
        ("(AP) — ", "", "AP"),
        ("(Tribune News Service) — ", "", "Tribune News Service"),
        ("LONDON (Reuters) - EXCLUSIVE - ", "LONDON", "Reuters"),
        ("LONDON, March 9 - FREIGHT RATES - ", "LONDON", ""),
    ],
)
def test_double_datelines_and_kickers_behind_them_go_too(written, place, agency):
    assert part_dateline(written + NEWS) == (Dateline(place=place, agency=agency), NEWS)


def test_capitals_that_the_news_explains_stay_with_it():
    news = "NASA - the space agency - delayed the launch."

    assert part_dateline(f"HOUSTON (AP) - {news}")[1] == news


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
