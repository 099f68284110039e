"""Ask every link and every web picture of an issue whether it is still there."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from urllib.parse import urlsplit

from digest.edit.check import check
from digest.edit.linked import Linked, linked
from digest.gather.answers import Fetched, Unchanged, Unfetched
from digest.gather.http import EVERYDAY, UNREAD_ROBOTS, Web
from digest.gather.line import too_large
from digest.model import Finding, Issue
from digest.newsroom import Newsroom
from digest.workflow.proof import Located, located, prove_issue

HOSTS = 16  # asked side by side; each is asked one address after the other
PATIENCE = 2  # a host that was silent so often in a row is not asked again
HEAVY = 2_000_000  # bytes of a picture
SIGNS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
IN_A_BOX = re.compile(rb"RIFF.{4}WEBP|.{4}ftyp(?:.{4}){0,20}?avi[fs]", re.DOTALL)  # WebP, AVIF
# Atomic throughout: a stranger wrote these bytes, and must not choose how long it takes to look at them.
SVG = re.compile(rb"(?>\s+|<\?xml[^>]*>|(?><!--.*?-->)|<!DOCTYPE[^>\[]*(?>\[[^\]]*\]\s*)?>)*+<(?>\w+:)?svg\b", re.DOTALL | re.IGNORECASE)
Progress = Callable[[str, int], None]  # what is asked, and how many are done
Answer = Fetched | Unchanged | Unfetched


def silent(_what: str, _done: int) -> None:
    """Tell nobody."""


def check_issue_online(newsroom: Newsroom, issue_id: str, *, progress: Progress = silent) -> tuple[Located, ...]:
    """As check_issue, with what the web says of the issue's links and pictures. Raises as prove_issue."""
    proof = prove_issue(newsroom, issue_id)
    findings = (*check(proof), *check_links(newsroom, proof.issue, progress=progress))
    return located(newsroom, issue_id, sorted(findings, key=lambda finding: finding.severity != "error"))


def check_links(newsroom: Newsroom, issue: Issue, *, progress: Progress = silent) -> tuple[Finding, ...]:
    """What is wrong with the addresses of an issue, in the order of the plan. Each is asked once, however often it is printed."""
    places = linked(issue, newsroom.settings.masthead)
    with newsroom.web() as web:
        answers = _asked(web, dict.fromkeys(place.url for place in places), progress)
    return tuple(finding for place in places for finding in _judged(place, answers[place.url]))


# --- asking


def _asked(web: Web, urls: Mapping[str, None], progress: Progress) -> dict[str, Answer]:
    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(_host(url), []).append(url)
    answers: dict[str, Answer] = {}
    lock = Lock()

    def ask(mine: Sequence[str]) -> None:
        silences = 0
        answer: Answer | None = None
        for url in mine:
            if answer is None or silences < PATIENCE:
                answer = web.fetch(url, followed=True)
                silences = silences + 1 if _is_silent(answer) else PATIENCE if _wants_peace(answer) else 0
            with lock:
                answers[url] = answer
                progress("links and pictures", len(answers))

    with ThreadPoolExecutor(HOSTS) as pool:
        try:
            list(pool.map(ask, hosts.values()))
        except BaseException:
            web.close()  # sends home who waits for a turn
            raise
    return answers


def _is_silent(answer: Answer) -> bool:
    return isinstance(answer, Unfetched) and answer.kind == "failed" and not answer.status and not _is_large(answer)


def _wants_peace(answer: Answer) -> bool:
    return isinstance(answer, Unfetched) and answer.kind == "later"


def _is_large(answer: Unfetched) -> bool:
    return answer.reason == too_large(EVERYDAY.largest).reason


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


# --- judging


def _judged(place: Linked, answer: Answer) -> Iterator[Finding]:
    if isinstance(answer, Unfetched):
        yield from _unfetched(place, answer)
    elif place.picture:
        yield from _picture(place, answer.content if isinstance(answer, Fetched) else b"")
    elif answer.moved and _path(place.url) and not _path(answer.moved):
        message = f"{place.what} was at {place.url}, which now leads to the front page {answer.moved}."
        yield Finding(
            rule="moved-link", severity="warning", where=place.where, message=message, hint="Look for its new address, or drop it."
        )


def _unfetched(place: Linked, answer: Unfetched) -> Iterator[Finding]:
    rule = "dead-picture" if place.picture else "dead-link"
    if answer.kind in ("missing", "gone"):
        message = f"{place.what} is no longer at {place.url} ({answer.status})."
        hint = "Take the picture out, or give its new address." if place.picture else "Give its new address, or drop it."
        yield Finding(rule=rule, severity="error", where=place.where, message=message, hint=hint)
    elif place.picture and _is_large(answer):
        yield _heavy(place, f"over {EVERYDAY.largest / 1e6:.0f}")
    elif not _may_be_there(answer):
        message = f"{place.what} could not be looked at: {place.url}: {answer.reason}"
        yield Finding(rule=rule, severity="warning", where=place.where, message=message, hint=answer.hint)


def _may_be_there(answer: Unfetched) -> bool:
    """Whether it is only us who cannot get in, or take all of it: a reader's browser may."""
    closed = answer.kind == "robots" and not answer.reason.startswith(UNREAD_ROBOTS)
    return answer.kind == "denied" or closed or answer.status == 429 or _is_large(answer)


def _picture(place: Linked, content: bytes) -> Iterator[Finding]:
    if not is_picture(content):
        yield Finding(
            rule="dead-picture", severity="error", where=place.where, message=f"{place.what} is no picture: {place.url}.",
            hint="Take it out, or give the address of the file itself.",
        )  # fmt: skip
    elif len(content) > HEAVY:
        yield _heavy(place, f"{len(content) / 1e6:.1f}")


def _heavy(place: Linked, megabytes: str) -> Finding:
    message = f"{place.what} has {megabytes} MB; on a phone it comes late or never."
    return Finding(rule="dead-picture", severity="warning", where=place.where, message=message, hint="Use a smaller file of it.")


def is_picture(content: bytes) -> bool:
    """Whether these are the bytes of a PNG, JPEG, GIF, WebP, AVIF or SVG."""
    return content.startswith(SIGNS) or bool(IN_A_BOX.match(content)) or bool(SVG.match(content.removeprefix(b"\xef\xbb\xbf")[:10_000]))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path.strip("/") or parts.query
