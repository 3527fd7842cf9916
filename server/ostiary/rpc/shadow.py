"""A candidate that decides beside live traffic, and what it would decide otherwise.

It looks at what was answered, in a thread of its own and from a bounded queue: what does not fit in
is left out and counted. Nobody's answer waits for it, and nothing of it is in force.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime

import msgspec

from ostiary.decide.model import Snapshot
from ostiary.domain.errors import OstiaryError
from ostiary.domain.request import EvaluationRequest
from ostiary.rpc.comparing import Differences
from ostiary.rpc.desk import Desk

_log = logging.getLogger(__name__)

ROOM = 1000  # decisions that may wait to be looked at

Asked = tuple[bytes, datetime, EvaluationRequest | None, bytes, Snapshot]
# Gives the candidate's desk for a snapshot, or None if that is not the newest any more.
DeskFor = Callable[[Snapshot], Desk | None]


class ShadowReport(msgspec.Struct, frozen=True):
    """What a shadow has seen."""

    rules: str  # the digest of the candidate
    since: datetime
    differences: Differences
    dropped: int  # left out, since there was no room
    passed_over: int  # left out, since the tenant had changed meanwhile
    waiting: int


class Shadow:
    """One candidate; may be told by all threads of a process."""

    def __init__(self, rules: str, desk_for: DeskFor, since: datetime, *, room: int = ROOM) -> None:
        self.rules = rules
        self._desk_for = desk_for
        self._since = since
        self._room = room
        self._queue: deque[Asked] = deque()
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._counting = threading.Lock()
        self._differences = Differences()
        self._dropped = 0
        self._passed_over = 0
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def answered(
        self,
        question: bytes,
        now: datetime,
        given: EvaluationRequest | None,
        decision: bytes,
        snapshot: Snapshot,
    ) -> None:
        """Take a decision to be looked at, if there is room."""
        if len(self._queue) >= self._room:
            with self._counting:
                self._dropped += 1
            return
        self._queue.append((question, now, given, decision, snapshot))
        if not self._awake.is_set():
            self._awake.set()

    def report(self) -> ShadowReport:
        """Give what was seen so far."""
        with self._counting:
            seen = self._differences
            copied = msgspec.structs.replace(
                seen,
                kinds=seen.kinds.copy(),
                changes=seen.changes.copy(),
                samples=list(seen.samples),
            )
            return ShadowReport(
                self.rules,
                self._since,
                copied,
                self._dropped,
                self._passed_over,
                len(self._queue),
            )

    def close(self) -> None:
        """Look at nothing more."""
        self._stopping.set()
        self._awake.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait()
            self._awake.clear()
            while self._queue and not self._stopping.is_set():
                try:
                    self._look(self._queue.popleft())
                except Exception:  # noqa: BLE001 the thread must not end while the process goes on
                    _log.exception("the shadow could not look at a decision")

    def _look(self, asked: Asked) -> None:
        question, now, given, decision, snapshot = asked
        desk = self._desk_for(snapshot)
        if desk is None:
            with self._counting:
                self._passed_over += 1
            return
        after = decided_by(desk, question, now, given)
        with self._counting:
            self._differences.compare(question, now.isoformat(), decision, after)


def decided_by(
    desk: Desk, question: bytes, now: datetime, given: EvaluationRequest | None
) -> bytes | str:
    """Give a desk's serialised Decision, or why it has none."""
    try:
        if given is None:
            return desk.decision_again(question, now, None, {})
        return desk.decision_again(question, now, given.holdings, given.counters)
    except OstiaryError as error:
        return f"{error.reason}: {error}"
