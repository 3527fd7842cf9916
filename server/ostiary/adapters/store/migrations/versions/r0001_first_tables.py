"""The first tables.

Revision 0001, the beginning.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _over(words: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(words), "postgresql_where": sa.text(words)}


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "request",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("submitter", KEY, nullable=False),
        sa.Column("package", KEY, nullable=False),
        sa.Column("policy", KEY, nullable=False),
        sa.Column("catalog", KEY, nullable=False),
        sa.Column("assignment", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("request_assignment", "request", ["assignment", "position"])
    op.create_index("request_catalog", "request", ["catalog", "position"])
    op.create_index("request_id", "request", ["id"], unique=True)
    op.create_index("request_package", "request", ["package", "position"])
    op.create_index("request_policy", "request", ["package", "policy", "position"])
    op.create_index("request_state", "request", ["state", "position"])
    op.create_index("request_submitted_at", "request", ["submitted_at"])
    op.create_index("request_submitter", "request", ["submitter", "position"])
    op.create_index("request_target", "request", ["target", "position"])
    op.create_table(
        "request_approver",
        sa.Column("approver", KEY, primary_key=True),
        sa.Column(
            "position",
            POSITION,
            sa.ForeignKey("request.position", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
    )
    op.create_index("request_approver_position", "request_approver", ["position"])
    op.create_table(
        "assignment",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("package", KEY, nullable=False),
        sa.Column("policy", KEY, nullable=False),
        sa.Column("catalog", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("assignment_catalog", "assignment", ["catalog", "position"])
    op.create_index("assignment_id", "assignment", ["id"], unique=True)
    op.create_index("assignment_package", "assignment", ["package", "position"])
    op.create_index("assignment_policy", "assignment", ["package", "policy", "position"])
    op.create_index("assignment_state", "assignment", ["state", "position"])
    op.create_index("assignment_target", "assignment", ["target", "position"])
    op.create_table(
        "assignment_tally",
        sa.Column("package", KEY, primary_key=True),
        sa.Column("policy", KEY, primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "request_tally",
        sa.Column("day", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "review",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("package", KEY, nullable=False),
        sa.Column("policy", KEY, nullable=False),
        sa.Column("catalog", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("review_catalog", "review", ["catalog", "position"])
    op.create_index("review_id", "review", ["id"], unique=True)
    op.create_index("review_policy", "review", ["package", "policy", "position"])
    op.create_index("review_state", "review", ["state", "position"])
    op.create_table(
        "review_reviewer",
        sa.Column("reviewer", KEY, primary_key=True),
        sa.Column(
            "position",
            POSITION,
            sa.ForeignKey("review.position", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
    )
    op.create_index("review_reviewer_position", "review_reviewer", ["position"])
    op.create_table(
        "callout",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("request", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("callout_id", "callout", ["id"], unique=True)
    op.create_index("callout_request", "callout", ["request", "position"])
    op.create_table(
        "action",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("case", KEY, nullable=False),
        sa.Column("request", KEY, nullable=False),
        sa.Column("assignment", KEY, nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("failure", sa.Text(), nullable=False),
    )
    op.create_index("action_assignment", "action", ["assignment"])
    op.create_index(
        "action_inside", "action", ["due_at", "case"], **_over("state = 'waiting' AND NOT outside")
    )
    op.create_index(
        "action_outside", "action", ["due_at", "id"], **_over("state = 'waiting' AND outside")
    )
    op.create_index("action_parked", "action", ["due_at", "id"], **_over("state = 'parked'"))
    op.create_index("action_request", "action", ["request"])
    op.create_index("action_waiting", "action", ["case"], **_over("state = 'waiting'"))
    op.create_table(
        "event",
        sa.Column("sequence", POSITION, primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name_folded", KEY, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("request", KEY, nullable=False),
        sa.Column("assignment", KEY, nullable=False),
        sa.Column("package", KEY, nullable=False),
        sa.Column("policy", KEY, nullable=False),
        sa.Column("catalog", KEY, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("event_actor", "event", ["actor", "sequence"])
    op.create_index("event_assignment", "event", ["assignment", "sequence"])
    op.create_index("event_at", "event", ["at"])
    op.create_index("event_catalog", "event", ["catalog", "sequence"])
    op.create_index("event_package", "event", ["package", "policy", "sequence"])
    op.create_index("event_request", "event", ["request", "sequence"])
    op.create_index("event_target", "event", ["target", "sequence"])
    op.create_table(
        "remembered",
        sa.Column("key", KEY, primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
    )
    op.create_table(
        "definition",
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("within", KEY, primary_key=True),
        sa.Column("id", KEY, primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.Text(), nullable=False),
    )
    op.create_index("definition_id", "definition", ["kind", "id", "within"])
    op.create_table(
        "touched",
        sa.Column("revision", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("within", KEY, primary_key=True),
        sa.Column("id", KEY, primary_key=True),
        sa.Column("member", KEY, primary_key=True),
    )
    op.create_table(
        "membership",
        sa.Column("group", KEY, primary_key=True),
        sa.Column("member", KEY, primary_key=True),
        sa.Column("nested", sa.Boolean(), primary_key=True),
        sa.Column("role", KEY, primary_key=True),
    )
    op.create_index("membership_member", "membership", ["member", "group"])
    op.create_table(
        "role_assignment",
        sa.Column("holder", KEY, primary_key=True),
        sa.Column("role", KEY, primary_key=True),
        sa.Column("catalog", KEY, primary_key=True),
    )
