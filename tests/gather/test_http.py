import gzip
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.gather.addresses import resolve
from digest.gather.answers import Fetched, Known, Unchanged, Unfetched
from digest.gather.http import EVERYDAY, Web
from digest.model import Failure
from tests.conftest import missing
from tests.gather.site import Say, Site, a_move, a_site, an_answer

PAGE = an_answer(b"<p>The ferry is back.", content_type="text/html; charset=ISO-8859-1")
MEGABYTE = 1_000_000
NOWHERE = Site(pages={}, port=80)


def got(answer: Fetched | Unchanged | Unfetched) -> Fetched:
    assert isinstance(answer, Fetched), answer
    return answer


def ended(answer: Fetched | Unchanged | Unfetched) -> Unfetched:
    assert isinstance(answer, Unfetched), answer
    assert answer.reason.endswith(".")
    assert answer.hint.endswith(".")
    return answer


def names(**addresses: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """A resolver that gives a name's addresses one look after the other, the last one for ever. `_` in a name is a dot."""
    left = {name.replace("_", "."): list(each) for name, each in addresses.items()}

    def look(host: str, port: int) -> Sequence[str]:
        if host not in left:
            raise socket.gaierror(-2, "Name or service not known")
        return (left[host].pop(0) if len(left[host]) > 1 else left[host][0]).split()

    return look


# --- what comes back


def test_a_page_comes_with_its_type_its_charset_and_where_it_was_read():
    with a_site({"/ferry?day=1": PAGE}) as site, site.web() as web:
        page = got(web.fetch(site.url("/ferry?day=1#top")))

    assert page == Fetched(
        known=Known(url=site.url("/ferry?day=1")), content=b"<p>The ferry is back.", content_type="text/html", charset="iso-8859-1"
    )


def test_the_other_side_is_told_who_reads_it():
    with a_site({"/": PAGE}) as site, Web(site.web()._rules, public_url="https://news.garrisonpost.example") as web:
        web.fetch(site.url())

    headers = site.asked[0][1]
    assert headers["user-agent"] == "headline-digest/0.1.0 (+https://news.garrisonpost.example)"
    assert headers["host"] == f"127.0.0.1:{site.port}"
    assert headers.keys() == {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        ("", "", ""),
        ("application/rss+xml", "application/rss+xml", ""),
        ('Text/XML; Charset="UTF-8"', "text/xml", "utf-8"),
        ("rubbish", "", ""),
        (";;;charset==", "", "="),
    ],
)
def test_a_type_is_told_as_it_is_and_never_made_up(header: str, kind: str, charset: str):
    with a_site({"/": an_answer(b"x", content_type=header)}) as site, site.web() as web:
        page = got(web.fetch(site.url()))

    assert (page.content_type, page.charset) == (kind, charset)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"news" * 99)),
        ("x-gzip", gzip.compress(b"news" * 50) + gzip.compress(b"news" * 49)),
        ("gzip", gzip.compress(b"news" * 99) + b"\0\0\0"),
        ("deflate", zlib.compress(b"news" * 99)),
        ("deflate", zlib.compress(b"news" * 99, wbits=-15)),
        ("utf-8", b"news" * 99),
        ("identity", b"news" * 99),
    ],
)
def test_what_is_packed_is_unpacked(coding: str, packed: bytes):
    with a_site({"/": an_answer(packed, content_encoding=coding)}) as site, site.web() as web:
        page = got(web.fetch(site.url()))

    assert page.content == b"news" * 99


