"""Build every week of a JSON Lines file of real stories and account for each story.

    python benchmarks/weeks.py STORIES.jsonl [--into FOLDER] [--themes THEMES.toml]

A line holds id, week (2025-W33), date, source, url, title, authors, tags, text. Every story of a week must stand in exactly one place of
its issue's report with one reason; the exit code is 1 when one does not. The issues stay in FOLDER to be read as an editor would.
"""

import argparse
import json
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

CONFIG = """
[newsroom]
publisher = "Benchmark"
zone = "UTC"
public_url = "https://news.example"
address = "1 Bench Street"

[[source]]
name = "Bench"
files = "stories.jsonl"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
"""


def main() -> None:
    """Build the weeks and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", type=Path)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--themes", type=Path)
    args = parser.parse_args()
    root = args.into or Path(tempfile.mkdtemp(prefix="digest-weeks-"))
    sys.exit(build_weeks(args.stories, root, args.themes))


def build_weeks(stories: Path, root: Path, themes: Path | None) -> int:
    """Build every week in `root`; 1 when a story is not accounted for."""
    from digest.edit import window
    from digest.newsroom import open_newsroom
    from digest.workflow.build import build_issue
    from digest.workflow.gather import gather_sources

    root.mkdir(parents=True, exist_ok=True)
    (root / "digest.toml").write_text(CONFIG + (configured(themes) if themes else ""), encoding="utf-8")
    (root / "stories.jsonl").write_bytes(stories.read_bytes())
    weeks = Counter(json.loads(line)["week"] for line in stories.read_text(encoding="utf-8").splitlines() if line.strip())
    newsroom = open_newsroom(root)
    now = datetime.now(UTC)
    gathered = gather_sources(newsroom, now=now)
    edition = newsroom.edition("week")
    print(f"{gathered.new} stories kept, {len(gathered.failures)} failures")
    for failure in gathered.failures:
        print(f"  {failure.place}: {failure.reason}")
    wrong = 0
    for name in sorted(weeks):
        week = window.week(name, edition=edition, zone="UTC", now=now)
        built = build_issue(newsroom, week, edition, now=now, failures=gathered.failures)
        lines = built.report["stories"]
        once = len({line["id"] for line in lines}) == len(lines) and all(line["reason"] for line in lines)
        missing = weeks[name] - len(lines) - len(gathered.failures)
        wrong += not once or missing > 0
        counts = built.report["counts"]
        print(
            f"{name}: {weeks[name]} stories, {len(lines)} accounted for, {counts['in']} in, {counts['out']} out, {counts['items']} items, "
            f"{counts['html_bytes'] / 1000:.1f} KB; " + "; ".join(section["title"] for section in built.report["sections"])
        )
    print(f"The issues are in {root / 'issues'}.")
    return int(wrong > 0)


def configured(path: Path) -> str:
    """Themes given as key = [keywords], as [themes.KEY] tables."""
    themes = tomllib.loads(path.read_text(encoding="utf-8"))["themes"]
    return "".join(
        f'\n[themes.{key}]\ntitle = "{key.replace("_", " ").title()}"\nany = {json.dumps(words)}\n' for key, words in themes.items()
    )


if __name__ == "__main__":
    main()
