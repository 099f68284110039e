"""The .eml of an issue says what the issue says, in every reader, and nothing slips into its headers."""

import random
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.model import Email
from digest.send.compile import draft

MONDAY = datetime(2025, 8, 18, 6, 0, tzinfo=timezone(timedelta(hours=-4)))
HTML = '<!DOCTYPE html>\n<html lang="en"><body><p>The pier reopens on Monday — at noon.</p></body></html>\n'
TEXT = "The pier reopens on Monday — at noon.\n.\nhttps://garrisonpost.example/pier\n"

typeable = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)
headlines = st.lists(
    st.sampled_from(
        ["harbor", "déjà", "über", "漢字かな交じり文", "⚓️", "👩‍✈️", "=?utf-8?q?x?=", "—", "a" * 150, "é" * 90, "", ",", '"So"']
    ),
    max_size=30,
).map(" ".join)


def compiled(email: Email | None = None, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "sender": "The Garrison Post <news@garrisonpost.example>",
        "to": "desk@garrisonpost.example",
        "date": MONDAY,
        "message_id": "<2025-W33@garrisonpost.example>",
    }
    return draft(email or Email(subject="Pier reopens", html=HTML, text=TEXT), **values | changes)


def opened(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n")


def test_both_parts_read_back_with_the_text_first():
    plain, html = opened(compiled()).iter_parts()

    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == TEXT
    assert html.get_content().replace("\r\n", "\n") == HTML


def test_the_file_is_a_draft_with_the_headers_of_its_issue():
    message = opened(compiled())

    assert message["From"] == "The Garrison Post <news@garrisonpost.example>"
    assert message["To"] == "desk@garrisonpost.example"
    assert message["Date"].datetime == MONDAY
    assert message["Message-ID"] == "<2025-W33@garrisonpost.example>"
    assert message["X-Unsent"] == "1"


def test_without_a_sender_or_a_reader_the_draft_names_none():
    message = opened(compiled(sender="", to=""))

    assert message["From"] is None
    assert message["To"] is None


def test_the_same_issue_gives_the_same_bytes():
    assert compiled() == compiled()
    assert compiled(Email(subject="Pier reopens", html=HTML, text="Other")) != compiled()


def test_a_single_dot_on_a_line_does_not_end_the_mail_early():
    assert b"." not in lines(compiled())


@given(subject=typeable | headlines, text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_subject_and_text_survive_the_journey(subject: str, text: str):
    raw = compiled(Email(subject=subject, html=HTML, text=text))

    message = opened(raw)
    plain, _ = message.iter_parts()
    assert message["Subject"] == subject
    assert plain.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")
    assert not message.defects and not message["Subject"].defects
    assert max(len(line) for line in lines(raw)) <= 78
    assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")


LETTERS = (
    "abcdefghijklmnop",
    "àâçéèêëîïôöüßñø",
    "漢字記事朝刊速報",
    "가나다라마바사",
    "абвгдежзий",
    "ابتثجحخد",
    "⚓🚢🌊👩‍✈️🇰🇷",
    "=?_-—“”,:;",
)


def a_random_headline(dice: random.Random) -> str:
    """Up to fourteen words of several scripts, one in ten of them longer than a line."""
    lengths = [dice.randint(60, 120) if dice.random() < 0.1 else dice.randint(1, 12) for _ in range(dice.randint(1, 14))]
    return " ".join("".join(dice.choices(dice.choice(LETTERS), k=length)) for length in lengths)


def test_three_thousand_random_subjects_survive_in_the_old_and_the_new_parser():
    dice = random.Random(2025)
    subjects = [a_random_headline(dice) for _ in range(3000)]

    mails = [compiled(Email(subject=subject, html="", text="")) for subject in subjects]

    assert [subject for subject, raw in zip(subjects, mails, strict=True) if opened(raw)["Subject"] != subject] == []
    old = [str(make_header(decode_header(message_from_bytes(raw)["Subject"].replace("\r\n ", " ")))) for raw in mails]
    assert [subject for subject, read in zip(subjects, old, strict=True) if read != subject] == []


@given(name=(typeable | headlines).filter(lambda name: '"' not in name and "\\" not in name))
def test_any_publisher_can_be_the_sender(name: str):
    raw = compiled(sender=f"{name} <news@garrisonpost.example>")

    # the older of the two parsers: the newer one of Python 3.11 puts a space into names that need two encoded words
    called, address = parseaddr(message_from_bytes(raw)["From"])
    assert str(make_header(decode_header(called))).split() == name.split()
    assert address == opened(raw)["From"].addresses[0].addr_spec == "news@garrisonpost.example"
    assert max(len(line) for line in lines(raw)) <= 200


def test_a_long_plain_subject_is_folded_and_stays_readable_in_the_file():
    subject = "Commission approves the harbor plan after three nights of hearings and a vote that few on the island expected to see"
    raw = compiled(Email(subject=subject, html=HTML, text=TEXT))

    assert raw.startswith(b"Subject: Commission approves the harbor plan")
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]
    assert opened(raw)["Subject"] == subject


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"Post, The Garrison" <news@garrisonpost.example>', "Post, The Garrison"),
        ('The "Old" Post <news@garrisonpost.example>', 'The "Old" Post'),
        ("news@garrisonpost.example", ""),
        ("<news@garrisonpost.example>", ""),
    ],
)
def test_a_sender_is_understood_with_or_without_quotation_marks(written: str, name: str):
    (sender,) = opened(compiled(sender=written))["From"].addresses

    assert (sender.display_name, sender.addr_spec) == (name, "news@garrisonpost.example")


def test_unsubscribe_addresses_are_never_folded_inside_or_encoded():
    link = "https://news.garrisonpost.example/u/" + "k3v9-_=?&" * 20
    raw = compiled(list_id="weekly.garrisonpost.example", unsubscribe_url=f"{link} mailto:leave@garrisonpost.example")

    assert f"List-Unsubscribe: <{link}>,\r\n <mailto:leave@garrisonpost.example>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"\r\nList-Id: <weekly.garrisonpost.example>\r\n" in raw


def test_list_headers_stand_only_where_their_values_are_known():
    headers = compiled().partition(b"\r\n\r\n")[0]

    assert b"List-" not in headers


@pytest.mark.parametrize("poison", ["\r\nBcc: all@garrisonpost.example", "\nX: y", "\rX", "\u2028X", "\x0bX", "\x00"])
@pytest.mark.parametrize("field", ["subject", "sender", "to", "message_id", "list_id", "unsubscribe_url"])
def test_no_value_can_start_a_header_of_its_own(field: str, poison: str):
    with pytest.raises(DigestError):
        if field == "subject":
            compiled(Email(subject="Pier" + poison, html=HTML, text=TEXT))
        else:
            compiled(**{field: "https://a@garrisonpost.example" + poison})


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "The Garrison Post"},
        {"sender": "Post <news@garnison-über.example>"},
        {"to": "one@a.example, two@a.example"},
        {"message_id": "two words@a.example"},
        {"unsubscribe_url": "http://garrisonpost.example/u"},
        {"unsubscribe_url": "https://garrisonpost.example/" + "u" * 1000},
    ],
)
def test_what_a_header_cannot_carry_is_refused_with_a_hint(changes: dict[str, str]):
    with pytest.raises(DigestError) as refused:
        compiled(**changes)

    assert refused.value.hint


def test_half_a_character_is_refused():
    with pytest.raises(DigestError, match="half of a character"):
        compiled(Email(subject="Pier", html="\ud800", text=""))
