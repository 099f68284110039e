"""Hands out what is still to be sent, batch by batch, and writes down what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.errors import Refused
from digest.model import Call, Dispatch, Receipt, Recipient
from digest.store.database import Database
from digest.store.journal import Journal, Noted, boot_id, read_journal, remove

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


LOST_WORDS = "refused; what the server said was lost in a crash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A batch that this process may send, and nobody else."""

    no: int
    epoch: int
    calls: tuple[Call, ...]
    journal: Journal

    def note(self, kind: str, seq: int, call: int = 0) -> None:
        """Note an intent or an outcome, as Journal.note: it outlives this process."""
        self.journal.note(kind, seq, call)


class Fenced(Refused):
    """Another process has claimed what this one held; nothing was written."""


class Claims:
    """The batches of one issue on its way. Whoever uses it holds the lock of Ledger.sending. May raise StoreError or Busy."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        sending: Dispatch,
        *,
        at_once: int,
        replay: timedelta | None,
        seed_list: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`folder` holds the journals. `clock` dates a claim, for the provider's time limit on its key; nothing else depends on it."""
        self._database = database
        self._folder = folder
        self._sending = sending
        self._at_once = at_once
        self._replay = replay
        self._seed_list = seed_list
        self._clock = clock

    def recover(self) -> tuple[Claim, ...]:
        """Settle what a killed sender left; return calls that may be repeated, already claimed for this process.

        Letters in flight become uncertain, unless the provider takes the same call once only and its time is not up.
        """
        from digest.store.tables import batch

        with self._database.reading() as connection:
            left = connection.execute(batch.select().where(batch.c.dispatch == self._sending.id, batch.c.state == "claimed")).all()
        return tuple(claim for row in left if (claim := self._recover_batch(row)))

    def next(self, besides: Collection[int] = ()) -> Claim | None:
        """Take the next open batch whose number is not in `besides`; None when there is none, or the issue was cancelled.

        Whoever has left or was suppressed since the freeze is taken out here, before any letter of the batch is written.
        """
        from sqlalchemy import select

        from digest.store.tables import batch, dispatch

        while True:
            with self._database.writing() as connection:
                if connection.execute(select(dispatch.c.state).where(dispatch.c.id == self._sending.id)).scalar() != "sending":
                    return None
                wanted = (batch.c.dispatch == self._sending.id, batch.c.state == "open", batch.c.no.not_in(list(besides)))
                row = connection.execute(batch.select().where(*wanted).order_by(batch.c.no).limit(1)).first()
                if row is None:
                    return None
                _take_out(connection, row, list_=self._seed_list if row.no == 0 else self._sending.list)
                waiting = _queued(connection, self._sending.id, row.first, row.last)
                epoch = row.epoch + 1
                if not waiting:
                    connection.execute(batch.update().where(*_same(row)).values(state="done", epoch=epoch))
                    continue
                key = f"{self._sending.salt}.{row.no}.{epoch}"
                # made before the claim stands, so that a claim without a journal can only mean that somebody took it away
                journal = Journal(self._journal(row.no, epoch), letters=len(waiting))
                known_as = key if self._replay else ""  # what a transport without keys was given must never be repeated by another
                taken = {"state": "claimed", "epoch": epoch, "boot": boot_id(), "claimed_at": self._clock(), "idempotency_key": known_as}
                connection.execute(batch.update().where(*_same(row)).values(taken))
            parts = [waiting[start : start + self._at_once] for start in range(0, len(waiting), self._at_once)]
            calls = tuple(Call(number=at, key=f"{key}.{at}", recipients=tuple(part)) for at, part in enumerate(parts))
            return Claim(no=row.no, epoch=epoch, calls=calls, journal=journal)

    def settle(self, claim: Claim, receipts: Sequence[Receipt]) -> None:
        """Record what came of a claim. Letters without a receipt, and those for later, are in the queue again.

        Raises Fenced, with nothing written, when another process has claimed the batch since.
        """
        from digest.store.tables import batch

        with self._database.writing() as connection:
            same = (batch.c.dispatch == self._sending.id, batch.c.no == claim.no)
            row = connection.execute(batch.select().where(*same)).one()
            if row.epoch != claim.epoch or row.state != "claimed":
                raise Fenced("Another digest has taken over this send.", hint="Look at it with digest status.")
            _write_down(connection, self._sending.id, claim.epoch, receipts)
            _close(connection, row)
        claim.journal.remove()

    def finish(self) -> str:
        """Call the issue sent when no batch is open or claimed any more, and say what it is."""
        from sqlalchemy import select

        from digest.store.tables import batch, dispatch

        with self._database.writing() as connection:
            state: str = connection.execute(select(dispatch.c.state).where(dispatch.c.id == self._sending.id)).scalar_one()
            open_ = connection.execute(
                select(batch.c.no).where(batch.c.dispatch == self._sending.id, batch.c.state != "done").limit(1)
            ).first()
            if state == "sending" and open_ is None:
                connection.execute(dispatch.update().where(dispatch.c.id == self._sending.id).values(state="sent"))
                return "sent"
        return state

    def cancelled(self) -> bool:
        """Whether somebody has called the issue off."""
        from sqlalchemy import select

        from digest.store.tables import dispatch

        with self._database.reading() as connection:
            return connection.execute(select(dispatch.c.state).where(dispatch.c.id == self._sending.id)).scalar() == "cancelled"

    # --- inside

    def _journal(self, no: int, epoch: int) -> Path:
        return self._folder / f"{self._sending.id}-{no}-{epoch}.journal"

    def _recover_batch(self, row: Any) -> Claim | None:
        from digest.store.tables import batch

        path = self._journal(row.no, row.epoch)
        noted = read_journal(path)
        complete = noted is not None and row.boot == boot_id()
        known = noted or Noted()
        with self._database.writing() as connection:
            waiting = _queued(connection, self._sending.id, row.first, row.last)
            told = [
                Receipt(one.seq, known.outcomes[one.seq], reason=LOST_WORDS if known.outcomes[one.seq] == "failed" else "")
                for one in waiting
                if one.seq in known.outcomes
            ]
            in_flight = [one for one in waiting if one.seq not in known.outcomes and (one.seq in known.intended or not complete)]
            again = complete and _may_repeat(row, self._replay, self._clock()) and in_flight
            why = "the sender died before the answer came" if complete else "the machine stopped and its notes are lost"
            doubts = [] if again else [Receipt(one.seq, "uncertain", reason=why) for one in in_flight]
            _write_down(connection, self._sending.id, row.epoch, [*told, *doubts])
            if not again:
                _close(connection, row)
            else:
                epoch = row.epoch + 1
                journal = Journal(self._journal(row.no, epoch), letters=len(in_flight))
                # Until these calls are settled they stay in the new journal as intended: a second crash must not forget the first.
                for one in in_flight:
                    journal.note("intended", one.seq, known.intended[one.seq])
                connection.execute(batch.update().where(*_same(row)).values(epoch=epoch, boot=boot_id()))
        remove(path)
        if not again:
            return None
        calls = _calls_in_flight(row.idempotency_key, in_flight, known.intended)
        return Claim(no=row.no, epoch=epoch, calls=calls, journal=journal)


