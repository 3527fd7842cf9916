"""CatalogService and DirectoryService over the wire: who may, what is checked, what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from ostiary.adapters.store import open_store
from ostiary.client import CallError
from ostiary.domain.access_request import RequestState
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.operations.documents import Key, decode, encode
from ostiary.operations.writing import DefinitionWriter
from ostiary.rpc.convert.definition_messages import message_of
from ostiary.rpc.convert.definition_texts import DefinitionReader
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.violations import Violations
from ostiary.rulebook.places import rules_dir
from ostiary.v1 import (
    catalog_pb2,
    catalog_service_pb2,
    decision_pb2,
    directory_pb2,
    directory_service_pb2,
    person_pb2,
    policy_pb2,
    resource_pb2,
)
from tests.contract.defined import ROLES, Served, pieces
from tests.contract.lent import NOW
from tests.contract.living import refused
from tests.definitions.holding import ADA, ask, assign, events, held, last_event, put
from tests.unit import defining

C, D = catalog_service_pb2, directory_service_pb2
POLICY = policy_pb2.AssignmentPolicy(
    id="b",
    display_name="B",
    scope=policy_pb2.RequestorScope(kind=policy_pb2.SCOPE_KIND_ALL_MEMBERS),
)


@pytest.fixture
def served(harbour: LoadedDesk, tmp_path: Path) -> Iterator[Served]:
    store = open_store("memory:")
    put(store, tmp_path / "first", defining.BASE)
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="system")
        for one in ROLES:
            tx.add_role(one)
    made = Served(store, harbour)
    yield made
    made.stop()


def violations(error: pytest.ExceptionInfo[CallError]) -> list[tuple[str, str]]:
    """The fields that are wrong."""
    return list(error.value.violations)


# catalogs


def test_a_catalog_is_created_read_changed_and_deleted(served: Served) -> None:
    made = served.catalogs(
        "CreateCatalog", catalog=catalog_pb2.Catalog(id="d", display_name="D", external=False)
    ).catalog
    assert (made.name, made.enabled, made.external) == ("tenants/t/catalogs/d", True, False)
    assert served.catalogs("GetCatalog", catalog=made.name).catalog == made
    changed = served.catalogs(
        "UpdateCatalog",
        catalog=catalog_pb2.Catalog(name=made.name, description="new", etag=made.etag),
        update_mask=FieldMask(paths=["description"]),
    ).catalog
    assert (changed.display_name, changed.description) == ("D", "new")
    assert changed.etag != made.etag
    with refused("CONFLICT", status=grpc.StatusCode.ABORTED):
        served.catalogs("DeleteCatalog", catalog="d", etag=made.etag)
    served.catalogs("DeleteCatalog", catalog="d", etag=changed.etag)
    with refused("DEFINITION_NOT_FOUND", status=grpc.StatusCode.NOT_FOUND):
        served.catalogs("GetCatalog", catalog="d")


def test_a_creator_of_catalogs_becomes_owner_and_sees_nobody_elses(served: Served) -> None:
    """S-11, S-133."""
    wanted = catalog_pb2.Catalog(id="d", display_name="D")
    made = served.catalogs("CreateCatalog", "cleo", catalog=wanted).catalog
    assert list(made.owners) == ["user:cleo"]
    listed = served.catalogs("ListCatalogs", "cleo").catalogs
    assert [one.id for one in listed] == ["d"]
    with refused("FORBIDDEN"):
        served.catalogs("GetCatalog", "cleo", catalog="c")
    with refused("FORBIDDEN"):
        served.catalogs("GetCatalog", "cleo", catalog="no-such-catalog")


def test_only_a_catalog_without_packages_can_be_deleted(served: Served) -> None:
    """S-13."""
    with refused("REFUSED", "NOT_EMPTY", grpc.StatusCode.FAILED_PRECONDITION):
        served.catalogs("DeleteCatalog", catalog="c")
    served.catalogs("DeleteAccessPackage", access_package="p")
    served.catalogs("DeleteCatalog", catalog="c")


# resources


def test_an_owner_of_catalog_and_group_adds_it(served: Served) -> None:
    """S-17."""
    group = catalog_pb2.Resource(id="r", kind=resource_pb2.RESOURCE_KIND_GROUP, target="staff")
    served.directory("UpsertUser", user=directory_pb2.User(id="olga"))
    with refused("FORBIDDEN"):
        served.catalogs("CreateResource", "olga", catalog="c", resource=group)
    owner = directory_pb2.Membership(
        group="staff", user="olga", role=directory_pb2.MEMBERSHIP_ROLE_OWNER
    )
    assert served.directory("WriteMemberships", add=[owner]).added == 1
    made = served.catalogs("CreateResource", "olga", catalog="c", resource=group).resource
    assert (made.name, list(made.roles)) == (
        "tenants/t/catalogs/c/resources/r",
        ["Member", "Owner"],
    )
    with refused("FORBIDDEN"):
        served.catalogs("CreateResource", "pete", catalog="c", resource=group)


def test_an_application_has_owners_too(served: Served) -> None:
    """S-17."""
    served.directory("UpsertUser", user=directory_pb2.User(id="olga"))
    app = catalog_pb2.Resource(id="r", kind=resource_pb2.RESOURCE_KIND_APPLICATION, target="crm")
    with refused("FORBIDDEN"):
        served.catalogs("CreateResource", "olga", catalog="c", resource=app)
    owner = directory_pb2.ResourceOwner(application="crm", user="olga")
    assert served.directory("WriteResourceOwners", add=[owner]).added == 1
    served.catalogs("CreateResource", "olga", catalog="c", resource=app)
    assert served.directory("WriteResourceOwners", remove=[owner]).removed == 1
    assert not served.directory("ListMemberships", user="olga").memberships


def test_a_resource_stays_the_thing_that_it_is(served: Served) -> None:
    with refused("INVALID_REQUEST") as error:
        served.catalogs(
            "UpdateResource",
            resource=catalog_pb2.Resource(
                name="tenants/t/catalogs/c/resources/team", target="staff"
            ),
            update_mask=FieldMask(paths=["target"]),
        )
    assert violations(error) == [("resource.target", "cannot be changed, and neither can the kind")]


# packages


def test_a_package_can_come_with_its_first_policy(served: Served) -> None:
    """S-22."""
    answer = served.catalogs(
        "CreateAccessPackage",
        "pete",
        catalog="c",
        access_package=catalog_pb2.AccessPackage(id="q", display_name="Q"),
        first_policy=POLICY,
    )
    assert answer.access_package.name == "tenants/t/catalogs/c/accessPackages/q"
    assert [(one.field, one.code) for one in answer.warnings] == [
        ("access_package.entries", "EMPTY_PACKAGE")
    ]
    (policy,) = served.catalogs("ListAssignmentPolicies", access_package="q").assignment_policies
    assert policy.name == f"{answer.access_package.name}/assignmentPolicies/b"
    changed = served.catalogs(
        "UpdateAssignmentPolicy",
        assignment_policy=policy_pb2.AssignmentPolicy(name=policy.name, enabled=False),
        update_mask=FieldMask(paths=["enabled"]),
    ).assignment_policy
    assert (changed.enabled, changed.scope) == (False, policy.scope)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"first_policy": POLICY}, "first_policy.approval.stages", id="no stages"),
        pytest.param({}, "first_policy", id="no policy"),
    ],
)
def test_required_approval_needs_stages(served: Served, fields: Any, field: str) -> None:
    """S-22."""
    package = catalog_pb2.AccessPackage(id="q", display_name="Q")
    with refused("INVALID_REQUEST") as error:
        served.catalogs(
            "CreateAccessPackage",
            catalog="c",
            access_package=package,
            require_approval=True,
            **fields,
        )
    assert [one for one, _ in violations(error)] == [field]


def test_a_package_without_a_catalog_goes_to_the_built_in_one(served: Served) -> None:
    """S-10."""
    package = catalog_pb2.AccessPackage(id="q", display_name="Q")
    made = served.catalogs("CreateAccessPackage", access_package=package).access_package
    assert made.catalog == "general"


def test_everything_wrong_is_told_at_once_with_the_codes_of_files(served: Served) -> None:
    """S-139."""
    stage = policy_pb2.ApprovalStage(
        approvers=[policy_pb2.Approver(kind=decision_pb2.APPROVER_KIND_USER, id="nobody")],
        escalate_after=Duration(seconds=3600),
    )
    policy = policy_pb2.AssignmentPolicy(
        id="b",
        scope=policy_pb2.RequestorScope(kind=policy_pb2.SCOPE_KIND_ALL_EXTERNAL, users=["ann"]),
        approval=policy_pb2.ApprovalSettings(for_add=True, stages=[stage]),
        expiration=policy_pb2.Expiration(after=Duration(seconds=4000 * 86_400)),
    )
    with refused("INVALID_REQUEST") as error:
        served.catalogs("CreateAssignmentPolicy", access_package="p", assignment_policy=policy)
    told = violations(error)
    assert [field for field, _ in told] == [
        "assignment_policy.display_name",
        "assignment_policy.scope.kind",
        "assignment_policy.scope.users",
        "assignment_policy.approval.stages[0].approvers[0]",
        "assignment_policy.approval.stages[0].escalate_after",
        "assignment_policy.expiration",
    ]
    assert told[0][1] == "MISSING_FIELD: is missing"
    assert told[3][1] == "UNKNOWN_REFERENCE: no user `nobody`"


def test_numbers_that_no_enumeration_has_are_refused(served: Served) -> None:
    """S-25."""
    policy = policy_pb2.AssignmentPolicy(
        id="b",
        display_name="B",
        scope=policy_pb2.RequestorScope(kind=99),  # type: ignore[arg-type]
    )
    with refused("INVALID_REQUEST") as error:
        served.catalogs("CreateAssignmentPolicy", access_package="p", assignment_policy=policy)
    assert violations(error) == [
        ("assignment_policy.scope.kind", "has no value with the number 99")
    ]


def test_limits_are_told_by_name(served: Served) -> None:
    """S-62."""
    manager = policy_pb2.Approver(kind=decision_pb2.APPROVER_KIND_USER, id="ben")
    stages = [policy_pb2.ApprovalStage(approvers=[manager])] * 3
    policy = policy_pb2.AssignmentPolicy()
    policy.CopyFrom(POLICY)
    policy.approval.CopyFrom(policy_pb2.ApprovalSettings(for_add=True, stages=stages))
    with refused("LIMIT_EXCEEDED", status=grpc.StatusCode.RESOURCE_EXHAUSTED) as error:
        served.catalogs("CreateAssignmentPolicy", access_package="p", assignment_policy=policy)
    assert dict(error.value.metadata) == {"name": "approval_stages", "max": "2"}


def test_automatic_policies_are_for_administrators(served: Served) -> None:
    """S-29."""
    scope = policy_pb2.RequestorScope(
        kind=policy_pb2.SCOPE_KIND_AUTOMATIC, rule='user.department -eq "Sales"'
    )
    policy = policy_pb2.AssignmentPolicy(id="b", display_name="B", scope=scope)
    for caller in ("olga", "pete"):
        with refused("FORBIDDEN"):
            served.catalogs(
                "CreateAssignmentPolicy", caller, access_package="p", assignment_policy=policy
            )
    made = served.catalogs("CreateAssignmentPolicy", access_package="p", assignment_policy=policy)
    assert made.assignment_policy.scope == scope


def test_deleting_a_package_says_what_stays(served: Served) -> None:
    """S-108."""
    assign(served.store, "ann")
    assign(served.store, "ben", days=3)
    ask(served.store, "gus", RequestState.PENDING_APPROVAL)
    answer = served.catalogs("DeleteAccessPackage", access_package="p")
    assert (answer.endless_assignments, answer.cancelled_requests) == (1, 1)
    assert len(answer.notes) == 2


def test_a_trial_changes_nothing(served: Served) -> None:
    before, since = held(served.store), last_event(served.store)
    package = catalog_pb2.AccessPackage(id="q", display_name="Q")
    answer = served.catalogs(
        "CreateAccessPackage", catalog="c", access_package=package, validate_only=True
    )
    assert answer.access_package.id == "q"
    assert (held(served.store), events(served.store, since)) == (before, [])


def test_a_write_that_is_sent_again_is_carried_out_once(served: Served) -> None:
    """S-61."""
    package = catalog_pb2.AccessPackage(id="q", display_name="Q")
    fields = {"catalog": "c", "access_package": package, "request_id": "my-1"}
    first = served.catalogs("CreateAccessPackage", **fields)
    assert served.catalogs("CreateAccessPackage", **fields) == first
    with refused("REQUEST_ID_REUSED"):
        served.catalogs("CreateAccessPackage", **{**fields, "catalog": "general"})


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        pytest.param(["etag"], "`etag`", id="what the server gives"),
        pytest.param(["nothing"], "`nothing`", id="no field"),
    ],
)
def test_masks_name_fields_that_can_be_written(served: Served, paths: Any, text: str) -> None:
    with refused("INVALID_REQUEST") as error:
        served.catalogs(
            "UpdateAccessPackage",
            access_package=catalog_pb2.AccessPackage(id="p"),
            update_mask=FieldMask(paths=paths),
        )
    assert violations(error) == [("update_mask", f"names no fields that can be written: {text}")]


# lists


def test_pages_are_complete_and_of_one_state(served: Served) -> None:
    names = [f"q{number}" for number in range(7)]
    for name in names:
        package = catalog_pb2.AccessPackage(id=name, display_name=name)
        served.catalogs("CreateAccessPackage", access_package=package)
    services = served.by("ada")
    asked = C.ListAccessPackagesRequest(page_size=3)
    pages = list(services.pages(services.catalogs.ListAccessPackages, asked))
    assert [[one.id for one in page.access_packages] for page in pages] == [
        ["p", "q0", "q1"],
        ["q2", "q3", "q4"],
        ["q5", "q6"],
    ]
    member = directory_pb2.Membership(group="team", user="ann")
    served.directory("WriteMemberships", add=[member])  # says nothing of packages
    served.catalogs("ListAccessPackages", page_size=3, page_token=pages[0].next_page_token)
    served.catalogs("DeleteAccessPackage", access_package="q6")
    with refused("PAGE_TOKEN_INVALID"):
        served.catalogs("ListAccessPackages", page_size=3, page_token=pages[0].next_page_token)
    with refused("PAGE_TOKEN_INVALID"):
        served.catalogs("ListCatalogs", page_token=pages[1].next_page_token)


def test_a_reader_sees_their_own_catalogs_packages(served: Served) -> None:
    """S-132."""
    package = catalog_pb2.AccessPackage(id="q", display_name="Q")
    served.catalogs("CreateAccessPackage", access_package=package)
    seen = served.catalogs("ListAccessPackages", "bea").access_packages
    assert [one.id for one in seen] == ["p"]
    with refused("FORBIDDEN"):
        served.catalogs("GetAccessPackage", "bea", access_package="q")
    with refused("FORBIDDEN"):
        served.catalogs("UpdateAccessPackage", "bea", access_package=seen[0])


# every kind there and back


@pytest.mark.parametrize(
    "folder", sorted((rules_dir() / "examples").iterdir()), ids=lambda path: path.name
)
def test_what_is_read_can_be_written_back_and_is_the_same(folder: Path) -> None:
    """The message of each shipped definition says all of it: written back, nothing changes."""
    from ostiary.operations.definitions import apply
    from ostiary.operations.submission import Actor
    from ostiary.rulebook.tenant_files import load_tenant

    store = open_store("memory:")
    apply(store, load_tenant(folder), actor=Actor("ada"), now=NOW)
    with store.transaction() as tx:
        writer = DefinitionWriter(tx, ADA, NOW)
        for row in tx.definitions():
            if row.kind is DefinitionKind.TENANT:
                continue

            def edit(noun: Any, row: Any = row) -> Any:
                found = Violations()
                plain = DefinitionReader(found).plain(row.kind, message_of(row.kind, noun), "it")
                found.refuse_if_any()
                if row.kind is DefinitionKind.RESOURCE and noun.kind.value == "site":
                    plain["group_connected"] = True
                return plain

            written = writer.update(Key(row.kind, row.within, row.id), edit)
            assert encode(row.kind, written.noun) == encode(row.kind, decode(row))
        assert writer.revising.changes().nothing


# directory


def test_people_are_upserted_deleted_and_restored(served: Served) -> None:
    """S-107."""
    wanted = directory_pb2.User(id="eve", manager="ben", attributes={"department": "Sales"})
    first = served.directory("UpsertUser", user=wanted)
    assert (first.created, first.user.display_name, first.user.manager) == (True, "eve", "ben")
    changed = served.directory(
        "UpsertUser",
        user=directory_pb2.User(id="eve", state=person_pb2.ACCOUNT_STATE_BLOCKED),
        update_mask=FieldMask(paths=["state"]),
    )
    assert (changed.created, changed.user.manager) == (False, "ben")
    served.directory("DeleteUser", user="eve")
    gone = served.directory("GetUser", user="eve").user
    assert gone.state == person_pb2.ACCOUNT_STATE_DELETED
    assert gone.HasField("delete_time")
    back = served.directory("UpsertUser", user=directory_pb2.User(id="eve", manager="ben")).user
    assert not back.HasField("delete_time")


def test_a_person_sees_themselves_and_nobody_else(served: Served) -> None:
    assert served.directory("GetUser", "ann", user="ann").user.manager == "ben"
    assert len(served.directory("ListMemberships", "ann", user="ann").memberships) == 1
    for method, fields in (
        ("GetUser", {"user": "ben"}),
        ("ListUsers", {}),
        ("GetGroup", {"group": "staff"}),
        ("UpsertUser", {"user": directory_pb2.User(id="ann")}),
        (
            "AssignRole",
            {
                "role_assignment": directory_pb2.RoleAssignment(
                    holder="user:ann", role=directory_pb2.ROLE_ADMINISTRATOR
                )
            },
        ),
    ):
        with refused("FORBIDDEN"):
            served.directory(method, "ann", **fields)


def test_a_group_in_use_stays(served: Served) -> None:
    with refused("REFUSED", "NOT_EMPTY"):
        served.directory("DeleteGroup", group="staff")
    group = directory_pb2.Group(id="new", kind=directory_pb2.GROUP_KIND_MICROSOFT_365)
    made = served.directory("UpsertGroup", group=group).group
    assert (made.name, made.member_count) == ("tenants/t/groups/new", 0)
    served.directory("DeleteGroup", group="new")


def test_roles_are_given_by_whoever_may(served: Served) -> None:
    """S-132."""
    reader = directory_pb2.RoleAssignment(
        holder="user:ann", role=directory_pb2.ROLE_CATALOG_READER, catalog="c"
    )
    assert served.directory("AssignRole", "olga", role_assignment=reader).added
    assert not served.directory("AssignRole", "olga", role_assignment=reader).added
    listed = served.directory("ListRoleAssignments", "olga", holder="user:ann").role_assignments
    assert list(listed) == [reader]
    with refused("FORBIDDEN"):
        served.directory("AssignRole", "otto", role_assignment=reader)
    with refused("FORBIDDEN"):
        served.directory("RemoveRole", "pete", role_assignment=reader)
    assert served.directory("RemoveRole", "olga", role_assignment=reader).removed
    administrator = directory_pb2.RoleAssignment(
        holder="user:ann", role=directory_pb2.ROLE_ADMINISTRATOR
    )
    with refused("FORBIDDEN"):
        served.directory("AssignRole", "olga", role_assignment=administrator)
    assert served.directory("AssignRole", role_assignment=administrator).added


def test_a_role_of_a_catalog_names_its_catalog(served: Served) -> None:
    wrong = directory_pb2.RoleAssignment(holder="ann", role=directory_pb2.ROLE_CATALOG_OWNER)
    with refused("INVALID_REQUEST") as error:
        served.directory("AssignRole", role_assignment=wrong)
    assert [field for field, _ in violations(error)] == [
        "role_assignment.holder",
        "role_assignment.catalog",
    ]


def test_many_are_imported_at_once_in_whichever_order(served: Served) -> None:
    services = served.by("ada")
    parts = [
        D.ImportDirectoryRequest(
            users=[directory_pb2.User(id="u1", manager="u2")],
            memberships=[directory_pb2.Membership(group="g1", user="u1")],
        ),
        D.ImportDirectoryRequest(
            users=[directory_pb2.User(id="u2")], groups=[directory_pb2.Group(id="g1")]
        ),
    ]
    revision = served.catalogs("GetTenant").tenant.revision
    answer = services.send(services.directory.ImportDirectory, parts)
    assert (answer.created, answer.updated, answer.memberships_added) == (3, 0, 1)
    assert answer.revision == revision + 1
    again = services.send(services.directory.ImportDirectory, parts)
    assert (again.created, again.updated, again.memberships_added) == (0, 0, 0)


def test_an_import_tells_everything_wrong_and_changes_nothing(served: Served) -> None:
    before = held(served.store)
    part = D.ImportDirectoryRequest(
        users=[
            directory_pb2.User(id="u1"),
            directory_pb2.User(id="u2", manager="missing"),
            directory_pb2.User(id="u3", governed=True),
        ],
        memberships=[directory_pb2.Membership(group="nowhere", user="u1")],
    )
    services = served.by("ada")
    with refused("INVALID_REQUEST") as error:
        services.send(services.directory.ImportDirectory, [part])
    assert [field for field, _ in violations(error)] == [
        "users[1].manager",
        "users[2].governed",
        "memberships[0].group",
    ]
    assert held(served.store) == before


# folders


def test_a_folder_is_applied_over_the_wire(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    defining.write(folder, all=defining.package(name="Q"))
    services = served.by("ada")
    tried = services.send(services.catalogs.Apply, pieces(folder, validate_only=True))
    answer = services.send(services.catalogs.Apply, pieces(folder))
    assert [(one.name, one.display_name) for one in answer.changes] == [
        ("tenants/t/catalogs/c/accessPackages/p", "Q")
    ]
    assert tried.changes == answer.changes
    assert [(one.field, one.before, one.after) for one in answer.changes[0].fields] == [
        ("name", "P", "Q")
    ]
    with refused("FORBIDDEN"):
        served.by("olga").send(served.by("olga").catalogs.Apply, pieces(folder))


def test_faults_bear_the_names_of_the_callers_files(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    defining.write(folder, all=defining.user(manager="missing"))
    services = served.by("ada")
    before = held(served.store)
    answer = services.send(services.catalogs.Apply, pieces(folder))
    assert [(one.file, one.code, one.message) for one in answer.faults] == [
        ("all.yaml", "UNKNOWN_REFERENCE", "users[eve].manager: no user `missing`")
    ]
    assert held(served.store) == before


def test_the_first_tenant_is_brought_by_whom_the_identity_vouches_for(
    harbour: LoadedDesk, tmp_path: Path
) -> None:
    defining.write(tmp_path, all=defining.BASE)
    made = Served(open_store("memory:"), harbour)
    try:
        with refused("FORBIDDEN"):
            made.by("ada").send(made.by("ada").catalogs.Apply, pieces(tmp_path))
        with refused("NOT_READY"):
            made.catalogs("GetTenant")
        services = made.by("ada", "administrator")
        assert services.send(services.catalogs.Apply, pieces(tmp_path)).revision == 1
    finally:
        made.stop()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "../outside.yaml", "must be the name of a file below the folder", id="outside"
        ),
        pytest.param("/etc/x.yaml", "must be the name of a file below the folder", id="absolute"),
        pytest.param("", "is required in the first piece of a file", id="no name"),
    ],
)
def test_files_stay_in_their_folder(served: Served, name: str, text: str) -> None:
    services = served.by("ada")
    piece = C.ApplyPiece(file=name, content=b"x")
    with refused("INVALID_REQUEST") as error:
        services.send(services.catalogs.Apply, [C.ApplyRequest(piece=piece)])
    assert violations(error) == [("piece.file", text)]
