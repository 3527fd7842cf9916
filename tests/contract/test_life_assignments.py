"""AssignmentService, AccessReviewService, AuditService and ClockService over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.rpc.loading import LoadedDesk
from ostiary.v1 import (
    access_request_pb2,
    access_review_pb2,
    access_review_service_pb2,
    assignment_pb2,
    assignment_service_pb2,
    audit_service_pb2,
    clock_service_pb2,
    decision_pb2,
    error_pb2,
)
from tests.contract.living import STORES, Living, living, refused, url_of

DAY = timedelta(days=1)
KEEP = access_review_pb2.REVIEW_VERDICT_KEEP
REMOVE = access_review_pb2.REVIEW_VERDICT_REMOVE


@pytest.fixture(params=STORES)
def alive(request: pytest.FixtureRequest, harbour: LoadedDesk, tmp_path: Path) -> Iterator[Living]:
    with living(harbour, url_of(request.param, request, tmp_path)) as made:
        yield made


def _held(alive: Living, who: str = "ana", package: str = "plain") -> str:
    """An assignment of somebody."""
    return alive.see(alive.request(who, package)).assignment


def _assignment(alive: Living, name: str, who: str = "ada") -> assignment_pb2.Assignment:
    services = alive.by(who)
    asked = assignment_service_pb2.GetAssignmentRequest(assignment=name)
    return services.call(services.assignments.GetAssignment, asked).assignment


# assignments


def test_an_assignment_is_told_with_its_story(alive: Living) -> None:
    """S-88, S-90, S-133."""
    name = _held(alive)
    services = alive.by("ana")
    asked = assignment_service_pb2.GetAssignmentRequest(
        assignment=f"tenants/quay/assignments/{name}"
    )
    found = services.call(services.assignments.GetAssignment, asked)
    assert found.assignment.state == assignment_pb2.ASSIGNMENT_STATE_DELIVERED
    assert [grant.role for grant in found.assignment.grants] == ["User", "Member"]
    assert found.assignment.extension_allowed
    assert "Fulfill access package resource assignment" in {
        event.display_name for event in found.timeline
    }
    told = []
    for wanted in (name, "nothing"):
        with refused("FORBIDDEN") as raised:
            _assignment(alive, wanted, "carl")
        told.append(raised.value.message)
    assert told[0] == told[1]
    with refused("ASSIGNMENT_NOT_FOUND", status=grpc.StatusCode.NOT_FOUND):
        _assignment(alive, "nothing")


def test_assignments_are_listed_as_the_caller_may_see_them(alive: Living) -> None:
    """S-132, S-133, and pages that are complete while others are made."""
    first, second = _held(alive), _held(alive, "bea")
    third = _held(alive, "ana", "elsewhere")
    assert _ids(alive, "ada", size=1) == [third, second, first]
    assert _ids(alive, "olga") == [second, first]
    assert _ids(alive, "ana", holder="ana") == [third, first]
    assert _ids(alive, "ada", access_package="plain", policy="all") == [second, first]
    delivered = [assignment_pb2.ASSIGNMENT_STATE_DELIVERED]
    assert _ids(alive, "ada", catalog="other", states=delivered) == [third]
    expired = [assignment_pb2.ASSIGNMENT_STATE_EXPIRED]
    assert _ids(alive, "ada", states=expired) == []
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("ana", {}),
        ("ana", {"holder": "bea"}),
        ("olga", {"catalog": "other"}),
    ]
    for who, filters in refusals:
        with refused("FORBIDDEN"):
            _ids(alive, who, **filters)


def _ids(alive: Living, who: str, size: int = 0, **filters: Any) -> list[str]:
    services = alive.by(who)
    asked = assignment_service_pb2.ListAssignmentsRequest(
        filter=assignment_service_pb2.AssignmentFilter(**filters), page_size=size
    )
    return [
        one.id
        for page in services.pages(services.assignments.ListAssignments, asked)
        for one in page.assignments
    ]


def test_access_is_assigned_once_after_a_trial(alive: Living) -> None:
    """S-31, S-45, S-61, S-66."""
    staff = alive.by("sten")
    asked = assignment_service_pb2.AssignAccessRequest(
        access_package="plain", holder_id="ana", request_id="a-1", validate_only=True
    )
    tried = staff.call(staff.assignments.AssignAccess, asked)
    assert tried.decision.outcome == decision_pb2.OUTCOME_GRANT
    assert not tried.HasField("request")
    asked.validate_only = False
    asked.request_id = "a-2"
    made = staff.call(staff.assignments.AssignAccess, asked).request
    assert made.kind == access_request_pb2.REQUEST_KIND_ADMIN_ADD
    assert staff.call(staff.assignments.AssignAccess, asked).request.id == made.id
    alive.world.worker.run_until_idle()
    name = alive.see(made.id).assignment
    assert _assignment(alive, name, "ana").holder == "ana"


def test_the_kind_of_an_extension_follows_from_who_calls(alive: Living) -> None:
    """S-101, S-103."""
    staff, holder, name = alive.by("sten"), alive.by("ana"), _held(alive)
    alive.world.go(30 * DAY)
    extended = holder.call(
        holder.assignments.ExtendAssignment,
        assignment_service_pb2.ExtendAssignmentRequest(assignment=name),
    )
    assert extended.request.kind == access_request_pb2.REQUEST_KIND_USER_UPDATE
    end = _assignment(alive, name).end_time.ToDatetime(UTC)
    assert end == alive.world.clock.now() + 90 * DAY
    wanted = datetime(2031, 12, 1, tzinfo=UTC)
    longer = assignment_service_pb2.ExtendAssignmentRequest(assignment=name, end_time=wanted)
    with refused("REFUSED", "SCHEDULE_BEYOND_POLICY"):
        holder.call(holder.assignments.ExtendAssignment, longer)
    set_by_staff = staff.call(staff.assignments.ExtendAssignment, longer)
    assert set_by_staff.request.kind == access_request_pb2.REQUEST_KIND_ADMIN_UPDATE
    assert _assignment(alive, name).end_time.ToDatetime(UTC) == wanted


def test_the_kind_of_a_removal_follows_from_who_calls(alive: Living) -> None:
    """S-86, S-105."""
    staff, holder, name = alive.by("sten"), alive.by("ana"), _held(alive)
    remove = assignment_service_pb2.RemoveAssignmentRequest(assignment=name)
    for who in ("bea", "carl"):
        other = alive.by(who)
        with refused("FORBIDDEN"):
            other.call(other.assignments.RemoveAssignment, remove)
    tried_removal = assignment_service_pb2.RemoveAssignmentRequest(
        assignment=name, validate_only=True
    )
    holder.call(holder.assignments.RemoveAssignment, tried_removal)
    assert _assignment(alive, name).end_cause == assignment_pb2.END_CAUSE_UNSPECIFIED
    ended = holder.call(holder.assignments.RemoveAssignment, remove).request
    assert ended.kind == access_request_pb2.REQUEST_KIND_USER_REMOVE
    alive.world.worker.run_until_idle()
    gone = _assignment(alive, name)
    assert gone.state == assignment_pb2.ASSIGNMENT_STATE_EXPIRED
    assert gone.end_cause == assignment_pb2.END_CAUSE_HOLDER
    with refused("REFUSED", "NOT_ASSIGNED"):
        staff.call(staff.assignments.RemoveAssignment, remove)
    with refused("REFUSED", "EXTENSION_NOT_ALLOWED"):
        holder.call(
            holder.assignments.ExtendAssignment,
            assignment_service_pb2.ExtendAssignmentRequest(assignment=name),
        )


def test_access_that_was_changed_outside_is_given_anew(alive: Living) -> None:
    """S-95: by staff, once, and only on what they saw."""
    name = _held(alive)
    staff = alive.by("sten")
    etag = _assignment(alive, name).etag
    asked = assignment_service_pb2.ReprocessAssignmentRequest(
        assignment=name, etag=etag, request_id="p-1"
    )
    with refused("FORBIDDEN"):
        holder = alive.by("ana")
        holder.call(holder.assignments.ReprocessAssignment, asked)
    found = staff.call(staff.assignments.ReprocessAssignment, asked).assignment
    assert found.state == assignment_pb2.ASSIGNMENT_STATE_DELIVERING
    alive.world.worker.run_until_idle()
    assert _assignment(alive, name).state == assignment_pb2.ASSIGNMENT_STATE_DELIVERED
    again = staff.call(staff.assignments.ReprocessAssignment, asked).assignment
    assert again.etag == _assignment(alive, name).etag
    asked.request_id = "p-2"
    with refused("CONFLICT"):
        staff.call(staff.assignments.ReprocessAssignment, asked)


def test_how_long_a_delivery_takes_is_told(alive: Living) -> None:
    """S-92: while it is under way, and for good once it ended, well or not."""
    name = _held(alive)
    at_once = _assignment(alive, name)
    begun = at_once.delivery_open_time
    assert (at_once.delivery_close_time, at_once.late) == (begun, False)
    services = alive.by("sten")
    asked = assignment_service_pb2.ReprocessAssignmentRequest(assignment=name)
    for grant in at_once.grants:
        busy = [Delivered(Delivery.RETRY, text="busy")] * 99
        alive.world.systems.answer(grant.target, *busy)
    alive.world.go(timedelta(minutes=10))
    again = services.call(services.assignments.ReprocessAssignment, asked).assignment
    assert again.delivery_open_time.ToDatetime() - begun.ToDatetime() == timedelta(minutes=10)
    assert not again.HasField("delivery_close_time")
    alive.world.go(timedelta(hours=2))
    assert _assignment(alive, name).late
    assert not _assignment(alive, name).HasField("delivery_close_time")
    alive.world.go(timedelta(hours=3))
    ended = _assignment(alive, name)
    took = ended.delivery_close_time.ToDatetime() - ended.delivery_open_time.ToDatetime()
    assert (took, ended.late) == (timedelta(hours=4), True)


# reviews


def _reviewed(alive: Living) -> tuple[str, list[str]]:
    """An open review of two assignments, and those."""
    names = sorted([_held(alive), _held(alive, "bea")])
    alive.world.go("2031-03-15 00:00")
    services = alive.by("rita")
    found = services.call(
        services.reviews.ListReviews,
        access_review_service_pb2.ListReviewsRequest(reviewer="rita"),
    ).access_reviews
    assert [one.item_count for one in found] == [2]
    return found[0].id, names


def _decide(
    alive: Living, who: str, review: str, *decisions: tuple[str, int], request_id: str = ""
) -> access_review_service_pb2.DecideReviewItemsResponse:
    services = alive.by(who)
    asked = access_review_service_pb2.DecideReviewItemsRequest(
        access_review=review,
        decisions=[
            access_review_service_pb2.ReviewDecision(
                assignment=name,
                verdict=verdict,  # type: ignore[arg-type]  # unknown numbers are sent on purpose
                justification="as seen",
            )
            for name, verdict in decisions
        ],
        request_id=request_id,
    )
    return services.call(services.reviews.DecideReviewItems, asked)


def test_a_reviewer_decides_and_the_close_carries_it_out(alive: Living) -> None:
    """S-119 to S-123."""
    review, (first, second) = _reviewed(alive)
    decided = _decide(alive, "rita", review, (first, KEEP), (second, KEEP))
    assert [one.item.verdict for one in decided.results] == [KEEP, KEEP]
    assert decided.access_review.decided_count == 2
    changed = _decide(alive, "rita", review, (second, REMOVE))
    assert changed.results[0].item.decided_by == "rita"
    assert changed.results[0].item.justification == "as seen"
    alive.world.go("2031-03-25 00:00")
    late = _decide(alive, "rita", review, (second, KEEP)).results[0].error
    assert late.reason == error_pb2.ERROR_REASON_REFUSED
    assert late.metadata["code"] == "STAGE_CLOSED"
    items = _items(alive, "ada", review)
    results = {item.assignment: item.result for item in items}
    assert results == {
        first: access_review_pb2.REVIEW_RESULT_KEPT,
        second: access_review_pb2.REVIEW_RESULT_REMOVED,
    }
    states = [_assignment(alive, name).state for name in (first, second)]
    assert states == [
        assignment_pb2.ASSIGNMENT_STATE_DELIVERED,
        assignment_pb2.ASSIGNMENT_STATE_EXPIRED,
    ]


def test_what_is_wrong_with_one_decision_leaves_the_others_alone(alive: Living) -> None:
    """S-120, S-121: each item has its own result."""
    review, (first, second) = _reviewed(alive)
    results = _decide(
        alive, "rita", review, (first, KEEP), ("nothing", KEEP), (second, 0), request_id="d-1"
    ).results
    assert results[0].item.verdict == KEEP
    assert results[1].error.reason == error_pb2.ERROR_REASON_ASSIGNMENT_NOT_FOUND
    assert results[2].error.reason == error_pb2.ERROR_REASON_INVALID_REQUEST
    assert results[2].error.field_violations[0].field == "decisions[2].verdict"
    again = _decide(
        alive, "rita", review, (first, KEEP), ("nothing", KEEP), (second, 0), request_id="d-1"
    )
    assert again.results[0] == results[0]
    assert len(alive.world.names(name_contains="Review access package assignment")) == 1
    with refused("INVALID_REQUEST"):
        _decide(alive, "rita", review, (first, KEEP), (first, REMOVE))
    with refused("BATCH_TOO_LARGE"):
        _decide(alive, "rita", review, *[(str(number), KEEP) for number in range(1001)])


def test_only_reviewers_decide_and_nobody_on_their_own_access(alive: Living) -> None:
    """S-120, S-133."""
    review, (first, second) = _reviewed(alive)
    own = _decide(alive, "ana", review, (first, KEEP), (second, KEEP)).results
    codes = {one.error.metadata["code"] for one in own}
    assert codes == {"SELF_APPROVAL", "NOT_APPROVER"}
    for who in ("carl", "sten", "ada"):
        for name in (review, "nothing"):
            reason = "REVIEW_NOT_FOUND" if who == "ada" and name == "nothing" else "FORBIDDEN"
            with refused(reason):
                _decide(alive, who, name, (first, KEEP))


def _items(
    alive: Living, who: str, review: str, **fields: Any
) -> list[access_review_pb2.ReviewItem]:
    services = alive.by(who)
    asked = access_review_service_pb2.ListReviewItemsRequest(
        access_review=review, page_size=1, **fields
    )
    return [
        item
        for page in services.pages(services.reviews.ListReviewItems, asked)
        for item in page.items
    ]


def test_reviews_are_seen_by_their_reviewers_and_staff(alive: Living) -> None:
    """S-132, S-133."""
    review, names = _reviewed(alive)
    for who in ("rita", "sten", "ada"):
        services = alive.by(who)
        asked = access_review_service_pb2.GetReviewRequest(access_review=review)
        found = services.call(services.reviews.GetReview, asked).access_review
        assert found.close_time.ToDatetime(UTC) == datetime(2031, 3, 25, tzinfo=UTC)
        assert [one.assignment for one in _items(alive, who, review)] == names
    assert _items(alive, "sten", review, reviewer="carl") == []
    _decide(alive, "rita", review, (names[0], KEEP))
    undecided = _items(alive, "rita", review, undecided=True)
    assert [one.assignment for one in undecided] == names[1:]
    with refused("FORBIDDEN"):
        _items(alive, "rita", review, reviewer="carl")
    with refused("FORBIDDEN"):
        _items(alive, "carl", review)
    services = alive.by("carl")
    for request in (
        access_review_service_pb2.ListReviewsRequest(),
        access_review_service_pb2.ListReviewsRequest(reviewer="rita"),
    ):
        with refused("FORBIDDEN"):
            services.call(services.reviews.ListReviews, request)
    staff = alive.by("sten")
    closed = [access_review_pb2.REVIEW_STATE_CLOSED]
    request = access_review_service_pb2.ListReviewsRequest(
        access_package="plain", policy="all", catalog="work", states=closed
    )
    assert not staff.call(staff.reviews.ListReviews, request).access_reviews


# audit


def _events(alive: Living, who: str, **fields: Any) -> list[str]:
    services = alive.by(who)
    asked = audit_service_pb2.ListAuditEventsRequest(page_size=2, **fields)
    return [
        event.display_name
        for page in services.pages(services.audit.ListAuditEvents, asked)
        for event in page.events
    ]


def test_the_audit_log_answers_what_happened(alive: Living) -> None:
    """S-97, S-134, S-135: by person, request, time and words, forwards and backwards."""
    request = alive.asked()
    alive.approve(request, "fran")
    alive.request("bea", "elsewhere")
    whole = [event.name for event in alive.world.events()]
    assert _events(alive, "ada") == whole
    assert _events(alive, "ada", newest_first=True) == whole[::-1]
    assert _events(alive, "ada", after_sequence=2) == whole[2:]
    mine = [event.name for event in alive.world.events(request=request)]
    wanted = audit_service_pb2.AuditFilter(request=request)
    assert _events(alive, "ada", filter=wanted) == mine
    by_fran = audit_service_pb2.AuditFilter(actor="fran", subject="ana")
    assert _events(alive, "ada", filter=by_fran) == [
        "Approval stage completed for access package assignment request"
    ]
    words = audit_service_pb2.AuditFilter(display_name_contains="Stage COMPLETED")
    assert len(_events(alive, "ada", filter=words)) == 1
    now = alive.world.clock.now()
    assert _events(alive, "ada", filter=audit_service_pb2.AuditFilter(until_time=now)) == []
    since = audit_service_pb2.AuditFilter(since_time=now, access_package="asked", policy="two")
    assert _events(alive, "ada", filter=since) == mine


def test_the_audit_log_is_seen_by_staff_for_their_catalogs(alive: Living) -> None:
    """S-132."""
    alive.request("ana")
    alive.request("bea", "elsewhere")
    inside = [event.name for event in alive.world.events(catalogs=frozenset({"work"}))]
    assert _events(alive, "sten") == inside
    with refused("FORBIDDEN"):
        _events(alive, "sten", filter=audit_service_pb2.AuditFilter(catalog="other"))
    for who in ("ana", "bea", "service:pdp"):
        with refused("FORBIDDEN"):
            _events(alive, who, filter=audit_service_pb2.AuditFilter(subject=who))
    with refused("INVALID_REQUEST"):
        _events(alive, "ada", after_sequence=-1)


# the clock


def test_time_passes_with_everything_done_on_the_way(alive: Living) -> None:
    """S-7, S-98: a year in a moment, each thing at its own instant."""
    request = alive.request("ana")
    services = alive.by("")
    now = services.call(services.clock.GetTime, clock_service_pb2.GetTimeRequest())
    assert now.time.ToDatetime(UTC) == alive.world.clock.now()
    assert now.next_due_time.ToDatetime(UTC) == datetime(2031, 3, 15, tzinfo=UTC)
    moved = services.call(
        services.clock.AdvanceTime,
        clock_service_pb2.AdvanceTimeRequest(by=timedelta(days=365), request_id="m-1"),
    )
    assert moved.work_done > 5
    assert moved.time.ToDatetime(UTC) == datetime(2032, 3, 9, 10, tzinfo=UTC)
    again = services.call(
        services.clock.AdvanceTime,
        clock_service_pb2.AdvanceTimeRequest(by=timedelta(days=365), request_id="m-1"),
    )
    assert again == moved
    with refused("REQUEST_ID_REUSED"):
        services.call(
            services.clock.AdvanceTime,
            clock_service_pb2.AdvanceTimeRequest(by=timedelta(days=1), request_id="m-1"),
        )
    ended = _assignment(alive, alive.see(request).assignment)
    assert ended.state == assignment_pb2.ASSIGNMENT_STATE_EXPIRED
    assert ended.ended_time.ToDatetime(UTC) == datetime(2031, 6, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        pytest.param({}, "target", id="nothing"),
        pytest.param({"by": timedelta(seconds=-1)}, "by", id="backwards"),
        pytest.param({"to_time": datetime(2031, 3, 10, 9, tzinfo=UTC)}, "to_time", id="back"),
    ],
)
def test_time_does_not_go_back(alive: Living, fields: dict[str, Any], path: str) -> None:
    services = alive.by("")
    with refused("INVALID_REQUEST") as raised:
        services.call(services.clock.AdvanceTime, clock_service_pb2.AdvanceTimeRequest(**fields))
    assert [one.field for one in raised.value.violations] == [path]
    assert alive.world.clock.now() == datetime(2031, 3, 10, 10, tzinfo=UTC)
