"""Builders: a whole value from the one thing that a test is about."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.edit.printing.wording import words_for
from digest.edit.rank import weigh
from digest.model import Brief, Document, Event, Group, Issue, Section, Story, Window
from digest.newsroom import Newsroom, open_newsroom, shipped_templates

ENGLISH = words_for("en", shipped_templates())
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


def as_ranked(groups: Sequence[Group], **options: Any) -> tuple[Event, ...]:
    """The events of the groups in the order in which an issue prints them."""
    return tuple(one.event for one in weigh(groups, **options))


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

# Small stories that have nothing in common, so that each is an event of its own.
MATTERS = (
    ("Ferry line gets a new pier", "The harbor commission on Tuesday approved a pier for the ferry line. Cranes arrive in October."),
    (
        "Library opens on Sundays",
        "Readers may borrow books on Sundays from next month, the library board decided. Volunteers will staff the desk.",
    ),
    (
        "Orchard harvest begins early",
        "Growers began picking apples two weeks early after a warm spring. Prices at the market fell by a tenth.",
    ),
    (
        "Stadium lights are replaced",
        "Workers replaced every floodlight at the stadium with lamps that use half the power. The first night game is Friday.",
    ),
    (
        "Airfield closes its short runway",
        "Pilots lost the short runway at the old airfield after engineers found cracks. Gliders moved to the grass strip.",
    ),
    ("Museum returns a bronze bell", "A bronze bell went home to a mountain village after the museum settled a claim of forty years."),
    (
        "Reservoir is full again",
        "Rain filled the reservoir for the first time since a drought emptied it. Hosepipes are allowed from noon.",
    ),
    (
        "Bus drivers accept an offer",
        "Drivers ended a strike of nine days when their union accepted higher overtime pay. Route seven starts first.",
    ),
    ("Bakers test a rye loaf", "Three bakers tried a rye loaf that keeps for ten days. Schools will taste it in autumn."),
    (
        "Telescope finds a faint comet",
        "Astronomers photographed a faint comet that nobody had catalogued. It will not come near until winter.",
    ),
    ("Chess champion retires", "The national chess champion retired after a final drawn game. Her pupils take over the club."),
)


def a_newsroom(folder: Path, *names: str, config: str = CONFIG, **fields: str) -> Newsroom:
    """A newsroom on disk with one Markdown story for each name, all of the Tuesday of 2025-W33."""
    (folder / "stories").mkdir(parents=True, exist_ok=True)
    (folder / "digest.toml").write_text(config, encoding="utf-8")
    for name in names:
        a_story_file(folder, name, **fields)
    return open_newsroom(folder)


def a_story_file(folder: Path, name: str, *, text: str = "", **fields: str) -> Path:
    """A Markdown file stories/NAME.md about something of its own. `fields` go into its front matter."""
    headline, body = MATTERS[sum(map(ord, name)) % len(MATTERS)]
    front = {"title": f"{headline}, {name}", "date": "2025-08-12 09:30", "url": f"https://garrisonpost.example/{name}"} | fields
    path = folder / "stories" / f"{name}.md"
    path.write_text("---\n" + "".join(f"{key}: {value}\n" for key, value in front.items()) + f"---\n\n{text or body}\n", encoding="utf-8")
    return path
