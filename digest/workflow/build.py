"""Build an issue from the store: choose, group, boil down, lay out, print, and account for every story."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from digest.edit.check import check
from digest.edit.choose import Built, cap, choose, late_stories
from digest.edit.compose import compose
from digest.edit.group import events, themes
from digest.edit.grouping.name import Earlier
from digest.edit.plan import read_plan
from digest.edit.printing.wording import words_for
from digest.edit.rank import Weighed, weigh
from digest.edit.rebuild import Written, all_briefs, is_edited, rebuild
from digest.edit.recurring import RULE, without_recurring
from digest.edit.render import picture_name
from digest.edit.report import account, report
from digest.errors import NothingToSend, PlanError, Refused, StoreError
from digest.model import Decision, Edition, Email, Event, Failure, Finding, Group, Issue, Story, Window
from digest.newsroom import Newsroom
from digest.workflow.approve import begun
from digest.workflow.proof import PLAN, REPORT, draft_of, pictures_on_disk, proof_of, report_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIssue:
    """A built issue: where it is, what report.json says of it, and what the check found."""

    folder: Path
    report: Mapping[str, Any]
    findings: tuple[Finding, ...]
    old_plan: Path | None = None  # the copy that --fresh made


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The stories of a window, what was decided about each, and how they are grouped and ordered."""

    stories: tuple[Story, ...]
    decisions: tuple[Decision, ...]
    groups: tuple[Group, ...]
    weighed: tuple[Weighed, ...]
    fit: tuple[str, ...]  # ids of all stories that the issue could carry

    @property
    def ranked(self) -> tuple[Event, ...]:
        """The events in their order."""
        return tuple(one.event for one in self.weighed)


def build_issue(
    newsroom: Newsroom,
    window: Window,
    edition: Edition,
    *,
    now: datetime,
    failures: Sequence[Failure] = (),
    fresh: bool = False,
    reopen: bool = False,
) -> BuiltIssue:
    """Make the window's issue from the store: plan, mail and report, whole or not at all. An editor's work in the plan is kept.

    `failures` are those of the gathering, for the report. `reopen` takes back an approval. Raises NothingToSend when the window is too
    thin, and Refused when the issue is approved or on its way; then nothing is written.
    """
    issues = newsroom.issues
    with issues.building(window.issue_id):
        _refuse_what_is_settled(newsroom, window.issue_id, reopen=reopen)
        current = issues.read(window.issue_id, PLAN)
        before = None if fresh else current
        written_before = _written(newsroom, window.issue_id)
        known = written_before.considered if written_before and before is not None and is_edited(before, written_before) else None
        chosen = _choose(newsroom, window, edition, pins=_pins(before), known=known, now=now)
        language = newsroom.settings.masthead.language
        words = words_for(language, newsroom.templates)
        draft_issue = compose(chosen.groups, chosen.ranked, window=window, edition=edition, language=language, words=words)
        made = {story.id: story.headline for story in chosen.stories if story.headline_made}
        remarks = dict.fromkeys(made, "This headline was made from the lead; the document has none. Please write one.")
        plan, written = rebuild(draft_issue, current=before, written=written_before, words=words, considered=chosen.fit, remarks=remarks)
        planned = read_plan(plan, where=PLAN)
        if planned.id != window.issue_id:
            raise PlanError(f"{PLAN}: issue.id is {planned.id!r}; this issue is {window.issue_id!r}.", hint="Write the id as it was.")
        proof = proof_of(newsroom, planned, made, since=now, now=now)
        findings = check(proof)
        assert proof.email is not None
        lines = account(chosen.stories, decisions=chosen.decisions, groups=chosen.groups, issue=proof.issue, dropped=written.dropped)
        told = report(
            proof.issue,
            lines=lines,
            failures=failures,
            groups=chosen.groups,
            weighed=chosen.weighed,
            briefs=all_briefs(draft_issue),
            made=made,
            recurring={story.id: found for story in chosen.stories if (found := _recurring(story))},
            written=written,
            findings=findings,
            email=proof.email,
        )
        files = {PLAN: plan.encode(), REPORT: _json(told), **_mail_files(newsroom, proof.issue, proof.email)}
        copied = issues.copy_plan(window.issue_id, now.astimezone(ZoneInfo(window.zone))) if fresh and current is not None else None
        carried = [line.id for line in lines if line.decision == "in"]
        if issues.is_sealed(window.issue_id):
            issues.withdraw(window.issue_id)
        folder = issues.save(window.issue_id, files, window=window, carried=carried, built_at=now, expect_plan=current)
    return BuiltIssue(folder=folder, report=told, findings=findings, old_plan=copied)


def _refuse_what_is_settled(newsroom: Newsroom, issue_id: str, *, reopen: bool) -> None:
    if newsroom.issues.on_its_way(issue_id):
        raise begun(issue_id)
    if newsroom.issues.is_sealed(issue_id) and not reopen:
        raise Refused(f"{issue_id} is approved.", hint="To take the approval back and build it again: --reopen")