@pytest.mark.parametrize(
    ("coding", "packed", "says"),
    [
        ("gzip", b"<p>plain", "is none"),
        ("gzip", gzip.compress(bytes(range(256)) * 9)[:-9], "the end is missing"),
        ("br", b"\x0b\x02\x80news\x03", "br, which was not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"news")), "gzip, gzip"),
        ("gzip", gzip.compress(b"") * 101, "too many parts"),
    ],
)
def test_what_cannot_be_unpacked_is_told(coding: str, packed: bytes, says: str):
    with a_site({"/": an_answer(packed, content_encoding=coding)}) as site, site.web() as web:
        end = ended(web.fetch(site.url()))

    assert (end.kind, says in end.reason) == ("failed", True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404 Not Found", "missing"),
        ("410 Gone", "gone"),
        ("401 Unauthorized", "denied"),
        ("403 Forbidden", "denied"),
        ("429 Too Many Requests", "later"),
        ("503 Service Unavailable", "later"),
        ("500 Oops", "failed"),
        ("204 No Content", "failed"),
        ("206 Partial Content", "failed"),
        ("304 Not Modified", "failed"),  # nobody asked whether it changed
        ("300 Multiple Choices", "failed"),
    ],
)
def test_an_answer_without_a_document_is_told_apart(status: str, kind: str):
    with a_site({"/": an_answer(b"", status)}) as site, site.web() as web:
        end = ended(web.fetch(site.url()))

    assert (end.kind, end.status, end.place) == (kind, int(status[:3]), site.url())
    assert status[:3] in end.reason


def test_it_becomes_a_failure_of_a_source():
    with a_site() as site, site.web() as web:
        failure = ended(web.fetch(site.url("/feed"))).failure("Garrison Post")

    assert failure == Failure(
        source="Garrison Post",
        place=site.url("/feed"),
        reason="There is nothing at this address (404).",
        hint="Check the address; its owner may have moved or withdrawn it.",
    )


# --- asked again


def test_what_did_not_change_is_not_sent_twice():
    pages = [an_answer(b"x", etag='W/"7"', last_modified="Tue, 12 Aug 2025 14:00:00 GMT"), an_answer(b"", "304 Not Modified")]
    with a_site({"/": pages}) as site, site.web() as web:
        first = got(web.fetch(site.url()))
        second = web.fetch(site.url(), known=first.known)

    headers = site.asked[1][1]
    assert second == Unchanged(known=first.known)
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('W/"7"', "Tue, 12 Aug 2025 14:00:00 GMT")
    assert site.connections == 1  # an answer without a body leaves the line open


def test_a_new_etag_of_what_did_not_change_is_kept():
    with a_site({"/": an_answer(b"", "304 Not Modified", etag='"8"')}) as site, site.web() as web:
        answer = web.fetch(site.url(), known=Known(url=site.url(), etag='"7"'))

    assert answer == Unchanged(known=Known(url=site.url(), etag='"8"'))


def test_what_one_address_said_is_told_to_no_other():
    with a_site({"/old": a_move("/new"), "/new": PAGE}) as site, site.web() as web:
        web.fetch(site.url("/old"), known=Known(url=site.url("/old"), etag='"7"'))
        web.fetch(site.url("/old"), known=Known(url=site.url("/new"), etag='"8"'))

    assert [headers.get("if-none-match") for _, headers in site.asked] == ['"7"', None, None, '"8"']


def test_an_etag_that_no_header_can_hold_is_dropped():
    with a_site({"/": [an_answer(b"x", etag='"é"')]}) as site, site.web() as web:
        page = got(web.fetch(site.url()))
        again = got(web.fetch(site.url(), known=page.known))

    assert page.known.etag == ""
    assert again.content == b"x"


# --- moved


@pytest.mark.parametrize(
    ("status", "moved"), [("301 Moved", True), ("308 Moved", True), ("302 Found", False), ("303 S", False), ("307 T", False)]
)
def test_only_a_move_for_good_is_remembered(status: str, moved: bool):
    with a_site({"/old": a_move("new#x", status), "/new": PAGE}) as site, site.web() as web:
        page = got(web.fetch(site.url("/old")))

    assert page.known.url == site.url("/new")
    assert page.moved == (site.url("/new") if moved else "")


def test_a_move_counts_up_to_the_first_that_is_for_now():
    pages = {"/1": a_move("/2", "301 M"), "/2": a_move("/3", "308 M"), "/3": a_move("/4"), "/4": a_move("/5", "301 M"), "/5": PAGE}
    with a_site(pages) as site, site.web() as web:
        page = got(web.fetch(site.url("/1")))

    assert (page.moved, page.known.url) == (site.url("/3"), site.url("/5"))


def test_a_move_and_no_change_go_together():
    with a_site({"/1": a_move("/2", "301 M"), "/2": an_answer(b"", "304 N")}) as site, site.web() as web:
        answer = web.fetch(site.url("/1"), known=Known(url=site.url("/2"), etag='"7"'))

    assert answer == Unchanged(known=Known(url=site.url("/2"), etag='"7"'), moved=site.url("/2"))


