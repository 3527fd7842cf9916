"""Work that failed for good and waits for staff: tried again when they say so."""

from __future__ import annotations

from ostiary.domain.due import DueAction
from ostiary.domain.errors import ForbiddenError, RefusedError, WorkNotFoundError
from ostiary.lifecycle.ports import Transaction
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor


def catalog_of(tx: Transaction, action: DueAction) -> str:
    """Give the catalog that work belongs to; empty: none, or its records are gone."""
    assignment = tx.assignment(action.assignment) if action.assignment else None
    if assignment is not None:
        return assignment.terms.catalog
    request = tx.request(action.request) if action.request else None
    return request.terms.catalog if request is not None else ""


def retry(office: Office, work_id: str, actor: Actor) -> DueAction:
    """Have parked work tried again at once.

    Raises ForbiddenError, WorkNotFoundError, or RefusedError NOT_REPROCESSABLE.
    """
    if not actor.staff:
        raise ForbiddenError
    with office.store.reading() as tx:
        found = tx.action(work_id)
    if found is None:
        raise WorkNotFoundError(work_id)
    with office.case(found.case) as unit:
        if not unit.tx.unpark(work_id, unit.now):
            state = (unit.tx.action(work_id) or found).state.value
            text = f"work that is {state} is not waiting for staff"
            raise RefusedError("NOT_REPROCESSABLE", text, state=state)
        unit.audit(
            "Update access package assignment request",
            actor=actor.id,
            request=unit.tx.request(found.request) if found.request else None,
            assignment=unit.tx.assignment(found.assignment) if found.assignment else None,
            details={"operation": "retry", "kind": found.kind.value, "work": found.id},
        )
    with office.store.reading() as tx:
        return tx.action(work_id) or found
