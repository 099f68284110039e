"""Puts a set of files into a folder all together: a crash leaves every old one or, after the next command, every new one.

The files are written to a staging folder beside. A marker file there is the point of no return: without it the staging folder is thrown
away, with it the files are moved into place, by whoever comes next if need be.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from digest.errors import StoreError
from digest.store.files import disk_errors, sync_folder, write_beside, write_through

PLAN = "plan.toml"  # the one file that a person edits
_MARKER = "commit"
_FILES = "files"  # a folder of its own, so that no name can collide with the marker
_PICTURES = "images"  # belongs to the build: what is no longer in the set is removed


def stage(staging: Path, folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files beside, forced to disk. Raises StoreError, and then nothing is left behind."""
    _refuse_what_cannot_be_replaced(folder, files)
    try:
        with disk_errors(staging):
            discard(staging)
            for subfolder in sorted({(staging / _FILES / name).parent for name in files} | {staging / _FILES}):
                subfolder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                write_through(staging / _FILES / name, content)
            for subfolder in {(staging / _FILES / name).parent for name in files} | {staging / _FILES, staging, staging.parent}:
                sync_folder(subfolder)
    except BaseException:
        with suppress(StoreError):  # the first error is the one to tell; the next build throws the rest away
            discard(staging)
        raise


def commit(staging: Path, *, names: list[str], expected_plan: bytes | None, note: Mapping[str, Any]) -> None:
    """Write the marker. From now on `finish` will put the files in place, whatever happens. Raises StoreError."""
    marker = {"names": names, "expected_plan": _fingerprint(expected_plan), "note": note}
    write_beside(staging / _MARKER, json.dumps(marker).encode())


def committed(staging: Path) -> Mapping[str, Any] | None:
    """The note that was given to `commit`; None when there is no marker."""
    marker = _marker(staging)
    return marker and marker["note"]


def finish(staging: Path, folder: Path) -> bool:
    """Move the committed files into place; may be repeated after a crash. Raises StoreError, and can then be repeated too.

    False, and nothing is moved, when a person has changed the plan since the build read it: their plan wins.
    """
    marker = _marker(staging)
    assert marker is not None
    names = sorted(marker["names"], key=lambda name: name != PLAN)  # the plan first: once it has moved, the rest belongs to it
    with disk_errors(folder):
        plan_waits = (staging / _FILES / PLAN).exists()
        if plan_waits and _fingerprint(read_bytes(folder / PLAN)) != marker["expected_plan"]:
            return False
        for name in names:
            _move(staging / _FILES / name, folder / name)
        for picture in (folder / _PICTURES).glob("*"):
            if f"{_PICTURES}/{picture.name}" not in names and picture.is_file():
                picture.unlink()
        for changed in {(folder / name).parent for name in names} | {folder.parent}:
            sync_folder(changed)
    return True


def discard(staging: Path) -> None:
    """Throw a staging folder away, the marker first, so that what is left of it can never be finished. Raises StoreError."""
    with disk_errors(staging):
        (staging / _MARKER).unlink(missing_ok=True)
        if staging.exists():
            shutil.rmtree(staging)


def read_bytes(path: Path) -> bytes | None:
    """What a file holds; None when there is none. Raises OSError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _refuse_what_cannot_be_replaced(folder: Path, files: Mapping[str, bytes]) -> None:
    """Find out before the point of no return what would stop us after it."""
    for target in (folder / name for name in files):
        if target.is_dir() or (target.parent.exists() and not target.parent.is_dir()):
            raise StoreError(f"{target} is in the way of the issue's own file.", hint="Move it elsewhere, then build again.")
        if target.parent.exists() and not os.access(target.parent, os.W_OK | os.X_OK):
            raise StoreError(f"{target.parent} may not be written.", hint="Make the folder writable for this user.")


def _move(staged: Path, target: Path) -> None:
    if staged.exists():  # else it was moved before a crash
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)


def _marker(staging: Path) -> dict[str, Any] | None:
    with disk_errors(staging):
        content = read_bytes(staging / _MARKER)
    marker: dict[str, Any] | None = None if content is None else json.loads(content)
    return marker


def _fingerprint(content: bytes | None) -> str | None:
    return None if content is None else sha256(content).hexdigest()
