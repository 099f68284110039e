"""Keeps the truth of every delivery: who is to get an issue, who has it, and of whom nobody can say."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from digest.errors import Refused
from digest.model import Dispatch
from digest.store.database import Database
from digest.store.files import disk_errors, locked

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from digest.store.claims import Claims

STATES = ("queued", "claimed", "accepted", "failed", "uncertain", "suppressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery as it stands."""

    seq: int
    email: str
    state: str
    attempt: int
    provider_id: str
    error: str


class Ledger:
    """The deliveries of a newsroom. Every method may raise StoreError or Busy.

    A crash between intent and outcome leaves "uncertain", which is never sent again unasked: a subscriber would rather miss one issue
    than get it twice.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        """`folder` holds the journals of running sends and the lock that lets one process send at a time."""
        self._database = database
        self._folder = folder

    @contextmanager
    def sending(self, issue: str) -> Iterator[None]:
        """Keep every other sender of this newsroom out while the block runs. Raises Busy at once when one is at work."""
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        hint = "Look at it with digest status; Ctrl-C stops it there, and it can go on later."
        with locked(self._folder / "sending.lock", busy=f"Another digest is sending; {issue} must wait.", hint=hint):
            yield

    def claims(self, sending: Dispatch, *, at_once: int, replay: timedelta | None, seed_list: str) -> Claims:
        """What is still to be sent, for the one process that holds the lock. `at_once` and `replay` as the transport's abilities say."""
        from digest.store.claims import Claims

        return Claims(self._database, self._folder, sending, at_once=at_once, replay=replay, seed_list=seed_list)

    # --- freezing

    def freeze(
        self,
        issue: str,
        *,
        sha256: str,
        list: str,
        segment: str,
        recipients: Select[Any],
        seeds: Select[Any],
        transport: str,
        batch_size: int,
        at: datetime,
    ) -> Dispatch:
        """Write down who is to get the issue, all or nobody, the members of the seed list first and in a batch of their own.

        `recipients` and `seeds` select (id, email, name) of subscribers, each at most once. Raises Refused when the issue was frozen
        before.
        """
        from sqlalchemy import func, insert, literal, select

        from digest.store.tables import batch, delivery, dispatch

        salt = secrets.token_hex(8)
        with self._database.writing() as connection:
            if connection.execute(select(dispatch.c.id).where(dispatch.c.issue == issue)).scalar() is not None:
                raise Refused(f"{issue} has its recipients already.", hint=f"Go on with: digest send {issue}")
            values = {
                "issue": issue, "variant": "all", "sha256": sha256, "list": list, "segment": segment, "transport": transport, "salt": salt,
                "frozen_at": at, "total": 0, "state": "sending",
            }  # fmt: skip
            id = connection.execute(insert(dispatch).values(values)).inserted_primary_key[0]  # type: ignore[index]

            def put(chosen: Select[Any], after: int) -> int:
                who = chosen.subquery()
                seq = literal(after) + func.row_number().over(order_by=who.c.id)
                fixed = [literal(value) for value in ("queued", 0, 0, "", "")]
                rows = select(literal(id), seq, who.c.id, who.c.email, who.c.name, *fixed)
                columns = ("dispatch", "seq", "subscriber", "email", "name", "state", "epoch", "attempt", "provider_id", "error")
                return connection.execute(insert(delivery).from_select(columns, rows)).rowcount

            first = put(seeds, 0)
            seeded = select(delivery.c.subscriber).where(delivery.c.dispatch == id)
            rest = recipients.where(recipients.selected_columns[0].not_in(seeded)) if first else recipients
            total = first + put(rest, first)
            spans = ([(1, first)] if first else []) + [
                (start, min(start + batch_size - 1, total)) for start in range(first + 1, total + 1, batch_size)
            ]
            blank = {"dispatch": id, "state": "open", "epoch": 0, "boot": "", "claimed_at": None, "idempotency_key": ""}
            numbered = enumerate(spans, start=0 if first else 1)
            if spans:
                connection.execute(insert(batch), [blank | {"no": no, "first": start, "last": end} for no, (start, end) in numbered])
            connection.execute(dispatch.update().where(dispatch.c.id == id).values(total=total))
        frozen = self.dispatch(issue)
        assert frozen is not None
        return frozen

    def dispatch(self, issue: str) -> Dispatch | None:
        """How an issue is on its way; None before its recipients are frozen."""
        return next((one for one in self.dispatches() if one.issue == issue), None)

    def dispatches(self) -> tuple[Dispatch, ...]:
        """Every issue that is or was on its way, in the order of freezing."""
        from digest.store.tables import dispatch

        with self._database.reading() as connection:
            rows = connection.execute(dispatch.select().order_by(dispatch.c.id)).all()
        names = Dispatch.__slots__
        return tuple(Dispatch(**{name: getattr(row, name) for name in names}) for row in rows)

    # --- what a person decides

    def cancel(self, sending: Dispatch) -> None:
        """Call the issue off: no batch is claimed any more. A sender at work stops after the letters in hand."""
        from digest.store.tables import dispatch

        with self._database.writing() as connection:
            connection.execute(dispatch.update().where(dispatch.c.id == sending.id).values(state="cancelled"))

    def carried_by(self, sending: Dispatch, transport: str) -> None:
        """Remember which kind of transport carries the issue from now on."""
        from digest.store.tables import dispatch

        with self._database.writing() as connection:
            connection.execute(dispatch.update().where(dispatch.c.id == sending.id).values(transport=transport))

    def resolve(self, sending: Dispatch, seqs: Sequence[int], state: Literal["accepted", "queued"], *, word: str) -> int:
        """Settle uncertain letters as a person or a mail log says; how many there were. "queued" ones are sent at the next send."""
        return self._requeue_or_settle(sending, "uncertain", seqs, state, word)

    def retry_failed(self, sending: Dispatch) -> int:
        """Put every failed letter into the queue again; how many there were."""
        return self._requeue_or_settle(sending, "failed", None, "queued", "")

    # --- the truth

    def counts(self, sending: Dispatch) -> Mapping[str, int]:
        """How many letters are in each of STATES."""
        from sqlalchemy import and_, func, select

        from digest.store.tables import batch, delivery

        of_it = delivery.c.dispatch == sending.id
        claimed = and_(batch.c.dispatch == sending.id, batch.c.state == "claimed", delivery.c.seq.between(batch.c.first, batch.c.last))
        with self._database.reading() as connection:
            grouped = connection.execute(select(delivery.c.state, func.count()).where(of_it).group_by(delivery.c.state)).all()
            found: dict[str, int] = {row[0]: row[1] for row in grouped}
            joined = select(func.count()).select_from(batch.join(delivery, claimed)).where(of_it, delivery.c.state == "queued")
            in_hand = connection.execute(joined).scalar_one()
        found["claimed"] = in_hand
        found["queued"] = found.get("queued", 0) - in_hand
        return {state: found.get(state, 0) for state in STATES}

    def rows(self, sending: Dispatch, *states: str) -> Iterator[Row]:
        """The deliveries in one of these states, in the order of the freeze."""
        from sqlalchemy import select

        from digest.store.tables import delivery

        columns = [delivery.c[name] for name in Row.__slots__]
        wanted = select(*columns).where(delivery.c.dispatch == sending.id, delivery.c.state.in_(states)).order_by(delivery.c.seq)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=1000).execute(wanted):
                yield Row(**row._mapping)

    # --- inside

    def _requeue_or_settle(self, sending: Dispatch, from_: str, seqs: Sequence[int] | None, to: str, word: str) -> int:
        from sqlalchemy import exists, select

        from digest.store.tables import batch, delivery, dispatch

        changed = 0
        with self._database.writing() as connection:
            parts = [None] if seqs is None else [seqs[at : at + 500] for at in range(0, len(seqs), 500)]
            for part in parts:
                which: list[ColumnElement[bool]] = [delivery.c.dispatch == sending.id, delivery.c.state == from_]
                if part is not None:
                    which.append(delivery.c.seq.in_(part))
                changed += connection.execute(delivery.update().where(*which).values(state=to, error=word)).rowcount
            if to == "queued" and changed:
                queued = delivery.c.seq.between(batch.c.first, batch.c.last) & (delivery.c.state == "queued")
                waiting = exists(select(delivery.c.seq).where(delivery.c.dispatch == sending.id, queued))
                open_ = batch.update().where(batch.c.dispatch == sending.id, batch.c.state == "done", waiting).values(state="open")
                connection.execute(open_)
                sent = (dispatch.c.id == sending.id, dispatch.c.state == "sent")
                connection.execute(dispatch.update().where(*sent).values(state="sending"))
        return changed
