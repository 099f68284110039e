"""An issue's files are replaced together, by one build at a time, and what it carried is remembered."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import Busy, StoreError
from digest.model import Window
from digest.store.database import Database
from digest.store.issues import Built, Issues
from tests.make import a_window
from tests.store.disk import a_folder_for_all, on_a_full_disk, said_by_a_child, without_rights

A_MONDAY = datetime(2025, 8, 18, 9, 30, tzinfo=UTC)


@pytest.fixture
def issues(tmp_path, database):
    return Issues(tmp_path / "issues", database)


def save(
    issues: Issues, id: str = "2025-W33", *, plan: str = "new", expect: str | None = None, window: Window | None = None, **more: object
):
    files = {"plan.toml": plan.encode(), "email.html": plan.encode()} | more.pop("files", {})
    settings = {"window": window or a_window(issue_id=id), "carried": ["u1"], "built_at": A_MONDAY, "expect_plan": expect}
    return issues.save(id, files, **settings | more)


def a_week(id: str, *, weeks: int = 0) -> Window:
    later = timedelta(weeks=weeks)
    return a_window(issue_id=id, start=a_window().start + later, end=a_window().end + later)


def files_of(issues: Issues, id: str = "2025-W33") -> dict[str, str]:
    folder = issues.path(id)
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def left_over(issues: Issues) -> list[str]:
    return sorted(path.name for path in issues.path("x").parent.iterdir() if path.name.startswith("."))


# --- files


def test_an_issue_is_saved_and_read(issues):
    folder = save(issues, plan="title = 'Ü'\r\n", files={"images/map.png": b"picture"})

    assert folder == issues.path("2025-W33")
    assert issues.read("2025-W33", "plan.toml") == "title = 'Ü'\r\n"
    assert set(files_of(issues)) == {"plan.toml", "email.html", "images/map.png"}
    assert issues.exists("2025-W33")
    assert left_over(issues) == []


def test_what_is_not_there_reads_as_none(issues):
    assert issues.read("2025-W33", "plan.toml") is None
    assert not issues.exists("2025-W33")
    assert issues.latest() is None
    assert issues.ids() == ()


def test_a_file_that_is_no_text_is_said_plainly(issues):
    save(issues)
    (issues.path("2025-W33") / "plan.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(StoreError, match="not UTF-8"):
        issues.read("2025-W33", "plan.toml")


def test_old_pictures_go_and_the_files_of_others_stay(issues):
    save(issues, plan="old", files={"images/old.png": b"old", "images/both.png": b"old"})
    (issues.path("2025-W33") / "approved").mkdir()
    (issues.path("2025-W33") / "approved" / "message.eml").write_text("approved")
    (issues.path("2025-W33") / "notes.txt").write_text("the editor's")

    save(issues, expect="old", files={"images/both.png": b"new"})

    assert files_of(issues) == {
        "approved/message.eml": "approved",
        "email.html": "new",
        "images/both.png": "new",
        "notes.txt": "the editor's",
        "plan.toml": "new",
    }


@pytest.mark.parametrize("id", ["", ".", "..", "../x", "a/b", ".hidden", "2025 W33", "2025-W33\n", "é", "x" * 200])
def test_an_id_never_leaves_the_folder(issues, id):
    for use in (issues.path, issues.exists, lambda id: issues.read(id, "plan.toml"), lambda id: save(issues, id)):
        with pytest.raises(StoreError, match="cannot be the id"):
            use(id)


@pytest.mark.parametrize("name", ["../plan.toml", "/etc/passwd", "a/b/c.png", "images/../x", "", "images/", ".hidden", "images/.hidden"])
def test_a_name_never_leaves_its_issue(issues, name):
    with pytest.raises(StoreError, match="cannot be a file"):
        save(issues, files={name: b""})
    with pytest.raises(StoreError, match="cannot be a file"):
        issues.read("2025-W33", name)


def test_ids_are_in_order_of_time_whatever_their_names(issues):
    save(issues, "zebra", window=a_week("zebra", weeks=1))
    save(issues, "2025-W33", window=a_week("2025-W33"))
    save(issues, "alpha", window=a_week("alpha", weeks=2))

    assert issues.ids() == ("2025-W33", "zebra", "alpha")
    assert issues.latest() == "alpha"


def test_issues_without_a_record_are_found_by_their_plan(tmp_path, issues):
    save(issues, "2025-W33")
    save(issues, "2025-W34")
    (tmp_path / "issues" / "2025-W40").mkdir()

    elsewhere = Issues(tmp_path / "issues", Database(tmp_path / "another.db"))

    assert elsewhere.ids() == ("2025-W33", "2025-W34")
    assert elsewhere.latest() == "2025-W34"


def test_a_plan_is_copied_to_a_free_name(issues):
    save(issues, plan="mine")

    copies = [issues.copy_plan("2025-W33", A_MONDAY) for _ in range(3)]

    assert [copy.name for copy in copies] == ["plan.2025-08-18T0930.toml", "plan.2025-08-18T0930-2.toml", "plan.2025-08-18T0930-3.toml"]
    assert {copy.read_text() for copy in copies} == {"mine"}


def test_a_plan_that_is_not_there_cannot_be_copied(issues):
    with pytest.raises(StoreError, match=r"plan\.toml"):
        issues.copy_plan("2025-W33", A_MONDAY)


# --- an edited plan


def test_an_edited_plan_is_put_in_place_of_the_one_that_was_seen(issues):
    save(issues, plan="built")

    with issues.building("2025-W33"):
        issues.put_plan("2025-W33", b"edited", expect_plan="built")

    assert files_of(issues) == {"plan.toml": "edited", "email.html": "built"}
    assert left_over(issues) == []


@pytest.mark.parametrize("there", ["saved meanwhile", None])
def test_an_edited_plan_never_takes_the_place_of_another(issues, there):
    save(issues, plan="built")
    plan = issues.path("2025-W33") / "plan.toml"
    plan.write_text(there) if there else plan.unlink()

    with issues.building("2025-W33"), pytest.raises(Busy, match="changed elsewhere"):
        issues.put_plan("2025-W33", b"edited", expect_plan="built")

    assert files_of(issues) == ({"plan.toml": there} if there else {}) | {"email.html": "built"}
    assert left_over(issues) == []


# --- two at once


def test_a_plan_that_an_editor_saved_meanwhile_is_not_overwritten(issues):
    save(issues, plan="built")
    (issues.path("2025-W33") / "plan.toml").write_text("edited")

    with pytest.raises(Busy, match="was changed while building"):
        save(issues, expect="built")

    assert files_of(issues) == {"plan.toml": "edited", "email.html": "built"}
    assert left_over(issues) == []


@pytest.mark.parametrize("expect", ["something", ""])
def test_a_plan_that_was_removed_meanwhile_is_a_change_too(issues, expect):
    with pytest.raises(Busy, match="was changed while building"):
        save(issues, expect=expect)

    assert not issues.exists("2025-W33")


def test_a_plan_that_appeared_meanwhile_is_not_overwritten(issues):
    save(issues, plan="built")

    with pytest.raises(Busy, match="was changed while building"):
        save(issues, expect=None)


def test_a_second_build_of_an_issue_is_busy_at_once(tmp_path, issues):
    def builds() -> None:
        save(Issues(tmp_path / "issues", Database(tmp_path / "digest.db")))

    with issues.building("2025-W33"):
        said = said_by_a_child(builds)
        save(issues)

    assert said == "Busy: Another digest is building 2025-W33."
    assert left_over(issues) == []


def test_two_issues_are_built_side_by_side(tmp_path, issues):
    def builds() -> None:
        save(Issues(tmp_path / "issues", Database(tmp_path / "digest.db")), "2025-08-13")

    with issues.building("2025-W33"):
        assert said_by_a_child(builds) == "done"


def test_opening_leaves_a_live_build_alone(tmp_path, issues):
    staging = tmp_path / "issues" / ".2025-W33.building"

    with issues.building("2025-W33"):
        staging.mkdir()
        Issues(tmp_path / "issues", Database(tmp_path / "digest.db"))
        assert staging.exists()

    Issues(tmp_path / "issues", Database(tmp_path / "digest.db"))
    assert left_over(issues) == []


# --- a disk that will not


def test_a_full_disk_leaves_the_old_issue_whole(tmp_path, issues, database):
    save(issues, plan="old")
    database.close()

    def builds() -> None:
        save(Issues(tmp_path / "issues", Database(tmp_path / "digest.db")), expect="old", files={"images/map.png": b"x" * 200_000})

    said = said_by_a_child(on_a_full_disk(builds, room=100_000))

    assert said.startswith("StoreError: The disk is full")
    assert files_of(issues) == {"plan.toml": "old", "email.html": "old"}
    assert left_over(issues) == []


def test_a_database_that_will_not_leaves_the_old_issue_whole(issues, database):
    save(issues, plan="old")
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE issue")

    with pytest.raises(StoreError):
        save(issues, expect="old")

    assert files_of(issues) == {"plan.toml": "old", "email.html": "old"}
    assert left_over(issues) == []


@pytest.mark.parametrize("forbidden", ["issues", "issues/2025-W33"])
def test_a_read_only_folder_leaves_the_old_issue_whole(forbidden):
    with a_folder_for_all() as folder:
        issues = Issues(folder / "issues", Database(folder / "digest.db"))
        save(issues, plan="old")
        everything = [folder, *folder.rglob("*")]
        for path in everything:
            path.chmod(0o777)
        (folder / forbidden).chmod(0o555)

        said = said_by_a_child(without_rights(lambda: save(issues, expect="old")))

        assert said.startswith("StoreError")
        assert "may not be written" in said
        assert files_of(issues) == {"plan.toml": "old", "email.html": "old"}
        assert left_over(issues) == []


def test_a_folder_in_place_of_a_file_is_found_before_anything_is_moved(issues):
    save(issues, plan="old")
    (issues.path("2025-W33") / "report.json").mkdir()

    with pytest.raises(StoreError, match="in the way"):
        save(issues, expect="old", files={"report.json": b"{}"})

    assert files_of(issues) == {"plan.toml": "old", "email.html": "old"}


# --- memory


def test_what_was_built_is_on_record(issues):
    save(issues, carried=["u1", "u2"])
    save(issues, "2025-08-13", window=a_window(issue_id="2025-08-13", edition="daily"))

    assert issues.built("weekly") == (Built(window=a_window(), built_at=A_MONDAY, state="planned", carried=("u1", "u2")),)


def test_a_rebuild_replaces_the_record(issues):
    save(issues, carried=["u1"])
    issues.mark("2025-W33", "approved")

    save(issues, carried=["u2"], expect="new", built_at=A_MONDAY + timedelta(hours=1))

    (record,) = issues.built("weekly")
    assert (record.carried, record.built_at, record.state) == (("u2",), A_MONDAY + timedelta(hours=1), "planned")


def test_only_approved_and_sent_issues_have_carried_a_story(issues):
    for number, state in enumerate(("planned", "approved", "sent")):
        save(issues, state, window=a_week(state, weeks=number), carried=[f"of {state}", "of all"])
        issues.mark(state, state)

    assert issues.carried("weekly") == {"of approved": "approved", "of sent": "sent", "of all": "approved"}
    assert issues.carried("weekly", besides="sent") == {"of approved": "approved", "of all": "approved"}
    assert issues.carried("weekly", before=a_window().end + timedelta(weeks=1)) == {"of approved": "approved", "of all": "approved"}
    assert issues.carried("daily") == {}


def test_the_last_end_is_that_of_the_last_issue_that_went_out(issues):
    save(issues, "2025-W33")
    assert issues.last_end("weekly") is None

    issues.mark("2025-W33", "sent")
    save(issues, "2025-W34", window=a_week("2025-W34", weeks=1))

    assert issues.last_end("weekly") == a_window().end


def test_an_issue_that_was_never_built_cannot_be_marked(issues):
    with pytest.raises(StoreError, match="never built"):
        issues.mark("2025-W33", "approved")
