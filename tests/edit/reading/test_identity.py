import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.reading.identity import canonical, same_site, story_id, working_address

STORY = "https://garrisonpost.example/2025/08/harbor-plan"


@pytest.mark.parametrize(
    "twin",
    [
        "http://garrisonpost.example/2025/08/harbor-plan",
        "HTTPS://GarrisonPost.example:443/2025/08/harbor-plan/",
        "https://www.garrisonpost.example/2025/08/harbor-plan#comments",
        "https://amp.garrisonpost.example/2025/08/harbor-plan",
        "https://m.garrisonpost.example/2025/08/harbor-plan",
        "https://garrisonpost.example/2025/08/harbor-plan/amp/",
        "https://garrisonpost.example/2025/08/harbor-plan?utm_source=mail&fbclid=abc&mc_cid=9",
        "https://reader:secret@garrisonpost.example/2025/08/harbor-plan",
    ],
)
def test_every_spelling_of_an_address_is_one_story(twin):
    assert canonical(twin) == canonical(STORY)
    assert story_id(twin, source="a", path="b") == story_id(STORY, source="c", path="d")


def test_parameters_that_choose_the_page_stay_whatever_their_order():
    assert canonical("https://garrisonpost.example/story?id=7&page=2") == canonical(
        "https://garrisonpost.example/story?page=2&utm_id=1&id=7"
    )
    assert canonical("https://garrisonpost.example/story?id=7") != canonical("https://garrisonpost.example/story?id=8")


def test_a_path_keeps_its_capitals():
    assert canonical("https://garrisonpost.example/Story") != canonical("https://garrisonpost.example/story")


def test_the_printed_address_works_and_does_not_track():
    address = "http://www.garrisonpost.example/Story/?b=2&utm_campaign=x&a=1#top"

    assert working_address(address) == "http://www.garrisonpost.example/Story/?b=2&a=1"


@pytest.mark.parametrize(
    "address",
    ["", "javascript:alert(1)", "data:text/html,x", "ftp://garrisonpost.example/a", "/story", "story.html", "https://", "https://a b.example/",
     "https://[broken/", "https://garrisonpost.example:port/", "https://garrisonpost.example/\nX: y", " java\tscript:x"],
)  # fmt: skip
def test_what_is_no_http_address_is_dropped(address):
    assert canonical(address) == ""
    assert working_address(address) == ""


def test_a_password_is_never_printed():
    assert "secret" not in working_address("https://reader:secret@garrisonpost.example/a")


def test_a_story_that_is_not_online_is_its_source_and_path():
    one = story_id("", source="Garrison Post", path="stories/a.txt")

    assert one == story_id("javascript:x", source="Garrison Post", path="stories/a.txt")
    assert one != story_id("", source="Garrison Post", path="stories/b.txt")
    assert one != story_id("", source="Harbor Wire", path="stories/a.txt")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://garrisonpost.example/a", "http://www.garrisonpost.example/b", True),
        ("https://news.garrisonpost.example/a", "https://garrisonpost.example/b", True),
        ("https://garrisonpost.example/a", "https://harborwire.example/a", False),
        ("https://one.co.uk/a", "https://other.co.uk/a", False),
        ("https://news.one.co.uk/a", "https://one.co.uk/a", True),
        ("https://one.substack.com/a", "https://other.substack.com/a", False),
        ("http://192.0.2.1/a", "http://198.51.2.1/a", False),
        ("https://garrisonpost.example/a", "", False),
    ],
)
def test_only_the_same_registrable_host_speaks_for_a_page(one, other, same):
    assert same_site(one, other) is same


@given(st.text(max_size=80))
def test_any_text_gives_a_short_id_and_canonical_is_settled(text):
    name = story_id(text, source="Garrison Post", path=text)

    assert len(name) == 12 and name.isalnum() and name == name.lower()
    assert canonical(canonical(text)) == canonical(text)
    assert working_address(working_address(text)) == working_address(text)
