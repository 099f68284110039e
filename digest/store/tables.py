"""The shape of what is kept. Imports SQLAlchemy: import it only once a database is opened.

A change here needs a new file in migrations/versions and its name in database.REVISIONS; a test compares the two.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    true,
)
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
    Column("own_word", Boolean, nullable=False, server_default=true()),  # told by its own site, or by a file of the newsroom
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

health = Table(
    "health",
    metadata,
    Column("source", String, primary_key=True),  # Source.name
    Column("tried_at", Moment, nullable=False),
    Column("read_at", Moment),  # when it could last be looked into
    Column("failing_since", Moment),  # NULL = it is well
    Column("failures", Integer, nullable=False),  # in a row
    Column("reason", String, nullable=False),  # of the last failure, kept when it is well again
    Column("hint", String, nullable=False),
    Column("moved", String, nullable=False),  # the address that it is read at now; "" = the one in digest.toml
)

address = Table(
    "address",
    metadata,
    Column("source", String, primary_key=True),
    Column("url", String, primary_key=True),  # as it was listed
    Column("kind", String, nullable=False),  # listing (a feed, a sitemap) | page
    Column("mark", String, nullable=False),  # changes with what its listing says of it
    Column("hints", JSON, nullable=False),  # as Document.hints
    Column("listed_at", Moment, nullable=False),
    Column("read_at", Moment),  # when it was last read, changed or not
    Column("due_at", Moment),  # when it is to be read; NULL = no more
    Column("failures", Integer, nullable=False),  # in a row
    Column("known_url", String, nullable=False),  # what it said the last time: answers.Known
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("moved", String, nullable=False),  # for good, to this address; "" = not
    Index("ix_address_source_due_at", "source", "due_at"),
)

entry = Table(
    "entry",
    metadata,
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),  # one of the things by which an entry of a feed is known again
    Column("place", String, nullable=False),  # document.place
    Column("look", String, nullable=False),  # its headline and date then
)

notice = Table(
    "notice",
    metadata,
    Column("what", String, primary_key=True),  # the trouble that [notify] told of
    Column("told_at", Moment, nullable=False),
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

# --- who mail goes to

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String, nullable=False),  # as they wrote it
    Column("key", String, nullable=False, unique=True),  # the address as it is compared: audience/addresses.py
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),  # "" = not known
    Column("tags", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("added_at", Moment, nullable=False),
    sqlite_autoincrement=True,  # a link in an old mail must never come to mean another person
)

membership = Table(
    "membership",
    metadata,
    Column("subscriber", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("list", String, primary_key=True),
    Column("status", String, nullable=False),  # active | pending | left
    Column("consent_at", Moment),  # NULL = not known
    Column("consent_source", String, nullable=False),
    Column("consent_how", String, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("ix_membership_list_status", "list", "status", "subscriber"),
    sqlite_with_rowid=False,
)

suppression = Table(
    "suppression",
    metadata,
    Column("key", String, primary_key=True),  # as subscriber.key; "hmac:..." for a person who was forgotten
    Column("reason", String, nullable=False),  # bounced | complained | left | forgotten | by hand
    Column("source", String, nullable=False),  # what told us: a file, a provider's event
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

# --- the ledger: what became of each issue's each letter

dispatch = Table(
    "dispatch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue", String, nullable=False),
    Column("variant", String, nullable=False),  # "all"
    Column("sha256", String, nullable=False),  # of the sealed message
    Column("list", String, nullable=False),
    Column("segment", String, nullable=False),  # as it was asked for, to be shown
    Column("transport", String, nullable=False),  # its kind
    Column("salt", String, nullable=False),  # makes its Message-IDs its own
    Column("frozen_at", Moment, nullable=False),  # the Date header of every letter
    Column("total", Integer, nullable=False),
    Column("state", String, nullable=False),  # sending | sent | cancelled
    UniqueConstraint("issue", "variant"),
)

batch = Table(
    "batch",
    metadata,
    Column("dispatch", ForeignKey("dispatch.id"), primary_key=True),
    Column("no", Integer, primary_key=True),  # 0 holds the seed list
    Column("first", Integer, nullable=False),  # delivery.seq of its first and its last letter
    Column("last", Integer, nullable=False),
    Column("state", String, nullable=False),  # open | claimed | done
    Column("epoch", Integer, nullable=False),  # grows with every claim: whoever holds an older one may write nothing
    Column("boot", String, nullable=False),  # of the machine at the claim: after another boot the journal may have lost its end
    Column("claimed_at", Moment),
    Column("idempotency_key", String, nullable=False),  # of the claim whose calls may be in flight; "" = none
    sqlite_with_rowid=False,
)

delivery = Table(
    "delivery",
    metadata,
    Column("dispatch", ForeignKey("dispatch.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),  # from 1
    Column("subscriber", Integer, nullable=False),  # no foreign key: a person may be forgotten, the count may not
    Column("email", String, nullable=False),  # as frozen; "" once forgotten
    Column("name", String, nullable=False),
    Column("state", String, nullable=False),  # queued | accepted | failed | uncertain | suppressed; claimed = queued in a claimed batch
    Column("epoch", Integer, nullable=False),  # of the claim that settled it
    Column("attempt", Integer, nullable=False),
    Column("provider_id", String, nullable=False),
    Column("error", String, nullable=False),
    UniqueConstraint("subscriber", "dispatch"),
    sqlite_with_rowid=False,
)
