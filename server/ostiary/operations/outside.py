"""What becomes of calls to the systems behind us, once they have answered (S-91 to S-97).

A worker leases an action, asks `ready` whether it is still wanted, calls, and tells `finish`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from ostiary.domain.assignment import Assignment, GrantState
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.lifecycle.machines import CALLOUT, GRANT, CalloutEvent, GrantEvent
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import delivery, ending
from ostiary.operations.office import Office
from ostiary.operations.unit import Unit

DONE = frozenset({Delivery.DONE, Delivery.ALREADY})
MOST_ATTEMPTS = 50  # of calls that no window ends; then they are parked for staff
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
_PAUSE_FOR_GUEST, _LEAST_PAUSE_FOR_GUEST = timedelta(hours=1), timedelta(minutes=1)


def pause_after(attempts: int, jitter: float) -> timedelta:
    """Give the pause before the next attempt: doubled each time, up to a bound.

    `jitter` from 0 to 1 spreads what failed together.
    """
    pause = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 16), _LONGEST_PAUSE)
    spread: timedelta = pause * (0.5 + jitter / 2)
    return spread


def _pause_of(action: DueAction, answer: Delivered, jitter: float) -> timedelta:
    """Give the pause before the next attempt, at least as long as the system asked for."""
    asked = timedelta(seconds=answer.retry_after or 0.0)
    return max(pause_after(action.attempts, jitter), asked)


def finish(office: Office, action: DueAction, answer: Delivered, *, jitter: float = 0.5) -> bool:
    """Record the answer to a call; False if the lease was lost, so that another call counts."""
    with office.case(action.case) as unit:
        present = unit.tx.action(action.id)
        if present is None or present.fence != action.fence:
            return False
        if present.state is not WorkState.WAITING:
            return _too_late(unit, action, answer)
        handler = _HANDLERS[action.kind]
        return handler(unit, action, answer, jitter)


def _too_late(unit: Unit, action: DueAction, answer: Delivered) -> bool:
    """Undo what a call gave whose reason was gone by then: the end of access came first."""
    if action.kind is WorkKind.PROVISION and answer.result in DONE:
        assignment = unit.assignment(action.assignment)
        found = delivery.grant_of(assignment, action.target)
        gone = found is not None and found.state in _NOT_GIVEN
        if (
            gone
            and found is not None
            and not ending.given_by_another(unit, assignment, found.entry)
        ):
            ending.deprovision(unit, assignment, found)
    return False


# While it is being taken away, the call that does so may have come first.
_NOT_GIVEN = frozenset({GrantState.REVOKED, GrantState.REVOKING, GrantState.FAILED})


def _end(unit: Unit, action: DueAction, state: WorkState, failure: str = "") -> bool:
    return unit.tx.complete(action, state, unit.now, failure)


def _again(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    """Try again later; without an end in sight the action is parked, visible to staff."""
    if action.attempts >= MOST_ATTEMPTS:
        return _end(unit, action, WorkState.PARKED, answer.text or answer.failure)
    pause = _pause_of(action, answer, jitter)
    return unit.tx.retry(action, unit.now + pause, answer.text or answer.failure)


def _provisioned(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    assignment = unit.assignment(action.assignment)
    found = delivery.grant_of(assignment, action.target)
    if found is None or found.state not in delivery.UNSETTLED:
        return _end(unit, action, WorkState.VOID)
    if answer.result in DONE:
        if not _end(unit, action, WorkState.DONE):
            return False
        changed = delivery.with_grant(
            unit,
            assignment,
            action.target,
            state=GRANT.after(found.state, GrantEvent.GRANTED),
            attempts=found.attempts + 1,
            failure="",
            failure_text="",
            pre_existing=answer.result is Delivery.ALREADY and not found.attempts,
        )
        unit.audit(
            "Fulfill access package resource assignment",
            request=unit.maker_of(changed),
            assignment=changed,
            about=action.target,
            details={"attempts": str(found.attempts + 1), **_note(answer)},
        )
        delivery.settle(unit, changed)
        return True
    state = found.state
    if answer.result is Delivery.AWAITING_GUEST:
        state = GRANT.after(state, GrantEvent.AWAIT_GUEST)
    changed = delivery.with_grant(
        unit,
        assignment,
        action.target,
        state=state,
        attempts=found.attempts + 1,
        failure=answer.failure,
        failure_text=answer.text,
        failure_parameters=answer.parameters,
    )
    if answer.result is Delivery.FAILED:
        # A permanent failure is not tried again by itself (S-92).
        _end(unit, action, WorkState.DONE, answer.text or answer.failure)
        current = delivery.grant_of(changed, action.target) or found
        changed = delivery.fail(unit, changed, current, answer.failure, answer.text)
        delivery.settle(unit, changed)
        return True
    _note_failure(unit, changed, action, answer)
    delivery.settle(unit, changed)
    if answer.result is Delivery.AWAITING_GUEST:
        return unit.tx.retry(action, unit.now + _pause_for_guest(answer), "waits for the guest")
    # The window ends it (CLOSE_DELIVERY), not a number of attempts.
    pause = _pause_of(action, answer, jitter)
    return unit.tx.retry(action, unit.now + pause, answer.text or answer.failure)


def _pause_for_guest(answer: Delivered) -> timedelta:
    """Give when to ask again whether a guest has come: as the system said, or each hour (S-96)."""
    if answer.retry_after is None:
        return _PAUSE_FOR_GUEST
    return max(timedelta(seconds=answer.retry_after), _LEAST_PAUSE_FOR_GUEST)


def _note(answer: Delivered) -> dict[str, str]:
    """Give what staff should know of a success, e.g. that nothing outside was touched."""
    return {"note": answer.text} if answer.text else {}


def _note_failure(unit: Unit, assignment: Assignment, action: DueAction, answer: Delivered) -> None:
    """Each failure is an event with resource and cause (S-92)."""
    if answer.result is not Delivery.RETRY:
        return
    unit.audit(
        "Failed access package assignment request",
        request=unit.maker_of(assignment),
        assignment=assignment,
        reason=answer.failure,
        about=action.target,
        details={
            "error": f"Provisioning failed: {answer.text or 'no answer'}",
            "attempt": str(action.attempts),
            "permanent": "no",
        },
    )


def _deprovisioned(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    assignment = unit.assignment(action.assignment)
    found = delivery.grant_of(assignment, action.target)
    if answer.result not in DONE and answer.failure != "RESOURCE_GONE":
        if answer.result is Delivery.FAILED:
            return _park_removal(unit, action, assignment, answer)
        return _again(unit, action, answer, jitter)
    if not _end(unit, action, WorkState.DONE):
        return False
    if found is None:
        return True
    if GRANT.allows(found.state, GrantEvent.REVOKED):
        state = GRANT.after(found.state, GrantEvent.REVOKED)
        assignment = delivery.with_grant(unit, assignment, action.target, state=state)
        unit.audit(
            "Remove access package resource assignment",
            request=unit.tx.request(action.request),
            assignment=assignment,
            about=action.target,
            details=_note(answer),
        )
        ending.settle(unit, assignment, ending.removal_of(unit, assignment))
    _give_back(unit, assignment, action.target)
    return True


def _give_back(unit: Unit, assignment: Assignment, key: str) -> None:
    """Give a right again that a newer assignment was given while it was being taken away."""
    found = delivery.grant_of(assignment, key)
    if found is None:
        return
    right = delivery.right_of(found.entry)
    for other in unit.current(assignment.target):
        for one in other.grants:
            granted = one.state is GrantState.GRANTED
            if other.id != assignment.id and granted and delivery.right_of(one.entry) == right:
                delivery.provision(unit, unit.assignment(other.id), one.entry)


def _park_removal(unit: Unit, action: DueAction, assignment: Assignment, answer: Delivered) -> bool:
    """Keep a removal that failed for good in sight of staff: the right may still be there."""
    found = delivery.grant_of(assignment, action.target)
    if found is not None and GRANT.allows(found.state, GrantEvent.REVOKE_FAILED):
        changed = delivery.with_grant(
            unit,
            assignment,
            action.target,
            state=GRANT.after(found.state, GrantEvent.REVOKE_FAILED),
            failure=answer.failure,
            failure_text=answer.text,
        )
        unit.audit(
            "Failed access package assignment request",
            request=unit.tx.request(action.request),
            assignment=changed,
            reason=answer.failure,
            about=action.target,
            details={"error": f"Removal failed: {answer.text or answer.failure}"},
        )
    return _end(unit, action, WorkState.PARKED, answer.text or answer.failure)


def _guest_made(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    assignment = unit.assignment(action.assignment)
    if answer.result in DONE:
        if not _end(unit, action, WorkState.DONE):
            return False
        for one in assignment.grants:
            if assignment.current and one.state in delivery.UNSETTLED:
                delivery.provision(unit, assignment, one.entry, rule=action.rule)
        return True
    if answer.result is not Delivery.FAILED:
        return _again(unit, action, answer, jitter)
    _end(unit, action, WorkState.DONE, answer.text or answer.failure)
    for one in assignment.grants:
        if one.state in delivery.UNSETTLED:
            text = f"the guest could not be made: {answer.text or answer.failure}"
            assignment = delivery.fail(unit, assignment, one, answer.failure, text)
    delivery.settle(unit, assignment)
    return True


def _guest_set(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    what = json.loads(action.payload)["what"]
    if answer.result in DONE:
        unit.audit(
            "Update access package assignment request",
            assignment=unit.assignment(action.assignment),
            details={"guest": "blocked" if what == "block" else "deleted"},
        )
        return _end(unit, action, WorkState.DONE)
    if answer.result is Delivery.FAILED:
        return _end(unit, action, WorkState.PARKED, answer.text or answer.failure)
    return _again(unit, action, answer, jitter)


def _called(unit: Unit, action: DueAction, answer: Delivered, jitter: float) -> bool:
    callout = unit.tx.callout(action.target)
    if callout is None:
        return _end(unit, action, WorkState.VOID)
    if answer.result in DONE:
        if callout.status is CalloutStatus.QUEUED:
            event = CalloutEvent.SENT if callout.deadline is None else CalloutEvent.WAIT
            unit.change(callout, status=CALLOUT.after(callout.status, event))
        return _end(unit, action, WorkState.DONE)
    if answer.result is Delivery.RETRY and _time_is_left(unit, callout, action):
        return _again(unit, action, answer, jitter)
    if CALLOUT.allows(callout.status, CalloutEvent.FAIL):
        failed: Callout = unit.change(
            callout,
            status=CALLOUT.after(callout.status, CalloutEvent.FAIL),
            failure=answer.text or answer.failure,
        )
        unit.audit(
            "Execute custom extension",
            request=unit.tx.request(failed.request),
            about=failed.extension,
            details={"status": failed.status.value, "error": failed.failure},
        )
    return _end(unit, action, WorkState.DONE, answer.text or answer.failure)


_CALL_ATTEMPTS = 8


def _time_is_left(unit: Unit, callout: Callout, action: DueAction) -> bool:
    if callout.deadline is not None:
        return unit.now < callout.deadline
    return action.attempts < _CALL_ATTEMPTS


def finish_notices(
    office: Office, told: Sequence[tuple[DueAction, Delivered]], jitter: Callable[[], float]
) -> None:
    """Record what became of notices, in one transaction: a notice belongs to no case.

    One that a worker delivered and could not record is delivered again under the same key.
    """
    now = office.now()
    with office.store.transaction() as tx:
        for action, answer in told:
            failure = answer.text or answer.failure
            if answer.result in DONE:
                tx.complete(action, WorkState.DONE, now, answer.text)
            elif answer.result is Delivery.FAILED or action.attempts >= MOST_ATTEMPTS:
                tx.complete(action, WorkState.PARKED, now, failure)
            else:
                tx.retry(action, now + _pause_of(action, answer, jitter()), failure)


_HANDLERS = {
    WorkKind.PROVISION: _provisioned,
    WorkKind.DEPROVISION: _deprovisioned,
    WorkKind.MAKE_GUEST: _guest_made,
    WorkKind.SET_GUEST_STATE: _guest_set,
    WorkKind.CALL_OUT: _called,
}
