"""Builders of what a newsroom's site serves: feeds, pages and sitemaps, about small matters that have nothing in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from digest.newsroom import Newsroom, open_newsroom
from tests.gather.site import Site, Tagged
from tests.make import A_TUESDAY, MATTERS

ROOM = """
[newsroom]
publisher = "The Garrison Post"
zone = "UTC"

[web]
allow = ["127.0.0.0/8"]
ports = [{port}]
pause = 0

{sources}

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
minimum_stories = 1
"""


@dataclass(frozen=True)
class Told:
    """A story as a feed tells it. `link` and `guid`: None = as usual, "" = none."""

    number: int
    headline: str = ""
    text: str = ""
    link: str | None = None
    guid: str | None = None
    date: datetime | None = A_TUESDAY
    more: str = ""  # further XML

    @property
    def title(self) -> str:
        return self.headline or f"{MATTERS[self.number % len(MATTERS)][0]}, number {self.number}"

    @property
    def body(self) -> str:
        return self.text or f"{MATTERS[self.number % len(MATTERS)][1]} It was case {self.number} of its kind this year."


def a_feed(site: Site, *told: Told, full: bool = True) -> bytes:
    """An RSS feed. `full`: with the whole text, else with a teaser."""
    return f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:media="http://search.yahoo.com/mrss/" xmlns:at="http://purl.org/atompub/tombstones/1.0"><channel><title>Post</title>
    <link>{site.url("/")}</link>{"".join(_item(site, one, full) for one in told)}</channel></rss>""".encode()


def _item(site: Site, one: Told, full: bool) -> str:
    link = site.url(f"/s/{one.number}") if one.link is None else one.link
    guid = f"post-{one.number}" if one.guid is None else one.guid
    text = f"<content:encoded>{escape(f'<p>{one.body}</p>' * 3)}</content:encoded>" if full else ""
    date = f"<pubDate>{format_datetime(one.date + timedelta(minutes=one.number))}</pubDate>" if one.date else ""
    given = f"<guid isPermaLink='false'>{escape(guid)}</guid>" if guid else ""
    to = f"<link>{escape(link)}</link>" if link else ""
    teaser = f"<description>{escape(one.title)} - more within.</description>"
    return f"<item><title>{escape(one.title)}</title>{to}{given}{date}{teaser}{text}{one.more}</item>"


def a_page(one: Told, *, canonical: str = "", head: str = "") -> bytes:
    """A story's page, with some furniture around it."""
    declared = f"<link rel=canonical href={quoteattr(canonical)}>" if canonical else ""
    date = f'<meta property="article:published_time" content="{one.date.isoformat()}">' if one.date else ""
    paragraphs = "".join(f"<p>{escape(one.body)} Paragraph {number}.</p>" for number in range(1, 5))
    return f"""<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(one.title)}</title>{declared}{date}{head}</head><body>
    <nav><a href=/>Home</a></nav><main><article><h1>{escape(one.title)}</h1>{paragraphs}</article></main><footer>Subscribe</footer></body></html>
    """.encode()


def a_sitemap(site: Site, *told: Told, news: bool = True, index: Sequence[str] = ()) -> bytes:
    """A Google News sitemap, a plain one, or an index of sitemaps."""
    if index:
        inner = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in index)
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'.encode()
    urls = "".join(_listed(site, one, news) for one in told)
    return (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    ).encode()


def _listed(site: Site, one: Told, news: bool) -> str:
    date = one.date.isoformat() if one.date else ""
    said = f"<news:news><news:publication_date>{date}</news:publication_date><news:title>{escape(one.title)}</news:title></news:news>"
    changed = f"<lastmod>{date}</lastmod>" if date and not news else ""
    return f"<url><loc>{site.url(f'/s/{one.number}')}</loc>{said if news and date else changed}</url>"


def source(name: str = "Post", **keys: str | bool | int | list[str]) -> str:
    """A [[source]] table."""
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in keys.items()]
    return "\n".join(["[[source]]", f"name = {name!r}", *lines])


def a_room(folder: Path, site: Site, *sources: str) -> Newsroom:
    """A newsroom that may read this site, without pauses."""
    folder.mkdir(parents=True, exist_ok=True)
    text = ROOM.format(port=site.port, sources="\n\n".join(sources or [source(feed=site.url("/feed"))]))
    (folder / "digest.toml").write_text(text.replace("'", '"'), encoding="utf-8")
    return open_newsroom(folder)


def serve(site: Site, path: str, content: bytes, *, etag: str = "", content_type: str = "") -> None:
    """Put a document on the site, with an ETag that changes with it."""
    site.pages[path] = Tagged(content, etag or f'"{hash(content)}"', content_type)
