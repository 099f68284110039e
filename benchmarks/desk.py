"""How long a change on the desk takes, from the question to the new state: medians and the slowest of many, for 40 and 200 stories.

    python benchmarks/desk.py [--sizes 40 200] [--changes 30] [--json FILE]

The stories are made up of words of their own, each about 600 words long. Everything goes through the routes that the page uses, in one
process, without the network. Asked: 100 ms for a change on 40 stories, so that it is on the screen in 150.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ASKED = 100  # ms for a change on an issue of 40 stories
WEEK, NOW = "2025-W33", datetime(2025, 8, 18, 12, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"
CONFIG = """
[newsroom]
publisher = "Benchmark"
zone = "UTC"
public_url = "https://news.example"
address = "1 Bench Street"
sender = "Bench <bench@news.example>"

[[source]]
name = "Bench"
files = "stories"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
at_most = 200
""" + "".join(f'\n[themes.t{at}]\ntitle = "Theme {at}"\ntags = ["t{at}"]\n' for at in range(6))


def main() -> None:
    """Measure every size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[40, 200])
    parser.add_argument("--changes", type=int, default=30)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as place:
            rows += [{"stories": size, **row} for row in measure(Path(place), size, args.changes)]
    print(f"{'stories':>7}  {'what':<34} {'median':>8} {'slowest':>8}  ms")
    for row in rows:
        print(f"{row['stories']:>7}  {row['what']:<34} {row['median']:>8.1f} {row['slowest']:>8.1f}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    slowest = max((row["median"] for row in rows if row["stories"] == 40 and row["what"] in CHANGES), default=0.0)
    print(f"\na change on 40 stories: {slowest:.0f} ms, asked {ASKED} ms: {'met' if slowest <= ASKED else 'NOT MET'}")
    sys.exit(slowest > ASKED)


def measure(root: Path, size: int, changes: int) -> list[dict[str, Any]]:
    """Build a newsroom, open its desk and time every kind of question."""
    from starlette.testclient import TestClient

    from digest.edit.amend import amend
    from digest.edit.plan import read_plan
    from digest.edit.rewrite import rewrite
    from digest.serve.desk import desk
    from digest.workflow.desk import Desk

    room = newsroom_of(root, size)
    plan = room.issues.read(WEEK, "plan.toml")
    browser = TestClient(desk(Desk(room, WEEK, clock=lambda: NOW, environment={}), token="t"), base_url=HERE)
    browser.headers["origin"] = HERE
    browser.get("/?token=t")
    state = browser.get("/state").json()
    assert state["stories"] == size and not state["fault"], state["fault"]

    def ask(path: str, question: dict[str, Any]) -> None:
        nonlocal state
        answer = browser.post(path, json={"stamp": state["stamp"], **question})
        assert answer.status_code == 200, answer.text[:300]
        state = answer.json()

    def change(make: Callable[[int], dict[str, Any]]) -> Callable[[int], None]:
        return lambda number: ask("/change", {"change": make(number)})

    def amend_plan(number: int) -> None:
        headline = {"do": "set", "place": "section[0].brief[0]", "key": "headline", "value": f"Rewritten {number}"}
        rewrite(plan, amend(read_plan(plan, where="plan.toml"), headline))

    kinds: dict[str, Callable[[int], Any]] = {
        "amend the plan's text": amend_plan,
        "change a summary": change(
            lambda number: {"do": "set", "place": "section[0].brief[0]", "key": "summary", "value": f"Rewritten {number}, in new words."}
        ),
        "move an item": change(lambda number: {"do": "move", "place": "section[0].brief[0]", "section": 0, "at": 3 + number % 2}),
        "pin an item": change(lambda number: {"do": "pin", "place": "section[0].brief[0]", "on": number % 2 == 0}),
        "undo": lambda number: ask("/undo", {}),
        "redo": lambda number: ask("/redo", {}),
        "ask for the stamp": lambda number: browser.get("/stamp").raise_for_status() and None,
        "show the mail": lambda number: browser.get("/mail").raise_for_status() and None,
        "search": lambda number: browser.get("/search?q=word").raise_for_status() and None,
        "explain a story": lambda number: browser.get(f"/story/{state['lead']['story']}").raise_for_status() and None,
    }
    return [{"what": what, **timed(act, changes)} for what, act in kinds.items()]


CHANGES = ("change a summary", "move an item", "pin an item", "undo", "redo")


def timed(act: Callable[[int], None], times: int) -> dict[str, float]:
    """The median and the slowest, in milliseconds."""
    took = []
    for number in range(times):
        start = time.perf_counter()
        act(number)
        took.append((time.perf_counter() - start) * 1000)
    return {"median": statistics.median(took), "slowest": max(took)}


def newsroom_of(root: Path, size: int) -> Any:
    """A newsroom whose built week prints so many stories with their summaries, in six sections."""
    from digest.edit import window
    from digest.newsroom import open_newsroom
    from digest.workflow.build import build_issue
    from digest.workflow.gather import gather_sources

    chance = random.Random(33)
    (root / "stories").mkdir()
    (root / "digest.toml").write_text(CONFIG, encoding="utf-8")
    for number in range(size):
        words = [f"{''.join(chance.choices('bcdfglmnprst', k=2))}{chance.choice('aeiou')}word{number}" for _ in range(30)]
        sentences = [f"{words[0].capitalize()} {' '.join(chance.choices(words, k=14))} on Tuesday." for _ in range(40)]
        body = "\n\n".join(" ".join(sentences[at : at + 2]) for at in range(0, 40, 2))
        facts = {"title": " ".join(words[:7]), "date": f"2025-08-1{1 + number % 6} 09:30", "url": f"https://bench.example/{number}"}
        front = "".join(f"{key}: {value}\n" for key, value in (facts | {"tags": f"t{number % 6}"}).items())
        (root / "stories" / f"{number}.md").write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8")
    room = open_newsroom(root)
    edition = room.edition("week")
    gather_sources(room, now=NOW)
    build_issue(room, window.week(WEEK, edition=edition, zone="UTC", now=NOW), edition, now=NOW)
    return room


if __name__ == "__main__":
    main()
