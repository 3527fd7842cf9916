import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from ostiary.v1 import error_pb2 as _error_pb2
from ostiary.v1 import person_pb2 as _person_pb2
from ostiary.v1 import reason_pb2 as _reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_TYPE_UNSPECIFIED: _ClassVar[RequestType]
    REQUEST_TYPE_USER_ADD: _ClassVar[RequestType]
    REQUEST_TYPE_ON_BEHALF_ADD: _ClassVar[RequestType]
    REQUEST_TYPE_ADMIN_ADD: _ClassVar[RequestType]

class EvaluationMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVALUATION_MODE_UNSPECIFIED: _ClassVar[EvaluationMode]
    EVALUATION_MODE_QUERY: _ClassVar[EvaluationMode]
    EVALUATION_MODE_SUBMISSION: _ClassVar[EvaluationMode]

class DecisionView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_VIEW_UNSPECIFIED: _ClassVar[DecisionView]
    DECISION_VIEW_BASIC: _ClassVar[DecisionView]
    DECISION_VIEW_FULL: _ClassVar[DecisionView]

class WantedAnswer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WANTED_ANSWER_UNSPECIFIED: _ClassVar[WantedAnswer]
    WANTED_ANSWER_BETTER: _ClassVar[WantedAnswer]
    WANTED_ANSWER_OTHER: _ClassVar[WantedAnswer]

class NoRemedy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NO_REMEDY_UNSPECIFIED: _ClassVar[NoRemedy]
    NO_REMEDY_BEST_ALREADY: _ClassVar[NoRemedy]
    NO_REMEDY_HELD_ALREADY: _ClassVar[NoRemedy]
    NO_REMEDY_PACKAGE_GONE: _ClassVar[NoRemedy]
    NO_REMEDY_TOO_MANY_CHANGES: _ClassVar[NoRemedy]
    NO_REMEDY_BOUND_REACHED: _ClassVar[NoRemedy]
    NO_REMEDY_NOTHING: _ClassVar[NoRemedy]

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_CHOOSE_POLICY: _ClassVar[ChangeKind]
    CHANGE_KIND_NAME_NO_POLICY: _ClassVar[ChangeKind]
    CHANGE_KIND_WRITE_JUSTIFICATION: _ClassVar[ChangeKind]
    CHANGE_KIND_ANSWER_QUESTIONS: _ClassVar[ChangeKind]
    CHANGE_KIND_DROP_SCHEDULE: _ClassVar[ChangeKind]
    CHANGE_KIND_SHORTEN: _ClassVar[ChangeKind]
    CHANGE_KIND_WAIT_UNTIL: _ClassVar[ChangeKind]
    CHANGE_KIND_GIVE_BACK: _ClassVar[ChangeKind]
    CHANGE_KIND_SIGN_IN_FROM: _ClassVar[ChangeKind]
    CHANGE_KIND_ASK_FOR_ONESELF: _ClassVar[ChangeKind]
    CHANGE_KIND_HAVE_MANAGER_ASK: _ClassVar[ChangeKind]
    CHANGE_KIND_HAVE_STAFF_ASSIGN: _ClassVar[ChangeKind]
    CHANGE_KIND_JOIN_GROUP: _ClassVar[ChangeKind]
    CHANGE_KIND_LEAVE_GROUP: _ClassVar[ChangeKind]
    CHANGE_KIND_SET_MANAGER: _ClassVar[ChangeKind]
    CHANGE_KIND_REMOVE_MANAGER: _ClassVar[ChangeKind]
    CHANGE_KIND_SET_SPONSOR: _ClassVar[ChangeKind]
    CHANGE_KIND_SET_ATTRIBUTE: _ClassVar[ChangeKind]
    CHANGE_KIND_TELL_GROUPS: _ClassVar[ChangeKind]
    CHANGE_KIND_TELL_RISK: _ClassVar[ChangeKind]
    CHANGE_KIND_BECOME_MEMBER: _ClassVar[ChangeKind]
    CHANGE_KIND_BECOME_GUEST: _ClassVar[ChangeKind]
    CHANGE_KIND_ENABLE_ACCOUNT: _ClassVar[ChangeKind]
    CHANGE_KIND_ENABLE_APPROVER: _ClassVar[ChangeKind]
    CHANGE_KIND_ADD_APPROVER: _ClassVar[ChangeKind]
    CHANGE_KIND_ENABLE_POLICY: _ClassVar[ChangeKind]
    CHANGE_KIND_ALLOW_SELF_REQUESTS: _ClassVar[ChangeKind]
    CHANGE_KIND_ALLOW_MANAGERS: _ClassVar[ChangeKind]
    CHANGE_KIND_ALLOW_SCHEDULES: _ClassVar[ChangeKind]
    CHANGE_KIND_CONFIGURE_ORGANIZATION: _ClassVar[ChangeKind]
    CHANGE_KIND_ALLOW_DOMAIN: _ClassVar[ChangeKind]
    CHANGE_KIND_OPEN_CATALOG: _ClassVar[ChangeKind]
    CHANGE_KIND_ENABLE_CATALOG: _ClassVar[ChangeKind]
    CHANGE_KIND_FREE_LIMIT: _ClassVar[ChangeKind]
