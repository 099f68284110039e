import pytest

from digest.edit.grouping.match import matches
from digest.model import Theme
from tests.make import a_story

STORY = a_story(
    headline="Kim Jong Un opens a rail bridge",
    tags=("North Korea",),
    paragraphs=("Pyongyang opened a same-sex ward and a rail bridge on Tuesday. Immigrants built it. Migration fell.",),
)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"tags": ("north-korea",)}, "tag North Korea"),
        ({"any": ("bridg",)}, "keyword “bridg”"),
        ({"any": ("idge",)}, ""),
        ({"names": ("Kim Jong Un",)}, "name “Kim Jong Un”"),
        ({"names": ("kim jong un",)}, ""),
        ({"any": ("bridge",), "all": ("pyongyang",)}, "keyword “bridge”"),
        ({"any": ("bridge",), "all": ("moscow",)}, ""),
        ({"any": ("bridge",), "none": ("same sex",)}, ""),
        ({"tags": ("north-korea",), "none": ("pyongyang",)}, ""),
        ({"all": ("rail", "bridge")}, "keyword “rail”"),
    ],
)
def test_tags_keywords_names_and_their_exceptions(asked, reason):
    assert matches(STORY, Theme(key="k", title="K", **asked)) == reason


def test_a_word_dropped_further_down_is_not_what_a_story_is_about():
    ceasefire = Theme(key="c", title="C", any=("ceasefire",))

    assert not matches(a_story(paragraphs=("The mayor opened a ward and recalled the ceasefire.",)), ceasefire)
    assert matches(a_story(paragraphs=("The ceasefire held. A second ceasefire follows. Every ceasefire is watched.",)), ceasefire)


def test_the_line_under_the_headline_counts_as_the_headline():
    assert matches(a_story(dek="A ceasefire is near"), Theme(key="c", title="C", any=("ceasefire",)))


@pytest.mark.parametrize(
    ("keyword", "headline"), [("women's", "Women’s team wins"), ("al-qaeda", "Cell of Al Qaeda found"), ("停戦", "ロシアと停戦協議")]
)
def test_apostrophes_hyphens_and_scripts_without_spaces(keyword, headline):
    assert matches(a_story(headline=headline), Theme(key="k", title="K", any=(keyword,)))


def test_an_empty_keyword_matches_nothing():
    assert not matches(STORY, Theme(key="k", title="K", any=("", " - "), names=("",), tags=("",)))
