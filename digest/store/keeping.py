"""Decides what a batch of freshly read documents changes in the store: what is new, what replaces what, and who may replace it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.model import Failure, Story
from digest.store.plain import story_from_plain, story_to_plain
from digest.store.words import searchable

if TYPE_CHECKING:
    from sqlalchemy import Connection

READ_AGAIN = ""  # the fingerprint of a document that must be read again, whatever it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of one document: a story, or the reason why not."""

    source: str  # Source.name
    place: str  # Document.url
    fingerprint: str  # of the document's bytes, its hints and the rules that read it: the same fingerprint, the same outcome
    outcome: Story | Failure
    polled: bool = False  # from the web, where several sources may tell of one story
    own_word: bool = True  # told by the story's own site, or by a file of the newsroom
    own_address: bool = True  # the story's url names no other story


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a batch changed. Failures are the stories that were refused here."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(slots=True, kw_only=True)
class Changes:
    """The rows that a batch will write, by table."""

    stories: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id: each row as it will stand
    ids: dict[str, str] = field(default_factory=dict)  # the id of the story at each url
    inserted: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    versions: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)


def keep_batch(connection: Connection, batch: Sequence[Reading], at: datetime) -> Kept:
    """Write one batch, small enough for one query by ids. `at` is UTC."""
    stories = _stories_as_they_stand(connection, batch)
    ids = {row["url"]: id for id, row in stories.items() if row["url"]}
    changes = Changes(stories=stories, ids=ids, documents=_documents_as_they_stand(connection, batch))
    for reading in batch:
        _settle(changes, reading, at)
    _write(connection, changes, batch)
    return Kept(new=changes.new, changed=changes.changed, unchanged=changes.unchanged, failures=tuple(changes.failures))


def storable(text: str) -> str:
    """Text as the database can hold it: a file name, and what is said about it, need not be Unicode."""
    return text.encode("utf-8", "backslashreplace").decode()


# --- one reading


def _settle(changes: Changes, reading: Reading, at: datetime) -> None:
    outcome = reading.outcome
    key = (reading.source, storable(reading.place))
    if isinstance(outcome, Failure):
        # A story whose file is broken today stays as it was: the document remembers it.
        changes.documents[key] = _document_row(key, reading.fingerprint, changes.documents.get(key, {}).get("story_id"), outcome)
        return
    if reading.polled and reading.own_address and outcome.id not in changes.stories and outcome.url in changes.ids:
        outcome = replace(outcome, id=changes.ids[outcome.url])  # it was gathered under another address, and has moved since
    body = _body(outcome)
    if reading.polled and _told_by_another(changes, reading, outcome):
        changes.documents[key] = _document_row(key, reading.fingerprint, outcome.id, None)
        changes.unchanged += 1
        return
    refused = _refusal(changes, reading, outcome, body)
    if refused:
        changes.failures.append(refused)
        changes.documents[key] = _document_row(key, READ_AGAIN, None, refused)  # the claim may be free the next time
        return
    _settle_story(changes, reading, outcome, body, at)
    changes.documents[key] = _document_row(key, reading.fingerprint, outcome.id, None)


def _told_by_another(changes: Changes, reading: Reading, story: Story) -> bool:
    """Whether another source has this story and may keep it. A story's own site takes it from whoever else told it first.

    Of several sources of that site each may withdraw the story, and tell it again.
    """
    owner = changes.stories.get(story.id)
    if owner is None or owner["gathered_by"] == reading.source or owner["gone_at"] is not None:
        return False
    if reading.polled and reading.own_word and (story.withdrawn or json.loads(owner["body"]).get("withdrawn")):
        return False
    return bool(owner["own_word"]) or not reading.own_word


def _refusal(changes: Changes, reading: Reading, story: Story, body: str) -> Failure | None:
    if _told_by_another(changes, reading, story):
        owner = changes.stories[story.id]
        reason = f"claims the address of a story from {owner['gathered_by']}."
        hint = f"Take it out of one of the two sources; until then the one from {owner['gathered_by']} counts."
        return Failure(source=reading.source, place=reading.place, reason=reason, hint=hint)
    if storable(body) != body:
        hint = "Save the document again as UTF-8."
        return Failure(source=reading.source, place=reading.place, reason="holds characters that are not Unicode text.", hint=hint)
    return None


