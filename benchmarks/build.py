"""How long a week takes to build, stage by stage: wall time, CPU time and peak memory for 100, 1,000 and 10,000 stories.

    python benchmarks/build.py FOLDER [--sizes 100 1000 10000] [--json FILE]

FOLDER holds any stories that digest reads. They are written anew as plain wire texts spread over one week. When more are asked for than
there are, the opening of one story is joined to later paragraphs of others. Each size runs in a process of its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CONFIG = """
[newsroom]
publisher = "Benchmark"
zone = "UTC"
public_url = "https://news.example"
address = "1 Bench Street"

[[source]]
name = "Bench"
files = "stories"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
"""
WEEK = datetime(2025, 8, 11, tzinfo=UTC)
STAGES = (
    "_choose", "events", "themes", "without_recurring", "weigh", "cap", "compose", "rebuild", "check", "account", "report", "draft_of",
)  # fmt: skip
INSIDE = {"events": "_choose", "themes": "_choose", "without_recurring": "_choose", "weigh": "_choose", "cap": "_choose"}


def main() -> None:
    """Run every size and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.folder, args.one)))
        return
    results = []
    for size in args.sizes:
        run = subprocess.run(
            [sys.executable, __file__, str(args.folder), "--one", str(size)], check=True, stdout=subprocess.PIPE, text=True
        )
        results.append(json.loads(run.stdout.splitlines()[-1]))
        show(results[-1])
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def measure(folder: Path, size: int) -> dict[str, Any]:
    """Build one week of `size` stories and return seconds and megabytes by stage."""
    from digest.edit import window
    from digest.newsroom import open_newsroom
    from digest.workflow import build, gather, proof

    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "digest.toml").write_text(CONFIG, encoding="utf-8")
        write_stories(folder, root / "stories", size)
        stages: list[dict[str, Any]] = []
        for module, names in ((gather, ["gather_sources"]), (proof, ["render"]), (build, STAGES)):
            for name in names:
                setattr(module, name, timed(name, getattr(module, name), stages))
        newsroom = open_newsroom(root)
        began, cpu = time.perf_counter(), time.process_time()
        edition = newsroom.edition("week")
        week = window.week("2025-W33", edition=edition, zone="UTC", now=WEEK)
        now = WEEK + timedelta(days=8)
        gather.gather_sources(newsroom, now=now)
        built = build.build_issue(newsroom, week, edition, now=now)
        whole = {"stage": "whole", "wall": time.perf_counter() - began, "cpu": time.process_time() - cpu, "peak_mb": peak()}
        again = time.perf_counter()
        gather.gather_sources(newsroom, now=now)
        whole["gather_again"] = time.perf_counter() - again
    return {"stories": size, "considered": built.report["counts"]["stories"], "stages": [*stages[:-1], whole] if stages else [whole]}


def timed(name: str, function: Callable[..., Any], stages: list[dict[str, Any]]) -> Callable[..., Any]:
    """The function, noting what each call costs."""

    def run(*args: Any, **kwargs: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = function(*args, **kwargs)
        stages.append({"stage": name, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": peak()})
        return result

    return run


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_stories(folder: Path, into: Path, size: int) -> None:
    """Write `size` plain texts, dated over the week, drawn from the stories of `folder`."""
    from digest.edit.read import read
    from digest.gather.files import gather_files
    from digest.model import Document, Source

    documents = (
        found for found in gather_files(Source(name="Bench", files=folder.name), folder.parent, now=WEEK) if isinstance(found, Document)
    )
    stories = []
    for document in documents:
        try:
            story = read(document, zone=UTC)
        except Exception:  # noqa: BLE001  (what cannot be read is not drawn from)
            continue
        if len(story.paragraphs) > 2:
            stories.append(story)
    random.Random(7).shuffle(stories)
    chance = random.Random(11)
    into.mkdir()
    for number in range(size):
        story = stories[number % len(stories)]
        paragraphs = list(story.paragraphs)
        if number >= len(stories):
            others = [p for other in chance.sample(stories, 3) for p in other.paragraphs[2:7]]
            paragraphs = paragraphs[:2] + others
        date = (WEEK + timedelta(minutes=number * 10_000 // size)).strftime("%Y-%m-%d %H:%M")
        text = "\n\n".join([story.headline or "A headline", f"Published: {date} UTC", *paragraphs])
        (into / f"{number:05d}.txt").write_text(text + "\n", encoding="utf-8")


def show(result: dict[str, Any]) -> None:
    """Print one size as a table."""
    print(f"\n{result['stories']:,} stories ({result['considered']:,} considered)")
    print(f"  {'stage':24s} {'wall s':>8s} {'CPU s':>8s} {'peak MB':>8s}")
    for row in result["stages"]:
        name = ("  " if row["stage"] in INSIDE else "") + row["stage"].lstrip("_")
        print(f"  {name:24s} {row['wall']:8.2f} {row['cpu']:8.2f} {row['peak_mb']:8.0f}")
    print(f"  gathering again, nothing new: {result['stages'][-1]['gather_again']:.2f} s")


if __name__ == "__main__":
    main()
