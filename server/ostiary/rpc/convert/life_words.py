"""Enumerations of the life of a request, value by value; a name without partner fails."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.access_request import RequestKind, RequestState, RequestStatus
from ostiary.domain.assignment import AssignmentState, EndCause, GrantState
from ostiary.domain.callout import CalloutStatus
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.people import SignIn
from ostiary.domain.policy import ExtensionStage, NoResponse, ReviewerKind
from ostiary.domain.review import ReviewState, ReviewVerdict
from ostiary.rpc.convert.words import members, numbers
from ostiary.v1 import (
    access_request_pb2,
    access_review_pb2,
    assignment_pb2,
    callout_pb2,
    person_pb2,
    resource_pb2,
    work_pb2,
)

_request = access_request_pb2.DESCRIPTOR.enum_types_by_name
_assignment = assignment_pb2.DESCRIPTOR.enum_types_by_name
_review = access_review_pb2.DESCRIPTOR.enum_types_by_name
_callout = callout_pb2.DESCRIPTOR.enum_types_by_name
_work = work_pb2.DESCRIPTOR.enum_types_by_name
_person = person_pb2.DESCRIPTOR.enum_types_by_name
_resource = resource_pb2.DESCRIPTOR.enum_types_by_name

KINDS: Mapping[RequestKind, access_request_pb2.RequestKind] = numbers(
    _request["RequestKind"], RequestKind, "REQUEST_KIND"
)
KINDS_READ: Mapping[int, RequestKind] = members(
    _request["RequestKind"], RequestKind, "REQUEST_KIND"
)
STATES: Mapping[RequestState, access_request_pb2.RequestState] = numbers(
    _request["RequestState"], RequestState, "REQUEST_STATE"
)
STATES_READ: Mapping[int, RequestState] = members(
    _request["RequestState"], RequestState, "REQUEST_STATE"
)
STATUSES: Mapping[RequestStatus, access_request_pb2.RequestStatus] = numbers(
    _request["RequestStatus"], RequestStatus, "REQUEST_STATUS", nothing=RequestStatus.NONE
)
ASSIGNMENT_STATES: Mapping[AssignmentState, assignment_pb2.AssignmentState] = numbers(
    _assignment["AssignmentState"], AssignmentState, "ASSIGNMENT_STATE"
)
ASSIGNMENT_STATES_READ: Mapping[int, AssignmentState] = members(
    _assignment["AssignmentState"], AssignmentState, "ASSIGNMENT_STATE"
)
GRANT_STATES: Mapping[GrantState, assignment_pb2.GrantState] = numbers(
    _assignment["GrantState"], GrantState, "GRANT_STATE"
)
END_CAUSES: Mapping[EndCause, assignment_pb2.EndCause] = numbers(
    _assignment["EndCause"], EndCause, "END_CAUSE"
)
RESOURCE_KINDS: Mapping[ResourceKind, resource_pb2.ResourceKind] = numbers(
    _resource["ResourceKind"], ResourceKind, "RESOURCE_KIND"
)
REVIEW_STATES: Mapping[ReviewState, access_review_pb2.ReviewState] = numbers(
    _review["ReviewState"], ReviewState, "REVIEW_STATE"
)
REVIEW_STATES_READ: Mapping[int, ReviewState] = members(
    _review["ReviewState"], ReviewState, "REVIEW_STATE"
)
REVIEWERS: Mapping[ReviewerKind, access_review_pb2.ReviewerKind] = numbers(
    _review["ReviewerKind"], ReviewerKind, "REVIEWER_KIND"
)
NO_RESPONSES: Mapping[NoResponse, access_review_pb2.NoResponse] = numbers(
    _review["NoResponse"], NoResponse, "NO_RESPONSE"
)
VERDICTS: Mapping[ReviewVerdict, access_review_pb2.ReviewVerdict] = numbers(
    _review["ReviewVerdict"], ReviewVerdict, "REVIEW_VERDICT", nothing=ReviewVerdict.NONE
)
# What a reviewer may say; saying nothing is no decision.
VERDICTS_READ: Mapping[int, ReviewVerdict] = {
    number: verdict for verdict, number in VERDICTS.items() if verdict is not ReviewVerdict.NONE
}
REVIEW_RESULTS: Mapping[str, access_review_pb2.ReviewResult] = {
    "": access_review_pb2.REVIEW_RESULT_UNSPECIFIED,
    "kept": access_review_pb2.REVIEW_RESULT_KEPT,
    "removed": access_review_pb2.REVIEW_RESULT_REMOVED,
    "ended_before": access_review_pb2.REVIEW_RESULT_ENDED_BEFORE,
}
EXTENSION_STAGES: Mapping[ExtensionStage, callout_pb2.ExtensionStage] = numbers(
    _callout["ExtensionStage"], ExtensionStage, "EXTENSION_STAGE"
)
EXTENSION_STAGES_READ: Mapping[int, ExtensionStage] = members(
    _callout["ExtensionStage"], ExtensionStage, "EXTENSION_STAGE"
)
# The contract has the words of S-130, the domain shorter ones.
CALLOUT_STATUSES: Mapping[CalloutStatus, callout_pb2.CalloutStatus] = {
    CalloutStatus.QUEUED: callout_pb2.CALLOUT_STATUS_QUEUED,
    CalloutStatus.SENT: callout_pb2.CALLOUT_STATUS_CALLOUT_SENT,
    CalloutStatus.WAITING: callout_pb2.CALLOUT_STATUS_WAITING_FOR_CALLBACK,
    CalloutStatus.RECEIVED: callout_pb2.CALLOUT_STATUS_CALLBACK_RECEIVED,
    CalloutStatus.FAILED: callout_pb2.CALLOUT_STATUS_CALLOUT_FAILED,
    CalloutStatus.TIMED_OUT: callout_pb2.CALLOUT_STATUS_CALLBACK_TIMED_OUT,
}
REPLIES: Mapping[str, callout_pb2.CalloutReply] = {
    "": callout_pb2.CALLOUT_REPLY_UNSPECIFIED,
    "denied": callout_pb2.CALLOUT_REPLY_DENIED,
    "canceled": callout_pb2.CALLOUT_REPLY_CANCELED,
}
REPLIES_READ: Mapping[int, str] = {number: word for word, number in REPLIES.items()}
WORK_KINDS: Mapping[WorkKind, work_pb2.WorkKind] = numbers(_work["WorkKind"], WorkKind, "WORK_KIND")
WORK_STATES: Mapping[WorkState, work_pb2.WorkState] = numbers(
    _work["WorkState"], WorkState, "WORK_STATE"
)
WORK_STATES_READ: Mapping[int, WorkState] = members(_work["WorkState"], WorkState, "WORK_STATE")
SIGN_IN_NUMBERS: Mapping[SignIn, person_pb2.SignIn] = numbers(_person["SignIn"], SignIn, "SIGN_IN")
