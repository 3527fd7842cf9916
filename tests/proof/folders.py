"""Tenants made by hand as folders, so that counterexamples are played on what people have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.operations.documents import TenantDocument
from ostiary.rpc.convert.definition_messages import message_of
from ostiary.rpc.convert.definition_texts import DefinitionReader, Plain
from ostiary.rpc.convert.tenant_section import section_of
from ostiary.rpc.violations import Violations
from ostiary.rulebook.profiles import load_profile


def write(tenant: Tenant, folder: Path) -> None:
    """Write a tenant as the files of a folder."""
    content = {
        "tenant": json.loads(section_of(_own(tenant))),
        "users": _plain(DefinitionKind.USER, tenant.users),
        "groups": [
            {**plain, "users": list(one.users), "groups": list(one.groups)}
            for one, plain in zip(
                tenant.groups, _plain(DefinitionKind.GROUP, tenant.groups), strict=True
            )
        ],
        "organizations": _plain(DefinitionKind.ORGANIZATION, tenant.organizations),
        "catalogs": list(map(_catalog, tenant.catalogs)),
    }
    (folder / "tenant.yaml").write_text(json.dumps(content), encoding="utf-8")


def _own(tenant: Tenant) -> TenantDocument:
    plain = load_profile(tenant.profile.name).profile
    overrides = {
        name: msgspec.to_builtins(getattr(tenant.profile, name))
        for name in plain.__struct_fields__
        if getattr(plain, name) != getattr(tenant.profile, name)
    }
    return TenantDocument(tenant.id, tenant.name, tenant.profile, overrides, tenant.settings)


def _plain(kind: DefinitionKind, nouns: Iterable[Any]) -> list[Plain]:
    violations = Violations()
    reader = DefinitionReader(violations)
    found = [reader.plain(kind, message_of(kind, one), kind.value) for one in nouns]
    assert len(violations) == 0
    return found


def _catalog(one: Catalog) -> Plain:
    (plain,) = _plain(DefinitionKind.CATALOG, [one])
    return {
        **plain,
        "resources": _plain(DefinitionKind.RESOURCE, one.resources),
        "extensions": _plain(DefinitionKind.EXTENSION, one.extensions),
        "packages": list(map(_package, one.packages)),
    }


def _package(one: AccessPackage) -> Plain:
    (plain,) = _plain(DefinitionKind.PACKAGE, [one])
    return {**plain, "policies": _plain(DefinitionKind.POLICY, one.policies)}
