"""Every letter is handed over once, whatever the other side says and however the send ends."""

import threading
import time
from collections import Counter

import pytest

from digest.errors import StoreError, TransportError
from digest.model import Receipt
from digest.send import deliver as delivering
from digest.send import lanes
from digest.send.deliver import deliver
from digest.send.transport import Lost
from digest.store.ledger import Ledger
from tests.ledgers import MESSAGE, FakeTransport, a_ledger, a_letter, an_impatient_pace, claims_of, frozen, people, taken


@pytest.fixture
def ledger(database, tmp_path):
    return a_ledger(database, tmp_path)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(delivering, "AGAIN", (0.01, 0.01, 0.01))
    monkeypatch.setattr(delivering, "LOOK_UP", 0.02)
    monkeypatch.setattr(lanes, "ALONE", 0.01)


def slowly(letter):
    time.sleep(0.002)
    return taken(letter)


def send(ledger: Ledger, sending, transport, *, stop=None, connections=3, hushed=None):
    """`hushed` gets the seconds of every silence that all lanes keep."""
    stop = stop or threading.Event()
    pace = an_impatient_pace(stop)
    if hushed is not None:
        kept = pace.back_off
        pace.back_off = lambda seconds=0: (hushed.append(seconds), kept(seconds))
    claims = claims_of(ledger, sending, at_once=transport.at_once, replay=transport.replay)
    progress = deliver(claims, transport, MESSAGE, a_letter, connections=connections, pace=pace, stop=stop)
    claims.finish()
    return progress


def everybody(count):
    return [f"reader{at}@inbox.example" for at in range(1, count + 1)]


def test_everybody_gets_one_letter(database, ledger):
    people(database, 95)
    sending, transport = frozen(ledger), FakeTransport()

    progress = send(ledger, sending, transport)

    assert Counter(transport.got) == Counter(everybody(95))
    assert progress.accepted == 95
    assert ledger.dispatch(sending.issue).state == "sent"


def test_sending_again_sends_nothing(database, ledger):
    people(database, 15)
    sending, transport = frozen(ledger), FakeTransport()

    send(ledger, sending, transport)
    send(ledger, sending, transport)

    assert len(transport.got) == 15


def test_the_seeds_are_settled_before_anybody_else_is_written_to(database, ledger):
    people(database, 40)
    people(database, 3, list_="seed", first=100)
    transport = FakeTransport()

    send(ledger, frozen(ledger), transport)

    assert set(transport.got[:3]) == {"reader100@inbox.example", "reader101@inbox.example", "reader102@inbox.example"}


def test_a_refusal_is_final_for_that_address_alone(database, ledger):
    people(database, 30)
    sending = frozen(ledger)
    transport = FakeTransport(
        lambda letter: Receipt(letter.seq, "failed", reason="550 no such user") if letter.seq == 13 else taken(letter)
    )

    progress = send(ledger, sending, transport)

    assert (progress.accepted, progress.failed, progress.why) == (29, 1, "550 no such user")
    assert [(row.seq, row.error) for row in ledger.rows(sending, "failed")] == [(13, "550 no such user")]


def test_a_letter_for_later_is_tried_again(database, ledger):
    people(database, 30)
    tries = Counter()

    def busy_twice(letter):
        tries[letter.seq] += 1
        return Receipt(letter.seq, "later", reason="450 busy") if letter.seq == 13 and tries[13] <= 2 else taken(letter)

    transport = FakeTransport(busy_twice)
    send(ledger, frozen(ledger), transport)

    assert Counter(transport.got) == Counter(everybody(30))
    assert tries[13] == 3


def test_a_letter_that_is_always_for_later_stays_in_the_queue(database, ledger):
    people(database, 30)
    sending = frozen(ledger)

    send(ledger, sending, FakeTransport(lambda letter: Receipt(letter.seq, "later") if letter.seq == 13 else taken(letter)))

    assert ledger.counts(sending)["queued"] == 1
    assert ledger.dispatch(sending.issue).state == "sending"


def test_lost_lines_are_opened_again_and_nobody_is_lost(database, ledger):
    people(database, 60)
    seen = set()

    def lost_once(letter):
        if letter.seq % 7 == 0 and letter.seq not in seen:
            seen.add(letter.seq)
            raise Lost("connection reset")
        return taken(letter)

    transport = FakeTransport(lost_once)
    send(ledger, frozen(ledger), transport)

    assert Counter(transport.got) == Counter(everybody(60))


def test_a_server_that_takes_fewer_lines_than_we_open_is_not_given_up_nor_slowed_down(database, ledger):
    people(database, 200)
    transport = FakeTransport(most_lines=1, answer=slowly)
    quiet = []

    send(ledger, frozen(ledger), transport, connections=4, hushed=quiet)

    assert Counter(transport.got) == Counter(everybody(200))
    assert quiet == []