def test_redirects_end():
    pages = {f"/{n}": a_move(f"/{n + 1}") for n in range(100)}
    with a_site(pages) as site, site.web() as web:
        end = ended(web.fetch(site.url("/0")))

    assert (end.kind, end.place, len(site.asked)) == ("refused", site.url("/11"), 11)  # the first and ten more


def test_ten_redirects_are_followed():
    with a_site({f"/{n}": a_move(f"/{n + 1}") for n in range(10)} | {"/10": PAGE}) as site, site.web() as web:
        assert got(web.fetch(site.url("/0"))).known.url == site.url("/10")


def test_a_circle_is_seen_at_once():
    with a_site({"/a": a_move("/b"), "/b": a_move("/a")}) as site, site.web() as web:
        end = ended(web.fetch(site.url("/a")))

    assert "circle" in end.reason
    assert site.paths() == ["/a", "/b"]


@pytest.mark.parametrize(
    "to", ["", "file:///etc/passwd", "ftp://127.0.0.1/", "javascript:1", "gopher://127.0.0.1", "http://", "http://[::1", "//"]
)
def test_a_redirect_to_no_web_address_is_refused(to: str):
    with a_site({"/": a_move(to)}) as site, site.web() as web:
        ended(web.fetch(site.url()))

    assert site.paths() == ["/"]


# --- addresses that are not called


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "025177524776",
        "169.16689662",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "168.63.129.16",
        "100.100.100.200",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
    ],
)
def test_nothing_but_the_public_internet_is_called(host: str):
    """Neither when it is named, nor when somebody leads there: both servers listen, and nobody comes."""
    with a_site({"/": PAGE}) as site:
        lead = {"/": a_move(site.url(host=host))}
        with a_site(lead, host="127.0.0.2") as other, site.web(allowed=()) as web:
            direct = ended(web.fetch(site.url(host=host)))
            allowed = {"allowed": (ip_network("127.0.0.2/32"),), "ports": frozenset({site.port, other.port}), "whole": 5}
            with other.web(resolver=home_away(), **allowed) as led:
                after = ended(led.fetch(other.url(host="outside.example")))

    assert {direct.kind, after.kind} == {"refused"}
    assert other.paths() == ["/"]
    assert site.connections == 0


def home_away() -> Callable[[str, int], Sequence[str]]:
    """outside.example is 127.0.0.2, which the tests call public; the rest is asked of the system."""
    return lambda host, port: ["127.0.0.2"] if host == "outside.example" else resolve(host, port)


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "10.0.0.1", "::1"])
def test_a_name_that_leads_inside_is_refused(address: str):
    with a_site() as site, site.web(resolver=names(metadata_example=[address])) as web:
        end = ended(web.fetch(site.url(host="metadata.example")))

    assert (end.kind, "metadata.example leads to" in end.reason) == ("refused", True)


def test_the_metadata_service_stays_closed_whatever_is_allowed():
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    with a_site() as site, site.web(allowed=everything) as web:
        ends = [ended(web.fetch(site.url(host=host))) for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]")]

    assert {end.kind for end in ends} == {"refused"}


def test_an_allowed_network_is_called():
    with a_site({"/": PAGE}) as site, site.web() as web:
        got(web.fetch(site.url(host="2130706433")))
        got(web.fetch(site.url(host="localhost")))

    assert site.connections == 2


def test_a_name_that_turns_inside_is_never_called_there():
    """The first look finds an address that may be called, every later one another, where a server waits."""
    with a_site({"/": an_answer(b"x", connection="close"), "/secret": PAGE}) as site:
        rebinding = names(rebind_example=["127.0.0.2", "127.0.0.1"])
        allowed = (ip_network("127.0.0.2/32"),)
        pages = {"/": an_answer(b"outside", connection="close")}
        with a_site(pages, host="127.0.0.2", port=site.port) as outside, site.web(resolver=rebinding, allowed=allowed) as web:
            first = got(web.fetch(site.url(host="rebind.example")))
            second = ended(web.fetch(site.url("/secret", host="rebind.example")))

    assert first.content == b"outside"
    assert second.kind == "refused"
    assert (outside.connections, site.connections) == (1, 0)


