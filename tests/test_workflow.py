"""A newsroom on disk, from files to a finished issue, and what an editor does to it meanwhile."""

import json
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from digest.edit import window
from digest.edit.plan import read_plan
from digest.errors import NothingToSend, PlanError, TemplateError
from digest.newsroom import Newsroom
from digest.workflow.build import BuiltIssue, build_issue
from digest.workflow.explain import explain_story
from digest.workflow.gather import gather_sources
from digest.workflow.start import init_newsroom
from tests.conftest import missing
from tests.edit.test_group import the_talks
from tests.make import CONFIG, MATTERS, a_newsroom, a_story_file

NOW = datetime(2025, 8, 18, 12, tzinfo=UTC)
NAMES = ("u1", "u2", "u3", "u4")


def build(newsroom: Newsroom, *, week: str = "2025-W33", now: datetime = NOW, fresh: bool = False) -> BuiltIssue:
    edition = newsroom.edition("week")
    gathered = gather_sources(newsroom, now=now)
    span = window.week(week, edition=edition, zone=newsroom.settings.zone, now=now)
    return build_issue(newsroom, span, edition, now=now, failures=gathered.failures, fresh=fresh)


def reasons(built: BuiltIssue) -> dict[str, str]:
    return {line["url"].rpartition("/")[2]: f"{line['decision']}: {line['reason']}" for line in built.report["stories"]}


def test_a_week_becomes_five_files_and_every_story_one_line(tmp_path):
    built = build(a_newsroom(tmp_path, *NAMES))

    assert sorted(path.name for path in built.folder.iterdir()) == ["email.eml", "email.html", "email.txt", "plan.toml", "report.json"]
    assert len(built.report["stories"]) == len(NAMES)
    assert json.loads((built.folder / "report.json").read_text()) == built.report


def test_the_same_stories_give_the_same_bytes(tmp_path):
    one, other = build(a_newsroom(tmp_path / "a", *NAMES)), build(a_newsroom(tmp_path / "b", *NAMES), now=NOW + timedelta(days=3))

    for path in one.folder.iterdir():
        assert path.read_bytes() == (other.folder / path.name).read_bytes(), path.name


def test_the_newsrooms_language_decides(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES, config=CONFIG.replace('zone = "', 'language = "es"\nzone = "'))
    a_story_file(tmp_path, "u5", language="en")

    build(newsroom)

    plan = read_plan((tmp_path / "issues" / "2025-W33" / "plan.toml").read_text("utf-8"), where="plan.toml")
    assert plan.sections[-1].title == "Más titulares"
    assert plan.preheader.startswith("Además: ")
    assert {brief.language for section in plan.sections for brief in section.briefs} | {plan.lead.language} == {"", "en"}


def test_the_newsrooms_inliner_prints(tmp_path):
    if not find_spec("css_inline"):
        missing("css-inline is not installed: pip install -r requirements-dev.txt -c requirements.lock")
    plain, fast = (
        a_newsroom(tmp_path / "a", *NAMES),
        a_newsroom(tmp_path / "b", *NAMES, config=CONFIG.replace('zone = "', 'inliner = "css-inline"\nzone = "')),
    )

    one, other = build(plain), build(fast)

    assert (one.folder / "email.html").read_bytes() != (other.folder / "email.html").read_bytes()
    assert (one.folder / "email.txt").read_bytes() == (other.folder / "email.txt").read_bytes()


