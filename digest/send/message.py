"""An issue compiled once to bytes with open slots, and filled for each recipient in microseconds."""

import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

from digest.model import Letter

SLOT = re.compile(rb"\x02(header|text|html):([a-z_]+)\x03")  # neither byte can occur in quoted-printable text or in a header of ours


@dataclass(frozen=True, kw_only=True)
class Message:
    """A compiled issue. `content` is the whole mail with CRLF line ends; a slot reads STX place:name ETX."""

    content: bytes

    @cached_property
    def _pieces(self) -> tuple[tuple[bytes, ...], tuple[tuple[str, Callable[[str], bytes]], ...]]:
        """The fixed bytes, and the slots between them: each name with the way its value is written there."""
        found = SLOT.split(self.content)
        slots = tuple((name.decode(), WRITTEN[place.decode()]) for place, name in zip(found[1::3], found[2::3], strict=True))
        return tuple(found[0::3]), slots

    def wire(self, letter: Letter) -> bytes:
        """The letter's bytes as they travel: ASCII, CRLF, no line that begins with a dot. Raises KeyError for a slot without a value."""
        fixed, slots = self._pieces
        values: Mapping[str, str] = letter.values
        written = [fixed[0]]
        for (name, write), after in zip(slots, fixed[1:], strict=True):
            written += (write(values[name]), after)
        return b"".join(written)


def in_header(value: str) -> bytes:
    """A value that was made for a header: checked and encoded where it was made."""
    return value.encode("ascii")


def in_text(value: str) -> bytes:
    """A value inside a quoted-printable text part."""
    written = binascii.b2a_qp(value.encode(), istext=False).replace(b"=\n", b"=\r\n")
    return re.sub(rb"(?m)^\.", b"=2E", written)


def in_html(value: str) -> bytes:
    """A value inside a quoted-printable HTML part, text or attribute."""
    return in_text(escape(value, quote=True))


WRITTEN: Mapping[str, Callable[[str], bytes]] = {"header": in_header, "text": in_text, "html": in_html}
