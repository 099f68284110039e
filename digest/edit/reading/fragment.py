"""Turn the piece of HTML that a feed or a wire carries as its text into paragraphs and pictures."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from digest.edit.reading.blocks import NO_TEXT, remove
from digest.edit.reading.figures import take_pictures
from digest.edit.reading.plain import BREAKING, ELEMENTS, TAG, plain_lines
from digest.edit.reading.textline import squeeze
from digest.model import Image

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCKS = BREAKING - {"br", "td", "th"} | {"pre", "dd", "dt", "dl", "address", "aside", "header", "footer", "main", "body", "center"}
LONGEST = 500_000  # characters: 80,000 words, and no story; nh3 takes minutes for a few megabytes of entities
MOST_TAGS = 10_000  # of a text; what closes nothing takes nh3 the square of their number too
DATA = re.compile(r"data:[^\s\"'<>]{1000,}")  # pictures within the text
BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
DEEPEST = 200  # blocks within each other; nh3 takes the square of their number, minutes for a hundred thousand
NESTED = re.compile(
    r"<(/?)(address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure|footer|header|hgroup|listing"
    r"|main|menu|nav|ol|pre|search|section|summary|ul)(?=[\s/>])",
    re.IGNORECASE,
)
KEPT = frozenset({
    "a", "abbr", "article", "aside", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "main", "ol", "p", "picture", "pre", "q", "s", "section",
    "small", "source", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul",
})  # fmt: skip
ATTRIBUTES = {
    "*": {"class", "lang", "dir"}, "a": {"href"}, "img": {"src", "srcset", "alt", "width", "height", "data-src"}, "source": {"srcset"},
    "time": {"datetime"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """What a piece of HTML says: plain paragraphs, and pictures with absolute http(s) addresses."""

    paragraphs: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


def read_fragment(html: str, *, base: str = "") -> Fragment:
    """Read a piece of HTML, or plain text with blank lines between its paragraphs. Relative addresses stand below `base`."""
    if not is_html(html):
        return Fragment(paragraphs=tuple(text for block in re.split(r"\n\s*\n", plain_lines(html)) if (text := squeeze(block))))
    import lxml.html

    tree: HtmlElement = lxml.html.fragment_fromstring(sanitised(html), create_parent="div")
    remove(tree, NO_TEXT)
    images = take_pictures(tree, base=base, lead=())
    return Fragment(paragraphs=tuple(text for text, _ in groupby(_paragraphs(tree))), images=images)


def is_html(text: str) -> bool:
    """Whether a text holds a tag of HTML."""
    return any(found["name"].lower() in ELEMENTS for found in TAG.finditer(text))


def sanitised(html: str) -> str:
    """The same HTML without anything that runs, styles or embeds. What was escaped once too often is read first; of a page, its body."""
    import nh3

    opened = BODY.search(html)
    html = DATA.sub("", html[opened.end() :] if opened else html)[:LONGEST]
    if not is_html(html) and "&lt;" in html and is_html(unescaped := html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")):
        html = unescaped
    return nh3.clean(
        _flattened(_first_tags(html)),
        tags=set(KEPT),
        attributes={name: set(kept) for name, kept in ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
    )


def _first_tags(html: str) -> str:
    """As much of it as holds no more tags than a story has."""
    further = next(islice(re.finditer("<", html), MOST_TAGS, None), None)
    return html[: further.start()] if further else html


def _flattened(html: str) -> str:
    """The same HTML without the tags of the blocks below the deepest, and without those that close nothing."""
    opened: Counter[str] = Counter()

    def kept(tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if tag[1] and not opened[name]:
            return "<wbr"
        depth = opened.total()
        opened[name] += -1 if tag[1] else 1
        return "<wbr" if max(depth, opened.total()) > DEEPEST else tag[0]

    return NESTED.sub(kept, COMMENT.sub("", html))


def _paragraphs(tree: "HtmlElement") -> list[str]:
    """One text a block; two line breaks in a row part paragraphs too, as old editors write them."""
    from lxml.etree import iterwalk

    found: list[str] = []
    pieces: list[str] = []

    def close() -> None:
        for part in re.split(r"\n\s*\n", "".join(pieces)):
            if re.search(r"\w", text := squeeze(part)):
                found.append(text)
        pieces.clear()

    for event, element in iterwalk(tree, events=("start", "end")):
        if element.tag in BLOCKS:
            close()
        elif element.tag in ("td", "th") and event == "start" and any(map(str.strip, pieces)):
            pieces.append(" | ")
        if event == "start":
            pieces.append(_flat(element, element.text) + ("\n" if element.tag == "br" else ""))
        elif element is not tree:
            pieces.append(_flat(element, element.tail))
    close()
    return found


def _flat(element: "HtmlElement", text: str | None) -> str:
    """Text of the source's own line ends: they are blanks, only <br> ends a line."""
    return re.sub(r"\s+", " ", text or "")
