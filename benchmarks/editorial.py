"""What our code makes of real news, in the form that a scorer reads: one JSON object a line.

    python benchmarks/editorial.py TASK --data FOLDER --predictions FILE

FOLDER holds html/, clean/, sentences/, summaries/, dedupe/, events/, themes/ and weeks/. TASK and what a line of FILE holds:

    body          id, body                      saved pages: the paragraphs, joined by blank lines
    fields        id, title, authors, date, topics
    datelines     id, rest                      the text after the dateline
    nodatelines   id, rest                      the text as dateline reading leaves it
    furniture     id, furniture                 a list of 0 and 1, one a paragraph
    sentences     id, paragraphs                a list of lists of sentences
    titles        id, sentences
    summaries     id, summary
    dedupe        a, b                          pairs of ids found to be the same copy
    planted       id, found                     a story whose first third was rewritten: whether it is found to be the same copy
    events        id, cluster                   all event sets at once
    themes        id, cluster                   week by week; a story without a theme stands alone with its event
    configured    id, themes                    the theme of weeks/themes.toml in whose section a story would stand
    names         key, name
    faithful      id, faults                    every story of the weeks: what of its summary is not in it; stops with 1 when anything is

The defaults that ship are what is measured. Prints how long the work took.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.edit.group import events as find_events
from digest.edit.group import themes as find_themes
from digest.edit.grouping.copies import copies
from digest.edit.grouping.name import judge
from digest.edit.read import read
from digest.edit.reading.clean import clean
from digest.edit.reading.dateline import part_dateline
from digest.edit.reading.extract import extract
from digest.edit.recurring import without_recurring
from digest.edit.sentences import sentences as cut_sentences
from digest.edit.summarise import summarise
from digest.errors import Unreadable
from digest.model import Document, Story, Theme

Row = Mapping[str, Any]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT_SETS = ("mmds_2022", "basil", "ecbplus")
FACTS = re.compile(r"\d[\d.,:]*|“[^”]*”|\"[^\"]*\"|[A-Z](?:[\w.-]*\w)?(?: [A-Z](?:[\w.-]*\w)?)*")  # numbers, quotations, names
SUMMARY_SETS = ("cnn_highlights", "writers")


def main() -> None:
    """Run one task and write its predictions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS, metavar="TASK")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, required=True)
    args = parser.parse_args()
    began = time.perf_counter()
    with args.predictions.open("w", encoding="utf-8") as out:
        number = sum(bool(out.write(json.dumps(row, ensure_ascii=False) + "\n")) for row in TASKS[args.task](args.data))
    print(f"{args.task}: {number:,} lines in {time.perf_counter() - began:.1f} s")
    if args.task == "faithful" and any(row["faults"] for row in _rows(args.predictions)):
        sys.exit(1)


# --- reading


def body(data: Path) -> Iterator[Row]:
    """The text of every page."""
    truth = json.loads((data / "html/article_extraction_benchmark/ground-truth.json").read_text(encoding="utf-8"))
    for key, gold in truth.items():
        story = _page(data / f"html/article_extraction_benchmark/html/{key}.html.gz", gold["url"])
        yield {"id": key, "body": "\n\n".join(story.paragraphs) if story else ""}
    for gold in _rows(data / "html/fundus/expected.jsonl"):
        story = _page(data / "html/fundus" / gold["html"], gold["url"])
        yield {"id": gold["id"], "body": "\n\n".join(story.paragraphs) if story else ""}


def fields(data: Path) -> Iterator[Row]:
    """What every page says of itself. The date as the page has it, in its own zone: a story keeps the moment, in UTC."""
    for gold in _rows(data / "html/fundus/expected.jsonl"):
        path = data / "html/fundus" / gold["html"]
        if story := _page(path, gold["url"]):
            date = extract(gzip.decompress(path.read_bytes()), url=gold["url"]).published if story.published_at else ""
            authors = [who for who in story.byline.split(", ") if who]
            yield {"id": gold["id"], "title": story.headline, "authors": authors, "date": date, "topics": list(story.tags)}


