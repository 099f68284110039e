"""Nobody gets an issue twice and nobody is lost in silence, when the sender is killed, stopped, doubled, or finds the disk full.

The other side is Postfix's smtp-sink, its own dump the witness. `benchmarks/crash.py` does the same twenty times as long.
"""

import itertools
import os
import resource
import signal
import sqlite3
import time

import pytest

from digest.errors import Busy, StoreError
from digest.store.claims import Claims
from digest.store.database import Database
from digest.store.ledger import Ledger
from tests.ledgers import ISSUE, frozen, people
from tests.outside.sink import sink
from tests.send import crash
from tests.send.crash import BATCH, run, torment, until

CONNECTIONS = 4


@pytest.fixture
def folder(tmp_path, database):
    database.close()
    return tmp_path


def test_fifty_kills_in_ten_thousand_letters(folder):
    with sink(dump=True) as server:
        report = torment(folder, server.port, server.dump, messages=10_000, kills=50, connections=CONNECTIONS)

    assert (report.kills, report.duplicates, report.lost) == (50, 0, 0)
    assert report.most_uncertain_a_kill <= CONNECTIONS
    assert report.between >= 40  # most kills came while letters were on their way
    assert report.arrived + report.uncertain >= 10_000


def test_a_sender_that_notes_nothing_is_caught_by_this_test(folder, monkeypatch):
    monkeypatch.setattr(crash.DyingClaim, "note", lambda self, kind, seq, call=0: None)
    monkeypatch.setattr(crash, "POINTS", {"recovering": (1, 1, 1)})

    with sink(dump=True) as server:
        report = torment(folder, server.port, server.dump, messages=2_000, kills=12, connections=CONNECTIONS)

    assert report.duplicates > 0
    assert not report.holds(CONNECTIONS)


# --- other misfortunes


def a_sender(folder, sending, port):
    """A process that sends; killed with the test."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run(Ledger(Database(folder / "digest.db"), folder / "sending"), sending, port, CONNECTIONS)
            code = 0
        except Busy:
            code = 9
        finally:
            os._exit(code)
    return child


def code_of(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def set_up(folder, count):
    database = Database(folder / "digest.db")
    people(database, count)
    ledger = Ledger(database, folder / "sending")
    sending = frozen(ledger, batch_size=BATCH)
    database.close()
    return ledger, sending


def test_of_two_senders_started_at_once_one_is_told_to_wait(folder):
    ledger, sending = set_up(folder, 3_000)
    with sink(dump=True) as server:
        children = [a_sender(folder, sending, server.port) for _ in range(2)]
        codes = sorted(map(code_of, children))

        assert codes == [0, 9]
        assert ledger.counts(sending)["accepted"] == 3_000
    assert not (folder / "sending" / "sending.lock").exists()


def test_a_sender_that_is_frozen_and_thawed_goes_on_and_nobody_else_could_begin(folder):
    ledger, sending = set_up(folder, 8_000)
    with sink(dump=True) as server:
        child = a_sender(folder, sending, server.port)
        until(lambda: server.count() > 200)
        os.kill(child, signal.SIGSTOP)
        time.sleep(0.5)
        with pytest.raises(Busy), ledger.sending(ISSUE):
            pass
        os.kill(child, signal.SIGCONT)

        assert code_of(child) == 0
        assert ledger.counts(sending)["accepted"] == server.count() == 8_000


def test_a_full_disk_ends_the_send_with_a_word_and_the_next_goes_on(folder):
    ledger, sending = set_up(folder, 2_000)
    with sink(dump=True) as server:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                database = Database(folder / "digest.db")
                with database.reading():
                    pass
                room = (folder / "digest.db-wal").stat().st_size + 40_000
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
                run(Ledger(database, folder / "sending"), sending, server.port, CONNECTIONS)
            except StoreError as error:
                code = 7 if "disk" in error.message else 1
            finally:
                os._exit(code)
        assert code_of(child) == 7
        before = server.count()

        run(ledger, sending, server.port, CONNECTIONS)

        counts = ledger.counts(sending)
        assert 0 < before < 2_000
        assert counts["accepted"] == server.count() == 2_000
        assert counts["uncertain"] == 0


def test_a_database_that_others_hold_for_long_ends_the_send_with_a_word_and_nothing_is_lost(folder, monkeypatch):
    monkeypatch.setattr("digest.store.database._WAIT_SECONDS", 0.3)
    ledger, sending = set_up(folder, 2_000)
    with sink(dump=True) as server:
        holder = sqlite3.connect(folder / "digest.db", timeout=20, isolation_level=None)
        claim, claimed = Claims.next, itertools.count(1)

        def next_and_hold(self, besides=()):
            batch = claim(self, besides)
            if next(claimed) == 3:
                holder.execute("BEGIN IMMEDIATE")
            return batch

        with monkeypatch.context() as meddling, pytest.raises(Busy):
            meddling.setattr(Claims, "next", next_and_hold)
            run(ledger, sending, server.port, CONNECTIONS)
        holder.close()
        assert server.count() < 2_000

        run(ledger, sending, server.port, CONNECTIONS)

        assert ledger.counts(sending)["accepted"] == server.count() == 2_000


def test_a_clock_that_is_set_back_changes_nothing(folder, monkeypatch):
    ledger, sending = set_up(folder, 1_000)
    with sink(dump=True) as server:
        real, began = time.time, time.time()
        monkeypatch.setattr(time, "time", lambda: began - 86_400 * 3 - (real() - began))

        run(ledger, sending, server.port, CONNECTIONS)

        assert ledger.counts(sending)["accepted"] == server.count() == 1_000
