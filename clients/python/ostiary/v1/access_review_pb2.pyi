import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_STATE_UNSPECIFIED: _ClassVar[ReviewState]
    REVIEW_STATE_OPEN: _ClassVar[ReviewState]
    REVIEW_STATE_CLOSED: _ClassVar[ReviewState]

class ReviewerKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEWER_KIND_UNSPECIFIED: _ClassVar[ReviewerKind]
    REVIEWER_KIND_SELF: _ClassVar[ReviewerKind]
    REVIEWER_KIND_SPECIFIC: _ClassVar[ReviewerKind]
    REVIEWER_KIND_MANAGER: _ClassVar[ReviewerKind]

class NoResponse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NO_RESPONSE_UNSPECIFIED: _ClassVar[NoResponse]
    NO_RESPONSE_KEEP: _ClassVar[NoResponse]
    NO_RESPONSE_REMOVE: _ClassVar[NoResponse]
    NO_RESPONSE_RECOMMENDATION: _ClassVar[NoResponse]

class ReviewVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_VERDICT_UNSPECIFIED: _ClassVar[ReviewVerdict]
    REVIEW_VERDICT_KEEP: _ClassVar[ReviewVerdict]
    REVIEW_VERDICT_REMOVE: _ClassVar[ReviewVerdict]

class ReviewResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_RESULT_UNSPECIFIED: _ClassVar[ReviewResult]
    REVIEW_RESULT_KEPT: _ClassVar[ReviewResult]
    REVIEW_RESULT_REMOVED: _ClassVar[ReviewResult]
    REVIEW_RESULT_ENDED_BEFORE: _ClassVar[ReviewResult]
REVIEW_STATE_UNSPECIFIED: ReviewState
REVIEW_STATE_OPEN: ReviewState
REVIEW_STATE_CLOSED: ReviewState
REVIEWER_KIND_UNSPECIFIED: ReviewerKind
REVIEWER_KIND_SELF: ReviewerKind
REVIEWER_KIND_SPECIFIC: ReviewerKind
REVIEWER_KIND_MANAGER: ReviewerKind
NO_RESPONSE_UNSPECIFIED: NoResponse
NO_RESPONSE_KEEP: NoResponse
NO_RESPONSE_REMOVE: NoResponse
NO_RESPONSE_RECOMMENDATION: NoResponse
REVIEW_VERDICT_UNSPECIFIED: ReviewVerdict
REVIEW_VERDICT_KEEP: ReviewVerdict
REVIEW_VERDICT_REMOVE: ReviewVerdict
REVIEW_RESULT_UNSPECIFIED: ReviewResult
REVIEW_RESULT_KEPT: ReviewResult
REVIEW_RESULT_REMOVED: ReviewResult
REVIEW_RESULT_ENDED_BEFORE: ReviewResult

class AccessReview(_message.Message):
    __slots__ = ("name", "id", "catalog", "access_package", "policy", "state", "open_time", "remind_time", "close_time", "reviewers", "no_response", "item_count", "decided_count", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    REMIND_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVIEWERS_FIELD_NUMBER: _ClassVar[int]
    NO_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    catalog: str
    access_package: str
    policy: str
    state: ReviewState
    open_time: _timestamp_pb2.Timestamp
    remind_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    reviewers: ReviewerKind
    no_response: NoResponse
    item_count: int
    decided_count: int
    etag: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., catalog: _Optional[str] = ..., access_package: _Optional[str] = ..., policy: _Optional[str] = ..., state: _Optional[_Union[ReviewState, str]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., remind_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reviewers: _Optional[_Union[ReviewerKind, str]] = ..., no_response: _Optional[_Union[NoResponse, str]] = ..., item_count: _Optional[int] = ..., decided_count: _Optional[int] = ..., etag: _Optional[str] = ...) -> None: ...

class ReviewItem(_message.Message):
    __slots__ = ("access_review", "assignment", "holder", "reviewers", "recommendation", "out_of_scope", "verdict", "decided_by", "decide_time", "justification", "result", "access_package", "close_time")
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    REVIEWERS_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_SCOPE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    access_review: str
    assignment: str
    holder: str
    reviewers: _containers.RepeatedScalarFieldContainer[str]
    recommendation: ReviewVerdict
    out_of_scope: bool
    verdict: ReviewVerdict
    decided_by: str
    decide_time: _timestamp_pb2.Timestamp
    justification: str
    result: ReviewResult
    access_package: str
    close_time: _timestamp_pb2.Timestamp
    def __init__(self, access_review: _Optional[str] = ..., assignment: _Optional[str] = ..., holder: _Optional[str] = ..., reviewers: _Optional[_Iterable[str]] = ..., recommendation: _Optional[_Union[ReviewVerdict, str]] = ..., out_of_scope: _Optional[bool] = ..., verdict: _Optional[_Union[ReviewVerdict, str]] = ..., decided_by: _Optional[str] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., justification: _Optional[str] = ..., result: _Optional[_Union[ReviewResult, str]] = ..., access_package: _Optional[str] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