def datelines(data: Path) -> Iterator[Row]:
    """What follows the dateline of wire copy."""
    for row in _rows(data / "clean/reuters21578_datelines.jsonl"):
        yield {"id": row["id"], "rest": _rest(f"{row['dateline']} {row['body']}")}
    for row in _rows(data / "clean/wire_stories.jsonl"):
        yield {"id": row["id"], "rest": _rest(row["text"])}


def nodatelines(data: Path) -> Iterator[Row]:
    """Stories without a dateline, which must stay as they are."""
    for row in _rows(data / "weeks/outlet_weeks.jsonl"):
        yield {"id": row["id"], "rest": _rest(row["text"])}


def furniture(data: Path) -> Iterator[Row]:
    """Which paragraphs are cut, whole: by the rules, and because they recur at their outlet."""
    rows = list(_rows(data / "clean/furniture_paragraphs.jsonl"))
    cleaned = [clean(row["paragraphs"]) for row in rows]
    stories = [replace(_told(row), paragraphs=read.paragraphs, furniture=read.furniture) for row, read in zip(rows, cleaned, strict=True)]
    for row, story in zip(rows, without_recurring(stories), strict=True):
        cut = {_squeezed(piece.text) for piece in story.furniture}
        yield {"id": row["id"], "furniture": [int(_squeezed(paragraph) in cut) for paragraph in row["paragraphs"]]}


def sentences(data: Path) -> Iterator[Row]:
    """Paragraphs cut into sentences."""
    for row in _rows(data / "sentences/gum_news.jsonl"):
        texts = [" ".join(paragraph) for paragraph in row["paragraphs"]]
        yield {"id": row["id"], "paragraphs": [_cut(text) for text in texts]}


def titles(data: Path) -> Iterator[Row]:
    """The sentences of a whole year's outlets, for the ends after "Sen." and "Lt. Col."."""
    for row in _rows(data / "weeks/outlet_weeks.jsonl"):
        yield {"id": row["id"], "sentences": [sentence for line in row["text"].split("\n\n") for sentence in _cut(line)]}


def summaries(data: Path) -> Iterator[Row]:
    """The summary of each story, as an issue would print it."""
    for which in SUMMARY_SETS:
        for row in _rows(data / f"summaries/{which}.jsonl"):
            story = _record(row)
            yield {"id": row["id"], "summary": summarise(story, zone=UTC).summary if story else ""}


def faithful(data: Path) -> Iterator[Row]:
    """What of each story's summary does not stand in the story: a number, a name, a quotation, a span that is not the summary's own."""
    for row in _rows(data / "weeks/outlet_weeks.jsonl"):
        story = _record(row)
        if story:
            brief = summarise(story, zone=UTC)
            told = [story.paragraphs[span.paragraph][span.start : span.end] for span in brief.spans]
            source = " ".join(row["text"].split())
            faults = [piece for sentence in told for piece in FACTS.findall(sentence) if piece not in source]
            yield {"id": row["id"], "faults": faults + ["spans"] * (" ".join(told) != brief.summary)}


# --- grouping


def dedupe(data: Path) -> Iterator[Row]:
    """The pairs that hold the same copy."""
    stories = [_told(row) for row in _rows(data / "dedupe/stories.jsonl")]
    return ({"a": stories[one].id, "b": stories[other].id} for one, other in copies(stories))


def planted(data: Path) -> Iterator[Row]:
    """Whether every second story, told again under another headline and with the top in other words, is found to be one copy with it."""
    stories = [_told(row) for row in _rows(data / "dedupe/stories.jsonl")]
    chance = random.Random(7)
    again = [_rewritten(story, chance) for story in stories[::2]]
    found = {(one, other) for one, other in copies([*stories, *again])}
    yield from ({"id": story.id, "found": (2 * at, len(stories) + at) in found} for at, story in enumerate(stories[::2]))


