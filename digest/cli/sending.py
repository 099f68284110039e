"""The commands that send an issue and tell what became of it."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.line import FOUND, AnIssue, AsJson, Room, app, latest_issue, opened, right_now
from digest.cli.unattended import told_if_it_fails
from digest.errors import Refused
from digest.show.line import show_json

if TYPE_CHECKING:
    from digest.newsroom import Newsroom
    from digest.workflow.deliveries import Status

Many = Annotated[list[str] | None, typer.Option("--to", metavar="WHO", help="A list, tag:NAME or language:CODE; several narrow it.")]


@app.command()
def approve(issue: AnIssue = "", newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Seal an issue as it stands: these bytes and no others are sent. Exit code 1 when something stands in the way."""
    from digest.show.editing import show_findings
    from digest.workflow.approve import approve_issue
    from digest.workflow.proof import check_issue

    room = opened(newsroom)
    issue_id = issue or latest_issue(room)
    if not as_json:
        show_findings(check_issue(room, issue_id))
    sealed = approve_issue(room, issue_id, right_now()).sealed
    if as_json:
        told = {"issue": sealed.issue_id, "list": sealed.list, "subject": sealed.subject, "sha256": sealed.sha256}
        show_json({**told, "approved_at": sealed.approved_at, "bytes": len(sealed.message.content)})
    else:
        print(f"Approved: {issue_id}, “{sealed.subject}”, for the list {sealed.list}.\nNext: digest send {issue_id}")


@app.command()
def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to answer; the proxy in front brings the https.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes a free one.")] = 8025,
    newsroom: Room = Path(),
) -> None:
    """Answer the public pages: unsubscribing with one click, and the issues in a browser."""
    from digest.serve.listening import listen
    from digest.serve.public import public

    room = opened(newsroom)

    def ready(address: str) -> None:
        reached = room.settings.masthead.public_url or "nowhere yet: set newsroom.public_url in digest.toml"
        print(f"The public pages answer at {address}; readers reach them at {reached}\nCtrl-C ends it.", flush=True)

    listen(public(room, right_now), host=host, port=port, ready=ready, patience=10)


