"""Resend takes a call once, or we say that we do not know; the same call again settles it."""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import TransportError
from digest.model import Letter, Receipt
from digest.send.message import Message
from digest.send.transport import Connection, Lost
from digest.send.transports.resend import Resend
from tests.send.api import HUNG_UP, SILENT, TAKEN, Api, api
from tests.send.faulty import faulty
from tests.send.letters import a_letter, letters
from tests.send.transports.test_smtp_login import made, shown

KEY = "re_a_secret_of_ours"


class Written(Message):
    """A compiled issue that gives whole bodies."""

    subject = "Pier reopens — “at last”"
    sender = "The Garrison Post <news@garrisonpost.example>"

    def html(self, letter: Letter) -> str:
        return f"<p>Dear {letter.values['name']}</p>"

    def text(self, letter: Letter) -> str:
        return f"Dear {letter.values['name']}"

    def headers(self, letter: Letter) -> Mapping[str, str]:
        return {"List-Unsubscribe": f"<https://garrisonpost.example/u/{letter.seq}>"}


MESSAGE = Written(content=b"")


def line_to(server: Api, *, seconds: float = 0.5, key: str = KEY) -> Connection:
    return Resend(server.url, key, seconds=seconds).connect()


def sent(line: Connection, batch: list[Letter], key: str = "2025-W33/1") -> tuple[list[Receipt], Lost | TransportError | None]:
    receipts: list[Receipt] = []
    try:
        receipts.extend(line.send(MESSAGE, batch, intend=lambda letter: None, key=key))
    except (Lost, TransportError) as fault:
        return receipts, fault
    return receipts, None


def outcomes(receipts: list[Receipt]) -> list[str]:
    return [receipt.outcome for receipt in receipts]


def test_a_hundred_letters_are_one_call():
    with api() as server:
        receipts, fault = sent(line_to(server), letters(100))

    (path, headers, _) = server.calls[0]
    assert fault is None
    assert [(receipt.seq, receipt.outcome, receipt.provider_id) for receipt in receipts] == [
        (n, "accepted", f"e{n}") for n in range(1, 101)
    ]
    assert len(server.calls) == 1
    assert (path, headers["Idempotency-Key"], headers["Authorization"]) == ("/emails/batch", "2025-W33/1", f"Bearer {KEY}")
    assert server.emails[1] == {
        "from": "The Garrison Post <news@garrisonpost.example>",
        "to": ["reader2@inbox.example"],
        "subject": "Pier reopens — “at last”",
        "html": "<p>Dear Reader 2</p>",
        "text": "Dear Reader 2",
        "headers": {"List-Unsubscribe": "<https://garrisonpost.example/u/2>"},
    }


def test_every_intention_is_told_before_a_byte_leaves():
    told: list[tuple[int, int]] = []
    with api() as server:
        list(line_to(server).send(MESSAGE, letters(3), intend=lambda letter: told.append((letter.seq, len(server.calls))), key="k"))

    assert told == [(1, 0), (2, 0), (3, 0)]


def test_an_intention_that_fails_sends_nothing():
    def intend(letter: Letter) -> None:
        if letter.seq == 2:
            raise OSError("the disk is full")

    with api() as server, pytest.raises(OSError, match="the disk is full"):
        list(line_to(server).send(MESSAGE, letters(3), intend=intend, key="k"))

    assert server.calls == []


def test_an_address_that_is_never_taken_fails_alone():
    with api(bad=frozenset({"reader2@inbox.example"})) as server:
        receipts, fault = sent(line_to(server), letters(3))

    assert (outcomes(receipts), fault) == (["accepted", "failed", "accepted"], None)
    assert [receipt.provider_id for receipt in receipts] == ["e1", "", "e2"]
    assert receipts[1].reason == "Invalid `to` field."


@pytest.mark.parametrize(
    "happens", [SILENT, HUNG_UP, TAKEN + SILENT, TAKEN + HUNG_UP, (500, {}), (502, "<html>bad gateway"), (503, ""), (302, "")]
)
def test_a_call_that_may_have_been_taken_is_in_doubt_and_the_same_again_settles_it(happens: Any):
    with api(happens) as server:
        receipts, fault = sent(line_to(server), letters(3))
        again, fine = sent(line_to(server), letters(3))

    assert outcomes(receipts) == ["uncertain"] * 3
    assert isinstance(fault, Lost)
    assert (outcomes(again), fine) == (["accepted"] * 3, None)
    assert len(server.emails) == 3


def test_the_same_call_is_the_same_bytes():
    with api(TAKEN + HUNG_UP) as server:
        sent(line_to(server), letters(30))
        sent(line_to(server), letters(30))

    assert server.calls[0][2] == server.calls[1][2]


def test_a_call_that_is_still_worked_on_is_asked_for_again_later():
    busy = {"statusCode": 409, "name": "concurrent_idempotent_requests", "message": "In progress."}
    with api((409, busy)) as server:
        receipts, fault = sent(line_to(server), letters(2))

    assert outcomes(receipts) == ["uncertain"] * 2
    assert isinstance(fault, Lost)
    assert fault.wait > 0


def test_a_key_that_was_used_for_other_letters_is_not_used_again():
    with api() as server:
        sent(line_to(server), letters(2))
        receipts, fault = sent(line_to(server), letters(3))

    assert outcomes(receipts) == ["uncertain"] * 3
    assert isinstance(fault, TransportError)
    assert "in doubt" in fault.message
    assert len(server.emails) == 2


