"""A feed is read as it was sent, however odd, and nothing in it is unfolded, run or taken on trust."""

import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.read import read
from digest.edit.reading.feed import Entry, Feed, item_of, read_feed
from digest.edit.reading.fragment import read_fragment
from digest.edit.reading.items import part_items
from digest.errors import Unreadable
from digest.model import Document
from tests.make import A_TUESDAY

URL = "https://feeds.harborledger.example/all.xml"
NEW_YORK = ZoneInfo("America/New_York")
SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
COUNTED = '<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">https://harborledger.example/pier</f:origLink>'
LONG = "".join(f"<p>Pier {number} reopened on Tuesday, the harbor office said.</p>" for number in range(30))
NOON = datetime(2025, 8, 12, 16, tzinfo=UTC)


def rss(*items: str, declaration: str = "") -> str:
    told = "".join(f"<item>{item}</item>" for item in items)
    return f'{declaration}<rss version="2.0" {SPACES}><channel><title>Harbor Ledger</title>{told}</channel></rss>'


def atom(*entries: str, attributes: str = "") -> str:
    told = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Harbor Ledger</title>{told}</feed>'


def feed(content: str | bytes, **known) -> Feed:
    return read_feed(content.encode() if isinstance(content, str) else content, **{"url": URL, "zone": NEW_YORK} | known)


def entry(content: str | bytes, **known) -> Entry:
    (found,) = feed(content, **known).entries
    return found


def titled(title: str, **known) -> str:
    return entry(rss(f"<title>{title}</title>"), **known).title


# --- encodings


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (rss("<title>Café “Quay”</title>", declaration='<?xml version="1.0" encoding="ISO-8859-1"?>').encode(), ""),
        (rss("<title>Café “Quay”</title>").encode("utf-8-sig"), ""),
        (rss("<title>Café “Quay”</title>").encode("utf-16"), ""),
        (rss("<title>Café “Quay”</title>", declaration='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("cp1252"), ""),
        (rss("<title>Café “Quay”</title>").encode("cp1252"), ""),
        (rss("<title>Café “Quay”</title>").encode("cp1252"), "application/rss+xml; charset=utf-8"),
        (rss("<title>Café “Quay”</title>").encode("mac-roman"), "text/xml; charset=macintosh"),
        (
            rss("<title>Café “Quay”</title>", declaration='<?xml version="1.0" encoding="zlib"?>').encode("cp1252"),
            "text/xml; charset=x-none",
        ),
    ],
)
def test_a_wrong_or_missing_encoding_is_seen_through(content, content_type):
    assert entry(content, content_type=content_type).title == "Café “Quay”"


# --- texts


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Pier &amp; quay", "Pier & quay"),
        ("Pier &amp;amp; quay", "Pier & quay"),
        ("&lt;b&gt;Pier&lt;/b&gt; reopens", "Pier reopens"),
        ("<![CDATA[<i>Pier</i> reopens]]>", "Pier reopens"),
        ("&amp;lt;b&amp;gt;Pier&amp;lt;/b&amp;gt;", "Pier"),
        ("Caf&eacute;&nbsp;&mdash; &unknown; &", "Café — &unknown; &"),
        ("4 &lt; 5 in <![CDATA[A&B]]>", "4 < 5 in A&B"),
    ],
)
def test_a_title_is_plain_text_whatever_was_escaped(title, read):
    assert titled(title) == read


def test_content_is_sanitised_and_wins_over_the_summary():
    told = entry(
        rss(
            "<description>A teaser.</description>"
            "<content:encoded><![CDATA[<p onclick='x()'>The pier <script>x()</script>reopened.</p><iframe src='//x'></iframe>"
            "<p>Boats return in <a href='javascript:x()'>October</a>.</p>]]></content:encoded>"
        )
    )

    assert "script" not in told.content and "onclick" not in told.content and "iframe" not in told.content
    assert item_of(told).paragraphs == ("The pier reopened.", "Boats return in October.")
    assert (told.summary, told.full) == ("A teaser.", True)


def test_content_that_was_escaped_twice_is_read():
    assert item_of(entry(rss("<description>&amp;lt;p&amp;gt;The pier reopened.&amp;lt;/p&amp;gt;</description>"))).paragraphs == (
        "The pier reopened.",
    )


@pytest.mark.parametrize(
    ("description", "full"),
    [
        ("The pier reopened.", False),
        (f"<![CDATA[{LONG}]]>", True),
        (f"<![CDATA[{LONG}<p>Read more…</p>]]>", False),
    ],
)
def test_a_teaser_is_told_from_a_whole_story(description, full):
    assert entry(rss(f"<description>{description}</description>")).full is full


