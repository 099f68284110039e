"""Build an issue again without losing a word that its editor wrote."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from digest.edit.inbox import preheader, subjects
from digest.edit.plan import BRIEF_KEYS, brief_values, choice_lines, inbox_values, plain, read_brief, read_plan, write_plan
from digest.edit.rewrite import rewrite
from digest.model import Brief, Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What build last wrote or would have written: a plan value that differs from it is the editor's. Kept in report.json."""

    plan: str = ""  # SHA-256 of the plan as build wrote it; "" = it already held an editor's work then
    texts: Mapping[str, str] = field(default_factory=dict)  # subject and preheader
    subjects: tuple[str, ...] = ()  # what stands below the subject to choose from
    briefs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # story id -> brief_values()
    held: tuple[str, ...] = ()  # ids of the stories that stood in the plan, as an item or below one
    dropped: tuple[str, ...] = ()  # ids of those that the editor took out; they stay out
    considered: tuple[str, ...] = ()  # ids of all stories that the issue could have carried then; only others are new


def rebuild(
    issue: Issue,
    *,
    current: str | None,
    written: Written | None,
    words: Mapping[str, Any],
    considered: Collection[str] = (),
    remarks: Mapping[str, str] | None = None,
) -> tuple[str, Written]:
    """The text of the new plan and what to remember with it. `current` is the plan as it stands, None for a first build.

    An untouched plan is simply rebuilt. In an edited one the order, the editor's values and comments stay; what the editor left
    alone is brought up to date; a dropped story stays dropped; new stories are offered at the end. `considered` are the ids of all
    stories that the issue could carry: what was left out of an earlier build is not new. `words` are the fixed words of its language.
    Raises PlanError when `current` cannot be read.
    """
    issue = plain(issue)
    known = tuple(sorted(considered))
    if current is None or not is_edited(current, written):
        choice = subjects(issue)
        text = write_plan(issue, remarks, choice=choice)
        return text, Written(
            plan=_sha(text), texts=inbox_values(issue), subjects=choice, briefs=_briefs(issue), held=_held(issue), considered=known
        )
    before = written or Written()
    mine = read_plan(current, where="plan.toml")
    held = set(_held(mine))
    dropped = tuple(sorted({*before.dropped, *before.held} - held))
    settled = held | set(dropped) | set(before.considered)
    new = tuple(
        replace(brief, also=tuple(also for also in brief.also if also.story_id not in settled))
        for brief in all_briefs(issue)
        if brief.story_id not in settled
    )
    merged = _merged(mine, issue, before, new, dropped)
    choice = subjects(merged)
    texts = {"subject": choice[0], "preheader": preheader(merged, words)}
    wanted = replace(
        merged,
        subject=texts["subject"] if mine.subject == before.texts.get("subject") else mine.subject,
        preheader=texts["preheader"] if mine.preheader == before.texts.get("preheader") else mine.preheader,
    )
    text = _choice_renewed(rewrite(current, wanted, remarks), before.subjects, choice)
    briefs: dict[str, Mapping[str, Any]] = {**before.briefs, **_briefs(issue)}
    return text, Written(texts=texts, subjects=choice, briefs=briefs, held=_held(wanted), dropped=dropped, considered=known)


def _choice_renewed(plan: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The plan with the subjects to choose from brought up to date, where they still stand as build wrote them."""
    end = "\r\n" if "\r\n" in plan else "\n"
    was, now = ("".join(f"# {line}{end}" for line in choice_lines(choice)) for choice in (old, new))
    return plan.replace(was, now, 1) if was else plan


def is_edited(plan: str, written: Written | None) -> bool:
    """Whether a plan is not as build wrote it, or nobody knows how that was."""
    return written is None or written.plan != _sha(plan)


def all_briefs(issue: Issue) -> Iterator[Brief]:
    """Every brief of the issue: the lead, the sections' in order, the offered ones."""
    if issue.lead:
        yield issue.lead
    for section in issue.sections:
        yield from section.briefs
    yield from issue.offered


def _held(issue: Issue) -> tuple[str, ...]:
    """The ids of all stories in an issue, as an item or below one, sorted."""
    ids = {brief.story_id for brief in all_briefs(issue)} | {also.story_id for brief in all_briefs(issue) for also in brief.also}
    return tuple(sorted(ids - {""}))


def _merged(mine: Issue, fresh: Issue, before: Written, new: tuple[Brief, ...], dropped: tuple[str, ...]) -> Issue:
    """The editor's issue with everything that the editor left alone brought up to date."""
    fresh_values = _briefs(fresh)

    def brought_up(brief: Brief) -> dict[str, Any]:
        now = brief_values(brief)
        old, fresh_one = before.briefs.get(brief.story_id), fresh_values.get(brief.story_id)
        if old is None or fresh_one is None:
            return now
        return {key: (fresh_one if now.get(key) == old.get(key) else now).get(key) for key in BRIEF_KEYS}

    # A story that has a table of its own, was dropped, or stays named under another is not named again.
    stays = {row.get("story") for brief in all_briefs(mine) for row in brought_up(brief).get("also") or () if row in _also(brief)}
    elsewhere = {brief.story_id for brief in all_briefs(mine)} | set(dropped) | stays

    def refreshed(brief: Brief) -> Brief:
        values = brought_up(brief)
        if rows := values.get("also"):
            values["also"] = [row for row in rows if row in _also(brief) or row.get("story") not in elsewhere]
        return brief if values == brief_values(brief) else read_brief(values)

    return replace(
        mine,
        lead=refreshed(mine.lead) if mine.lead else None,
        sections=tuple(replace(section, briefs=tuple(map(refreshed, section.briefs))) for section in mine.sections),
        offered=(*map(refreshed, mine.offered), *new),
    )


def _also(brief: Brief) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = brief_values(brief).get("also") or []
    return rows


def _briefs(issue: Issue) -> dict[str, dict[str, Any]]:
    return {brief.story_id: brief_values(brief) for brief in all_briefs(issue) if brief.story_id}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
