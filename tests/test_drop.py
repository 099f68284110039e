"""A watched drop folder, from files that others put there and take away to stories that stay."""

import gzip
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.newsroom import Newsroom, open_newsroom
from digest.workflow.gather import Gathered, gather_sources, known_failures
from tests.make import CONFIG, MATTERS
from tests.store.disk import a_folder_for_all, child, dying_at, without_rights

NOW = datetime(2025, 8, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WIRE = CONFIG.replace('name = "Garrison Post"\nfiles = "stories"', 'name = "Harbor Ledger"\nfiles = "drop"\ndrop = true')
FORMATS = Path(__file__).parent / "formats"


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return a_wire(tmp_path)


def a_wire(root: Path) -> Newsroom:
    (root / "drop").mkdir(parents=True)
    (root / "digest.toml").write_text(WIRE, encoding="utf-8")
    return open_newsroom(root)


def nitf(guid: str = "s0", *, matter: int = 0, version: int = 0, more: str = "") -> str:
    headline, text = MATTERS[matter]
    key = f"<du-key version='{version}'/>" if version else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nitf SYSTEM "nitf.dtd">\n<nitf><head><docdata><doc-id id-string="{guid}"/>{key}'
        f"<date.issue norm='20250812T093000Z'/></docdata></head><body><body.head><hedline><hl1>{headline}</hl1></hedline></body.head>"
        f"<body.content><p>{text}{more} — café &amp; quay</p><!-- desk --></body.content></body></nitf>\n"
    )


def ninjs(guid: str = "n0", *, matter: int = 1) -> str:
    headline, text = MATTERS[matter]
    return json.dumps({"uri": guid, "headline": headline, "body_text": text, "versioncreated": "2025-08-12T09:30:00Z"})


def drop(root: Path, name: str, content: str | bytes, *, age: timedelta = 60 * MINUTE, now: datetime = NOW) -> Path:
    path = root / "drop" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    moment = (now - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def gather(newsroom: Newsroom, *, now: datetime = NOW) -> Gathered:
    return gather_sources(newsroom, now=now)


def counts(found: Gathered) -> tuple[int, int, int, int]:
    return found.new, found.changed, found.gone, len(found.failures)


def aside(newsroom: Newsroom) -> list[str]:
    return sorted(path.name for path in (newsroom.root / "drop").glob("set-aside/*"))


def is_there(newsroom: Newsroom) -> bool:
    """Whether the store has exactly one story, and its source has it too."""
    (story,) = newsroom.stories.search("")
    return not newsroom.stories.gone([story.id])


# --- what was read is remembered


def test_a_file_is_read_once_and_its_story_stays_when_others_take_the_file_away(newsroom):
    path = drop(newsroom.root, "a.xml", nitf())
    assert counts(gather(newsroom)) == (1, 0, 0, 0)
    path.unlink()

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert is_there(newsroom)


def test_a_plain_folder_loses_a_story_with_its_file(newsroom):
    (newsroom.root / "digest.toml").write_text(WIRE.replace("drop = true", "drop = false"), encoding="utf-8")
    plain = open_newsroom(newsroom.root)
    path = drop(newsroom.root, "a.xml", nitf())
    gather(plain)
    path.unlink()

    assert counts(gather(plain)) == (0, 0, 1, 0)


@pytest.mark.parametrize("name", ["a.xml", "b.xml"])
@pytest.mark.parametrize("taken", [True, False])
def test_a_file_that_comes_again_changes_nothing(newsroom, name, taken):
    path = drop(newsroom.root, "a.xml", nitf())
    gather(newsroom)
    if taken:
        path.unlink()
        gather(newsroom)
    drop(newsroom.root, name, nitf(), age=MINUTE)

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert newsroom.stories.count() == 1
    assert aside(newsroom) == []


@pytest.mark.parametrize("version", [2, 0])
@pytest.mark.parametrize("name", ["a.xml", "b.xml", "A.xml"])
@pytest.mark.parametrize("taken", [True, False])
def test_a_later_version_replaces_an_earlier_one(newsroom, version, name, taken):
    path = drop(newsroom.root, "a.xml", nitf(version=min(version, 1)))
    gather(newsroom)
    if taken:
        path.unlink()
    drop(newsroom.root, name, nitf(version=version, more=" It rained."), age=MINUTE)

    assert counts(gather(newsroom)) == (0, 1, 0, 0)
    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert "It rained." in newsroom.stories.search("")[0].paragraphs[0]


def test_an_earlier_version_that_comes_late_changes_nothing(newsroom):
    drop(newsroom.root, "b.xml", nitf(version=2, more=" It rained."))
    gather(newsroom)
    drop(newsroom.root, "c.xml", nitf(version=1), age=MINUTE)

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert "It rained." in newsroom.stories.search("")[0].paragraphs[0]


def test_a_file_that_is_always_called_the_same_loses_no_story(newsroom):
    for matter in range(3):
        drop(newsroom.root, "latest.xml", nitf(f"s{matter}", matter=matter))
        assert counts(gather(newsroom)) == (1, 0, 0, 0)

    assert newsroom.stories.count() == 3
    assert newsroom.stories.gone([story.id for story in newsroom.stories.search("")]) == {}


# --- what waits


@pytest.mark.parametrize("age", [timedelta(), timedelta(seconds=4), -4 * MINUTE])
def test_a_file_that_is_being_written_waits(newsroom, age):
    drop(newsroom.root, "a.xml", nitf(), age=age)

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert counts(gather(newsroom, now=NOW + 5 * MINUTE)) == (1, 0, 0, 0)


def cut_files() -> dict[str, bytes]:
    rss = (FORMATS / "harbor-ledger.rss.xml").read_bytes()
    return {
        "a.xml": nitf().encode()[:-40],
        "empty.xml": b"",
        "a.json": ninjs().encode()[:-5],
        "a.xml.gz": gzip.compress(nitf().encode())[:-9],
        "empty.gz.xml.gz": b"",
        "inside.xml.gz": gzip.compress(nitf().encode()[:-40]),
        "feed.rss": rss[: len(rss) * 2 // 3],
        "a.jsonl": b'{"headline": "A pier op',
        "a.md": b"---\ntitle: [A pier",
        "a.txt": b"",
    }


@pytest.mark.parametrize("name", cut_files())
def test_a_file_that_ends_too_early_waits_ten_minutes_and_is_then_set_aside(newsroom, name):
    drop(newsroom.root, name, cut_files()[name], age=timedelta(seconds=6))

    for minutes in (0, 5, 9):
        assert counts(gather(newsroom, now=NOW + minutes * MINUTE)) == (0, 0, 0, 0)
        assert known_failures(newsroom) == ()
    late = gather(newsroom, now=NOW + 10 * MINUTE)

    if name == "feed.rss":  # of a feed what can be read is better than nothing
        assert late.new
        assert aside(newsroom) == []
    else:
        assert counts(late) == (0, 0, 0, 1)
        assert aside(newsroom) == [name, f"{name}.why.txt"]


def test_a_file_from_the_future_that_ends_too_early_waits_no_longer(newsroom):
    drop(newsroom.root, "a.xml", nitf()[:-40], age=timedelta(days=-400))

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert counts(gather(newsroom, now=NOW + 10 * MINUTE)) == (0, 0, 0, 1)
    assert aside(newsroom) == ["a.xml", "a.xml.why.txt"]


def test_a_story_whose_next_version_is_half_written_stays(newsroom):
    drop(newsroom.root, "a.xml", nitf(version=1))
    gather(newsroom)
    drop(newsroom.root, "a.xml", nitf(version=2)[:200], age=MINUTE)

    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert counts(gather(newsroom, now=NOW + 15 * MINUTE)) == (0, 0, 0, 1)
    assert is_there(newsroom)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(nitf().encode()) - 1), first=st.booleans())