@app.command()
def doctor(newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Is this newsroom ready to send: settings, secrets, account, and what its domain says of its mail."""
    from digest.show.sending import show_answers
    from digest.workflow.doctor import examine

    answers = examine(opened(newsroom), os.environ)
    if as_json:
        show_json([asdict(answer) for answer in answers])
    else:
        show_answers(answers)
    raise typer.Exit(FOUND if any(answer.verdict == "error" for answer in answers) else 0)


@app.command()
def send(
    issue: AnIssue = "",
    to: Many = None,
    test: Annotated[
        list[str] | None, typer.Option("--test", metavar="ADDRESS", help="Send only here, marked [Test], from the plan as it stands.")
    ] = None,
    at: Annotated[str, typer.Option(metavar="WHEN", help='Wait until then: "18:30" or "2025-08-18 06:00", in the newsroom\'s zone.')] = "",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Messages a second at most, over all connections.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try those that were refused once more.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Call it off: nobody who still waits gets it.")] = False,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Send an approved issue, once to each; run it again and it goes on with whoever still waits. Ctrl-C stops it cleanly."""
    from digest.show.sending import show_status
    from digest.workflow import deliveries

    room = opened(newsroom)
    with told_if_it_fails(room, "send", issue) as trouble:
        issue_id = issue or latest_issue(room)
        if test:
            deliveries.send_test(room, issue_id, test, now=right_now(), environment=os.environ)
            print(f"Sent as a test to {', '.join(test)}.")
            return
        if cancel:
            status = deliveries.cancel_issue(room, issue_id)
        else:
            if retry_failed:
                print(f"{deliveries.retry_failed(room, issue_id)} are tried again.", file=sys.stderr)
            if at and not _wait_until(room, issue_id, at):
                raise typer.Exit(FOUND)
            status = _send(room, issue_id, to=to or [], rate=rate, quiet=as_json)
        if as_json:
            show_json(_plain(status))
        else:
            show_status(status, zone=room.settings.zone)
        if not status.complete and not cancel:
            trouble[issue_id] = f"{issue_id} did not reach everybody: digest status {issue_id} tells more"
        raise typer.Exit(0 if status.complete else FOUND)


@app.command()
def status(
    issue: AnIssue = "",
    who: Annotated[bool, typer.Option("--who", help="List every recipient with what became of the letter, as CSV.")] = False,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Say where an issue is at this moment, and who could not be reached."""
    from digest.show.sending import show_everybody, show_refusals, show_status
    from digest.workflow.deliveries import everybody, refusals, status_of

    room = opened(newsroom)
    if who:
        show_everybody(everybody(room, issue or latest_issue(room)))
        return
    found = status_of(room, issue or latest_issue(room))
    refused = refusals(room, found)
    if as_json:
        show_json({**_plain(found), "refusals": [asdict(row) for row in refused]})
    else:
        show_status(found, zone=room.settings.zone)
        show_refusals(refused)


@app.command()
def issues(newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """List every issue with its state."""
    from digest.show.sending import show_issues
    from digest.workflow.deliveries import all_issues

    found = all_issues(opened(newsroom))
    if as_json:
        show_json([_plain(one) for one in found])
    else:
        show_issues(found)


@app.command()
def reconcile(
    issue: AnIssue = "",
    sent: Annotated[list[str] | None, typer.Option("--sent", metavar="ADDRESS", help="This one has it.")] = None,
    unsent: Annotated[
        list[str] | None, typer.Option("--unsent", metavar="ADDRESS", help="This one has not; it is sent at the next send.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="The log of the mail server: whose letter it names has it.")
    ] = None,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """List the letters in doubt, and settle them: by hand, or from a mail server's log."""
    from digest.show.sending import show_doubts
    from digest.workflow import deliveries

    room = opened(newsroom)
    issue_id = issue or latest_issue(room)
    settled = deliveries.settle_from_log(room, issue_id, log) if log else 0
    settled += deliveries.settle_by_hand(room, issue_id, sent, "accepted") if sent else 0
    settled += deliveries.settle_by_hand(room, issue_id, unsent, "queued") if unsent else 0
    left = deliveries.in_doubt(room, issue_id)
    if as_json:
        show_json({"settled": settled, "in_doubt": [asdict(row) for row in left]})
    else:
        show_doubts(issue_id, left, settled=settled)
    raise typer.Exit(FOUND if left else 0)


# --- between the arguments and the workflow


def _send(room: "Newsroom", issue_id: str, *, to: list[str], rate: float | None, quiet: bool) -> "Status":
    from digest.show.sending import sending_progress
    from digest.workflow.deliveries import send_issue

    with ctrl_c() as stop, sending_progress(quiet=quiet) as tell:
        return send_issue(room, issue_id, to=to, rate=rate, now=right_now(), environment=os.environ, stop=stop, tell=tell)


def _wait_until(room: "Newsroom", issue_id: str, when: str) -> bool:
    """Wait for the time; False when it was stopped. Raises Refused when it is long past and nobody says that it may go all the same."""
    from digest.workflow.deliveries import how_late, is_late, read_moment

    moment = read_moment(when, zone=room.settings.zone, now=right_now())
    with ctrl_c() as stop:
        while (left := (moment - right_now()).total_seconds()) > 0:
            if stop.wait(min(left, 30)):  # not all at once: a machine that sleeps wakes up late
                print(f"Not sent: stopped before {when}.", file=sys.stderr)
                return False
    if not is_late(moment, right_now()):
        return True
    late = f"It is {how_late(moment, right_now())} past {when}."
    if sys.stdin.isatty() and typer.confirm(f"{late} Send {issue_id} now?"):
        return True
    raise Refused(f"{late} {issue_id} was not sent.", hint=f"If it may go now: digest send {issue_id}")


@contextmanager
def ctrl_c() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets: the letters in hand are finished. A second Ctrl-C ends the program at once."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])
        print("\nStopping after the letters in hand.", file=sys.stderr)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _plain(status: "Status") -> dict[str, Any]:
    """A status as JSON has it."""
    sending = status.dispatch
    frozen = {"to": sending.segment, "frozen_at": sending.frozen_at, "recipients": sending.total} if sending else {}
    return {"issue": status.issue, "state": status.state, **frozen, **({"letters": status.counts} if sending else {})}
