"""An approval that is killed (-9) at any moment leaves an issue approved whole or not at all, and the record says what the disk says."""

import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.store.database import Database
from digest.store.issues import Issues
from tests.make import a_window
from tests.store.disk import a_folder_for_all, child, dying_at, on_a_full_disk, said_by_a_child, without_rights

ID = "2025-W33"
NAMES = ("message.eml", "email.html", "email.txt", "images/map.png", "seal.json", "z.txt", "0.txt")


@pytest.fixture(scope="module")
def planned(tmp_path_factory, an_empty_database):
    """A newsroom with a built issue that nobody approved."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copy(an_empty_database, folder / "digest.db")
    at = datetime(2025, 8, 18, tzinfo=UTC)
    opened(folder).save(ID, {"plan.toml": b"plan"}, window=a_window(), carried=["u1"], built_at=at, expect_plan=None)
    return folder


@pytest.fixture(scope="module")
def approved(tmp_path_factory, planned):
    """The same newsroom with version A of the issue approved."""
    folder = shutil.copytree(planned, tmp_path_factory.mktemp("approved") / "newsroom")
    seal(folder, "A")
    return folder


def opened(folder: Path) -> Issues:
    return Issues(folder / "issues", Database(folder / "digest.db"))


def seal(folder: Path, version: str) -> None:
    issues = opened(folder)
    with issues.building(ID):
        issues.seal(ID, {name: version.encode() for name in (*NAMES, f"images/{version}.png")})


def withdraw(folder: Path) -> None:
    issues = opened(folder)
    with issues.building(ID):
        issues.withdraw(ID)


def the_version(folder: Path) -> str:
    """Open the newsroom as the next command does: which version is approved, "" for none. Disk and record must agree."""
    issues = opened(folder)
    here = folder / "issues" / ID / "approved"
    versions = {path.read_text() for path in here.rglob("*") if path.is_file()}
    versions |= {path.stem for path in here.glob("images/*")} - {"map"}
    assert len(versions) < 2, versions
    version = versions.pop() if versions else ""
    assert not version or all((here / name).is_file() for name in NAMES)
    assert issues.built("weekly")[0].state == ("approved" if version else "planned")
    assert issues.is_sealed(ID) == bool(version)
    assert not list((folder / "issues").glob(".*.approving"))
    return version


def killed_at_every_step(tmp_path: Path, start: Path, work: Callable[[Path], None]) -> list[str]:
    """The version found after each death, and at last after none."""
    versions = []
    for step in range(1, 300):
        folder = shutil.copytree(start, tmp_path / f"{step}")
        process = child(dying_at(step, lambda folder=folder: work(folder)))
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        versions.append(the_version(folder))
        if process.exitcode == 0:
            return versions
    pytest.fail("it never ends")


def test_an_approval_killed_at_any_step_is_whole_or_not_there(tmp_path, planned):
    versions = killed_at_every_step(tmp_path, planned, lambda folder: seal(folder, "A"))

    assert len(versions) > 10
    assert versions == sorted(versions)  # not approved until one moment, A from then on
    assert set(versions) == {"", "A"}


def test_a_new_approval_killed_at_any_step_leaves_the_old_one_or_the_new(tmp_path, approved):
    versions = killed_at_every_step(tmp_path, approved, lambda folder: seal(folder, "B"))

    assert versions == sorted(versions)
    assert set(versions) == {"A", "B"}


def test_a_withdrawal_killed_at_any_step_leaves_the_approval_or_takes_it(tmp_path, approved):
    versions = killed_at_every_step(tmp_path, approved, withdraw)

    assert versions == sorted(versions, reverse=True)
    assert set(versions) == {"A", ""}


def test_a_recovery_killed_at_any_step_ends_the_same(tmp_path, approved):
    for step in range(1, 300):
        cut = shutil.copytree(approved, tmp_path / f"cut-{step}")
        process = child(dying_at(step, lambda cut=cut: seal(cut, "B")))
        process.join()
        if not (cut / "issues" / f".{ID}.approving" / "old").exists():
            continue
        versions = killed_at_every_step(tmp_path / f"cut-{step}-again", cut, opened)
        assert set(versions) in ({"A"}, {"B"})
        return
    pytest.fail("the old approval was never set aside")


@pytest.mark.parametrize("spoil", [lambda work: on_a_full_disk(work, room=0), without_rights])
def test_a_disk_that_will_not_take_it_leaves_all_as_it_was(approved, spoil):
    with a_folder_for_all() as place:
        folder = shutil.copytree(approved, place / "newsroom")

        said = said_by_a_child(spoil(lambda: seal(folder, "B")))

        assert said.startswith("StoreError")
        assert the_version(folder) == "A"


def test_an_issue_that_was_never_built_is_not_sealed(planned, tmp_path):
    issues = opened(shutil.copytree(planned, tmp_path / "newsroom"))

    with issues.building("2025-W34"), pytest.raises(StoreError, match="was never built here"):
        issues.seal("2025-W34", {"seal.json": b"{}"})
    assert not (issues.path("2025-W34") / "approved").exists()


def test_only_files_of_an_approved_issue_are_found(approved, planned, tmp_path):
    folder = shutil.copytree(approved, tmp_path / "newsroom")
    (folder / "issues" / ID / "approved" / "images" / "link.png").symlink_to(folder / "digest.db")
    issues = opened(folder)

    assert issues.sealed_path(ID, "images/map.png").read_text() == "A"
    for name in (
        "",
        ".",
        "..",
        "../plan.toml",
        "images/../../plan.toml",
        "images/none.png",
        "images",
        "images/link.png",
        "/etc/passwd",
        "a\0b",
    ):
        assert issues.sealed_path(ID, name) is None
    assert opened(planned).sealed_path(ID, "message.eml") is None
