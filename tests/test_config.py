import pytest

from digest.config import TABLES, parse_config
from digest.errors import ConfigError
from digest.model import Ranking

GOOD = """
[newsroom]
publisher = "The Garrison Post"
zone = "America/New_York"

[[source]]
name = "Garrison Post"
files = "stories"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"

[themes.ties]
title = "Russia–North Korea ties"
any = ["pyongyang"]
"""


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, where="digest.toml")
    return caught.value.faults


def test_a_good_file_becomes_settings_with_defaults():
    settings = parse_config(GOOD, where="digest.toml")

    assert settings.zone == "America/New_York"
    assert settings.masthead.publisher == "The Garrison Post"
    assert settings.editions[0].summary_words == 45
    assert settings.themes[0].any == ("pyongyang",)


def test_five_faults_are_told_at_once():
    text = (
        GOOD.replace('"America/New_York"', '"Mars/Olympus"')
        .replace("publisher", "publsher")
        .replace('rhythm = "week"', 'rhythm = "fortnight"\nat_most = 0')
        .replace('any = ["pyongyang"]', 'any = "pyongyang"')
    )

    told = faults(text)

    assert [fault.partition(":")[0] for fault in told] == [
        "newsroom.publsher",
        "newsroom.publisher",
        "newsroom.zone",
        "editions.weekly.rhythm",
        "editions.weekly.at_most",
        "themes.ties.any",
    ]
    assert "did you mean publisher?" in told[0]


def test_broken_toml_names_the_line():
    with pytest.raises(ConfigError, match="line 4"):
        parse_config(GOOD.replace('"America/New_York"', '"America/New_York'), where="digest.toml")


def test_a_path_out_of_the_newsroom_is_a_fault():
    assert faults(GOOD.replace('"stories"', '"../elsewhere"'))[0].startswith("source[0].files")


def test_the_second_edition_of_a_rhythm_carries_its_name_in_issue_ids():
    settings = parse_config(GOOD + '\n[editions.sports]\nrhythm = "week"\ntitle = "Sports"\n', where="digest.toml")

    assert [edition.first for edition in settings.editions] == [True, False]


@pytest.mark.parametrize("table", TABLES)
def test_every_key_says_what_it_means(table):
    assert all(key.meaning for key in TABLES[table])


def test_two_themes_with_one_title_are_a_fault():
    twin = '\n[themes.pier]\ntitle = "The harbor"\nany = ["pier"]\n[themes.port]\ntitle = "The harbor"\nany = ["port"]\n'

    assert [fault.partition(":")[0] for fault in faults(GOOD + twin)] == ["themes.pier.title", "themes.port.title"]


def test_a_mark_before_the_text_is_no_fault():
    assert parse_config("\ufeff" + GOOD, where="digest.toml") == parse_config(GOOD, where="digest.toml")


def test_weights_of_the_ranking_are_read_and_the_others_stay_as_usual():
    ranking = parse_config(
        GOOD + "[ranking]\noutlets = 4\nfreshness = 0\ntags = { Breaking = 2, sport = -1.5 }\n", where="digest.toml"
    ).ranking

    assert ranking == Ranking(outlets=4, freshness=0, tags={"Breaking": 2, "sport": -1.5})
    assert parse_config(GOOD, where="digest.toml").ranking == Ranking()


def test_every_fault_of_the_ranking_is_told():
    wrong = '[ranking]\noutlet = 1\ntheme = "much"\nnews = -1\nlength = true\nplace = inf\nurgency = nan\ntags = { sport = "low" }\n'

    assert [fault.partition(":")[0] for fault in faults(GOOD + wrong)] == [
        "ranking.outlet",
        "ranking.theme",
        "ranking.news",
        "ranking.length",
        "ranking.place",
        "ranking.urgency",
        "ranking.tags",
    ]
    assert "did you mean outlets" in faults(GOOD + wrong)[0]


@pytest.mark.parametrize(
    "tags", ['["sport"]', "{ sport = 101 }", '{ " " = 1 }', "{ sport = 1, Sport = 2 }", "{ sport = nan }", "{ sport = true }", "3"]
)
def test_tags_that_are_no_weights_are_a_fault(tags):
    assert [fault.partition(":")[0] for fault in faults(GOOD + f"[ranking]\ntags = {tags}\n")] == ["ranking.tags"]
