"""A letter says to each reader what was compiled, with their own values in it, and a value is never anything but a value."""

import re
import unicodedata
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.model import Email, Letter
from digest.send.compile import addressee, compile_message
from digest.send.message import Message

VIEW, LEAVE, READER = "https://qvhzkwpt", "https://mjxdrqwu", "kfzpwxhqtvbnmjdrls"
SLOTS = {VIEW: "view", LEAVE: "unsubscribe", READER: "address"}
HTML = f'<html><body><p>Pier — <a href="{VIEW}">view</a></p><p>Sent to {READER}</p><a href="{LEAVE}">Leave</a></body></html>\n'
TEXT = f"Pier — view:\n{VIEW}\n\nSent to {READER}\n.\n..and\n{LEAVE}\n"
PLAIN = {
    "to": "Ann <ann@inbox.example>",
    "date": "Mon, 18 Aug 2025 12:00:00 +0000",
    "message_id": "<2025-W33.7@news.garrisonpost.example>",
    "unsubscribe_header": "<https://news.garrisonpost.example/unsubscribe/abc>,\r\n <mailto:leave@garrisonpost.example?subject=abc>",
    "view": "https://news.garrisonpost.example/view/abc",
    "unsubscribe": "https://news.garrisonpost.example/unsubscribe/abc",
    "address": "ann@inbox.example",
}
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
]  # fmt: skip
HOSTILE = (
    "\r\nBcc: all@inbox.example", "\n\n<script>", "\x02html:view\x03", "\x02header:to\x03", "{{ address }}", "%recipient.email%", "[[var:x]]",
    "*|EMAIL|*", ".\r\n.", "=2E=\r\n", "=?utf-8?q?x?=", '"><img src=x>', "&amp;", VIEW, LEAVE, READER, "\0", "\u2028", "a" * 80, "é" * 40, "." * 80,
    "ann@inbox.example>, <all@inbox.example", " ", "\t",
)  # fmt: skip
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)


def compiled(html: str = HTML, text: str = TEXT, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "sender": "The Garrison Post <news@garrisonpost.example>",
        "list_id": "weekly.news.garrisonpost.example",
        "one_click": True,
        "slots": SLOTS,
    }
    return compile_message(Email(subject="Der Pier öffnet — endlich", html=html, text=text), **values | changes)


def a_letter(**values: str) -> Letter:
    return Letter(7, "ann@inbox.example", PLAIN | values)


def opened(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def parts(raw: bytes) -> tuple[str, str]:
    """Both parts to the last byte, line ends included."""
    text, html = (part.get_payload(decode=True).decode() for part in message_from_bytes(raw).get_payload())
    return text, html


def for_reader(text: str, values: dict[str, str], end: str = "\r\n") -> str:
    return re.sub("|".join(SLOTS), lambda found: values[SLOTS[found[0]]], text.replace("\n", end))


MESSAGE = compiled()


def test_a_letter_holds_the_issue_and_its_readers_own_values():
    raw = MESSAGE.wire(a_letter())

    message = opened(raw)
    assert parts(raw) == (for_reader(TEXT, PLAIN), for_reader(HTML, PLAIN))
    assert list(message.keys()) == HEADERS
    assert message["Subject"] == "Der Pier öffnet — endlich"
    assert (message["To"], message["Message-ID"], message["List-Id"]) == (
        PLAIN["to"],
        PLAIN["message_id"],
        "<weekly.news.garrisonpost.example>",
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_is_no_draft():
    assert b"X-Unsent" not in MESSAGE.content


def test_a_header_whose_other_end_is_not_configured_is_not_written():
    raw = compiled(list_id="", one_click=False).wire(a_letter())
    by_mail = compiled(one_click=False, mailto=True).wire(a_letter(unsubscribe_header="<mailto:leave@garrisonpost.example>"))

    assert not [name for name in opened(raw).keys() if name.startswith("List-")]  # noqa: SIM118
    assert opened(by_mail)["List-Unsubscribe-Post"] is None
    assert opened(by_mail)["List-Unsubscribe"] == "<mailto:leave@garrisonpost.example>"


def test_the_same_issue_compiles_to_the_same_bytes_whatever_stood_in_its_slots():
    other = {"https://abcdefgh": "view", "https://ijklmnop": "unsubscribe", "qrstuvwxyzabcdefgh": "address"}
    html, text = (re.sub("|".join(SLOTS), lambda found: list(other)[list(SLOTS).index(found[0])], whole) for whole in (HTML, TEXT))

    assert compiled(html, text, slots=other).content == MESSAGE.content


@settings(max_examples=3_000, deadline=None)
@given(name=anything, address=anything, link=anything, header=anything)
@example(name="\r\nBcc: all@inbox.example\r\n\r\nHello", address=".", link="." * 76, header="\r\n\r\nHello")
@example(name="", address="x", link="ann@inbox.example>, <all@inbox.exampleann@inbox.example>, <all@inbox.example\n\n<script>", header="x")
@example(name='A "quoted" \\ name', address="ann@inbox.example", link=" ", header="a\r\n b\r\nBcc: c")
def test_a_value_stays_a_value_whatever_it_holds(name: str, address: str, link: str, header: str):
    values = {"to": addressee(name, address), "address": address, "view": link, "unsubscribe": link, "unsubscribe_header": header}

    raw = MESSAGE.wire(a_letter(**values))

    lines = raw.split(b"\r\n")
    assert message_from_bytes(raw).keys() == HEADERS
    assert parts(raw)[0] == for_reader(TEXT, PLAIN | values)
    assert parts(raw)[1] == for_reader(HTML, PLAIN | {name: escape(value) for name, value in values.items()})
    assert not any(line.startswith(b".") for line in lines)
    assert all(len(line) <= 76 for line in lines if not line.startswith(b"List-Unsubscribe: "))
    assert raw.isascii() and not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)


@settings(max_examples=1_000, deadline=None)
@given(name=anything, address=st.just("ann@inbox.example") | anything)
@example(name="Ann  Lee", address="ann@inbox.example")
@example(name="=?utf-8?q?x?=", address="ann@inbox.example")
@example(name="éè" * 90, address="a" * 64 + "@" + "b" * 200 + ".example")
def test_a_name_is_read_back_as_it_was_and_adds_nobody(name: str, address: str):
    raw = b"To: " + addressee(name, address).encode("ascii") + b"\r\nSubject: x\r\n\r\n"
    message = opened(raw)

    on_one_line = " ".join("".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in name).split())
    assert list(message.keys()) == ["To", "Subject"]
    assert [one.addr_spec for one in message["To"].addresses] in ([], [address])
    if message["To"].addresses or address == "ann@inbox.example":
        coded, bare = parseaddr(message_from_bytes(raw)["To"])
        assert (str(make_header(decode_header(coded))), bare) == (on_one_line, address)