def test_content_that_only_repeats_the_teaser_is_no_whole_story():
    teaser = "The pier reopened on Tuesday after a year."
    told = f"<description>{teaser}</description><content:encoded>{teaser} (Harbor)</content:encoded>"

    assert not entry(rss(told)).full


@pytest.mark.parametrize("tags", ["<div>", "<ul><li>", "<div></ul>", "<div><!-- </div> -->"])
def test_a_text_in_a_hundred_thousand_boxes_is_read_in_time(tags):
    began = time.process_time()

    found = entry(rss(f"<description><![CDATA[<p>The pier opened.</p>{tags * (200_000 // len(tags))}]]></description>"))

    assert "The pier opened." in found.content
    assert time.process_time() - began < 3


# --- addresses


@pytest.mark.parametrize(
    ("content", "url"),
    [
        (rss("<link>/pier?utm_source=rss</link>"), "https://feeds.harborledger.example/pier"),
        (rss("<guid>https://harborledger.example/pier</guid>"), "https://harborledger.example/pier"),
        (rss('<guid isPermaLink="false">https://harborledger.example/?p=7</guid>'), ""),
        (rss("<link>javascript:alert(1)</link>"), ""),
        (rss("<link>http://[harbor/pier</link>"), ""),
        (rss("<title>Pier</title>"), ""),
        (rss(f"<link>https://counter.example/~r/7</link>{COUNTED}"), "https://harborledger.example/pier"),
        (atom('<link href="pier"/>', attributes='xml:base="https://harborledger.example/news/"'), "https://harborledger.example/news/pier"),
        (atom('<link rel="enclosure" href="/a.mp3"/><link href="/pier"/>'), "https://feeds.harborledger.example/pier"),
    ],
)
def test_the_address_of_an_entry_is_absolute_and_of_the_web(content, url):
    assert entry(content).url == url


def test_relative_pictures_stand_below_xml_base_else_below_the_story():
    picture = '<content type="html">&lt;p&gt;The pier.&lt;/p&gt;&lt;figure&gt;&lt;img src="/p.jpg" alt="x"&gt;&lt;/figure&gt;</content>'
    based = atom(f'<link href="https://harborledger.example/a"/>{picture}', attributes='xml:base="https://cdn.example/"')
    plain = atom(f'<link href="https://harborledger.example/a"/>{picture}')

    assert [item_of(entry(content)).images[0].url for content in (based, plain)] == [
        "https://cdn.example/p.jpg",
        "https://harborledger.example/p.jpg",
    ]


def test_an_entry_without_a_guid_has_none():
    assert entry(rss("<title>Pier</title><link>https://harborledger.example/a</link>")).guid == ""


# --- dates


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Tue, 12 Aug 2025 12:00:00 -0400", NOON),
        ("Tue, 12 Aug 2025 12:00:00 EDT", NOON),
        ("Tue, 12 Aug 25 16:00:00 GMT", NOON),
        ("12 Aug 2025 16:00 UT", NOON),
        ("2025-08-12T16:00:00Z", NOON),
        ("2025-08-12 12:00", NOON),  # in the zone of the source
        ("August 12, 2025 12:00 PM", NOON),
        ("04/03/2025 12:00", None),  # two days are meant
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_read_in_any_style_or_left_out(date, moment):
    assert entry(rss(f"<pubDate>{date}</pubDate>")).published == moment


def test_atom_tells_published_from_updated():
    told = entry(atom("<published>2025-08-12T16:00:00Z</published><updated>2025-08-13T16:00:00Z</updated>"))

    assert (told.published, told.updated and told.updated.day) == (NOON, 13)
    assert entry(atom("<updated>2025-08-12T16:00:00Z</updated>")).published is None


# --- who, what and pictures


def test_authors_and_tags_are_kept_and_a_mailbox_is_no_name():
    told = entry(rss("<dc:creator>Harbor Ledger staff</dc:creator><category>Harbor</category><category>Works &amp; ways</category>"))
    mailbox = entry(rss("<author>desk@harborledger.example (Harbor Ledger staff)</author>"))

    assert (told.author, told.tags, mailbox.author) == ("Harbor Ledger staff", ("Harbor", "Works & ways"), "Harbor Ledger staff")
    assert entry(rss("<author>desk@harborledger.example</author>")).author == ""
    assert (
        entry(rss("<author>desk@harborledger.example</author><dc:creator>Harbor Ledger staff</dc:creator>")).author == "Harbor Ledger staff"
    )


