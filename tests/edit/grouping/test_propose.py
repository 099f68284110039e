import tomllib

from digest.edit.grouping.propose import propose
from tests.make import MATTERS, a_story

STRIKES = [
    a_story(
        f"s{at}", headline=f"{who} join the ferry strike", paragraphs=(f"{who} left their ferry on Monday. Pia Moss leads the strike.",)
    )
    for at, who in enumerate(("Pilots", "Cooks", "Deckhands", "Engineers"))
]
OTHERS = [
    a_story(f"o{at}", headline=headline.replace("Ferry", "Tram"), paragraphs=(text.replace("ferry", "tram"),))
    for at, (headline, text) in enumerate(MATTERS)
]
IDS = {story.id for story in STRIKES}


def test_a_proposal_finds_its_stories_and_no_other():
    found = propose("Ferry strike", IDS, [[*STRIKES, *OTHERS]], taken=())

    assert found
    assert ({story.id for story in found.stories}, found.others) == (IDS, 0)
    assert len(found.theme.any) + len(found.theme.names) <= 5


def test_where_no_word_tells_them_apart_nothing_is_proposed():
    assert propose("Mixed", {"o1", "o4", "o7", "o9"}, [OTHERS], taken=()) is None
    assert (
        propose(
            "Ferry strike", IDS, [[*STRIKES, *(a_story(f"x{at}", headline="Cooks join the ferry strike") for at in range(9))]], taken=()
        )
        is None
    )


def test_keys_are_bare_and_never_taken_twice_and_any_title_is_valid_toml():
    for title, taken, key in (
        ("Ferry–bus strike: “day two”", (), "ferry-bus-strike-day-two"),
        ("Ferry strike", ("ferry-strike", "ferry-strike-2"), "ferry-strike-3"),
        ('"Поромний" страйк\\', (), "theme"),
    ):
        found = propose(title, IDS, [[*STRIKES, *OTHERS]], taken=taken)

        assert found
        assert tomllib.loads(found.toml)["themes"][key]["title"] == title
