"""Account for every story: where it stands in the issue, or why it does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from digest.edit.rank import Weighed
from digest.edit.rebuild import Written, all_briefs
from digest.model import Brief, Decision, Email, Failure, Finding, Group, Issue, Story

LEAD = "Lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One story's line in report.json. `section` is "" for a story that is out."""

    id: str
    url: str
    headline: str
    source: str
    published_at: str  # ISO 8601, UTC; "" = undated
    decision: str
    reason: str
    section: str = ""
    grouped: str = ""  # why it stands in that section


def account(
    stories: Iterable[Story], *, decisions: Sequence[Decision], groups: Sequence[Group], issue: Issue, dropped: Iterable[str]
) -> tuple[Line, ...]:
    """One line a story, each with one place and one reason; the issue as it was planned has the last word."""
    decided = {decision.story_id: decision for decision in decisions}
    why = {story_id: reason for group in groups for story_id, reason in group.why.items()}
    places = _places(issue)
    offered = {brief.story_id for brief in issue.offered}
    taken_out = set(dropped)

    def line(story: Story) -> Line:
        choice = decided[story.id]
        section, leader = places.get(story.id, ("", ""))
        decision, reason = choice.decision, choice.reason
        if section and leader != story.id:
            decision, reason = "in", f"told under {leader}, the same event"
        elif section and choice.decision == "out":
            decision, reason = "in", f"kept by the editor ({choice.reason})"
        elif not section and story.id in offered:
            decision, reason = "out", "offered: it came after the plan was edited"
        elif not section and choice.decision == "in":
            decision, reason = "out", "dropped by the editor" if story.id in taken_out else "told under another story that is out"
        return Line(
            id=story.id,
            url=story.url,
            headline=story.headline,
            source=story.source,
            published_at=_iso(story.published_at),
            decision=decision,
            reason=reason,
            section=section,
            grouped=why.get(story.id, "") if section else "",
        )

    return tuple(line(story) for story in stories)


def report(
    issue: Issue,
    *,
    lines: Sequence[Line],
    failures: Sequence[Failure],
    groups: Sequence[Group],
    weighed: Sequence[Weighed],
    briefs: Iterable[Brief],
    made: Mapping[str, str],
    recurring: Mapping[str, Sequence[str]],
    written: Written,
    findings: Sequence[Finding],
    email: Email,
) -> dict[str, Any]:
    """What report.json holds: counts, one line a story, the spans of every summary and what build last wrote.

    `briefs` carry the spans; `made`: story id -> the headline made for it; `recurring`: story id -> the paragraphs that were passed over,
    because they recur at its outlet. Nothing in it depends on when or where it was built.
    """
    themes = {group.title: group for group in groups}
    return {
        "issue": issue.id,
        "edition": issue.window.edition,
        "window": {"start": _iso(issue.window.start), "end": _iso(issue.window.end), "zone": issue.window.zone},
        "counts": {
            "stories": len(lines),
            "in": sum(line.decision == "in" for line in lines),
            "out": sum(line.decision == "out" for line in lines),
            "items": sum(1 for _ in all_briefs(issue)) - len(issue.offered),
            "leads": int(issue.lead is not None),
            "sections": len(issue.sections),
            "offered": len(issue.offered),
            "dropped": len(written.dropped),
            "failures": len(failures),
            "errors": sum(finding.severity == "error" for finding in findings),
            "warnings": sum(finding.severity == "warning" for finding in findings),
            "html_bytes": len(email.html.encode()),
            "text_bytes": len(email.text.encode()),
        },
        "sections": [
            {"title": section.title, "items": len(section.briefs), **_named(themes.get(section.title))} for section in issue.sections
        ],
        "stories": [asdict(line) for line in lines],
        "ranking": {one.event.stories[0].id: _sum(one, place) for place, one in enumerate(weighed, start=1)},
        "failures": [asdict(failure) for failure in failures],
        "spans": {brief.story_id: [[span.paragraph, span.start, span.end] for span in brief.spans] for brief in briefs if brief.spans},
        "made": dict(made),
        "recurring": {story_id: list(paragraphs) for story_id, paragraphs in recurring.items()},
        "written": {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(written).items()},
    }


def _sum(one: Weighed, place: int) -> dict[str, Any]:
    """An event's place among all that the issue could carry, and the sum that gave it: [name, what was looked at, value, weight]."""
    parts = [[part.name, part.says, part.value, part.weight] for part in one.parts]
    ids = [story.id for story in one.event.stories]
    return {"place": place, "pinned": one.pinned, "total": one.total, "parts": parts, "stories": ids}


def _named(group: Group | None) -> dict[str, Any]:
    """The names considered for a section, why each, and the words by which the next issue knows its theme."""
    found = group or Group(title="")
    return {"names": list(found.names), "why_named": dict(found.why_named), "words": list(found.words)}


def _places(issue: Issue) -> dict[str, tuple[str, str]]:
    """Story id -> the section it is printed in, and the story whose item it stands in."""
    placed = [(LEAD, issue.lead)] if issue.lead else []
    placed += [(section.title, brief) for section in issue.sections for brief in section.briefs]
    places = {also.story_id: (title, brief.story_id) for title, brief in placed for also in brief.also if also.story_id}
    return places | {brief.story_id: (title, brief.story_id) for title, brief in placed if brief.story_id}


def _iso(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