def test_pictures_keep_their_words_and_never_lend_them_to_the_story():
    told = entry(
        rss(
            "<title>Pier reopens</title><description>A teaser.</description><media:group>"
            '<media:content url="/p-300.jpg" type="image/jpeg" width="300"/><media:content url="/p-900.jpg" type="image/jpeg" width="900"/>'
            "<media:title>The pier</media:title><media:description>At noon.</media:description><media:credit>Harbor Ledger</media:credit>"
            '</media:group><media:thumbnail url="/t.jpg"/><enclosure url="/talk.mp3" type="audio/mpeg"/>'
        )
    )

    (image,) = told.images
    assert image.url.endswith("/p-900.jpg")
    assert (image.alt, image.caption, image.credit) == ("The pier", "At noon.", "Harbor Ledger")
    assert (told.title, told.summary) == ("Pier reopens", "A teaser.")


def test_the_caption_of_a_picture_is_no_text_of_the_story():
    told = entry(
        rss('<title>Pier</title><media:content url="/p.jpg" medium="image"><media:description>At noon.</media:description></media:content>')
    )

    assert (told.content, told.summary, told.images[0].caption) == ("", "", "At noon.")


def test_what_else_is_called_an_item_never_mixes_up_the_entries():
    other = '<x:list xmlns:x="urn:x"><x:item>A</x:item></x:list>'
    picture = '<enclosure url="https://harborledger.example/p.jpg" type="image/jpeg"/>'

    told = feed(rss(f"<title>One</title>{other}", f"<title>Two</title>{picture}")).entries

    assert [one.title for one in told] == ["One", "Two"]
    assert [len(one.images) for one in told] == [0, 1]


def test_an_enclosed_picture_and_a_thumbnail_count_where_there_is_no_other():
    enclosed = entry(rss('<enclosure url="https://harborledger.example/p.jpg" type="image/jpeg" length="1"/>'))
    thumbnail = entry(rss('<media:thumbnail url="https://harborledger.example/t.jpg" width="90"/>'))

    assert [image.url for told in (enclosed, thumbnail) for image in told.images] == [
        "https://harborledger.example/p.jpg",
        "https://harborledger.example/t.jpg",
    ]


def test_an_entry_that_is_taken_back_is_told():
    content = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        '<at:deleted-entry ref="tag:x,2025:1" when="2025-08-12T16:00:00Z"><link href="https://harborledger.example/a"/></at:deleted-entry></feed>'
    )

    assert feed(content).entries == (Entry(guid="tag:x,2025:1", url="https://harborledger.example/a", updated=NOON, deleted=True),)
    assert item_of(feed(content).entries[0]).withdrawn


def test_the_oldest_feeds_are_read_too():
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Harbor Ledger</title></channel>'
        '<item rdf:about="https://harborledger.example/a"><title>Pier</title><link>https://harborledger.example/a</link>'
        "<dc:date>2025-08-12T16:00:00Z</dc:date><dc:subject>Harbor</dc:subject></item></rdf:RDF>"
    )
    netscape = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    plain = f'{netscape}<rss version="0.91"><channel><item><title>Pier</title><link>https://harborledger.example/a</link></item></channel></rss>'

    told = entry(rdf)
    assert (told.title, told.url, told.published or told.updated, told.tags) == (
        "Pier",
        "https://harborledger.example/a",
        NOON,
        ("Harbor",),
    )
    assert (entry(plain).title, entry(plain).url) == ("Pier", "https://harborledger.example/a")


# --- JSON Feed


def test_a_json_feed_is_read_in_both_versions():
    items = [
        {"id": 7, "url": "/pier", "title": "Pier", "content_html": "<p>The pier <script>x</script>reopened.</p>", "date_published": "2025-08-12T16:00:00Z",
         "tags": ["harbor"], "image": "/p.jpg", "author": {"name": "Harbor Ledger staff"}},
        {"id": "https://harborledger.example/b", "content_text": "One.\n\nTwo.", "attachments": [{"url": "/a.png", "mime_type": "image/png"}]},
    ]  # fmt: skip
    first, second = feed(json.dumps({"version": "https://jsonfeed.org/version/1", "title": "x", "items": items})).entries

    assert (first.guid, first.url, first.published, first.tags) == ("7", "https://feeds.harborledger.example/pier", NOON, ("harbor",))
    assert (first.author, item_of(first).paragraphs, first.full) == ("Harbor Ledger staff", ("The pier reopened.",), True)
    assert (second.url, item_of(second).paragraphs) == ("https://harborledger.example/b", ("One.", "Two."))
    assert [image.url.rpartition("/")[2] for told in (first, second) for image in told.images] == ["p.jpg", "a.png"]


