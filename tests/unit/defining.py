"""A small faultless tenant as data, ways to change one thing of it, and what loading it says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.tenant_files import LoadedTenant, load_tenant

Content = dict[str, Any]

GONE: Final = object()  # the field is left out

POLICY: Final[Content] = {
    "id": "a",
    "name": "A",
    "scope": {"kind": "specific_subjects", "groups": ["staff"]},
    "expiration": {"after": "P90D"},
}
STAGE: Final[Content] = {"approvers": ["user:ben"]}
RESOURCE: Final[Content] = {"id": "team", "kind": "group", "group": "team"}
PACKAGE: Final[Content] = {
    "id": "p",
    "name": "P",
    "entries": [{"resource": "team", "role": "Member"}],
    "policies": [POLICY],
}
CATALOG: Final[Content] = {
    "id": "c",
    "name": "C",
    "resources": [RESOURCE],
    "extensions": [{"id": "flow", "url": "https://flows.example/one"}],
    "packages": [PACKAGE],
}
BASE: Final[Content] = {
    "tenant": {"id": "t"},
    "users": [{"id": "ann", "manager": "ben"}, {"id": "ben"}, {"id": "gus", "type": "guest"}],
    "groups": [
        {"id": "staff", "users": ["ann"]},
        {"id": "team"},
        {"id": "filled-by-rule", "dynamic": True},
        {"id": "from-below", "synchronised": True},
        {"id": "mailing", "kind": "distribution"},
    ],
    "organizations": [{"id": "acme", "name": "Acme", "sources": [{"tenant": "acme-tenant"}]}],
    "catalogs": [CATALOG],
}


def _with(content: Mapping[str, Any], fields: Mapping[str, Any]) -> Content:
    merged = {**copy.deepcopy(dict(content)), **fields}
    return {name: value for name, value in merged.items() if value is not GONE}


def tenant(**fields: Any) -> Content:
    """The tenant with other fields in its own section."""
    return _with(BASE, {"tenant": _with(BASE["tenant"], fields)})


def settings(**fields: Any) -> Content:
    """The tenant with settings."""
    return tenant(settings=fields)


def overrides(**fields: Any) -> Content:
    """The tenant with overrides of its profile."""
    return tenant(overrides=fields)


def user(**fields: Any) -> Content:
    """The tenant with one user more."""
    return _with(BASE, {"users": [*BASE["users"], _with({"id": "eve"}, fields)]})


def group(**fields: Any) -> Content:
    """The tenant with one group more."""
    return _with(BASE, {"groups": [*BASE["groups"], _with({"id": "extra"}, fields)]})


def organization(**fields: Any) -> Content:
    """The tenant with other fields of its connected organization."""
    return _with(BASE, {"organizations": [_with(BASE["organizations"][0], fields)]})


def source(**fields: Any) -> Content:
    """The tenant with one identity source of its connected organization."""
    return organization(sources=[fields])


def catalog(**fields: Any) -> Content:
    """The tenant with other fields of its catalog."""
    return _with(BASE, {"catalogs": [_with(CATALOG, fields)]})


def resource(**fields: Any) -> Content:
    """The tenant with one resource more in its catalog."""
    return catalog(resources=[RESOURCE, _with({"id": "extra"}, fields)])


def package(**fields: Any) -> Content:
    """The tenant with other fields of its package."""
    return catalog(packages=[_with(PACKAGE, fields)])


def policy(**fields: Any) -> Content:
    """The tenant with other fields of its policy."""
    return package(policies=[_with(POLICY, fields)])


def scope(**fields: Any) -> Content:
    """The tenant with another scope of its policy."""
    return policy(scope=fields)


def approval(*stages: Content, needed_for: list[str] | None = None, **fields: Any) -> Content:
    """The tenant with approval in its policy."""
    needed = ["add"] if needed_for is None else needed_for
    return policy(approval={"for": needed, "stages": list(stages)}, **fields)


def stage(**fields: Any) -> Content:
    """The tenant with one approval stage in its policy."""
    return approval(_with(STAGE, fields))


def outside(**fields: Any) -> Content:
    """The tenant with one approval stage in a policy for external people."""
    for_partners = {"kind": "specific_organizations", "organizations": ["acme"]}
    return approval(_with(STAGE, fields), scope=for_partners)


def reviews(**fields: Any) -> Content:
    """The tenant with access reviews in its policy."""
    usual = {"start": "2031-04-01", "reviewers": "self", "no_response": "keep"}
    return policy(reviews=_with(usual, fields))


def question(**fields: Any) -> Content:
    """The tenant with one question in its policy."""
    return policy(questions=[_with({"id": "why", "text": "Why so?"}, fields)])


def call(**fields: Any) -> Content:
    """The tenant with one call of a custom extension in its policy."""
    usual = {"extension": "flow", "stage": "request_created"}
    return policy(extensions=[_with(usual, fields)])


def write(folder: Path, **files: Content | str) -> Path:
    """Write files, each from data or text, and give the folder."""
    for name, content in files.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def load(
    folder: Path, content: Content, profile: str | None = None, now: datetime | None = None
) -> LoadedTenant:
    """Load a tenant from data."""
    return load_tenant(write(folder, all=content), profile=profile, now=now)


def loaded(folder: Path, content: Content, profile: str | None = None) -> Tenant:
    """The tenant that the data defines, free of warnings."""
    found = load(folder, content, profile)
    assert found.warnings == ()
    return found.tenant


def only_catalog(tenant: Tenant) -> Catalog:
    """The catalog `c`."""
    (found,) = (one for one in tenant.catalogs if one.id == "c")
    return found


def only_package(tenant: Tenant) -> AccessPackage:
    """The package `p`."""
    (found,) = only_catalog(tenant).packages
    return found


def only_policy(tenant: Tenant) -> AssignmentPolicy:
    """The policy `a`."""
    (found,) = only_package(tenant).policies
    return found


def said(folder: Path, content: Content, profile: str | None = None, **more: Any) -> list[str]:
    """What loading the data says: warnings if it loads, all faults if not; without places."""
    return [spelled(fault) for fault in all_faults(folder, content, profile, **more)]


def all_faults(
    folder: Path, content: Content, profile: str | None = None, **more: Any
) -> tuple[Fault, ...]:
    """Every fault and warning of the data."""
    try:
        return load(folder, content, profile, **more).warnings
    except DefinitionError as error:
        return error.faults


def spelled(fault: Fault) -> str:
    """A fault without its place; the path to the policy, which most rows share, as `~`."""
    mark = "warning " if fault.severity == "warning" else ""
    message = fault.message.replace("catalogs[c].packages[p].policies[a]", "~")
    return f"{mark}{fault.code}: {message}"
