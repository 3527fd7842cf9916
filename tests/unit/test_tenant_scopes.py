"""What is refused, warned about and understood of requestor scopes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.domain.policy import (
    ScopeKind,
)
from tests.unit.defining import (
    GONE,
    Content,
    loaded,
    only_policy,
    policy,
    said,
    scope,
)


def kinds(text: str) -> str:
    known = (
        "none, specific_subjects, all_members, all_directory_users, specific_organizations, "
        "all_configured_organizations, all_external, automatic, specific_service_principals, "
        "all_service_principals, all_agents"
    )
    return text.replace("KINDS", known)


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            scope(kind="everybody"),
            ["UNKNOWN_VALUE: ~.scope.kind: `everybody` is not one of KINDS"],
            id="S-25 an unknown kind never means everyone",
        ),
        pytest.param(
            scope(kind="allMemberUsers"),
            [
                "UNKNOWN_VALUE: ~.scope.kind: `allMemberUsers` is not one of KINDS; write "
                "`all_members`"
            ],
            id="S-25 a kind by the name that other products use",
        ),
        pytest.param(
            scope(kind="unreadable"),
            ["UNKNOWN_VALUE: ~.scope.kind: `unreadable` is not one of KINDS"],
            id="S-25 nobody writes that a scope cannot be read",
        ),
        pytest.param(
            scope(groups=["staff"]),
            ["MISSING_FIELD: ~.scope.kind: is missing"],
            id="S-25 a scope without kind",
        ),
        pytest.param(
            policy(scope=GONE),
            ["MISSING_FIELD: ~.scope: is missing"],
            id="S-23 a policy without scope",
        ),
        pytest.param(
            scope(kind="specific_subjects"),
            [
                "INVALID_MODEL: ~.scope.groups: names no users or groups; an empty list never "
                "means everyone"
            ],
            id="S-25 specific subjects that are not named",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=[], groups=[]),
            [
                "INVALID_MODEL: ~.scope.users: names no users or groups; an empty list never means "
                "everyone"
            ],
            id="S-25 an empty list of subjects",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=[], groups=["staff"]),
            [],
            id="S-25 one of the two lists may be empty",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=[]),
            [
                "INVALID_MODEL: ~.scope.organizations: names no organizations; an empty list never "
                "means everyone"
            ],
            id="S-25 an empty list of organizations",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups="staff"),
            ["INVALID_MODEL: ~.scope.groups: must be a list, not `staff`"],
            id="S-25 a word where a list is wanted",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups=["staff"], organizations=["acme"]),
            [
                "INVALID_MODEL: ~.scope.organizations: belongs to scope specific_organizations, "
                "not to specific_subjects"
            ],
            id="S-26 directory and external targets in one policy",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=["acme"], users=["ann"]),
            [
                "INVALID_MODEL: ~.scope.users: belongs to scope specific_subjects, not to "
                "specific_organizations"
            ],
            id="S-26 external and directory targets in one policy",
        ),
        pytest.param(
            scope(kind="all_members", groups=["staff"]),
            [
                "INVALID_MODEL: ~.scope.groups: belongs to scope specific_subjects, not to "
                "all_members"
            ],
            id="S-25 targets of a scope that has none",
        ),
        pytest.param(
            scope(kind="specific_subjects", users=["zoe"], groups=["nobody"]),
            [
                "UNKNOWN_REFERENCE: ~.scope.users[0]: no user `zoe`",
                "UNKNOWN_REFERENCE: ~.scope.groups[0]: no group `nobody`",
            ],
            id="S-25 subjects that do not exist",
        ),
        pytest.param(
            scope(kind="specific_organizations", organizations=["acne"]),
            [
                "UNKNOWN_REFERENCE: ~.scope.organizations[0]: no organization `acne`; did you mean "
                "`acme`?"
            ],
            id="S-30 an organization that does not exist",
        ),
        pytest.param(
            scope(kind="specific_subjects", groups=["filled-by-rule"]),
            [],
            id="S-15 a dynamic group may be a scope",
        ),
        pytest.param(
            scope(kind="all_external"),
            [
                "INVALID_MODEL: ~.scope.kind: all_external is not accepted in profile standard; "
                "name the connected organizations"
            ],
            id="S-110 all external people, under standard",
        ),
        pytest.param(
            scope(kind="all_agents"),
            [
                "warning UNREADABLE_SCOPE: ~.scope.kind: scopes of service principals and agents "
                "are kept and match nobody"
            ],
            id="S-33 agents match nobody",
        ),
        pytest.param(
            scope(kind="automatic"),
            ["MISSING_FIELD: ~.scope.rule: is missing; an automatic policy needs a rule"],
            id="S-39 an automatic policy without rule",
        ),
        pytest.param(
            scope(kind="automatic", rule="department is Sales"),
            [
                "INVALID_MODEL: ~.scope.rule: at character 12: expected a comparison such as "
                "`-eq`, not `is`"
            ],
            id="S-39 anything but the rule language",
        ),
        pytest.param(
            scope(kind="all_members", rule='department -eq "x"'),
            ["INVALID_MODEL: ~.scope.rule: belongs to scope automatic, not to all_members"],
            id="S-39 a rule in a policy that is not automatic",
        ),
    ],
)
def test_scopes(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == [kinds(one) for one in want]


def test_all_external_people_under_entra(tmp_path: Path) -> None:
    """S-110."""
    found = only_policy(loaded(tmp_path, scope(kind="all_external"), "entra"))
    assert found.scope.kind is ScopeKind.ALL_EXTERNAL


@pytest.mark.parametrize("word", ["specific_service_principals", "all_service_principals"])
def test_scopes_of_service_principals_are_kept(tmp_path: Path, word: str) -> None:
    """S-33: they load, and match nobody."""
    (fault,) = said(tmp_path, scope(kind=word, users=["robot"], groups=["robots"]))
    assert fault.startswith("warning UNREADABLE_SCOPE: ")
