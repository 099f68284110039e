"""Decides what a batch of a list that is taken over changes: who is new, whose data grows, and who is kept out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from hashlib import sha256
from hmac import digest
from itertools import islice
from typing import TYPE_CHECKING, Any

from digest.model import Entry, Suppression
from digest.store.bulk import among, write_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORGOTTEN = "hmac:"  # begins the key of a suppression whose address nobody can read any more
_AFTER_FORGOTTEN = "hmac;"  # the next text that does not begin so; no address has a colon or semicolon before the @
Secret = Callable[[], bytes]  # what such keys are made with; asked for only when it is needed
_GROWING = ("name", "language", "tags", "fields")  # what an entry may add to
_IN_HAND = 5_000  # entries held in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a list that was taken over changed."""

    new: int = 0  # are on the list now, and were not before
    changed: int = 0
    unchanged: int = 0
    suppressed: int = 0  # kept out: they may get nothing
    left: int = 0  # kept out: they have left this list
    barred: int = 0  # addresses that are suppressed now, and were not before

    def plus(self, other: Joined) -> Joined:
        """Both as one."""
        return Joined(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Joined)})


@dataclass(slots=True, kw_only=True)
class _Changes:
    """The rows that a batch will write."""

    people: dict[str, dict[str, Any]]  # by key: each row as it will stand
    places: dict[tuple[str, str], dict[str, Any]]  # memberships by key and list
    new_people: set[str] = field(default_factory=set)
    touched_people: set[str] = field(default_factory=set)
    new_places: set[tuple[str, str]] = field(default_factory=set)
    left_places: set[tuple[str, str]] = field(default_factory=set)


def join_all(connection: Connection, found: Iterable[Entry | Suppression], *, list_: str, at: datetime, secret: Secret) -> Joined:
    """Write what was found, in the order of finding. `at` is UTC."""
    total, rest = Joined(), iter(found)
    while batch := list(islice(rest, _IN_HAND)):
        total = total.plus(_join_batch(connection, batch, list_=list_, at=at, secret=secret))
    return total


def _join_batch(connection: Connection, batch: Sequence[Entry | Suppression], *, list_: str, at: datetime, secret: Secret) -> Joined:
    barring = [one for one in batch if isinstance(one, Suppression)]
    entries = [one for one in batch if isinstance(one, Entry)]
    barred = suppress_all(connection, barring, at=at, secret=secret)
    keys = {entry.key for entry in entries}
    out = suppressed_among(connection, keys, secret)
    changes = _as_they_stand(connection, keys - out.keys())
    counts = dict.fromkeys(("new", "changed", "unchanged", "suppressed", "left"), 0)
    for entry in entries:
        counts["suppressed" if entry.key in out else _settle(changes, entry, entry.list or list_, at)] += 1
    _write(connection, changes, at)
    counts["unchanged"] += len(barring) - barred
    return Joined(**counts, barred=barred)


def suppress_all(connection: Connection, wanted: Sequence[Suppression], *, at: datetime, secret: Secret) -> int:
    """Suppress these addresses; how many were not before. A forgotten one is not written down anew."""
    from digest.store.tables import suppression

    known = suppressed_among(connection, {one.key for one in wanted}, secret)
    rows = {one.key: {"key": one.key, "reason": one.reason, "source": one.source, "at": at} for one in reversed(wanted)}
    new = [row for key, row in rows.items() if key not in known]
    if new:
        connection.execute(suppression.insert(), new)
    return len(new)


def suppressed_among(connection: Connection, keys: Collection[str], secret: Secret) -> dict[str, str]:
    """Which of these addresses may get nothing, and why."""
    from sqlalchemy import select

    from digest.store.tables import suppression as p

    if not keys or not connection.execute(select(p.c.key).limit(1)).first():
        return {}
    names = {key: key for key in keys}
    if connection.execute(select(p.c.key).where(p.c.key >= FORGOTTEN, p.c.key < _AFTER_FORGOTTEN).limit(1)).first():
        names |= {mark(key, secret()): key for key in keys}
    rows = connection.execute(select(p.c.key, p.c.reason).where(among(p.c.key, names)))
    return {names[row[0]]: row[1] for row in rows}


def mark(key: str, secret: bytes) -> str:
    """What is kept of a forgotten address: enough to know it when it comes back, not enough to write it down."""
    return FORGOTTEN + digest(secret, key.encode(), sha256).hex()


