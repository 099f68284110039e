"""A mail server may say, or leave unsaid, what it likes: every recipient ends in the right state."""

import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import TransportError
from digest.model import Letter
from digest.send.message import Message
from digest.send.transport import Lost
from digest.send.transports.smtp import Smtp
from tests.send.faulty import HUNG_UP, OFFERS, PATIENCE, SILENT, STUCK, TAKEN_AND_HUNG_UP, faulty, slow_road
from tests.send.letters import MESSAGE, a_letter, letters, outcomes, receipts_of

ways = pytest.mark.parametrize("offers", [OFFERS, OFFERS[1:]], ids=["pipelined", "plain"])
SECOND = "reader2@inbox.example"


@ways
def test_every_letter_is_taken_once_and_whole(offers: tuple[str, ...]):
    with faulty(offers=offers) as server:
        line = server.account().connect()
        receipts, lost = receipts_of(line, letters(5))
        line.close()

    assert lost == ""
    assert [(receipt.seq, receipt.outcome, receipt.provider_id) for receipt in receipts] == [(n, "accepted", f"Q{n}") for n in range(1, 6)]
    assert server.taken == [(letter.address, MESSAGE.wire(letter)) for letter in letters(5)]
    assert server.connections == 1
    assert server.said[-1] == "QUIT"


@ways
def test_a_line_is_used_for_many_calls(offers: tuple[str, ...]):
    with faulty({"rcpt reader3@inbox.example": "550 5.1.1 No such user"}, offers=offers) as server:
        line = server.account().connect()
        first, second = outcomes(line, letters(3)), outcomes(line, letters(6)[3:])

    assert first == (["accepted", "accepted", "failed"], "")
    assert second == (["accepted"] * 3, "")


@ways
@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("rcpt", "550 5.1.1 No such user", ["accepted", "failed", "accepted"]),
        ("rcpt", "553 5.1.3 Bad address", ["accepted", "failed", "accepted"]),
        ("rcpt", "450 4.2.0 Greylisted", ["accepted", "later", "accepted"]),
        ("rcpt", "452 4.2.2 Mailbox full", ["accepted", "later", "accepted"]),
        ("dot", "550 5.7.1 Spam", ["accepted", "failed", "accepted"]),
        ("dot", "450 4.3.0 Try again", ["accepted", "later", "accepted"]),
        ("dot", "452 4.3.1 No space", ["accepted", "later", "accepted"]),
    ],
)
def test_a_refusal_is_for_one_letter(offers: tuple[str, ...], step: str, answer: str, expected: list[str]):
    with faulty({f"{step} {SECOND}": answer}, offers=offers) as server:
        receipts, lost = receipts_of(server.account().connect(), letters(3))

    assert ([receipt.outcome for receipt in receipts], lost) == (expected, "")
    assert receipts[1].reason == answer
    assert [address for address, _ in server.taken] == ["reader1@inbox.example", "reader3@inbox.example"]


@ways
@pytest.mark.parametrize("step", ["rcpt", "dot"])
@pytest.mark.parametrize("answer", ["421 4.3.2 Closing", "454 4.7.0 Throttling failure"])
def test_a_server_that_asks_for_quiet_gets_it(offers: tuple[str, ...], step: str, answer: str):
    with faulty({f"{step} {SECOND}": answer}, offers=offers) as server:
        line = server.account().connect()
        found = outcomes(line, letters(3))
        again = outcomes(line, letters(3))

    assert found == (["accepted", "later"], answer)
    assert again == ([], "The line is closed.")
    assert len(server.taken) == 1


@ways
@pytest.mark.parametrize("answer", ["421 4.3.2 Closing", "450 4.7.1 Slow down", "454 4.7.0 Throttling failure"])
def test_a_sender_refused_for_now_touches_no_letter(offers: tuple[str, ...], answer: str):
    with faulty({"mail": ["250 2.1.0 Ok", answer]}, offers=offers) as server:
        assert outcomes(server.account().connect(), letters(3)) == (["accepted"], answer)

    assert len(server.taken) == 1


@ways
def test_a_sender_refused_for_good_is_the_account(offers: tuple[str, ...]):
    with faulty({"mail": ["250 2.1.0 Ok", "550 5.7.1 Sender rejected"]}, offers=offers) as server:
        receipts = []
        with pytest.raises(TransportError, match="refuses the sender: 550 5"):
            receipts.extend(server.account().connect().send(MESSAGE, letters(3), intend=lambda letter: None, key=""))

    assert len(server.taken) == 1


