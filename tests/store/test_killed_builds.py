"""A build that is killed (-9) at any moment leaves the old issue whole or the new one whole."""

import random
import shutil
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.store.database import Database
from digest.store.issues import Issues
from tests.make import a_window
from tests.store.disk import child, dying_at

NAMES = ("plan.toml", "email.html", "email.txt", "report.json", "images/map.png")


@pytest.fixture(scope="module")
def built(tmp_path_factory, an_empty_database):
    """A newsroom with version A of an issue."""
    folder = tmp_path_factory.mktemp("built")
    shutil.copy(an_empty_database, folder / "digest.db")
    save(folder, "A", after=None)
    return folder


@pytest.fixture(scope="module")
def committed(tmp_path_factory, built):
    """The same newsroom, where building version B was killed just after the point of no return."""
    for step in range(1, 200):
        folder = shutil.copytree(built, tmp_path_factory.mktemp("committed") / "newsroom")
        run_until_killed(step, lambda folder=folder: save(folder, "B", after="A"))
        if (folder / "issues" / ".2025-W33.building" / "commit").exists():
            return folder
    pytest.fail("a build never commits")


def test_a_build_killed_at_any_step_leaves_one_whole_version(tmp_path, built):
    versions = []
    for step in range(1, 200):
        folder = shutil.copytree(built, tmp_path / f"{step}")
        survived = run_until_killed(step, lambda folder=folder: save(folder, "B", after="A"))
        versions.append(the_one_version(folder))
        if survived:
            break

    assert len(versions) > 20
    assert versions == sorted(versions)  # A until the point of no return, B from then on
    assert set(versions) == {"A", "B"}


def test_a_recovery_killed_at_any_step_leaves_one_whole_version(tmp_path, committed):
    versions = []
    for step in range(1, 200):
        folder = shutil.copytree(committed, tmp_path / f"{step}")
        survived = run_until_killed(step, lambda folder=folder: opened(folder))
        versions.append(the_one_version(folder))
        if survived:
            break

    assert len(versions) > 10
    assert set(versions) == {"B"}


def test_builds_killed_at_random_moments_leave_one_whole_version(tmp_path, built):
    folder = shutil.copytree(built, tmp_path / "newsroom")
    chance = random.Random(33)

    def builds_for_ever() -> None:
        version = the_one_version(folder)
        while True:
            after, version = version, "B" if version == "A" else "A"
            save(folder, version, after=after)

    for _ in range(40):
        process = child(builds_for_ever)
        time.sleep(chance.uniform(0.01, 0.08))
        process.kill()
        process.join()
        the_one_version(folder)


def test_an_editor_who_was_faster_than_the_recovery_keeps_the_plan(tmp_path, committed):
    folder = shutil.copytree(committed, tmp_path / "newsroom")
    (folder / "issues" / "2025-W33" / "plan.toml").write_text("edited")

    issues = opened(folder)

    assert issues.read("2025-W33", "plan.toml") == "edited"
    assert {issues.read("2025-W33", name) for name in NAMES[1:]} == {"A"}
    assert issues.built("weekly")[0].carried == ("A",)
    assert [path.name for path in (folder / "issues").iterdir()] == ["2025-W33"]


def run_until_killed(step: int, work: Callable[[], object]) -> bool:
    """Whether the work was done before its nth step, at which it is killed."""
    process = child(dying_at(step, work))
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def opened(folder: Path) -> Issues:
    return Issues(folder / "issues", Database(folder / "digest.db"))


def save(folder: Path, version: str, *, after: str | None) -> None:
    """Build an issue whose every file, its record and the name of one picture tell its version."""
    files = {name: version.encode() for name in (*NAMES, f"images/{version}.png")}
    built_at = datetime(2025, 8, 18, tzinfo=UTC)
    opened(folder).save("2025-W33", files, window=a_window(), carried=[version], built_at=built_at, expect_plan=after)


def the_one_version(folder: Path) -> str:
    """Open the newsroom as the next command does, and look at every trace of a version."""
    issues = opened(folder)
    pictures = {path.stem for path in (issues.path("2025-W33") / "images").iterdir()} - {"map"}
    versions = {issues.read("2025-W33", name) for name in NAMES} | pictures | set(issues.built("weekly")[0].carried)
    assert len(versions) == 1, versions
    assert not list((folder / "issues").glob(".*.building"))
    return str(versions.pop())
