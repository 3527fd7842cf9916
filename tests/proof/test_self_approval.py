"""Nobody decides their own request: proved, and found in an engine that forgets it (S-71)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.analysis.proof.written import tests_of as written
from ostiary.analysis.suites.report import Status
from ostiary.decide import approvers
from ostiary.decide.model import Found
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
GONE = (user("gone"),)
SOMEBODY = (user("deputy"),)
LISTS = {
    "primary": lambda one: ApprovalStage((one,)),
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


@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("path", PATHS)
def test_an_engine_that_forgets_it_is_found_out(
    path: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approver, scope = PATHS[path]
    broken = forgetful(approver.kind, approvers._resolve)  # a seeded defect
    monkeypatch.setattr(approvers, "_resolve", broken)
    stage = LISTS[place](approver)
    assert verdict(package(policy(scope, stage, **EXTENDED))) is Verdict.COUNTEREXAMPLE
    tenant, tables = acme(package(policy(scope, stage))), standard_tables()
    report = prove(Definitions(tenant, tables), properties=[Property.NO_SELF_APPROVAL], at=NOW)
    (finding,) = report.findings
    assert finding.verdict is Verdict.COUNTEREXAMPLE
    tests = written(finding.examples[0], tenant, report.names)
    (case,) = played(tests, tenant, tables)
    assert case.status is Status.FAILED
    monkeypatch.undo()
    (case,) = played(tests, tenant, tables)
    assert case.status is Status.PASSED, case.mismatches


def test_a_manager_who_would_decide_what_they_ask_for_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = forgetful(ApproverKind.MANAGER, approvers._resolve)  # a seeded defect
    monkeypatch.setattr(approvers, "_resolve", broken)
    scope = groups("staff")
    behalf = policy(scope, ApprovalStage((MANAGER,)), on_behalf=True, self_add=False)
    assert verdict(package(behalf)) is Verdict.COUNTEREXAMPLE


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