REQUEST_TYPE_UNSPECIFIED: RequestType
REQUEST_TYPE_USER_ADD: RequestType
REQUEST_TYPE_ON_BEHALF_ADD: RequestType
REQUEST_TYPE_ADMIN_ADD: RequestType
EVALUATION_MODE_UNSPECIFIED: EvaluationMode
EVALUATION_MODE_QUERY: EvaluationMode
EVALUATION_MODE_SUBMISSION: EvaluationMode
DECISION_VIEW_UNSPECIFIED: DecisionView
DECISION_VIEW_BASIC: DecisionView
DECISION_VIEW_FULL: DecisionView
WANTED_ANSWER_UNSPECIFIED: WantedAnswer
WANTED_ANSWER_BETTER: WantedAnswer
WANTED_ANSWER_OTHER: WantedAnswer
NO_REMEDY_UNSPECIFIED: NoRemedy
NO_REMEDY_BEST_ALREADY: NoRemedy
NO_REMEDY_HELD_ALREADY: NoRemedy
NO_REMEDY_PACKAGE_GONE: NoRemedy
NO_REMEDY_TOO_MANY_CHANGES: NoRemedy
NO_REMEDY_BOUND_REACHED: NoRemedy
NO_REMEDY_NOTHING: NoRemedy
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_CHOOSE_POLICY: ChangeKind
CHANGE_KIND_NAME_NO_POLICY: ChangeKind
CHANGE_KIND_WRITE_JUSTIFICATION: ChangeKind
CHANGE_KIND_ANSWER_QUESTIONS: ChangeKind
CHANGE_KIND_DROP_SCHEDULE: ChangeKind
CHANGE_KIND_SHORTEN: ChangeKind
CHANGE_KIND_WAIT_UNTIL: ChangeKind
CHANGE_KIND_GIVE_BACK: ChangeKind
CHANGE_KIND_SIGN_IN_FROM: ChangeKind
CHANGE_KIND_ASK_FOR_ONESELF: ChangeKind
CHANGE_KIND_HAVE_MANAGER_ASK: ChangeKind
CHANGE_KIND_HAVE_STAFF_ASSIGN: ChangeKind
CHANGE_KIND_JOIN_GROUP: ChangeKind
CHANGE_KIND_LEAVE_GROUP: ChangeKind
CHANGE_KIND_SET_MANAGER: ChangeKind
CHANGE_KIND_REMOVE_MANAGER: ChangeKind
CHANGE_KIND_SET_SPONSOR: ChangeKind
CHANGE_KIND_SET_ATTRIBUTE: ChangeKind
CHANGE_KIND_TELL_GROUPS: ChangeKind
CHANGE_KIND_TELL_RISK: ChangeKind
CHANGE_KIND_BECOME_MEMBER: ChangeKind
CHANGE_KIND_BECOME_GUEST: ChangeKind
CHANGE_KIND_ENABLE_ACCOUNT: ChangeKind
CHANGE_KIND_ENABLE_APPROVER: ChangeKind
CHANGE_KIND_ADD_APPROVER: ChangeKind
CHANGE_KIND_ENABLE_POLICY: ChangeKind
CHANGE_KIND_ALLOW_SELF_REQUESTS: ChangeKind
CHANGE_KIND_ALLOW_MANAGERS: ChangeKind
CHANGE_KIND_ALLOW_SCHEDULES: ChangeKind
CHANGE_KIND_CONFIGURE_ORGANIZATION: ChangeKind
CHANGE_KIND_ALLOW_DOMAIN: ChangeKind
CHANGE_KIND_OPEN_CATALOG: ChangeKind
CHANGE_KIND_ENABLE_CATALOG: ChangeKind
CHANGE_KIND_FREE_LIMIT: ChangeKind

