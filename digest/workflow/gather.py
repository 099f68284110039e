"""Go round the sources and keep what they have."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import digest.edit
from digest.edit.read import read
from digest.edit.reading.items import part_items
from digest.errors import DigestError
from digest.gather.files import gather_files
from digest.model import Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.store.stories import Reading, Seen
from digest.workflow.drop import Drop, is_told

Progress = Callable[[str, int], None]  # a source, and how many of its documents are done
AT_ONCE = 100  # documents read and kept in one transaction


def silent(_source: str, _done: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a round over the sources brought."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    failures: tuple[Failure, ...] = ()
    lost: tuple[str, ...] = ()  # names of the sources that could not be looked into at all

    def plus(self, other: "Gathered") -> "Gathered":
        """Both rounds as one."""
        return Gathered(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            gone=self.gone + other.gone,
            failures=self.failures + other.failures,
            lost=self.lost + other.lost,
        )


def gather_sources(newsroom: Newsroom, *, now: datetime, progress: Progress = silent) -> Gathered:
    """Read every source into the store. A document or source that fails becomes a Failure and stops nothing."""
    sources = newsroom.settings.sources
    total = Gathered(gone=newsroom.stories.forget_sources(keep={source.name for source in sources}, at=now))
    for source in sources:
        total = total.plus(_gather_source(newsroom, source, now=now, progress=progress))
    return total


def _gather_source(newsroom: Newsroom, source: Source, *, now: datetime, progress: Progress) -> Gathered:
    seen = newsroom.stories.seen(source.name)
    total, places = Gathered(), set[str]()
    told = None if source.drop else dict[str, str]()  # where others put files, whichever comes later tells the story again
    drop = Drop(newsroom=newsroom, source=source, now=now) if source.drop else None
    found = drop.documents() if drop else gather_files(source, newsroom.root, now=now)
    for batch in _batches(_parted(found, source, newsroom)):
        total = total.plus(_take_in(newsroom, source, batch, seen, told, now))
        places |= {found.place if isinstance(found, Failure) else found.url for found in batch}
        progress(source.name, len(places))
    if drop:
        return drop.settled(total, places)
    broken = {failure.place for failure in total.failures if "#" not in failure.place}
    places |= {place for place in seen if place.partition("#")[0] in broken}  # a file that is broken today keeps the stories it told
    # A source that cannot be looked into says nothing about its stories: they are not gone.
    if any(failure.place == source.files for failure in total.failures):
        return replace(total, lost=(source.name,))
    return replace(total, gone=newsroom.stories.forget_places(source.name, keep=places, at=now))


def _parted(found: Iterator[Document | Failure], source: Source, newsroom: Newsroom) -> Iterator[Document | Failure]:
    """The same, with newswire files, feeds and exports parted into their stories."""
    zone = ZoneInfo(source.zone or newsroom.settings.zone)
    for one in found:
        try:
            yield from (one,) if isinstance(one, Failure) else part_items(one, zone=zone)
        except Exception as error:  # noqa: BLE001  (as in _read: one file that trips a parser must not stop a newsroom's week)
            assert isinstance(one, Document)
            yield _tripped(one, error)


def _take_in(
    newsroom: Newsroom,
    source: Source,
    batch: Iterable[Document | Failure],
    seen: Mapping[str, Seen],
    told: dict[str, str] | None,
    now: datetime,
) -> Gathered:
    """Read what is new or has changed in a batch and keep it, in one transaction. `told`: story id -> the file that told it this round."""
    failures = [found for found in batch if isinstance(found, Failure)]
    fresh: list[Reading] = []
    known: list[Seen] = []
    for document in (found for found in batch if isinstance(found, Document)):
        mark = _fingerprint(document, source, newsroom)
        before = seen.get(document.url)
        if before is not None and before.fingerprint == mark and not _told_elsewhere(before.story_id, document, told):
            known.append(before)
        else:
            outcome = _newest(_read(document, source, newsroom), document, told, newsroom, fresh)
            fresh.append(Reading(source=source.name, place=document.url, fingerprint=mark, outcome=outcome))
    readings = _dated(fresh, source, newsroom, now)
    # A bad file of a drop folder is set aside with its reason: nothing of it stays on record.
    kept = newsroom.stories.keep([one for one in readings if not (source.drop and isinstance(one.outcome, Failure))], at=now)
    failures += [before.failure for before in known if before.failure]
    failures += [reading.outcome for reading in readings if isinstance(reading.outcome, Failure)]
    unchanged = kept.unchanged + sum(before.failure is None for before in known)
    return Gathered(new=kept.new, changed=kept.changed, unchanged=unchanged, failures=(*failures, *kept.failures))


def _read(document: Document, source: Source, newsroom: Newsroom) -> Story | Failure:
    settings = newsroom.settings
    try:
        return read(document, zone=ZoneInfo(source.zone or settings.zone), language=settings.masthead.language)
    except DigestError as error:
        return refused(document, error)
    except Exception as error:  # noqa: BLE001  (one document that trips a parser must not stop a newsroom's week; it is reported)
        return _tripped(document, error)


def _tripped(document: Document, error: Exception) -> Failure:
    reason = f"it cannot be read: {type(error).__name__}: {error}"
    return Failure(source=document.source, place=document.url, reason=reason, hint="Please report it, with the file.")


def _newest(
    outcome: Story | Failure, document: Document, told: dict[str, str] | None, newsroom: Newsroom, fresh: Sequence[Reading]
) -> Story | Failure:
    """The story, or the one that is kept where another file told a later version of it: an agency sends each version as a file of its own.

    What was withdrawn stays so until a later version comes, even when the file that withdrew it has been tidied away.
    """
    if isinstance(outcome, Failure) or document.kind != "item":
        return _one_telling(outcome, document, told)
    pending = (one.outcome for one in reversed(fresh) if isinstance(one.outcome, Story) and one.outcome.id == outcome.id)
    kept = next(pending, None) or newsroom.stories.among([outcome.id]).get(outcome.id)
    if kept and _age(kept) > _age(outcome):
        return kept
    return outcome if any(_age(outcome)) else _one_telling(outcome, document, told)


def _age(story: Story) -> tuple[int, bool]:
    """What of two versions is the later one. Of two with one number the one that is withdrawn counts."""
    return story.revision, story.withdrawn


def _one_telling(outcome: Story | Failure, document: Document, told: dict[str, str] | None) -> Story | Failure:
    """The story, unless another file of the source has its address: the later one would silently take the place of the first."""
    if isinstance(outcome, Failure) or not (elsewhere := _told_elsewhere(outcome.id, document, told)):
        return outcome
    reason = f"has the address of {elsewhere}, which is kept."
    return Failure(source=document.source, place=document.url, reason=reason, hint="Give each story its own url, or take one file away.")


def _told_elsewhere(story_id: str, document: Document, told: dict[str, str] | None) -> str:
    """The other file that told this story in this round; "" when there is none. A feed file may tell a story again, newer."""
    if told is None:
        return ""
    file = document.url.partition("#")[0]
    first = told.setdefault(story_id, file) if story_id else file
    return "" if first == file else first


def refused(document: Document, error: DigestError) -> Failure:
    """The Failure of a document that could not be read."""
    reason = error.message.removeprefix(document.url).lstrip(":, ")
    return Failure(source=document.source, place=document.url, reason=reason, hint=error.hint)


def _dated(readings: Sequence[Reading], source: Source, newsroom: Newsroom, now: datetime) -> tuple[Reading, ...]:
    """Undated stories of a source that says so are dated by the moment they were first seen."""
    undated = [reading.outcome.id for reading in readings if isinstance(reading.outcome, Story) and reading.outcome.published_at is None]
    if source.undated != "gathered" or not undated:
        return tuple(readings)
    first = newsroom.stories.first_gathered(undated)

    def dated(reading: Reading) -> Reading:
        story = reading.outcome
        if isinstance(story, Failure) or story.published_at is not None:
            return reading
        return replace(reading, outcome=replace(story, published_at=first.get(story.id, now)))

    return tuple(map(dated, readings))


def _fingerprint(document: Document, source: Source, newsroom: Newsroom) -> str:
    """Changes with anything that a reading depends on: the bytes, the source's settings, the reader itself."""
    settings = json.dumps([_reader(), asdict(source), newsroom.settings.zone, newsroom.settings.masthead.language, dict(document.hints)])
    return hashlib.sha256(settings.encode() + b"\0" + document.content).hexdigest()


@lru_cache(maxsize=1)
def _reader() -> str:
    """Changes with the code and the word lists that read a document, so that a newer digest reads everything anew."""
    edit = Path(digest.edit.__file__).parent
    parts = [*edit.glob("*.py"), *(edit / "reading").rglob("*.py"), *(edit / "words").iterdir()]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in sorted(parts) if part.is_file())).hexdigest()


def known_failures(newsroom: Newsroom) -> tuple[Failure, ...]:
    """The documents that could not be used when they were last gathered."""
    seen = ((source, sorted(newsroom.stories.seen(source.name).items())) for source in newsroom.settings.sources)
    return tuple(one.failure for source, places in seen for place, one in places if one.failure and is_told(newsroom, source, place, one))


def _batches(found: Iterator[Document | Failure]) -> Iterator[list[Document | Failure]]:
    while batch := list(islice(found, AT_ONCE)):
        yield batch
