"""The commands of the desk: begin, gather, build, look, check."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.line import FOUND, AnIssue, AsJson, Port, Room, app, latest_issue, opened, right_now
from digest.cli.unattended import tell_of_sources, told_if_it_fails
from digest.errors import BadDate, DigestError
from digest.model import Edition, Failure, Window
from digest.show.editing import (
    progress,
    show_built,
    show_explained,
    show_failures,
    show_findings,
    show_gathered,
    show_sources,
    show_stories,
    show_themes,
    show_understood,
)
from digest.show.line import count, counting, show_json

if TYPE_CHECKING:
    from digest.newsroom import Newsroom
    from digest.workflow.desk import Desk
    from digest.workflow.proof import Located
    from digest.workflow.reading import Gathered

SAMPLE_WEEK = "2025-W33"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make it in.")],
    with_templates: Annotated[bool, typer.Option("--with-templates", help="Copy the templates too, to change them.")] = False,
) -> None:
    """Make a newsroom to start from, or the keys of one that has none."""
    from digest.newsroom import CONFIG
    from digest.workflow.start import init_newsroom

    made = init_newsroom(folder, with_templates=with_templates)
    for path in made:
        print(f"made {path}")
    if folder / CONFIG in made:
        print(f"Next: put your stories into {folder / 'stories'}, then: digest build --week --newsroom {folder}")


@app.command()
def demo(
    no_open: Annotated[bool, typer.Option("--no-open", help="Build and print the counts; show nothing in a browser.")] = False,
    issues: Annotated[Path | None, typer.Option(metavar="DIR", help="Copy the built issue into this folder too.")] = None,
    port: Port = 0,
) -> None:
    """Build the sample newsroom's week in a temporary folder and show it."""
    import tempfile

    from digest.workflow.build import build_issue
    from digest.workflow.proof import located
    from digest.workflow.start import copy_issue, open_sample

    room = open_sample(Path(tempfile.mkdtemp(prefix="digest-demo-")))
    window, edition = _window(room, week=SAMPLE_WEEK)
    failures = _gather(room).failures
    built = build_issue(room, window, edition, now=right_now(), failures=failures)
    show_failures(failures)
    show_built(copy_issue(built, issues) if issues else built, located(room, window.issue_id, built.findings))
    print(f"The sample newsroom is {room.root}; delete it when you are done.")
    if not no_open:
        _preview(room, window.issue_id, open_browser=True, port=port)


