"""Sources on the web, over real HTTP: no story twice, none lost, and nobody is asked twice for what has not changed."""

import gzip
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import Story
from digest.newsroom import Newsroom
from digest.workflow import gather
from digest.workflow.gather import gather_sources, known_failures
from digest.workflow.reading import Gathered
from tests.gather.site import Site, a_move, a_site, an_answer
from tests.make import A_TUESDAY
from tests.newsweb import Told, a_feed, a_page, a_room, a_sitemap, serve, source

NOW = A_TUESDAY + timedelta(hours=6)
ONE, TWO, THREE = Told(1), Told(2), Told(3)


@pytest.fixture
def site():
    with a_site() as site:
        yield site


def gathered(room: Newsroom, *, hours: float = 0) -> Gathered:
    return gather_sources(room, now=NOW + timedelta(hours=hours))


def stories(room: Newsroom) -> list[Story]:
    return sorted(room.stories.search("", 1_000), key=lambda story: story.headline)


def headlines(room: Newsroom) -> list[str]:
    return [story.headline for story in stories(room)]


def titles(*told: Told) -> list[str]:
    return sorted(one.title for one in told)


def counts(one: Gathered) -> tuple[int, int, int]:
    assert one.failures == ()
    return one.new, one.changed, one.unchanged


# --- feeds


def test_a_feed_with_whole_stories_becomes_stories(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), tags=["harbor"]))

    assert counts(gathered(room)) == (2, 0, 0)

    first = next(story for story in stories(room) if story.headline == ONE.title)
    assert (first.url, first.source, first.tags) == (site.url("/s/1"), "Post", ("harbor",))
    assert first.published_at == A_TUESDAY + timedelta(minutes=1)
    assert first.paragraphs[0] == ONE.body
    assert site.paths() == ["/feed"]


def test_categories_are_tags_and_media_are_images(tmp_path, site):
    picture = '<category>Ports</category><media:content url="https://img.example/pier.jpg" medium="image" width="1200" height="800"/>'
    serve(site, "/feed", a_feed(site, replace(ONE, more=picture)))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), tags=["harbor"]))

    gathered(room)

    (story,) = stories(room)
    assert story.tags == ("Ports", "harbor")
    assert [(image.url, image.width) for image in story.images] == [("https://img.example/pier.jpg", 1200)]


def test_of_a_feed_without_end_the_newest_entries_are_read_wherever_they_stand(tmp_path, site):
    days = [A_TUESDAY - timedelta(days=1_100 - number) for number in range(1_100)]
    serve(site, "/feed", a_feed(site, *(Told(number, date=day) for number, day in enumerate(days))))
    room = a_room(tmp_path, site)

    assert gathered(room).new == 1_000

    assert min(story.published_at for story in stories(room) if story.published_at) > days[99]
    assert {Told(100).title, Told(1_099).title} <= set(headlines(room))


def test_what_has_not_changed_is_not_sent_again_and_changes_nothing(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO))
    room = a_room(tmp_path, site)
    gathered(room)
    before = stories(room)

    again = gathered(room, hours=1)

    assert counts(again) == (0, 0, 0)
    assert stories(room) == before
    assert "if-none-match" in site.asked[-1][1]


def test_a_story_keeps_the_place_that_it_had_in_the_feed_when_it_was_read(tmp_path, site):
    told = [Told(number, date=A_TUESDAY - timedelta(hours=hours)) for number, hours in enumerate((3, 1, 4, 2, 5))]
    serve(site, "/feed", a_feed(site, *told))
    room = a_room(tmp_path, site)
    gathered(room)
    serve(site, "/feed", a_feed(site, *reversed(told)))

    assert counts(gathered(room, hours=1)) == (0, 0, 5)

    assert {story.headline: story.place for story in stories(room)} == {one.title: place for place, one in enumerate(told, start=1)}


