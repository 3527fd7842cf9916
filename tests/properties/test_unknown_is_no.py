"""What is not known never widens access: kept data of a newer version, or of none (S-25)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.decide.evaluate import evaluate
from ostiary.domain.decision import Outcome
from ostiary.domain.delegation import Delegation
from ostiary.domain.errors import UnreadableDefinitionError
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    Question,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest
from ostiary.lifecycle.ports import Definition, DefinitionKind, Store
from ostiary.operations.documents import STRUCTS, decode, encode
from ostiary.operations.snapshots import SnapshotSource
from ostiary.rpc.convert.definition_texts import DefinitionReader
from ostiary.rpc.convert.returned_stages import returned_stage
from ostiary.rpc.violations import Violations
from ostiary.v1 import decision_pb2, policy_pb2
from tests.definitions.holding import NOW, put
from tests.properties.ruling import standard_tables
from tests.unit import defining
from tests.unit.deciding import ALL_MEMBERS, ask, headline, package, policy, user

POLICY = AssignmentPolicy(
    id="b",
    name="B",
    scope=RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=("staff",)),
    expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=30)),
    questions=(Question("why", "Why?"),),
    approval_for_add=True,
    stages=(ApprovalStage((Approver(ApproverKind.MANAGER),)),),
)
DAYS = timedelta(days=30)


# what a newer version kept


def plain() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(DefinitionKind.POLICY, POLICY))
    return found


def read(document: dict[str, Any]) -> object:
    body = json.dumps(document).encode()
    return decode(Definition(kind=DefinitionKind.POLICY, within="p", id="b", body=body))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every mapping of a document, by the way to it."""
    if isinstance(value, dict):
        yield path
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


@pytest.mark.parametrize(
    "path", [one for one in places(plain()) if "localized" not in one], ids=str
)
def test_a_kept_policy_with_a_field_that_is_not_known_is_not_read_without_it(
    path: tuple[Any, ...],
) -> None:
    document = plain()
    part: Any = document
    for step in path:
        part = part[step]
    part["only_if"] = "a newer version says so"
    with pytest.raises(UnreadableDefinitionError, match=r"policy `p/b`: .*only_if"):
        read(document)


@pytest.mark.parametrize("kind", list(STRUCTS))
def test_no_kind_of_definition_is_read_without_a_field(kind: DefinitionKind) -> None:
    assert STRUCTS[kind].__struct_config__.forbid_unknown_fields


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"scope": {"kind": "everybody_of_a_kind"}}, id="a kind of scope"),
        pytest.param({"expiration": {"kind": "duration"}}, id="an end after no time"),
        pytest.param({"expiration": {"kind": "date"}}, id="an end on no date"),
        pytest.param({"expiration": {"kind": "when_unused"}}, id="a kind of end"),
        pytest.param({"enabled": "perhaps"}, id="a switch that is neither on nor off"),
        pytest.param({"stages": [{"primary": [{"kind": "anybody"}]}]}, id="a kind of approver"),
    ],
)
def test_a_kept_policy_that_says_what_is_not_known_is_not_read(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDefinitionError):
        read(plain() | change)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store("memory:")
    put(opened, tmp_path / "first", defining.policy())
    yield opened
    opened.close()


def test_a_server_goes_on_with_what_it_could_read_and_decides_nothing_by_half(
    store: Store,
) -> None:
    source = SnapshotSource(standard_tables())
    with store.reading() as tx:
        before = source.current(tx)
        (row,) = tx.definitions(DefinitionKind.POLICY)
    body = msgspec.json.encode(msgspec.json.decode(row.body) | {"only_if": "so"})
    with store.transaction() as tx:
        revision = tx.next_revision(NOW, actor="newer")
        tx.put_definition(msgspec.structs.replace(row, body=body, revision=revision))
    with store.reading() as tx, pytest.raises(UnreadableDefinitionError):
        source.current(tx)
    assert source.latest() is before
    with store.reading() as tx, pytest.raises(UnreadableDefinitionError):
        SnapshotSource(standard_tables()).current(tx)


# what a newer client sends to be kept


@pytest.mark.parametrize(
    ("field", "inner"),
    [
        pytest.param("assignment_policy", None, id="of the policy"),
        pytest.param("assignment_policy.scope", "scope", id="of its scope"),
        pytest.param("assignment_policy.approval", "approval", id="of its approval"),
    ],
)
def test_a_policy_with_a_field_of_a_newer_contract_is_not_kept_without_it(
    field: str, inner: str | None
) -> None:
    message = policy_pb2.AssignmentPolicy(id="b", display_name="B")
    message.scope.kind = policy_pb2.SCOPE_KIND_ALL_MEMBERS
    message.approval.SetInParent()
    part = message if inner is None else getattr(message, inner)
    part.MergeFromString(_NEWER)
    violations = Violations()
    DefinitionReader(violations).plain(DefinitionKind.POLICY, message, "assignment_policy")
    assert _NOT_KNOWN in said(violations, field)


def test_a_returned_stage_with_a_field_of_a_newer_contract_is_not_opened_without_it() -> None:
    message = policy_pb2.ApprovalStage()
    message.approvers.add(kind=decision_pb2.APPROVER_KIND_USER, id="ada").MergeFromString(_NEWER)
    violations = Violations()
    returned_stage(message, DAYS, violations)
    assert _NOT_KNOWN in said(violations, "approval_stage.approvers[0]")


_NEWER = b"\xa2\x3e\x04only"  # field 996, of which this version knows nothing
_NOT_KNOWN = (
    "has a field that is not known here, number 996; a newer version of the contract may have it"
)


def said(violations: Violations, field: str) -> list[str]:
    """What is wrong with a field."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # its type is looked at elsewhere
        violations.refuse_if_any()
    found: list[tuple[str, str]] = list(caught.value.violations)  # type: ignore[attr-defined]
    return [text for name, text in found if name == field]


# what stands in kept data and no version would save


def test_approval_that_is_required_and_has_no_stage_is_given_by_nobody() -> None:
    decision = ask(package(policy(ALL_MEMBERS, approval_for_add=True, stages=())))
    assert decision.outcome is Outcome.DENY
    assert headline(decision)[0] is Code.NO_APPROVER


@pytest.mark.parametrize("level", [-1, 0, 3, 10**9])
def test_a_manager_of_a_level_that_is_not_known_is_nobody(level: int) -> None:
    stage = ApprovalStage((Approver(ApproverKind.MANAGER, level=level),))
    decision = ask(package(policy(ALL_MEMBERS, stage)))
    assert headline(decision)[0] is Code.NO_APPROVER
    with_fallback = msgspec.structs.replace(stage, fallback=(user("fran"),))
    assert ask(package(policy(ALL_MEMBERS, with_fallback))).stages[0].approvers == ("fran",)


def test_the_question_of_this_file_is_answered_where_all_is_known(store: Store) -> None:
    with store.reading() as tx:
        snapshot = SnapshotSource(standard_tables()).current(tx)
    found = evaluate(snapshot, EvaluationRequest(package="p", requestor="ann", at=NOW))
    assert found.outcome is Outcome.GRANT


def test_a_delegation_is_not_read_without_a_field() -> None:
    # It may say of which approvals alone somebody stands in.
    assert Delegation.__struct_config__.forbid_unknown_fields
