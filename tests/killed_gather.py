"""Kill a gather again and again, with signal 9, and hold its store against that of a gather which nobody killed.

Fifty sources on loopback, day after day with new, corrected and withdrawn stories. Of the kills of a day half come at named points of the
code, half at random moments; then the day is gathered in peace, as the next runs from cron would do it.
"""

import itertools
import os
import random
import re
import signal
import sqlite3
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore  # noqa: F401  (what a gather imports on its way is imported here, once for all children)
import httpx  # noqa: F401
import sqlalchemy  # noqa: F401
import trafilatura  # noqa: F401

from digest.gather.http import Web
from digest.newsroom import open_newsroom
from digest.store.addresses import Addresses
from digest.store.stories import Stories
from digest.workflow.gather import gather_sources
from tests.gather.site import Play, Site, a_move, an_answer
from tests.make import A_TUESDAY
from tests.newsweb import Told, a_feed, a_page, a_room, a_sitemap, serve, source
from tests.send.crash import Dying, Watch, until

SOURCES, A_DAY = 50, 4  # stories that a source adds a day
SLOW, LATER, RESTLESS, TWIN, OTHER_TWIN = 9, 19, 29, 39, 49  # sources that are odd in their ways
DAYS_LISTED = 2  # how long a story stays in its feed
FOLLOWED, SITEMAP, PAGES, MOVED = (4, 5), 6, 7, 8  # last digits of a source's number, the others are feeds with whole stories
SECONDS = 0.5  # the latest moment after the first thing kept at which a gather is killed
# Named points, each with how often it is chosen and at which passes of a run one dies there.
POINTS = {
    "forgetting": (1, 1, 1),
    "fetched": (3, 1, 60),
    "keeping": (4, 1, 15),
    "kept": (4, 1, 15),
    "noting": (4, 1, 40),
    "noted": (4, 1, 40),
    "telling": (1, 2, 12),
}
NEVER = "never"


@dataclass(kw_only=True)
class Report:
    """What the kills did, and what the store says."""

    days: int
    kills: int = 0
    at_points: Counter[str] = field(default_factory=Counter)
    between: int = 0  # kills while a run was keeping what it found
    stories: int = 0
    versions: int = 0
    lost: int = 0
    doubled: int = 0
    without_document: int = 0  # stories that no document holds
    leading_nowhere: int = 0  # names of entries whose place is unknown
    strange: list[str] = field(default_factory=list)  # rows that the store of the gather in peace has otherwise
    damaged: list[str] = field(default_factory=list)  # what the database says of itself
    seconds: float = 0

    def holds(self) -> bool:
        """Whether the promise was kept."""
        faults = self.lost, self.doubled, self.without_document, self.leading_nowhere, self.strange, self.damaged
        return not any(faults)


def torment(folder: Path, site: Site, *, days: int, kills: int, seed: int = 1) -> Report:
    """Gather `days` days, each killed `kills` times and then finished in peace; another newsroom beside it is never killed."""
    dice, watch, report = random.Random(seed), Watch(), Report(days=days)
    began = time.monotonic()
    for day in range(days):
        publish(site, day)
        for name in ("killed", "peaceful"):
            a_room(folder / name, site, *sources(site, day))
        morning = A_TUESDAY + timedelta(days=day, hours=1)
        for number in range(kills):
            kill_once(folder / "killed", site, morning + timedelta(minutes=number), dice, watch, report, at_point=number % 2 == 0)
            look_over(folder / "killed", report)
        for hours in (6, 12):
            finish([folder / "killed", folder / "peaceful"], site, morning + timedelta(hours=hours))
        judge(folder, day, report)
    report.seconds = time.monotonic() - began
    return report


# --- what is on the web on a day


def host(number: int) -> str:
    return f"n{number:02}.example"


def told(site: Site, number: int, day: int) -> list[Told]:
    """What a source has on a day: the stories of a few days, each fifth of the older ones corrected; the twin has those of its brother."""
    number = TWIN if number == OTHER_TWIN else number
    days = range(max(0, day + 1 - DAYS_LISTED), day + 1)
    return [_told(site, number, of_day, which, day) for of_day in days for which in range(A_DAY)]


def _told(site: Site, number: int, of_day: int, which: int, today: int) -> Told:
    id = number_of(number, of_day, which)
    one = Told(id, link=site.url(f"/{number}/{id}", host(number)), date=A_TUESDAY + timedelta(days=of_day) - timedelta(minutes=id))
    return replace(one, text=f"{one.body} The desk has corrected this report.") if id % 5 == 0 and today > of_day else one