def test_a_feed_that_sends_the_same_bytes_again_has_not_changed(tmp_path, site, monkeypatch):
    site.pages["/feed"] = an_answer(a_feed(site, ONE, TWO))
    room = a_room(tmp_path, site)
    gathered(room)

    with monkeypatch.context() as without_reading:
        without_reading.setattr("digest.workflow.poll.read_feed", None)
        assert counts(gathered(room, hours=1)) == (0, 0, 0)

    site.pages["/feed"] = an_answer(a_feed(site, ONE, TWO, THREE))
    assert counts(gathered(room, hours=2)) == (1, 0, 2)


def test_a_story_that_left_the_feed_stays_and_a_corrected_one_is_replaced(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO))
    room = a_room(tmp_path, site)
    gathered(room)
    serve(site, "/feed", a_feed(site, replace(TWO, text="The board put it right: on Mondays only. Readers had complained.")))

    assert counts(gathered(room, hours=1)) == (0, 1, 0)

    assert headlines(room) == titles(ONE, TWO)
    assert room.stories.gone([story.id for story in stories(room)]) == {}


def test_tags_that_an_editor_adds_to_a_source_reach_its_stories_though_the_feed_has_not_changed(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE))
    gathered(a_room(tmp_path, site))

    room = a_room(tmp_path, site, source(feed=site.url("/feed"), tags=["harbor"]))
    gathered(room, hours=1)

    assert stories(room)[0].tags == ("harbor",)


def test_a_move_for_good_is_remembered_and_told(tmp_path, site):
    serve(site, "/new", a_feed(site, ONE))
    site.pages["/feed"] = a_move("/new", "301 Moved Permanently")
    room = a_room(tmp_path, site)

    gathered(room)
    gathered(room, hours=1)

    assert site.paths() == ["/feed", "/new", "/new"]
    assert room.addresses.health()["Post"].moved == site.url("/new")


def test_where_the_new_address_is_dead_the_old_one_is_asked(tmp_path, site):
    serve(site, "/new", a_feed(site, ONE))
    site.pages["/feed"] = a_move("/new", "301 Moved Permanently")
    room = a_room(tmp_path, site)
    gathered(room)
    del site.pages["/new"]
    serve(site, "/feed", a_feed(site, ONE, TWO))

    assert counts(gathered(room, hours=1)) == (1, 0, 1)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_whoever_asks_us_to_come_later_is_left_alone_until_then(tmp_path, site, status):
    site.pages["/feed"] = an_answer(b"", status, retry_after="7200")
    room = a_room(tmp_path, site)

    first, second = gathered(room), gathered(room, hours=1)
    serve(site, "/feed", a_feed(site, ONE))
    third = gathered(room, hours=2.1)

    assert (first.lost, second.lost) == ((), ())
    assert site.paths() == ["/feed", "/feed"]
    assert counts(third) == (1, 0, 0)


def test_a_feed_that_is_gone_for_good_is_told_and_hardly_asked_again(tmp_path, site):
    site.pages["/feed"] = an_answer(b"", "410 Gone")
    room = a_room(tmp_path, site)

    first = gathered(room)
    gathered(room, hours=1)
    gathered(room, hours=25)

    assert first.lost == ("Post",)
    assert "withdrawn for good" in first.failures[0].reason
    assert len(site.paths()) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            an_answer(b"<!doctype html><html><body><p>Please log in.</p></body></html>", content_type="text/html"),
            "this is a web page, no feed",
        ),
        (an_answer(b""), "empty"),
        (an_answer(b"", "404 Not Found"), "nothing at this address"),
        (an_answer(b"", "500 Oops"), "has a fault"),
        (an_answer(b"%PDF-1.4 \x00\x01\x02"), "no XML"),
    ],
)
def test_a_feed_that_is_none_is_a_failure_of_its_source_alone(tmp_path, site, answer, says):
    site.pages["/bad"] = answer
    serve(site, "/feed", a_feed(site, ONE))
    room = a_room(tmp_path, site, source("Bad", feed=site.url("/bad")), source(feed=site.url("/feed")))

    one = gathered(room)

    assert (one.new, one.lost) == (1, ("Bad",))
    assert says in one.failures[0].reason
    assert one.failures[0].hint
    assert room.addresses.health()["Bad"].failures == 1


