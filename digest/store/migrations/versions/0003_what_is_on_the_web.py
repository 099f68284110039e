"""What is remembered of sources on the web: their health, their addresses, and by what their entries are known again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables; every story so far came from a file of the newsroom, whose word is its own."""
    op.add_column("story", sa.Column("own_word", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "health",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("hint", sa.String, nullable=False),
        sa.Column("moved", sa.String, nullable=False),
    )
    op.create_table(
        "address",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("url", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("hints", sa.JSON, nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("known_url", sa.String, nullable=False),
        sa.Column("etag", sa.String, nullable=False),
        sa.Column("last_modified", sa.String, nullable=False),
        sa.Column("moved", sa.String, nullable=False),
    )
    op.create_index("ix_address_source_due_at", "address", ["source", "due_at"])
    op.create_table(
        "entry",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("look", sa.String, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("what", sa.String, primary_key=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )
