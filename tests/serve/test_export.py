"""The exported pages hold every view, need no server, and run no script."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.newsroom import Newsroom
from digest.serve.export import VIEWS, export
from digest.workflow.desk import Desk
from tests.approved import ISSUE, MONDAY, a_ready_newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The smallest GIF there is: one pixel.
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory) -> Newsroom:
    folder = tmp_path_factory.mktemp("newsroom")
    newsroom = a_ready_newsroom(folder)
    (folder / "pier.gif").write_bytes(GIF)
    plan = newsroom.issues.path(ISSUE) / "plan.toml"
    text = plan.read_text("utf-8").replace("date = 2025-08-12\n", 'date = 2025-08-12\nimage = "pier.gif"\nalt = "A pier"\n', 1)
    plan.write_text(text.replace("[issue]", '[note]\ntext = "<script>hacked = 1</script>"\n\n[issue]', 1), "utf-8")
    return newsroom


@pytest.fixture(scope="module")
def exported(newsroom, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "pages"
    first, *_ = export(a_desk(newsroom), folder)
    assert first == folder / "index.html"
    return folder


def a_desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom, ISSUE, clock=lambda: MONDAY, environment={})


def test_every_view_is_a_page_and_every_link_leads_to_one(exported):
    pages = {view.name: (exported / f"{view.name}.html").read_text("utf-8") for view in VIEWS}

    linked = {name for page in pages.values() for name in re.findall(r'(?:href|src)="([^":]+)"', page)}
    assert {f"{width}-{colours}.html" for width in ("320", "375", "600", "full") for colours in ("light", "dark", "inverted")} <= linked
    assert {"index.html", "text.html", "source.html", "headers.html", "links.html", "600-images-off.html", "2025-W33.eml"} <= linked
    assert [name for name in linked if not (exported / name).is_file()] == []


def test_the_parts_are_those_that_would_be_sent(newsroom, exported):
    email = a_desk(newsroom).seen().proof.email

    assert (exported / "email.html").read_bytes() == email.html.encode()
    assert (exported / "email.txt").read_bytes() == email.text.encode()
    assert (exported / "2025-W33.eml").read_bytes() == a_desk(newsroom).eml()


def test_findings_are_told(newsroom, exported):
    findings = a_desk(newsroom).state()["findings"]

    page = (exported / "index.html").read_text("utf-8")
    assert findings and all(finding["message"] in page for finding in findings)


def test_the_pages_open_from_disk_and_run_no_script(exported: Path, chromium: "Browser", tmp_path: Path):
    folder = shutil.copytree(exported, tmp_path / "elsewhere")
    asked: list[str] = []
    page = chromium.new_page(color_scheme="null")
    page.on("request", lambda request: asked.append(request.url))
    ground = {}
    for name in ("600-light", "600-dark", "600-images-off"):
        page.goto((folder / f"{name}.html").as_uri())
        frame = page.frames[1]
        frame.wait_for_load_state()
        ground[name] = frame.evaluate(
            "getComputedStyle(document.querySelector('.page, body > *')).backgroundColor + getComputedStyle(document.body).color"
        )
        shows = frame.evaluate("[...document.images].map(image => image.naturalWidth)")
        assert set(shows) == ({0} if name == "600-images-off" else {1})
        assert frame.evaluate("window.hacked") is None
    page.close()

    assert ground["600-light"] != ground["600-dark"]
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