def test_a_line_is_made_to_the_address_that_was_looked_at():
    """One look for each line, so there is nothing to rebind between the look and the call."""
    looks: list[str] = []

    def look(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"]

    with a_site({"/": PAGE}) as site, site.web(resolver=look) as web:
        got(web.fetch(site.url(host="ferry.example")))
        got(web.fetch(site.url(host="ferry.example")))

    assert (looks, site.connections) == (["ferry.example"], 1)


def test_of_several_addresses_the_fit_are_called():
    with a_site({"/": PAGE}) as site, site.web(resolver=names(two_example=["10.0.0.1 ::1 127.0.0.3 127.0.0.1"])) as web:
        got(web.fetch(site.url(host="two.example")))  # nobody listens at 127.0.0.3

    assert site.connections == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:22/", "http://127.0.0.1:25/", "https://127.0.0.1:6379/"])
def test_only_ports_of_the_web_are_called(url: str):
    with Web(EVERYDAY) as web:
        assert "port" in ended(web.fetch(url)).reason


@pytest.mark.parametrize(
    "url", ["", "ferry", "http:///x", "http://xn--a/", "http://a..b/", "http://%00/", "http://a b/", "http://" + "a" * 300, "\udcff"]
)
def test_what_is_no_address_is_told(url: str):
    with Web(EVERYDAY, resolver=names()) as web:
        ended(web.fetch(url))


def test_a_password_is_neither_sent_nor_shown():
    with a_site({"/": PAGE}) as site, site.web() as web:
        end = ended(web.fetch(site.url(host="editor:swordfish@127.0.0.1")))

    assert "swordfish" not in repr(end)
    assert site.connections == 0


def test_the_settings_of_the_machine_name_no_proxy(monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with a_site({"/": PAGE}) as site, site.web() as web:
        got(web.fetch(site.url()))


# --- servers that are broken, slow or hostile


def zeros(size: int) -> bytes:
    """A gzip file of `size` zeros, a thousand times smaller."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)) + packer.flush()


def test_a_bomb_does_not_go_off():
    bomb = an_answer(zeros(500 * MEGABYTE), content_encoding="gzip")
    with a_site({"/": bomb}) as site, site.web(largest=MEGABYTE) as web:
        web.fetch(site.url("/other"))  # what is imported on the way is not counted
        tracemalloc.start()
        end = ended(web.fetch(site.url()))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (end.kind, end.reason) == ("failed", "It is larger than 1 MB.")
    assert peak < 4 * MEGABYTE


def test_a_document_may_be_as_large_as_is_allowed():
    with a_site({"/": an_answer(bytes(MEGABYTE)), "/more": an_answer(bytes(MEGABYTE + 1))}) as site, site.web(largest=MEGABYTE) as web:
        assert len(got(web.fetch(site.url())).content) == MEGABYTE
        assert "larger than 1 MB" in ended(web.fetch(site.url("/more"))).reason


def for_ever(before: bytes, again: bytes, every: float = 0) -> Callable[[Say, threading.Event], None]:
    def play(say: Say, over: threading.Event) -> None:
        say(before)
        while not over.wait(every):
            say(again)

    return play


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("play", "says"),
    [
        (for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), "larger than"),
        (for_ever(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"), "larger than"),
        (for_ever(CHUNKED, b"1;" + b"x" * 9999 + b"\r\nx\r\n"), "larger than"),
        (for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 9999 + b"\r\n\r\n"), "larger than"),
        (for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 9999 + b"\r\n"), "broke off"),
        (for_ever(b"", b"x" * 65536), "broke off"),
        (for_ever(b"H", b"T", 0.05), "too long"),
        (for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), "too long"),
        (for_ever(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x", 0.05), "too long"),
        (for_ever(CHUNKED, b"1\r\nx\r\n", 0.05), "too long"),
        (for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.05), "too long"),
        (for_ever(b"", b"", 0.05), "does not answer"),
        (for_ever(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nxxx", b"", 0.05), "does not answer"),
    ],
)
def test_a_server_that_never_ends_is_left(play: Callable[[Say, threading.Event], None], says: str):
    with a_site({"/": play}) as site, site.web(whole=1, read=0.6, largest=MEGABYTE) as web:
        began = time.monotonic()
        end = ended(web.fetch(site.url()))
        took = time.monotonic() - began

    assert (end.kind, says in end.reason) == ("failed", True), end
    assert took < 5


def test_a_redirect_that_never_ends_leads_on():
    with a_site({"/": for_ever(b"HTTP/1.1 302 F\r\nLocation: /new\r\n\r\n", b"x" * 999), "/new": PAGE}) as site, site.web() as web:
        got(web.fetch(site.url()))


def test_a_server_that_hangs_after_it_took_the_line_is_left():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with a_site() as site, site.web(read=0.3, connect=0.3, ports=frozenset({port})) as web:
            plain = ended(web.fetch(f"http://127.0.0.1:{port}/"))
            safe = ended(web.fetch(f"https://127.0.0.1:{port}/"))

    assert "does not answer" in plain.reason
    assert safe.kind == "failed"


def test_a_name_that_nobody_answers_for_costs_no_more_than_the_rest():
    over = threading.Event()

    def look(host: str, port: int) -> Sequence[str]:
        over.wait(20)
        return []

    with a_site() as site, site.web(resolver=look, whole=0.3) as web:
        began = time.monotonic()
        end = ended(web.fetch(site.url(host="slow.example")))
        over.set()

    assert "too long" in end.reason
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"<html>",
        b"HTTP/1.1 999999 X\r\n\r\n",
        an_answer(b"short", content_length="99", connection="close"),
        an_answer(b"x", content_length="-1"),
        an_answer(b"x", content_length="1, 2"),
        an_answer(b"zz\r\nx", transfer_encoding="chunked"),
        CHUNKED + b"5\r\nhel",
        an_answer(b"x", **{f"x{n}": "x" * 1000 for n in range(200)}),
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
    ],
)
def test_an_answer_that_makes_no_sense_is_told(answer: bytes):
    def say_and_leave(say: Say, over: threading.Event) -> None:
        say(answer)

    with a_site({"/": say_and_leave}) as site, site.web() as web:
        end = ended(web.fetch(site.url()))

    assert (end.kind, "broke off" in end.reason) == ("failed", True)
    assert site.connections == 1  # a fault on a new line is not asked for twice


FRAGMENTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 302 F\r\n",
        b"HTTP/1.1 101 S\r\n",
        b"HTTP/1.0 200\r\n",
        b"Location: ",
        b"Content-Type: ",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: deflate\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Retry-After: ",
        b"ETag: ",
        b"http://",
        b"//xn--",
        b"\r\n",
        b"\r\n\r\n",
        gzip.compress(b"news"),
        zlib.compress(b"news"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=20), max_size=12).map(b"".join))
def test_whatever_a_server_says_something_sensible_comes_of_it(said: bytes):
    def say_and_leave(say: Say, over: threading.Event) -> None:
        say(said)

    with a_site({"/": say_and_leave}) as site, site.web(resolver=names(**{"127_0_0_1": ["127.0.0.1"]})) as web:
        answer = web.fetch(site.url())

    assert isinstance(answer, Fetched | Unfetched)


@given(st.text(max_size=30) | st.from_regex(r"https?://[^/]{0,20}(/.{0,9})?", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_whatever_is_asked_for_something_sensible_comes_of_it(url: str):
    with NOWHERE.web(resolver=names()) as web:
        ended(web.fetch(url, followed=True))


def test_what_comes_after_the_end_is_no_part_of_it_nor_of_the_next():
    with a_site({"/": an_answer(b"news" + PAGE, content_length="4"), "/next": an_answer(b"next")}) as site, site.web() as web:
        assert got(web.fetch(site.url())).content == b"news"
        assert got(web.fetch(site.url("/next"))).content == b"next"


def test_a_page_that_sends_more_than_it_says_spoils_no_other():
    with a_site({"/": an_answer(b"newspaper", content_length="4"), "/next": an_answer(b"next")}) as site, site.web() as web:
        for _ in range(3):
            assert got(web.fetch(site.url())).content == b"news"
            assert got(web.fetch(site.url("/next"))).content == b"next"


def test_nobody_listens():
    with a_site() as site:
        port = site.port
    with site.web() as web:
        end = ended(web.fetch(f"http://127.0.0.1:{port}/"))

    assert "cannot be reached" in end.reason


def test_a_host_that_is_not_there_is_told():
    with a_site() as site, site.web(resolver=names()) as web:
        end = ended(web.fetch(site.url(host="nowhere.example")))

    assert end.reason == "There is no host nowhere.example: Name or service not known."


# --- lines that stay open


def test_a_line_is_used_again():
    with a_site({"/": PAGE}) as site, site.web() as web:
        for _ in range(5):
            got(web.fetch(site.url()))

    assert site.connections == 1


@pytest.mark.parametrize("patience", [1, 2])
def test_a_line_that_the_other_side_closed_meanwhile_costs_nothing(patience: int):
    with a_site({"/": PAGE}, patience=patience) as site, site.web() as web:
        for _ in range(6):
            got(web.fetch(site.url()))

    assert len(site.asked) == 6


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of ferry.example that signs itself, with its key in the same file."""
    if not (program := shutil.which("openssl")):
        missing("openssl is not on this machine")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ferry.example"]
    command += ["-addext", "subjectAltName=DNS:ferry.example", "-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subprocess.run([program, *command], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".key").read_bytes())
    return path


@pytest.mark.parametrize(
    ("host", "trusted", "says"),
    [
        ("ferry.example", True, ""),
        ("other.example", True, "The certificate of other.example does not hold"),
        ("127.0.0.1", True, "The certificate of 127.0.0.1 does not hold"),
        ("ferry.example", False, "The certificate of ferry.example does not hold"),
    ],
)
def test_the_certificate_must_bear_the_name_that_was_asked_for(certificate: Path, host: str, trusted: bool, says: str):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate)) if trusted else None
    look = names(ferry_example=["127.0.0.1"], other_example=["127.0.0.1"], **{"127_0_0_1": ["127.0.0.1"]})
    with a_site({"/": PAGE}, context=context) as site, site.web(trust=trust, resolver=look) as web:
        answer = web.fetch(site.url(host=host))

    assert says in answer.reason if isinstance(answer, Unfetched) else not says
    assert len(site.asked) == (0 if says else 1)  # the page was not even asked for


# --- later


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("as_date", [False, True])
def test_who_asks_us_to_come_later_is_left_alone(status: str, as_date: bool):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True) if as_date else "120"
    with a_site({"/": an_answer(b"", status, retry_after=until), "/other": PAGE}) as site, site.web() as web:
        first = ended(web.fetch(site.url()))
        second = ended(web.fetch(site.url("/other")))

    assert (first.kind, first.status, second.kind) == ("later", int(status[:3]), "later")
    assert 115 < second.wait <= first.wait <= 120
    assert site.paths() == ["/"]


