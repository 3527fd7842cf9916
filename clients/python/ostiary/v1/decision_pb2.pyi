import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ostiary.v1 import reason_pb2 as _reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_GRANT: _ClassVar[Outcome]
    OUTCOME_NEEDS_APPROVAL: _ClassVar[Outcome]
    OUTCOME_NEEDS_CHOICE: _ClassVar[Outcome]
    OUTCOME_DENY: _ClassVar[Outcome]
    OUTCOME_INDETERMINATE: _ClassVar[Outcome]

class ApproverOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPROVER_ORIGIN_UNSPECIFIED: _ClassVar[ApproverOrigin]
    APPROVER_ORIGIN_PRIMARY: _ClassVar[ApproverOrigin]
    APPROVER_ORIGIN_FALLBACK: _ClassVar[ApproverOrigin]

class ApproverKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPROVER_KIND_UNSPECIFIED: _ClassVar[ApproverKind]
    APPROVER_KIND_USER: _ClassVar[ApproverKind]
    APPROVER_KIND_GROUP: _ClassVar[ApproverKind]
    APPROVER_KIND_MANAGER: _ClassVar[ApproverKind]
    APPROVER_KIND_INTERNAL_SPONSORS: _ClassVar[ApproverKind]
    APPROVER_KIND_EXTERNAL_SPONSORS: _ClassVar[ApproverKind]
    APPROVER_KIND_OWN_SPONSORS: _ClassVar[ApproverKind]
    APPROVER_KIND_UNREADABLE: _ClassVar[ApproverKind]

class UnusableCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNUSABLE_CAUSE_UNSPECIFIED: _ClassVar[UnusableCause]
    UNUSABLE_CAUSE_MISSING: _ClassVar[UnusableCause]
    UNUSABLE_CAUSE_BLOCKED: _ClassVar[UnusableCause]
    UNUSABLE_CAUSE_DELETED: _ClassVar[UnusableCause]
    UNUSABLE_CAUSE_OWN_REQUEST: _ClassVar[UnusableCause]
    UNUSABLE_CAUSE_UNREADABLE: _ClassVar[UnusableCause]

class ActionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_KIND_UNSPECIFIED: _ClassVar[ActionKind]
    ACTION_KIND_EXPIRE_ASSIGNMENT: _ClassVar[ActionKind]
    ACTION_KIND_REMOVE_OUT_OF_SCOPE: _ClassVar[ActionKind]
    ACTION_KIND_REVOKE: _ClassVar[ActionKind]
    ACTION_KIND_TIME_OUT_STAGE: _ClassVar[ActionKind]
    ACTION_KIND_TIME_OUT_EXTENSION: _ClassVar[ActionKind]
    ACTION_KIND_ESCALATE_STAGE: _ClassVar[ActionKind]
    ACTION_KIND_OPEN_STAGE: _ClassVar[ActionKind]
    ACTION_KIND_CALL_EXTENSION: _ClassVar[ActionKind]
    ACTION_KIND_START_DELIVERY: _ClassVar[ActionKind]
    ACTION_KIND_INVITE_GUEST: _ClassVar[ActionKind]
    ACTION_KIND_GRANT: _ClassVar[ActionKind]
    ACTION_KIND_CLOSE_REVIEW: _ClassVar[ActionKind]
    ACTION_KIND_OPEN_REVIEW: _ClassVar[ActionKind]
    ACTION_KIND_REMIND_REVIEWERS: _ClassVar[ActionKind]
    ACTION_KIND_REMIND_EXPIRY: _ClassVar[ActionKind]
    ACTION_KIND_BLOCK_GUEST: _ClassVar[ActionKind]
    ACTION_KIND_DELETE_GUEST: _ClassVar[ActionKind]

