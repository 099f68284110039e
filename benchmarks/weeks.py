"""Build every week of a JSON Lines file of real stories and account for each story.

    python benchmarks/weeks.py STORIES.jsonl [--into FOLDER] [--themes THEMES.toml] [--top 5]

A line holds id, week (2025-W33), date, source, url, title, authors, tags, text. Every story of a week must stand in exactly one place of
its issue's report with one reason; the exit code is 1 when one does not. The issues stay in FOLDER to be read as an editor would. `--top`
also prints what leads each week and the first events of its ranking, each with its sum: is the first the news of that week?
"""

import argparse
import json
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.model import Failure

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
    parser.add_argument("--top", type=int, default=0)
    args = parser.parse_args()
    root = args.into or Path(tempfile.mkdtemp(prefix="digest-weeks-"))
    sys.exit(build_weeks(args.stories, root, args.themes, top=args.top))


def build_weeks(stories: Path, root: Path, themes: Path | None, *, top: int = 0) -> int:
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
    unread = Counter(weeks_of_failures(stories, gathered.failures))
    for name in sorted(weeks):
        week = window.week(name, edition=edition, zone="UTC", now=now)
        built = build_issue(newsroom, week, edition, now=now, failures=gathered.failures)
        lines = built.report["stories"]
        printed = Counter(printed_ids(built.folder / "plan.toml"))
        once = all(printed[line["id"]] == (line["decision"] == "in") and line["reason"] for line in lines)
        told = (
            len(lines) == len({line["id"] for line in lines}) == weeks[name] - unread[name]
            and printed.total() == built.report["counts"]["in"]
        )
        if not (once and told):
            wrong += 1
            print(f"{name}: a story is lost or stands twice")
        counts = built.report["counts"]
        print(
            f"{name}: {weeks[name]} stories, {len(lines)} accounted for, {counts['in']} in, {counts['out']} out, {counts['items']} items, "
            f"{counts['html_bytes'] / 1000:.1f} KB; " + "; ".join(section["title"] for section in built.report["sections"])
        )
        for line in first_of(built.report, built.folder / "plan.toml", top) if top else ():
            print(line)
    print(f"The issues are in {root / 'issues'}.")
    return int(wrong > 0)


def printed_ids(plan: Path) -> list[str]:
    """The stories that an issue prints, as items and under them."""
    from digest.edit.plan import read_plan
    from digest.edit.rebuild import all_briefs

    issue = read_plan(plan.read_text(encoding="utf-8"), where=str(plan))
    return [id_ for brief in all_briefs(issue) for id_ in (brief.story_id, *(also.story_id for also in brief.also))]


def first_of(report: Mapping[str, Any], plan: Path, top: int) -> list[str]:
    """What leads an issue and what its subject is, and the first events of the ranking, each with its sum."""
    from digest.edit.plan import read_plan

    issue = read_plan(plan.read_text(encoding="utf-8"), where=str(plan))
    told = {line["id"]: line for line in report["stories"]}
    rows = sorted(report["ranking"].items(), key=lambda row: int(row[1]["place"]))[:top]
    leads = issue.lead.headline if issue.lead else "nothing"
    return [
        f"    leads: {leads}",
        f"    subject: {issue.subject}",
        *(
            f"    {row['place']}. {row['total']:5.2f}  {'; '.join(says for _, says, value, _ in row['parts'][:4] if value)}"
            f"  {told[id_]['source']}: {told[id_]['headline']}"
            for id_, row in rows
        ),
    ]


def weeks_of_failures(stories: Path, failures: Sequence[Failure]) -> list[str]:
    """The week of each line that could not be read."""
    lines = stories.read_text(encoding="utf-8").splitlines()
    return [json.loads(lines[int(failure.place.rpartition("#")[2]) - 1])["week"] for failure in failures]


def configured(path: Path) -> str:
    """Themes given as key = [keywords], as [themes.KEY] tables."""
    themes = tomllib.loads(path.read_text(encoding="utf-8"))["themes"]
    return "".join(
        f'\n[themes.{key}]\ntitle = "{key.replace("_", " ").title()}"\nany = {json.dumps(words)}\n' for key, words in themes.items()
    )


if __name__ == "__main__":
    main()
