"""Answer on a port until Ctrl-C."""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from starlette.applications import Starlette

AT_ONCE = 200  # requests in hand; one more is told to come again
HEAD = 16 * 1024  # bytes of a request's line and headers


def listen(app: "Starlette", *, host: str, port: int, ready: Callable[[str], None], patience: int = 1) -> None:
    """Answer until Ctrl-C. `ready` gets the address, once it answers; port 0 takes a free one. `patience`: seconds given to requests
    in hand at the end.

    Headers that claim where a request came from (X-Forwarded-For) are not believed. Raises DigestError if the port cannot be had.
    """
    import uvicorn

    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        hint = "Stop the program that holds it, or name another port; port 0 takes any free one."
        raise DigestError(f"Port {port} of {host} cannot be used: {error.strerror or error}.", hint=hint) from error
    with listener:
        # asyncio sets this only where a socket names its protocol, and ours does not: without it each answer waits 40 ms for an ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"[{host}]" if ":" in host else host
        ready(f"http://{name}:{listener.getsockname()[1]}/")
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_level="warning",
            access_log=False,  # it would hold the tokens of readers' links
            ws="none",
            proxy_headers=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            h11_max_incomplete_event_size=HEAD,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=patience,
        )
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has closed everything by now and passes Ctrl-C on
            return
