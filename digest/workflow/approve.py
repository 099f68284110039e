"""Approve an issue: prove it, write it down as the very bytes that will be sent, and seal them."""

import hashlib
import json
import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

from digest.edit.check import Proof, check
from digest.edit.render import picture_name
from digest.errors import Busy, Refused
from digest.model import Email, Letter
from digest.newsroom import Newsroom
from digest.send.compile import compile_message
from digest.send.message import Message
from digest.store.files import disk_errors
from digest.store.plain import moment_from_plain, moment_to_plain
from digest.workflow.doctor import unready
from digest.workflow.letters import ways_out
from digest.workflow.proof import PLAN, Located, Personal, inert, located, pictures_on_disk, printed, prove_issue, public_host

SEAL, MESSAGE = "seal.json", "message.eml"
SLOTS = {"view": "view", "unsubscribe": "unsubscribe", "reader": "address"}  # what differs from reader to reader -> its slot's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An approved issue, as it was approved."""

    issue_id: str
    list: str  # the list that it was approved for
    subject: str
    approved_at: datetime  # UTC
    message: Message
    sha256: str  # of the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What came of approving: the sealed issue, and the warnings that did not stop it."""

    sealed: Sealed
    warnings: tuple[Located, ...]


def approve_issue(newsroom: Newsroom, issue_id: str, now: datetime, *, previewed: Email | None = None) -> Approved:
    """Seal the issue as its plan stands now. Approving again what has not changed changes nothing.

    `previewed` is the mail that a person looked at; Busy is raised when the issue is no longer that. Raises Refused with every reason
    at once when an error is open or the newsroom is not ready, and when sending has begun.
    """
    issues = newsroom.issues
    with issues.building(issue_id):
        if issues.on_its_way(issue_id):
            raise begun(issue_id)
        plan = issues.read(issue_id, PLAN)
        proof = prove_issue(newsroom, issue_id)
        if previewed not in (None, proof.email):
            raise Busy(f"{issue_id} was changed just now; nothing was approved.", hint="Look at it, then approve again.")
        found = located(newsroom, issue_id, check(proof))
        if reasons := in_the_way(newsroom, found):
            raise Refused(f"{issue_id} cannot be approved.", faults=reasons, hint="Mend this, then approve again.")
        files = _files(newsroom, proof)
        seal = _seal(newsroom, proof, files, plan=_sha256((plan or "").encode()), at=now)
        if issues.read(issue_id, PLAN) != plan:
            raise Busy(f"{PLAN} of {issue_id} was changed just now; nothing was approved.", hint="Look at it, then approve again.")
        if not _stands(newsroom, issue_id, seal):
            issues.seal(issue_id, {**files, SEAL: _json(seal)})
        return Approved(sealed=sealed(newsroom, issue_id), warnings=tuple(one for one in found if one.finding.severity != "error"))


def sealed(newsroom: Newsroom, issue_id: str) -> Sealed:
    """The approved issue. Raises Refused when nothing is approved, a byte of it has changed, or its plan has changed since."""
    seal = _read_seal(newsroom, issue_id)
    for name, sha256 in seal["files"].items():
        if _sha256(_content(newsroom, issue_id, name)) != sha256:
            raise Refused(f"{name} of {issue_id} is not as it was approved.", hint=f"Approve it again: digest approve {issue_id}")
    if _sha256((newsroom.issues.read(issue_id, PLAN) or "").encode()) != seal["plan"]:
        hint = f"Undo the change, or approve it as it is now: digest approve {issue_id}"
        raise Refused(f"{PLAN} of {issue_id} was changed after it was approved.", hint=hint)
    return Sealed(
        issue_id=issue_id,
        list=seal["list"],
        subject=seal["subject"],
        approved_at=moment_from_plain(seal["approved_at"]),
        message=Message(content=_content(newsroom, issue_id, MESSAGE) or b""),
        sha256=seal["files"][MESSAGE],
    )


def in_the_way(newsroom: Newsroom, found: Sequence[Located]) -> tuple[str, ...]:
    """Every reason why an issue with these findings cannot be approved."""
    return (*_errors(found), *(f"{answer.about} {answer.said}. {answer.hint}" for answer in unready(newsroom)))


def headers_of(newsroom: Newsroom, proof: Proof) -> tuple[tuple[str, str], ...]:
    """The headers that every copy will have, in order; what is settled when it is sent says so."""
    message = _compiled(newsroom, proof, Email(subject=proof.issue.subject, html="", text=""), slots={})
    links = inert(newsroom)
    values = {"date": "(when it is sent)", "message_id": f"<(one for each copy)@{public_host(newsroom)}>"}
    letter = Letter(1, links.reader, values | {"unsubscribe_header": ways_out(links.unsubscribe, "", "")})
    return ("From", message.sender), ("To", links.reader), ("Subject", message.subject), *message.headers(letter).items()


def trial_message(newsroom: Newsroom, issue_id: str) -> Message:
    """The issue as its plan stands now, approved or not, with [Test] before its subject and the inert links of the preview."""
    proof = prove_issue(newsroom, issue_id)
    email = printed(newsroom, replace(proof.issue, subject=f"[Test] {proof.issue.subject}"), inert(newsroom))
    return _compiled(newsroom, proof, email, slots={})


