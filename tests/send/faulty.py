"""A mail server that does at every step what a test tells it, and remembers which letters it took."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from digest.model import TransportSettings
from digest.send.transports.smtp import Smtp
from digest.send.transports.smtp_line import Patience

HUNG_UP = "hung up"  # the line is closed, and nothing is said
TAKEN_AND_HUNG_UP = "taken, and hung up"  # the worst: the letter is delivered, and nobody is told
SILENT = "silent"  # the line stays open, and nothing is said
STUCK = "stuck"  # the same, and nothing more is heard either
PATIENCE = Patience(connect=2, reply=0.4, after_the_dot=0.4, goodbye=0.2)
OFFERS = ("PIPELINING", "SIZE 10485760", "8BITMIME", "SMTPUTF8")
USUAL = {
    "mail": "250 2.1.0 Ok",
    "rcpt": "250 2.1.5 Ok",
    "data": "354 End with a dot",
    "dot": "250 2.0.0 Ok: queued as QUEUE",
    "rset": "250 2.0.0 Ok",
    "quit": "221 2.0.0 Bye",
}


@dataclass
class Faulty:
    """What it says: `answers` holds a reply for a step (greeting, ehlo, mail, rcpt, data, body, dot, rset, quit, auth, starttls).

    "rcpt a@b.example" and "dot a@b.example" are for one recipient. A list is used up from the left, then the usual follows. "body"
    is what happens after the first bytes of a letter: only HUNG_UP and STUCK make sense there. "~..." is said without a line end.
    """

    answers: Mapping[str, str | list[str]] = field(default_factory=dict)
    offers: Sequence[str] = OFFERS
    bytewise: bool = False  # every reply comes byte by byte
    drip: float = 0  # seconds between those bytes
    context: ssl.SSLContext | None = None  # its certificate
    tls: bool = False  # from the first byte
    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)  # recipient and letter that were answered with 2xx
    dots: list[str] = field(default_factory=list)  # recipients whose letter came whole, whatever was answered
    said: list[str] = field(default_factory=list)  # every command
    took: Callable[[], object] = lambda: None  # called when a letter has come whole
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def settings(self, **changes: object) -> TransportSettings:
        values: dict[str, object] = {"kind": "smtp", "host": "127.0.0.1", "port": self.port, "security": "none"}
        return TransportSettings(**values | changes)  # type: ignore[arg-type]

    def account(self, patience: Patience = PATIENCE) -> Smtp:
        return Smtp(self.settings(), "", "news@garrisonpost.example", patience=patience)

    def answer(self, step: str, recipient: str = "") -> str:
        for key in (f"{step} {recipient}", step):
            told = self.answers.get(key)
            if isinstance(told, list):
                if told:
                    return told.pop(0)
            elif told is not None:
                return told
        return USUAL.get(step, "250 2.0.0 Ok")


@contextmanager
def faulty(answers: Mapping[str, str | list[str]] | None = None, **changes: object) -> Iterator[Faulty]:
    """A server that listens while the block runs."""
    server = Faulty(answers=answers or {}, **changes)  # type: ignore[arg-type]
    open_lines: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]

        def listen() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                open_lines.append(line)
                server.connections += 1
                threading.Thread(target=_talk, args=(server, line), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for line in open_lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class _Over(Exception):
    pass


def _talk(server: Faulty, line: socket.socket) -> None:
    with suppress(OSError, _Over), line:
        _converse(server, _Talk(server, line))


class _Talk:
    """One conversation: reads lines, says answers."""

    def __init__(self, server: Faulty, line: socket.socket) -> None:
        self.server, self.line, self.held = server, line, b""
        if server.tls:
            self.encrypt()

    def encrypt(self) -> None:
        assert self.server.context
        self.line = self.server.context.wrap_socket(self.line, server_side=True)
        self.held = b""

    def heard(self, until: bytes = b"\r\n") -> bytes:
        while until not in self.held:
            more = self.line.recv(65536)
            if not more:
                raise _Over
            self.held += more
        found, _, self.held = self.held.partition(until)
        return found

    def say(self, answer: str) -> None:
        if answer == HUNG_UP:
            self.line.shutdown(socket.SHUT_RDWR)
            raise _Over
        if answer == STUCK:
            self.server.over.wait(10)
            raise _Over
        if answer == SILENT:
            while self.line.recv(65536):
                pass
            raise _Over
        written = answer.removeprefix("~").encode("latin-1") + (b"" if answer.startswith("~") else b"\r\n")
        for piece in (written[i : i + 1] for i in range(len(written))) if self.server.bytewise else (written,):
            self.line.sendall(piece)
            if self.server.drip:
                time.sleep(self.server.drip)


def _converse(server: Faulty, talk: _Talk) -> None:
    talk.say(server.answer("greeting") if "greeting" in server.answers else "220 faulty.example ESMTP")
    recipient, in_transaction = "", False
    while True:
        command = talk.heard().decode("utf-8", "replace")
        server.said.append(command)
        step = command.split(" ")[0].lower()
        if step == "ehlo" and "ehlo" not in server.answers:
            for number, offer in enumerate(lines := ["faulty.example", *server.offers]):
                talk.say(f"250{' ' if number == len(lines) - 1 else '-'}{offer}")
            continue
        if step == "mail":
            if in_transaction:
                talk.say("503 5.5.1 Error: nested MAIL command")
                continue
            recipient = ""
        address = command.partition("<")[2].partition(">")[0] if step == "rcpt" else recipient
        if step == "data" and not recipient and "data" not in server.answers:
            talk.say("554 5.5.1 Error: no valid recipients")
            continue
        answer = server.answer(step, address)
        talk.say(answer)
        taken = answer[:1] in {"2", "3"}
        if step == "starttls" and taken:
            talk.encrypt()
        elif step == "mail":
            in_transaction = taken
        elif step == "rcpt" and taken and in_transaction:
            recipient = address
        elif step == "rset":
            in_transaction, recipient = False, ""
        elif step == "data" and answer.startswith("354"):
            _receive(server, talk, recipient)
            in_transaction, recipient = False, ""
        elif step == "quit":
            raise _Over


def _receive(server: Faulty, talk: _Talk, recipient: str) -> None:
    if not recipient:
        talk.heard(b".\r\n")
        talk.say("554 5.5.1 Error: no valid recipients")
        return
    if (happens := server.answer("body", recipient)) in {HUNG_UP, STUCK}:
        talk.heard(b"\r\n")
        talk.say(happens)
    letter = talk.heard(b"\r\n.\r\n") + b"\r\n"
    server.dots.append(recipient)
    server.took()
    answer = server.answer("dot", recipient).replace("QUEUE", f"Q{len(server.dots)}")
    if answer == TAKEN_AND_HUNG_UP:
        server.taken.append((recipient, letter))
        answer = HUNG_UP
    if answer[:1] == "2":
        server.taken.append((recipient, letter))
    talk.say(answer)


@contextmanager
def slow_road(port: int, seconds: float) -> Iterator[int]:
    """A port from which every byte takes so long to the given port, and so long back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                far = socket.create_connection(("127.0.0.1", port))
                for one, other in ((near, far), (far, near)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    travelling: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
                    threading.Thread(target=_depart, args=(one, travelling, seconds), daemon=True).start()
                    threading.Thread(target=_arrive, args=(other, travelling), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _depart(line: socket.socket, travelling: "queue.SimpleQueue[tuple[float, bytes]]", seconds: float) -> None:
    more = b"-"
    while more:
        try:
            more = line.recv(262_144)
        except OSError:
            more = b""
        travelling.put((time.monotonic() + seconds, more))


def _arrive(line: socket.socket, travelling: "queue.SimpleQueue[tuple[float, bytes]]") -> None:
    with suppress(OSError):
        while True:
            due, more = travelling.get()
            time.sleep(max(0, due - time.monotonic()))
            if not more:
                line.shutdown(socket.SHUT_WR)
                return
            line.sendall(more)
