"""Who mail goes to, and the ledger of what became of every letter."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.UniqueConstraint("key"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "membership",
        sa.Column("subscriber", sa.Integer, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("list", sa.String, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True)),
        sa.Column("consent_source", sa.String, nullable=False),
        sa.Column("consent_how", sa.String, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_membership_list_status", "membership", ["list", "status", "subscriber"])
    op.create_table(
        "suppression",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issue", sa.String, nullable=False),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("list", sa.String, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("transport", sa.String, nullable=False),
        sa.Column("salt", sa.String, nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.UniqueConstraint("issue", "variant"),
    )
    op.create_table(
        "batch",
        sa.Column("dispatch", sa.Integer, sa.ForeignKey("dispatch.id"), primary_key=True),
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("boot", sa.String, nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("idempotency_key", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery",
        sa.Column("dispatch", sa.Integer, sa.ForeignKey("dispatch.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("subscriber", sa.Integer, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.UniqueConstraint("subscriber", "dispatch"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take the tables away again."""
    for table in ("delivery", "batch", "dispatch", "suppression", "membership", "subscriber"):
        op.drop_table(table)
