"""Names for people: what stands behind the ids of a decision, as far as the tenant is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ostiary.domain.catalog import AccessPackage, Catalog, Resource
from ostiary.domain.tenant import Tenant


class Labels:
    """Turns ids into names; without a tenant every id stands for itself."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self._tenant = tenant

    def person(self, name: str) -> str:
        """Give the name of a user."""
        return self._people.get(_last(name), _last(name))

    def person_with_id(self, name: str) -> str:
        """Give the name and the id of a user."""
        return _with_id(self.person(name), _last(name))

    def package(self, name: str) -> str:
        """Give the name of an access package."""
        found = self._packages.get(_package(name))
        return _package(name) if found is None else found[0].name

    def package_with_id(self, name: str) -> str:
        """Give the name and the id of an access package, and its catalog's name."""
        found = self._packages.get(_package(name))
        label = _with_id(self.package(name), _package(name))
        return label if found is None else f"{label} in {found[1].name}"

    def policy(self, package: str, policy: str) -> str:
        """Give the name of an assignment policy."""
        found = self._packages.get(_package(package))
        policies = found[0].policies if found is not None else ()
        return next((one.name for one in policies if one.id == _last(policy)), _last(policy))

    def policy_with_id(self, package: str, policy: str) -> str:
        """Give the name and the id of an assignment policy."""
        return _with_id(self.policy(package, policy), _last(policy))

    def entry(self, package: str, target: str) -> str:
        """Give `resource/role` in words: Sales Site (Contribute)."""
        resource, _, role = target.partition("/")
        found = self._packages.get(_package(package))
        resources: tuple[Resource, ...] = found[1].resources if found is not None else ()
        name = next((one.name for one in resources if one.id == resource), resource)
        return f"{name} ({role})" if role else name

    def extension(self, package: str, extension: str) -> str:
        """Give the name of a custom extension."""
        found = self._packages.get(_package(package))
        extensions = found[1].extensions if found is not None else ()
        return next((one.name for one in extensions if one.id == extension), extension)

    def evidence(self, entry: str) -> str:
        """Give one entry of a path of evidence: a person, an organization, otherwise a group."""
        kind, colon, name = entry.partition(":")
        if colon and kind == "user":
            return f"the name of {self.person_with_id(name)}"
        if colon and kind == "organization":
            return f"organization {_with_id(self._organizations.get(name, name), name)}"
        group = name if colon and kind == "group" else entry
        return f"group {_with_id(self._groups.get(group, group), group)}"

    @cached_property
    def _people(self) -> Mapping[str, str]:
        return {} if self._tenant is None else {one.id: one.name for one in self._tenant.users}

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        return {} if self._tenant is None else {one.id: one.name for one in self._tenant.groups}

    @cached_property
    def _organizations(self) -> Mapping[str, str]:
        tenant = self._tenant
        return {} if tenant is None else {one.id: one.name for one in tenant.organizations}

    @cached_property
    def _packages(self) -> Mapping[str, tuple[AccessPackage, Catalog]]:
        catalogs = () if self._tenant is None else self._tenant.catalogs
        return {one.id: (one, catalog) for catalog in catalogs for one in catalog.packages}


def _last(name: str) -> str:
    """Give the id at the end of a resource name."""
    return name.rpartition("/")[2]


def _package(name: str) -> str:
    return _last(name.partition("/assignmentPolicies/")[0])


def _with_id(name: str, identifier: str) -> str:
    return name if name == identifier else f"{name} ({identifier})"
