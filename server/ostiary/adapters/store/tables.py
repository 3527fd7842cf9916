"""The tables: a record is one row, its JSON and a column for each thing that is searched (ADR 7).

INVARIANT: text is compared by code point in every database, as Python does, and instants are whole
microseconds since 1970 in UTC, so that both databases and the twin in memory sort alike.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TextClause,
    TypeDecorator,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Give the number that is stored; raises TypeError for an instant without a zone."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Give the instant that was stored."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def _key(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """Give a column of text that sorts by code point."""
    kind = String().with_variant(String(collation="C"), "postgresql")
    return Column(name, kind, primary_key=primary_key, nullable=nullable)


def _position(name: str = "position") -> Column[int]:
    """Give the number of a row, which is never given twice."""
    kind = BigInteger().with_variant(Integer(), "sqlite")  # AUTOINCREMENT wants this very word
    return Column(name, kind, primary_key=True, autoincrement=True)


metadata = MetaData()

request = Table(
    "request",
    metadata,
    _position(),
    _key("id"),
    _key("target"),
    _key("submitter"),
    _key("package"),
    _key("policy"),
    _key("catalog"),
    _key("assignment"),
    _key("state"),
    Column("submitted_at", Instant, nullable=False),
    Column("document", Text, nullable=False),
    Index("request_id", "id", unique=True),
    Index("request_target", "target", "position"),
    Index("request_submitter", "submitter", "position"),
    Index("request_policy", "package", "policy", "position"),
    Index("request_package", "package", "position"),
    Index("request_catalog", "catalog", "position"),
    Index("request_assignment", "assignment", "position"),
    Index("request_state", "state", "position"),
    sqlite_autoincrement=True,
)

# The people and groups by whom the open stage of a request is found (`lifecycle/deciding.py`); no
# rows once it has none.
request_approver = Table(
    "request_approver",
    metadata,
    _key("approver", primary_key=True),
    Column(
        "position",
        ForeignKey("request.position", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Index("request_approver_position", "position"),
)

assignment = Table(
    "assignment",
    metadata,
    _position(),
    _key("id"),
    _key("target"),
    _key("package"),
    _key("policy"),
    _key("catalog"),
    _key("state"),
    Column("document", Text, nullable=False),
    Index("assignment_id", "id", unique=True),
    Index("assignment_target", "target", "position"),
    Index("assignment_policy", "package", "policy", "position"),
    Index("assignment_package", "package", "position"),
    Index("assignment_catalog", "catalog", "position"),
    Index("assignment_state", "state", "position"),
    sqlite_autoincrement=True,
)

# Current assignments are counted as they change, since a tenant may have millions of them. Each
# number is spread over a few rows, so that writers of one policy seldom wait for each other.
assignment_tally = Table(
    "assignment_tally",
    metadata,
    _key("package", primary_key=True),
    _key("policy", primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)

# The same of requests, for each day of their submission.
request_tally = Table(
    "request_tally",
    metadata,
    Column("day", Instant, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)
Index("request_submitted_at", request.c.submitted_at)

review = Table(
    "review",
    metadata,
    _position(),
    _key("id"),
    _key("package"),
    _key("policy"),
    _key("catalog"),
    _key("state"),
    Column("document", Text, nullable=False),
    Index("review_id", "id", unique=True),
    Index("review_policy", "package", "policy", "position"),
    Index("review_catalog", "catalog", "position"),
    Index("review_state", "state", "position"),
    sqlite_autoincrement=True,
)

review_reviewer = Table(
    "review_reviewer",
    metadata,
    _key("reviewer", primary_key=True),
    Column(
        "position",
        ForeignKey("review.position", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Index("review_reviewer_position", "position"),
)

callout = Table(
    "callout",
    metadata,
    _position(),
    _key("id"),
    _key("request"),
    Column("document", Text, nullable=False),
    Index("callout_id", "id", unique=True),
    Index("callout_request", "request", "position"),
    sqlite_autoincrement=True,
)

delegation = Table(
    "delegation",
    metadata,
    _key("approver", primary_key=True),
    Column("document", Text, nullable=False),
)

action = Table(
    "action",
    metadata,
    _key("id", primary_key=True),
    _key("kind"),
    Column("outside", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    _key("case"),
    _key("request"),
    _key("assignment"),
    Column("stage", Integer, nullable=False),
    Column("target", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    _key("state"),
    Column("finished_at", Instant),
    Column("failure", Text, nullable=False),
)


# Written once, since an index over some rows serves a query only if both say the same words.
WAITING = text("state = 'waiting'")
WAITING_INSIDE = text("state = 'waiting' AND NOT outside")
WAITING_OUTSIDE = text("state = 'waiting' AND outside")
PARKED = text("state = 'parked'")


def _over(name: str, words: TextClause, *columns: str) -> Index:
    """Give an index over the rows for which some words hold."""
    return Index(name, *(action.c[c] for c in columns), sqlite_where=words, postgresql_where=words)


_over("action_inside", WAITING_INSIDE, "due_at", "case")
_over("action_outside", WAITING_OUTSIDE, "due_at", "id")
_over("action_parked", PARKED, "due_at", "id")
Index("action_case", action.c.case, action.c.state)
Index("action_request", action.c.request)
Index("action_assignment", action.c.assignment)

event = Table(
    "event",
    metadata,
    _position("sequence"),
    Column("at", Instant, nullable=False),
    _key("name_folded"),
    _key("actor"),
    _key("target"),
    _key("request"),
    _key("assignment"),
    _key("package"),
    _key("policy"),
    _key("catalog"),
    Column("document", Text, nullable=False),
    Index("event_at", "at"),
    Index("event_actor", "actor", "sequence"),
    Index("event_target", "target", "sequence"),
    Index("event_request", "request", "sequence"),
    Index("event_assignment", "assignment", "sequence"),
    Index("event_package", "package", "policy", "sequence"),
    Index("event_catalog", "catalog", "sequence"),
    sqlite_autoincrement=True,
)

remembered = Table(
    "remembered",
    metadata,
    _key("key", primary_key=True),
    Column("digest", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

definition = Table(
    "definition",
    metadata,
    _key("kind", primary_key=True),
    _key("within", primary_key=True),
    _key("id", primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("applied", Text, nullable=False),
    Index("definition_id", "kind", "id", "within"),
)

# What each revision wrote or deleted, so that a reader need not load a tenant anew.
touched = Table(
    "touched",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    _key("kind", primary_key=True),
    _key("within", primary_key=True),
    _key("id", primary_key=True),
    _key("member", primary_key=True),
)

membership = Table(
    "membership",
    metadata,
    _key("group", primary_key=True),
    _key("member", primary_key=True),
    Column("nested", Boolean, primary_key=True),
    _key("role", primary_key=True),
    Index("membership_member", "member", "group"),
)

role_assignment = Table(
    "role_assignment",
    metadata,
    _key("holder", primary_key=True),
    _key("role", primary_key=True),
    _key("catalog", primary_key=True),
)

# Revisions of rule packs: the text of the files as JSON of names and base64.
rule_revision = Table(
    "rule_revision",
    metadata,
    _position(),
    _key("digest"),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),
    Index("rule_revision_digest", "digest", unique=True),
    sqlite_autoincrement=True,
)

# The log of decisions, line by line as it stands in a file.
decision_log = Table(
    "decision_log",
    metadata,
    _position(),
    _key("run"),
    Column("number", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Index("decision_log_run", "run", "number", unique=True),
    sqlite_autoincrement=True,
)

rule_activation = Table(
    "rule_activation",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _key("digest"),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    _key("origin"),
    Column("note", Text, nullable=False),
    Column("back", BigInteger, nullable=False),
)
