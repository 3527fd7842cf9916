"""Tenants and requests changed in one respect, for laws about what the change may do."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from ostiary.domain.catalog import AccessPackage
from ostiary.domain.people import AccountState, User
from ostiary.domain.policy import ApprovalStage, Approver, AssignmentPolicy
from ostiary.domain.request import InlinePerson
from ostiary.domain.tenant import Tenant

T = TypeVar("T")
replace = msgspec.structs.replace


class Order(Protocol):
    """A way of putting a list into an order."""

    def __call__(self, items: Sequence[T], /) -> Sequence[T]: ...


def backwards(items: Sequence[T]) -> Sequence[T]:
    """The last one first."""
    return items[::-1]


def shuffler(seed: int) -> Order:
    """A random order."""
    dice = random.Random(seed)

    def shuffle(items: Sequence[T], /) -> Sequence[T]:
        return dice.sample(items, len(items))

    return shuffle


def described(tenant: Tenant, user_id: str) -> InlinePerson:
    """A user of the directory with every fact told by the caller."""
    user = next(user for user in tenant.users if user.id == user_id)
    return InlinePerson(
        id=user.id,
        type=user.type,
        state=user.state,
        groups=tuple(group.id for group in tenant.groups if user.id in group.users),
        manager=user.manager,
        sponsors=user.sponsors,
        home=user.home,
        attributes=user.attributes,
        mail=user.mail,
        governed=user.governed,
    )


def with_state(tenant: Tenant, user_id: str, state: AccountState) -> Tenant:
    """The tenant with one user in another state, unless that user was deleted."""

    def changed(user: User) -> User:
        lost = user.state is AccountState.DELETED
        return user if lost or user.id != user_id else replace(user, state=state)

    return replace(tenant, users=tuple(map(changed, tenant.users)))


def with_standby(tenant: Tenant, standby: Approver) -> Tenant:
    """The tenant with one more fallback approver in every stage."""

    def stage(old: ApprovalStage) -> ApprovalStage:
        return replace(old, fallback=(*old.fallback, standby))

    def policy(old: AssignmentPolicy) -> AssignmentPolicy:
        return replace(old, stages=tuple(map(stage, old.stages)))

    return with_packages(
        tenant, lambda old: replace(old, policies=tuple(map(policy, old.policies)))
    )


def with_packages(tenant: Tenant, change: Callable[[AccessPackage], AccessPackage]) -> Tenant:
    """The tenant with every package changed."""
    return replace(
        tenant,
        catalogs=tuple(
            replace(catalog, packages=tuple(map(change, catalog.packages)))
            for catalog in tenant.catalogs
        ),
    )


def reordered(tenant: Tenant, order: Order) -> Tenant:
    """The same tenant with its lists in another order."""
    catalogs = tuple(
        replace(
            catalog,
            packages=tuple(order(catalog.packages)),
            resources=tuple(order(catalog.resources)),
            extensions=tuple(order(catalog.extensions)),
        )
        for catalog in tenant.catalogs
    )
    groups = tuple(
        replace(group, users=tuple(order(group.users)), groups=tuple(order(group.groups)))
        for group in tenant.groups
    )
    return replace(
        tenant,
        users=tuple(order(tenant.users)),
        groups=tuple(order(groups)),
        organizations=tuple(order(tenant.organizations)),
        catalogs=tuple(order(catalogs)),
    )
