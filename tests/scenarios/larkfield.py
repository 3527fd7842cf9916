"""The definitions of section 20, made step by step: object by object, or as a folder that grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from ostiary.client import CallError
from ostiary.v1 import (
    access_review_pb2,
    catalog_pb2,
    catalog_service_pb2,
    decision_pb2,
    directory_pb2,
    directory_service_pb2,
    policy_pb2,
    resource_pb2,
)
from tests.scenarios.acting import ADMINISTRATOR, TAILWIND, ByCommand, ByGrpc, at

SITE = "https://sites.larkfield.example/sites/sales"
CATALOG, PACKAGE = "sales-resources", "sales-team-access"
PEOPLE: dict[str, Any] = {
    "tenant": {
        "id": "larkfield",
        "name": "Larkfield Group",
        "settings": {"guest_cleanup": "block_and_delete"},
    },
    "users": [
        {"id": name, "mail": f"{name}@larkfield.example", **more}
        for name, more in {
            "ada": {},
            "ines": {},
            "sol": {},
            "fran": {},
            "dana": {},
            "mona": {"manager": "dana"},
            "emil": {"manager": "mona", "name": "Emil Novak"},
        }.items()
    ],
    "groups": [
        {"id": "sales-staff", "users": ["mona"], "groups": ["emea"]},
        {"id": "emea", "users": ["emil"]},  # Emil is in sales-staff by way of it
        {"id": "sales-group", "name": "Sales Group"},
    ],
}


def write(folder: Path, *parts: Mapping[str, Any]) -> Path:
    """Write a tenant folder, one file a part."""
    folder.mkdir(exist_ok=True)
    for number, part in enumerate(parts):
        text = yaml.safe_dump(dict(part), sort_keys=False)
        (folder / f"part-{number}.yaml").write_text(text, encoding="utf-8")
    return folder


# as a folder, by an administrator

_RESOURCES = [
    {"id": "sales-group", "name": "Sales Group", "kind": "group", "group": "sales-group"},
    {
        "id": "sales-app",
        "name": "Sales App",
        "kind": "application",
        "application": "sales-app",
        "roles": ["User", "Admin"],
    },
    {
        "id": "sales-site",
        "name": "Sales Site",
        "kind": "site",
        "url": SITE,
        "group_connected": True,
    },
]
_ENTRIES = (("sales-group", "Member"), ("sales-app", "User"), ("sales-site", "Contribute"))
_PACKAGE = {
    "id": PACKAGE,
    "name": "Sales Team Access",
    "entries": [{"resource": one, "role": role} for one, role in _ENTRIES],
}
_EMPLOYEES = {
    "id": "employees",
    "name": "Employees",
    "scope": {"kind": "specific_subjects", "groups": ["sales-staff"]},
    "approval": {
        "for": ["add"],
        "stages": [
            {"approvers": ["manager"], "fallback": ["user:fran"]},
            {"approvers": ["user:dana"]},
        ],
    },
}
_PARTNERS = {
    "id": "partners",
    "name": "Partners",
    "scope": {"kind": "specific_organizations", "organizations": ["tailwind"]},
    "approval": {
        "for": ["add"],
        "stages": [{"approvers": ["manager"], "fallback": ["user:fran"]}],
    },
    "expiration": {"after": "P90D"},
    "extension_allowed": True,
    "reviews": {
        "start": "2031-04-01",
        "every": "quarterly",
        "window": "P25D",
        "reviewers": ["user:dana"],
        "no_response": "remove",
    },
}
_TAILWIND = {"id": "tailwind", "name": "Tailwind", "sources": [{"tenant": TAILWIND}]}


class ByFolder:
    """Applies the folder anew after each step."""

    def __init__(self, hand: ByCommand, folder: Path) -> None:
        self._hand = hand
        self._folder = folder
        self._catalog: dict[str, Any] = {
            "id": CATALOG,
            "name": "Sales Resources",
            "description": "What people need to sell.",
            "owners": ["user:ines", "user:sol"],
        }
        self._more: dict[str, Any] = {}

    def catalog(self) -> list[str]:
        """Ines creates the catalog, and Sol owns it too."""
        return self._apply()

    def resources(self) -> list[str]:
        """Sol adds a group, an application and a site."""
        self._catalog["resources"] = _RESOURCES
        return self._apply()

    def package(self) -> list[str]:
        """Three entries, no policy."""
        self._catalog["packages"] = [{**_PACKAGE}]
        return self._apply()

    def employees(self) -> list[str]:
        """Two stages; no duration, no time-outs stated."""
        self._catalog["packages"][0]["policies"] = [_EMPLOYEES]
        return self._apply()

    def organization(self) -> list[str]:
        """Tailwind by its tenant id."""
        self._more["organizations"] = [_TAILWIND]
        return self._apply()

    def partners(self) -> list[str]:
        """One stage, 90 days, extension, reviews."""
        self._catalog["packages"][0]["policies"] = [_EMPLOYEES, _PARTNERS]
        return self._apply()

    def _apply(self) -> list[str]:
        write(self._folder, PEOPLE, {"catalogs": [self._catalog], **self._more})
        said = self._hand.read(
            catalog_service_pb2.ApplyResponse,
            "",
            *("apply", str(self._folder), "--server", self._hand.address),
            *("--as", f"user:{ADMINISTRATOR}", "--role", "administrator"),
        )
        assert said.changes
        assert not said.refusals
        return [one.code for one in said.faults]


# object by object, by those who have the right


def _approver(kind: decision_pb2.ApproverKind, name: str = "") -> policy_pb2.Approver:
    return policy_pb2.Approver(kind=kind, id=name)


def _user(name: str) -> policy_pb2.Approver:
    return _approver(decision_pb2.APPROVER_KIND_USER, name)


_MANAGER_OR_FRAN = policy_pb2.ApprovalStage(
    approvers=[_approver(decision_pb2.APPROVER_KIND_MANAGER)], fallback=[_user("fran")]
)


class ByObject:
    """Calls CatalogService as Ines, Sol and the administrator."""

    def __init__(self, hand: ByGrpc) -> None:
        self._hand = hand
        ada = hand.by(ADMINISTRATOR)
        owned = [
            directory_pb2.ResourceOwner(application="sales-app", user="sol"),
            directory_pb2.ResourceOwner(site=SITE, user="sol"),
        ]
        asked = directory_service_pb2.WriteResourceOwnersRequest(add=owned)
        ada.call(ada.directory.WriteResourceOwners, asked)
        owner = directory_pb2.Membership(
            group="sales-group", user="sol", role=directory_pb2.MEMBERSHIP_ROLE_OWNER
        )
        joined = directory_service_pb2.WriteMembershipsRequest(add=[owner])
        ada.call(ada.directory.WriteMemberships, joined)
        creator = directory_pb2.RoleAssignment(
            holder="user:ines", role=directory_pb2.ROLE_CATALOG_CREATOR
        )
        appointed = directory_service_pb2.AssignRoleRequest(role_assignment=creator)
        ada.call(ada.directory.AssignRole, appointed)

    def catalog(self) -> list[str]:
        """Ines, a catalog creator, creates the catalog and adds Sol as second owner."""
        ines, ada = self._hand.by("ines"), self._hand.by(ADMINISTRATOR)
        there = ada.call(ada.catalogs.ListCatalogs, catalog_service_pb2.ListCatalogsRequest())
        assert [one.id for one in there.catalogs] == ["general"]  # it could have served (S-10)
        wanted = catalog_pb2.Catalog(
            id=CATALOG, display_name="Sales Resources", description="What people need to sell."
        )
        asked = catalog_service_pb2.CreateCatalogRequest(catalog=wanted)
        made = ines.call(ines.catalogs.CreateCatalog, asked)
        assert list(made.catalog.owners) == ["user:ines"]
        second = directory_pb2.RoleAssignment(
            holder="user:sol", role=directory_pb2.ROLE_CATALOG_OWNER, catalog=CATALOG
        )
        appointed = directory_service_pb2.AssignRoleRequest(role_assignment=second)
        ines.call(ines.directory.AssignRole, appointed)
        listed = ines.call(ines.catalogs.ListCatalogs, catalog_service_pb2.ListCatalogsRequest())
        [seen] = listed.catalogs
        assert list(seen.owners) == ["user:ines", "user:sol"]
        return [one.code for one in made.warnings]

    def resources(self) -> list[str]:
        """Sol, who owns them, adds a group, an application and a site; Ines could not (S-17)."""
        refused = _refused(lambda: self._resource("ines", _resources()[0]))
        assert refused == "FORBIDDEN"
        return [code for one in _resources() for code in self._resource("sol", one)]

    def _resource(self, who: str, wanted: catalog_pb2.Resource) -> list[str]:
        services = self._hand.by(who)
        asked = catalog_service_pb2.CreateResourceRequest(catalog=CATALOG, resource=wanted)
        made = services.call(services.catalogs.CreateResource, asked)
        return [one.code for one in made.warnings]

    def package(self) -> list[str]:
        """Three entries, no policy."""
        sol = self._hand.by("sol")
        entries = [catalog_pb2.PackageEntry(resource=one, role=role) for one, role in _ENTRIES]
        wanted = catalog_pb2.AccessPackage(
            id=PACKAGE, display_name="Sales Team Access", entries=entries
        )
        asked = catalog_service_pb2.CreateAccessPackageRequest(
            catalog=CATALOG, access_package=wanted
        )
        made = sol.call(sol.catalogs.CreateAccessPackage, asked)
        return [one.code for one in made.warnings]

    def employees(self) -> list[str]:
        """Two stages; no duration, no time-outs stated."""
        wanted = policy_pb2.AssignmentPolicy(id="employees", display_name="Employees")
        wanted.scope.kind = policy_pb2.SCOPE_KIND_SPECIFIC_SUBJECTS
        wanted.scope.groups.append("sales-staff")
        wanted.approval.for_add = True
        wanted.approval.stages.append(_MANAGER_OR_FRAN)
        wanted.approval.stages.append(policy_pb2.ApprovalStage(approvers=[_user("dana")]))
        return self._policy(wanted)

    def organization(self) -> list[str]:
        """The administrator enters Tailwind by its tenant id."""
        ada = self._hand.by(ADMINISTRATOR)
        wanted = directory_pb2.ConnectedOrganization(
            id="tailwind",
            display_name="Tailwind",
            sources=[directory_pb2.IdentitySource(tenant=TAILWIND)],
        )
        asked = catalog_service_pb2.CreateConnectedOrganizationRequest(
            connected_organization=wanted
        )
        made = ada.call(ada.catalogs.CreateConnectedOrganization, asked)
        assert made.connected_organization.state == directory_pb2.ORGANIZATION_STATE_CONFIGURED
        return [one.code for one in made.warnings]

    def partners(self) -> list[str]:
        """One stage, 90 days, extension, reviews."""
        wanted = policy_pb2.AssignmentPolicy(
            id="partners", display_name="Partners", extension_allowed=True
        )
        wanted.scope.kind = policy_pb2.SCOPE_KIND_SPECIFIC_ORGANIZATIONS
        wanted.scope.organizations.append("tailwind")
        wanted.approval.for_add = True
        wanted.approval.stages.append(_MANAGER_OR_FRAN)
        wanted.expiration.after.FromTimedelta(timedelta(days=90))
        wanted.reviews.start.FromDatetime(at("2031-04-01 00:00"))
        wanted.reviews.every.every.FromTimedelta(timedelta(days=90))  # quarterly [std]
        wanted.reviews.window.FromTimedelta(timedelta(days=25))
        wanted.reviews.reviewers = access_review_pb2.REVIEWER_KIND_SPECIFIC
        wanted.reviews.specific.append(_user("dana"))
        wanted.reviews.no_response = access_review_pb2.NO_RESPONSE_REMOVE
        return self._policy(wanted)

    def _policy(self, wanted: policy_pb2.AssignmentPolicy) -> list[str]:
        sol = self._hand.by("sol")
        asked = catalog_service_pb2.CreateAssignmentPolicyRequest(
            access_package=PACKAGE, assignment_policy=wanted
        )
        made = sol.call(sol.catalogs.CreateAssignmentPolicy, asked)
        return [one.code for one in made.warnings]


def _resources() -> list[catalog_pb2.Resource]:
    return [
        catalog_pb2.Resource(
            id="sales-group",
            display_name="Sales Group",
            kind=resource_pb2.RESOURCE_KIND_GROUP,
            target="sales-group",
        ),
        catalog_pb2.Resource(
            id="sales-app",
            display_name="Sales App",
            kind=resource_pb2.RESOURCE_KIND_APPLICATION,
            target="sales-app",
            roles=["User", "Admin"],
        ),
        catalog_pb2.Resource(
            id="sales-site",
            display_name="Sales Site",
            kind=resource_pb2.RESOURCE_KIND_SITE,
            target=SITE,
            group_connected=True,
        ),
    ]


def _refused(act: Callable[[], object]) -> str:
    try:
        act()
    except CallError as error:
        return error.reason
    return ""
