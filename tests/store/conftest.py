"""A database for each test, made once and copied: migrating takes longer than most tests."""

import shutil

import pytest

from digest.store.database import Database, open_database


@pytest.fixture(scope="session")
def an_empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "digest.db"
    open_database(path).close()
    return path


@pytest.fixture
def database(an_empty_database, tmp_path):
    """An open database at tmp_path/digest.db."""
    return Database(shutil.copy(an_empty_database, tmp_path / "digest.db"))
