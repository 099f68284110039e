"""Read a feed - RSS, Atom or JSON Feed - as it was sent: its entries, what each says, and how much of the story it holds."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from digest.edit.reading.dates import read_date
from digest.edit.reading.fragment import is_html, read_fragment, sanitised
from digest.edit.reading.identity import joined, working_address
from digest.edit.reading.item import Item, each_once
from digest.edit.reading.metadata import pixels
from digest.edit.reading.plain import decode, plain
from digest.edit.reading.xmltree import anywhere, find, local, parse_xml, words
from digest.errors import BadDate, Unreadable
from digest.model import Image

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA = "http://search.yahoo.com/mrss"  # with or without a slash behind
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
ROOTS = ("rss", "rdf", "feed", "channel")
MOST_PICTURES = 12
MOST_ATTRIBUTES = 100  # of one element; feedparser takes minutes for thousands
FEWEST_PAIRS = 3  # of dated neighbours, to tell whether a feed is put in order by time
OUT_OF_ORDER = 0.2  # of them, up to which it is: an entry that was updated often leaves its place
WHOLE_TEXT = 200  # words in a summary from which on it is the story
CUT_OFF = re.compile(r"(?:…|\.\.\.|(?:continue reading|keep reading|read (?:more|on|the (?:rest|full \w+)))\b.{0,80})\W*$", re.IGNORECASE)
SHORT_YEAR = re.compile(r"^((?:[A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3}) (\d\d)(?= \d{1,2}:\d\d)")  # RFC 822
MAILBOX = re.compile(r"^\S+@\S+\s*\((?P<name>[^()]+)\)$")  # "desk@garrisonpost.example (The desk)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed. Its HTML is sanitised; what else is text is plain; addresses are absolute http(s) ones or ""."""

    guid: str = ""  # as the feed gives it; "" = none
    url: str = ""
    title: str = ""
    content: str = ""  # HTML, or plain text with blank lines between paragraphs: the content, else the summary
    summary: str = ""  # plain text
    full: bool = False  # whether content is the whole story, as far as can be told
    base: str = ""  # what relative addresses in content stand below
    author: str = ""
    published: datetime | None = None  # UTC; None = not said, or not to be read for certain
    updated: datetime | None = None  # UTC
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    language: str = ""
    source: str = ""  # the outlet, in a feed that collects from several
    credit: str = ""
    deleted: bool = False  # the feed takes it back
    place: int = 0  # in a feed that somebody put in order, 1 = the first; 0 = in one that time puts in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as it was read."""

    title: str = ""
    url: str = ""  # of the site that it belongs to
    language: str = ""
    entries: tuple[Entry, ...] = ()
    broken: str = ""  # what is wrong with its form; "" = it is well-formed


def read_feed(content: bytes, *, url: str, content_type: str = "", zone: tzinfo = UTC) -> Feed:
    """Read a feed found at `url`. A date without a zone is read in `zone`, one that could mean two days is left out.

    feedparser only ever sees XML that lxml has put right, and neither sanitises nor resolves addresses in texts: it would do both with an
    HTML parser of its own, and nh3 and `base` do it for everything that we read. Raises Unreadable, its message beginning with `url`.
    """
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Unreadable(f"{url}: this feed is empty.", hint="Look at the address in a browser.")
    if start.startswith((b"{", b"[")):
        return _with_places(_json_feed(content, url=url, zone=zone))
    tree, fault = parse_xml(content, place=url, content_type=content_type)
    if local(tree) not in ROOTS:
        raise _no_feed(tree, url)
    return _with_places(replace(_xml_feed(tree, url=url, zone=zone), broken=fault))


def item_of(entry: Entry) -> Item:
    """An entry as a story, for one whose content is all there is or all that is wanted."""
    text = read_fragment(entry.content, base=entry.base)
    known = {image.url for image in text.images}
    moment = entry.published or entry.updated
    return Item(
        guid=entry.guid,
        url=entry.url,
        headline=entry.title,
        dek=entry.summary if entry.full and len(entry.summary) < 300 and not CUT_OFF.search(entry.summary) else "",
        byline=entry.author,
        paragraphs=text.paragraphs,
        images=(*text.images, *(image for image in entry.images if image.url not in known)),
        credit=entry.credit,
        source=entry.source,
        language=entry.language,
        published=moment.isoformat() if moment else "",
        tags=entry.tags,
        withdrawn=entry.deleted,
        place=entry.place,
    )


