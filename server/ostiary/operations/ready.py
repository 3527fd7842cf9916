"""Whether a leased call may be made now: still wanted, in time, and alone about its right.

INVARIANT: no two calls that give and take one right are ever under way together. Each is idempotent
by itself, but the later of two decides, and which one that is nobody knows (S-104).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ostiary.domain.access_request import Entry
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.lifecycle.machines import GRANT, GrantEvent
from ostiary.operations import delivery, ending
from ostiary.operations.office import Office
from ostiary.operations.unit import Unit

LEASE = timedelta(minutes=2)
LONGEST_CALL = timedelta(seconds=60)  # of one call outside, with all that belongs to it
_LOOK_AGAIN = timedelta(seconds=15)
_CHECKED = frozenset({WorkKind.PROVISION, WorkKind.DEPROVISION, WorkKind.SET_GUEST_STATE})
_OPPOSITE = {
    WorkKind.PROVISION: WorkKind.DEPROVISION,
    WorkKind.DEPROVISION: WorkKind.PROVISION,
}


def ready(office: Office, action: DueAction) -> bool:
    """Tell whether the holder of a lease may call; if not, the action is dealt with already.

    Raises StoreUnavailableError; the action then waits until its lease is over.
    """
    late = office.now() + LONGEST_CALL > action.due_at
    if not late and action.kind not in _CHECKED:
        return True
    with office.case(action.case) as unit:
        if not _is_ours(unit, action):
            return False
        # INVARIANT: a call is over when its lease is, or somebody else makes it at the same time.
        if unit.now + LONGEST_CALL > action.due_at:
            return _give_back(unit, action, unit.now)
        if not _is_wanted(unit, action):
            return False
        over = _others_are_over(unit, action)
        if over is not None:
            return _give_back(unit, action, min(over, unit.now + _LOOK_AGAIN))
        return True


def _is_ours(unit: Unit, action: DueAction) -> bool:
    present = unit.tx.action(action.id)
    return (
        present is not None and present.state is WorkState.WAITING and present.fence == action.fence
    )


def _give_back(unit: Unit, action: DueAction, at: datetime) -> bool:
    """Leave a call for later; that it was not made is no attempt."""
    unit.tx.postpone(action.id, at, attempts=action.attempts - 1, failure=action.failure)
    return False


def _is_wanted(unit: Unit, action: DueAction) -> bool:
    """Look again at what was true when the call was queued; void it if it is not any more."""
    if action.kind is WorkKind.DEPROVISION:
        wanted = not _is_kept(unit, action)
    elif action.kind is WorkKind.SET_GUEST_STATE:
        wanted = ending.nobody_needs(unit, unit.assignment(action.assignment).target)
    else:
        wanted = True
    if not wanted:
        # Not under way, so that nobody waits for the end of its lease.
        unit.tx.postpone(action.id, unit.now, attempts=action.attempts - 1)
        unit.void([action])
    return wanted


def _is_kept(unit: Unit, action: DueAction) -> bool:
    """Keep a right that another assignment has come to give since (S-104)."""
    assignment = unit.assignment(action.assignment)
    found = delivery.grant_of(assignment, action.target)
    # INVARIANT: a right is revoked only when no current assignment gives it.
    if found is None or not ending.given_by_another(unit, assignment, found.entry):
        return False
    if GRANT.allows(found.state, GrantEvent.KEEP):
        state = GRANT.after(found.state, GrantEvent.KEEP)
        assignment = delivery.with_grant(unit, assignment, action.target, state=state)
        ending.settle(unit, assignment, ending.removal_of(unit, assignment))
    return True


def _others_are_over(unit: Unit, action: DueAction) -> datetime | None:
    """Give when no opposite call about the right can be under way any more; None: now."""
    opposite = _OPPOSITE.get(action.kind)
    if opposite is None:
        return None
    entry = delivery.entry_of(action)
    ends = [
        end for other in _leased(unit, opposite, entry) if (end := _end_of_call(other)) > unit.now
    ]
    return max(ends, default=None)


def _leased(unit: Unit, kind: WorkKind, entry: Entry) -> Iterator[DueAction]:
    """Give the calls about a right that somebody took up and did not finish."""
    for other in unit.tx.under_way(unit.case):
        if other.kind is kind and delivery.same_right(other, entry):
            yield other


def _end_of_call(other: DueAction) -> datetime:
    """Give the end of a lease; of a call whose reason went away, it began before that."""
    if other.state is WorkState.VOID and other.finished_at is not None:
        return min(other.due_at, other.finished_at + LEASE)
    return other.due_at
