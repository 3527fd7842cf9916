"""Every method as every role and as nobody: what is let through is what the table says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, cast

import grpc
import pytest
from google.protobuf.message import Message

from ostiary.client import CallError
from ostiary.domain.access_request import ADDING, RequestKind
from ostiary.domain.caller import CATALOG_ROLES, Role, RoleAssignment
from ostiary.lifecycle.ports import ReviewQuery, WorkQuery
from ostiary.rpc.convert.life_words import KINDS as KIND_NUMBERS
from ostiary.rpc.cursors import resume_token
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.permissions import KINDS, TABLE, Row
from ostiary.v1 import (
    access_review_pb2,
    access_review_service_pb2,
    assignment_service_pb2,
    audit_service_pb2,
    callout_pb2,
    clock_service_pb2,
    decision_service_pb2,
    error_pb2,
    request_service_pb2,
)
from tests.contract.living import Living, living

# One caller for each role, here and in the wrong catalog; none stands in any relation to anything.
HOLDERS: dict[str, tuple[Role | None, str]] = {
    "user:x-nobody-special": (None, ""),
    "user:x-other-owner": (Role.CATALOG_OWNER, "other"),
    "user:x-other-manager": (Role.ASSIGNMENT_MANAGER, "other"),
    "service:x-plain": (None, ""),
    **{
        f"{kind}:x-{role.value}": (role, "work" if role in CATALOG_ROLES else "")
        for role in Role
        for kind in ("user", "service")
    },
}
CALLERS = ("", *HOLDERS)
_STUBS = {
    "DecisionService": "decisions",
    "RequestService": "requests",
    "AssignmentService": "assignments",
    "AccessReviewService": "reviews",
    "AuditService": "audit",
    "ClockService": "clock",
}
METHODS = [name for name in TABLE if name.removeprefix("ostiary.v1.").split("/")[0] in _STUBS]
_NO_RIGHT = {"FORBIDDEN", "NOT_APPROVER", "NOT_MANAGER"}


@pytest.fixture
def alive(harbour: LoadedDesk) -> Iterator[Living]:
    with living(harbour) as made:
        with made.world.store.transaction() as tx:
            tx.next_revision(made.world.clock.now(), actor="system")
            for holder, (role, catalog) in HOLDERS.items():
                if role is not None:
                    tx.add_role(RoleAssignment(holder, role, catalog))
        yield made


def _things(alive: Living) -> dict[str, str]:
    """The ids of one thing of each kind in the catalog `work`."""
    alive.request("ana")
    pending = alive.asked("bea")
    waiting = alive.request("carl", "called")
    over = alive.request("dana")
    alive.world.go("2031-03-15 00:00")
    with alive.world.store.reading() as tx:
        reviews = tx.reviews(ReviewQuery())
        callouts = tx.callouts(waiting)
        work = [one for one in tx.work(WorkQuery(size=1000)) if one.request == over]
    return {
        "pending": pending,
        "waiting": waiting,
        "over": over,
        "assignment": alive.see(over).assignment,
        "review": reviews[0][1].id,
        "callout": callouts[0].id,
        "work": work[0].id,
    }


_R, _A = request_service_pb2, assignment_service_pb2
_D = decision_service_pb2
_QUESTION = _D.EvaluateRequest(access_package="plain", requestor_id="mona")
_V, _L, _C = access_review_service_pb2, audit_service_pb2, clock_service_pb2
# A call of each method that somebody with the right to it could make.
SAMPLES: dict[str, Callable[[dict[str, str]], Message]] = {
    "Evaluate": lambda _: _QUESTION,
    "BatchEvaluate": lambda _: _D.BatchEvaluateRequest(requests=[_QUESTION]),
    "ListRequestable": lambda _: _D.ListRequestableRequest(requestor_id="mona"),
    "ResolveApprovers": lambda _: _D.ResolveApproversRequest(
        access_package="plain", requestor_id="mona"
    ),
    "Explain": lambda _: _D.ExplainRequest(question=_QUESTION),
    "CreateRequest": lambda _: _R.CreateRequestRequest(
        kind=KIND_NUMBERS[RequestKind.ADMIN_ADD],
        requestor_id="mona",
        access_package="plain",
        validate_only=True,
    ),
    "GetRequest": lambda ids: _R.GetRequestRequest(request=ids["pending"]),
    "ListRequests": lambda _: _R.ListRequestsRequest(filter=_R.RequestFilter(catalog="work")),
    "ListApprovals": lambda _: _R.ListApprovalsRequest(approver="fran"),
    "ApproveRequest": lambda ids: _R.ApproveRequestRequest(request=ids["pending"]),
    "DenyRequest": lambda ids: _R.DenyRequestRequest(request=ids["pending"]),
    "CancelRequest": lambda ids: _R.CancelRequestRequest(request=ids["pending"]),
    "ReprocessRequest": lambda ids: _R.ReprocessRequestRequest(request=ids["over"]),
    # Of an open one, so that it stays for the next caller.
    "DeleteRequest": lambda ids: _R.DeleteRequestRequest(request=ids["pending"]),
    "ResumeRequest": lambda ids: _R.ResumeRequestRequest(
        callout=ids["callout"], stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED
    ),
    "ListCallouts": lambda ids: _R.ListCalloutsRequest(request=ids["waiting"]),
    "ListWork": lambda ids: _R.ListWorkRequest(request=ids["over"]),
    "RetryWork": lambda ids: _R.RetryWorkRequest(work=ids["work"]),
    "SetDelegation": lambda _: _R.SetDelegationRequest(approver="fran", delegate="mona"),
    "GetDelegation": lambda _: _R.GetDelegationRequest(approver="fran"),
    "EndDelegation": lambda _: _R.EndDelegationRequest(approver="fran"),
    "WatchRequests": lambda _: _R.WatchRequestsRequest(
        filter=_R.RequestFilter(catalog="work"), resume_token=resume_token(0)
    ),
    "GetAssignment": lambda ids: _A.GetAssignmentRequest(assignment=ids["assignment"]),
    "ListAssignments": lambda _: _A.ListAssignmentsRequest(
        filter=_A.AssignmentFilter(catalog="work")
    ),
    "AssignAccess": lambda _: _A.AssignAccessRequest(
        access_package="plain", holder_id="mona", validate_only=True
    ),
    "ExtendAssignment": lambda ids: _A.ExtendAssignmentRequest(assignment=ids["assignment"]),
    "RemoveAssignment": lambda ids: _A.RemoveAssignmentRequest(
        assignment=ids["assignment"], validate_only=True
    ),
    "ReprocessAssignment": lambda ids: _A.ReprocessAssignmentRequest(assignment=ids["assignment"]),
    "GetReview": lambda ids: _V.GetReviewRequest(access_review=ids["review"]),
    "ListReviews": lambda _: _V.ListReviewsRequest(catalog="work"),
    "ListReviewItems": lambda ids: _V.ListReviewItemsRequest(access_review=ids["review"]),
    "DecideReviewItems": lambda ids: _V.DecideReviewItemsRequest(
        access_review=ids["review"],
        decisions=[
            _V.ReviewDecision(
                assignment=ids["assignment"], verdict=access_review_pb2.REVIEW_VERDICT_KEEP
            )
        ],
    ),
    "ListAuditEvents": lambda _: _L.ListAuditEventsRequest(filter=_L.AuditFilter(catalog="work")),
    "WatchAuditEvents": lambda _: _L.WatchAuditEventsRequest(
        filter=_L.AuditFilter(catalog="work"), after_sequence=0
    ),
    "GetTime": lambda _: _C.GetTimeRequest(),
    "AdvanceTime": lambda _: _C.AdvanceTimeRequest(by={"seconds": 1}),
}


# Lists that cannot be asked for one catalog: whoever has a role anywhere sees their part of them.
_OF_ALL_CATALOGS = {"ostiary.v1.RequestService/ListApprovals"}


def _allowed(row: Row, caller: str, method: str) -> bool:
    """What the table says of a caller who stands in no relation to anything."""
    if row.anybody or (row.unnamed and not caller):
        return True
    role, catalog = HOLDERS.get(caller, (None, ""))
    if row.services_only and not caller.startswith("service:"):
        return False
    return role in row.roles and (catalog in ("", "work") or method in _OF_ALL_CATALOGS)


def _call(alive: Living, caller: str, method: str, asked: Message) -> None:
    """Make a call; of a stream, until it says something."""
    services = alive.by(caller)
    service, name = method.removeprefix("ostiary.v1.").split("/")
    stub: Any = getattr(getattr(services, _STUBS[service]), name)
    if name == "BatchEvaluate":
        [result] = services.call(stub, asked).results
        if result.error.reason == error_pb2.ERROR_REASON_FORBIDDEN:
            raise CallError(grpc.StatusCode.OK, "an item", reason="FORBIDDEN")
        return
    if not name.startswith("Watch"):
        services.call(stub, asked)
        return
    with closing(cast(Any, services.stream(stub, asked))) as stream:
        next(stream)


def _outcome(alive: Living, caller: str, method: str, asked: Message) -> str:
    """What becomes of a call: let through, no right, or nobody."""
    try:
        _call(alive, caller, method, asked)
    except CallError as error:
        if error.reason == "UNAUTHENTICATED":
            return "nobody"
        right = error.metadata.get("code", error.reason)
        return "no right" if right in _NO_RIGHT else "let through"
    return "let through"


def test_there_is_a_sample_of_every_method() -> None:
    assert {name.split("/")[1] for name in METHODS} == set(SAMPLES)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_as_every_role_and_as_nobody(alive: Living, method: str) -> None:
    """S-132, S-133."""
    ids, row = _things(alive), TABLE[method]
    sample = SAMPLES[method.split("/")[1]]
    found, want = {}, {}
    for caller in CALLERS:
        found[caller] = _outcome(alive, caller, method, sample(ids))
        no = "nobody" if not caller else "no right"
        want[caller] = "let through" if _allowed(row, caller, method) else no
    assert found == want


@pytest.mark.parametrize("kind", list(RequestKind))
def test_every_kind_of_request_as_every_role_and_as_nobody(
    alive: Living, kind: RequestKind
) -> None:
    """S-31, S-38, S-83, S-131, S-132: for somebody to whom the caller stands in no relation."""
    ids = _things(alive)
    asked = _R.CreateRequestRequest(
        kind=KIND_NUMBERS[kind],
        requestor_id="mona" if kind in ADDING else "dana",
        access_package="plain",
        assignment="" if kind in ADDING else ids["assignment"],
        validate_only=True,
    )
    method = "ostiary.v1.RequestService/CreateRequest"
    found, want = {}, {}
    for caller in CALLERS:
        found[caller] = _outcome(alive, caller, method, asked)
        no = "nobody" if not caller else "no right"
        want[caller] = "let through" if _allowed(KINDS[kind], caller, method) else no
    assert found == want


@pytest.mark.parametrize("method", [name for name in METHODS if TABLE[name].needs_caller])
def test_what_is_not_there_looks_like_what_is_not_allowed(alive: Living, method: str) -> None:
    """S-133: whoever has no right is told the same of what exists and of what does not."""
    name = method.split("/")[1]
    sample = SAMPLES[name](_things(alive))
    gone = type(sample)()
    gone.CopyFrom(sample)
    for field in ("request", "assignment", "access_review", "callout", "work"):
        if field in sample.DESCRIPTOR.fields_by_name and getattr(sample, field):
            setattr(gone, field, "nothing")
    caller = "user:x-nobody-special"
    told: list[tuple[str, str, dict[str, str]]] = []
    for asked in (sample, gone):
        try:
            _call(alive, caller, method, asked)
            told.append(("through", "", {}))
        except CallError as error:
            told.append((error.reason, error.message, error.metadata))
    assert told[0] == told[1]
    assert told[0][0] != "through"
