"""How fast the web is gathered: feeds with the pages behind their entries, the rounds after that find nothing new, and kills.

    python benchmarks/gather.py [--feeds 50 100 200] [--entries 50] [--delay 50] [--days 60] [--json FILE]

A server on loopback in a process of its own serves a made-up world of news (newsworld.py): each feed at a host of its own, each page 20 to
60 KB, each answer after `--delay` milliseconds. Every figure comes from a process of its own. The serial time is that of one source after
the other, measured on 20 of them and multiplied. `--days` of fifty sources are gathered under kill -9, eight times a day (0 = not), as
tests/test_killed_gather.py does for three; exit code 1 when a story is lost or doubled there.
"""

import argparse
import json
import multiprocessing
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))

CONFIG = """
[newsroom]
publisher = "Benchmark"
zone = "UTC"

{sources}

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
"""
SAMPLE = 20  # sources that are gathered one after the other
PAGES = 500  # that trafilatura reads alone
ROUNDS = 5  # over sources that have nothing new


def main() -> None:
    """Run every part and print one table each."""
    from benchmarks.newsworld import served, write

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, nargs="*", default=[50, 100, 200])
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--delay", type=int, default=50)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    results: dict[str, Any] = {}
    if args.feeds:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), args.delay / 1000) as port:
            write(Path(folder), max(args.feeds), args.entries, port)
            results["trafilatura alone"] = in_a_process(trafilatura_alone, Path(folder))
            results["one after the other"] = in_a_process(gather, port, SAMPLE, 1)
            results["side by side"] = [in_a_process(gather, port, feeds) for feeds in args.feeds]
        show(results)
    if args.days:
        results["kills"] = under_kills(args.days)
        for name, value in results["kills"].items():
            print(f"{name:24} {value}")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if results.get("kills", {}).get("holds", True) else 1)


