"""What can only be said once all files are read: references, limits of the tenant, drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from ostiary.domain.catalog import AccessPackage, Catalog, Resource
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.group_cycles import group_cycles, spell_way
from ostiary.rulebook.resource_checks import check_granted_groups
from ostiary.rulebook.tenant_draft import Draft, PackageDraft
from ostiary.rulebook.tenant_model import GENERAL

T = TypeVar("T", User, Group, ConnectedOrganization, Catalog, AccessPackage, Resource)


def settle(draft: Draft) -> None:
    """Report everything that is wrong with the tenant as a whole."""
    check_granted_groups(draft)
    draft.settle_references()
    _catalogs(draft)
    _packages_without_policy(draft)
    _cycles(draft)


def _catalogs(draft: Draft) -> None:
    built_in = draft.catalogs[GENERAL]
    others = [catalog for catalog in draft.catalogs.values() if catalog is not built_in]
    places = [(catalog.place, catalog.where) for catalog in (built_in, *others)]
    draft.limit("catalogs_per_tenant", places)


def _packages_without_policy(draft: Draft) -> None:
    """S-21."""
    for package in draft.packages.values():
        if not package.written:
            text = "no policy, so nobody can request it or be assigned it"
            where = (package.where, "policies")
            draft.reader.warn(package.place, where, FaultCode.NO_POLICY, text)


def _cycles(draft: Draft) -> None:
    """S-34."""
    inside = {group.id: group.groups for group in draft.groups}
    for way in group_cycles(inside):
        place = draft.place_of("group", way[0])
        if place is not None:
            where = ((None, "groups"), f"[{way[0]}]")
            text = f"these groups contain each other: {spell_way(way)}"
            draft.reader.warn(place, where, FaultCode.GROUP_CYCLE, text)


def by_id(things: Iterable[T]) -> tuple[T, ...]:
    """Give things in the order of their ids."""
    return tuple(sorted(things, key=lambda thing: thing.id))


def catalogs_of(draft: Draft) -> tuple[Catalog, ...]:
    """Give the catalogs with their packages."""
    packages: dict[str, list[AccessPackage]] = defaultdict(list)
    for package in draft.packages.values():
        packages[package.catalog].append(package_of(package))
    return by_id(
        msgspec.structs.replace(draft_of.catalog, packages=by_id(packages[draft_of.id]))
        for draft_of in draft.catalogs.values()
        if draft_of.catalog is not None
    )


def package_of(package: PackageDraft) -> AccessPackage:
    """Give the package that a draft has come to."""
    return AccessPackage(
        id=package.id,
        name=package.name,
        catalog=package.catalog,
        description=package.description,
        hidden=package.hidden,
        entries=package.entries,
        incompatible_packages=package.incompatible_packages,
        incompatible_groups=package.incompatible_groups,
        policies=tuple(sorted(package.policies, key=lambda policy: (policy.name, policy.id))),
    )
