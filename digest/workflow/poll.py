"""Poll one source on the web: read its feed, sitemap or pages, know again what is known, and keep what is new or has changed."""

import codecs
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.edit.reading.feed import Entry, read_feed
from digest.edit.reading.feed import item_of as item_of_entry
from digest.edit.reading.identity import same_site, story_id
from digest.edit.reading.item import item_to_json
from digest.edit.reading.recognise import Mark, Recognised, keys_of, recognise, url_key
from digest.edit.reading.sitemap import Listed, read_sitemap
from digest.errors import Unreadable
from digest.gather.answers import Fetched, Known, Unchanged, Unfetched
from digest.gather.http import Web
from digest.model import Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.store.addresses import Address, Name
from digest.store.stories import Reading, Seen
from digest.workflow.reading import ADDED, Gathered, Progress, Silent, dated, fingerprint, hints_of, read_document, reader

_T = TypeVar("_T")
MOST_ENTRIES = 1_000  # of a feed that are looked at
MOST_SITEMAPS = 50  # of an index
MOST_UNDATED = 200  # pages without a date in a sitemap that is read for the first time; of more only those that come later are read
MOST_PAGES = 500  # of a source that are read in a round
SECONDS = 600.0  # of a round, for one source
AT_ONCE = 20  # pages read and kept in one transaction
WATCHED = timedelta(days=14)  # how long a page is looked at again, in case it is corrected or withdrawn
FIRST_LOOK = timedelta(hours=1)  # after which it is; from then on whenever it is twice as old
AGAIN = timedelta(minutes=10)  # before a page that failed is tried again; after each further time twice as long
LONGEST = timedelta(days=1)
READ_AGAIN = ""  # as in store.keeping
PAGES = ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a round over one source brought."""

    gathered: Gathered
    moved: str = ""  # the address that its feed or sitemap is read at now


def poll(newsroom: Newsroom, source: Source, web: Web, *, now: datetime, progress: Progress) -> Polled:
    """Read what is new or has changed at a source. Everything is kept step by step: what a kill takes away is read again."""
    round = _Round(newsroom, source, web, now, progress)
    if source.feed:
        round.read_feed()
    elif source.sitemap:
        round.read_sitemap()
    elif source.pages:
        round.list_pages()
    round.read_pages()
    return Polled(gathered=round.total, moved=round.moved)


def add(newsroom: Newsroom, source: Source, web: Web, *, now: datetime) -> Gathered:
    """Read the pages of `source` now and keep those that hold a story; the others are forgotten."""
    round = _Round(newsroom, source, web, now, Silent())
    already = newsroom.addresses.pages(source.name)
    round.add_pages()
    newsroom.addresses.forget_pages(
        source.name, keep=already | {place for place, seen in newsroom.stories.seen(source.name).items() if seen.story_id}
    )
    return round.total


class _Round:
    def __init__(self, newsroom: Newsroom, source: Source, web: Web, now: datetime, progress: Progress) -> None:
        self._newsroom, self._source, self._web, self._now, self._progress = newsroom, source, web, now, progress
        self._zone = ZoneInfo(source.zone or newsroom.settings.zone)
        self._settings = _short_hash(json.dumps([asdict(source), newsroom.settings.zone, newsroom.settings.masthead.language]))
        self._is_named = bool(source.pages) or source.name == ADDED.name  # somebody chose the very pages, so robots.txt is not asked
        self._ends = time.monotonic() + SECONDS
        self._done = 0
        self.total = Gathered()
        self.moved = ""

    # --- listings

    def read_feed(self) -> None:
        """Take in what a feed holds; the pages behind it become due."""
        before = self._newsroom.addresses.listings(self._source.name).get(self._source.feed)
        answer, address = self._look(self._source.feed, before)
        if isinstance(answer, Fetched):
            try:
                kind = f"{answer.content_type}; charset={answer.charset}"
                feed = read_feed(answer.content, url=answer.known.url, content_type=kind, zone=self._zone)
            except Unreadable as error:
                self._lose(error.message.removeprefix(answer.known.url).lstrip(": "), error.hint, place=answer.known.url)
                return
            self._take_entries(feed.entries[:MOST_ENTRIES], home=answer.known.url)
            if feed.broken:  # the rest of it may come the next time
                address = replace(address, etag="", last_modified="")
        self._newsroom.addresses.note([address])

    def read_sitemap(self) -> None:
        """Make due what a sitemap and the sitemaps that it names list."""
        known = self._newsroom.addresses.listings(self._source.name)
        answer, address = self._look(self._source.sitemap, known.get(self._source.sitemap))
        if isinstance(answer, Unfetched):
            self._newsroom.addresses.note([address])
            return
        within = {url: one.mark.partition(" ")[2] for url, one in known.items() if url != self._source.sitemap}
        if isinstance(answer, Fetched):
            try:
                sitemap = read_sitemap(answer.content, url=answer.known.url, zone=self._zone)
            except Unreadable as error:
                self._lose(error.message.removeprefix(answer.known.url).lstrip(": "), error.hint, place=answer.known.url)
                return
            self._list(sitemap.pages)
            newest = sorted(sitemap.sitemaps, key=lambda one: one.changed or self._now, reverse=True)
            within = {one.url: one.changed.isoformat() if one.changed else "" for one in newest if self._is_young(one.changed)}
        for url in islice(within, MOST_SITEMAPS):
            self._read_inner(url, within[url], known.get(url))
        self._newsroom.addresses.note([address])

    def _read_inner(self, url: str, changed: str, before: Address | None) -> None:
        """One sitemap of an index, unless the index says that it has not changed. It fails for itself."""
        mark = f"{self._settings} {changed}"
        if changed and before and before.mark == mark and before.read_at:
            return
        answer, address = self._look(url, before, inner=True)
        if isinstance(answer, Fetched):
            try:
                self._list(read_sitemap(answer.content, url=answer.known.url, zone=self._zone).pages)
            except Unreadable as error:
                self._fail(url, error.message.removeprefix(answer.known.url).lstrip(": "), error.hint)
                return
        if not isinstance(answer, Unfetched):
            self._newsroom.addresses.note([replace(address, mark=mark)])

    def list_pages(self) -> None:
        """Make due what digest.toml lists; what it no longer lists is gone."""
        self._note_pages((url, "", self._hints(), url) for url in self._source.pages)
        keep = set(self._source.pages)
        self._newsroom.addresses.forget_pages(self._source.name, keep=keep)
        gone = self._newsroom.stories.forget_places(self._source.name, keep=keep, at=self._now)
        self.total = replace(self.total, gone=self.total.gone + gone)

    def add_pages(self) -> None:
        """Make due what somebody asked for just now, and read it."""
        self._note_pages((url, self._now.isoformat(), self._hints(), url) for url in self._source.pages)
        self.read_pages()

    def _list(self, pages: Sequence[Listed]) -> None:
        """Make due the pages that are young, or new among those without a date."""
        moments = [one.published or one.changed for one in pages]
        dated = [one for one, moment in zip(pages, moments, strict=True) if moment and self._is_young(moment)]
        undated = [one for one, moment in zip(pages, moments, strict=True) if not moment]
        archive = len(undated) > MOST_UNDATED and not self._newsroom.addresses.pages(self._source.name)
        self._note_pages(map(self._listed, dated))
        self._note_pages(map(self._listed, undated), due=not archive)
        if archive:
            reason = f"lists {len(undated):,} pages without a date; those that are added from now on are read."
            self._fail(self._source.sitemap, reason, "Name the sitemap of its news, if there is one.")

    def _listed(self, one: Listed) -> tuple[str, str, dict[str, str], str]:
        moment = one.published.isoformat() if one.published else ""
        return one.url, f"{one.changed or ''} {moment} {one.title}", self._hints(one.tags, one.language, moment), one.url

    def _is_young(self, moment: datetime | None) -> bool:
        return moment is None or moment >= self._now - timedelta(days=self._source.days)

    def _note_pages(self, pages: Iterable[tuple[str, str, dict[str, str], str]], *, due: bool = True) -> None:
        """Make due each page (place, what is said of it, hints, where it is) that is new, or of which something new is said."""
        pages = list(pages)
        known = self._newsroom.addresses.among(self._source.name, [place for place, *_ in pages])
        fresh = []
        for place, said, hints, at in pages:
            mark = _short_hash(said + self._settings)
            before = known.get(place) or Address(source=self._source.name, url=place, kind="page", listed_at=self._now)
            if before.mark != mark:
                moved = at if at != place else before.moved
                fresh.append(replace(before, mark=mark, hints=hints, due_at=self._now if due else None, moved=moved))
        self._newsroom.addresses.note(fresh)

    def _hints(self, tags: Sequence[str] = (), language: str = "", published: str = "") -> dict[str, str]:
        settled = hints_of(self._source)
        listed = {
            "tags": ",".join(filter(None, (settled.get("tags", ""), *(tag.replace(",", " ") for tag in tags)))),
            "language": settled.get("language", language),
            "published": published,
        }
        return {name: value for name, value in listed.items() if value}

    # --- one call

    def _look(self, url: str, before: Address | None, *, inner: bool = False) -> tuple[Fetched | Unchanged | Unfetched, Address]:
        """Ask a feed or sitemap whether it has changed; what it says is to be noted once it is taken in."""
        address = before or Address(source=self._source.name, url=url, kind="listing", listed_at=self._now)
        settings = self._settings if inner else self._settings + reader()[:16]
        if address.mark.partition(" ")[0] != settings:  # read as if it were new
            address = replace(address, mark=settings, known_url="", etag="", last_modified="")
        if address.due_at and address.due_at > self._now:
            wait = (address.due_at - self._now).total_seconds()
            hint = "Nothing is wrong: it is read when the time has come."
            return Unfetched(kind="later", place=url, reason="It asked us to come back later.", hint=hint, wait=wait), address
        answer, address = self._ask(address, followed=inner)
        if not inner:
            self.moved = address.moved
        if isinstance(answer, Unfetched):
            asked_for = timedelta(seconds=answer.wait) if answer.kind == "later" else LONGEST if answer.kind == "gone" else timedelta()
            address = replace(address, failures=address.failures + 1, due_at=self._now + asked_for if asked_for else None)
            if answer.kind != "later":
                self._fail(answer.place, answer.reason, answer.hint)
            self._newsroom.addresses.note([address])
            if not inner and answer.kind != "later":
                self.total = replace(self.total, lost=(self._source.name,))
        return answer, address

    def _ask(self, address: Address, *, followed: bool) -> tuple[Fetched | Unchanged | Unfetched, Address]:
        """Read an address where it is now; when it is no longer there, where it was at first."""
        known = Known(url=address.known_url, etag=address.etag, last_modified=address.last_modified) if address.known_url else None
        answer = self._web.fetch(address.moved or address.url, known=known, followed=followed)
        if isinstance(answer, Unfetched) and address.moved and answer.kind in ("missing", "gone", "refused", "failed"):
            address = replace(address, moved="")
            answer = self._web.fetch(address.url, followed=followed)
        if isinstance(answer, Unfetched):
            return answer, address
        heard = replace(address, moved=answer.moved or address.moved, read_at=self._now, due_at=None, failures=0)
        return answer, replace(heard, known_url=answer.known.url, etag=answer.known.etag, last_modified=answer.known.last_modified)

    # --- the entries of a feed

    def _take_entries(self, entries: Sequence[Entry], *, home: str) -> None:
        names = self._newsroom.addresses.names(self._source.name, keys_of(entries))
        known = {key: Mark(place=name.place, look=name.look) for key, name in names.items()}
        found = recognise(entries, known, feed=self._source.feed)
        seen = self._newsroom.stories.seen(self._source.name, [one.place for one in found])
        taken_back = [one.place for one in found if one.entry.deleted]
        pages = [one for one in found if not one.entry.deleted and self._is_followed(one)]
        items = [one for one in found if not one.entry.deleted and not self._is_followed(one)]
        self._take_back(taken_back, seen)
        self._take_items(items, seen, home)
        self._note_pages(self._behind(one) for one in pages)
        fresh = [self._name(one, key) for one in found for key in one.keys if known.get(key) != Mark(place=one.place, look=one.look)]
        self._newsroom.addresses.note(names=fresh)

    def _name(self, one: Recognised, key: str) -> Name:
        return Name(source=self._source.name, key=key, place=one.place, look=one.look)

    def _is_followed(self, one: Recognised) -> bool:
        return self._source.follow and not one.entry.full and bool(one.entry.url) and one.own_address

    def _behind(self, one: Recognised) -> tuple[str, str, dict[str, str], str]:
        entry = one.entry
        moment = entry.published or entry.updated
        said = f"{one.look} {entry.updated or ''} {entry.summary}"
        return one.place, said, self._hints(entry.tags, entry.language, moment.isoformat() if moment else ""), entry.url

    def _take_items(self, found: Sequence[Recognised], seen: Mapping[str, Seen], home: str) -> None:
        fresh, unchanged, empty = list[Reading](), list[Seen](), 0
        for one in found:
            item = item_of_entry(one.entry)
            if not item.paragraphs:
                empty += 1
                continue
            content = item_to_json(item)
            document = Document(
                source=self._source.name, url=one.place, kind="item", content=content, fetched_at=self._now, hints=self._hints()
            )
            mark = fingerprint(document, self._source, self._newsroom)
            before = seen.get(one.place)
            if before and before.fingerprint == mark:
                unchanged.append(before)
                continue
            own_word = not item.url or same_site(home, item.url)
            fresh.append(self._read(document, one.place, mark, before, own_word=own_word, own_address=one.own_address))
        self._count_known(unchanged)
        for batch in _batches(fresh, 100):
            self._keep(batch)
        if empty:
            what = "Of its entries none holds" if empty == len(found) else f"{empty} of its {len(found)} entries do not hold"
            self._fail(self._source.feed, f"{what} any text.", "Say follow = true to read the pages behind them.")

    def _take_back(self, places: Sequence[str], seen: Mapping[str, Seen]) -> None:
        readings = [reading for place in places if (reading := self._withdrawal(place, seen.get(place)))]
        self._keep(readings, withdrawn=len(readings))

    # --- pages

    def read_pages(self) -> None:
        """Read the pages that are due, as many as a round has time for."""
        due = self._newsroom.addresses.due(self._source.name, self._now, MOST_PAGES + 1)
        seen = self._newsroom.stories.seen(self._source.name, [one.url for one in due])
        read = 0
        for batch in _batches(due[:MOST_PAGES], AT_ONCE):
            if time.monotonic() > self._ends:
                break
            visited = [self._visit(one, seen.get(one.url)) for one in batch]
            readings = [reading for reading, _ in visited if reading]
            withdrawn = sum(isinstance(one.outcome, Story) and one.fingerprint == READ_AGAIN for one in readings)
            self._keep(readings, withdrawn=withdrawn)
            self._newsroom.addresses.note([address for _, address in visited], self._other_names(readings))
            read += len(batch)
        self.total = replace(self.total, left=self.total.left + len(due) - read)

    def _visit(self, address: Address, before: Seen | None) -> tuple[Reading | None, Address]:
        """Read one page, and say when it is to be read again."""
        answer, after = self._ask(address, followed=not self._is_named)
        if isinstance(answer, Fetched) and _leads_home(address.moved or address.url, answer.known.url):
            reason, hint = "It leads to the site's front page now.", "Its story may have been withdrawn."
            answer = Unfetched(kind="missing", place=address.url, reason=reason, hint=hint)
        if isinstance(answer, Unfetched):
            return self._failed(answer, address, before)
        after = replace(after, due_at=self._next_look(after))
        if isinstance(answer, Unchanged):
            self._count_known([before] if before else [])
            return None, after
        source = self._source.name
        content = in_utf8(answer.content, answer.charset)
        url = answer.known.url
        document = Document(source=self._outlet(url), url=url, kind="html", content=content, fetched_at=self._now, hints=address.hints)
        mark = fingerprint(document, self._source, self._newsroom)
        if before and before.fingerprint == mark:
            self._count_known([before])
            return None, after
        if answer.content_type not in PAGES:
            outcome = Failure(source=source, place=address.url, reason=f"It is {answer.content_type}, no page.", hint="Leave it out.")
            return Reading(source=source, place=address.url, fingerprint=mark, outcome=outcome), after
        return self._read(document, address.url, mark, before), after

    def _outlet(self, url: str) -> str:
        """What is printed as the source of a page that names none."""
        return (urlsplit(url).hostname or url).removeprefix("www.") if self._source.name == ADDED.name else self._source.name

    def _failed(self, answer: Unfetched, address: Address, before: Seen | None) -> tuple[Reading | None, Address]:
        """A page that gave nothing: withdrawn, put off, or a failure that is tried again."""
        wait = min(AGAIN * 2 ** min(address.failures, 20), LONGEST)
        if answer.kind == "later":
            wait = max(timedelta(seconds=answer.wait), AGAIN)
        elif answer.kind in ("missing", "gone", "denied", "robots", "refused"):
            wait = LONGEST
        watched = self._now - address.listed_at < WATCHED or bool(self._source.pages)
        after = replace(address, failures=address.failures + 1, due_at=self._now + wait if watched else None)
        if answer.kind in ("missing", "gone"):
            after = replace(after, known_url="", etag="", last_modified="")  # should it come back, it is read whole
            if before and before.story_id:
                return self._withdrawal(address.url, before), after
        if answer.kind == "later":
            return None, after
        outcome = Failure(source=self._source.name, place=address.url, reason=answer.reason, hint=answer.hint)
        return Reading(source=self._source.name, place=address.url, fingerprint=READ_AGAIN, outcome=outcome, polled=True), after

    def _next_look(self, address: Address) -> datetime | None:
        """Twice as old as it is now, for as long as it is watched."""
        age = self._now - address.listed_at
        if age < WATCHED:
            return self._now + max(age, FIRST_LOOK)
        return self._now + LONGEST if self._source.pages else None

    def _other_names(self, readings: Sequence[Reading]) -> list[Name]:
        """The address that a page gives as its own is one more by which its entry is known."""
        stories = [(one.place, one.outcome) for one in readings if isinstance(one.outcome, Story) and one.outcome.url]
        found = [Name(source=self._source.name, key=url_key(story.url), place=place, look=story.headline) for place, story in stories]
        known = self._newsroom.addresses.names(self._source.name, [name.key for name in found])
        return [name for name in found if name.key not in known]

    # --- keeping

    def _read(
        self, document: Document, place: str, mark: str, before: Seen | None, *, own_word: bool = True, own_address: bool = True
    ) -> Reading:
        """A document as a story that keeps its id, whatever address it has now."""
        outcome = read_document(document, self._source, self._newsroom)
        if isinstance(outcome, Story) and before and before.story_id:
            outcome = replace(outcome, id=before.story_id)
        elif isinstance(outcome, Story) and not own_address:
            outcome = replace(outcome, id=story_id("", source=self._source.name, path=place))
        elif isinstance(outcome, Failure):
            outcome = replace(outcome, source=self._source.name, place=place)
        return Reading(
            source=self._source.name,
            place=place,
            fingerprint=mark,
            outcome=outcome,
            polled=True,
            own_word=own_word,
            own_address=own_address,
        )

    def _withdrawal(self, place: str, before: Seen | None) -> Reading | None:
        """The story of a place, taken back; None when there is none, or it is already."""
        if before is None or not before.story_id:
            return None
        story = self._newsroom.stories.among([before.story_id]).get(before.story_id)
        if story is None or story.withdrawn:
            return None
        outcome = replace(story, withdrawn=True)
        return Reading(source=self._source.name, place=place, fingerprint=READ_AGAIN, outcome=outcome, polled=True)

    def _keep(self, readings: Sequence[Reading], *, withdrawn: int = 0) -> None:
        readings = self._first_told(dated(readings, self._source, self._newsroom, self._now))
        kept = self._newsroom.stories.keep(readings, at=self._now)
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
        self._progress.moved(self._source.name, self._done)

    def _first_told(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """Without what another place of this source tells already: a page and its twin for phones are one story."""
        stories = [one.outcome.id for one in readings if isinstance(one.outcome, Story)]
        told = self._newsroom.stories.places(self._source.name, stories)
        mine = [not isinstance(one.outcome, Story) or told.setdefault(one.outcome.id, one.place) == one.place for one in readings]
        self.total = replace(self.total, unchanged=self.total.unchanged + mine.count(False))
        return tuple(one for one, first in zip(readings, mine, strict=True) if first)

    def _count_known(self, known: Sequence[Seen]) -> None:
        failures = tuple(one.failure for one in known if one.failure)
        self.total = self.total.plus(Gathered(unchanged=len(known) - len(failures), failures=failures))
        self._done += len(known)
        self._progress.moved(self._source.name, self._done)

    def _fail(self, place: str, reason: str, hint: str) -> None:
        self.total = self.total.plus(Gathered(failures=(Failure(source=self._source.name, place=place, reason=reason, hint=hint),)))

    def _lose(self, reason: str, hint: str, *, place: str) -> None:
        self._fail(place, reason, hint)
        self.total = replace(self.total, lost=(self._source.name,))


def _leads_home(asked: str, came: str) -> bool:
    """Whether a story's address ends at a front page, as sites do with what they took away."""
    return urlsplit(came).path in ("", "/") and not urlsplit(came).query and urlsplit(asked).path not in ("", "/")


def in_utf8(content: bytes, charset: str) -> bytes:
    """A page in the charset that only its header names, as UTF-8; every other page as it is."""
    try:
        content.decode("utf-8")
        return content
    except UnicodeDecodeError:
        pass
    try:
        name = codecs.lookup(charset).name if charset else ""
    except LookupError:
        return content
    if not name or name.startswith("utf"):
        return content
    return content.decode("cp1252" if name == "iso8859-1" else name, "replace").encode()


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _batches(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (values[at : at + size] for at in range(0, len(values), size))
