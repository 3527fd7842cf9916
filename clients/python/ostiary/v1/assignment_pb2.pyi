import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from ostiary.v1 import resource_pb2 as _resource_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssignmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSIGNMENT_STATE_UNSPECIFIED: _ClassVar[AssignmentState]
    ASSIGNMENT_STATE_DELIVERING: _ClassVar[AssignmentState]
    ASSIGNMENT_STATE_PARTIALLY_DELIVERED: _ClassVar[AssignmentState]
    ASSIGNMENT_STATE_DELIVERED: _ClassVar[AssignmentState]
    ASSIGNMENT_STATE_DELIVERY_FAILED: _ClassVar[AssignmentState]
    ASSIGNMENT_STATE_EXPIRED: _ClassVar[AssignmentState]

class EndCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    END_CAUSE_UNSPECIFIED: _ClassVar[EndCause]
    END_CAUSE_TIME: _ClassVar[EndCause]
    END_CAUSE_HOLDER: _ClassVar[EndCause]
    END_CAUSE_STAFF: _ClassVar[EndCause]
    END_CAUSE_REVIEW: _ClassVar[EndCause]
    END_CAUSE_RULE: _ClassVar[EndCause]
    END_CAUSE_APPROVER: _ClassVar[EndCause]
    END_CAUSE_SUBJECT_DELETED: _ClassVar[EndCause]
    END_CAUSE_WORKFLOW: _ClassVar[EndCause]

class GrantState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRANT_STATE_UNSPECIFIED: _ClassVar[GrantState]
    GRANT_STATE_PENDING: _ClassVar[GrantState]
    GRANT_STATE_AWAITING_GUEST: _ClassVar[GrantState]
    GRANT_STATE_GRANTED: _ClassVar[GrantState]
    GRANT_STATE_FAILED: _ClassVar[GrantState]
    GRANT_STATE_REVOKING: _ClassVar[GrantState]
    GRANT_STATE_REVOKED: _ClassVar[GrantState]
    GRANT_STATE_KEPT: _ClassVar[GrantState]
    GRANT_STATE_REVOKE_FAILED: _ClassVar[GrantState]
ASSIGNMENT_STATE_UNSPECIFIED: AssignmentState
ASSIGNMENT_STATE_DELIVERING: AssignmentState
ASSIGNMENT_STATE_PARTIALLY_DELIVERED: AssignmentState
ASSIGNMENT_STATE_DELIVERED: AssignmentState
ASSIGNMENT_STATE_DELIVERY_FAILED: AssignmentState
ASSIGNMENT_STATE_EXPIRED: AssignmentState
END_CAUSE_UNSPECIFIED: EndCause
END_CAUSE_TIME: EndCause
END_CAUSE_HOLDER: EndCause
END_CAUSE_STAFF: EndCause
END_CAUSE_REVIEW: EndCause
END_CAUSE_RULE: EndCause
END_CAUSE_APPROVER: EndCause
END_CAUSE_SUBJECT_DELETED: EndCause
END_CAUSE_WORKFLOW: EndCause
GRANT_STATE_UNSPECIFIED: GrantState
GRANT_STATE_PENDING: GrantState
GRANT_STATE_AWAITING_GUEST: GrantState
GRANT_STATE_GRANTED: GrantState
GRANT_STATE_FAILED: GrantState
GRANT_STATE_REVOKING: GrantState
GRANT_STATE_REVOKED: GrantState
GRANT_STATE_KEPT: GrantState
GRANT_STATE_REVOKE_FAILED: GrantState

class Assignment(_message.Message):
    __slots__ = ("name", "id", "holder", "catalog", "access_package", "access_package_display_name", "policy", "policy_display_name", "state", "request", "create_time", "start_time", "end_time", "grants", "plan", "deliver_time", "late", "ended_time", "end_cause", "out_of_scope_time", "extension_allowed", "etag", "delivery_open_time", "delivery_close_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    POLICY_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    ENDED_TIME_FIELD_NUMBER: _ClassVar[int]
    END_CAUSE_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_SCOPE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    holder: str
    catalog: str
    access_package: str
    access_package_display_name: str
    policy: str
    policy_display_name: str
    state: AssignmentState
    request: str
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    grants: _containers.RepeatedCompositeFieldContainer[Grant]
    plan: _containers.RepeatedCompositeFieldContainer[_decision_pb2.ScheduledAction]
    deliver_time: _timestamp_pb2.Timestamp
    late: bool
    ended_time: _timestamp_pb2.Timestamp
    end_cause: EndCause
    out_of_scope_time: _timestamp_pb2.Timestamp
    extension_allowed: bool
    etag: str
    delivery_open_time: _timestamp_pb2.Timestamp
    delivery_close_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., holder: _Optional[str] = ..., catalog: _Optional[str] = ..., access_package: _Optional[str] = ..., access_package_display_name: _Optional[str] = ..., policy: _Optional[str] = ..., policy_display_name: _Optional[str] = ..., state: _Optional[_Union[AssignmentState, str]] = ..., request: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., grants: _Optional[_Iterable[_Union[Grant, _Mapping]]] = ..., plan: _Optional[_Iterable[_Union[_decision_pb2.ScheduledAction, _Mapping]]] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., late: _Optional[bool] = ..., ended_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_cause: _Optional[_Union[EndCause, str]] = ..., out_of_scope_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., extension_allowed: _Optional[bool] = ..., etag: _Optional[str] = ..., delivery_open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delivery_close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("resource", "resource_display_name", "kind", "target", "role", "state", "attempts", "failure", "failure_text", "failure_parameters", "change_time")
    class FailureParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_TEXT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    resource: str
    resource_display_name: str
    kind: _resource_pb2.ResourceKind
    target: str
    role: str
    state: GrantState
    attempts: int
    failure: str
    failure_text: str
    failure_parameters: _containers.ScalarMap[str, str]
    change_time: _timestamp_pb2.Timestamp
    def __init__(self, resource: _Optional[str] = ..., resource_display_name: _Optional[str] = ..., kind: _Optional[_Union[_resource_pb2.ResourceKind, str]] = ..., target: _Optional[str] = ..., role: _Optional[str] = ..., state: _Optional[_Union[GrantState, str]] = ..., attempts: _Optional[int] = ..., failure: _Optional[str] = ..., failure_text: _Optional[str] = ..., failure_parameters: _Optional[_Mapping[str, str]] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
