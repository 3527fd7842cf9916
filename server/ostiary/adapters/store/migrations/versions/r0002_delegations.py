"""Approvers name delegates.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "delegation",
        sa.Column("approver", KEY, primary_key=True),
        sa.Column("document", sa.Text(), nullable=False),
    )
