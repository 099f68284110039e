"""Send an approved issue to everyone who asked for it, say how far it has come, and settle what is in doubt."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from digest.audience.segment import read_segment, write_segment
from digest.edit.check import check
from digest.errors import BadDate, Busy, Refused, StoreError, TransportError
from digest.model import Dispatch, Letter, Receipt, Recipient, Segment, TransportSettings
from digest.newsroom import Newsroom
from digest.send.deliver import Progress, deliver
from digest.send.message import Message
from digest.send.pace import Pace
from digest.send.transport import Connection, Lost, Transport
from digest.send.transports import open_transport
from digest.store.ledger import STATES, Row
from digest.workflow.approve import Sealed, sealed, trial_message
from digest.workflow.letters import letters_of, trial_letter
from digest.workflow.proof import prove_issue

BATCH = 500  # letters written down at once; what a power cut can leave in doubt
LATE = timedelta(hours=1)  # a send that was set for a time and comes later than this asks first

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where an issue is."""

    issue: str
    state: str  # planned | approved | sending | sent | cancelled
    dispatch: Dispatch | None = None  # None = its recipients are not frozen
    counts: Mapping[str, int] | None = None  # letters by state; None before the freeze

    @property
    def complete(self) -> bool:
        """Whether nobody waits, was refused or is in doubt."""
        return self.state == "sent" and self.counts is not None and not (self.counts["failed"] or self.counts["uncertain"])


def send_issue(
    newsroom: Newsroom,
    issue_id: str,
    *,
    to: Sequence[str] = (),
    rate: float | None = None,
    now: datetime,
    environment: Environment,
    stop: threading.Event,
    tell: Callable[[int, Progress], None] = lambda total, progress: None,
) -> Status:
    """Send what is still to be sent of an approved issue: the first time to the frozen list, after that to whoever is still waiting.

    `to` narrows the list (see read_segment) and counts at the first time only. Raises Refused when the issue may not be sent,
    TransportError when the account cannot be used, Busy when another digest is sending.
    """
    approved = sealed(newsroom, issue_id)
    settings = transport_settings(newsroom)
    transport = open_transport(settings, environment, root=newsroom.root, sender=newsroom.settings.masthead.sender)
    ledger = newsroom.ledger
    with ledger.sending(issue_id):
        sending = ledger.dispatch(issue_id)
        if sending is None:
            sending = _freeze(newsroom, approved, to=to, transport=transport, kind=settings.kind, now=now)
        else:
            _refuse_another(newsroom, sending, approved, to)
            ledger.carried_by(sending, settings.kind)
        abilities = transport.abilities
        replay = abilities.replay if sending.transport == settings.kind else None  # one provider does not know another's calls
        claims = ledger.claims(sending, at_once=abilities.at_once, replay=replay, seed_list=newsroom.settings.seed_list)
        pace = Pace(settings.rate if rate is None else rate, stop=stop)
        total = sending.total
        deliver(
            claims,
            transport,
            approved.message,
            letters_of(newsroom, sending),
            connections=settings.connections,
            pace=pace,
            stop=stop,
            tell=lambda so_far: tell(total, so_far),
        )
        if claims.finish() == "sent":
            newsroom.issues.mark(issue_id, "sent")
    return status_of(newsroom, issue_id)


def transport_settings(newsroom: Newsroom) -> TransportSettings:
    """The account that mail leaves by. Raises Refused when digest.toml has none."""
    settings = newsroom.settings.transport
    if settings is None:
        raise Refused("digest.toml has no [transport]: there is no account to send with.", hint="Add one; the README shows how.")
    return settings


def _freeze(newsroom: Newsroom, approved: Sealed, *, to: Sequence[str], transport: Transport, kind: str, now: datetime) -> Dispatch:
    errors = [finding for finding in check(prove_issue(newsroom, approved.issue_id, now=now)) if finding.severity == "error"]
    if errors:
        hint = f"Look at them with digest check {approved.issue_id}, and approve the issue again."
        raise Refused(f"{approved.issue_id} has an error now: {errors[0].message}", hint=hint)
    segment = read_segment(to, list_=approved.list)
    count = newsroom.subscribers.count_of(segment)
    if not count:
        hint = "Look at the lists with digest subscribers count; import one with digest subscribers import FILE."
        raise Refused(f"Nobody is on the list {write_segment(segment)}.", hint=hint)
    _opened(transport).close()  # a wrong password is better told before the list is frozen
    return newsroom.ledger.freeze(
        approved.issue_id,
        sha256=approved.sha256,
        list=segment.list,
        segment=write_segment(segment),
        recipients=newsroom.subscribers.recipients(segment),
        seeds=newsroom.subscribers.recipients(Segment(list=newsroom.settings.seed_list)),
        transport=kind,
        batch_size=max(BATCH, transport.abilities.at_once),
        at=now.replace(microsecond=0),
    )