@pytest.mark.parametrize(
    ("status", "name", "hint"),
    [
        (401, "missing_api_key", "DIGEST_RESEND_KEY"),
        (403, "invalid_api_key", "DIGEST_RESEND_KEY"),
        (403, "validation_error", "verified"),
        (404, "not_found", "transport.url"),
        (422, "validation_error", "newsroom.sender"),
        (400, "invalid_idempotency_key", "transport.url"),
        (429, "daily_quota_exceeded", "again"),
    ],
)
def test_a_call_that_never_will_be_taken_is_the_account(status: int, name: str, hint: str):
    with api((status, {"statusCode": status, "name": name, "message": "No."})) as server:
        receipts, fault = sent(line_to(server), letters(3))

    assert receipts == []
    assert isinstance(fault, TransportError)
    assert fault.message == f"Resend said {status} {name}: No."
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "0.5"}, 0.5, 0.5),
        ({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)}, 300, 601),
        ({"Retry-After": format_datetime(datetime.now(UTC) - timedelta(seconds=600), usegmt=True)}, 0, 0),
        ({"Retry-After": "soon"}, 0, 0),
        ({"Retry-After": "-5"}, 0, 0),
        ({"Retry-After": "nan"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_a_limit_is_waited_for_as_long_as_it_says(headers: dict[str, str], least: float, most: float):
    with api((429, {"name": "rate_limit_exceeded", "message": "Slow down."}, headers)) as server:
        receipts, fault = sent(line_to(server), letters(3))
        again, _ = sent(line_to(server), letters(3))

    assert receipts == []
    assert isinstance(fault, Lost)
    assert least <= fault.wait <= most
    assert outcomes(again) == ["accepted"] * 3


@pytest.mark.parametrize(
    "said", ["", "fine", [], {}, {"data": [{"id": "e1"}]}, {"data": [1, 2]}, {"data": [{"id": "e1"}, {"id": "e2"}], "errors": [{"index": 0, "message": "x"}]},
             {"data": [{"id": "e1"}], "errors": [{"index": 9, "message": "x"}]}, {"data": None}],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_leaves_the_letters_in_doubt(said: Any):
    with api((200, said)) as server:
        receipts, fault = sent(line_to(server), letters(2))

    assert (outcomes(receipts), fault) == (["uncertain"] * 2, None)


def test_nobody_listening_touches_no_letter():
    with api() as server:
        pass
    receipts, fault = sent(line_to(server), letters(2))

    assert receipts == []
    assert isinstance(fault, Lost)


def test_a_server_that_cannot_prove_who_it_is_gets_no_key(tmp_path: Path):
    with faulty(tls=True, context=shown(made(tmp_path / "a.pem", "IP:127.0.0.1"))) as server:
        receipts, fault = sent(Resend(f"https://127.0.0.1:{server.port}", KEY, seconds=2).connect(), letters(1))

    assert receipts == []
    assert isinstance(fault, TransportError)
    assert "does not hold" in fault.message
    assert server.said == []


def test_the_key_is_nowhere_to_be_read(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with api((403, {"name": "invalid_api_key", "message": f"{KEY} is unknown"}), (500, {"message": KEY}), HUNG_UP) as server:
        faults = [sent(line_to(server), letters(1)) for _ in range(3)]
        opened = Resend(server.url, KEY)

    assert KEY not in caplog.text
    assert KEY not in repr(faults) + repr(opened) + repr(opened.connect())
    assert [getattr(fault.__cause__, "args", ()) for _, fault in faults if fault and KEY in repr(fault.__cause__)] == []


@pytest.mark.parametrize("key", ["", "re_ü", "re a", "re_\n"])
def test_a_key_that_is_none_is_refused_unseen(key: str):
    with pytest.raises(TransportError, match="DIGEST_RESEND_KEY") as caught:
        Resend("https://api.resend.com", key)

    assert not key or key not in caught.value.message


def test_a_proxy_that_nobody_named_to_us_is_not_used(monkeypatch: pytest.MonkeyPatch):
    with api() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        _, fault = sent(line_to(server), letters(1))

    assert fault is None


HAPPENINGS = st.sampled_from(
    [
        None,
        HUNG_UP,
        TAKEN + HUNG_UP,
        (500, {}),
        (429, {"name": "rate_limit_exceeded"}),
        (409, {"name": "concurrent_idempotent_requests"}),
        (403, {"name": "invalid_api_key"}),
    ]
)


@settings(max_examples=40, deadline=None)
@given(script=st.lists(HAPPENINGS, max_size=8), bad=st.sets(st.integers(1, 5), max_size=5))
def test_whatever_happens_the_same_call_repeated_ends_with_one_mail_each(script: list[Any], bad: set[int]):
    with api(*script, bad=frozenset(a_letter(seq).address for seq in bad)) as server:
        line = line_to(server)
        for _ in range(len(script) + 1):
            receipts, fault = sent(line, letters(5))
            if fault is None:
                break
        line.close()
    arrived = Counter(email["to"][0] for email in server.emails)

    assert outcomes(receipts) == ["failed" if seq in bad else "accepted" for seq in range(1, 6)]
    assert arrived == {a_letter(seq).address: 1 for seq in range(1, 6) if seq not in bad}


def test_what_is_sent_is_json():
    with api() as server:
        sent(line_to(server), [a_letter(1, name='"\\\u2028</script>\x00👩‍✈️')])

    assert json.loads(server.calls[0][2])[0]["text"] == 'Dear "\\\u2028</script>\x00👩‍✈️'
