import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.inbox import PREHEADER_FITS, SUBJECT_FITS, preheader, shortened, subjects
from digest.model import Section
from tests.make import ENGLISH, a_brief, an_issue


def a_section(title: str, items: int = 2, **changes) -> Section:
    return Section(title=title, briefs=tuple(a_brief(f"{title}{at}", headline=f"News {at} of {title}") for at in range(items)), **changes)


def a_week(headline: str, *sections: Section):
    return an_issue(lead=a_brief("lead", headline=headline), sections=sections)


def test_three_subjects_of_three_kinds_the_lead_first():
    week = a_week(
        "Council approves harbor plan after years of quarrels and lawsuits", a_section("Pier fire"), a_section("Rail strike talks", 4)
    )

    assert subjects(week) == (
        "Council approves harbor plan",
        "Council approves harbor plan; Rail strike talks",
        "Rail strike talks; Pier fire",
    )


def test_the_second_theme_is_one_that_the_lead_does_not_speak_of():
    week = a_week("Rail strike ends", a_section("Rail strike talks", 5), a_section("Pier fire"))

    assert subjects(week)[1] == "Rail strike ends; Pier fire"


def test_where_there_are_no_themes_other_news_stands_for_them():
    week = a_week("Rail strike ends", Section(title="More", style="headlines", briefs=(a_brief("a", headline="Pier burns"), a_brief("b"))))

    assert subjects(week) == ("Rail strike ends", "Rail strike ends; Pier burns", "Pier burns; Headline of b")


def test_an_issue_of_one_item_has_one_subject_and_an_empty_one_its_title():
    assert subjects(an_issue(lead=a_brief("u1"))) == ("Headline of u1",)
    assert subjects(an_issue(title="Weekly Headlines", sections=())) == ("Weekly Headlines",)


@pytest.mark.parametrize(
    ("headline", "cut"),
    [
        ("Council approves harbor plan", "Council approves harbor plan"),
        ("Council approves the harbor plan, and ferry owners go to court at once", "Council approves the harbor plan"),
        ("Ferry owners win the harbor case. They are on their way to the coast", "Ferry owners win the harbor case"),
        ("Harbor commission votes down the second plan of the ferry owners", "Harbor commission votes down the second plan of the ferry…"),
        ("Harbor commission will close the ferry terminal without the owners' vote", "Harbor commission will close the ferry terminal…"),
        ("Harbor chief calls ferry owners' late plan “a threat to everyone at sea”", "Harbor chief calls ferry owners' late plan…"),
        ("Harbor chief says “the plan, after all, is not ours to stop” in court today", "Harbor chief…"),
        (
            "Governor signs the harbor bill with Sen. Ann Roe beside him, at last and in public",
            "Governor signs the harbor bill with Sen. Ann Roe beside him",
        ),
        (
            "Mayor opens the new harbor terminal in St. Halyard with a speech on trade",
            "Mayor opens the new harbor terminal in St. Halyard…",
        ),
        (
            "Troops leave the island base that was lent to the U.S. The fishermen may come back",
            "Troops leave the island base that was lent to the U.S.",
        ),
        ("Will the old ferry pier reopen? Council weighs a plan that nobody has seen yet", "Will the old ferry pier reopen?"),
        ("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung heute", None),
    ],
)
def test_a_long_headline_ends_with_a_clause_or_a_word(headline, cut):
    assert shortened(headline, SUBJECT_FITS) == (cut if cut else headline[: SUBJECT_FITS - 1] + "…")


@given(st.text(st.sampled_from(" -—–,;:.…“”\"'()aB港"), max_size=150))
def test_signs_and_blanks_alone_make_a_subject_that_fits(headline):
    assert len(shortened(headline, SUBJECT_FITS)) <= SUBJECT_FITS


WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=14), min_size=1, max_size=14).map(" ".join)


@given(WORDS, st.lists(WORDS, max_size=5))
def test_no_suggestion_holds_half_a_word_or_is_too_long(headline, titles):
    week = a_week(headline, *(a_section(title, at + 1) for at, title in enumerate(dict.fromkeys(titles))))
    known = set(" ".join([headline, *(f"{brief.headline} {one.title}" for one in week.sections for brief in one.briefs)]).split())

    found = subjects(week)

    assert 1 <= len(found) == len(set(found)) <= 3
    assert all(len(text) <= SUBJECT_FITS for text in found)
    assert all(set(re.sub(r"[;…]", "", text).split()) <= known for text in found)


def test_the_mark_of_a_desk_is_left_out():
    assert subjects(a_week("BREAKING: pier closes"))[0] == "Pier closes"
    assert subjects(a_week("Exclusive – harbor chief resigns"))[0] == "Harbor chief resigns"
    assert subjects(a_week("Pier: Council votes"))[0] == "Pier: Council votes"


def test_a_headline_with_clickbait_is_not_suggested_while_there_is_another():
    sections = a_section("Rail strike talks", 4), a_section("Pier fire")

    assert subjects(a_week("You won’t believe what the council did", *sections)) == ("Rail strike talks; Pier fire",)
    assert subjects(a_week("You won’t believe what the council did")) == ("You won’t believe what the council did",)


def test_the_preheader_holds_whole_headlines_that_a_phone_shows():
    week = a_week("Rail strike ends", *(a_section(title) for title in ("Pier fire", "Harbor", "A" * 80, "Market", "Museum", "Schools")))

    assert preheader(week, ENGLISH) == "Plus: News 0 of Pier fire; News 0 of Harbor; News 0 of Market; News 0 of Museum"


def test_a_preheader_is_cut_at_a_word_when_no_headline_fits():
    long = "Harbor commission votes down the second plan of the ferry owners that it had asked for in its spring meeting"

    text = preheader(a_week("Rail strike ends", Section(title="Harbor", briefs=(a_brief("u1", headline=long),))), ENGLISH)

    assert text == "Plus: Harbor commission votes down the second plan of the ferry owners…"
    assert len(text) <= PREHEADER_FITS
