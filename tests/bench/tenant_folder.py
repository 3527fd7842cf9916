"""An invented tenant as the folder of YAML that a server loads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from ostiary.domain.catalog import AccessPackage, Catalog, Resource
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    ReviewSettings,
)
from ostiary.domain.tenant import Tenant


def write(tenant: Tenant, folder: Path) -> None:
    """Write what `tests.bench.tenants` invents; it uses a part of what definitions may say."""
    _dump(
        folder / "directory.yaml",
        {
            "tenant": {"id": tenant.id, "name": tenant.name, "profile": tenant.profile.name},
            "users": [_user(user) for user in tenant.users],
            "groups": [_group(group) for group in tenant.groups],
            "organizations": [_organization(one) for one in tenant.organizations],
        },
    )
    _dump(
        folder / "catalogs.yaml", {"catalogs": [_catalog(catalog) for catalog in tenant.catalogs]}
    )


def _dump(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _user(user: User) -> dict[str, Any]:
    manager = {} if user.manager is None else {"manager": user.manager}
    return {"id": user.id, "name": user.name, **manager}


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "users": list(group.users),
        "groups": list(group.groups),
    }


def _organization(one: ConnectedOrganization) -> dict[str, Any]:
    sources = [{"tenant": source.tenant_id} for source in one.sources]
    return {"id": one.id, "name": one.name, "sources": sources}


def _catalog(catalog: Catalog) -> dict[str, Any]:
    return {
        "id": catalog.id,
        "name": catalog.name,
        "resources": [_resource(resource) for resource in catalog.resources],
        "packages": [_package(package) for package in catalog.packages],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "id": resource.id,
        "name": resource.name,
        "kind": resource.kind.value,
        resource.kind.value: resource.target,
        "roles": list(resource.roles),
    }


def _package(package: AccessPackage) -> dict[str, Any]:
    return {
        "id": package.id,
        "name": package.name,
        "entries": [{"resource": one.resource, "role": one.role} for one in package.entries],
        "policies": [_policy(policy) for policy in package.policies],
    }


def _policy(policy: AssignmentPolicy) -> dict[str, Any]:
    scope = policy.scope
    named = {"groups": scope.groups, "organizations": scope.organizations}
    reviews = {} if policy.reviews is None else {"reviews": _reviews(policy.reviews)}
    return {
        "id": policy.id,
        "name": policy.name,
        "scope": {
            "kind": scope.kind.value,
            **{kind: list(names) for kind, names in named.items() if names},
        },
        "approval": {"for": ["add"], "stages": [_stage(stage) for stage in policy.stages]},
        "expiration": {"after": _days(policy.expiration.after)},
        "extension_allowed": policy.extension_allowed,
        **reviews,
    }


def _stage(stage: ApprovalStage) -> dict[str, Any]:
    return {
        "approvers": [_approver(one) for one in stage.primary],
        "fallback": [_approver(one) for one in stage.fallback],
        "time_out": _days(stage.time_out),
    }


def _approver(one: Approver) -> str:
    return "manager" if one.kind is ApproverKind.MANAGER else f"{one.kind.value}:{one.id}"


def _reviews(reviews: ReviewSettings) -> dict[str, Any]:
    return {
        "start": reviews.start.date().isoformat(),
        "every": _days(reviews.recurrence.every),
        "window": _days(reviews.window),
        "reviewers": [_approver(one) for one in reviews.specific],
        "no_response": reviews.no_response.value,
    }


def _days(length: timedelta | None) -> str:
    assert length is not None, "the invented tenants state every length"
    return f"P{length.days}D"
