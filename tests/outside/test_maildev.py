"""What `digest send` hands over is read by a mail server of others, maildev, as what was approved."""

import email
import email.policy
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.workflow.deliveries import send_issue
from tests.approved import ISSUE, MONDAY, a_ready_newsroom, approve
from tests.ledgers import people
from tests.make import CONFIG
from tests.outside.programs import package, program


@pytest.fixture(scope="module")
def maildev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Its SMTP port, and the address of its interface."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports.append(free.getsockname()[1])
    smtp, web = ports
    command = [program("node"), str(package("maildev") / "dist" / "bin" / "maildev.js"), "--ip", "127.0.0.1", "--web-ip", "127.0.0.1"]
    options = ["--smtp", str(smtp), "--web", str(web), "--silent", "--mail-directory", str(tmp_path_factory.mktemp("maildev"))]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        end = time.monotonic() + 30
        for port in ports:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, "maildev did not start"
                    assert time.monotonic() < end, "maildev does not answer"
                    time.sleep(0.1)
        yield smtp, f"http://127.0.0.1:{web}"
    finally:
        process.terminate()
        process.wait(10)


def mails(address: str, count: int) -> list[Any]:
    """What came, once it is all parsed."""
    end = time.monotonic() + 20
    while True:
        with urllib.request.urlopen(f"{address}/api/email", timeout=10) as answer:
            found: list[Any] = json.load(answer)
        if len(found) >= count or time.monotonic() > end:
            return found
        time.sleep(0.2)


def test_it_reads_what_was_approved(maildev, tmp_path):
    smtp, web = maildev
    config = f'{CONFIG}\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {smtp}\nsecurity = "none"\n'
    newsroom = a_ready_newsroom(tmp_path, config=config)
    people(newsroom.ledger._database, 12)
    sealed = approve(newsroom).sealed

    status = send_issue(newsroom, ISSUE, now=MONDAY, environment={}, stop=threading.Event())

    found = mails(web, 12)
    assert status.complete
    assert sorted(mail["to"][0]["address"] for mail in found) == sorted(f"reader{at}@inbox.example" for at in range(1, 13))
    ways = set()
    for mail in found:
        kept = email.message_from_bytes(Path(mail["source"]).read_bytes(), policy=email.policy.default)
        leave = kept["List-Unsubscribe"].strip("<>")
        ways.add(leave)
        assert mail["subject"] == sealed.subject
        assert kept["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert leave in mail["text"]
        assert leave in mail["html"]
        assert mail["to"][0]["address"] in mail["html"]
    assert len(ways) == 12
