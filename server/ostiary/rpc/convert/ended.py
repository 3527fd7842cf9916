"""Why a request ended as it did, as a reason with a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.access_request import AccessRequest, RequestState, RequestStatus
from ostiary.domain.decision import Reason
from ostiary.domain.reasons import Code
from ostiary.rpc import reason_texts
from ostiary.v1 import reason_pb2

_PREFIX = "REASON_CODE_"
_CODES: Mapping[str, Code] = {code.value: code for code in Code}
_TEXTS: Mapping[str, str] = {
    "DENIED_BY_APPROVER": "an approver denied the request",
    "APPROVAL_TIMEOUT": "nobody decided the approval stage in time",
    "EXTENSION_NOT_ALLOWED": "the assignment ended, or the policy lets nobody extend it",
    "NOT_ASSIGNED": "the person does not have the access package",
    "EXT_DENIED": "a custom extension denied the request",
    "EXT_CANCELED": "a custom extension cancelled the request",
    "EXT_TIMEOUT": "a custom extension did not reply in time",
    "PACKAGE_DELETED": "the access package was deleted",
    "NOT_FOUND": "something that the request needs no longer exists",
    "RESOURCE_GONE": "the system behind a resource no longer has it",
    "INSUFFICIENT_PERMISSION": "the system behind a resource does not let Ostiary do it",
    "PROVISIONING_LATE": "the delivery takes longer than usual",
}
_STATES: Mapping[RequestState, str] = {
    RequestState.SUBMITTED: "Submitted",
    RequestState.PENDING_APPROVAL: "Pending approval",
    RequestState.SCHEDULED: "Approved, starts later",
    RequestState.DELIVERING: "Delivering",
    RequestState.DELIVERED: "Delivered",
    RequestState.PARTIALLY_DELIVERED: "Partially delivered",
    RequestState.DELIVERY_FAILED: "Undelivered",
    RequestState.DENIED: "Denied",
    RequestState.CANCELED: "Canceled",
}
_DENIED: Mapping[str, str] = {"APPROVAL_TIMEOUT": "Expired", "EXT_TIMEOUT": "Process expired"}


def reason_of(request: AccessRequest) -> reason_pb2.Reason | None:
    """Give why a request ended; None if there is nothing to say.

    A code that the contract does not know is told in words at least.
    """
    name = request.reason
    if not name:
        return None
    known = _PREFIX + name in reason_pb2.ReasonCode.DESCRIPTOR.values_by_name
    return reason_pb2.Reason(
        code=_PREFIX + name if known else None,
        text=_text(request, name),
        severity=reason_pb2.SEVERITY_ERROR,
        policy=request.terms.policy.id,
        parameters=dict(request.reason_parameters),
    )


def _text(request: AccessRequest, name: str) -> str:
    code = _CODES.get(name)
    if code is not None:
        policy = request.terms.policy.id
        return reason_texts.text(Reason(code, policy=policy, parameters=request.reason_parameters))
    return _TEXTS.get(name, name.lower().replace("_", " "))


def state_text(request: AccessRequest) -> str:
    """Give the state as people are shown it (section 9)."""
    if request.status is RequestStatus.WAITING_FOR_CALLBACK:
        return "Waiting for information before proceeding"
    if request.state is RequestState.DENIED:
        return _DENIED.get(request.reason, "Denied")
    if request.state is RequestState.SCHEDULED and request.starts_at is not None:
        return f"Approved, starts on {request.starts_at:%Y-%m-%d %H:%M} UTC"
    return _STATES[request.state]
