"""Up to which event nothing can come in between any more, where several write at a time (ADR 12).

PostgreSQL gives sequences out before it commits, so event 8 may appear after event 9, and whoever
asks for "what came after 9" would never see it. To let one writer in at a time would bind all of
them to the speed of the disk, and to the slowest. Instead, each writer leaves a mark until its
transaction has ended:

1. the writer reads the last sequence given out, `v`, and takes a shared advisory lock that bears
   the number `v`; only then it takes sequences, all of them above `v`;
2. the reader reads the last sequence given out, then the lowest mark that stands, then, in a
   transaction that begins after that, the events up to the lower of the two.

INVARIANT: an event at or below that number is visible to the reader, or never will be. It was given
out before the reader's first step, so its writer had set its mark before. The mark is not standing
any more, or it would be lower than the event; and PostgreSQL takes locks away only after everybody
can see what was committed.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from ostiary.adapters.store.rows import lock_number

# Marks are locks with two numbers, apart from those of cases, which have one. The first number is
# ours and holds what does not fit into the second.
_CLASS = lock_number("audit") % 2**30
_CLASSES = 1024
_LAST = text("SELECT last_value - (NOT is_called)::int FROM event_sequence_seq")
_MARK = text(
    """
    SELECT pg_advisory_xact_lock_shared((:class + (v >> 31))::int, (v & 2147483647)::int)
    FROM (SELECT last_value - (NOT is_called)::int AS v FROM event_sequence_seq) AS given
    """
).bindparams(**{"class": _CLASS})
_LOWEST = text(
    """
    SELECT min(((classid::bigint - :class) << 31) + objid::bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2
    AND classid::bigint BETWEEN :class AND :class + :classes
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
).bindparams(**{"class": _CLASS, "classes": _CLASSES - 1})


def mark_writer(connection: Connection) -> None:
    """Say that this transaction is going to take sequences; PostgreSQL only."""
    connection.execute(_MARK)


def settled_now(engine: Engine) -> int:
    """Give the last sequence that is settled for every transaction that begins from now on."""
    with engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        last = own.scalar(_LAST)  # first this, and then the marks
        lowest = own.scalar(_LOWEST)
    return int(min(last, last if lowest is None else lowest))
