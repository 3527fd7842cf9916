"""Memberships and roles of messages as the rows that the store holds."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.domain.caller import CATALOG_ROLES, Role, RoleAssignment
from ostiary.lifecycle.ports import MEMBER, OWNER, DefinitionKind, Membership
from ostiary.rpc.convert.definition_words import ROLES_READ
from ostiary.rpc.definition_names import DefinitionNames
from ostiary.rpc.violations import Violations
from ostiary.v1 import directory_pb2

MOST_MEMBERSHIPS = 1000
_HOLDERS = ("user", "group", "service")


def membership_of(
    names: DefinitionNames, one: directory_pb2.Membership, field: str, violations: Violations
) -> Membership:
    """Give the member or owner of a group that is meant."""
    group = names.key(DefinitionKind.GROUP, one.group, f"{field}.group", violations).id
    role = OWNER if one.role == directory_pb2.MEMBERSHIP_ROLE_OWNER else MEMBER
    if one.role not in directory_pb2.MembershipRole.values():
        violations.add(f"{field}.role", f"has no value with the number {one.role}")
    match one.WhichOneof("member"):
        case "nested_group":
            name = names.key(
                DefinitionKind.GROUP, one.nested_group, f"{field}.nested_group", violations
            ).id
            return Membership(group, name, nested=True, role=role)
        case "user":
            name = names.key(DefinitionKind.USER, one.user, f"{field}.user", violations).id
            return Membership(group, name, role=role)
        case _:
            violations.add(f"{field}.user", "a user or a nested group is required")
            return Membership(group, "", role=role)


def owners_of(
    names: DefinitionNames,
    owners: Iterable[directory_pb2.ResourceOwner],
    name: str,
    violations: Violations,
) -> list[Membership]:
    """Give owners of applications and sites as the rows that say so (S-17)."""
    found = []
    for number, one in enumerate(owners):
        field = f"{name}[{number}]"
        user = names.key(DefinitionKind.USER, one.user, f"{field}.user", violations).id
        owned = one.WhichOneof("owned")
        if owned is None or not getattr(one, owned):
            violations.add(f"{field}.application", "an application or a site is required")
            continue
        found.append(Membership(f"{owned}:{getattr(one, owned)}", user, role=OWNER))
    if len(found) > MOST_MEMBERSHIPS:
        violations.add(name, f"holds more than {MOST_MEMBERSHIPS:,}")
    return found


def role_of(
    names: DefinitionNames, message: directory_pb2.RoleAssignment, violations: Violations
) -> RoleAssignment:
    """Give the role that is meant."""
    kind, colon, name = message.holder.partition(":")
    if kind not in _HOLDERS or not colon or not name:
        violations.add("role_assignment.holder", "must be user:ID, group:ID or service:ID")
    role = violations.word(message.role, ROLES_READ, "role_assignment.role", Role.CATALOG_READER)
    catalog = ""
    if message.catalog:
        field = "role_assignment.catalog"
        catalog = names.key(DefinitionKind.CATALOG, message.catalog, field, violations).id
    if (role in CATALOG_ROLES) != bool(catalog):
        text = (
            "is required with this role" if role in CATALOG_ROLES else "does not go with the role"
        )
        violations.add("role_assignment.catalog", text)
    return RoleAssignment(message.holder, role, catalog)


def role_place(one: RoleAssignment) -> str:
    """Give where a role stands in lists."""
    return f"{one.catalog}\0{one.holder}\0{one.role.value}"