def test_a_line_that_is_ended_after_so_many_letters_is_opened_again_at_once(database, ledger):
    people(database, 60)
    quiet = []

    def ends_often(letter):
        if letter.seq % 6 == 0 and letter.seq not in seen:
            seen.add(letter.seq)
            raise Lost("421 enough for one connection")
        return taken(letter)

    seen = set()
    transport = FakeTransport(ends_often)
    send(ledger, frozen(ledger), transport, connections=1, hushed=quiet)

    assert Counter(transport.got) == Counter(everybody(60))
    assert quiet == []


def test_a_server_that_asks_for_quiet_gets_it(database, ledger):
    people(database, 10)
    quiet = []

    def hush(letter):
        if letter.seq == 3 and not quiet:
            raise Lost("421 not so fast", wait=30)
        return taken(letter)

    send(ledger, frozen(ledger), FakeTransport(hush), connections=1, hushed=quiet)

    assert quiet == [30]


def test_where_nobody_is_there_the_send_gives_up_and_says_so(database, ledger):
    people(database, 30)
    sending = frozen(ledger)

    def nobody(letter):
        raise Lost("connection refused")

    with pytest.raises(TransportError, match="connection refused"):
        send(ledger, sending, FakeTransport(nobody))

    assert ledger.counts(sending)["queued"] == 30


def test_a_refused_account_ends_the_send_at_once_with_nobody_touched(database, ledger):
    people(database, 30)
    sending = frozen(ledger)

    def refused(letter):
        raise TransportError("535 wrong password")

    with pytest.raises(TransportError, match="535"):
        send(ledger, sending, FakeTransport(refused))

    assert ledger.counts(sending)["queued"] == 30


def test_an_account_that_is_blocked_halfway_does_not_fail_the_whole_list(database, ledger):
    people(database, 400)
    sending = frozen(ledger)
    quota = FakeTransport(lambda letter: taken(letter) if letter.seq <= 50 else Receipt(letter.seq, "failed", reason="550 quota exceeded"))

    with pytest.raises(TransportError, match="in a row: 550 quota exceeded"):
        send(ledger, sending, quota, connections=1)

    counts = ledger.counts(sending)
    assert (counts["accepted"], counts["failed"] >= 100, counts["queued"] > 200) == (50, True, True)


def test_a_fault_of_ours_after_the_intent_leaves_doubt_and_is_told(database, ledger):
    people(database, 4)
    sending = frozen(ledger)

    def broken(letter):
        if letter.seq == 2:
            raise ZeroDivisionError("a bug")
        return taken(letter)

    with pytest.raises(ZeroDivisionError):
        send(ledger, sending, FakeTransport(broken), connections=1)

    assert {row.seq: row.state for row in ledger.rows(sending, "uncertain", "queued", "accepted")} == {
        1: "accepted", 2: "uncertain", 3: "queued", 4: "queued",
    }  # fmt: skip


def test_a_doubtful_letter_is_not_sent_again(database, ledger):
    people(database, 30)
    sending = frozen(ledger)
    transport = FakeTransport(lambda letter: Receipt(letter.seq, "uncertain") if letter.seq == 13 else taken(letter))

    send(ledger, sending, transport)
    send(ledger, sending, transport)

    assert len(transport.got) == 29
    assert ledger.counts(sending)["uncertain"] == 1
    assert ledger.dispatch(sending.issue).state == "sent"


def test_stopping_ends_after_the_letter_in_hand_and_the_next_run_goes_on(database, ledger):
    people(database, 60)
    sending, stop = frozen(ledger), threading.Event()

    def stops(letter):
        if letter.seq == 20:
            stop.set()
        return taken(letter)

    transport = FakeTransport(stops)
    send(ledger, sending, transport, stop=stop)
    first = len(transport.got)
    assert ledger.counts(sending)["claimed"] == 0

    send(ledger, sending, transport)

    assert 0 < first < 60
    assert Counter(transport.got) == Counter(everybody(60))


def test_an_issue_that_is_called_off_meanwhile_stops(database, ledger):
    people(database, 200)
    sending = frozen(ledger)

    def called_off(letter):
        if letter.seq == 15:
            ledger.cancel(sending)
        return taken(letter)

    transport = FakeTransport(called_off)
    send(ledger, sending, transport, connections=1)

    assert len(transport.got) < 200
    assert ledger.counts(sending)["accepted"] == len(transport.got)


def test_an_outcome_that_cannot_be_written_down_is_found_by_the_next_run(database, ledger, monkeypatch):
    people(database, 30)
    sending, transport, stop = frozen(ledger), FakeTransport(), threading.Event()
    claims = claims_of(ledger, sending)

    def disk_is_full(claim, receipts):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(claims, "settle", disk_is_full)
    with pytest.raises(StoreError):
        deliver(claims, transport, MESSAGE, a_letter, connections=2, pace=an_impatient_pace(stop), stop=stop)
    sent = set(transport.got)

    send(ledger, sending, transport)

    assert 0 < len(sent) < 30  # it did not go on after the fault
    assert Counter(transport.got) == Counter(everybody(30))
