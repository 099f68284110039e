"""How long it takes to take a long list over, to count it and to choose from it: wall time, CPU time and peak memory.

    python benchmarks/audience.py [--rows 1000000] [--json FILE]

The list looks like an export of Mailchimp with names, dates and tags, its addresses in no order. Everything is done through the workflow
that the command uses, in a newsroom of its own, in one process.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CONFIG = """
[newsroom]
publisher = "Benchmark"
zone = "UTC"

[[source]]
name = "Bench"
files = "stories"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
"""
ASKED = 30  # seconds for the first import of a million
HEADER = '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID,NOTES,TAGS\n'


def main() -> None:
    """Measure every step and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        steps = measure(Path(place), args.rows)
    if args.json:
        args.json.write_text(json.dumps(steps, indent=1) + "\n", encoding="utf-8")
    if args.rows == 1_000_000:
        took = steps[0]["wall"]
        print(f"\nthe first import: {took:.1f} s, asked {ASKED} s: {'met' if took <= ASKED else 'NOT MET'}")


def measure(root: Path, rows: int) -> list[dict[str, Any]]:
    """Import `rows` people twice, count them, and freeze a segment of them into a table."""
    from digest.audience.keys import new_keys_text
    from digest.model import Segment
    from digest.newsroom import open_newsroom
    from digest.workflow.subscribers import import_subscribers

    (root / "digest.toml").write_text(CONFIG, encoding="utf-8")
    (root / "digest.keys").touch(mode=0o600)
    (root / "digest.keys").write_text(new_keys_text(), encoding="utf-8")
    write_list(root / "members.csv", rows)
    newsroom = open_newsroom(root)
    people, now = newsroom.subscribers, datetime.now(UTC)
    people.count()  # makes the database and imports its library

    def bring() -> str:
        done = import_subscribers(newsroom, root / "members.csv", now=now)
        return f"{done.joined.new} new, {done.joined.changed} changed, {done.joined.unchanged} unchanged, {done.refused} refused"

    def freeze(segment: Segment) -> Callable[[], str]:
        def run() -> str:
            with people._database.writing() as connection:
                chosen = people.recipients(segment).compile(connection, compile_kwargs={"literal_binds": True})
                connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS frozen (id INTEGER, email TEXT, name TEXT)")
                return f"{connection.exec_driver_sql(f'INSERT INTO frozen {chosen}').rowcount} recipients"

        return run

    print(f"{'':34} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    return [
        timed("import", bring),
        timed("the same file again", bring),
        timed("count by list, language and tag", lambda: f"{people.count().subscribers} subscribers"),
        timed("recipients of a list, into a table", freeze(Segment(list="weekly"))),
        timed("narrowed by a tag", freeze(Segment(list="weekly", tags=("members",)))),
    ]


def timed(step: str, run: Callable[[], str]) -> dict[str, Any]:
    """Do one step and print what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    said = run()
    row = {"step": step, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": peak(), "said": said}
    print(f"{step:34} {row['wall']:8.2f} {row['cpu']:8.2f} {row['peak_mb']:8.0f}  {said}")
    return row


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_list(path: Path, rows: int) -> None:
    """A list of people in no order, one in a thousand of whose addresses cannot be used."""
    numbers = list(range(rows))
    random.Random(7).shuffle(numbers)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in numbers:
            sign = "" if number % 1000 == 999 else "@"
            when = (
                f"20{number % 20 + 5:02d}-{number % 12 + 1:02d}-{number % 28 + 1:02d} {number % 24:02d}:{number % 60:02d}:{number % 59:02d}"
            )
            tags = '"""members"",""news"""' if number % 10 == 0 else ""
            file.write(
                f"reader.{number}{sign}inbox{number % 997}.example,Ann,Lee {number},2,{when},192.0.2.1,,,{number},e{number},,{tags}\n"
            )


if __name__ == "__main__":
    main()
