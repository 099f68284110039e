"""A real browser for the pages that people see."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


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


def missing(reason: str) -> None:
    if os.environ.get("DIGEST_REQUIRE_ALL") == "1":
        pytest.fail(f"DIGEST_REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)
