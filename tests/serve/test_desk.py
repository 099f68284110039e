"""The preview shows the mail, its text and its findings, follows the files, and opens to nobody else."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from digest.errors import DigestError, PlanError
from digest.model import Email, Finding
from digest.serve.desk import Preview, desk, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOKEN = "open-sesame"
MAIL = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Weekly Headlines</title>
<style>@media (prefers-color-scheme: dark) { body { background-color: #15171a !important } }</style></head>
<body style="margin:0;background-color:#ffffff"><h1>HEADLINE</h1><table width="100%" height="3000"><tr><td>The pier reopens.</td></tr></table></body></html>
"""
HOSTILE = "<script>top.hacked = 1</script><img src=x onerror='top.hacked = 1'>"
NO_ALT = Finding(
    rule="alt-missing", severity="error", where="section[0].brief[2] (k3v9)", message="A photo has no alt text.", hint="Write one."
)
MADE = Finding(rule="headline-made", severity="warning", where="section[1].brief[0] (p7a2)", message="A headline was made from the lead.")


def a_preview(headline: str = "Pier reopens", **changes: Any) -> Preview:
    values: dict[str, Any] = {
        "issue_id": "2025-W33",
        "title": "Weekly Headlines",
        "sender": "The Garrison Post <news@garrisonpost.example>",
        "email": Email(subject=headline, html=MAIL.replace("HEADLINE", headline), text=f"{headline}\n\nThe pier reopens.\n"),
        "findings": (MADE, NO_ALT),
        "counts": (("In the issue", "18"), ("Reading time", "5 min")),
    }
    return Preview(**values | changes)


class Newsroom:
    """Holds what is previewed, and counts how often it was looked at."""

    def __init__(self, preview: Preview) -> None:
        self.preview, self.stamp, self.looks = preview, "1", 0

    def see(self) -> Preview:
        self.looks += 1
        return self.preview

    def saves(self, preview: Preview) -> None:
        self.preview, self.stamp = preview, self.stamp + "1"

    def desk(self) -> Starlette:
        return desk(self.see, lambda: self.stamp, token=TOKEN)


def opened(preview: Preview | Newsroom) -> TestClient:
    """A browser on this machine that has opened the printed address."""
    newsroom = preview if isinstance(preview, Newsroom) else Newsroom(preview)
    browser = TestClient(newsroom.desk(), base_url="http://127.0.0.1:8000")
    assert browser.get(f"/?token={TOKEN}").status_code == 200
    return browser


# --- what it shows


def test_the_page_shows_the_issue_its_inbox_row_findings_counts_and_size():
    page = opened(a_preview()).get("/").text

    for shown in ("Weekly Headlines", "2025-W33", "The Garrison Post", "news@garrisonpost.example", "Pier reopens", "of 102 KB"):
        assert shown in page
    for shown in ("1 error", "A photo has no alt text.", "Write one.", "section[0].brief[2] (k3v9)", "1 warning", "In the issue", "5 min"):
        assert shown in page
    assert page.index("1 error") < page.index("1 warning")


def test_both_parts_are_shown_as_they_are_but_for_links_that_open_in_a_new_tab():
    browser = opened(a_preview())

    assert browser.get("/text").text == "Pier reopens\n\nThe pier reopens.\n"
    assert browser.get("/mail").text.replace('<base target="_blank">', "") == MAIL.replace("HEADLINE", "Pier reopens")


def test_pictures_on_disk_are_shown_in_place_of_their_public_addresses(tmp_path: Path):
    (tmp_path / "pier.png").write_bytes(b"\x89PNG pier")
    (tmp_path / "pier-2.png").write_bytes(b"\x89PNG two")
    pictures = {"https://a.example/p.png": tmp_path / "pier.png", "https://a.example/p.png?w=1&h=2": tmp_path / "pier-2.png"}
    html = "<img src=\"https://a.example/p.png?w=1&amp;h=2\"><img src='https://a.example/p.png'> https://a.example/p.png"
    browser = opened(a_preview(email=Email(subject="s", html=html, text="t"), pictures=pictures))

    assert browser.get("/mail").text == "<img src=\"/picture/1\"><img src='/picture/0'> https://a.example/p.png"
    assert browser.get("/picture/1").content == b"\x89PNG two"
    assert browser.get("/picture/1").headers["content-type"] == "image/png"
    assert browser.get("/picture/2").status_code == 404
    (tmp_path / "pier.png").unlink()
    assert browser.get("/picture/0").status_code == 404


def test_a_fault_is_shown_in_place_of_the_mail():
    browser = opened(a_preview(email=None, fault="plan.toml, line 4: no value."))

    assert "plan.toml, line 4: no value." in browser.get("/").text
    assert browser.get("/mail").status_code == 404
    assert browser.get("/text").status_code == 404


