"""Keeps what is known of sources on the web: how they are, what their addresses said the last time, and who their entries are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from digest.store.database import Database
from digest.store.keeping import storable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_T = TypeVar("_T")
_AT_ONCE = 500  # rows a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of a source, and what came of reading it. All times are UTC."""

    source: str  # Source.name
    url: str  # as it was first listed; its stories are known by it
    kind: Literal["listing", "page"]  # a listing is a feed or a sitemap
    mark: str = ""  # changes with what its listing says of it
    hints: Mapping[str, str] = field(default_factory=dict)  # as Document.hints
    listed_at: datetime
    read_at: datetime | None = None  # when it last answered, changed or not
    due_at: datetime | None = None  # when it is to be read; None = no more
    failures: int = 0  # in a row
    known_url: str = ""  # where it was read, and what was said of it there
    etag: str = ""
    last_modified: str = ""
    moved: str = ""  # where it is read now; "" = at `url`


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a source is. All times are UTC."""

    source: str
    tried_at: datetime
    read_at: datetime | None = None  # when it could last be looked into
    failing_since: datetime | None = None  # None = it is well
    failures: int = 0  # in a row
    reason: str = ""  # of the last failure, kept when it is well again
    hint: str = ""
    moved: str = ""  # the address that it is read at now; "" = the one in digest.toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One of the things by which an entry of a feed is known again."""

    source: str
    key: str
    place: str  # of the entry's document
    look: str  # its headline and time


