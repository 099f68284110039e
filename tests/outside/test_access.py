"""Everybody can read an email: no rule of WCAG 2.2, levels A and AA, is broken as far as axe can tell."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.outside.emails import NAMES, emails
from tests.outside.programs import package
from tests.outside.window import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Not "best-practice": it wants one main landmark and all text in regions, which a mail inside a mail program's page must not claim.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
BAD = """<!DOCTYPE html><html><head><title>Pier reopens</title></head><body style="background-color:#ffffff">
<img src="https://a.example/a.png" width="10" height="10"><p style="color:#aaaaaa">Pale words</p><a href="https://a.example/b"></a>
<p><a href="https://a.example/1" style="display:inline-block;width:9px;height:9px">1</a><a href="https://a.example/2" style="display:inline-block;width:9px;height:9px">2</a></p>
</body></html>"""


def looked_over(page: "Page") -> Any:
    page.add_script_tag(path=package("axe-core") / "axe.min.js")
    return page.evaluate("levels => axe.run({runOnly: {type: 'tag', values: levels}})", LEVELS)


def broken(found: Any) -> dict[str, list[str]]:
    """The rules broken, each with the tags that break it."""
    return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found["violations"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 375])
@pytest.mark.parametrize("name", NAMES)
def test_no_rule_is_broken(name: str, width: int, scheme: Any, chromium: "Browser"):
    with opened(chromium, emails()[name].html, width=width, scheme=scheme) as page:
        found = looked_over(page)

    assert broken(found) == {}
    assert {"color-contrast", "link-name", "html-has-lang"} <= {rule["id"] for rule in found["passes"]}


def test_axe_sees_what_is_wrong(chromium: "Browser"):
    with opened(chromium, BAD) as page:
        found = looked_over(page)

    assert {"image-alt", "color-contrast", "link-name", "html-has-lang", "target-size"} <= broken(found).keys()


def test_a_missing_alt_in_the_sample_would_be_seen(chromium: "Browser"):
    html = re.sub(' alt="[^"]*"', "", emails()["sample"].html, count=1)

    with opened(chromium, html) as page:
        assert list(broken(looked_over(page))) == ["image-alt"]
