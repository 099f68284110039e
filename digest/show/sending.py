"""What a person sees of a send: how far it has come, where an issue is, who was not reached."""

import csv
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from digest.show.line import count, fact, local

if TYPE_CHECKING:
    from digest.send.deliver import Progress
    from digest.store.ledger import Row
    from digest.workflow.deliveries import Status
    from digest.workflow.doctor import Answer

    Tell = Callable[[int, Progress], None]

MARKS = {"good": "  ok  ", "warning": "  look", "error": "  MEND"}
SHOWN = 10
LINE_EVERY = 10.0  # seconds, where there is no terminal to move a line on
WORDS = {
    "queued": "waiting",
    "claimed": "in hand",
    "accepted": "taken by the mail server",
    "failed": "refused",
    "uncertain": "in doubt: perhaps taken",
    "suppressed": "left out: left or suppressed since the freeze",
}


def show_answers(answers: Sequence["Answer"]) -> None:
    """What the doctor looked at, a line each, with what to do about it below."""
    for answer in answers:
        print(f"{MARKS[answer.verdict]} {answer.about}: {answer.said}")
        if answer.hint:
            print(f"    {answer.hint}")


def show_status(status: "Status", *, zone: str) -> None:
    """Where an issue is, and how many letters are where."""
    print(f"{status.issue}: {status.state}")
    if status.dispatch is None or status.counts is None:
        return
    fact("to", f"{status.dispatch.segment}, {count(status.dispatch.total, 'recipient')}, frozen {local(status.dispatch.frozen_at, zone)}")
    for state, word in WORDS.items():
        if number := status.counts[state]:
            fact(f"{number:,}", word)
    if status.counts["uncertain"]:
        print(f"Nobody in doubt is written to again unasked. Settle them with: digest reconcile {status.issue}")
    if status.state == "cancelled":
        print(f"Who has it: digest status {status.issue} --who")
    if status.state == "sending" and status.counts["queued"]:
        print(f"Go on with: digest send {status.issue}")


def show_refusals(rows: Sequence["Row"]) -> None:
    """Who was refused and why, or is waiting after a first refusal."""
    for row in rows[:SHOWN]:
        print(f"  {row.email or '(forgotten)'}: {row.error or row.state}")
    if len(rows) > SHOWN:
        print(f"  and {len(rows) - SHOWN} more; --json lists them all.")


def show_everybody(rows: Iterable["Row"]) -> None:
    """Every recipient as CSV."""
    from digest.audience.rows import disarmed

    write = csv.writer(sys.stdout, lineterminator="\n").writerow
    write(("email", "state", "provider_id", "error"))
    for row in rows:
        write([disarmed(text) for text in (row.email, row.state, row.provider_id, row.error)])


def show_issues(found: Sequence["Status"]) -> None:
    """A line an issue."""
    for one in found:
        sent = f"{one.counts['accepted']:,} of {count(one.dispatch.total, 'recipient')}" if one.dispatch and one.counts else ""
        print(f"{one.issue:14} {one.state:10} {sent}".rstrip())


def show_doubts(issue_id: str, rows: Sequence["Row"], *, settled: int) -> None:
    """Who is in doubt, and what one can do about it."""
    if settled:
        print(f"{count(settled, 'letter')} settled.")
    if not rows:
        print(f"{issue_id}: nothing is in doubt.")
        return
    print(f"{issue_id}: {count(len(rows), 'letter')} in doubt; perhaps taken, and not sent again unasked.")
    show_refusals(rows)
    print(f"Settle them: digest reconcile {issue_id} --sent ADDRESS, --unsent ADDRESS, or --log FILE of the mail server.")


@contextmanager
def sending_progress(*, quiet: bool) -> "Iterator[Tell]":
    """A bar with rate, time left and refusals on a terminal, a line now and then elsewhere, nothing when `quiet`."""
    if quiet:
        yield lambda _total, _progress: None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}"),
        )
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            bar = bars.add_task("", total=None, rate="", said="")
            began = time.monotonic()

            def move(total: int, so_far: "Progress") -> None:
                bars.update(bar, total=total, completed=so_far.settled, rate=_rate(so_far, began), said=_said(so_far))

            yield move


def _lines() -> "Tell":
    began = last = time.monotonic()

    def tell(total: int, so_far: "Progress") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LINE_EVERY:
            last = now
            print(f"{so_far.settled:,} of {total:,}, {_rate(so_far, began)} {_said(so_far)}".rstrip(), file=sys.stderr, flush=True)

    return tell


def _rate(so_far: "Progress", began: float) -> str:
    return f"{so_far.settled / max(time.monotonic() - began, 0.001):,.0f} a second"


def _said(so_far: "Progress") -> str:
    parts = [
        f"{number:,} {word}"
        for number, word in ((so_far.failed, "refused"), (so_far.uncertain, "in doubt"), (so_far.later, "for later"))
        if number
    ]
    return ", ".join(parts) + (f" ({so_far.why[:60]})" if parts and so_far.why else "")
