"""What a mail server says, and what that means for a letter."""

import re
import socket
import ssl
import time
from typing import NamedTuple

from digest.model import Letter, Receipt
from digest.send.transport import Lost

LONGEST_REPLY = 65_536  # bytes; RFC 5321 allows 512 a line, and nobody has more to say
LONGEST_REASON = 300  # characters
HUNG_UP = "The mail server hung up."
TOO_SLOW = "The mail server did not answer in time."
# "queued as 4XyZ" (Postfix), "id=1rAbC-0003Xy-2Q" (Exim), "Ok 0102018f-1a2b-..." (Amazon SES)
QUEUE_ID = re.compile(
    rb"queued (?:mail for delivery )?as\s+<?([^\s<>;]+)|\bid=([^\s<>;]+)|^[^\n]{0,9}\bok\s+([0-9a-z-]{20,})\s*$", re.IGNORECASE
)


class Reply(NamedTuple):
    """A code and the lines it came with."""

    code: int
    text: bytes  # without the codes; one line break between two lines

    @property
    def words(self) -> str:
        """Fit for a person's eyes: one line, printable."""
        return spoken(self.code, self.text)


class Replies:
    """What a server says, line by line."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = b""

    def read(self, seconds: float) -> Reply:
        """The next reply. Raises Lost when none comes in time, the line is gone or what comes is no reply."""
        line = self._line(seconds)
        code, more = line[:3], line[3:4]
        if more != b"-":
            return Reply(numeric(code, more), line[4:].strip())
        numeric(code, more)
        lines = [line[4:].strip()]
        size = 0
        while more == b"-":
            line = self._line(seconds)
            more = line[3:4]
            size += len(line)
            if line[:3] != code or size > LONGEST_REPLY:
                raise no_reply(line)
            lines.append(line[4:].strip())
        return Reply(numeric(code, more), b"\n".join(lines))

    def expect_silence(self) -> None:
        """Raise Lost if the server has hung up or said something unasked, such as that it has waited long enough."""
        if not self._held:
            self._sock.settimeout(0)
            try:
                self._held = self._sock.recv(LONGEST_REPLY)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError as error:
                raise Lost(told(error)) from error
        words = one_line(self._held.decode("utf-8", "replace"))
        raise Lost(f"The mail server said unasked: {words}" if words else HUNG_UP)

    def _line(self, seconds: float) -> bytes:
        """Up to the next line end, which must come within so many seconds however slowly its bytes drip."""
        held = self._held
        end = held.find(b"\n") + 1
        if not end:
            self._sock.settimeout(seconds)
            latest = time.monotonic() + seconds
            while not end:
                if len(held) > LONGEST_REPLY:
                    raise no_reply(held)
                try:
                    more = self._sock.recv(LONGEST_REPLY)
                except OSError as error:
                    raise Lost(told(error)) from error
                if not more:
                    raise Lost(HUNG_UP)
                held += more
                end = held.find(b"\n") + 1
                if not end and time.monotonic() > latest:
                    raise Lost(TOO_SLOW)
        self._held = held[end:]
        return held[:end]


def numeric(code: bytes, more: bytes) -> int:
    """The code of a reply. Raises Lost."""
    if len(code) == 3 and code.isdigit() and b"2" <= code[:1] <= b"5" and more in b" -\r\n":
        return int(code)
    raise no_reply(code + more)


def no_reply(said: bytes) -> Lost:
    """What came is nothing that a mail server says: whatever follows cannot be trusted to be the answer to anything."""
    return Lost(f"The mail server answered nonsense: {one_line(said[:100].decode('utf-8', 'replace'))!r}.")


def outcome(letter: Letter, said: Reply) -> Receipt:
    """What the answer to a letter's final dot means. Raises Lost."""
    if 200 <= said.code < 300:
        found = QUEUE_ID.search(said.text)
        return Receipt(letter.seq, "accepted", provider_id=found[found.lastindex or 0].decode("ascii", "replace") if found else "")
    if said.code < 400:
        raise no_reply(said.words.encode())
    return Receipt(letter.seq, "failed" if said.code >= 500 else "later", reason=said.words)


def heed(said: Reply) -> None:
    """Raise Lost when the server asks for quiet: 421 ends the line, 454 is how Amazon SES and others slow a sender down."""
    if said.code in {421, 454}:
        raise Lost(said.words)


def spoken(code: int, text: bytes, *, hide: str = "") -> str:
    """A reply for a person: one printable line of at most 300 characters, without the password if the server repeats it."""
    words = text.decode("utf-8", "replace")
    return one_line(f"{code} {words.replace(hide, '***') if hide else words}")


def one_line(text: str) -> str:
    """Printable characters only, single spaces, at most 300 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST_REASON]).split())[:LONGEST_REASON]


def told(error: BaseException) -> str:
    """A failure of the line in words."""
    if isinstance(error, TimeoutError):
        return TOO_SLOW
    return one_line(getattr(error, "strerror", None) or str(error)) or "The line broke."
