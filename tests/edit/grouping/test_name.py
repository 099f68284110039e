from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.grouping.name import name, well_formed
from tests.make import a_story

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
