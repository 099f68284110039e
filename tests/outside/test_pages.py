"""Everybody can use the public pages: no rule of WCAG 2.2, levels A and AA, nor of good practice is broken as far as axe can tell."""

from typing import TYPE_CHECKING, Any

import pytest

from digest.newsroom import Newsroom
from digest.serve.pages import Pages
from tests.languages import MASTHEADS
from tests.make import CONFIG, a_newsroom
from tests.outside.programs import package

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ADDRESS = "https://news.garrisonpost.example/unsubscribe/x"
KINDS = ("leave", "left", "nowhere", "later")
LANGUAGES = ("en", *MASTHEADS)


def a_newsroom_in(folder: "Path", language: str) -> Newsroom:
    return a_newsroom(
        folder, config=CONFIG.replace("[newsroom]", f'[newsroom]\nlanguage = "{language}"\nsite = "https://garrisonpost.example"')
    )


def opened(chromium: "Browser", html: str, rules: str, width: int, scheme: Any) -> tuple["Page", list[str]]:
    """The page under its own rules, and what the browser refused or complained of."""
    page = chromium.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text))
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": rules}
    page.route("**/*", lambda route: route.fulfill(body=html, headers=headers))
    page.goto(ADDRESS)
    return page, complaints


def broken(page: "Page") -> list[str]:
    """The rules broken. axe comes in through the debugger, past the page's rules: it lets no script in."""
    axe = (package("axe-core") / "axe.min.js").read_text("utf-8")
    page.evaluate(axe + "; null")
    found = page.evaluate("axe.run()")
    assert {"color-contrast", "document-title", "html-has-lang", "region"} <= {rule["id"] for rule in found["passes"]}
    return [rule["id"] for rule in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "kind", "width"), [*((language, "leave", 320) for language in LANGUAGES), *(("en", kind, 900) for kind in KINDS)]
)
def test_no_rule_is_broken(tmp_path, chromium: "Browser", language: str, kind: Any, width: int, scheme: Any):
    pages = Pages(a_newsroom_in(tmp_path, language))

    page, complaints = opened(chromium, pages.show(kind, "weekly"), pages.rules, width, scheme)

    assert broken(page) == []
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out_on_the_smallest_phone(tmp_path, chromium: "Browser", language: str):
    pages = Pages(a_newsroom_in(tmp_path, language))

    for kind in KINDS:
        page, _ = opened(chromium, pages.show(kind, "weekly"), pages.rules, 320, "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.context.close()


def test_axe_sees_what_is_wrong(tmp_path, chromium: "Browser"):
    pages = Pages(a_newsroom_in(tmp_path, "en"))
    spoilt = pages.show("leave", "weekly").replace(">Unsubscribe</button>", "></button>").replace(' lang="en"', "")

    page, _ = opened(chromium, spoilt, pages.rules.replace("style-src", "style-src 'unsafe-inline'"), 900, "light")

    axe = (package("axe-core") / "axe.min.js").read_text("utf-8")
    page.evaluate(axe + "; null")
    found = page.evaluate("axe.run()")
    assert {"button-name", "html-has-lang"} <= {rule["id"] for rule in found["violations"]}
    page.context.close()


def test_a_changed_style_sheet_is_not_believed(tmp_path, chromium: "Browser"):
    pages = Pages(a_newsroom_in(tmp_path, "en"))

    page, complaints = opened(chromium, pages.show("leave").replace("<style>", "<style>/**/"), pages.rules, 900, "light")

    assert any("Content Security Policy" in told for told in complaints)
    page.context.close()


def test_the_button_can_be_found_without_a_mouse(tmp_path, chromium: "Browser"):
    pages = Pages(a_newsroom_in(tmp_path, "en"))
    page, _ = opened(chromium, pages.show("leave", "weekly"), pages.rules, 375, "light")

    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    with page.expect_request("**/*") as asked:
        page.keyboard.press("Enter")

    assert outline == "3px"
    assert f"{asked.value.method} {asked.value.url}" == f"POST {ADDRESS}"
    page.context.close()
