"""Part a file of XML or JSON into the stories in it: a feed, a message of a newswire, an export of a CMS."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from digest.edit.reading.feed import ROOTS, item_of, read_feed
from digest.edit.reading.item import Item, item_to_json
from digest.edit.reading.newsml import read_newsml_1, read_newsml_g2
from digest.edit.reading.ninjs import is_ninjs, read_ninjs
from digest.edit.reading.nitf import read_nitf
from digest.edit.reading.plain import decode
from digest.edit.reading.wxr import read_wxr
from digest.edit.reading.xmltree import anywhere, local, parse_xml
from digest.errors import Unreadable
from digest.model import Document, Failure

FORMATS = "RSS, Atom, NITF, NewsML and WordPress exports can be read, and JSON Feed and ninjs."


def part_items(document: Document, *, zone: tzinfo) -> tuple[Document | Failure, ...]:
    """One Document of kind "item" a story in a Document of kind "xml" or "json", and a Failure for each item that is none.

    Any other document is returned as it is. The place of the third of several items is the file's with "#3".
    """
    if document.kind not in ("xml", "json"):
        return (document,)
    try:
        found = list(_items(document, zone))
    except Unreadable as error:
        return (_failure(document, document.url, error),)
    if not found:
        return (_failure(document, document.url, Unreadable("there is no story in it.", hint=FORMATS)),)
    places = [document.url] if len(found) == 1 else [f"{document.url}#{number}" for number in range(1, len(found) + 1)]
    return tuple(_document(document, place, one) for place, one in zip(places, found, strict=True))


def _document(document: Document, place: str, found: Item | Unreadable) -> Document | Failure:
    if isinstance(found, Unreadable):
        return _failure(document, place, found)
    hints = {**document.hints, "place": str(found.place)} if found.place else document.hints
    return replace(document, url=place, kind="item", content=item_to_json(found), hints=hints)


def _failure(document: Document, place: str, error: Unreadable) -> Failure:
    reason = error.message.removeprefix(document.url).lstrip(":, ")
    return Failure(source=document.source, place=place, reason=reason, hint=error.hint)


def _items(document: Document, zone: tzinfo) -> Iterator[Item | Unreadable]:
    yield from _xml(document, zone) if document.kind == "xml" else _json(document, zone)


def _xml(document: Document, zone: tzinfo) -> Iterator[Item | Unreadable]:
    root, fault = parse_xml(document.content, place=document.url)
    name = local(root)
    is_feed = name in ROOTS and not anywhere(root, "wxr_version")
    if fault and not is_feed:  # of a feed what can be read is better than nothing; half a story is worse
        raise Unreadable(f"{document.url}: this XML is broken: {fault}.", hint="It may still be on its way; else ask for it again.")
    if name == "nitf":
        yield read_nitf(root)
    elif name in ("newsitem", "packageitem", "newsmessage", "conceptitem", "knowledgeitem", "planningitem", "cataloguitem"):
        yield from read_newsml_g2(root, place=document.url)
    elif name == "newsml":
        yield from read_newsml_1(root, place=document.url)
    elif name == "rss" and not is_feed:
        yield from read_wxr(root, place=document.url)
    elif is_feed:
        feed = read_feed(document.content, url=document.url, zone=zone)
        yield from (item_of(entry) for entry in feed.entries)
    elif name in ("urlset", "sitemapindex"):
        raise Unreadable(f"{document.url}: this is a sitemap: it lists pages and holds no story.", hint=FORMATS)
    else:
        raise Unreadable(f"{document.url}: this is no news format, its root is <{name}>.", hint=FORMATS)


def _json(document: Document, zone: tzinfo) -> Iterator[Item | Unreadable]:
    try:
        table = json.loads(decode(document.content, place=document.url))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{document.url}: this is no JSON: {error}.", hint="Copy the file again; it may be cut short.") from error
    if isinstance(table, dict) and "jsonfeed.org" in str(table.get("version")):
        feed = read_feed(document.content, url=document.url, zone=zone)
        yield from (item_of(entry) for entry in feed.entries)
        return
    listed = table.get("items") if isinstance(table, dict) else table
    rows: list[Any] = listed if isinstance(listed, list) else [table]
    for row in rows:
        if not isinstance(row, dict) or not is_ninjs(row):
            raise Unreadable(f"{document.url}: this JSON is neither ninjs nor a JSON Feed.", hint=FORMATS)
        try:
            yield read_ninjs(row, place=document.url)
        except Unreadable as error:
            yield error
