from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.grouping.name import fits, judge, well_formed
from tests.make import MATTERS, a_story

TALKS = [
    a_story(
        "a", headline="Ukraine weighs ceasefire talks in Berlin", paragraphs=("Ukraine weighed ceasefire talks with Germany on Monday.",)
    ),
    a_story("b", headline="Envoys prepare ceasefire talks for Ukraine", paragraphs=("Envoys prepared the ceasefire talks in Ukraine.",)),
    a_story("c", headline="Ceasefire talks on Ukraine begin", paragraphs=("The ceasefire talks on Ukraine began at noon.",)),
]


def test_a_theme_is_named_for_who_and_what():
    assert judge(TALKS).names[0] == "Ukraine ceasefire talks"


def test_names_are_well_formed():
    assert all(well_formed(candidate) for candidate in judge(TALKS).names)
    wrong = ("Ukraine", "Talks of", "the talks", "Ukraine attacks Ukraine", "Leaves Alaska base", "Harbor 24", "3 Harbor fires")
    assert not any(map(well_formed, (*wrong, "Special counsel Ann Roe", "Ban AR-15", "Harbor resigns", "New York", "Roe R.N.C.")))


@settings(max_examples=10, deadline=None)
@given(st.permutations(TALKS))
def test_the_order_of_the_stories_does_not_matter(stories):
    assert judge(stories).names == judge(TALKS).names


def test_there_is_always_a_name():
    assert judge([a_story("x", headline="", paragraphs=("一二三四。",))]).names


