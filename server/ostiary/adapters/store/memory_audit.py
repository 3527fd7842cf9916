"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec.structs import replace

from ostiary.adapters.store.audit import NOT_SETTLED
from ostiary.adapters.store.memory_state import Changes
from ostiary.domain.audit import AuditEvent
from ostiary.lifecycle.ports import AuditQuery


class MemoryAudit(Changes):
    """The events of a transaction."""

    knows_settled = False

    def settled(self) -> int:
        """Give the sequence up to which nothing can come in between any more: the last."""
        if not self.knows_settled:
            raise RuntimeError(NOT_SETTLED)
        return len(self._state.events)

    def record(self, event: AuditEvent) -> None:
        """Append an event; its sequence is given here."""
        self._may_write()
        events = self._state.events
        events.append(replace(event, sequence=len(events) + 1))
        self._backwards(events.pop)

    def events(self, query: AuditQuery) -> Sequence[AuditEvent]:
        """Give events of the log."""
        # An event's sequence is its place in the list, counted from 1.
        end = None if query.before is None else max(query.before - 1, 0)
        between = self._state.events[max(query.after, 0) : end]
        later: Iterable[AuditEvent] = reversed(between) if query.newest_first else between
        return list(islice((event for event in later if _wanted(event, query)), query.size))


def _wanted(event: AuditEvent, query: AuditQuery) -> bool:
    return (
        all(
            getattr(query, name) in {None, getattr(event, name)}
            for name in ("target", "actor", "request", "assignment", "package", "policy")
        )
        and (query.catalogs is None or event.catalog in query.catalogs)
        and _contains(event.name.casefold(), (query.name_contains or "").casefold().split())
        and (query.since is None or event.at >= query.since)
        and (query.until is None or event.at < query.until)
    )


def _contains(name: str, words: Sequence[str]) -> bool:
    """Tell whether a name holds all words in their order."""
    for word in words:
        _, found, name = name.partition(word)
        if not found:
            return False
    return True
