"""Show a built issue in a browser on this machine, as its readers will see it, with what the check found beside it."""

import html
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from hashlib import sha256
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from digest.errors import DigestError
from digest.model import Email, Finding
from digest.serve.listening import listen

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

CLIPPED_AT = 102 * 1024  # bytes of HTML, above which Gmail hides the rest of a mail
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
PAGE_RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The frame keeps our origin, so that the page can measure it and its pictures get the cookie, but no script runs in it, ever.
# A link that is clicked opens in a tab of its own, free of these rules.
MAIL_RULES = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src http: https: 'self'; form-action 'none'; frame-ancestors 'self'"
)
PICTURE_RULES = "sandbox; default-src 'none'; style-src 'unsafe-inline'"  # an SVG can hold script


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An issue as the desk shows it."""

    issue_id: str
    title: str  # the edition's
    sender: str  # "Name <address>" of the From header; "" = none is set
    email: Email | None  # None = it cannot be shown, `fault` says why
    findings: tuple[Finding, ...] = ()
    fault: str = ""  # what is wrong with the plan or a template, shown in place of the mail
    pictures: Mapping[str, Path] = field(default_factory=dict)  # public address of a picture on disk -> its file
    counts: tuple[tuple[str, str], ...] = ()  # (label, value), in the order shown


def desk(see: Callable[[], Preview], stamp: Callable[[], str], *, token: str) -> "Starlette":
    """The pages of the preview, for whoever holds `token` on this machine and nobody else.

    `stamp` is cheap, is asked every second and changes when the plan or a template does; only then is `see` called again.
    Both are called from worker threads, `see` never twice at a time. A DigestError of `see` is shown on the page.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
    from starlette.routing import Route

    seen = remembered(see, stamp)
    page = page_template()

    def show_page(request: "Request") -> Response:
        preview, at = seen()
        return HTMLResponse(page(preview, at))

    def show_mail(request: "Request") -> Response:
        preview, _ = seen()
        if preview.email is None:
            return PlainTextResponse("There is no mail to show.", status_code=404)
        shown = with_tabs(with_pictures(preview.email.html, tuple(preview.pictures)))
        return HTMLResponse(shown, headers={"Content-Security-Policy": MAIL_RULES})

    def show_text(request: "Request") -> Response:
        preview, _ = seen()
        if preview.email is None:
            return PlainTextResponse("There is no mail to show.", status_code=404)
        return PlainTextResponse(preview.email.text)

    def show_picture(request: "Request") -> Response:
        files = tuple(seen()[0].pictures.values())
        number = request.path_params["number"]
        if number >= len(files) or not files[number].is_file():
            return PlainTextResponse("There is no such picture.", status_code=404)
        return FileResponse(files[number], headers={"Content-Security-Policy": PICTURE_RULES})

    def show_stamp(request: "Request") -> Response:
        return PlainTextResponse(stamp())

    def furniture(name: str, media_type: str) -> Route:
        content = resource(name)
        return Route(f"/{name}", lambda request: Response(content, media_type=media_type))

    app = Starlette(
        routes=[
            Route("/", show_page),
            Route("/mail", show_mail),
            Route("/text", show_text),
            Route("/picture/{number:int}", show_picture),
            Route("/stamp", show_stamp),
            furniture("desk.css", "text/css"),
            furniture("desk.js", "text/javascript"),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard(token))],
    )
    app.state.token = token  # serve() puts it into the address
    return app


def serve(app: "Starlette", *, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None]) -> None:
    """Answer until Ctrl-C. `ready` gets the address to open, once it answers; port 0 takes a free one.

    Raises DigestError if the port cannot be had.
    """
    listen(app, host=host, port=port, ready=lambda address: ready(f"{address}?token={app.state.token}"))


