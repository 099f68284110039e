"""Children that meet a full or forbidden disk, or die at a chosen moment, whoever runs the tests."""

import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import DigestError

_fork = multiprocessing.get_context("fork")
_NOBODY = 65534
_KILLING = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}


def child(work: Callable[[], object]) -> multiprocessing.process.BaseProcess:
    """Start `work` in a process of its own."""
    process = _fork.Process(target=work)
    process.start()
    return process


def said_by_a_child(work: Callable[[], object]) -> str:
    """What a child's DigestError says, with its class; "done" when it raises none."""
    ours, theirs = _fork.Pipe(duplex=False)

    def told() -> None:
        try:
            work()
        except DigestError as error:
            theirs.send(f"{type(error).__name__}: {error.message}")
        else:
            theirs.send("done")

    process = child(told)
    theirs.close()
    try:
        said: str = ours.recv()
    finally:
        process.join()
    return said


def on_a_full_disk(work: Callable[[], object], *, room: int) -> Callable[[], object]:
    """No file may grow beyond `room` bytes: the system then answers as a full disk does."""

    def cramped() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        work()

    return cramped


def without_rights(work: Callable[[], object]) -> Callable[[], object]:
    """The superuser may write everywhere, so the child stops being one."""

    def humble() -> None:
        if os.geteuid() == 0:
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        work()

    return humble


def dying_at(step: int, work: Callable[[], object]) -> Callable[[], object]:
    """Kill the child (-9) just before it touches the disk for the nth time."""
    left = step

    def watch(event: str, _arguments: object) -> None:
        nonlocal left
        if event in _KILLING:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def doomed() -> None:
        sys.addaudithook(watch)
        work()

    return doomed


@contextmanager
def a_folder_for_all() -> Iterator[Path]:
    """A folder below which everybody may look, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
