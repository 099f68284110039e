"""A server that speaks Resend's language: it takes a call under the same key once only, and fails the way a test tells it."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HUNG_UP = "hung up"  # the call came whole, and the line is closed
SILENT = "silent"  # the call came whole, and nothing is said
TAKEN = "taken, "  # before either: and the letters were taken all the same


@dataclass
class Api:
    """`answers` are used up from the left, then every call is taken."""

    answers: list[Any] = field(default_factory=list)  # (status, JSON or text) or (status, JSON, headers), or HUNG_UP and the like
    bad: frozenset[str] = frozenset()  # addresses that it never takes
    emails: list[dict[str, Any]] = field(default_factory=list)  # taken
    calls: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    known: dict[str, tuple[bytes, Any]] = field(default_factory=dict)  # key -> call and answer

    def take(self, key: str, content: bytes, *, each: bool = True) -> tuple[int, Any]:
        """`each`: an email that is never taken leaves the others alone; else the whole call is refused."""
        if key in self.known:
            before, answer = self.known[key]
            return (200, answer) if before == content else (409, {"name": "invalid_idempotent_request", "message": "Other bytes."})
        data, errors = [], []
        for place, email in enumerate(json.loads(content)):
            if email["to"][0] in self.bad and not each:
                return 422, {"statusCode": 422, "name": "validation_error", "message": "Invalid `to` field."}
            if email["to"][0] in self.bad:
                errors.append({"index": place, "message": "Invalid `to` field."})
            else:
                self.emails.append(email)
                data.append({"id": f"e{len(self.emails)}"})
        answer = {"data": data} | ({"errors": errors} if errors else {})
        self.known[key] = (content, answer)
        return 200, answer


@contextmanager
def api(*answers: Any, bad: frozenset[str] = frozenset()) -> Iterator[Api]:
    """An API on loopback while the block runs."""
    state = Api(answers=list(answers), bad=bad)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            state.calls.append((self.path, dict(self.headers), content))
            answer = state.answers.pop(0) if state.answers else None
            key = self.headers["Idempotency-Key"]
            if isinstance(answer, str) and answer.startswith(TAKEN):
                state.take(key, content)
                answer = answer.removeprefix(TAKEN)
            if answer == SILENT:
                over.wait(10)
            if isinstance(answer, str):
                self.close_connection = True
                return
            status, said, *more = (
                answer if answer is not None else state.take(key, content, each=self.headers["x-batch-validation"] == "permissive")
            )
            written = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(written)), **(more[0] if more else {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        over.set()
        with suppress(OSError):
            server.shutdown()
        server.server_close()
        time.sleep(0)