class Anchor(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ANCHOR_UNSPECIFIED: _ClassVar[Anchor]
    ANCHOR_SUBMITTED: _ClassVar[Anchor]
    ANCHOR_STAGE_OPENED: _ClassVar[Anchor]
    ANCHOR_APPROVED: _ClassVar[Anchor]
    ANCHOR_ASSIGNMENT_START: _ClassVar[Anchor]
    ANCHOR_DELIVERED: _ClassVar[Anchor]
    ANCHOR_ASSIGNMENT_END: _ClassVar[Anchor]
    ANCHOR_OUT_OF_SCOPE: _ClassVar[Anchor]
    ANCHOR_REVIEW_CALENDAR: _ClassVar[Anchor]

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_REQUESTOR_SCOPE: _ClassVar[Phase]
    PHASE_POLICY_SELECTION: _ClassVar[Phase]
    PHASE_APPROVER_RESOLUTION: _ClassVar[Phase]
    PHASE_LIMITS: _ClassVar[Phase]
    PHASE_LIFECYCLE: _ClassVar[Phase]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_GRANT: Outcome
OUTCOME_NEEDS_APPROVAL: Outcome
OUTCOME_NEEDS_CHOICE: Outcome
OUTCOME_DENY: Outcome
OUTCOME_INDETERMINATE: Outcome
APPROVER_ORIGIN_UNSPECIFIED: ApproverOrigin
APPROVER_ORIGIN_PRIMARY: ApproverOrigin
APPROVER_ORIGIN_FALLBACK: ApproverOrigin
APPROVER_KIND_UNSPECIFIED: ApproverKind
APPROVER_KIND_USER: ApproverKind
APPROVER_KIND_GROUP: ApproverKind
APPROVER_KIND_MANAGER: ApproverKind
APPROVER_KIND_INTERNAL_SPONSORS: ApproverKind
APPROVER_KIND_EXTERNAL_SPONSORS: ApproverKind
APPROVER_KIND_OWN_SPONSORS: ApproverKind
APPROVER_KIND_UNREADABLE: ApproverKind
UNUSABLE_CAUSE_UNSPECIFIED: UnusableCause
UNUSABLE_CAUSE_MISSING: UnusableCause
UNUSABLE_CAUSE_BLOCKED: UnusableCause
UNUSABLE_CAUSE_DELETED: UnusableCause
UNUSABLE_CAUSE_OWN_REQUEST: UnusableCause
UNUSABLE_CAUSE_UNREADABLE: UnusableCause
ACTION_KIND_UNSPECIFIED: ActionKind
ACTION_KIND_EXPIRE_ASSIGNMENT: ActionKind
ACTION_KIND_REMOVE_OUT_OF_SCOPE: ActionKind
ACTION_KIND_REVOKE: ActionKind
ACTION_KIND_TIME_OUT_STAGE: ActionKind
ACTION_KIND_TIME_OUT_EXTENSION: ActionKind
ACTION_KIND_ESCALATE_STAGE: ActionKind
ACTION_KIND_OPEN_STAGE: ActionKind
ACTION_KIND_CALL_EXTENSION: ActionKind
ACTION_KIND_START_DELIVERY: ActionKind
ACTION_KIND_INVITE_GUEST: ActionKind
ACTION_KIND_GRANT: ActionKind
ACTION_KIND_CLOSE_REVIEW: ActionKind
ACTION_KIND_OPEN_REVIEW: ActionKind
ACTION_KIND_REMIND_REVIEWERS: ActionKind
ACTION_KIND_REMIND_EXPIRY: ActionKind
ACTION_KIND_BLOCK_GUEST: ActionKind
ACTION_KIND_DELETE_GUEST: ActionKind
ANCHOR_UNSPECIFIED: Anchor
ANCHOR_SUBMITTED: Anchor
ANCHOR_STAGE_OPENED: Anchor
ANCHOR_APPROVED: Anchor
ANCHOR_ASSIGNMENT_START: Anchor
ANCHOR_DELIVERED: Anchor
ANCHOR_ASSIGNMENT_END: Anchor
ANCHOR_OUT_OF_SCOPE: Anchor
ANCHOR_REVIEW_CALENDAR: Anchor
PHASE_UNSPECIFIED: Phase
PHASE_REQUESTOR_SCOPE: Phase
PHASE_POLICY_SELECTION: Phase
PHASE_APPROVER_RESOLUTION: Phase
PHASE_LIMITS: Phase
PHASE_LIFECYCLE: Phase

class Decision(_message.Message):
    __slots__ = ("outcome", "visible", "eligible", "offered_policies", "selected_policy", "choice_required", "reasons", "stages", "scheduled_actions", "explanation", "revision", "evaluate_time")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    VISIBLE_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_POLICIES_FIELD_NUMBER: _ClassVar[int]
    SELECTED_POLICY_FIELD_NUMBER: _ClassVar[int]
    CHOICE_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULED_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    outcome: Outcome
    visible: bool
    eligible: bool
    offered_policies: _containers.RepeatedScalarFieldContainer[str]
    selected_policy: str
    choice_required: bool
    reasons: _containers.RepeatedCompositeFieldContainer[_reason_pb2.Reason]
    stages: _containers.RepeatedCompositeFieldContainer[PlannedStage]
    scheduled_actions: _containers.RepeatedCompositeFieldContainer[ScheduledAction]
    explanation: _containers.RepeatedCompositeFieldContainer[ExplanationStep]
    revision: Revision
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, outcome: _Optional[_Union[Outcome, str]] = ..., visible: _Optional[bool] = ..., eligible: _Optional[bool] = ..., offered_policies: _Optional[_Iterable[str]] = ..., selected_policy: _Optional[str] = ..., choice_required: _Optional[bool] = ..., reasons: _Optional[_Iterable[_Union[_reason_pb2.Reason, _Mapping]]] = ..., stages: _Optional[_Iterable[_Union[PlannedStage, _Mapping]]] = ..., scheduled_actions: _Optional[_Iterable[_Union[ScheduledAction, _Mapping]]] = ..., explanation: _Optional[_Iterable[_Union[ExplanationStep, _Mapping]]] = ..., revision: _Optional[_Union[Revision, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PlannedStage(_message.Message):
    __slots__ = ("number", "approvers", "origin", "alternates", "alternates_origin", "time_out", "escalate_after", "justification_required", "open_time", "escalate_time", "deny_time", "discarded")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
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
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    number: int
    approvers: _containers.RepeatedScalarFieldContainer[str]
    origin: ApproverOrigin
    alternates: _containers.RepeatedScalarFieldContainer[str]
    alternates_origin: ApproverOrigin
    time_out: _duration_pb2.Duration
    escalate_after: _duration_pb2.Duration
    justification_required: bool
    open_time: _timestamp_pb2.Timestamp
    escalate_time: _timestamp_pb2.Timestamp
    deny_time: _timestamp_pb2.Timestamp
    discarded: _containers.RepeatedCompositeFieldContainer[DiscardedApprover]
    def __init__(self, number: _Optional[int] = ..., approvers: _Optional[_Iterable[str]] = ..., origin: _Optional[_Union[ApproverOrigin, str]] = ..., alternates: _Optional[_Iterable[str]] = ..., alternates_origin: _Optional[_Union[ApproverOrigin, str]] = ..., time_out: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., escalate_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., justification_required: _Optional[bool] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., escalate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deny_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., discarded: _Optional[_Iterable[_Union[DiscardedApprover, _Mapping]]] = ...) -> None: ...

class DiscardedApprover(_message.Message):
    __slots__ = ("kind", "person", "cause")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    kind: ApproverKind
    person: str
    cause: UnusableCause
    def __init__(self, kind: _Optional[_Union[ApproverKind, str]] = ..., person: _Optional[str] = ..., cause: _Optional[_Union[UnusableCause, str]] = ...) -> None: ...

class ScheduledAction(_message.Message):
    __slots__ = ("kind", "subject", "target", "time", "anchor", "offset", "stage", "not_before_time", "repeats", "rule")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_TIME_FIELD_NUMBER: _ClassVar[int]
    REPEATS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    kind: ActionKind
    subject: str
    target: str
    time: _timestamp_pb2.Timestamp
    anchor: Anchor
    offset: _duration_pb2.Duration
    stage: int
    not_before_time: _timestamp_pb2.Timestamp
    repeats: Recurrence
    rule: RuleReference
    def __init__(self, kind: _Optional[_Union[ActionKind, str]] = ..., subject: _Optional[str] = ..., target: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., anchor: _Optional[_Union[Anchor, str]] = ..., offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., stage: _Optional[int] = ..., not_before_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., repeats: _Optional[_Union[Recurrence, _Mapping]] = ..., rule: _Optional[_Union[RuleReference, _Mapping]] = ...) -> None: ...

class Recurrence(_message.Message):
    __slots__ = ("every", "months")
    EVERY_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    every: _duration_pb2.Duration
    months: int
    def __init__(self, every: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., months: _Optional[int] = ...) -> None: ...

class RuleReference(_message.Message):
    __slots__ = ("id", "file", "line")
    ID_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    id: str
    file: str
    line: int
    def __init__(self, id: _Optional[str] = ..., file: _Optional[str] = ..., line: _Optional[int] = ...) -> None: ...

class ExplanationStep(_message.Message):
    __slots__ = ("phase", "about", "facts", "rules", "conclusions")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    CONCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    phase: Phase
    about: str
    facts: _containers.RepeatedCompositeFieldContainer[Fact]
    rules: _containers.RepeatedCompositeFieldContainer[FiredRule]
    conclusions: _containers.RepeatedCompositeFieldContainer[Conclusion]
    def __init__(self, phase: _Optional[_Union[Phase, str]] = ..., about: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[FiredRule, _Mapping]]] = ..., conclusions: _Optional[_Iterable[_Union[Conclusion, _Mapping]]] = ...) -> None: ...

class Fact(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class FiredRule(_message.Message):
    __slots__ = ("rule", "sentence", "carries_out", "decided")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    CARRIES_OUT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    rule: RuleReference
    sentence: str
    carries_out: _containers.RepeatedScalarFieldContainer[str]
    decided: bool
    def __init__(self, rule: _Optional[_Union[RuleReference, _Mapping]] = ..., sentence: _Optional[str] = ..., carries_out: _Optional[_Iterable[str]] = ..., decided: _Optional[bool] = ...) -> None: ...

class Conclusion(_message.Message):
    __slots__ = ("answer", "value", "reason", "cause", "missing_fact", "rule")
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FACT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    answer: str
    value: str
    reason: _reason_pb2.ReasonCode
    cause: str
    missing_fact: str
    rule: str
    def __init__(self, answer: _Optional[str] = ..., value: _Optional[str] = ..., reason: _Optional[_Union[_reason_pb2.ReasonCode, str]] = ..., cause: _Optional[str] = ..., missing_fact: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...

class Revision(_message.Message):
    __slots__ = ("rules", "tenant", "profile", "profile_version")
    RULES_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_VERSION_FIELD_NUMBER: _ClassVar[int]
    rules: str
    tenant: str
    profile: str
    profile_version: str
    def __init__(self, rules: _Optional[str] = ..., tenant: _Optional[str] = ..., profile: _Optional[str] = ..., profile_version: _Optional[str] = ...) -> None: ...