def number_of(source: int, day: int, which: int) -> int:
    return (day * SOURCES + source) * A_DAY + which


def is_withdrawn(one: Told, today: int) -> bool:
    return one.number % 7 == 1 and one.number // A_DAY // SOURCES < today


def publish(site: Site, day: int) -> None:
    """Put a day on the web."""
    for number in range(SOURCES):
        listed = told(site, number, day)
        feed = a_feed(site, *listed, full=number % 10 not in FOLLOWED)
        serve(site, f"/{number}/list", a_list_of_pages(site, number, listed) if number % 10 == SITEMAP else feed)
        site.pages[f"/{number}/old"] = a_move(f"/{number}/list", "301 Moved Permanently")
        for one in listed:
            serve(site, f"/{number}/{one.number}", a_page(one), content_type="text/html")
            if is_withdrawn(one, day):
                site.pages[f"/{number}/{one.number}"] = an_answer(b"", "410 Gone")
    site.pages[f"/{SLOW}/list"] = slowly(an_answer(a_feed(site, *told(site, SLOW, day))))
    busy = an_answer(b"", "429 Too Many Requests", retry_after="600")
    site.pages[f"/{LATER}/list"] = [busy, busy, an_answer(a_feed(site, *told(site, LATER, day)))]
    site.pages[f"/{RESTLESS}/list"] = restlessly(site, told(site, RESTLESS, day))


def a_list_of_pages(site: Site, number: int, listed: Sequence[Told]) -> bytes:
    return a_sitemap(site, *listed).replace(site.url("/s/").encode(), site.url(f"/{number}/", host(number)).encode())


