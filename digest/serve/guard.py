"""Keep the desk to one person on one machine: no other machine, no page of another site, nobody without the token."""

import re
import secrets
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Pictures of stories come from wherever their outlets keep them.
PAGE_RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http: https:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
EVERY_ANSWER = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guard(token: str) -> Callable[..., Awaitable["Response"]]:
    """Let in whoever brings the token once, and after that its cookie; and a change only from the desk's own pages."""
    from starlette.responses import PlainTextResponse, RedirectResponse, Response

    cookie = "desk-" + sha256(token.encode()).hexdigest()[:8]  # browsers share cookies between ports, so each desk has a name of its own

    def is_token(value: str) -> bool:
        return secrets.compare_digest(value.encode(), token.encode())

    async def let_in(request: "Request", answer: Callable[["Request"], Awaitable[Response]]) -> Response:
        if host_name(request.headers.get("host", "")) not in THIS_MACHINE:
            return PlainTextResponse("This page is shown on the machine that made it, and nowhere else.", status_code=403)
        if not from_our_pages(request):
            return PlainTextResponse("This was asked by a page of another site.", status_code=403)
        if request.method == "GET" and request.url.path == "/" and is_token(request.query_params.get("token", "")):
            response: Response = RedirectResponse("/", status_code=303)
            response.set_cookie(cookie, token, httponly=True, samesite="strict")
            return response
        if not is_token(request.cookies.get(cookie, "")):
            return PlainTextResponse("Open the address that digest printed: it holds the key to this page.", status_code=403)
        return await answer(request)

    async def let_in_with_rules(request: "Request", answer: Callable[["Request"], Awaitable[Response]]) -> Response:
        response = await let_in(request, answer)
        response.headers.setdefault("Content-Security-Policy", PAGE_RULES)
        for name, value in EVERY_ANSWER.items():
            response.headers.setdefault(name, value)
        return response

    return let_in_with_rules


def host_name(host: str) -> str:
    """The name in a Host header, without its port: "[::1]:8000" gives "[::1]"."""
    found = re.fullmatch(r"(\[[0-9a-f:]+\]|[^:]*)(:\d+)?", host.lower())
    return found[1] if found else ""


def from_our_pages(request: "Request") -> bool:
    """Whether a page of this very desk asks. A browser says so with every change; to look it may say nothing."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.method in ("GET", "HEAD")
    return origin == f"http://{request.headers.get('host', '').lower()}"