def test_an_error_while_looking_is_shown_as_a_fault_with_its_hint():
    def see() -> Preview:
        raise PlanError("plan.toml is gone.", hint="Build the issue again.")

    browser = TestClient(desk(see, lambda: "1", token=TOKEN), base_url="http://localhost")

    page = browser.get(f"/?token={TOKEN}").text
    assert "plan.toml is gone.\nBuild the issue again." in page


def test_a_mail_that_gmail_would_clip_says_so():
    heavy = Email(subject="s", html="é" * 60 * 1024, text="t")

    page = opened(a_preview(email=heavy)).get("/").text

    assert "120 KB" in page
    assert "Gmail hides what is beyond 102 KB" in page


def test_the_issue_is_looked_at_again_only_when_its_files_changed():
    newsroom = Newsroom(a_preview())
    browser = opened(newsroom)
    browser.get("/mail")
    assert newsroom.looks == 1

    newsroom.saves(a_preview("Pier stays shut"))

    assert "Pier stays shut" in browser.get("/mail").text
    assert browser.get("/stamp").text == newsroom.stamp
    assert newsroom.looks == 2


# --- whom it lets in


def test_the_address_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_can_use():
    browser = TestClient(Newsroom(a_preview()).desk(), base_url="http://127.0.0.1:8000", follow_redirects=False)

    answer = browser.get(f"/?token={TOKEN}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/mail", "/text", "/picture/0", "/stamp", "/desk.js", "/nowhere"])
def test_without_the_key_every_address_is_refused_with_a_plain_word(path: str):
    browser = TestClient(Newsroom(a_preview()).desk(), base_url="http://127.0.0.1:8000")

    answer = browser.get(path)

    assert answer.status_code == 403
    assert answer.text == "Open the address that digest printed: it holds the key to this page."


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_this_machine_is_let_in_by_each_of_its_names(host: str):
    assert opened(a_preview()).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil@localhost:1:2", "", "10.0.0.8:8000"]
)
def test_another_name_is_refused_even_with_the_key(host: str):
    assert opened(a_preview()).get(f"/?token={TOKEN}", headers={"host": host}).status_code == 403


def test_every_answer_carries_strict_rules():
    browser = opened(a_preview())

    page, mail = browser.get("/"), browser.get("/mail")

    for answer in (page, mail, browser.get("/text"), browser.get("/desk.js"), browser.get("/nowhere")):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"].partition("script-src")[2].partition(";")[0]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert mail.headers["content-security-policy"].startswith("sandbox")
    assert "allow-scripts" not in mail.headers["content-security-policy"]


def test_hostile_words_are_text_on_the_page():
    finding = replace(NO_ALT, message=HOSTILE, hint=HOSTILE, where=HOSTILE)
    email = Email(subject=HOSTILE, html=MAIL, text=HOSTILE)

    page = opened(
        a_preview(title=HOSTILE, issue_id=HOSTILE, sender=HOSTILE, email=email, findings=(finding,), counts=((HOSTILE, HOSTILE),))
    ).get("/")
    fault = opened(a_preview(email=None, fault=HOSTILE)).get("/")

    for answer in (page, fault):
        assert HOSTILE.replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;") in answer.text
        assert "<script>" not in answer.text and "<img" not in answer.text


# --- how it is served


def test_a_taken_port_is_told_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(DigestError, match=f"Port {port} of 127.0.0.1") as refused:
            serve(Newsroom(a_preview()).desk(), port=port, ready=lambda address: None)

    assert "another port" in refused.value.hint


def test_ctrl_c_ends_it_without_a_word():
    program = """
from digest.serve.desk import Preview, desk, serve
seen = Preview(issue_id="2025-W33", title="Weekly Headlines", sender="", email=None)
serve(desk(lambda: seen, lambda: "1", token="t"), ready=lambda address: print(address, flush=True))
"""
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDEVMODE": ""}
    )
    assert running.stdout is not None
    port = int(running.stdout.readline().removeprefix("http://127.0.0.1:").partition("/?token=t")[0])

    with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert caller.recv(100).startswith(b"HTTP/1.1 403")
        running.send_signal(signal.SIGINT)
        said, complained = running.communicate(timeout=20)

    assert (said, complained, running.returncode) == ("", "", 0)


# --- in a browser

Visit = Callable[[Newsroom], "Page"]


