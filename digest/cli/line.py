"""What all commands share: the app, the options that many take, and the last catch of every error that a person can mend."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import __version__
from digest.errors import ConfigError, DigestError, NothingToSend
from digest.show.line import show_error

if TYPE_CHECKING:
    from digest.newsroom import Newsroom

FOUND, NOTHING = 1, 3  # exit codes: findings or refused; nothing to send. Typer's own 2 is wrong usage

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

Room = Annotated[Path, typer.Option("--newsroom", metavar="DIR", help="The newsroom; this folder or the nearest above it if absent.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")]
AnIssue = Annotated[str, typer.Argument(metavar="[ISSUE]", help="An issue such as 2025-W33; the latest if absent.", show_default=False)]


def main() -> None:
    """Run the command line: the last catch of every error that a person can mend, told without a traceback."""
    try:
        app(args=with_bare_flags(sys.argv[1:]))
    except NothingToSend as error:
        show_error(error)
        sys.exit(NOTHING)
    except DigestError as error:
        show_error(error)
        sys.exit(FOUND)


def with_bare_flags(args: Sequence[str]) -> list[str]:
    """`--week` and `--day` alone mean the last one. Typer has no option whose value may be absent, so the value is put in here."""
    following = [*args[1:], "--"]
    bare = [arg in ("--week", "--day") and after.startswith("-") for arg, after in zip(args, following, strict=False)]
    return [f"{arg}=last" if alone else arg for arg, alone in zip(args, bare, strict=True)]


@app.callback(invoke_without_command=True)
def about(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Turn a week (or a day) of published stories into a newsletter that an editor can trust."""
    if version:
        print(f"digest {__version__}")


def opened(folder: Path) -> "Newsroom":
    """The newsroom in a folder or above it."""
    from digest.newsroom import open_newsroom

    return open_newsroom(folder)


def right_now() -> datetime:
    """The clock, read at the edge and nowhere below it."""
    return datetime.now(UTC)


def latest_issue(newsroom: "Newsroom") -> str:
    """The issue that is meant when none is named."""
    latest = newsroom.issues.latest()
    if latest is None:
        raise ConfigError("There is no issue yet.", hint="Build one: digest build --week")
    return latest
