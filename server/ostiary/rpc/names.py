"""Resource names: `tenants/T/users/U`, `tenants/T/catalogs/C/accessPackages/P/…`, or plain ids."""

from __future__ import annotations

from ostiary.decide.model import CompiledPackage, Snapshot

_POLICIES = "/assignmentPolicies/"


class Names:
    """Turns the names that a request uses into the ids of one snapshot.

    A name that stands for nothing is given back as it is: whoever looks it up says so.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._packages = snapshot.packages
        self._users = f"tenants/{snapshot.tenant_id}/users/"

    def user(self, name: str) -> str:
        """Give the id of a user."""
        return name.removeprefix(self._users)

    def package(self, name: str) -> str:
        """Give the id of an access package."""
        package = self._packages.get(name)
        return name if package is None else package.id

    def policy(self, name: str, package: str) -> str:
        """Give the id of a policy of `package`; the name of another package's policy stays."""
        owner, found, policy = name.partition(_POLICIES)
        if not found or not self._is(owner, self._packages.get(package)):
            return name
        return policy

    def _is(self, name: str, package: CompiledPackage | None) -> bool:
        return package is not None and self._packages.get(name) is package
