"""Read what a page says about itself, in JSON-LD, meta tags and OpenGraph, before anybody looks at its text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from digest.edit.reading.blocks import is_date
from digest.edit.reading.dates import read_date
from digest.edit.reading.identity import same_site, working_address
from digest.edit.reading.json_ld import Node, body_of, json_ld, resolve, story_node, text_of, texts_of
from digest.edit.reading.plain import plain
from digest.edit.reading.textline import squeeze
from digest.errors import BadDate
from digest.model import Image

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_TAGS = 40
LONGEST_TAG = 60  # characters; longer ones are sentences
OFFICE = re.compile(r"editor|report|writer|correspond|staff|desk|press", re.IGNORECASE)
TAG_LABEL = re.compile(r"^(?:[\w ]*\b)?(?:category|entity|entity tokens|tag|topic|section|keyword)s?:\s*", re.IGNORECASE)
NO_TAG = re.compile(r"^https?:|^[0-9a-f]{8}-[0-9a-f-]{20,}$|^(?:[a-z0-9-]+\.)+[a-z]{2,}$")  # addresses, machine ids, host names

IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/-])")
DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.created", "dc.date", "pubdate", "publishdate", "publish-date",
    "publication_date", "date",
)  # fmt: skip
AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "cxenseparse:author")
TAGS = ("news_keywords", "keywords", "parsely-tags", "article:tag", "sailthru.tags")
DEKS = ("og:description", "description", "twitter:description")
SITES = ("og:site_name", "application-name", "dc.publisher")
RIGHTS = ("copyright", "dcterms.rights", "dc.rights", "rights")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A page's own account of its story. Plain text throughout; an empty value is one that the page does not give."""

    url: str = ""  # canonical http(s) address
    base: str = ""  # what relative addresses on the page are relative to
    titles: tuple[tuple[str, str], ...] = ()  # (where it stood, text): "json-ld", "og", "twitter" or "title"
    dek: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""  # ISO 8601, as precise as the page gives it
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()  # the lead picture, of JSON-LD and OpenGraph
    language: str = ""  # ISO 639 code, lower case
    site: str = ""
    credit: str = ""
    body: str = ""  # JSON-LD articleBody; its line ends kept


def read_metadata(tree: "HtmlElement", *, url: str, saved_from: str = "") -> Metadata:
    """Collect what the page's head and JSON-LD say.

    `url` is where the page was found: an http(s) address or a file's path; `saved_from` the address that a browser noted on saving it.
    """
    nodes = json_ld(tree)
    meta = _meta(tree)
    article = story_node(nodes, tree)
    canonical = _canonical(tree, meta, article, url, saved_from)
    here = working_address(url) or canonical
    base = absolute(tree.xpath("string(//base/@href)"), here) or here
    return Metadata(
        url=canonical,
        base=base,
        titles=_titles(tree, meta, article),
        dek=plain(_first(meta, DEKS)) or text_of(article.get("description")),
        authors=_authors(tree, meta, article, nodes),
        published=_published(tree, meta, article, canonical),
        tags=_tags(tree, meta, article),
        images=_images(meta, article, nodes, base),
        language=_language(tree, meta, article),
        site=plain(_first(meta, SITES)) or text_of(resolve(article.get("publisher"), nodes)),
        credit=_credit(meta, article),
        body=body_of(article),
    )


# --- meta tags


def _meta(tree: "HtmlElement") -> dict[str, list[str]]:
    """Meta names, properties and itemprops in lower case, each with its values in the order of the page."""
    found: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        content = (tag.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := tag.get(attribute)):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: dict[str, list[str]], names: Iterable[str]) -> str:
    return next((value for name in names for value in meta.get(name, ())), "")


def _canonical(tree: "HtmlElement", meta: dict[str, list[str]], article: Node, url: str, saved_from: str) -> str:
    """The page's own address, believed only within the site that it was found at; of a saved file, wherever it says it is from."""
    page = article.get("mainEntityOfPage")
    stated = (
        *tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href")[:1],
        *meta.get("og:url", ())[:1],
        page.get("@id") if isinstance(page, dict) else page,
        article.get("url"),
        saved_from,
    )
    found = working_address(url)
    for address in (absolute(value, found or saved_from) for value in stated if isinstance(value, str)):
        # a canonical link to the front page is a template's mistake
        if address and (not found or (same_site(address, found) and (_path(address) or not _path(found)))):
            return working_address(address)
    return found


def _path(address: str) -> str:
    return urlsplit(address).path.strip("/")


def absolute(address: str, base: str) -> str:
    """An http(s) address, or "" for anything else: javascript:, data:, a relative path without a base to stand on."""
    address = "".join(address.split())
    try:
        address = urljoin(base, address) if address and working_address(base) else address
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname and not re.search(r"[\\<>\"\x00-\x1f]", address) else ""


