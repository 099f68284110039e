"""Builders for what sending needs: a newsroom's ledger with people in it, and a transport that does as it is told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock

from sqlalchemy import Select, insert, select

from digest.model import Dispatch, Letter, Receipt, Recipient
from digest.send.message import Message
from digest.send.pace import Pace
from digest.send.transport import Abilities, Lost
from digest.store.claims import Claims
from digest.store.database import Database
from digest.store.ledger import Ledger
from digest.store.tables import membership, subscriber

NOON = datetime(2025, 8, 18, 12, 0, tzinfo=UTC)
ISSUE = "2025-W33"
MESSAGE = Message(content=b"Subject: Pier\r\n\r\nA pier.\r\n")


def people(database: Database, count: int, *, list_: str = "weekly", first: int = 1) -> None:
    """`count` active members of a list, reader1@inbox.example and so on."""
    ids = range(first, first + count)
    blank = {"name": "", "language": "", "tags": [], "fields": {}, "added_at": NOON}
    joined = {"list": list_, "status": "active", "consent_source": "", "consent_how": "", "changed_at": NOON}
    with database.writing() as connection:
        connection.execute(
            insert(subscriber), [blank | {"id": id, "email": f"reader{id}@inbox.example", "key": f"reader{id}@inbox.example"} for id in ids]
        )
        connection.execute(insert(membership), [joined | {"subscriber": id} for id in ids])


def members(list_: str) -> "Select[tuple[int, str, str]]":
    of_it = (membership.c.subscriber == subscriber.c.id, membership.c.list == list_, membership.c.status == "active")
    return select(subscriber.c.id, subscriber.c.email, subscriber.c.name).where(*of_it)


def frozen(ledger: Ledger, *, batch_size: int = 10, issue: str = ISSUE) -> Dispatch:
    return ledger.freeze(
        issue, sha256="a" * 64, list="weekly", segment="weekly", recipients=members("weekly"), seeds=members("seed"),
        transport="fake", batch_size=batch_size, at=NOON,
    )  # fmt: skip


def claims_of(ledger: Ledger, sending: Dispatch, *, at_once: int = 4, replay: timedelta | None = None, now: datetime = NOON) -> Claims:
    claims = ledger.claims(sending, at_once=at_once, replay=replay, seed_list="seed")
    claims._clock = lambda: now
    return claims


def a_ledger(database: Database, folder: Path) -> Ledger:
    return Ledger(database, folder / "sending")


def a_letter(recipient: Recipient) -> Letter:
    return Letter(recipient.seq, recipient.email, {})


Answer = Callable[[Letter], Receipt]


def taken(letter: Letter) -> Receipt:
    return Receipt(letter.seq, "accepted", provider_id=f"q{letter.seq}")


@dataclass
class FakeTransport:
    """Takes every letter, unless `answer` says otherwise; an answer may raise. `got` is what arrived at the other side."""

    answer: Answer = taken
    at_once: int = 4
    replay: timedelta | None = None
    got: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    most_lines: int = 99
    lines: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def abilities(self) -> Abilities:
        return Abilities(at_once=self.at_once, replay=self.replay)

    def connect(self) -> "FakeLine":
        with self.lock:
            if self.lines >= self.most_lines:
                raise Lost("421 too many connections")
            self.lines += 1
        return FakeLine(self)


@dataclass
class FakeLine:
    transport: FakeTransport

    def send(self, message: Message, letters: Sequence[Letter], *, intend: Callable[[Letter], None], key: str) -> Iterator[Receipt]:
        self.transport.keys.append(key)
        for letter in letters:
            intend(letter)
            receipt = self.transport.answer(letter)
            if receipt.outcome == "accepted":
                with self.transport.lock:
                    self.transport.got.append(letter.address)
            yield receipt

    def close(self) -> None:
        with self.transport.lock:
            self.transport.lines -= 1


def an_impatient_pace(stop: Event) -> Pace:
    """A pace whose silences take no time."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Pace(stop=stop, clock=lambda: now[0], sleep=sleep)
