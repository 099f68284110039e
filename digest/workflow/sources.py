"""Say how each source is, and put single pages into the store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from digest.gather.http import Web
from digest.model import Source, Story
from digest.newsroom import Newsroom
from digest.store.addresses import Health
from digest.workflow.poll import add
from digest.workflow.reading import ADDED, Gathered, whereabouts

COUNTED = timedelta(days=14)  # over which stories a day are counted
REMEMBERED = timedelta(days=60)  # over which the usual silence is measured
FEW = 5  # stories; with fewer nothing is usual yet
NIGHT = timedelta(days=1)  # a silence that is never told of

State = Literal["well", "fails", "silent", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a source is. All times are UTC."""

    source: str
    kind: Literal["files", "feed", "sitemap", "pages"]
    place: str
    state: State  # "new": never looked into yet
    health: Health | None
    stories: int  # in the store
    a_day: float  # over the last 14 days
    newest: datetime | None  # when its newest story was published, or came where it has no date
    usual: timedelta | None  # the longest silence of the last 60 days but the present one; None = too few stories to say
    silence: timedelta | None  # since its newest story; None = it has none

    @property
    def trouble(self) -> str:
        """What is wrong, in a line; "" when nothing is."""
        if self.state == "fails" and self.health and self.health.failing_since:
            times = f", {self.health.failures} times" if self.health.failures > 1 else ""
            return f"{self.health.reason} (since {self.health.failing_since:%Y-%m-%d %H:%M} UTC{times}) {self.health.hint}"
        if self.state == "silent" and self.silence and self.usual:
            return f"Nothing new for {days(self.silence)}; its longest silence was {days(self.usual)}."
        return ""


def conditions(newsroom: Newsroom, *, now: datetime) -> tuple[Condition, ...]:
    """How every source of digest.toml is, in its order."""
    healths = newsroom.addresses.health()
    return tuple(_condition(newsroom, source, healths.get(source.name), now) for source in newsroom.settings.sources)


def troubles(newsroom: Newsroom, *, now: datetime) -> dict[str, str]:
    """What somebody should be told of, by source."""
    return {one.source: f"{one.source}: {one.trouble}" for one in conditions(newsroom, now=now) if one.trouble}


def _condition(newsroom: Newsroom, source: Source, health: Health | None, now: datetime) -> Condition:
    came = newsroom.stories.arrivals(source.name)
    silence = now - came[-1] if came else None
    lately = [moment for moment in came if moment > now - REMEMBERED]
    usual = max(later - earlier for earlier, later in pairwise(lately)) if len(lately) >= FEW else None
    state: State = "well"
    if health is None:
        state = "new"
    elif health.failing_since:
        state = "fails"
    elif silence and usual is not None and silence > max(2 * usual, NIGHT):
        state = "silent"
    return Condition(
        source=source.name,
        kind="files" if source.files else "feed" if source.feed else "sitemap" if source.sitemap else "pages",
        place=whereabouts(source),
        state=state,
        health=health,
        stories=len(came),
        a_day=sum(moment > now - COUNTED for moment in came) / COUNTED.days,
        newest=came[-1] if came else None,
        usual=usual,
        silence=silence,
    )


def days(span: timedelta) -> str:
    """A span as a person says it."""
    hours = round(span / timedelta(hours=1))
    number, unit = (round(hours / 24), "day") if hours >= 36 else (hours, "hour")
    return f"{number} {unit}" + "s" * (number != 1)


def add_pages(newsroom: Newsroom, urls: Sequence[str], *, now: datetime, web: Web | None = None) -> tuple[tuple[Story, ...], Gathered]:
    """Read pages into the store, where they are looked at again as those of a source. What cannot be read is not kept, and told.

    `web` as in gather_sources.
    """
    if web is None:
        with newsroom.web() as opened:
            return add_pages(newsroom, urls, now=now, web=opened)
    gathered = add(newsroom, replace(ADDED, pages=tuple(dict.fromkeys(urls))), web, now=now)
    seen = newsroom.stories.seen(ADDED.name, urls)
    failed = [failure.place for failure in gathered.failures]
    ids = [seen[url].story_id for url in urls if url in seen and seen[url].story_id and url not in failed]
    found = newsroom.stories.among(ids)
    return tuple(found[id] for id in dict.fromkeys(ids) if id in found), gathered
