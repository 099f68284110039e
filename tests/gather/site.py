"""A web server on loopback that answers to the letter, byte by byte if a test wants, and counts who came."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network

from digest.gather.addresses import Resolver, resolve
from digest.gather.http import Rules, Web

Say = Callable[[bytes], None]
Play = Callable[[Say, threading.Event], None]  # says what it likes; the event is set when the test is over
HOME = (ip_network("127.0.0.0/8"),)


@dataclass(frozen=True)
class Tagged:
    """A document with an ETag, which is not sent again to whoever has it."""

    content: bytes
    etag: str = '"1"'
    content_type: str = ""


@dataclass
class Site:
    """`pages` maps a path to the bytes of an answer, a list of them that is used up to its last, a document with an ETag, or what to play;
    other paths are 404."""

    pages: dict[str, bytes | list[bytes] | Tagged | Play]
    host: str = "127.0.0.1"
    port: int = 0  # 0 = one that is free
    context: ssl.SSLContext | None = None
    patience: int = 1000  # answers on one line, which is then closed without a word
    connections: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # path and headers, in small letters
    times: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.context else 'http'}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def web(self, *, resolver: Resolver = resolve, trust: ssl.SSLContext | None = None, **rules: object) -> Web:
        """A way to it, without pauses."""
        usual: dict[str, object] = {"ports": frozenset({self.port}), "allowed": HOME, "pause": 0, "connect": 5, "read": 5, "whole": 10}
        return Web(Rules(**usual | rules), resolver=resolver, trust=trust)  # type: ignore[arg-type]


def an_answer(content: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer. Headers are named with underscores; Content-Length is added unless it is given or the answer comes in chunks."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    if "Transfer-Encoding" not in named and not status.startswith("304"):
        named = {"Content-Length": str(len(content))} | named
    return f"HTTP/1.1 {status}\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in named.items()) + b"\r\n" + content


def a_move(to: str, status: str = "302 Found") -> bytes:
    return an_answer(status=status, location=to)


@contextmanager
def a_site(pages: Mapping[str, bytes | list[bytes] | Tagged | Play] | None = None, **changes: object) -> Iterator[Site]:
    """A server that listens while the block runs."""
    site = Site(pages=dict(pages or {}), **changes)  # type: ignore[arg-type]
    lines: list[socket.socket] = []
    with socket.create_server((site.host, site.port), backlog=128) as listener:
        site.port = listener.getsockname()[1]

        def listen() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                lines.append(line)
                site.connections += 1
                threading.Thread(target=_serve, args=(site, line), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.over.set()
            for line in [listener, *lines]:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(site: Site, line: socket.socket) -> None:
    with suppress(OSError), line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        safe = site.context.wrap_socket(line, server_side=True) if site.context else line
        with safe:
            for _ in range(site.patience):
                if not _serve_one(site, safe):
                    return


def _serve_one(site: Site, line: socket.socket) -> bool:
    """Whether the line may be used again."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        more = line.recv(65536)
        if not more:
            return False
        heard += more
    first, *rest = heard.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    path = first.split(" ")[1]
    site.times.append(time.monotonic())
    site.asked.append((path, {key.lower(): value for key, _, value in (header.partition(": ") for header in rest)}))
    page = site.pages.get(path, an_answer(b"Nothing here.", "404 Not Found"))
    if isinstance(page, list):
        page = page.pop(0) if len(page) > 1 else page[0]
    if isinstance(page, Tagged):
        known = site.asked[-1][1].get("if-none-match") == page.etag
        kind = {"content_type": page.content_type} if page.content_type else {}
        page = an_answer(status="304 Not Modified", etag=page.etag) if known else an_answer(page.content, etag=page.etag, **kind)
    if isinstance(page, bytes):
        line.sendall(page)
        return b"connection: close" not in page.lower()
    page(line.sendall, site.over)
    return False