@pytest.mark.parametrize(
    ("value", "wait"), [("", 0), ("0", 0), ("-5", 0), ("soon", 0), ("Tue, 12 Aug 2025 14:00:00 GMT", 0), ("9" * 50, 86400)]
)
def test_a_time_that_makes_no_sense_holds_nobody_off(value: str, wait: float):
    with a_site({"/": an_answer(b"", "429 T", retry_after=value)}) as site, site.web() as web:
        end = ended(web.fetch(site.url()))
        web.fetch(site.url())

    assert end.wait == wait
    assert len(site.asked) == (1 if wait else 2)


# --- robots.txt and turns


ROBOTS = b"User-agent: *\nDisallow: /private\nAllow: /private/open\n"


def test_a_site_is_followed_only_where_it_lets_us():
    pages = {"/robots.txt": an_answer(ROBOTS), "/private/a": PAGE, "/private/open/a": PAGE, "/in": a_move("/private/a")}
    with a_site(pages) as site, site.web() as web:
        denied = ended(web.fetch(site.url("/private/a"), followed=True))
        led = ended(web.fetch(site.url("/in"), followed=True))
        got(web.fetch(site.url("/private/open/a"), followed=True))
        got(web.fetch(site.url("/private/a")))  # a newsroom that names an address has decided for itself

    assert (denied.kind, led.kind, led.place) == ("robots", "robots", site.url("/private/a"))
    assert site.paths() == ["/robots.txt", "/in", "/private/open/a", "/private/a"]


