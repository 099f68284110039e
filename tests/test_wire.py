"""A drop folder of newswire files becomes stories, and what an agency holds back or takes back is in no issue."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.edit import window
from digest.edit.check import check
from digest.errors import Refused
from digest.newsroom import Newsroom, open_newsroom
from digest.workflow.approve import approve_issue
from digest.workflow.build import BuiltIssue, build_issue
from digest.workflow.gather import Gathered, gather_sources
from digest.workflow.proof import prove_issue
from tests.make import CONFIG, MATTERS

MONDAY = datetime(2025, 8, 18, 12, tzinfo=UTC)
WIRE = CONFIG.replace('name = "Garrison Post"\nfiles = "stories"', 'name = "Harbor Ledger"\nfiles = "wire/*.xml"')


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    (tmp_path / "wire").mkdir()
    (tmp_path / "digest.toml").write_text(WIRE, encoding="utf-8")
    for number in range(4):
        drop(tmp_path, f"s{number}", guid=f"s{number}", matter=number)
    return open_newsroom(tmp_path)


def drop(
    root: Path, name: str, *, guid: str, matter: int = 0, version: int = 1, docdata: str = "", attributes: str = "", more: str = ""
) -> None:
    headline, text = MATTERS[matter]
    (root / "wire" / f"{name}.xml").write_text(
        f"<nitf><head><docdata {attributes}><doc-id id-string='{guid}'/><du-key version='{version}'/>"
        f"<date.issue norm='20250812T093000Z'/>{docdata}</docdata></head><body><body.head><hedline><hl1>{headline}</hl1></hedline>"
        f"</body.head><body.content><p>{text}{more}</p></body.content></body></nitf>",
        encoding="utf-8",
    )


def gather(newsroom: Newsroom, *, now: datetime = MONDAY) -> Gathered:
    return gather_sources(newsroom, now=now)


def counts(found: Gathered) -> tuple[int, int, int, int]:
    return found.new, found.changed, found.gone, len(found.failures)


def build(newsroom: Newsroom, *, now: datetime = MONDAY) -> BuiltIssue:
    edition = newsroom.edition("week")
    gather(newsroom, now=now)
    span = window.week("2025-W33", edition=edition, zone=newsroom.settings.zone, now=now)
    return build_issue(newsroom, span, edition, now=now)


def reasons(built: BuiltIssue) -> dict[str, str]:
    return {line["headline"]: f"{line['decision']}: {line['reason']}" for line in built.report["stories"]}


def blocked(newsroom: Newsroom, *, now: datetime = MONDAY) -> list[str]:
    return [finding.message for finding in check(prove_issue(newsroom, "2025-W33", now=now)) if finding.severity == "error"]


def test_a_drop_folder_is_gathered_and_gathering_again_changes_nothing(newsroom: Newsroom) -> None:
    assert counts(gather(newsroom)) == (4, 0, 0, 0)
    assert counts(gather(newsroom)) == (0, 0, 0, 0)


@pytest.mark.parametrize(("earlier", "later"), [("s0", "z"), ("s0", "a")], ids=["its file sorts last", "its file sorts first"])
def test_a_later_version_replaces_the_story_wherever_its_file_stands(newsroom: Newsroom, earlier: str, later: str) -> None:
    gather(newsroom)
    drop(newsroom.root, later, guid=earlier, version=2, more=" It rained.")

    assert counts(gather(newsroom)) == (0, 1, 0, 0)
    assert counts(gather(newsroom)) == (0, 0, 0, 0)
    (story,) = newsroom.stories.search("It rained")
    assert (story.revision, newsroom.stories.count()) == (2, 4)


def test_all_versions_in_one_round_leave_the_latest(newsroom: Newsroom) -> None:
    drop(newsroom.root, "a", guid="s0", version=3, more=" It rained.")
    drop(newsroom.root, "b", guid="s0", version=2, more=" It snowed.")

    assert counts(gather(newsroom)) == (4, 0, 0, 0)
    assert [story.revision for story in newsroom.stories.search("It rained")] == [3]
    assert newsroom.stories.search("It snowed") == ()


def test_a_kill_withdraws_a_story_and_still_does_when_its_file_is_tidied_away(newsroom: Newsroom) -> None:
    gather(newsroom)
    drop(newsroom.root, "kill", guid="s0", attributes="management-status='canceled'")
    gather(newsroom)
    (newsroom.root / "wire" / "kill.xml").unlink()

    for _ in range(2):
        gather(newsroom)
        assert reasons(build(newsroom))[MATTERS[0][0]] == "out: withdrawn by its source"


def test_an_embargoed_story_is_out_until_its_time_has_come(newsroom: Newsroom) -> None:
    drop(newsroom.root, "s4", guid="s4", matter=4, docdata="<date.release norm='20250817T200000Z'/>")
    before = datetime(2025, 8, 17, 19, 59, tzinfo=UTC)

    assert reasons(build(newsroom, now=before))[MATTERS[4][0]] == "out: embargoed until 2025-08-17 20:00 UTC"
    assert reasons(build(newsroom, now=before + timedelta(minutes=1)))[MATTERS[4][0]] == "in: published in the window"


def test_a_kill_that_comes_after_building_blocks_the_issue(newsroom: Newsroom) -> None:
    build(newsroom)
    assert blocked(newsroom) == []
    drop(newsroom.root, "kill", guid="s0", version=2, attributes="management-status='canceled'")
    gather(newsroom)

    assert blocked(newsroom) == [f"“{MATTERS[0][0]}” is withdrawn by its source."]
    with pytest.raises(Refused) as refused:
        approve_issue(newsroom, "2025-W33", MONDAY)
    assert any("withdrawn by its source" in fault for fault in refused.value.faults)


def test_an_embargo_that_comes_after_building_blocks_the_issue_until_it_ends(newsroom: Newsroom) -> None:
    build(newsroom)
    drop(newsroom.root, "s0", guid="s0", version=2, docdata="<date.release norm='20250818T200000Z'/>")
    gather(newsroom)

    assert blocked(newsroom) == [f"“{MATTERS[0][0]}” is embargoed until 2025-08-18 20:00 UTC."]
    assert blocked(newsroom, now=datetime(2025, 8, 18, 20, tzinfo=UTC)) == []


def test_a_file_that_is_half_written_today_keeps_what_it_told(newsroom: Newsroom) -> None:
    message = (Path(__file__).parent / "formats" / "quiet-harbor.message.xml").read_text("utf-8")
    path = newsroom.root / "wire" / "message.xml"
    path.write_text(message, encoding="utf-8")
    first = gather(newsroom)
    path.write_text(message[: len(message) // 2], encoding="utf-8")
    second = gather(newsroom)
    path.write_text(message, encoding="utf-8")

    assert counts(first) == (7, 0, 0, 1)
    assert counts(second) == (0, 0, 0, 1)
    assert "it may still be on its way" in second.failures[0].hint.lower()
    assert counts(gather(newsroom)) == (0, 0, 0, 1)


def test_a_wire_folder_may_hold_every_format_side_by_side(newsroom: Newsroom) -> None:
    for path in (Path(__file__).parent / "formats").iterdir():
        if path.suffix in (".xml", ".json"):
            shutil.copy(path, newsroom.root / "wire")
    (newsroom.root / "digest.toml").write_text(WIRE.replace("wire/*.xml", "wire"), encoding="utf-8")

    found = gather(open_newsroom(newsroom.root))

    assert found.new == 4 + 11
    assert {failure.place.partition("#")[0] for failure in found.failures} == {
        "wire/museum.ninjs3.json",
        "wire/post.wxr.xml",
        "wire/quiet-harbor.message.xml",
    }
