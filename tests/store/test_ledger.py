"""The ledger says of every recipient where the letter is, whatever happened to the sender."""

import os
import shutil
import signal
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from digest.errors import Busy, Refused
from digest.model import Receipt
from digest.store import claims as claiming
from digest.store.claims import Fenced
from digest.store.tables import membership, subscriber, suppression
from tests.ledgers import ISSUE, NOON, a_ledger, claims_of, frozen, people


@pytest.fixture
def ledger(database, tmp_path):
    return a_ledger(database, tmp_path)


def accepted(claim):
    return [Receipt(one.seq, "accepted") for call in claim.calls for one in call.recipients]


def seqs(claim):
    return [one.seq for call in claim.calls for one in call.recipients]


# --- freezing


def test_everybody_is_frozen_once(database, ledger):
    people(database, 25)

    sending = frozen(ledger)

    assert sending.total == 25
    assert ledger.counts(sending)["queued"] == 25
    assert [row.email for row in ledger.rows(sending, "queued")] == [f"reader{at}@inbox.example" for at in range(1, 26)]


def test_who_joins_after_the_freeze_is_not_added(database, ledger):
    people(database, 3)
    sending = frozen(ledger)

    people(database, 2, first=10)

    assert ledger.counts(sending)["queued"] == 3


def test_an_issue_is_frozen_once(database, ledger):
    people(database, 3)
    frozen(ledger)

    with pytest.raises(Refused):
        frozen(ledger)


def test_the_seed_list_goes_first_in_a_batch_of_its_own_and_nobody_twice(database, ledger):
    people(database, 15)
    people(database, 2, list_="seed", first=20)
    with database.writing() as connection:
        joined = {"list": "seed", "status": "active", "consent_source": "", "consent_how": "", "changed_at": NOON}
        connection.execute(insert(membership), [joined | {"subscriber": 7}])

    sending = frozen(ledger)
    first = claims_of(ledger, sending).next()

    assert sending.total == 17
    assert first.no == 0
    assert [one.subscriber for call in first.calls for one in call.recipients] == [7, 20, 21]


# --- claiming


def test_a_batch_is_claimed_once(database, ledger):
    people(database, 25)
    claims = claims_of(ledger, frozen(ledger))

    first, second, third = claims.next(), claims.next(), claims.next()

    assert [len(seqs(one)) for one in (first, second, third)] == [10, 10, 5]
    assert [len(call.recipients) for call in first.calls] == [4, 4, 2]
    assert claims.next() is None


