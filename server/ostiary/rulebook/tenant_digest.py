"""The digest of a tenant's content, whatever the names and the order of its files (S-46).

It is a sum of the digests of the single objects, so that whoever changes one object need not look
at all the others: take the old one's part away, add the new one's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from ostiary.domain.tenant import Tenant

_FORM = b"ostiary tenant 2\n"
_SIZE = 2**256
_ENCODER = msgspec.json.Encoder(order="deterministic")


def digest_of(tenant: Tenant) -> str:
    """Give the digest of a tenant.

    The loader sorts what has no order of its own, so that equal tenants have equal parts.
    """
    return spelled(sum(map(part, parts_of(tenant))))


def spelled(total: int) -> str:
    """Give the sum of all parts as text."""
    return f"{total % _SIZE:064x}"


def part(said: Any) -> int:
    """Give what one object adds to the digest: the SHA-256 of its canonical form as a number."""
    return int.from_bytes(hashlib.sha256(_FORM + _ENCODER.encode(said)).digest())


def parts_of(tenant: Tenant) -> Iterator[Any]:
    """Give the objects of a tenant, each with a word that says what it is."""
    yield own_part(tenant)
    yield from (("user", user) for user in tenant.users)
    yield from (("group", group) for group in tenant.groups)
    yield from (("organization", one) for one in tenant.organizations)
    for catalog in tenant.catalogs:
        yield ("catalog", msgspec.structs.replace(catalog, packages=()))
        yield from (("package", package) for package in catalog.packages)


def own_part(tenant: Tenant) -> Any:
    """Give what the tenant says of itself."""
    return ("tenant", tenant.id, tenant.name, tenant.profile, tenant.settings)