def test_an_address_that_no_server_would_take_does_not_stand_in_the_header():
    for address in (
        "all@inbox.example>, <b@inbox.example",
        "a b@inbox.example",
        "ü@inbox.example",
        "",
        "ann",
        "=?utf-8?q?x?=@inbox.example",
    ):
        assert addressee("Ann", address) == "undisclosed-recipients:;"


def test_long_unsubscribe_links_are_neither_encoded_nor_broken():
    long = "https://news.garrisonpost.example/" + "a-very-long-path/" * 40
    raw = MESSAGE.wire(a_letter(unsubscribe_header=f"<{long}>,\r\n <mailto:leave@garrisonpost.example?subject={'s' * 200}>"))

    header = re.search(rb"^List-Unsubscribe: (.*?)\r\n(?! )", raw, re.DOTALL | re.MULTILINE)
    assert header and header[1].decode().split(",\r\n ") == [f"<{long}>", f"<mailto:leave@garrisonpost.example?subject={'s' * 200}>"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not opened(raw).defects


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(st.sampled_from((*HOSTILE, "\n", "\n.", "x " * 37)), max_size=12).map("".join)
)
def test_any_issue_survives_beside_its_slots(text: str):
    whole = f"{text}{VIEW}{text}{READER}{LEAVE}{text}"

    message = compiled(whole, whole)
    raw = message.wire(a_letter())

    plain = for_reader(whole.replace("\r\n", "\n").replace("\r", "\n"), PLAIN)
    assert parts(raw) == (plain, plain)
    assert not any(line.startswith(b".") for line in (*raw.split(b"\r\n"), *message.content.split(b"\r\n")))
    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert (message.text(a_letter()), message.html(a_letter())) == (plain.replace("\r\n", "\n"),) * 2


@settings(max_examples=300, deadline=None)
@given(address=anything, link=anything)
def test_a_provider_that_builds_the_mail_itself_is_told_the_same(address: str, link: str):
    letter = a_letter(address=address, view=link, unsubscribe=link)

    raw = opened(MESSAGE.wire(letter))

    assert MESSAGE.text(letter) == for_reader(TEXT, dict(letter.values), end="\n")
    assert MESSAGE.html(letter) == for_reader(HTML, {name: escape(value) for name, value in letter.values.items()}, end="\n")
    assert (MESSAGE.subject, MESSAGE.sender) == (raw["Subject"], raw["From"])
    assert MESSAGE.headers(letter) == {name: raw[name] for name in HEADERS if name.startswith("List-") or name in ("Date", "Message-ID")}


def test_a_senders_name_with_accents_is_told_as_it_is_read():
    assert compiled(sender="Señales <news@garrisonpost.example>").sender == "Señales <news@garrisonpost.example>"


def test_a_text_that_spells_a_slot_is_no_slot():
    whole = f"\x02html:view\x03 =02html:view=03 {VIEW}"

    message = compiled(whole, whole)

    assert parts(message.wire(a_letter()))[1] == f"\x02html:view\x03 =02html:view=03 {PLAIN['view']}"
    assert message.html(a_letter()) == f"\x02html:view\x03 =02html:view=03 {PLAIN['view']}"


def test_a_slot_without_a_value_is_an_error():
    with pytest.raises(KeyError):
        MESSAGE.wire(Letter(7, "ann@inbox.example", {name: value for name, value in PLAIN.items() if name != "view"}))


def test_a_sender_that_cannot_stand_in_a_mail_is_refused():
    with pytest.raises(DigestError, match="From is not a mail address"):
        compiled(sender="nobody")


def test_an_address_with_quotes_is_parsed_as_one():
    name, address = parseaddr(addressee('Lee, "Ann"', "ann@inbox.example"))

    assert (name, address) == ('Lee, "Ann"', "ann@inbox.example")
