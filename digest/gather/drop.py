"""Watch a folder that others fill and empty: what may still be on its way waits, and what is bad is set aside with a reason."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.gather.files import SET_ASIDE, named, place_of, read_file
from digest.model import Document, Failure, Source

QUIET = timedelta(seconds=5)  # without a change: then nobody is writing it any more
YOUNG = timedelta(minutes=10)  # for so long the rest of a file that ends too early may still come
MAY_WRITE = "Give digest the right to write in that folder, or take the file away."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A file of the drop folder as it was when it was read."""

    path: Path
    stamp: tuple[int, int, int]  # changes with whatever is done to it
    age: timedelta  # since it last changed; below zero for a clock that is ahead of ours


def gather_drop(source: Source, root: Path, sighted: dict[str, Sighting], *, now: datetime) -> Iterator[Document | Failure]:
    """As `gather_files`, without the files that must wait. `sighted` takes what was read: place -> its file.

    The file that changed last comes last, for it has the last word. A temporary name is no name of a story, so what is sent under one
    waits until it is renamed.
    """
    root = root.resolve()
    for path in sorted(named(source, root), key=_last_change):
        if isinstance(path, Failure):
            yield path
            continue
        try:
            seen = _sight(path)
        except FileNotFoundError:
            if not path.is_symlink():
                continue  # whoever empties the folder was faster
            seen = None
        except OSError:
            seen = None  # the trouble is the machine's and not the file's; reading it says which
        if seen:
            age = now - _touched(seen)
            if -YOUNG < age < QUIET:  # changed just now, or since this round began; a clock that is wrong by more says nothing
                continue
            sighted[place_of(root, path)] = Sighting(path=path, stamp=_stamp(seen), age=age)
        yield from read_file(source, root, path, now=now)


def may_grow(sighting: Sighting, *, now: datetime) -> bool:
    """Whether the rest of a file that ends too early may still come.

    The time of a file from the future is set to now, so that it is not young for ever.
    """
    if sighting.age > -YOUNG:
        return sighting.age < YOUNG
    try:
        os.utime(sighting.path, (now.timestamp(), now.timestamp()))
    except OSError:
        return False
    return True


def set_aside(sighting: Sighting, folder: Path, failures: Sequence[Failure], *, now: datetime) -> Failure | None:
    """Move a bad file into `folder`/set-aside, and write beside it why; a Failure of its own when that cannot be done.

    Both get a name that is free. The reason comes first: a crash between the two leaves the file where it was, to be judged again.
    A file that changed since it was read, or is no longer there, is left alone.
    """
    aside, path = folder / SET_ASIDE, sighting.path
    try:
        aside.mkdir(exist_ok=True)
        if aside.is_symlink():
            raise NotADirectoryError(0, "it is a link")
        reason, to = _a_free_name(aside, path.name)
        try:
            reason.write_text(_why(failures, now), encoding="utf-8", errors="backslashreplace")
            if _stamp(path.lstat()) != sighting.stamp:
                raise FileNotFoundError
            path.rename(to)
        except OSError:
            reason.unlink()
            raise
    except FileNotFoundError:
        return None
    except OSError as error:
        told = f"It cannot be moved to {SET_ASIDE}: {error.strerror or error}."
        return Failure(source=failures[0].source, place=failures[0].place.partition("#")[0], reason=told, hint=MAY_WRITE)
    return None


def _a_free_name(aside: Path, name: str) -> tuple[Path, Path]:
    """The file of the reason, made so that nobody else takes the name, and the name that the bad file gets."""
    stem, dot, endings = name.partition(".")
    number = 1
    while True:
        to = aside / (name if number == 1 else f"{stem}-{number}{dot}{endings}")
        reason = to.with_name(f"{to.name}.why.txt")
        number += 1
        if not os.path.lexists(to):
            with suppress(FileExistsError):
                reason.touch(exist_ok=False)
                return reason, to


def _why(failures: Sequence[Failure], now: datetime) -> str:
    lines = [f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC", ""]
    for failure in failures:
        lines += [failure.place, failure.reason, failure.hint, ""]
    return "\n".join(lines)


# --- how a file looks from outside


def _sight(path: Path) -> os.stat_result | None:
    """None for a link, a pipe and the like: they are read or refused as everywhere, and left where they are. Raises OSError."""
    seen = path.lstat()
    if not stat.S_ISREG(seen.st_mode):
        return None
    with path.open("rb"):  # a file that may not be read is not a bad one
        return seen


def _touched(seen: os.stat_result) -> datetime:
    """When it last changed. Whoever sends a file may give it any time, a future one too; when that was done the machine notes itself."""
    return datetime.fromtimestamp(min(seen.st_mtime, seen.st_ctime), UTC)


def _last_change(path: Path | Failure) -> float:
    try:
        return path.lstat().st_mtime if isinstance(path, Path) else 0
    except OSError:
        return 0


def _stamp(seen: os.stat_result) -> tuple[int, int, int]:
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
