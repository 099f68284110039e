"""What the desk shows: its page, the issue as values, the mail as it is, and the stories behind it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from digest.errors import DigestError
from digest.serve.resources import names, resource
from digest.workflow.desk import Desk

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

# The frame keeps our origin, so that the page can measure it and its pictures get the cookie, but no script runs in it, ever.
# A link that is clicked opens in a tab of its own, free of these rules.
MAIL_RULES = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src {images}; form-action 'none'; frame-ancestors 'self'"
)
PICTURE_RULES = "sandbox; default-src 'none'; style-src 'unsafe-inline'"  # an SVG can hold script

FOR_A_WHILE = "private, max-age=30"  # every change shows the mail anew, and its pictures are there at once then


def views(desk: Desk) -> "list[BaseRoute]":
    """The routes that change nothing."""
    from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    page = page_template()

    def show_page(request: "Request") -> Response:
        return HTMLResponse(page(desk.state()))

    def show_state(request: "Request") -> Response:
        return JSONResponse(desk.state())

    def show_stamp(request: "Request") -> Response:
        return JSONResponse({"stamp": desk.stamp()})

    def show_mail(request: "Request") -> Response:
        email = mail_of(desk)
        if email is None:
            return no_mail()
        images = "'none'" if request.query_params.get("images") == "off" else "'self' http: https:"
        return HTMLResponse(email.html, headers={"Content-Security-Policy": MAIL_RULES.format(images=images)})

    def show_text(request: "Request") -> Response:
        email = mail_of(desk)
        return PlainTextResponse(email.text) if email else no_mail()

    def show_source(request: "Request") -> Response:
        email = mail_of(desk)
        return PlainTextResponse(email.html) if email else no_mail()

    def show_eml(request: "Request") -> Response:
        try:
            content = desk.eml()
        except DigestError as error:
            return PlainTextResponse(error.message, status_code=404)
        name = f'attachment; filename="{desk.issue_id}.eml"'  # an id holds nothing that would have to be quoted
        return Response(content, media_type="message/rfc822", headers={"Content-Disposition": name})

    def show_picture(request: "Request") -> Response:
        file = desk.picture(request.path_params["number"])
        if file is None or not file.is_file():
            return PlainTextResponse("There is no such picture.", status_code=404)
        return FileResponse(file, headers={"Content-Security-Policy": PICTURE_RULES, "Cache-Control": FOR_A_WHILE})

    def show_story(request: "Request") -> Response:
        try:
            return JSONResponse(desk.story(request.path_params["story"]))
        except DigestError as error:
            return JSONResponse({"error": f"{error.message} {error.hint}".strip()}, status_code=404)

    def search(request: "Request") -> Response:
        return JSONResponse(desk.search(request.query_params.get("q", "")))

    def no_mail() -> Response:
        return PlainTextResponse("There is no mail to show.", status_code=404)

    def furniture(name: str, media_type: str) -> Route:
        content = resource(name)
        return Route(f"/{name}", lambda request: Response(content, media_type=media_type))

    return [
        Route("/", show_page),
        Route("/state", show_state),
        Route("/stamp", show_stamp),
        Route("/mail", show_mail),
        Route("/text", show_text),
        Route("/source", show_source),
        Route("/eml", show_eml),
        Route("/picture/{number:int}", show_picture),
        Route("/story/{story:path}", show_story),
        Route("/search", search),
        *(furniture(name, "text/css") for name in names(".css")),
        *(furniture(name, "text/javascript") for name in names(".js")),
    ]


def mail_of(desk: Desk) -> Any:
    """The mail as it would be sent, None while there is none to show."""
    proof = desk.seen().proof
    return proof.email if proof else None


def page_template() -> Callable[[dict[str, Any]], str]:
    """The page around the mail, as a function of the state."""
    from jinja2 import Environment, StrictUndefined

    # select_autoescape() would leave a name that ends in .html.j2 unescaped
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        resource("desk.html.j2")
    )
    return template.render
