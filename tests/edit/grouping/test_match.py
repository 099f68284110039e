import random

import pytest

from digest.edit.grouping.match import belongings
from digest.model import Theme
from tests.make import MATTERS, a_story

STORY = a_story(
    headline="Kim Jong Un opens a rail bridge",
    tags=("North Korea",),
    paragraphs=("Pyongyang opened a same-sex ward and a rail bridge on Tuesday. Immigrants built it. Migration fell.",),
)
PIER = "The pier was mended in the spring and painted in the summer, and the council paid for the paint. " * 4
FERRY = "The ferry left late again, its captain blamed the tide, and the crew of the ferry went home. "


def why(story, **asked):
    """Why a story that is alone in its window belongs to a theme; "" when it does not."""
    ((*held,),) = belongings([story], [Theme(key="k", title="K", **asked)])
    return held[0].reason if held else ""


def homes(stories, *themes):
    return [[one.theme.key for one in held] for held in belongings(stories, themes)]


def a_theme(key, *words, **asked):
    return Theme(key=key, title=key.title(), any=words, **asked)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"tags": ("north-korea",)}, "tag North Korea"),
        ({"any": ("bridg",)}, "keyword “bridg” in the headline and once in the text"),
        ({"any": ("idge",)}, ""),
        ({"any": ("opens a rail",)}, "keyword “opens a rail” in the headline"),
        ({"names": ("Kim Jong Un",)}, "name “Kim Jong Un” in the headline"),
        ({"names": ("kim jong un",)}, ""),
        ({"any": ("bridge",), "all": ("pyongyang",)}, "keyword “bridge” in the headline and once in the text"),
        ({"any": ("bridge",), "all": ("moscow",)}, ""),
        ({"any": ("bridge",), "none": ("same sex",)}, ""),
        ({"tags": ("north-korea",), "none": ("pyongyang",)}, ""),
        ({"all": ("rail", "bridge")}, "keyword “rail” in the headline and once in the text"),
    ],
)
def test_tags_keywords_names_and_their_exceptions(asked, reason):
    assert why(STORY, **asked) == reason


def test_a_word_dropped_once_is_not_what_a_story_is_about():
    assert not why(a_story(paragraphs=("The mayor opened a ward and recalled the ceasefire.",)), any=("ceasefire",))
    assert why(a_story(paragraphs=("The ceasefire held. A second ceasefire follows. Every ceasefire is watched.",)), any=("ceasefire",))


def test_what_stands_far_down_is_background():
    assert not why(a_story(paragraphs=(PIER, PIER, PIER, PIER, PIER, FERRY * 3)), any=("ferry",))


def test_the_line_under_the_headline_counts_as_the_headline():
    assert why(a_story(dek="A ceasefire is near"), any=("ceasefire",))


@pytest.mark.parametrize(
    ("keyword", "headline"), [("women's", "Women’s team wins"), ("al-qaeda", "Cell of Al Qaeda found"), ("停戦", "ロシアと停戦協議")]
)
def test_apostrophes_hyphens_and_scripts_without_spaces(keyword, headline):
    assert why(a_story(headline=headline), any=(keyword,))


def test_an_empty_keyword_matches_nothing():
    assert not why(STORY, any=("", " - "), names=("", "/"), tags=("",))


# --- where it is more at home


def test_a_story_with_two_themes_goes_where_it_is_more_at_home_whatever_comes_first():
    story = a_story(headline="Ferry strike at the pier", paragraphs=(FERRY * 3,))
    ferries, piers = a_theme("ferries", "ferry"), a_theme("piers", "pier")

    for order in ((ferries, piers), (piers, ferries)):
        assert homes([story], *order) == [["ferries", "piers"]]


def test_of_two_that_are_equal_the_first_configured_is_the_home():
    assert homes([a_story(headline="Ferry and pier")], a_theme("f", "ferry"), a_theme("p", "pier")) == [["f", "p"]]


def test_a_tag_outweighs_every_word():
    story = a_story(headline="Ferry, ferry, ferry", paragraphs=(FERRY * 3,), tags=("Harbor",))

    assert homes([story], a_theme("ferries", "ferry"), Theme(key="h", title="H", tags=("harbor",))) == [["h", "ferries"]]


