"""The tenant and the rules of a running server, read through its services into a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ostiary.cli.asking import valid_address
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.life.remote import Options, Remote, asking
from ostiary.cli.sources import Access
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.rpc.convert.definition_texts import DefinitionReader
from ostiary.rpc.violations import Violations
from ostiary.v1 import catalog_service_pb2 as catalogs
from ostiary.v1 import directory_pb2, rule_service_pb2
from ostiary.v1 import directory_service_pb2 as directory

TENANT, RULES = "tenant", "rules"  # the folders that are made
_TRIES = 3  # until nobody writes meanwhile
_SECONDS = 60.0  # for one call
_PREFIX = "server:"

Plain = dict[str, Any]


def _options(address: str, access: Access) -> Options:
    """Give the options of a call; what is not said, the environment says."""
    caller = access.caller or os.environ.get("OSTIARY_CALLER")
    roles = access.roles
    if roles is None:
        roles = tuple(os.environ.get("OSTIARY_ROLES", "").split())
    return Options(address, caller, roles, _SECONDS)


def fetch(name: str, into: Path, access: Access) -> None:
    """Write what `server:HOST:PORT[@REVISION]` means; CommandError says what is wrong with it.

    The tenant is the one that the server has now, all of one revision; the rules are those of a
    revision, or those in force.
    """
    address, _, revision = name.removeprefix(_PREFIX).partition("@")
    try:
        valid_address(address)
    except CommandError:
        text = f"{name}: `{address}` is not HOST:PORT"
        raise CommandError(Exit.USAGE, (text,)) from None
    with asking(_options(address, access)) as remote:
        _write_rules(remote, revision or "active", into / RULES)
        _write_tenant(name, remote, into / TENANT)


def _write_rules(remote: Remote, revision: str, into: Path) -> None:
    request = rule_service_pb2.GetRevisionRequest(revision=revision)
    found = remote.call(remote.services.rules.GetRevision, request).revision
    for file in found.files:
        path = into / file.name
        if not path.resolve().is_relative_to(into.resolve()):
            text = f"the server names a file outside of its pack: {file.name}"
            raise CommandError(Exit.FAILED, (text,))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _write_tenant(name: str, remote: Remote, into: Path) -> None:
    asked = catalogs.GetTenantRequest()
    for _ in range(_TRIES):
        before = remote.call(remote.services.catalogs.GetTenant, asked).tenant
        if not before.section:
            text = "only an administrator sees the whole tenant (--as, --role administrator)"
            raise CommandError(Exit.REFUSED, (f"{name}: {text}",))
        found = _Reading(name, remote).content()
        after = remote.call(remote.services.catalogs.GetTenant, asked).tenant
        if after.revision == before.revision:
            into.mkdir()
            content = {"tenant": json.loads(before.section), **found}
            text = json.dumps(content, indent=1, ensure_ascii=False)
            (into / "tenant.yaml").write_text(text, encoding="utf-8")  # JSON is YAML too
            return
    text = f"the tenant was changed {_TRIES} times while it was read; try again"
    raise CommandError(Exit.NO_ANSWER, (f"{name}: {text}",))


class _Reading:
    """Reads all definitions as plain data of the shape that files have."""

    def __init__(self, name: str, remote: Remote) -> None:
        self.name = name
        self.remote = remote
        self.catalogs = remote.services.catalogs
        self.directory = remote.services.directory
        self.violations = Violations()
        self.reader = DefinitionReader(self.violations)

    def content(self) -> Plain:
        """Give everything but the section of the tenant itself."""
        users = self._listed(self.directory.ListUsers, directory.ListUsersRequest(), "users")
        groups = self._listed(self.directory.ListGroups, directory.ListGroupsRequest(), "groups")
        organizations = self._listed(
            self.catalogs.ListConnectedOrganizations,
            catalogs.ListConnectedOrganizationsRequest(),
            "connected_organizations",
        )
        named = self._listed(self.catalogs.ListCatalogs, catalogs.ListCatalogsRequest(), "catalogs")
        found = {
            "users": self._plain(DefinitionKind.USER, users),
            "groups": list(map(self._group, groups)),
            "organizations": self._plain(DefinitionKind.ORGANIZATION, organizations),
            "catalogs": list(map(self._catalog, named)),
        }
        if len(self.violations):
            text = "the server has definitions of a newer version; read it with that version"
            raise CommandError(Exit.NO_ANSWER, (f"{self.name}: {text}",))
        return found

    def _listed(self, method: Any, request: Any, items: str) -> Iterator[Any]:
        return iter(getattr(self.remote.listed(method, request, items, None), items))

    def _plain(self, kind: DefinitionKind, messages: Iterable[Any]) -> list[Plain]:
        return [self.reader.plain(kind, one, kind.value) for one in messages]

    def _group(self, message: directory_pb2.Group) -> Plain:
        (plain,) = self._plain(DefinitionKind.GROUP, [message])
        request = directory.ListMembershipsRequest(group=message.id)
        users, groups = [], []
        for one in self._listed(self.directory.ListMemberships, request, "memberships"):
            if one.role != directory_pb2.MEMBERSHIP_ROLE_MEMBER:
                continue
            if one.WhichOneof("member") == "user":
                users.append(one.user)
            else:
                groups.append(one.nested_group)
        return {**plain, "users": users, "groups": groups}

    def _catalog(self, message: Any) -> Plain:
        (plain,) = self._plain(DefinitionKind.CATALOG, [message])
        name = message.id
        resources = self._listed(
            self.catalogs.ListResources, catalogs.ListResourcesRequest(catalog=name), "resources"
        )
        extensions = self._listed(
            self.catalogs.ListCustomExtensions,
            catalogs.ListCustomExtensionsRequest(catalog=name),
            "custom_extensions",
        )
        packages = self._listed(
            self.catalogs.ListAccessPackages,
            catalogs.ListAccessPackagesRequest(catalog=name),
            "access_packages",
        )
        return {
            **plain,
            "resources": list(map(self._resource, resources)),
            "extensions": self._plain(DefinitionKind.EXTENSION, extensions),
            "packages": list(map(self._package, packages)),
        }

    def _resource(self, message: Any) -> Plain:
        (plain,) = self._plain(DefinitionKind.RESOURCE, [message])
        # What a server accepted a site for is not kept; that it did is enough.
        return {**plain, "group_connected": True} if "url" in plain else plain

    def _package(self, message: Any) -> Plain:
        (plain,) = self._plain(DefinitionKind.PACKAGE, [message])
        policies = self._listed(
            self.catalogs.ListAssignmentPolicies,
            catalogs.ListAssignmentPoliciesRequest(access_package=message.id),
            "assignment_policies",
        )
        return {**plain, "policies": self._plain(DefinitionKind.POLICY, policies)}
