"""On the desk a change is in the plan at once or not at all, can be taken back, and nobody's work is lost by it."""

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from digest.edit import window
from digest.edit.plan import read_plan
from digest.errors import Busy, PlanError, Refused, StoreError
from digest.newsroom import Newsroom, open_newsroom
from digest.workflow.approve import approve_issue, sealed
from digest.workflow.build import build_issue
from digest.workflow.desk import Desk, Overtaken
from digest.workflow.gather import gather_sources
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, on_its_way
from tests.ledgers import people
from tests.make import a_story_file
from tests.store.disk import child, dying_at


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ready")
    a_ready_newsroom(folder)
    return folder


@pytest.fixture
def newsroom(ready, tmp_path) -> Newsroom:
    return open_newsroom(shutil.copytree(ready, tmp_path / "newsroom"))


def a_desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom, ISSUE, clock=lambda: MONDAY, environment={})


def the_plan(newsroom: Newsroom) -> Path:
    return newsroom.issues.path(ISSUE) / "plan.toml"


def subject(text: str) -> dict[str, Any]:
    return {"do": "set", "place": "", "key": "subject", "value": text}


def change(desk: Desk, wanted: dict[str, Any]) -> None:
    desk.change(desk.stamp(), wanted)


# --- changing


def test_a_change_is_in_the_plan_at_once(newsroom):
    desk = a_desk(newsroom)

    change(desk, subject("Pier reopens"))

    assert read_plan(the_plan(newsroom).read_text("utf-8"), where="").subject == "Pier reopens"
    assert desk.state()["subject"] == "Pier reopens"
    assert "Pier reopens" in desk.seen().proof.email.subject


def test_a_change_for_a_plan_that_is_no_more_is_told_and_changes_nothing(newsroom):
    one, other = a_desk(newsroom), a_desk(newsroom)
    stamp = other.stamp()
    change(one, subject("The first"))

    with pytest.raises(Overtaken, match="was changed elsewhere"):
        other.change(stamp, subject("The second"))

    assert other.state()["subject"] == "The first"


def test_an_edit_in_a_text_editor_shows_up_by_itself_and_is_never_overwritten(newsroom):
    desk = a_desk(newsroom)
    before = desk.stamp()
    the_plan(newsroom).write_text(the_plan(newsroom).read_text("utf-8").replace("Stadium", "Arena"), "utf-8")

    assert desk.stamp() != before
    assert desk.state()["lead"]["headline"] == "Arena lights are replaced, u3"
    with pytest.raises(Overtaken):
        desk.change(before, subject("Pier reopens"))


