"""Read the XML that feeds and wires send, however badly it is encoded or formed, and never fetch or unfold anything it names."""

import codecs
import re
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

from digest.edit.reading.plain import HIDDEN
from digest.edit.reading.textline import squeeze
from digest.errors import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 10_000_000  # bytes
DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}\?>")
DECLARED = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# To the end of the internal subset, where a document could define entities that unfold to gigabytes or name a file.
DOCTYPE = re.compile(r"<!DOCTYPE\b(?:[^\[<>\"']|\"[^\"]*\"|'[^']*')*(?:\[(?:[^\]\"']|\"[^\"]*\"|'[^']*')*\]\s*)?>", re.IGNORECASE)
OPEN_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)\b[^>]*>?", re.IGNORECASE)
ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{0,31};)?")
UNTOUCHED = re.compile(r"<!\[CDATA\[|<!--")  # what stands in these is no markup
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Parsed(NamedTuple):
    """The root of a document, and what is wrong with its form; "" = it is well-formed."""

    root: "_Element"
    fault: str


def parse_xml(content: bytes, *, place: str, content_type: str = "") -> Parsed:
    """Read a document; what is not well-formed is read as far as it goes. `content_type` is the header it came with, if any.

    An entity that the document defines itself stays the characters `&name;`. Raises Unreadable for what holds no element at all.
    """
    from lxml import etree

    if len(content) > LARGEST:
        raise Unreadable(f"{place}: {len(content) / 1e6:.0f} MB is too much for one file.", hint="Cut it below 10 MB.")
    text = _without_entities(_decoded(content, content_type))
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"{place}: this is no XML: {error}.", hint="Look at the file, or ask whoever sends it.") from error
    if root is None:
        raise Unreadable(f"{place}: this is no XML: there is no element in it.", hint="Look at the file, or ask whoever sends it.")
    faults = [f"line {fault.line}: {fault.message}" for fault in parser.error_log if fault.level_name != "WARNING"]
    return Parsed(root, faults[0] if faults else "")


def local(element: "_Element") -> str:
    """An element's name without its namespace, in small letters; "" for a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def find(element: "_Element", *path: str) -> "list[_Element]":
    """The elements below, one step a name, whatever their namespaces and capitals."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one if local(child) == name]
    return found


def words(element: "_Element | None") -> str:
    """All the text in an element as one line; "" for none."""
    return squeeze("".join(map(str, element.itertext()))) if element is not None else ""


def first(element: "_Element", *path: str) -> str:
    """The text of the first element below that has any."""
    return next((text for one in find(element, *path) if (text := words(one))), "")


def anywhere(element: "_Element", *names: str) -> "list[_Element]":
    """All elements of these names, at any depth, in the document's order."""
    return [one for one in element.iter() if local(one) in names]


def inner(element: "_Element") -> str:
    """What an element holds, as markup."""
    from lxml import etree

    pieces = [_escaped(element.text or "")]
    pieces += [etree.tostring(child, encoding="unicode") for child in element]
    return "".join(pieces)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- bytes to text


def _decoded(content: bytes, content_type: str) -> str:
    """By byte order mark, by being valid UTF-8, then as declared, else as Windows-1252, which the web calls ISO-8859-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if content.startswith((b"<\x00", b"\x00<")):
        return content.decode("utf-16-le" if content.startswith(b"<") else "utf-16-be", "replace")
    text = content.decode("utf-8-sig", "replace")
    if text.count("\ufffd") <= len(text) // 2000:  # a few broken bytes are still UTF-8
        return text
    header, declared = CHARSET.search(content_type), DECLARED.search(content[:1000])
    for name in (header[1] if header else "", declared[1].decode("ascii") if declared else ""):
        try:
            known = codecs.lookup(name).name if name else ""
            if known and not known.startswith(("utf", "iso8859-1", "ascii")):
                return content.decode(known, "replace")
        except LookupError:  # no encoding, or one of something else than text
            continue
    return content.decode("cp1252", "replace")


def _without_entities(text: str) -> str:
    """The document without its declaration and doctype; entities of HTML as their characters, all others as text."""
    text = NOT_XML.sub("", DECLARATION.sub("", text.lstrip("\ufeff"), count=1))
    text, pieces, at = DOCTYPE.sub("", text, count=1), [], 0
    while opened := UNTOUCHED.search(text, at):
        closing = "]]>" if opened.group() == "<![CDATA[" else "-->"
        end = text.find(closing, opened.end())
        end = len(text) if end < 0 else end + len(closing)
        pieces += [_read_entities(text[at : opened.start()]), text[opened.start() : end]]
        at = end
    return "".join([*pieces, _read_entities(text[at:])])


def _read_entities(piece: str) -> str:
    return ENTITY.sub(_entity, OPEN_DOCTYPE.sub("", piece)) if "&" in piece or "<!" in piece else piece


def _entity(found: re.Match[str]) -> str:
    name = found[1] or ""
    character = html5.get(name, "")
    return _escaped(character) if character and not HIDDEN.search(character) else f"&amp;{name}"