def _choose(
    newsroom: Newsroom, window: Window, edition: Edition, *, pins: frozenset[str], known: Collection[str] | None = None, now: datetime
) -> Chosen:
    kept, issues = newsroom.stories, newsroom.issues
    earlier = kept.within(window.start - timedelta(days=edition.late_days), window.start)
    built = [Built(one.window.issue_id, one.window.start, one.window.end, one.built_at) for one in issues.built(edition.name)]
    gathered = kept.first_gathered([story.id for story in earlier])
    late = late_stories(earlier, window=window, edition=edition, built=built, first_gathered=gathered)
    candidates = (*(story for story in earlier if story.id in late), *kept.within(window.start, window.end), *kept.undated())
    stories = without_recurring([replace(story, pinned=story.pinned or story.id in pins) for story in candidates])
    fit, decisions = choose(
        stories,
        window=window,
        edition=edition,
        carried=issues.carried(edition.name, besides=window.issue_id),
        gone=frozenset(kept.gone([story.id for story in stories])),
        late=late,
        now=now,
    )
    found = events(fit, site=newsroom.settings.masthead.site)
    groups = themes(found, newsroom.settings.themes, earlier=_earlier(newsroom, window, edition))
    weighed = weigh(groups, window=window, ranking=newsroom.settings.ranking)
    ranked = tuple(one.event for one in weighed)
    if len(ranked) < edition.minimum_stories:
        raise _too_thin(newsroom, window, edition, len(ranked))
    capped, left_out = cap(groups, ranked, at_most=edition.at_most, known=known)
    over = {decision.story_id: decision for decision in left_out}
    return Chosen(
        stories=stories,
        decisions=tuple(over.get(decision.story_id, decision) for decision in decisions),
        groups=capped,
        weighed=weighed,
        fit=tuple(story.id for story in fit),
    )


def _earlier(newsroom: Newsroom, window: Window, edition: Edition) -> tuple[Earlier, ...]:
    """The discovered themes of the edition's issue before, under the names that its editor left them."""
    before = [one.window.issue_id for one in newsroom.issues.built(edition.name) if one.window.end <= window.start]
    try:
        told = report_of(newsroom, before[-1]) if before else {}
        plan = newsroom.issues.read(before[-1], PLAN) if before else None
        sections = read_plan(plan, where=PLAN).sections if plan is not None else ()
    except (PlanError, StoreError):  # what has become of an old issue is no reason to stop the new one
        return ()
    words = {section["title"]: tuple(section.get("words", ())) for section in told.get("sections", ())}
    built_in = {line["id"]: line["section"] for line in told.get("stories", ())}
    themes_before = []
    for section in sections:
        built = Counter(built_in.get(brief.story_id, "") for brief in section.briefs).most_common(1)
        title = section.title if section.title in words else built[0][0] if built else ""  # the editor may have found a better name
        if words.get(title):
            themes_before.append(Earlier(title=section.title, issue_id=before[-1], words=words[title]))
    return tuple(themes_before)


def _too_thin(newsroom: Newsroom, window: Window, edition: Edition, items: int) -> NothingToSend:
    zone = ZoneInfo(window.zone)
    nearest = [story for story in newsroom.stories.nearest(window.start, window.end) if story and story.published_at]
    dates = " and ".join(f"{story.published_at.astimezone(zone):%Y-%m-%d %H:%M}" for story in nearest if story.published_at)
    found = "no story that fits" if items == 0 else "1 story that fits" if items == 1 else f"{items} stories that fit"
    span = f"{window.start.astimezone(zone):%Y-%m-%d %H:%M} to {window.end.astimezone(zone):%Y-%m-%d %H:%M}"
    undated = sum(1 for _ in newsroom.stories.undated())
    return NothingToSend(
        f"{window.issue_id} has {found} ({span}, {window.zone}); {edition.name} wants at least {edition.minimum_stories}. "
        "Nothing was written.",
        hint=(f"The nearest stories outside are of {dates}." if dates else "The store holds no story with a date.")
        + (f" {undated} are undated." if undated else ""),
    )


def _recurring(story: Story) -> tuple[str, ...]:
    return tuple(cut.text for cut in story.furniture if cut.rule == RULE)


def _pins(plan: str | None) -> frozenset[str]:
    """The stories that an editor pinned."""
    issue = read_plan(plan, where=PLAN) if plan is not None else None
    return frozenset(brief.story_id for brief in all_briefs(issue) if brief.pinned and brief.story_id) if issue else frozenset()


def _written(newsroom: Newsroom, issue_id: str) -> Written | None:
    """What build last wrote, from report.json; None when that is gone or damaged, and then every value of the plan is the editor's."""
    try:
        known = report_of(newsroom, issue_id)["written"]
        return Written(**{**known, **{name: tuple(known.get(name, ())) for name in ("subjects", "held", "dropped", "considered")}})
    except (KeyError, TypeError):
        return None


def _mail_files(newsroom: Newsroom, issue: Issue, email: Email) -> dict[str, bytes]:
    """The mail as files: both parts, the .eml to open in a mail program, and the pictures that were on disk."""
    files = {"email.html": email.html.encode(), "email.txt": email.text.encode(), "email.eml": draft_of(newsroom, issue, email)}
    for path, file in pictures_on_disk(newsroom, issue).items():
        files[f"images/{picture_name(path)}"] = file.read_bytes()
    return files


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
