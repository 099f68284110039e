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
