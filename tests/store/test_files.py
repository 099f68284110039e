"""Files are replaced whole, and a lock goes with its holder."""

import os
import signal

import pytest

from digest.errors import Busy, StoreError
from digest.store.files import locked, write_beside
from tests.store.disk import a_folder_for_all, child, on_a_full_disk, said_by_a_child, without_rights


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text("old")

    write_beside(path, b"new")

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("plan.toml", "new")]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text("old")

    said = said_by_a_child(on_a_full_disk(lambda: write_beside(path, b"x" * 5000), room=1000))

    assert said == f"StoreError: The disk is full: {path} could not be written."
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("plan.toml", "old")]


def test_a_read_only_folder_is_said_plainly():
    with a_folder_for_all() as folder:
        folder.chmod(0o555)
        said = said_by_a_child(without_rights(lambda: write_beside(folder / "plan.toml", b"new")))

    assert said == f"StoreError: {folder / 'plan.toml'} may not be written."


def test_a_path_through_a_file_is_said_plainly(tmp_path):
    (tmp_path / "issues").write_text("a file where a folder should be")

    with pytest.raises(StoreError, match="issues"):
        write_beside(tmp_path / "issues" / "plan.toml", b"new")


def test_a_lock_keeps_others_out_until_it_is_let_go(tmp_path):
    path = tmp_path / ".lock"

    with locked(path, busy="taken", hint="wait"), pytest.raises(Busy, match="taken"), locked(path, busy="taken", hint="wait"):
        pass

    with locked(path, busy="taken", hint="wait"):
        assert path.exists()
    assert not path.exists()


def test_a_lock_goes_with_a_holder_that_is_killed(tmp_path):
    path = tmp_path / ".lock"

    def dies() -> None:
        with locked(path, busy="taken", hint="wait"):
            os.kill(os.getpid(), signal.SIGKILL)

    child(dies).join()

    assert path.exists()
    with locked(path, busy="taken", hint="wait"):
        pass


def test_a_lock_never_has_two_holders(tmp_path):
    path, inside = tmp_path / ".lock", tmp_path / "inside"

    def tries() -> None:
        for _ in range(300):
            try:
                with locked(path, busy="taken", hint="wait"):
                    inside.touch(exist_ok=False)  # fails when somebody else is in
                    inside.unlink()
            except Busy:
                continue

    children = [child(tries) for _ in range(3)]
    for one in children:
        one.join()

    assert [one.exitcode for one in children] == [0, 0, 0]
