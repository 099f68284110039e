"""Say what digest understands of a document, which stories it keeps, and why one is where it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.edit.rank import product_of
from digest.edit.read import read
from digest.edit.reading.items import part_items
from digest.edit.recurring import RULE
from digest.edit.summarise import lead, summarise
from digest.errors import StoreError, Unreadable
from digest.gather.answers import Fetched, Unfetched
from digest.gather.files import gather_files
from digest.gather.http import EVERYDAY, Rules, Web
from digest.model import Cut, Document, Failure, Source, Story
from digest.newsroom import Newsroom
from digest.workflow.pages import in_utf8
from digest.workflow.proof import report_of
from digest.workflow.reading import refused


def read_places(places: Iterable[str], *, zone: str, now: datetime, rules: Rules = EVERYDAY) -> Iterator[Story | Failure]:
    """What digest understands of files and of pages of the web, outside any newsroom."""
    for place in places:
        for found in _on_the_web(place, now, rules) if urlsplit(place).scheme in ("http", "https") else _in_file(Path(place), now):
            if isinstance(found, Failure):
                yield found
                continue
            yield from (_read(one, zone) for one in part_items(found, zone=ZoneInfo(zone)))


def _in_file(path: Path, now: datetime) -> Iterator[Document | Failure]:
    yield from gather_files(Source(name=path.parent.name or "file", files=path.name), path.parent, now=now)


def _on_the_web(url: str, now: datetime, rules: Rules) -> Iterator[Document | Failure]:
    with Web(rules) as web:
        answer = web.fetch(url)
    host = urlsplit(url).hostname or url
    if isinstance(answer, Unfetched):
        yield answer.failure(host)
    elif isinstance(answer, Fetched):
        kind = kind_of_answer(answer)
        content = in_utf8(answer.content, answer.charset) if kind == "html" else answer.content
        yield Document(source=host, url=answer.known.url, kind=kind, content=content, fetched_at=now)


def kind_of_answer(answer: Fetched) -> str:
    """The kind of document that came from the web: what calls itself text may still be XML."""
    start = answer.content[:500].lstrip(b"\xef\xbb\xbf \t\r\n")
    if "json" in answer.content_type:
        return "json"
    markup = b"<html" in start.lower() or b"<!doctype html" in start.lower()
    return "xml" if (start.startswith(b"<?xml") and not markup) or answer.content_type.endswith(("rss+xml", "atom+xml")) else "html"


def _read(found: Document | Failure, zone: str) -> Story | Failure:
    if isinstance(found, Failure):
        return found
    try:
        return read(found, zone=ZoneInfo(zone))
    except Unreadable as error:
        return refused(found, error)


def understood(story: Story, *, max_words: int = 45, zone: str = "UTC") -> dict[str, Any]:
    """A story as `digest read --json` prints it: its fields under the names of model.py, with lead, summary and spans."""
    brief = summarise(story, max_words=max_words, zone=ZoneInfo(zone))
    plain = asdict(story)
    for name, moment in (("published_at", story.published_at), ("embargo_until", story.embargo_until)):
        plain[name] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
    return {**plain, "lead": lead(story), "summary": brief.summary, "summary_spans": [asdict(span) for span in brief.spans]}


def find_stories(newsroom: Newsroom, text: str, *, limit: int) -> tuple[Story, ...]:
    """Stories of the store that hold every word of `text`, the newest first."""
    return newsroom.stories.search(text, limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a story is where it is in an issue, and where each sentence of its summary came from."""

    story: Story
    issue_id: str  # "" = no issue has considered it
    line: Mapping[str, Any]  # its line in report.json; {} when there is none
    ranking: Mapping[str, Any]  # {} when it was not ranked; else its event's sum, see ranking_of()
    names: tuple[str, ...]  # the names considered for its section, best first
    why_named: Mapping[str, str]  # what the judge saw in each
    sentences: tuple[tuple[int, str], ...]  # (paragraph, sentence) of its summary, paragraphs from 1
    recurring: tuple[Cut, ...]  # its paragraphs that were passed over, because they recur at its outlet
    versions: int  # earlier versions on record


def explain_story(newsroom: Newsroom, wanted: str, *, issue_id: str = "") -> Explained:
    """Explain a story (id, beginning of one, or address) in an issue, by default the latest that considered it."""
    story = newsroom.stories.get(wanted)
    if story is None:
        raise StoreError(f"No story {wanted!r} is known.", hint="Look for it with: digest stories WORDS")
    for candidate in [issue_id] if issue_id else reversed(newsroom.issues.ids()):
        told = report_of(newsroom, candidate)
        line = next((line for line in told.get("stories", ()) if line["id"] == story.id), None)
        if line is not None:
            section: Mapping[str, Any] = next((section for section in told["sections"] if section["title"] == line["section"]), {})
            names, why = section.get("names", ()), section.get("why_named", {})
            spans = told["spans"].get(story.id, ())
            sentences = tuple((at + 1, story.paragraphs[at][start:end]) for at, start, end in spans if at < len(story.paragraphs))
            recurring = told.get("recurring", {}).get(story.id, ())
            ranking = ranking_of(told, story.id)
            break
    else:
        candidate, line, ranking, names, why, sentences, recurring = issue_id, {}, {}, (), {}, (), ()
    return Explained(
        story=story,
        issue_id=candidate,
        line=line,
        ranking=ranking,
        names=tuple(names),
        why_named=why,
        sentences=sentences,
        recurring=tuple(Cut(text=text, rule=RULE) for text in recurring),
        versions=len(newsroom.stories.versions(story.id)),
    )


def ranking_of(report: Mapping[str, Any], story_id: str) -> dict[str, Any]:
    """The sum that gave a story's event its place, as report.json has it: place, of how many, pinned, total, and each part."""
    ranked = report.get("ranking", {})
    found = ranked.get(story_id) or next((one for one in ranked.values() if story_id in one["stories"]), None)
    if not found:
        return {}
    parts = [
        {"name": name, "says": says, "value": value, "weight": weight, "product": product_of(value, weight)}
        for name, says, value, weight in found["parts"]
    ]
    return {"place": found["place"], "of": len(ranked), "pinned": found["pinned"], "total": found["total"], "parts": parts}
