import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import callout_pb2 as _callout_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from ostiary.v1 import decision_service_pb2 as _decision_service_pb2
from ostiary.v1 import person_pb2 as _person_pb2
from ostiary.v1 import reason_pb2 as _reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_KIND_UNSPECIFIED: _ClassVar[RequestKind]
    REQUEST_KIND_USER_ADD: _ClassVar[RequestKind]
    REQUEST_KIND_ON_BEHALF_ADD: _ClassVar[RequestKind]
    REQUEST_KIND_USER_UPDATE: _ClassVar[RequestKind]
    REQUEST_KIND_USER_REMOVE: _ClassVar[RequestKind]
    REQUEST_KIND_ADMIN_ADD: _ClassVar[RequestKind]
    REQUEST_KIND_ADMIN_UPDATE: _ClassVar[RequestKind]
    REQUEST_KIND_ADMIN_REMOVE: _ClassVar[RequestKind]
    REQUEST_KIND_SYSTEM_ADD: _ClassVar[RequestKind]
    REQUEST_KIND_SYSTEM_UPDATE: _ClassVar[RequestKind]
    REQUEST_KIND_SYSTEM_REMOVE: _ClassVar[RequestKind]
    REQUEST_KIND_APPROVER_REMOVE: _ClassVar[RequestKind]

class RequestState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_STATE_UNSPECIFIED: _ClassVar[RequestState]
    REQUEST_STATE_SUBMITTED: _ClassVar[RequestState]
    REQUEST_STATE_PENDING_APPROVAL: _ClassVar[RequestState]
    REQUEST_STATE_SCHEDULED: _ClassVar[RequestState]
    REQUEST_STATE_DELIVERING: _ClassVar[RequestState]
    REQUEST_STATE_DELIVERED: _ClassVar[RequestState]
    REQUEST_STATE_PARTIALLY_DELIVERED: _ClassVar[RequestState]
    REQUEST_STATE_DELIVERY_FAILED: _ClassVar[RequestState]
    REQUEST_STATE_DENIED: _ClassVar[RequestState]
    REQUEST_STATE_CANCELED: _ClassVar[RequestState]

class RequestStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_STATUS_UNSPECIFIED: _ClassVar[RequestStatus]
    REQUEST_STATUS_ACCEPTED: _ClassVar[RequestStatus]
    REQUEST_STATUS_WAITING_FOR_CALLBACK: _ClassVar[RequestStatus]
    REQUEST_STATUS_PENDING: _ClassVar[RequestStatus]
    REQUEST_STATUS_ESCALATED: _ClassVar[RequestStatus]
    REQUEST_STATUS_AWAITING_GUEST: _ClassVar[RequestStatus]

class StageState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_STATE_UNSPECIFIED: _ClassVar[StageState]
    STAGE_STATE_NOT_OPEN: _ClassVar[StageState]
    STAGE_STATE_OPEN: _ClassVar[StageState]
    STAGE_STATE_APPROVED: _ClassVar[StageState]
    STAGE_STATE_DENIED: _ClassVar[StageState]
    STAGE_STATE_TIMED_OUT: _ClassVar[StageState]
    STAGE_STATE_CLOSED: _ClassVar[StageState]
