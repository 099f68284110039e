"""Keeps who asked for which list, who left, and who may get nothing at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.errors import Refused
from digest.model import Consent, Entry, Membership, Segment, Subscriber, Suppression
from digest.store.bulk import each
from digest.store.database import Database, Rehearsal
from digest.store.joining import Joined, Secret, join_all, mark, suppress_all, suppressed_among

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

__all__ = ["Counted", "Exported", "Joined", "Subscribers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many there are of everything."""

    subscribers: int
    lists: Mapping[str, Mapping[str, int]]  # list -> "active" | "pending" | "left" | "suppressed" -> people
    languages: Mapping[str, int]  # of all subscribers; "" = not known
    tags: Mapping[str, int]
    suppressed: Mapping[str, int]  # reason -> addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Somebody on one list, as they are exported."""

    subscriber: Subscriber  # with that one membership
    suppressed: str = ""  # the reason why they get nothing


class Subscribers:
    """The subscribers of a newsroom. All times are UTC; every method may raise StoreError or Busy.

    An address is named by its key (audience/addresses.py). A forgotten person has no row here, only a suppression whose key is a
    one-way mark: whatever adds somebody looks for it first, so that no row can come to be for them.
    """

    def __init__(self, database: Database | Rehearsal, secret: Secret) -> None:
        """`secret` gives the key that marks are made with; it is asked for only when somebody was, or is to be, forgotten."""
        self._database = database
        self._secret = secret

    @contextmanager
    def rehearsal(self) -> Iterator[Subscribers]:
        """The same subscribers; what is changed in the block is undone at its end."""
        assert isinstance(self._database, Database)
        with self._database.rehearsing() as database:
            yield Subscribers(database, self._secret)

    # --- coming

    def join(self, found: Iterable[Entry | Suppression], *, list: str, at: datetime) -> Joined:
        """Take another list over, all of it or nothing. `list` is meant where an entry names none.

        Nobody comes back who is suppressed, forgotten, not confirmed or has left; nothing known is replaced by nothing; the same once
        more changes nothing. Memory stays flat, but nobody else can write meanwhile: give a long list in parts.
        """
        with self._database.writing() as connection:
            return join_all(connection, found, list_=list, at=at, secret=self._secret)

    def add(self, entry: Entry, *, at: datetime) -> bool:
        """Put somebody on a list by hand, also one who had left it; False when they were on it. Raises Refused when suppressed."""
        from digest.store.tables import membership, subscriber

        with self._database.writing() as connection:
            reason = suppressed_among(connection, {entry.key}, self._secret).get(entry.key)
            if reason:
                hint = f"If they ask for mail again: digest subscribers unsuppress {entry.email}"
                raise Refused(f"{entry.email} gets nothing: {reason}.", hint=hint)
            joined = join_all(connection, [entry], list_=entry.list, at=at, secret=self._secret)
            who = subscriber.select().with_only_columns(subscriber.c.id).where(subscriber.c.key == entry.key).scalar_subquery()
            here = (membership.c.subscriber == who, membership.c.list == entry.list, membership.c.status != "active")
            values = {"status": "active", "consent_at": entry.consent.at, "consent_source": entry.consent.source}
            back = membership.update().where(*here).values(**values, consent_how=entry.consent.how, changed_at=at)
            came_back = connection.execute(back).rowcount
            return bool(joined.new or came_back)

    # --- going

    def leave(self, id: int, *, at: datetime, list: str = "") -> int:
        """Take a subscriber off a list, or off all; from how many. They stay on record as having left."""
        from digest.store.tables import membership as m

        where = [m.c.subscriber == id, m.c.status != "left", *([m.c.list == list] if list else [])]
        with self._database.writing() as connection:
            return connection.execute(m.update().where(*where).values(status="left", changed_at=at)).rowcount

    def forget(self, key: str, *, at: datetime) -> bool:
        """Erase a person everywhere, the ledger included, and keep a mark by which the address is refused; False when nothing was known."""
        from digest.store.tables import delivery, membership, subscriber, suppression

        assert isinstance(self._database, Database)
        with self._database.erasing() as connection:
            id = connection.execute(subscriber.select().with_only_columns(subscriber.c.id).where(subscriber.c.key == key)).scalar()
            if id is not None:
                # what a server answered often names the address
                connection.execute(delivery.update().where(delivery.c.subscriber == id).values(email="", name="", error=""))
                connection.execute(membership.delete().where(membership.c.subscriber == id))
                connection.execute(subscriber.delete().where(subscriber.c.id == id))
            barred = connection.execute(suppression.delete().where(suppression.c.key == key)).rowcount
            if not suppressed_among(connection, {key}, self._secret):
                row = {"key": mark(key, self._secret()), "reason": "forgotten", "source": "by hand", "at": at}
                connection.execute(suppression.insert(), [row])
            return id is not None or bool(barred)

    def suppress(self, wanted: Suppression, *, at: datetime) -> bool:
        """Let an address get nothing any more; False when it was so before."""
        with self._database.writing() as connection:
            return bool(suppress_all(connection, [wanted], at=at, secret=self._secret))

    def lift(self, key: str) -> bool:
        """Take a suppression back, also that of a forgotten person; False when there is none. Who had left has still left."""
        from digest.store.tables import suppression

        with self._database.writing() as connection:
            if not suppressed_among(connection, {key}, self._secret):
                return False
            names = [key]
            if not connection.execute(suppression.select().where(suppression.c.key == key)).first():
                names = [mark(key, self._secret())]
            return bool(connection.execute(suppression.delete().where(suppression.c.key.in_(names))).rowcount)

    # --- finding

    def get(self, key: str) -> Subscriber | None:
        """The subscriber with this address, with all memberships."""
        from digest.store.tables import membership, subscriber

        with self._database.reading() as connection:
            row = connection.execute(subscriber.select().where(subscriber.c.key == key)).first()
            if row is None:
                return None
            of_them = membership.select().where(membership.c.subscriber == row.id).order_by(membership.c.list)
            return _subscriber(row, tuple(_membership(place) for place in connection.execute(of_them)))

    def suppressed(self, keys: Collection[str]) -> dict[str, str]:
        """Which of these addresses get nothing, and why; forgotten ones included."""
        with self._database.reading() as connection:
            return suppressed_among(connection, keys, self._secret)

    def recipients(self, segment: Segment) -> Select[Any]:
        """Select (id, email, name) of whom an issue goes to: active, not suppressed, with one of the tags, in one of the languages."""
        from sqlalchemy import select

        from digest.store.tables import membership as m
        from digest.store.tables import subscriber as s

        chosen = select(s.c.id, s.c.email, s.c.name).join(m, m.c.subscriber == s.c.id)
        return chosen.where(m.c.status == "active", *_in(segment), ~_suppressed())

    def count_of(self, segment: Segment) -> int:
        """How many an issue would go to."""
        from sqlalchemy import func, select

        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(self.recipients(segment).subquery())).scalar_one()

    def on_list(self, name: str) -> int:
        """How many get what goes to a list."""
        return self.count_of(Segment(list=name))

    def export(self, segment: Segment) -> Iterator[Exported]:
        """Everybody on a list ("" = on any), whatever their status, a line for each list; read as they are asked for."""
        from sqlalchemy import select

        from digest.store.tables import membership as m
        from digest.store.tables import subscriber as s
        from digest.store.tables import suppression as p

        joined = s.join(m, m.c.subscriber == s.c.id).outerjoin(p, p.c.key == s.c.key)
        places = [m.c[name] for name in ("list", "status", "consent_at", "consent_source", "consent_how")]
        rows = select(*s.c, *places, p.c.reason).select_from(joined).where(*_in(segment)).order_by(s.c.id, m.c.list)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=1000).execute(rows):
                yield Exported(subscriber=_subscriber(row, (_membership(row),)), suppressed=row.reason or "")

    def count(self) -> Counted:
        """How many there are of everything."""
        from sqlalchemy import case, func, select

        from digest.store.tables import membership as m
        from digest.store.tables import subscriber as s
        from digest.store.tables import suppression as p

        state = case((_suppressed(), "suppressed"), else_=m.c.status)
        by_list = (
            select(m.c.list, state, func.count()).join(s, s.c.id == m.c.subscriber).group_by(m.c.list, state).order_by(m.c.list, state)
        )
        tag = each(s.c.tags)
        by_tag = select(tag.c.value, func.count()).select_from(s.join(tag, _true())).group_by(tag.c.value).order_by(tag.c.value)
        lists: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for list_, status, number in connection.execute(by_list):
                lists.setdefault(list_, {})[status] = number
            return Counted(
                subscribers=connection.execute(select(func.count()).select_from(s)).scalar_one(),
                lists=lists,
                languages=_grouped(connection, s.c.language),
                tags={row[0]: row[1] for row in connection.execute(by_tag)},
                suppressed=_grouped(connection, p.c.reason),
            )


