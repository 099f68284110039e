"""How every command speaks: errors with a hint, JSON, facts and counts."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from digest.errors import DigestError

LINE_EVERY = 1_000  # documents or rows, where there is no terminal to move a line on


def show_error(error: DigestError) -> None:
    """What happened, every fault of the file if there are several, and what to do next."""
    print(f"digest: {error.message}", file=sys.stderr)
    for fault in getattr(error, "faults", ()):
        print(f"  {fault}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)


def show_json(value: Any) -> None:
    """One JSON value, indented."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def count(number: int, one: str, many: str = "") -> str:
    """ "1 story", "2 stories"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def fact(name: str, value: str) -> None:
    """A named value, indented; nothing for an empty one."""
    if value:
        print(f"  {name:11s} {value}")


def local(moment: datetime | None, zone: str, *, without: str = "undated") -> str:
    """A moment as the newsroom's clock shows it; `without` where there is none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else without


@contextmanager
def counting(*, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """A moving count on a terminal, a line every thousand elsewhere, nothing when `quiet`."""
    if quiet:
        yield lambda _source, _done: None
    elif not sys.stderr.isatty():
        yield lambda source, done: None if done % LINE_EVERY else print(f"{source}: {done} read", file=sys.stderr)
    else:
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn

        with Bars(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True) as bars:
            rows: dict[str, Any] = {}

            def move(source: str, done: int) -> None:
                if source not in rows:
                    rows[source] = bars.add_task(source)
                bars.update(rows[source], description=f"{source}: {done}")

            yield move