REQUEST_KIND_UNSPECIFIED: RequestKind
REQUEST_KIND_USER_ADD: RequestKind
REQUEST_KIND_ON_BEHALF_ADD: RequestKind
REQUEST_KIND_USER_UPDATE: RequestKind
REQUEST_KIND_USER_REMOVE: RequestKind
REQUEST_KIND_ADMIN_ADD: RequestKind
REQUEST_KIND_ADMIN_UPDATE: RequestKind
REQUEST_KIND_ADMIN_REMOVE: RequestKind
REQUEST_KIND_SYSTEM_ADD: RequestKind
REQUEST_KIND_SYSTEM_UPDATE: RequestKind
REQUEST_KIND_SYSTEM_REMOVE: RequestKind
REQUEST_KIND_APPROVER_REMOVE: RequestKind
REQUEST_STATE_UNSPECIFIED: RequestState
REQUEST_STATE_SUBMITTED: RequestState
REQUEST_STATE_PENDING_APPROVAL: RequestState
REQUEST_STATE_SCHEDULED: RequestState
REQUEST_STATE_DELIVERING: RequestState
REQUEST_STATE_DELIVERED: RequestState
REQUEST_STATE_PARTIALLY_DELIVERED: RequestState
REQUEST_STATE_DELIVERY_FAILED: RequestState
REQUEST_STATE_DENIED: RequestState
REQUEST_STATE_CANCELED: RequestState
REQUEST_STATUS_UNSPECIFIED: RequestStatus
REQUEST_STATUS_ACCEPTED: RequestStatus
REQUEST_STATUS_WAITING_FOR_CALLBACK: RequestStatus
REQUEST_STATUS_PENDING: RequestStatus
REQUEST_STATUS_ESCALATED: RequestStatus
REQUEST_STATUS_AWAITING_GUEST: RequestStatus
STAGE_STATE_UNSPECIFIED: StageState
STAGE_STATE_NOT_OPEN: StageState
STAGE_STATE_OPEN: StageState
STAGE_STATE_APPROVED: StageState
STAGE_STATE_DENIED: StageState
STAGE_STATE_TIMED_OUT: StageState
STAGE_STATE_CLOSED: StageState

