"""An issue compiled once to bytes with open slots, and filled for each recipient in microseconds."""

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from functools import cached_property
from html import escape

from digest.model import Letter

SLOT = re.compile(rb"\x02(header|text|html):([a-z_]+)\x03")  # neither byte can occur in quoted-printable text or in a header of ours
NOT_A_FOLD = re.compile(r"\r\n(?! [^ \t\r\n])|\r(?!\n)|(?<!\r)\n")  # a line's end that would end its header
# Headers that a provider asks for by other names, or writes by itself.
OWN = frozenset({"from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding"})
LINE = 76  # characters of a quoted-printable line, with the "=" that ends it softly (RFC 2045)
TOO_LONG = re.compile(rb"[^\r\n]{77,}")  # Python counts a space at a line's end, and a soft end, as less than it writes


@dataclass(frozen=True, kw_only=True)
class Message:
    """A compiled issue. `content` is the whole mail with CRLF line ends; a slot reads STX place:name ETX.

    A value is put in as it is, escaped for its place, and never looked at again: whatever it holds, it stays a value.
    """

    content: bytes

    def wire(self, letter: Letter) -> bytes:
        """The letter's bytes as they travel: ASCII, CRLF, no line that begins with a dot. Raises KeyError for a slot without a value."""
        fixed, slots = self._pieces
        values: Mapping[str, str] = letter.values
        written = [fixed[0]]
        for (name, write), after in zip(slots, fixed[1:], strict=True):
            written += (write(values[name]), after)
        return b"".join(written)

    # --- the same letter for providers that build the mail themselves

    @property
    def subject(self) -> str:
        """The subject as a reader sees it."""
        return self._headers_by_name["Subject"][0]

    @property
    def sender(self) -> str:
        """The From header as a reader sees it: "Name <address>", or an address."""
        return self._headers_by_name["From"][0]

    def text(self, letter: Letter) -> str:
        """The letter's text part."""
        return filled(self._parts[0], letter.values, as_it_is)

    def html(self, letter: Letter) -> str:
        """The letter's HTML part; "" when it is a note in plain text."""
        return filled(self._parts[1], letter.values, escape) if len(self._parts) > 1 else ""

    def headers(self, letter: Letter) -> Mapping[str, str]:
        """The letter's other headers, each on one line: Date, Message-ID, List-Id, List-Unsubscribe and List-Unsubscribe-Post."""
        return {
            name: one_line(filled(pieces, letter.values, as_it_is))
            for name, pieces in self._headers_by_name.items()
            if name.lower() not in OWN
        }

    # --- taken apart once

    @cached_property
    def _pieces(self) -> tuple[tuple[bytes, ...], tuple[tuple[str, Callable[[str], bytes]], ...]]:
        """The fixed bytes, and the slots between them: each name with the way its value is written there."""
        found = SLOT.split(self.content)
        slots = tuple((name.decode(), WRITTEN[place.decode()]) for place, name in zip(found[1::3], found[2::3], strict=True))
        return tuple(found[0::3]), slots

    @cached_property
    def _headers_by_name(self) -> Mapping[str, Sequence[str]]:
        """Each header's fixed texts with the names of slots between them."""
        head = self.content.partition(b"\r\n\r\n")[0]
        fields = (field.partition(b":") for field in re.split(rb"\r\n(?![ \t])", head))
        return {name.decode(): pieces(value.strip(), unfolded) for name, _, value in fields}

    @cached_property
    def _parts(self) -> tuple[Sequence[str], ...]:
        """The text and the HTML part, as their headers; the text alone of a note."""
        head, _, body = self.content.partition(b"\r\n\r\n")
        boundary = re.search(rb'boundary="([^"]+)"', head)
        if boundary is None:
            return (pieces(body, decoded),)
        bodies = (part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in body.split(b"--" + boundary[1])[1:3])
        return tuple(pieces(part, decoded) for part in bodies)


def in_header(value: str) -> bytes:
    """A value that was made for a header. A line's end in it that is no fold becomes a space, for no value may begin another header."""
    return (NOT_A_FOLD.sub(" ", value) if "\n" in value or "\r" in value else value).encode("ascii", "replace")


def in_text(value: str) -> bytes:
    """A value inside a quoted-printable text part."""
    return soft(printable(value.encode("utf-8", "replace"), istext=False))


def in_html(value: str) -> bytes:
    """A value inside a quoted-printable HTML part, text or attribute."""
    return in_text(escape(value))


WRITTEN: Mapping[str, Callable[[str], bytes]] = {"header": in_header, "text": in_text, "html": in_html}


def printable(content: bytes, *, istext: bool) -> bytes:
    """Quoted-printable lines that end in CRLF, none of which begins with a dot: the mail needs no stuffing on its way (RFC 5321, 4.5.2).

    `istext`: a line's end is one; else it is written out as data.
    """
    written = binascii.b2a_qp(content, istext=istext)
    if b"\n" in written:
        written = written.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if TOO_LONG.search(written):
            written = TOO_LONG.sub(_in_two, written)
    if written[:1] == b"." or b"\n." in written:
        written = re.sub(rb"(?m)^\.[^\r\n]*", lambda line: _without_a_dot(line[0]), written)
    return written


def soft(written: bytes) -> bytes:
    """Quoted-printable text whose last line goes on in the next one."""
    last = len(written) - written.rfind(b"\n") - 1
    if last == 0:
        return written
    if last >= LINE:  # no room for the "=": the last character moves to a line of its own
        at = -3 if written[-3:-2] == b"=" else -1
        moved = b"=2E" if written[at:] == b"." else written[at:]
        return written[:at] + b"=\r\n" + moved + b"=\r\n"
    return written + b"=\r\n"


def _in_two(line: "re.Match[bytes]") -> bytes:
    """A line that Python made a character or two too long, as two, none cut inside an escape (it miscounts spaces and line ends)."""
    end = 75 - next((back for back in (1, 2) if line[0][75 - back : 76 - back] == b"="), 0)
    return line[0][:end] + b"=\r\n" + line[0][end:]


def _without_a_dot(line: bytes) -> bytes:
    """A line that begins with a dot, and the one after it if it has grown too long."""
    if line[:1] != b".":
        return line
    if len(line) + 2 <= LINE:
        return b"=2E" + line[1:]
    return b"=2E=\r\n" + _without_a_dot(line[1:])


# --- the way back


def pieces(content: bytes, read: Callable[[bytes], str]) -> Sequence[str]:
    """Fixed text, a slot's name, fixed text, ... Slots are found before anything is decoded: text that spells one stays text."""
    found = SLOT.split(content)
    return [read(piece) if at % 3 == 0 else piece.decode() for at, piece in enumerate(found) if at % 3 != 1]


def filled(parts: Sequence[str], values: Mapping[str, str], write: Callable[[str], str]) -> str:
    """The pieces with their slots filled."""
    return "".join(write(values[piece]) if at % 2 else piece for at, piece in enumerate(parts))


def decoded(content: bytes) -> str:
    """What a piece of a quoted-printable part says."""
    return binascii.a2b_qp(content).decode().replace("\r\n", "\n")


def unfolded(content: bytes) -> str:
    """What a header says."""
    text = content.decode("ascii").replace("\r\n", "")
    return str(make_header(decode_header(text))) if "=?" in text else text


def one_line(value: str) -> str:
    """A header's value without folds."""
    return " ".join(value.replace("\r\n", "").split())


def as_it_is(value: str) -> str:
    """A value that needs no escaping."""
    return value
