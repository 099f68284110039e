"""Lay an issue out: the lead story, the sections in order of their best story, then more headlines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from digest.edit.summarise import summarise
from digest.model import Also, Brief, Edition, Event, Group, Issue, Section, Story, Window

MORE = "More headlines"
SUBJECT_FITS = 70  # characters; desktop clients cut near here, phones near 40
PREHEADER_FITS = 110


def compose(groups: Sequence[Group], ranked: Sequence[Event], *, window: Window, edition: Edition) -> Issue:
    """Boil every event down and lay the issue out. `ranked` orders the events, the weightiest first; the first with a summary leads.

    A discovered theme that is left with one event joins "More headlines"; a configured one keeps its section.
    """
    place = {event.stories[0].id: at for at, event in enumerate(ranked)}
    briefs = {
        id_: _brief(event, edition=edition, zone=window.zone) for id_, event in ((e.stories[0].id, e) for g in groups for e in g.events)
    }
    order = sorted(briefs, key=lambda id_: place[id_])
    lead = next((briefs[id_] for id_ in order if briefs[id_].summary), None)
    sections = _sections(groups, briefs, place, lead)
    issue = Issue(id=window.issue_id, window=window, title=edition.title, subject="", preheader="", lead=lead, sections=sections)
    subject, preheader = inbox_texts(issue)
    return replace(issue, subject=subject, preheader=preheader)


def inbox_texts(issue: Issue) -> tuple[str, str]:
    """The subject and the preheader that the issue's first headlines make."""
    briefs = [*([issue.lead] if issue.lead else []), *(section.briefs[0] for section in issue.sections if section.briefs)]
    headlines = [brief.headline for brief in briefs]
    return _whole_words(headlines[0], SUBJECT_FITS) if headlines else issue.title, _preheader(headlines[1:])


def _brief(event: Event, *, edition: Edition, zone: str) -> Brief:
    best, *others = event.stories
    source = _source(best)
    also = tuple(
        Also(story_id=story.id, source=story.source if _source(story) == source else _source(story), url=story.url, headline=story.headline)
        for story in others
    )
    return replace(summarise(best, max_words=edition.summary_words, zone=ZoneInfo(zone)), source=source, also=also)


def _source(story: Story) -> str:
    """Who reported it: the agency of wire copy, else the outlet."""
    return story.dateline.agency if story.dateline and story.dateline.agency else story.source


def _sections(groups: Sequence[Group], briefs: Mapping[str, Brief], place: Mapping[str, int], lead: Brief | None) -> tuple[Section, ...]:
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
        laid.append(Section(title=MORE, briefs=tight, style="headlines"))
    return tuple(laid)


def _preheader(headlines: Sequence[str]) -> str:
    """As many whole headlines as fit, for the grey words behind the subject."""
    text = ""
    for headline in headlines:
        longer = f"{text}; {headline}" if text else f"Plus: {headline}"
        if len(longer) <= PREHEADER_FITS:
            text = longer
    return text


def _whole_words(text: str, fits: int) -> str:
    if len(text) <= fits:
        return text
    return text[: fits - 1].rsplit(" ", 1)[0].rstrip(",;:–—- ") + "…"