@pytest.mark.parametrize(
    ("tellings", "named"),
    [
        (
            [
                ("Hurricane Odile nears Port Amity", "Hurricane Odile moved toward Port Amity on Friday with winds of 120 miles an hour."),
                ("Schools close for Hurricane Odile", "Schools closed before Hurricane Odile reached the coast."),
                ("Hurricane Odile cuts power", "Power failed in two counties as Hurricane Odile came ashore."),
            ],
            "Hurricane Odile",
        ),
        (
            [
                ("Russian minister flies to Pyongyang", "A Russian minister opened talks with North Korean officials in Pyongyang."),
                ("North Korea and Russia plan a rail link", "The talks between Russia and North Korea turned to a rail link."),
                ("Talks bring Russia and North Korea closer", "Russian and North Korean envoys ended two days of talks."),
            ],
            "Russia–North Korea talks",
        ),
    ],
)
def test_names_read_like_a_desks(tellings, named):
    names = judge([a_story(f"s{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(tellings)]).names

    assert any(candidate.replace("North Korea–Russia", "Russia–North Korea").startswith(named) for candidate in names[:2])


@pytest.mark.parametrize(("carrying", "considered"), [(3, True), (2, True), (1, False)])
def test_a_tag_that_most_stories_carry_is_considered(carrying, considered):
    stories = [
        a_story(f"s{at}", headline=head, paragraphs=(text,), tags=("coast-guard",) if at < carrying else ())
        for at, (head, text) in enumerate(MATTERS[:3])
    ]

    judged = judge(stories)

    assert ("Coast guard" in judged.names) == considered
    assert ("a tag that most stories carry" in judged.why.get("Coast guard", "")) == considered


def test_a_tag_wins_when_the_stories_speak_of_it():
    told = ("Cranes stand still in a strike at the dock.", "Ships wait while a strike shuts the dock.")
    tagged = [a_story(f"s{at}", headline=text[:-1], paragraphs=(text,), tags=("dock-strike",)) for at, text in enumerate(told)]

    assert judge(tagged).names[0] == "Dock strike"
    assert judge([replace(story, tags=()) for story in tagged]).names[0] != "Dock strike"


def test_every_name_says_what_the_judge_saw_in_it():
    judged = judge(TALKS)

    assert judged.names == judge(TALKS).names
    assert "a noun for what happens" in judged.why["Ukraine ceasefire talks"]
    assert all("points: its words in" in reason for reason in judged.why.values())


def test_no_name_is_cut():
    heads = ("Strelsau keeps the death penalty", "Judges of Strelsau weigh the death penalty", "Strelsau votes on the death penalty")
    stories = [a_story(f"s{at}", headline=head, paragraphs=(f"{head}, after years of debate.",)) for at, head in enumerate(heads)]

    judged = judge(stories)

    assert judged.names[0] == "Strelsau death penalty"
    assert "against it: half of a pair of words" in judged.why["Strelsau death"]


def test_a_disease_stands_in_its_place():
    texts = (
        "Chad reports a record 53 deaths from cholera.",
        "Chad counts more cases of cholera.",
        "Clinics in Chad fill with cholera cases.",
    )

    assert judge([a_story(f"s{at}", headline="", paragraphs=(text,)) for at, text in enumerate(texts)]).names[0] == "Cholera in Chad"


ABROAD = {
    "es": (
        "Huelga de estibadores",
        ("El puerto de Almería cierra por la huelga de estibadores", "La huelga de estibadores cerró el puerto el lunes."),
        ("La huelga de estibadores deja barcos sin descargar", "Doce barcos esperan porque la huelga de estibadores entra en otra semana."),
        ("El Gobierno media en la huelga de estibadores", "El Gobierno ofreció ayer un mediador para la huelga de estibadores."),
    ),
    "de": (
        "Streik der Lokführer",
        ("Der Streik der Lokführer war erst der Anfang", "Der Streik der Lokführer war am Montag in Bremen zu spüren."),
        ("Wie die Bahn auf den Streik der Lokführer reagiert", "Die Bahn will reden, der Streik der Lokführer war ihr zu teuer."),
        ("Streik der Lokführer: die Pendler warten", "In Bremen warten die Pendler auf den Bus. Der Streik der Lokführer dauert an."),
    ),
    "fr": (
        "Grève des dockers",
        ("La grève des dockers bloque le port du Havre", "La grève des dockers bloque le port du Havre depuis lundi."),
        ("Au Havre, la grève des dockers continue", "Douze navires attendent dans la rade, la grève des dockers continue au Havre."),
        ("Le ministre veut finir la grève des dockers", "Le ministre veut une médiation dans la grève des dockers au Havre."),
    ),
}


@pytest.mark.parametrize("language", ABROAD)
def test_small_words_of_other_languages_tell_nothing(language):
    wanted, *tellings = ABROAD[language]
    stories = [a_story(f"s{at}", headline=head, paragraphs=(text,), language=language) for at, (head, text) in enumerate(tellings)]

    judged = judge(stories)

    assert judged.names[0] == wanted
    assert not {"de", "la", "der", "die", "war", "des", "le"} & set(judged.words)
    assert not any("what happens" in reason for reason in judged.why.values())  # "war" is no war


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=120)), min_size=1, max_size=5))
def test_any_text_gets_a_name_with_words_in_it(texts):
    names = judge([a_story(f"s{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(texts)]).names

    assert all(candidate.strip() for candidate in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("told", "title", "suits"),
    [
        ({"headline": "Ferry workers walk out", "paragraphs": ("Strikers closed the harbor.",)}, "Harbor strike", True),
        ({"headline": "Russians at the border", "paragraphs": ("They came by train.",)}, "Russia–Ruritania ties", False),
        ({"headline": "Russians visit Ruritania", "paragraphs": ("They came by train.",)}, "Russia–Ruritania ties", True),
        ({"headline": "Bread prices rise", "paragraphs": ("Flour is dear.",)}, "Harbor strike", False),
        ({"headline": "Докери зупинили порт", "paragraphs": ("Страйк триває.",), "language": "uk"}, "Страйку докерів", True),
        ({"headline": "港のストライキが続く", "paragraphs": ("会社は黙っている。",), "language": "ja"}, "港のストライキ", True),
    ],
)
def test_a_name_fits_a_story_that_holds_half_of_its_words_in_some_form(told, title, suits):
    assert fits(a_story("u1", **told), title) == suits
