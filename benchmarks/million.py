"""Send an issue to a million readers: the freeze, the letters at the other side, and the memory it takes.

    python benchmarks/million.py [--readers 1000000] [--json FILE]

The other side is Postfix's smtp-sink, which counts. Memory is what the sending process holds beyond the interpreter with its imports.
"""

import argparse
import json
import multiprocessing
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))


def main() -> None:
    """Fill a store, send to everybody in it from a process of its own, and print the figures."""
    from digest.store.database import Database
    from tests.ledgers import people
    from tests.outside.sink import sink

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sink() as server:
        database = Database(Path(folder) / "digest.db")
        for first in range(1, args.readers + 1, 50_000):
            people(database, min(50_000, args.readers + 1 - first), first=first)
        database.close()
        told: multiprocessing.Queue[dict[str, Any]] = multiprocessing.get_context("spawn").Queue()
        sender = multiprocessing.get_context("spawn").Process(target=send, args=(folder, server.port, told))
        sender.start()
        figures = told.get()
        sender.join()
        figures["at_the_sink"] = server.count()
    for name, value in figures.items():
        print(f"{name:24} {value:,}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def send(folder: str, port: int, told: Any) -> None:
    """The sending process."""
    import smtplib  # noqa: F401  (its memory is not the send's)

    import sqlalchemy  # noqa: F401

    from digest.model import TransportSettings
    from digest.send.deliver import deliver
    from digest.send.pace import Pace
    from digest.send.transports.smtp import Smtp
    from digest.store.database import Database
    from digest.store.ledger import Ledger
    from tests.ledgers import ISSUE, MESSAGE, a_letter, frozen

    database = Database(Path(folder) / "digest.db")
    ledger = Ledger(database, Path(folder) / "sending")
    with database.reading():
        before = megabytes("VmRSS")
    began = time.perf_counter()
    sending = frozen(ledger, batch_size=500)
    freeze = time.perf_counter() - began
    stop = threading.Event()
    transport = Smtp(TransportSettings(kind="smtp", host="127.0.0.1", port=port, security="none"), "", "desk@garrisonpost.example")
    began = time.perf_counter()
    with ledger.sending(ISSUE):
        claims = ledger.claims(sending, at_once=50, replay=None, seed_list="seed")
        progress = deliver(claims, transport, MESSAGE, a_letter, connections=4, pace=Pace(0, stop=stop), stop=stop)
        claims.finish()
    seconds = time.perf_counter() - began
    told.put(
        {
            "readers": sending.total,
            "freeze_seconds": round(freeze, 2),
            "accepted": progress.accepted,
            "send_seconds": round(seconds, 1),
            "letters_a_second": round(progress.accepted / seconds),
            "megabytes_before": round(before, 1),
            "megabytes_beyond": round(megabytes("VmHWM") - before, 1),
        }
    )


def megabytes(what: str) -> float:
    """A figure of this process: VmRSS now, VmHWM at most."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
