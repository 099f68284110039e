"""A run that nobody watches tells somebody when it fails."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from digest.cli.line import right_now
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.newsroom import Newsroom
    from digest.workflow.notify import Trouble

ISSUE = re.compile(r"\W*\d{4}-(?:W\d\d|\d\d-\d\d)")


def is_watched() -> bool:
    """Whether a person sees what this run says: one who can answer it, or whose screen its errors go to."""
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


@contextmanager
def told_if_it_fails(newsroom: "Newsroom", *run: str) -> Iterator[dict[str, str]]:
    """Tell somebody of an error that ends the block and of what is put into the mapping, by key. Every error is raised on as it was.

    `run` is the command and what it is about. A block that ends well forgets what was told of it.
    """
    lines: dict[str, str] = {}
    name = " ".join(filter(None, run))
    try:
        yield lines
    except typer.Exit:
        _tell(newsroom, name, lines)
        raise
    except (DigestError, typer.BadParameter) as error:
        said = " ".join(filter(None, (error.message, *getattr(error, "faults", ()), getattr(error, "hint", ""))))
        _tell(newsroom, name, lines | {_lasting(error.message): f"digest {name}: {said}"})
        raise
    except Exception as error:
        # What an unforeseen error says may hold anything, a secret too.
        fault = f"digest {name}: it stopped with {type(error).__name__}; its own output says more."
        _tell(newsroom, name, lines | {type(error).__name__: fault})
        raise
    else:
        _tell(newsroom, name, lines)


def tell_of_sources(newsroom: "Newsroom") -> None:
    """Tell somebody which sources fail, or are silent for longer than usual."""

    def trouble(now: datetime) -> "Trouble":
        from digest.workflow.notify import Trouble
        from digest.workflow.sources import troubles

        return Trouble(run="sources", lines=troubles(newsroom, now=now), subject=subject)

    def subject(count: int) -> str:
        many = "1 source" if count == 1 else f"{count} sources"
        return f"digest: {many} of {newsroom.settings.masthead.publisher} {'is' if count == 1 else 'are'} in trouble"

    _notify(newsroom, trouble)


def _tell(newsroom: "Newsroom", run: str, lines: Mapping[str, str]) -> None:
    def trouble(_now: datetime) -> "Trouble":
        from digest.workflow.notify import Trouble

        return Trouble(run=run, lines=lines, subject=lambda _: f"digest {run} of {newsroom.settings.masthead.publisher} failed")

    _notify(newsroom, trouble)


def _notify(newsroom: "Newsroom", trouble: "Callable[[datetime], Trouble]") -> None:
    """Tell of a trouble, if it is to be told at all. No fault of the telling takes the place of the first one."""
    from digest.config import webhook_of

    settings = newsroom.settings.notify
    if is_watched() or not (settings.mail or webhook_of(settings, os.environ)):
        return
    from digest.workflow.notify import notify

    now = right_now()
    try:
        faults = notify(newsroom, trouble(now), now=now, environment=os.environ)
    except Exception as error:  # noqa: BLE001  (its own words may hold a secret)
        faults = (f"Nobody could be told: {type(error).__name__}.",)
    for fault in faults:
        print(f"digest: {fault}", file=sys.stderr)


def _lasting(message: str) -> str:
    """The message without what a server says anew each time, such as the number of a mail. The issue that it is about stays."""
    return " ".join("#" if re.search(r"\d", word) and not ISSUE.match(word) else word for word in message.split())
