"""A sitemap is read as what it is, packed or plain, and nothing else is taken for one."""

import gzip
import io
import tracemalloc
from datetime import UTC, datetime

import pytest

from digest.edit.reading.sitemap import Listed, read_sitemap
from digest.errors import Unreadable

URL = "https://garrisonpost.example/sitemap.xml"
PLAIN = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> https://garrisonpost.example/ferry </loc><lastmod>2025-08-12T09:30:00-04:00</lastmod></url>
<url><loc>/pier</loc></url><url><loc>javascript:alert(1)</loc></url><url><loc>/pier</loc></url></urlset>"""
NEWS = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://garrisonpost.example/bell</loc><news:news><news:publication><news:name>The Garrison Post</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2025-08-12</news:publication_date>
<news:title>Museum returns a bell &amp; a drum</news:title><news:keywords>museum, bells ,museum</news:keywords></news:news></url></urlset>"""
INDEX = b"<sitemapindex><sitemap><loc>/news.xml.gz</loc><lastmod>03/04/2025</lastmod></sitemap></sitemapindex>"


def test_the_pages_of_a_sitemap_are_listed_once_each_with_their_dates():
    pages = read_sitemap(PLAIN, url=URL).pages

    assert pages == (
        Listed(url="https://garrisonpost.example/ferry", changed=datetime(2025, 8, 12, 13, 30, tzinfo=UTC)),
        Listed(url="https://garrisonpost.example/pier"),
    )


def test_what_google_news_wants_is_kept():
    (page,) = read_sitemap(NEWS, url=URL).pages

    assert (page.title, page.tags, page.source) == ("Museum returns a bell & a drum", ("museum", "bells"), "The Garrison Post")
    assert page.published == datetime(2025, 8, 12, tzinfo=UTC)


def test_an_index_names_further_sitemaps_and_a_date_of_two_meanings_is_left_out():
    assert read_sitemap(INDEX, url=URL).sitemaps == (Listed(url="https://garrisonpost.example/news.xml.gz"),)


def test_a_packed_sitemap_is_unpacked_but_never_a_bomb():
    assert read_sitemap(gzip.compress(PLAIN), url=URL) == read_sitemap(PLAIN, url=URL)
    with pytest.raises(Unreadable, match="more than 10 MB"):
        read_sitemap(gzip.compress(b" " * 20_000_000), url=URL)
    with pytest.raises(Unreadable, match="no sound gzip"):
        read_sitemap(gzip.compress(PLAIN)[:60], url=URL)


def test_a_list_of_addresses_is_a_sitemap_too():
    pages = read_sitemap(b"https://garrisonpost.example/a\nhttps://garrisonpost.example/b\n", url=URL).pages

    assert [page.url for page in pages] == ["https://garrisonpost.example/a", "https://garrisonpost.example/b"]


@pytest.mark.parametrize("content", [b"<html><body>Gone</body></html>", b"<rss/>", b"Not found", b"", b"<"])
def test_what_is_no_sitemap_is_refused(content):
    with pytest.raises(Unreadable, match=URL):
        read_sitemap(content, url=URL)


def test_a_packed_bomb_is_not_unpacked_to_its_end():
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as bomb:
        for _ in range(100):
            bomb.write(bytes(1_000_000))

    tracemalloc.start()
    with pytest.raises(Unreadable, match="more than 10 MB"):
        read_sitemap(packed.getvalue(), url=URL)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 40_000_000
