import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import access_request_pb2 as _access_request_pb2
from ostiary.v1 import audit_pb2 as _audit_pb2
from ostiary.v1 import callout_pb2 as _callout_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from ostiary.v1 import decision_service_pb2 as _decision_service_pb2
from ostiary.v1 import policy_pb2 as _policy_pb2
from ostiary.v1 import work_pb2 as _work_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateRequestRequest(_message.Message):
    __slots__ = ("kind", "requestor_id", "external_person", "access_package", "assignment", "policy", "justification", "answers", "schedule", "bypass_approval", "request_id", "validate_only")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_PERSON_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    BYPASS_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    kind: _access_request_pb2.RequestKind
    requestor_id: str
    external_person: _access_request_pb2.ExternalPerson
    access_package: str
    assignment: str
    policy: str
    justification: str
    answers: _containers.RepeatedCompositeFieldContainer[_decision_service_pb2.Answer]
    schedule: _decision_service_pb2.RequestedSchedule
    bypass_approval: bool
    request_id: str
    validate_only: bool
    def __init__(self, kind: _Optional[_Union[_access_request_pb2.RequestKind, str]] = ..., requestor_id: _Optional[str] = ..., external_person: _Optional[_Union[_access_request_pb2.ExternalPerson, _Mapping]] = ..., access_package: _Optional[str] = ..., assignment: _Optional[str] = ..., policy: _Optional[str] = ..., justification: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_decision_service_pb2.Answer, _Mapping]]] = ..., schedule: _Optional[_Union[_decision_service_pb2.RequestedSchedule, _Mapping]] = ..., bypass_approval: _Optional[bool] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateRequestResponse(_message.Message):
    __slots__ = ("request", "decision")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    decision: _decision_pb2.Decision
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class GetRequestRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: str
    def __init__(self, request: _Optional[str] = ...) -> None: ...

class GetRequestResponse(_message.Message):
    __slots__ = ("request", "timeline")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    timeline: _containers.RepeatedCompositeFieldContainer[_audit_pb2.AuditEvent]
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ..., timeline: _Optional[_Iterable[_Union[_audit_pb2.AuditEvent, _Mapping]]] = ...) -> None: ...

class RequestFilter(_message.Message):
    __slots__ = ("requestor", "submitter", "access_package", "policy", "catalog", "assignment", "states")
    REQUESTOR_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    requestor: str
    submitter: str
    access_package: str
    policy: str
    catalog: str
    assignment: str
    states: _containers.RepeatedScalarFieldContainer[_access_request_pb2.RequestState]
    def __init__(self, requestor: _Optional[str] = ..., submitter: _Optional[str] = ..., access_package: _Optional[str] = ..., policy: _Optional[str] = ..., catalog: _Optional[str] = ..., assignment: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_access_request_pb2.RequestState, str]]] = ...) -> None: ...