def guard(token: str) -> Callable[..., Awaitable["Response"]]:
    """Let in whoever brings the token once, and after that its cookie; no other machine, and no page of another site."""
    from starlette.responses import PlainTextResponse, RedirectResponse, Response

    cookie = "desk-" + sha256(token.encode()).hexdigest()[:8]  # browsers share cookies between ports, so each desk has a name of its own

    def is_token(value: str) -> bool:
        return secrets.compare_digest(value.encode(), token.encode())

    async def let_in(request: "Request", answer: Callable[["Request"], Awaitable[Response]]) -> Response:
        if host_name(request.headers.get("host", "")) not in THIS_MACHINE:
            return PlainTextResponse("This page is shown on the machine that made it, and nowhere else.", status_code=403)
        if request.url.path == "/" and is_token(request.query_params.get("token", "")):
            response: Response = RedirectResponse("/", status_code=303)
            response.set_cookie(cookie, token, httponly=True, samesite="strict")
            return response
        if not is_token(request.cookies.get(cookie, "")):
            return PlainTextResponse("Open the address that digest printed: it holds the key to this page.", status_code=403)
        return await answer(request)

    async def let_in_with_rules(request: "Request", answer: Callable[["Request"], Awaitable[Response]]) -> Response:
        response = await let_in(request, answer)
        response.headers.setdefault("Content-Security-Policy", PAGE_RULES)
        response.headers.update(
            {
                "Cache-Control": "no-store",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
            }
        )
        return response

    return let_in_with_rules


def host_name(host: str) -> str:
    """The name in a Host header, without its port: "[::1]:8000" gives "[::1]"."""
    found = re.fullmatch(r"(\[[0-9a-f:]+\]|[^:]*)(:\d+)?", host.lower())
    return found[1] if found else ""


def remembered(see: Callable[[], Preview], stamp: Callable[[], str]) -> Callable[[], tuple[Preview, str]]:
    """The preview and the stamp it was seen at; looked at anew only when the stamp has changed."""
    lock = Lock()
    last: list[tuple[Preview, str]] = []

    def seen() -> tuple[Preview, str]:
        with lock:
            now = stamp()  # before see(): a change in between is then seen at the next stamp, not missed
            if not last or last[-1][1] != now:
                before = last[-1][0] if last else Preview(issue_id="", title="", sender="", email=None)
                last[:] = [(seen_or_fault(see, before), now)]
            return last[-1]

    return seen


def seen_or_fault(see: Callable[[], Preview], before: Preview) -> Preview:
    """What there is to see, or the last title above the reason why there is nothing."""
    try:
        return see()
    except DigestError as error:
        return replace(before, email=None, findings=(), counts=(), fault=f"{error.message}\n{error.hint}".strip())


def with_pictures(mail: str, addresses: tuple[str, ...]) -> str:
    """The mail with each quoted address of a picture on disk turned into the desk's own, /picture/0 for the first."""
    numbers = {html.escape(address): number for number, address in enumerate(addresses)}
    if not numbers:
        return mail
    known = "|".join(re.escape(address) for address in numbers)
    return re.sub(rf"""(?<=["'(])(?:{known})(?=["')])""", lambda found: f"/picture/{numbers[found[0]]}", mail)


def with_tabs(mail: str) -> str:
    """The mail with its links opening in new tabs, for the frame must go on showing the mail."""
    return re.sub(r"(<head\b[^>]*>)", r'\1<base target="_blank">', mail, count=1, flags=re.IGNORECASE)


def page_template() -> Callable[[Preview, str], str]:
    """The page around the mail, as a function of what is seen and its stamp."""
    from jinja2 import Environment, StrictUndefined

    # select_autoescape() would leave a name that ends in .html.j2 unescaped
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        resource("desk.html.j2")
    )

    def page(preview: Preview, stamp: str) -> str:
        name, address = parseaddr(preview.sender)
        size = len(preview.email.html.encode()) if preview.email else 0
        return template.render(
            preview=preview,
            stamp=stamp,
            sender_name=name or address,
            sender_address=address if name else "",
            size=size / 1024,
            limit=CLIPPED_AT // 1024,
            fullness="over" if size > CLIPPED_AT else "near" if size > 0.85 * CLIPPED_AT else "fits",
            groups=by_severity(preview.findings),
        )

    return page


def by_severity(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Errors first, each group under its count: "1 error"."""
    groups = []
    for severity in ("error", "warning"):
        those = [finding for finding in findings if finding.severity == severity]
        if those:
            groups.append({"severity": severity, "title": f"{len(those)} {severity}{'s' * (len(those) > 1)}", "findings": those})
    return groups


def resource(name: str) -> str:
    """A file of the page, out of the package."""
    return resources.files("digest.serve").joinpath("page", name).read_text(encoding="utf-8")
