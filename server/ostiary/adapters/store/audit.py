"""The audit log: events in an order that a reader who asks for more can trust (S-134)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, delete, insert, select

from ostiary.adapters.store import tables
from ostiary.adapters.store.rows import Row, Rows
from ostiary.adapters.store.settling import mark_writer
from ostiary.domain.audit import AuditEvent
from ostiary.lifecycle.ports import AuditQuery

NOT_SETTLED = "what is settled must be asked for when reading begins"

_encode = msgspec.json.Encoder().encode
_event_of = msgspec.json.Decoder(AuditEvent).decode


class AuditRows(Rows):
    """The events of a transaction, which are written when it ends."""

    _events: list[AuditEvent]
    _settled: int | None = None  # known before the transaction began, if it was asked for

    def _begin_events(self) -> None:
        self._events = []

    def record(self, event: AuditEvent) -> None:
        """Append an event; its sequence is given when the transaction ends, or when it looks."""
        self._may_write()
        self._events.append(event)

    def flush(self) -> None:
        """Write the events, last of all."""
        super().flush()
        self._write_events()

    def _write_events(self) -> None:
        if self._events:
            rows = [_row(one) for one in self._events]
            self._events = []
            if self._shared:
                mark_writer(self._connection)
            self._write(insert(tables.event), rows)

    def forget_events(self, before: datetime, *, most: int) -> int:
        """Delete events of the log that happened before an instant."""
        self._write_events()
        c = tables.event.c
        old = select(c.sequence).where(c.at < before).order_by(c.sequence).limit(most)
        gone = [row.sequence for row in self._rows(old)]
        if gone:
            self._write(delete(tables.event).where(c.sequence.in_(gone)))
        return len(gone)

    def settled(self) -> int:
        """Give the sequence up to which nothing can come in between any more."""
        if self._settled is None:
            raise RuntimeError(NOT_SETTLED)
        return self._settled

    def events(self, query: AuditQuery) -> Sequence[AuditEvent]:
        """Give events of the log."""
        self._write_events()
        c = tables.event.c
        wanted = _filtered(select(c.sequence, c.document), query)
        order = c.sequence.desc() if query.newest_first else c.sequence
        return [
            msgspec.structs.replace(_event_of(row.document), sequence=row.sequence)
            for row in self._rows(wanted.order_by(order).limit(query.size))
        ]


def _filtered(wanted: Select[Any], query: AuditQuery) -> Select[Any]:
    c = tables.event.c
    if query.after:
        wanted = wanted.where(c.sequence > query.after)
    if query.before is not None:
        wanted = wanted.where(c.sequence < query.before)
    for name in ("target", "actor", "request", "assignment", "package", "policy"):
        if (value := getattr(query, name)) is not None:
            wanted = wanted.where(c[name] == value)
    if query.catalogs is not None:
        wanted = wanted.where(c.catalog.in_(sorted(query.catalogs)))
    if query.name_contains is not None:
        words = query.name_contains.casefold().split()
        wanted = wanted.where(c.name_folded.like(_in_order(words), escape="/"))
    if query.since is not None:
        wanted = wanted.where(c.at >= query.since)
    if query.until is not None:
        wanted = wanted.where(c.at < query.until)
    return wanted


def _in_order(words: Sequence[str]) -> str:
    """Give the pattern of names that hold all words in their order."""
    plain = (re.sub("[/%_]", r"/\g<0>", word) for word in words)
    return "%".join(("", *plain, ""))


def _row(one: AuditEvent) -> Row:
    return {
        "at": one.at,
        "name_folded": one.name.casefold(),
        "actor": one.actor,
        "target": one.target,
        "request": one.request,
        "assignment": one.assignment,
        "package": one.package,
        "policy": one.policy,
        "catalog": one.catalog,
        "document": _encode(msgspec.structs.replace(one, sequence=0)).decode(),
    }