def _rewritten(story: Story, chance: random.Random) -> Story:
    words = " ".join(story.paragraphs).split()
    top = words[: min(len(words) // 3, 200)]
    chance.shuffle(top)  # no run of words is left, as when a desk writes it anew
    return replace(story, id=f"{story.id}-again", headline="Told again", paragraphs=(" ".join(top), " ".join(words[len(top) :])))


def events(data: Path) -> Iterator[Row]:
    """One clustering of the stories of all sets."""
    stories = [_told(row) for which in EVENT_SETS for row in _rows(data / f"events/{which}.jsonl")]
    for number, event in enumerate(find_events(stories)):
        yield from ({"id": story.id, "cluster": number} for story in event.stories)


def themes(data: Path) -> Iterator[Row]:
    """The discovered themes of each week."""
    for week, stories in _weeks(data).items():
        for number, group in enumerate(find_themes(find_events(stories), ())):
            for event in group.events:
                cluster = f"{week}:{number}" if group.title else f"{week}:alone:{event.stories[0].id}"
                yield from ({"id": story.id, "cluster": cluster} for story in event.stories)


def configured(data: Path) -> Iterator[Row]:
    """The configured theme whose section each story stands in: that of its event."""
    told = tomllib.loads((data / "weeks/themes.toml").read_text(encoding="utf-8"))["themes"]
    wanted = [Theme(key=key, title=key, any=tuple(words)) for key, words in told.items()]
    for stories in _weeks(data).values():
        for group in find_themes(find_events(stories), wanted):
            yield from (
                {"id": story.id, "themes": [group.theme] if group.theme else []} for event in group.events for story in event.stories
            )


def names(data: Path) -> Iterator[Row]:
    """A name for the blurbs below each heading of a news portal, and for each event of one set."""
    headings: dict[str, list[Story]] = defaultdict(list)
    for row in _rows(data / "themes/portal_weeks.jsonl"):
        headings[f"{row['week']}|{row['theme']}"].append(_told(row))
    found: dict[str, list[Story]] = defaultdict(list)
    for row in _rows(data / "events/basil.jsonl"):
        found[str(row["event"])].append(_told(row))
    several = {key: stories for key, stories in headings.items() if len(stories) >= 3}
    yield from ({"key": key, "name": judge(stories).names[0]} for key, stories in (several | found).items())


# --- from rows to stories


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _page(path: Path, url: str) -> Story | None:
    return _read(Document(source="page", url=url, kind="html", content=gzip.decompress(path.read_bytes()), fetched_at=NOW))


def _record(row: Row) -> Story | None:
    """A row as a newsroom would gather it."""
    told = {key: row[key] for key in ("id", "date", "source", "url", "title", "authors", "tags", "text") if row.get(key)}
    source, place = row.get("source", "row"), f"rows#{row['id']}"
    return _read(Document(source=source, url=place, kind="record", content=json.dumps(told).encode(), fetched_at=NOW))


def _read(document: Document) -> Story | None:
    try:
        return read(document, zone=UTC)
    except Unreadable as error:
        print(f"not read: {error.message}")
        return None


def _told(row: Row) -> Story:
    """A row as a story under its own id, its text as it stands; sets that print a sentence a line have no blank lines."""
    text = row.get("text", "")
    date = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) if row.get("date") else None
    parts = text.split("\n\n") if "\n\n" in text else text.split("\n")
    return Story(
        id=str(row["id"]),
        url="",
        source=row.get("source", ""),
        headline=row.get("title", ""),
        headline_made=not row.get("title"),
        paragraphs=tuple(part.strip() for part in parts if part.strip()),
        published_at=date,
    )


def _weeks(data: Path) -> Mapping[str, Sequence[Story]]:
    """The stories of each week as a newsroom would gather them, under the ids of the rows."""
    weeks: dict[str, list[Story]] = defaultdict(list)
    for row in _rows(data / "weeks/outlet_weeks.jsonl"):
        if story := _record({**row, "tags": ()}):  # the tags are what the scorer asks for
            weeks[row["week"]].append(replace(story, id=row["id"]))
    return weeks


def _rest(text: str) -> str:
    return part_dateline(text.strip())[1]


def _cut(text: str) -> list[str]:
    return [text[start:end] for start, end in cut_sentences(text)]


def _squeezed(text: str) -> str:
    return "".join(text.split())


TASKS: Mapping[str, Callable[[Path], Iterable[Row]]] = {
    task.__name__: task
    for task in (
        body,
        fields,
        datelines,
        nodatelines,
        furniture,
        sentences,
        titles,
        summaries,
        dedupe,
        planted,
        events,
        themes,
        configured,
        names,
        faithful,
    )
}

if __name__ == "__main__":
    main()
