"""The states of requests and assignments as the audit log alone tells them."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.audit import AuditEvent

R, A = RequestState, AssignmentState
_REQUEST = "access package assignment request"
_ASKED = frozenset(
    {
        "User requests access package assignment",
        "User requests access package assignment on behalf of another user",
        "User requests to extend access package assignment",
        "Create access package assignment user update request",
        "Administrator directly assigns user to access package",
        f"Entitlement Management creates {_REQUEST} for user",
    }
)
_REMOVED = frozenset(
    {
        "User requests to remove access package assignment",
        "Administrator directly removes user access package assignment",
        f"Entitlement Management removes {_REQUEST} for user",
    }
)
_DELIVERED = {
    f"Fulfill {_REQUEST}": (R.DELIVERED, A.DELIVERED),
    f"Partially fulfill {_REQUEST}": (R.PARTIALLY_DELIVERED, A.PARTIALLY_DELIVERED),
    f"Failed {_REQUEST}": (R.DELIVERY_FAILED, A.DELIVERY_FAILED),
}
_OPEN = frozenset({R.SUBMITTED, R.PENDING_APPROVAL, R.SCHEDULED})


class Replay:
    """Follows the log; an event that says what cannot have happened is an AssertionError."""

    def __init__(self) -> None:
        self.requests: dict[str, RequestState] = {}
        self.assignments: dict[str, AssignmentState] = {}
        self.sequence = 0

    def follow(self, events: Iterable[AuditEvent]) -> None:
        """Take the events that came after the last one."""
        for one in events:
            assert one.sequence > self.sequence
            self.sequence = one.sequence
            self._happened(one)

    def _happened(self, one: AuditEvent) -> None:
        details = dict(one.details)
        if one.name in _ASKED:
            assert one.request not in self.requests, "submitted twice"
            pending = details["status"] == "pending"
            self.requests[one.request] = R.PENDING_APPROVAL if pending else R.SUBMITTED
        elif one.name in _REMOVED:
            assert one.request not in self.requests, "submitted twice"
            self.requests[one.request] = R.DELIVERING
            self._assignment(one, A.EXPIRED)
        elif one.name in _DELIVERED and not one.object:
            self._delivered(one, *_DELIVERED[one.name], details)
        elif one.name == f"Update {_REQUEST}":
            self._again(one, details)
        elif one.name == "Execute custom extension":
            if details.get("request_status") == "pending":
                self._request(one, R.PENDING_APPROVAL, R.SUBMITTED)
        else:
            self._went_on(one)

    def _went_on(self, one: AuditEvent) -> None:
        match one.name.removesuffix(f" {_REQUEST}"):
            case "Approval stage completed for":
                assert self.requests[one.request] is R.PENDING_APPROVAL
            case "Approve" | "Auto approve":
                self._request(one, R.SUBMITTED, R.SUBMITTED, R.PENDING_APPROVAL)
            case "Deny":
                self._request(one, R.DENIED, *_OPEN)
            case "Cancel":
                self._request(one, R.CANCELED, R.DELIVERY_FAILED, *_OPEN)
            case "Schedule a future access package assignment":
                self._request(one, R.SCHEDULED, R.SUBMITTED)
            case "Extend access package assignment":
                self._request(one, R.DELIVERED, R.SUBMITTED)
            case "Ready to fulfill":
                self._request(one, R.DELIVERING, R.SUBMITTED, R.SCHEDULED)
                assert one.assignment not in self.assignments, "made twice"
                self.assignments[one.assignment] = A.DELIVERING
            case "Delete":
                del self.requests[one.request]
            case "Fulfill access package resource assignment":
                assert self.assignments[one.assignment] is A.DELIVERING
            case _:
                pass  # no state of a request or an assignment changes

    def _delivered(
        self,
        one: AuditEvent,
        request: RequestState,
        assignment: AssignmentState,
        details: dict[str, str],
    ) -> None:
        if self.assignments[one.assignment] is A.EXPIRED:
            self._request(one, request, R.DELIVERING)  # a removal whose rights are gone
            return
        if details.get("operation") != "reprocess assignment":
            self._request(one, request, R.DELIVERING)
        self._assignment(one, assignment, A.DELIVERING)

    def _again(self, one: AuditEvent, details: dict[str, str]) -> None:
        if details.get("operation") == "reprocess":
            self._request(one, R.DELIVERING, R.PARTIALLY_DELIVERED, R.DELIVERY_FAILED)
            self._assignment(one, A.DELIVERING)
        elif details.get("operation") == "reprocess assignment":
            self._assignment(one, A.DELIVERING)

    def _request(self, one: AuditEvent, after: RequestState, *before: RequestState) -> None:
        assert self.requests[one.request] in before, (one, self.requests[one.request])
        self.requests[one.request] = after

    def _assignment(
        self, one: AuditEvent, after: AssignmentState, *before: AssignmentState
    ) -> None:
        was = self.assignments[one.assignment]
        assert was in before if before else was is not A.EXPIRED, (one, was)
        self.assignments[one.assignment] = after
