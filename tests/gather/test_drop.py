"""Which files of a drop folder are read and which wait, and how a bad one is set aside."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.gather.drop import Sighting, gather_drop, may_grow, set_aside
from digest.model import Document, Failure, Source
from tests.make import A_TUESDAY
from tests.store.disk import a_folder_for_all, child, dying_at, without_rights

LONG_AGO = A_TUESDAY - timedelta(days=1)
BROKEN = Failure(source="Harbor Ledger", place="drop/a.xml", reason="this XML is broken.", hint="Ask for it again.")


def put(root: Path, name: str, content: str = "The pier opens on Tuesday.", *, changed: datetime = LONG_AGO) -> Path:
    path = root / "drop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def sighted(root: Path, *, now: datetime = A_TUESDAY, files: str = "drop") -> dict[str, Sighting]:
    seen: dict[str, Sighting] = {}
    list(gather_drop(Source(name="Harbor Ledger", files=files, drop=True), root, seen, now=now))
    return seen


def read(root: Path, *, now: datetime = A_TUESDAY, files: str = "drop") -> list[str]:
    found = gather_drop(Source(name="Harbor Ledger", files=files, drop=True), root, {}, now=now)
    return [one.url if isinstance(one, Document) else f"! {one.place}" for one in found]


def aside(root: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((root / "drop" / "set-aside").iterdir())}


# --- what waits


@pytest.mark.parametrize(
    ("seconds", "is_read"),
    [(-1, False), (0, False), (4.9, False), (5, True), (60, True), (-599, False), (-601, True), (-86_400 * 365, True)],
)
def test_a_file_waits_while_it_changes_but_not_for_a_wrong_clock(tmp_path: Path, seconds: float, is_read: bool) -> None:
    put(tmp_path, "a.txt", changed=A_TUESDAY - timedelta(seconds=seconds))

    assert read(tmp_path) == ["drop/a.txt"] * is_read


def test_a_time_that_the_sender_put_into_the_future_counts_as_the_moment_when_it_was_put(tmp_path: Path) -> None:
    now = datetime.now(A_TUESDAY.tzinfo)
    put(tmp_path, "a.txt", changed=now + timedelta(minutes=3))

    assert read(tmp_path, now=now) == []
    assert read(tmp_path, now=now + timedelta(seconds=10)) == ["drop/a.txt"]


@pytest.mark.parametrize(
    "name", ["a.xml.part", "a.xml.tmp", "a.xml.filepart", "a.xml.crdownload", ".a.xml", "~a.xml", "a.xml~", ".a.xml.Qx3"]
)
def test_a_file_under_a_temporary_name_waits_until_it_is_renamed(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, name)

    assert read(tmp_path) == read(tmp_path, files="drop/*")[1:] == []
    path.rename(path.with_name("b.xml"))
    assert read(tmp_path) == ["drop/b.xml"]


def test_the_file_that_changed_last_comes_last(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", changed=LONG_AGO + timedelta(minutes=1))
    put(tmp_path, "b.txt", changed=LONG_AGO)

    assert read(tmp_path) == ["drop/b.txt", "drop/a.txt"]


@pytest.mark.parametrize("files", ["drop", "drop/**/*.txt"])
def test_what_was_set_aside_is_never_read(tmp_path: Path, files: str) -> None:
    for name in ("a.txt", "set-aside/b.txt", "set-aside/b.txt.why.txt", "deep/set-aside/c.txt", "deep/d.txt"):
        put(tmp_path, name)

    assert sorted(read(tmp_path, files=files)) == ["drop/a.txt", "drop/deep/d.txt"]


def test_a_plain_source_knows_no_such_folder(tmp_path: Path) -> None:
    from digest.gather.files import gather_files

    put(tmp_path, "set-aside/b.txt")

    assert len(list(gather_files(Source(name="Harbor Ledger", files="drop"), tmp_path, now=A_TUESDAY))) == 1


def test_a_link_and_a_file_that_nobody_may_read_are_told_but_never_sighted(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    (tmp_path / "drop" / "gone.txt").symlink_to("nowhere.txt")
    (tmp_path / "drop" / "pipe.txt").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "drop" / "fifo.txt")

    assert sorted(read(tmp_path)) == ["! drop/fifo.txt", "! drop/gone.txt", "! drop/pipe.txt", "drop/a.txt"]
    assert list(sighted(tmp_path)) == ["drop/a.txt"]


@pytest.mark.parametrize(("minutes", "grows"), [(1, True), (9.9, True), (10, False), (600, False)])
def test_the_rest_of_a_file_may_come_for_ten_minutes(tmp_path: Path, minutes: float, grows: bool) -> None:
    put(tmp_path, "a.xml", changed=A_TUESDAY - timedelta(minutes=minutes))

    assert may_grow(sighted(tmp_path)["drop/a.xml"], now=A_TUESDAY) is grows


def test_a_file_from_the_future_grows_for_ten_minutes_too(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", changed=A_TUESDAY + timedelta(days=400))

    assert may_grow(sighted(tmp_path)["drop/a.xml"], now=A_TUESDAY)
    later = A_TUESDAY + timedelta(minutes=10)
    assert not may_grow(sighted(tmp_path, now=later)["drop/a.xml"], now=later)


# --- set aside


def test_a_bad_file_is_moved_with_date_reason_and_hint(tmp_path: Path) -> None:
    path = put(tmp_path, "a.xml", "<nitf>")

    assert set_aside(sighted(tmp_path)["drop/a.xml"], tmp_path / "drop", [BROKEN], now=A_TUESDAY) is None

    assert not path.exists()
    assert aside(tmp_path) == {
        "a.xml": "<nitf>",
        "a.xml.why.txt": "2025-08-12 14:00 UTC\n\ndrop/a.xml\nthis XML is broken.\nAsk for it again.\n",
    }


def test_names_never_overwrite_each_other(tmp_path: Path) -> None:
    for name, content in (("a.xml", "1"), ("a.xml", "2"), ("deep/a.xml", "3"), ("a.xml.why.txt", "4"), ("a-2.xml", "5"), ("a.xml.gz", "6")):
        put(tmp_path, name, content)
        assert set_aside(sighted(tmp_path)[f"drop/{name}"], tmp_path / "drop", [BROKEN], now=A_TUESDAY) is None

    found = aside(tmp_path)
    assert sorted(text for text in found.values() if len(text) == 1) == ["1", "2", "3", "4", "5", "6"]
    assert len(found) == 12
    assert all(found[f"{name}.why.txt"].startswith("2025-") for name, text in found.items() if len(text) == 1)


def test_a_file_that_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.xml", "<nitf>")
    sighting = sighted(tmp_path)["drop/a.xml"]
    path = put(tmp_path, "a.xml", "<nitf/>")

    assert set_aside(sighting, tmp_path / "drop", [BROKEN], now=A_TUESDAY) is None

    assert path.read_text("utf-8") == "<nitf/>"
    assert aside(tmp_path) == {}


def test_a_file_that_others_took_meanwhile_is_nobodys_trouble(tmp_path: Path) -> None:
    path = put(tmp_path, "a.xml", "<nitf>")
    sighting = sighted(tmp_path)["drop/a.xml"]
    path.unlink()

    assert set_aside(sighting, tmp_path / "drop", [BROKEN], now=A_TUESDAY) is None
    assert aside(tmp_path) == {}


def test_a_file_that_cannot_be_moved_stays_and_is_a_failure_of_its_own() -> None:
    with a_folder_for_all() as root:
        path = put(root, "a.xml", "<nitf>")
        (root / "drop").chmod(0o555)
        sighting = sighted(root)["drop/a.xml"]

        def work() -> None:
            trouble = set_aside(sighting, root / "drop", [BROKEN], now=A_TUESDAY)
            assert trouble
            assert trouble.place == "drop/a.xml"
            assert trouble.reason == "It cannot be moved to set-aside: Permission denied."
            assert trouble.hint

        process = child(without_rights(work))
        process.join()
        assert process.exitcode == 0
        assert path.exists()
        assert [one.name for one in (root / "drop").iterdir()] == ["a.xml"]


@pytest.mark.parametrize("what", ["a file", "a link"])
def test_a_set_aside_that_is_no_folder_takes_nothing(tmp_path: Path, what: str) -> None:
    path = put(tmp_path, "a.xml", "<nitf>")
    (tmp_path / "elsewhere").mkdir()
    if what == "a link":
        (tmp_path / "drop" / "set-aside").symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / "drop" / "set-aside").write_text("")

    assert set_aside(sighted(tmp_path)["drop/a.xml"], tmp_path / "drop", [BROKEN], now=A_TUESDAY)
    assert path.exists()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_kill_at_any_step_leaves_the_file_whole_in_one_place(tmp_path: Path) -> None:
    moved = []
    for step in range(1, 20):
        root = tmp_path / str(step)
        path = put(root, "a.xml", "<nitf>")
        sighting = sighted(root)["drop/a.xml"]
        process = child(dying_at(step, lambda root=root, sighting=sighting: set_aside(sighting, root / "drop", [BROKEN], now=A_TUESDAY)))
        process.join()
        places = [path, *(root / "drop").glob("set-aside/a*.xml")]
        assert [one.read_text("utf-8") for one in places if one.exists()] == ["<nitf>"]
        moved.append(not path.exists())
        assert path.exists() or aside(root)["a.xml.why.txt"].endswith("Ask for it again.\n")
        if process.exitcode == 0:
            break
        if path.exists():
            assert set_aside(sighted(root)["drop/a.xml"], root / "drop", [BROKEN], now=A_TUESDAY) is None
            assert not path.exists()

    assert moved == [False] * (len(moved) - 1) + [True]
    assert len(moved) > 3
