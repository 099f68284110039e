"""One round over one source on the web: what it asks, what it reads and keeps, and what it brought."""

import hashlib
import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.edit.reading.identity import same_site, story_id
from digest.gather.answers import Fetched, Known, Unchanged, Unfetched
from digest.gather.http import Web
from digest.model import Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.store.addresses import Address
from digest.store.keeping import READ_AGAIN
from digest.store.stories import Reading, Seen
from digest.workflow.reading import ADDED, Gathered, Progress, dated, hints_of, read_document

SECONDS = 600.0  # after which a round reads no further page
READERS = threading.Semaphore(2)  # rounds that read a document at the same time: more would only take the processor from each other


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """A page as its listing tells of it."""

    place: str  # the address by which its story is known
    at: str  # where it is now
    said: str = ""  # changes with what is said of it
    hints: Mapping[str, str]  # as Document.hints


class Round:
    """A round over a source. `total` is what it brought so far, `moved` the address that its feed or sitemap is read at now."""

    def __init__(self, newsroom: Newsroom, source: Source, web: Web, now: datetime, progress: Progress) -> None:
        """`now` is when the round begins, UTC."""
        self.newsroom, self.source, self.now = newsroom, source, now
        self._web, self._progress = web, progress
        self.zone = ZoneInfo(source.zone or newsroom.settings.zone)
        self.settings = short_hash(json.dumps([asdict(source), newsroom.settings.zone, newsroom.settings.masthead.language]))
        self.is_named = bool(source.pages) or source.name == ADDED.name  # somebody chose the very pages, so robots.txt is not asked
        self.ends = time.monotonic() + SECONDS
        self._done = 0
        self.total = Gathered()
        self.moved = ""

    def ask(self, address: Address, *, followed: bool) -> tuple[Fetched | Unchanged | Unfetched, Address]:
        """Read an address where it is now; when it is no longer there, where it was at first."""
        known = Known(url=address.known_url, etag=address.etag, last_modified=address.last_modified) if address.known_url else None
        answer = self._web.fetch(address.moved or address.url, known=known, followed=followed)
        if isinstance(answer, Unfetched) and address.moved and answer.kind in ("missing", "gone", "refused", "failed"):
            address = replace(address, moved="")
            answer = self._web.fetch(address.url, followed=followed)
        if isinstance(answer, Unfetched):
            return answer, address
        heard = replace(address, moved=answer.moved or address.moved, read_at=self.now, due_at=None, failures=0)
        return answer, replace(heard, known_url=answer.known.url, etag=answer.known.etag, last_modified=answer.known.last_modified)

    def note_pages(self, pages: Iterable[ListedPage], *, due: bool = True) -> None:
        """Make due each page that is new, or of which its listing says something new. `due` False: they are noted and not read."""
        listed = list(pages)
        known = self.newsroom.addresses.among(self.source.name, [one.place for one in listed])
        fresh = []
        for one in listed:
            mark = short_hash(one.said + self.settings)
            before = known.get(one.place) or Address(source=self.source.name, url=one.place, kind="page", listed_at=self.now)
            if before.mark != mark:
                moved = one.at if one.at != one.place else before.moved
                fresh.append(replace(before, mark=mark, hints=one.hints, due_at=self.now if due else None, moved=moved))
        self.newsroom.addresses.note(fresh)

    def hints(self, tags: Sequence[str] = (), language: str = "", published: str = "", place: int = 0) -> dict[str, str]:
        """What the source settles and a listing says of a page, for Document.hints."""
        settled = hints_of(self.source)
        listed = {
            "tags": ",".join(filter(None, (settled.get("tags", ""), *(tag.replace(",", " ") for tag in tags)))),
            "language": settled.get("language", language),
            "published": published,
            "place": str(place or ""),
        }
        return {name: value for name, value in listed.items() if value}

    def read(
        self, document: Document, place: str, mark: str, before: Seen | None, *, own_word: bool = True, own_address: bool = True
    ) -> Reading:
        """A document as a story that keeps its id, whatever address it has now."""
        with READERS:
            outcome = read_document(document, self.source, self.newsroom)
        if isinstance(outcome, Story) and before and before.story_id:
            outcome = replace(outcome, id=before.story_id)
        elif isinstance(outcome, Story) and not own_address:
            outcome = replace(outcome, id=story_id("", source=self.source.name, path=place))
        elif isinstance(outcome, Failure):
            outcome = replace(outcome, source=self.source.name, place=place)
        return Reading(
            source=self.source.name,
            place=place,
            fingerprint=mark,
            outcome=outcome,
            polled=True,
            own_word=own_word,
            own_address=own_address,
        )

    def withdrawal(self, place: str, before: Seen | None, *, home: str) -> Reading | None:
        """The story of a place, taken back; None when there is none, or it is already. `home`: where that was said."""
        if before is None or not before.story_id:
            return None
        story = self.newsroom.stories.among([before.story_id]).get(before.story_id)
        if story is None or story.withdrawn:
            return None
        outcome = replace(story, withdrawn=True)
        own_word = same_site(home, story.url)
        return Reading(source=self.source.name, place=place, fingerprint=READ_AGAIN, outcome=outcome, polled=True, own_word=own_word)

    def keep(self, readings: Sequence[Reading], *, withdrawn: int = 0) -> None:
        """Keep what was read, in one transaction, and count it. `withdrawn`: so many of them take a story back."""
        readings = self._first_told(dated(readings, self.source, self.newsroom, self.now))
        kept = self.newsroom.stories.keep(readings, at=self.now)
        withdrawn = min(withdrawn, kept.changed)
        failures = tuple(reading.outcome for reading in readings if isinstance(reading.outcome, Failure))
        self._done += len(readings)
        self.total = self.total.plus(
            Gathered(
                new=kept.new,
                changed=kept.changed - withdrawn,
                unchanged=kept.unchanged,
                withdrawn=withdrawn,
                failures=(*failures, *kept.failures),
            )
        )
        self.tell()

    def _first_told(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """Without what another place of this source tells already: a page and its twin for phones are one story."""
        stories = [one.outcome.id for one in readings if isinstance(one.outcome, Story)]
        told = self.newsroom.stories.places(self.source.name, stories)
        mine = [not isinstance(one.outcome, Story) or told.setdefault(one.outcome.id, one.place) == one.place for one in readings]
        self.total = replace(self.total, unchanged=self.total.unchanged + mine.count(False))
        return tuple(one for one, first in zip(readings, mine, strict=True) if first)

    def count_known(self, known: Sequence[Seen]) -> None:
        """Count documents that have not changed."""
        failures = tuple(one.failure for one in known if one.failure)
        self.total = self.total.plus(Gathered(unchanged=len(known) - len(failures), failures=failures))
        self._done += len(known)
        self.tell()

    def tell(self, in_hand: int = 0) -> None:
        """Say how far the round has come. `in_hand`: so many documents are read and not kept yet."""
        self._progress.moved(self.source.name, self._done + in_hand)

    def fail(self, place: str, reason: str, hint: str) -> None:
        """Tell of something that could not be used."""
        self.total = self.total.plus(Gathered(failures=(Failure(source=self.source.name, place=place, reason=reason, hint=hint),)))

    def lose(self, place: str, reason: str, hint: str) -> None:
        """The same, of the source itself; it is told before all others."""
        failure = Failure(source=self.source.name, place=place, reason=reason, hint=hint)
        self.total = replace(self.total, failures=(failure, *self.total.failures), lost=(self.source.name,))


def short_hash(text: str, content: bytes = b"") -> str:
    """Sixteen characters that change with the text, and with the content."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass") + content).hexdigest()[:16]
