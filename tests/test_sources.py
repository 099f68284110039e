"""How sources are, and pages that are added one by one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.workflow.gather import gather_sources
from digest.workflow.sources import add_pages, conditions, troubles
from tests.gather.site import a_site, an_answer
from tests.make import A_TUESDAY, a_story_file
from tests.newsweb import Told, a_feed, a_page, a_room, serve, source

NOW = A_TUESDAY + timedelta(hours=6)
ONE, TWO = Told(1), Told(2)


@pytest.fixture
def site():
    with a_site() as site:
        yield site


def digest(room, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "digest.cli", *words],
        cwd=room.root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


# --- health


def test_a_source_that_is_read_is_well(tmp_path, site):
    serve(site, "/feed", a_feed(site, *(replace(Told(number), date=NOW - timedelta(days=number)) for number in range(1, 8))))
    room = a_room(tmp_path, site)
    assert [one.state for one in conditions(room, now=NOW)] == ["new"]
    gather_sources(room, now=NOW)

    (one,) = conditions(room, now=NOW)

    assert (one.state, one.stories, one.a_day, one.trouble) == ("well", 7, 0.5, "")
    assert one.health
    assert one.health.read_at == NOW
    assert one.newest == NOW - timedelta(days=1) + timedelta(minutes=1)


def test_a_source_that_fails_says_since_when_and_how_often_and_is_well_again(tmp_path, site):
    site.pages["/feed"] = an_answer(b"", "500 Oops")
    room = a_room(tmp_path, site)
    for hour in range(3):
        gather_sources(room, now=NOW + timedelta(hours=hour))

    (line,) = troubles(room, now=NOW + timedelta(hours=3)).values()
    serve(site, "/feed", a_feed(site, ONE))
    gather_sources(room, now=NOW + timedelta(hours=4))
    (after,) = conditions(room, now=NOW + timedelta(hours=4))

    assert line.startswith("Post: The site has a fault (500). (since 2025-08-12 20:00 UTC, 3 times)")
    assert (after.state, after.trouble) == ("well", "")
    assert after.health
    assert after.health.reason == "The site has a fault (500)."


def test_a_folder_that_is_not_there_fails_too(tmp_path, site):
    room = a_room(tmp_path, site, source(files="stories"))
    gather_sources(room, now=NOW)

    assert [one.state for one in conditions(room, now=NOW)] == ["fails"]


@pytest.mark.parametrize(("days", "state"), [(1.9, "well"), (4, "well"), (7, "silent")])
def test_a_silence_longer_than_twice_the_usual_is_told(tmp_path, site, days, state):
    usual = [replace(Told(number), date=NOW - timedelta(days=3 * number)) for number in range(6)]
    serve(site, "/feed", a_feed(site, *usual))
    room = a_room(tmp_path, site)
    later = NOW + timedelta(days=days)
    gather_sources(room, now=NOW)
    gather_sources(room, now=later)

    (one,) = conditions(room, now=later)

    assert one.state == state
    assert one.trouble == ("Nothing new for 7 days; its longest silence was 3 days." if state == "silent" else "")


def test_digest_sources_shows_them_and_ends_with_1_where_something_is_wrong(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE))
    room = a_room(tmp_path, site, source(feed=site.url("/feed")), source("Bad", feed=site.url("/bad")))

    assert digest(room, "gather")[0] == 1
    code, shown = digest(room, "sources")

    assert code == 1
    assert "Post\tfeed\twell\t" in shown
    assert "Bad\tfeed\tfails\tnever\tnone\t0\t0.0" in shown
    assert "Bad: There is nothing at this address (404)." in shown
    told = json.loads(digest(room, "sources", "--json")[1])
    assert [(one["source"], one["state"], one["place"]) for one in told] == [
        ("Post", "well", site.url("/feed")), ("Bad", "fails", site.url("/bad")),
    ]  # fmt: skip


def test_a_source_that_has_moved_says_where(tmp_path, site):
    site.pages["/feed"] = an_answer(b"", "301 Moved Permanently", location="/new")
    serve(site, "/new", a_feed(site, ONE))
    room = a_room(tmp_path, site)

    digest(room, "gather")

    assert f"it has moved to {site.url('/new')}; write that into digest.toml" in digest(room, "sources")[1]


def test_a_source_whose_every_page_is_refused_fails_in_this_round_and_in_the_next(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO, full=False))
    for number in (1, 2):
        site.pages[f"/s/{number}"] = an_answer(b"", "403 Forbidden")
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))

    rounds = [gather_sources(room, now=NOW + timedelta(hours=hour)) for hour in (0, 0.5)]

    assert [one.lost for one in rounds] == [("Post",), ("Post",)]
    (line,) = troubles(room, now=NOW + timedelta(hours=1)).values()
    assert line.startswith("Post: 2 pages in a row could not be read.")
    assert digest(room, "sources")[0] == 1


def test_a_site_that_begins_to_refuse_is_told_after_three_pages_and_well_once_one_is_read(tmp_path, site):
    told = [Told(number) for number in range(1, 6)]
    serve(site, "/feed", a_feed(site, *told[:1], full=False))
    serve(site, "/s/1", a_page(told[0]))
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))
    lost = []

    for hour in range(5):
        if hour:
            site.pages[f"/s/{hour + 1}"] = an_answer(b"", "403 Forbidden")
            site.pages["/s/1"] = an_answer(b"", "403 Forbidden")
            serve(site, "/feed", a_feed(site, *told[: hour + 1], full=False))
        lost.append(gather_sources(room, now=NOW + timedelta(hours=hour)).lost)
    serve(site, "/s/5", a_page(told[4]))
    after = gather_sources(room, now=NOW + timedelta(hours=40))

    assert lost == [(), (), (), ("Post",), ("Post",)]
    assert (after.lost, [one.state for one in conditions(room, now=NOW + timedelta(hours=40))]) == ((), ["well"])


def test_pages_that_are_put_off_are_no_failure_of_their_source(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE, TWO, full=False))
    site.pages["/s/1"] = an_answer(b"", "429 Too Many Requests", retry_after="600")
    room = a_room(tmp_path, site, source(feed=site.url("/feed"), follow=True))

    assert gather_sources(room, now=NOW).lost == ()


# --- one page


def test_a_page_that_is_added_stays_whatever_is_gathered_and_is_looked_at_again(tmp_path, site):
    serve(site, "/feed", a_feed(site, TWO))
    serve(site, "/s/1", a_page(ONE))
    room = a_room(tmp_path, site)

    added, gathered = add_pages(room, [site.url("/s/1")], now=NOW)
    gather_sources(room, now=NOW)
    del site.pages["/s/1"]
    later = gather_sources(room, now=NOW + timedelta(hours=2))

    assert [story.headline for story in added] == [ONE.title]
    assert gathered.failures == ()
    assert later.withdrawn == 1
    assert sorted(story.headline for story in room.stories.search("")) == sorted([ONE.title, TWO.title])


def test_a_page_that_cannot_be_read_is_told_and_not_remembered(tmp_path, site):
    site.pages["/pdf"] = an_answer(b"%PDF-1.7 ...", content_type="application/pdf")
    room = a_room(tmp_path, site)

    added, gathered = add_pages(room, [site.url("/nope"), site.url("/pdf"), "http://10.0.0.1/", "rubbish"], now=NOW)

    assert added == ()
    assert {failure.place for failure in gathered.failures} == {site.url("/nope"), site.url("/pdf"), "http://10.0.0.1/", "rubbish"}
    assert room.addresses.pages("digest add") == set()


def test_digest_add_prints_the_story_and_its_site_as_the_source(tmp_path, site):
    serve(site, "/s/1", a_page(ONE))
    room = a_room(tmp_path, site)

    code, shown = digest(room, "add", site.url("/s/1"))

    assert code == 0
    assert f"\t127.0.0.1\t{ONE.title}" in shown
    assert digest(room, "add", site.url("/no"))[0] == 1


def test_digest_read_takes_an_address_as_the_newsroom_around_it_allows(tmp_path, site):
    serve(site, "/s/1", a_page(ONE), content_type="text/html")
    serve(site, "/feed", a_feed(site, ONE, TWO), content_type="application/rss+xml")
    room = a_room(tmp_path / "room", site)

    code, shown = digest(room, "read", site.url("/s/1"), site.url("/feed"))

    assert code == 0
    assert shown.count(ONE.title) >= 2
    assert TWO.title in shown
    outside = subprocess.run(
        [sys.executable, "-m", "digest.cli", "read", site.url("/s/1")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert outside.returncode == 1
    assert "no news are kept" in outside.stderr


def test_files_and_the_web_go_together(tmp_path, site):
    serve(site, "/feed", a_feed(site, ONE))
    room = a_room(tmp_path, site, source("Own", files="stories"), source(feed=site.url("/feed")))
    (Path(tmp_path) / "stories").mkdir()
    a_story_file(tmp_path, "pier")

    assert gather_sources(room, now=NOW).new == 2