class EvaluateRequest(_message.Message):
    __slots__ = ("access_package", "requestor_id", "person", "request_type", "mode", "submitter", "policy", "justification", "answers", "schedule", "holdings", "counters", "evaluate_time", "view")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TYPE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    HOLDINGS_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    requestor_id: str
    person: _person_pb2.InlinePerson
    request_type: RequestType
    mode: EvaluationMode
    submitter: str
    policy: str
    justification: str
    answers: _containers.RepeatedCompositeFieldContainer[Answer]
    schedule: RequestedSchedule
    holdings: Holdings
    counters: Counters
    evaluate_time: _timestamp_pb2.Timestamp
    view: DecisionView
    def __init__(self, access_package: _Optional[str] = ..., requestor_id: _Optional[str] = ..., person: _Optional[_Union[_person_pb2.InlinePerson, _Mapping]] = ..., request_type: _Optional[_Union[RequestType, str]] = ..., mode: _Optional[_Union[EvaluationMode, str]] = ..., submitter: _Optional[str] = ..., policy: _Optional[str] = ..., justification: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[Answer, _Mapping]]] = ..., schedule: _Optional[_Union[RequestedSchedule, _Mapping]] = ..., holdings: _Optional[_Union[Holdings, _Mapping]] = ..., counters: _Optional[_Union[Counters, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., view: _Optional[_Union[DecisionView, str]] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("question", "values")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    question: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, question: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class RequestedSchedule(_message.Message):
    __slots__ = ("start_time", "end_time", "duration")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Holdings(_message.Message):
    __slots__ = ("assigned", "pending")
    ASSIGNED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    assigned: _containers.RepeatedScalarFieldContainer[str]
    pending: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, assigned: _Optional[_Iterable[str]] = ..., pending: _Optional[_Iterable[str]] = ...) -> None: ...

class Counters(_message.Message):
    __slots__ = ("assignments_per_package", "assignments_per_tenant", "requests_in_three_months")
    ASSIGNMENTS_PER_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENTS_PER_TENANT_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_IN_THREE_MONTHS_FIELD_NUMBER: _ClassVar[int]
    assignments_per_package: int
    assignments_per_tenant: int
    requests_in_three_months: int
    def __init__(self, assignments_per_package: _Optional[int] = ..., assignments_per_tenant: _Optional[int] = ..., requests_in_three_months: _Optional[int] = ...) -> None: ...

class BatchEvaluateRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[EvaluateRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[EvaluateRequest, _Mapping]]] = ...) -> None: ...

class BatchEvaluateResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BatchEvaluateResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BatchEvaluateResult, _Mapping]]] = ...) -> None: ...

class BatchEvaluateResult(_message.Message):
    __slots__ = ("decision", "error")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    error: _error_pb2.EvaluationError
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.EvaluationError, _Mapping]] = ...) -> None: ...