@ways
@pytest.mark.parametrize(("answer", "expected"), [("451 4.3.0 Not now", "later"), ("554 5.7.1 Never", "failed")])
def test_data_refused_is_for_one_letter(offers: tuple[str, ...], answer: str, expected: str):
    with faulty({f"data {SECOND}": answer}, offers=offers) as server:
        assert outcomes(server.account().connect(), letters(3)) == (["accepted", expected, "accepted"], "")

    assert len(server.taken) == 2


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "450 4.2.0 Greylisted"])
def test_data_answered_though_nobody_is_there_to_get_it_sends_nothing(answer: str):
    with faulty({f"rcpt {SECOND}": answer, "data": "354 Go on"}) as server:
        found = outcomes(server.account().connect(), letters(3))

    assert found == (["accepted", "failed" if answer[0] == "5" else "later", "accepted"], "")
    assert [address for address, _ in server.taken] == ["reader1@inbox.example", "reader3@inbox.example"]


@ways
@pytest.mark.parametrize(
    "happens", [HUNG_UP, SILENT, "what is this", "~250 2.1.0 no line end", "600 No such code", "99 Too short", "~" + "x" * 70_000]
)
@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_line_that_breaks_before_the_letter_leaves_it_untouched(offers: tuple[str, ...], step: str, happens: str):
    with faulty({step: ["354 Go on" if step == "data" else "250 2.1.0 Ok", happens]}, offers=offers) as server:
        found, lost = outcomes(server.account().connect(), letters(3))

    assert found == ["accepted"]
    assert lost
    assert len(server.dots) == 1


@ways
@pytest.mark.parametrize("happens", [HUNG_UP, TAKEN_AND_HUNG_UP, SILENT, "what is this", "~25", "354 Again?"])
def test_a_line_that_breaks_after_the_final_dot_leaves_one_letter_in_doubt(offers: tuple[str, ...], happens: str):
    with faulty({f"dot {SECOND}": happens}, offers=offers) as server:
        receipts, lost = receipts_of(server.account().connect(), letters(3))

    assert [receipt.outcome for receipt in receipts] == ["accepted", "uncertain"]
    assert receipts[1].reason.startswith("It left whole, then: ")
    assert lost
    assert server.dots == ["reader1@inbox.example", SECOND]


@ways
@pytest.mark.parametrize("happens", [HUNG_UP, STUCK])
def test_a_line_that_breaks_inside_a_letter_leaves_it_untouched(offers: tuple[str, ...], happens: str):
    large = a_letter(2, filler="x" * 3_000_000)  # more than the system takes off our hands
    message = Message(content=MESSAGE.content + b"\x02text:filler\x03\r\n" * 8)
    with faulty({f"body {SECOND}": happens}, offers=("PIPELINING",) if "PIPELINING" in offers else ()) as server:
        found, lost = outcomes(server.account().connect(), [a_letter(1, filler=""), large, a_letter(3, filler="")], message)

    assert found == ["accepted"]
    assert lost.startswith("The letter's end had not left: ")
    assert server.dots == ["reader1@inbox.example"]


