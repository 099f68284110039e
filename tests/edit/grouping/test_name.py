import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.grouping.name import name, well_formed
from tests.make import MATTERS, a_story

TALKS = [
    a_story(
        "a", headline="Ukraine weighs ceasefire talks in Berlin", paragraphs=("Ukraine weighed ceasefire talks with Germany on Monday.",)
    ),
    a_story("b", headline="Envoys prepare ceasefire talks for Ukraine", paragraphs=("Envoys prepared the ceasefire talks in Ukraine.",)),
    a_story("c", headline="Ceasefire talks on Ukraine begin", paragraphs=("The ceasefire talks on Ukraine began at noon.",)),
]


def test_a_theme_is_named_for_who_and_what():
    assert name(TALKS)[0] == "Ukraine ceasefire talks"


def test_names_are_well_formed():
    assert all(well_formed(candidate) for candidate in name(TALKS))
    assert not any(map(well_formed, ("Ukraine", "Talks of", "the talks", "Ukraine attacks Ukraine", "Leaves Alaska base")))


@settings(max_examples=10, deadline=None)
@given(st.permutations(TALKS))
def test_the_order_of_the_stories_does_not_matter(stories):
    assert name(stories) == name(TALKS)


def test_there_is_always_a_name():
    assert name([a_story("x", headline="", paragraphs=("一二三四。",))])


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
    names = name([a_story(f"s{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(tellings)])

    assert any(candidate.replace("North Korea–Russia", "Russia–North Korea").startswith(named) for candidate in names[:2])


def test_a_tag_that_most_stories_carry_is_considered():
    stories = [a_story(f"s{at}", headline=head, paragraphs=(text,), tags=("coast-guard",)) for at, (head, text) in enumerate(MATTERS[:3])]

    assert "Coast guard" in name(stories)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=120)), min_size=1, max_size=5))
def test_any_text_gets_a_name_with_words_in_it(texts):
    names = name([a_story(f"s{at}", headline=head, paragraphs=(text,)) for at, (head, text) in enumerate(texts)])

    assert all(candidate.strip() for candidate in names)
    assert len(set(names)) == len(names)
