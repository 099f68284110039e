"""A database opens, or says plainly why not."""

import multiprocessing
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from digest.errors import Busy, StoreError
from digest.store import database as opening
from digest.store.database import REVISIONS, Database, open_database
from tests.store.disk import a_folder_for_all, child, on_a_full_disk, said_by_a_child, without_rights


def test_a_database_is_made_on_first_use_with_its_folders(tmp_path):
    path = tmp_path / "new folder 100%" / "digest.db"

    database = open_database(path)

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == REVISIONS[-1]
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_an_address_works_as_a_path_does(tmp_path):
    open_database(f"sqlite:///{tmp_path / 'digest.db'}")

    assert (tmp_path / "digest.db").exists()


def test_nothing_is_made_before_the_first_use(tmp_path):
    Database(tmp_path / "digest.db")

    assert not any(tmp_path.iterdir())


def test_an_opened_database_can_be_closed_and_used_again(tmp_path):
    database = open_database(tmp_path / "digest.db")

    database.close()

    assert [path.name for path in tmp_path.iterdir()] == ["digest.db"]
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_importing_the_store_imports_no_database_library():
    modules = "digest.store.stories, digest.store.issues, digest.store.database"
    heavy = "'sqlalchemy' in sys.modules or 'alembic' in sys.modules or 'sqlite3' in sys.modules"

    said = subprocess.run([sys.executable, "-c", f"import sys, {modules}; print({heavy})"], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_a_current_database_opens_without_the_migration_library(tmp_path):
    open_database(tmp_path / "digest.db")
    program = "import sys; from digest.store.database import open_database; open_database(sys.argv[1]); print('alembic' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program, str(tmp_path / "digest.db")], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"


def test_the_migrations_make_the_tables_that_the_program_works_with(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from digest.store.tables import metadata

    with open_database(tmp_path / "digest.db").reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    scripts = ScriptDirectory(str(Path(opening.__file__).with_name("migrations")))

    assert differences == []
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_several_can_open_a_new_database_at_once(tmp_path):
    said = multiprocessing.get_context("fork").Queue()

    def opens() -> None:
        said.put(said_by_a_child(lambda: open_database(tmp_path / "digest.db")))

    children = [child(opens) for _ in range(4)]
    answers = [said.get(timeout=20) for _ in children]
    for one in children:
        one.join()

    assert answers == ["done"] * 4


def test_a_failed_transaction_changes_nothing(tmp_path):
    database = open_database(tmp_path / "digest.db")

    with pytest.raises(KeyError), database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES ('Garrison Post', 'a.txt', '1', NULL, NULL, '')")
        raise KeyError

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar() == 0


def test_a_database_of_a_newer_digest_is_refused(tmp_path):
    open_database(tmp_path / "digest.db").close()
    with sqlite3.connect(tmp_path / "digest.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()

    with pytest.raises(StoreError, match="newer digest") as caught:
        open_database(tmp_path / "digest.db")
    assert "pip install -U" in caught.value.hint


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as raw:
        raw.execute("CREATE TABLE recipes (name)")
    raw.close()

    with pytest.raises(StoreError, match="belongs to another program"):
        open_database(tmp_path / "other.db")


@pytest.mark.parametrize("content", [b"Dear editor, this is a letter, not a database. " * 50, b"\x00\xff" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "digest.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match="is no database"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_damaged_database_is_said_plainly(tmp_path):
    path = tmp_path / "digest.db"
    open_database(path).close()
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(StoreError, match="damaged"):
        open_database(path)


def test_a_folder_in_place_of_a_database_is_said_plainly(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(tmp_path)


def test_a_path_through_a_file_is_said_plainly(tmp_path):
    (tmp_path / "store").write_text("a file where a folder should be")

    with pytest.raises(StoreError, match="store"):
        open_database(tmp_path / "store" / "digest.db")


@pytest.mark.parametrize("address", ["nonsense://here", "postgresql+nodriver://u:secret@host/db"])
def test_an_address_that_cannot_be_used_is_said_plainly(address):
    with pytest.raises(StoreError):
        open_database(address)


def test_a_read_only_folder_is_said_plainly():
    with a_folder_for_all() as folder:
        folder.chmod(0o555)
        said = said_by_a_child(without_rights(lambda: open_database(folder / "digest.db")))

    assert said == f"StoreError: {folder / 'digest.db'} cannot be opened or may not be written."


def test_a_read_only_database_is_said_plainly():
    with a_folder_for_all() as folder:
        open_database(folder / "digest.db").close()
        (folder / "digest.db").chmod(0o444)
        folder.chmod(0o555)
        said = said_by_a_child(without_rights(lambda: write_a_row(Database(folder / "digest.db"))))

    assert said == f"StoreError: {folder / 'digest.db'} cannot be opened or may not be written."


def test_a_full_disk_is_said_plainly_and_changes_nothing(tmp_path):
    database = open_database(tmp_path / "digest.db")
    with database.reading() as connection:  # the one connection that is then used again
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with pytest.raises(StoreError, match="The disk is full"):
        write_a_row(database, size=500_000)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar() == 0


def test_a_disk_that_stops_taking_bytes_is_said_plainly_and_changes_nothing(tmp_path):
    path = tmp_path / "digest.db"
    open_database(path).close()

    said = said_by_a_child(on_a_full_disk(lambda: write_a_row(Database(path), size=500_000), room=100_000))

    assert said.startswith("StoreError: The disk")
    with open_database(path).reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar() == 0


def test_a_database_held_by_another_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_WAIT_SECONDS", 0)
    path = tmp_path / "digest.db"

    with open_database(path).writing(), pytest.raises(Busy, match="Another digest is writing") as caught:
        write_a_row(Database(path))
    assert "Wait" in caught.value.hint


def test_a_reader_does_not_wait_for_a_writer(tmp_path):
    path = tmp_path / "digest.db"

    with open_database(path).writing(), Database(path).reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM story").scalar() == 0


def test_a_fault_of_our_own_is_not_dressed_up(tmp_path):
    from sqlalchemy.exc import IntegrityError

    database = open_database(tmp_path / "digest.db")
    write_a_row(database)

    with pytest.raises(IntegrityError):
        write_a_row(database)


def write_a_row(database: Database, *, size: int = 1) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO document VALUES ('Garrison Post', 'a.txt', ?, NULL, NULL, '')", ("x" * size,))
