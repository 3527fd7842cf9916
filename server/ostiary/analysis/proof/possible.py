"""The two sides of a proof: definitions under rules, with what could come to be beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from ostiary.analysis.proof.answering import Wanted
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.domain.people import (
    ConnectedOrganization,
    IdentitySource,
    OrganizationState,
    SourceKind,
    User,
)
from ostiary.domain.tables import Predicate, Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build

# Nobody signs in to these; they stand for tenants that nobody knows today.
TENANTS_TO_COME = {
    OrganizationState.CONFIGURED: "00000000-0000-4000-8000-00000000c0fe",
    OrganizationState.PROPOSED: "00000000-0000-4000-8000-00000000c0de",
}


class Definitions(msgspec.Struct, frozen=True):
    """A tenant and the decision tables that its questions are answered from."""

    tenant: Tenant
    tables: Tables


class Names(msgspec.Struct, frozen=True):
    """Ids that no definition uses yet, for people and organizations still to come."""

    stranger: str
    colleague: str
    superior: str
    bystander: str
    organization: str
    proposed: str


class Side(msgspec.Struct, frozen=True, dict=True, eq=False):
    """One side of a proof, with two organizations and three people that nobody knows today.

    A list of today's organizations is not "all connected organizations": somebody may come from one
    that is connected tomorrow (open world).
    """

    tenant: Tenant
    snapshot: Snapshot
    predicates: tuple[Predicate, ...]
    names: Names

    @cached_property
    def packages(self) -> Mapping[str, CompiledPackage]:
        """Give the packages by id, in the order of ids."""
        return {one.id: one for one in sorted(self.snapshot.order, key=lambda one: one.id)}

    @cached_property
    def users(self) -> Mapping[str, User]:
        """Give the users of the directory, those to come included."""
        return {user.id: user for user in self.tenant.users}

    @cached_property
    def nesting(self) -> Mapping[str, frozenset[str]]:
        """Give the groups directly in each group that holds some; none where nesting is nothing."""
        if not self.tenant.profile.group_membership_transitive:
            return {}
        return {one.id: frozenset(one.groups) for one in self.tenant.groups if one.groups}

    def standing(self, user_id: str | None) -> tuple[object, ...]:
        """Tell how a manager stands: their account, and that of their own manager."""
        user = self.users.get(user_id or "")
        if user is None:
            return (user_id is not None,)
        above = self.users.get(user.manager or "")
        return (
            user.state,
            user.manager is not None,
            above.state if above is not None else None,
            user.manager == user.id,
        )


class View(msgspec.Struct, frozen=True):
    """One package on one side.

    `supposed` are the questions without a known answer that somebody is supposed to answer.
    """

    side: Side
    package: CompiledPackage
    supposed: frozenset[Wanted] = frozenset()


def sides(definitions: Iterable[Definitions]) -> tuple[Side, ...]:
    """Make definitions ready, with the same people and organizations to come on each side."""
    given = tuple(definitions)
    names = _names([one.tenant for one in given])
    return tuple(_side(one, names) for one in given)


def _side(definitions: Definitions, names: Names) -> Side:
    tenant = with_possible(definitions.tenant, names)
    return Side(tenant, build(tenant, definitions.tables), definitions.tables.predicates, names)


def with_possible(tenant: Tenant, names: Names) -> Tenant:
    """Give a tenant with the people and organizations still to come."""
    users = (
        User(names.colleague, "A colleague to come", manager=names.superior),
        User(names.superior, "A superior to come"),
        User(names.bystander, "Another one to come"),  # neither the person nor their manager
    )
    organizations = (
        _organization(names.organization, OrganizationState.CONFIGURED),
        _organization(names.proposed, OrganizationState.PROPOSED),
    )
    return msgspec.structs.replace(
        tenant,
        users=(*tenant.users, *users),
        organizations=(*tenant.organizations, *organizations),
    )


def _organization(name: str, state: OrganizationState) -> ConnectedOrganization:
    # Recognised by a tenant, so that its people may write from any mail domain.
    source = IdentitySource(SourceKind.TENANT, tenant_id=TENANTS_TO_COME[state])
    return ConnectedOrganization(name, f"An organization to come ({name})", state, "", (source,))


def _names(tenants: list[Tenant]) -> Names:
    taken: set[str] = set()
    for tenant in tenants:
        for things in (tenant.users, tenant.groups, tenant.organizations, tenant.catalogs):
            taken.update(one.id for one in things)
        for user in tenant.users:
            if user.manager is not None:
                taken.add(user.manager)
        for catalog in tenant.catalogs:
            for package in catalog.packages:
                for policy in package.policies:
                    taken.update(policy.scope.users)
    return Names(
        *(
            _free(word, taken)
            for word in (
                "somebody",
                "colleague-to-come",
                "superior-to-come",
                "bystander-to-come",
                "organization-to-come",
                "organization-to-propose",
            )
        )
    )


def _free(word: str, taken: set[str]) -> str:
    name, number = word, 2
    while name in taken:
        name, number = f"{word}-{number}", number + 1
    return name
