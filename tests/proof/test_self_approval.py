"""Nobody decides their own request: proved, and found in an engine that forgets it (S-71)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec
import pytest

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Door, Example, Property, Verdict
from ostiary.analysis.proof.written import tests_of as written
from ostiary.analysis.suites.report import Status
from ostiary.decide import approvers
from ostiary.decide.model import Found
from ostiary.domain.catalog import AccessPackage
from ostiary.domain.people import AccountState, User
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, RequestorScope
from tests.proof.acme import (
    CONFIGURED,
    DAY,
    EXTERNAL_SPONSORS,
    INTERNAL_SPONSORS,
    MANAGER,
    MEMBERS,
    OWN_SPONSORS,
    SECOND_MANAGER,
    acme,
    groups,
    members,
    package,
    policy,
    user,
)
from tests.proof.defects import HAD
from tests.proof.replaying import played
from tests.properties.dice import NOW
from tests.properties.ruling import standard_tables

PATHS: dict[str, tuple[Approver, RequestorScope]] = {
    "a user": (user("boss"), MEMBERS),
    "a group": (members("approvers"), MEMBERS),
    "the manager": (MANAGER, MEMBERS),
    "the manager's manager": (SECOND_MANAGER, MEMBERS),
    "a sponsor of one's own": (OWN_SPONSORS, MEMBERS),
    "an internal sponsor": (INTERNAL_SPONSORS, CONFIGURED),
    "an external sponsor": (EXTERNAL_SPONSORS, CONFIGURED),
}
GONE = (user("dora"),)
SOMEBODY = (user("deputy"),)
LISTS = {
    "primary": lambda one: ApprovalStage((one,)),
    "primary, with a fallback": lambda one: ApprovalStage((one,), fallback=SOMEBODY),
    "fallback": lambda one: ApprovalStage(GONE, fallback=(one,)),
    "alternate": lambda one: ApprovalStage(SOMEBODY, alternates=(one,), escalate_after=DAY),
    "fallback of the alternates": lambda one: ApprovalStage(
        SOMEBODY, alternates=GONE, alternate_fallback=(one,), escalate_after=DAY
    ),
}
EXTENDED: dict[str, Any] = {
    "extension_allowed": True,
    "approval_for_extension": True,
    "approval_for_add": False,
}


def verdict(*packages: object) -> Verdict:
    new = Definitions(acme(*packages), standard_tables())  # type: ignore[arg-type]  # all are packages
    report = prove(new, properties=[Property.NO_SELF_APPROVAL], at=NOW)
    return report.verdict


def forgetful(kind: ApproverKind, resolve: object) -> object:
    """An engine that does not take people of one kind out of their own requests."""

    def forgetting(
        people: Iterable[tuple[ApproverKind, str | None, User | None]], excluded: frozenset[str]
    ) -> Found:
        listed = list(people)
        own = {name for each, name, _ in listed if each is kind and name is not None}
        return resolve(listed, excluded - own)  # type: ignore[operator, no-any-return]  # the real one

    return forgetting


@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("path", PATHS)
def test_it_is_proved_for_every_path_and_list(path: str, place: str) -> None:
    approver, scope = PATHS[path]
    stage = LISTS[place](approver)
    assert verdict(package(policy(scope, stage, on_behalf=True))) is Verdict.PROVED
    assert verdict(package(policy(scope, stage, **EXTENDED))) is Verdict.PROVED


def plays(broken: object, monkeypatch: pytest.MonkeyPatch, *packages: AccessPackage) -> Example:
    """Find the seeded defect; its tests fail in the broken engine and pass in the real one."""
    tenant, tables = acme(*packages), standard_tables()
    monkeypatch.setattr(approvers, "_resolve", broken)
    report = prove(Definitions(tenant, tables), properties=[Property.NO_SELF_APPROVAL], at=NOW)
    (finding,) = report.findings
    assert finding.verdict is Verdict.COUNTEREXAMPLE
    (example,) = finding.examples
    tests = written(example, tenant, report.names)
    (case,) = played(tests, tenant, tables)
    assert case.status is Status.FAILED, case.faults
    monkeypatch.undo()
    (case,) = played(tests, tenant, tables)
    assert case.status is Status.PASSED, (case.mismatches, case.faults)
    return example


@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("path", PATHS)
def test_an_engine_that_forgets_it_is_found_out(
    path: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approver, scope = PATHS[path]
    broken = forgetful(approver.kind, approvers._resolve)  # a seeded defect
    stage = LISTS[place](approver)
    example = plays(broken, monkeypatch, package(policy(scope, stage)))
    assert example.way.door is Door.REQUEST


@pytest.mark.parametrize("had", HAD)
@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("path", PATHS)
def test_an_engine_that_forgets_it_in_extensions_is_found_out(
    path: str, place: str, had: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approver, scope = PATHS[path]
    broken = forgetful(approver.kind, approvers._resolve)  # a seeded defect
    stage = LISTS[place](approver)
    example = plays(broken, monkeypatch, package(policy(scope, stage, **{**EXTENDED, **HAD[had]})))
    assert example.way.door is Door.EXTENSION
    assert example.person.id in {*chain(*example.way.stages, *example.way.alternates)}


def test_a_manager_who_would_decide_what_they_ask_for_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = forgetful(ApproverKind.MANAGER, approvers._resolve)  # a seeded defect
    scope = groups("staff")
    behalf = policy(scope, ApprovalStage((MANAGER,)), on_behalf=True, self_add=False)
    example = plays(broken, monkeypatch, package(behalf))
    assert example.way.door is Door.ON_BEHALF


def test_somebody_to_come_sponsors_where_nobody_of_today_can() -> None:
    tenant = acme(package(policy(MEMBERS, ApprovalStage((OWN_SPONSORS,)), on_behalf=True)))
    blocked = tuple(
        msgspec.structs.replace(one, state=AccountState.BLOCKED) for one in tenant.users
    )
    nobody = msgspec.structs.replace(tenant, users=blocked)
    report = prove(
        Definitions(nobody, standard_tables()), properties=[Property.NO_SELF_APPROVAL], at=NOW
    )
    assert report.verdict is Verdict.PROVED
