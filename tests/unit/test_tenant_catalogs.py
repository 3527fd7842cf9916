"""What is refused, warned about and understood of catalogs, resources and packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.catalog import PackageEntry, Resource, ResourceKind
from ostiary.domain.policy import Question
from tests.unit.defining import (
    BASE,
    GONE,
    PACKAGE,
    RESOURCE,
    Content,
    catalog,
    load,
    loaded,
    only_catalog,
    only_package,
    package,
    resource,
    said,
)

SITE = {"kind": "site", "url": "https://sites.example/sites/sales", "group_connected": True}
NOT_A_SITE = (
    "INVALID_MODEL: catalogs[c].resources[extra].url: must be a whole site, not a library or "
    "document in it"
)
EXCHANGE = "00000002-0000-0FF1-CE00-000000000000"


def resource_said(folder: Path, profile: str | None = None, **fields: Any) -> list[str]:
    return said(folder, resource(**fields), profile)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(catalog(), [], id="S-9 a catalog with a package"),
        pytest.param(
            {**BASE, "catalogs": [*BASE["catalogs"], {"id": "d", "name": "C"}]},
            ["DUPLICATE: catalogs[d].name: a catalog called `C` is there already, see line 27"],
            id="S-9 two catalogs with one name",
        ),
        pytest.param(
            {**BASE, "catalogs": [*BASE["catalogs"], {"id": "c", "name": "D"}]},
            ["DUPLICATE: catalogs[c].id: catalog `c` is there already, see line 26"],
            id="S-9 two catalogs with one id",
        ),
        pytest.param(
            catalog(name=GONE),
            ["MISSING_FIELD: catalogs[c].name: is missing"],
            id="S-9 a catalog without name",
        ),
        pytest.param(
            {**BASE, "catalogs": [*BASE["catalogs"], {"id": "general"}]},
            [],
            id="S-10 the built-in catalog needs no name",
        ),
        pytest.param(
            {**BASE, "catalogs": [*BASE["catalogs"], {"id": "general", "name": "Ours"}]},
            [
                "INVALID_MODEL: catalogs[general].name: the built-in catalog is called `General`",
            ],
            id="S-10 the built-in catalog keeps its name",
        ),
        pytest.param(
            {**BASE, "catalogs": [*BASE["catalogs"], {"id": "d", "name": "General"}]},
            [
                "DUPLICATE: catalogs[d].name: `General` is the name of the built-in catalog "
                "`general`",
            ],
            id="S-10 no other catalog takes its name",
        ),
        pytest.param(
            catalog(owners=["user:ann", "group:staff", "service:robot"]),
            [],
            id="S-11 users, groups and service principals own a catalog",
        ),
        pytest.param(
            catalog(owners=["user:zoe", "role:admin"]),
            [
                "UNKNOWN_REFERENCE: catalogs[c].owners[0]: no user `zoe`",
                "UNKNOWN_VALUE: catalogs[c].owners[1]: `role` is not one of user, group, service",
            ],
            id="S-11 owners that do not exist",
        ),
        pytest.param(
            catalog(extensions=[{"id": "flow", "url": "u"}, {"id": "flow", "url": "v"}]),
            [
                "DUPLICATE: catalogs[c].extensions[flow].id: extension `flow` is there already, "
                "see line 33"
            ],
            id="S-125 two extensions with one id",
        ),
        pytest.param(
            catalog(resources=5),
            ["INVALID_MODEL: catalogs[c].resources: must be a list, not `5`"],
            id="what could not be read is missed nowhere else",
        ),
    ],
)
def test_catalogs(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


def test_the_built_in_catalog_is_always_there(tmp_path: Path) -> None:
    """S-10: and it takes the packages that name no catalog."""
    own = {"id": "loose", "name": "Loose", "policies": PACKAGE["policies"]}
    content = {**BASE, "packages": [own, {**own, "id": "named", "catalog": "c"}]}
    found = load(tmp_path, content).tenant.catalogs
    assert [(one.id, one.built_in) for one in found] == [("c", False), ("general", True)]
    assert [[one.id for one in catalog.packages] for catalog in found] == [
        ["named", "p"],
        ["loose"],
    ]


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"kind": "group", "group": "staff"},
            Resource("extra", "extra", ResourceKind.GROUP, "staff", ("Member", "Owner")),
            id="S-14 a group has members and owners",
        ),
        pytest.param(
            {"kind": "application", "application": "app"},
            Resource("extra", "extra", ResourceKind.APPLICATION, "app", ("Default Access",)),
            id="S-14 an application without roles of its own",
        ),
        pytest.param(
            {"kind": "application", "application": "app", "roles": ["User", "Admin"]},
            Resource("extra", "extra", ResourceKind.APPLICATION, "app", ("Admin", "User")),
            id="S-14 an application with roles of its own",
        ),
        pytest.param(
            SITE,
            Resource(
                "extra",
                "extra",
                ResourceKind.SITE,
                "https://sites.example/sites/sales",
                ("Contribute", "Full Control", "Read"),
            ),
            id="S-14 a site has permission levels",
        ),
    ],
)
def test_resources(tmp_path: Path, fields: Content, want: Resource) -> None:
    found = only_catalog(loaded(tmp_path, resource(**fields))).resources
    assert found[0] == want


@pytest.mark.parametrize(
    ("fields", "profile", "want"),
    [
        pytest.param(
            {"kind": "group", "group": "filled-by-rule"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].group: group `filled-by-rule` has "
                "dynamic membership, which cannot be written"
            ],
            id="S-14 S-15 a dynamic group",
        ),
        pytest.param(
            {"kind": "group", "group": "from-below"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].group: group `from-below` is "
                "synchronised from on premises and cannot be written here"
            ],
            id="S-14 a synchronised group",
        ),
        pytest.param(
            {"kind": "group", "group": "mailing"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].group: group `mailing` is a "
                "distribution list"
            ],
            id="S-14 a distribution list",
        ),
        pytest.param(
            {"kind": "group", "group": "nobody"},
            None,
            ["UNKNOWN_REFERENCE: catalogs[c].resources[extra].group: no group `nobody`"],
            id="S-14 a group that does not exist",
        ),
        pytest.param(
            {"kind": "group", "group": "team"},
            None,
            [
                "DUPLICATE: catalogs[c].resources[extra].group: a resource for group `team` is "
                "there already, see line 31"
            ],
            id="S-16 one group twice would count twice against the limit",
        ),
        pytest.param(
            {"kind": "group", "group": "staff", "roles": ["Member", "Guest"]},
            None,
            [
                "UNKNOWN_VALUE: catalogs[c].resources[extra].roles[1]: `Guest` is not one of "
                "Member, Owner"
            ],
            id="S-14 a role that groups do not have",
        ),
        pytest.param(
            {"kind": "group"},
            None,
            [
                "MISSING_FIELD: catalogs[c].resources[extra].group: is missing; it says which "
                "group this is"
            ],
            id="S-14 a group resource without group",
        ),
        pytest.param(
            {"kind": "group", "group": "staff", "url": "https://x.example"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].url: belongs to resources of kind "
                "site, not group"
            ],
            id="S-14 a field of another kind",
        ),
        pytest.param(
            {"kind": "application", "application": EXCHANGE},
            None,
            [
                f"INVALID_MODEL: catalogs[c].resources[extra].application: `{EXCHANGE}` cannot be "
                "given out by a package"
            ],
            id="S-14 the service principal of Exchange Online, in any case",
        ),
        pytest.param(
            {"kind": "application", "application": "Office 365 SharePoint Online"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].application: `Office 365 SharePoint "
                "Online` cannot be given out by a package"
            ],
            id="S-14 the service principal of SharePoint Online",
        ),
        pytest.param(
            {"kind": "application", "application": "app", "personal_accounts_only": True},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].personal_accounts_only: an "
                "application for personal accounts alone cannot be given out by a package"
            ],
            id="S-14 an application for personal accounts",
        ),
        pytest.param(
            {**SITE, "group_connected": False},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra]: a site needs a security group behind "
                "it, or to be enabled for entitlement management, in profile standard"
            ],
            id="S-19 a site on its own, under standard",
        ),
        pytest.param(
            {**SITE, "group_connected": False},
            "entra",
            [],
            id="S-19 a site on its own, under entra",
        ),
        pytest.param(
            {**SITE, "group_connected": False, "enabled_for_entitlement_management": True},
            None,
            [],
            id="S-19 a site that was switched on",
        ),
        pytest.param(
            {**SITE, "url": "https://sites.example/sites/sales/Shared Documents"},
            None,
            ["INVALID_MODEL: catalogs[c].resources[extra].url: must be the https URL of a site"],
            id="S-14 a URL with a blank",
        ),
        pytest.param(
            {**SITE, "url": "https://sites.example/sites/sales/Documents"},
            None,
            [NOT_A_SITE],
            id="S-14 a library",
        ),
        pytest.param(
            {**SITE, "url": "https://sites.example/sales/plan.docx"},
            None,
            [NOT_A_SITE],
            id="S-14 a document",
        ),
        pytest.param(
            {**SITE, "url": "http://sites.example/sites/sales"},
            None,
            ["INVALID_MODEL: catalogs[c].resources[extra].url: must be the https URL of a site"],
            id="S-14 a site without encryption",
        ),
        pytest.param({**SITE, "url": "https://sites.example/"}, None, [], id="S-14 the root site"),
        pytest.param(
            {"kind": "directory_role", "role": "Helpdesk"},
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].kind: directory roles are not "
                "accepted in profile standard; they belong to privileged-role management"
            ],
            id="S-1 S-19 a directory role, under standard",
        ),
        pytest.param(
            {"kind": "directory_role", "role": "Helpdesk"},
            "entra",
            [],
            id="S-19 a directory role, under entra",
        ),
        pytest.param(
            {"kind": "directory_role", "role": "Root", "privileged": True, "roles": ["active"]},
            "entra",
            [
                "UNKNOWN_VALUE: catalogs[c].resources[extra].roles[0]: `active` is not one of "
                "eligible"
            ],
            id="S-19 a privileged role is given as eligible only",
        ),
        pytest.param(
            {"kind": "mailbox"},
            None,
            [
                "UNKNOWN_VALUE: catalogs[c].resources[extra].kind: `mailbox` is not one of group, "
                "application, site, directory_role"
            ],
            id="S-25 a kind that nobody knows",
        ),
        pytest.param(
            {
                "kind": "application",
                "application": "app",
                "questions": [{"id": "q", "text": "Why?", "required": False}],
            },
            None,
            [
                "INVALID_MODEL: catalogs[c].resources[extra].questions[q].required: the attributes "
                "of a resource must all be answered"
            ],
            id="S-18 an attribute that need not be answered",
        ),
    ],
)
def test_faulty_resources(
    tmp_path: Path, fields: Content, profile: str | None, want: list[str]
) -> None:
    assert resource_said(tmp_path, profile, **fields) == want


def test_attributes_of_a_resource_are_required(tmp_path: Path) -> None:
    """S-18: whether or not the file says so."""
    asked = [{"id": "q", "text": "Cost centre?"}]
    content = resource(kind="application", application="app", questions=asked)
    found = only_catalog(loaded(tmp_path, content)).resources[0]
    assert found.questions == (Question("q", "Cost centre?", required=True),)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            package(entries=[{"resource": "team"}]),
            ["MISSING_FIELD: catalogs[c].packages[p].entries[0].role: is missing"],
            id="S-16 each resource in a package has a role",
        ),
        pytest.param(
            package(entries=[{"resource": "team", "role": "Membre"}]),
            [
                "UNKNOWN_REFERENCE: catalogs[c].packages[p].entries[0].role: resource `team` has "
                "no role `Membre`, only `Member`, `Owner`; did you mean `Member`?"
            ],
            id="S-16 a role that the resource does not have",
        ),
        pytest.param(
            package(entries=[{"resource": "teem", "role": "Member"}]),
            [
                "UNKNOWN_REFERENCE: catalogs[c].packages[p].entries[0].resource: catalog `c` has "
                "no resource `teem`; did you mean `team`?"
            ],
            id="S-14 a resource that is not in the catalog",
        ),
        pytest.param(
            package(
                entries=[
                    {"resource": "team", "role": "Member"},
                    {"resource": "team", "role": "Owner"},
                ]
            ),
            [],
            id="S-16 several roles of one resource",
        ),
        pytest.param(
            package(entries=[{"resource": "team", "role": "Member"}] * 2),
            [
                "DUPLICATE: catalogs[c].packages[p].entries[1]: `team` with role `Member` stands "
                "here twice"
            ],
            id="S-16 one role twice",
        ),
        pytest.param(
            package(entries=[]),
            [
                "warning EMPTY_PACKAGE: catalogs[c].packages[p].entries: the package delivers "
                "nothing"
            ],
            id="S-20 a package without entries",
        ),
        pytest.param(
            package(policies=GONE),
            [
                "warning NO_POLICY: catalogs[c].packages[p].policies: no policy, so nobody can "
                "request it or be assigned it"
            ],
            id="S-21 a package without policies is a draft",
        ),
        pytest.param(
            package(incompatible={"packages": ["p"]}),
            [
                "INVALID_MODEL: catalogs[c].packages[p].incompatible.packages[0]: a package cannot "
                "be incompatible with itself"
            ],
            id="S-117 a package that excludes itself",
        ),
        pytest.param(
            package(incompatible={"packages": ["q"], "groups": ["stuff"]}),
            [
                "UNKNOWN_REFERENCE: catalogs[c].packages[p].incompatible.packages[0]: no package "
                "`q`",
                "UNKNOWN_REFERENCE: catalogs[c].packages[p].incompatible.groups[0]: no group "
                "`stuff`; did you mean `staff`?",
            ],
            id="S-117 incompatible with nothing",
        ),
        pytest.param(
            catalog(packages=[PACKAGE, {**PACKAGE, "name": "Q"}]),
            ["DUPLICATE: catalogs[c].packages[p].id: package `p` is there already, see line 36"],
            id="two packages with one id",
        ),
        pytest.param(
            catalog(packages=[PACKAGE, {**PACKAGE, "id": "q"}]),
            [
                "DUPLICATE: catalogs[c].packages[q].name: a package called `P` is there already, "
                "see line 37"
            ],
            id="two packages of one catalog with one name",
        ),
        pytest.param(
            {**BASE, "packages": [{**PACKAGE, "id": "q", "catalog": "d"}]},
            ["UNKNOWN_REFERENCE: packages[q].catalog: no catalog `d`"],
            id="S-10 a catalog that does not exist",
        ),
        pytest.param(
            {**BASE, "packages": [{**PACKAGE, "id": "q"}]},
            [
                "UNKNOWN_REFERENCE: packages[q].entries[0].resource: catalog `general` has no "
                "resource `team`"
            ],
            id="S-14 resources of another catalog",
        ),
        pytest.param(
            package(name=GONE, description="d" * 4_097),
            [
                "MISSING_FIELD: catalogs[c].packages[p].name: is missing",
                "INVALID_MODEL: catalogs[c].packages[p].description: is 4,097 characters long, at "
                "most 4,096 are allowed (text_limits.description)",
            ],
            id="S-32 S-139 several faults of one package",
        ),
    ],
)
def test_packages(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


def test_what_a_package_holds(tmp_path: Path) -> None:
    """S-20: and S-117 goes by reference."""
    other = {**PACKAGE, "id": "q", "name": "Q"}
    content = catalog(
        packages=[
            {
                **PACKAGE,
                "hidden": True,
                "description": "What it is for",
                "incompatible": {"packages": ["q"], "groups": ["team", "staff"]},
            },
            other,
        ]
    )
    found = only_catalog(loaded(tmp_path, content)).packages[0]
    assert found.entries == (PackageEntry("team", "Member"),)
    assert found.hidden
    assert found.incompatible_packages == ("q",)
    assert found.incompatible_groups == ("staff", "team")
    assert found.catalog == "c"


def test_a_permission_level_that_goes_by_two_names(tmp_path: Path) -> None:
    """S-14: Contribute is also written Contributor."""
    content = catalog(
        resources=[RESOURCE, {"id": "site", **SITE}],
        packages=[{**PACKAGE, "entries": [{"resource": "site", "role": "Contributor"}]}],
    )
    assert only_package(loaded(tmp_path, content)).entries == (PackageEntry("site", "Contribute"),)
