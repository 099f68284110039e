"""Whichever inliner prints a mail, a browser shows the same as if it read the style sheet itself."""

import json
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import pytest

from digest.edit.printing.inline import inline
from digest.edit.render import render
from digest.errors import ConfigError
from digest.newsroom import shipped_templates
from tests.conftest import missing
from tests.edit.test_render import POST, a_whole_issue
from tests.languages import MASTHEADS, UNSUBSCRIBE, VIEW, issue_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHIPPED = dict(shipped_templates())
# Nothing for the tags: the rules stand in the head, before those that are kept there.
AS_A_SHEET = SHIPPED | {"inline.css": "", "kept.css": SHIPPED["inline.css"] + SHIPPED["kept.css"]}
MAILS = {
    "front-page": (a_whole_issue(), POST, "front-page"),
    "brief": (a_whole_issue(), POST, "brief"),
    "arabic": (issue_in("ar"), MASTHEADS["ar"], "front-page"),
}
# Every property of every tag, some 300 each, as the browser works it out.
COMPUTED = """() => JSON.stringify([document.documentElement, document.body, ...document.body.querySelectorAll("*")].map(tag => {
    const style = getComputedStyle(tag);
    return [tag.tagName + "." + tag.className, Object.fromEntries([...style].map(name => [name, style.getPropertyValue(name)]))];
}))"""
Computed = list[tuple[str, dict[str, str]]]


def mail(name: str, inliner: str) -> str:
    """The mail by that name; "" as inliner leaves the style sheet to the browser."""
    if inliner == "css-inline" and not find_spec("css_inline"):
        missing("css-inline is not installed: pip install -r requirements-dev.txt -c requirements.lock")
    issue, masthead, look = MAILS[name]
    templates = SHIPPED if inliner else AS_A_SHEET
    return render(issue, masthead, templates, look=look, view_url=VIEW, unsubscribe_url=UNSUBSCRIBE, inliner=inliner or "premailer").html


def computed(chromium: "Browser", html: str, width: int, scheme: Literal["light", "dark"]) -> Computed:
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    styles: Computed = json.loads(page.evaluate(COMPUTED))
    page.context.close()
    return styles


def differences(one: Computed, other: Computed) -> list[str]:
    """What is not the same, tag by tag."""
    assert [tag for tag, _ in one] == [tag for tag, _ in other]
    return [
        f"{tag} {name}: {value} and {theirs[name]}"
        for (tag, ours), (_, theirs) in zip(one, other, strict=True)
        for name, value in ours.items()
        if theirs[name] != value
    ]


@pytest.mark.parametrize(("width", "scheme"), [(600, "light"), (375, "dark")])
@pytest.mark.parametrize("inliner", ["premailer", "css-inline"])
@pytest.mark.parametrize("name", MAILS)
def test_a_mail_shows_what_its_sheet_says(name: str, inliner: str, width: int, scheme: Literal["light", "dark"], chromium: "Browser"):
    inlined = computed(chromium, mail(name, inliner), width, scheme)

    assert differences(inlined, computed(chromium, mail(name, ""), width, scheme)) == []


def test_one_declaration_too_few_is_seen(chromium: "Browser"):
    html = mail("front-page", "premailer")
    spoilt = html.replace("letter-spacing:-0.01em", "", 1)

    found = differences(computed(chromium, html, 600, "light"), computed(chromium, spoilt, 600, "light"))

    assert spoilt != html
    assert "letter-spacing" in "".join(found)


def test_the_two_write_other_bytes_but_nothing_else():
    """Were css-inline not at work, the tests above would compare premailer with itself."""
    assert mail("front-page", "css-inline") != mail("front-page", "premailer")


def test_an_inliner_that_is_not_installed_says_how_it_comes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "css_inline", None)  # Python's own way to say that there is no such module

    with pytest.raises(ConfigError, match="not installed") as caught:
        inline(
            "<html><head></head><body><p>Pier</p></body></html>", "p { margin: 0 } /* read for the first time */", "", inliner="css-inline"
        )

    assert 'pip install "headline-digest[fast]"' in caught.value.hint
