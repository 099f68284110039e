"""Turn a saved web page into its story: the headline, the paragraphs and the pictures, without what stands around them."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from types import ModuleType
from typing import TYPE_CHECKING

from digest.edit.reading.blocks import NO_TEXT, clear_blocks, keep_times, named, remove, story_block
from digest.edit.reading.figures import take_pictures
from digest.edit.reading.metadata import Metadata, read_metadata
from digest.edit.reading.textline import key, squeeze
from digest.edit.reading.whole import cut_short
from digest.errors import Unreadable
from digest.model import Cut, Image

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

LARGEST_PAGE = 10_000_000  # bytes
MOST_ELEMENTS = 25_000  # a long live page has 10,000
LONGEST_TITLE = 120  # characters; a longer paragraph is the story
LONGEST_DEK = 160  # characters; a longer line under the headline is the lead in bold
LONGEST_DESCRIPTION = 300  # characters; a longer one is the beginning of the story
BINARY = ((b"%PDF", "a PDF"), (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
          (b"PK\x03\x04", "a zip or office file"), (b"\x1f\x8b", "a gzip file"))  # fmt: skip
ENCODINGS = re.compile(
    r"windows-\d+|cp\d+|iso-8859-\d+|koi8-[ru]|gbk?|gb2312|gb18030|big5|euc-(?:jp|kr)|shift[_-]jis|utf-16(?:le|be)?|macintosh"
)
LINE_ENDS = frozenset({"p", "head", "item", "quote", "row", "list", "table", "lb", "div", "body"})  # of trafilatura's own tags
DOCTYPE = re.compile(r"<!doctype[^>\[]*(?:\[[^\]]*\][^>]*)?>", re.IGNORECASE)
GIANT = re.compile(r"[!-~]{2000,}")  # data that slipped into the text; no language writes such words
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")  # XML has no place for them
SEPARATOR = re.compile(r"\s+(?:[|\-–—·•*»:])\s+|\s*\|\s*")
LEFT_OPEN = re.compile(r"(?<!\w)‘(?=\w)[^’]*$")
# JSON-LD and h1 are the headline of the page, og and twitter the one that stands alone elsewhere; weights set on 48 news pages
VOTES = {"og": 1.0, "twitter": 0.9, "json-ld": 0.9, "h1": 0.9, "title": 0.05}
is_dek = named(
    r"(?:article |story |post |entry |page )?"
    r"(?:dek|deck|standfirst|strapline|sub ?title|sub ?headline|sub ?heading|excerpt|summary)(?: text)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A web page as it was understood. Everything is plain text of one line; "" and () say that the page does not give it."""

    url: str = ""  # canonical http(s) address
    headline: str = ""
    dek: str = ""
    byline: str = ""  # names joined by ", ", without "By"
    published: str = ""  # ISO 8601 as the page gives it, with or without a time and zone
    tags: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()  # with subheads, without headline, dek and captions
    images: tuple[Image, ...] = ()  # absolute http(s) addresses
    language: str = ""  # ISO 639 code, lower case
    site: str = ""
    credit: str = ""  # the copyright line, if the page's head states one
    furniture: tuple[Cut, ...] = ()


def extract(content: bytes, *, url: str) -> Page:
    """Read a page found at `url`, an http(s) address or a file's path.

    Raises Unreadable for what is no page (empty, binary, over 10 MB), for a page cut short and for one without a single paragraph of text.
    The body is trafilatura's (Barbaresi 2021) after our own clearing; the headline a vote among JSON-LD, meta, h1 and title.
    """
    markup = _decoded(_page(content))
    if cut_short(markup):
        raise Unreadable(f"This page is cut short: it stops in the middle after {len(content):,} bytes.", hint="Save it again.")
    tree = _parsed(markup, len(content))
    head = read_metadata(tree, url=url, saved_from=_saved_from(markup))
    titles = _titles(tree, head)
    headline = _headline(titles)
    remove(tree, NO_TEXT)
    story = story_block(tree)
    keep_times(story)
    marked_dek = _take_dek(story, head.dek)
    furniture = clear_blocks(story)
    images = take_pictures(story, base=head.base, lead=head.images)
    paragraphs = _below_titles(_body(tree, story, head), {*map(key, (marked_dek, *(text for _, text in titles)))})
    if not paragraphs:
        raise Unreadable(
            f"No story text in this page of {len(content):,} bytes.",
            hint="It may be cut short, or be built by a script after it has loaded: save it from a browser, or save the text.",
        )
    return Page(
        url=head.url,
        headline=headline,
        dek=marked_dek or _dek(head.dek, headline, paragraphs),
        byline=", ".join(head.authors),
        published=head.published,
        tags=head.tags,
        paragraphs=paragraphs,
        images=images,
        language=head.language,
        site=head.site,
        credit=head.credit,
        furniture=furniture,
    )