class Narrow:
    """A socket that takes so many bytes of a letter and then breaks; the server had agreed to everything before."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.heard = b"250 Ok\r\n250 Ok\r\n354 Go on\r\n"

    def settimeout(self, seconds: float) -> None:
        self.waits = seconds > 0

    def recv(self, most: int) -> bytes:
        if not self.heard and not self.waits:
            raise BlockingIOError
        heard, self.heard = self.heard, b""
        return heard

    def send(self, content: bytes) -> int:
        taken = min(self.takes, len(content))
        if not taken:
            raise BrokenPipeError(32, "Broken pipe")
        self.takes -= taken
        return taken

    def sendall(self, content: bytes) -> None:
        if not bytes(content).startswith(b"MAIL"):
            while content:
                content = content[self.send(content) :]


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("beyond", [-1000, -6, -3, -2, -1, 0, 1, 20])
def test_a_letter_is_in_doubt_from_the_moment_that_its_dot_has_left(encrypted: bool, beyond: int):
    """Under TLS a failed write does not tell how much left, so there the doubt begins with the write that holds the dot."""
    with faulty() as server:
        line = server.account().connect()
        body = MESSAGE.wire(a_letter(1))
        line._sock = line._replies._sock = Narrow(max(0, len(body) + 3 + beyond))  # type: ignore[assignment]
        line._encrypted = encrypted

        found, lost = outcomes(line, letters(2))

    assert found == (["uncertain"] if beyond >= (-3 if encrypted else 0) else [])
    assert lost


@ways
def test_a_server_that_hung_up_while_we_waited_gets_no_letter(offers: tuple[str, ...]):
    with faulty(offers=offers) as server:
        line = server.account().connect()
        server.answers = {"data": "~354 Go on\r\n421 4.4.2 Timeout\r\n"}
        assert outcomes(line, letters(1)) == ([], "The mail server said unasked: 421 4.4.2 Timeout")

    assert server.dots == []


@ways
def test_an_intention_that_fails_leaves_the_letter_unsent(offers: tuple[str, ...]):
    def intend(letter: Letter) -> None:
        if letter.seq == 2:
            raise OSError("the disk is full")

    with faulty(offers=offers) as server:
        receipts = []
        line = server.account().connect()
        with pytest.raises(OSError, match="the disk is full"):
            receipts.extend(line.send(MESSAGE, letters(3), intend=intend, key=""))

    assert [address for address, _ in server.taken] == ["reader1@inbox.example"]


@ways
def test_a_caller_that_reads_no_further_leaves_nothing_half_sent(offers: tuple[str, ...]):
    with faulty(offers=offers) as server:
        line = server.account().connect()
        receipts = line.send(MESSAGE, letters(3), intend=lambda letter: None, key="")
        first = next(receipts)
        receipts.close()  # type: ignore[attr-defined]
        again = outcomes(line, letters(3))

    assert first.outcome == "accepted"
    assert again == ([], "The line is closed.")
    assert server.dots == ["reader1@inbox.example"]


@ways
def test_the_intention_is_told_before_the_letter_leaves_and_after_the_server_agreed(offers: tuple[str, ...]):
    told: list[tuple[str, int]] = []
    with faulty({f"rcpt {SECOND}": "550 5.1.1 No such user"}, offers=offers) as server:
        list(
            server.account()
            .connect()
            .send(MESSAGE, letters(3), intend=lambda letter: told.append((letter.address, len(server.dots))), key="")
        )

    assert told == [("reader1@inbox.example", 0), ("reader3@inbox.example", 1)]


def test_with_pipelining_a_letter_costs_one_round_trip():
    def delays(offers: tuple[str, ...]) -> float:
        with faulty(offers=offers) as server, slow_road(server.port, 0.01) as port:
            server.port = port
            line = server.account().connect()
            began = time.perf_counter()
            assert outcomes(line, letters(20)) == (["accepted"] * 20, "")
            return (time.perf_counter() - began) / 0.02

    pipelined, plain = delays(OFFERS), delays(OFFERS[1:])
    assert pipelined >= 20
    assert plain / pipelined > 2  # four to one on a quiet machine


@ways
def test_replies_byte_by_byte_are_the_same_replies(offers: tuple[str, ...]):
    with faulty({f"rcpt {SECOND}": "550 5.1.1 No such user"}, offers=offers, bytewise=True) as server:
        assert outcomes(server.account().connect(), letters(3)) == (["accepted", "failed", "accepted"], "")


def test_a_reply_that_drips_for_ever_is_not_waited_for():
    with faulty({"mail": "250 " + "x" * 500}, bytewise=True, drip=0.02) as server:
        began = time.monotonic()
        found = outcomes(server.account(PATIENCE._replace(connect=5, reply=1)).connect(), letters(1))

    assert found == ([], "The mail server did not answer in time.")
    assert time.monotonic() - began < 6


@ways
def test_a_reply_of_many_lines_is_one_reply(offers: tuple[str, ...]):
    long = "550-5.7.1 We do not like\r\n550-5.7.1 \x1b[31myour\x00 tone,\r\n550 5.7.1 see \xc3\xa9 " + "y" * 400
    with faulty({"mail": "250-2.1.0 Hello\r\n250-\r\n250 2.1.0 Ok", f"dot {SECOND}": long}, offers=offers) as server:
        receipts, lost = receipts_of(server.account().connect(), letters(3))

    assert ([receipt.outcome for receipt in receipts], lost) == (["accepted", "failed", "accepted"], "")
    assert receipts[1].reason.startswith("550 5.7.1 We do not like 5.7.1 [31myour tone, 5.7.1 see é yyy")
    assert len(receipts[1].reason) == 300
    assert receipts[1].reason.isprintable()


def test_a_line_without_end_is_not_collected():
    with faulty({"mail": "~" + "x" * 500_000}) as server:
        found, lost = outcomes(server.account(PATIENCE._replace(reply=5)).connect(), letters(1))

    assert found == []
    assert lost == f"The mail server answered nonsense: '{'x' * 100}'."


def test_a_reply_whose_lines_disagree_is_nonsense():
    with faulty({"mail": "250-2.1.0 Hello\r\n550 5.1.0 No"}) as server:
        assert outcomes(server.account().connect(), letters(1)) == ([], "The mail server answered nonsense: '550 5.1.0 No'.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("250 2.0.0 Ok: queued as 4dFk2X1Z7Qz9", "4dFk2X1Z7Qz9"),
        ("250 OK id=1rAbC-0003Xy-2Q", "1rAbC-0003Xy-2Q"),
        (
            "250 Ok 0102018f2a3b4c5d-6e7f8a9b-0c1d-2e3f-4a5b-6c7d8e9f0a1b-000000",
            "0102018f2a3b4c5d-6e7f8a9b-0c1d-2e3f-4a5b-6c7d8e9f0a1b-000000",
        ),
        ("250 2.6.0 <a1@b.example> [InternalId=4] Queued mail for delivery", ""),
        ("250 2.0.0 Message accepted for delivery", ""),
        ("250", ""),
    ],
)
def test_the_servers_own_number_of_a_letter_is_kept(answer: str, expected: str):
    with faulty({"dot": answer}) as server:
        receipts, _ = receipts_of(server.account().connect(), letters(1))

    assert [(receipt.outcome, receipt.provider_id) for receipt in receipts] == [("accepted", expected)]


@ways
@pytest.mark.parametrize(
    "address", ["jürgen@inbox.example", "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "nobody", "", "a\x00@b.example"]
)
def test_an_address_that_this_server_cannot_take_fails_alone(offers: tuple[str, ...], address: str):
    with faulty(offers=[offer for offer in offers if offer != "SMTPUTF8"]) as server:
        batch = [a_letter(1), Letter(2, address, {"to": "x", "name": ""}), a_letter(3), Letter(4, address, {"to": "x", "name": ""})]
        receipts, lost = receipts_of(server.account().connect(), batch)

    assert [(receipt.seq, receipt.outcome) for receipt in receipts] == [(1, "accepted"), (2, "failed"), (3, "accepted"), (4, "failed")]
    assert lost == ""
    assert receipts[1].reason in {
        "This is no mail address.",
        "The mail server takes no address with letters outside ASCII (it does not offer SMTPUTF8).",
    }
    assert len(server.said) == len([*"EMRDMRD"])


@ways
def test_an_address_outside_ascii_goes_to_a_server_that_takes_it(offers: tuple[str, ...]):
    with faulty(offers=offers) as server:
        found = outcomes(server.account().connect(), [a_letter(1), a_letter(2, "jürgen@inbox.example", to="juergen@inbox.example")])

    assert found == (["accepted", "accepted"], "")
    assert "MAIL FROM:<news@garrisonpost.example> SMTPUTF8" in server.said
    assert "RCPT TO:<jürgen@inbox.example>" in server.said


@ways
def test_an_issue_larger_than_the_server_takes_is_not_sent(offers: tuple[str, ...]):
    small = [*(offer for offer in offers if "SIZE" not in offer), "SIZE 100"]
    with faulty(offers=small) as server, pytest.raises(TransportError, match=r"too large for the mail server: \d+ bytes, and it takes 100"):
        list(server.account().connect().send(MESSAGE, letters(3), intend=lambda letter: None, key=""))

    assert server.dots == []


@ways
@pytest.mark.parametrize("body", [b".\r\n", b"..\r\n.\r\n\r\n.a\r\n", b"a\r\n.", b"a\r\n.\r\nMAIL FROM:<x@y.example>\r\n", b"a"])
def test_a_dot_at_the_beginning_of_a_line_ends_nothing(offers: tuple[str, ...], body: bytes):
    with faulty(offers=offers) as server:
        found = outcomes(server.account().connect(), letters(2), Message(content=body))

    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in body.split(b"\r\n"))
    assert found == (["accepted"] * 2, "")
    assert [letter for _, letter in server.taken] == [stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"] * 2


# --- opening a line


@pytest.mark.parametrize("greeting", ["421 4.3.2 Too many connections", "450 Later", HUNG_UP, SILENT, "~", "hello"])
def test_a_server_that_wants_nothing_now_is_asked_again(greeting: str):
    with faulty({"greeting": greeting}) as server, pytest.raises(Lost):
        server.account().connect()


@pytest.mark.parametrize(
    ("steps", "answer"), [(["greeting"], "554 5.7.1 Your network is blocked"), (["ehlo", "helo"], "550 5.7.1 Who are you")]
)
def test_a_server_that_never_will_is_the_account(steps: list[str], answer: str):
    with faulty(dict.fromkeys(steps, answer)) as server, pytest.raises(TransportError, match=answer[4:].replace(".", r"\.")):
        server.account().connect()


def test_a_server_that_knows_only_the_oldest_greeting_gets_its_letters():
    with faulty({"ehlo": "502 5.5.2 Unknown"}) as server:
        assert outcomes(server.account().connect(), letters(2)) == (["accepted"] * 2, "")


def test_a_server_that_is_not_there_is_tried_again_and_a_wrong_name_is_not():
    with faulty() as server:
        port = server.port
    server.port = port

    with pytest.raises(Lost, match=f"127.0.0.1:{port}: Connection refused"):
        server.account().connect()


def test_a_sender_that_is_no_address_is_refused():
    with faulty() as server, pytest.raises(TransportError, match="Mail cannot leave from"):
        Smtp(server.settings(), "", "a@b.example>\r\nRCPT TO:<c@d.example")


def test_goodbye_to_a_server_that_is_silent_takes_no_time():
    with faulty({"quit": SILENT}) as server:
        line = server.account().connect()
        began = time.monotonic()
        line.close()
        line.close()

    assert time.monotonic() - began < 1


# --- anything at all

WORDS = st.sampled_from(
    [
        "250 2.0.0 Ok",
        "250-2.0.0 Ok\r\n250 go on",
        "354 Go on",
        "421 4.3.2 Bye",
        "450 4.2.0 Later",
        "454 4.7.0 Slow",
        "550 5.0.0 No",
        HUNG_UP,
        "garbage",
    ]
)
SCRIPTS = st.fixed_dictionaries(
    {},
    optional={step: st.lists(WORDS, max_size=12) for step in ("mail", "rcpt", "data", "rset")}
    | {"dot": st.lists(st.one_of(WORDS, st.just(TAKEN_AND_HUNG_UP)), max_size=12)},
)


@settings(max_examples=400, deadline=None)
@given(script=SCRIPTS, offers=st.sampled_from([OFFERS, OFFERS[1:]]), bytewise=st.booleans(), count=st.integers(1, 9))
def test_whatever_a_server_says_nobody_gets_a_letter_twice_and_no_receipt_lies(
    script: Any, offers: tuple[str, ...], bytewise: bool, count: int
):
    """A loop as simple as can be sends what was not taken again, on a new line; a doubt is never sent again."""
    final: dict[int, str] = {}
    asked: list[int] = []
    with faulty({step: list(said) for step, said in script.items()}, offers=offers, bytewise=bytewise) as server:
        for _ in range(80):
            open_letters = [letter for letter in letters(count) if letter.seq not in final]
            if not open_letters:
                break
            line = server.account().connect()
            try:
                for receipt in line.send(MESSAGE, open_letters, intend=lambda letter: asked.append(letter.seq), key=""):
                    if receipt.outcome != "later":
                        assert receipt.seq not in final
                        final[receipt.seq] = receipt.outcome
            except (Lost, TransportError):
                continue
            finally:
                line.close()
    delivered = Counter(int(address.partition("@")[0].removeprefix("reader")) for address, _ in server.taken)

    assert set(final) == set(range(1, count + 1))
    assert set(delivered.values()) <= {1}
    assert {seq for seq, outcome in final.items() if outcome == "accepted"} <= set(delivered)
    assert not {seq for seq, outcome in final.items() if outcome == "failed"} & set(delivered)
    assert set(delivered) <= set(asked)
