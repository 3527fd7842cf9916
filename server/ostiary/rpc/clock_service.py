"""ClockService: time as a test wants it, with everything done that becomes due on the way."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Protocol

from ostiary.domain.errors import RequestIdReusedError
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.times import duration, instant
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import clock_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["ClockService"]

_REMEMBERED = 1000  # moves whose ids are known


class Passing(Protocol):
    """Lets time pass."""

    def now(self) -> datetime:
        """Give the present instant."""

    def next_due(self) -> datetime | None:
        """Give when the next piece of work is due."""

    def pass_until(self, goal: datetime) -> int:
        """Move on to an instant, doing what is due on the way; give how much that was."""


class ClockService:
    """Answers the calls of ClockService."""

    def __init__(self, passing: Passing) -> None:
        self._passing = passing
        self._moving = threading.Lock()
        self._moves: dict[str, tuple[bytes, contract.AdvanceTimeResponse]] = {}

    def get_time(self, _: contract.GetTimeRequest, call: Call) -> contract.GetTimeResponse:  # noqa: ARG002 as all methods
        """Give the server's time."""
        passing = self._passing
        return contract.GetTimeResponse(time=passing.now(), next_due_time=passing.next_due())

    def advance_time(
        self,
        message: contract.AdvanceTimeRequest,
        call: Call,  # noqa: ARG002 as all methods
    ) -> contract.AdvanceTimeResponse:
        """Move the clock forward; moves wait for each other."""
        with self._moving:
            known = self._moves.get(message.request_id) if message.request_id else None
            content = message.SerializeToString(deterministic=True)
            if known is not None:
                if known[0] != content:
                    raise RequestIdReusedError(message.request_id)
                return known[1]
            done = self._passing.pass_until(_goal(message, self._passing.now()))
            answer = contract.AdvanceTimeResponse(
                time=self._passing.now(),
                work_done=done,
                next_due_time=self._passing.next_due(),
            )
            if message.request_id:
                self._moves[message.request_id] = (content, answer)
                while len(self._moves) > _REMEMBERED:
                    del self._moves[next(iter(self._moves))]
            return answer


def _goal(message: contract.AdvanceTimeRequest, now: datetime) -> datetime:
    violations = Violations()
    violations.text(message.request_id, "request_id", LONGEST_ID)
    goal = now
    match message.WhichOneof("target"):
        case "to_time":
            goal = instant(message.to_time, "to_time", violations) or now
            if goal < now:
                violations.add("to_time", f"lies before the server's time, {now.isoformat()}")
        case "by":
            step = duration(message.by, "by", violations) or timedelta(0)
            if step < timedelta(0):
                violations.add("by", "must not be negative")
            goal = now + step
        case _:
            violations.add("target", "is required: give `to_time` or `by`")
    violations.refuse_if_any()
    return goal
