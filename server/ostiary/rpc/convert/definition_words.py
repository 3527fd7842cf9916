"""Enumerations of definitions, value by value; a name without partner fails."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.caller import Role
from ostiary.domain.people import AccountState, GroupKind, OrganizationState, PersonType, RiskLevel
from ostiary.domain.policy import QuestionKind, ScopeKind
from ostiary.operations.revising import Action
from ostiary.rpc.convert.words import numbers
from ostiary.v1 import catalog_pb2, directory_pb2, person_pb2, policy_pb2

_catalog = catalog_pb2.DESCRIPTOR.enum_types_by_name
_directory = directory_pb2.DESCRIPTOR.enum_types_by_name
_person = person_pb2.DESCRIPTOR.enum_types_by_name
_policy = policy_pb2.DESCRIPTOR.enum_types_by_name

SCOPE_KINDS: Mapping[ScopeKind, policy_pb2.ScopeKind] = numbers(
    _policy["ScopeKind"], ScopeKind, "SCOPE_KIND"
)
QUESTION_KINDS: Mapping[QuestionKind, policy_pb2.QuestionKind] = numbers(
    _policy["QuestionKind"], QuestionKind, "QUESTION_KIND"
)
GROUP_KINDS: Mapping[GroupKind, directory_pb2.GroupKind] = numbers(
    _directory["GroupKind"], GroupKind, "GROUP_KIND"
)
ORGANIZATION_STATES: Mapping[OrganizationState, directory_pb2.OrganizationState] = numbers(
    _directory["OrganizationState"], OrganizationState, "ORGANIZATION_STATE"
)
PERSON_TYPE_NUMBERS: Mapping[PersonType, person_pb2.PersonType] = numbers(
    _person["PersonType"], PersonType, "PERSON_TYPE"
)
ACCOUNT_STATE_NUMBERS: Mapping[AccountState, person_pb2.AccountState] = numbers(
    _person["AccountState"], AccountState, "ACCOUNT_STATE"
)
RISK_LEVEL_NUMBERS: Mapping[RiskLevel, person_pb2.RiskLevel] = numbers(
    _person["RiskLevel"], RiskLevel, "RISK_LEVEL"
)
ROLES: Mapping[Role, directory_pb2.Role] = numbers(_directory["Role"], Role, "ROLE")
ROLES_READ: Mapping[int, Role] = {number: role for role, number in ROLES.items()}
ACTIONS: Mapping[Action, catalog_pb2.ChangeAction] = numbers(
    _catalog["ChangeAction"], Action, "CHANGE_ACTION"
)
