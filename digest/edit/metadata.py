"""Read what a page says about itself, in JSON-LD, meta tags and OpenGraph, before anybody looks at its text."""

import html
import json
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from digest.edit.identity import same_site, working_address
from digest.model import Image

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = dict[str, Any]  # one JSON-LD object

ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Story)$")  # NewsArticle, ReportageNewsArticle, LiveBlogPosting, schema.org URLs of them
MOST_NODES = 20_000  # a page's JSON-LD is walked no further
MOST_TAGS = 40
LONGEST_TAG = 60  # characters; longer ones are sentences
TAG_LABEL = re.compile(r"^(?:[\w ]*\b)?(?:category|entity|entity tokens|tag|topic|section|keyword)s?:\s*", re.IGNORECASE)
NO_TAG = re.compile(r"^https?:|^[0-9a-f]{8}-[0-9a-f-]{20,}$|^(?:[a-z0-9-]+\.)+[a-z]{2,}$")  # addresses, machine ids, host names

DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "cxenseparse:recs:publishtime",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "pubdate", "publishdate", "publish-date", "publication_date", "date",
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
    nodes = _json_ld(tree)
    meta = _meta(tree)
    article = _story_node(nodes, tree)
    canonical = _canonical(tree, meta, article, url, saved_from)
    here = working_address(url) or canonical
    base = absolute(tree.xpath("string(//base/@href)"), here) or here
    return Metadata(
        url=canonical,
        base=base,
        titles=_titles(tree, meta, article),
        dek=plain(_first(meta, DEKS)) or _text(article.get("description")),
        authors=_authors(tree, meta, article, nodes),
        published=_published(tree, meta, article),
        tags=_tags(tree, meta, article),
        images=_images(meta, article, nodes, base),
        language=_language(tree, meta, article),
        site=plain(_first(meta, SITES)) or _text(_resolve(article.get("publisher"), nodes)),
        credit=_credit(meta, article),
        body=_body(article),
    )


def plain(text: str) -> str:
    """One line of plain text: entities read, tags and control characters dropped, white space squeezed, NFC."""
    text = html.unescape(html.unescape(text)) if "&" in text else text
    text = re.sub(r"</?[A-Za-z!][^<>]*>", " ", text) if "<" in text else text
    return squeeze(text)


def squeeze(text: str) -> str:
    """One line without control characters, zero-width spaces, soft hyphens or runs of white space, in NFC."""
    text = re.sub(r"[\u00ad\u200b\u2060\ufeff\ufffe\uffff]", "", text)
    text = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


# --- JSON-LD


def _json_ld(tree: "HtmlElement") -> list[Node]:
    """Every object of every JSON-LD block, outermost first; what cannot be mended is passed over."""
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            queue: deque[Any] = deque([_parse_json(script.text or "")])
            while queue and len(nodes) < MOST_NODES:
                value = queue.popleft()
                if isinstance(value, dict):
                    nodes.append(value)
                    queue.extend(child for child in value.values() if isinstance(child, dict | list))
                elif isinstance(value, list):
                    queue.extend(child for child in value[:1000] if isinstance(child, dict | list))
    return nodes


def _parse_json(text: str) -> Any:
    """Broken blocks are common: comments and CDATA around them, raw line ends inside, a comma too many, entities for quotation marks."""
    text = re.sub(r"^\s*(?://)?\s*(?:<!\[CDATA\[|<!--)|(?://)?\s*(?:\]\]>|-->)\s*$", "", text).strip().rstrip(";")
    mended: tuple[Callable[[str], str], ...] = (str, lambda it: re.sub(r",(?=\s*[}\]])", "", it), html.unescape)
    for mend in mended:
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvage(text)


def _salvage(text: str) -> Node:
    """Read the plain string fields of a block that is not JSON at all (cut short, unescaped quotation marks elsewhere)."""
    found: Node = {}
    for key, value in re.findall(r'"(@type|headline|datePublished|description|url|keywords)"\s*:\s*"((?:[^"\\\n]|\\.){1,2000})"', text[:200_000]):
        try:
            found.setdefault(key, json.loads(f'"{value}"', strict=False))
        except ValueError:
            continue
    author = re.search(r'"author"\s*:\s*[\[\s]*\{[^{}]{0,300}?"name"\s*:\s*"([^"\\\n]{1,200})"', text[:200_000])
    return found | ({"author": author[1]} if author else {})


