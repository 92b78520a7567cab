"""The first store: runs with their figures, contents by hash, what a run holds, and tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "runs",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("question", sa.String(64), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("command", sa.String(16), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("asked", number, nullable=False),
        sa.Column("instance", sa.Text, nullable=False),
        sa.Column("instance_hash", sa.String(64), nullable=False),
        sa.Column("policy", sa.Text, nullable=True),
        sa.Column("scenario", sa.Text, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Float(53), nullable=True)
            for name in ("objective", "margin", "demand", "delivered", "late", "lost", "fill_rate", "gap")
        ),
        sa.Column("solver_seconds", sa.Float(53), nullable=True),
        sa.Column("seconds", sa.Float(53), nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_runs_question", "runs", ["question"])
    op.create_index("ix_runs_asked", "runs", ["asked"])
    op.create_table(
        "contents",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "parts",
        sa.Column("run", number, sa.ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("content", sa.String(64), sa.ForeignKey("contents.hash"), nullable=False),
    )
    op.create_index("ix_parts_content", "parts", ["content"])
    op.create_table(
        "tags",
        sa.Column("word", sa.String(64), primary_key=True),
        sa.Column("run", number, sa.ForeignKey("runs.number", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("ix_tags_run", "tags", ["run"])


def downgrade() -> None:
    """Nothing leads back: an older planner refuses a newer store."""
    raise NotImplementedError
