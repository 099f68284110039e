"""edit takes values and returns values: it opens no socket, starts no program and writes no file, whatever a page asks for."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import premailer
import pytest

from digest.edit.render import render
from digest.errors import TemplateError
from digest.model import Masthead
from digest.newsroom import shipped_templates
from tests.make import an_issue

TOP = Path(__file__).parents[2]

# Runs the whole of edit over the sample under an audit hook (PEP 578), first once to let everything be imported.
PROBE = """
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.edit import window
from digest.edit.check import Proof, check
from digest.edit.choose import choose
from digest.edit.compose import compose
from digest.edit.group import events, themes
from digest.edit.plan import read_plan
from digest.edit.printing.wording import words_for
from digest.edit.rank import weigh
from digest.edit.read import read
from digest.edit.reading.items import part_items
from digest.edit.rebuild import rebuild
from digest.edit.render import render
from digest.errors import Unreadable
from digest.gather.files import gather_files
from digest.model import Document
from digest.newsroom import open_newsroom, shipped_templates

room = open_newsroom(Path(sys.argv[1]))
zone = ZoneInfo(room.settings.zone)
now = datetime(2025, 8, 18, 12, tzinfo=UTC)
found = [one for source in room.settings.sources for one in gather_files(source, room.root, now=now)]
documents = [one for one in found if isinstance(one, Document)]
page = sys.stdin.buffer.read()
documents.append(Document(source="x", url="pages/x.html", kind="html", content=page, fetched_at=now))
templates = dict(shipped_templates())
formats = [path for path in Path("tests/formats").iterdir() if path.suffix in (".xml", ".json")]
sent = [Document(source="x", url=path.name, kind=path.suffix[1:], content=path.read_bytes(), fetched_at=now) for path in formats]
asking = b'<!DOCTYPE rss SYSTEM "' + page.split(b'"')[1] + b'"><rss><channel><item><title>x</title><link>/x</link></item></channel></rss>'
sent.append(Document(source="x", url="x.xml", kind="xml", content=asking, fetched_at=now))


def edit():
    stories = []
    for one in sent:
        part_items(one, zone=zone)
    for document in documents:
        try:
            stories.append(read(document, zone=zone))
        except Unreadable:
            continue
    edition = room.edition("week")
    week = window.week("2025-W33", edition=edition, zone="America/New_York", now=now)
    fit, _ = choose(stories, window=week, edition=edition, carried={}, now=now)
    groups = themes(events(fit, site=room.settings.masthead.site), room.settings.themes)
    ranked = tuple(one.event for one in weigh(groups, window=week))
    issue = compose(groups, ranked, window=week, edition=edition, language="en", words=words_for("en", templates))
    text, _ = rebuild(issue, current=None, written=None, words=words_for("en", templates))
    issue = read_plan(text, where="plan.toml")
    email = render(issue, room.settings.masthead, templates)
    check(Proof(issue=issue, masthead=room.settings.masthead, email=email))
    return len(stories)


edit()
seen = []
WRITES = ("w", "a", "x", "+")


def hook(event, args):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.remove", "os.rename", "os.mkdir", "sqlite3.", "smtplib.")):
        seen.append((event, str(args)))
    if event == "open" and (any(sign in str(args[1]) for sign in WRITES) or args[2] & (os.O_WRONLY | os.O_RDWR)):
        seen.append((event, str(args)))


sys.addaudithook(hook)
print(edit(), *seen, sep="\\n")
if sys.argv[2:] == ["control"]:
    import socket
    socket.socket()
    print(*seen, sep="\\n")
"""


@pytest.fixture
def canary():
    """A server on loopback that notes every request; no page may make one."""
    hits: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


def a_page_that_asks_for_everything(address: str) -> bytes:
    return f"""<!DOCTYPE html SYSTEM "{address}/page.dtd" [<!ENTITY x SYSTEM "{address}/entity">]>
<html xmlns:xi="http://www.w3.org/2001/XInclude"><head><title>A bell rings in the square</title>
<link rel="stylesheet" href="{address}/style.css"><style>@import url({address}/import.css); @font-face {{ src: url({address}/font) }}</style>
<script src="{address}/script.js"></script><meta http-equiv="refresh" content="0; url={address}/refresh"></head>
<body><article><h1>A bell rings in the square</h1><img src="{address}/image.png"><iframe src="{address}/frame"></iframe>
<xi:include href="{address}/include"/>
<p>The bell in the square rang on Tuesday for the first time since the tower was repaired. &x;</p>
<p>It will ring each day at noon, and twice on market days, the council decided after a long debate.</p></article></body></html>""".encode()


def probe(page: bytes, *args: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(TOP / "digest" / "sample"), *args],
        input=page, capture_output=True, timeout=120, check=False, cwd=TOP, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_edit_opens_no_socket_and_writes_no_file(canary):
    address, hits = canary

    count, *seen = probe(a_page_that_asks_for_everything(address))

    assert int(count) > 40
    assert seen == []
    assert hits == []


# Every way in which a mail's template can name a server, and whether it is refused; else the name is printed and nobody is asked.
ASKING = {
    "inline.css imports": ("inline.css", "", "@import url({address}/import.css);", True),
    "kept.css imports": ("kept.css", "", "@import url({address}/import.css);", True),
    "the page imports": ("base.html.j2", "</head>", "<style>@import '{address}/import.css';</style></head>", True),
    "the page links": ("base.html.j2", "</head>", '<link rel="stylesheet" href="{address}/link.css"></head>', True),
    "the page has a picture": ("base.html.j2", "</body>", '<img src="{address}/picture.png" alt=""></body>', False),
    "a ground is a picture": ("inline.css", "", "p {{ background-image: url({address}/picture.png) }}", False),
    "kept.css has a font": ("kept.css", "", "@font-face {{ font-family: C; src: url({address}/font.woff) }}", False),
    "inline.css has a font": ("inline.css", "", "@font-face {{ font-family: C; src: url({address}/font.woff) }}", False),
}


@pytest.mark.parametrize("way", ASKING)
def test_printing_asks_no_server(way, canary):
    address, hits = canary
    file, place, asks, refused = ASKING[way]
    shipped = dict(shipped_templates())
    own = shipped | {
        file: shipped[file].replace(place, asks.format(address=address), 1) if place else asks.format(address=address) + shipped[file]
    }

    try:
        html = render(an_issue("u1"), Masthead(publisher="The Garrison Post"), own).html
    except TemplateError:
        assert refused
    else:
        assert not refused
        assert address in html or way == "inline.css has a font"  # which no tag can hold
    assert hits == []


def test_the_canary_is_heard_by_premailer_left_alone(canary):
    address, hits = canary

    premailer.Premailer(allow_network=False, cache_css_parsing=False).transform(
        f"<style>@import url({address}/import.css);</style><p>x</p>"
    )

    assert set(hits) == {"/import.css"}


def test_the_hook_sees_a_socket(canary):
    address, _ = canary

    assert "socket.__new__" in "\n".join(probe(a_page_that_asks_for_everything(address), "control"))
