"""An approved issue reaches everyone who asked for it, and nothing else ever leaves."""

import email
import email.policy
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from digest.errors import BadDate, Busy, Refused, StoreError, SubscriberError, TransportError
from digest.store.tables import membership, subscriber, suppression
from digest.workflow import deliveries
from digest.workflow.deliveries import (
    all_issues,
    cancel_issue,
    in_doubt,
    is_late,
    read_moment,
    refusals,
    retry_failed,
    send_issue,
    send_test,
    settle_by_hand,
    settle_from_log,
    status_of,
)  # fmt: skip
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, approve, reopened
from tests.ledgers import NOON, people
from tests.make import CONFIG
from tests.outside.sink import sink

OUTBOX = '\n[transport]\nkind = "outbox"\n'


def to_server(port, more=""):
    return f'\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n{more}'


@pytest.fixture
def newsroom(tmp_path):
    """Approved, with seven readers of the weekly, and an outbox."""
    room = a_ready_newsroom(tmp_path, config=CONFIG + OUTBOX)
    people(room.ledger._database, 7)
    approve(room)
    return room


def with_transport(newsroom, text):
    (newsroom.root / "digest.toml").write_text(CONFIG + text, "utf-8")
    return reopened(newsroom)


def change(newsroom, *statements):
    with newsroom.ledger._database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def send(newsroom, **options):
    return send_issue(newsroom, ISSUE, now=options.pop("now", MONDAY), environment={}, stop=threading.Event(), **options)


def outbox(newsroom):
    mails = sorted((newsroom.root / "outbox").glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in mails]


def receivers(newsroom):
    return Counter(mail["To"] for mail in outbox(newsroom))


def readers(*numbers):
    return Counter(f"reader{number}@inbox.example" for number in numbers)


# --- who gets it


def test_everybody_on_the_list_gets_the_approved_issue_once(newsroom):
    status = send(newsroom)

    assert receivers(newsroom) == readers(*range(1, 8))
    assert (status.state, status.complete) == ("sent", True)
    assert newsroom.issues.state(ISSUE) == "sent"


def test_sending_again_sends_nothing_more(newsroom):
    send(newsroom)
    people(newsroom.ledger._database, 2, first=50)

    send(newsroom)

    assert receivers(newsroom) == readers(*range(1, 8))


def test_every_letter_is_whole_and_the_readers_own(newsroom):
    send(newsroom)

    mails = outbox(newsroom)
    assert not [mail.defects for mail in mails if mail.defects]
    assert len({mail["Message-ID"] for mail in mails}) == len({mail["List-Unsubscribe"] for mail in mails}) == 7
    for mail in mails:
        link = mail["List-Unsubscribe"].strip("<>")
        text, html = (part.get_content() for part in mail.iter_parts())
        assert link in text
        assert link in html
        assert mail["To"] in html
        assert {mail["Date"]} == {mails[0]["Date"]}


def test_nobody_who_left_waits_for_confirmation_or_is_suppressed_gets_it(newsroom):
    change(
        newsroom,
        update(membership).where(membership.c.subscriber == 1).values(status="left"),
        update(membership).where(membership.c.subscriber == 2).values(status="pending"),
        insert(suppression).values(key="reader3@inbox.example", reason="complained", source="", at=NOON),
    )

    send(newsroom)

    assert receivers(newsroom) == readers(4, 5, 6, 7)


def test_a_segment_narrows_the_list(newsroom):
    change(
        newsroom,
        update(subscriber).where(subscriber.c.id.in_((1, 2, 3))).values(tags=["members"]),
        update(subscriber).where(subscriber.c.id.in_((3, 4))).values(language="uk"),
    )

    send(newsroom, to=["tag:members", "language:uk"])

    assert receivers(newsroom) == readers(3)


def test_the_seed_list_gets_every_issue_first(newsroom):
    people(newsroom.ledger._database, 1, list_="seed", first=90)

    send(newsroom)

    assert outbox(newsroom)[0]["To"] == "reader90@inbox.example"
    assert sum(receivers(newsroom).values()) == 8


