"""A promo that no rule knows is found because it recurs at its outlet; news and its background stay."""

from digest.edit.recurring import RULE, without_recurring
from digest.model import Cut
from tests.make import a_story

PROMO = "The Lamplighter brings you the harbor, the hills and the people between them."
MATTERS = ("Ferry fares rise in October", "Council buys a fire engine", "Wolves return to the hills", "Bakery wins a bread prize")


def told(number: int, *further: str, headline: str = "", source: str = "The Lamplighter"):
    headline = headline or MATTERS[number]
    news = (f"{headline}, the town was told on Tuesday.", f"{headline}: the vote took an hour.", f"{headline}, and it is not over.")
    return a_story(f"u{number}", headline=headline, source=source, paragraphs=(*news[:1], *further, *news[1:]))


def test_what_recurs_in_stories_on_different_matters_is_cut_and_names_its_rule():
    stories = without_recurring([told(number, PROMO) for number in range(4)])

    assert [story.furniture for story in stories] == [(Cut(text=PROMO, rule=RULE),)] * 4
    assert all(PROMO not in story.paragraphs for story in stories)


def test_the_other_paragraphs_keep_their_numbers():
    (story, *_) = without_recurring([told(number, PROMO) for number in range(4)])

    assert story.paragraphs == (told(0).paragraphs[0], "", *told(0).paragraphs[1:])


def test_figures_and_capitals_make_no_difference():
    stories = without_recurring([told(number, f"Read by {number},000 people: {PROMO}") for number in range(4)])

    assert all(story.furniture for story in stories)


def test_the_background_of_one_matter_stays():
    heads = ("Pier strike enters a week", "Pier strike talks fail", "Pier strike ends", "Pier strike costs millions")
    stories = [told(number, "The pier strike began in March over pay.", headline=head) for number, head in enumerate(heads)]

    assert without_recurring(stories) == tuple(stories)


def test_tellings_of_one_story_count_once():
    stories = [a_story(f"u{number}", headline=head, paragraphs=told(0, PROMO).paragraphs) for number, head in enumerate(MATTERS)]

    assert without_recurring(stories) == tuple(stories)


def test_what_recurs_at_different_outlets_stays():
    stories = [told(number, PROMO, source=f"Outlet {number}") for number in range(4)]

    assert without_recurring(stories) == tuple(stories)


def test_a_story_that_holds_nothing_else_stays():
    alone = a_story("u9", headline="A word from us", source="The Lamplighter", paragraphs=(PROMO,))

    assert without_recurring([*(told(number, PROMO) for number in range(4)), alone])[-1] == alone
