"""Desks over snapshots, plain or observed."""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Desk
from ostiary.rpc.observed_desk import ObservedDesk, Observer
from ostiary.rpc.recorded import Recorded


def desk_of(
    snapshot: Snapshot,
    tables: Tables,
    recorded: Recorded | None = None,
    observers: Sequence[Observer] = (),
) -> Desk:
    """Give a desk that decides and writes by the same rules.

    INVARIANT: the tables are those that the snapshot was made with, or an answer would be written
    by other rules than made it.
    """
    reader, writer = RequestReader(snapshot), DecisionWriter(tables, snapshot.revision)
    if observers:
        return ObservedDesk(snapshot, reader, writer, recorded, observers)
    return Desk(snapshot, reader, writer, recorded=recorded)
