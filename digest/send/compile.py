"""Put an issue into the form in which mail travels: headers, a text part and an HTML part, as bytes."""

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from digest.errors import DigestError
from digest.model import Email
from digest.send.message import Message, printable, soft

FOLD = 76  # characters of a header line, and of an encoded word with its header name (RFC 2047)
LONGEST_LINE = 998  # RFC 5322; only an unsubscribe address can come near it
ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"  # RFC 8058
NOT_IN_A_HEADER = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, halves of characters, line and paragraph separators
MAILBOX = re.compile(r"(?:(?P<name>.*?)\s*<(?P<bracketed>[^<>\s,;\"]+@[^<>\s,;\"@]+)>|(?P<bare>[^<>\s,;\"]+@[^<>\s,;\"@]+))")

TAKEN = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[a-z0-9.-]{1,255}", re.ASCII | re.IGNORECASE)  # as an envelope can hold it
NOBODY = "undisclosed-recipients:;"


def draft(email: Email, *, sender: str, to: str, date: datetime, message_id: str, list_id: str = "", unsubscribe_url: str = "") -> bytes:
    """Write an issue as an .eml file that opens in a mail program, in Outlook as a draft.

    `sender` and `to` are "Name <address>" or an address; an empty one leaves its header out. `date` is aware. `list_id` is the bare
    identifier ("weekly.garrisonpost.example"). `unsubscribe_url` is an https address, and a mailto: one after a space if there is one.
    The same values give the same bytes: ASCII only, CRLF line ends, lines of 76 characters unless an address is longer.
    Raises DigestError for a value that must not stand in a header, such as one with a line break (RFC 5322, 2047, 2369, 8058).
    """
    headers = [
        written("Subject", email.subject),
        *([mailbox("From", sender)] if sender else []),
        *([mailbox("To", to)] if to else []),
        f"Date: {format_datetime(date)}",
        f"Message-ID: <{unbroken('Message-ID', message_id.removeprefix('<').removesuffix('>'))}>",
        *([f"List-Id: <{unbroken('List-Id', list_id.removeprefix('<').removesuffix('>'))}>"] if list_id else []),
        *unsubscribe(unsubscribe_url),
        "X-Unsent: 1",  # Outlook opens the file to be sent, not as a mail that arrived
        "MIME-Version: 1.0",
    ]
    return mail(headers, quoted_printable(email.text), quoted_printable(email.html))


def compile_message(
    email: Email, *, sender: str, list_id: str = "", one_click: bool = False, mailto: bool = False, slots: Mapping[str, str]
) -> Message:
    """Write an issue once for all its recipients. The same values give the same bytes.

    `slots`: a text that stands in the email where a recipient's own value goes -> the slot's name. Every occurrence becomes a slot, so
    the text must be one that nothing else can hold. `sender` and `list_id` as for draft(). The letters bring a value for
    List-Unsubscribe that holds an https address which takes the POST of RFC 8058 (`one_click`), a mailto: one, or both. Raises
    DigestError as draft().
    """
    headers = [
        mailbox("From", sender),
        f"To: {slot('header', 'to')}",
        written("Subject", email.subject),
        f"Date: {slot('header', 'date')}",
        f"Message-ID: {slot('header', 'message_id')}",
        *([f"List-Id: <{unbroken('List-Id', list_id)}>"] if list_id else []),
        *([f"List-Unsubscribe: {slot('header', 'unsubscribe_header')}"] if one_click or mailto else []),
        *([ONE_CLICK] if one_click else []),
        "MIME-Version: 1.0",
    ]
    return Message(content=mail(headers, slotted(email.text, "text", slots), slotted(email.html, "html", slots)))


