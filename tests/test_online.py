"""What `digest check --online` says of links and pictures, asked of real servers on loopback."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.edit import window
from digest.model import Finding, Image, Issue, Note, Sponsor
from digest.newsroom import Newsroom, open_newsroom
from digest.workflow.build import build_issue
from digest.workflow.gather import gather_sources
from digest.workflow.online import HEAVY, check_links, is_picture
from tests.gather.site import Site, a_move, a_site, an_answer
from tests.make import CONFIG, a_brief, a_newsroom, an_issue

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
FOUND = an_answer(b"<p>The pier opens.</p>", content_type="text/html")


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as site:
        yield site


def a_web_newsroom(folder: Path, *sites: Site, pause: float = 0) -> Newsroom:
    ports = [site.port for site in sites]
    return a_newsroom(folder, config=f'{CONFIG}\n[web]\nallow = ["127.0.0.0/8"]\nports = {ports}\npause = {pause}\n')


def linking(*urls: str, image: str = "") -> Issue:
    briefs = tuple(a_brief(f"u{at}", url=url) for at, url in enumerate(urls))
    picture = Image(url=image, alt="A pier.") if image else None
    issue = an_issue("x")
    return replace(issue, lead=a_brief("top", url="", image=picture), sections=(replace(issue.sections[0], briefs=briefs),))


def found(folder: Path, issue: Issue, *sites: Site) -> list[Finding]:
    return list(check_links(a_web_newsroom(folder, *sites), issue))


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in findings]


# --- links


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (FOUND, []),
        (an_answer(status="404 Not Found"), [("dead-link", "error")]),
        (an_answer(status="410 Gone"), [("dead-link", "error")]),
        (an_answer(status="401 Unauthorized"), []),
        (an_answer(status="403 Forbidden"), []),
        (an_answer(status="451 Unavailable"), []),
        (an_answer(status="429 Too Many Requests", retry_after="60"), []),
        (an_answer(status="503 Service Unavailable", retry_after="60"), [("dead-link", "warning")]),
        (an_answer(status="500 Oops"), [("dead-link", "warning")]),
        (a_move("/", "301 Moved Permanently"), [("moved-link", "warning")]),
        (a_move("/", "302 Found"), []),
        (a_move("/b", "301 Moved Permanently"), []),
        (an_answer(bytes(10_000_001)), []),  # a film that is linked is no page, and there
        (a_move("/missing", "301 Moved Permanently"), [("dead-link", "error")]),
    ],
)
def test_what_an_answer_says_of_a_link(tmp_path, site, answer, says):
    site.pages |= {"/a": answer, "/b": FOUND, "/": FOUND}

    findings = found(tmp_path, linking(site.url("/a")), site)

    assert said(findings) == says
    for finding in findings:
        assert finding.where == "section[0].brief[0] (u0)"
        assert "“Headline of u0”" in finding.message
        assert site.url("/a") in finding.message
        assert finding.hint


def test_a_move_to_the_front_page_of_another_host_is_told_but_not_that_of_a_front_page(tmp_path, site):
    with a_site({"/": FOUND}, host="127.0.0.2") as other:
        to = a_move(other.url("/", host="127.0.0.2"), "301 Moved Permanently")
        site.pages |= {"/2025/pier": to, "/?p=7": to, "/": to}

        findings = found(tmp_path, linking(site.url("/2025/pier"), site.url("/?p=7"), site.url("/")), site, other)

    assert [finding.where for finding in findings] == ["section[0].brief[0] (u0)", "section[0].brief[1] (u1)"]
    assert said(findings) == [("moved-link", "warning")] * 2


def test_hosts_that_do_not_exist_or_refuse_are_warnings(tmp_path, site):
    with a_site() as closed:
        pass
    urls = ["https://no-such-host.invalid/a", closed.url("/a")]

    findings = found(tmp_path, linking(*urls), site, closed)

    assert said(findings) == [("dead-link", "warning")] * 2
    assert "no host no-such-host.invalid" in findings[0].message


def test_a_page_that_programs_may_not_read_is_not_asked_and_not_told(tmp_path, site):
    site.pages |= {"/robots.txt": an_answer(b"User-agent: *\nDisallow: /inner\n"), "/outer": FOUND}

    assert found(tmp_path, linking(site.url("/inner/a"), site.url("/outer")), site) == []
    assert site.paths() == ["/robots.txt", "/outer"]


def test_an_address_is_asked_once_and_told_at_every_place(tmp_path, site):
    also = replace(a_brief("u1", url=site.url("/a#one")))
    issue = linking(site.url("/a"), site.url("/a"))
    issue = replace(issue, note=Note(text=f"See [the pier]({site.url('/a')}) and [us](mailto:desk@example.com)."), lead=also)

    findings = found(tmp_path, issue, site)

    assert [finding.where for finding in findings] == [
        "lead (u1)", "section[0].brief[0] (u0)", "section[0].brief[1] (u1)", "note",
    ]  # fmt: skip
    assert site.paths().count("/a") <= 2  # with and without its fragment


def test_sponsors_are_asked_while_they_run(tmp_path, site):
    day = datetime(2020, 1, 1, tzinfo=UTC).date()
    over = Sponsor(name="Old", text=f"[Buy]({site.url('/old')})", url=site.url("/old"), last=day)
    issue = replace(an_issue("u1"), sections=(), sponsors=(over, Sponsor(name="New", text=f"[Buy]({site.url('/b')})", url=site.url("/a"))))

    assert [finding.where for finding in found(tmp_path, issue, site)] == ["sponsor[1]", "sponsor[1]"]
    assert "/old" not in site.paths()


def test_our_own_pages_and_pictures_on_disk_are_not_asked(tmp_path, site):
    assert found(tmp_path, linking(image="images/pier.png"), site) == []
    assert site.asked == []


def test_a_host_that_wants_peace_is_left_in_peace(tmp_path, site):
    site.pages["/0"] = an_answer(status="429 Too Many Requests", retry_after="600")

    assert found(tmp_path, linking(*(site.url(f"/{at}") for at in range(9))), site) == []
    assert site.paths() == ["/robots.txt", "/0"]


def test_hosts_are_asked_side_by_side(tmp_path):
    both = threading.Barrier(2, timeout=10)

    def meet(say, _over):
        both.wait()
        say(FOUND)

    with a_site({"/a": meet}) as one, a_site({"/a": meet}, host="127.0.0.2") as two:
        assert found(tmp_path, linking(one.url("/a"), two.url("/a", host="127.0.0.2")), one, two) == []


# --- pictures


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (an_answer(PNG), []),
        (an_answer(status="404 Not Found"), [("dead-picture", "error")]),
        (an_answer(status="410 Gone"), [("dead-picture", "error")]),
        (an_answer(status="403 Forbidden"), []),
        (an_answer(status="500 Oops"), [("dead-picture", "warning")]),
        (an_answer(b"<html>Log in</html>", content_type="image/png"), [("dead-picture", "error")]),
        (an_answer(b""), [("dead-picture", "error")]),
        (an_answer(PNG + bytes(HEAVY)), [("dead-picture", "warning")]),
        (an_answer(PNG + bytes(10_000_000)), [("dead-picture", "warning")]),
        (a_move("/good.png", "301 Moved Permanently"), []),
    ],
)
def test_what_an_answer_says_of_a_picture(tmp_path, site, answer, says):
    site.pages |= {"/pier.png": answer, "/good.png": an_answer(PNG)}

    findings = found(tmp_path, linking(image=site.url("/pier.png")), site)

    assert said(findings) == says
    assert all(finding.where == "lead (top)" and finding.hint for finding in findings)


@pytest.mark.parametrize(
    "content",
    [
        PNG,
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"GIF89a\x01",
        b"RIFF\x24\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00",
        b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avif",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a pier -->\n<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg:svg/>",
    ],
)
def test_pictures_are_known_by_their_first_bytes(content):
    assert is_picture(content)


@pytest.mark.parametrize(
    "content", [b"", b"<html><svg></svg></html>", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00", b"%PDF-1.7"]
)
def test_other_files_are_no_pictures(content):
    assert not is_picture(content)


def test_a_hostile_head_of_a_file_costs_no_time():
    began = time.process_time()

    for head in (b"<!--", b" ", b"<?xml ", b"<!DOCTYPE [", b"<!---->", b"<!DOCTYPE [] ", b"abcdftyp", b"<?xml?> <!-- --> "):
        assert not is_picture(head * 50_000)

    assert time.process_time() - began < 2


# --- the command


def test_check_online_names_the_line_and_exits_1(tmp_path, site):
    site.pages |= {f"/{name}": FOUND for name in ("u1", "u2", "u3")}
    newsroom = a_web_newsroom(tmp_path, site)
    for name in ("u1", "u2", "u3", "u4"):
        from tests.make import a_story_file

        a_story_file(tmp_path, name, url=site.url(f"/{name}"))
    now = datetime(2025, 8, 18, 12, tzinfo=UTC)
    gather_sources(newsroom, now=now)
    edition = newsroom.edition("week")
    build_issue(newsroom, window.week("2025-W33", edition=edition, zone="America/New_York", now=now), edition, now=now)
    plan = (tmp_path / "issues" / "2025-W33" / "plan.toml").read_text("utf-8")
    assert open_newsroom(tmp_path).issues.ids() == ("2025-W33",)

    offline, online = (
        subprocess.run(
            [sys.executable, "-m", "digest.cli", "check", "--json", *more],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for more in ([], ["--online"])
    )

    assert offline.returncode == 0, offline.stderr
    assert online.returncode == 1, online.stderr
    first, *others = json.loads(online.stdout)
    assert first["rule"] == "dead-link"
    story = first["where"].partition("(")[2].rstrip(")")
    assert story in plan.splitlines()[first["line"] - 1]
    assert others == json.loads(offline.stdout)