def _settle_story(changes: Changes, reading: Reading, story: Story, body: str, at: datetime) -> None:
    row, teller = changes.stories.get(story.id), {"gathered_by": reading.source, "own_word": reading.own_word}
    if row is None:
        first = {"first_gathered_at": at, "changed_at": at, "gone_at": None, "version": 1}
        changes.stories[story.id] = _row(story, body) | first | teller
        changes.ids.setdefault(story.url, story.id)
        changes.inserted.add(story.id)
        changes.new += 1
        return
    same = row["body"] == body or story_from_plain(json.loads(row["body"])) == story  # the nouns may have grown since it was written
    if not same:
        changes.versions.append({"story_id": story.id, "version": row["version"], "replaced_at": at, "body": row["body"]})
        row |= _row(story, body) | {"changed_at": at, "version": row["version"] + 1}
    if not same or row["gone_at"] or row["gathered_by"] != reading.source:
        row |= teller | {"gone_at": None}
        changes.touched.add(story.id)
    changes.changed += not same
    changes.unchanged += same


# --- rows


def _row(story: Story, body: str) -> dict[str, Any]:
    return {
        "id": story.id,
        "source": story.source,
        "url": story.url,
        "headline": story.headline,
        "published_at": story.published_at,
        "language": story.language,
        "body": body,
        "words": searchable("\n".join((story.headline, story.source, story.dek, *story.paragraphs))),
    }


def _body(story: Story) -> str:
    return json.dumps(story_to_plain(story), ensure_ascii=False, separators=(",", ":"))


def _document_row(key: tuple[str, str], fingerprint: str, story_id: str | None, failure: Failure | None) -> dict[str, Any]:
    source, place = key
    row: dict[str, Any] = {"source": source, "place": place, "fingerprint": fingerprint, "story_id": story_id, "reason": None, "hint": ""}
    return row | {"reason": storable(failure.reason), "hint": storable(failure.hint)} if failure else row


# --- the database


def _stories_as_they_stand(connection: Connection, batch: Sequence[Reading]) -> dict[str, dict[str, Any]]:
    from digest.store.tables import story

    ids = {reading.outcome.id for reading in batch if isinstance(reading.outcome, Story)}
    urls = {storable(reading.outcome.url) for reading in batch if isinstance(reading.outcome, Story) and reading.polled} - {""}
    rows = connection.execute(story.select().where(story.c.id.in_(ids) | story.c.url.in_(urls))).mappings()
    return {row["id"]: dict(row) for row in rows}


def _documents_as_they_stand(connection: Connection, batch: Sequence[Reading]) -> dict[tuple[str, str], dict[str, Any]]:
    from digest.store.tables import document

    places = {storable(reading.place) for reading in batch}
    rows = connection.execute(document.select().where(document.c.place.in_(places))).mappings()
    return {(row["source"], row["place"]): dict(row) for row in rows}


def _write(connection: Connection, changes: Changes, batch: Sequence[Reading]) -> None:
    from sqlalchemy import bindparam

    from digest.store.tables import document, story, story_version

    inserted = [changes.stories[id] for id in sorted(changes.inserted)]
    touched = [changes.stories[id] | {"which": id} for id in sorted(changes.touched - changes.inserted)]
    keys = {(reading.source, storable(reading.place)) for reading in batch}
    if inserted:
        connection.execute(story.insert(), inserted)
    if touched:
        connection.execute(story.update().where(story.c.id == bindparam("which")), touched)
    if changes.versions:
        connection.execute(story_version.insert(), changes.versions)
    this_document = (document.c.source == bindparam("of")) & (document.c.place == bindparam("at"))
    connection.execute(document.delete().where(this_document), [{"of": source, "at": place} for source, place in sorted(keys)])
    connection.execute(document.insert(), [changes.documents[key] for key in sorted(keys)])
