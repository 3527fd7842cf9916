"""Names for people that the records themselves bear; a server gives no others."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.cli.labels import Labels
from ostiary.v1 import access_request_pb2, assignment_pb2


class RecordLabels(Labels):
    """Labels from requests and assignments, which keep the names of what they are about."""

    def __init__(
        self, records: Iterable[access_request_pb2.AccessRequest | assignment_pb2.Assignment]
    ) -> None:
        super().__init__()
        self._named: dict[str, str] = {}
        self._policies: dict[tuple[str, str], str] = {}
        self._entries: dict[str, str] = {}
        for one in records:
            package = one.access_package
            self._named[package] = one.access_package_display_name or package
            self._policies[package, one.policy] = one.policy_display_name or one.policy
            if isinstance(one, assignment_pb2.Assignment):
                for grant in one.grants:
                    key = f"{grant.resource}/{grant.role}"
                    self._entries[key] = grant.resource_display_name or grant.resource

    def package(self, name: str) -> str:
        """Give the name of an access package."""
        return self._named.get(name, super().package(name))

    def policy(self, package: str, policy: str) -> str:
        """Give the name of an assignment policy."""
        return self._policies.get((package, policy), super().policy(package, policy))

    def entry(self, package: str, target: str) -> str:  # noqa: ARG002  # entries bear their names
        """Give `resource/role` in words: Sales Site (Contribute)."""
        resource, _, role = target.rpartition("/")
        if target in self._entries:
            return f"{self._entries[target]} ({role})"
        return f"{resource} ({role})" if resource else target
