"""Whatever lies in a source's folder: one clear line a file, nothing lost, and the week is built all the same."""

import gzip
from datetime import UTC, datetime

import pytest

from digest.edit import window
from digest.workflow.build import build_issue
from digest.workflow.gather import gather_sources
from tests.make import CONFIG, a_newsroom

NOW = datetime(2025, 8, 18, 12, tzinfo=UTC)
NAMES = ("u1", "u2", "u3", "u4")

ENTITY_BOMB = b"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]>
<html><body>&g;&g;&g;&g;</body></html>"""
ALIAS_BOMB = b"---\na: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b]\n---\nText of a story.\n"

UNUSABLE = {
    "broken-front-matter.md": b"---\ntitle: [never closed\n---\nText of a story.\n",
    "alias-bomb.md": ALIAS_BOMB,
    "ambiguous-date.md": b"---\ntitle: A bell\ndate: 03/04/2025\n---\nThe bell rang on Tuesday at noon.\n",
    "truncated.html": b"<html><head><title>A bell rings",
    "empty.html": b"",
    "junk.txt": bytes(range(256)) * 64,
    "empty.txt": b" \n\n",
    "large.html": b"<p>" + b"The bell rang again. " * 2_500_000,
    "entities.html": ENTITY_BOMB,
    "cut-off.html.gz": gzip.compress(b"<p>The bell rang on Tuesday.</p>" * 999)[:-20],
    "bomb.html.gz": gzip.compress(b"a" * 50_000_000),
    "broken.jsonl": b'{"title": "A bell", "text": \n',
    "no-text.jsonl": b'{"title": "A bell"}\n',
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_one_clear_line_and_the_week_is_built(tmp_path, name):
    room = a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories" / name).write_bytes(UNUSABLE[name])
    edition = room.edition("week")

    failures = gather_sources(room, now=NOW).failures
    week = window.week("2025-W33", edition=edition, zone=room.settings.zone, now=NOW)
    built = build_issue(room, week, edition, now=NOW, failures=failures)

    assert [failure.place.partition("#")[0] for failure in failures] == [f"stories/{name}"]
    assert failures[0].place not in failures[0].reason
    assert "\n" not in failures[0].reason + failures[0].hint
    assert failures[0].hint
    assert "Please report it" not in failures[0].hint, failures[0].reason
    assert built.report["counts"]["in"] == len(NAMES)


def test_a_failure_is_told_again_by_the_next_gathering_without_reading_again(tmp_path):
    room = a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories" / "junk.txt").write_bytes(UNUSABLE["junk.txt"])

    first, second = gather_sources(room, now=NOW), gather_sources(room, now=NOW)

    assert first.failures == second.failures
    assert (second.new, second.changed, second.unchanged) == (0, 0, len(NAMES))


def test_a_file_that_broke_keeps_its_last_good_story(tmp_path):
    room = a_newsroom(tmp_path, *NAMES)
    gather_sources(room, now=NOW)
    (tmp_path / "stories" / "u1.md").write_bytes(UNUSABLE["broken-front-matter.md"])

    gathered = gather_sources(room, now=NOW)

    assert len(gathered.failures) == 1
    assert room.stories.get("https://garrisonpost.example/u1") is not None
    assert gathered.gone == 0


def test_another_source_cannot_take_a_story_over(tmp_path):
    two = CONFIG.replace("[editions.weekly]", '[[source]]\nname = "Other"\nfiles = "other"\n\n[editions.weekly]')
    room = a_newsroom(tmp_path, *NAMES, config=two)
    gather_sources(room, now=NOW)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.md").write_text(
        "---\ntitle: Ours now\nurl: https://garrisonpost.example/u1\n---\nThe bell rang on Tuesday at noon.\n"
    )

    gathered = gather_sources(room, now=NOW)

    assert "Garrison Post" in gathered.failures[0].reason
    story = room.stories.get("https://garrisonpost.example/u1")
    assert story is not None
    assert story.headline != "Ours now"
