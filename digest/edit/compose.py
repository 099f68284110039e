"""Lay an issue out: the lead story, the sections in order of their best story, then more headlines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from digest.edit.aside import aside_of
from digest.edit.grouping.kinds import part_kicker
from digest.edit.inbox import preheader, subjects
from digest.edit.printing.wording import is_language, same_language
from digest.edit.summarise import summarise
from digest.model import Also, Brief, Edition, Event, Group, Issue, Section, Story, Window


def compose(
    groups: Sequence[Group], ranked: Sequence[Event], *, window: Window, edition: Edition, language: str, words: Mapping[str, Any]
) -> Issue:
    """Boil every event down and lay the issue out. `ranked` orders the events, the weightiest first.

    The first that has a summary and is plain news leads, or is pinned; the first with a summary where there is no news.
    A discovered theme that is left with one event joins "More headlines"; a configured one keeps its section. `language` is the
    issue's, and `words` are its fixed words (see wording.words_for); a brief keeps the language of a story in another one.
    """
    place = {event.stories[0].id: at for at, event in enumerate(ranked)}
    briefs = {
        id_: brief_of(event, edition=edition, zone=window.zone, language=language)
        for id_, event in ((e.stories[0].id, e) for g in groups for e in g.events)
    }
    elsewhere = {id_: titles for group in groups for id_, titles in group.elsewhere.items()}
    briefs = {id_: replace(brief, named_under=elsewhere.get(id_, ())) for id_, brief in briefs.items()}
    order = sorted(briefs, key=lambda id_: place[id_])
    best = {event.stories[0].id: event.stories[0] for event in ranked}
    told = [id_ for id_ in order if briefs[id_].summary]
    news = (id_ for id_ in told if briefs[id_].pinned or not aside_of(best[id_]))
    lead = briefs.get(next(news, told[0] if told else ""))
    sections = _sections(groups, briefs, place, lead, more_title=words["more_headlines"])
    issue = Issue(id=window.issue_id, window=window, title=edition.title, subject="", preheader="", lead=lead, sections=sections)
    return replace(issue, subject=subjects(issue)[0], preheader=preheader(issue, words))


def brief_of(event: Event, *, edition: Edition, zone: str, language: str) -> Brief:
    """An event as one item: its best telling boiled down, the others named. `zone` is an IANA name, `language` the issue's."""
    best, *others = event.stories
    source = _source(best)
    also = tuple(
        Also(story_id=story.id, source=story.source if _source(story) == source else _source(story), url=story.url, headline=story.headline)
        for story in others
    )
    brief = summarise(best, max_words=edition.summary_words, zone=ZoneInfo(zone))
    other = "" if same_language(brief.language, language) or not is_language(brief.language) else brief.language
    kicker, headline = part_kicker(brief.headline)
    return replace(brief, kicker=kicker, headline=headline, source=source, also=also, language=other)


def _source(story: Story) -> str:
    """Who reported it: the agency of wire copy, else the outlet."""
    return story.dateline.agency if story.dateline and story.dateline.agency else story.source


def _sections(
    groups: Sequence[Group], briefs: Mapping[str, Brief], place: Mapping[str, int], lead: Brief | None, *, more_title: str
) -> tuple[Section, ...]:
    sections: list[tuple[str, list[str]]] = []
    more: list[str] = []
    for group in groups:
        ids = [event.stories[0].id for event in group.events if lead is None or event.stories[0].id != lead.story_id]
        if group.title and (len(ids) > 1 or (ids and group.theme)):
            sections.append((group.title, sorted(ids, key=lambda id_: place[id_])))
        else:
            more += ids
    sections.sort(key=lambda section: place[section[1][0]])
    laid = [Section(title=title, briefs=tuple(briefs[id_] for id_ in ids)) for title, ids in sections]
    if more:
        tight = tuple(briefs[id_] for id_ in sorted(more, key=lambda id_: place[id_]))
        laid.append(Section(title=more_title, briefs=tight, style="headlines"))
    return tuple(laid)