class AccessRequest(_message.Message):
    __slots__ = ("name", "id", "kind", "state", "status", "state_text", "requestor", "submitter", "external_person", "catalog", "access_package", "access_package_display_name", "policy", "policy_display_name", "submit_time", "justification", "answers", "schedule", "bypass_approval", "stages", "open_stage", "waiting_stage", "notes", "approve_time", "start_time", "end_time", "assignment", "plan", "revision", "complete_time", "reason", "ended_by", "request_id", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATE_TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_PERSON_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    POLICY_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    BYPASS_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    OPEN_STAGE_FIELD_NUMBER: _ClassVar[int]
    WAITING_STAGE_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    APPROVE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    kind: RequestKind
    state: RequestState
    status: RequestStatus
    state_text: str
    requestor: str
    submitter: str
    external_person: ExternalPerson
    catalog: str
    access_package: str
    access_package_display_name: str
    policy: str
    policy_display_name: str
    submit_time: _timestamp_pb2.Timestamp
    justification: str
    answers: _containers.RepeatedCompositeFieldContainer[_decision_service_pb2.Answer]
    schedule: _decision_service_pb2.RequestedSchedule
    bypass_approval: bool
    stages: _containers.RepeatedCompositeFieldContainer[StageRecord]
    open_stage: int
    waiting_stage: _callout_pb2.ExtensionStage
    notes: _containers.RepeatedScalarFieldContainer[str]
    approve_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    assignment: str
    plan: _containers.RepeatedCompositeFieldContainer[_decision_pb2.ScheduledAction]
    revision: _decision_pb2.Revision
    complete_time: _timestamp_pb2.Timestamp
    reason: _reason_pb2.Reason
    ended_by: str
    request_id: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., kind: _Optional[_Union[RequestKind, str]] = ..., state: _Optional[_Union[RequestState, str]] = ..., status: _Optional[_Union[RequestStatus, str]] = ..., state_text: _Optional[str] = ..., requestor: _Optional[str] = ..., submitter: _Optional[str] = ..., external_person: _Optional[_Union[ExternalPerson, _Mapping]] = ..., catalog: _Optional[str] = ..., access_package: _Optional[str] = ..., access_package_display_name: _Optional[str] = ..., policy: _Optional[str] = ..., policy_display_name: _Optional[str] = ..., submit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., justification: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_decision_service_pb2.Answer, _Mapping]]] = ..., schedule: _Optional[_Union[_decision_service_pb2.RequestedSchedule, _Mapping]] = ..., bypass_approval: _Optional[bool] = ..., stages: _Optional[_Iterable[_Union[StageRecord, _Mapping]]] = ..., open_stage: _Optional[int] = ..., waiting_stage: _Optional[_Union[_callout_pb2.ExtensionStage, str]] = ..., notes: _Optional[_Iterable[str]] = ..., approve_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., assignment: _Optional[str] = ..., plan: _Optional[_Iterable[_Union[_decision_pb2.ScheduledAction, _Mapping]]] = ..., revision: _Optional[_Union[_decision_pb2.Revision, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[_Union[_reason_pb2.Reason, _Mapping]] = ..., ended_by: _Optional[str] = ..., request_id: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class StageRecord(_message.Message):
    __slots__ = ("number", "state", "approvers", "origin", "alternates", "alternates_origin", "time_out", "escalate_after", "justification_required", "open_time", "escalate_time", "deny_time", "escalated", "decided_by", "decide_time", "decision_justification", "added_by", "decided_instead_of", "delegates")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    APPROVERS_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ALTERNATES_FIELD_NUMBER: _ClassVar[int]
    ALTERNATES_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    TIME_OUT_FIELD_NUMBER: _ClassVar[int]
    ESCALATE_AFTER_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    ESCALATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DENY_TIME_FIELD_NUMBER: _ClassVar[int]
    ESCALATED_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    DECISION_JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ADDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_INSTEAD_OF_FIELD_NUMBER: _ClassVar[int]
    DELEGATES_FIELD_NUMBER: _ClassVar[int]
    number: int
    state: StageState
    approvers: _containers.RepeatedScalarFieldContainer[str]
    origin: _decision_pb2.ApproverOrigin
    alternates: _containers.RepeatedScalarFieldContainer[str]
    alternates_origin: _decision_pb2.ApproverOrigin
    time_out: _duration_pb2.Duration
    escalate_after: _duration_pb2.Duration
    justification_required: bool
    open_time: _timestamp_pb2.Timestamp
    escalate_time: _timestamp_pb2.Timestamp
    deny_time: _timestamp_pb2.Timestamp
    escalated: bool
    decided_by: str
    decide_time: _timestamp_pb2.Timestamp
    decision_justification: str
    added_by: str
    decided_instead_of: str
    delegates: _containers.RepeatedCompositeFieldContainer[StageDelegate]
    def __init__(self, number: _Optional[int] = ..., state: _Optional[_Union[StageState, str]] = ..., approvers: _Optional[_Iterable[str]] = ..., origin: _Optional[_Union[_decision_pb2.ApproverOrigin, str]] = ..., alternates: _Optional[_Iterable[str]] = ..., alternates_origin: _Optional[_Union[_decision_pb2.ApproverOrigin, str]] = ..., time_out: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., escalate_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., justification_required: _Optional[bool] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., escalate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deny_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., escalated: _Optional[bool] = ..., decided_by: _Optional[str] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision_justification: _Optional[str] = ..., added_by: _Optional[str] = ..., decided_instead_of: _Optional[str] = ..., delegates: _Optional[_Iterable[_Union[StageDelegate, _Mapping]]] = ...) -> None: ...

class StageDelegate(_message.Message):
    __slots__ = ("approver", "delegate")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    DELEGATE_FIELD_NUMBER: _ClassVar[int]
    approver: str
    delegate: str
    def __init__(self, approver: _Optional[str] = ..., delegate: _Optional[str] = ...) -> None: ...

class Delegation(_message.Message):
    __slots__ = ("approver", "delegate", "start_time", "end_time")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    DELEGATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    approver: str
    delegate: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, approver: _Optional[str] = ..., delegate: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ExternalPerson(_message.Message):
    __slots__ = ("id", "mail", "home")
    ID_FIELD_NUMBER: _ClassVar[int]
    MAIL_FIELD_NUMBER: _ClassVar[int]
    HOME_FIELD_NUMBER: _ClassVar[int]
    id: str
    mail: str
    home: _person_pb2.HomeIdentity
    def __init__(self, id: _Optional[str] = ..., mail: _Optional[str] = ..., home: _Optional[_Union[_person_pb2.HomeIdentity, _Mapping]] = ...) -> None: ...
