"""Everything about one request, assignment or person that its caller may see, from several calls.

What only staff may see is left out where the server does not show it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ostiary.cli.life.assignment_story import AssignmentStory
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.request_story import RequestStory
from ostiary.v1 import access_request_pb2, assignment_pb2, callout_pb2, work_pb2
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import request_service_pb2 as request_service

_MOST = 1000
_STUCK_OR_OUTSIDE = (work_pb2.WORK_STATE_WAITING, work_pb2.WORK_STATE_PARKED)


def request_answer(remote: Remote, name: str) -> request_service.GetRequestResponse:
    """Give a request with what happened to it."""
    asked = request_service.GetRequestRequest(request=name)
    return remote.call(remote.services.requests.GetRequest, asked)


def request_story(remote: Remote, told: request_service.GetRequestResponse) -> RequestStory:
    """Give the whole story of a request."""
    request = told.request
    return RequestStory(
        request,
        remote.now(),
        timeline=told.timeline,
        assignment=_assignment(remote, request),
        work=work(remote, request_service.ListWorkRequest(request=request.id)),
        callouts=_callouts(remote, request),
    )


def assignment_answer(remote: Remote, name: str) -> assignment_service.GetAssignmentResponse:
    """Give an assignment with what happened to it."""
    asked = assignment_service.GetAssignmentRequest(assignment=name)
    return remote.call(remote.services.assignments.GetAssignment, asked)


def assignment_story(
    remote: Remote, told: assignment_service.GetAssignmentResponse
) -> AssignmentStory:
    """Give the whole story of an assignment."""
    assignment = told.assignment
    asked = request_service.GetRequestRequest(request=assignment.request)
    found = remote.attempt(remote.services.requests.GetRequest, asked)
    return AssignmentStory(
        assignment,
        remote.now(),
        timeline=told.timeline,
        request=None if found is None else found.request,
        work=work(remote, request_service.ListWorkRequest(assignment=assignment.id)),
    )


def _assignment(
    remote: Remote, request: access_request_pb2.AccessRequest
) -> assignment_pb2.Assignment | None:
    if not request.assignment:
        return None
    asked = assignment_service.GetAssignmentRequest(assignment=request.assignment)
    found = remote.attempt(remote.services.assignments.GetAssignment, asked)
    return None if found is None else found.assignment


def work(remote: Remote, asked: request_service.ListWorkRequest) -> Sequence[work_pb2.WorkItem]:
    """Give the work that waits or was given up; nothing where the caller may not see it."""
    asked.states.extend(_STUCK_OR_OUTSIDE)
    asked.page_size = _MOST
    found = remote.attempt(remote.services.requests.ListWork, asked)
    return () if found is None else found.work


def _callouts(
    remote: Remote, request: access_request_pb2.AccessRequest
) -> Sequence[callout_pb2.Callout]:
    asked = request_service.ListCalloutsRequest(request=request.id, page_size=_MOST)
    found = remote.attempt(remote.services.requests.ListCallouts, asked)
    return () if found is None else found.callouts
