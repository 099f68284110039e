"""A journal outlives the process that wrote it, and says no more than was written."""

import os
import signal
import threading

from hypothesis import given
from hypothesis import strategies as st

from digest.store.journal import Journal, boot_id, read_journal

KINDS = ("accepted", "failed", "later", "uncertain")
NOTES = st.lists(
    st.tuples(st.integers(1, 2**32 - 1), st.integers(0, 2**16 - 1), st.sampled_from(("", *KINDS))),
    max_size=50,
    unique_by=lambda note: note[0],
)


@given(NOTES)
def test_what_was_noted_is_read_back(tmp_path_factory, notes):
    path = tmp_path_factory.mktemp("notes") / "1.journal"
    journal = Journal(path, letters=len(notes))

    for seq, call, outcome in notes:
        journal.note("intended", seq, call)
        if outcome:
            journal.note(outcome, seq, call)

    noted = read_journal(path)
    assert noted.intended == {seq: call for seq, call, outcome in notes if not outcome}
    assert noted.outcomes == {seq: outcome for seq, _, outcome in notes if outcome}


def test_notes_of_many_threads_do_not_overwrite_each_other(tmp_path):
    journal = Journal(tmp_path / "1.journal", letters=4000)

    def lane(number):
        for seq in range(number * 1000 + 1, number * 1000 + 1001):
            journal.note("intended", seq, number)
            journal.note("accepted", seq, number)

    threads = [threading.Thread(target=lane, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(read_journal(tmp_path / "1.journal").outcomes) == 4000


def test_a_killed_process_leaves_its_notes(tmp_path):
    child = os.fork()
    if child == 0:
        journal = Journal(tmp_path / "1.journal", letters=2)
        journal.note("intended", 1)
        journal.note("accepted", 1)
        journal.note("intended", 2, 7)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    noted = read_journal(tmp_path / "1.journal")

    assert noted.outcomes == {1: "accepted"}
    assert noted.intended == {2: 7}


@given(st.binary(max_size=200))
def test_what_a_power_cut_leaves_is_hardly_ever_taken_for_a_note(tmp_path_factory, rubbish):
    path = tmp_path_factory.mktemp("notes") / "1.journal"
    path.write_bytes(b"\0" * 64 + rubbish)

    noted = read_journal(path)

    assert len(noted.outcomes) + len(noted.intended) <= len(rubbish) // 8


def test_no_file_is_no_notes(tmp_path):
    assert read_journal(tmp_path / "1.journal") is None


def test_the_boot_is_named():
    assert len(boot_id()) > 10
