"""Puts files on disk so that nobody, not even after a crash, meets half of one."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from digest.errors import Busy, StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def write_beside(path: Path, content: bytes) -> None:
    """Replace a file whole: written beside it, forced to disk, renamed.

    Raises StoreError when the disk will not take it; the old file then stands as it was.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with disk_errors(path):
        try:
            write_through(beside, content)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def swap_beside(path: Path, content: bytes, *, expect: bytes) -> bool:
    """As write_beside, but only while the file holds `expect`, which is looked at in the last moment; whether it did."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with disk_errors(path):
        try:
            write_through(beside, content)
            if not path.is_file() or path.read_bytes() != expect:
                beside.unlink()
                return False
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    return True


def write_secret(path: Path, content: bytes) -> None:
    """As write_beside, for a file that nobody but its owner may read, not even while it is written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with disk_errors(path):
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


@contextmanager
def written_beside(path: Path) -> Iterator[TextIO]:
    """As write_beside, for a text that is too long to be held in memory; a file that nobody but its owner may read."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with disk_errors(path):
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """As write_beside, in a folder that is made when it is not there yet."""
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_beside(path, content)


def write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it. Raises OSError."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows the names in a folder: a rename is not safe before. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path, *, busy: str, hint: str) -> Iterator[None]:
    """Hold a lock file while the block runs; the system lets go of it when the process dies, however it dies.

    Raises Busy with `busy` and `hint` at once when another process (or another block of this one) holds it.
    """
    with disk_errors(path):
        handle = _take(path)
    if handle is None:
        raise Busy(busy, hint=hint)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while we still hold it, so that nobody can have taken this very file
        os.close(handle)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a StoreError that names the path and says what to do."""
    try:
        yield
    except OSError as error:
        raise _as_store_error(error, path) from error


def _take(path: Path) -> int | None:
    """An open file that holds the lock; None when somebody else holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except OSError:
            os.close(handle)
            raise
        if _still_there(handle, path):
            return handle
        os.close(handle)  # its last holder removed the file just as we opened it: a lock on it binds nobody


def _still_there(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _as_store_error(error: OSError, path: Path) -> StoreError:
    if error.errno in _FULL:
        return StoreError(f"The disk is full: {path} could not be written.", hint="Free some space, then run the same command again.")
    if error.errno in _FORBIDDEN:
        return StoreError(f"{path} may not be written.", hint="Make the folder and its files writable for this user, or work on a copy.")
    return StoreError(f"{path}: {error.strerror or error}.", hint="Look at the path and the disk, then run the same command again.")
