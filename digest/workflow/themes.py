"""Show how the past weeks' stories fell into the configured themes, which matched nothing, and which themes could be configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digest.edit.group import events, themes
from digest.edit.grouping.propose import Proposal, propose
from digest.edit.recurring import without_recurring
from digest.edit.window import midnight
from digest.errors import StoreError
from digest.model import Group, Story, Theme
from digest.newsroom import Newsroom

RECURS = 2  # weeks in which a discovered theme has stories, to be proposed
PROPOSED = 8  # more than that nobody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How many stories a configured theme took, week by week, and the best of them."""

    theme: Theme
    stories: tuple[int, ...]  # a week each, as Fallen.weeks
    headlines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """What became of the stories of some whole weeks."""

    weeks: tuple[str, ...]  # "2025-W33", the earliest first
    stories: tuple[int, ...]  # of each week
    themes: tuple[Fall, ...]  # in the order of digest.toml
    without: tuple[int, ...]  # stories of each week that no configured theme took
    unmatched: tuple[Story, ...]  # the newest first
    proposals: tuple[Proposal, ...]  # the largest first


def fallen_stories(newsroom: Newsroom, *, weeks: int, until: datetime) -> Fallen:
    """The stories of the weeks before `until`, a Monday's midnight, grouped week by week as a build would group them.

    Those of no date are left out. Raises StoreError when there are none.
    """
    zone, configured, site = newsroom.settings.zone, newsroom.settings.themes, newsroom.settings.masthead.site
    end = until.astimezone(ZoneInfo(zone)).date()
    mondays = [end - timedelta(days=7 * back) for back in range(weeks, 0, -1)]
    told = [_printable(newsroom, midnight(day, zone), midnight(day + timedelta(days=7), zone)) for day in mondays]
    if not any(told):
        span = f"{mondays[0]} to {mondays[-1] + timedelta(days=6)}"
        raise StoreError(f"The store holds no story of {span}.", hint="Look farther back with --weeks, or gather first: digest gather")
    grouped = [themes(events(stories, site=site), configured) for stories in told]
    unmatched = [tuple(story for group in groups if not group.theme for story in _stories(group)) for groups in grouped]
    return Fallen(
        weeks=tuple(f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in mondays),
        stories=tuple(map(len, told)),
        themes=tuple(_fall(theme, grouped) for theme in configured),
        without=tuple(map(len, unmatched)),
        unmatched=tuple(story for week in reversed(unmatched) for story in sorted(week, key=_newest)),
        proposals=_proposals(unmatched, told, configured, site=site),
    )


def plain(fallen: Fallen) -> dict[str, Any]:
    """The same as `digest themes --json` prints it."""
    return {
        "weeks": fallen.weeks,
        "stories": fallen.stories,
        "without": fallen.without,
        "themes": [
            {"key": one.theme.key, "title": one.theme.title, "stories": one.stories, "headlines": one.headlines} for one in fallen.themes
        ],
        "unmatched": [_named(story) for story in fallen.unmatched],
        "proposals": [
            {"toml": one.toml, "stories": [_named(story) for story in one.stories], "others": one.others} for one in fallen.proposals
        ],
    }


def _named(story: Story) -> Mapping[str, str]:
    return {"id": story.id, "headline": story.headline}


def _printable(newsroom: Newsroom, start: datetime, end: datetime) -> tuple[Story, ...]:
    return without_recurring([story for story in newsroom.stories.within(start, end) if not story.withdrawn])


def _stories(group: Group) -> list[Story]:
    return [story for event in group.events for story in event.stories]


def _fall(theme: Theme, grouped: Sequence[Sequence[Group]]) -> Fall:
    own = [[group for group in groups if group.theme == theme.key] for groups in grouped]
    headlines = tuple(event.stories[0].headline for groups in own for group in groups for event in group.events)
    return Fall(theme=theme, stories=tuple(sum(len(_stories(group)) for group in groups) for groups in own), headlines=headlines)


def _proposals(
    unmatched: Sequence[Sequence[Story]], told: Sequence[Sequence[Story]], configured: Sequence[Theme], *, site: str
) -> tuple[Proposal, ...]:
    """For the largest themes that the unmatched stories of all weeks together make, and that come back in another week."""
    proposals: list[Proposal] = []
    titles, taken = {theme.title for theme in configured}, {theme.key for theme in configured}
    groups = themes(events([story for week in unmatched for story in week], site=site), ())
    for group in sorted(groups, key=lambda group: -len(_stories(group))):
        ids = {story.id for story in _stories(group)}
        if sum(len(one.stories) >= len(ids) for one in proposals) >= PROPOSED:
            break  # no theme that follows can have more stories
        recurs = sum(any(story.id in ids for story in week) for week in unmatched)
        if group.title and group.title not in titles and recurs >= RECURS and (found := propose(group.title, ids, told, taken=taken)):
            proposals.append(found)
            taken.add(found.theme.key)
    return tuple(sorted(proposals, key=lambda one: -len(one.stories))[:PROPOSED])


def _newest(story: Story) -> tuple[float, str]:
    return (-story.published_at.timestamp() if story.published_at else 0.0, story.id)
