"""How quickly one core reads and groups: pages, wire texts, copies among 10,000 stories, 1,000 and 10,000 stories grouped and named.

    python benchmarks/speed.py --data FOLDER [--json FILE]

FOLDER is that of editorial.py. Seconds of CPU time, the best of three where the work is short, and the most memory held. When more stories
are asked for than there are, the opening of one is joined to later paragraphs of others.
"""

import argparse
import gzip
import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.edit.group import events, themes
from digest.edit.grouping.copies import copies
from digest.edit.read import read
from digest.model import Document, Story

WEEK = datetime(2025, 8, 11, tzinfo=UTC)


def main() -> None:
    """Take every figure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    pages = [page(path) for path in sorted(args.data.glob("html/*/html/*.gz"))[:100]]
    texts = [document(row, number) for number, row in enumerate(rows(args.data / "weeks/outlet_weeks.jsonl"))]
    wire = [document(row, number) for number, row in enumerate(rows(args.data / "clean/wire_stories.jsonl"))]
    stories = [read(text, zone=UTC) for text in texts]
    first, many = enlarged(stories, 1_000), enlarged(stories, 10_000)
    results = [
        timed("100 pages read", lambda: [read(each, zone=UTC) for each in pages], 3),
        timed("1,000 wire texts read", lambda: [read(text, zone=UTC) for text in enlarged_texts(wire, 1_000)], 3),
        timed("1,000 long texts of outlets read", lambda: [read(text, zone=UTC) for text in enlarged_texts(texts, 1_000)], 3),
        timed("10,000 stories compared for copies", lambda: copies(many), 1),
        timed("1,000 stories grouped and named", lambda: themes(events(first), ()), 3),
        timed("10,000 stories grouped and named", lambda: themes(events(many), ()), 1),
    ]
    for row in results:
        print(f"{row['what']:38s} {row['seconds']:7.2f} s CPU   peak {row['peak_mb']:5.0f} MB")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def timed(what: str, work: Callable[[], object], times: int) -> dict[str, str | float]:
    """The least CPU time of several runs; the peak is that of the process so far."""
    took = []
    for _ in range(times):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return {"what": what, "seconds": round(min(took), 3), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file of stories."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def page(path: Path) -> Document:
    """A saved page, as if it had just come."""
    content = gzip.decompress(path.read_bytes())
    return Document(source="page", url=f"https://news.example/{path.name}", kind="html", content=content, fetched_at=WEEK)


def document(row: dict[str, str], number: int) -> Document:
    """A row as a wire text: headline, date, paragraphs."""
    date = (WEEK + timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M")
    text = f"{row['title']}\n\nPublished: {date} UTC\n\n{row['text']}\n"
    return Document(source=row["source"], url=f"{row['id']}.txt", kind="text", content=text.encode(), fetched_at=WEEK)


def enlarged_texts(texts: Sequence[Document], number: int) -> list[Document]:
    """So many texts, some of them again."""
    return [texts[at % len(texts)] for at in range(number)]


def enlarged(stories: Sequence[Story], number: int) -> list[Story]:
    """So many stories over one week; those beyond the real ones have the opening of one and the rest of three others."""
    chance = random.Random(11)
    made = []
    for at in range(number):
        story = stories[at % len(stories)]
        rest = [p for other in chance.sample(stories, 3) for p in other.paragraphs[2:7]]
        text = story.paragraphs if at < len(stories) else (*story.paragraphs[:2], *rest)
        made.append(replace(story, id=f"{at:05d}", paragraphs=text, published_at=WEEK + timedelta(minutes=at * 10_000 // number)))
    return made


if __name__ == "__main__":
    main()
