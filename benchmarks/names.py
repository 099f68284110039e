"""Weigh the marks by which names are judged, and say what the weights are worth on headings that they were not weighed on.

    python benchmarks/names.py --data DATA [--fit]

DATA is laid out as for editorial.py; needs numpy. It prints the content F1 of the names chosen as things stand and of the best names
considered, for each set. With --fit it weighs anew, from nothing: weights (WORTH of digest/edit/grouping/name.py) that make a high F1 of
the chosen name likely. They are found on four fifths of the headings and tried on the rest, five times, so that no heading is in both;
then on all, to be written into name.py.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from editorial import _rows, _told  # beside this file

from digest.edit.grouping.name import WORTH, considered
from digest.edit.grouping.subject import demonyms, listen

SMALL = """
a an the of in on at to for from by with and or as over after before against into about its his her their our this that is are was were
be been has have had will would can could may it he she they we you not no per said says
"""
HELD = ("bare", "odd pair", "long", "cut", "tag")  # how a name reads is no matter of F1: these stand as they are
FOLDS, STEPS, SPREAD, HOLD = 5, 300, 0.25, 0.003  # HOLD pulls the weights to nothing


class Task(NamedTuple):
    """The names considered for one heading: their marks, a row each, and the F1 of each."""

    of: str
    heading: str
    names: tuple[str, ...]
    marks: Any
    f1: Any


def main() -> None:
    """Print what the judge is worth, and weigh anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fit", action="store_true")
    args = parser.parse_args()
    tasks = read_tasks(args.data)
    now = np.array(list(WORTH.values()))
    print("as it stands", told(tasks, now))
    print("the best considered", {of: round(fmean(task.f1.max() for task in tasks if task.of == of), 4) for of in ("portal", "basil")})
    if args.fit:
        start = np.array([float(weight) if mark in HELD else 0.0 for mark, weight in WORTH.items()])  # nothing is known before
        halves = [fold_of(task.heading) for task in tasks]
        tried: dict[str, list[float]] = defaultdict(list)
        for out in range(FOLDS):
            weights = fit([task for task, half in zip(tasks, halves, strict=True) if half != out], start)
            for task, half in zip(tasks, halves, strict=True):
                if half == out:
                    tried[task.of].append(chosen(task, weights))
        print("on headings held back", {of: round(fmean(values), 4) for of, values in tried.items()})
        weights = fit(tasks, start)
        print("on all", told(tasks, weights))
        for mark, weight in zip(WORTH, weights, strict=True):
            print(f'    "{mark}": {weight:.2f},')


def read_tasks(data: Path) -> list[Task]:
    """Every heading with the names that are considered for its stories."""
    stories, wanted = defaultdict(list), defaultdict(set)
    for row in _rows(data / "themes/portal_weeks.jsonl"):
        stories["portal", f"{row['week']}|{row['theme']}"].append(_told(row))
        wanted["portal", f"{row['week']}|{row['theme']}"] |= {row["theme"], *row["parents"]}
    for row in _rows(data / "events/basil.jsonl"):
        stories["basil", str(row["event"])].append(_told(row))
        wanted["basil", str(row["event"])] |= {row["main_event"]} if row.get("main_event") else set()
    tasks = []
    for (of, heading), told_by in stories.items():
        names = considered(listen(sorted(told_by, key=lambda story: story.id))) if len(told_by) >= 3 and wanted[of, heading] else {}
        if names:
            marks = np.array([[float(marks[mark]) for mark in WORTH] for marks in names.values()])
            f1 = np.array([max(alike(name, gold) for gold in wanted[of, heading]) for name in names])
            tasks.append(Task(of, heading.rpartition("|")[2], tuple(names), marks, f1))
    return tasks


def alike(name: str, wanted: str) -> float:
    """F1 of the telling words of two names."""
    mine, theirs = content(name), content(wanted)
    both = len(mine & theirs)
    return 2 * both / (len(mine) + len(theirs)) if both else 0.0


def content(text: str) -> frozenset[str]:
    """The telling words of a name, without their endings."""
    text = text.replace("U.S.", "us").replace("United States", "us").replace("U.K.", "uk").replace("United Kingdom", "uk")
    words = [word.lower() for word in re.findall(r"[A-Za-z0-9']+", text) if len(word) > 1 and not re.fullmatch(r"(19|20)\d\d", word)]
    return frozenset(
        re.sub(r"(?<=\w{4})(ing|ed|es|s)$", "", demonyms().get(word, word).lower()) for word in words if word not in SMALL.split()
    )


def fold_of(heading: str) -> int:
    """The fifth that a heading belongs to."""
    return sha256(heading.encode()).digest()[0] % FOLDS


def chosen(task: Task, weights: Any) -> float:
    """The F1 of the name that the weights choose."""
    return float(task.f1[np.argmax(np.round(task.marks @ weights, 9))])


def told(tasks: Sequence[Task], weights: Any) -> Mapping[str, float]:
    """The mean F1 of each set."""
    return {of: round(fmean(chosen(task, weights) for task in tasks if task.of == of), 4) for of in ("portal", "basil")}


def fit(tasks: Sequence[Task], start: Any) -> Any:
    """Climb the mean F1 of a name drawn with odds of exp(points / SPREAD); both sets count alike."""
    weights = start.copy()
    free = np.array([mark not in HELD for mark in WORTH])
    share = {of: 1 / sum(task.of == of for task in tasks) / 2 for of in ("portal", "basil")}
    moved, squared = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = -2 * HOLD * (weights - start)
        for task in tasks:
            odds = np.exp((task.marks @ weights - (task.marks @ weights).max()) / SPREAD)
            odds /= odds.sum()
            mean = odds @ task.f1
            slope += share[task.of] * ((odds * (task.f1 - mean)) @ task.marks) / SPREAD
        moved = 0.9 * moved + 0.1 * slope
        squared = 0.999 * squared + 0.001 * slope**2
        weights = weights + free * 0.02 * (moved / (1 - 0.9**step)) / (np.sqrt(squared / (1 - 0.999**step)) + 1e-8)
    return weights


if __name__ == "__main__":
    main()
