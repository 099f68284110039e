"""The programs of others are the same on every machine, wherever it gets them from."""

import json
import re

import pytest

from tests.outside.juice import juiced
from tests.outside.programs import HERE, package, program

WANTED = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
LOCK = (HERE / "package-lock.json").read_text("utf-8")


def test_every_version_is_exact_and_the_one_of_the_lock():
    locked = json.loads(LOCK)["packages"]

    assert {name: locked[f"node_modules/{name}"]["version"] for name in WANTED} == WANTED
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in WANTED.values())
    assert all(entry.get("integrity") for name, entry in locked.items() if name)


def test_the_lock_names_no_registry():
    assert re.findall(r"https?://(?!registry\.npmjs\.org/)[^\"]*\.tgz", LOCK) == []
    assert "resolved" not in LOCK


def test_juice_moves_a_sheet_into_the_tags():
    page = '<!DOCTYPE html><html><head></head><body><p class="a">Pier</p></body></html>'

    assert juiced([(page, ".a { color: #112233 }"), (page, ".b { color: red }")]) == [
        page.replace('class="a"', 'class="a" style="color: #112233;"'),
        page,
    ]


def test_a_program_that_is_missing_skips_its_test(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DIGEST_REQUIRE_ALL", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no-such-program is not on this machine"):
        program("no-such-program")
    with pytest.raises(pytest.skip.Exception, match="run npm ci --prefix tests/outside"):
        package("no-such-package")


def test_a_program_that_is_missing_fails_its_test_where_all_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DIGEST_REQUIRE_ALL", "1")

    with pytest.raises(pytest.fail.Exception, match="no-such-program is not on this machine"):
        program("no-such-program")