@app.command()
def gather(newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Read the sources into the store."""
    room = opened(newsroom)
    with told_if_it_fails(room, "gather"):
        gathered = _gather(room, quiet=as_json)
        tell_of_sources(room)
        if as_json:
            show_json({**asdict(gathered), "in_store": room.stories.count()})
        else:
            show_gathered(gathered, room.stories.count())
        raise typer.Exit(FOUND if gathered.lost else 0)


@app.command()
def add(
    addresses: Annotated[list[str], typer.Argument(metavar="URL...", help="Pages that hold a story each.")],
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Put single pages into the store."""
    from digest.workflow.explain import understood
    from digest.workflow.sources import add_pages

    room = opened(newsroom)
    added, gathered = add_pages(room, addresses, now=right_now())
    show_failures(gathered.failures)
    if as_json:
        show_json([understood(story, zone=room.settings.zone) for story in added])
    else:
        show_stories(added, zone=room.settings.zone, in_store=room.stories.count())
    raise typer.Exit(FOUND if gathered.failures else 0)


@app.command()
def sources(newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Show how each source is; exit code 1 when one fails or is silent for longer than usual."""
    from digest.workflow.sources import conditions

    room = opened(newsroom)
    found = conditions(room, now=right_now())
    if as_json:
        show_json([{**asdict(one), "trouble": one.trouble} for one in found])
    else:
        show_sources(found, zone=room.settings.zone)
    raise typer.Exit(FOUND if any(one.trouble for one in found) else 0)


@app.command()
def build(
    week: Annotated[str, typer.Option(metavar="[WEEK]", help="An ISO week: 2025-W33, this, or nothing for the last whole one.")] = "",
    day: Annotated[str, typer.Option(metavar="[DATE]", help="A day: 2025-08-13, today, or nothing for yesterday.")] = "",
    since: Annotated[str, typer.Option(metavar="WHEN", help='Any window from here: a date, "monday", "3 days ago", "last".')] = "",
    until: Annotated[str, typer.Option(metavar="WHEN", help="Where that window ends; now if absent.")] = "",
    edition: Annotated[str, typer.Option(metavar="NAME", help="An edition of digest.toml; the first with that rhythm if absent.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Build from the store alone, without gathering first.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: the edited plan is copied, then written from new.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Take back the approval of an issue that is not on its way yet.")] = False,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Build an issue: gather, choose, summarise, group, lay out and print."""
    from digest.workflow.build import build_issue
    from digest.workflow.gather import known_failures
    from digest.workflow.proof import located

    room = opened(newsroom)
    with told_if_it_fails(room, "build", week or day or since, edition) as trouble:
        window, of_edition = _window(room, week=week, day=day, since=since, until=until, edition=edition)
        failures = known_failures(room) if offline else _gather_something(room, quiet=as_json).failures
        if not as_json:
            show_failures(failures)
        built = build_issue(room, window, of_edition, now=right_now(), failures=failures, fresh=fresh, reopen=reopen)
        if as_json:
            show_json({"issue": window.issue_id, "folder": built.folder, **built.report["counts"]})
        else:
            show_built(built, located(room, window.issue_id, built.findings))
        if errors := [finding for finding in built.findings if finding.severity == "error"]:
            trouble[window.issue_id] = f"{window.issue_id} has {count(len(errors), 'error')}: digest check {window.issue_id} tells more"
        raise typer.Exit(FOUND if errors else 0)


@app.command()
def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="Files of any kind that gather reads, and pages of the web.")],
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone of dates that name none.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show what digest understands of a document: lead, dateline, furniture and why."""
    from digest.newsroom import rules_around
    from digest.workflow.explain import read_places, understood

    failed = False
    _check_zone(zone)
    for found in read_places(files, zone=zone, now=right_now(), rules=rules_around(Path())):
        if isinstance(found, Failure):
            failed = True
            show_failures([found])
        elif as_json:
            print(json.dumps(understood(found, zone=zone), ensure_ascii=False))
        else:
            show_understood(understood(found, zone=zone))
    raise typer.Exit(FOUND if failed else 0)


@app.command()
def stories(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]...", help="Only stories that hold all of these.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 30,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """List and search the stories in the store, the newest first."""
    from digest.workflow.explain import find_stories, understood

    room = opened(newsroom)
    found = find_stories(room, " ".join(words or []), limit=limit)
    if as_json:
        for story in found:
            print(json.dumps(understood(story, zone=room.settings.zone), ensure_ascii=False))
    else:
        show_stories(found, zone=room.settings.zone, in_store=room.stories.count())


@app.command()
def explain(
    story: Annotated[str, typer.Argument(metavar="STORY", help="A story's id, the beginning of one, or its address.")],
    issue: Annotated[str, typer.Option(metavar="ISSUE", help="In this issue; the latest that considered the story if absent.")] = "",
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Say why a story is in or out, how it was ranked, where it was grouped and why, and where each sentence came from."""
    from digest.workflow.explain import explain_story

    room = opened(newsroom)
    told = explain_story(room, story, issue_id=issue)
    if as_json:
        recurring = [cut.text for cut in told.recurring]
        names = {"ranking": told.ranking, "names": told.names, "why_named": told.why_named}
        said = {"sentences": told.sentences, "recurring": recurring, "versions": told.versions}
        show_json({"issue": told.issue_id, **told.line, **names, **said})
    else:
        show_explained(told, zone=room.settings.zone)