def compile_note(subject: str, text: str, *, sender: str, to: str, date: str, message_id: str) -> Message:
    """Write a note of our own in plain text, marked so that nobody's holiday answers it (RFC 3834). Raises DigestError as draft()."""
    headers = [
        mailbox("From", sender),
        mailbox("To", to),
        written("Subject", subject),
        f"Date: {checked('Date', date)}",
        f"Message-ID: <{unbroken('Message-ID', message_id)}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]
    return Message(content=b"\r\n".join([*(header.encode("ascii") for header in headers), b"", quoted_printable(text)]))


def mail(headers: list[str], text: bytes, html: bytes) -> bytes:
    """The whole mail from its headers and its two quoted-printable parts."""
    # "=_" cannot occur in quoted-printable text, so the boundary never stands in a part by chance
    boundary = "=_" + hashlib.sha256(text + b"\0" + html).hexdigest()[:32]
    content_type = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"'
    return b"\r\n".join(
        [
            *(header.encode("ascii") for header in (*headers, content_type)),
            b"",
            *part("plain", text, boundary),  # the last part is the one that readers prefer
            *part("html", html, boundary),
            f"--{boundary}--".encode(),
            b"",
        ]
    )


def part(subtype: str, content: bytes, boundary: str) -> list[bytes]:
    """The lines of one of the two parts."""
    return [
        f"--{boundary}".encode(),
        f'Content-Type: text/{subtype}; charset="utf-8"'.encode(),
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        content,
    ]


def slot(place: str, name: str) -> str:
    """Where a recipient's own value goes."""
    return f"\x02{place}:{name}\x03"


def slotted(text: str, place: str, slots: Mapping[str, str]) -> bytes:
    """A quoted-printable part with its slots, each on a line of its own that both ends join softly to what stands around it."""
    if not slots:
        return quoted_printable(text)
    first, *others = re.split(f"({'|'.join(map(re.escape, slots))})", text)
    content = quoted_printable(first)
    for stand_in, after in zip(others[::2], others[1::2], strict=True):
        content = soft(content) + slot(place, slots[stand_in]).encode() + quoted_printable(after)
    return content


def quoted_printable(text: str) -> bytes:
    """Text as lines of at most 76 ASCII characters that end in CRLF (RFC 2045), none of which begins with a dot."""
    try:
        content = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    except UnicodeEncodeError as error:
        hint = "Type that text anew in the plan."
        raise DigestError(f"The issue holds half of a character, which no mail can carry: {text[error.start]!r}.", hint=hint) from error
    return printable(content, istext=True)


# --- headers, written here because email.policy.SMTP of Python 3.11 loses spaces in them and encodes addresses (CPython #85725)


def written(name: str, text: str) -> str:
    """A header of free text: as it is where mail can carry that, else in encoded words that every reader decodes to the same text."""
    words = checked(name, text).split()
    # a fold eats nothing but a single space; "=?" would be read as an encoded word; a word without end cannot be folded
    if not text.isascii() or "=?" in text or text != " ".join(words) or any(len(word) > FOLD // 2 for word in words):
        return f"{name}: {encoded(name, text)}"
    return "\r\n ".join(textwrap.wrap(f"{name}: {text}", FOLD, break_long_words=False, break_on_hyphens=False))


def encoded(name: str, text: str) -> str:
    """Text as encoded words, none cut inside a character."""
    return Header(text, "utf-8", maxlinelen=FOLD, header_name=name).encode(linesep="\r\n")


def mailbox(name: str, value: str) -> str:
    """A header with one address: `Name <address>`, or the address alone."""
    found = MAILBOX.fullmatch(checked(name, value).strip())
    address = found and (found["bracketed"] or found["bare"])
    if not found or not address or not address.isascii():
        raise DigestError(
            f"{name} is not a mail address: {value!r}.",
            hint='Write "The Garrison Post <news@garrisonpost.example>"; a domain with accents goes in its xn-- form.',
        )
    called = re.sub(" +", " ", unquoted(found["name"] or "")).strip()
    if called.isascii() and "=?" not in called and len(called) < FOLD // 2:
        return f"{name}: {formataddr((called, address))}"
    return f"{name}: {encoded(name, called)}\r\n <{address}>"


def addressee(name: str, address: str) -> str:
    """The value of a To header for somebody who typed their own name: whatever it holds, it stays a name. Raises nothing.

    An address that no mail server would take is not repeated here.
    """
    if not TAKEN.fullmatch(address) or "=?" in address:
        return NOBODY
    if not name.isprintable():
        name = "".join(" " if unicodedata.category(character) in NOT_IN_A_HEADER else character for character in name)
    called = " ".join(name.split())
    if called.isascii() and "=?" not in called and len(called) < FOLD // 2:
        return formataddr((called, address))
    return f"{encoded('To', called)}\r\n <{address}>"


def unsubscribe(addresses: str) -> list[str]:
    """The two headers of one-click unsubscribing. A line ends only between addresses: a broken or encoded one is dead."""
    urls = [unbroken("List-Unsubscribe", url) for url in checked("List-Unsubscribe", addresses).split()]
    for url in urls:
        if not url.startswith(("https://", "mailto:")):
            raise DigestError(f"List-Unsubscribe takes https and mailto addresses, not {url!r}.", hint="Set an https address.")
    lines = ["List-Unsubscribe: " + ",\r\n ".join(f"<{url}>" for url in urls)] if urls else []
    if any(url.startswith("https://") for url in urls):
        lines.append(ONE_CLICK)
    return lines


def unbroken(name: str, value: str) -> str:
    """A value that stands on one line as it is: printable ASCII, no space, no bracket."""
    if not re.fullmatch(r"[!-;=?-~]+", value) or len(value) > LONGEST_LINE - 40:
        raise DigestError(f"{name} cannot be written in a mail: {value!r}.", hint="It must be plain ASCII without spaces or brackets.")
    return value


def checked(name: str, value: str) -> str:
    """The value, if it cannot end its header early and start another."""
    if any(unicodedata.category(character) in NOT_IN_A_HEADER for character in value):
        raise DigestError(f"{name} holds a line break or a control character: {value!r}.", hint="Write it on one line.")
    return value


def unquoted(name: str) -> str:
    """A name without the quotation marks that an address may have around it."""
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if re.fullmatch(r'".*"', name) else name
