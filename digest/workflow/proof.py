"""Prove an issue: its plan as it stands now, printed, with what is known of its stories."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.audience.links import PREVIEW
from digest.edit.check import Proof, check
from digest.edit.choose import held_back
from digest.edit.places import line_of
from digest.edit.plan import read_plan
from digest.edit.printing.layout import web_address
from digest.edit.rebuild import all_briefs
from digest.edit.render import picture_address, render, theme
from digest.errors import PlanError, StoreError
from digest.model import Email, Finding, Issue
from digest.newsroom import CONFIG, Newsroom

PLAN, REPORT = "plan.toml", "report.json"


def prove_issue(newsroom: Newsroom, issue_id: str, *, now: datetime | None = None) -> Proof:
    """The issue as its plan stands now, rendered, with embargoes held against `now`. Raises PlanError and TemplateError."""
    text = newsroom.issues.read(issue_id, PLAN)
    if text is None:
        known = ", ".join(newsroom.issues.ids()) or "none yet"
        raise StoreError(f"There is no issue {issue_id}.", hint=f"Build it with digest build, or name one that is built: {known}.")
    where = str((newsroom.issues.path(issue_id) / PLAN).relative_to(newsroom.root))
    issue = read_plan(text, where=where)
    if issue.id != issue_id:
        raise PlanError(f"{where}: issue.id is {issue.id!r}, its folder {issue_id!r}.", hint="The id is the folder's name; write that.")
    return proof_of(newsroom, issue, report_of(newsroom, issue_id).get("made", {}), now=now or datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A finding with the file that it is about, relative to the newsroom, and the line there."""

    finding: Finding
    file: str
    line: int  # 0 = the file as a whole


def check_issue(newsroom: Newsroom, issue_id: str) -> tuple[Located, ...]:
    """What there is to say about an issue as its plan stands now, and where. Raises as prove_issue."""
    return located(newsroom, issue_id, check(prove_issue(newsroom, issue_id)))


def located(newsroom: Newsroom, issue_id: str, findings: Sequence[Finding]) -> tuple[Located, ...]:
    """The findings with their places in the issue's files."""
    plan = newsroom.issues.read(issue_id, PLAN) or ""
    folder = newsroom.issues.path(issue_id).relative_to(newsroom.root).as_posix()
    files = {CONFIG: CONFIG, "email.html": f"{folder}/email.html", "email.txt": f"{folder}/email.txt"}

    def locate(finding: Finding) -> Located:
        file = files.get(finding.where, f"{folder}/{PLAN}")
        return Located(finding=finding, file=file, line=0 if finding.where in files else line_of(plan, finding.where))

    return tuple(map(locate, findings))


def proof_of(newsroom: Newsroom, issue: Issue, made: Mapping[str, str], *, now: datetime) -> Proof:
    """An issue printed, with what the check wants to know. `made`: story id -> the headline made for it."""
    masthead = newsroom.settings.masthead
    return Proof(
        issue=issue,
        masthead=masthead,
        email=printed(newsroom, issue, inert(newsroom)),
        made=made,
        held=_held(newsroom, issue, now),
        pictures=frozenset(pictures_on_disk(newsroom, issue)),
        theme=theme(newsroom.templates, masthead.language),
    )


def _held(newsroom: Newsroom, issue: Issue, now: datetime) -> dict[str, str]:
    """The stories of the issue that may not be printed now, as the store knows them today: an embargo or a kill may have come since."""
    ids = {story_id for brief in all_briefs(issue) for story_id in (brief.story_id, *(also.story_id for also in brief.also)) if story_id}
    return {story.id: why for story in newsroom.stories.among(ids) if (why := held_back(story, now=now))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What differs from one reader's copy of an issue to the next. "" = it is not printed."""

    view: str
    unsubscribe: str
    reader: str  # the address that the copy goes to


def inert(newsroom: Newsroom) -> Personal:
    """What stands there in previews, drafts and copies: links by which nobody is shown or leaves anything, an address that is nobody's."""
    public = public_url(newsroom)
    if not public:
        return Personal(view="", unsubscribe="", reader="")
    return Personal(view=f"{public}/view/{PREVIEW}", unsubscribe=f"{public}/unsubscribe/{PREVIEW}", reader="reader@example.com")


def printed(newsroom: Newsroom, issue: Issue, personal: Personal) -> Email:
    """The issue as an email, with these words where readers differ."""
    settings = newsroom.settings
    return render(
        issue,
        settings.masthead,
        newsroom.templates,
        look=settings.look,
        view_url=personal.view,
        unsubscribe_url=personal.unsubscribe,
        reader=personal.reader,
        inliner=settings.inliner,
    )


def public_url(newsroom: Newsroom) -> str:
    """Where the public pages are reached, in ASCII; "" when there are none."""
    return web_address(newsroom.settings.masthead.public_url)


def public_host(newsroom: Newsroom) -> str:
    """The name under which our mails are known: the host of the public pages."""
    return urlsplit(public_url(newsroom)).hostname or "localhost"


def picture_files(newsroom: Newsroom, issue: Issue) -> dict[str, Path]:
    """The address under which each picture on disk is printed -> its file."""
    public = newsroom.settings.masthead.public_url
    return {picture_address(path, issue.id, public): file for path, file in pictures_on_disk(newsroom, issue).items()}


def pictures_on_disk(newsroom: Newsroom, issue: Issue) -> dict[str, Path]:
    """The plan's pictures on disk that can be read: path as in the plan -> file. Only files inside the newsroom count."""
    found = {}
    for brief in all_briefs(issue):
        if brief.image and brief.image.url and "://" not in brief.image.url:
            file = (newsroom.root / brief.image.url).resolve()
            if file.is_relative_to(newsroom.root) and file.is_file():
                found[brief.image.url] = file
    return found


def plan_stamp(newsroom: Newsroom, issue_id: str) -> str:
    """Changes when the plan or a template of the newsroom does."""
    own = newsroom.root / newsroom.settings.templates
    watched = [newsroom.issues.path(issue_id) / PLAN, newsroom.root / CONFIG, *sorted(own.rglob("*"))]
    return hashlib.sha256(repr([(str(path), _mtime(path)) for path in watched]).encode()).hexdigest()


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def items(issue: Issue) -> int:
    """How many stories the issue prints."""
    return sum(1 for _ in all_briefs(issue)) - len(issue.offered)


def report_of(newsroom: Newsroom, issue_id: str) -> Mapping[str, Any]:
    """What report.json says of an issue, {} when there is none. Raises StoreError when it cannot be read."""
    text = newsroom.issues.read(issue_id, REPORT)
    try:
        known = json.loads(text) if text else {}
    except ValueError as error:
        path = newsroom.issues.path(issue_id) / REPORT
        raise StoreError(f"{path} is not valid JSON: {error}.", hint="Delete it; the plan's values then count as edited.") from error
    return known if isinstance(known, dict) else {}
