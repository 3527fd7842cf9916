"""RequestService over a socket: every method, idempotency, etags, pages, and who may what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2

from ostiary.client import CallError
from ostiary.domain.due import WorkState
from ostiary.lifecycle.ports import Delivered, Delivery, WorkQuery
from ostiary.rpc.loading import LoadedDesk
from ostiary.v1 import (
    access_request_pb2 as requests_pb2,
)
from ostiary.v1 import (
    callout_pb2,
    decision_pb2,
    person_pb2,
    policy_pb2,
    reason_pb2,
    work_pb2,
)
from ostiary.v1 import (
    request_service_pb2 as contract,
)
from ostiary.v1.decision_service_pb2 import Answer, RequestedSchedule
from tests.contract.living import (
    ADMIN_ADD,
    STORES,
    USER_ADD,
    Living,
    living,
    refused,
    url_of,
)

DAY = timedelta(days=1)


@pytest.fixture(params=STORES)
def alive(request: pytest.FixtureRequest, harbour: LoadedDesk, tmp_path: Path) -> Iterator[Living]:
    with living(harbour, url_of(request.param, request, tmp_path)) as made:
        yield made


# submitting


def test_a_request_is_submitted_delivered_and_told_with_its_story(alive: Living) -> None:
    """S-31, S-47, S-65, S-135: the decision, the request, and the events in order."""
    made = alive.create("ana")
    assert made.decision.outcome == decision_pb2.OUTCOME_GRANT
    assert made.decision.explanation
    assert made.request.name == f"tenants/quay/requests/{made.request.id}"
    assert (made.request.requestor, made.request.submitter) == ("ana", "ana")
    seen = alive.by("ana")
    answer = seen.call(
        seen.requests.GetRequest, contract.GetRequestRequest(request=made.request.name)
    )
    assert answer.request.state == requests_pb2.REQUEST_STATE_DELIVERED
    assert [event.display_name for event in answer.timeline][:2] == [
        "User requests access package assignment",
        "Auto approve access package assignment request",
    ]
    assert [event.sequence for event in answer.timeline] == sorted(
        event.sequence for event in answer.timeline
    )
    assert answer.request.end_time.ToDatetime(UTC) == datetime(2031, 6, 8, 10, tzinfo=UTC)


def test_a_trial_leaves_no_trace(alive: Living) -> None:
    """S-45: a denial of a trial is an answer."""
    made = alive.create("ana", "asked", validate_only=True)
    assert not made.HasField("request")
    assert made.decision.outcome == decision_pb2.OUTCOME_DENY
    assert made.decision.reasons[0].code == reason_pb2.REASON_CODE_JUSTIFICATION_REQUIRED
    made = alive.create("ana", "asked", validate_only=True, justification="a project")
    assert made.decision.outcome == decision_pb2.OUTCOME_NEEDS_APPROVAL
    assert [list(one.approvers) for one in made.decision.stages] == [["fran"], ["dana"]]
    assert not alive.world.requests()
    assert not alive.world.events()


def test_a_refused_submission_creates_nothing_and_says_why(alive: Living) -> None:
    """S-45."""
    with refused("SUBMISSION_REFUSED", "JUSTIFICATION_REQUIRED") as raised:
        alive.create("ana", "asked")
    assert raised.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert raised.value.decision is not None
    assert raised.value.decision.outcome == decision_pb2.OUTCOME_DENY
    alive.create("ana")
    with refused("SUBMISSION_REFUSED", "ALREADY_ASSIGNED"):
        alive.create("ana")
    assert len(alive.world.requests()) == 1


def test_the_same_submission_is_one_request(alive: Living) -> None:
    """S-61: the first answer; other content under the same id is refused."""
    first = alive.asked(request_id="my-1")
    assert alive.asked(request_id="my-1") == first
    with refused("REQUEST_ID_REUSED", status=grpc.StatusCode.INVALID_ARGUMENT) as raised:
        alive.request("ana", "asked", justification="another", request_id="my-1")
    assert raised.value.metadata == {"request_id": "my-1"}
    assert alive.asked("bea", request_id="my-1") != first
    assert len(alive.world.requests()) == 2


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        pytest.param({}, {"kind", "access_package"}, id="nothing"),
        pytest.param({"kind": 99, "access_package": "plain"}, {"kind"}, id="an unknown kind"),
        pytest.param(
            {"kind": ADMIN_ADD, "access_package": "plain"}, {"requestor"}, id="assigned to nobody"
        ),
        pytest.param(
            {"kind": USER_ADD, "access_package": "plain", "assignment": "a"},
            {"assignment"},
            id="new access that names an assignment",
        ),
        pytest.param(
            {"kind": requests_pb2.REQUEST_KIND_USER_REMOVE}, {"assignment"}, id="an end of nothing"
        ),
        pytest.param(
            {
                "kind": USER_ADD,
                "access_package": "plain",
                "justification": "x" * 10_001,
                "request_id": "x" * 257,
                "answers": [Answer(question="a"), Answer(question="a")],
                "external_person": requests_pb2.ExternalPerson(home=person_pb2.HomeIdentity()),
            },
            {
                "external_person.id",
                "external_person.home.sign_in",
                "justification",
                "answers[1].question",
                "request_id",
            },
            id="everything at once",
        ),
    ],
)
def test_all_that_is_wrong_with_a_submission_is_told(
    alive: Living, fields: dict[str, Any], paths: set[str]
) -> None:
    """S-25, S-139: an unknown kind is refused, and all faults are told at once."""
    services = alive.by("ana")
    with refused("INVALID_REQUEST", status=grpc.StatusCode.INVALID_ARGUMENT) as raised:
        services.call(services.requests.CreateRequest, contract.CreateRequestRequest(**fields))
    assert {one.field for one in raised.value.violations} == paths


def test_staff_assign_directly_and_administrators_past_approval(alive: Living) -> None:
    """S-66: only administrators may set bypass_approval."""
    given: dict[str, Any] = {
        "kind": ADMIN_ADD,
        "requestor_id": "ana",
        "justification": "needed",
    }
    with refused("FORBIDDEN", status=grpc.StatusCode.PERMISSION_DENIED):
        alive.create("sten", "asked", bypass_approval=True, **given)
    made = alive.create("ada", "asked", bypass_approval=True, **given)
    assert made.request.bypass_approval
    assert alive.see(made.request.id).state == requests_pb2.REQUEST_STATE_DELIVERED
    made = alive.create("sten", "plain", **given)
    assert made.request.submitter == "sten"
    with refused("FORBIDDEN"):
        alive.create("sten", "elsewhere", **given)


def test_a_manager_asks_for_a_report_and_nobody_else(alive: Living) -> None:
    """S-38, S-133: that somebody exists is not told to who is not their manager."""
    kind = requests_pb2.REQUEST_KIND_ON_BEHALF_ADD
    made = alive.create("mona", kind=kind, requestor_id="ana")
    assert (made.request.requestor, made.request.submitter) == ("ana", "mona")
    for target in ("ada", "nobody-at-all"):
        with refused("REFUSED", "NOT_MANAGER") as raised:
            alive.create("mona", kind=kind, requestor_id=target)
        assert target not in raised.value.message
    with refused("USER_NOT_FOUND"):
        alive.create("ada", kind=kind, requestor_id="nobody-at-all")


def test_a_workflow_gives_and_takes_as_the_system(alive: Living) -> None:
    """S-131: a service with a role of staff, and no person."""
    kind = requests_pb2.REQUEST_KIND_SYSTEM_ADD
    with refused("FORBIDDEN"):
        alive.create("ada", kind=kind, requestor_id="ana")
    made = alive.create("service:flows", kind=kind, requestor_id="ana")
    assert made.request.submitter == "service:flows"
    with refused("FORBIDDEN"):
        alive.create("service:pdp", kind=kind, requestor_id="bea")
    removed = alive.create(
        "service:flows", kind=requests_pb2.REQUEST_KIND_SYSTEM_REMOVE, requestor_id="ana"
    )
    assert removed.request.assignment == alive.see(made.request.id).assignment


def test_somebody_from_outside_asks_for_themselves(alive: Living) -> None:
    """S-110, S-115: matched by how they signed in; a guest follows."""
    pia = requests_pb2.ExternalPerson(
        id="pia",
        mail="pia@north.example",
        home=person_pb2.HomeIdentity(sign_in=person_pb2.SIGN_IN_TENANT, tenant_id="t-north"),
    )
    made = alive.create("pia", "partner", external_person=pia)
    assert made.request.external_person == pia
    assert alive.world.systems.guests
    with refused("FORBIDDEN"):
        alive.create("quin", "partner", external_person=pia)
    with refused("SUBMISSION_REFUSED", "NOT_IN_SCOPE"):
        pia.home.tenant_id = "t-south"
        alive.create("pia2", "partner", external_person=_renamed(pia, "pia2"))


def _renamed(person: requests_pb2.ExternalPerson, name: str) -> requests_pb2.ExternalPerson:
    made = requests_pb2.ExternalPerson()
    made.CopyFrom(person)
    made.id = name
    return made


def test_an_end_that_the_requestor_chooses(alive: Living) -> None:
    """S-58, S-59."""
    end = datetime(2031, 4, 1, tzinfo=UTC)
    made = alive.create("ana", schedule=RequestedSchedule(end_time=end))
    assert made.request.end_time.ToDatetime(UTC) == end
    with refused("SUBMISSION_REFUSED", "SCHEDULE_BEYOND_POLICY"):
        alive.create("bea", schedule=RequestedSchedule(duration=timedelta(days=91)))


# deciding


def test_stages_are_decided_one_after_another(alive: Living) -> None:
    """S-62 to S-65: who may, in which order what is wrong is told, and what is shown."""
    request = alive.asked()
    with refused("REFUSED", "SELF_APPROVAL", grpc.StatusCode.FAILED_PRECONDITION):
        alive.approve(request, "ana")
    for who in ("dana", "carl", "ada", "service:flows"):
        with refused("REFUSED", "NOT_APPROVER"):
            alive.approve(request, who)
    seen = alive.approve(request, "fran", justification="fine")
    assert seen.open_stage == 2
    assert seen.stages[0].state == requests_pb2.STAGE_STATE_APPROVED
    assert seen.stages[0].decided_by == "fran"
    assert alive.see(request, "ana").stages[0].decision_justification == "fine"
    with refused("REFUSED", "STAGE_CLOSED"):
        alive.approve(request, "fran", stage=1)
    with refused("REFUSED", "JUSTIFICATION_REQUIRED"):
        alive.approve(request, "dana")
    seen = alive.approve(request, "dana", justification="needed")
    assert seen.approve_time.ToDatetime(UTC) == alive.world.clock.now()
    assert alive.see(request).state == requests_pb2.REQUEST_STATE_DELIVERED
    with refused("REFUSED", "STAGE_CLOSED"):
        alive.deny(request, "dana", justification="no")


def test_a_denial_ends_the_request(alive: Living) -> None:
    """S-63."""
    request = alive.asked()
    seen = alive.deny(request, "fran", justification="no need")
    assert seen.state == requests_pb2.REQUEST_STATE_DENIED
    assert seen.reason.code == reason_pb2.REASON_CODE_DENIED_BY_APPROVER
    assert (seen.ended_by, seen.state_text) == ("fran", "Denied")


def test_a_decision_is_made_once_however_often_it_is_sent(alive: Living) -> None:
    """S-61, S-64: a decision sent again does not decide the next stage."""
    request = alive.asked()
    first = alive.approve(request, "fran", request_id="d-1")
    again = alive.approve(request, "fran", request_id="d-1")
    assert first.etag == again.etag
    with refused("REQUEST_ID_REUSED"):
        alive.approve(request, "fran", request_id="d-1", justification="other")
    names = alive.world.names(request=request)
    assert names.count("Approval stage completed for access package assignment request") == 1


def test_a_decision_on_what_has_changed_since_is_a_conflict(alive: Living) -> None:
    request = alive.asked()
    seen = alive.see(request)
    with refused("CONFLICT", status=grpc.StatusCode.ABORTED):
        alive.approve(request, "fran", etag="v99")
    with refused("CONFLICT"):
        alive.approve(request, "fran", etag="yesterday's")
    assert alive.see(request) == seen
    assert alive.approve(request, "fran", etag=seen.etag).open_stage == 2


def test_a_delegate_decides_in_an_approvers_place(alive: Living) -> None:
    """S-80: named by the approver alone, seen by administrators, taken back at once."""
    fran, ada = alive.by("fran"), alive.by("ada")
    name = contract.SetDelegationRequest(delegate="carl", request_id="d-1")
    with refused("FORBIDDEN"):
        fran.call(fran.requests.SetDelegation, name)
    alive.world.switch(approval_delegation=True)
    with refused("INVALID_REQUEST") as raised:
        wrong = contract.SetDelegationRequest(delegate="fran")
        wrong.start_time.FromDatetime(datetime(2031, 3, 1, tzinfo=UTC))
        fran.call(fran.requests.SetDelegation, wrong)
    assert [one.field for one in raised.value.violations] == ["delegate", "start_time"]
    with refused("FORBIDDEN"):
        ada.call(
            ada.requests.SetDelegation,
            contract.SetDelegationRequest(approver="fran", delegate="ada"),
        )
    made = fran.call(fran.requests.SetDelegation, name).delegation
    assert (made.approver, made.delegate, made.HasField("end_time")) == ("fran", "carl", False)
    assert fran.call(fran.requests.SetDelegation, name).delegation == made
    asked = contract.GetDelegationRequest(approver="fran")
    assert ada.call(ada.requests.GetDelegation, asked).delegation == made
    with refused("FORBIDDEN"):
        alive.by("carl").call(alive.by("carl").requests.GetDelegation, asked)

    request = alive.asked()
    carl = alive.by("carl")
    queue = carl.call(carl.requests.ListApprovals, contract.ListApprovalsRequest()).requests
    assert [one.id for one in queue] == [request]
    [pair] = alive.see(request, "carl").stages[0].delegates
    assert (pair.approver, pair.delegate) == ("fran", "carl")
    seen = alive.approve(request, "carl", justification="for fran")
    assert (seen.stages[0].decided_by, seen.stages[0].decided_instead_of) == ("carl", "fran")

    later = alive.asked("bea")
    ada.call(ada.requests.EndDelegation, contract.EndDelegationRequest(approver="fran"))
    with refused("REFUSED", "NOT_APPROVER"):
        alive.approve(later, "carl", justification="for fran")
    mine = contract.GetDelegationRequest()
    assert not fran.call(fran.requests.GetDelegation, mine).HasField("delegation")
    fran.call(fran.requests.EndDelegation, contract.EndDelegationRequest())


def test_whoever_has_the_link_of_a_mail_decides_by_it(alive: Living) -> None:
    """S-79: without any caller; not another user in whose hands it fell; once."""
    request = alive.asked()
    alive.world.worker.run_until_idle()
    token = next(
        one
        for one, notice in alive.world.postman.secrets
        if (notice.request, notice.to) == (request, ("fran",))
    )
    with refused("UNAUTHENTICATED"):
        alive.approve(request, "")
    with refused("INVALID_REQUEST") as raised:
        alive.approve(request, "", decision_token="x" * 257)
    assert [one.field for one in raised.value.violations] == ["decision_token"]
    for caller in ("dana", "ada", "bea"):
        with refused("REFUSED", "NOT_APPROVER"):
            alive.approve(request, caller, decision_token=token)
    for name, guess in ((request, "guess"), ("nowhere", token)):
        with refused("REFUSED", "NOT_APPROVER"):
            alive.approve(name, "", decision_token=guess)
    seen = alive.approve(request, "", decision_token=token, request_id="d-1")
    assert (seen.open_stage, seen.stages[0].decided_by) == (2, "fran")
    again = alive.approve(request, "", decision_token=token, request_id="d-1")
    assert again.stages[0] == seen.stages[0]
    with refused("REFUSED", "STAGE_CLOSED"):
        alive.deny(request, "", decision_token=token)

    later = alive.asked("bea")
    alive.world.worker.run_until_idle()
    token = alive.world.postman.secrets[-1][0]
    ended = alive.deny(later, "service:flows", decision_token=token, justification="no")
    assert (ended.state, ended.ended_by) == (requests_pb2.REQUEST_STATE_DENIED, "fran")


def test_two_approvers_at_once_make_one_decision(alive: Living) -> None:
    """S-64: of two concurrent decisions exactly one is recorded."""
    request = alive.asked()
    alive.world.go(2 * DAY)  # now carl may decide too
    results: list[str] = []
    barrier = threading.Barrier(2)

    def decide(who: str) -> None:
        services = alive.by(who)
        asked = contract.ApproveRequestRequest(request=request)
        barrier.wait()
        try:
            services.call(services.requests.ApproveRequest, asked)
            results.append("approved")
        except CallError as error:
            results.append(error.metadata["code"])

    alive.by("fran"), alive.by("carl")
    threads = [threading.Thread(target=decide, args=(who,)) for who in ("fran", "carl")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["NOT_APPROVER", "approved"]
    names = alive.world.names(request=request)
    assert names.count("Approval stage completed for access package assignment request") == 1


def test_the_queue_of_an_approver(alive: Living) -> None:
    """S-71, S-73, S-79: who joins a group finds the request; nobody finds their own."""
    request = alive.asked()
    services = alive.by("fran")
    assert _queue(alive, "fran") == [request]
    alive.approve(request, "fran")
    assert _queue(alive, "dana") == [request]
    alive.world.members("deciders", ["ana", "dana"])
    assert _queue(alive, "ana") == []
    alive.world.members("deciders", ["carl"])
    assert _queue(alive, "dana") == []
    assert _queue(alive, "carl") == [request]
    found = services.call(
        services.requests.ListApprovals, contract.ListApprovalsRequest(approver="fran")
    )
    assert not found.requests
    with refused("FORBIDDEN"):
        services.call(
            services.requests.ListApprovals, contract.ListApprovalsRequest(approver="carl")
        )
    staff = alive.by("sten")
    found = staff.call(staff.requests.ListApprovals, contract.ListApprovalsRequest(approver="carl"))
    assert [one.id for one in found.requests] == [request]
    administrator = alive.by("ada")
    with refused("USER_NOT_FOUND"):
        administrator.call(
            administrator.requests.ListApprovals, contract.ListApprovalsRequest(approver="zoe")
        )


def _queue(alive: Living, who: str) -> list[str]:
    services = alive.by(who)
    asked = contract.ListApprovalsRequest(page_size=1)
    return [
        one.id
        for page in services.pages(services.requests.ListApprovals, asked)
        for one in page.requests
    ]


# ending


def test_a_request_is_cancelled_by_its_people_only(alive: Living) -> None:
    """S-85."""
    request = alive.asked()
    with refused("FORBIDDEN"):
        _cancel(alive, "carl", request)
    seen = _cancel(alive, "ana", request, request_id="c-1")
    assert seen.state == requests_pb2.REQUEST_STATE_CANCELED
    assert _cancel(alive, "ana", request, request_id="c-1").etag == seen.etag
    with refused("REFUSED", "NOT_CANCELLABLE"):
        _cancel(alive, "ana", request)
    with refused("REFUSED", "STAGE_CLOSED"):
        alive.approve(request, "fran")
    second = alive.asked()
    with refused("CONFLICT"):
        _cancel(alive, "sten", second, etag="v99")
    assert _cancel(alive, "sten", second).ended_by == "sten"


def _cancel(alive: Living, who: str, request: str, **fields: Any) -> requests_pb2.AccessRequest:
    services = alive.by(who)
    asked = contract.CancelRequestRequest(request=request, **fields)
    return services.call(services.requests.CancelRequest, asked).request


def test_what_failed_is_tried_again_by_staff(alive: Living) -> None:
    """S-94."""
    alive.world.systems.answer(
        "app", Delivered(Delivery.FAILED, failure="RESOURCE_GONE", text="no such application")
    )
    request = alive.request("ana")
    assert alive.see(request).state == requests_pb2.REQUEST_STATE_PARTIALLY_DELIVERED
    services, asked = alive.by("sten"), contract.ReprocessRequestRequest(request=request)
    with refused("FORBIDDEN"):
        mine = alive.by("ana")
        mine.call(mine.requests.ReprocessRequest, asked)
    services.call(services.requests.ReprocessRequest, asked)
    alive.world.worker.run_until_idle()
    assert alive.see(request).state == requests_pb2.REQUEST_STATE_DELIVERED
    with refused("REFUSED", "NOT_REPROCESSABLE"):
        services.call(services.requests.ReprocessRequest, asked)


def test_the_record_of_a_request_is_deleted_and_the_assignment_stays(alive: Living) -> None:
    """S-87."""
    request = alive.request("ana")
    open_one = alive.asked("bea")
    services = alive.by("sten")
    asked = contract.DeleteRequestRequest(request=request, request_id="x-1")
    with refused("FORBIDDEN"):
        mine = alive.by("ana")
        mine.call(mine.requests.DeleteRequest, asked)
    with refused("REFUSED", "NOT_EMPTY"):
        services.call(
            services.requests.DeleteRequest, contract.DeleteRequestRequest(request=open_one)
        )
    services.call(services.requests.DeleteRequest, asked)
    services.call(services.requests.DeleteRequest, asked)
    with refused("REQUEST_NOT_FOUND", status=grpc.StatusCode.NOT_FOUND):
        alive.see(request)
    assert len(alive.world.assignments(target="ana")) == 1


# extensions


def test_a_workflow_answers_and_exactly_one_reply_counts(alive: Living) -> None:
    """S-127, S-129, S-130."""
    request = alive.request("ana", "called")
    seen = alive.see(request)
    assert seen.status == requests_pb2.REQUEST_STATUS_WAITING_FOR_CALLBACK
    assert seen.waiting_stage == callout_pb2.EXTENSION_STAGE_REQUEST_CREATED
    staff = alive.by("sten")
    listed = staff.call(
        staff.requests.ListCallouts, contract.ListCalloutsRequest(request=request)
    ).callouts
    assert [one.status for one in listed] == [callout_pb2.CALLOUT_STATUS_WAITING_FOR_CALLBACK]
    services = alive.by("service:flows")
    reply = contract.ResumeRequestRequest(
        callout=listed[0].name,
        stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED,
        detail="checked",
    )
    with refused("FORBIDDEN"):
        mine = alive.by("ana")
        mine.call(mine.requests.ResumeRequest, reply)
    wrong = contract.ResumeRequestRequest(
        callout=listed[0].id, stage=callout_pb2.EXTENSION_STAGE_REQUEST_APPROVED
    )
    with refused("INVALID_REQUEST"):
        services.call(services.requests.ResumeRequest, wrong)
    administrator = alive.by("ada")
    with refused("CALLOUT_NOT_FOUND"):
        administrator.call(
            administrator.requests.ResumeRequest,
            contract.ResumeRequestRequest(
                callout="nowhere", stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED
            ),
        )
    answered = services.call(services.requests.ResumeRequest, reply).callout
    assert answered.status == callout_pb2.CALLOUT_STATUS_CALLBACK_RECEIVED
    assert answered.detail == "checked"
    with refused("REFUSED", "NOT_WAITING"):
        services.call(services.requests.ResumeRequest, reply)
    alive.world.worker.run_until_idle()
    seen = alive.see(request)
    assert seen.state == requests_pb2.REQUEST_STATE_DELIVERED
    assert list(seen.notes) == ["checked"]


def test_a_workflow_returns_a_stage_that_must_be_approved_first(alive: Living) -> None:
    """S-82: with everything wrong with it told at once."""
    request = alive.request("ana", "called")
    staff, services = alive.by("sten"), alive.by("service:flows")
    asked = contract.ListCalloutsRequest(request=request)
    [callout] = staff.call(staff.requests.ListCallouts, asked).callouts
    reply = contract.ResumeRequestRequest(
        callout=callout.id,
        stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED,
        approval_stage=policy_pb2.ApprovalStage(
            approvers=[
                policy_pb2.Approver(kind=decision_pb2.APPROVER_KIND_USER),
                policy_pb2.Approver(kind=decision_pb2.APPROVER_KIND_MANAGER, id="x", level=3),
                policy_pb2.Approver(kind=decision_pb2.APPROVER_KIND_UNREADABLE),
            ],
            time_out=duration_pb2.Duration(seconds=-1),
        ),
    )
    with refused("INVALID_REQUEST") as raised:
        services.call(services.requests.ResumeRequest, reply)
    assert [one.field for one in raised.value.violations] == [
        "approval_stage.approvers[0].id",
        "approval_stage.approvers[1].id",
        "approval_stage.approvers[1].level",
        "approval_stage.approvers[2].kind",
        "approval_stage.time_out",
    ]
    del reply.approval_stage.approvers[:]
    reply.approval_stage.approvers.add(kind=decision_pb2.APPROVER_KIND_USER, id="fran")
    reply.approval_stage.time_out.seconds = 3 * 86_400
    with refused("INVALID_REQUEST") as raised:
        services.call(services.requests.ResumeRequest, reply)
    assert "dynamic_stage" in raised.value.message
    alive.world.switch(dynamic_stage=True)
    services.call(services.requests.ResumeRequest, reply)
    [stage] = alive.see(request).stages
    assert (list(stage.approvers), stage.added_by) == (["fran"], f"extension:{callout.extension}")
    assert stage.deny_time.ToDatetime(UTC) == alive.world.clock.instant + timedelta(days=3)
    alive.approve(request, "fran")
    assert alive.see(request).state == requests_pb2.REQUEST_STATE_DELIVERED


def test_a_workflow_denies(alive: Living) -> None:
    """S-127."""
    request = alive.request("ana", "called")
    services = alive.by("service:flows")
    listed = services.call(
        services.requests.ListCallouts, contract.ListCalloutsRequest(request=request)
    ).callouts
    services.call(
        services.requests.ResumeRequest,
        contract.ResumeRequestRequest(
            callout=listed[0].id,
            stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED,
            reply=callout_pb2.CALLOUT_REPLY_DENIED,
        ),
    )
    seen = alive.see(request)
    assert seen.state == requests_pb2.REQUEST_STATE_DENIED
    assert seen.reason.code == reason_pb2.REASON_CODE_EXT_DENIED


# lists


def _ids(alive: Living, who: str, size: int = 0, **filters: Any) -> list[str]:
    services = alive.by(who)
    asked = contract.ListRequestsRequest(filter=contract.RequestFilter(**filters), page_size=size)
    return [
        one.id
        for page in services.pages(services.requests.ListRequests, asked)
        for one in page.requests
    ]


def test_requests_are_listed_as_the_caller_may_see_them(alive: Living) -> None:
    """S-132, S-133."""
    first, second = alive.request("ana"), alive.asked("bea")
    third = alive.request("ana", "elsewhere")
    assert _ids(alive, "ada") == [third, second, first]
    assert _ids(alive, "sten") == [second, first]
    assert _ids(alive, "ana", requestor="ana") == [third, first]
    assert _ids(alive, "ana", requestor="tenants/quay/users/ana", access_package="plain") == [first]
    assert _ids(alive, "bea", submitter="bea") == [second]
    pending = [requests_pb2.REQUEST_STATE_PENDING_APPROVAL]
    assert _ids(alive, "ada", states=pending) == [second]
    assert _ids(alive, "ada", catalog="other") == [third]
    assert _ids(alive, "ada", access_package="asked", policy="two") == [second]
    assert _ids(alive, "ada", assignment=alive.see(first).assignment) == [first]
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("ana", {}),
        ("ana", {"requestor": "bea"}),
        ("bea", {"catalog": "work"}),
        ("sten", {"catalog": "other"}),
        ("service:pdp", {}),
        ("service:ana", {"requestor": "ana"}),
    ]
    for who, filters in refusals:
        with refused("FORBIDDEN"):
            _ids(alive, who, **filters)
    with refused("INVALID_REQUEST"):
        _ids(alive, "ada", policy="two")
    with refused("INVALID_REQUEST"):
        _ids(alive, "ada", states=[77])


def test_pages_are_complete_while_requests_are_made(alive: Living) -> None:
    """Everything that was there at the first page is in one page, once."""
    people = ["ada", "ana", "bea", "carl", "dana", "fran", "mona"]
    made = [alive.request(who) for who in people]
    services = alive.by("ada")
    asked = contract.ListRequestsRequest(page_size=2)
    found: list[str] = []
    late = iter(["olga", "pete", "rita", "sten"])
    for page in services.pages(services.requests.ListRequests, asked):
        found += [one.id for one in page.requests]
        alive.request(next(late))
    assert found == made[::-1]


def test_a_page_token_belongs_to_its_question(alive: Living) -> None:
    for who in ("ana", "bea"):
        alive.request(who)
    services = alive.by("ada")
    page = services.call(services.requests.ListRequests, contract.ListRequestsRequest(page_size=1))
    for asked in (
        contract.ListRequestsRequest(page_token="nonsense"),
        contract.ListRequestsRequest(page_token="ünsinn"),
        contract.ListRequestsRequest(
            filter=contract.RequestFilter(requestor="ana"), page_token=page.next_page_token
        ),
    ):
        with refused("PAGE_TOKEN_INVALID"):
            services.call(services.requests.ListRequests, asked)
    with refused("PAGE_TOKEN_INVALID"):
        services.call(
            services.requests.ListApprovals,
            contract.ListApprovalsRequest(page_token=page.next_page_token),
        )
    with refused("INVALID_REQUEST"):
        services.call(services.requests.ListRequests, contract.ListRequestsRequest(page_size=-1))


# work


def test_parked_work_is_seen_by_staff_and_tried_again(alive: Living) -> None:
    """ADR 7: what failed for good is never lost."""
    person = alive.by("ana")
    asked = contract.CreateRequestRequest(kind=USER_ADD, access_package="asked", justification="x")
    request = person.call(person.requests.CreateRequest, asked).request.id
    with alive.world.store.transaction() as tx:
        notices = [one for one in tx.work(_everything(request)) if one.outside]
        action = notices[0]
        tx.finish(action.id, WorkState.PARKED, alive.world.clock.now(), failure="poison")
    services = alive.by("ada")
    parked = [work_pb2.WORK_STATE_PARKED]
    listed = services.call(services.requests.ListWork, contract.ListWorkRequest(states=parked)).work
    assert [(one.id, one.failure) for one in listed] == [(action.id, "poison")]
    staff = alive.by("sten")
    with refused("FORBIDDEN"):
        staff.call(staff.requests.ListWork, contract.ListWorkRequest())
    mine = staff.call(staff.requests.ListWork, contract.ListWorkRequest(request=request)).work
    assert action.id in {one.id for one in mine}
    with refused("FORBIDDEN"):
        person.call(person.requests.ListWork, contract.ListWorkRequest(request=request))
    with refused("WORK_NOT_FOUND"):
        services.call(services.requests.RetryWork, contract.RetryWorkRequest(work="nothing"))
    with refused("FORBIDDEN"):
        staff.call(staff.requests.RetryWork, contract.RetryWorkRequest(work="nothing"))
    again = staff.call(
        staff.requests.RetryWork, contract.RetryWorkRequest(work=listed[0].name)
    ).work
    assert again.state == work_pb2.WORK_STATE_WAITING
    with refused("REFUSED", "NOT_REPROCESSABLE"):
        staff.call(staff.requests.RetryWork, contract.RetryWorkRequest(work=action.id))
    alive.world.worker.run_until_idle()
    assert alive.world.names(request=request)[-1].startswith("Update")
    done = [work_pb2.WORK_STATE_DONE]
    listed = staff.call(
        staff.requests.ListWork, contract.ListWorkRequest(request=request, states=done)
    ).work
    assert action.id in {one.id for one in listed}


def _everything(request: str) -> Any:
    return WorkQuery(request=request, states=frozenset({WorkState.WAITING}))


def test_all_work_is_paged(alive: Living) -> None:
    for who in ("ana", "bea", "carl"):
        alive.request(who)
    services = alive.by("ada")
    whole = services.call(services.requests.ListWork, contract.ListWorkRequest(page_size=1000))
    asked = contract.ListWorkRequest(page_size=4)
    paged = [
        one.id for page in services.pages(services.requests.ListWork, asked) for one in page.work
    ]
    assert paged == [one.id for one in whole.work]
    assert len(paged) > 8
    one = services.call(services.requests.ListWork, contract.ListWorkRequest(subject="ana"))
    assert {item.case for item in one.work} == {"user:ana"}


# nobody, and what is not there


def test_nobody_is_told_nothing(alive: Living) -> None:
    with refused("UNAUTHENTICATED", status=grpc.StatusCode.UNAUTHENTICATED):
        alive.see("r1", "")
    with refused("UNAUTHENTICATED"):
        alive.see("r1", "group:team")


def test_that_a_request_exists_is_told_to_nobody_without_a_part_in_it(alive: Living) -> None:
    """S-133: the same answer, whether or not it exists."""
    request = alive.asked()
    for who in ("carl", "bea", "rita", "service:pdp"):
        told = []
        for name in (request, "nothing"):
            with refused("FORBIDDEN") as raised:
                alive.see(name, who)
            told.append(raised.value.message)
        assert told[0] == told[1]
        told = []
        for name in (request, "nothing"):
            with refused("REFUSED", "NOT_APPROVER") as raised:
                alive.approve(name, who)
            told.append(raised.value.message)
    with refused("REQUEST_NOT_FOUND") as raised:
        alive.see("nothing")
    assert raised.value.metadata == {"request": "nothing"}
    with refused("REQUEST_NOT_FOUND"):
        alive.approve("nothing", "ada")
    with refused("ACCESS_PACKAGE_NOT_FOUND"):
        alive.create("ana", "nothing")
    with refused("FORBIDDEN"):
        alive.create("sten", "nothing", kind=ADMIN_ADD, requestor_id="ana")
    with refused("ACCESS_PACKAGE_NOT_FOUND"):
        alive.create("ada", "nothing", kind=ADMIN_ADD, requestor_id="ana")
    with refused("USER_NOT_FOUND"):
        alive.create("sten", kind=ADMIN_ADD, requestor_id="nobody")
    with refused("POLICY_NOT_FOUND"):
        alive.create("ana", policy="nothing")