@app.command()
def themes(
    weeks: Annotated[int, typer.Option(min=1, max=53, metavar="N", help="How many weeks to look back.")] = 4,
    week: Annotated[str, typer.Option(metavar="[WEEK]", help="The last of them: 2025-W33; the last whole one if absent.")] = "",
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Show how last month's stories fell into the themes, which matched none, and which themes could be configured."""
    from digest.workflow.themes import fallen_stories, plain

    room = opened(newsroom)
    fallen = fallen_stories(room, weeks=weeks, until=_end_of(room, week or "last"))
    if as_json:
        show_json(plain(fallen))
    else:
        show_themes(fallen)


@app.command()
def check(
    issue: AnIssue = "",
    online: Annotated[bool, typer.Option("--online", help="Also ask every link and every picture on the web.")] = False,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Look an issue over before it goes out; exit code 1 when there is an error."""
    from digest.workflow.proof import check_issue

    room = opened(newsroom)
    found = _check_online(room, issue or latest_issue(room), quiet=as_json) if online else check_issue(room, issue or latest_issue(room))
    if as_json:
        show_json([{**asdict(one.finding), "file": one.file, "line": one.line} for one in found])
    else:
        show_findings(found)
    raise typer.Exit(FOUND if any(one.finding.severity == "error" for one in found) else 0)


@app.command()
def preview(
    issue: AnIssue = "",
    newsroom: Room = Path(),
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address; open no browser.")] = False,
    export: Annotated[Path | None, typer.Option(metavar="DIR", help="Write all views as pages into this folder instead.")] = None,
    port: Port = 0,
) -> None:
    """Open the desk: see, change and approve an issue in a browser."""
    room = opened(newsroom)
    if export:
        _export(room, issue or latest_issue(room), export)
    else:
        _preview(room, issue or latest_issue(room), open_browser=not no_open, port=port)


# --- between the arguments and the workflow


def _window(
    newsroom: "Newsroom", *, week: str = "", day: str = "", since: str = "", until: str = "", edition: str = ""
) -> tuple[Window, Edition]:
    from digest.edit import window

    asked = [name for name, value in (("--week", week), ("--day", day), ("--since", since)) if value]
    if len(asked) > 1:
        raise typer.BadParameter(f"{' and '.join(asked)} exclude each other.")
    if not asked:
        raise typer.BadParameter("--until needs --since." if until else "Say which window: --week, --day or --since.")
    if until and not since:
        raise typer.BadParameter("--until goes with --since.")
    now, zone = right_now(), newsroom.settings.zone
    chosen = newsroom.edition("week" if week else "day" if day else "", edition)
    try:
        if week:
            return window.week(week, edition=chosen, zone=zone, now=now), chosen
        if day:
            return window.day(day, edition=chosen, zone=zone, now=now), chosen
        last_end = newsroom.issues.last_end(chosen.name)
        return window.span(since, until, edition=chosen, zone=zone, now=now, last_end=last_end), chosen
    except BadDate as error:
        raise typer.BadParameter(f"{error.message} {error.hint}") from error


def _end_of(newsroom: "Newsroom", week: str) -> datetime:
    from digest.edit import window

    try:
        return window.week(week, edition=newsroom.settings.editions[0], zone=newsroom.settings.zone, now=right_now()).end
    except BadDate as error:
        raise typer.BadParameter(f"{error.message} {error.hint}") from error


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(f"There is no time zone {name!r}. Write one such as Europe/Kyiv.") from error


def _gather(newsroom: "Newsroom", *, quiet: bool = False) -> "Gathered":
    from digest.workflow.gather import gather_sources

    with progress(len(newsroom.settings.sources), quiet=quiet) as tell:
        return gather_sources(newsroom, now=right_now(), progress=tell)


def _check_online(newsroom: "Newsroom", issue_id: str, *, quiet: bool) -> "tuple[Located, ...]":
    from digest.workflow.online import check_issue_online

    with counting(quiet=quiet) as tell:
        return check_issue_online(newsroom, issue_id, progress=tell)


def _gather_something(newsroom: "Newsroom", *, quiet: bool) -> "Gathered":
    """Gather; a source that is lost only warns, but not when all are."""
    gathered = _gather(newsroom, quiet=quiet)
    tell_of_sources(newsroom)
    if len(gathered.lost) == len(newsroom.settings.sources):
        show_failures(gathered.failures)
        raise DigestError("Every source failed; nothing was built.", hint="Mend a source, or build from the store alone: --offline")
    return gathered


def _preview(newsroom: "Newsroom", issue_id: str, *, open_browser: bool, port: int) -> None:
    import secrets
    import webbrowser

    from digest.serve.desk import desk, serve

    def ready(address: str) -> None:
        print(f"{issue_id} is on the desk at {address}\nCtrl-C ends it.", flush=True)
        if open_browser:
            webbrowser.open(address)

    on_it = _desk(newsroom, issue_id)  # an issue that is not there is told here, before a browser opens
    serve(desk(on_it, token=secrets.token_urlsafe(24)), port=port, ready=ready)


def _export(newsroom: "Newsroom", issue_id: str, folder: Path) -> None:
    from digest.serve.export import export

    first, *others = export(_desk(newsroom, issue_id), folder)
    print(f"Wrote {first} and {len(others)} files beside it.")


def _desk(newsroom: "Newsroom", issue_id: str) -> "Desk":
    import os

    from digest.workflow.desk import Desk

    return Desk(newsroom, issue_id, clock=right_now, environment=os.environ)
