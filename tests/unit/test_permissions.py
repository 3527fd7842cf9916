"""The permission table (section 16): complete, and closed where a row says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import ostiary.v1
from ostiary.domain.access_request import RequestKind
from ostiary.domain.caller import Caller, Role
from ostiary.domain.errors import ForbiddenError
from ostiary.operations.rights import NO_RIGHTS, Rights
from ostiary.rpc.calls import Call
from ostiary.rpc.permissions import KINDS, TABLE, Relation, Row


def methods() -> Iterator[str]:
    """The full names of all methods of all services of the contract."""
    for path in sorted(Path(ostiary.v1.__file__).parent.glob("*_service_pb2.py")):
        module = import_module(f"ostiary.v1.{path.stem}")
        for service in module.DESCRIPTOR.services_by_name.values():
            yield from (f"{service.full_name}/{method.name}" for method in service.methods)


def test_every_method_of_every_service_has_a_row_and_every_row_a_method() -> None:
    """S-132, S-133."""
    assert len(list(methods())) > 30
    assert set(TABLE) == set(methods())


def test_every_kind_of_request_has_a_row() -> None:
    """S-31."""
    assert set(KINDS) == set(RequestKind)


def test_a_reader_changes_nothing() -> None:
    """S-132: a catalog reader views packages; no row of the life of a request lets one in."""
    rows = {name: row for name, row in TABLE.items() if not name.startswith("ostiary.v1.Catalog")}
    assert not any(Role.CATALOG_READER in row.roles for row in (*rows.values(), *KINDS.values()))


@pytest.mark.parametrize(
    ("row", "caller", "rights", "held", "allowed"),
    [
        pytest.param(Row(), Caller("a"), NO_RIGHTS, None, False, id="an empty row is closed"),
        pytest.param(
            Row(frozenset({Role.CATALOG_OWNER})),
            Caller("a"),
            Rights(frozenset(), {"sales": frozenset({Role.CATALOG_OWNER})}),
            None,
            True,
            id="the role in this catalog",
        ),
        pytest.param(
            Row(frozenset({Role.CATALOG_OWNER})),
            Caller("a"),
            Rights(frozenset(), {"hr": frozenset({Role.CATALOG_OWNER})}),
            None,
            False,
            id="the role in another catalog",
        ),
        pytest.param(
            Row(relations=frozenset({Relation.OWN})),
            Caller("a"),
            NO_RIGHTS,
            Relation.OWN,
            True,
            id="a relation of the row",
        ),
        pytest.param(
            Row(relations=frozenset({Relation.OWN})),
            Caller("a"),
            NO_RIGHTS,
            Relation.APPROVER,
            False,
            id="a relation that the row does not name",
        ),
        pytest.param(
            Row(frozenset({Role.ADMINISTRATOR}), services_only=True),
            Caller("a"),
            Rights(frozenset({Role.ADMINISTRATOR})),
            None,
            False,
            id="a person where only services may",
        ),
        pytest.param(
            Row(frozenset({Role.ADMINISTRATOR}), services_only=True),
            Caller("a", service=True),
            Rights(frozenset({Role.ADMINISTRATOR})),
            None,
            True,
            id="a service where only services may",
        ),
    ],
)
def test_what_a_row_allows(
    row: Row, caller: Caller, rights: Rights, held: Relation | None, allowed: bool
) -> None:
    """S-132, S-133."""
    call = Call("m", caller, row)
    if allowed:
        call.allow(rights, "sales", held)
        return
    with pytest.raises(ForbiddenError):
        call.allow(rights, "sales", held)


def test_a_list_is_confined_to_what_the_caller_may_see() -> None:
    """S-132, S-133."""
    call = Call("m", Caller("a"), TABLE["ostiary.v1.RequestService/ListRequests"])
    owner = Rights(frozenset(), {"sales": frozenset({Role.CATALOG_OWNER})})
    assert call.catalogs(owner) == frozenset({"sales"})
    assert call.catalogs(owner, Relation.NAMED) is None
    assert call.catalogs(Rights(frozenset({Role.ADMINISTRATOR}))) is None
    with pytest.raises(ForbiddenError):
        call.catalogs(NO_RIGHTS)
    with pytest.raises(ForbiddenError):
        call.catalogs(Rights(frozenset({Role.EVALUATOR})))


def test_a_service_is_never_taken_for_the_user_of_the_same_name() -> None:
    """S-133."""
    row = TABLE["ostiary.v1.RequestService/GetRequest"]
    assert Call("m", Caller("emil"), row).is_user("emil")
    assert not Call("m", Caller("emil", service=True), row).is_user("emil")
    assert not Call("m", Caller(), row).is_user("")
    assert Call("m", Caller("emil", service=True), row).actor_id == "service:emil"
