"""Every method of definitions and directory as every role and as nobody: the table holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ostiary.adapters.store import open_store
from ostiary.client import CallError
from ostiary.domain.caller import CATALOG_ROLES, Role, RoleAssignment
from ostiary.lifecycle.ports import OWNER, Membership
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.permissions import TABLE, Row
from ostiary.v1 import catalog_pb2, directory_pb2, policy_pb2, resource_pb2
from tests.contract.defined import C, D, Served, pieces
from tests.contract.lent import NOW
from tests.definitions.holding import held, make, put
from tests.unit import defining

# One caller for each role, here and in another catalog, and some with none.
HOLDERS: dict[str, tuple[Role | None, str]] = {
    "user:x-nobody-special": (None, ""),
    "service:x-plain": (None, ""),
    "user:x-other-owner": (Role.CATALOG_OWNER, "general"),
    "user:x-other-reader": (Role.CATALOG_READER, "general"),
    **{
        f"{kind}:x-{role.value}": (role, "c" if role in CATALOG_ROLES else "")
        for role in Role
        for kind in ("user", "service")
    },
}
CALLERS = ("", *HOLDERS)
SERVICES = {"CatalogService": "catalogs", "DirectoryService": "directory"}
METHODS = [name for name in TABLE if name.removeprefix("ostiary.v1.").split("/")[0] in SERVICES]

# Of what is not of one catalog, whoever has the role in any catalog sees it or their part of it.
OF_ALL_CATALOGS = {
    "GetTenant",
    "ListCatalogs",
    "GetConnectedOrganization",
    "ListConnectedOrganizations",
    "GetUser",
    "ListUsers",
    "GetGroup",
    "ListGroups",
    "ListMemberships",
    "ListRoleAssignments",
}
POLICY = policy_pb2.AssignmentPolicy(
    id="b",
    display_name="B",
    scope=policy_pb2.RequestorScope(kind=policy_pb2.SCOPE_KIND_ALL_MEMBERS),
)
ORGANIZATION = directory_pb2.ConnectedOrganization(
    id="new", display_name="New", sources=[directory_pb2.IdentitySource(tenant="new-tenant")]
)
READER = directory_pb2.RoleAssignment(
    holder="user:ann", role=directory_pb2.ROLE_CATALOG_READER, catalog="c"
)
MEMBER = directory_pb2.Membership(group="team", user="ann")
# What somebody with the right could call; writes are trials, so that all find the same.
SAMPLES: dict[str, dict[str, Any]] = {
    "GetTenant": {},
    "GetCatalog": {"catalog": "c"},
    "ListCatalogs": {},
    "CreateCatalog": {"catalog": catalog_pb2.Catalog(id="new", display_name="New")},
    "UpdateCatalog": {"catalog": catalog_pb2.Catalog(id="c", display_name="C")},
    "DeleteCatalog": {"catalog": "c"},
    "GetResource": {"resource": "team", "catalog": "c"},
    "ListResources": {"catalog": "c"},
    "CreateResource": {
        "catalog": "c",
        "resource": catalog_pb2.Resource(
            id="new", kind=resource_pb2.RESOURCE_KIND_GROUP, target="staff"
        ),
    },
    "UpdateResource": {
        "catalog": "c",
        "resource": catalog_pb2.Resource(
            id="team", kind=resource_pb2.RESOURCE_KIND_GROUP, target="team"
        ),
    },
    "DeleteResource": {"resource": "team", "catalog": "c"},
    "GetCustomExtension": {"custom_extension": "flow", "catalog": "c"},
    "ListCustomExtensions": {"catalog": "c"},
    "CreateCustomExtension": {
        "catalog": "c",
        "custom_extension": catalog_pb2.CustomExtension(id="new", url="https://x.example"),
    },
    "UpdateCustomExtension": {
        "catalog": "c",
        "custom_extension": catalog_pb2.CustomExtension(id="flow", url="https://x.example"),
    },
    "DeleteCustomExtension": {"custom_extension": "flow", "catalog": "c"},
    "GetAccessPackage": {"access_package": "p"},
    "ListAccessPackages": {"catalog": "c"},
    "CreateAccessPackage": {
        "catalog": "c",
        "access_package": catalog_pb2.AccessPackage(id="new", display_name="New"),
    },
    "UpdateAccessPackage": {"access_package": catalog_pb2.AccessPackage(id="p", display_name="P")},
    "DeleteAccessPackage": {"access_package": "p"},
    "GetAssignmentPolicy": {"assignment_policy": "a", "access_package": "p"},
    "ListAssignmentPolicies": {"access_package": "p"},
    "CreateAssignmentPolicy": {"access_package": "p", "assignment_policy": POLICY},
    "UpdateAssignmentPolicy": {
        "access_package": "p",
        "assignment_policy": policy_pb2.AssignmentPolicy(
            id="a", display_name="A", scope=POLICY.scope
        ),
    },
    "DeleteAssignmentPolicy": {"assignment_policy": "a", "access_package": "p"},
    "GetConnectedOrganization": {"connected_organization": "acme"},
    "ListConnectedOrganizations": {},
    "CreateConnectedOrganization": {"connected_organization": ORGANIZATION},
    "UpdateConnectedOrganization": {
        "connected_organization": directory_pb2.ConnectedOrganization(
            id="acme", display_name="Acme", sources=ORGANIZATION.sources
        )
    },
    "DeleteConnectedOrganization": {"connected_organization": "acme"},
    "GetUser": {"user": "ann"},
    "ListUsers": {},
    "UpsertUser": {"user": directory_pb2.User(id="ann")},
    "DeleteUser": {"user": "ann"},
    "GetGroup": {"group": "team"},
    "ListGroups": {},
    "UpsertGroup": {"group": directory_pb2.Group(id="team")},
    "DeleteGroup": {"group": "mailing"},
    "ListMemberships": {"group": "staff"},
    "WriteMemberships": {"add": [MEMBER]},
    "ListRoleAssignments": {},
    "AssignRole": {"role_assignment": READER},
    "RemoveRole": {"role_assignment": READER},
    "WriteResourceOwners": {"add": [directory_pb2.ResourceOwner(application="crm", user="ann")]},
}
STREAMS = {"Apply", "ImportDirectory"}


@pytest.fixture
def served(harbour: LoadedDesk, tmp_path: Path) -> Iterator[Served]:
    store = open_store("memory:")
    put(store, tmp_path / "folder", defining.BASE)
    # S-17: whoever owns the catalog here owns the group too.
    make(store, Membership("staff", "x-catalog_owner", role=OWNER))
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="system")
        for holder, (role, catalog) in HOLDERS.items():
            if role is not None:
                tx.add_role(RoleAssignment(holder, role, catalog))
    made = Served(store, harbour)
    yield made
    made.stop()


def allowed(row: Row, caller: str, name: str) -> bool:
    """What the table says of a caller who stands in no relation to anything."""
    role, catalog = HOLDERS.get(caller, (None, ""))
    if name == "CreateResource" and caller == "service:x-catalog_owner":
        return False  # S-17: a service owns no group
    return role in row.roles and (catalog in ("", "c") or name in OF_ALL_CATALOGS)


def call(served: Served, caller: str, method: str, folder: Path, **fields: Any) -> None:
    """Make a call; a write is a trial."""
    service, name = method.removeprefix("ostiary.v1.").split("/")
    services = served.as_holder(caller)
    stub = getattr(getattr(services, SERVICES[service]), name)
    if name == "Apply":
        services.send(stub, pieces(folder, validate_only=True))
        return
    if name == "ImportDirectory":
        services.send(stub, [D.ImportDirectoryRequest(validate_only=True)])
        return
    contract = C if service == "CatalogService" else D
    kind = getattr(contract, f"{name}Request")
    if "validate_only" in kind.DESCRIPTOR.fields_by_name:
        fields["validate_only"] = True
    services.call(stub, kind(**fields))


def outcome(work: Callable[[], None]) -> str:
    """What becomes of a call: let through, no right, or nobody."""
    try:
        work()
    except CallError as error:
        return {"UNAUTHENTICATED": "nobody", "FORBIDDEN": "no right"}.get(
            error.reason, "let through"
        )
    return "let through"


def test_there_is_a_sample_of_every_method() -> None:
    assert {name.split("/")[1] for name in METHODS} == set(SAMPLES) | STREAMS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_as_every_role_and_as_nobody(
    served: Served, tmp_path: Path, method: str
) -> None:
    """S-132, S-133."""
    name, before = method.split("/")[1], held(served.store)
    found, want = {}, {}
    for caller in CALLERS:
        found[caller] = outcome(
            lambda caller=caller: call(  # type: ignore[misc]  # each its own
                served, caller, method, tmp_path / "folder", **SAMPLES.get(name, {})
            )
        )
        no = "nobody" if not caller else "no right"
        want[caller] = "let through" if allowed(TABLE[method], caller, name) else no
    assert found == want
    assert held(served.store) == before


@pytest.mark.parametrize(
    "method", [one for one in METHODS if one.split("/")[1].startswith(("Get", "List", "Delete"))]
)
def test_what_is_not_there_looks_like_what_is_not_allowed(
    served: Served, tmp_path: Path, method: str
) -> None:
    """S-133: whoever has no right is told the same of what exists and of what does not."""
    sample = SAMPLES[method.split("/")[1]]
    gone = dict.fromkeys(sample, "nothing")
    for caller in ("user:x-nobody-special", "user:x-evaluator"):
        told = []
        for fields in (sample, gone):
            with pytest.raises(CallError) as raised:
                call(served, caller, method, tmp_path / "folder", **fields)
            error = raised.value
            told.append((error.reason, error.message, dict(error.metadata)))
        assert told[0] == told[1]
        assert told[0][0] == "FORBIDDEN"