def begun(issue_id: str) -> Refused:
    """The refusal to change an issue that some readers have, or may have."""
    hint = f"Look how far it is: digest status {issue_id}. A correction is an issue of its own."
    return Refused(f"{issue_id} has its recipients; it can no longer be changed.", hint=hint)


# --- what stands in the way


def _errors(found: Sequence[Located]) -> Iterator[str]:
    for one in found:
        if one.finding.severity == "error":
            spot = f"{one.file}:{one.line}" if one.line else one.file
            yield f"{spot}: {one.finding.where}: {one.finding.message} {one.finding.hint}".rstrip()


# --- what is sealed


def _files(newsroom: Newsroom, proof: Proof) -> dict[str, bytes]:
    """The approved files but for the seal: the message, both parts as they were previewed, and the pictures they show."""
    assert proof.email is not None
    stand_ins = Personal(**{name: _stand_in(text) for name, text in asdict(inert(newsroom)).items()})
    slots = {text: SLOTS[name] for name, text in asdict(stand_ins).items()}
    message = _compiled(newsroom, proof, _with_stand_ins(newsroom, proof, stand_ins), slots=slots)
    pictures = {f"images/{picture_name(path)}": file.read_bytes() for path, file in pictures_on_disk(newsroom, proof.issue).items()}
    shown = {name: content for name, content in pictures.items() if f"/issues/{proof.issue.id}/{name}" in proof.email.html}
    return {MESSAGE: message.content, "email.html": proof.email.html.encode(), "email.txt": proof.email.text.encode(), **shown}


def _compiled(newsroom: Newsroom, proof: Proof, email: Email, *, slots: Mapping[str, str]) -> Message:
    masthead = newsroom.settings.masthead
    return compile_message(
        email,
        sender=masthead.sender,
        list_id=f"{_list_of(newsroom, proof)}.{public_host(newsroom)}",
        one_click=bool(masthead.public_url),
        mailto=bool(masthead.unsubscribe_mailbox),
        slots=slots,
    )


def _list_of(newsroom: Newsroom, proof: Proof) -> str:
    edition = newsroom.edition("", proof.issue.window.edition)
    return edition.list or edition.name


def _with_stand_ins(newsroom: Newsroom, proof: Proof, stand_ins: Personal) -> Email:
    """The issue with words that no story can hold where readers differ. But for those it is what was previewed, or it is refused.

    The inert links of the preview would not do: a story may hold one of them, and must not be given a reader's own.
    """
    email, previewed, places = printed(newsroom, proof.issue, stand_ins), proof.email, asdict(inert(newsroom))
    assert previewed is not None
    html, text = email.html, email.text
    for name, stand_in in asdict(stand_ins).items():
        html, text = html.replace(stand_in, escape(places[name], quote=False)), text.replace(stand_in, places[name])
    if (html, text) != (previewed.html, previewed.text):
        hint = "Print page.view_url, page.unsubscribe_url and page.reader as they are, or not at all."
        raise Refused("A template changes a link or an address that differs from reader to reader.", hint=hint)
    missing = [kind for kind, part in (("HTML", email.html), ("text", email.text)) if stand_ins.unsubscribe not in part]
    if missing:
        raise Refused(f"The {' and the '.join(missing)} part has no unsubscribe link.", hint="Print page.unsubscribe_url in the templates.")
    return email


def _stand_in(like: str) -> str:
    """Letters that stand in no story, as long as what they stand for, so that every line breaks where it did; a link is one."""
    scheme = "https://" if like.startswith("https://") else ""
    return scheme + "".join(secrets.choice(string.ascii_lowercase) for _ in range(len(like) - len(scheme)))


def _seal(newsroom: Newsroom, proof: Proof, files: Mapping[str, bytes], *, plan: str, at: datetime) -> dict[str, Any]:
    return {
        "issue": proof.issue.id,
        "variant": "all",
        "list": _list_of(newsroom, proof),
        "subject": proof.issue.subject,
        "approved_at": moment_to_plain(at),
        "plan": plan,
        "files": {name: _sha256(content) for name, content in files.items()},
    }


def _stands(newsroom: Newsroom, issue_id: str, seal: Mapping[str, Any]) -> bool:
    """Whether the very same is approved already."""
    try:
        sealed(newsroom, issue_id)
        return {**_read_seal(newsroom, issue_id), "approved_at": ""} == {**seal, "approved_at": ""}
    except Refused:
        return False


def _read_seal(newsroom: Newsroom, issue_id: str) -> Mapping[str, Any]:
    content = _content(newsroom, issue_id, SEAL)
    if content is None:
        raise Refused(f"{issue_id} is not approved.", hint=f"Look at it, then: digest approve {issue_id}")
    try:
        seal = json.loads(content)
        seal["files"][MESSAGE]
        return {name: seal[name] for name in ("issue", "variant", "list", "subject", "approved_at", "plan", "files")}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{SEAL} of {issue_id} cannot be read: {error}.", hint=f"Approve it again: digest approve {issue_id}") from error


def _content(newsroom: Newsroom, issue_id: str, name: str) -> bytes | None:
    path = newsroom.issues.sealed_path(issue_id, name)
    if path is None:
        return None
    with disk_errors(path):
        return path.read_bytes()


def _sha256(content: bytes | None) -> str:
    return hashlib.sha256(content).hexdigest() if content is not None else ""


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