# --- one entry


def _settle(changes: _Changes, entry: Entry, list_: str, at: datetime) -> str:
    """Note what an entry changes, and say under which head it counts."""
    place = changes.places.get((entry.key, list_))
    person = changes.people.get(entry.key)
    if person is None:
        changes.people[entry.key] = _row(entry, at)
        changes.new_people.add(entry.key)
    grown = person is not None and _grow(person, entry)
    if grown and entry.key not in changes.new_people:
        changes.touched_people.add(entry.key)
    if place is None:
        changes.places[entry.key, list_] = _place(entry, list_, at)
        changes.new_places.add((entry.key, list_))
        return "new"
    if place["status"] == "left" and entry.status != "left":
        return "left"  # what is known of them has grown all the same, or the order of a file's rows would count twice
    leaves = entry.status == "left" and place["status"] != "left"
    if leaves:
        place |= {"status": "left", "changed_at": at}
        changes.left_places.add((entry.key, list_))
    return "changed" if grown or leaves else "unchanged"


def _grow(person: dict[str, Any], entry: Entry) -> bool:
    """Put what an entry knows into a row; whether that changes it."""
    known = {"name": entry.name or person["name"], "language": entry.language or person["language"]}
    known["tags"] = tuple(dict.fromkeys((*person["tags"], *entry.tags))) if entry.tags else person["tags"]
    known["fields"] = (
        person["fields"] | {name: value for name, value in entry.fields.items() if value} if entry.fields else person["fields"]
    )
    changed = any(person[name] != value for name, value in known.items())
    person |= known
    return changed


def _row(entry: Entry, at: datetime) -> dict[str, Any]:
    return {
        "key": entry.key,
        "email": entry.email,
        "name": entry.name,
        "language": entry.language,
        "tags": tuple(dict.fromkeys(entry.tags)) if entry.tags else (),
        "fields": {name: value for name, value in entry.fields.items() if value} if entry.fields else {},
        "added_at": at,
    }


def _place(entry: Entry, list_: str, at: datetime) -> dict[str, Any]:
    return {
        "of": entry.key,
        "list": list_,
        "status": entry.status,
        "consent_at": entry.consent.at,
        "consent_source": entry.consent.source,
        "consent_how": entry.consent.how,
        "changed_at": at,
    }


# --- the database


def _as_they_stand(connection: Connection, keys: Collection[str]) -> _Changes:
    from sqlalchemy import select

    from digest.store.tables import membership as m
    from digest.store.tables import subscriber as s

    known = select(s.c.id, s.c.key, *(s.c[name] for name in _GROWING)).where(among(s.c.key, keys))
    people = {row["key"]: dict(row) | {"tags": tuple(row["tags"])} for row in connection.execute(known).mappings()}
    by_id = {row["id"]: key for key, row in people.items()}
    on = select(m.c.subscriber, m.c.list, m.c.status).where(among(m.c.subscriber, by_id))
    found = connection.execute(on) if by_id else ()
    places = {(by_id[id], list_): {"of": by_id[id], "list": list_, "status": status} for id, list_, status in found}
    return _Changes(people=people, places=places)


def _write(connection: Connection, changes: _Changes, at: datetime) -> None:
    from sqlalchemy import bindparam, select

    from digest.store.tables import membership as m
    from digest.store.tables import subscriber as s

    of = select(s.c.id).where(s.c.key == bindparam("of")).scalar_subquery()
    people = changes.people
    # in the order of the index, so that each of its pages is written once
    write_rows(connection, s.insert(), [people[key] for key in sorted(changes.new_people)])
    grown = {name: bindparam(f"new_{name}", type_=s.c[name].type) for name in _GROWING}
    touched = [{"of": key} | {f"new_{name}": people[key][name] for name in _GROWING} for key in sorted(changes.touched_people)]
    write_rows(connection, s.update().where(s.c.key == bindparam("of")).values(grown), touched)
    write_rows(
        connection,
        m.insert().values(subscriber=of).inline(),  # nobody asks for the new rows
        [changes.places[which] for which in sorted(changes.new_places)],
    )
    left = m.update().where(m.c.subscriber == of, m.c.list == bindparam("which"))
    leaving = [{"of": key, "which": list_} for key, list_ in sorted(changes.left_places - changes.new_places)]
    write_rows(connection, left.values(status="left", changed_at=at), leaving)
