"""Due actions in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from ostiary.adapters.store.memory_state import Changes
from ostiary.adapters.store.work import claim_order, run_order
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.lifecycle.ports import WorkQuery

_UNFINISHED = frozenset({WorkState.WAITING, WorkState.VOID})


class MemoryWork(Changes):
    """The due actions of a transaction."""

    def schedule(self, actions: Iterable[DueAction]) -> None:
        """Add actions; one whose id is there already is left as it is."""
        self._may_write()
        for one in actions:
            if one.id not in self._state.actions:
                self._change(replace(one, planned_at=one.planned_at or one.due_at))

    def waiting(self, case: str) -> Sequence[DueAction]:
        """Give the waiting actions of a case with an effect inside, in the order they run."""
        found = (self._state.actions[name] for name in self._state.waiting.get(case, ()))
        return sorted((one for one in found if not one.outside), key=run_order)

    def finish(self, action_id: str, state: WorkState, at: datetime, *, failure: str = "") -> None:
        """Put a waiting action into an end state."""
        if one := self._waiting(action_id):
            self._change(replace(one, state=state, finished_at=at, failure=failure))

    def postpone(
        self, action_id: str, due_at: datetime, *, attempts: int, failure: str = ""
    ) -> None:
        """Move a waiting action, e.g. to its next attempt; `planned_at` stays."""
        if one := self._waiting(action_id):
            self._change(replace(one, due_at=due_at, attempts=attempts, failure=failure))

    def void(self, case: str, *, request: str | None = None, assignment: str | None = None) -> None:
        """Void all waiting actions of a request or assignment; notices stay (S-48)."""
        self._may_write()
        if request is None and assignment is None:
            raise ValueError("void needs a request or an assignment")
        for name in list(self._state.waiting.get(case, ())):
            one = self._state.actions[name]
            if one.kind is not WorkKind.DELIVER_NOTICE and (
                one.request == request or one.assignment == assignment
            ):
                self._change(replace(one, state=WorkState.VOID))

    def due_cases(self, now: datetime, *, most: int) -> Sequence[str]:
        """Give cases with an action inside that is due, the earliest first, then by name."""
        found: dict[str, None] = {}
        for case in self._state.inside.due(now):
            if len(found) == most:
                break
            found[case] = None
        return list(found)

    def lease(self, now: datetime, until: datetime, *, most: int) -> Sequence[DueAction]:
        """Claim actions outside that are due; no two workers get the same one."""
        self._may_write()
        claimed = []
        for name in list(islice(self._state.outside.due(now), most)):
            one = self._state.actions[name]
            leased = replace(one, due_at=until, fence=one.fence + 1, attempts=one.attempts + 1)
            self._change(leased)
            claimed.append(leased)
        return sorted(claimed, key=claim_order)

    def complete(
        self, action: DueAction, state: WorkState, at: datetime, failure: str = ""
    ) -> bool:
        """End a leased action; False, and nothing changes, if its fence is no longer the last."""
        one = self._mine(action)
        if one is not None:
            self._change(replace(one, state=state, finished_at=at, failure=failure))
        return one is not None

    def retry(self, action: DueAction, due_at: datetime, failure: str) -> bool:
        """Give a leased action back for a later attempt; False as with `complete`."""
        one = self._mine(action)
        if one is not None:
            self._change(replace(one, due_at=due_at, failure=failure))
        return one is not None

    def next_due(self) -> datetime | None:
        """Give when the next waiting action is due."""
        firsts = (self._state.inside.first(), self._state.outside.first())
        return min((first for first in firsts if first is not None), default=None)

    def under_way(self, case: str) -> Sequence[DueAction]:
        """Give the actions of a case that were leased and did not come to an end of their own."""
        found = (self._state.actions[name] for name in self._state.under_way.get(case, ()))
        return sorted(found, key=run_order)

    def work(self, query: WorkQuery) -> Sequence[DueAction]:
        """Give due actions for people to look at."""
        found = (
            one
            for one in self._state.actions.values()
            if (query.states is None or one.state in query.states)
            and query.case in {None, one.case}
            and query.request in {None, one.request}
            and query.assignment in {None, one.assignment}
            and (query.after is None or run_order(one) > query.after)
        )
        return sorted(found, key=run_order)[: query.size]

    def action(self, action_id: str) -> DueAction | None:
        """Give one due action."""
        return self._state.actions.get(action_id)

    def unpark(self, action_id: str, due_at: datetime) -> bool:
        """Have a parked action tried again, from its first attempt; False if it is not parked."""
        self._may_write()
        one = self._state.actions.get(action_id)
        if one is None or one.state is not WorkState.PARKED:
            return False
        waits = WorkState.WAITING
        self._change(
            replace(one, state=waits, due_at=due_at, attempts=0, finished_at=None, failure="")
        )
        return True

    def _waiting(self, action_id: str) -> DueAction | None:
        self._may_write()
        one = self._state.actions.get(action_id)
        return one if one is not None and one.state is WorkState.WAITING else None

    def _mine(self, leased: DueAction) -> DueAction | None:
        one = self._waiting(leased.id)
        return one if one is not None and one.fence == leased.fence else None

    def _change(self, new: DueAction) -> None:
        self._backwards(self._replace, new.id, self._state.actions.get(new.id))
        self._replace(new.id, new)

    def _replace(self, name: str, new: DueAction | None) -> None:
        state = self._state
        old = state.actions.get(name)
        if old is not None and old.state is WorkState.WAITING:
            queue, entry = (state.outside, name) if old.outside else (state.inside, old.case)
            queue.remove(old.due_at, entry)
            del state.waiting[old.case][name]
        if old is not None:
            state.under_way[old.case].pop(name, None)
        if new is None:
            del state.actions[name]
            return
        state.actions[name] = new
        if new.state is WorkState.WAITING:
            queue, entry = (state.outside, name) if new.outside else (state.inside, new.case)
            queue.add(new.due_at, entry)
            state.waiting[new.case][name] = None
        if new.fence and new.state in _UNFINISHED:
            state.under_way[new.case][name] = None