def test_a_feed_without_any_text_says_what_to_do(tmp_path, site):
    bare = "".join(f"<item><title>{one.title}</title><link>{site.url('/s/1')}</link></item>" for one in (ONE, TWO))
    serve(site, "/feed", f"<rss version='2.0'><channel><title>x</title>{bare}</channel></rss>".encode())

    one = gathered(a_room(tmp_path, site))

    assert [failure.hint for failure in one.failures] == ["Say follow = true to read the pages behind them."]


def test_entries_that_are_taken_back_are_marked_as_withdrawn(tmp_path, site):
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>x</title><id>x</id>
    <updated>2025-08-12T14:00:00Z</updated>{}</feed>"""
    entry = f"""<entry><id>tag:post,1</id><title>{ONE.title}</title><link href="{site.url("/s/1")}"/><updated>2025-08-12T14:00:00Z</updated>
    <content type="text">{ONE.body}</content></entry>"""
    serve(site, "/feed", atom.format(entry).encode())
    room = a_room(tmp_path, site)
    gathered(room)
    serve(site, "/feed", atom.format('<at:deleted-entry ref="tag:post,1" when="2025-08-12T15:00:00Z"/>').encode())

    assert gathered(room, hours=1).withdrawn == 1

    assert [story.withdrawn for story in stories(room)] == [True]


def test_a_page_that_is_taken_away_withdraws_its_story_whichever_source_told_it_first(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE))
    gathered(a_room(tmp_path, site))
    serve(site, "/sitemap.xml", a_sitemap(site, ONE))
    serve(site, "/s/1", a_page(ONE))
    room = a_room(tmp_path, site, source(feed=site.url("/feed")), source("Post, all", sitemap=site.url("/sitemap.xml")))
    gathered(room, hours=1)

    page = site.pages.pop("/s/1")
    taken = gathered(room, hours=3)
    withdrawn = [story.withdrawn for story in stories(room)]
    site.pages["/s/1"] = page
    gathered(room, hours=30)

    assert (taken.withdrawn, withdrawn) == (1, [True])
    assert [story.withdrawn for story in stories(room)] == [False]


def test_no_feed_takes_back_the_story_of_another_site(tmp_path, site):
    story = replace(ONE, link="http://other.example/s/1")
    take_back = "<at:deleted-entry ref='post-1' when='2025-08-12T15:00:00Z'/>"
    serve(site, "/feed", a_feed(site, story))
    serve(site, "/copies", a_feed(site, story, TWO))
    room = a_room(tmp_path, site, source(feed=site.url("/feed")))
    gathered(room)
    room = a_room(tmp_path, site, source(feed=site.url("/feed")), source("Copies", feed=site.url("/copies")))
    gathered(room, hours=1)

    serve(site, "/copies", a_feed(site, TWO).replace(b"</channel>", f"{take_back}</channel>".encode()))

    assert gathered(room, hours=2).withdrawn == 0
    assert not any(story.withdrawn for story in stories(room))


# --- who is who


def listed(site: Site, *told: Told) -> None:
    serve(site, "/feed", a_feed(site, *told))


@pytest.mark.parametrize(
    "changed",
    [
        {"guid": "another"},
        {"guid": ""},
        {"link": "http://127.0.0.1:{port}/s/1?utm_source=rss&utm_medium=feed"},
        {"link": "http://127.0.0.1:{port}/s/1/amp"},
        {"link": "http://127.0.0.1:{port}/s/1#comments"},
        {"link": "http://127.0.0.1:{port}/2025/ferry-pier-approved", "headline": "Ferry line gets a new pier at last, number 1"},
        {"link": "http://127.0.0.1:{port}/2025/ferry-pier-approved", "guid": "another"},
        {"link": ""},
    ],
)
def test_a_story_stays_itself_whatever_becomes_of_its_address_and_its_id(tmp_path, site, changed):
    listed(site, ONE, TWO)
    room = a_room(tmp_path, site)
    gathered(room)
    ids = {story.id for story in stories(room)}
    changed = {key: value.format(port=site.port) for key, value in changed.items()}

    listed(site, replace(ONE, **changed), TWO)
    again = gathered(room, hours=1)

    assert again.new == 0
    assert {story.id for story in stories(room)} == ids


def test_http_and_https_and_the_page_for_phones_are_one_story(tmp_path, site):
    twins = ["http://post.example/a", "https://post.example/a", "https://www.post.example/a/", "https://m.post.example/a?fbclid=1"]
    room = a_room(tmp_path, site)

    for number, link in enumerate(twins):
        listed(site, replace(ONE, link=link, guid=f"g{number}", headline=f"{ONE.title} {'again ' * number}"))
        gathered(room, hours=number)

    assert len(stories(room)) == 1


def test_a_storm_of_new_ids_brings_no_story_twice(tmp_path, site):
    told = [Told(number) for number in range(30)]
    listed(site, *told)
    room = a_room(tmp_path, site)
    gathered(room)

    for storm in range(1, 4):
        listed(site, *(replace(one, guid=f"storm {storm} {one.number}") for one in told))
        assert gathered(room, hours=storm).new == 0

    listed(site, *(replace(one, guid=f"new {one.number}", link=site.url(f"/moved/{one.number}")) for one in told))
    assert gathered(room, hours=5).new == 0
    assert len(stories(room)) == 30


def test_one_id_for_all_is_no_id(tmp_path, site):
    listed(site, *(replace(Told(number), guid="http://post.example/") for number in range(5)))

    assert gathered(a_room(tmp_path, site)).new == 5


def test_one_address_for_all_is_no_address(tmp_path, site):
    told = [replace(Told(number), link=site.url("/")) for number in range(5)]
    listed(site, *told[:3])
    room = a_room(tmp_path, site)
    gathered(room)

    listed(site, *told[2:], replace(told[0], headline="Ferry line gets a new pier, and a clock"))
    again = gathered(room, hours=1)

    assert (again.new, len(stories(room))) == (2, 5)


def test_ids_that_begin_anew_lose_no_story(tmp_path, site):
    listed(site, *(replace(Told(number), guid=str(number)) for number in range(5)))
    room = a_room(tmp_path, site)
    gathered(room)

    listed(site, *(replace(Told(number + 5), guid=str(number), date=A_TUESDAY + timedelta(days=1)) for number in range(5)))

    assert gathered(room, hours=30).new == 5
    assert len(stories(room)) == 10


def test_ids_that_only_count_places_in_the_feed_lose_no_story_that_has_no_address(tmp_path, site):
    told = [replace(Told(number), link="") for number in range(8)]
    room = a_room(tmp_path, site)

    for hour, newest in enumerate(range(3, 9)):
        latest = reversed(told[newest - 3 : newest])
        listed(site, *(replace(one, guid=str(position)) for position, one in enumerate(latest)))
        assert gathered(room, hours=hour).new == (1 if hour else 3)

    assert headlines(room) == titles(*told)


def test_the_same_story_in_two_feeds_of_a_site_is_one_story_and_no_failure(tmp_path, site):
    serve(site, "/world", a_feed(site, ONE, TWO))
    serve(site, "/ports", a_feed(site, TWO, THREE))
    room = a_room(tmp_path, site, source("World", feed=site.url("/world")), source("Ports", feed=site.url("/ports")))

    assert counts(gathered(room)) == (3, 0, 1)
    assert headlines(room) == titles(ONE, TWO, THREE)

    only = a_room(tmp_path, site, source("Ports", feed=site.url("/ports")))
    gathered(only, hours=1)
    gone = only.stories.gone([story.id for story in stories(only)])
    assert [story.headline for story in stories(only) if story.id in gone] == [ONE.title]


@pytest.mark.parametrize("first", ["Own", "Thief"])
def test_a_feed_cannot_take_the_story_of_another_site_and_the_site_takes_it_back(tmp_path, site, first):
    true = replace(ONE, link="http://post.example/a")
    serve(site, "/true", a_feed(site, true))
    serve(site, "/false", a_feed(site, replace(true, text="Nothing of this is so. It was made up to be put in its place.")))
    sources = {"Own": source("Own", feed=f"http://post.example:{site.port}/true"), "Thief": source("Thief", feed=site.url("/false"))}

    for hour, present in enumerate([[first], ["Own", "Thief"], ["Own", "Thief"]]):
        room = a_room(tmp_path, site, *(sources[name] for name in present))
        with site.web(resolver=lambda host, port: ["127.0.0.1"]) as web:
            assert gather_sources(room, now=NOW + timedelta(hours=hour), web=web).failures == ()

    (story,) = stories(room)
    assert (story.source, story.paragraphs[0]) == ("Own", true.body)


# --- pages behind entries


def test_the_page_behind_an_entry_is_read_where_the_entry_is_not_the_whole_story(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO, full=False))
    for one in (ONE, TWO):
        serve(site, f"/s/{one.number}", a_page(one), content_type="text/html")
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))

    assert counts(gathered(room)) == (2, 0, 0)
    assert headlines(room) == titles(ONE, TWO)
    assert stories(room)[0].paragraphs[-1].endswith("Paragraph 4.")
    asked = len(site.asked)
    assert counts(gathered(room, hours=0.5)) == (0, 0, 0)
    assert len(site.asked) == asked + 1


def test_a_page_is_looked_at_again_after_an_hour_and_then_ever_more_rarely(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, full=False))
    serve(site, "/s/1", a_page(ONE))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))
    looks = []

    for hour in range(100):
        before = site.paths().count("/s/1")
        gathered(room, hours=hour)
        looks += [hour] * (site.paths().count("/s/1") - before)

    assert looks == [0, 1, 2, 4, 8, 16, 32, 64]


def test_a_page_that_is_taken_away_withdraws_its_story_and_one_that_returns_restores_it(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO, full=False))
    for one in (ONE, TWO):
        serve(site, f"/s/{one.number}", a_page(one))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))
    gathered(room)
    page = site.pages.pop("/s/1")
    site.pages["/s/2"] = an_answer(b"", "410 Gone")

    assert gathered(room, hours=1).withdrawn == 2
    assert [story.withdrawn for story in stories(room)] == [True, True]
    site.pages["/s/1"] = page
    gathered(room, hours=26)

    assert [(story.headline, story.withdrawn) for story in stories(room)] == [(title, title == TWO.title) for title in titles(ONE, TWO)]


def test_a_page_that_leads_to_the_front_page_is_none(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, full=False))
    site.pages["/s/1"] = a_move("/")
    serve(site, "/", a_page(Told(9)))

    one = gathered(a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True)))

    assert one.new == 0
    assert "front page" in one.failures[0].reason


def test_a_page_that_fails_is_tried_again_though_the_feed_has_not_changed(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, full=False))
    site.pages["/s/1"] = an_answer(b"", "500 Oops")
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))

    first = gathered(room)
    serve(site, "/s/1", a_page(ONE))
    second = gathered(room, hours=0.5)

    assert (len(first.failures), first.lost) == (1, ())
    assert counts(second) == (1, 0, 0)


def test_a_page_that_never_answers_is_given_up_after_two_weeks_and_no_longer_told(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, full=False))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))

    for day in range(20):
        gathered(room, hours=24.5 * day)
        if day == 1:
            assert len(known_failures(room)) == 1

    assert site.paths().count("/s/1") == 15
    assert known_failures(room) == ()


def test_robots_txt_governs_pages_that_are_followed_and_not_the_feed_that_was_named(tmp_path, site):
    site.pages["/robots.txt"] = an_answer(b"User-agent: *\nDisallow: /\n")
    serve(site, "/feed", a_feed(site, ONE, full=False))
    serve(site, "/s/1", a_page(ONE))

    one = gathered(a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True)))

    assert one.new == 0
    assert "asks programs not to read" in one.failures[0].reason
    assert "/s/1" not in site.paths()


def test_a_page_and_its_twin_for_phones_are_one_story_and_the_page_speaks_for_its_own_site_only(tmp_path, site):
    serve(site, "/feed", a_feed(site, replace(ONE, link=site.url("/s/1?view=phone"), guid="a"), replace(TWO, guid="b"), full=False))
    serve(site, "/s/1?view=phone", a_page(ONE, canonical=site.url("/s/1")))
    serve(site, "/s/1", a_page(ONE, canonical=site.url("/s/1")))
    serve(site, "/s/2", a_page(TWO, canonical="https://elsewhere.example/theirs"))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))
    gathered(room)
    serve(site, "/feed", a_feed(site, replace(ONE, guid="c"), TWO, full=False))

    assert gathered(room, hours=1.5).new == 0

    assert sorted(story.url for story in stories(room)) == [site.url("/s/1"), site.url("/s/2")]


def test_a_page_whose_charset_stands_in_its_header_alone_is_read_in_it(tmp_path, site):
    text = "Жители посёлка собрались у причала во вторник. Паром вернулся после ремонта, и люди махали ему с берега."
    page = a_page(replace(ONE, headline="Паром вернулся к причалу", text=text)).replace(b"<meta charset=utf-8>", b"")
    serve(site, "/p", page.decode().encode("koi8-r"), content_type="text/html; charset=koi8-r")
    room = a_room(tmp_path, site, source(pages=[site.url("/p")]))

    gathered(room)

    assert headlines(room) == ["Паром вернулся к причалу"]


# --- pages and sitemaps


def test_pages_are_read_and_one_that_is_no_longer_listed_is_gone(tmp_path, site):
    for one in (ONE, TWO):
        serve(site, f"/s/{one.number}", a_page(one))
    room = a_room(tmp_path, site, source(pages=[site.url("/s/1"), site.url("/s/2")]))
    assert counts(gathered(room)) == (2, 0, 0)

    room = a_room(tmp_path, site, source(pages=[site.url("/s/1")]))
    assert gathered(room, hours=1).gone == 1


@pytest.mark.parametrize("news", [True, False])
def test_young_pages_of_a_sitemap_are_read(tmp_path, site, news):
    old = replace(TWO, date=A_TUESDAY - timedelta(days=40))
    serve(site, "/sitemap.xml", gzip.compress(a_sitemap(site, ONE, old, news=news)), content_type="application/gzip")
    for one in (ONE, TWO):
        serve(site, f"/s/{one.number}", a_page(one))
    room = a_room(tmp_path, site, source(sitemap=site.url("/sitemap.xml")))

    assert counts(gathered(room)) == (1, 0, 0)
    assert headlines(room) == [ONE.title]
    assert counts(gathered(room, hours=0.5)) == (0, 0, 0)


def test_an_index_of_sitemaps_is_followed_and_one_bad_part_fails_alone(tmp_path, site):
    serve(site, "/index.xml", a_sitemap(site, index=["/a.xml", "/b.xml", "/c.xml"]))
    serve(site, "/a.xml", a_sitemap(site, ONE))
    site.pages["/b.xml"] = an_answer(b"<html>no</html>")
    serve(site, "/c.xml", a_sitemap(site, TWO))
    for one in (ONE, TWO, THREE):
        serve(site, f"/s/{one.number}", a_page(one))
    room = a_room(tmp_path, site, source(sitemap=site.url("/index.xml")))

    first = gathered(room)
    serve(site, "/c.xml", a_sitemap(site, TWO, THREE))
    second = gathered(room, hours=0.5)

    assert (first.new, first.lost, len(first.failures)) == (2, (), 1)
    assert second.new == 1


def test_a_sitemap_whose_index_says_that_it_has_not_changed_is_not_asked(tmp_path, site):
    index = a_sitemap(site, index=["/a.xml", "/b.xml"]).replace(b"/a.xml</loc>", b"/a.xml</loc><lastmod>2025-08-12T10:00:00Z</lastmod>")
    serve(site, "/index.xml", index)
    for number, path in enumerate(("/a.xml", "/b.xml"), 1):
        serve(site, path, a_sitemap(site, Told(number)))
        serve(site, f"/s/{number}", a_page(Told(number)))
    room = a_room(tmp_path, site, source(sitemap=site.url("/index.xml")))

    for hour in (0, 0.2, 0.4):
        gathered(room, hours=hour)
    serve(site, "/a.xml", a_sitemap(site, Told(1), Told(3)))
    serve(site, "/s/3", a_page(Told(3)))
    serve(site, "/index.xml", index.replace(b"T10:", b"T11:"))

    assert gathered(room, hours=0.6).new == 1
    assert [site.paths().count(path) for path in ("/a.xml", "/b.xml")] == [2, 4]


def test_an_index_of_more_sitemaps_than_a_round_reads_is_read_in_turn(tmp_path, site):
    paths = [f"/part-{number}.xml" for number in range(70)]
    serve(site, "/index.xml", a_sitemap(site, index=paths))
    for number, path in enumerate(paths):
        serve(site, path, a_sitemap(site, Told(number)))
        serve(site, f"/s/{number}", a_page(Told(number)))
    room = a_room(tmp_path, site, source(sitemap=site.url("/index.xml")))

    rounds = [gathered(room, hours=hour / 10) for hour in range(7)]

    assert [one.new for one in rounds] == [50, 20, 0, 0, 0, 0, 0]
    assert min(site.paths().count(path) for path in paths) == 3


def test_a_sitemap_that_its_index_no_longer_names_is_not_asked(tmp_path, site):
    serve(site, "/index.xml", a_sitemap(site, index=["/monday.xml"]))
    serve(site, "/monday.xml", a_sitemap(site, ONE))
    serve(site, "/tuesday.xml", a_sitemap(site))
    serve(site, "/s/1", a_page(ONE))
    room = a_room(tmp_path, site, source(sitemap=site.url("/index.xml")))
    gathered(room)

    serve(site, "/index.xml", a_sitemap(site, index=["/tuesday.xml"]))
    del site.pages["/monday.xml"]
    rounds = [gathered(room, hours=hour / 10) for hour in (1, 2, 3)]

    assert [one.failures for one in rounds] == [(), (), ()]
    assert site.paths().count("/monday.xml") == 1


def test_a_sitemap_of_a_whole_archive_without_dates_is_not_read_from_its_beginning(tmp_path, site):
    archive = [replace(Told(number), date=None) for number in range(300)]
    serve(site, "/sitemap.xml", a_sitemap(site, *archive, news=False))
    room = a_room(tmp_path, site, source(sitemap=site.url("/sitemap.xml")))
    first = gathered(room)
    serve(site, "/s/300", a_page(Told(300)))
    serve(site, "/sitemap.xml", a_sitemap(site, *archive, replace(Told(300), date=None), news=False))

    second = gathered(room, hours=1)

    assert (first.new, len(first.failures)) == (0, 1)
    assert "300 pages without a date" in first.failures[0].reason
    assert counts(second) == (1, 0, 0)


# --- side by side, and the hostile


def hang(say, over):
    over.wait(30)


def drip(say, over):
    """A byte now and then, for ever."""
    say(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
    while not over.wait(0.2):
        say(b" ")


def flood(say, over):
    say(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        say(b"<item>" * 10_000)


def bomb() -> bytes:
    return an_answer(gzip.compress(b"<rss>" + b" " * 50_000_000), content_encoding="gzip")


def test_one_that_hangs_drips_floods_or_lies_delays_no_other(tmp_path, site):
    hostile = {
        "/hang": hang,
        "/drip": drip,
        "/flood": flood,
        "/bomb": bomb(),
        "/round": a_move("/round"),
        "/secret": a_move("http://169.254.169.254/"),
    }
    site.pages |= hostile
    for number in range(10):
        serve(site, f"/feed{number}", a_feed(site, Told(number)))
    sources = [source(path, feed=site.url(path)) for path in hostile] + [source(f"S{n}", feed=site.url(f"/feed{n}")) for n in range(10)]
    room = a_room(tmp_path, site, *sources)
    ended: dict[str, float] = {}
    began = time.monotonic()

    class Watch:
        def moved(self, source, done):
            pass

        def over(self, source):
            ended[source] = time.monotonic() - began

    with site.web(read=2, whole=4, ports=frozenset({80, site.port})) as web:
        one = gather_sources(room, now=NOW, web=web, progress=Watch())

    assert one.new == 10
    assert sorted(one.lost) == sorted(hostile)
    assert max(ended[f"S{number}"] for number in range(10)) < 2
    assert max(ended.values()) < 8
    told = {failure.source: failure.reason for failure in one.failures}
    assert "does not answer" in told["/hang"]
    assert "too long" in told["/drip"]
    assert "larger than" in told["/flood"]
    assert "larger than" in told["/bomb"]
    assert "circle" in told["/round"]
    assert "metadata" in told["/secret"]


def test_a_source_is_told_of_from_its_beginning_and_then_page_by_page(tmp_path, site):
    serve(site, "/sitemap.xml", a_sitemap(site, ONE, TWO, THREE))
    for one in (ONE, TWO, THREE):
        serve(site, f"/s/{one.number}", a_page(one))
    told: list[tuple[int, int]] = []

    class Watch:
        def moved(self, source, done):
            told.append((done, sum(path.startswith("/s/") for path in site.paths())))

        def over(self, source):
            pass

    gather_sources(a_room(tmp_path, site, source(sitemap=site.url("/sitemap.xml"))), now=NOW, progress=Watch())

    assert list(dict.fromkeys(told)) == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_a_source_that_comes_to_no_end_is_given_up_and_the_others_are_kept(tmp_path, site, monkeypatch):
    serve(site, "/feed", a_feed(site, ONE))
    monkeypatch.setattr("digest.workflow.gather.PATIENCE", 0.5)
    real, over = gather.poll, threading.Event()

    def slow(newsroom, source, web, **rest):
        if source.name == "Slow":
            over.wait(20)
        return real(newsroom, source, web, **rest)

    monkeypatch.setattr(gather, "poll", slow)
    room = a_room(tmp_path, site, source("Slow", feed=site.url("/slow")), source(feed=site.url("/feed")))

    one = gathered(room)
    over.set()

    assert (one.new, one.lost) == (1, ("Slow",))
    assert "came to no end" in one.failures[0].reason


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/feed",
        "http://2130706433/feed",
        "http://[::1]/feed",
        "http://[::ffff:127.0.0.1]/feed",
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00:ec2::254]/latest",
        "http://[64:ff9b::a9fe:a9fe]/latest",
        "http://10.0.0.1/feed",
    ],
)
def test_no_address_of_our_own_networks_is_called_unless_digest_toml_allows_it(tmp_path, site, address):
    text = a_room(tmp_path, site, source(feed=address)).root / "digest.toml"
    text.write_text(text.read_text().replace('allow = ["127.0.0.0/8"]', "allow = []"))

    from digest.newsroom import open_newsroom

    one = gathered(open_newsroom(tmp_path))

    assert one.lost == ("Post",)
    assert "not called" in one.failures[0].reason


def test_a_name_that_leads_elsewhere_at_its_second_look_up_is_not_followed_there(tmp_path, site):
    serve(site, "/feed", a_feed(site, replace(ONE, link=f"http://rebind.example:{site.port}/s/1"), full=False))
    looks = iter(["127.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"])
    room = a_room(tmp_path, site, source(feed=f"http://rebind.example:{site.port}/feed", follow=True))

    with site.web(resolver=lambda host, port: [next(looks)]) as web:
        site.patience = 1
        one = gather_sources(room, now=NOW, web=web)

    assert one.new == 0
    assert "10.0.0.1" in one.failures[0].reason


def test_threads_that_share_a_store_lose_nothing(tmp_path, site):
    for number in range(40):
        serve(site, f"/feed{number}", a_feed(site, *(Told(number * 10 + at) for at in range(10))))
    room = a_room(tmp_path, site, *(source(f"S{number}", feed=site.url(f"/feed{number}")) for number in range(40)))

    assert counts(gathered(room)) == (400, 0, 0)
    assert room.stories.count() == 400
    assert threading.active_count() < 80
