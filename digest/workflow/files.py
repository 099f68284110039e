"""Go through the files of a source and keep what they tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from digest.edit.reading.items import part_items
from digest.gather.files import gather_files
from digest.model import Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.store.stories import Reading, Seen
from digest.workflow.drop import Drop
from digest.workflow.reading import Gathered, Progress, dated, fingerprint, read_document, tripped

AT_ONCE = 100  # documents read and kept in one transaction


def look_through(newsroom: Newsroom, source: Source, *, now: datetime, progress: Progress) -> Gathered:
    """Read what is new or has changed in the files of a source. A file that fails becomes a Failure and stops nothing."""
    seen = newsroom.stories.seen(source.name)
    total, places = Gathered(), set[str]()
    told = None if source.drop else dict[str, str]()  # where others put files, whichever comes later tells the story again
    drop = Drop(newsroom=newsroom, source=source, now=now) if source.drop else None
    found = drop.documents() if drop else gather_files(source, newsroom.root, now=now)
    for batch in _batches(_parted(found, source, newsroom)):
        total = total.plus(_take_in(newsroom, source, batch, seen, told, now))
        places |= {found.place if isinstance(found, Failure) else found.url for found in batch}
        progress.moved(source.name, len(places))
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
        except Exception as error:  # noqa: BLE001  (as in read_document: one file that trips a parser must not stop a newsroom's week)
            assert isinstance(one, Document)
            yield tripped(one, error)


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
        mark = fingerprint(document, source, newsroom)
        before = seen.get(document.url)
        if before is not None and before.fingerprint == mark and not _told_elsewhere(before.story_id, document, told):
            known.append(before)
        else:
            outcome = _newest(read_document(document, source, newsroom), document, told, newsroom, fresh)
            fresh.append(Reading(source=source.name, place=document.url, fingerprint=mark, outcome=outcome))
    readings = dated(fresh, source, newsroom, now)
    # A bad file of a drop folder is set aside with its reason: nothing of it stays on record.
    kept = newsroom.stories.keep([one for one in readings if not (source.drop and isinstance(one.outcome, Failure))], at=now)
    failures += [before.failure for before in known if before.failure]
    failures += [reading.outcome for reading in readings if isinstance(reading.outcome, Failure)]
    unchanged = kept.unchanged + sum(before.failure is None for before in known)
    return Gathered(new=kept.new, changed=kept.changed, unchanged=unchanged, failures=(*failures, *kept.failures))


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


def _batches(found: Iterator[Document | Failure]) -> Iterator[list[Document | Failure]]:
    while batch := list(islice(found, AT_ONCE)):
        yield batch
