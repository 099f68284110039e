"""Builders: a whole value from the one thing that a test is about."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.model import Brief, Document, Issue, Section, Story, Window
from digest.newsroom import Newsroom, open_newsroom

A_TUESDAY = datetime(2025, 8, 12, 14, 0, tzinfo=UTC)


def a_document(content: str | bytes, *, kind: str = "text", **changes: Any) -> Document:
    body = content.encode() if isinstance(content, str) else content
    return Document(**{"source": "Garrison Post", "url": "stories/a.txt", "kind": kind, "content": body, "fetched_at": A_TUESDAY} | changes)


def a_story(name: str = "u1", **changes: Any) -> Story:
    values: dict[str, Any] = {
        "id": name,
        "url": f"https://garrisonpost.example/{name}",
        "source": "Garrison Post",
        "headline": f"Headline of {name}",
        "paragraphs": (f"The harbor commission approved plan {name} on Tuesday. Work starts in October.",),
        "published_at": A_TUESDAY,
    }
    return Story(**values | changes)


def a_brief(name: str = "u1", **changes: Any) -> Brief:
    values: dict[str, Any] = {
        "story_id": name,
        "headline": f"Headline of {name}",
        "summary": f"The harbor commission approved plan {name} on Tuesday.",
        "url": f"https://garrisonpost.example/{name}",
        "source": "Garrison Post",
        "date": A_TUESDAY.date(),
    }
    return Brief(**values | changes)


def a_window(**changes: Any) -> Window:
    values: dict[str, Any] = {
        "issue_id": "2025-W33",
        "edition": "weekly",
        "start": datetime(2025, 8, 11, 4, tzinfo=UTC),
        "end": datetime(2025, 8, 18, 4, tzinfo=UTC),
        "zone": "America/New_York",
    }
    return Window(**values | changes)


def an_issue(*names: str, **changes: Any) -> Issue:
    """An issue with one section that holds a brief for each name."""
    values: dict[str, Any] = {
        "id": "2025-W33",
        "window": a_window(),
        "title": "Weekly Headlines",
        "subject": "Harbor plan approved",
        "sections": (Section(title="Harbor", briefs=tuple(a_brief(name) for name in names)),) if names else (),
    }
    return Issue(**values | changes)


CONFIG = """
[newsroom]
publisher = "The Garrison Post"
zone = "America/New_York"
public_url = "https://news.garrisonpost.example"
address = "1 Signal Row, Camp Halyard"
sender = "Headlines <headlines@news.garrisonpost.example>"

[[source]]
name = "Garrison Post"
files = "stories"

[editions.weekly]
rhythm = "week"
title = "Weekly Headlines"
without = ["opinion"]

[editions.daily]
rhythm = "day"
title = "Daily Headlines"
minimum_stories = 1

[themes.harbor]
title = "The harbor"
tags = ["harbor"]
"""

SUBJECTS = ("ferry", "bridge", "library", "orchard", "stadium", "airfield", "museum", "reservoir")


def a_newsroom(folder: Path, *names: str, config: str = CONFIG, **fields: str) -> Newsroom:
    """A newsroom on disk with one Markdown story for each name, all of the Tuesday of 2025-W33."""
    (folder / "stories").mkdir(parents=True, exist_ok=True)
    (folder / "digest.toml").write_text(config, encoding="utf-8")
    for name in names:
        a_story_file(folder, name, **fields)
    return open_newsroom(folder)


def a_story_file(folder: Path, name: str, *, text: str = "", **fields: str) -> Path:
    """A Markdown file stories/NAME.md about something of its own. `fields` go into its front matter."""
    subject = SUBJECTS[sum(map(ord, name)) % len(SUBJECTS)]
    front = {
        "title": f"Council approves the {subject} plan of {name}",
        "date": "2025-08-12 09:30",
        "url": f"https://garrisonpost.example/{name}",
    } | fields
    body = text or (
        f"The council on Tuesday approved plan {name} for the {subject}, ending a debate of two years.\n\n"
        f"Work on {name} starts in October and takes eight months, the {subject} office said."
    )
    path = folder / "stories" / f"{name}.md"
    path.write_text("---\n" + "".join(f"{key}: {value}\n" for key, value in front.items()) + f"---\n\n{body}\n", encoding="utf-8")
    return path
