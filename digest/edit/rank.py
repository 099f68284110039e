"""Say how much each event matters, as a sum that a person can follow, and put the weightiest first."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.edit.aside import aside_of
from digest.model import Event, Group, Ranking, Story, Window

MANY = 12  # outlets that tell an event, or items on a theme: more say nothing new, and each doubling up to it counts the same
AT_ONCE = timedelta(days=2)
TWICE = 2  # so often an outlet counts that tells an event again and again: to come back to it is a sign, a stream of updates is none
LONG = 6_000  # characters; about a thousand words
LAST_PLACE = 10  # of an edited list; whoever stands there or below was not put forward
ROUTINE = 5  # the urgency of everyday news, by the IPTC's scale from 1 to 9
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of the sum."""

    name: str  # a key of [ranking], or "tag NAME"
    says: str  # what was looked at: "3 outlets"
    value: float  # 0 to 1; of urgency from -1 on
    weight: float

    @property
    def product(self) -> float:
        """What it adds."""
        return product_of(self.value, self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An event with its sum."""

    event: Event
    parts: tuple[Part, ...]
    pinned: bool

    @property
    def total(self) -> float:
        """The sum of the products, as they are shown."""
        return round(sum(part.product for part in self.parts), 2)


def weigh(groups: Sequence[Group], *, window: Window, ranking: Ranking | None = None) -> tuple[Weighed, ...]:
    """Every event of the groups with its sum, the weightiest first. Pinned stories stand before all others.

    Of two with the same sum the later one stands first, then the longer one, then the one whose headline comes first in the alphabet.
    """
    weights = ranking or Ranking()
    weighed = [
        Weighed(event=event, parts=_parts(event, group, window, weights), pinned=any(story.pinned for story in event.stories))
        for group in groups
        for event in group.events
    ]
    return tuple(sorted(weighed, key=_place))


def product_of(value: float, weight: float) -> float:
    """What a part adds, to the hundredth that is shown: what is shown is what counts."""
    return round(value * weight, 2) + 0.0  # no minus before a nought


def _place(one: Weighed) -> tuple[bool, float, float, int, str, str]:
    best = one.event.stories[0]
    length = sum(map(len, best.paragraphs))
    return (not one.pinned, -one.total, -(best.published_at or EVER).timestamp(), -length, best.headline.casefold(), best.id)


def _parts(event: Event, group: Group, window: Window, weights: Ranking) -> tuple[Part, ...]:
    best = event.stories[0]
    told = _at_once(event)
    on_theme = len(group.events) if group.title else 1
    length = sum(map(len, best.paragraphs))
    aside = aside_of(best)
    found = [
        ("outlets", _told(told), _doublings(_tellings(told)), weights.outlets),
        ("theme", f"{_count(on_theme, 'item')} on {group.title}" if group.title else "no theme", _doublings(on_theme), weights.theme),
        ("own_theme", "of digest.toml" if group.theme else "not of digest.toml", float(bool(group.theme)), weights.own_theme),
        ("news", aside or "plain news", float(not aside), weights.news),
        ("length", f"{length:,} characters", min(length, LONG) / LONG, weights.length),
        ("place", *_put_forward(event), weights.place),
        ("urgency", *_urgent(event), weights.urgency),
        ("freshness", *_fresh(best, window), weights.freshness),
        ("picture", _count(len(best.images), "picture"), float(bool(best.images)), weights.picture),
    ]
    tags = {tag.casefold() for story in event.stories for tag in story.tags}
    found += [(f"tag {tag}", "it has the tag", 1.0, weight) for tag, weight in weights.tags.items() if tag.casefold() in tags]
    return tuple(Part(name=name, says=says, value=round(value, 2), weight=weight) for name, says, value, weight in found)


def _at_once(event: Event) -> Counter[str]:
    """Who tells it, and how often, in the two days in which most do; the latest two of such.

    What happened is told at once, a running matter all week.
    """
    told = sorted(((story.published_at or EVER, story.source) for story in event.stories), reverse=True)
    within: Counter[str] = Counter()
    most, best, reached = 0, Counter[str](), 0
    for at, (end, source) in enumerate(told):
        while reached < len(told) and end - told[reached][0] <= AT_ONCE:
            within[told[reached][1]] += 1
            reached += 1
        if (at == 0 or end < told[at - 1][0]) and (tellings := _tellings(within)) > most:
            most, best = tellings, +within
        within[source] -= 1
    return best


def _tellings(by: Counter[str]) -> int:
    return sum(min(times, TWICE) for times in by.values())


def _told(by: Counter[str]) -> str:
    """ "3 outlets", or "3 outlets, 5 stories" where one of them came back to it."""
    outlets = _count(len(by), "outlet")
    return outlets if by.total() == len(by) else f"{outlets}, {_count(by.total(), 'story', 'stories')}"


def _doublings(number: int) -> float:
    return min(math.log2(number) / math.log2(MANY), 1.0)


def _put_forward(event: Event) -> tuple[str, float]:
    """The best place that a telling has in a list that somebody put in order."""
    places = [story.place for story in event.stories if story.place]
    if not places:
        return "no edited list", 0.0
    return f"place {min(places)} of its list", max(0, LAST_PLACE - min(places)) / (LAST_PLACE - 1)


def _urgent(event: Event) -> tuple[str, float]:
    said = [story.urgency for story in event.stories if story.urgency]
    return (f"urgency {min(said)}", (ROUTINE - min(said)) / (ROUTINE - 1)) if said else ("not said", 0.0)


def _fresh(story: Story, window: Window) -> tuple[str, float]:
    """1 at the end of the window, 0 at its beginning and before."""
    if story.published_at is None:
        return "undated", 0.0
    age = (window.end - story.published_at) / (window.end - window.start)
    hours = round((window.end - story.published_at).total_seconds() / 3600)
    said = _count(hours, "hour") if hours < 48 else _count(round(hours / 24), "day")
    return f"{said} before the end", min(1.0, max(0.0, 1.0 - age))


def _count(number: int, noun: str, several: str = "") -> str:
    return f"{number} {noun if number == 1 else several or noun + 's'}"
