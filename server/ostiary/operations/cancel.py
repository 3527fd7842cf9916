"""Cancelling a request, and deleting the record of one that is over (S-85, S-87)."""

from __future__ import annotations

from ostiary.domain.access_request import AccessRequest, RequestState
from ostiary.domain.due import user_case
from ostiary.domain.errors import ForbiddenError, RefusedError
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations import progress
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import Unit


def cancel(office: Office, request_id: str, actor: Actor) -> AccessRequest:
    """Cancel a request before its delivery; staff also one whose delivery failed.

    Raises ForbiddenError, or RefusedError NOT_CANCELLABLE.
    """
    with office.case(user_case(office.target_of(request_id))) as unit:
        request = unit.request(request_id)
        if actor.id not in (request.target, request.submitter) and not actor.staff:
            raise ForbiddenError
        event = RequestEvent.CANCEL
        if request.state is RequestState.DELIVERY_FAILED and actor.staff:
            event = RequestEvent.CANCEL_BY_STAFF
        if not REQUEST.allows(request.state, event):
            text = f"a request that is {request.state.value} cannot be cancelled"
            raise RefusedError("NOT_CANCELLABLE", text, state=request.state.value)
        return progress.cancel(unit, request, event, "", by=actor.id)


def delete_record(office: Office, request_id: str, actor: Actor) -> None:
    """Delete the record of a completed request; its assignment is not touched (S-87)."""
    with office.case(user_case(office.target_of(request_id))) as unit:
        request = unit.request(request_id)
        if not actor.staff:
            raise ForbiddenError
        if request.open:
            text = "only a request that is over can be deleted"
            raise RefusedError("NOT_EMPTY", text, state=request.state.value)
        delete(unit, request, by=actor.id)


def delete(unit: Unit, request: AccessRequest, *, by: str) -> None:
    """Delete a record in its own case."""
    unit.audit("Delete access package assignment request", actor=by, request=request)
    unit.tx.delete_request(request.id)