# --- what is refused, with the reason


def test_nothing_leaves_that_was_not_approved(tmp_path):
    room = a_ready_newsroom(tmp_path, config=CONFIG + OUTBOX)
    people(room.ledger._database, 1)

    with pytest.raises(Refused, match="not approved"):
        send(room)

    assert room.ledger.dispatch(ISSUE) is None


def test_a_changed_byte_is_refused(newsroom):
    path = newsroom.issues.path(ISSUE) / "approved" / "message.eml"
    path.write_bytes(path.read_bytes().replace(b"Subject: ", b"Subject: X"))

    with pytest.raises(Refused, match=r"message\.eml"):
        send(newsroom)


def test_a_plan_that_was_changed_after_approval_is_refused(newsroom):
    path = newsroom.issues.path(ISSUE) / "plan.toml"
    path.write_text(path.read_text("utf-8") + "\n# one more thing\n", "utf-8")

    with pytest.raises(Refused, match=r"plan\.toml"):
        send(newsroom)


def test_an_error_that_came_up_since_the_approval_is_refused(newsroom, monkeypatch):
    from digest.model import Finding

    found = Finding(rule="a-rule", severity="error", where="subject", message="the subject is gone")
    monkeypatch.setattr(deliveries, "check", lambda proof: (found,))

    with pytest.raises(Refused, match="the subject is gone"):
        send(newsroom)


def test_without_a_transport_nothing_can_be_sent(newsroom):
    with pytest.raises(Refused, match="transport"):
        send(with_transport(newsroom, ""))


def test_an_empty_list_is_refused(newsroom):
    with pytest.raises(Refused, match="Nobody is on the list weekly tag:nobody"):
        send(newsroom, to=["tag:nobody"])

    assert newsroom.ledger.dispatch(ISSUE) is None


def test_a_list_that_makes_no_sense_is_refused(newsroom):
    with pytest.raises(SubscriberError):
        send(newsroom, to=["weekly", "daily"])


def test_an_account_that_does_not_work_is_told_before_anybody_is_frozen(newsroom):
    room = with_transport(newsroom, to_server(1, 'username = "desk"\n'))

    with pytest.raises(TransportError, match="DIGEST_SMTP_PASSWORD"):
        send(room)

    assert room.ledger.dispatch(ISSUE) is None


def test_a_server_that_does_not_answer_is_told_before_anybody_is_frozen(newsroom):
    room = with_transport(newsroom, to_server(1))

    with pytest.raises(TransportError, match="takes no mail now"):
        send(room)
    with pytest.raises(TransportError, match="takes no mail now"):
        send_test(room, ISSUE, ["desk@garrisonpost.example"], now=MONDAY, environment={})

    assert room.ledger.dispatch(ISSUE) is None


def test_another_segment_is_refused_once_the_list_is_frozen(newsroom):
    send(newsroom)

    with pytest.raises(Refused, match="frozen"):
        send(newsroom, to=["tag:members"])


def test_a_second_sender_is_refused(newsroom):
    with newsroom.ledger.sending("2025-W32"), pytest.raises(Busy):
        send(newsroom)


# --- a test


def test_a_test_goes_to_its_address_alone_marked_and_outside_the_ledger(newsroom):
    send_test(newsroom, ISSUE, ["desk@garrisonpost.example"], now=MONDAY, environment={})

    (mail,) = outbox(newsroom)
    assert mail["To"] == "desk@garrisonpost.example"
    assert mail["Subject"].startswith("[Test] ")
    assert "unsubscribe/preview" in mail["List-Unsubscribe"]
    assert newsroom.ledger.dispatch(ISSUE) is None


def test_a_test_needs_no_approval(tmp_path):
    room = a_ready_newsroom(tmp_path, config=CONFIG + OUTBOX)

    send_test(room, ISSUE, ["desk@garrisonpost.example"], now=MONDAY, environment={})

    assert len(outbox(room)) == 1