def _with_places(feed: Feed) -> Feed:
    """The feed with its entries numbered, if their order says more than their dates. A desk puts the weightiest first."""
    told = [entry for entry in feed.entries if not entry.deleted]
    orders = [_mixed_up([entry.published for entry in told]), _mixed_up([entry.updated for entry in told])]
    shares = [share for share in orders if share is not None]
    if not shares or min(shares) <= OUT_OF_ORDER:
        return feed
    places = {id(entry): place for place, entry in enumerate(told, start=1)}
    return replace(feed, entries=tuple(replace(entry, place=places.get(id(entry), 0)) for entry in feed.entries))


def _mixed_up(moments: Sequence[datetime | None]) -> float | None:
    """The share of neighbours against the order of time, 0 to 0.5; None when there are too few to tell."""
    pairs = [(one, after) for one, after in pairwise(moments) if one and after and one != after]
    rising = sum(one < after for one, after in pairs)
    return min(rising, len(pairs) - rising) / len(pairs) if len(pairs) >= FEWEST_PAIRS else None


def _no_feed(tree: "_Element", url: str) -> Unreadable:
    """The refusal of a document that is something else; a page names its feed."""
    if local(tree) in ("urlset", "sitemapindex"):
        return Unreadable(f"{url}: this is a sitemap, no feed.", hint="Name it as one.")
    links = [link for link in anywhere(tree, "link") if "alternate" in (link.get("rel") or "") and "xml" in (link.get("type") or "")]
    named = working_address(joined(url, (links[0].get("href") or "").strip())) if links else ""
    if local(tree) == "html":
        hint = f"The page names a feed: {named}" if named else "Look at the address in a browser: it may ask to log in, or have moved."
        return Unreadable(f"{url}: this is a web page, no feed.", hint=hint)
    return Unreadable(f"{url}: this is no feed, its root is <{local(tree)}>.", hint="RSS, Atom and JSON Feed can be read.")


# --- RSS and Atom