@pytest.mark.parametrize(
    ("robots", "kind"),
    [
        (an_answer(b"", "404 N"), ""),
        (an_answer(b"", "403 N"), ""),
        (an_answer(b"", "500 N"), "robots"),
        (b"rubbish\r\n\r\n", "robots"),
        (an_answer(b"", "429 N"), "later"),
        (a_move("/moved.txt"), "robots"),  # which forbids it
        (a_move("http://10.0.0.1/"), "robots"),
        (an_answer(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /"), ""),  # beyond what is read
        (an_answer(b"<html>User-agent: *\nDisallow: /"), ""),
    ],
)
def test_a_robots_txt_that_is_none(robots: bytes, kind: str):
    pages = {"/robots.txt": robots, "/moved.txt": an_answer(b"User-agent: headline-digest\nDisallow: /"), "/": PAGE}
    with a_site(pages) as site, site.web() as web:
        answer = web.fetch(site.url(), followed=True)

    assert (answer.kind if isinstance(answer, Unfetched) else "") == kind


def test_robots_txt_is_read_once_for_all_threads():
    with a_site({"/robots.txt": an_answer(ROBOTS), "/": PAGE}) as site, site.web() as web, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: web.fetch(site.url(), followed=True), range(30)))

    assert all(isinstance(answer, Fetched) for answer in answers)
    assert site.paths().count("/robots.txt") == 1


