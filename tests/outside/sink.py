"""Postfix's smtp-sink: a mail server that takes everything, counts it, and writes down what came if asked to."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.outside.programs import postfix


class Sink:
    """A running sink."""

    def __init__(self, port: int, counter: IO[bytes], folder: Path) -> None:
        self.port = port
        self._counter = counter
        self._folder = folder

    @property
    def dump(self) -> Path:
        """What came, if it was started with dump=True."""
        return self._folder / "dump"

    def count(self) -> int:
        """Mails taken whole so far, as the sink itself counts them."""
        end = os.fstat(self._counter.fileno()).st_size
        found = re.findall(rb"mesg=(\d+)\r", os.pread(self._counter.fileno(), 200, max(0, end - 200)))
        return int(found[-1]) if found else 0

    def mails(self) -> list[bytes]:
        """What came, mail by mail, with the sink's own headers on top."""
        return [b"X-Client-Addr: " + mail for mail in self.dump.read_bytes().split(b"X-Client-Addr: ")[1:]]


@contextmanager
def sink(*options: str, dump: bool = False) -> Iterator[Sink]:
    """A sink on a loopback port of its own while the block runs."""
    program, environment = postfix("smtp-sink")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="sink-"))
    folder.chmod(0o777)  # the sink gives its rights away
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    written = ["-D", str(folder / "dump")] if dump else []
    command: Sequence[str] = [str(program), *user, "-c", *written, *options, f"127.0.0.1:{port}", "1000"]
    with (folder / "counter").open("w+b") as counter:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=counter, stderr=subprocess.PIPE)
        try:
            _wait_for(port, process)
            yield Sink(port, counter, folder)
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                words = process.stderr.read().decode() if process.stderr and process.poll() is not None else "it does not answer"
                raise AssertionError(f"smtp-sink did not start: {words}") from None
            time.sleep(0.02)
