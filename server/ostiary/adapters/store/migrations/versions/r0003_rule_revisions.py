"""Rule packs are kept as revisions, and which of them is in force.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rule_revision",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("rule_revision_digest", "rule_revision", ["digest"], unique=True)
    op.create_table(
        "rule_activation",
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("origin", KEY, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("back", sa.BigInteger(), nullable=False),
    )
