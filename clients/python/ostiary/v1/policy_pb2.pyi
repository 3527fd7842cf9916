import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import access_review_pb2 as _access_review_pb2
from ostiary.v1 import callout_pb2 as _callout_pb2
from ostiary.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScopeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_KIND_UNSPECIFIED: _ClassVar[ScopeKind]
    SCOPE_KIND_NONE: _ClassVar[ScopeKind]
    SCOPE_KIND_SPECIFIC_SUBJECTS: _ClassVar[ScopeKind]
    SCOPE_KIND_ALL_MEMBERS: _ClassVar[ScopeKind]
    SCOPE_KIND_ALL_DIRECTORY_USERS: _ClassVar[ScopeKind]
    SCOPE_KIND_SPECIFIC_ORGANIZATIONS: _ClassVar[ScopeKind]
    SCOPE_KIND_ALL_CONFIGURED_ORGANIZATIONS: _ClassVar[ScopeKind]
    SCOPE_KIND_ALL_EXTERNAL: _ClassVar[ScopeKind]
    SCOPE_KIND_AUTOMATIC: _ClassVar[ScopeKind]
    SCOPE_KIND_UNREADABLE: _ClassVar[ScopeKind]

class QuestionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUESTION_KIND_UNSPECIFIED: _ClassVar[QuestionKind]
    QUESTION_KIND_TEXT: _ClassVar[QuestionKind]
    QUESTION_KIND_CHOICE: _ClassVar[QuestionKind]
SCOPE_KIND_UNSPECIFIED: ScopeKind
SCOPE_KIND_NONE: ScopeKind
SCOPE_KIND_SPECIFIC_SUBJECTS: ScopeKind
SCOPE_KIND_ALL_MEMBERS: ScopeKind
SCOPE_KIND_ALL_DIRECTORY_USERS: ScopeKind
SCOPE_KIND_SPECIFIC_ORGANIZATIONS: ScopeKind
SCOPE_KIND_ALL_CONFIGURED_ORGANIZATIONS: ScopeKind
SCOPE_KIND_ALL_EXTERNAL: ScopeKind
SCOPE_KIND_AUTOMATIC: ScopeKind
SCOPE_KIND_UNREADABLE: ScopeKind
QUESTION_KIND_UNSPECIFIED: QuestionKind
QUESTION_KIND_TEXT: QuestionKind
QUESTION_KIND_CHOICE: QuestionKind

class AssignmentPolicy(_message.Message):
    __slots__ = ("name", "id", "display_name", "description", "enabled", "scope", "self_service", "on_behalf", "justification_required", "questions", "custom_schedule", "approval", "expiration", "extension_allowed", "reviews", "extensions", "revoke_when_out_of_scope", "remove_when_unfit", "notices", "etag", "approver_reminders")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SELF_SERVICE_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    EXPIRATION_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    EXTENSIONS_FIELD_NUMBER: _ClassVar[int]
    REVOKE_WHEN_OUT_OF_SCOPE_FIELD_NUMBER: _ClassVar[int]
    REMOVE_WHEN_UNFIT_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    APPROVER_REMINDERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    display_name: str
    description: str
    enabled: bool
    scope: RequestorScope
    self_service: SelfService
    on_behalf: bool
    justification_required: bool
    questions: _containers.RepeatedCompositeFieldContainer[Question]
    custom_schedule: bool
    approval: ApprovalSettings
    expiration: Expiration
    extension_allowed: bool
    reviews: ReviewSettings
    extensions: _containers.RepeatedCompositeFieldContainer[ExtensionCall]
    revoke_when_out_of_scope: _duration_pb2.Duration
    remove_when_unfit: _duration_pb2.Duration
    notices: bool
    etag: str
    approver_reminders: bool
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., display_name: _Optional[str] = ..., description: _Optional[str] = ..., enabled: _Optional[bool] = ..., scope: _Optional[_Union[RequestorScope, _Mapping]] = ..., self_service: _Optional[_Union[SelfService, _Mapping]] = ..., on_behalf: _Optional[bool] = ..., justification_required: _Optional[bool] = ..., questions: _Optional[_Iterable[_Union[Question, _Mapping]]] = ..., custom_schedule: _Optional[bool] = ..., approval: _Optional[_Union[ApprovalSettings, _Mapping]] = ..., expiration: _Optional[_Union[Expiration, _Mapping]] = ..., extension_allowed: _Optional[bool] = ..., reviews: _Optional[_Union[ReviewSettings, _Mapping]] = ..., extensions: _Optional[_Iterable[_Union[ExtensionCall, _Mapping]]] = ..., revoke_when_out_of_scope: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., remove_when_unfit: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., notices: _Optional[bool] = ..., etag: _Optional[str] = ..., approver_reminders: _Optional[bool] = ...) -> None: ...

