"""Builders for what comes after the desk: a newsroom that may approve, an approved issue, and people who get it."""

from datetime import UTC, datetime
from pathlib import Path

from digest.edit import window
from digest.model import Dispatch
from digest.newsroom import Newsroom, open_newsroom
from digest.store.ledger import Ledger
from digest.workflow.approve import Approved, approve_issue
from digest.workflow.build import BuiltIssue, build_issue
from digest.workflow.gather import gather_sources
from digest.workflow.start import init_newsroom
from tests.ledgers import members
from tests.make import CONFIG, a_newsroom

MONDAY = datetime(2025, 8, 18, 12, tzinfo=UTC)
NAMES = ("u1", "u2", "u3", "u4")
ISSUE = "2025-W33"


def built(newsroom: Newsroom, **changes: bool) -> BuiltIssue:
    edition = newsroom.edition("week")
    gather_sources(newsroom, now=MONDAY)
    span = window.week(ISSUE, edition=edition, zone=newsroom.settings.zone, now=MONDAY)
    return build_issue(newsroom, span, edition, now=MONDAY, **changes)


def a_ready_newsroom(folder: Path, config: str = CONFIG, **fields: str) -> Newsroom:
    """One with keys and the built issue 2025-W33, one of whose stories has a picture on disk."""
    newsroom = a_newsroom(folder, *NAMES, config=config, **fields)
    init_newsroom(folder)
    built(newsroom)
    return newsroom


def approve(newsroom: Newsroom, now: datetime = MONDAY) -> Approved:
    return approve_issue(newsroom, ISSUE, now)


def reopened(newsroom: Newsroom) -> Newsroom:
    return open_newsroom(newsroom.root)


def on_its_way(newsroom: Newsroom) -> Dispatch:
    """The approved issue with its recipients frozen: the members of the list."""
    from digest.store.database import Database

    ledger = Ledger(Database(newsroom.root / "digest.db"), newsroom.root / ".digest")
    return ledger.freeze(
        ISSUE, sha256="a" * 64, list="weekly", segment="weekly", recipients=members("weekly"), seeds=members("seed"),
        transport="fake", batch_size=10, at=MONDAY,
    )  # fmt: skip
