"""Records of the life of a request as messages: nothing is left out, and words have partners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.message import Message
from msgspec.structs import replace

from ostiary.domain.access_request import (
    AccessRequest,
    Delegate,
    Entry,
    ExternalPerson,
    PlannedAction,
    RequestKind,
    RequestState,
    RequestStatus,
    StageDecision,
    StageRecord,
    Terms,
    Verdict,
)
from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.assignment import Assignment, AssignmentState, EndCause, Grant, GrantState
from ostiary.domain.audit import AuditEvent, Change
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.decision import Origin, Revision
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.domain.people import HomeIdentity, SignIn
from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    ExtensionStage,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.request import Answer, Schedule
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewState, ReviewVerdict
from ostiary.rpc.convert.life_words import WORK_KINDS
from ostiary.rpc.convert.records import RecordWriter, audit_event, review_item
from ostiary.rpc.record_names import ASSIGNMENTS, REQUESTS, WORK, RecordNames
from ostiary.v1 import access_request_pb2, reason_pb2, work_pb2
from tests.unit.deciding import ALL_MEMBERS, policy

AT = datetime(2031, 3, 10, 10, 5, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = RecordNames("tailwind")
WRITER = RecordWriter(NAMES)
TERMS = Terms(
    package="sales",
    package_name="Sales",
    catalog="work",
    catalog_name="Work",
    policy=policy(ALL_MEMBERS, extension_allowed=True),
    entries=(),
)
PLANNED = PlannedAction(
    ActionKind.OPEN_REVIEW,
    Anchor.REVIEW_CALENDAR,
    offset=-DAY,
    at=AT,
    not_before=AT,
    stage=1,
    target="group/Member",
    repeats=Recurrence(every=90 * DAY),
    rule="lifecycle.reviews",
)
STAGE = StageRecord(
    number=1,
    approvers=("fran", "mona"),
    origin=Origin.FALLBACK,
    alternates=("dana",),
    alternates_origin=Origin.PRIMARY,
    time_out=30 * DAY,
    escalate_after=8 * DAY,
    justification_required=True,
    people=("fran",),
    late_people=("dana",),
    opened_at=AT,
    escalates_at=AT + 8 * DAY,
    denies_at=AT + 30 * DAY,
    escalated=True,
    decision=StageDecision(Verdict.DENIED, "fran", AT + DAY, "no need", "mona"),
    delegates=(Delegate("mona", "fran"),),
    added_by="extension:check",
)
REQUEST = AccessRequest(
    id="r1",
    kind=RequestKind.ADMIN_ADD,
    state=RequestState.DENIED,
    status=RequestStatus.ACCEPTED,
    target="priya",
    submitter="sol",
    external=ExternalPerson(
        "priya",
        "priya@tailwind.example",
        HomeIdentity(SignIn.FEDERATION, "t-1", "tailwind.example", "https://idp", "x"),
    ),
    terms=TERMS,
    submitted_at=AT,
    justification="a project",
    answers=(Answer("why", ("a", "b")),),
    schedule=Schedule(start=AT, end=AT + DAY, duration=DAY),
    bypass_approval=True,
    stages=(STAGE,),
    stage=1,
    waits_for=ExtensionStage.REQUEST_CREATED.value,
    notes=("checked",),
    approved_at=AT,
    starts_at=AT,
    ends_at=AT + DAY,
    assignment="a1",
    plan=(PLANNED,),
    revision=Revision("rules", "tenant", "standard", "1"),
    completed_at=AT,
    reason="DENIED_BY_APPROVER",
    reason_parameters=(("stage", "1"),),
    ended_by="fran",
    request_id="my-1",
    version=3,
)
ENTRY = Entry("group", "Member", ResourceKind.APPLICATION, "g-1", "Sales Group")
ASSIGNMENT = Assignment(
    id="a1",
    target="priya",
    terms=TERMS,
    state=AssignmentState.EXPIRED,
    request="r1",
    created_at=AT,
    starts_at=AT,
    ends_at=AT + DAY,
    grants=(
        Grant(
            ENTRY,
            GrantState.FAILED,
            attempts=2,
            failure="LIMIT_EXCEEDED",
            failure_text="the group is full",
            failure_parameters=(("max", "50000"),),
            changed_at=AT,
        ),
    ),
    plan=(PLANNED,),
    delivered_at=AT,
    delivery_opened_at=AT,
    delivery_closed_at=AT,
    late=True,
    ended_at=AT,
    end_cause=EndCause.RULE,
    left_scope_at=AT,
    version=2,
)
ITEM = ReviewItem(
    assignment="a1",
    target="priya",
    reviewers=("fran",),
    recommendation=ReviewVerdict.KEEP,
    out_of_scope=True,
    verdict=ReviewVerdict.REMOVE,
    decided_by="fran",
    decided_at=AT,
    justification="left",
    applied="removed",
)
REVIEW = ReviewInstance(
    id="v1",
    package="sales",
    policy="p",
    catalog="work",
    settings=ReviewSettings(
        start=AT,
        recurrence=Recurrence(months=3),
        window=25 * DAY,
        reviewers=ReviewerKind.SPECIFIC,
        specific=(Approver(ApproverKind.USER, "fran"),),
    ),
    state=ReviewState.OPEN,
    opened_at=AT,
    remind_at=AT,
    closes_at=AT + 25 * DAY,
    items=(ITEM, replace(ITEM, assignment="a2", verdict=ReviewVerdict.NONE)),
    version=1,
)
CALLOUT = Callout(
    id="c1",
    extension="checks",
    url="https://checks.example",
    catalog="work",
    stage=ExtensionStage.REQUEST_CREATED,
    case="user:priya",
    target="priya",
    request="r1",
    assignment="a1",
    package="sales",
    policy="p",
    status=CalloutStatus.RECEIVED,
    created_at=AT,
    deadline=AT + DAY,
    answered_at=AT,
    state="denied",
    detail="no",
    failure="once",
)
ACTION = DueAction(
    id="r1/GRANT/group/Member",
    kind=WorkKind.PROVISION,
    due_at=AT,
    case="user:priya",
    request="r1",
    assignment="a1",
    stage=1,
    target="group/Member",
    rule="lifecycle.grant",
    payload="{}",
    planned_at=AT,
    attempts=3,
    state=WorkState.PARKED,
    finished_at=AT,
    failure="gone",
)
EVENT = AuditEvent(
    sequence=7,
    at=AT,
    name="Deny access package assignment request",
    actor="fran",
    target="priya",
    request="r1",
    assignment="a1",
    package="sales",
    policy="p",
    catalog="work",
    object="group/Member",
    reason="DENIED_BY_APPROVER",
    details=(("stage", "1"),),
    changes=(Change("end", "a", "b"),),
    revision="tenant",
)

# The oneof of a recurrence, and what one message cannot have at a time.
_LEFT_OUT = {"Recurrence.months", "Reason.evidence", "RuleReference.file", "RuleReference.line"}


def _unset(message: Message) -> Iterator[str]:
    """The fields, at any depth, that a message does not set."""
    set_fields = {field.name: value for field, value in message.ListFields()}
    for field in message.DESCRIPTOR.fields:
        path = f"{message.DESCRIPTOR.name}.{field.name}"
        if field.name not in set_fields:
            yield path
            continue
        value = set_fields[field.name]
        if field.message_type is None or field.message_type.full_name.startswith("google."):
            continue
        if field.message_type.GetOptions().map_entry:
            continue
        for one in value if field.is_repeated else (value,):
            yield from _unset(one)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(WRITER.request(REQUEST), id="request"),
        pytest.param(WRITER.assignment(ASSIGNMENT), id="assignment"),
        pytest.param(WRITER.review(REVIEW), id="review"),
        pytest.param(review_item(ITEM, REVIEW), id="review item"),
        pytest.param(WRITER.callout(CALLOUT), id="callout"),
        pytest.param(WRITER.work(ACTION), id="work"),
        pytest.param(audit_event(EVENT), id="audit event"),
    ],
)
def test_no_field_of_a_message_is_forgotten(message: Message) -> None:
    """S-31, S-90, S-134: what is recorded is told."""
    assert set(_unset(message)) - _LEFT_OUT == set()


def test_a_request_is_told_as_it_is() -> None:
    message = WRITER.request(REQUEST)
    assert message.name == "tenants/tailwind/requests/r1"
    assert message.etag == "v3"
    assert message.kind == access_request_pb2.REQUEST_KIND_ADMIN_ADD
    assert message.reason.code == reason_pb2.REASON_CODE_DENIED_BY_APPROVER
    assert dict(message.reason.parameters) == {"stage": "1"}
    assert message.stages[0].state == access_request_pb2.STAGE_STATE_DENIED
    assert message.stages[0].deny_time.ToDatetime(UTC) == AT + 30 * DAY
    assert message.plan[0].offset.ToTimedelta() == -DAY
    assert message.external_person.home.issuer == "https://idp"


def test_a_review_counts_its_decisions() -> None:
    message = WRITER.review(REVIEW)
    assert (message.item_count, message.decided_count) == (2, 1)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        pytest.param({"state": RequestState.DENIED}, "Denied", id="denied by somebody"),
        pytest.param({"reason": "APPROVAL_TIMEOUT"}, "Expired", id="nobody decided"),
        pytest.param({"reason": "EXT_TIMEOUT"}, "Process expired", id="no reply came"),
        pytest.param(
            {"state": RequestState.SUBMITTED, "status": RequestStatus.WAITING_FOR_CALLBACK},
            "Waiting for information before proceeding",
            id="waiting for a reply",
        ),
        pytest.param(
            {"state": RequestState.SCHEDULED},
            "Approved, starts on 2031-03-10 10:05 UTC",
            id="starts later",
        ),
        pytest.param({"state": RequestState.DELIVERY_FAILED}, "Undelivered", id="failed"),
    ],
)
def test_what_people_are_shown(fields: dict[str, object], text: str) -> None:
    """S-76, S-128 and the table of section 9."""
    assert WRITER.request(replace(REQUEST, **fields)).state_text == text


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        pytest.param({"opened_at": None}, access_request_pb2.STAGE_STATE_NOT_OPEN, id="not open"),
        pytest.param({}, access_request_pb2.STAGE_STATE_OPEN, id="open"),
        pytest.param(
            {"decision": StageDecision(Verdict.APPROVED, "fran", AT)},
            access_request_pb2.STAGE_STATE_APPROVED,
            id="approved",
        ),
        pytest.param(
            {"decision": StageDecision(Verdict.TIMED_OUT, "system", AT)},
            access_request_pb2.STAGE_STATE_TIMED_OUT,
            id="timed out",
        ),
    ],
)
def test_where_a_stage_stands(fields: dict[str, object], state: int) -> None:
    """S-64, S-76."""
    stage = replace(STAGE, **{"decision": None, **fields})
    pending = replace(REQUEST, state=RequestState.PENDING_APPROVAL, stages=(stage,))
    assert WRITER.request(pending).stages[0].state == state
    canceled = replace(pending, state=RequestState.CANCELED, stage=0)
    closed = access_request_pb2.STAGE_STATE_CLOSED
    want = closed if state == access_request_pb2.STAGE_STATE_OPEN else state
    assert WRITER.request(canceled).stages[0].state == want


def test_a_code_that_the_contract_does_not_know_is_told_in_words() -> None:
    message = WRITER.request(replace(REQUEST, reason="SOMETHING_NEW"))
    assert message.reason.code == reason_pb2.REASON_CODE_UNSPECIFIED
    assert message.reason.text == "something new"
    assert not WRITER.request(replace(REQUEST, reason="")).HasField("reason")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("r1", "r1", id="an id"),
        pytest.param("tenants/tailwind/requests/r1", "r1", id="a resource name"),
        pytest.param(
            "tenants/tailwind/assignments/r1", "tenants/tailwind/assignments/r1", id="another kind"
        ),
        pytest.param("tenants/other/requests/r1", "tenants/other/requests/r1", id="another tenant"),
    ],
)
def test_ids_from_names(name: str, found: str) -> None:
    assert NAMES.id_of(REQUESTS, name) == found


def test_ids_with_slashes_survive_their_names() -> None:
    assert NAMES.id_of(WORK, NAMES.name(WORK, "a/b/c")) == "a/b/c"
    assert NAMES.name(ASSIGNMENTS, "a1") == "tenants/tailwind/assignments/a1"


def test_kinds_of_work_are_numbered_in_the_order_in_which_they_run() -> None:
    """S-8: what the contract says of the numbers."""
    numbers = [WORK_KINDS[kind] for kind in WorkKind]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(work_pb2.WorkKind.values()) - 1