def in_a_process(work: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    """What `work` returns in a fresh interpreter."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, args)


def gather(port: int, feeds: int, side_by_side: int = 0) -> dict[str, Any]:
    """Gather the world once, then again and again while nothing changes."""
    import alembic.command  # noqa: F401  (its time and memory are not the gather's, nor are the others')
    import httpcore  # noqa: F401
    import sqlalchemy  # noqa: F401
    import trafilatura  # noqa: F401

    from benchmarks.newsworld import NOON, host_of, tagged
    from digest.gather.http import Rules, Web, authorities
    from digest.newsroom import open_newsroom
    from digest.workflow import gather as module

    authorities()
    if side_by_side:
        module.SIDE_BY_SIDE = side_by_side
    rules = Rules(ports=frozenset({port}), allowed=(ip_network("127.0.0.0/8"),), pause=0)
    sources = (f'[[source]]\nname = "H{at:03}"\nfeed = "http://{host_of(at)}:{port}/feed"\nfollow = true\n' for at in range(feeds))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "digest.toml").write_text(CONFIG.format(sources="\n".join(sources)), encoding="utf-8")
        newsroom = open_newsroom(Path(folder))
        newsroom.stories.count()

        def once(minutes: int) -> tuple[float, float, Any]:
            wall, cpu = time.perf_counter(), time.process_time()
            with Web(rules, resolver=lambda host, port: ["127.0.0.1"]) as web:
                brought = module.gather_sources(newsroom, now=NOON + timedelta(minutes=minutes), web=web)
            return time.perf_counter() - wall, time.process_time() - cpu, brought

        tagged(port, True)
        before = megabytes("VmRSS")
        wall, cpu, brought = once(0)
        peak = megabytes("VmHWM")
        assert not brought.failures, brought.failures[:3]
        unchanged = [once(1 + minute) for minute in range(ROUNDS)]
        tagged(port, False)
        same_bytes = [once(10 + minute) for minute in range(ROUNDS)]
        tagged(port, True)
        assert all(not found.new and not found.changed and not found.failures for _, _, found in unchanged + same_bytes)
    return {
        "feeds": feeds,
        "stories": brought.new,
        "wall": wall,
        "cpu": cpu,
        "cpu_ms_a_page": cpu / max(brought.new, 1) * 1000,
        "mb_before": before,
        "mb_peak": peak,
        "unchanged_wall": statistics.median(one[0] for one in unchanged),
        "unchanged_cpu": statistics.median(one[1] for one in unchanged),
        "same_bytes_wall": statistics.median(one[0] for one in same_bytes),
        "same_bytes_cpu": statistics.median(one[1] for one in same_bytes),
    }


def trafilatura_alone(folder: Path) -> dict[str, Any]:
    """What its reading costs, beside ours of the same pages without web and store."""
    from datetime import UTC

    import trafilatura

    from benchmarks.newsworld import NOON
    from digest.edit.read import read
    from digest.model import Document

    files = sorted(folder.glob("h*/[0-9]*"))
    files = files[:: max(len(files) // PAGES, 1)]
    pages = [(f"http://{file.parent.name}/s/{file.name}", file.read_bytes()) for file in files]
    documents = [Document(source="Bench", url=url, kind="html", content=content, fetched_at=NOON) for url, content in pages]
    trafilatura.extract(pages[0][1])
    read(documents[0], zone=UTC)
    began = time.process_time()
    for _, content in pages:
        trafilatura.extract(content)
    between = time.process_time()
    for document in documents:
        read(document, zone=UTC)
    ended = time.process_time()
    sizes = sorted(len(content) for _, content in pages)
    return {
        "pages": len(pages),
        "kb": [sizes[0] / 1000, statistics.median(sizes) / 1000, sizes[-1] / 1000],
        "cpu_ms_a_page": (between - began) / len(pages) * 1000,
        "our_reading_ms_a_page": (ended - between) / len(pages) * 1000,
    }


def under_kills(days: int) -> dict[str, Any]:
    """The same as the test, for longer."""
    from tests.gather.site import a_site
    from tests.killed_gather import torment

    with tempfile.TemporaryDirectory() as folder, a_site() as site:
        report = torment(Path(folder), site, days=days, kills=8)
    return asdict(report) | {"at_points": dict(report.at_points), "holds": report.holds()}


def megabytes(what: str) -> float:
    """A figure of this process: VmRSS now, VmHWM at most."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) / 1024


def show(results: dict[str, Any]) -> None:
    """Print what the gathers cost."""
    alone, serial = results["trafilatura alone"], results["one after the other"]
    small, middle, large = alone["kb"]
    print(f"pages of {small:.0f} to {large:.0f} KB, half of them above {middle:.0f}; CPU a page: trafilatura.extract alone", end=" ")
    print(f"{alone['cpu_ms_a_page']:.1f} ms, our reading alone {alone['our_reading_ms_a_page']:.1f} ms\n")
    print(f"{'feeds':>6s}{'stories':>9s}{'wall s':>8s}{'serial s':>10s}{'times':>7s}{'CPU ms a page':>15s}{'/ alone':>9s}", end="")
    print(f"{'MB before':>11s}{'MB peak':>9s}{'304 s':>8s}{'CPU s':>7s}{'200 s':>8s}{'CPU s':>7s}")
    for one in results["side by side"]:
        in_turn = serial["wall"] / serial["feeds"] * one["feeds"]
        print(f"{one['feeds']:6d}{one['stories']:9,d}{one['wall']:8.1f}{in_turn:10.1f}{in_turn / one['wall']:7.1f}", end="")
        print(f"{one['cpu_ms_a_page']:15.1f}{one['cpu_ms_a_page'] / alone['cpu_ms_a_page']:9.2f}", end="")
        print(f"{one['mb_before']:11.0f}{one['mb_peak']:9.0f}{one['unchanged_wall']:8.2f}{one['unchanged_cpu']:7.2f}", end="")
        print(f"{one['same_bytes_wall']:8.2f}{one['same_bytes_cpu']:7.2f}")
    print("\n304 s: a round over feeds that say they have not changed; 200 s: over feeds that send the same bytes again")


if __name__ == "__main__":
    main()
