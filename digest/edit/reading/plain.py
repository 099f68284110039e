"""Make plain text of whatever a document holds: no markup, no hidden characters, one kind of blank."""

import html
import re
import unicodedata

from digest.errors import Unreadable

LARGEST = 10_000_000  # bytes of a document; a story is thousands of times smaller

# Elements of HTML. Other words in angle brackets are text: wires write tickers as <TX>.
ELEMENTS = frozenset({
    "a", "abbr", "address", "article", "aside", "audio", "b", "big", "blockquote", "body", "br", "button", "center", "cite", "code",
    "dd", "del", "details", "div", "dl", "dt", "em", "embed", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "li", "link", "main", "mark",
    "meta", "nav", "noscript", "object", "ol", "option", "p", "param", "picture", "pre", "q", "s", "samp", "script", "section",
    "select", "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
    "textarea", "tfoot", "th", "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "!doctype",
})  # fmt: skip
TAG = re.compile(r"</?(?P<name>!?[a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>]*)?>")
BREAKING = frozenset({
    "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "th", "table", "blockquote",
    "section", "article", "figure", "figcaption", "hr",
})  # fmt: skip
UNSEEN = ("script", "style", "template")  # elements whose content nobody reads
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
# Controls, soft hyphens, zero-width and direction marks, lone surrogates, private use. Tab and line feed stay for whoever folds them.
HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ue000-\uf8ff"
    "\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def plain(text: str) -> str:
    """One line of plain text: tags and hidden characters gone, entities read, NFC, blanks folded. `{{ 7*7 }}` stays those characters."""
    clear = text.isascii() and text.isprintable() and "&" not in text and "<" not in text
    if clear and "  " not in text and text == text.strip():  # most lines are plain already, and this is quickly told
        return text
    return " ".join(plain_lines(text).split())


def plain_lines(text: str) -> str:
    """The same with line ends kept, all of them \\n."""
    if "&" in text and ENTITY.search(text):
        text = html.unescape(text)
    if "<" in text:
        text = TAG.sub(_untagged, without_unseen(text))
    if not (text.isprintable() or text.replace("\n", " ").isprintable()):  # most texts are, and need no search
        text = HIDDEN.sub("", LINE_END.sub("\n", text))
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def without_unseen(text: str) -> str:
    """Drop comments and the elements that are never read, each with what it holds; one that never ends drops the rest."""
    for opening, closing in (("<!--", "-->"), *((f"<{name}", f"</{name}>") for name in UNSEEN)):
        small, kept, at = _lower(text), [], 0
        while (start := small.find(opening, at)) >= 0:
            kept.append(text[at:start])
            end = small.find(closing, start)
            at = len(text) if end < 0 else end + len(closing)
        text = "".join(kept) + text[at:] if kept else text
    return text


def _untagged(tag: re.Match[str]) -> str:
    name = tag["name"].lower()
    return tag.group() if name not in ELEMENTS else "\n" if name in BREAKING else ""


def decode(content: bytes, *, place: str) -> str:
    """The text of a file: UTF-8, with or without a mark, or what Windows and older wires wrote. Raises Unreadable for anything else."""
    if len(content) > LARGEST:
        raise Unreadable(f"{place}: {len(content) / 1e6:.0f} MB is too much for a story.", hint="Leave it out, or cut it below 10 MB.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and not content.startswith(b"\xff\xfe\x00\x00"):
        text = content.decode("utf-16", "replace")
    else:
        text = _decode_bytes(content)
    strange = _strange(text)
    if "\x00" in text or strange > 0.002 * len(text) + 2:
        raise Unreadable(
            f"{place}: this is no text, it holds binary data.", hint="Save it as plain text in UTF-8, or take it out of the folder."
        )
    return text


def _strange(text: str) -> int:
    """How many characters of a text are controls or stand for bytes that could not be read."""
    raw = text.encode(errors="replace")
    if len(raw) == len(raw.translate(None, CONTROLS)) and b"\xc2" not in raw and b"\xef\xbf\xbd" not in raw:
        return 0  # as nearly all texts are, and that is quickly told
    return sum(map(len, re.findall("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]+", text)))


def _decode_bytes(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # In a text of one byte a character nearly all are ASCII letters; the rest of a binary file gives itself away as controls.
    if sum(byte > 0x7F for byte in content) > 0.25 * len(content):
        return content.decode("utf-8", "replace")
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lower(text: str) -> str:
    """Small letters, and as many of them: str.lower() makes two of some characters."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(letter.lower() if letter.isascii() else letter for letter in text)
