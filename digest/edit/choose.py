"""Decide which stories an issue may carry, and say why for each one, in or out."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from digest.model import FURTHER_NOTICE, Decision, Edition, Event, Group, Story, Window

FAIR, FAIR_AT_LEAST = 0.25, 4  # the part of an issue that one theme may take while others wait, and its smallest number of items


class Built(NamedTuple):
    """An earlier issue of the edition: the span it covered and the moment it was last built, all UTC."""

    issue_id: str
    start: datetime
    end: datetime
    built_at: datetime


def choose(
    stories: Sequence[Story],
    *,
    window: Window,
    edition: Edition,
    carried: Mapping[str, str],
    gone: frozenset[str] = frozenset(),
    late: Mapping[str, str] | None = None,
    now: datetime,
) -> tuple[tuple[Story, ...], tuple[Decision, ...]]:
    """Part the stories into those the issue may carry and the others, with one Decision for each.

    `carried`: story id -> the approved or sent issue of this edition that has it. `gone`: ids that their source no longer has.
    `late`: from late_stories(). `now`: the moment of building, which an embargo must not outlast. Chosen stories keep their order.
    """
    chosen, decisions = [], []
    for story in stories:
        against = _against(story, window=window, edition=edition, carried=carried, gone=gone, late=late or {}, now=now)
        if against:
            decisions.append(Decision(story_id=story.id, decision="out", reason=against))
            continue
        chosen.append(story)
        reason = "pinned" if story.pinned else (late or {}).get(story.id, "published in the window")
        decisions.append(Decision(story_id=story.id, decision="in", reason=reason))
    return tuple(chosen), tuple(decisions)


def _against(  # noqa: PLR0911  (one reason, one return)
    story: Story,
    *,
    window: Window,
    edition: Edition,
    carried: Mapping[str, str],
    gone: frozenset[str],
    late: Mapping[str, str],
    now: datetime,
) -> str:
    """The first reason to leave a story out, or "" for none."""
    tags = {tag.lower() for tag in story.tags}
    unwanted = [tag for tag in edition.without if tag.lower() in tags]
    if held := held_back(story, now=now):
        return held
    if story.published_at is None:
        return 'undated: give it a date, or let its source say undated = "gathered"'
    if not window.start <= story.published_at < window.end and story.id not in late:
        return "published before the window" if story.published_at < window.start else "published after the window"
    if story.id in gone:
        return "its source no longer has it"
    if story.id in carried:
        return f"already carried in {carried[story.id]}"
    if unwanted:
        return f"tag {unwanted[0]} is left out of {edition.name}"
    if edition.tags and not tags & {tag.lower() for tag in edition.tags}:
        return f"has none of the tags of {edition.name}: {', '.join(edition.tags)}"
    if not story.paragraphs:
        return "has no text"
    return ""


def held_back(story: Story, *, now: datetime) -> str:
    """Why a story may not be printed at this moment, whatever an editor wants; "" when it may."""
    if story.withdrawn:
        return "withdrawn by its source"
    if story.embargo_until is None or story.embargo_until <= now:
        return ""
    if story.embargo_until == FURTHER_NOTICE:
        return "embargoed until further notice"
    return f"embargoed until {story.embargo_until:%Y-%m-%d %H:%M} UTC"


def late_stories(
    stories: Sequence[Story], *, window: Window, edition: Edition, built: Sequence[Built], first_gathered: Mapping[str, datetime]
) -> Mapping[str, str]:
    """Stories of an earlier issue's span that arrived only after it was built: story id -> the reason to take them now.

    A story that any later issue of the edition could already have taken had its chance and is not late again.
    """
    earlier = [issue for issue in built if issue.end <= window.start]
    oldest = window.start - timedelta(days=edition.late_days)
    late = {}
    for story in stories:
        if story.published_at is None or not oldest <= story.published_at < window.start:
            continue
        home = [issue for issue in earlier if issue.start <= story.published_at < issue.end]
        chances = [issue for issue in earlier if issue.end > story.published_at]
        if home and all(first_gathered[story.id] > issue.built_at for issue in chances):
            late[story.id] = f"late: it arrived after {home[-1].issue_id} was built"
    return late


def cap(
    groups: Sequence[Group], ranked: Sequence[Event], *, at_most: int, known: Collection[str] | None = None
) -> tuple[tuple[Group, ...], tuple[Decision, ...]]:
    """Keep the `at_most` best events, and a Decision for each story of the others. Groups that lose every event go.

    While other stories wait, a theme takes no more than a quarter of the issue, or four items; what an editor pinned always stays.
    `known`: the stories that the editor of a plan already had to choose from; an event that is none of them is kept beside the others.
    """
    fair = max(FAIR_AT_LEAST, math.ceil(FAIR * at_most))
    theme = {event.stories[0].id: group.title for group in groups for event in group.events}
    taken: Counter[str] = Counter()
    first: list[Event] = []
    crowded: list[Event] = []
    for event in ranked:
        title = theme[event.stories[0].id]
        pinned = any(story.pinned for story in event.stories)
        (crowded if title and taken[title] >= fair and not pinned else first).append(event)
        taken[title] += 1
    order = [*first, *crowded]
    places = {event.stories[0].id: place for place, event in enumerate(ranked, start=1)}
    fresh = () if known is None else (event for event in order[at_most:] if not any(story.id in known for story in event.stories))
    kept = {event.stories[0].id for event in (*order[:at_most], *fresh)}
    printed = Counter(theme[id_] for id_ in kept)
    passed = {event.stories[0].id for event in crowded}

    def reason_of(event: Event) -> str:
        id_ = event.stories[0].id
        reason = f"number {places[id_]} of {len(ranked)}; the issue takes {at_most}"
        return f"{reason}, {printed[theme[id_]]} of them on {theme[id_]}" if id_ in passed else reason

    left_out = tuple(
        Decision(story_id=story.id, decision="out", reason=reason_of(event))
        for event in order
        if event.stories[0].id not in kept
        for story in event.stories
    )
    thinned = (replace(group, events=tuple(event for event in group.events if event.stories[0].id in kept)) for group in groups)
    return tuple(group for group in thinned if group.events), left_out
