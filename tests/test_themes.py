"""How the past weeks fell into the themes, and the themes that are proposed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from digest.config import parse_config
from digest.edit.grouping.match import belongings
from digest.errors import StoreError
from digest.workflow.gather import gather_sources
from digest.workflow.themes import fallen_stories, plain
from tests.make import A_TUESDAY, CONFIG, MATTERS, a_newsroom, a_story_file

NOW = A_TUESDAY + timedelta(days=8)
END = datetime(2025, 8, 18, 4, tzinfo=UTC)  # of 2025-W33, in New York
STRIKES = (
    (
        "Ferry pilots vote to strike",
        "Pilots of the Amity ferries voted to strike over their night shifts. The ferry company offered talks.",
    ),
    ("Ferry strike strands islanders", "The strike of the ferry pilots left two islands without a boat. The ferry company hired tugs."),
    (
        "Talks to end the ferry strike fail",
        "Pilots and the ferry company broke off their talks. The strike goes on, and the islands wait for a ferry.",
    ),
    (
        "Governor steps into the ferry strike",
        "The governor asked the ferry company and its pilots to end the strike. The islands run short of fuel.",
    ),
)


@pytest.fixture
def room(tmp_path):
    """Two weeks with two stories on one strike each, among others of which one carries a configured tag."""
    room = a_newsroom(tmp_path)
    for week, day in enumerate(("2025-08-06", "2025-08-13")):
        for at in (0, 1):
            headline, text = STRIKES[2 * week + at]
            a_story_file(tmp_path, f"strike{week}{at}", text=text, title=headline, date=f"{day} 0{at}:00")
        for at in range(1 + 5 * week, 6 + 5 * week):
            headline, text = MATTERS[at]
            tag = {"tags": "harbor"} if at == 1 else {}
            a_story_file(tmp_path, f"other{at}", text=text, title=headline, date=f"{day} 09:00", **tag)
    gather_sources(room, now=NOW)
    return room


def test_every_story_of_whole_weeks_falls_into_a_theme_or_into_none(room):
    fallen = fallen_stories(room, weeks=2, until=END)

    assert (fallen.weeks, fallen.stories, fallen.without) == (("2025-W32", "2025-W33"), (7, 7), (6, 7))
    assert [(one.theme.key, one.stories, one.headlines) for one in fallen.themes] == [("harbor", (1, 0), (MATTERS[1][0],))]
    assert len(fallen.unmatched) == 13
    assert fallen.unmatched[0].published_at > fallen.unmatched[-1].published_at


def test_what_recurs_at_an_outlet_speaks_of_no_theme(tmp_path):
    promo = "Harbor Ledger: harbor news, harbor tides, harbor gossip and the harbor cat."
    room = a_newsroom(tmp_path, config=f'{CONFIG}any = ["harbor"]\n')
    for at, (headline, text) in enumerate(MATTERS[3:7]):
        a_story_file(tmp_path, f"m{at}", text=f"{text}\n\n{promo}", title=headline, date="2025-08-13 09:00", source="Harbor Ledger")
    gather_sources(room, now=NOW)

    assert fallen_stories(room, weeks=1, until=END).without == (4,)


def test_a_theme_that_comes_back_is_proposed_and_its_text_can_be_pasted(room):
    (proposal,) = fallen_stories(room, weeks=2, until=END).proposals

    settings = parse_config(f"{CONFIG}\n{proposal.toml}\n", where="digest.toml")

    (pasted,) = (theme for theme in settings.themes if theme.key != "harbor")
    assert pasted == proposal.theme
    assert len(proposal.stories) == 4
    assert all(story.headline in dict(STRIKES) for story in proposal.stories)
    for week in ("2025-08-06", "2025-08-13"):
        stories = [story for story in proposal.stories if f"{story.published_at:%Y-%m-%d}" == week]
        assert stories
        assert all(belongings(stories, [pasted]))


def test_what_was_pasted_takes_its_stories_and_is_not_proposed_again(room, tmp_path):
    (proposal,) = fallen_stories(room, weeks=2, until=END).proposals
    pasted = a_newsroom(tmp_path, config=f"{CONFIG}\n{proposal.toml}\n")

    fallen = fallen_stories(pasted, weeks=2, until=END)

    assert [one.stories for one in fallen.themes] == [(1, 0), (2, 2)]
    assert not fallen.proposals


def test_a_theme_of_one_week_is_not_proposed(room):
    assert not fallen_stories(room, weeks=1, until=END).proposals


def test_weeks_without_a_story_say_so(room):
    with pytest.raises(StoreError, match="no story of 2026-01-05 to 2026-01-18"):
        fallen_stories(room, weeks=2, until=datetime(2026, 1, 19, 5, tzinfo=UTC))


def test_the_command_prints_lines_and_json(room):
    done = [
        subprocess.run(
            [sys.executable, "-m", "digest.cli", "themes", "--week", "2025-W33", *more],
            cwd=room.root,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"COLUMNS": "200"},
        ).stdout
        for more in ((), ("--json",))
    ]

    assert done[0].startswith("theme\t")
    assert "(no theme)\t" in done[0]
    assert set(json.loads(done[1])) == {"weeks", "stories", "without", "themes", "unmatched", "proposals"}


def test_the_same_twice(room):
    assert plain(fallen_stories(room, weeks=2, until=END)) == plain(fallen_stories(room, weeks=2, until=END))