def _refuse_another(newsroom: Newsroom, sending: Dispatch, approved: Sealed, to: Sequence[str]) -> None:
    if sending.state == "cancelled":
        raise Refused(f"{sending.issue} was called off.", hint="What went out is told by digest status. It cannot be taken up again.")
    if sending.sha256 != approved.sha256:
        hint = "Put back the approved files, or call the rest off with digest send --cancel."
        raise Refused(f"{sending.issue} is on its way with other bytes than the approved ones.", hint=hint)
    if to and write_segment(read_segment(to, list_=sending.list)) != sending.segment:
        hint = "Leave --to away: it goes on with those who are still waiting."
        raise Refused(f"{sending.issue} is on its way to {sending.segment}; its recipients are frozen.", hint=hint)


# --- a time


def read_moment(text: str, *, zone: str, now: datetime) -> datetime:
    """ "18:30" (today) or "2025-08-18 06:00", in the newsroom's zone. Raises BadDate."""
    local = ZoneInfo(zone)
    for form, day in (("%H:%M", now.astimezone(local).date()), ("%Y-%m-%d %H:%M", None)):
        try:
            found = datetime.strptime(text.strip().replace("T", " "), form)
        except ValueError:
            continue
        return (datetime.combine(day, found.time()) if day else found).replace(tzinfo=local)
    raise BadDate(f"{text!r} is no time.", hint='Write "18:30" for today, or "2025-08-18 06:00".')


def is_late(moment: datetime, now: datetime) -> bool:
    """Whether a send that was set for `moment` should ask first."""
    return now - moment > LATE


def how_late(moment: datetime, now: datetime) -> str:
    """ "3 hours"."""
    hours = (now - moment) // timedelta(hours=1)
    return f"{hours} hour{'s' * (hours != 1)}"


# --- a test


def send_test(newsroom: Newsroom, issue_id: str, addresses: Sequence[str], *, now: datetime, environment: Environment) -> None:
    """Send the issue as its plan stands now to a few addresses, marked as a test, with links that do nothing, outside the ledger.

    Raises TransportError, with what the server said, when one was not taken.
    """
    message = trial_message(newsroom, issue_id)
    letters = [trial_letter(newsroom, issue_id, address, now=now) for address in addresses]
    if refused := hand_over(newsroom, message, letters, environment=environment):
        raise TransportError("Not everybody was sent the test.", hint="; ".join(refused))


def hand_over(newsroom: Newsroom, message: Message, letters: Sequence[Letter], *, environment: Environment) -> tuple[str, ...]:
    """Send a few letters outside the ledger. Returns the addresses that were refused, each with what the server said of it.

    Raises Refused when there is no account, TransportError when it cannot be used.
    """
    transport = open_transport(transport_settings(newsroom), environment, root=newsroom.root, sender=newsroom.settings.masthead.sender)
    line = _opened(transport)
    try:
        receipts = [_sent(line, message, letter) for letter in letters]
    except Lost as error:
        raise _not_there(error) from error
    finally:
        line.close()
    return tuple(
        f"{letter.address}: {receipt.reason or receipt.outcome}"
        for letter, receipt in zip(letters, receipts, strict=True)
        if receipt.outcome != "accepted"
    )


def _sent(line: Connection, message: Message, letter: Letter) -> Receipt:
    (receipt,) = line.send(message, [letter], intend=lambda _: None, key=letter.values["message_id"])
    return receipt


def _opened(transport: Transport) -> Connection:
    """A line to the other side. Raises TransportError, also when it wants none now."""
    try:
        return transport.connect()
    except Lost as error:
        raise _not_there(error) from error


def _not_there(error: Lost) -> TransportError:
    return TransportError(
        f"The other side takes no mail now: {error.reason}", hint="Nothing was lost. Look at the account with: digest doctor"
    )


# --- what became of it


def status_of(newsroom: Newsroom, issue_id: str) -> Status:
    """Where an issue is, at this very moment. Raises StoreError when there is none."""
    sending = newsroom.ledger.dispatch(issue_id)
    if sending is not None:
        return Status(issue=issue_id, state=sending.state, dispatch=sending, counts=newsroom.ledger.counts(sending))
    if not newsroom.issues.exists(issue_id):
        raise StoreError(f"There is no issue {issue_id}.", hint="List them with digest issues.")
    return Status(issue=issue_id, state=newsroom.issues.state(issue_id))


