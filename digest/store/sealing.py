"""Puts an approved issue's files in place all together, and takes them away all together: a crash leaves it approved or not, never half.

The folder `approved/` is renamed into place whole; what it takes the place of waits beside until all is done. Whether an issue is
approved is what the disk says, and after a crash the database is told so.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from digest.store.files import disk_errors, sync_folder, write_through

APPROVED = "approved"
SEAL = "seal.json"  # without it the folder means nothing
_NEW, _OLD = "new", "old"


def is_sealed(folder: Path) -> bool:
    """Whether the issue in this folder is approved."""
    return (folder / APPROVED / SEAL).is_file()


def stage(waiting: Path, files: Mapping[str, bytes]) -> None:
    """Write the files beside, forced to disk. Raises StoreError."""
    with disk_errors(waiting):
        for folder in sorted({(waiting / _NEW / name).parent for name in files}):
            folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_through(waiting / _NEW / name, content)
        for folder in {(waiting / _NEW / name).parent for name in files} | {waiting / _NEW, waiting, waiting.parent}:
            sync_folder(folder)


def put(waiting: Path, folder: Path) -> None:
    """Put what is staged in place of what was approved before. Raises StoreError."""
    take(waiting, folder)
    with disk_errors(folder):
        (waiting / _NEW).rename(folder / APPROVED)
        sync_folder(folder)


def take(waiting: Path, folder: Path) -> None:
    """Take away what was approved, if anything was. Raises StoreError."""
    with disk_errors(folder):
        waiting.mkdir(exist_ok=True)
        sync_folder(waiting.parent)
        if (folder / APPROVED).exists():
            (folder / APPROVED).rename(waiting / _OLD)
            sync_folder(waiting)
        sync_folder(folder)


def restore(waiting: Path, folder: Path) -> None:
    """After a crash or a fault: put back what was taken away and not replaced. Raises StoreError."""
    with disk_errors(folder):
        if (waiting / _OLD / SEAL).is_file() and not (folder / APPROVED).exists():
            (waiting / _OLD).rename(folder / APPROVED)
            sync_folder(folder)


def discard(waiting: Path) -> None:
    """Throw away what waits, the old seal first, so that what is left of it can never be put back. Raises StoreError."""
    with disk_errors(waiting):
        if waiting.exists():
            (waiting / _OLD / SEAL).unlink(missing_ok=True)
            shutil.rmtree(waiting)