def test_threads_take_turns_at_a_host_and_not_at_others():
    look = names(one_example=["127.0.0.1"], two_example=["127.0.0.1"])
    with a_site({"/": PAGE}) as site, site.web(pause=0.3, whole=1, resolver=look) as web, ThreadPoolExecutor(8) as threads:
        began = time.monotonic()
        hosts = ["one.example"] * 5 + ["two.example"] * 3
        answers = list(threads.map(lambda host: web.fetch(site.url(host=host)), hosts))

    times = {host: [at for at, (_, headers) in zip(site.times, site.asked, strict=True) if host in headers["host"]] for host in set(hosts)}
    assert all(isinstance(answer, Fetched) for answer in answers)  # waiting in line is not the time of the fetch
    assert times["one.example"][-1] - began >= 1.2
    assert times["two.example"][-1] - began >= 0.6
    assert times["two.example"][0] < times["one.example"][-1]


def test_a_site_that_asks_for_a_delay_gets_it_up_to_a_limit():
    with a_site({"/robots.txt": an_answer(b"User-agent: *\nCrawl-delay: 3600"), "/": PAGE}) as site, site.web(longest_pause=0.3) as web:
        for _ in range(3):
            got(web.fetch(site.url(), followed=True))

    assert 0.5 <= site.times[-1] - site.times[1] < 60


def test_closing_sends_home_who_waits():
    with a_site({"/": PAGE}) as site, ThreadPoolExecutor(2) as threads:
        web = site.web(pause=30)
        got(web.fetch(site.url()))
        waits = threads.submit(web.fetch, site.url())
        time.sleep(0.1)
        web.close()

        assert "stopped" in ended(waits.result(2)).reason


def test_closing_sends_home_who_listens():
    drip = for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.05)
    with a_site({"/": drip}) as site, ThreadPoolExecutor(4) as threads:
        web = site.web(whole=20)
        listening = [threads.submit(web.fetch, site.url()) for _ in range(4)]
        time.sleep(0.3)
        web.close()
        for each in listening:
            ended(each.result(3))


def test_many_threads_share_one_web():
    pages = {f"/{n}": an_answer(str(n).encode() * 5000) for n in range(40)}
    with a_site(pages, patience=7) as site, site.web(whole=20) as web, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: web.fetch(site.url(f"/{n % 40}")), range(400)))

    assert [got(answer).content[:6] for answer in answers] == [(str(n % 40).encode() * 5000)[:6] for n in range(400)]


def test_help_needs_no_client():
    code = "import sys, digest.gather.http, digest.cli; sys.exit(bool({'httpx', 'httpcore'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