def test_cut_at_any_byte_a_file_waits_and_its_story_comes(tmp_path_factory, an_empty_database, at, first):
    root = tmp_path_factory.mktemp("cut")
    newsroom = a_wire(root)
    shutil.copy(an_empty_database, root / "digest.db")
    if first:
        drop(root, "a.xml", nitf(more=" It snowed."))
        gather(newsroom)
    drop(root, "a.xml", nitf().encode()[:at], age=timedelta(seconds=5))

    half = gather(newsroom)
    assert half.failures == ()
    assert aside(newsroom) == []
    drop(root, "a.xml", nitf(), age=timedelta(seconds=5))
    gather(newsroom)

    assert is_there(newsroom)
    assert newsroom.stories.search("")[0].paragraphs == (f"{MATTERS[0][1]} — café & quay",)
    shutil.rmtree(root)


# --- what is set aside

BAD = {
    "sitemap.xml": "<urlset></urlset>",
    "other.xml": "<recipe>Salt</recipe>",
    "other.json": '{"a": 1}',
    "picture.json": '{"uri": "p1", "type": "picture", "pubstatus": "usable"}',
    "no-text.nitf": "<nitf><head/><body/></nitf>",
    "junk.txt": bytes(range(256)) * 40,
    "plain.xml.gz": "<nitf/>",
    "broken.md": "---\ntitle: [\n---\nText.\n",
    "lines.jsonl": "[]\n{}\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_once_and_set_aside_with_the_reason(newsroom, name):
    drop(newsroom.root, name, BAD[name])
    drop(newsroom.root, "good.xml", nitf())

    found = gather(newsroom)

    assert found.new == 1
    assert found.failures
    assert aside(newsroom) == [name, f"{name}.why.txt"]
    why = (newsroom.root / "drop" / "set-aside" / f"{name}.why.txt").read_text("utf-8")
    assert all(f"{failure.place}\n{failure.reason}\n{failure.hint}" in why for failure in found.failures)
    assert "2025-08-18 12:00 UTC" in why
    assert known_failures(newsroom) == ()
    assert list(newsroom.stories.seen("Harbor Ledger")) == ["drop/good.xml"]
    assert counts(gather(newsroom)) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["sitemap.xml", "other.json"])
