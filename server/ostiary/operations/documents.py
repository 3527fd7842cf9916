"""A tenant as the store holds it: one document for each definition, members and owners as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.catalog import AccessPackage, Catalog, CustomExtension, Resource
from ostiary.domain.errors import UnreadableDefinitionError
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.tenant import Profile, Settings, Tenant
from ostiary.lifecycle.ports import MEMBER, Definition, DefinitionKind, Membership
from ostiary.rulebook.profiles import LoadedProfile, load_profile, overridden

TENANT_ID = "tenant"  # of the only document of its kind; the tenant's own id is in it


class Key(NamedTuple):
    """What names a definition in the store."""

    kind: DefinitionKind
    within: str
    id: str


class TenantDocument(msgspec.Struct, frozen=True):
    """What is said of the tenant itself; `overrides` are as they were written."""

    id: str
    name: str
    profile: Profile
    overrides: Mapping[str, Any] = {}
    settings: Settings = Settings()
    known_domains: Mapping[str, str] = {}  # domain -> tenant that it belongs to (S-113)


class _StoredTenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document as it was written, maybe before the profile had all of today's values."""

    id: str
    name: str
    profile: dict[str, Any]
    overrides: dict[str, Any] = {}
    settings: Settings = Settings()
    known_domains: dict[str, str] = {}


STRUCTS: Mapping[DefinitionKind, type[Any]] = {
    DefinitionKind.USER: User,
    DefinitionKind.GROUP: Group,
    DefinitionKind.ORGANIZATION: ConnectedOrganization,
    DefinitionKind.CATALOG: Catalog,
    DefinitionKind.RESOURCE: Resource,
    DefinitionKind.EXTENSION: CustomExtension,
    DefinitionKind.PACKAGE: AccessPackage,
    DefinitionKind.POLICY: AssignmentPolicy,
}
_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODERS = {kind: msgspec.json.Decoder(struct) for kind, struct in STRUCTS.items()}
_TENANT_DECODER = msgspec.json.Decoder(_StoredTenant)

# What of an object has documents or rows of its own. A group's and a catalog's document keep what
# a folder said of members and owners; who they are now, the rows say.
_ELSEWHERE: Mapping[DefinitionKind, Mapping[str, tuple[()]]] = {
    DefinitionKind.CATALOG: {"resources": (), "extensions": (), "packages": ()},
    DefinitionKind.PACKAGE: {"policies": ()},
}


def encode(kind: DefinitionKind, value: Any) -> bytes:
    """Give the body of a definition's document; equal definitions have equal bodies."""
    elsewhere = _ELSEWHERE.get(kind)
    return _ENCODER.encode(msgspec.structs.replace(value, **elsewhere) if elsewhere else value)


def decode(definition: Definition) -> Any:
    """Give what a document says, as the domain's noun of its kind.

    UnreadableDefinitionError if it says what this version does not know: left out, it might give
    more than was meant (S-25).
    """
    try:
        if definition.kind is DefinitionKind.TENANT:
            return tenant_document(definition.body)
        return _DECODERS[definition.kind].decode(definition.body)
    except msgspec.MsgspecError as error:
        name = "/".join(filter(None, (definition.within, definition.id)))
        raise UnreadableDefinitionError(definition.kind.value, name, str(error)) from None


@lru_cache(maxsize=16)
def tenant_document(body: bytes) -> TenantDocument:
    """Give what is said of the tenant; a value that its profile lacked then is as shipped now."""
    stored = _TENANT_DECODER.decode(body)
    shipped = _shipped(stored.profile["name"])
    nested = {
        name: {**shipped[name], **stored.profile.get(name, {})}
        for name in ("limits", "text_limits")
    }
    profile = msgspec.convert({**shipped, **stored.profile, **nested}, Profile)
    return TenantDocument(
        stored.id, stored.name, profile, stored.overrides, stored.settings, stored.known_domains
    )


@lru_cache(maxsize=8)
def _shipped(name: str) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(load_profile(name).profile)
    return built


@lru_cache(maxsize=16)
def loaded_profile(body: bytes) -> LoadedProfile:
    """Give the tenant's profile with what only the checks of definitions need of it."""
    document = tenant_document(body)
    loaded = overridden(document.profile.name, document.overrides)
    return msgspec.structs.replace(loaded, profile=document.profile)


def documents_of(
    tenant: Tenant,
    *,
    overrides: Mapping[str, Any] | None = None,
    known_domains: Mapping[str, str] | None = None,
) -> Iterator[tuple[Key, bytes]]:
    """Give the documents of a tenant."""
    own = TenantDocument(
        tenant.id,
        tenant.name,
        tenant.profile,
        overrides or {},
        tenant.settings,
        known_domains or {},
    )
    yield Key(DefinitionKind.TENANT, "", TENANT_ID), _ENCODER.encode(own)
    for kind, things in (
        (DefinitionKind.USER, tenant.users),
        (DefinitionKind.GROUP, tenant.groups),
        (DefinitionKind.ORGANIZATION, tenant.organizations),
    ):
        yield from ((Key(kind, "", thing.id), encode(kind, thing)) for thing in things)
    for catalog in tenant.catalogs:
        yield Key(DefinitionKind.CATALOG, "", catalog.id), encode(DefinitionKind.CATALOG, catalog)
        yield from _inside(catalog)


def _inside(catalog: Catalog) -> Iterator[tuple[Key, bytes]]:
    kind = DefinitionKind.RESOURCE
    for resource in catalog.resources:
        yield Key(kind, catalog.id, resource.id), encode(kind, resource)
    kind = DefinitionKind.EXTENSION
    for extension in catalog.extensions:
        yield Key(kind, catalog.id, extension.id), encode(kind, extension)
    for package in catalog.packages:
        kind = DefinitionKind.PACKAGE
        yield Key(kind, catalog.id, package.id), encode(kind, package)
        kind = DefinitionKind.POLICY
        for policy in package.policies:
            yield Key(kind, package.id, policy.id), encode(kind, policy)


def memberships_of(group: Group) -> Iterator[Membership]:
    """Give the members that a group's definition states."""
    yield from (Membership(group.id, user) for user in group.users)
    yield from (Membership(group.id, inner, nested=True) for inner in group.groups)


def owners_of(catalog: Catalog) -> Iterator[RoleAssignment]:
    """Give the owners that a catalog's definition states (S-11)."""
    yield from (RoleAssignment(owner, Role.CATALOG_OWNER, catalog.id) for owner in catalog.owners)


def with_members(groups: Iterable[Group], memberships: Iterable[Membership]) -> tuple[Group, ...]:
    """Give groups with the members that they have now."""
    users: dict[str, list[str]] = defaultdict(list)
    nested: dict[str, list[str]] = defaultdict(list)
    for one in memberships:
        if one.role == MEMBER:
            (nested if one.nested else users)[one.group].append(one.member)
    return tuple(
        msgspec.structs.replace(
            group,
            users=tuple(sorted(users.get(group.id, ()))),
            groups=tuple(sorted(nested.get(group.id, ()))),
        )
        for group in groups
    )


def with_policies(package: AccessPackage, policies: Iterable[AssignmentPolicy]) -> AccessPackage:
    """Give a package with its policies in the order in which they are offered."""
    ordered = sorted(policies, key=lambda policy: (policy.name, policy.id))
    return msgspec.structs.replace(package, policies=tuple(ordered))
