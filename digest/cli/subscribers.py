"""The commands that keep the subscribers."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.line import FOUND, AsJson, Room, app, opened, right_now
from digest.show.line import count as counted
from digest.show.line import counting, show_json

people = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(people, name="subscribers", help="Keep the subscribers: take lists over, add, remove, show, export, count, forget, suppress.")

Address = Annotated[str, typer.Argument(metavar="ADDRESS")]
AList = Annotated[str, typer.Option("--list", metavar="NAME", help="A list; that of the first edition if absent.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="May be given several times.")]
REASON = "bounced, complained, left, or by hand."


@people.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: an export of Mailchimp, Ghost, Substack, Buttondown, listmonk, or any.")
    ],
    list_: AList = "",
    suppress: Annotated[str, typer.Option("--suppress", metavar="REASON", help=f"Suppress every address in it: {REASON}")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it, and keep nothing.")] = False,
    newsroom: Room = Path(),
    as_json: AsJson = False,
) -> None:
    """Take a list over. Nobody comes back who left, bounced or was suppressed. Refused rows go to a file beside, each with its reason."""
    from digest.show.subscribers import plain_imported, show_imported
    from digest.workflow.subscribers import import_subscribers, known_lists

    room = opened(newsroom)
    with counting(quiet=as_json) as tell:
        done = import_subscribers(room, file, list=list_, suppress=_reason(suppress), rehearse=dry_run, now=right_now(), progress=tell)
    if as_json:
        show_json(plain_imported(done))
    else:
        show_imported(done, goes_somewhere=done.list in known_lists(room))
    raise typer.Exit(FOUND if done.refused else 0)


@people.command()
def add(
    address: Address,
    name: Annotated[str, typer.Option(metavar="NAME", help="What they are called.")] = "",
    list_: AList = "",
    language: Annotated[str, typer.Option(metavar="CODE", help="Such as en.")] = "",
    tag: Tags = None,
    newsroom: Room = Path(),
) -> None:
    """Put somebody on a list who asked you for it, also one who had left."""
    from digest.workflow.subscribers import add_subscriber

    onto, new = add_subscriber(opened(newsroom), address, list=list_, name=name, language=language, tags=tag or [], now=right_now())
    print(f"{address} is on {onto} now." if new else f"{address} was on {onto} already.")


@people.command()
def remove(
    address: Address,
    list_: Annotated[str, typer.Option("--list", metavar="NAME", help="Only from this list; from all if absent.")] = "",
    newsroom: Room = Path(),
) -> None:
    """Take somebody off the lists. An import does not bring them back."""
    from digest.workflow.subscribers import remove_subscriber

    print(f"{address} is off {', '.join(remove_subscriber(opened(newsroom), address, list=list_, now=right_now()))}.")


@people.command()
def show(address: Address, newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Say all that is known of somebody; exit code 1 when that is nothing."""
    from digest.show.subscribers import plain_known, show_known
    from digest.workflow.subscribers import known_of

    room = opened(newsroom)
    known = known_of(room, address)
    if as_json:
        show_json(plain_known(known))
    else:
        show_known(address, known, zone=room.settings.zone)
    raise typer.Exit(0 if known.subscriber or known.suppressed else FOUND)


@people.command()
def export(
    list_: Annotated[str, typer.Option("--list", metavar="NAME", help="Only this list.")] = "",
    tag: Tags = None,
    language: Annotated[list[str] | None, typer.Option("--language", metavar="CODE", help="May be given several times.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it; printed if absent.")] = None,
    newsroom: Room = Path(),
) -> None:
    """Write the subscribers as CSV, a row for each list that they are or were on. It reads back as it was."""
    from digest.model import Segment
    from digest.workflow.subscribers import export_subscribers, export_to

    room = opened(newsroom)
    segment = Segment(list=list_, tags=tuple(tag or ()), languages=tuple(language or ()))
    if output:
        print(f"{counted(export_to(room, segment, output), 'row')} in {output}")
    else:
        export_subscribers(room, segment, file=sys.stdout)


@people.command("count")
def count(newsroom: Room = Path(), as_json: AsJson = False) -> None:
    """Count the subscribers by list and status, language and tag."""
    from digest.show.subscribers import show_counted

    found = opened(newsroom).subscribers.count()
    if as_json:
        show_json(asdict(found))
    else:
        show_counted(found)


@people.command()
def forget(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    newsroom: Room = Path(),
) -> None:
    """Erase a person everywhere, and keep a mark by which nobody can add the address again unknowingly."""
    from digest.workflow.subscribers import forget_subscriber

    room = opened(newsroom)
    if not yes:
        typer.confirm(f"Erase all that is known of {address}? It cannot be undone.", abort=True)
    known = forget_subscriber(room, address, now=right_now())
    print("Forgotten." if known else "Nothing was known of this address.", "No list that is imported brings it back.")
    print("Files that you imported or exported, and backups, may still hold it.")


@people.command()
def suppress(
    address: Address,
    reason: Annotated[str, typer.Option(metavar="REASON", help=f"One of: {REASON}")] = "by hand",
    newsroom: Room = Path(),
) -> None:
    """Let an address get nothing any more, whatever list it is on."""
    from digest.workflow.subscribers import suppress_address

    new = suppress_address(opened(newsroom), address, reason=_reason(reason), now=right_now())
    print(f"{address} gets nothing any more." if new else f"{address} was suppressed already.")


@people.command()
def unsuppress(address: Address, newsroom: Room = Path()) -> None:
    """Let an address get mail again that was suppressed or forgotten. Who had left a list has still left it."""
    from digest.workflow.subscribers import unsuppress_address

    unsuppress_address(opened(newsroom), address)
    print(f"{address} may get mail again.")


def _reason(reason: str) -> str:
    from digest.audience.imports import REASONS

    if reason and reason not in REASONS:
        raise typer.BadParameter(f"A reason is one of: {', '.join(REASONS)}.")
    return reason
