"""Keeps every story that was gathered, with its earlier versions, and finds them again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from digest.errors import StoreError
from digest.model import Failure, Story
from digest.store.database import Database
from digest.store.keeping import READ_AGAIN, Kept, Reading, keep_batch, storable
from digest.store.plain import story_from_plain
from digest.store.words import searchable

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

__all__ = ["Kept", "Reading", "Seen", "Stories", "Version"]

_T = TypeVar("_T")
_AT_ONCE = 500  # rows a statement: some databases take fewer than 1,000 values


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is on record about a document: an equal fingerprint means that it need not be read again."""

    fingerprint: str
    story_id: str = ""  # the story that it holds
    failure: Failure | None = None  # why it could not be used then, and so still cannot


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A story as it was until it was replaced."""

    number: int  # 1 is the first
    replaced_at: datetime  # UTC
    story: Story


class Stories:
    """The stories of a newsroom.

    All times are UTC. Every method may raise StoreError or Busy. A story that its source no longer has is kept and still
    found; `gone` tells which they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- gathering

    def seen(self, source: str, places: Collection[str] | None = None) -> dict[str, Seen]:
        """What is on record about the documents of a source, by place; only of these `places` if they are given."""
        from digest.store.tables import document

        of_source = document.select().where(document.c.source == source)
        with self._database.reading() as connection:
            if places is None:
                rows = list(connection.execute(of_source))
            else:
                batches = _batches([storable(place) for place in places])
                rows = [row for batch in batches for row in connection.execute(of_source.where(document.c.place.in_(batch)))]
        return {row.place: Seen(fingerprint=row.fingerprint, story_id=row.story_id or "", failure=_failure(row)) for row in rows}

    def places(self, source: str, ids: Collection[str]) -> dict[str, str]:
        """Where a source tells these stories, by id: the place of the first of its documents that holds one."""
        from sqlalchemy import func, select

        from digest.store.tables import document

        held = select(document.c.story_id, func.min(document.c.place)).where(document.c.source == source).group_by(document.c.story_id)
        with self._database.reading() as connection:
            rows = [row for batch in _batches(ids) for row in connection.execute(held.where(document.c.story_id.in_(batch)))]
        return {row[0]: row[1] for row in rows}

    def keep(self, readings: Sequence[Reading], at: datetime) -> Kept:
        """Keep what was read, all of it or (on an error) nothing. `at` is the time of the gathering.

        A story that differs replaces the one with its id, which stays on record; an equal one changes nothing. Only the source that
        gathered a story may replace it, or any source once its own no longer has it; a refused story becomes a Failure.
        """
        if not readings:
            return Kept()
        with self._database.writing() as connection:
            parts = [keep_batch(connection, batch, at) for batch in _batches(readings)]
        return Kept(
            new=sum(part.new for part in parts),
            changed=sum(part.changed for part in parts),
            unchanged=sum(part.unchanged for part in parts),
            failures=tuple(failure for part in parts for failure in part.failures),
        )

    def forget_places(self, source: str, *, keep: Collection[str], at: datetime) -> int:
        """Forget the documents of a source that are not among the places to `keep`; returns how many stories are now gone.

        Their stories stay on record, marked as gone, unless another document of the source holds them too.
        """
        from sqlalchemy import exists

        from digest.store.tables import document, story

        kept = {storable(place) for place in keep}
        of_source = document.c.source == source
        with self._database.writing() as connection:
            known = connection.execute(document.select().with_only_columns(document.c.place, document.c.story_id).where(of_source)).all()
            vanished = [row for row in known if row.place not in kept]
            for batch in _batches(vanished):
                connection.execute(document.delete().where(of_source, document.c.place.in_([row.place for row in batch])))
                # Another document of the same story may tell it differently: it has to be read again.
                same_story = document.c.story_id.in_([row.story_id for row in batch if row.story_id])
                connection.execute(document.update().where(same_story).values(fingerprint=READ_AGAIN))
            held = exists().where(of_source, document.c.story_id == story.c.id)
            orphaned = story.c.gathered_by == source, story.c.gone_at.is_(None), ~held
            return connection.execute(story.update().where(*orphaned).values(gone_at=at)).rowcount

    def forget_sources(self, *, keep: Collection[str], at: datetime) -> int:
        """Forget the documents of every source that is not named in `keep`: it left digest.toml or was renamed. As `forget_places`."""
        from digest.store.tables import document

        with self._database.reading() as connection:
            known = connection.execute(document.select().with_only_columns(document.c.source).distinct()).scalars().all()
        return sum(self.forget_places(source, keep=(), at=at) for source in known if source not in keep)

    # --- finding

    def within(self, start: datetime, end: datetime) -> tuple[Story, ...]:
        """Stories published in [start, end), by date and id."""
        from digest.store.tables import story

        return self._stories(
            _bodies().where(story.c.published_at >= start, story.c.published_at < end).order_by(story.c.published_at, story.c.id)
        )

    def undated(self) -> tuple[Story, ...]:
        """Stories without a date, the longest known first."""
        from digest.store.tables import story

        return self._stories(_bodies().where(story.c.published_at.is_(None)).order_by(story.c.first_gathered_at, story.c.id))

    def nearest(self, start: datetime, end: datetime) -> tuple[Story | None, Story | None]:
        """The last story before [start, end) and the first one from `end` on that their sources still have."""
        from digest.store.tables import story

        here = _bodies().where(story.c.gone_at.is_(None)).limit(1)
        before = self._stories(here.where(story.c.published_at < start).order_by(story.c.published_at.desc(), story.c.id))
        after = self._stories(here.where(story.c.published_at >= end).order_by(story.c.published_at, story.c.id))
        return next(iter(before), None), next(iter(after), None)

    def get(self, wanted: str) -> Story | None:
        """The story with this id, this address, or this beginning of an id. Raises StoreError when several begin so."""
        from digest.store.tables import story

        wanted = storable(wanted)
        for condition in (story.c.id == wanted, story.c.url == wanted) if wanted else ():
            found = self._stories(_bodies().where(condition).order_by(story.c.id).limit(1))
            if found:
                return found[0]
        if not wanted:
            return None
        found = self._stories(_bodies().where(story.c.id.startswith(wanted, autoescape=True)).order_by(story.c.id).limit(10))
        if len(found) > 1:
            listed = "; ".join(f"{one.id} {one.headline!r}" for one in found)
            raise StoreError(f"Several stories begin with {wanted!r}: {listed}.", hint="Give more of the id.")
        return next(iter(found), None)

    def among(self, ids: Collection[str]) -> dict[str, Story]:
        """The stories with these ids, by id; unknown ones are left out."""
        from digest.store.tables import story

        found = (one for batch in _batches(ids) for one in self._stories(_bodies().where(story.c.id.in_(batch))))
        return {one.id: one for one in found}

    def search(self, text: str, limit: int = 20) -> tuple[Story, ...]:
        """Stories that hold every word of `text`, capitals aside, in headline, source, dek or body; the newest first, undated ones last.

        A word is found within longer words too. An empty text finds every story.
        """
        from digest.store.tables import story

        holds: list[ColumnElement[bool]] = [story.c.words.contains(word, autoescape=True) for word in searchable(storable(text)).split()]
        newest_first = story.c.published_at.is_(None), story.c.published_at.desc(), story.c.id
        return self._stories(_bodies().where(*holds).order_by(*newest_first).limit(limit))

    def first_gathered(self, ids: Collection[str]) -> dict[str, datetime]:
        """When each story was first kept, by id; unknown ids are left out."""
        return self._moments(ids, "first_gathered_at")

    def gone(self, ids: Collection[str]) -> dict[str, datetime]:
        """Since when the source of a story no longer has it, by id; only those that are gone."""
        return self._moments(ids, "gone_at")

    def count(self) -> int:
        """How many stories are kept, gone ones included."""
        from sqlalchemy import func, select

        from digest.store.tables import story

        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(story)).scalar_one()

    def arrivals(self, source: str) -> tuple[datetime, ...]:
        """When the stories of a source were published, or first gathered where that is not known or was still to come; in order."""
        from sqlalchemy import func, select

        from digest.store.tables import Moment, story

        first = story.c.first_gathered_at
        came = func.min(func.coalesce(story.c.published_at, first), first, type_=Moment)
        with self._database.reading() as connection:
            return tuple(sorted(connection.execute(select(came).where(story.c.gathered_by == source)).scalars()))

    def versions(self, id: str) -> tuple[Version, ...]:
        """The earlier versions of a story, the first one first; () when it never changed."""
        from digest.store.tables import story_version

        earlier = story_version.select().where(story_version.c.story_id == id).order_by(story_version.c.version)
        with self._database.reading() as connection:
            rows = connection.execute(earlier).all()
        return tuple(Version(number=row.version, replaced_at=row.replaced_at, story=_read(row.body)) for row in rows)

    def as_of(self, ids: Collection[str], moment: datetime) -> dict[str, Story]:
        """Those of the stories that were replaced after `moment`, as they stood then, by id."""
        from digest.store.tables import story_version as version

        found: dict[str, Story] = {}
        with self._database.reading() as connection:
            for batch in _batches(ids):
                later = version.select().where(version.c.story_id.in_(batch), version.c.replaced_at > moment)
                for row in connection.execute(later.order_by(version.c.version)):
                    found.setdefault(row.story_id, _read(row.body))
        return found

    # --- reading rows

    def _stories(self, bodies: Select[Any]) -> tuple[Story, ...]:
        with self._database.reading() as connection:
            return tuple(_read(body) for body in connection.execute(bodies).scalars())

    def _moments(self, ids: Collection[str], column: str) -> dict[str, datetime]:
        from sqlalchemy import select

        from digest.store.tables import story

        moments: dict[str, datetime] = {}
        with self._database.reading() as connection:
            for batch in _batches(ids):
                rows = connection.execute(select(story.c.id, story.c[column]).where(story.c.id.in_(batch), story.c[column].is_not(None)))
                moments.update((row[0], row[1]) for row in rows)
        return moments


def _bodies() -> Select[Any]:
    from sqlalchemy import select

    from digest.store.tables import story

    return select(story.c.body)


def _read(body: str) -> Story:
    return story_from_plain(json.loads(body))


def _failure(row: Any) -> Failure | None:
    return None if row.reason is None else Failure(source=row.source, place=row.place, reason=row.reason, hint=row.hint)


def _batches(values: Collection[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