# --- calling off, trying again, settling what is in doubt


def frozen_with_doubts(newsroom, *seqs):
    """The issue frozen, its sender dead: these letters were begun, nobody knows more."""
    sending = newsroom.ledger.freeze(
        ISSUE, sha256=deliveries.sealed(newsroom, ISSUE).sha256, list="weekly", segment="weekly", batch_size=500, at=MONDAY, transport="outbox",
        recipients=newsroom.subscribers.recipients(deliveries.Segment(list="weekly")),
        seeds=newsroom.subscribers.recipients(deliveries.Segment(list="seed")),
    )  # fmt: skip
    claim = newsroom.ledger.claims(sending, at_once=50, replay=None, seed_list="seed").next()
    for seq in seqs:
        claim.note("intended", seq)
    return sending


def test_doubts_are_told_and_settled_by_hand(newsroom):
    frozen_with_doubts(newsroom, 2, 3, 4)
    status = send(newsroom)
    assert (status.state, status.complete) == ("sent", False)
    assert [row.email for row in in_doubt(newsroom, ISSUE)] == [f"reader{at}@inbox.example" for at in (2, 3, 4)]

    settle_by_hand(newsroom, ISSUE, ["Reader2@inbox.example"], "accepted")
    settle_by_hand(newsroom, ISSUE, ["reader3@inbox.example"], "queued")
    send(newsroom)

    assert receivers(newsroom) == readers(1, 3, 5, 6, 7)
    assert [row.email for row in in_doubt(newsroom, ISSUE)] == ["reader4@inbox.example"]


def test_who_is_not_in_doubt_cannot_be_settled(newsroom):
    frozen_with_doubts(newsroom, 2)
    send(newsroom)

    with pytest.raises(Refused, match=r"reader5@inbox\.example"):
        settle_by_hand(newsroom, ISSUE, ["reader2@inbox.example", "reader5@inbox.example"], "queued")

    assert len(in_doubt(newsroom, ISSUE)) == 1


def test_doubts_are_settled_from_the_log_of_the_mail_server(newsroom, tmp_path):
    sending = frozen_with_doubts(newsroom, 2, 3, 4)
    send(newsroom)
    letter = deliveries.letters_of(newsroom, sending)
    ids = [letter(deliveries.Recipient(seq, 0, "", "")).values["message_id"] for seq in (2, 3)]
    log = tmp_path / "mail.log"
    log.write_text(
        f"Aug 18 12:00:01 mx postfix/cleanup[9]: 4XyZ: message-id={ids[0]}\n"
        f"Aug 18 12:00:02 mx postfix/cleanup[9]: 4XyA: milter-reject: END-OF-MESSAGE from x: 5.7.1; message-id={ids[1]}\n",
        "utf-8",
    )

    assert settle_from_log(newsroom, ISSUE, log) == 1

    assert [row.seq for row in in_doubt(newsroom, ISSUE)] == [3, 4]


def test_an_issue_that_was_called_off_stays_called_off(newsroom):
    frozen_with_doubts(newsroom, 2)

    status = cancel_issue(newsroom, ISSUE)

    assert status.state == "cancelled"
    with pytest.raises(Refused, match="called off"):
        send(newsroom)
    assert receivers(newsroom) == readers()


def test_an_issue_that_is_called_off_says_exactly_who_has_it(newsroom):
    sending = frozen_with_doubts(newsroom, 2)
    claim = newsroom.ledger.claims(sending, at_once=50, replay=None, seed_list="seed")
    claim.recover()
    work = claim.next()
    claim.settle(work, [deliveries.Receipt(1, "accepted", provider_id="q1")])

    status = cancel_issue(newsroom, ISSUE)
    listed = digest(newsroom, "status", ISSUE, "--who").stdout.splitlines()

    assert (status.counts["accepted"], status.counts["uncertain"], status.counts["claimed"], status.counts["queued"]) == (1, 1, 0, 5)
    assert listed[:3] == [
        "email,state,provider_id,error",
        "reader1@inbox.example,accepted,q1,",
        "reader2@inbox.example,uncertain,,the sender died before the answer came",
    ]
    assert len(listed) == 8


