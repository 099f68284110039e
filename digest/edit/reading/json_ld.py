"""Read the JSON-LD of a page, however broken, and find the object that is its story."""

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from digest.edit.reading.plain import plain, plain_lines
from digest.edit.reading.textline import key

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = dict[str, Any]  # one JSON-LD object

ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Story)$")  # NewsArticle, ReportageNewsArticle, LiveBlogPosting, and their URLs
FIELD = re.compile(r'"(@type|headline|datePublished|description|url|keywords)"\s*:\s*"((?:[^"\\\n]|\\.){1,2000})"')
AUTHOR = re.compile(r'"author"\s*:\s*[\[\s]*\{[^{}]{0,300}?"name"\s*:\s*"([^"\\\n]{1,200})"')
TELLING = ("headline", "datePublished", "author", "articleBody", "keywords", "image", "publisher")
MOST_NODES = 20_000  # a page's JSON-LD is walked no further


def json_ld(tree: "HtmlElement") -> list[Node]:
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
    """Read the plain string fields of a block that is not JSON at all: one cut short, or with bare quotation marks elsewhere."""
    found: Node = {}
    text = text[:200_000]
    for name, value in FIELD.findall(text):
        try:
            found.setdefault(name, json.loads(f'"{value}"', strict=False))
        except ValueError:
            continue
    author = AUTHOR.search(text)
    return found | ({"author": author[1]} if author else {})


def _types(node: Node) -> Iterator[str]:
    kinds = node.get("@type")
    yield from (kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def story_node(nodes: list[Node], tree: "HtmlElement") -> Node:
    """The JSON-LD object of this page's story, not of a teaser: the one whose headline the page shows, else the fullest; {} for none."""
    articles = [node for node in nodes if any(ARTICLE.search(kind) for kind in _types(node))]
    shown = key(" ".join(element.text_content() for name in ("title", "h1") for element in islice(tree.iter(name), 5)))

    def fits(node: Node) -> tuple[bool, int]:
        headline = key(text_of(node.get("headline") or node.get("name")))
        return bool(headline) and headline in shown, sum(1 for field in TELLING if node.get(field))

    return max((node for node in articles if node.get("headline") or node.get("datePublished")), key=fits, default={})


def resolve(value: Any, nodes: list[Node]) -> Any:
    """Follow {"@id": ...} to the object that it names; of a list, each one."""
    return [_named_object(item, nodes) for item in value[:100]] if isinstance(value, list) else _named_object(value, nodes)


def _named_object(value: Any, nodes: list[Node]) -> Any:
    if not isinstance(value, dict) or "@id" not in value or value.keys() - {"@id", "@type"}:
        return value
    return next((node for node in nodes if node.get("@id") == value["@id"] and ("name" in node or "url" in node)), value)


def text_of(value: Any, deep: int = 4) -> str:
    """The words of a JSON-LD value, whatever its shape; of a list, the first that has any. `deep` bounds hostile nesting."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict) and deep:
        return text_of(value.get("name") or value.get("@value"), deep - 1)
    if isinstance(value, list) and deep:
        return next((text for item in value[:100] if (text := text_of(item, deep - 1))), "")
    return ""


def texts_of(value: Any) -> list[str]:
    """The words of each item of a JSON-LD value; an item without any is passed over."""
    if isinstance(value, dict) and isinstance(value.get("name"), list):
        value = value["name"]
    items = value[:200] if isinstance(value, list) else [value]
    return [text for item in items if (text := text_of(item))]


def body_of(article: Node) -> str:
    """The articleBody, one paragraph a line; "" when there is none."""
    body = article.get("articleBody")
    return "\n".join(text for line in plain_lines(body).split("\n") if (text := " ".join(line.split()))) if isinstance(body, str) else ""
