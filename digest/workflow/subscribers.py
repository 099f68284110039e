"""Take lists of subscribers over, and keep them: who is on a list, who left, who is forgotten."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from digest.audience.addresses import parse_address
from digest.audience.exports import RefusedRows, write_subscribers
from digest.audience.imports import Listing, RefusedRow, open_listing, tidy_list, tidy_name
from digest.errors import SubscriberError
from digest.model import Consent, Entry, Segment, Subscriber, Suppression
from digest.newsroom import Newsroom
from digest.store.files import disk_errors, written_beside
from digest.store.subscribers import Joined

Progress = Callable[[str, int], None]  # a file, and how many of its rows are read
AT_ONCE = 100_000  # rows in one transaction: some seconds in which nobody else can write, not even somebody who leaves
TOLD_EVERY = 10_000  # rows
BY_HAND = "by hand"


def silent(_file: str, _rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file."""

    origin: str  # the system that exported it; "plain" = none that we know
    encoding: str
    list: str
    joined: Joined
    refused: int
    refused_file: Path | None  # where the refused rows are, each with its reason
    rehearsed: bool  # nothing was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of an address."""

    subscriber: Subscriber | None
    suppressed: str  # the reason why it gets nothing; "" = it may


def import_subscribers(
    newsroom: Newsroom,
    path: Path,
    *,
    list: str = "",
    suppress: str = "",
    rehearse: bool = False,
    now: datetime,
    progress: Progress = silent,
) -> Imported:
    """Take a CSV file over into a list, or suppress all its addresses for a reason. With `rehearse` all is done and nothing kept.

    Refused rows go to NAME.refused.csv beside the file; one from an earlier run is removed. An import that was broken off is simply run
    again. Raises SubscriberError when nothing of the file can be used.
    """
    onto = tidy_list(list) if list else first_list(newsroom)
    total = Joined()
    with ExitStack() as open_:
        with disk_errors(path):
            file = open_.enter_context(path.open("rb"))
        listing = open_listing(file, name=path.name, suppress=suppress)
        subscribers = open_.enter_context(newsroom.subscribers.rehearsal()) if rehearse else newsroom.subscribers
        refusals = _Refusals(open_, path.with_suffix(".refused.csv"), listing)
        found = _usable(listing, refusals, path.name, progress)
        if list:
            found = (replace(one, list="") if isinstance(one, Entry) and one.list else one for one in found)
        open_.enter_context(_fewer_sweeps())
        for first in found:
            total = total.plus(subscribers.join(chain([first], islice(found, AT_ONCE - 1)), list=onto, at=now))
    if not refusals.count:
        with disk_errors(refusals.path):
            refusals.path.unlink(missing_ok=True)
    return Imported(
        origin=listing.origin,
        encoding=listing.encoding,
        list=onto,
        joined=total,
        refused=refusals.count,
        refused_file=refusals.path if refusals.count else None,
        rehearsed=rehearse,
    )


def export_subscribers(newsroom: Newsroom, segment: Segment, *, file: TextIO) -> int:
    """Write everybody on a list ("" = on any), whatever their status, as CSV; how many rows."""
    return write_subscribers(file, ((one.subscriber, one.suppressed) for one in newsroom.subscribers.export(segment)))


def export_to(newsroom: Newsroom, segment: Segment, path: Path) -> int:
    """As export_subscribers, into a file that takes its place when it is whole."""
    with written_beside(path) as file:
        return export_subscribers(newsroom, segment, file=file)


def add_subscriber(
    newsroom: Newsroom, address: str, *, list: str = "", name: str = "", language: str = "", tags: Sequence[str] = (), now: datetime
) -> tuple[str, bool]:
    """Put somebody on a list by hand; the list, and whether they were not on it before. Raises Refused when they are suppressed."""
    found = parse_address(address)
    onto = tidy_list(list) if list else first_list(newsroom)
    entry = Entry(
        key=found.key,
        email=found.email,
        name=tidy_name(name),
        language=language,
        tags=tuple(tags),
        list=onto,
        consent=Consent(at=now, source=BY_HAND),
    )
    return onto, newsroom.subscribers.add(entry, at=now)


def remove_subscriber(newsroom: Newsroom, address: str, *, list: str = "", now: datetime) -> tuple[str, ...]:
    """Take somebody off a list, or off all; the lists that they were on. Raises SubscriberError when there are none."""
    subscriber = newsroom.subscribers.get(parse_address(address).key)
    on = [one.list for one in subscriber.memberships if one.status != "left" and list in ("", one.list)] if subscriber else []
    if subscriber is None or not on:
        where = f"the list {list}" if list else "any list"
        raise SubscriberError(f"{address} is not on {where}.", hint=f"Look with: digest subscribers show {address}")
    newsroom.subscribers.leave(subscriber.id, list=list, at=now)
    return tuple(on)


def known_of(newsroom: Newsroom, address: str) -> Known:
    """All that is known of an address."""
    key = parse_address(address).key
    suppressed = newsroom.subscribers.suppressed([key]).get(key, "")
    return Known(subscriber=newsroom.subscribers.get(key), suppressed=suppressed)


def forget_subscriber(newsroom: Newsroom, address: str, *, now: datetime) -> bool:
    """Erase a person everywhere and keep a mark by which the address is refused; False when nothing was known of them."""
    return newsroom.subscribers.forget(parse_address(address).key, at=now)


def suppress_address(newsroom: Newsroom, address: str, *, reason: str, now: datetime) -> bool:
    """Let an address get nothing any more; False when it was so before."""
    return newsroom.subscribers.suppress(Suppression(key=parse_address(address).key, reason=reason, source=BY_HAND), at=now)


def unsuppress_address(newsroom: Newsroom, address: str) -> None:
    """Let an address get mail again. Raises SubscriberError when it was not suppressed."""
    if not newsroom.subscribers.lift(parse_address(address).key):
        raise SubscriberError(f"{address} is not suppressed.", hint=f"Look with: digest subscribers show {address}")


def first_list(newsroom: Newsroom) -> str:
    """The list that is meant when none is named: that of the first edition."""
    edition = newsroom.edition("")
    return edition.list or edition.name


def known_lists(newsroom: Newsroom) -> tuple[str, ...]:
    """The lists that something goes to."""
    return (*(edition.list or edition.name for edition in newsroom.settings.editions), newsroom.settings.seed_list)


@contextmanager
def _fewer_sweeps() -> Iterator[None]:
    """Let Python look for circles of dead objects seldom: rows make none, and looking costs an eighth of the time of a long list."""
    often = gc.get_threshold()
    gc.set_threshold(20_000, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)


# --- the rows of a file


class _Refusals:
    """Writes refused rows to their file, which is made with the first of them."""

    def __init__(self, open_: ExitStack, path: Path, listing: Listing) -> None:
        self._open = open_
        self.path = path
        self._header = listing.header
        self._rows: RefusedRows | None = None
        self.count = 0

    def add(self, row: RefusedRow) -> None:
        if self._rows is None:
            self._rows = RefusedRows(self._open.enter_context(written_beside(self.path)), self._header)
        self._rows.add(row)
        self.count += 1


def _usable(listing: Listing, refusals: _Refusals, name: str, progress: Progress) -> Iterator[Entry | Suppression]:
    for number, one in enumerate(listing.found, start=1):
        if isinstance(one, RefusedRow):
            refusals.add(one)
        else:
            yield one
        if number % TOLD_EVERY == 0:
            progress(name, number)
