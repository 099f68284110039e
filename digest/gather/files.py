"""Fetch stories that lie in files: Markdown, wire text, saved pages, newswire files, and lists of records."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from digest.model import Document, Failure, Source

KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".html.gz": "html",
    ".htm.gz": "html",
    ".xml": "xml",
    ".xml.gz": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".nitf": "xml",
    ".json": "json",
    ".json.gz": "json",
    ".jsonl": "record",
    ".jsonl.gz": "record",
}
LARGEST = 10_000_000  # bytes of one document, after decompression
MOST_UNPACKED = 50  # times its packed size; text packs ten times smaller, a bomb a thousand times
CHUNK = 1_000_000  # bytes
OUTSIDE = ("This link leads out of the newsroom.", "Copy the files into the newsroom.")
NOT_STORIES = (".", "~")  # hidden files, and the locks and drafts that editors keep beside a file
SET_ASIDE = "set-aside"  # the folder of a drop folder that holds what could not be read


def gather_files(source: Source, root: Path, *, now: datetime) -> Iterator[Document | Failure]:
    """Read what `source.files` names: a folder with all that is in it, one file, or a glob such as "stories/**/*.md".

    `root` is the newsroom's folder, which nothing may lead out of; `now` is an aware time. Documents come in the order of their paths,
    so that two builds see the same. A list of records gives one document a line, read line by line, so that memory stays flat.
    What cannot be read is a Failure, never an exception.
    """
    root = root.resolve()
    for path in named(source, root):
        yield from (path,) if isinstance(path, Failure) else read_file(source, root, path, now=now)


def read_file(source: Source, root: Path, path: Path, *, now: datetime) -> Iterator[Document | Failure]:
    """Read one file of the source; `root` is resolved."""
    try:
        yield from _documents(source, root, path, now)
    except EOFError:
        yield _failure(source, root, path, "The gzip file is cut short.", "Copy it again.")
    except (gzip.BadGzipFile, zlib.error) as error:
        yield _failure(source, root, path, f"This is no sound gzip file: {error}.", "Compress it again, or name it without .gz.")
    except OSError as error:
        yield _failure(source, root, path, f"It cannot be read: {error.strerror or error}.", "Look at its permissions, or take it away.")


# --- which files


def named(source: Source, root: Path) -> Iterator[Path | Failure]:
    """The files that the source names, in the order of their paths, and what is wrong with the others."""
    files = source.files.strip()
    path = root / files
    if not files or PurePath(files).is_absolute() or ".." in PurePath(files).parts:
        yield Failure(
            source=source.name,
            place=files,
            reason=f"{files!r} is no place inside the newsroom.",
            hint=f"Name a folder or files inside {root}.",
        )
    elif os.path.lexists(path):
        yield from _below(source, root, path, seen=set()) if path.is_dir() else _one(source, root, path)
    elif any(sign in files for sign in "*?["):
        yield from _matching(source, root, files)
    else:
        yield Failure(
            source=source.name, place=files, reason=f"There is no {files} in {root}.", hint="Make it, or mend `files` of this source."
        )


def _one(source: Source, root: Path, path: Path) -> Iterator[Path | Failure]:
    if kind_of(path.name):
        yield path
    else:
        yield _failure(source, root, path, f"{path.name} is no kind of file that can be read.", f"These can: {', '.join(KINDS)}.")


def _matching(source: Source, root: Path, pattern: str) -> Iterator[Path | Failure]:
    try:
        paths = sorted(root.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        yield Failure(source=source.name, place=pattern, reason=f"{pattern} is no glob: {error}.", hint="Write it like stories/**/*.md.")
        return
    stories = [
        path for path in paths if kind_of(path.name) and not any(_is_no_story(source, part) for part in path.relative_to(root).parts)
    ]
    yield from stories
    if not stories:
        yield Failure(
            source=source.name, place=pattern, reason=f"No story matches {pattern} in {root}.", hint="Mend `files` of this source."
        )


def _below(source: Source, root: Path, folder: Path, *, seen: set[Path]) -> Iterator[Path | Failure]:
    """All stories in a folder and the folders in it. `seen` keeps links from leading in circles."""
    whereabouts = folder.resolve()
    if not whereabouts.is_relative_to(root):
        yield _failure(source, root, folder, *OUTSIDE)
        return
    if whereabouts in seen:
        return
    seen.add(whereabouts)
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        yield _failure(source, root, folder, f"This folder cannot be read: {error.strerror or error}.", "Look at its permissions.")
        return
    for path in paths:
        if _is_no_story(source, path.name):
            continue
        if path.is_dir():
            yield from _below(source, root, path, seen=seen)
        elif kind_of(path.name):
            yield path


def kind_of(name: str) -> str:
    """The kind of document that a file of this name holds, "" when we cannot read it."""
    return next((kind for ending, kind in KINDS.items() if name.lower().endswith(ending) and len(name) > len(ending)), "")


def _is_no_story(source: Source, name: str) -> bool:
    return name.startswith(NOT_STORIES) or (source.drop and name == SET_ASIDE)


# --- what is in them


def _documents(source: Source, root: Path, path: Path, now: datetime) -> Iterator[Document | Failure]:
    """The documents of one file. Raises OSError, EOFError and zlib.error as they come."""
    whereabouts = Path(os.path.realpath(path, strict=True))  # Path.resolve() is no OSError for a link to itself
    if not whereabouts.is_relative_to(root):
        yield _failure(source, root, path, *OUTSIDE)
        return
    if not whereabouts.is_file():  # a folder, or a pipe that would never end
        yield _failure(source, root, path, "This is not a file.", "Rename it, or take it out of this source.")
        return
    kind = kind_of(path.name)
    with path.open("rb") as packed:
        plain = cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=packed))) if path.name.lower().endswith(".gz") else packed
        pieces = _lines(plain, packed) if kind == "record" else [("", plain.read(LARGEST + 1))]
        for line, content in pieces:
            place = place_of(root, path) + line
            if content is None:
                hint = "Take this file out of the source: real text does not pack so small."
                yield Failure(source=source.name, place=place, reason=f"It unpacks to over {MOST_UNPACKED} times its size.", hint=hint)
            elif len(content) > LARGEST:
                size = f"{whereabouts.stat().st_size / 1e6:.1f} MB" if plain is packed and not line else f"over {LARGEST // 10**6} MB"
                reason = f"It has {size}; documents of up to {LARGEST // 10**6} MB are read."
                yield Failure(
                    source=source.name, place=place, reason=reason, hint="Save the story alone, without pictures and scripts in it."
                )
            else:
                yield Document(
                    source=source.name, url=place, kind=kind, content=content, fetched_at=now.astimezone(UTC), hints=_hints(source)
                )


def _lines(plain: BinaryIO, packed: BinaryIO) -> Iterator[tuple[str, bytes | None]]:
    """Each line that is not empty with its number, "#3"; the first bytes of one that is too long; None, and no more, for a bomb."""
    number = unpacked = 0
    while line := plain.readline(LARGEST + 1):
        number += 1
        unpacked += len(line)
        too_long = len(line) > LARGEST and not line.endswith(b"\n")
        if line.strip():
            yield f"#{number}", line if too_long else line.strip()
        while too_long and line and not line.endswith(b"\n") and not _is_bomb(unpacked, packed):
            line = plain.readline(CHUNK)
            unpacked += len(line)
        if _is_bomb(unpacked, packed):
            yield f"#{number}", None
            return


def _is_bomb(unpacked: int, packed: BinaryIO) -> bool:
    return unpacked > CHUNK + MOST_UNPACKED * packed.tell()


def _hints(source: Source) -> dict[str, str]:
    settled = {"language": source.language, "tags": ",".join(source.tags)}
    return {name: value for name, value in settled.items() if value}


def place_of(root: Path, path: Path) -> str:
    """The path relative to the newsroom with forward slashes; a file name that is not UTF-8 is made so, for it is printed and stored."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", errors="replace")


def _failure(source: Source, root: Path, path: Path, reason: str, hint: str) -> Failure:
    return Failure(source=source.name, place=place_of(root, path), reason=reason, hint=hint)