class ListRequestsRequest(_message.Message):
    __slots__ = ("filter", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: RequestFilter
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[RequestFilter, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRequestsResponse(_message.Message):
    __slots__ = ("requests", "next_page_token", "resume_token")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[_access_request_pb2.AccessRequest]
    next_page_token: str
    resume_token: str
    def __init__(self, requests: _Optional[_Iterable[_Union[_access_request_pb2.AccessRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., resume_token: _Optional[str] = ...) -> None: ...

class ListApprovalsRequest(_message.Message):
    __slots__ = ("approver", "page_size", "page_token")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    approver: str
    page_size: int
    page_token: str
    def __init__(self, approver: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListApprovalsResponse(_message.Message):
    __slots__ = ("requests", "next_page_token")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[_access_request_pb2.AccessRequest]
    next_page_token: str
    def __init__(self, requests: _Optional[_Iterable[_Union[_access_request_pb2.AccessRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ApproveRequestRequest(_message.Message):
    __slots__ = ("request", "justification", "etag", "request_id", "stage", "decision_token")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DECISION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    request: str
    justification: str
    etag: str
    request_id: str
    stage: int
    decision_token: str
    def __init__(self, request: _Optional[str] = ..., justification: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., stage: _Optional[int] = ..., decision_token: _Optional[str] = ...) -> None: ...

class ApproveRequestResponse(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ...) -> None: ...

class DenyRequestRequest(_message.Message):
    __slots__ = ("request", "justification", "etag", "request_id", "stage", "decision_token")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DECISION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    request: str
    justification: str
    etag: str
    request_id: str
    stage: int
    decision_token: str
    def __init__(self, request: _Optional[str] = ..., justification: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., stage: _Optional[int] = ..., decision_token: _Optional[str] = ...) -> None: ...

class DenyRequestResponse(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ...) -> None: ...

class CancelRequestRequest(_message.Message):
    __slots__ = ("request", "etag", "request_id")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request: str
    etag: str
    request_id: str
    def __init__(self, request: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CancelRequestResponse(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ...) -> None: ...

class ReprocessRequestRequest(_message.Message):
    __slots__ = ("request", "etag", "request_id")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request: str
    etag: str
    request_id: str
    def __init__(self, request: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReprocessRequestResponse(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ...) -> None: ...

class DeleteRequestRequest(_message.Message):
    __slots__ = ("request", "etag", "request_id")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request: str
    etag: str
    request_id: str
    def __init__(self, request: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteRequestResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResumeRequestRequest(_message.Message):
    __slots__ = ("callout", "stage", "reply", "detail", "request_id", "approval_stage")
    CALLOUT_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_STAGE_FIELD_NUMBER: _ClassVar[int]
    callout: str
    stage: _callout_pb2.ExtensionStage
    reply: _callout_pb2.CalloutReply
    detail: str
    request_id: str
    approval_stage: _policy_pb2.ApprovalStage
    def __init__(self, callout: _Optional[str] = ..., stage: _Optional[_Union[_callout_pb2.ExtensionStage, str]] = ..., reply: _Optional[_Union[_callout_pb2.CalloutReply, str]] = ..., detail: _Optional[str] = ..., request_id: _Optional[str] = ..., approval_stage: _Optional[_Union[_policy_pb2.ApprovalStage, _Mapping]] = ...) -> None: ...

class ResumeRequestResponse(_message.Message):
    __slots__ = ("callout",)
    CALLOUT_FIELD_NUMBER: _ClassVar[int]
    callout: _callout_pb2.Callout
    def __init__(self, callout: _Optional[_Union[_callout_pb2.Callout, _Mapping]] = ...) -> None: ...

class ListCalloutsRequest(_message.Message):
    __slots__ = ("request", "page_size", "page_token")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    request: str
    page_size: int
    page_token: str
    def __init__(self, request: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCalloutsResponse(_message.Message):
    __slots__ = ("callouts", "next_page_token")
    CALLOUTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    callouts: _containers.RepeatedCompositeFieldContainer[_callout_pb2.Callout]
    next_page_token: str
    def __init__(self, callouts: _Optional[_Iterable[_Union[_callout_pb2.Callout, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListWorkRequest(_message.Message):
    __slots__ = ("states", "subject", "request", "assignment", "page_size", "page_token")
    STATES_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_work_pb2.WorkState]
    subject: str
    request: str
    assignment: str
    page_size: int
    page_token: str
    def __init__(self, states: _Optional[_Iterable[_Union[_work_pb2.WorkState, str]]] = ..., subject: _Optional[str] = ..., request: _Optional[str] = ..., assignment: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWorkResponse(_message.Message):
    __slots__ = ("work", "next_page_token")
    WORK_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    work: _containers.RepeatedCompositeFieldContainer[_work_pb2.WorkItem]
    next_page_token: str
    def __init__(self, work: _Optional[_Iterable[_Union[_work_pb2.WorkItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RetryWorkRequest(_message.Message):
    __slots__ = ("work", "request_id")
    WORK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    work: str
    request_id: str
    def __init__(self, work: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RetryWorkResponse(_message.Message):
    __slots__ = ("work",)
    WORK_FIELD_NUMBER: _ClassVar[int]
    work: _work_pb2.WorkItem
    def __init__(self, work: _Optional[_Union[_work_pb2.WorkItem, _Mapping]] = ...) -> None: ...

class WatchRequestsRequest(_message.Message):
    __slots__ = ("filter", "resume_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: RequestFilter
    resume_token: str
    def __init__(self, filter: _Optional[_Union[RequestFilter, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchRequestsResponse(_message.Message):
    __slots__ = ("event", "request", "resume_token", "send_time")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    event: _audit_pb2.AuditEvent
    request: _access_request_pb2.AccessRequest
    resume_token: str
    send_time: _timestamp_pb2.Timestamp
    def __init__(self, event: _Optional[_Union[_audit_pb2.AuditEvent, _Mapping]] = ..., request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ..., resume_token: _Optional[str] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SetDelegationRequest(_message.Message):
    __slots__ = ("approver", "delegate", "start_time", "end_time", "request_id")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    DELEGATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    approver: str
    delegate: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, approver: _Optional[str] = ..., delegate: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetDelegationResponse(_message.Message):
    __slots__ = ("delegation",)
    DELEGATION_FIELD_NUMBER: _ClassVar[int]
    delegation: _access_request_pb2.Delegation
    def __init__(self, delegation: _Optional[_Union[_access_request_pb2.Delegation, _Mapping]] = ...) -> None: ...

class GetDelegationRequest(_message.Message):
    __slots__ = ("approver",)
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    approver: str
    def __init__(self, approver: _Optional[str] = ...) -> None: ...

class GetDelegationResponse(_message.Message):
    __slots__ = ("delegation",)
    DELEGATION_FIELD_NUMBER: _ClassVar[int]
    delegation: _access_request_pb2.Delegation
    def __init__(self, delegation: _Optional[_Union[_access_request_pb2.Delegation, _Mapping]] = ...) -> None: ...

class EndDelegationRequest(_message.Message):
    __slots__ = ("approver", "request_id")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    approver: str
    request_id: str
    def __init__(self, approver: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class EndDelegationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
