"""The shape of what is kept. Imports SQLAlchemy: import it only once a database is opened.

A change here needs a new file in migrations/versions and its name in database.REVISIONS; a test compares the two.
"""

from datetime import UTC, datetime

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, TypeDecorator
from sqlalchemy.engine import Dialect

from digest.store.plain import in_utc


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC and given back in UTC, whatever the database makes of zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC on the way in."""
        return value and in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC on the way out; SQLite forgets the zone."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


metadata = MetaData()

story = Table(
    "story",
    metadata,
    Column("id", String, primary_key=True),
    Column("gathered_by", String, nullable=False, index=True),  # Source.name in digest.toml
    Column("source", String, nullable=False),  # the outlet as printed
    Column("url", String, nullable=False, index=True),
    Column("headline", String, nullable=False),
    Column("published_at", Moment, index=True),
    Column("first_gathered_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("gone_at", Moment),  # its source no longer has it
    Column("language", String, nullable=False),
    Column("version", Integer, nullable=False),  # 1, 2, ...
    Column("body", Text, nullable=False),  # the whole story as JSON
    Column("words", Text, nullable=False),  # what a search looks through, capitals folded
)

story_version = Table(
    "story_version",
    metadata,
    Column("story_id", ForeignKey("story.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("replaced_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("source", String, primary_key=True),  # Source.name
    Column("place", String, primary_key=True),  # Document.url
    Column("fingerprint", String, nullable=False),  # "" = read it again, whatever it holds
    Column("story_id", ForeignKey("story.id"), index=True),  # the last story that it held
    Column("reason", String),  # why it could not be used; NULL = it could
    Column("hint", String, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", String, primary_key=True),
    Column("edition", String, nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment, nullable=False),
    Column("zone", String, nullable=False),  # IANA name
    Column("built_at", Moment, nullable=False),
    Column("state", String, nullable=False),  # planned | approved | sent
    Column("carried", JSON, nullable=False),  # ids of the stories in it
    Index("ix_issue_edition_end_at", "edition", "end_at"),
)
