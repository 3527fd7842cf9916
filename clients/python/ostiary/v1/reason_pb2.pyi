from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEVERITY_UNSPECIFIED: _ClassVar[Severity]
    SEVERITY_ERROR: _ClassVar[Severity]
    SEVERITY_WARNING: _ClassVar[Severity]
    SEVERITY_INFO: _ClassVar[Severity]

class ReasonCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_CODE_UNSPECIFIED: _ClassVar[ReasonCode]
    REASON_CODE_FORBIDDEN: _ClassVar[ReasonCode]
    REASON_CODE_INVALID_MODEL: _ClassVar[ReasonCode]
    REASON_CODE_LIMIT_EXCEEDED: _ClassVar[ReasonCode]
    REASON_CODE_CATALOG_DISABLED: _ClassVar[ReasonCode]
    REASON_CODE_CATALOG_NOT_EXTERNAL: _ClassVar[ReasonCode]
    REASON_CODE_POLICY_DISABLED: _ClassVar[ReasonCode]
    REASON_CODE_ADMIN_ONLY: _ClassVar[ReasonCode]
    REASON_CODE_NO_POLICY: _ClassVar[ReasonCode]
    REASON_CODE_NOT_IN_SCOPE: _ClassVar[ReasonCode]
    REASON_CODE_END_PASSED: _ClassVar[ReasonCode]
    REASON_CODE_SUBJECT_BLOCKED: _ClassVar[ReasonCode]
    REASON_CODE_SUBJECT_DELETED: _ClassVar[ReasonCode]
    REASON_CODE_ALREADY_ASSIGNED: _ClassVar[ReasonCode]
    REASON_CODE_REQUEST_PENDING: _ClassVar[ReasonCode]
    REASON_CODE_INCOMPATIBLE_PACKAGE: _ClassVar[ReasonCode]
    REASON_CODE_INCOMPATIBLE_GROUP: _ClassVar[ReasonCode]
    REASON_CODE_CHOICE_REQUIRED: _ClassVar[ReasonCode]
    REASON_CODE_POLICY_NOT_OFFERED: _ClassVar[ReasonCode]
    REASON_CODE_NOT_MANAGER: _ClassVar[ReasonCode]
    REASON_CODE_JUSTIFICATION_REQUIRED: _ClassVar[ReasonCode]
    REASON_CODE_ANSWER_REQUIRED: _ClassVar[ReasonCode]
    REASON_CODE_ANSWER_INVALID: _ClassVar[ReasonCode]
    REASON_CODE_SCHEDULE_NOT_ALLOWED: _ClassVar[ReasonCode]
    REASON_CODE_SCHEDULE_INVALID: _ClassVar[ReasonCode]
    REASON_CODE_SCHEDULE_BEYOND_POLICY: _ClassVar[ReasonCode]
    REASON_CODE_NO_APPROVER: _ClassVar[ReasonCode]
    REASON_CODE_EMPTY_PACKAGE: _ClassVar[ReasonCode]
    REASON_CODE_FACT_MISSING: _ClassVar[ReasonCode]
    REASON_CODE_SCOPE_MATCHED: _ClassVar[ReasonCode]
    REASON_CODE_POLICY_SELECTED: _ClassVar[ReasonCode]
    REASON_CODE_APPROVAL_REQUIRED: _ClassVar[ReasonCode]
    REASON_CODE_AUTO_APPROVED: _ClassVar[ReasonCode]
    REASON_CODE_FALLBACK_USED: _ClassVar[ReasonCode]
    REASON_CODE_APPROVER_UNUSABLE: _ClassVar[ReasonCode]
    REASON_CODE_ESCALATION_EMPTY: _ClassVar[ReasonCode]
    REASON_CODE_SELF_APPROVAL: _ClassVar[ReasonCode]
    REASON_CODE_NOT_APPROVER: _ClassVar[ReasonCode]
    REASON_CODE_STAGE_CLOSED: _ClassVar[ReasonCode]
    REASON_CODE_DENIED_BY_APPROVER: _ClassVar[ReasonCode]
    REASON_CODE_APPROVAL_TIMEOUT: _ClassVar[ReasonCode]
    REASON_CODE_EXTENSION_NOT_ALLOWED: _ClassVar[ReasonCode]
    REASON_CODE_NOT_ASSIGNED: _ClassVar[ReasonCode]
    REASON_CODE_EXT_DENIED: _ClassVar[ReasonCode]
    REASON_CODE_EXT_CANCELED: _ClassVar[ReasonCode]
    REASON_CODE_EXT_TIMEOUT: _ClassVar[ReasonCode]
    REASON_CODE_NOT_WAITING: _ClassVar[ReasonCode]
    REASON_CODE_NOT_CANCELLABLE: _ClassVar[ReasonCode]
    REASON_CODE_NOT_REPROCESSABLE: _ClassVar[ReasonCode]
    REASON_CODE_PACKAGE_DELETED: _ClassVar[ReasonCode]
    REASON_CODE_NOT_EMPTY: _ClassVar[ReasonCode]
    REASON_CODE_RESOURCE_GONE: _ClassVar[ReasonCode]
    REASON_CODE_INSUFFICIENT_PERMISSION: _ClassVar[ReasonCode]
    REASON_CODE_PROVISIONING_LATE: _ClassVar[ReasonCode]
    REASON_CODE_NOT_FOUND: _ClassVar[ReasonCode]
