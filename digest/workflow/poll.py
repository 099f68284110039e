"""Poll one source on the web: read its feed, its sitemap or its list of pages, and make due what is new or has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from digest.edit.reading.feed import Entry, item_of, read_feed
from digest.edit.reading.identity import same_site
from digest.edit.reading.item import item_to_json
from digest.edit.reading.recognise import Mark, Recognised, keys_of, recognise
from digest.edit.reading.sitemap import Listed, read_sitemap
from digest.errors import Unreadable
from digest.gather.answers import Fetched, Unchanged, Unfetched
from digest.gather.http import Web
from digest.model import Document, Source
from digest.newsroom import Newsroom
from digest.store.addresses import Address, Name
from digest.store.stories import Reading, Seen
from digest.workflow.pages import LONGEST, read_pages
from digest.workflow.reading import Gathered, Progress, Silent, fingerprint, reader, whereabouts
from digest.workflow.round import ListedPage, Round, short_hash

MOST_ENTRIES = 1_000  # of a feed that are looked at: the newest, wherever they stand
FAR_OFF = datetime.max.replace(tzinfo=UTC)
MOST_SITEMAPS = 50  # of an index that are read in a round
FEW_PAGES = 3  # that cannot be read after others could: fewer may be accidents
MOST_UNDATED = 200  # pages without a date in a sitemap that is read for the first time; of more only those that come later are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a round over one source brought."""

    gathered: Gathered
    moved: str = ""  # the address that its feed or sitemap is read at now


def poll(newsroom: Newsroom, source: Source, web: Web, *, now: datetime, progress: Progress) -> Polled:
    """Read what is new or has changed at a source. Everything is kept step by step: what a kill takes away is read again."""
    round = Round(newsroom, source, web, now, progress)
    round.tell()
    if source.feed:
        _read_feed(round)
    elif source.sitemap:
        _read_sitemap(round)
    elif source.pages:
        _list_pages(round)
    read_pages(round)
    if source.follow or not source.feed:
        _judge_pages(round)
    return Polled(gathered=round.total, moved=round.moved)


def add(newsroom: Newsroom, source: Source, web: Web, *, now: datetime) -> Gathered:
    """Read the pages of `source` now and keep those that hold a story; the others are forgotten."""
    round = Round(newsroom, source, web, now, Silent())
    already = newsroom.addresses.pages(source.name)
    round.note_pages(ListedPage(place=url, at=url, said=now.isoformat(), hints=round.hints()) for url in source.pages)
    read_pages(round)
    told = {place for place, seen in newsroom.stories.seen(source.name).items() if seen.story_id}
    newsroom.addresses.forget_pages(source.name, keep=already | told)
    return round.total


# --- feeds


def _read_feed(round: Round) -> None:
    """Take in what a feed holds; the pages behind it become due."""
    before = round.newsroom.addresses.listings(round.source.name).get(round.source.feed)
    answer, address = _look(round, round.source.feed, before)
    if isinstance(answer, Fetched):
        kind = f"{answer.content_type}; charset={answer.charset}"
        settings = address.mark.partition(" ")[0]
        address = replace(address, mark=f"{settings} {short_hash(f'{answer.known.url} {kind} ', answer.content)}")
        if before and before.known_url and before.mark == address.mark:  # many never say 304, and a feed takes long to read
            _note(round, address, before)
            return
        try:
            feed = read_feed(answer.content, url=answer.known.url, content_type=kind, zone=round.zone)
        except Unreadable as error:
            round.lose(answer.known.url, *_said(error, answer.known.url))
            return
        _take_entries(round, _newest(feed.entries), home=answer.known.url)
        if feed.broken:  # the rest of it may come the next time
            address = replace(address, mark=settings, etag="", last_modified="")
    _note(round, address, before)


