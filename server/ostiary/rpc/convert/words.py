"""Enumerations of the contract and of the domain, value by value; a name without partner fails."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.decision import Origin, Outcome, Unusable
from ostiary.domain.people import UNKNOWN, AccountState, PersonType, RiskLevel, SignIn, Unknown
from ostiary.domain.policy import ApproverKind
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import Mode, RequestType
from ostiary.domain.tables import Phase
from ostiary.v1 import decision_pb2, decision_service_pb2, person_pb2, reason_pb2

Member = TypeVar("Member", bound=enum.Enum)


# Any: the generated types know each enumeration as a type of its own.
def numbers(
    descriptor: EnumDescriptor, kind: type[Member], prefix: str, *, nothing: Member | None = None
) -> dict[Member, Any]:
    """Give the number of each member of an enumeration of the domain; of `nothing`, it is 0."""
    values = descriptor.values_by_name
    return {
        member: 0 if member is nothing else values[f"{prefix}_{member.name}"].number
        for member in kind
    }


def members(descriptor: EnumDescriptor, kind: type[Member], prefix: str) -> dict[int, Member]:
    """Give the member of an enumeration of the domain for each number."""
    return {number: member for member, number in numbers(descriptor, kind, prefix).items()}


_decision = decision_pb2.DESCRIPTOR.enum_types_by_name
_service = decision_service_pb2.DESCRIPTOR.enum_types_by_name
_person = person_pb2.DESCRIPTOR.enum_types_by_name
_reason = reason_pb2.DESCRIPTOR.enum_types_by_name

OUTCOMES: Mapping[Outcome, decision_pb2.Outcome] = numbers(_decision["Outcome"], Outcome, "OUTCOME")
ORIGINS: Mapping[Origin, decision_pb2.ApproverOrigin] = numbers(
    _decision["ApproverOrigin"], Origin, "APPROVER_ORIGIN"
)
APPROVER_KINDS: Mapping[ApproverKind, decision_pb2.ApproverKind] = numbers(
    _decision["ApproverKind"], ApproverKind, "APPROVER_KIND"
)
UNUSABLE: Mapping[Unusable, decision_pb2.UnusableCause] = numbers(
    _decision["UnusableCause"], Unusable, "UNUSABLE_CAUSE"
)
ACTION_KINDS: Mapping[ActionKind, decision_pb2.ActionKind] = numbers(
    _decision["ActionKind"], ActionKind, "ACTION_KIND"
)
ANCHORS: Mapping[Anchor, decision_pb2.Anchor] = numbers(_decision["Anchor"], Anchor, "ANCHOR")
PHASES: Mapping[Phase, decision_pb2.Phase] = numbers(_decision["Phase"], Phase, "PHASE")
CODES: Mapping[Code, reason_pb2.ReasonCode] = numbers(_reason["ReasonCode"], Code, "REASON_CODE")
SEVERITIES: Mapping[Severity, reason_pb2.Severity] = numbers(
    _reason["Severity"], Severity, "SEVERITY"
)

REQUEST_TYPES: Mapping[int, RequestType] = {
    decision_service_pb2.REQUEST_TYPE_UNSPECIFIED: RequestType.USER_ADD,
    **members(_service["RequestType"], RequestType, "REQUEST_TYPE"),
}
MODES: Mapping[int, Mode] = {
    decision_service_pb2.EVALUATION_MODE_UNSPECIFIED: Mode.QUERY,
    **members(_service["EvaluationMode"], Mode, "EVALUATION_MODE"),
}
# Whether a view holds more than BASIC does.
VIEWS: Mapping[int, bool] = {
    decision_service_pb2.DECISION_VIEW_UNSPECIFIED: True,
    decision_service_pb2.DECISION_VIEW_BASIC: False,
    decision_service_pb2.DECISION_VIEW_FULL: True,
}
PERSON_TYPES: Mapping[int, PersonType | Unknown] = {
    person_pb2.PERSON_TYPE_UNSPECIFIED: UNKNOWN,
    **members(_person["PersonType"], PersonType, "PERSON_TYPE"),
}
ACCOUNT_STATES: Mapping[int, AccountState | Unknown] = {
    person_pb2.ACCOUNT_STATE_UNSPECIFIED: UNKNOWN,
    **members(_person["AccountState"], AccountState, "ACCOUNT_STATE"),
}
RISK_LEVELS: Mapping[int, RiskLevel | Unknown] = {
    person_pb2.RISK_LEVEL_UNSPECIFIED: UNKNOWN,
    **members(_person["RiskLevel"], RiskLevel, "RISK_LEVEL"),
}
# None: known to have no identity outside the directory. Unspecified is no answer at all.
SIGN_INS: Mapping[int, SignIn | None] = {
    person_pb2.SIGN_IN_NONE: None,
    **members(_person["SignIn"], SignIn, "SIGN_IN"),
}