def _titles(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> tuple[tuple[str, str], ...]:
    title = next((squeeze(element.text_content()) for element in tree.iter("title")), "")
    stated = (
        ("json-ld", text_of(article.get("headline"))),
        ("og", plain(_first(meta, ("og:title",)))),
        ("twitter", plain(_first(meta, ("twitter:title",)))),
        ("title", title),
    )
    return tuple((place, text) for place, text in stated if text)


def _language(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> str:
    stated = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "", text_of(article.get("inLanguage")))
    more = (_first(meta, ("og:locale",)), _first(meta, ("content-language", "dc.language", "language")))
    found = (re.match(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]+)?$", value.strip()) for value in (*stated, *more))
    return next((match[1].lower() for match in found if match), "")


def _credit(meta: dict[str, list[str]], article: Node) -> str:
    holder, year = text_of(article.get("copyrightHolder")), str(article.get("copyrightYear") or "")[:4]
    stated = text_of(article.get("copyrightNotice")) or plain(_first(meta, RIGHTS)) or text_of(article.get("creditText"))
    return stated or (f"© {year} {holder}" if holder and year.isdigit() else f"© {holder}" if holder else "")


# --- names, dates and topics


def _authors(tree: "HtmlElement", meta: dict[str, list[str]], article: Node, nodes: list[Node]) -> tuple[str, ...]:
    """The byline's names, from the first place that gives any."""
    for stated in _stated_authors(tree, meta, article, nodes):
        names = list(dict.fromkeys(name for value in stated for name in _names(value)))
        if names:
            return tuple(names[:12])
    return ()


def _stated_authors(tree: "HtmlElement", meta: dict[str, list[str]], article: Node, nodes: list[Node]) -> Iterator[list[str]]:
    yield texts_of(resolve(article.get("author"), nodes))
    yield texts_of(resolve(article.get("creator"), nodes))
    yield from (meta.get(name, []) for name in AUTHORS)
    yield _author_elements(tree)


def _author_elements(tree: "HtmlElement") -> list[str]:
    """What the page marks as its byline, if it is short enough for one."""
    classes = " or ".join(f"contains(concat(' ', @class, ' '), ' {name} ')" for name in ("byline", "author"))
    elements = tree.xpath(f"//*[@rel='author' or @itemprop='author' or {classes}]")
    return [text for element in elements[:3] if len(text := squeeze(element.text_content())) < 80][:1]


def _names(value: str) -> Iterator[str]:
    """The single names of a byline: `By Garrison Post staff and News Desk` holds two. A title after a comma is part of the name."""
    value = re.sub(r"^(?:written |posted |story )?by[:\s]+", "", plain(value), flags=re.IGNORECASE)
    for part in re.split(r"\s+(?:and|&)\s+|\s*[;|]\s*", value):
        pieces = [piece.strip(" ,") for piece in part.split(",")]
        listed = all(2 <= len(piece.split()) <= 4 and not OFFICE.search(piece) for piece in pieces)
        for name in pieces if listed else [part.strip(" ,")]:
            if name and len(name) < 80 and not re.search(r"https?:|www\.|@|^\d+$", name):
                yield name


def _published(tree: "HtmlElement", meta: dict[str, list[str]], article: Node, url: str) -> str:
    return next((date for value in _stated_dates(tree, meta, article, url) if (date := _iso(value))), "")


def _stated_dates(tree: "HtmlElement", meta: dict[str, list[str]], article: Node, url: str) -> Iterator[Any]:
    """From the surest to the least sure; a date of modification is none of them."""
    yield article.get("datePublished")
    yield from (value for name in DATES for value in meta.get(name, ()))
    yield article.get("dateCreated")
    yield from tree.xpath("//*[@itemprop='datePublished']/@datetime | //time[@pubdate]/@datetime")[:3]
    unchanged = "time[not(@itemprop='dateModified')][not(contains(@class, 'updated')) or contains(@class, 'published')]/@datetime"
    yield from tree.xpath(f"//article//{unchanged} | //header//{unchanged}")[:3]
    yield from tree.xpath(f"//{unchanged}")[:1]
    yield from (
        _printed(squeeze(element.text_content())) for element in tree.iter("time", "span", "div", "p", "li") if _shows_date(element)
    )
    yield from ("-".join(day.groups()) for day in [IN_ADDRESS.search(url)] if day)


def _shows_date(element: "HtmlElement") -> bool:
    return (element.tag == "time" or is_date(element)) and len(element) < 4


def _printed(text: str) -> str:
    """`Published Aug. 12, 2025, 9:30 p.m. ET` as ISO 8601: with a zone where the page prints one, without a time where it has none."""
    text = re.sub(r"^(?:(?:first )?published|posted|date)(?: on| at)?\b:?\s*", "", text, flags=re.IGNORECASE)
    try:
        here, there = (read_date(text, zone=zone) for zone in (UTC, timezone(timedelta(hours=1))))
    except BadDate:
        return ""
    if here == there:
        return here.isoformat()
    return here.replace(tzinfo=None).isoformat() if here.hour or here.minute else here.date().isoformat()


def _iso(value: Any) -> str:
    """The value if it is a date of ISO 8601 or of e-mail; "" for anything else and for a machine's zero dates."""
    text = text_of(value)
    try:
        date = datetime.fromisoformat(text) if re.match(r"\d{4}-?\d\d-?\d\d", text) else parsedate_to_datetime(text)
        return (text if text[:4].isdigit() else date.isoformat()) if date.year > 1970 else ""
    except (ValueError, TypeError, IndexError, OverflowError):
        day = re.match(r"\d{4}-\d\d-\d\d(?!\d)", text)
        return _iso(day[0]) if day and day[0] != text else ""


def _tags(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> tuple[str, ...]:
    """Topics, each once, whatever its capitals, from the first list an editor could have written.

    Lists of agency codes are passed over, and one of more than 15 gives way to a shorter one: machines write those.
    """
    lists: list[tuple[str, ...]] = []
    for values in _stated_tags(tree, meta, article):
        if tags := _cleaned_tags(values):
            lists.append(tags)
            if len(tags) <= 15:
                return tags
    return lists[0][:MOST_TAGS] if lists else ()


def _stated_tags(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> Iterator[list[str]]:
    yield texts_of(article.get("keywords"))
    yield from (meta.get(name, []) for name in TAGS)
    yield from (values for name, values in meta.items() if name not in TAGS and re.search(r"(?:^|[-_.:])(?:tags?|keywords)$", name))
    yield _topic_links(tree)


def _cleaned_tags(values: list[str]) -> tuple[str, ...]:
    split = [part for value in values for part in (re.split(r"\s*[,;|]\s*", plain(value)) if len(values) < 3 else [plain(value)])]
    named = [TAG_LABEL.sub("", part) for part in split]
    kept: dict[str, str] = {}
    for part in named:
        if 1 < len(part) <= LONGEST_TAG and not NO_TAG.search(part):
            kept.setdefault(part.casefold(), part)
    codes = sum(1 for part in kept.values() if re.fullmatch(r"[A-Z]{2,}[A-Z0-9:-]*", part))
    return () if codes > 4 and codes * 2 > len(kept) else tuple(kept.values())


def _topic_links(tree: "HtmlElement") -> list[str]:
    """What the links to topic pages say, unless they are the site's own navigation."""
    links = "//a[contains(@href,'/topics/') or contains(@href,'/topic/') or contains(@href,'/tags/') or contains(@href,'/tag/')]"
    return [
        squeeze(a.text_content())
        for a in tree.xpath(f"{links}[ancestor::article or ancestor::main][not(ancestor::nav or ancestor::aside)]")[:12]
    ]


# --- pictures


def _images(meta: dict[str, list[str]], article: Node, nodes: list[Node], base: str) -> tuple[Image, ...]:
    """The pictures that the head names: OpenGraph's first, then JSON-LD's with its words for them."""
    found: dict[str, Image] = {}
    if address := absolute(_first(meta, ("og:image:secure_url", "og:image", "og:image:url", "twitter:image")), base):
        alt = plain(_first(meta, ("og:image:alt", "twitter:image:alt")))
        width, height = (pixels(_first(meta, (f"og:image:{side}",))) for side in ("width", "height"))
        found[address] = Image(url=address, alt=alt, width=width, height=height)
    stated = resolve(article.get("image"), nodes)
    for item in (stated if isinstance(stated, list) else [stated])[:10]:
        node = item if isinstance(item, dict) else {"url": item}
        link = next((value for name in ("url", "contentUrl") if isinstance(value := node.get(name), str)), "")
        if (address := absolute(link, base)) and address not in found:
            found[address] = Image(
                url=address,
                alt=text_of(node.get("alternateName")),
                caption=text_of(node.get("caption")),
                credit=text_of(node.get("creditText")) or text_of(node.get("creator")) or text_of(node.get("copyrightNotice")),
                width=pixels(node.get("width")),
                height=pixels(node.get("height")),
            )
    return tuple(found.values())


def pixels(value: Any) -> int:
    """A size from an attribute or a JSON-LD value: 640, "640", "640px", {"value": 640}; 0 for anything else."""
    match = re.match(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$", str(value.get("value") if isinstance(value, dict) else value))
    return int(match[1]) if match else 0
