"""The audit log in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
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
        return self._state.last_event

    def record(self, event: AuditEvent) -> None:
        """Append an event; its sequence is given here."""
        self._may_write()
        self._state.last_event += 1
        self._state.events.append(replace(event, sequence=self._state.last_event))
        self._backwards(self._take_back)

    def _take_back(self) -> None:
        self._state.events.pop()
        self._state.last_event -= 1

    def forget_events(self, before: datetime, *, most: int) -> int:
        """Delete events of the log that happened before an instant."""
        self._may_write()
        events = self._state.events
        old = list(islice((one for one in events if one.at < before), most))
        gone = {one.sequence for one in old}
        self._state.events = [one for one in events if one.sequence not in gone]
        self._backwards(setattr, self._state, "events", events)
        return len(old)

    def events(self, query: AuditQuery) -> Sequence[AuditEvent]:
        """Give events of the log."""
        events = self._state.events
        begin = bisect_right(events, query.after, key=_sequence)
        end = None if query.before is None else bisect_left(events, query.before, key=_sequence)
        between = events[begin:end]
        later: Iterable[AuditEvent] = reversed(between) if query.newest_first else between
        return list(islice((event for event in later if _wanted(event, query)), query.size))


def _sequence(event: AuditEvent) -> int:
    return event.sequence


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
