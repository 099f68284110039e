"""Opens the newsroom's database: makes it on first use, brings an older one up to date, and says plainly when it cannot."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import Busy, DigestError, StoreError
from digest.store.files import disk_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

REVISIONS = ("0001", "0002", "0003")  # every migration, oldest first; the last is what this program works with
_WAIT_SECONDS = 10  # for another digest to finish a change before we say that it is busy


def open_database(where: str | Path) -> Database:
    """The database at a path or an SQLAlchemy URL, ready for use.

    Raises StoreError when it is no database, damaged, newer than this program, or the disk will not have it; Busy when another digest
    holds it.
    """
    database = Database(where)
    database.engine  # noqa: B018  (opens it)
    return database


class Database:
    """A newsroom's database. Nothing is read, made or imported before its first use."""

    def __init__(self, where: str | Path) -> None:
        """`where` is a path, or an SQLAlchemy URL as text."""
        self._where = where
        self._turn = threading.Lock()  # the threads of one process wait in line; of SQLite's own waiting nobody knows who comes first

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees the database as it stands now. Raises StoreError and Busy, as `open_database`."""
        with _transaction(self.engine, "DEFERRED") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, kept whole or not at all. Raises StoreError and Busy, as `open_database`."""
        with self._turn, _transaction(self.engine, "IMMEDIATE") as connection:  # so that two writers never collide halfway
            yield connection

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """As `writing`; what is deleted here is overwritten, in the file and in the log of changes beside it."""
        if self.engine.dialect.name != "sqlite":
            with self.writing() as connection:
                yield connection
            return
        with _transaction(self.engine, "IMMEDIATE") as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        with closing(self.engine.raw_connection()) as bare:  # the log is emptied outside of a transaction only
            bare.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def rehearsing(self) -> Iterator[Rehearsal]:
        """The same database, in which all that is written is undone at the end. Others wait to write until then."""
        with self.engine.connect().execution_options(begin="IMMEDIATE") as connection:
            with _told(self.engine):
                transaction = connection.begin()
            try:
                yield Rehearsal(connection)
            finally:
                transaction.rollback()

    def close(self) -> None:
        """Let go of the file. The next use opens it again."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def engine(self) -> Engine:
        """The open database, at this program's revision."""
        engine = _engine(self._where)
        try:
            with _transaction(engine, "DEFERRED") as connection:
                current = _revision(connection)
            if current != REVISIONS[-1]:
                _migrate(engine)
        except DigestError:
            engine.dispose()
            raise
        return engine


class Rehearsal:
    """A database of which nothing stays. Reads and writes as Database does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """As Database.reading."""
        with _told(self._connection.engine):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """As Database.writing."""
        with _told(self._connection.engine):
            yield self._connection


# --- opening


def _engine(where: str | Path) -> Engine:
    from sqlalchemy import URL, create_engine, event
    from sqlalchemy.exc import ArgumentError

    is_path = isinstance(where, Path) or "://" not in where
    try:
        engine = create_engine(URL.create("sqlite", database=str(where)) if is_path else str(where))
    except (ArgumentError, ImportError) as error:
        raise StoreError(f"The database address cannot be used: {error}.", hint="Give a file name, such as digest.db.") from error
    if engine.url.get_backend_name() == "sqlite":
        folder = Path(engine.url.database or "").absolute().parent
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: object, _record: object) -> None:
    import sqlite3

    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where we say so (_begin_sqlite), not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")  # readers and one writer do not wait for each other


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _revision(connection: Connection) -> str | None:
    """The revision of an existing database; None for an empty one. Raises StoreError when it is not ours or too new."""
    from sqlalchemy import inspect, text

    place = _place(connection.engine)
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if "alembic_version" in tables else None
    if found is None:
        raise StoreError(f"{place} belongs to another program.", hint="Name another file for the database in digest.toml.")
    if found not in REVISIONS:
        raise StoreError(f"{place} was written by a newer digest (revision {found}).", hint="Upgrade: pip install -U headline-digest")
    return str(found)


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _transaction(engine, "IMMEDIATE") as connection:
        if _revision(connection) != REVISIONS[-1]:  # another digest may have been first
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


# --- one transaction, and what its errors mean


@contextmanager
def _transaction(engine: Engine, begin: str) -> Iterator[Connection]:
    with _told(engine), engine.connect().execution_options(begin=begin) as connection, connection.begin():
        yield connection


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turn what the database says into what a person can do about it."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        explained = _explain(error, _place(engine))
        if explained is None:
            raise  # a fault in this program, not in the world
        raise explained from error


def _explain(error: DBAPIError, place: str) -> DigestError | None:
    """What a database error means to the person at the keyboard; None when nobody but us could mend it."""
    from sqlalchemy.exc import OperationalError

    name = getattr(error.orig, "sqlite_errorname", "")  # "SQLITE_READONLY_DIRECTORY"
    for family, explain in _EXPLANATIONS.items():
        if name.startswith(family):
            return explain(place)
    if isinstance(error, OperationalError):
        return StoreError(
            f"{place} did not do what was asked: {error.orig}.", hint="Look at the database, then run the same command again."
        )
    return None


def _full(place: str) -> StoreError:
    return StoreError(f"The disk is full: {place} could not take the change.", hint="Free some space, then run the same command again.")


def _forbidden(place: str) -> StoreError:
    return StoreError(f"{place} cannot be opened or may not be written.", hint="Make the file and its folder writable for this user.")


def _failing(place: str) -> StoreError:
    return StoreError(f"The disk failed under {place}.", hint="Look for a full disk, a used-up quota or a failing drive, then try again.")


def _damaged(place: str) -> StoreError:
    return StoreError(f"{place} is no database, or is damaged.", hint="Put a copy back, or move it away: digest gather fills a new one.")


def _busy(place: str) -> Busy:
    return Busy(f"Another digest is writing to {place}.", hint="Wait until it is done, then run the same command again.")


_EXPLANATIONS = {
    "SQLITE_FULL": _full,
    "SQLITE_READONLY": _forbidden,
    "SQLITE_CANTOPEN": _forbidden,
    "SQLITE_PERM": _forbidden,
    "SQLITE_IOERR": _failing,
    "SQLITE_NOTADB": _damaged,
    "SQLITE_CORRUPT": _damaged,
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
}


def _place(engine: Engine) -> str:
    if engine.url.get_backend_name() == "sqlite":
        return engine.url.database or "the database in memory"
    return engine.url.render_as_string(hide_password=True)