def _newest(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many entries as are looked at, in their order. An undated one counts as new."""
    if len(entries) <= MOST_ENTRIES:
        return entries
    moments = [(entry.published or entry.updated or FAR_OFF) for entry in entries]
    newest = sorted(range(len(entries)), key=moments.__getitem__, reverse=True)[:MOST_ENTRIES]
    return [entries[number] for number in sorted(newest)]


def _take_entries(round: Round, entries: Sequence[Entry], *, home: str) -> None:
    names = round.newsroom.addresses.names(round.source.name, keys_of(entries))
    known = {key: Mark(place=name.place, look=name.look) for key, name in names.items()}
    found = recognise(entries, known, feed=round.source.feed)
    seen = round.newsroom.stories.seen(round.source.name, [one.place for one in found])
    withdrawn = [one.place for one in found if one.entry.deleted]
    pages = [one for one in found if not one.entry.deleted and _is_followed(round, one)]
    items = [one for one in found if not one.entry.deleted and not _is_followed(round, one)]
    names_now = [Name(source=round.source.name, key=key, place=one.place, look=one.look) for one in found for key in one.keys]
    # Before the stories: after a kill each is known again, wherever the feed has put it.
    round.newsroom.addresses.note(names=[name for name in names_now if names.get(name.key) != name])
    _withdraw(round, withdrawn, seen, home)
    _take_items(round, items, seen, home)
    round.note_pages(_behind(round, one) for one in pages)


def _is_followed(round: Round, one: Recognised) -> bool:
    return round.source.follow and not one.entry.full and bool(one.entry.url) and one.own_address


def _behind(round: Round, one: Recognised) -> ListedPage:
    """The page behind an entry, and what the entry says that the page may not."""
    entry = one.entry
    moment = entry.published or entry.updated
    hints = round.hints(entry.tags, entry.language, moment.isoformat() if moment else "", entry.place)
    return ListedPage(place=one.place, at=entry.url, said=f"{one.look} {entry.updated or ''} {entry.summary}", hints=hints)


def _take_items(round: Round, found: Sequence[Recognised], seen: Mapping[str, Seen], home: str) -> None:
    fresh, unchanged, empty = list[Reading](), list[Seen](), 0
    for one in found:
        item = item_of(one.entry)
        if not item.paragraphs:
            empty += 1
            continue
        content = item_to_json(item)
        document = Document(
            source=round.source.name, url=one.place, kind="item", content=content, fetched_at=round.now, hints=round.hints(place=item.place)
        )
        mark = fingerprint(document, round.source, round.newsroom)
        before = seen.get(one.place)
        if before and before.fingerprint == mark:
            unchanged.append(before)
            continue
        own_word = not item.url or same_site(home, item.url)
        fresh.append(round.read(document, one.place, mark, before, own_word=own_word, own_address=one.own_address))
    round.count_known(unchanged)
    round.keep(fresh)
    if empty:
        what = "Of its entries none holds" if empty == len(found) else f"{empty} of its {len(found)} entries do not hold"
        round.fail(round.source.feed, f"{what} any text.", "Say follow = true to read the pages behind them.")


def _withdraw(round: Round, places: Sequence[str], seen: Mapping[str, Seen], home: str) -> None:
    readings = [reading for place in places if (reading := round.withdrawal(place, seen.get(place), home=home))]
    round.keep(readings, withdrawn=len(readings))


# --- sitemaps and lists


def _read_sitemap(round: Round) -> None:
    """Make due what a sitemap and the sitemaps that it names list."""
    known = round.newsroom.addresses.listings(round.source.name)
    before = known.get(round.source.sitemap)
    answer, address = _look(round, round.source.sitemap, before)
    if isinstance(answer, Unfetched):
        _note(round, address, before)
        return
    parts = {url: one.mark.partition(" ")[2] for url, one in known.items() if url != round.source.sitemap}
    if isinstance(answer, Fetched):
        try:
            sitemap = read_sitemap(answer.content, url=answer.known.url, zone=round.zone)
        except Unreadable as error:
            round.lose(answer.known.url, *_said(error, answer.known.url))
            return
        _list(round, sitemap.pages)
        newest = sorted(sitemap.sitemaps, key=lambda one: one.changed or round.now, reverse=True)
        parts = {one.url: one.changed.isoformat() if one.changed else "" for one in newest if _is_young(round, one.changed)}
        round.newsroom.addresses.forget_listings(round.source.name, keep={round.source.sitemap, *parts})
    due = _in_turn([url for url in parts if not _is_settled(round, parts[url], known.get(url))], known)
    for url in due[:MOST_SITEMAPS]:
        _read_inner(round, url, parts[url], known.get(url))
    if len(due) > MOST_SITEMAPS:  # the rest of them is read the next time
        address = replace(address, etag="", last_modified="")
    _note(round, address, before)


def _is_settled(round: Round, changed: str, before: Address | None) -> bool:
    """Whether the index says that this sitemap is as it was when it was read."""
    return bool(changed and before and before.read_at and before.mark == f"{round.settings} {changed}")


def _in_turn(urls: Sequence[str], known: Mapping[str, Address]) -> list[str]:
    """Those that were never read, then the others by how long ago they were; those that fail come last."""

    def turn(url: str) -> tuple[int, bool, datetime | None]:
        one = known.get(url)
        return (one.failures if one else 0), bool(one and one.read_at), one.read_at if one else None

    return sorted(urls, key=turn)


def _read_inner(round: Round, url: str, changed: str, before: Address | None) -> None:
    """One sitemap of an index. It fails for itself."""
    answer, address = _look(round, url, before, inner=True)
    if isinstance(answer, Fetched):
        try:
            _list(round, read_sitemap(answer.content, url=answer.known.url, zone=round.zone).pages)
        except Unreadable as error:
            round.fail(url, *_said(error, answer.known.url))
            return
    round.newsroom.addresses.note([address if isinstance(answer, Unfetched) else replace(address, mark=f"{round.settings} {changed}")])


def _list(round: Round, pages: Sequence[Listed]) -> None:
    """Make due the pages that are young, or new among those without a date."""
    moments = [one.published or one.changed for one in pages]
    dated = [one for one, moment in zip(pages, moments, strict=True) if moment and _is_young(round, moment)]
    undated = [one for one, moment in zip(pages, moments, strict=True) if not moment]
    archive = len(undated) > MOST_UNDATED and not round.newsroom.addresses.pages(round.source.name)
    round.note_pages(_listed(round, one) for one in dated)
    round.note_pages((_listed(round, one) for one in undated), due=not archive)
    if archive:
        reason = f"lists {len(undated):,} pages without a date; those that are added from now on are read."
        round.fail(round.source.sitemap, reason, "Name the sitemap of its news, if there is one.")


def _listed(round: Round, one: Listed) -> ListedPage:
    moment = one.published.isoformat() if one.published else ""
    said = f"{one.changed or ''} {moment} {one.title}"
    return ListedPage(place=one.url, at=one.url, said=said, hints=round.hints(one.tags, one.language, moment))


def _is_young(round: Round, moment: datetime | None) -> bool:
    return moment is None or moment >= round.now - timedelta(days=round.source.days)


def _list_pages(round: Round) -> None:
    """Make due what digest.toml lists; what it no longer lists is gone."""
    round.note_pages(ListedPage(place=url, at=url, hints=round.hints()) for url in round.source.pages)
    keep = set(round.source.pages)
    round.newsroom.addresses.forget_pages(round.source.name, keep=keep)
    gone = round.newsroom.stories.forget_places(round.source.name, keep=keep, at=round.now)
    round.total = replace(round.total, gone=round.total.gone + gone)


def _judge_pages(round: Round) -> None:
    """A source of whose pages none can be read is as lost as one whose feed cannot: the pages alone would be told once and then no more."""
    last = round.newsroom.addresses.last_read(round.source.name)
    unread = round.newsroom.addresses.unread(round.source.name, since=last)
    if unread >= (FEW_PAGES if last else len(round.source.pages) or 2):
        why = next((f" The last: {failure.reason}" for failure in reversed(round.total.failures)), "")
        pages = "page" if unread == 1 else "pages in a row"
        round.lose(
            whereabouts(round.source), f"{unread} {pages} could not be read.{why}", "Open one in a browser; the site may keep programs out."
        )


# --- one listing


def _look(round: Round, url: str, before: Address | None, *, inner: bool = False) -> tuple[Fetched | Unchanged | Unfetched, Address]:
    """Ask a feed or sitemap whether it has changed; what it says is to be noted once it is taken in."""
    address = before or Address(source=round.source.name, url=url, kind="listing", listed_at=round.now)
    settings = round.settings if inner else round.settings + reader()[:16]
    if address.mark.partition(" ")[0] != settings:  # read as if it were new
        address = replace(address, mark=settings, known_url="", etag="", last_modified="")
    if address.due_at and address.due_at > round.now:
        wait = (address.due_at - round.now).total_seconds()
        hint = "Nothing is wrong: it is read when the time has come."
        return Unfetched(kind="later", place=url, reason="It asked us to come back later.", hint=hint, wait=wait), address
    answer, address = round.ask(address, followed=inner)
    if not inner:
        round.moved = address.moved
    if isinstance(answer, Unfetched):
        asked_for = timedelta(seconds=answer.wait) if answer.kind == "later" else LONGEST if answer.kind == "gone" else timedelta()
        address = replace(address, failures=address.failures + 1, due_at=round.now + asked_for if asked_for else None)
        if answer.kind != "later":
            (round.fail if inner else round.lose)(answer.place, answer.reason, answer.hint)
    return answer, address


def _note(round: Round, address: Address, before: Address | None) -> None:
    """Write down what a listing said, once it is taken in; that it said nothing new is not worth a line."""
    if before is None or replace(address, read_at=before.read_at) != before:
        round.newsroom.addresses.note([address])


def _said(error: Unreadable, url: str) -> tuple[str, str]:
    return error.message.removeprefix(url).lstrip(": "), error.hint
