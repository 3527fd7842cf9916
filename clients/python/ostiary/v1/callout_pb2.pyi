import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExtensionStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXTENSION_STAGE_UNSPECIFIED: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_REQUEST_CREATED: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_REQUEST_APPROVED: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_ASSIGNMENT_GRANTED: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_ASSIGNMENT_REMOVED: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_FOURTEEN_DAYS_BEFORE_EXPIRY: _ClassVar[ExtensionStage]
    EXTENSION_STAGE_ONE_DAY_BEFORE_EXPIRY: _ClassVar[ExtensionStage]

class CalloutStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALLOUT_STATUS_UNSPECIFIED: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_QUEUED: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_CALLOUT_SENT: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_WAITING_FOR_CALLBACK: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_CALLBACK_RECEIVED: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_CALLOUT_FAILED: _ClassVar[CalloutStatus]
    CALLOUT_STATUS_CALLBACK_TIMED_OUT: _ClassVar[CalloutStatus]

class CalloutReply(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALLOUT_REPLY_UNSPECIFIED: _ClassVar[CalloutReply]
    CALLOUT_REPLY_DENIED: _ClassVar[CalloutReply]
    CALLOUT_REPLY_CANCELED: _ClassVar[CalloutReply]
EXTENSION_STAGE_UNSPECIFIED: ExtensionStage
EXTENSION_STAGE_REQUEST_CREATED: ExtensionStage
EXTENSION_STAGE_REQUEST_APPROVED: ExtensionStage
EXTENSION_STAGE_ASSIGNMENT_GRANTED: ExtensionStage
EXTENSION_STAGE_ASSIGNMENT_REMOVED: ExtensionStage
EXTENSION_STAGE_FOURTEEN_DAYS_BEFORE_EXPIRY: ExtensionStage
EXTENSION_STAGE_ONE_DAY_BEFORE_EXPIRY: ExtensionStage
CALLOUT_STATUS_UNSPECIFIED: CalloutStatus
CALLOUT_STATUS_QUEUED: CalloutStatus
CALLOUT_STATUS_CALLOUT_SENT: CalloutStatus
CALLOUT_STATUS_WAITING_FOR_CALLBACK: CalloutStatus
CALLOUT_STATUS_CALLBACK_RECEIVED: CalloutStatus
CALLOUT_STATUS_CALLOUT_FAILED: CalloutStatus
CALLOUT_STATUS_CALLBACK_TIMED_OUT: CalloutStatus
CALLOUT_REPLY_UNSPECIFIED: CalloutReply
CALLOUT_REPLY_DENIED: CalloutReply
CALLOUT_REPLY_CANCELED: CalloutReply

class Callout(_message.Message):
    __slots__ = ("name", "id", "extension", "stage", "request", "assignment", "requestor", "access_package", "policy", "status", "create_time", "deadline_time", "answer_time", "reply", "detail", "failure")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWER_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    extension: str
    stage: ExtensionStage
    request: str
    assignment: str
    requestor: str
    access_package: str
    policy: str
    status: CalloutStatus
    create_time: _timestamp_pb2.Timestamp
    deadline_time: _timestamp_pb2.Timestamp
    answer_time: _timestamp_pb2.Timestamp
    reply: CalloutReply
    detail: str
    failure: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., extension: _Optional[str] = ..., stage: _Optional[_Union[ExtensionStage, str]] = ..., request: _Optional[str] = ..., assignment: _Optional[str] = ..., requestor: _Optional[str] = ..., access_package: _Optional[str] = ..., policy: _Optional[str] = ..., status: _Optional[_Union[CalloutStatus, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deadline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reply: _Optional[_Union[CalloutReply, str]] = ..., detail: _Optional[str] = ..., failure: _Optional[str] = ...) -> None: ...
