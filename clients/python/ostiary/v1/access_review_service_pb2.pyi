from ostiary.v1 import access_review_pb2 as _access_review_pb2
from ostiary.v1 import error_pb2 as _error_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetReviewRequest(_message.Message):
    __slots__ = ("access_review",)
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    access_review: str
    def __init__(self, access_review: _Optional[str] = ...) -> None: ...

class GetReviewResponse(_message.Message):
    __slots__ = ("access_review",)
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    access_review: _access_review_pb2.AccessReview
    def __init__(self, access_review: _Optional[_Union[_access_review_pb2.AccessReview, _Mapping]] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ("reviewer", "access_package", "policy", "catalog", "states", "page_size", "page_token")
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reviewer: str
    access_package: str
    policy: str
    catalog: str
    states: _containers.RepeatedScalarFieldContainer[_access_review_pb2.ReviewState]
    page_size: int
    page_token: str
    def __init__(self, reviewer: _Optional[str] = ..., access_package: _Optional[str] = ..., policy: _Optional[str] = ..., catalog: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_access_review_pb2.ReviewState, str]]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("access_reviews", "next_page_token")
    ACCESS_REVIEWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    access_reviews: _containers.RepeatedCompositeFieldContainer[_access_review_pb2.AccessReview]
    next_page_token: str
    def __init__(self, access_reviews: _Optional[_Iterable[_Union[_access_review_pb2.AccessReview, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListReviewItemsRequest(_message.Message):
    __slots__ = ("access_review", "reviewer", "undecided", "page_size", "page_token")
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    access_review: str
    reviewer: str
    undecided: bool
    page_size: int
    page_token: str
    def __init__(self, access_review: _Optional[str] = ..., reviewer: _Optional[str] = ..., undecided: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReviewItemsResponse(_message.Message):
    __slots__ = ("items", "next_page_token")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[_access_review_pb2.ReviewItem]
    next_page_token: str
    def __init__(self, items: _Optional[_Iterable[_Union[_access_review_pb2.ReviewItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DecideReviewItemsRequest(_message.Message):
    __slots__ = ("access_review", "decisions", "request_id")
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    access_review: str
    decisions: _containers.RepeatedCompositeFieldContainer[ReviewDecision]
    request_id: str
    def __init__(self, access_review: _Optional[str] = ..., decisions: _Optional[_Iterable[_Union[ReviewDecision, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReviewDecision(_message.Message):
    __slots__ = ("assignment", "verdict", "justification")
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    assignment: str
    verdict: _access_review_pb2.ReviewVerdict
    justification: str
    def __init__(self, assignment: _Optional[str] = ..., verdict: _Optional[_Union[_access_review_pb2.ReviewVerdict, str]] = ..., justification: _Optional[str] = ...) -> None: ...

class DecideReviewItemsResponse(_message.Message):
    __slots__ = ("results", "access_review")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_REVIEW_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[DecideReviewItemResult]
    access_review: _access_review_pb2.AccessReview
    def __init__(self, results: _Optional[_Iterable[_Union[DecideReviewItemResult, _Mapping]]] = ..., access_review: _Optional[_Union[_access_review_pb2.AccessReview, _Mapping]] = ...) -> None: ...

class DecideReviewItemResult(_message.Message):
    __slots__ = ("item", "error")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    item: _access_review_pb2.ReviewItem
    error: _error_pb2.EvaluationError
    def __init__(self, item: _Optional[_Union[_access_review_pb2.ReviewItem, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.EvaluationError, _Mapping]] = ...) -> None: ...
