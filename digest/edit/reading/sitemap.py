"""Read a sitemap: the pages that a site lists, what it says of its news, and the further sitemaps that an index names."""

import gzip
import io
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from digest.edit.reading.dates import read_date
from digest.edit.reading.identity import joined, working_address
from digest.edit.reading.item import each_once
from digest.edit.reading.xmltree import find, first, local, parse_xml
from digest.errors import BadDate, Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 10_000_000  # bytes, unpacked
MOST_PAGES = 50_000  # by the sitemap protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page that a sitemap lists. Dates are UTC."""

    url: str
    changed: datetime | None = None
    published: datetime | None = None  # of Google News
    title: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap as it was read."""

    pages: tuple[Listed, ...] = ()
    sitemaps: tuple[Listed, ...] = ()  # that an index names


def read_sitemap(content: bytes, *, url: str, zone: tzinfo = UTC) -> Sitemap:
    """Read a sitemap found at `url`, packed or plain, or a list of addresses, one a line. Raises Unreadable for anything else."""
    content = _unpacked(content, url)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = content.decode("utf-8-sig", "replace").split()
        pages = [address for line in lines[:MOST_PAGES] if (address := working_address(line))]
        if not pages or len(pages) < min(len(lines), MOST_PAGES):
            raise Unreadable(f"{url}: this is no sitemap.", hint="A sitemap is XML, or a list of addresses, one a line.")
        return Sitemap(pages=tuple(Listed(url=address) for address in dict.fromkeys(pages)))
    root = parse_xml(content, place=url).root
    if local(root) not in ("urlset", "sitemapindex"):
        kind = "a web page" if local(root) == "html" else f"<{local(root)}>"
        raise Unreadable(f"{url}: this is {kind}, no sitemap.", hint="Look at the address in a browser.")
    named = "url" if local(root) == "urlset" else "sitemap"
    found: dict[str, Listed] = {}
    for node in find(root, named)[:MOST_PAGES]:
        address = working_address(joined(url, first(node, "loc")))
        if address:
            found.setdefault(address, _listed(node, address, zone))
    return Sitemap(pages=tuple(found.values())) if named == "url" else Sitemap(sitemaps=tuple(found.values()))


def _listed(node: "_Element", address: str, zone: tzinfo) -> Listed:
    return Listed(
        url=address,
        changed=_moment(first(node, "lastmod"), zone),
        published=_moment(first(node, "news", "publication_date"), zone),
        title=first(node, "news", "title"),
        tags=each_once(*(" ".join(tag.split()) for tag in first(node, "news", "keywords").split(","))),
        language=first(node, "news", "publication", "language"),
        source=first(node, "news", "publication", "name"),
    )


def _moment(written: str, zone: tzinfo) -> datetime | None:
    try:
        return read_date(written, zone=zone) if written else None
    except BadDate:
        return None


def _unpacked(content: bytes, url: str) -> bytes:
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable(f"{url}: this is no sound gzip file: {error}.", hint="Ask for it again.") from error
    if len(content) > LARGEST:
        raise Unreadable(f"{url}: this sitemap has more than {LARGEST // 10**6} MB.", hint="Name the parts of it that hold news.")
    return content
