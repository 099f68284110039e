"""What the desk shows of an issue, as plain values: its plan with what is known of the stories, what was found, and the mail around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from digest.edit.check import Proof
from digest.edit.inbox import subjects
from digest.edit.links import links_of
from digest.edit.printing.layout import reading_minutes
from digest.edit.printing.wording import words_for
from digest.edit.rebuild import all_briefs
from digest.edit.render import picture_address
from digest.edit.strange import strange_words
from digest.edit.summarise import summarise, words
from digest.errors import ConfigError, DigestError, Refused
from digest.model import Brief, Image, Issue, Section, Segment, Story
from digest.newsroom import Newsroom
from digest.store.plain import moment_to_plain
from digest.workflow.approve import headers_of, sealed
from digest.workflow.deliveries import status_of
from digest.workflow.explain import Explained
from digest.workflow.proof import Located, items, pictures_on_disk

CLIPPED_AT = 102 * 1024  # bytes of HTML, above which Gmail hides the rest of a mail

Plain = dict[str, Any]
# What is shown while the plan cannot be read.
NOTHING: Mapping[str, Any] = {
    "title": "", "subject": "", "subjects": [], "preheader": "", "note": None, "lead": None, "sections": [], "offered": [], "sponsors": [],
    "left_out": [], "stories": 0, "state": "planned", "sealed_at": "", "withdrawn": "", "fault": "", "sender": {"name": "", "address": ""},
    "size": {"bytes": 0, "limit": CLIPPED_AT}, "minutes": 0, "links": [], "headers": [], "text": "", "pictures": {}, "findings": [],
    "recipients": {"list": "", "count": 0},
}  # fmt: skip

ShownAt = Callable[[str], str]  # a picture's address in the plan -> the one at which the desk shows it; "" = nowhere


def shown_plan(newsroom: Newsroom, issue: Issue, report: Mapping[str, Any], shown_at: ShownAt) -> Plain:
    """The plan as the desk shows it: every item with its place, and the stories that it leaves out."""
    kept = newsroom.stories.among({brief.story_id for brief in all_briefs(issue) if brief.story_id})

    def item(place: str, brief: Brief) -> Plain:
        return shown_item(place, brief, kept.get(brief.story_id), shown_at)

    return {
        "title": issue.title,
        "subject": issue.subject,
        "subjects": list(subjects(issue)),
        "preheader": issue.preheader,
        "note": {"text": issue.note.text, "by": issue.note.by} if issue.note else None,
        "lead": item("lead", issue.lead) if issue.lead else None,
        "sections": [
            {
                "place": f"section[{at}]",
                "title": section.title,
                "style": section.style,
                "names": considered_names(section, report),
                "items": [item(f"section[{at}].brief[{row}]", brief) for row, brief in enumerate(section.briefs)],
            }
            for at, section in enumerate(issue.sections)
        ],
        "offered": [item(f"offered[{at}]", brief) for at, brief in enumerate(issue.offered)],
        "sponsors": [
            {
                "place": f"sponsor[{at}]",
                "name": sponsor.name,
                "text": sponsor.text,
                "link": sponsor.url,
                "after": sponsor.after,
                "from": sponsor.first.isoformat() if sponsor.first else "",
                "until": sponsor.last.isoformat() if sponsor.last else "",
            }
            for at, sponsor in enumerate(issue.sponsors)
        ],
        "left_out": left_out(issue, report),
        "stories": items(issue),
    }


def shown_item(place: str, brief: Brief, story: Story | None, shown_at: ShownAt) -> Plain:
    """One item. `strange`: where the summary's words that its story does not hold begin and end."""
    return {
        "place": place,
        "story": brief.story_id,
        "headline": brief.headline,
        "kicker": brief.kicker,
        "summary": brief.summary,
        "source": brief.source,
        "link": brief.url,
        "credit": brief.credit,
        "date": brief.date.isoformat() if brief.date else "",
        "words": words(brief.summary),
        "pin": brief.pinned,
        "image": shown_image(brief.image, shown_at) if brief.image else None,
        "also": [{"story": also.story_id, "source": also.source, "headline": also.headline, "link": also.url} for also in brief.also],
        "strange": [as_browsers_count(brief.summary, *span) for span in strange_words(brief.summary, story)] if story else [],
    }


def shown_image(image: Image, shown_at: ShownAt) -> Plain:
    """A picture; `shown` is where the desk shows it from."""
    return {**asdict(image), "shown": shown_at(image.url)}


def considered_names(section: Section, report: Mapping[str, Any]) -> list[str]:
    """The names that were considered for a section when it was built, however it is called now."""
    by_title = {told["title"]: list(told["names"]) for told in report.get("sections", ())}
    if section.title in by_title:
        return by_title[section.title]
    built_in = {line["id"]: line["section"] for line in report.get("stories", ())}
    titles = [built_in.get(brief.story_id, "") for brief in section.briefs]
    most = max(titles, key=titles.count, default="")
    return by_title.get(most, [])


def left_out(issue: Issue, report: Mapping[str, Any]) -> list[Plain]:
    """The stories that the issue could carry and does not, with the reason."""
    held = {id for brief in all_briefs(issue) for id in (brief.story_id, *(also.story_id for also in brief.also))}
    return [
        {
            "id": line["id"],
            "headline": line["headline"],
            "source": line["source"],
            "reason": line["reason"] if line["decision"] == "out" else "dropped by the editor",
        }
        for line in report.get("stories", ())
        if line["id"] not in held
    ]


