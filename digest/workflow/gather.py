"""Go round the sources and keep what they have: files one after the other, the web side by side."""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from digest.errors import DigestError
from digest.gather.http import Web
from digest.model import Failure, Source
from digest.newsroom import Newsroom
from digest.store.addresses import Health
from digest.workflow.drop import is_told
from digest.workflow.files import look_through
from digest.workflow.poll import Polled, poll
from digest.workflow.reading import ADDED, Gathered, Progress, Silent, whereabouts

SIDE_BY_SIDE = 64  # sources that are polled at the same time
PATIENCE = 900.0  # seconds in which no source comes to its end, until those that are left are given up: each has limits of its own

Ended = tuple[Source, Polled | Exception]


def gather_sources(newsroom: Newsroom, *, now: datetime, progress: Progress | None = None, web: Web | None = None) -> Gathered:
    """Read every source into the store. A document or source that fails becomes a Failure and stops nothing.

    `web` is the way to the web; None: as digest.toml allows it.
    """
    progress, sources = progress or Silent(), newsroom.settings.sources
    names = {source.name for source in (*sources, ADDED)}
    total = Gathered(gone=newsroom.stories.forget_sources(keep=names, at=now))
    newsroom.addresses.forget_sources(keep=names)
    rounds = {source.name: Polled(gathered=_looked_through(newsroom, source, now, progress)) for source in sources if source.files}
    online = [source for source in sources if not source.files]
    if newsroom.addresses.due(ADDED.name, now, 1):
        online.append(ADDED)
    newsroom.addresses.note_health(_healths(newsroom, rounds, now))
    if online and web:
        rounds |= _side_by_side(newsroom, online, web, now, progress)
    elif online:
        with newsroom.web() as opened:
            rounds |= _side_by_side(newsroom, online, opened, now, progress)
    for source in (*sources, ADDED):
        total = total.plus(rounds[source.name].gathered) if source.name in rounds else total
    return total


def _looked_through(newsroom: Newsroom, source: Source, now: datetime, progress: Progress) -> Gathered:
    try:
        return look_through(newsroom, source, now=now, progress=progress)
    finally:
        progress.over(source.name)


def _side_by_side(newsroom: Newsroom, sources: Sequence[Source], web: Web, now: datetime, progress: Progress) -> dict[str, Polled]:
    """Poll each source in a thread of its own, so that one that hangs delays no other. Raises what the store raises.

    A text can be made so that a parser takes hours for it, and no thread can be ended: those that are at it are left behind.
    """
    waiting: queue.SimpleQueue[Source] = queue.SimpleQueue()
    done: queue.SimpleQueue[Ended] = queue.SimpleQueue()
    for source in sources:
        waiting.put(source)

    def work() -> None:
        while not waiting.empty():
            try:
                source = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((source, poll(newsroom, source, web, now=now, progress=progress)))
            except Exception as error:  # noqa: BLE001  (told to the thread that waits)
                done.put((source, error))
            if source is not ADDED:  # it is none of those that are counted
                progress.over(source.name)

    for number in range(min(SIDE_BY_SIDE, len(sources))):
        threading.Thread(target=work, name=f"gather {number}", daemon=True).start()  # Ctrl-C does not wait for those who hang
    rounds: dict[str, Polled] = {}
    while left := [source for source in sources if source.name not in rounds]:
        fresh = {source.name: _settled(source, outcome) for source, outcome in _all_that_came(done, left)}
        newsroom.addresses.note_health(_healths(newsroom, fresh, now))
        rounds |= fresh
    return rounds


def _all_that_came(done: "queue.SimpleQueue[Ended]", left: Sequence[Source]) -> Iterator["Ended"]:
    """What has ended, at least one; when nothing does, all that are left as ended by that."""
    try:
        yield done.get(timeout=PATIENCE)
    except queue.Empty:
        yield from ((source, TimeoutError(f"it came to no end within {PATIENCE / 60:.0f} minutes")) for source in left)
    while not done.empty():
        yield done.get()


def _settled(source: Source, outcome: Polled | Exception) -> Polled:
    if isinstance(outcome, DigestError):  # the store or the disk fails, which no other source would survive
        raise outcome
    if isinstance(outcome, Exception):
        reason = f"it cannot be read: {type(outcome).__name__}: {outcome}"
        failure = Failure(source=source.name, place=whereabouts(source), reason=reason, hint="Please report it, with its address.")
        return Polled(gathered=Gathered(failures=(failure,), lost=(source.name,)))
    return outcome


def _healths(newsroom: Newsroom, rounds: Mapping[str, Polled], now: datetime) -> list[Health]:
    before = newsroom.addresses.health() if rounds else {}
    return [_health(before.get(name), name, round, now) for name, round in rounds.items()]


def _health(before: Health | None, name: str, round: Polled, now: datetime) -> Health:
    """How a source is after a round. It fails when it could not be looked into; single documents that fail are not its illness."""
    before = before or Health(source=name, tried_at=now)
    if name not in round.gathered.lost:
        return Health(source=name, tried_at=now, read_at=now, reason=before.reason, hint=before.hint, moved=round.moved)
    why = round.gathered.failures[0]
    return Health(
        source=name,
        tried_at=now,
        read_at=before.read_at,
        failing_since=before.failing_since or now,
        failures=before.failures + 1,
        reason=why.reason,
        hint=why.hint,
        moved=round.moved,
    )


def known_failures(newsroom: Newsroom) -> tuple[Failure, ...]:
    """The documents that could not be used when they were last gathered, but for pages that are no longer looked at."""
    return tuple(failure for source in newsroom.settings.sources for failure in _failures_of(newsroom, source))


def _failures_of(newsroom: Newsroom, source: Source) -> Iterator[Failure]:
    awaited = newsroom.addresses.awaited(source.name)
    for place, one in sorted(newsroom.stories.seen(source.name).items()):
        if one.failure and (is_told(newsroom, source, place, one) if source.files else place in awaited):
            yield one.failure
