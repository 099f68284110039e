"""Every word of an email can be read: 4.5 to 1 or better, in light, in dark, and where a mail program turns the colours by force."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.outside.emails import NAMES, emails
from tests.outside.window import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MEASURE = Path(__file__).with_name("contrast.js").read_text("utf-8")
ENOUGH = 4.5  # WCAG 2.2, 1.4.3
# How colours reach the reader: the media query of Apple Mail, the hooks of Outlook, and two ways of forced inversion (see contrast.js).
WAYS = {
    "light": ("light", "", ""),
    "dark": ("dark", "", ""),
    "Outlook's hooks": ("light", "", "document.documentElement.dataset.ogsc = document.documentElement.dataset.ogsb = ''"),
    "dark text and light grounds inverted": ("light", "dark-text-light-ground", ""),
    "all inverted": ("light", "all", ""),
}
PAGE = '<!DOCTYPE html><html lang="en"><head><title>Pier</title><style>{}</style></head><body style="background-color:#ffffff">{}</body></html>'
BAD = {
    "light": PAGE.format("", '<p style="color:#888888">Pier</p>'),
    "dark": PAGE.format("@media (prefers-color-scheme: dark) { body { background-color: #15171a !important } }", '<p style="color:#16181b">Pier</p>'),
    "Outlook's hooks": PAGE.format("[data-ogsb] body { background-color: #15171a !important }", '<p style="color:#16181b">Pier</p>'),
    "dark text and light grounds inverted": PAGE.format("", '<p style="color:#0c0c0c;background-color:#7b7b7b">Pier</p>'),
    "all inverted": PAGE.format("", '<p style="color:#757575;background-color:#000000">Pier</p>'),
}  # fmt: skip


def measured(chromium: "Browser", html: str, way: str) -> list[dict[str, Any]]:
    """Every text that is seen, with its contrast."""
    scheme, turn, script = WAYS[way]
    with opened(chromium, html, scheme=scheme) as page:  # type: ignore[arg-type]
        if script:
            page.evaluate(script)
        found: list[dict[str, Any]] = page.evaluate(MEASURE, turn)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_every_word_can_be_read(name: str, way: str, chromium: "Browser"):
    found = measured(chromium, emails()[name].html, way)

    assert [text for text in found if text["contrast"] < ENOUGH] == []
    assert len(found) > 10


@pytest.mark.parametrize("way", WAYS)
def test_words_that_only_this_way_makes_unreadable_are_seen(way: str, chromium: "Browser"):
    (bad,) = measured(chromium, BAD[way], way)
    (before,) = measured(chromium, BAD[way], "light")

    assert bad["contrast"] < ENOUGH
    assert way == "light" or before["contrast"] >= ENOUGH


def test_the_inversion_is_that_of_lch(chromium: "Browser"):
    page = PAGE.format("", '<p style="color:#8c1d18">Pier</p>')

    (half,) = measured(chromium, page, "dark text and light grounds inverted")
    (all_,) = measured(chromium, page, "all inverted")

    # white is L 100, which becomes 25 or 0; the red is L 31.3, which becomes 76.5 or 68.7
    assert (half["text"], half["ground"]) == ("#ffa18d", "#3b3b3b")
    assert (all_["text"], all_["ground"]) == ("#fd836e", "#000000")
