"""Work that is due: scheduled once, claimed by one, and never lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, and_, case, func, or_, select, tuple_, update

from ostiary.adapters.store.rows import Row, Rows
from ostiary.adapters.store.tables import PARKED, WAITING, WAITING_INSIDE, WAITING_OUTSIDE
from ostiary.adapters.store.tables import action as _actions
from ostiary.domain.due import WORK_ORDER, DueAction, WorkKind, WorkState
from ostiary.lifecycle.ports import WorkQuery

_KINDS: Mapping[str, WorkKind] = {kind.value: kind for kind in WorkKind}
_STATES: Mapping[str, WorkState] = {state.value: state for state in WorkState}
_ORDER = case(
    {kind.value: order for kind, order in WORK_ORDER.items()},
    value=_actions.c.kind,
    else_=len(WORK_ORDER),
)
_NOTICE = WorkKind.DELIVER_NOTICE.value
_UNFINISHED = _actions.c.state.in_([WorkState.WAITING.value, WorkState.VOID.value])


def run_order(one: DueAction) -> tuple[datetime, int, str]:
    """Give the order in which actions run (S-8)."""
    return one.due_at, WORK_ORDER[one.kind], one.id


def claim_order(one: DueAction) -> tuple[datetime, int, str]:
    """Give the order of a claimed batch: what was planned first comes first."""
    return one.planned_at or one.due_at, WORK_ORDER[one.kind], one.id


def _row(one: DueAction) -> Row:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "outside": one.outside,
        "due_at": one.due_at,
        "case": one.case,
        "request": one.request,
        "assignment": one.assignment,
        "stage": one.stage,
        "target": one.target,
        "rule": one.rule,
        "payload": one.payload,
        "planned_at": one.planned_at or one.due_at,
        "attempts": one.attempts,
        "fence": one.fence,
        "state": one.state.value,
        "finished_at": one.finished_at,
        "failure": one.failure,
    }


def _action(row: Any) -> DueAction:
    return DueAction(
        id=row.id,
        kind=_KINDS[row.kind],
        due_at=row.due_at,
        case=row.case,
        request=row.request,
        assignment=row.assignment,
        stage=row.stage,
        target=row.target,
        rule=row.rule,
        payload=row.payload,
        planned_at=row.planned_at,
        attempts=row.attempts,
        fence=row.fence,
        state=_STATES[row.state],
        finished_at=row.finished_at,
        failure=row.failure,
    )


class WorkRows(Rows):
    """The due actions of a transaction."""

    def schedule(self, actions: Iterable[DueAction]) -> None:
        """Add actions; one whose id is there already is left as it is."""
        if rows := [_row(one) for one in actions]:
            self._insert_new(_actions, rows)

    def waiting(self, case: str) -> Sequence[DueAction]:
        """Give the waiting actions of a case with an effect inside, in the order they run."""
        mine = select(_actions).where(_actions.c.case == case, WAITING_INSIDE)
        return sorted(map(_action, self._rows(mine)), key=run_order)

    def finish(self, action_id: str, state: WorkState, at: datetime, *, failure: str = "") -> None:
        """Put a waiting action into an end state."""
        ended = {"state": state.value, "finished_at": at, "failure": failure}
        self._write(update(_actions).where(_actions.c.id == action_id, WAITING).values(ended))

    def postpone(
        self, action_id: str, due_at: datetime, *, attempts: int, failure: str = ""
    ) -> None:
        """Move a waiting action, e.g. to its next attempt; `planned_at` stays."""
        moved = {"due_at": due_at, "attempts": attempts, "failure": failure}
        self._write(update(_actions).where(_actions.c.id == action_id, WAITING).values(moved))

    def void(self, case: str, *, request: str | None = None, assignment: str | None = None) -> None:
        """Void all waiting actions of a request or assignment; notices stay (S-48)."""
        if request is None and assignment is None:
            raise ValueError("void needs a request or an assignment")
        about = [
            column == name
            for column, name in ((_actions.c.request, request), (_actions.c.assignment, assignment))
            if name is not None
        ]
        self._write(
            update(_actions)
            .where(_actions.c.case == case, or_(*about), _actions.c.kind != _NOTICE, WAITING)
            .values(state=WorkState.VOID.value)
        )

    def due_cases(self, now: datetime, *, most: int) -> Sequence[str]:
        """Give cases with an action inside that is due, the earliest first, then by name."""
        found: dict[str, None] = {}
        place = tuple_(_actions.c.due_at, _actions.c.case)
        due = select(_actions.c.due_at, _actions.c.case).where(
            WAITING_INSIDE, _actions.c.due_at <= now
        )
        step = due.distinct().order_by(_actions.c.due_at, _actions.c.case).limit(2 * most)
        rows = self._rows(step)
        while rows:
            found.update((row.case, None) for row in rows)
            if len(found) >= most or len(rows) < 2 * most:
                break
            last = rows[-1]
            rows = self._rows(step.where(place > (last.due_at, last.case)))
        return list(found)[:most]

    def lease(self, now: datetime, until: datetime, *, most: int) -> Sequence[DueAction]:
        """Claim actions outside that are due; no two workers get the same one."""
        picked = (
            select(_actions.c.id)
            .where(WAITING_OUTSIDE, _actions.c.due_at <= now)
            .order_by(_actions.c.due_at, _actions.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("picked")
        )
        self._may_write()
        claimed = self._connection.execute(
            update(_actions)
            .where(_actions.c.id.in_(select(picked.c.id)))
            .values(due_at=until, fence=_actions.c.fence + 1, attempts=_actions.c.attempts + 1)
            .returning(_actions)
        )
        return sorted(map(_action, claimed), key=claim_order)

    def complete(
        self, action: DueAction, state: WorkState, at: datetime, failure: str = ""
    ) -> bool:
        """End a leased action; False, and nothing changes, if its fence is no longer the last."""
        return self._if_mine(action, state=state.value, finished_at=at, failure=failure)

    def retry(self, action: DueAction, due_at: datetime, failure: str) -> bool:
        """Give a leased action back for a later attempt; False as with `complete`."""
        return self._if_mine(action, due_at=due_at, failure=failure)

    def _if_mine(self, leased: DueAction, **new: object) -> bool:
        c = _actions.c
        mine = update(_actions).where(c.id == leased.id, c.fence == leased.fence, WAITING)
        return self._write(mine.values(new)) == 1

    def next_due(self) -> datetime | None:
        """Give when the next waiting action is due."""
        firsts = [
            self._connection.scalar(select(func.min(_actions.c.due_at)).where(side))
            for side in (WAITING_INSIDE, WAITING_OUTSIDE)
        ]
        return min((first for first in firsts if first is not None), default=None)

    def under_way(self, case: str) -> Sequence[DueAction]:
        """Give the actions of a case that were leased and did not come to an end of their own."""
        c = _actions.c
        mine = select(_actions).where(c.case == case, _UNFINISHED, c.fence > 0)
        return sorted(map(_action, self._rows(mine)), key=run_order)

    def work(self, query: WorkQuery) -> Sequence[DueAction]:
        """Give due actions for people to look at."""
        found: list[DueAction] = []
        for piece in _pieces(query):
            wanted = select(_actions).where(piece)
            for name in ("case", "request", "assignment"):
                if (value := getattr(query, name)) is not None:
                    wanted = wanted.where(_actions.c[name] == value)
            order = (_actions.c.due_at, _ORDER, _actions.c.id)
            if query.after is not None:
                # The first half says nothing new, but it is what an index understands.
                later = tuple_(*order) > query.after
                wanted = wanted.where(_actions.c.due_at >= query.after[0], later)
            found += map(_action, self._rows(wanted.order_by(*order).limit(query.size)))
        return sorted(found, key=run_order)[: query.size]

    def action(self, action_id: str) -> DueAction | None:
        """Give one due action."""
        row = self._first(select(_actions).where(_actions.c.id == action_id))
        return row and _action(row)

    def unpark(self, action_id: str, due_at: datetime) -> bool:
        """Have a parked action tried again, from its first attempt; False if it is not parked."""
        again = {
            "state": WorkState.WAITING.value,
            "due_at": due_at,
            "attempts": 0,
            "finished_at": None,
            "failure": "",
        }
        parked = and_(_actions.c.id == action_id, _actions.c.state == WorkState.PARKED.value)
        return self._write(update(_actions).where(parked).values(again)) == 1


def _pieces(query: WorkQuery) -> list[Any]:
    """Give conditions that an index serves each, and that together are the states wanted."""
    states = frozenset(WorkState) if query.states is None else query.states
    pieces: list[Any] = []
    for state in WorkState:
        if state not in states:
            continue
        indexed: Mapping[WorkState, list[TextClause]] = {
            WorkState.WAITING: [WAITING_INSIDE, WAITING_OUTSIDE],
            WorkState.PARKED: [PARKED],
        }
        pieces += indexed.get(state, [_actions.c.state == state.value])
    return pieces