def _xml_feed(tree: "_Element", *, url: str, zone: tzinfo) -> Feed:
    import feedparser
    from lxml import etree

    home = next((words(link) or link.get("href") or "" for up in (tree, *find(tree, "channel")) for link in find(up, "link")), "")
    url = url if working_address(url) else working_address(home.strip())  # a feed that was saved to a file
    nodes = [node for node in anywhere(tree, "item", "entry") if (up := node.getparent()) is not None and local(up) in ROOTS]
    pictures = [_pictures(node, url) for node in nodes]
    links = [_permalink(node) for node in nodes]
    deleted = [_deleted(node, url, zone) for node in anywhere(tree, "deleted-entry")]
    for node in list(tree.iter()):
        if len(node.attrib) > MOST_ATTRIBUTES:
            node.attrib.clear()
        if local(node) == "deleted-entry" or (isinstance(node.tag, str) and node.tag.startswith(f"{{{MEDIA}")):
            _drop(node)  # feedparser mixes the title and description of a picture with those of its story
    # A stream, never a string: that could be taken for an address or a file's name.
    known = feedparser.parse(
        io.BytesIO(etree.tostring(tree, encoding="utf-8", xml_declaration=True)),
        response_headers={"content-location": url, "content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    head = known.feed
    language = _language(head.get("language", ""))
    if len(nodes) != len(known.entries):  # what stands beside a text could be another entry's
        nodes, links, pictures = [etree.Element("none")] * len(known.entries), [""] * len(known.entries), [()] * len(known.entries)
    entries = [
        replace(_entry(entry, node, link=_address(entry, url) or linked, url=url, zone=zone, language=language), images=images)
        for entry, node, linked, images in zip(known.entries, nodes, links, pictures, strict=False)
    ]
    return Feed(
        title=plain(head.get("title", "")), url=working_address(head.get("link", "")), language=language, entries=(*entries, *deleted)
    )


def _address(entry: Mapping[str, Any], url: str) -> str:
    """Where its story is: what a service that counts readers gives as the story's own address, else its link."""
    link = (entry.get("feedburner_origlink") or entry.get("link") or "").strip()
    return working_address(joined(url, link)) if link else ""


def _entry(entry: Mapping[str, Any], node: "_Element", *, link: str, url: str, zone: tzinfo, language: str) -> Entry:
    contents = [one for one in entry.get("content", ()) if one.get("value", "").strip()]
    content: Mapping[str, Any] = max(contents, key=_weight, default={})
    summary = entry.get("summary_detail") or {}
    text, described = content.get("value", ""), summary.get("value", "")
    if not text.strip() or (text == described and len(contents) < 2):
        content = summary
    html = _sanitised(content)
    return Entry(
        guid=plain(entry.get("id", "")),
        url=link,
        title=plain(entry.get("title", "")),
        content=html,
        summary=" ".join(read_fragment(_sanitised(summary)).paragraphs) if described and described != text else "",
        full=_is_full(html, given=content is not summary, teaser=described if described != text else ""),
        base=based if (based := content.get("base") or "") not in ("", url) else link or url,  # feeds often lie on another host
        author=_author(entry, node),
        published=_moment(entry.get("published", ""), zone),
        updated=_moment(dict(entry).get("updated", ""), zone),  # entry.get() would fall back to published
        tags=each_once(*(plain(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags", ()))),
        language=_language(content.get("language") or "") or language,
        source=plain((entry.get("source") or {}).get("title", "")),
        credit=plain(entry.get("rights", "")),
    )


def _weight(content: Mapping[str, Any]) -> tuple[bool, int]:
    return "html" in content.get("type", ""), len(content.get("value", ""))


def _sanitised(detail: Mapping[str, Any]) -> str:
    """The HTML of a text, or the text itself. RSS does not say which it is, so a tag tells."""
    value: str = detail.get("value", "")
    return sanitised(value) if "html" in detail.get("type", "") or is_html(value) or "&lt;" in value else value


def _is_full(html: str, *, given: bool, teaser: str = "") -> bool:
    """Whether this is the whole story: given as the content and more than the teaser once again, or too long for a teaser."""
    paragraphs = read_fragment(html).paragraphs
    if not paragraphs or CUT_OFF.search(paragraphs[-1]):
        return False
    length, short = (sum(len(text.split()) for text in texts) for texts in (paragraphs, read_fragment(teaser).paragraphs))
    return length >= WHOLE_TEXT or (given and length > 1.3 * short)


def _author(entry: Mapping[str, Any], node: "_Element") -> str:
    """Names joined by commas; an address alone is nobody's name."""
    told = [words(one) for one in (*find(node, "creator"), *(one for one in find(node, "author") if not len(one)))]
    told = told or [one.get("name", "") for one in entry.get("authors", ())] or [entry.get("author", "")]
    names = [mailbox["name"] if (mailbox := MAILBOX.match(name.strip())) else name for name in map(plain, told)]
    return ", ".join(each_once(*(name.strip() for name in names if "@" not in name)))


def _moment(written: str, zone: tzinfo) -> datetime | None:
    text = SHORT_YEAR.sub(r"\1 20\2", " ".join(written.split()))
    try:
        return read_date(re.sub(r"\bUT$", "UTC", text), zone=zone) if text else None
    except BadDate:  # a feed's date is nobody's to correct: the entry is undated, and reported as such
        return None


def _language(written: str) -> str:
    """The ISO 639 code in small letters: "en" of "en-GB"."""
    found = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_]\w{1,8})*", written.strip())
    return found[1].lower() if found else ""


def _permalink(node: "_Element") -> str:
    """The address that a guid is, unless it says that it is none."""
    guids = [guid for guid in find(node, "guid") if (guid.get("isPermaLink") or "true").strip().lower() != "false"]
    return working_address(words(guids[0])) if guids else ""


def _deleted(node: "_Element", url: str, zone: tzinfo) -> Entry:
    """An entry that is taken back (RFC 6721)."""
    link = next((joined(url, one.get("href", "")) for one in find(node, "link")), "")
    guid = (node.get("ref") or "").strip()
    moment = _moment(node.get("when") or "", zone)
    return Entry(guid=guid, url=working_address(link) or working_address(guid), updated=moment, deleted=True)


def _drop(node: "_Element") -> None:
    parent = node.getparent()
    if parent is not None:
        before = node.getprevious()
        if node.tail and before is not None:
            before.tail = (before.tail or "") + node.tail
        elif node.tail:
            parent.text = (parent.text or "") + node.tail
        parent.remove(node)


# --- pictures


def _pictures(node: "_Element", url: str) -> tuple[Image, ...]:
    """The pictures that stand beside an entry's text: media:content, media:thumbnail where there is no other, enclosures."""
    base = joined(url, next((one.get(XML_BASE) or "" for one in (node, *node.iterancestors()) if one.get(XML_BASE)), ""))
    media = [one for one in node.iter() if isinstance(one.tag, str) and one.tag.startswith(f"{{{MEDIA}")]
    told = [one for one in media if local(one) == "content" and _is_picture(one.get("type"), one.get("medium"), one.get("url"))]
    thumbnails = [one for one in media if local(one) == "thumbnail"]
    found: dict[str, Image] = {}
    for one in told or sorted(thumbnails, key=lambda one: -pixels(one.get("width"))):
        image = _media(one, node, base)
        found.setdefault(image.url, image)
    for one in (*find(node, "enclosure"), *(link for link in find(node, "link") if link.get("rel") == "enclosure")):
        address = working_address(joined(base, (one.get("url") or one.get("href") or "").strip()))
        if _is_picture(one.get("type"), None, address):
            found.setdefault(address, Image(url=address))
    found.pop("", None)
    best = max((image.width for image in found.values()), default=0)
    same = len({(image.caption, image.credit) for image in found.values()}) == 1 and len(told) > 1 and bool(best)
    kept = [image for image in found.values() if not same or image.width == best]  # one picture in several sizes
    return tuple(kept[:MOST_PICTURES])


def _media(one: "_Element", node: "_Element", base: str) -> Image:
    """A picture with its words: its own, else those of its group or of the entry."""
    around = [one, *(up for up in one.iterancestors() if up is node or local(up) in ("group", "content"))]

    def said(*names: str) -> str:
        texts = (plain(words(it)) for up in around for it in up if local(it) in names and str(it.tag).startswith(f"{{{MEDIA}"))
        return next((text for text in texts if text), "")

    return Image(
        url=working_address(joined(base, (one.get("url") or "").strip())),
        alt=said("title") if said("description", "text") != said("title") else "",
        caption=said("description", "text"),
        credit=said("credit") or said("copyright"),
        width=pixels(one.get("width")),
        height=pixels(one.get("height")),
    )


def _is_picture(kind: str | None, medium: str | None, address: str | None) -> bool:
    if kind or medium:
        return (kind or "").lower().startswith("image/") or (medium or "").lower() == "image"
    return re.search(r"\.(?:jpe?g|png|gif|webp|avif)$", (address or "").partition("?")[0], re.IGNORECASE) is not None


# --- JSON Feed


def _json_feed(content: bytes, *, url: str, zone: tzinfo) -> Feed:
    try:
        table = json.loads(decode(content, place=url))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{url}: this feed is no JSON: {error}.", hint="Look at the address in a browser.") from error
    if not isinstance(table, dict) or not isinstance(table.get("items"), list) or "jsonfeed.org" not in str(table.get("version")):
        raise Unreadable(f"{url}: this JSON is no JSON Feed.", hint="A JSON Feed has a version of jsonfeed.org and items.")
    language = _language(str(table.get("language") or ""))
    authors = _json_authors(table)
    items = [item for item in table["items"] if isinstance(item, dict)]
    return Feed(
        title=_text(table, "title"),
        url=working_address(_raw(table, "home_page_url")),
        language=language,
        entries=tuple(_json_entry(item, url=url, zone=zone, language=language, authors=authors) for item in items),
    )


def _json_entry(item: Mapping[str, Any], *, url: str, zone: tzinfo, language: str, authors: str) -> Entry:
    html, text = _raw(item, "content_html"), _raw(item, "content_text")
    content = sanitised(html) if html.strip() else text if text.strip() else _raw(item, "summary")
    own = working_address(joined(url, _raw(item, "url").strip())) if _raw(item, "url") else ""
    guid = _raw(item, "id").strip()
    return Entry(
        guid=guid,
        url=own or working_address(guid),
        title=_text(item, "title"),
        content=content,
        summary=_text(item, "summary"),
        full=_is_full(content, given=bool(html.strip() or text.strip())),
        base=own or url,
        author=_json_authors(item) or authors,
        published=_moment(_raw(item, "date_published"), zone),
        updated=_moment(_raw(item, "date_modified"), zone),
        tags=each_once(*(plain(tag) for tag in _list(item, "tags") if isinstance(tag, str))),
        images=tuple(_json_pictures(item, url)),
        language=_language(_raw(item, "language")) or language,
    )


def _json_pictures(item: Mapping[str, Any], url: str) -> Iterator[Image]:
    attached = [one for one in _list(item, "attachments") if isinstance(one, dict) and _raw(one, "mime_type").startswith("image/")]
    told = [(_raw(item, "image"), ""), (_raw(item, "banner_image"), ""), *((_raw(one, "url"), _text(one, "title")) for one in attached)]
    found = {address: words for path, words in reversed(told) if path and (address := working_address(joined(url, path.strip())))}
    yield from (Image(url=address, caption=found[address]) for address in reversed(found))


def _json_authors(table: Mapping[str, Any]) -> str:
    told = _list(table, "authors") or [table.get("author")]
    return ", ".join(each_once(*(_text(one, "name") for one in told if isinstance(one, dict))))


def _list(table: Mapping[str, Any], name: str) -> list[Any]:
    value = table.get(name)
    return value[:200] if isinstance(value, list) else []


def _raw(table: Mapping[str, Any], name: str) -> str:
    """A text; a number as its digits, as version 1.0 wrote ids."""
    value = table.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _text(table: Mapping[str, Any], name: str) -> str:
    return plain(_raw(table, name))