# --- bytes to a tree


def _page(content: bytes) -> bytes:
    """The bytes, if they can be a page at all."""
    if len(content) > LARGEST_PAGE:
        raise Unreadable(
            f"This page has {len(content) / 1e6:.1f} MB; pages of up to {LARGEST_PAGE // 10**6} MB are read.", hint="Save the story alone."
        )
    if not content.strip():
        raise Unreadable(f"This page is empty: {len(content):,} bytes, no text.", hint="Save it again.")
    start = content[:4096]
    kind = next((kind for magic, kind in BINARY if start.startswith(magic)), "")
    controls = sum(1 for byte in start if byte < 32 and byte not in b"\t\n\r\f\x1b")
    if kind or (not start.startswith((b"\xff\xfe", b"\xfe\xff")) and controls > len(start) // 50):
        raise Unreadable(f"This is {kind or 'binary data'}, not a web page ({len(content):,} bytes).", hint="Save the page as HTML.")
    return content


def _decoded(content: bytes) -> str:
    """Text by byte order mark, by being valid UTF-8, by what the page declares, else as Windows-1252, the web's old default."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    text = content.decode("utf-8-sig", errors="replace")
    if text.count("\ufffd") <= len(text) // 2000:  # a few broken bytes, or a file cut short, are still UTF-8
        return text
    declared = re.search(
        rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,20})|<\?xml[^>]{0,100}encoding=[\"']([\w-]{1,20})", content[:8192], re.IGNORECASE
    )
    name = (declared[1] or declared[2]).decode("ascii").lower() if declared else ""
    return content.decode(name if ENCODINGS.fullmatch(name) and name != "iso-8859-1" else "cp1252", errors="replace")


def _parsed(markup: str, size: int) -> "HtmlElement":
    """The page as a tree, without comments, doctype (where entity bombs live) and words of absurd length."""
    from lxml import etree, html

    start = markup[:1000].lower().find("<!doctype")
    if start >= 0 and (doctype := DOCTYPE.match(markup, start)):
        markup = markup[: doctype.start()] + markup[doctype.end() :]
    clean = markup.encode("utf-8", errors="replace").translate(None, CONTROLS).replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    try:
        tree: HtmlElement = html.document_fromstring(clean, parser=html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True))
    except etree.LxmlError as error:
        raise Unreadable(f"No text in this page of {size:,} bytes.", hint="Save it again, from a browser.") from error
    return tree


def _saved_from(markup: str) -> str:
    """The address that browsers leave in a comment at the top of a page they save."""
    match = re.search(r"<!-- saved from url=\(\d+\)(https?://[^\s>]{1,2000}) -->", markup[:4096])
    return match[1] if match else ""


# --- headline and dek


def _titles(tree: "HtmlElement", head: Metadata) -> list[tuple[str, str]]:
    """Where the page states a title and what it is, less the site's name."""
    shown = [("h1", text) for element in islice(tree.iter("h1"), 5) if (text := squeeze(element.text_content()))]
    stated = [(place, text) for place, text in (*head.titles, *shown) if 0 < len(text) <= 400]
    known = {key(text) for _, text in stated}
    titles = [(place, _without_site(text, head, known)) for place, text in stated]
    return [(place, title) for place, title in titles if key(title) not in ("", key(head.site))]


def _headline(titles: list[tuple[str, str]]) -> str:
    """The title that the most places agree on, or the page's own where they differ much. Quotation marks and capitals do not tell titles
    apart; the first spelling is kept."""
    votes: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for place, title in titles:
        spelled.setdefault(key(title), title)
        votes[key(title)] = votes.get(key(title), 0.0) + VOTES[place]
    best = max(votes, key=lambda name: votes[name], default="")
    on_page = [{key(title) for stated, title in titles if stated == place} for place in ("json-ld", "h1", "title")]
    agreed = next(iter(set.intersection(*on_page)), "")
    return spelled[agreed if agreed and not _shortens(best, agreed, spelled[best]) else best] if best else ""


def _shortens(title: str, agreed: str, spelled: str) -> bool:
    """Whether a title for other sites is the page's own made shorter. One of other words, or with a quotation left open, was made to draw
    readers: then what the page shows is the headline."""
    words = set(title.split())
    return (
        len(words & set(agreed.split())) >= 0.7 * len(words) and spelled.count("“") == spelled.count("”") and not LEFT_OPEN.search(spelled)
    )


def _without_site(title: str, head: Metadata, known: set[str]) -> str:
    """`Ferry returns | The Garrison Post` without its site: what stands before a separator, if the page says that elsewhere too or if the
    site's name stands behind."""
    for separator in SEPARATOR.finditer(title):
        before, behind = title[: separator.start()].strip(), key(title[separator.end() :]).removeprefix("the ")
        site = key(head.site).removeprefix("the ")
        host = re.sub(r"\W", "", head.url.partition("//")[2].partition("/")[0])
        named = bool(behind) and (behind == site or behind.replace(" ", "") in host or (bool(site) and behind.startswith(site)))
        if key(before) in known or (named and len(before.split()) > 1):
            return before
    return title


def _take_dek(story: "HtmlElement", stated: str) -> str:
    """Remove the line under the headline from the block and return it: the first that is marked as such above the text, or the one that
    stands apart from the paragraphs and is word for word the description in the page's head."""
    for line in story.iter("p", "h2", "h3", "div"):
        text = squeeze(line.text_content()) if len(line) < 10 and next(line.iterdescendants("p", "h2", "h3", "div"), None) is None else ""
        apart = len(text) > 20 and key(text) == key(stated) and len(line.getparent().findall("p")) < 3
        if 20 <= len(text) <= LONGEST_DEK and (apart or is_dek(line) or is_dek(line.getparent())):
            line.drop_tree()
            return text
        if line.tag == "p" and len(text) > LONGEST_TITLE:
            break
    return ""


def _dek(stated: str, headline: str, paragraphs: tuple[str, ...]) -> str:
    """The head's description, unless it only repeats the headline or the story's first words."""
    start = key(" ".join(paragraphs[:3]))
    words = key(stated.rstrip("… .").removesuffix("[…]"))
    return "" if not words or len(stated) > LONGEST_DESCRIPTION or words == key(headline) or words[:80] in start else stated


# --- paragraphs


def _body(tree: "HtmlElement", story: "HtmlElement", head: Metadata) -> tuple[str, ...]:
    """The story's paragraphs; JSON-LD's own copy of them only where the page itself shows less than half of it."""
    shown = tuple(_paragraphs(_story_blocks(tree, story, head.url)))
    stated = tuple(text for text in head.body.split("\n") if re.search(r"\w", text))
    return stated if 2 * sum(map(len, shown)) < sum(map(len, stated)) else shown


def _story_blocks(tree: "HtmlElement", story: "HtmlElement", url: str) -> "list[_Element]":
    """Trafilatura's choice of the text. It would take minutes for a page of absurd size, so of that we read the plain paragraphs."""
    if tree.xpath("count(//*)") > MOST_ELEMENTS:
        return list(story.iter("p"))
    found = _trafilatura().bare_extraction(tree, url=url or None, include_comments=False, include_tables=True, with_metadata=False)
    return [found.body] if found is not None else []


def _paragraphs(blocks: "Iterable[_Element]") -> Iterator[str]:
    """One text a paragraph, subhead, list item, quotation or table row, without the marks that a text format would add."""
    from lxml.etree import iterwalk

    pieces: list[str] = []
    for block in blocks:
        for event, element in iterwalk(block, events=("start", "end")):
            if element.tag in LINE_ENDS:
                if re.search(r"\w", text := squeeze(GIANT.sub(" ", "".join(pieces)))):
                    yield text
                pieces.clear()
            if event == "start":
                pieces.append(" | " if element.tag == "cell" and any(piece.strip() for piece in pieces) else "")
                pieces.append(element.text or "")
            elif element is not block:
                pieces.append(element.tail or "")


def _below_titles(paragraphs: tuple[str, ...], titles: set[str]) -> tuple[str, ...]:
    """Below its headline and dek the story begins: what a layout put above them is navigation. Nor is a paragraph told twice in a row."""
    last = max((number for number, text in enumerate(paragraphs[:8]) if key(text) in titles), default=-1)
    above = last + 1 if all(len(text) < LONGEST_TITLE or key(text) in titles for text in paragraphs[: last + 1]) else 0
    return tuple(text for text, _ in groupby(paragraphs[above:]))


@lru_cache(maxsize=1)
def _trafilatura() -> ModuleType:
    """The library, imported once and late (0.2 s), its warnings about single pages kept off the terminal: we report those ourselves."""
    import trafilatura

    for name in ("trafilatura", "justext", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura
