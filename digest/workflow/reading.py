"""Read documents into stories: what all rounds over the sources share, whether these lie in files or on the web."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import digest.edit
from digest.edit.read import read
from digest.errors import DigestError
from digest.model import Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.store.stories import Reading

ADDED = Source(name="digest add")  # gathers the pages that somebody put into the store one by one


class Progress(Protocol):
    """Is told how far a round has come. Several threads call it."""

    def moved(self, source: str, done: int) -> None:
        """So many documents of this source are done."""

    def over(self, source: str) -> None:
        """This source is done."""


class Silent:
    """Tells nobody."""

    def moved(self, source: str, done: int) -> None:
        """As Progress."""

    def over(self, source: str) -> None:
        """As Progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a round over the sources brought."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    withdrawn: int = 0  # taken back by their source
    left: int = 0  # pages that wait for the next round
    failures: tuple[Failure, ...] = ()
    lost: tuple[str, ...] = ()  # names of the sources that could not be looked into at all

    def plus(self, other: "Gathered") -> "Gathered":
        """Both rounds as one."""
        return Gathered(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            gone=self.gone + other.gone,
            withdrawn=self.withdrawn + other.withdrawn,
            left=self.left + other.left,
            failures=self.failures + other.failures,
            lost=self.lost + other.lost,
        )


def read_document(document: Document, source: Source, newsroom: Newsroom) -> Story | Failure:
    """The story in a document, or why there is none."""
    settings = newsroom.settings
    try:
        return read(document, zone=ZoneInfo(source.zone or settings.zone), language=settings.masthead.language)
    except DigestError as error:
        return refused(document, error)
    except Exception as error:  # noqa: BLE001  (one document that trips a parser must not stop a newsroom's week; it is reported)
        return tripped(document, error)


def refused(document: Document, error: DigestError) -> Failure:
    """The Failure of a document that could not be read."""
    reason = error.message.removeprefix(document.url).lstrip(":, ")
    return Failure(source=document.source, place=document.url, reason=reason, hint=error.hint)


def tripped(document: Document, error: Exception) -> Failure:
    """The Failure of a document that our own reader fell over."""
    reason = f"it cannot be read: {type(error).__name__}: {error}"
    return Failure(source=document.source, place=document.url, reason=reason, hint="Please report it, with the file.")


def whereabouts(source: Source) -> str:
    """Where a source is, for people."""
    return source.files or source.feed or source.sitemap or ", ".join(source.pages)


def hints_of(source: Source) -> dict[str, str]:
    """What a source settles for all of its documents."""
    settled = {"language": source.language, "tags": ",".join(source.tags)}
    return {name: value for name, value in settled.items() if value}


def dated(readings: Sequence[Reading], source: Source, newsroom: Newsroom, now: datetime) -> tuple[Reading, ...]:
    """Undated stories of a source that says so are dated by the moment they were first seen."""
    undated = [reading.outcome.id for reading in readings if isinstance(reading.outcome, Story) and reading.outcome.published_at is None]
    if source.undated != "gathered" or not undated:
        return tuple(readings)
    first = newsroom.stories.first_gathered(undated)

    def with_date(reading: Reading) -> Reading:
        story = reading.outcome
        if isinstance(story, Failure) or story.published_at is not None:
            return reading
        return replace(reading, outcome=replace(story, published_at=first.get(story.id, now)))

    return tuple(map(with_date, readings))


def fingerprint(document: Document, source: Source, newsroom: Newsroom) -> str:
    """Changes with anything that a reading depends on: the bytes, the source's settings, the reader itself.

    But not with the place in a feed, which moves at every look: a story keeps the one that it had when it was last read.
    """
    hints = {name: value for name, value in document.hints.items() if name != "place"}
    settings = json.dumps([reader(), asdict(source), newsroom.settings.zone, newsroom.settings.masthead.language, hints])
    return hashlib.sha256(settings.encode() + b"\0" + document.content).hexdigest()


@lru_cache(maxsize=1)
def reader() -> str:
    """Changes with the code and the word lists that read a document, so that a newer digest reads everything anew."""
    edit = Path(digest.edit.__file__).parent
    parts = [*edit.glob("*.py"), *(edit / "reading").rglob("*.py"), *(edit / "words").iterdir()]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in sorted(parts) if part.is_file())).hexdigest()