def all_issues(newsroom: Newsroom) -> tuple[Status, ...]:
    """Every issue, the oldest first."""
    return tuple(status_of(newsroom, issue_id) for issue_id in newsroom.issues.ids())


def refusals(newsroom: Newsroom, status: Status) -> tuple[Row, ...]:
    """Who was refused, and who waits after a first refusal, with the words of the other side."""
    if status.dispatch is None:
        return ()
    return tuple(row for row in newsroom.ledger.rows(status.dispatch, "failed", "queued") if row.error)


def on_its_way(newsroom: Newsroom, issue_id: str) -> Dispatch:
    """The issue's dispatch. Raises Refused when it was never sent."""
    sending = newsroom.ledger.dispatch(issue_id)
    if sending is None:
        raise Refused(f"{issue_id} was never sent.", hint=f"Send it with: digest send {issue_id}")
    return sending


def cancel_issue(newsroom: Newsroom, issue_id: str, *, pause: Callable[[float], object] = time.sleep) -> Status:
    """Call an issue off: nobody who is still waiting gets it. Waits for a sender at work to finish the letters in hand.

    What it returns is final, but for letters that are still in hand when the sender has not stopped within a minute.
    """
    sending = on_its_way(newsroom, issue_id)
    if sending.state == "sent":
        raise Refused(f"{issue_id} was sent to everybody already.", hint="A correction is an issue of its own.")
    ledger = newsroom.ledger
    ledger.cancel(sending)
    for _ in range(120):
        try:
            with ledger.sending(issue_id):  # nobody sends now; what a dead sender left is settled
                ledger.claims(sending, at_once=1, replay=None, seed_list=newsroom.settings.seed_list).recover()
                break
        except Busy:
            pause(0.5)
    return status_of(newsroom, issue_id)


def everybody(newsroom: Newsroom, issue_id: str) -> Iterator[Row]:
    """Every recipient of an issue with what became of the letter, in the order of the freeze."""
    return newsroom.ledger.rows(on_its_way(newsroom, issue_id), *STATES)


def retry_failed(newsroom: Newsroom, issue_id: str) -> int:
    """Put the failed letters of an issue into the queue again; how many there were."""
    return newsroom.ledger.retry_failed(on_its_way(newsroom, issue_id))


def in_doubt(newsroom: Newsroom, issue_id: str) -> tuple[Row, ...]:
    """The letters of which nobody can say whether they were taken."""
    return tuple(newsroom.ledger.rows(on_its_way(newsroom, issue_id), "uncertain"))


def settle_by_hand(newsroom: Newsroom, issue_id: str, addresses: Sequence[str], state: Literal["accepted", "queued"]) -> int:
    """Settle uncertain letters as a person says; "queued" are sent at the next send. Raises Refused for an address that is not in doubt."""
    wanted = {address.casefold() for address in addresses}
    rows = in_doubt(newsroom, issue_id)
    known = {row.email.casefold(): row.seq for row in rows}
    if strange := sorted(wanted - known.keys()):
        raise Refused(
            f"Not in doubt: {', '.join(strange)}. Nothing was changed.", hint=f"List those that are with: digest reconcile {issue_id}"
        )
    return newsroom.ledger.resolve(
        on_its_way(newsroom, issue_id), [known[address] for address in sorted(wanted)], state, word="settled by hand"
    )


def settle_from_log(newsroom: Newsroom, issue_id: str, log: Path) -> int:
    """Settle the uncertain letters whose Message-ID a mail server's log names: it took them. How many there were."""
    sending = on_its_way(newsroom, issue_id)
    letter = letters_of(newsroom, sending)
    doubts = [Recipient(row.seq, 0, row.email, "") for row in in_doubt(newsroom, issue_id)]
    wanted = {letter(doubt).values["message_id"].strip("<>"): doubt.seq for doubt in doubts}
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            taken = sorted(wanted[id_] for id_ in _ids_taken(lines) if id_ in wanted)
    except OSError as error:
        raise StoreError(
            f"{log} cannot be read: {error.strerror}.", hint="Name the log of the mail server that took the letters."
        ) from error
    return newsroom.ledger.resolve(sending, taken, "accepted", word=f"named in {log.name}")


def _ids_taken(lines: Iterable[str]) -> set[str]:
    """Every Message-ID of a log, but for lines that speak of a rejection (Postfix, Exim and Sendmail write them between < and >)."""
    return {found for line in lines if "reject" not in line for found in re.findall(r"<([^<>\s]+@[^<>\s]+)>", line)}