SEVERITY_UNSPECIFIED: Severity
SEVERITY_ERROR: Severity
SEVERITY_WARNING: Severity
SEVERITY_INFO: Severity
REASON_CODE_UNSPECIFIED: ReasonCode
REASON_CODE_FORBIDDEN: ReasonCode
REASON_CODE_INVALID_MODEL: ReasonCode
REASON_CODE_LIMIT_EXCEEDED: ReasonCode
REASON_CODE_CATALOG_DISABLED: ReasonCode
REASON_CODE_CATALOG_NOT_EXTERNAL: ReasonCode
REASON_CODE_POLICY_DISABLED: ReasonCode
REASON_CODE_ADMIN_ONLY: ReasonCode
REASON_CODE_NO_POLICY: ReasonCode
REASON_CODE_NOT_IN_SCOPE: ReasonCode
REASON_CODE_END_PASSED: ReasonCode
REASON_CODE_SUBJECT_BLOCKED: ReasonCode
REASON_CODE_SUBJECT_DELETED: ReasonCode
REASON_CODE_ALREADY_ASSIGNED: ReasonCode
REASON_CODE_REQUEST_PENDING: ReasonCode
REASON_CODE_INCOMPATIBLE_PACKAGE: ReasonCode
REASON_CODE_INCOMPATIBLE_GROUP: ReasonCode
REASON_CODE_CHOICE_REQUIRED: ReasonCode
REASON_CODE_POLICY_NOT_OFFERED: ReasonCode
REASON_CODE_NOT_MANAGER: ReasonCode
REASON_CODE_JUSTIFICATION_REQUIRED: ReasonCode
REASON_CODE_ANSWER_REQUIRED: ReasonCode
REASON_CODE_ANSWER_INVALID: ReasonCode
REASON_CODE_SCHEDULE_NOT_ALLOWED: ReasonCode
REASON_CODE_SCHEDULE_INVALID: ReasonCode
REASON_CODE_SCHEDULE_BEYOND_POLICY: ReasonCode
REASON_CODE_NO_APPROVER: ReasonCode
REASON_CODE_EMPTY_PACKAGE: ReasonCode
REASON_CODE_FACT_MISSING: ReasonCode
REASON_CODE_SCOPE_MATCHED: ReasonCode
REASON_CODE_POLICY_SELECTED: ReasonCode
REASON_CODE_APPROVAL_REQUIRED: ReasonCode
REASON_CODE_AUTO_APPROVED: ReasonCode
REASON_CODE_FALLBACK_USED: ReasonCode
REASON_CODE_APPROVER_UNUSABLE: ReasonCode
REASON_CODE_ESCALATION_EMPTY: ReasonCode
REASON_CODE_SELF_APPROVAL: ReasonCode
REASON_CODE_NOT_APPROVER: ReasonCode
REASON_CODE_STAGE_CLOSED: ReasonCode
REASON_CODE_DENIED_BY_APPROVER: ReasonCode
REASON_CODE_APPROVAL_TIMEOUT: ReasonCode
REASON_CODE_EXTENSION_NOT_ALLOWED: ReasonCode
REASON_CODE_NOT_ASSIGNED: ReasonCode
REASON_CODE_EXT_DENIED: ReasonCode
REASON_CODE_EXT_CANCELED: ReasonCode
REASON_CODE_EXT_TIMEOUT: ReasonCode
REASON_CODE_NOT_WAITING: ReasonCode
REASON_CODE_NOT_CANCELLABLE: ReasonCode
REASON_CODE_NOT_REPROCESSABLE: ReasonCode
REASON_CODE_PACKAGE_DELETED: ReasonCode
REASON_CODE_NOT_EMPTY: ReasonCode
REASON_CODE_RESOURCE_GONE: ReasonCode
REASON_CODE_INSUFFICIENT_PERMISSION: ReasonCode
REASON_CODE_PROVISIONING_LATE: ReasonCode
REASON_CODE_NOT_FOUND: ReasonCode

class Reason(_message.Message):
    __slots__ = ("code", "text", "severity", "policy", "parameters", "evidence")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    code: ReasonCode
    text: str
    severity: Severity
    policy: str
    parameters: _containers.ScalarMap[str, str]
    evidence: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[_Union[ReasonCode, str]] = ..., text: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ..., policy: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ..., evidence: _Optional[_Iterable[str]] = ...) -> None: ...