class ListRequestableRequest(_message.Message):
    __slots__ = ("requestor_id", "person", "evaluate_time", "page_size", "page_token", "holdings")
    REQUESTOR_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HOLDINGS_FIELD_NUMBER: _ClassVar[int]
    requestor_id: str
    person: _person_pb2.InlinePerson
    evaluate_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    holdings: Holdings
    def __init__(self, requestor_id: _Optional[str] = ..., person: _Optional[_Union[_person_pb2.InlinePerson, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., holdings: _Optional[_Union[Holdings, _Mapping]] = ...) -> None: ...

class ListRequestableResponse(_message.Message):
    __slots__ = ("access_packages", "next_page_token", "revision", "evaluate_time")
    ACCESS_PACKAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    access_packages: _containers.RepeatedCompositeFieldContainer[RequestablePackage]
    next_page_token: str
    revision: _decision_pb2.Revision
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, access_packages: _Optional[_Iterable[_Union[RequestablePackage, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., revision: _Optional[_Union[_decision_pb2.Revision, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RequestablePackage(_message.Message):
    __slots__ = ("access_package", "display_name", "description", "catalog", "catalog_display_name", "catalog_description", "eligible", "offered_policies", "headline")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_FIELD_NUMBER: _ClassVar[int]
    CATALOG_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CATALOG_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_POLICIES_FIELD_NUMBER: _ClassVar[int]
    HEADLINE_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    display_name: str
    description: str
    catalog: str
    catalog_display_name: str
    catalog_description: str
    eligible: bool
    offered_policies: _containers.RepeatedScalarFieldContainer[str]
    headline: _reason_pb2.Reason
    def __init__(self, access_package: _Optional[str] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., catalog: _Optional[str] = ..., catalog_display_name: _Optional[str] = ..., catalog_description: _Optional[str] = ..., eligible: _Optional[bool] = ..., offered_policies: _Optional[_Iterable[str]] = ..., headline: _Optional[_Union[_reason_pb2.Reason, _Mapping]] = ...) -> None: ...

class ResolveApproversRequest(_message.Message):
    __slots__ = ("access_package", "requestor_id", "person", "request_type", "submitter", "policy", "evaluate_time")
    ACCESS_PACKAGE_FIELD_NUMBER: _ClassVar[int]
    REQUESTOR_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TYPE_FIELD_NUMBER: _ClassVar[int]
    SUBMITTER_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    access_package: str
    requestor_id: str
    person: _person_pb2.InlinePerson
    request_type: RequestType
    submitter: str
    policy: str
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, access_package: _Optional[str] = ..., requestor_id: _Optional[str] = ..., person: _Optional[_Union[_person_pb2.InlinePerson, _Mapping]] = ..., request_type: _Optional[_Union[RequestType, str]] = ..., submitter: _Optional[str] = ..., policy: _Optional[str] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ResolveApproversResponse(_message.Message):
    __slots__ = ("outcome", "selected_policy", "offered_policies", "stages", "reasons", "revision", "evaluate_time")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SELECTED_POLICY_FIELD_NUMBER: _ClassVar[int]
    OFFERED_POLICIES_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    outcome: _decision_pb2.Outcome
    selected_policy: str
    offered_policies: _containers.RepeatedScalarFieldContainer[str]
    stages: _containers.RepeatedCompositeFieldContainer[_decision_pb2.PlannedStage]
    reasons: _containers.RepeatedCompositeFieldContainer[_reason_pb2.Reason]
    revision: _decision_pb2.Revision
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., selected_policy: _Optional[str] = ..., offered_policies: _Optional[_Iterable[str]] = ..., stages: _Optional[_Iterable[_Union[_decision_pb2.PlannedStage, _Mapping]]] = ..., reasons: _Optional[_Iterable[_Union[_reason_pb2.Reason, _Mapping]]] = ..., revision: _Optional[_Union[_decision_pb2.Revision, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("question", "what_would_change")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    WHAT_WOULD_CHANGE_FIELD_NUMBER: _ClassVar[int]
    question: EvaluateRequest
    what_would_change: WantedAnswer
    def __init__(self, question: _Optional[_Union[EvaluateRequest, _Mapping]] = ..., what_would_change: _Optional[_Union[WantedAnswer, str]] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("decision", "what_would_change")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    WHAT_WOULD_CHANGE_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    what_would_change: WhatWouldChange
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., what_would_change: _Optional[_Union[WhatWouldChange, _Mapping]] = ...) -> None: ...

class WhatWouldChange(_message.Message):
    __slots__ = ("remedies", "more", "none", "tried", "most_changes", "most_tried")
    REMEDIES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    TRIED_FIELD_NUMBER: _ClassVar[int]
    MOST_CHANGES_FIELD_NUMBER: _ClassVar[int]
    MOST_TRIED_FIELD_NUMBER: _ClassVar[int]
    remedies: _containers.RepeatedCompositeFieldContainer[Remedy]
    more: bool
    none: NoRemedy
    tried: int
    most_changes: int
    most_tried: int
    def __init__(self, remedies: _Optional[_Iterable[_Union[Remedy, _Mapping]]] = ..., more: _Optional[bool] = ..., none: _Optional[_Union[NoRemedy, str]] = ..., tried: _Optional[int] = ..., most_changes: _Optional[int] = ..., most_tried: _Optional[int] = ...) -> None: ...

class Remedy(_message.Message):
    __slots__ = ("changes", "outcome")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[FactChange]
    outcome: _decision_pb2.Outcome
    def __init__(self, changes: _Optional[_Iterable[_Union[FactChange, _Mapping]]] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ...) -> None: ...

class FactChange(_message.Message):
    __slots__ = ("kind", "subject", "value", "time", "text")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    kind: ChangeKind
    subject: str
    value: str
    time: _timestamp_pb2.Timestamp
    text: str
    def __init__(self, kind: _Optional[_Union[ChangeKind, str]] = ..., subject: _Optional[str] = ..., value: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., text: _Optional[str] = ...) -> None: ...
