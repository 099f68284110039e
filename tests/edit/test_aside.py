import pytest

from digest.edit.aside import aside_of, reads_as_news
from tests.make import a_story

ASIDES = [
    ({"headline": "Explainer: what the treaty asks"}, "it calls itself explainer"),
    ({"tags": ("Opinion",)}, "it calls itself opinion"),
    ({"url": "https://garrisonpost.example/opinion/2025/08/12/the-pier"}, "it stands in /opinion/"),
    ({"headline": "Live updates: Storm nears the coast"}, "its headline says “live updates”"),
    ({"headline": "Storm nears the coast – live"}, "its headline says “live”"),
    ({"headline": "Halyard: The pier is a mistake", "byline": "Ann Halyard"}, "its headline begins with its writer’s name"),
    ({"headline": "Will the pier reopen?"}, "its headline asks"),
    ({"headline": "¿Cuándo abre el muelle?"}, "its headline asks"),
    ({"headline": "5 things to know about the pier"}, "its headline announces a list"),
    ({"headline": "As the pier reopens, three big questions"}, "its headline announces a list"),
    ({"headline": "Fünf Dinge, die man wissen muss", "language": "de"}, "its headline announces a list"),
    ({"headline": "Why the pier matters"}, "its headline begins with “why”"),
    ({"headline": "Here’s where the pier money went"}, "its headline begins with “here’s”"),
    ({"headline": "A closed harbor? Council weighs the plan"}, "its headline asks"),
    ({"url": "https://garrisonpost.example/magazine/2025/08/the-long-summer"}, "it stands in /magazine/"),
    ({"headline": "Pourquoi la jetée ferme", "language": "fr"}, "its headline begins with “pourquoi”"),
]
NEWS = [
    {"headline": "Pier reopens after five years"},
    {"headline": "5 killed in pier collapse"},
    {"headline": "Three officers charged in key case"},
    {"headline": "Two key aides resign"},
    {"headline": "Six signed the harbor pact"},
    {"headline": "Three photo-shop owners fined"},
    {"headline": "Howard elected mayor"},
    {"headline": "Mayor: Pier to reopen", "byline": "Ann Halyard"},
    {"headline": ": Pier to reopen", "byline": ""},
    {"headline": "Livestock market closes"},
    {"headline": "How Sea wins harbor race", "language": "ko"},
    {"headline": "Canada votes for new pier"},
    {"headline": "Stop-work order issued for pier"},
    {"url": "https://garrisonpost.example/news/opinion-poll-on-pier"},
    {"url": "https://blogs.garrisonpost.example/blog/2025/pier-reopens"},
]


@pytest.mark.parametrize(("changes", "why"), ASIDES)
def test_what_speaks_about_the_news_says_what_shows_it(changes, why):
    assert aside_of(a_story(**changes)) == why


@pytest.mark.parametrize("changes", NEWS)
def test_plain_news_is_none(changes):
    assert aside_of(a_story(**changes)) == ""


LONG = "The pier stands at the mouth of the river, where it has stood for longer than anyone can remember, and the town likes it well. " * 6


@pytest.mark.parametrize(
    ("text", "early"),
    [
        (LONG, False),
        ("The pier reopened on Tuesday. " + LONG, True),
        ("The pier is sound, the mayor said. " + LONG, True),
        ("The pier is a daytime place of sundays. " + LONG, False),
        ("The pier stands.", True),  # too short to tell
    ],
)
def test_news_names_early_a_day_or_somebody_who_speaks(text, early):
    assert reads_as_news(a_story(headline="Pier reopens", paragraphs=(text, "Nothing more was said on Tuesday."))) is early


@pytest.mark.parametrize(
    ("headline", "verb"),
    [
        ("Council approves harbor plan", True),
        ("Council won’t fund pier", True),
        ("Ferries sound alarm over harbor plan", True),
        ("Mayor at 44 percent in new poll", True),
        ("Storm", True),
        ("The fall of the harbor commission", False),
        ("Halyard’s harbor complex", False),
    ],
)
def test_the_headline_of_news_has_a_verb(headline, verb):
    assert reads_as_news(a_story(headline=headline)) is verb


def test_in_a_language_without_a_list_nothing_is_held_against_a_story():
    assert reads_as_news(a_story(headline="Halyard harbor complex", paragraphs=(LONG,), language="ko"))