def test_a_bad_file_is_a_failure_and_stops_nothing(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories" / "broken.md").write_text("---\ntitle: [\n---\nText.\n")
    (tmp_path / "stories" / "junk.txt").write_bytes(bytes(range(256)) * 40)

    built = build(newsroom)

    assert built.report["counts"]["failures"] == 2
    assert sorted(failure["place"] for failure in built.report["failures"]) == ["stories/broken.md", "stories/junk.txt"]
    assert all(failure["hint"] for failure in built.report["failures"])


def test_a_thin_window_writes_nothing_and_names_the_nearest_dates(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)

    with pytest.raises(NothingToSend) as caught:
        build(newsroom, week="2025-W40")

    assert "2025-08-12 09:30" in caught.value.hint
    assert not (tmp_path / "issues" / "2025-W40").exists()


def test_an_undated_story_is_reported_never_guessed(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories" / "u9.md").write_text(
        "---\ntitle: A bell\nurl: https://garrisonpost.example/u9\n---\nThe bell rang on Tuesday at noon.\n"
    )

    assert reasons(build(newsroom))["u9"].startswith("out: undated")


def test_an_undated_story_of_a_source_that_says_gathered_keeps_its_first_day(tmp_path):
    config = CONFIG.replace('files = "stories"', 'files = "stories"\nundated = "gathered"')
    newsroom = a_newsroom(tmp_path, *NAMES, config=config)
    path = tmp_path / "stories" / "u9.md"
    head = "---\ntitle: A bell\nurl: https://garrisonpost.example/u9\n---\n"
    path.write_text(head + "The bell rang on Tuesday at noon.\n")
    first = datetime(2025, 8, 13, 12, tzinfo=UTC)
    gather_sources(newsroom, now=first)
    path.write_text(head + "The bell rang on Tuesday at noon. It rang again on Friday.\n")

    gather_sources(newsroom, now=NOW)

    assert newsroom.stories.search("bell")[0].published_at == first


def test_a_late_story_goes_into_the_next_issue(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    build(newsroom)
    a_story_file(tmp_path, "late", date="2025-08-16 10:00")
    for name in ("v1", "v2", "v3"):
        a_story_file(tmp_path, name, date="2025-08-19 10:00")

    built = build(newsroom, week="2025-W34", now=datetime(2025, 8, 25, 12, tzinfo=UTC))

    assert reasons(built)["late"] == "in: late: it arrived after 2025-W33 was built"
    assert "u1" not in reasons(built)


def test_a_story_that_its_source_lost_is_left_out_and_says_so(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    build(newsroom)
    (tmp_path / "stories" / "u2.md").unlink()

    assert reasons(build(newsroom))["u2"] == "out: its source no longer has it"


def test_a_folder_that_vanished_takes_no_story_with_it(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    build(newsroom)
    (tmp_path / "stories").rename(tmp_path / "elsewhere")

    built = build(newsroom)

    assert built.report["counts"]["in"] == len(NAMES)
    assert built.report["counts"]["failures"] == 1


def test_a_story_that_changed_is_told_anew_and_its_old_version_stays_on_record(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    build(newsroom)
    a_story_file(tmp_path, "u2", title="Council takes the plan back")

    built = build(newsroom)

    assert "Council takes the plan back" in (built.folder / "plan.toml").read_text()
    story = newsroom.stories.search("takes the plan back")[0]
    assert len(newsroom.stories.versions(story.id)) == 1


def test_what_an_editor_changed_survives_the_next_build(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    plan = build(newsroom).folder / "plan.toml"
    text = plan.read_text().replace('preheader = "', 'preheader = "Ours. ')
    plan.write_text(text + '\n[note]\ntext = "Two *threads*."\n')
    a_story_file(tmp_path, "u5")

    built = build(newsroom)

    assert built.report["counts"]["offered"] == 1
    assert reasons(built)["u5"] == "out: offered: it came after the plan was edited"
    assert "Ours. " in plan.read_text()
    assert "<em" in (built.folder / "email.html").read_text() or "<i" in (built.folder / "email.html").read_text()


def test_fresh_starts_over_after_a_copy(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    first = build(newsroom)
    before = (first.folder / "plan.toml").read_text()
    (first.folder / "plan.toml").write_text(before.replace('subject = "', 'subject = "Ours: '))

    built = build(newsroom, fresh=True)

    assert (built.folder / "plan.toml").read_text() == before
    assert built.old_plan is not None
    assert 'subject = "Ours: ' in built.old_plan.read_text()


def test_a_plan_that_cannot_be_read_stops_the_build_and_is_left_alone(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    plan = build(newsroom).folder / "plan.toml"
    plan.write_text(plan.read_text() + "\n[[section]\n")
    html = (plan.parent / "email.html").read_bytes()

    with pytest.raises(PlanError, match=r"plan\.toml"):
        build(newsroom)

    assert plan.read_text().endswith("[[section]\n")
    assert (plan.parent / "email.html").read_bytes() == html


def test_a_broken_template_leaves_the_old_issue_whole(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    folder = build(newsroom).folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "email.txt.j2").write_text("{{ page.__class__ }} {{ config }}")

    with pytest.raises(TemplateError, match=r"email\.txt\.j2"):
        build(newsroom)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_template_code_and_script_in_a_story_stay_text(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    a_story_file(
        tmp_path,
        "u6",
        title='"The {{ 7*7 }} code <script>alert(1)</script>"',
        url="javascript:alert(1)",
        text="The {{ 7*7 }} committee met on Tuesday. It read {% include 'x' %} aloud.",
    )

    html = (build(newsroom).folder / "email.html").read_text()

    assert "{{ 7*7 }}" in html
    assert "49" not in html.replace("#", "")[html.index("<body") :] or "{{ 7*7 }}" in html
    assert "<script" not in html
    assert "javascript:" not in html


def test_a_picture_outside_the_newsroom_is_never_read(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    newsroom = a_newsroom(tmp_path / "room", *NAMES)
    a_story_file(tmp_path / "room", "u6", image="{file: ../secret.png, alt: A pier}")

    built = build(newsroom)

    assert not (built.folder / "images").exists()
    assert "every-picture-can-be-seen" in {finding.rule for finding in built.findings}


def test_a_made_headline_is_a_finding_until_it_is_rewritten(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories" / "plain.txt").write_text(
        "Published: August 12, 2025 9:30 a.m. EDT\n\nHARBOR CITY (AP) — The tower clock stopped on Tuesday after a storm that shook the square.\n"
    )
    built = build(newsroom)
    made = next(finding for finding in built.findings if finding.rule == "headline-was-made")
    plan = built.folder / "plan.toml"
    plan.write_text(plan.read_text().replace("The tower clock stopped on Tuesday", "Storm stops the tower clock", 1))

    again = build(newsroom)

    assert "made from the lead" in made.message
    assert "headline-was-made" not in {finding.rule for finding in again.findings}


def test_a_theme_keeps_the_name_that_its_editor_gave_it_the_week_before(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    for week, day in (("a", "2025-08-05"), ("b", "2025-08-12")):
        for story in the_talks()[:3]:
            date = f"{day} 09:30"
            a_story_file(tmp_path, f"{week}-{story.id}", title=f"{story.headline} {week}", date=date, text=story.paragraphs[0])
        a_story_file(tmp_path, f"{week}-z", date=f"{day} 09:30")
    first = build(newsroom, week="2025-W32")
    plan = first.folder / "plan.toml"
    plan.write_text(plan.read_text("utf-8").replace('title = "Ruritania ceasefire talks"', 'title = "Ruritania truce talks"'), "utf-8")

    second = build(newsroom)
    again = build(newsroom, fresh=True)

    for built in (second, again):
        named = next(section for section in built.report["sections"] if section["names"])
        assert named["title"] == "Ruritania truce talks"
        assert named["why_named"]["Ruritania truce talks"] == "kept from 2025-W32"


def test_a_story_is_explained_from_the_report(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    a_story_file(tmp_path, "u7", tags="[opinion]")
    build(newsroom)

    told = explain_story(newsroom, "https://garrisonpost.example/u7")
    inside = explain_story(newsroom, "https://garrisonpost.example/u1")

    assert (told.issue_id, told.line["reason"]) == ("2025-W33", "tag opinion is left out of weekly")
    assert inside.sentences[0][0] == 1


def test_what_recurs_at_an_outlet_is_passed_over_and_explained(tmp_path):
    promo = "The Lamplighter brings you the harbor, the hills and the people between them."
    newsroom = a_newsroom(tmp_path, *NAMES)
    for name, (headline, body) in zip(("r1", "r2", "r3"), MATTERS, strict=False):
        a_story_file(tmp_path, name, title=headline, source="The Lamplighter", text=f"{promo}\n\n{body}")
    build(newsroom)

    told = explain_story(newsroom, "https://garrisonpost.example/r1")

    assert [(cut.text, cut.rule) for cut in told.recurring] == [(promo, "recurs at this outlet")]
    assert promo not in " ".join(sentence for _, sentence in told.sentences)
    assert told.sentences[0][0] == 2


def test_init_makes_a_newsroom_that_opens_and_mentions_every_key(tmp_path):
    from digest.config import TABLES
    from digest.newsroom import open_newsroom

    init_newsroom(tmp_path / "room", with_templates=True)

    text = (tmp_path / "room" / "digest.toml").read_text()
    assert [edition.name for edition in open_newsroom(tmp_path / "room").settings.editions] == ["weekly", "daily"]
    assert [key.name for keys in TABLES.values() for key in keys if f"{key.name} = " not in text] == []
    assert (tmp_path / "room" / "templates" / "base.html.j2").is_file()


def test_a_newsroom_is_found_from_a_folder_inside_it(tmp_path):
    from digest.newsroom import open_newsroom

    a_newsroom(tmp_path)
    inside = Path(tmp_path / "stories" / "deep")
    inside.mkdir()

    assert open_newsroom(inside).root == tmp_path.resolve()


def test_two_files_with_one_address_are_told_and_the_first_is_kept(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES)
    a_story_file(tmp_path, "u9", url="https://garrisonpost.example/u1")

    for _ in range(2):
        built = build(newsroom)

        assert [(failure["place"], failure["reason"]) for failure in built.report["failures"]] == [
            ("stories/u9.md", "has the address of stories/u1.md, which is kept.")
        ]
        assert len(built.report["stories"]) == len(NAMES)


def test_a_story_that_came_since_is_offered_though_the_issue_is_full(tmp_path):
    newsroom = a_newsroom(tmp_path, *NAMES, config=CONFIG.replace('without = ["opinion"]', "at_most = 3"))
    plan = build(newsroom).folder / "plan.toml"
    plan.write_text(plan.read_text().replace("headline = ", "# mine\nheadline = ", 1))

    a_story_file(tmp_path, "u8")
    built = build(newsroom)

    assert built.report["counts"]["offered"] == 1
    assert reasons(built)["u8"] == "out: offered: it came after the plan was edited"