def test_two_who_change_at_once_are_never_mixed(newsroom):
    desks = [a_desk(newsroom) for _ in range(8)]
    stamp, outcomes = desks[0].stamp(), []

    def rush(number: int) -> None:
        try:
            desks[number].change(stamp, subject(f"Subject {number}"))
            outcomes.append(f"Subject {number}")
        except Busy:
            pass

    threads = [threading.Thread(target=rush, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [a_desk(newsroom).state()["subject"]] == outcomes


def test_a_change_while_another_digest_builds_is_told(newsroom):
    desk = a_desk(newsroom)

    with newsroom.issues.building(ISSUE), pytest.raises(Busy, match="is building"):
        change(a_desk(open_newsroom(newsroom.root)), subject("Pier reopens"))

    assert desk.state()["subject"] != "Pier reopens"


def test_a_change_that_makes_no_sense_changes_nothing(newsroom):
    desk, before = a_desk(newsroom), the_plan(newsroom).read_bytes()

    for wanted in (
        {"do": "explode"},
        {"do": "drop", "place": "section[99]"},
        {"do": "set", "place": "lead", "key": "headline", "value": 7},
        {},
    ):
        with pytest.raises(PlanError):
            change(desk, wanted)

    assert the_plan(newsroom).read_bytes() == before
    assert not desk.state()["undo"]


def test_a_desk_killed_at_any_step_leaves_the_plan_whole(ready, tmp_path):
    versions = []
    for step in range(1, 60):
        room = open_newsroom(shutil.copytree(ready, tmp_path / f"{step}"))
        approve_issue(room, ISSUE, MONDAY)  # so that it is killed while taking that back, too
        desk, before = a_desk(room), the_plan(room).read_bytes()
        stamp = desk.stamp()
        process = child(dying_at(step, lambda desk=desk, stamp=stamp: desk.change(stamp, subject("Pier reopens"))))
        process.join()
        survivor = a_desk(open_newsroom(room.root))
        versions.append(survivor.state()["subject"])
        assert survivor.state()["fault"] == ""
        assert (the_plan(room).read_bytes() == before) == (versions[-1] != "Pier reopens")
        change(survivor, subject("Still at work"))
        assert survivor.state()["subject"] == "Still at work"
        if process.exitcode == 0:
            break

    assert process.exitcode == 0 and len(versions) > 8
    assert len(set(versions)) == 2


# --- taking back


def test_changes_are_taken_back_and_made_again_in_order(newsroom):
    desk, first = a_desk(newsroom), the_plan(newsroom).read_bytes()
    change(desk, subject("One"))
    change(desk, subject("Two"))

    desk.undo(desk.stamp())
    desk.undo(desk.stamp())
    assert the_plan(newsroom).read_bytes() == first
    assert (desk.state()["undo"], desk.state()["redo"]) == (False, True)

    desk.redo(desk.stamp())
    assert desk.state()["subject"] == "One"
    change(desk, subject("Three"))
    assert (desk.state()["undo"], desk.state()["redo"]) == (True, False)
    with pytest.raises(Refused, match="nothing to redo"):
        desk.redo(desk.stamp())


def test_what_somebody_else_wrote_is_not_taken_back(newsroom):
    desk = a_desk(newsroom)
    change(desk, subject("Mine"))
    theirs = the_plan(newsroom).read_text("utf-8").replace("Mine", "Theirs")
    the_plan(newsroom).write_text(theirs, "utf-8")

    assert not desk.state()["undo"]
    with pytest.raises(Refused, match="changed elsewhere"):
        desk.undo(desk.stamp())
    change(desk, subject("Mine again"))
    desk.undo(desk.stamp())

    assert the_plan(newsroom).read_text("utf-8") == theirs
    assert not desk.state()["undo"]


def test_a_change_that_changes_nothing_is_nothing_to_take_back(newsroom):
    desk, before = a_desk(newsroom), the_plan(newsroom).read_bytes()

    change(desk, subject(desk.state()["subject"]))

    assert the_plan(newsroom).read_bytes() == before
    assert not desk.state()["undo"]


# --- approving


def test_what_is_approved_is_what_was_shown(newsroom):
    desk = a_desk(newsroom)
    change(desk, subject("Pier reopens"))
    shown = desk.seen().proof.email.html

    asked = desk.approve(desk.stamp(), sure=True)

    assert asked == ()
    assert newsroom.issues.sealed_path(ISSUE, "email.html").read_bytes() == shown.encode()
    assert sealed(newsroom, ISSUE).subject == "Pier reopens"
    assert desk.state()["state"] == "approved"
    assert desk.state()["sealed_at"] == "2025-08-18T12:00:00Z"


def test_warnings_are_asked_about_and_errors_are_told(newsroom):
    desk = a_desk(newsroom)
    change(desk, subject("x" * 90))

    assert [one.finding.rule for one in desk.approve(desk.stamp(), sure=False)] == ["subject-and-preheader-fit"]
    assert desk.state()["state"] == "planned"
    change(desk, {"do": "set", "place": "lead", "key": "link", "value": "javascript:alert(1)"})
    with pytest.raises(Refused) as refused:
        desk.approve(desk.stamp(), sure=True)

    assert "links to 'javascript:alert(1)'" in refused.value.faults[0]
    desk.undo(desk.stamp())
    assert desk.approve(desk.stamp(), sure=True) == ()


def test_an_approval_of_what_is_no_more_is_refused(newsroom):
    desk = a_desk(newsroom)
    stamp = desk.stamp()
    the_plan(newsroom).write_text(the_plan(newsroom).read_text("utf-8").replace("Stadium", "Arena"), "utf-8")

    with pytest.raises(Overtaken):
        desk.approve(stamp, sure=True)

    assert not newsroom.issues.is_sealed(ISSUE)


def test_a_mail_other_than_the_one_that_was_looked_at_is_not_approved(newsroom):
    looked_at = a_desk(newsroom).seen().proof.email
    the_plan(newsroom).write_text(the_plan(newsroom).read_text("utf-8").replace("Stadium", "Arena"), "utf-8")

    with pytest.raises(Busy, match="nothing was approved"):
        approve_issue(newsroom, ISSUE, MONDAY, previewed=looked_at)

    assert not newsroom.issues.is_sealed(ISSUE)


@pytest.mark.parametrize("step", ["change", "undo", "redo"])
def test_any_later_change_takes_the_approval_back(newsroom, step):
    desk = a_desk(newsroom)
    change(desk, subject("Pier reopens"))
    if step == "redo":
        desk.undo(desk.stamp())
    desk.approve(desk.stamp(), sure=True)
    assert desk.state()["state"] == "approved"

    if step == "change":
        change(desk, subject("Pier stays shut"))
    else:
        getattr(desk, step)(desk.stamp())

    assert desk.state()["state"] == "planned"
    assert not newsroom.issues.is_sealed(ISSUE)


def test_an_approval_that_a_text_editor_made_void_is_told(newsroom):
    desk = a_desk(newsroom)
    desk.approve(desk.stamp(), sure=True)
    the_plan(newsroom).write_text(the_plan(newsroom).read_text("utf-8") + "\n# looked at\n", "utf-8")

    assert desk.state()["state"] == "planned"
    assert "was changed after it was approved" in desk.state()["withdrawn"]


def test_another_tab_is_told_of_an_approval_before_it_takes_it_back(newsroom):
    one, other = a_desk(newsroom), a_desk(newsroom)
    stamp = other.stamp()
    one.approve(one.stamp(), sure=True)

    with pytest.raises(Overtaken):
        other.change(stamp, subject("Pier reopens"))

    assert newsroom.issues.is_sealed(ISSUE)


def test_nothing_is_changed_once_it_is_on_its_way(newsroom):
    desk = a_desk(newsroom)
    change(desk, subject("Pier reopens"))
    desk.approve(desk.stamp(), sure=True)
    people(newsroom.issues._database, 2)
    waiting = desk.stamp()
    on_its_way(newsroom)
    assert desk.stamp() != waiting
    assert desk.state()["state"] == "sending"
    before = the_plan(newsroom).read_bytes()

    for act in (lambda: change(desk, subject("Too late")), lambda: desk.undo(desk.stamp())):
        with pytest.raises(Refused, match="can no longer be changed"):
            act()

    assert the_plan(newsroom).read_bytes() == before
    assert newsroom.issues.is_sealed(ISSUE)


# --- stories that their sources changed since


def gather(newsroom: Newsroom) -> None:
    gather_sources(newsroom, now=MONDAY.replace(hour=15))


def stories_found(desk: Desk) -> list[tuple[str, str]]:
    return [
        (finding["severity"], finding["message"])
        for finding in desk.state()["findings"]
        if finding["rule"] == "every-story-is-as-it-was-read"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Workers replaced every lamp. The first night game is Sunday.", "its source changed “Stadium lights are replaced, u3”"),
        (
            "Correction: The first night game is Sunday.\n\nWorkers replaced every floodlight at the stadium.",
            "its source corrected “Stadium lights are replaced, u3”",
        ),
    ],
)
def test_a_story_that_its_source_changed_is_asked_about_at_approval(newsroom, text, said):
    desk = a_desk(newsroom)
    stamp = desk.stamp()
    assert desk.state()["findings"] == []
    a_story_file(newsroom.root, "u3", text=text)
    gather(newsroom)

    asked = desk.approve(stamp, sure=True)  # sure of what was shown, which did not say so yet

    assert [one.finding.rule for one in asked] == ["every-story-is-as-it-was-read"]
    assert stories_found(desk)[0][0] == "warning" and stories_found(desk)[0][1].startswith(said)
    assert desk.approve(stamp, sure=True) == ()


def test_a_story_that_its_source_took_back_cannot_be_approved(newsroom):
    desk = a_desk(newsroom)
    (newsroom.root / "stories" / "u3.md").unlink()
    gather(newsroom)

    with pytest.raises(Refused) as refused:
        desk.approve(desk.stamp(), sure=True)

    assert "its source no longer has “Stadium lights are replaced, u3”" in refused.value.faults[0]
    change(desk, {"do": "drop", "place": "lead"})
    assert stories_found(desk) == []


def test_a_story_that_was_gathered_again_as_it_was_is_no_finding(newsroom):
    desk = a_desk(newsroom)
    a_story_file(newsroom.root, "u3", text="Something else. Entirely so.")
    gather(newsroom)
    a_story_file(newsroom.root, "u3")
    gather(newsroom)

    assert stories_found(desk) == []


def test_building_again_settles_it(newsroom):
    a_story_file(newsroom.root, "u3", text="Workers replaced every lamp in the hall. The first night game is Sunday evening.")
    gather(newsroom)
    desk = a_desk(newsroom)
    assert len(stories_found(desk)) == 1

    edition = newsroom.edition("week")
    span = window.week(ISSUE, edition=edition, zone=newsroom.settings.zone, now=MONDAY)
    build_issue(newsroom, span, edition, now=MONDAY.replace(hour=16))

    assert stories_found(a_desk(newsroom)) == []


# --- what it knows of stories


def test_words_that_the_story_does_not_hold_are_marked(newsroom):
    desk = a_desk(newsroom)
    assert desk.state()["lead"]["strange"] == []

    change(desk, {"do": "set", "place": "lead", "key": "summary", "value": "\U0001f3df Workers secretly replaced every FLOODLIGHT."})

    assert desk.state()["lead"]["strange"] == [(11, 19)]  # as a browser counts: the stadium is two


def test_a_dropped_item_can_be_put_back_as_build_wrote_it(newsroom):
    desk = a_desk(newsroom)
    lead = desk.state()["lead"]
    change(desk, {"do": "drop", "place": "lead"})
    assert [(one["id"], one["reason"]) for one in desk.state()["left_out"]] == [(lead["story"], "dropped by the editor")]

    change(desk, {"do": "add", "brief": {"story": lead["story"]}, "section": 0, "at": 0})

    assert {**desk.state()["sections"][0]["items"][0], "place": "lead"} == lead
    assert desk.state()["left_out"] == []


def test_a_story_of_the_store_becomes_an_item(newsroom):
    a_story_file(newsroom.root, "u9", date="2025-07-01 09:30")
    gather(newsroom)
    desk = a_desk(newsroom)
    found = desk.search("u9")
    assert [story["in"] for story in found] == [""]

    change(desk, {"do": "add", "brief": {"story": found[0]["id"]}, "section": 0, "at": 1})

    assert desk.search("u9")[0]["in"] == "section[0].brief[1]"
    item = desk.state()["sections"][0]["items"][1]
    assert item["headline"] == found[0]["headline"] and item["date"] == "2025-07-01" and item["summary"]
    with pytest.raises(StoreError, match="No story"):
        change(desk, {"do": "add", "brief": {"story": "nothing"}, "section": 0, "at": 1})


def test_a_story_is_explained_with_its_sentences(newsroom):
    desk = a_desk(newsroom)
    lead = desk.state()["lead"]

    told = desk.story(lead["story"])

    sentences = [told["paragraphs"][span["paragraph"]][span["start"] : span["end"]] for span in told["spans"]]
    assert " ".join(sentences) == lead["summary"]
    assert (told["decision"], told["section"], told["reason"]) == ("in", "Lead", "published in the window")


def test_digest_toml_is_read_again_when_it_changes(newsroom):
    desk = a_desk(newsroom)
    config = newsroom.root / "digest.toml"
    desk.state()

    config.write_text(config.read_text("utf-8").replace("Headlines <", "Front page <"), "utf-8")
    os.utime(config, ns=(1, 1))
    assert desk.state()["sender"]["name"] == "Front page"

    config.write_text("nonsense", "utf-8")
    assert "digest.toml is not valid TOML" in desk.state()["fault"]


def test_a_broken_plan_is_told_and_mended_by_itself(newsroom):
    desk, sound = a_desk(newsroom), the_plan(newsroom).read_text("utf-8")
    the_plan(newsroom).write_text("subject = ", "utf-8")

    assert "is not valid TOML" in desk.state()["fault"]
    assert desk.seen().proof is None
    with pytest.raises(PlanError):
        change(desk, subject("Pier reopens"))
    with pytest.raises(Refused):
        desk.approve(desk.stamp(), sure=True)
    assert the_plan(newsroom).read_text("utf-8") == "subject = "

    the_plan(newsroom).write_text(sound, "utf-8")
    assert desk.state()["fault"] == ""


def test_an_issue_that_is_not_there_has_no_desk(newsroom):
    with pytest.raises(StoreError, match="There is no issue 2025-W01"):
        Desk(newsroom, "2025-W01", clock=lambda: MONDAY, environment={})
