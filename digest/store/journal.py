"""Remembers what a running send has begun and what came of it, in a few bytes a letter that outlive a killed process."""

from __future__ import annotations

import itertools
import mmap
import os
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from digest.store.files import disk_errors

# A record is 8 bytes, aligned, so that it is stored by one instruction and no kill leaves half of one: kind, check, call, seq.
_RECORD = struct.Struct(">BBHI")
_KINDS = {"intended": 73, "accepted": 65, "failed": 70, "later": 76, "uncertain": 85}  # the letters I, A, F, L, U
_NAMES = {code: name for name, code in _KINDS.items()}
_MOST_RECORDS = 3  # of one letter in one claim: intended, and what came of it; one to spare


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What a journal says of its claim."""

    outcomes: dict[int, str] = field(default_factory=dict)  # seq -> accepted | failed | later | uncertain
    intended: dict[int, int] = field(default_factory=dict)  # seq -> its call; begun, and no word of what came of it


class Journal:
    """The notes of one claim. Written by many threads; a note is in the machine's memory when the call returns, on disk a little later.

    The file is given its whole room when it is made, so that a full disk cannot keep an outcome from being noted.
    """

    def __init__(self, path: Path, *, letters: int) -> None:
        """Make the file, with room for a claim of so many letters. Raises StoreError when the disk will not have it."""
        self._path = path
        size = max(letters, 1) * _MOST_RECORDS * _RECORD.size
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.posix_fallocate(handle, 0, size)
                self._notes = mmap.mmap(handle, size)
            finally:
                os.close(handle)
        self._places = itertools.count(0, _RECORD.size)  # next() is one step of the interpreter: no two threads get the same place

    def note(self, kind: str, seq: int, call: int = 0) -> None:
        """Note that a letter is about to be sent ("intended"), or what came of it: accepted, failed, later, uncertain."""
        place = next(self._places)
        self._notes[place : place + _RECORD.size] = _record(_KINDS[kind], call, seq)

    def remove(self) -> None:
        """Throw the notes away: what they say is in the ledger now."""
        self._notes.close()
        remove(self._path)


def read_journal(path: Path) -> Noted | None:
    """What a claim had noted when its process died; None when there is no such file."""
    with disk_errors(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    noted = Noted()
    for kind, call, seq in _records(content):
        if kind == "intended":
            noted.intended[seq] = call
            noted.outcomes.pop(seq, None)
        else:
            noted.intended.pop(seq, None)
            noted.outcomes[seq] = kind
    return noted


def remove(path: Path) -> None:
    """Remove a journal, if it is there."""
    with disk_errors(path):
        path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Names the time since this machine was started: what was only in its memory before that is lost."""
    linux = Path("/proc/sys/kernel/random/boot_id")
    if linux.exists():
        return linux.read_text(encoding="ascii").strip()
    return subprocess.run(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=True).stdout.strip()


def _record(kind: int, call: int, seq: int) -> bytes:
    return _RECORD.pack(kind, _check(kind, call, seq), call, seq)


def _check(kind: int, call: int, seq: int) -> int:
    """Tells a record from whatever a disk holds after a power cut."""
    return (kind * 7 + call * 31 + (call >> 8) * 13 + seq * 17 + (seq >> 8) * 5 + (seq >> 16) * 3 + (seq >> 24)) & 0xFF


def _records(content: bytes) -> Iterator[tuple[str, int, int]]:
    whole = len(content) - len(content) % _RECORD.size
    found: Iterable[tuple[int, int, int, int]] = _RECORD.iter_unpack(content[:whole])
    for kind, check, call, seq in found:
        if kind in _NAMES and check == _check(kind, call, seq):
            yield _NAMES[kind], call, seq
