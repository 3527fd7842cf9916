import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORK_KIND_UNSPECIFIED: _ClassVar[WorkKind]
    WORK_KIND_EXPIRE_ASSIGNMENT: _ClassVar[WorkKind]
    WORK_KIND_REMOVE_OUT_OF_SCOPE: _ClassVar[WorkKind]
    WORK_KIND_END_ASSIGNMENT: _ClassVar[WorkKind]
    WORK_KIND_END_OF_DELETED: _ClassVar[WorkKind]
    WORK_KIND_REVOKE: _ClassVar[WorkKind]
    WORK_KIND_TIME_OUT_STAGE: _ClassVar[WorkKind]
    WORK_KIND_TIME_OUT_EXTENSION: _ClassVar[WorkKind]
    WORK_KIND_ESCALATE_STAGE: _ClassVar[WorkKind]
    WORK_KIND_CANCEL_REQUEST: _ClassVar[WorkKind]
    WORK_KIND_OPEN_STAGE: _ClassVar[WorkKind]
    WORK_KIND_CALL_EXTENSION: _ClassVar[WorkKind]
    WORK_KIND_START_DELIVERY: _ClassVar[WorkKind]
    WORK_KIND_INVITE_GUEST: _ClassVar[WorkKind]
    WORK_KIND_GRANT: _ClassVar[WorkKind]
    WORK_KIND_LOOK_AT_SCOPE: _ClassVar[WorkKind]
    WORK_KIND_CHANGE_ENTRIES: _ClassVar[WorkKind]
    WORK_KIND_ADD_BY_RULE: _ClassVar[WorkKind]
    WORK_KIND_CLOSE_DELIVERY: _ClassVar[WorkKind]
    WORK_KIND_REPORT_LATE: _ClassVar[WorkKind]
    WORK_KIND_CLOSE_REVIEW: _ClassVar[WorkKind]
    WORK_KIND_OPEN_REVIEW: _ClassVar[WorkKind]
    WORK_KIND_REMIND_REVIEWERS: _ClassVar[WorkKind]
    WORK_KIND_REMIND_APPROVERS: _ClassVar[WorkKind]
    WORK_KIND_REMIND_EXPIRY: _ClassVar[WorkKind]
    WORK_KIND_BLOCK_GUEST: _ClassVar[WorkKind]
    WORK_KIND_DELETE_GUEST: _ClassVar[WorkKind]
    WORK_KIND_PROVISION: _ClassVar[WorkKind]
    WORK_KIND_DEPROVISION: _ClassVar[WorkKind]
    WORK_KIND_MAKE_GUEST: _ClassVar[WorkKind]
    WORK_KIND_SET_GUEST_STATE: _ClassVar[WorkKind]
    WORK_KIND_CALL_OUT: _ClassVar[WorkKind]
    WORK_KIND_DELIVER_NOTICE: _ClassVar[WorkKind]

class WorkState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORK_STATE_UNSPECIFIED: _ClassVar[WorkState]
    WORK_STATE_WAITING: _ClassVar[WorkState]
    WORK_STATE_DONE: _ClassVar[WorkState]
    WORK_STATE_VOID: _ClassVar[WorkState]
    WORK_STATE_PARKED: _ClassVar[WorkState]
WORK_KIND_UNSPECIFIED: WorkKind
WORK_KIND_EXPIRE_ASSIGNMENT: WorkKind
WORK_KIND_REMOVE_OUT_OF_SCOPE: WorkKind
WORK_KIND_END_ASSIGNMENT: WorkKind
WORK_KIND_END_OF_DELETED: WorkKind
WORK_KIND_REVOKE: WorkKind
WORK_KIND_TIME_OUT_STAGE: WorkKind
WORK_KIND_TIME_OUT_EXTENSION: WorkKind
WORK_KIND_ESCALATE_STAGE: WorkKind
WORK_KIND_CANCEL_REQUEST: WorkKind
WORK_KIND_OPEN_STAGE: WorkKind
WORK_KIND_CALL_EXTENSION: WorkKind
WORK_KIND_START_DELIVERY: WorkKind
WORK_KIND_INVITE_GUEST: WorkKind
WORK_KIND_GRANT: WorkKind
WORK_KIND_LOOK_AT_SCOPE: WorkKind
WORK_KIND_CHANGE_ENTRIES: WorkKind
WORK_KIND_ADD_BY_RULE: WorkKind
WORK_KIND_CLOSE_DELIVERY: WorkKind
WORK_KIND_REPORT_LATE: WorkKind
WORK_KIND_CLOSE_REVIEW: WorkKind
WORK_KIND_OPEN_REVIEW: WorkKind
WORK_KIND_REMIND_REVIEWERS: WorkKind
WORK_KIND_REMIND_APPROVERS: WorkKind
WORK_KIND_REMIND_EXPIRY: WorkKind
WORK_KIND_BLOCK_GUEST: WorkKind
WORK_KIND_DELETE_GUEST: WorkKind
WORK_KIND_PROVISION: WorkKind
WORK_KIND_DEPROVISION: WorkKind
WORK_KIND_MAKE_GUEST: WorkKind
WORK_KIND_SET_GUEST_STATE: WorkKind
WORK_KIND_CALL_OUT: WorkKind
WORK_KIND_DELIVER_NOTICE: WorkKind
WORK_STATE_UNSPECIFIED: WorkState
WORK_STATE_WAITING: WorkState
WORK_STATE_DONE: WorkState
WORK_STATE_VOID: WorkState
WORK_STATE_PARKED: WorkState

class WorkItem(_message.Message):
    __slots__ = ("name", "id", "kind", "state", "due_time", "planned_time", "case", "request", "assignment", "stage", "target", "rule", "attempts", "finish_time", "failure")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    PLANNED_TIME_FIELD_NUMBER: _ClassVar[int]
    CASE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    kind: WorkKind
    state: WorkState
    due_time: _timestamp_pb2.Timestamp
    planned_time: _timestamp_pb2.Timestamp
    case: str
    request: str
    assignment: str
    stage: int
    target: str
    rule: str
    attempts: int
    finish_time: _timestamp_pb2.Timestamp
    failure: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., kind: _Optional[_Union[WorkKind, str]] = ..., state: _Optional[_Union[WorkState, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., planned_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., case: _Optional[str] = ..., request: _Optional[str] = ..., assignment: _Optional[str] = ..., stage: _Optional[int] = ..., target: _Optional[str] = ..., rule: _Optional[str] = ..., attempts: _Optional[int] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[str] = ...) -> None: ...