def test_calling_off_waits_for_a_sender_at_work(newsroom):
    frozen_with_doubts(newsroom)
    at_work = newsroom.ledger.sending(ISSUE)
    at_work.__enter__()

    status = cancel_issue(newsroom, ISSUE, pause=lambda seconds: at_work.__exit__(None, None, None))

    assert status.counts["claimed"] == 0


def test_what_was_sent_cannot_be_called_off(newsroom):
    send(newsroom)

    with pytest.raises(Refused, match="sent to everybody"):
        cancel_issue(newsroom, ISSUE)


def test_nothing_is_retried_that_did_not_fail(newsroom):
    send(newsroom)

    assert retry_failed(newsroom, ISSUE) == 0
    assert refusals(newsroom, status_of(newsroom, ISSUE)) == ()


# --- what is told


def test_every_issue_is_listed_with_its_state(newsroom):
    assert [(one.issue, one.state) for one in all_issues(newsroom)] == [(ISSUE, "approved")]

    send(newsroom)

    assert [(one.issue, one.state) for one in all_issues(newsroom)] == [(ISSUE, "sent")]


def test_an_issue_that_is_not_there_is_told(newsroom):
    with pytest.raises(StoreError, match="2025-W50"):
        status_of(newsroom, "2025-W50")


# --- a time


def test_a_time_is_today_in_the_newsrooms_zone():
    assert read_moment("18:30", zone="America/New_York", now=MONDAY).isoformat() == "2025-08-18T18:30:00-04:00"
    assert read_moment("2025-08-19 06:00", zone="Europe/Kyiv", now=MONDAY).isoformat() == "2025-08-19T06:00:00+03:00"


@pytest.mark.parametrize("text", ["soon", "25:00", "2025-13-01 06:00", ""])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(BadDate):
        read_moment(text, zone="UTC", now=MONDAY)


def test_a_send_that_comes_hours_late_asks_and_one_that_is_a_little_late_does_not():
    assert not is_late(MONDAY, MONDAY + timedelta(minutes=40))
    assert is_late(MONDAY, MONDAY + timedelta(hours=3))


# --- the command, as a person runs it


def digest(newsroom, *args, **more):
    return subprocess.run(
        [sys.executable, "-m", "digest.cli", *args, "--newsroom", str(newsroom.root)],
        capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL, **more,
    )  # fmt: skip


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(newsroom):
    people(newsroom.ledger._database, 3_000, first=100)
    newsroom.ledger._database.close()
    with sink() as server:
        room = with_transport(newsroom, to_server(server.port, "rate = 500\n"))
        command = [sys.executable, "-m", "digest.cli", "send", ISSUE, "--newsroom", str(room.root)]
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while server.count() < 50:
            assert sender.poll() is None, sender.communicate()
            time.sleep(0.02)
        at_work = digest(room, "status", ISSUE)
        os.kill(sender.pid, signal.SIGINT)
        said, aside = sender.communicate(timeout=30)
        halfway = server.count()
        rest = digest(room, "send", ISSUE, "--rate", "100000")

        assert "2025-W33: sending" in at_work.stdout
        assert sender.returncode == 1
        assert "Stopping after the letters in hand" in aside
        assert "Go on with: digest send 2025-W33" in said
        assert 50 <= halfway < 3_007
        assert rest.returncode == 0, rest.stderr
        assert server.count() == 3_007


def test_a_late_send_does_not_fire_where_nobody_can_be_asked(newsroom):
    done = digest(newsroom, "send", ISSUE, "--at", "2025-08-18 06:00")

    assert done.returncode == 1
    assert "was not sent" in done.stderr
    assert receivers(newsroom) == readers()
