"""Lists of requests, approvals, assignments and reviews, as the options narrow them down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from ostiary.cli.life import spelling, tables
from ostiary.cli.life.queue import show_queue
from ostiary.cli.life.remote import Remote
from ostiary.cli.terminal import console
from ostiary.v1 import access_request_pb2, access_review_pb2, assignment_pb2
from ostiary.v1 import access_review_service_pb2 as review_service
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import request_service_pb2 as request_service

Fields = Mapping[str, str | None]

_ONLY_STAFF = "only staff see everybody's; --mine lists what is yours"


def fill(message: Message, fields: Mapping[str, Any]) -> None:
    """Set the fields that something was said about."""
    for name, value in fields.items():
        if value is not None:
            setattr(message, name, value)


def _states(kind: Any, prefix: str, words: Sequence[str]) -> Any:
    return spelling.values("--state", cast(EnumDescriptor, kind.DESCRIPTOR), prefix, words)


def requests(remote: Remote, fields: Fields, *, states: Sequence[str], most: int | None) -> None:
    """Print the requests that fit."""
    wanted = request_service.RequestFilter()
    fill(wanted, fields)
    wanted.states.extend(_states(access_request_pb2.RequestState, "REQUEST_STATE_", states))
    remote.refusals.hint("FORBIDDEN", _ONLY_STAFF)
    asked = request_service.ListRequestsRequest(filter=wanted)
    page = remote.listed(remote.services.requests.ListRequests, asked, "requests", most)
    if remote.options.as_json:
        remote.print_json(page)
    else:
        tables.show_requests(console(), page.requests)
    remote.tell_more(page, "requests")


def queue(remote: Remote, approver: str | None, *, most: int | None) -> None:
    """Print what waits for somebody's decision."""
    whose = approver or remote.me()
    asked = request_service.ListApprovalsRequest(approver=approver or "")
    page = remote.listed(remote.services.requests.ListApprovals, asked, "requests", most)
    if remote.options.as_json:
        remote.print_json(page)
    else:
        show_queue(console(), page.requests, whose, remote.now())
    remote.tell_more(page, "requests")


def assignments(remote: Remote, fields: Fields, *, states: Sequence[str], most: int | None) -> None:
    """Print the assignments that fit."""
    wanted = assignment_service.AssignmentFilter()
    fill(wanted, fields)
    wanted.states.extend(_states(assignment_pb2.AssignmentState, "ASSIGNMENT_STATE_", states))
    remote.refusals.hint("FORBIDDEN", _ONLY_STAFF)
    asked = assignment_service.ListAssignmentsRequest(filter=wanted)
    page = remote.listed(remote.services.assignments.ListAssignments, asked, "assignments", most)
    if remote.options.as_json:
        remote.print_json(page)
    else:
        tables.show_assignments(console(), page.assignments)
    remote.tell_more(page, "assignments")


def reviews(remote: Remote, fields: Fields, *, states: Sequence[str], most: int | None) -> None:
    """Print the access reviews that fit."""
    asked = review_service.ListReviewsRequest()
    fill(asked, fields)
    asked.states.extend(_states(access_review_pb2.ReviewState, "REVIEW_STATE_", states))
    remote.refusals.hint("FORBIDDEN", _ONLY_STAFF)
    page = remote.listed(remote.services.reviews.ListReviews, asked, "access_reviews", most)
    if remote.options.as_json:
        remote.print_json(page)
    else:
        tables.show_reviews(console(), page.access_reviews)
    remote.tell_more(page, "access_reviews")
