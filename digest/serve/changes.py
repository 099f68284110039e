"""What the desk is asked to do: change, undo, redo, approve, send a test. JSON in, the new state out."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from digest.errors import Busy, DigestError
from digest.workflow.desk import Desk
from digest.workflow.shown import shown_findings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

LARGEST = 1024 * 1024  # bytes of a question; a summary has a few hundred

Asked = Mapping[str, Any]


def changes(desk: Desk) -> "list[BaseRoute]":
    """The routes that change something. A question that cannot be understood, or may not be done, changes nothing."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def change(asked: Asked) -> dict[str, Any]:
        desk.change(text(asked, "stamp"), table(asked, "change"))
        return desk.state()

    def undo(asked: Asked) -> dict[str, Any]:
        desk.undo(text(asked, "stamp"))
        return desk.state()

    def redo(asked: Asked) -> dict[str, Any]:
        desk.redo(text(asked, "stamp"))
        return desk.state()

    def approve(asked: Asked) -> dict[str, Any]:
        warnings = desk.approve(text(asked, "stamp"), sure=asked.get("sure") is True)
        return {"ask": shown_findings(warnings), "state": desk.state()} if warnings else {"state": desk.state()}

    def test(asked: Asked) -> dict[str, Any]:
        desk.test(text(asked, "address"))
        return {"sent": asked["address"]}

    def answered(act: Callable[[Asked], dict[str, Any]], asked: Asked) -> "Response":
        try:
            return JSONResponse(act(asked))
        except Busy as error:  # somebody else was faster: here is what there is now
            return JSONResponse({"error": said(error), "state": desk.state()}, status_code=409)
        except DigestError as error:
            faults = list(getattr(error, "faults", ()))
            return JSONResponse({"error": said(error), "errors": faults or [said(error)]}, status_code=422)

    def route(path: str, act: Callable[[Asked], dict[str, Any]]) -> Route:
        async def answer(request: "Request") -> "Response":
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                return JSONResponse({"error": "Ask in JSON."}, status_code=415)
            content = await content_of(request)
            if content is None:
                return JSONResponse({"error": "That is too long."}, status_code=413)
            asked = understood(content)
            if asked is None:
                return JSONResponse({"error": "That is no object in JSON."}, status_code=422)
            return await run_in_threadpool(answered, act, asked)

        return Route(path, answer, methods=["POST"])

    return [route("/change", change), route("/undo", undo), route("/redo", redo), route("/approve", approve), route("/test", test)]


async def content_of(request: "Request") -> bytes | None:
    """The body, or None when it is longer than anything the page would send."""
    parts: list[bytes] = []
    async for part in request.stream():
        parts.append(part)
        if sum(map(len, parts)) > LARGEST:
            return None
    return b"".join(parts)


def understood(content: bytes) -> Asked | None:
    """The question, or None when it is no object, or holds halves of characters that no file can keep."""
    try:
        asked = json.loads(content)
        json.dumps(asked, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        return None
    return asked if isinstance(asked, dict) else None


def text(asked: Asked, name: str) -> str:
    """A text of the question. Raises DigestError when it is none."""
    value = asked.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DigestError(f"{name} is missing.")
    return value


def table(asked: Asked, name: str) -> Mapping[str, Any]:
    """An object of the question. Raises DigestError when it is none."""
    value = asked.get(name)
    if not isinstance(value, dict):
        raise DigestError(f"{name} is missing.")
    return value


def said(error: DigestError) -> str:
    """The error with what to do about it, in one line."""
    return f"{error.message} {error.hint}".strip()
