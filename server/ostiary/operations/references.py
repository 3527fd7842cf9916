"""Which definitions a definition refers to, so that nothing is taken away that is still used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ostiary.domain.catalog import AccessPackage, Resource, ResourceKind
from ostiary.domain.people import ConnectedOrganization, User
from ostiary.domain.policy import ApprovalStage, Approver, AssignmentPolicy, ScopeKind
from ostiary.lifecycle.ports import DefinitionKind

_USER = DefinitionKind.USER
_GROUP = DefinitionKind.GROUP


class Target(NamedTuple):
    """What a reference names: ids of resources and extensions are those of one catalog."""

    kind: DefinitionKind
    id: str
    catalog: str = ""


def targets_of(kind: DefinitionKind, catalog: str, noun: Any) -> Iterator[Target]:
    """Give what a definition refers to; `catalog` is the one that it belongs to, if any."""
    found = _BY_KIND.get(kind)
    return iter(()) if found is None else found(noun, catalog)


def _user(user: User, _: str) -> Iterator[Target]:
    if user.manager is not None:
        yield Target(_USER, user.manager)
    yield from _all(_USER, user.sponsors)


def _organization(one: ConnectedOrganization, _: str) -> Iterator[Target]:
    yield from _all(_USER, (*one.internal_sponsor_users, *one.external_sponsor_users))
    yield from _all(_GROUP, (*one.internal_sponsor_groups, *one.external_sponsor_groups))


def _resource(resource: Resource, _: str) -> Iterator[Target]:
    if resource.kind is ResourceKind.GROUP:
        yield Target(_GROUP, resource.target)


def _package(package: AccessPackage, catalog: str) -> Iterator[Target]:
    for name in sorted({entry.resource for entry in package.entries}):
        yield Target(DefinitionKind.RESOURCE, name, catalog)
    yield from _all(DefinitionKind.PACKAGE, package.incompatible_packages)
    yield from _all(_GROUP, package.incompatible_groups)


def _policy(policy: AssignmentPolicy, catalog: str) -> Iterator[Target]:
    scope = policy.scope
    if scope.kind is not ScopeKind.UNREADABLE:  # what such a scope names is no subject of ours
        yield from _all(_USER, scope.users)
        yield from _all(_GROUP, scope.groups)
        yield from _all(DefinitionKind.ORGANIZATION, scope.organizations)
    for stage in policy.stages:
        yield from _approvers(_of_stage(stage))
    if policy.reviews is not None:
        yield from _approvers((*policy.reviews.specific, *policy.reviews.fallback))
    for call in policy.extensions:
        yield Target(DefinitionKind.EXTENSION, call.extension, catalog)


def _of_stage(stage: ApprovalStage) -> tuple[Approver, ...]:
    return (*stage.primary, *stage.fallback, *stage.alternates, *stage.alternate_fallback)


def _approvers(approvers: tuple[Approver, ...]) -> Iterator[Target]:
    for approver in approvers:
        if approver.id is not None and approver.kind.value in {"user", "group"}:
            yield Target(DefinitionKind(approver.kind.value), approver.id)


def _all(kind: DefinitionKind, names: tuple[str, ...]) -> Iterator[Target]:
    return (Target(kind, name) for name in names)


def _tenant(said: Any, _: str) -> Iterator[Target]:
    risk = said.settings.risk_stage
    yield from _approvers(() if risk is None else risk.approvers)


_BY_KIND: Mapping[DefinitionKind, Callable[[Any, str], Iterator[Target]]] = {
    DefinitionKind.TENANT: _tenant,
    DefinitionKind.USER: _user,
    DefinitionKind.ORGANIZATION: _organization,
    DefinitionKind.RESOURCE: _resource,
    DefinitionKind.PACKAGE: _package,
    DefinitionKind.POLICY: _policy,
}
