"""Prove an issue: its plan as it stands now, printed, with what is known of its stories."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.audience.links import PREVIEW
from digest.edit.check import Proof, check, placed
from digest.edit.overtaken import overtaken
from digest.edit.places import line_of
from digest.edit.plan import read_plan
from digest.edit.printing.layout import web_address
from digest.edit.rebuild import all_briefs
from digest.edit.render import picture_address, render, theme
from digest.errors import PlanError, StoreError
from digest.model import Email, Finding, Issue
from digest.newsroom import CONFIG, Newsroom
from digest.send.compile import draft
from digest.store.sealing import APPROVED, SEAL

PLAN, REPORT = "plan.toml", "report.json"


def prove_issue(newsroom: Newsroom, issue_id: str) -> Proof:
    """The issue as its plan stands now, rendered. Raises PlanError and TemplateError."""
    return proof_of_plan(newsroom, planned(newsroom, issue_id, plan_of(newsroom, issue_id)))


def proof_of_plan(newsroom: Newsroom, issue: Issue) -> Proof:
    """As prove_issue, of an issue that was read from its plan."""
    return proof_of(newsroom, issue, report_of(newsroom, issue.id).get("made", {}), since=_built_at(newsroom, issue))


def plan_of(newsroom: Newsroom, issue_id: str) -> str:
    """The text of an issue's plan. Raises StoreError when there is none."""
    text = newsroom.issues.read(issue_id, PLAN)
    if text is None:
        known = ", ".join(newsroom.issues.ids()) or "none yet"
        raise StoreError(f"There is no issue {issue_id}.", hint=f"Build it with digest build, or name one that is built: {known}.")
    return text


def planned(newsroom: Newsroom, issue_id: str, text: str) -> Issue:
    """The issue that a plan's text describes. Raises PlanError."""
    where = str((newsroom.issues.path(issue_id) / PLAN).relative_to(newsroom.root))
    issue = read_plan(text, where=where)
    if issue.id != issue_id:
        raise PlanError(f"{where}: issue.id is {issue.id!r}, its folder {issue_id!r}.", hint="The id is the folder's name; write that.")
    return issue


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


def proof_of(newsroom: Newsroom, issue: Issue, made: Mapping[str, str], *, since: datetime | None) -> Proof:
    """An issue printed, with what the check wants to know. `made`: story id -> the headline made for it.

    `since` is when its stories were read; None = nobody knows.
    """
    masthead = newsroom.settings.masthead
    return Proof(
        issue=issue,
        masthead=masthead,
        email=printed(newsroom, issue, inert(newsroom)),
        made=made,
        pictures=frozenset(pictures_on_disk(newsroom, issue)),
        overtaken=_overtaken(newsroom, issue, since),
        theme=theme(newsroom.templates, masthead.language),
    )


def _built_at(newsroom: Newsroom, issue: Issue) -> datetime | None:
    """When the issue was last built; None when that is not on record."""
    records = (one for one in newsroom.issues.built(issue.window.edition) if one.window.issue_id == issue.id)
    return next((record.built_at for record in records), None)


def _overtaken(newsroom: Newsroom, issue: Issue, since: datetime | None) -> dict[str, str]:
    """What became of the printed stories after they were read: story id -> "changed", "corrected" or "withdrawn"."""
    printed_ids = {id for _, brief in placed(issue) for id in (brief.story_id, *(also.story_id for also in brief.also)) if id}
    then = newsroom.stories.as_of(printed_ids, since) if since else {}
    now = newsroom.stories.among(then)
    told = {id: overtaken(story, now[id]) for id, story in then.items()}
    return {id: change for id, change in told.items() if change} | dict.fromkeys(newsroom.stories.gone(printed_ids), "withdrawn")


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


def plan_stamp(newsroom: Newsroom, issue_id: str, text: str | None) -> str:
    """Changes when the plan, whose text this is, digest.toml, a template of the newsroom or the approval does."""
    own = newsroom.root / newsroom.settings.templates
    seal = newsroom.issues.path(issue_id) / APPROVED / SEAL
    watched = [newsroom.root / CONFIG, seal, *sorted(own.rglob("*"))]
    known = [(str(path), _mtime(path)) for path in watched]
    return hashlib.sha256((text or "").encode() + b"\0" + repr(known).encode()).hexdigest()


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def draft_of(newsroom: Newsroom, issue: Issue, email: Email) -> bytes:
    """The issue as an .eml file that opens in a mail program."""
    return draft(
        email,
        sender=newsroom.settings.masthead.sender,
        to="",
        date=issue.window.end,
        message_id=f"{issue.id}.preview@{public_host(newsroom)}",
        unsubscribe_url=inert(newsroom).unsubscribe,
    )


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