@contextmanager
def visited(chromium: "Browser", newsroom: Newsroom, hear: Callable[[str], None]) -> Iterator["Page"]:
    """The newsroom's desk in a browser; `hear` gets every error that the page logs."""
    addresses: Queue[str] = Queue()
    Thread(target=lambda: serve(newsroom.desk(), ready=addresses.put), daemon=True).start()
    # color_scheme "null": playwright must not settle for all frames what the desk settles for one
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="null")
    page.on("pageerror", lambda error: hear(str(error)))
    page.on("console", lambda message: hear(message.text) if message.type == "error" else None)
    page.goto(addresses.get(timeout=10))
    page.frame_locator("#mail").locator("body").wait_for()
    until(page, "document.readyState === 'complete' && mail.contentDocument.readyState === 'complete'")
    yield page
    page.context.close()


@pytest.fixture
def visit(chromium: "Browser") -> Iterator[Visit]:
    """Opens a newsroom's desk in a browser; at the end it may have logged no error."""
    errors: list[str] = []
    with ExitStack() as visits:
        yield lambda newsroom: visits.enter_context(visited(chromium, newsroom, errors.append))
    assert errors == []


def until(page: "Page", expression: str) -> None:
    """Wait until `expression` holds. Asked from outside: the page's own rules forbid it to evaluate a text."""
    end = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"not within 10 s: {expression}"
        page.wait_for_timeout(20)


def inside(page: "Page", expression: str) -> Any:
    """What `expression` is worth in the frame of the mail."""
    return page.evaluate(f"(mail => {expression})(document.getElementById('mail').contentWindow)")


def test_the_switches_and_keys_change_width_colours_and_part(visit: Visit):
    page = visit(Newsroom(a_preview()))
    until(page, "mail.contentWindow.innerWidth === 600")

    page.get_by_role("button", name="Phone 375").click()
    until(page, "mail.contentWindow.innerWidth === 375")
    page.keyboard.press("3")
    until(page, "mail.contentWindow.innerWidth > 800")
    page.frame_locator("#mail").get_by_text("The pier reopens.").click()  # the keys work from within the mail, too
    until(page, "document.activeElement === mail")
    page.keyboard.press("2")
    until(page, "mail.contentWindow.innerWidth === 600")

    page.keyboard.press("d")
    until(page, "getComputedStyle(mail.contentDocument.body).backgroundColor === 'rgb(21, 23, 26)'")
    page.get_by_role("button", name="Light").click()
    until(page, "getComputedStyle(mail.contentDocument.body).backgroundColor === 'rgb(255, 255, 255)'")

    page.keyboard.press("t")
    assert page.locator("#text").inner_text() == "Pier reopens\n\nThe pier reopens.\n"
    assert page.locator("#mail").is_hidden()
    page.keyboard.press("t")
    assert page.locator("#mail").is_visible()


def test_a_saved_change_appears_where_the_reader_was(visit: Visit):
    newsroom = Newsroom(a_preview())
    page = visit(newsroom)
    page.keyboard.press("1")
    page.evaluate("stage.scrollTop = 900")

    newsroom.saves(a_preview("Pier stays shut", findings=()))

    page.frame_locator("#mail").get_by_text("Pier stays shut").wait_for()
    page.get_by_text("Nothing was found.").wait_for()
    assert page.locator("#inbox").inner_text().endswith("Pier stays shut")
    assert page.evaluate("stage.scrollTop") == 900
    assert inside(page, "mail.innerWidth") == 375


def test_a_fault_takes_the_place_of_the_mail_until_it_is_mended(visit: Visit):
    newsroom = Newsroom(a_preview())
    page = visit(newsroom)

    newsroom.saves(a_preview(email=None, fault="plan.toml, line 4: no value."))
    page.get_by_text("plan.toml, line 4: no value.").wait_for()
    assert page.locator("#mail").is_hidden()

    newsroom.saves(a_preview("Pier reopens at noon"))
    page.frame_locator("#mail").get_by_text("Pier reopens at noon").wait_for()
    assert page.locator("#fault").is_hidden()


def test_script_in_a_mail_never_runs(chromium: "Browser"):
    links = (
        '<a href="javascript:void(top.hacked = 1)" target="_self">one</a> <a href="javascript:void(opener.hacked = hacked = 1)">two</a>'
        """<p onclick="top.hacked = 1">three</p>"""
    )
    email = Email(subject=HOSTILE, html=f"<html><head></head><body>{HOSTILE}{links}</body></html>", text=HOSTILE)
    refusals: list[str] = []
    with visited(chromium, Newsroom(a_preview(email=email)), refusals.append) as page:
        for words in ("one", "two", "three"):
            page.frame_locator("#mail").get_by_text(words).click()
        page.wait_for_timeout(300)

        assert [tab.evaluate("window.hacked") for tab in page.context.pages] == [None] * len(page.context.pages)
        assert any("sandboxed" in refusal for refusal in refusals)