def test_who_left_or_was_suppressed_or_forgotten_since_the_freeze_gets_nothing(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    with database.writing() as connection:
        connection.execute(update(membership).where(membership.c.subscriber == 2).values(status="left"))
        connection.execute(insert(suppression).values(key="reader3@inbox.example", reason="bounced", source="", at=NOON))
        connection.execute(delete(membership).where(membership.c.subscriber == 4))
        connection.execute(delete(subscriber).where(subscriber.c.id == 4))

    claim = claims_of(ledger, sending).next()

    assert seqs(claim) == [1, 5, 6, 7, 8, 9, 10]
    assert ledger.counts(sending)["suppressed"] == 3


def test_what_came_of_a_claim_is_written_down(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claims = claims_of(ledger, sending)
    claim = claims.next()

    claims.settle(
        claim,
        [Receipt(1, "accepted", provider_id="q1"), Receipt(2, "failed", reason="550 no"), Receipt(3, "later"), Receipt(4, "uncertain")],
    )

    assert ledger.counts(sending) == {"queued": 7, "claimed": 0, "accepted": 1, "failed": 1, "uncertain": 1, "suppressed": 0}
    assert [(row.seq, row.provider_id, row.error, row.attempt) for row in ledger.rows(sending, "accepted", "failed")] == [
        (1, "q1", "", 1),
        (2, "", "550 no", 1),
    ]
    assert seqs(claims.next()) == [3, 5, 6, 7, 8, 9, 10]


def test_an_issue_is_sent_when_no_letter_is_queued(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claims = claims_of(ledger, sending)
    claim = claims.next()

    before = claims.finish()
    claims.settle(claim, accepted(claim))

    assert (before, claims.finish()) == ("sending", "sent")


def test_nobody_claims_of_an_issue_that_was_called_off(database, ledger):
    people(database, 30)
    sending = frozen(ledger)
    claims = claims_of(ledger, sending)
    claims.next()

    ledger.cancel(sending)

    assert claims.next() is None
    assert claims.cancelled()


def test_a_second_sender_is_told_to_wait(ledger):
    with ledger.sending(ISSUE), pytest.raises(Busy, match="Another digest is sending"), ledger.sending("2025-W34"):
        pass


# --- after a crash: the claims of a dead process, read by another


def test_letters_without_an_intent_are_queued_again(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claims_of(ledger, sending).next()

    claims = claims_of(ledger, sending)
    assert claims.recover() == ()

    assert ledger.counts(sending)["queued"] == 10
    assert seqs(claims.next()) == list(range(1, 11))


def test_an_intent_without_an_outcome_is_uncertain_and_an_outcome_counts(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending).next()
    for seq, outcome in ((1, "accepted"), (2, "failed"), (3, "later"), (4, "")):
        claim.note("intended", seq)
        if outcome:
            claim.note(outcome, seq)

    claims_of(ledger, sending).recover()

    assert ledger.counts(sending) == {"queued": 7, "claimed": 0, "accepted": 1, "failed": 1, "uncertain": 1, "suppressed": 0}


def test_an_uncertain_letter_is_never_sent_again_unasked(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending).next()
    claim.note("intended", 4)
    claims = claims_of(ledger, sending)
    claims.recover()

    again = claims.next()

    assert 4 not in seqs(again)


def test_after_another_boot_the_whole_batch_is_uncertain_but_for_what_was_noted(database, ledger, monkeypatch):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending).next()
    claim.note("intended", 1)
    claim.note("accepted", 1)
    monkeypatch.setattr(claiming, "boot_id", lambda: "another boot")

    claims_of(ledger, sending).recover()

    assert ledger.counts(sending) == {"queued": 0, "claimed": 0, "accepted": 1, "failed": 0, "uncertain": 9, "suppressed": 0}


def test_a_claim_whose_journal_was_taken_away_is_uncertain(database, ledger, tmp_path):
    people(database, 10)
    sending = frozen(ledger)
    claims_of(ledger, sending).next()
    shutil.rmtree(tmp_path / "sending")

    claims_of(ledger, sending).recover()

    assert ledger.counts(sending)["uncertain"] == 10


def test_a_zombie_is_fenced(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    zombie = claims_of(ledger, sending)
    old = zombie.next()
    living = claims_of(ledger, sending)
    living.recover()
    new = living.next()

    with pytest.raises(Fenced):
        zombie.settle(old, accepted(old))

    assert ledger.counts(sending)["accepted"] == 0
    living.settle(new, accepted(new))
    assert ledger.counts(sending)["accepted"] == 10


def test_a_second_recovery_changes_nothing(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claims_of(ledger, sending).next().note("intended", 1)
    claims_of(ledger, sending).recover()
    once = ledger.counts(sending)

    claims_of(ledger, sending).recover()

    assert ledger.counts(sending) == once


# --- a provider that takes the same call once: the call is repeated with the same key and the same recipients

DAY = timedelta(hours=24)


def test_calls_in_flight_are_repeated_with_their_keys(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending, replay=DAY).next()
    for seq in (5, 6, 7, 8):
        claim.note("intended", seq, 1)

    claims = claims_of(ledger, sending, replay=DAY, now=NOON + timedelta(hours=1))
    (again,) = claims.recover()

    assert [(call.key, [one.seq for one in call.recipients]) for call in again.calls] == [(claim.calls[1].key, [5, 6, 7, 8])]
    claims.settle(again, accepted(again))
    assert seqs(claims.next()) == [1, 2, 3, 4, 9, 10]


def test_a_crash_during_the_repeat_repeats_it_again_with_the_first_key(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending, replay=DAY).next()
    for seq in (5, 6, 7, 8):
        claim.note("intended", seq, 1)
    claims_of(ledger, sending, replay=DAY).recover()

    (third,) = claims_of(ledger, sending, replay=DAY).recover()

    assert [(call.key, [one.seq for one in call.recipients]) for call in third.calls] == [(claim.calls[1].key, [5, 6, 7, 8])]


def test_what_went_out_without_a_key_is_never_repeated_by_a_provider_that_knows_keys(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending, replay=None).next()
    claim.note("intended", 5, 1)

    assert claims_of(ledger, sending, replay=DAY).recover() == ()

    assert ledger.counts(sending)["uncertain"] == 1


@pytest.mark.parametrize("now", [NOON + timedelta(hours=23), NOON - timedelta(minutes=1)], ids=["too late", "a clock set back"])
def test_no_call_is_repeated_where_the_provider_may_have_forgotten_the_key(database, ledger, now):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending, replay=DAY).next()
    claim.note("intended", 5, 1)

    assert claims_of(ledger, sending, replay=DAY, now=now).recover() == ()

    assert ledger.counts(sending)["uncertain"] == 1


# --- what a person decides


def test_uncertain_letters_are_settled_by_hand(database, ledger):
    people(database, 10)
    sending = frozen(ledger)
    claim = claims_of(ledger, sending).next()
    for seq in (1, 2, 3):
        claim.note("intended", seq)
    claims = claims_of(ledger, sending)
    claims.recover()
    claims.settle(again := claims.next(), accepted(again))
    claims.finish()

    assert ledger.resolve(sending, [1, 9], "accepted", word="by hand") == 1
    assert ledger.resolve(sending, [2], "queued", word="by hand") == 1

    assert ledger.counts(sending) == {"queued": 1, "claimed": 0, "accepted": 8, "failed": 0, "uncertain": 1, "suppressed": 0}
    assert seqs(claims.next()) == [2]


def test_failed_letters_are_tried_again_when_asked_for(database, ledger):
    people(database, 20)
    sending = frozen(ledger)
    claims = claims_of(ledger, sending)
    for _ in range(2):
        claim = claims.next()
        claims.settle(claim, [Receipt(seq, "failed" if seq == 13 else "accepted") for seq in seqs(claim)])
    claims.finish()

    assert ledger.retry_failed(sending) == 1

    assert ledger.dispatch(ISSUE).state == "sending"
    assert seqs(claims.next()) == [13]


@pytest.mark.parametrize("milliseconds", [1, 5, 20, 40])
def test_a_freeze_that_is_killed_has_frozen_everybody_or_nobody(database, ledger, milliseconds):
    people(database, 20_000)
    database.close()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)  # SIGALRM has no handler: it kills
        frozen(ledger)
        os._exit(0)
    os.waitpid(child, 0)

    sending = ledger.dispatch(ISSUE) or frozen(ledger)

    assert sending.total == 20_000
    assert ledger.counts(sending)["queued"] == 20_000
