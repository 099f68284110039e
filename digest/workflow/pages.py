"""Read the pages of a source that are due, and say when each is to be read again."""

import codecs
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.edit.reading.recognise import url_key
from digest.gather.answers import Fetched, Unchanged, Unfetched
from digest.model import Document, Failure, Story
from digest.store.addresses import Address, Name
from digest.store.keeping import READ_AGAIN
from digest.store.stories import Reading, Seen
from digest.workflow.reading import ADDED, fingerprint
from digest.workflow.round import Round

MOST_PAGES = 500  # of a source that are read in a round
AT_ONCE = 20  # pages read and kept in one transaction
WATCHED = timedelta(days=14)  # how long a page is looked at again, in case it is corrected or withdrawn
FIRST_LOOK = timedelta(hours=1)  # after which it is; from then on whenever it is twice as old
AGAIN = timedelta(minutes=10)  # before a page that failed is tried again; after each further time twice as long
LONGEST = timedelta(days=1)
KINDS = ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")


def read_pages(round: Round) -> None:
    """Read the pages that are due, as many as a round has time for."""
    due = round.newsroom.addresses.due(round.source.name, round.now, MOST_PAGES + 1)
    seen = round.newsroom.stories.seen(round.source.name, [one.url for one in due])
    read = 0
    for at in range(0, len(due[:MOST_PAGES]), AT_ONCE):
        batch = due[:MOST_PAGES][at : at + AT_ONCE]
        if time.monotonic() > round.ends:
            break
        readings, after = list[Reading](), list[Address]()
        for one in batch:  # at a page a second nobody waits for a whole batch to hear of it
            reading, later = _visit(round, one, seen.get(one.url))
            readings += [reading] if reading else []
            after.append(later)
            round.tell(in_hand=len(readings))
        withdrawn = sum(isinstance(one.outcome, Story) and one.fingerprint == READ_AGAIN for one in readings)
        round.newsroom.addresses.note(names=_other_names(round, readings))  # before the stories, as with entries
        round.keep(readings, withdrawn=withdrawn)
        round.newsroom.addresses.note(after)
        read += len(batch)
    round.total = replace(round.total, left=round.total.left + len(due) - read)


def _visit(round: Round, address: Address, before: Seen | None) -> tuple[Reading | None, Address]:
    """Read one page, and say when it is to be read again."""
    answer, after = round.ask(address, followed=not round.is_named)
    if isinstance(answer, Fetched) and _leads_home(address.moved or address.url, answer.known.url):
        reason, hint = "It leads to the site's front page now.", "Its story may have been withdrawn."
        answer = Unfetched(kind="missing", place=address.url, reason=reason, hint=hint)
    if isinstance(answer, Unfetched):
        return _failed(round, answer, address, before)
    after = replace(after, due_at=_next_look(round, after))
    if isinstance(answer, Unchanged):
        round.count_known([before] if before else [])
        return None, after
    source = round.source.name
    content = in_utf8(answer.content, answer.charset)
    url = answer.known.url
    document = Document(source=_outlet(round, url), url=url, kind="html", content=content, fetched_at=round.now, hints=address.hints)
    mark = fingerprint(document, round.source, round.newsroom)
    if before and before.fingerprint == mark:
        round.count_known([before])
        return None, after
    if answer.content_type not in KINDS:
        outcome = Failure(source=source, place=address.url, reason=f"It is {answer.content_type}, no page.", hint="Leave it out.")
        return Reading(source=source, place=address.url, fingerprint=mark, outcome=outcome), after
    return round.read(document, address.url, mark, before), after


def _outlet(round: Round, url: str) -> str:
    """What is printed as the source of a page that names none."""
    return (urlsplit(url).hostname or url).removeprefix("www.") if round.source.name == ADDED.name else round.source.name


def _failed(round: Round, answer: Unfetched, address: Address, before: Seen | None) -> tuple[Reading | None, Address]:
    """A page that gave nothing: withdrawn, put off, or a failure that is tried again."""
    wait = min(AGAIN * 2 ** min(address.failures, 20), LONGEST)
    if answer.kind == "later":
        wait = max(timedelta(seconds=answer.wait), AGAIN)
    elif answer.kind in ("missing", "gone", "denied", "robots", "refused"):
        wait = LONGEST
    watched = round.now - address.listed_at < WATCHED or bool(round.source.pages)
    failures = address.failures + (answer.kind != "later")  # to be put off is no failure
    after = replace(address, failures=failures, due_at=round.now + wait if watched else None)
    if answer.kind in ("missing", "gone"):
        after = replace(after, known_url="", etag="", last_modified="")  # should it come back, it is read whole
        if before and before.story_id:
            return round.withdrawal(address.url, before, home=address.url), after
    if answer.kind == "later":
        return None, after
    outcome = Failure(source=round.source.name, place=address.url, reason=answer.reason, hint=answer.hint)
    return Reading(source=round.source.name, place=address.url, fingerprint=READ_AGAIN, outcome=outcome, polled=True), after


def _next_look(round: Round, address: Address) -> datetime | None:
    """Twice as old as it is now, for as long as it is watched."""
    age = round.now - address.listed_at
    if age < WATCHED:
        return round.now + max(age, FIRST_LOOK)
    return round.now + LONGEST if round.source.pages else None


def _other_names(round: Round, readings: Sequence[Reading]) -> list[Name]:
    """The address that a page gives as its own is one more by which its entry is known."""
    stories = [(one.place, one.outcome) for one in readings if isinstance(one.outcome, Story) and one.outcome.url]
    found = [Name(source=round.source.name, key=url_key(story.url), place=place, look=story.headline) for place, story in stories]
    known = round.newsroom.addresses.names(round.source.name, [name.key for name in found])
    return [name for name in found if name.key not in known]


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
