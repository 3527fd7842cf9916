"""All work of a case is found by its state, not only what waits.

Revision 0004, after 0003.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Put an index over all rows in the place of the one over those that wait."""
    op.drop_index("action_waiting", "action")
    op.create_index("action_case", "action", ["case", "state"])