def _types(node: Node) -> Iterator[str]:
    kinds = node.get("@type")
    yield from (kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def _story_node(nodes: list[Node], tree: "HtmlElement") -> Node:
    """The JSON-LD object of this page's story, not of a teaser: the one whose headline the page shows, else the fullest."""
    articles = [node for node in nodes if any(ARTICLE.search(kind) for kind in _types(node)) and (node.get("headline") or node.get("datePublished"))]
    if not articles:
        return {}
    shown = key(" ".join(tree.xpath("//title/text() | //h1//text()")[:50]))

    def fits(node: Node) -> tuple[bool, int]:
        headline = key(_text(node.get("headline") or node.get("name")))
        fields = ("headline", "datePublished", "author", "articleBody", "keywords", "image", "publisher")
        return bool(headline) and headline in shown, sum(1 for field in fields if node.get(field))

    return max(articles, key=fits)


def _resolve(value: Any, nodes: list[Node]) -> Any:
    """Follow {"@id": ...} to the object that it names."""
    if isinstance(value, list):
        return [_resolve(item, nodes) for item in value[:100]]
    if isinstance(value, dict) and "@id" in value and not (value.keys() - {"@id", "@type"}):
        named = (node for node in nodes if node.get("@id") == value["@id"] and len(node) > 1 and node is not value)
        return next((node for node in named if "name" in node or "url" in node), value)
    return value


def _text(value: Any) -> str:
    """The words of a JSON-LD value, whatever its shape."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value"))
    if isinstance(value, list):
        return next((text for item in value if (text := _text(item))), "")
    return ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("termCode")
    items = value if isinstance(value, list) else [value]
    return [text for item in items[:200] for text in (_texts(item) if isinstance(item, dict) else [_text(item)]) if text]


def _body(article: Node) -> str:
    body = article.get("articleBody")
    lines = re.split(r"<(?:/p|br ?/?)>|\n", body) if isinstance(body, str) else []
    return "\n".join(text for line in lines if (text := plain(line)))


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
        ("json-ld", _text(article.get("headline"))),
        ("og", plain(_first(meta, ("og:title",)))),
        ("twitter", plain(_first(meta, ("twitter:title",)))),
        ("title", title),
    )
    return tuple((place, text) for place, text in stated if text)


def _language(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> str:
    stated = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "", _text(article.get("inLanguage")))
    more = (_first(meta, ("og:locale",)), _first(meta, ("content-language", "dc.language", "language")))
    found = (re.match(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]+)?$", value.strip()) for value in (*stated, *more))
    return next((match[1].lower() for match in found if match), "")


def _credit(meta: dict[str, list[str]], article: Node) -> str:
    holder, year = _text(article.get("copyrightHolder")), str(article.get("copyrightYear") or "")[:4]
    stated = _text(article.get("copyrightNotice")) or plain(_first(meta, RIGHTS)) or _text(article.get("creditText"))
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
    yield _texts(_resolve(article.get("author"), nodes))
    yield _texts(_resolve(article.get("creator"), nodes))
    yield from (meta.get(name, []) for name in AUTHORS)
    yield _author_elements(tree)


def _author_elements(tree: "HtmlElement") -> list[str]:
    marked = "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' byline ') or contains(concat(' ', @class, ' '), ' author ')]"
    return [text for element in tree.xpath(marked)[:3] if len(text := squeeze(element.text_content())) < 80][:1]


def _names(value: str) -> Iterator[str]:
    """The single names of a byline: `By Garrison Post staff and News Desk` holds two. A title after a comma is no name."""
    value = re.sub(r"^(?:written |posted |story )?by[:\s]+", "", plain(value), flags=re.IGNORECASE)
    for part in re.split(r"\s+(?:and|&)\s+|\s*[;|]\s*", value):
        pieces = [piece.strip(" ,") for piece in part.split(",")]
        listed = len(pieces) > 1 and all(2 <= len(piece.split()) <= 4 and not re.search(r"(?i)editor|report|writer|correspond|staff|desk|press", piece) for piece in pieces)
        for name in pieces if listed else [part.strip(" ,")]:
            if name and len(name) < 80 and not re.search(r"https?:|www\.|@|^\d+$", name):
                yield name


def _published(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> str:
    return next((date for value in _stated_dates(tree, meta, article) if (date := _iso(value))), "")


def _stated_dates(tree: "HtmlElement", meta: dict[str, list[str]], article: Node) -> Iterator[Any]:
    """From the surest to the least sure; a date of modification is none of them."""
    yield article.get("datePublished")
    yield from (value for name in DATES for value in meta.get(name, ()))
    yield article.get("dateCreated")
    yield from tree.xpath("//*[@itemprop='datePublished']/@datetime | //time[@pubdate]/@datetime")[:3]
    yield from tree.xpath("//article//time/@datetime | //header//time/@datetime")[:3]
    yield from tree.xpath("//time/@datetime")[:1]


def _iso(value: Any) -> str:
    """The value if it is a date of ISO 8601 or of e-mail; "" for anything else and for a machine's zero dates."""
    text = _text(value)
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
    yield _texts(article.get("keywords"))
    yield from (meta.get(name, []) for name in TAGS)
    yield from (values for name, values in meta.items() if name not in TAGS and re.search(r"(?:^|[-_.:])(?:tags?|keywords)$", name))
    yield _topic_links(tree)


def _cleaned_tags(values: list[str]) -> tuple[str, ...]:
    split = [part for value in values for part in (re.split(r"\s*[,;|]\s*", plain(value)) if len(values) < 3 else [plain(value)])]
    named = [TAG_LABEL.sub("", part) for part in split]
    kept = {part.casefold(): part for part in reversed(named) if 1 < len(part) <= LONGEST_TAG and not NO_TAG.search(part)}
    codes = sum(1 for part in kept.values() if re.fullmatch(r"[A-Z]{2,}[A-Z0-9:-]*", part))
    return () if codes > 4 and codes * 2 > len(kept) else tuple(reversed(kept.values()))


def _topic_links(tree: "HtmlElement") -> list[str]:
    """What the links to topic pages say, unless they are the site's own navigation."""
    links = "//a[contains(@href,'/topics/') or contains(@href,'/topic/') or contains(@href,'/tags/') or contains(@href,'/tag/')]"
    return [squeeze(a.text_content()) for a in tree.xpath(f"{links}[ancestor::article or ancestor::main][not(ancestor::nav or ancestor::aside)]")[:12]]


# --- pictures


def _images(meta: dict[str, list[str]], article: Node, nodes: list[Node], base: str) -> tuple[Image, ...]:
    """The pictures that the head names: OpenGraph's first, with JSON-LD's words for it."""
    found: dict[str, Image] = {}
    address = absolute(_first(meta, ("og:image:secure_url", "og:image", "og:image:url", "twitter:image")), base)
    if address:
        sizes = {side: pixels(_first(meta, (f"og:image:{side}",))) for side in ("width", "height")}
        found[address] = Image(url=address, alt=plain(_first(meta, ("og:image:alt", "twitter:image:alt"))), **sizes)
    stated = _resolve(article.get("image"), nodes)
    for item in (stated if isinstance(stated, list) else [stated])[:10]:
        node = item if isinstance(item, dict) else {"url": item}
        address = absolute(str(node.get("url") or node.get("contentUrl") or ""), base)
        if address and address not in found:
            found[address] = Image(
                url=address,
                alt=_text(node.get("alternateName")),
                caption=_text(node.get("caption")),
                credit=_text(node.get("creditText")) or _text(node.get("creator")) or _text(node.get("copyrightNotice")),
                width=pixels(node.get("width")),
                height=pixels(node.get("height")),
            )
    return tuple(found.values())


def pixels(value: Any) -> int:
    match = re.match(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$", str(value.get("value") if isinstance(value, dict) else value))
    return int(match[1]) if match else 0


def key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
