import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import access_request_pb2 as _access_request_pb2
from ostiary.v1 import assignment_pb2 as _assignment_pb2
from ostiary.v1 import audit_pb2 as _audit_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from ostiary.v1 import decision_service_pb2 as _decision_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetAssignmentRequest(_message.Message):
    __slots__ = ("assignment",)
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    assignment: str
    def __init__(self, assignment: _Optional[str] = ...) -> None: ...

class GetAssignmentResponse(_message.Message):
    __slots__ = ("assignment", "timeline")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_FIELD_NUMBER: _ClassVar[int]
    assignment: _assignment_pb2.Assignment
    timeline: _containers.RepeatedCompositeFieldContainer[_audit_pb2.AuditEvent]
    def __init__(self, assignment: _Optional[_Union[_assignment_pb2.Assignment, _Mapping]] = ..., timeline: _Optional[_Iterable[_Union[_audit_pb2.AuditEvent, _Mapping]]] = ...) -> None: ...

class AssignmentFilter(_message.Message):
    __slots__ = ("holder", "access_package", "policy", "catalog", "states")
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    holder: str
    access_package: str
    policy: str
    catalog: str
    states: _containers.RepeatedScalarFieldContainer[_assignment_pb2.AssignmentState]
    def __init__(self, holder: _Optional[str] = ..., access_package: _Optional[str] = ..., policy: _Optional[str] = ..., catalog: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_assignment_pb2.AssignmentState, str]]] = ...) -> None: ...

class ListAssignmentsRequest(_message.Message):
    __slots__ = ("filter", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: AssignmentFilter
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[AssignmentFilter, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAssignmentsResponse(_message.Message):
    __slots__ = ("assignments", "next_page_token")
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assignments: _containers.RepeatedCompositeFieldContainer[_assignment_pb2.Assignment]
    next_page_token: str
    def __init__(self, assignments: _Optional[_Iterable[_Union[_assignment_pb2.Assignment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AssignAccessRequest(_message.Message):
    __slots__ = ("access_package", "holder_id", "external_person", "policy", "justification", "answers", "schedule", "bypass_approval", "request_id", "validate_only")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    HOLDER_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_PERSON_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    BYPASS_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    holder_id: str
    external_person: _access_request_pb2.ExternalPerson
    policy: str
    justification: str
    answers: _containers.RepeatedCompositeFieldContainer[_decision_service_pb2.Answer]
    schedule: _decision_service_pb2.RequestedSchedule
    bypass_approval: bool
    request_id: str
    validate_only: bool
    def __init__(self, access_package: _Optional[str] = ..., holder_id: _Optional[str] = ..., external_person: _Optional[_Union[_access_request_pb2.ExternalPerson, _Mapping]] = ..., policy: _Optional[str] = ..., justification: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_decision_service_pb2.Answer, _Mapping]]] = ..., schedule: _Optional[_Union[_decision_service_pb2.RequestedSchedule, _Mapping]] = ..., bypass_approval: _Optional[bool] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class AssignAccessResponse(_message.Message):
    __slots__ = ("request", "decision")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    decision: _decision_pb2.Decision
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class ExtendAssignmentRequest(_message.Message):
    __slots__ = ("assignment", "end_time", "justification", "answers", "request_id", "validate_only")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    assignment: str
    end_time: _timestamp_pb2.Timestamp
    justification: str
    answers: _containers.RepeatedCompositeFieldContainer[_decision_service_pb2.Answer]
    request_id: str
    validate_only: bool
    def __init__(self, assignment: _Optional[str] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., justification: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_decision_service_pb2.Answer, _Mapping]]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ExtendAssignmentResponse(_message.Message):
    __slots__ = ("request", "decision")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    decision: _decision_pb2.Decision
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class RemoveAssignmentRequest(_message.Message):
    __slots__ = ("assignment", "justification", "request_id", "validate_only")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    assignment: str
    justification: str
    request_id: str
    validate_only: bool
    def __init__(self, assignment: _Optional[str] = ..., justification: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class RemoveAssignmentResponse(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _access_request_pb2.AccessRequest
    def __init__(self, request: _Optional[_Union[_access_request_pb2.AccessRequest, _Mapping]] = ...) -> None: ...

class ReprocessAssignmentRequest(_message.Message):
    __slots__ = ("assignment", "etag", "request_id")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    assignment: str
    etag: str
    request_id: str
    def __init__(self, assignment: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReprocessAssignmentResponse(_message.Message):
    __slots__ = ("assignment",)
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    assignment: _assignment_pb2.Assignment
    def __init__(self, assignment: _Optional[_Union[_assignment_pb2.Assignment, _Mapping]] = ...) -> None: ...