def slowly(answer: bytes) -> Play:
    def play(say: Callable[[bytes], None], over: threading.Event) -> None:
        for at in range(0, len(answer), len(answer) // 4):
            over.wait(0.05)
            say(answer[at : at + len(answer) // 4])

    return play


def restlessly(site: Site, listed: Sequence[Told]) -> Play:
    """Every answer has other addresses for the same stories; their ids stay."""
    visits = itertools.count()

    def play(say: Callable[[bytes], None], over: threading.Event) -> None:
        visit = next(visits)
        moved = (replace(one, link=site.url(f"/{RESTLESS}/{A_TUESDAY:%Y}-{visit}/{one.number}", host(RESTLESS))) for one in listed)
        say(an_answer(a_feed(site, *moved)))

    return play


def sources(site: Site, day: int) -> list[str]:
    return [_source(site, number, day) for number in range(SOURCES)]


def _source(site: Site, number: int, day: int) -> str:
    where, at = site.url(f"/{number}/list", host(TWIN if number == OTHER_TWIN else number)), number % 10
    if at == SITEMAP:
        return source(f"N{number:02}", sitemap=where)
    if at == PAGES:
        return source(f"N{number:02}", pages=[one.link or "" for one in told(site, number, day)])
    if at == MOVED:
        return source(f"N{number:02}", feed=where.replace("/list", "/old"))
    return source(f"N{number:02}", feed=where, follow=at in FOLLOWED)


# --- the gather, and the doomed one


def web(site: Site) -> Web:
    """Each source lives at a host of its own."""
    return site.web(resolver=lambda name, port: ["127.0.0.1"])


def kill_once(folder: Path, site: Site, now: datetime, dice: random.Random, watch: Watch, report: Report, *, at_point: bool) -> None:
    """Gather in a child until it dies, by its own hand at a named point or by ours at a random moment."""
    watch.reset()
    point = dice.choices(list(POINTS), [weight for weight, _, _ in POINTS.values()])[0] if at_point else ""
    passes, moment = dice.randint(*POINTS.get(point, (0, 1, 1))[1:]), dice.random() * SECONDS
    child = started(folder, site, now, watch, Dying(watch, point or NEVER, passes))
    if not point:
        until(lambda: watch.begun or watch.ended)
        time.sleep(moment)
        report.between += watch.begun and not watch.ended
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        report.kills += 1
        report.at_points[point or "anywhere"] += 1
        report.between += bool(point) and watch.begun and not watch.ended
    elif os.WEXITSTATUS(status) != 0:
        raise AssertionError(f"the gather failed by itself with {os.WEXITSTATUS(status)}")


def finish(folders: Sequence[Path], site: Site, now: datetime) -> None:
    """Gather in peace, side by side."""
    watch = Watch()
    for child in [started(folder, site, now, watch, Dying(watch, NEVER, 1)) for folder in folders]:
        assert os.waitpid(child, 0)[1] == 0, "the gather failed by itself"


def started(folder: Path, site: Site, now: datetime, watch: Watch, dying: Dying) -> int:
    child = os.fork()
    if child:
        return child
    try:
        mine_the_way(dying)
        with web(site) as opened:
            gather_sources(open_newsroom(folder), now=now, web=opened)
        watch.ended = True
        os._exit(0)
    except BaseException:  # noqa: BLE001  (told, and the exit code says it)
        traceback.print_exc()
        os._exit(1)


def mine_the_way(dying: Dying) -> None:
    """Let the child see where it is in the code. It alone: its parent's code stays as it is."""
    for owner, name, before, after in STEPS:
        setattr(owner, name, _seen(getattr(owner, name), before, after, dying))


STEPS: tuple[tuple[type, str, str, str], ...] = (
    (Stories, "forget_sources", "forgetting", ""),
    (Web, "fetch", "", "fetched"),
    (Stories, "keep", "keeping", "kept"),
    (Addresses, "note", "noting", "noted"),
    (Addresses, "note_health", "telling", ""),
)


def _seen(step: Callable[..., Any], before: str, after: str, dying: Dying) -> Callable[..., Any]:
    def seen(*args: Any, **kwargs: Any) -> Any:
        dying.at(before)
        dying.watch.begun = dying.watch.begun or before == "keeping"
        result = step(*args, **kwargs)
        dying.at(after)
        return result

    return seen


# --- the judge


def look_over(folder: Path, report: Report) -> None:
    """What holds after every single kill."""
    with closing(sqlite3.connect(folder / "digest.db")) as store:
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone():
            return  # it died before there was a store
        said = [row[0] for row in store.execute("PRAGMA integrity_check")] + list(map(str, store.execute("PRAGMA foreign_key_check")))
        report.damaged += [word for word in said if word != "ok"]
        twice = "SELECT count(*) FROM (SELECT 1 FROM story GROUP BY headline HAVING count(*) > 1)"
        bare = "SELECT count(*) FROM story WHERE gone_at IS NULL AND id NOT IN (SELECT story_id FROM document WHERE story_id IS NOT NULL)"
        report.doubled += store.execute(twice).fetchone()[0]
        report.without_document += store.execute(bare).fetchone()[0]


def judge(folder: Path, day: int, report: Report) -> None:
    """What holds at the end of a day."""
    look_over(folder / "killed", report)
    look_over(folder / "peaceful", report)
    killed, peaceful = (rows(folder / name / "digest.db") for name in ("killed", "peaceful"))
    with closing(sqlite3.connect(folder / "killed" / "digest.db")) as store:
        headlines = {row[0] for row in store.execute("SELECT headline FROM story")}
        nowhere = "SELECT count(*) FROM entry WHERE place NOT IN (SELECT place FROM document) AND place NOT IN (SELECT url FROM address)"
        report.leading_nowhere += store.execute(nowhere).fetchone()[0]
    expected = expected_headlines(day)
    report.stories, report.versions = len(headlines), sum(row[0] == "story_version" for row in killed)
    report.lost += len(expected - headlines)
    report.strange += [f"day {day}, only after kills: {row}"[:300] for row in sorted(killed - peaceful)]
    report.strange += [f"day {day}, only in peace: {row}"[:300] for row in sorted(peaceful - killed)]


def expected_headlines(day: int) -> set[str]:
    tellers = [number for number in range(SOURCES) if number != OTHER_TWIN]
    return {Told(number_of(*at)).title for at in itertools.product(tellers, range(day + 1), range(A_DAY))}


ROWS = {
    "story": "SELECT id, url, headline, published_at, version, gone_at IS NULL, body FROM story WHERE gathered_by <> :restless",
    "story_version": "SELECT story_id, version, body FROM story_version WHERE story_id IN "
    "(SELECT id FROM story WHERE gathered_by <> :restless)",
    "document": "SELECT source, place, fingerprint, story_id, reason FROM document WHERE source <> :restless",
    "address": "SELECT source, url, kind, mark, hints, known_url, etag, last_modified, moved FROM address WHERE source <> :restless",
    "entry": "SELECT source, key, place, look FROM entry WHERE source <> :restless",
}


def rows(path: Path) -> set[tuple[str, ...]]:
    """All that is kept but for the times of the keeping. The twins are told by whichever was polled first, so the teller is left out."""
    with closing(sqlite3.connect(path)) as store:
        found = [(table, *row) for table, query in ROWS.items() for row in store.execute(query, {"restless": f"N{RESTLESS}"})]
    return {tuple(re.sub(r'"source":"N\d\d",?', "", str(value)) for value in row) for row in found}
