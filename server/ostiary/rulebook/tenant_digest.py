"""The digest of a tenant's content, whatever the names and the order of its files (S-46)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from ostiary.domain.tenant import Tenant

_FORM = b"ostiary tenant 1\n"


def digest_of(tenant: Tenant) -> str:
    """Give the SHA-256 of a canonical form: one line of JSON an object, keys and lists in order.

    The loader sorts what has no order of its own, so that equal tenants have equal lines.
    """
    encoder = msgspec.json.Encoder(order="deterministic")
    found = hashlib.sha256(_FORM)
    for part in _parts(tenant):
        found.update(encoder.encode(part))
        found.update(b"\n")
    return found.hexdigest()


def _parts(tenant: Tenant) -> Iterator[Any]:
    yield (tenant.id, tenant.name, tenant.profile, tenant.settings)
    yield from (("user", user) for user in tenant.users)
    yield from (("group", group) for group in tenant.groups)
    yield from (("organization", one) for one in tenant.organizations)
    for catalog in tenant.catalogs:
        yield ("catalog", msgspec.structs.replace(catalog, packages=()))
        yield from (("package", package) for package in catalog.packages)
