"""The sample week: the built issue in issues/ is what the sample newsroom gives today."""

import shutil
from pathlib import Path

from digest.cli.editing import SAMPLE_WEEK
from digest.edit import window
from digest.workflow.build import build_issue
from digest.workflow.gather import gather_sources
from digest.workflow.start import open_sample
from tests.make import A_TUESDAY

TOP = Path(__file__).parents[1]


def test_the_built_issue_is_current(tmp_path):
    room = open_sample(tmp_path)
    edition = room.edition("week")
    week = window.week(SAMPLE_WEEK, edition=edition, zone=room.settings.zone, now=A_TUESDAY)
    failures = gather_sources(room, now=A_TUESDAY).failures

    built = build_issue(room, week, edition, now=A_TUESDAY, failures=failures)

    committed = TOP / "issues" / SAMPLE_WEEK
    names = sorted(path.relative_to(committed) for path in committed.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(built.folder) for path in built.folder.rglob("*") if path.is_file())
    stale = [str(name) for name in names if (committed / name).read_bytes() != (built.folder / name).read_bytes()]
    assert stale == [], "run `make demo` and look at the difference"


def test_the_sample_shows_every_form_and_every_trouble(tmp_path):
    room = open_sample(tmp_path)

    gathered = gather_sources(room, now=A_TUESDAY)

    assert [failure.place for failure in gathered.failures] == ["wire/garbled-transmission.txt"]
    assert len(room.stories.undated()) == 2
    assert {path.suffix for path in tmp_path.rglob("*")} >= {".md", ".txt", ".html", ".gz", ".jsonl", ".png"}


def test_the_sample_is_never_built_in_place():
    assert not list((TOP / "digest" / "sample").rglob("*.db"))
    assert shutil.which("git") is None or not (TOP / "digest" / "sample" / "issues").exists()
