"""A stand-in for Resend that others wrote takes our calls."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.programs import package, program
from tests.send.api import Api
from tests.send.letters import letters
from tests.send.transports.test_resend import MESSAGE, line_to, outcomes, sent


@pytest.fixture(scope="module")
def resend_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Path]]:
    """The server, and the database in which it keeps what came."""
    app = package("resend-local") / "dist" / "app"
    database = shutil.copy(app / "resend-local.sqlite", tmp_path_factory.mktemp("resend") / "kept.sqlite")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "PORT": str(port),
        "HOSTNAME": "127.0.0.1",
        "DATABASE_URL": f"file:{database}",
        "NEXT_TELEMETRY_DISABLED": "1",
    }
    process = subprocess.Popen(
        [program("node"), "server.js"], cwd=app, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "resend-local did not start"
                assert time.monotonic() < end, "resend-local does not answer"
                time.sleep(0.1)
        yield Api(url=f"http://127.0.0.1:{port}"), database
    finally:
        process.terminate()
        process.wait(10)


def test_it_takes_a_hundred_letters_in_one_call(resend_local: tuple[Api, Path]):
    server, database = resend_local

    receipts, fault = sent(line_to(server, seconds=30), letters(100))

    with sqlite3.connect(database) as kept:
        rows = kept.execute(
            'SELECT email.id, "to", "from", subject, html_body, text_body, headers FROM email JOIN email_to ON email_id = email.id'
        ).fetchall()
    came = {address: rest for _, address, *rest in rows}
    assert (outcomes(receipts), fault) == (["accepted"] * 100, None)
    assert {receipt.provider_id for receipt in receipts} == {row[0] for row in rows}
    assert came["reader7@inbox.example"] == [
        MESSAGE.sender, MESSAGE.subject, "<p>Dear Reader 7</p>", "Dear Reader 7", '{"List-Unsubscribe":"<https://garrisonpost.example/u/7>"}',
    ]  # fmt: skip
