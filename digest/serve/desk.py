"""The desk in a browser on this machine: see, change and approve an issue."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.serve.changes import changes
from digest.serve.guard import guard
from digest.serve.listening import listen
from digest.serve.views import views
from digest.workflow.desk import Desk

if TYPE_CHECKING:
    from starlette.applications import Starlette


def desk(of: Desk, *, token: str) -> "Starlette":
    """The pages of the desk, for whoever holds `token` on this machine and nobody else."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware

    app = Starlette(routes=[*views(of), *changes(of)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard(token))])
    app.state.token = token  # serve() puts it into the address
    return app


def serve(app: "Starlette", *, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str], None]) -> None:
    """Answer until Ctrl-C. `ready` gets the address to open, once it answers; port 0 takes a free one.

    Raises DigestError if the port cannot be had.
    """
    listen(app, host=host, port=port, ready=lambda address: ready(f"{address}?token={app.state.token}"))