def test_what_most_stories_speak_of_tells_less():
    window = [a_story(f"f{at}", headline="Ferry late", paragraphs=(PIER,)) for at in range(70)]
    lone = a_story("both", headline="Ferry and pilot", paragraphs=(PIER,))

    assert homes([*window, lone], a_theme("ferries", "ferry"), a_theme("pilots", "pilot"))[-1] == ["pilots"]


def test_five_stories_are_enough():
    window = [a_story(f"f{at}", headline=f"Ferry {at} late") for at in range(5)]

    assert homes(window, a_theme("ferries", "ferry")) == [["ferries"]] * 5


def a_window_of_strikes(last):
    """Three sure stories, a dozen of other matters, and one that speaks of the theme in a word only."""
    walkout = "Engineers walked out at the depot, and the union called the wage offer an insult."
    sure = [a_story(f"s{at}", headline=f"Ferry strike, day {at}", paragraphs=(f"{walkout} {FERRY}",)) for at in range(3)]
    others = [a_story(f"o{at}", headline=f"Orchard {at} blooms", paragraphs=(f"Apples number {at} are sweet. {PIER}",)) for at in range(12)]
    return [*sure, *others, a_story("last", headline="Talks fail", paragraphs=(f"{last} The ferryman said no.",))]


def test_sure_stories_teach_which_other_words_mark_the_theme():
    alike = a_window_of_strikes("Engineers walked out at the depot, and the union called for a better wage.")
    unlike = a_window_of_strikes(f"A painter hung {PIER} {MATTERS[1][1]} {MATTERS[2][1]}")

    assert [bool(belongings(window, [a_theme("f", "ferry")])[-1]) for window in (alike, unlike)] == [True, False]


def test_what_was_taught_is_told_in_one_line():
    *_, (held,) = belongings(
        a_window_of_strikes("Engineers walked out at the depot, and the union called for a better wage."), [a_theme("f", "ferry")]
    )

    assert held.reason.startswith("keyword “ferry” once in the text; shares ")
    assert held.reason.endswith(" with 3 stories of this theme")


def test_the_order_of_the_stories_does_not_matter():
    window = a_window_of_strikes("Engineers walked out at the depot.")
    shuffled = random.Random(4).sample(window, len(window))
    told = {story.id: held for story, held in zip(shuffled, belongings(shuffled, [a_theme("f", "ferry")]), strict=True)}

    again = belongings(window, [a_theme("f", "ferry")])

    assert [[(one.reason, round(one.strength, 6)) for one in held] for held in again] == [
        [(one.reason, round(one.strength, 6)) for one in told[story.id]] for story in window
    ]


# --- other names


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("Kyiv/Kiev", "Kiev gets a tram"),
        ("Kyiv/Kiev", "Kyiv gets a tram"),
        ("Kyiv", "Kiev gets a tram"),
        ("North Korea", "DPRK opens a bridge"),
        ("DPRK", "North Korea opens a bridge"),
        ("Port Amity / Amity Harbor", "Amity Harbor gets a tram"),
        ("U.N.", "United Nations meets"),
    ],
)
def test_a_place_is_found_under_its_other_names(name, headline):
    assert why(a_story(headline=headline), names=(name,)) == f"name “{name}” in the headline"


def test_a_person_is_found_by_the_surname_once_the_full_name_was_told():
    told = "Vladimir Putin opened a bridge. Mr. Putin left."
    headline = "Putin opens a bridge"

    assert why(a_story(headline=headline, paragraphs=(told,)), names=("Vladimir Putin",))
    assert not why(a_story(headline=headline, paragraphs=("A bridge was opened.",)), names=("Vladimir Putin",))


def test_where_the_family_name_comes_first_it_stands_for_the_person():
    assert why(a_story(headline="Kim opens a bridge", paragraphs=("Kim Jong Un came by train.",)), names=("Kim Jong Un",))


def test_the_last_word_of_a_place_does_not_stand_for_it():
    story = a_story(headline="South Korea opens a bridge", paragraphs=("North Korea sent nobody.",))

    assert not why(story, names=("North Korea",))
    assert not why(a_story(headline="York opens a bridge", paragraphs=("New York sent nobody.",)), names=("New York",))


def test_one_mention_counts_once_under_whatever_name():
    reason = why(a_story(headline="Kim Jong Un opens a bridge", paragraphs=("Kim Jong Un came.",)), names=("Kim Jong Un/Kim",))

    assert reason == "name “Kim Jong Un/Kim” in the headline and once in the text"
