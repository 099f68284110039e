"""What all tests share: the switch that rewrites golden files (review their diff like code), a real browser, a database."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from digest.store.database import Database, open_database

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write what is understood today beside the golden pages")


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Chromium under playwright; without it the test is skipped, or fails where DIGEST_REQUIRE_ALL=1 asks for everything."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        missing("chromium is not on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def missing(reason: str) -> NoReturn:
    if os.environ.get("DIGEST_REQUIRE_ALL") == "1":
        pytest.fail(f"DIGEST_REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


# --- a database for each test, made once and copied: migrating takes longer than most tests


@pytest.fixture(scope="session")
def an_empty_database(tmp_path_factory: pytest.TempPathFactory) -> "Path":
    path = tmp_path_factory.mktemp("empty") / "digest.db"
    open_database(path).close()
    return path


@pytest.fixture
def database(an_empty_database: "Path", tmp_path: "Path") -> Database:
    """An open database at tmp_path/digest.db."""
    return Database(shutil.copy(an_empty_database, tmp_path / "digest.db"))