# --- rows


def _same(row: Any) -> tuple[ColumnElement[bool], ...]:
    from digest.store.tables import batch

    return (batch.c.dispatch == row.dispatch, batch.c.no == row.no)


def _queued(connection: Connection, dispatch: int, first: int, last: int) -> list[Recipient]:
    from sqlalchemy import select

    from digest.store.tables import delivery as d

    waiting = (d.c.dispatch == dispatch, d.c.seq.between(first, last), d.c.state == "queued")
    found = connection.execute(select(d.c.seq, d.c.subscriber, d.c.email, d.c.name).where(*waiting).order_by(d.c.seq))
    return [Recipient(*row) for row in found]


def _take_out(connection: Connection, row: Any, *, list_: str) -> None:
    """Mark who may not get a letter any more: no active member of the list, or suppressed."""
    from sqlalchemy import exists, or_, select

    from digest.store.tables import delivery as d
    from digest.store.tables import membership as m
    from digest.store.tables import subscriber as s
    from digest.store.tables import suppression as p

    active = exists(select(m.c.list).where(m.c.subscriber == d.c.subscriber, m.c.list == list_, m.c.status == "active"))
    suppressed = exists(select(p.c.key).join(s, s.c.key == p.c.key).where(s.c.id == d.c.subscriber))
    waiting = (d.c.dispatch == row.dispatch, d.c.seq.between(row.first, row.last), d.c.state == "queued")
    out = d.update().where(*waiting, or_(~active, suppressed)).values(state="suppressed", error="left or suppressed since the freeze")
    connection.execute(out)


def _write_down(connection: Connection, dispatch: int, epoch: int, receipts: Sequence[Receipt]) -> None:
    from sqlalchemy import bindparam

    from digest.store.tables import delivery

    settled = [receipt for receipt in receipts if receipt.outcome != "later"]
    later = [receipt for receipt in receipts if receipt.outcome == "later"]
    this = (delivery.c.dispatch == dispatch, delivery.c.seq == bindparam("of"), delivery.c.state == "queued")
    tried = delivery.update().where(*this).values(epoch=epoch, attempt=delivery.c.attempt + 1, error=bindparam("why"))
    if settled:
        write = tried.values(state=bindparam("now"), provider_id=bindparam("known_as"))
        rows = [{"of": one.seq, "now": one.outcome, "known_as": one.provider_id, "why": one.reason} for one in settled]
        connection.execute(write, rows)
    if later:
        connection.execute(tried, [{"of": one.seq, "why": one.reason} for one in later])


def _close(connection: Connection, row: Any) -> None:
    """Open the batch again for what is still queued in it, or call it done."""
    from digest.store.tables import batch

    state = "open" if _queued(connection, row.dispatch, row.first, row.last) else "done"
    connection.execute(batch.update().where(*_same(row)).values(state=state, idempotency_key=""))


def _may_repeat(row: Any, replay: timedelta | None, now: datetime) -> bool:
    """Whether the provider still knows the key; with half the time to spare, and never by a clock that was set back."""
    if replay is None or not row.idempotency_key or row.claimed_at is None:
        return False
    age: timedelta = now - row.claimed_at
    return timedelta(0) <= age <= replay / 2


def _calls_in_flight(key: str, recipients: Sequence[Recipient], numbers: Mapping[int, int]) -> tuple[Call, ...]:
    calls: dict[int, list[Recipient]] = {}
    for one in recipients:
        calls.setdefault(numbers[one.seq], []).append(one)
    return tuple(Call(number=number, key=f"{key}.{number}", recipients=tuple(who)) for number, who in sorted(calls.items()))
