"""Approvers name one delegate for the approvals that are assigned to them from then on (S-80)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ostiary.domain.audit import AuditEvent, named
from ostiary.domain.delegation import Delegation
from ostiary.domain.due import user_case
from ostiary.domain.errors import ForbiddenError, InvalidRequestError
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import Unit


def set_delegation(
    office: Office,
    actor: Actor,
    delegate: str,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Delegation:
    """Name the actor's delegate in place of any before; without a start, from now on.

    What is assigned already stays with whom it was assigned to. Raises ForbiddenError where the
    profile has no delegation, InvalidRequestError with all that is wrong.
    """
    with office.case(user_case(actor.id)) as unit:
        if not unit.snapshot.profile.approval_delegation:
            raise ForbiddenError("the profile has no delegation of approvals")
        begin = unit.at if starts_at is None else starts_at
        faults = list(_faults(unit, actor, delegate, begin, ends_at))
        if faults:
            raise InvalidRequestError(faults)
        made = Delegation(approver=actor.id, delegate=delegate, starts_at=begin, ends_at=ends_at)
        before = next(unit.tx.delegations((actor.id,)), None)
        if made != before:
            unit.tx.save_delegation(made)
            word = "Create" if before is None else "Update"
            _audit(unit, f"{word} approval delegation", actor, made)
    return made


def _faults(
    unit: Unit, actor: Actor, delegate: str, begin: datetime, end: datetime | None
) -> Iterator[tuple[str, str]]:
    if delegate == actor.id:
        yield "delegate", "is the approver"
    elif not unit.enabled(delegate):
        yield "delegate", "is no user who can sign in"
    # Nothing that was assigned before is covered, so a start in the past would say nothing.
    if begin < unit.at:
        yield "start_time", "lies in the past"
    if end is not None and end <= begin:
        yield "end_time", "is not after the start"


def delegation_of(office: Office, approver: str) -> Delegation | None:
    """Give the delegation of an approver, also one that is over or still to come."""
    return office.look(lambda unit: next(unit.tx.delegations((approver,)), None))


def end_delegation(office: Office, approver: str, actor: Actor) -> bool:
    """Take a delegation back, from what is assigned too; False if there is none."""
    with office.case(user_case(approver)) as unit:
        before = next(unit.tx.delegations((approver,)), None)
        if before is None:
            return False
        unit.tx.delete_delegation(approver)
        _audit(unit, "Delete approval delegation", actor, before)
    return True


def _audit(unit: Unit, name: str, actor: Actor, one: Delegation) -> None:
    details = {"delegate": one.delegate, "start": one.starts_at.isoformat()}
    if one.ends_at is not None:
        details["end"] = one.ends_at.isoformat()
    unit.tx.record(
        AuditEvent(
            at=unit.at,
            name=named(name),
            actor=actor.id,
            target=one.approver,
            details=tuple(sorted(details.items())),
            revision=unit.snapshot.revision.tenant,
        )
    )
