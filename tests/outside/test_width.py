"""An email fits a phone: nothing stands out at its side, whatever words it holds."""

from typing import TYPE_CHECKING

import pytest

from tests.outside.emails import NAMES, emails
from tests.outside.window import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What reaches beyond the window, with how far; hidden text such as the preheader has no place and does not count.
BEYOND = """() => [...document.body.querySelectorAll("*")]
    .map(tag => [tag, tag.getBoundingClientRect()])
    .filter(([_, box]) => box.width && (box.right > innerWidth + 0.5 || box.left < -0.5))
    .map(([tag, box]) => `${tag.tagName} ${Math.round(box.left)}..${Math.round(box.right)}: ${tag.textContent.trim().slice(0, 40)}`)"""


def beyond(page: "Page") -> list[str]:
    found: list[str] = page.evaluate(BEYOND)
    scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return found + ["the page scrolls sideways"] * scrolls


@pytest.mark.parametrize("width", [320, 375])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_stands_out_at_the_side(name: str, width: int, chromium: "Browser"):
    with opened(chromium, emails()[name].html, width=width) as page:
        assert beyond(page) == []


def test_a_table_too_wide_is_seen(chromium: "Browser"):
    html = emails()["sample"].html.replace('<table role="presentation" width="100%"', '<table role="presentation" width="400"')

    with opened(chromium, html, width=375) as page:
        assert "the page scrolls sideways" in beyond(page)


def test_a_word_too_long_is_seen(chromium: "Browser"):
    with opened(chromium, f"<!DOCTYPE html><html><body><p>{'a' * 100}</p></body></html>", width=320) as page:
        assert "the page scrolls sideways" in beyond(page)
