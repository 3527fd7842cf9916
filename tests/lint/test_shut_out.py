"""Whom an incompatible group shuts out never gets as far as a choice, or to an approver (S-117)."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.analysis.lint.findings import Finding
from tests.lint.test_pages import checked

PACKAGE = """groups:
  - {id: outer, name: Outer, groups: [inner]}
  - {id: inner, name: Inner, users: [INSIDE]}
packages:
  - id: printing
    name: Printing
    catalog: office
    entries: [{resource: printer, role: User}]
    incompatible: {groups: [outer]}
    policies:
      - id: alone
        name: Alone
        scope: {kind: specific_subjects, users: [ada, bea]}
        approval: {for: [add], stages: [{approvers: ["user:ada"]}]}
      - id: board
        name: Board
        scope: {kind: specific_subjects, users: [ada]}
"""
CODES = ("DEAD_END", "OVERLAPPING_POLICIES")


@pytest.mark.parametrize(
    ("inside", "want"),
    [
        pytest.param("ada", [], id="who could not be approved for, or would choose, is shut out"),
        pytest.param("bea", [*CODES], id="somebody else is shut out"),
    ],
)
def test_only_who_may_request_can_be_stuck_or_have_to_choose(
    tmp_path: Path, inside: str, want: list[str]
) -> None:
    report = checked(tmp_path, PACKAGE.replace("INSIDE", inside))
    found = [one.finding for one in report.placed if one.finding.code in CODES]
    assert [one.code for one in found] == want
    assert all(witness_of(one) == "ada" for one in found)


def witness_of(finding: Finding) -> str:
    return "" if finding.witness is None else finding.witness.id
