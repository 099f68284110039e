"""The pages that readers reach: leaving a list with one click, and an issue in the browser.

Whatever opens a link (a mail scanner, a preview, a curious hand) changes nothing: only a POST does. Nobody logs in and no cookie is
set; a link's token says whose it is. A proxy in front of this program brings the https.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from digest.audience.links import Holder, Purpose, verify
from digest.errors import DigestError
from digest.newsroom import Newsroom
from digest.serve.pages import Kind, Pages
from digest.serve.views import PICTURE_RULES

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

BODY = 16 * 1024  # bytes of a POST that are read; a one-click request has a few dozen
A_DAY = 24 * 60 * 60  # seconds that a picture may be kept by whoever loaded it
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Robots-Tag": "noindex",
}
UNSEEN = {"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
# an issue is a mail: no script runs in it, and its links open free of these rules
ISSUE_RULES = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src https: 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
log = logging.getLogger(__name__)


class Leaving(Protocol):
    """Writes down that somebody left."""

    def leave(self, id: int, *, at: datetime, list: str) -> int:
        """Take a subscriber off a list; once they are off it, nothing changes."""


def public(newsroom: Newsroom, clock: Callable[[], datetime], *, leaving: Leaving | None = None) -> "Starlette":
    """The public pages of a newsroom. Raises ConfigError when it has no keys, TemplateError for a broken template."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
    from starlette.routing import Route

    pages, leave_by = Pages(newsroom), leaving or newsroom.subscribers
    newsroom.keys  # noqa: B018  (without them no link can be told from a made-up one)

    def page(kind: Kind, list: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None) -> "Response":
        rules = {"Content-Security-Policy": pages.rules}
        return HTMLResponse(pages.show(kind, list), status, headers={**EVERYWHERE, **UNSEEN, **rules, **(headers or {})})

    def holder(request: "Request", purpose: Purpose) -> Holder:
        found = verify(newsroom.keys, purpose, request.path_params["token"])
        if found is None:
            raise HTTPException(404)
        return found

    async def ask(request: "Request") -> "Response":  # asked of us most: it reads the keys and no more, and needs no thread of its own
        return page("leave", holder(request, "unsubscribe").list)

    async def leave(request: "Request") -> "Response":
        who = await run_in_threadpool(holder, request, "unsubscribe")
        if not await is_small(request):
            raise HTTPException(413)
        await run_in_threadpool(take_off, who)
        return page("left", who.list)

    def take_off(who: Holder) -> None:
        for list in (who.list, newsroom.settings.seed_list):  # or a member of the seed list would go on getting it
            leave_by.leave(who.subscriber, at=clock(), list=list)

    def view(request: "Request") -> "Response":
        who = holder(request, "view")
        issue = next((sending.issue for sending in newsroom.ledger.dispatches() if sending.id == who.dispatch), "")
        path = newsroom.issues.sealed_path(issue, "email.html") if issue else None
        if path is None:
            raise HTTPException(404)
        return HTMLResponse(path.read_bytes(), headers={**EVERYWHERE, **UNSEEN, "Content-Security-Policy": ISSUE_RULES})

    def picture(request: "Request") -> "Response":
        issue, name = request.path_params["issue"], request.path_params["name"]
        try:
            path = newsroom.issues.sealed_path(issue, f"images/{name}")
        except DigestError:  # no issue could be called that
            path = None
        if path is None:
            raise HTTPException(404)
        kept = {"Cache-Control": f"public, max-age={A_DAY}", "Cross-Origin-Resource-Policy": "cross-origin"}
        return FileResponse(path, headers={**EVERYWHERE, **kept, "Content-Security-Policy": PICTURE_RULES})

    def health(request: "Request") -> "Response":
        return PlainTextResponse("ok", headers={**EVERYWHERE, **UNSEEN})

    def refuse(request: "Request", error: Exception) -> "Response":
        assert isinstance(error, HTTPException)
        return page("nowhere", status=error.status_code, headers=error.headers)

    def put_off(request: "Request", error: Exception) -> "Response":
        assert isinstance(error, DigestError)
        log.error("%s %s", error.message, error.hint)
        return page("later", status=503, headers={"Retry-After": "60"})

    return Starlette(
        routes=[
            Route("/unsubscribe/{token}", ask, methods=["GET"]),
            Route("/unsubscribe/{token}", leave, methods=["POST"]),
            Route("/view/{token}", view),
            Route("/issues/{issue}/images/{name}", picture),
            Route("/health", health),
        ],
        exception_handlers={HTTPException: refuse, DigestError: put_off},
    )


async def is_small(request: "Request") -> bool:
    """Whether a body has come whole and is no larger than we read. What it says does not matter: the address says who leaves."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > BODY:
            return False
    return True