class Addresses:
    """The addresses of a newsroom's sources. Every method may raise StoreError or Busy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listings(self, source: str) -> dict[str, Address]:
        """The feeds and sitemaps of a source, by url."""
        from digest.store.tables import address

        return {one.url: one for one in self._addresses(address.c.source == source, address.c.kind == "listing")}

    def among(self, source: str, urls: Collection[str]) -> dict[str, Address]:
        """What is on record about these addresses; unknown ones are left out."""
        from digest.store.tables import address

        batches = _batches(storable(url) for url in urls)
        return {one.url: one for batch in batches for one in self._addresses(address.c.source == source, address.c.url.in_(batch))}

    def due(self, source: str, now: datetime, most: int) -> tuple[Address, ...]:
        """The pages that are to be read by now, the longest due first."""
        from digest.store.tables import address

        is_due = address.c.source == source, address.c.kind == "page", address.c.due_at <= now
        return tuple(self._addresses(*is_due, order=(address.c.due_at, address.c.listed_at, address.c.url), most=most))

    def pages(self, source: str) -> set[str]:
        """The urls of all pages of a source."""
        from digest.store.tables import address

        return self._urls(address.c.source == source, address.c.kind == "page")

    def awaited(self, source: str) -> set[str]:
        """The urls of the pages of a source that are to be read, now or later."""
        from digest.store.tables import address

        return self._urls(address.c.source == source, address.c.kind == "page", address.c.due_at.is_not(None))

    def last_read(self, source: str) -> datetime | None:
        """When a page of a source last answered; None = none ever did."""
        from sqlalchemy import func, select

        from digest.store.tables import address

        of_source = address.c.source == source, address.c.kind == "page"
        with self._database.reading() as connection:
            moment: datetime | None = connection.execute(select(func.max(address.c.read_at)).where(*of_source)).scalar_one()
        return moment

    def unread(self, source: str, *, since: datetime | None) -> int:
        """How many pages of a source that were listed after `since` were tried and never read; None = all that are still tried."""
        from sqlalchemy import func, select

        from digest.store.tables import address

        failing = [address.c.source == source, address.c.kind == "page", address.c.read_at.is_(None), address.c.failures > 0]
        still = [address.c.due_at.is_not(None), *([address.c.listed_at > since] if since else [])]
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(address).where(*failing, *still)).scalar_one()

    def names(self, source: str, keys: Collection[str]) -> dict[str, Name]:
        """What is known under these keys, by key."""
        from digest.store.tables import entry

        found: dict[str, Name] = {}
        with self._database.reading() as connection:
            for batch in _batches(map(storable, keys)):
                for row in connection.execute(entry.select().where(entry.c.source == source, entry.c.key.in_(batch))):
                    found[row.key] = Name(source=row.source, key=row.key, place=row.place, look=row.look)
        return found

    def note(self, addresses: Sequence[Address] = (), names: Sequence[Name] = ()) -> None:
        """Write down what is known now, in one transaction."""
        from digest.store.tables import address, entry

        if addresses or names:
            with self._database.writing() as connection:
                _write(connection, address, [asdict(one) | {"url": storable(one.url), "hints": dict(one.hints)} for one in addresses])
                _write(
                    connection,
                    entry,
                    [
                        {"source": one.source, "key": storable(one.key), "place": storable(one.place), "look": storable(one.look)}
                        for one in names
                    ],
                )

    def forget_pages(self, source: str, *, keep: Collection[str]) -> None:
        """Forget the pages of a source that are not to `keep`, and their names."""
        from digest.store.tables import address, entry

        vanished = self.pages(source) - set(map(storable, keep))
        with self._database.writing() as connection:
            for batch in _batches(vanished):
                connection.execute(address.delete().where(address.c.source == source, address.c.url.in_(batch)))
                connection.execute(entry.delete().where(entry.c.source == source, entry.c.place.in_(batch)))

    def forget_listings(self, source: str, *, keep: Collection[str]) -> None:
        """Forget the feeds and sitemaps of a source that are not to `keep`."""
        from digest.store.tables import address

        if vanished := self.listings(source).keys() - set(map(storable, keep)):
            with self._database.writing() as connection:
                for batch in _batches(vanished):
                    connection.execute(address.delete().where(address.c.source == source, address.c.url.in_(batch)))

    def forget_sources(self, *, keep: Collection[str]) -> None:
        """Forget all about sources that are not to `keep`. The others are asked afresh: they may hold what was one of those."""
        from sqlalchemy import select

        from digest.store.tables import address, entry, health

        with self._database.reading() as connection:
            known = {name for table in (address, health) for name in connection.execute(select(table.c.source).distinct()).scalars()}
        if not (gone := known - set(keep)):
            return
        with self._database.writing() as connection:
            for table in (address, entry, health):
                connection.execute(table.delete().where(table.c.source.in_(gone)))
            connection.execute(address.update().values(known_url="", etag="", last_modified=""))

    # --- health

    def health(self) -> dict[str, Health]:
        """How every source was that has been looked into, by name."""
        from digest.store.tables import health

        with self._database.reading() as connection:
            return {row["source"]: Health(**row) for row in connection.execute(health.select()).mappings()}

    def note_health(self, healths: Sequence[Health]) -> None:
        """Write down how sources are now."""
        from digest.store.tables import health

        if healths:
            with self._database.writing() as connection:
                rows = [asdict(one) for one in healths]
                _write(connection, health, [row | {name: storable(row[name]) for name in ("reason", "hint", "moved")} for row in rows])

    # --- reading rows

    def _urls(self, *conditions: Any) -> set[str]:
        from sqlalchemy import select

        from digest.store.tables import address

        with self._database.reading() as connection:
            return set(connection.execute(select(address.c.url).where(*conditions)).scalars())

    def _addresses(self, *conditions: Any, order: Sequence[Any] = (), most: int | None = None) -> list[Address]:
        from digest.store.tables import address

        with self._database.reading() as connection:
            rows = connection.execute(address.select().where(*conditions).order_by(*order).limit(most)).mappings()
            return [Address(**row) for row in rows]


def _write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows in the place of those with their keys."""
    from sqlalchemy import bindparam

    keys = [column.name for column in table.primary_key]
    rows = list({tuple(row[key] for key in keys): row for row in rows}.values())
    if rows:
        matching = [table.c[key] == bindparam(f"this_{key}") for key in keys]
        connection.execute(table.delete().where(*matching), [{f"this_{key}": row[key] for key in keys} for row in rows])
        connection.execute(table.insert(), rows)


def _batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