class RequestorScope(_message.Message):
    __slots__ = ("kind", "users", "groups", "organizations", "rule")
    KIND_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATIONS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    kind: ScopeKind
    users: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    organizations: _containers.RepeatedScalarFieldContainer[str]
    rule: str
    def __init__(self, kind: _Optional[_Union[ScopeKind, str]] = ..., users: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., organizations: _Optional[_Iterable[str]] = ..., rule: _Optional[str] = ...) -> None: ...

class SelfService(_message.Message):
    __slots__ = ("add", "update", "remove")
    ADD_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    add: bool
    update: bool
    remove: bool
    def __init__(self, add: _Optional[bool] = ..., update: _Optional[bool] = ..., remove: _Optional[bool] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("id", "text", "kind", "required", "pattern", "choices", "multiple", "localized")
    class LocalizedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    LOCALIZED_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    kind: QuestionKind
    required: bool
    pattern: str
    choices: _containers.RepeatedScalarFieldContainer[str]
    multiple: bool
    localized: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., kind: _Optional[_Union[QuestionKind, str]] = ..., required: _Optional[bool] = ..., pattern: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., multiple: _Optional[bool] = ..., localized: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ApprovalSettings(_message.Message):
    __slots__ = ("for_add", "for_extension", "stages")
    FOR_ADD_FIELD_NUMBER: _ClassVar[int]
    FOR_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    for_add: bool
    for_extension: bool
    stages: _containers.RepeatedCompositeFieldContainer[ApprovalStage]
    def __init__(self, for_add: _Optional[bool] = ..., for_extension: _Optional[bool] = ..., stages: _Optional[_Iterable[_Union[ApprovalStage, _Mapping]]] = ...) -> None: ...

class ApprovalStage(_message.Message):
    __slots__ = ("approvers", "fallback", "alternates", "alternate_fallback", "escalate_after", "time_out", "justification_required")
    APPROVERS_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    ALTERNATES_FIELD_NUMBER: _ClassVar[int]
    ALTERNATE_FALLBACK_FIELD_NUMBER: _ClassVar[int]
    ESCALATE_AFTER_FIELD_NUMBER: _ClassVar[int]
    TIME_OUT_FIELD_NUMBER: _ClassVar[int]
    JUSTIFICATION_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    approvers: _containers.RepeatedCompositeFieldContainer[Approver]
    fallback: _containers.RepeatedCompositeFieldContainer[Approver]
    alternates: _containers.RepeatedCompositeFieldContainer[Approver]
    alternate_fallback: _containers.RepeatedCompositeFieldContainer[Approver]
    escalate_after: _duration_pb2.Duration
    time_out: _duration_pb2.Duration
    justification_required: bool
    def __init__(self, approvers: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., fallback: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., alternates: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., alternate_fallback: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., escalate_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., time_out: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., justification_required: _Optional[bool] = ...) -> None: ...

class Approver(_message.Message):
    __slots__ = ("kind", "id", "level")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    kind: _decision_pb2.ApproverKind
    id: str
    level: int
    def __init__(self, kind: _Optional[_Union[_decision_pb2.ApproverKind, str]] = ..., id: _Optional[str] = ..., level: _Optional[int] = ...) -> None: ...

class Expiration(_message.Message):
    __slots__ = ("never", "on", "after")
    NEVER_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    never: bool
    on: _timestamp_pb2.Timestamp
    after: _duration_pb2.Duration
    def __init__(self, never: _Optional[bool] = ..., on: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ReviewSettings(_message.Message):
    __slots__ = ("start", "every", "window", "reviewers", "specific", "fallback", "no_response")
    START_FIELD_NUMBER: _ClassVar[int]
    EVERY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    REVIEWERS_FIELD_NUMBER: _ClassVar[int]
    SPECIFIC_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    NO_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    start: _timestamp_pb2.Timestamp
    every: _decision_pb2.Recurrence
    window: _duration_pb2.Duration
    reviewers: _access_review_pb2.ReviewerKind
    specific: _containers.RepeatedCompositeFieldContainer[Approver]
    fallback: _containers.RepeatedCompositeFieldContainer[Approver]
    no_response: _access_review_pb2.NoResponse
    def __init__(self, start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., every: _Optional[_Union[_decision_pb2.Recurrence, _Mapping]] = ..., window: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reviewers: _Optional[_Union[_access_review_pb2.ReviewerKind, str]] = ..., specific: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., fallback: _Optional[_Iterable[_Union[Approver, _Mapping]]] = ..., no_response: _Optional[_Union[_access_review_pb2.NoResponse, str]] = ...) -> None: ...

class ExtensionCall(_message.Message):
    __slots__ = ("extension", "stage", "wait")
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    extension: str
    stage: _callout_pb2.ExtensionStage
    wait: _duration_pb2.Duration
    def __init__(self, extension: _Optional[str] = ..., stage: _Optional[_Union[_callout_pb2.ExtensionStage, str]] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