def test_a_whole_file_that_is_bad_does_not_wait(newsroom, name):
    drop(newsroom.root, name, BAD[name], age=timedelta(seconds=6))

    assert len(gather(newsroom).failures) == 1
    assert aside(newsroom) == [name, f"{name}.why.txt"]


def test_a_file_of_which_something_could_be_read_is_not_bad(newsroom):
    path = drop(newsroom.root, "message.xml", (FORMATS / "quiet-harbor.message.xml").read_bytes())

    assert counts(gather(newsroom)) == (3, 0, 0, 1)
    assert counts(gather(newsroom)) == (0, 0, 0, 1)
    assert aside(newsroom) == []
    path.unlink()
    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert known_failures(newsroom) == ()


def test_a_story_of_another_source_is_refused_and_its_file_left_alone(newsroom):
    more = '[[source]]\nname = "Other Wire"\nfiles = "other"\n\n[editions.weekly]'
    (newsroom.root / "digest.toml").write_text(WIRE.replace("[editions.weekly]", more), encoding="utf-8")
    story = "---\ntitle: A bell\nurl: https://garrisonpost.example/u9\ndate: 2025-08-12\n---\nThe bell rang on Tuesday at noon.\n"
    (newsroom.root / "other").mkdir()
    (newsroom.root / "other" / "a.md").write_text(story)
    both = open_newsroom(newsroom.root)
    gather(both)
    path = drop(newsroom.root, "a.md", story)

    for _ in range(2):
        assert len(gather(both).failures) == len(known_failures(both)) == 1
        assert aside(both) == []
    path.unlink()
    assert gather(both).failures == known_failures(both) == ()


def test_a_bad_file_that_was_good_before_leaves_its_story(newsroom):
    drop(newsroom.root, "a.xml", nitf())
    gather(newsroom)
    drop(newsroom.root, "a.xml", "<recipe>Salt</recipe>")

    assert counts(gather(newsroom)) == (0, 0, 0, 1)
    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    assert is_there(newsroom)


def test_what_cannot_be_moved_is_told_each_time_with_both_reasons():
    with a_folder_for_all() as root:
        gather(a_wire(root))  # the store is made
        drop(root, "a.xml", "<recipe>Salt</recipe>")
        for path in (root / "digest.db", *root.glob("digest.db*")):
            path.chmod(0o666)
        root.chmod(0o777)
        (root / "drop").chmod(0o555)

        def work() -> None:
            for _ in range(2):
                reasons = [failure.reason for failure in gather(open_newsroom(root)).failures]
                assert len(reasons) == 2, reasons
                assert reasons[0].startswith("this is no news format")
                assert reasons[1] == "It cannot be moved to set-aside: Permission denied."

        process = child(without_rights(work))
        process.join()
        assert process.exitcode == 0
        assert (root / "drop" / "a.xml").exists()


def test_a_folder_that_is_not_there_loses_the_source_and_no_story(newsroom):
    drop(newsroom.root, "a.xml", nitf())
    gather(newsroom)
    shutil.rmtree(newsroom.root / "drop")

    found = gather(newsroom)

    assert found.lost == ("Harbor Ledger",)
    assert len(found.failures) == 1
    assert is_there(newsroom)


# --- killed


def test_a_kill_at_any_step_loses_neither_a_story_nor_a_bad_file_nor_its_reason(tmp_path, an_empty_database):
    kinds = set()
    for step in range(1, 80):
        root = tmp_path / str(step)
        newsroom = a_wire(root)
        shutil.copy(an_empty_database, root / "digest.db")
        drop(root, "a.xml", nitf())
        drop(root, "bad.xml", "<recipe>Salt</recipe>")
        drop(root, "broken.md", "---\ntitle: [\n---\nText.\n")

        process = child(dying_at(step, lambda root=root: gather(open_newsroom(root))))
        process.join()
        kinds.add((len(aside(newsroom)), newsroom.stories.count()))
        gather(newsroom)

        assert is_there(newsroom)
        for name in ("bad", "broken"):
            (moved,) = [path for path in (root / "drop" / "set-aside").glob(f"{name}*") if not path.name.endswith(".why.txt")]
            assert "Harbor" not in moved.read_text("utf-8")
            assert len(moved.with_name(f"{moved.name}.why.txt").read_text("utf-8").splitlines()) == 5
        if process.exitcode == 0:
            break

    assert process.exitcode == 0
    assert {kept for _, kept in kinds} == {0, 1}
    assert len({moved for moved, _ in kinds}) > 2
