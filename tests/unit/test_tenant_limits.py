"""The limits of section 18 that can be counted at load: the maximum is allowed, one more is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ostiary.rulebook.profiles import load_profile
from tests.unit.defining import BASE, CATALOG, PACKAGE, POLICY, RESOURCE, STAGE, Content, said

AUTOMATIC = {"kind": "automatic", "rule": 'a -eq "b"'}
# Counted when access is asked for or delivered, not when definitions are loaded.
LATER = {
    "assignments_per_auto_policy",
    "assignments_per_package",
    "assignments_per_tenant",
    "requests_in_three_months",
    "group_members",
}


def many(count: int, **fields: Any) -> list[Content]:
    return [{"id": f"x{n}", "name": f"X{n}", **fields} for n in range(count)]


def with_catalog(**fields: Any) -> Content:
    return {**BASE, "catalogs": [{**CATALOG, **fields}]}


def with_package(**fields: Any) -> Content:
    return with_catalog(packages=[{**PACKAGE, **fields}])


def with_policy(**fields: Any) -> Content:
    return with_package(policies=[{**POLICY, **fields}])


def applications(count: int, **fields: Any) -> list[Content]:
    apps = many(count, kind="application", **fields)
    return [{**app, "application": app["id"]} for app in apps]


def resources_per_package(count: int) -> Content:
    entries = [{"resource": f"x{n}", "role": "Default Access"} for n in range(count)]
    return with_catalog(resources=applications(count), packages=[{**PACKAGE, "entries": entries}])


def spread_packages(count: int) -> Content:
    return {
        **BASE,
        "catalogs": [
            {"id": "c", "name": "C", "packages": many(1, policies=[POLICY])},
            {
                "id": "d",
                "name": "D",
                "packages": [
                    {"id": f"y{n}", "name": f"Y{n}", "policies": [POLICY]} for n in range(count - 1)
                ],
            },
        ],
    }


def catalogs_per_tenant(count: int) -> Content:
    return {**BASE, "catalogs": [CATALOG, *many(count - 2)]}


def orgs_per_policy(count: int) -> Content:
    names = [f"x{n}" for n in range(count)]
    scope = {"kind": "specific_organizations", "organizations": names}
    return {
        **with_policy(scope=scope),
        "organizations": many(count, sources=[{"tenant": "a"}]),
    }


def subjects_per_policy(count: int) -> Content:
    names = [f"x{n}" for n in range(count - 1)]
    scope = {"kind": "specific_subjects", "users": names, "groups": ["staff"]}
    return {**with_policy(scope=scope), "users": [*BASE["users"], *many(count - 1)]}


def questions(count: int) -> list[Content]:
    return [{"id": f"q{n}", "text": "?"} for n in range(count)]


COUNTED: dict[str, tuple[Callable[[int], Content], int, str]] = {
    "approval_stages": (
        lambda n: with_policy(approval={"for": ["add"], "stages": [STAGE] * n}),
        2,
        "catalogs[c].packages[p].policies[a].approval.stages[2]: approval_stages is 3",
    ),
    "resources_per_package": (
        resources_per_package,
        3,
        "catalogs[c].packages[p].entries[3]: resources_per_package is 4",
    ),
    "packages_per_catalog": (
        lambda n: with_catalog(packages=many(n, policies=[POLICY])),
        4,
        "catalogs[c].packages[x4]: packages_per_catalog would be passed here",
    ),
    "catalogs_per_tenant": (
        catalogs_per_tenant, 3, "catalogs[x1]: catalogs_per_tenant is 4"
    ),
    "packages_per_tenant": (
        spread_packages, 3, "catalogs[d].packages[y2]: packages_per_tenant would be passed here"
    ),
    "policies_per_package": (
        lambda n: with_package(policies=many(n, scope={"kind": "all_members"})),
        3,
        "catalogs[c].packages[p].policies[x3]: policies_per_package would be passed here",
    ),
    "policies_per_tenant": (
        spread_packages,
        3,
        "catalogs[d].packages[y2].policies[a]: policies_per_tenant would be passed here",
    ),
    "auto_policies_per_package": (
        lambda n: with_package(policies=many(n, scope=AUTOMATIC)),
        1,
        "catalogs[c].packages[p].policies[x1]: auto_policies_per_package would be passed here",
    ),
    "connected_organizations": (
        lambda n: {**BASE, "organizations": many(n, sources=[{"social": "s"}])},
        3,
        "organizations[x3]: connected_organizations would be passed here",
    ),
    "orgs_per_policy": (
        orgs_per_policy,
        2,
        "catalogs[c].packages[p].policies[a].scope.organizations[2]: orgs_per_policy is 3",
    ),
    "subjects_per_policy": (
        subjects_per_policy,
        2,
        "catalogs[c].packages[p].policies[a].scope.groups[0]: subjects_per_policy is 3",
    ),
    "extensions_per_tenant": (
        lambda n: with_catalog(extensions=many(n, url="u")),
        2,
        "catalogs[c].extensions[x2]: extensions_per_tenant would be passed here",
    ),
    "extensions_per_catalog": (
        lambda n: with_catalog(extensions=many(n, url="u")),
        2,
        "catalogs[c].extensions[x2]: extensions_per_catalog is 3",
    ),
    "extensions_per_policy": (
        lambda n: with_policy(extensions=[
            {"extension": "flow", "stage": stage} for stage in
            ("request_created", "request_approved", "assignment_granted")[:n]
        ]),
        2,
        "catalogs[c].packages[p].policies[a].extensions[2]: extensions_per_policy is 3",
    ),
    "resources_per_catalog": (
        lambda n: with_catalog(resources=[RESOURCE, *applications(n - 1)]),
        3,
        "catalogs[c].resources[x2]: resources_per_catalog is 4",
    ),
    "attributes_per_catalog": (
        lambda n: with_catalog(resources=[RESOURCE, *applications(1, questions=questions(n))]),
        2,
        "catalogs[c].resources[x0].questions[q2]: attributes_per_catalog is 3",
    ),
    "users_per_catalog_role": (
        lambda n: with_catalog(owners=["user:ann", "user:ben", "group:staff"][:n]),
        2,
        "catalogs[c].owners[2]: users_per_catalog_role is 3",
    ),
}  # fmt: skip


def limited(content: Content, name: str, most: int | str) -> Content:
    free = dict.fromkeys(("packages_per_tenant", "policies_per_tenant"), "unlimited")
    return {**content, "tenant": {"id": "t", "overrides": {"limits": {**free, name: most}}}}


def without_warnings(folder: Path, content: Content) -> list[str]:
    return [one for one in said(folder, content) if not one.startswith("warning ")]


@pytest.mark.parametrize("name", COUNTED)
def test_limits(tmp_path: Path, name: str) -> None:
    """Section 18, S-29, S-62: the maximum loads, one more names the limit and its number."""
    make, most, where = COUNTED[name]
    assert without_warnings(tmp_path, limited(make(most), name, most)) == []
    want = f"LIMIT_EXCEEDED: {where}, the maximum is {most} in profile standard"
    assert without_warnings(tmp_path, limited(make(most + 1), name, most)) == [
        want.replace("catalogs[c].packages[p].policies[a]", "~")
    ]


@pytest.mark.parametrize("name", sorted(COUNTED.keys() - {"auto_policies_per_package"}))
def test_unlimited(tmp_path: Path, name: str) -> None:
    """Section 18: a dash is no limit."""
    if load_profile("standard").profile.limits[name] is None:
        make, most, _ = COUNTED[name]
        assert without_warnings(tmp_path, limited(make(most + 1), name, "unlimited")) == []


@pytest.mark.parametrize("profile", ["standard", "entra"])
def test_no_limit_is_forgotten(profile: str) -> None:
    assert load_profile(profile).profile.limits.keys() == COUNTED.keys() | LATER


def test_the_limits_of_the_profile_itself(tmp_path: Path) -> None:
    """Section 18: 500 packages of a catalog, and not one more."""
    full = with_catalog(packages=many(500, policies=[POLICY]))
    assert without_warnings(tmp_path, full) == []
    over = with_catalog(packages=many(501, policies=[POLICY]))
    assert without_warnings(tmp_path, over) == [
        "LIMIT_EXCEEDED: catalogs[c].packages[x500]: packages_per_catalog would be passed here, "
        "the maximum is 500 in profile standard"
    ]
