"""The first tables: stories with their earlier versions, the documents they came from, and issues."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "story",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("gathered_by", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("headline", sa.String, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("first_gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    for column in ("gathered_by", "url", "published_at"):
        op.create_index(f"ix_story_{column}", "story", [column])
    op.create_table(
        "story_version",
        sa.Column("story_id", sa.String, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("story_id", sa.String, sa.ForeignKey("story.id")),
        sa.Column("reason", sa.String),
        sa.Column("hint", sa.String, nullable=False),
    )
    op.create_index("ix_document_story_id", "document", ["story_id"])
    op.create_table(
        "issue",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("edition", sa.String, nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("carried", sa.JSON, nullable=False),
    )
    op.create_index("ix_issue_edition_end_at", "issue", ["edition", "end_at"])


def downgrade() -> None:
    """Take the tables away again."""
    for table in ("issue", "document", "story_version", "story"):
        op.drop_table(table)