# --- what is broken, or no feed


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ("<!DOCTYPE html><html><body>Log in</body></html>", "a web page, no feed"),
        ("<urlset/>", "a sitemap"),
        ("<svg/>", "its root is <svg>"),
        ("Not found", "no XML"),
        ('{"items": []}', "no JSON Feed"),
        ("{", "no JSON"),
    ],
)
def test_what_is_no_feed_says_so(content, why):
    with pytest.raises(Unreadable, match=why) as refused:
        feed(content)

    assert refused.value.hint and refused.value.message.startswith(URL)


def test_a_page_in_place_of_a_feed_names_the_feed_that_it_knows():
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/rss"/></head><body/></html>'

    with pytest.raises(Unreadable) as refused:
        feed(page)

    assert "https://feeds.harborledger.example/rss" in refused.value.hint


def test_of_a_broken_feed_what_can_be_read_is_read():
    cut = rss("<title>Pier reopens</title>", "<title>Ferry &amp strike</title>", "<title>Half a ti")

    told = feed(cut[: cut.index("Half a ti") + 4])

    assert [one.title for one in told.entries][:2] == ["Pier reopens", "Ferry &amp strike"]
    assert told.broken
    assert not feed(rss("<title>x</title>")).broken


def test_names_without_a_namespace_are_understood_all_the_same():
    content = "<rss><channel><item><title>Pier</title><dc:creator>Harbor Ledger staff</dc:creator></item></channel></rss>"

    assert (entry(content).title, entry(content).author) == ("Pier", "Harbor Ledger staff")


def test_entities_are_never_unfolded_or_fetched(tmp_path):
    (tmp_path / "secret").write_text("the secret")
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">]>'

    assert titled("&l9; &f;") == "&l9; &f;"
    assert entry(rss("<title>&l9; &f;</title>", declaration=doctype)).title == "&l9; &f;"


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(0, 300))
def test_whatever_is_sent_is_a_feed_or_is_refused(text, cut):
    content = rss(f"<title>{text}</title><pubDate>{text}</pubDate><link>{text}</link>", f"<description>{text}</description>")
    for sent in (content, content[:cut], text):
        try:
            told = feed(sent)
        except Unreadable as refused:
            assert refused.message.startswith(URL)
        else:
            assert all(one.url == "" or one.url.startswith("http") for one in told.entries)


@pytest.mark.parametrize("closing_nothing", ["<x></p>", "<span></p>", "</p><b>"])
def test_a_text_of_tags_that_close_nothing_is_read_in_a_moment(closing_nothing: str):
    began = time.process_time()

    paragraphs = read_fragment(f"<p>The ferry is back.</p>{closing_nothing * 43_000}").paragraphs

    assert paragraphs[0] == "The ferry is back."
    assert time.process_time() - began < 2


def places(*dates: str) -> list[int]:
    items = (f"<title>News {at}</title><pubDate>Tue, {date} Aug 2025 10:00:00 GMT</pubDate>" for at, date in enumerate(dates))
    return [one.place for one in feed(rss(*items)).entries]


def test_a_feed_that_a_desk_put_in_order_numbers_its_entries():
    assert places("12", "14", "11", "13", "10") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "dates",
    [
        ("14", "13", "12", "11", "10"),  # the newest first
        ("10", "11", "12", "13", "14"),  # or last
        ("14", "13", "12", "15", "11", "10"),  # one that was dated anew
        ("12", "14", "11"),  # too few to tell
        ("12", "12", "12", "12"),
    ],
)
def test_a_feed_that_time_puts_in_order_says_nothing_of_what_matters(dates):
    assert set(places(*dates)) == {0}


def test_entries_without_dates_are_not_numbered():
    assert [one.place for one in feed(rss(*(f"<title>News {at}</title>" for at in range(5)))).entries] == [0] * 5


def test_the_place_is_no_part_of_the_story_itself():
    dates = (f"<pubDate>Tue, {day} Aug 2025 10:00:00 GMT</pubDate>" for day in (12, 14, 11, 13))
    items = (f"<title>News {at}</title><description>Pier {at} opens on Monday.</description>{date}" for at, date in enumerate(dates))
    document = Document(source="Harbor Ledger", url="feed.xml", kind="xml", content=rss(*items).encode(), fetched_at=A_TUESDAY)

    first, *_ = part_items(document, zone=NEW_YORK)

    assert first.hints["place"] == "1"
    assert b"place" not in first.content
    assert read(first, zone=NEW_YORK).place == 1