# --- the mail


def shown_mail(newsroom: Newsroom, proof: Proof, shown_at: ShownAt) -> Plain:
    """What there is to say of the mail: size, links, headers, and to whom it goes.

    `pictures`: where a picture on disk will be published -> where the desk shows it from.
    """
    email, masthead = proof.email, newsroom.settings.masthead
    assert email is not None
    minutes = words_for(masthead.language, newsroom.templates)["words_a_minute"]
    return {
        "size": {"bytes": len(email.html.encode()), "limit": CLIPPED_AT},
        "minutes": reading_minutes(proof.issue, minutes),
        "links": [{"text": link.words, "url": link.url} for link in links_of(email.html)],
        "headers": _headers(newsroom, proof),
        "text": email.text,
        "recipients": _recipients(newsroom, proof.issue),
        "pictures": {
            picture_address(path, proof.issue.id, masthead.public_url): shown_at(path) for path in pictures_on_disk(newsroom, proof.issue)
        },
    }


def shown_findings(found: Sequence[Located]) -> list[Plain]:
    """The findings, each with the place of the plan that it speaks of, as the items have it."""
    return [{**asdict(one.finding), "place": one.finding.where.partition(" ")[0], "line": one.line} for one in found]


def shown_sender(newsroom: Newsroom) -> Plain:
    """Who the mail comes from."""
    name, address = parseaddr(newsroom.settings.masthead.sender)
    return {"sender": {"name": name or address, "address": address}}


def shown_standing(newsroom: Newsroom, issue_id: str) -> Plain:
    """Where the issue is in its life. `withdrawn`: why an approval no longer counts."""
    status = status_of(newsroom, issue_id)
    standing: Plain = {"state": status.state, "sealed_at": "", "withdrawn": ""}
    if newsroom.issues.is_sealed(issue_id):
        try:
            standing["sealed_at"] = moment_to_plain(sealed(newsroom, issue_id).approved_at)
        except Refused as error:
            standing["withdrawn"] = error.message
            standing["state"] = "planned" if status.state == "approved" else status.state
    return standing


def _headers(newsroom: Newsroom, proof: Proof) -> list[list[str]]:
    try:
        return [list(header) for header in headers_of(newsroom, proof)]
    except DigestError:  # no sender, or one that no header can hold: approving says so
        return [["Subject", proof.issue.subject]]


def _recipients(newsroom: Newsroom, issue: Issue) -> Plain:
    try:
        edition = newsroom.edition("", issue.window.edition)
    except ConfigError:  # an issue of an edition that digest.toml no longer has
        return {"list": "", "count": 0}
    list_ = edition.list or edition.name
    return {"list": list_, "count": newsroom.subscribers.count_of(Segment(list=list_))}


# --- a story behind an item, or one that could become one


def places_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """Story id -> the place of the item that it stands in, of a plan as shown."""
    lead = [plan["lead"]] if plan["lead"] else []
    rows = [*lead, *(item for section in plan["sections"] for item in section["items"]), *plan["offered"]]
    told = {also["story"]: item["place"] for item in rows for also in item["also"] if also["story"]}
    return told | {item["story"]: item["place"] for item in rows if item["story"]}


def found_story(story: Story, places: Mapping[str, str], *, zone: str) -> Plain:
    """A story of the store, as a search lists it."""
    return {
        "id": story.id,
        "headline": story.headline,
        "source": story.source,
        "date": _local_day(story.published_at, zone),
        "in": places.get(story.id, ""),
    }


def told_story(told: Explained, report: Mapping[str, Any], *, zone: str, shown_at: ShownAt) -> Plain:
    """A story as digest understood it: where its summary's sentences stand, what was cut, and why it is where it is."""
    story, line = told.story, told.line
    spans = [tuple(span) for span in report.get("spans", {}).get(story.id, ())] or [
        (span.paragraph, span.start, span.end) for span in summarise(story, zone=ZoneInfo(zone)).spans
    ]
    return {
        "id": story.id,
        "headline": story.headline,
        "dek": story.dek,
        "byline": story.byline,
        "source": story.source,
        "url": story.url,
        "published": _local_day(story.published_at, zone),
        "paragraphs": list(story.paragraphs),
        "spans": [_span(story, *span) for span in spans if span[0] < len(story.paragraphs)],
        "images": [shown_image(image, shown_at) for image in story.images],
        "furniture": [asdict(cut) for cut in story.furniture],
        "decision": line.get("decision", ""),
        "reason": line.get("reason", ""),
        "section": line.get("section", ""),
        "grouped": line.get("grouped", ""),
        "names": list(told.names),
        "versions": told.versions,
    }


def _span(story: Story, paragraph: int, start: int, end: int) -> Plain:
    start, end = as_browsers_count(story.paragraphs[paragraph], start, end)
    return {"paragraph": paragraph, "start": start, "end": end}


def _local_day(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else ""


def as_browsers_count(text: str, start: int, end: int) -> tuple[int, int]:
    """A span of characters in the units that JavaScript counts: one beyond the first 65,536 is two."""
    before, inside = (sum(character > "\uffff" for character in part) for part in (text[:start], text[start:end]))
    return start + before, end + before + inside
