"""The conversation with a mail server: in one round trip a letter where it allows that, and never in doubt without saying so."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from digest.errors import TransportError
from digest.model import Letter, Receipt
from digest.send.message import Message
from digest.send.transport import Intend, Lost
from digest.send.transports.smtp_replies import Replies, Reply, heed, outcome, told

DOT = b".\r\n"  # on a line of its own: the end of a letter


NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f<>\u2028\u2029]")  # what could end the command that the address stands in


class Patience(NamedTuple):
    """Seconds to wait for a server that is slow (RFC 5321, 4.5.3.2)."""

    connect: float = 30
    reply: float = 300
    after_the_dot: float = 600  # it may be delivering; whoever gives up early has the letter in doubt
    goodbye: float = 2


PATIENCE = Patience()


class Line:
    """An open line to a mail server, used by one thread."""

    def __init__(self, session: smtplib.SMTP, sender: str, patience: Patience) -> None:
        opened = session.sock
        assert opened is not None
        self._session = session
        self._sock: socket.socket = opened
        self._encrypted = isinstance(opened, ssl.SSLSocket)
        self._replies = Replies(opened)
        self._patience = patience
        self._pipelines = session.has_extn("pipelining")
        self._speaks_utf8 = session.has_extn("smtputf8")
        limit = str(session.esmtp_features.get("size"))
        self._largest = int(limit) if limit.isdecimal() else 0  # bytes; 0 = it does not say
        self._mail = f"MAIL FROM:<{sender}>".encode("ascii")
        self._usable = True

    def send(self, message: Message, letters: Sequence[Letter], *, intend: Intend, key: str) -> Iterator[Receipt]:
        """Hand the letters over one by one; see Connection.send. A mail server knows no keys."""
        if not self._usable:
            raise Lost("The line is closed.")
        unfit = {letter.seq: reason for letter in letters if (reason := self._unfit(letter.address))}
        fit = [letter for letter in letters if letter.seq not in unfit] if unfit else letters
        receipts = self._hand_over(message, fit, intend)
        try:
            if unfit:
                for letter in letters:
                    why = unfit.get(letter.seq)
                    yield Receipt(letter.seq, "failed", reason=why) if why else next(receipts)
            yield from receipts
        except BaseException:  # intend's own too, or the caller reads no further: a letter is begun, and its dot must not leave
            self._hang_up()
            raise

    def close(self) -> None:
        """Say goodbye, if the other side still listens."""
        if self._usable:
            with suppress(Lost):
                self._write(b"QUIT\r\n", self._patience.goodbye)
                self._replies.read(self._patience.goodbye)
        self._hang_up()

    def _hang_up(self) -> None:
        self._usable = False
        with suppress(OSError):
            self._session.close()

    def _unfit(self, address: str) -> str:
        """Why this server cannot be asked to take mail for an address; "" = it can."""
        if NOT_IN_AN_ADDRESS.search(address) or "@" not in address:
            return "This is no mail address."
        if not address.isascii() and not self._speaks_utf8:
            return "The mail server takes no address with letters outside ASCII (it does not offer SMTPUTF8)."
        return ""

    def _hand_over(self, message: Message, letters: Sequence[Letter], intend: Intend) -> Iterator[Receipt]:
        """The conversation. With pipelining, the envelope of the next letter leaves together with the end of this one (RFC 2920)."""
        last = len(letters) - 1
        on_its_way = False  # the envelope of this letter has left already
        for place, letter in enumerate(letters):
            ahead = b"".join(self._envelope(letters[place + 1])) if self._pipelines and place < last else b""
            refusal, in_data = self._open(letter, on_its_way)
            on_its_way = bool(ahead)
            if refusal:
                yield Receipt(letter.seq, "failed" if refusal.code >= 500 else "later", reason=refusal.words)
                heed(refusal)
                # 354 though nobody is there to get it: a lone dot ends the empty mail, and what is said to it means nothing
                self._write((b".\r\n" if in_data else b"RSET\r\n") + ahead)
                heed(self._replies.read(self._patience.after_the_dot))
                continue
            body = self._body(message, letter)
            intend(letter)
            self._replies.expect_silence()
            self._write_letter(body, ahead)
            try:
                said = self._replies.read(self._patience.after_the_dot)
                receipt = outcome(letter, said)
            except Lost as lost:
                yield Receipt(letter.seq, "uncertain", reason=f"It left whole, then: {lost.reason}")
                raise
            yield receipt
            heed(said)

    def _envelope(self, letter: Letter) -> tuple[bytes, bytes, bytes]:
        """The three commands before a letter."""
        utf8 = b"" if letter.address.isascii() else b" SMTPUTF8"
        return self._mail + utf8 + b"\r\n", b"RCPT TO:<%b>\r\n" % letter.address.encode(), b"DATA\r\n"

    def _open(self, letter: Letter, on_its_way: bool) -> "tuple[Reply | None, bool]":
        """Ask for a letter's turn. Returns who refuses it, None = nobody, and whether the server now waits for the letter's bytes."""
        commands = self._envelope(letter)
        if self._pipelines and not on_its_way:
            self._write(b"".join(commands))
        replies = []
        for command in commands:
            if not self._pipelines:
                self._write(command)
            replies.append(self._replies.read(self._patience.reply))
            if replies[-1].code >= 400 and not self._pipelines:
                break  # pipelined, the other answers come all the same
        mail, *others = replies
        if 500 <= mail.code < 600:
            hint = "The account may not send from this address, or not any more: ask whoever runs the mail server."
            raise TransportError(f"The mail server refuses the sender: {mail.words}", hint=hint)
        if mail.code >= 400:
            raise Lost(mail.words)  # it says nothing of the recipient
        refusal = next((reply for reply in others if reply.code >= 400), None)
        in_data = replies[-1].code == 354
        for reply, expected in zip(replies, (250, 250, 354), strict=False):
            if reply.code < 400 and reply.code // 100 != expected // 100:
                raise Lost(f"The mail server answered out of turn: {reply.words}")
        return refusal, in_data

    def _body(self, message: Message, letter: Letter) -> bytes:
        """The letter as it stands between DATA and the final dot, with room for neither doubt nor a second dot."""
        body = message.wire(letter)
        if self._largest and len(body) > self._largest:
            raise TransportError(
                f"The issue is too large for the mail server: {len(body):,} bytes, and it takes {self._largest:,}.",
                hint="Shorten the issue, or send it through another account.",
            )
        if b"\r\n." in body or body.startswith(b"."):
            body = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
        return body if body.endswith(b"\r\n") else body + b"\r\n"

    def _write_letter(self, body: bytes, ahead: bytes) -> None:
        """Write body, dot and what follows. Raises Lost while the dot cannot have left; afterwards the answer tells what became of it."""
        end = len(body) + len(DOT)
        left = 0
        try:
            self._sock.settimeout(self._patience.reply)
            if self._encrypted:  # a write that fails does not tell how much of it left: so the dot leaves apart
                self._sock.sendall(body)
                left = end
                self._sock.sendall(DOT + ahead)
                return
            rest = memoryview(b"".join((body, DOT, ahead)))
            while rest:
                sent = self._sock.send(rest)
                left += sent
                rest = rest[sent:]
        except OSError as error:
            if left < end:
                raise Lost(f"The letter's end had not left: {told(error)}") from error

    def _write(self, commands: bytes, seconds: float = 0) -> None:
        """Write, in so many seconds at most; 0 = as many as an answer may take. Raises Lost."""
        try:
            self._sock.settimeout(seconds or self._patience.reply)
            self._sock.sendall(commands)
        except OSError as error:
            raise Lost(told(error)) from error