# --- what a segment means


def _in(segment: Segment) -> list[ColumnElement[bool]]:
    from sqlalchemy import exists, or_, select

    from digest.store.tables import membership as m
    from digest.store.tables import subscriber as s

    narrowed: list[ColumnElement[bool]] = [m.c.list == segment.list] if segment.list else []
    if segment.languages:  # "en" is also who reads en-GB
        narrowed.append(
            or_(*(or_(s.c.language == code, s.c.language.startswith(f"{code}-", autoescape=True)) for code in segment.languages))
        )
    if segment.tags:
        tag = each(s.c.tags)
        narrowed.append(exists(select(tag.c.value).where(tag.c.value.in_(segment.tags))))
    return narrowed


def _suppressed() -> ColumnElement[bool]:
    from sqlalchemy import exists, select

    from digest.store.tables import subscriber as s
    from digest.store.tables import suppression as p

    return exists(select(p.c.key).where(p.c.key == s.c.key))


# --- reading rows


def _subscriber(row: Any, memberships: tuple[Membership, ...]) -> Subscriber:
    return Subscriber(
        id=row.id,
        email=row.email,
        name=row.name,
        language=row.language,
        tags=tuple(row.tags),
        fields=row.fields,
        memberships=memberships,
        added_at=row.added_at,
    )


def _membership(row: Any) -> Membership:
    consent = Consent(at=row.consent_at, source=row.consent_source, how=row.consent_how)
    return Membership(list=row.list, status=row.status, consent=consent)


def _grouped(connection: Connection, column: ColumnElement[str]) -> dict[str, int]:
    from sqlalchemy import func, select

    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {row[0]: row[1] for row in rows}


def _true() -> ColumnElement[bool]:
    from sqlalchemy import true

    return true()
