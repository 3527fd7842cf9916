"""Mutants of a tenant's policies, and which survive known questions and stories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ostiary.analysis.mutation.loadable import refusal
from ostiary.analysis.mutation.tenant_operators import package_mutants
from ostiary.cli.main import app
from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.tenant_files import load_tenant

TENANT = """tenant: {id: small, name: Small}
users:
  - {id: ann, manager: boss}
  - {id: boss}
  - {id: dora}
  - {id: eve, manager: boss}
catalogs:
  - id: tools
    name: Tools
    packages:
      - id: drill
        name: Drill
        policies:
          - id: crew
            name: Crew
            scope: {kind: specific_subjects, users: [ann]}
            approval:
              for: [add]
              stages: [{approvers: [manager], fallback: ["user:dora"], time_out: P7D}]
            expiration: {after: P30D}
"""
SUITE = """suite: the drill
tests:
  - name: Ann asks her boss
    at: 2031-03-10T09:00Z
    ask: {package: drill, requestor: ann}
    want: {outcome: NEEDS_APPROVAL, approvers: [boss], deadlines: [P7D], policies: crew}
  - name: Eve is none of the crew
    at: 2031-03-10T09:00Z
    ask: {package: drill, requestor: eve}
    want: {outcome: DENY}
"""
# The questions ask for nothing that comes later than the approval, nor for what people see.
SURVIVORS = [
    "drill/crew/flip-switch.self_update",
    "drill/crew/flip-switch.self_remove",
    "drill/crew/flip-switch.on_behalf",
    "drill/crew/flip-switch.justification_required",
    "drill/crew/flip-switch.custom_schedule",
    "drill/crew/flip-switch.extension_allowed",
    "drill/crew/flip-switch.revoke_when_out_of_scope",
    "drill/crew/flip-switch.notices",
    "drill/crew/flip-switch.approver_reminders",
    "drill/crew/drop-approver.fallback.user:dora.stage-1",
    "drill/crew/flip-justification.stage-1",
    "drill/crew/longer.expiration",
    "drill/crew/drop-expiration",
    "drill/flip-hidden",
]
STORY = """suite: the drill is given back
tests:
  - name: Ann loses it after thirty days
    begins: 2031-03-10T09:00Z
    steps:
      - {who: ann, does: request, package: drill, label: first}
      - {at: P1D, who: boss, does: approve, of: first, want: {holds: {ann: drill}}}
      - {at: P31D, want: {holds: {ann: []}}}
"""


def ostiary(*words: str | Path) -> Result:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def survivors(folder: Path) -> list[str]:
    (report,) = json.loads(ostiary("mutate", folder, "--json").stdout)
    return [one["id"] for one in report["survivors"]]


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "tenant.yaml").write_text(TENANT, encoding="utf-8")
    (folder / "drill_test.yaml").write_text(SUITE, encoding="utf-8")
    return folder


def test_exactly_the_known_survivors_are_listed(tenant: Path) -> None:
    (report,) = json.loads(ostiary("mutate", tenant, "--json").stdout)
    found: list[dict[str, Any]] = report["survivors"]
    assert [one["id"] for one in found] == SURVIVORS
    assert report["counts"] == {"equal": 0, "refused": 1, "killed": 6, "survived": len(SURVIVORS)}
    assert (found[0]["file"], found[0]["line"]) == ("tenant.yaml", 14)
    assert (found[-1]["file"], found[-1]["line"]) == ("tenant.yaml", 11)
    longer = next(one for one in found if one["id"] == "drill/crew/longer.expiration")
    assert longer["removed"] == ["expiration: kind: duration, after: P30D"]
    assert longer["added"] == ["expiration: kind: duration, after: PT2592001S"]


def test_a_story_sees_access_that_lasts_a_second_longer(tenant: Path) -> None:
    (tenant / "story_test.yaml").write_text(STORY, encoding="utf-8")
    assert {"drill/crew/longer.expiration", "drill/crew/drop-expiration"} & set(
        survivors(tenant)
    ) == set()


def test_survivors_are_explained_beside_the_definitions(tenant: Path) -> None:
    entries = "".join(f"  - {{id: '{one}', why: Not ours.}}\n" for one in SURVIVORS)
    (tenant / "mutants.yaml").write_text(f"accepted:\n{entries}", encoding="utf-8")
    assert ostiary("mutate", tenant, "--fail-over", "0").exit_code == 0
    assert load_tenant(tenant).tenant.id == "small"  # it holds no definitions
    (tenant / "story_test.yaml").write_text(STORY, encoding="utf-8")
    done = ostiary("mutate", tenant)
    assert done.exit_code == 1
    assert "`drill/crew/longer.expiration` is killed by the test" in done.stderr


def test_a_test_that_changes_the_tenant_meets_the_mistake_in_what_it_changed(tenant: Path) -> None:
    change = """  - name: Ann is asked why
    at: 2031-03-10T09:00Z
    given: {users: [{id: ann, manager: null}]}
    ask: {package: drill, requestor: ann}
    want: {approvers: [dora]}
"""
    (tenant / "drill_test.yaml").write_text(SUITE + change, encoding="utf-8")
    assert "drill/crew/drop-approver.fallback.user:dora.stage-1" not in survivors(tenant)


def test_no_two_mutants_of_a_tenant_have_one_id() -> None:
    for example in ("tailwind", "overlap"):
        loaded = load_tenant(rules_dir() / "examples" / example).tenant
        ids = [
            mutant.id
            for catalog in loaded.catalogs
            for package in catalog.packages
            for mutant in package_mutants(package)
        ]
        assert len(ids) == len(set(ids))


AUTOMATIC = """tenant: {id: rules, name: Rules}
users:
  - {id: dora, attributes: {department: Sales}}
  - {id: bo, attributes: {department: Ops}}
catalogs:
  - id: tools
    name: Tools
    resources:
      - {id: app, name: App, kind: application, application: app, roles: [User, Admin]}
    packages:
      - id: saw
        name: Saw
        entries: [{resource: app, role: User}, {resource: app, role: Admin}]
        policies:
          - {id: ops, name: Ops, scope: {kind: automatic, rule: 'user.department -ne "Sales"'}}
"""
NO_ACT = """suite: nobody asks
tests:
  - name: Bo has the saw by rule
    begins: 2031-03-10T00:00Z
    steps:
      - {after: PT1H, want: {holds: {bo: [saw], dora: []}, rights: {bo: [app/User, app/Admin]}}}
"""


def test_a_story_without_an_act_sees_what_a_package_given_by_rule_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "tenant.yaml").write_text(AUTOMATIC, encoding="utf-8")
    (folder / "rules_test.yaml").write_text(NO_ACT, encoding="utf-8")
    found = survivors(folder)
    assert not [one for one in found if "/drop-entry" in one or "/drop-policy" in one]
    assert "saw/flip-hidden" in found  # which no story of this kind could see


VARIED = """tenant: {id: varied, name: Varied, profile: PROFILE}
users:
  - {id: ann, manager: boss}
  - {id: boss}
  - {id: dora}
organizations:
  - {id: acme, name: Acme, sources: [{domain: acme.example}]}
catalogs:
  - id: tools
    name: Tools
    external: yes
    packages:
      - id: drill
        name: Drill
        policies:
          - id: crew
            name: Crew
            scope: {kind: specific_subjects, users: [ann, dora]}
            approval:
              for: [add, extension]
              stages:
                - approvers: [manager]
                  fallback: ["user:dora"] # stands in
                  alternates: ["user:boss"]
                  alternate_fallback: ["user:ann"]
                  escalate_after: P3D
                  time_out: P7D
            extension_allowed: yes
          - id: lone
            name: Lone
            scope: {kind: specific_subjects, users: [ann]}
          - id: partners
            name: Partners
            scope: {kind: specific_organizations, organizations: [acme]}
            approval:
              for: [add]
              stages: [{approvers: [external-sponsors], fallback: ["user:dora"]}]
          - id: rule
            name: Rule
            scope: {kind: automatic, rule: 'user.department -eq "Ops"'}
            remove_when_unfit: yes
"""
SUBJECTS = "kind: specific_subjects, users: [ann, dora]"
ANN = "kind: specific_subjects, users: [ann]"
PARTNERS = "kind: specific_organizations, organizations: [acme]"
RULE = """kind: automatic, rule: 'user.department -eq "Ops"'"""
FOR_BOTH = "for: [add, extension]"
CHANGES = [  # the profile, the mistake, the same by hand, and whether it is refused
    ("standard", "crew/widen-scope.all_external", SUBJECTS, "kind: all_external", True),
    ("entra", "crew/widen-scope.all_external", SUBJECTS, "kind: all_external", True),
    ("entra", "lone/widen-scope.all_external", ANN, "kind: all_external", False),
    ("standard", "crew/widen-scope.all_directory", SUBJECTS, "kind: all_directory_users", False),
    ("standard", "partners/widen-scope.all_directory", PARTNERS, "kind: all_directory_users", True),
    ("entra", "partners/widen-scope.all_external", PARTNERS, "kind: all_external", False),
    ("standard", "rule/widen-scope.all_directory", RULE, "kind: all_directory_users", True),
    ("standard", "crew/drop-approver.fallback", 'fallback: ["user:dora"] #', "#", False),
    ("entra", "crew/drop-approver.fallback", 'fallback: ["user:dora"] #', "#", True),
    ("standard", "crew/drop-approver.alternates", 'alternates: ["user:boss"]', "", True),
    (
        "standard",
        "crew/drop-approver.alternate_fall",
        'alternate_fallback: ["user:ann"]',
        "",
        False,
    ),
    ("standard", "crew/flip-switch.approval_for_add", FOR_BOTH, "for: [extension]", False),
    ("standard", "crew/flip-switch.approval_for_ext", FOR_BOTH, "for: [add]", False),
]
NOT_MADE = [
    ("lone/narrow-scope", ANN, "kind: specific_subjects, users: []"),
    (
        "lone/flip-switch.approval_for_add",
        "name: Lone",
        "name: Lone\n            approval: {for: [add]}",
    ),
    ("partners/flip-switch.approval_for_add", "for: [add]", "for: []"),
    ("rule/flip-switch.revoke", "remove_when_unfit: yes", "revoke_when_out_of_scope: yes"),
]


def varied(tmp_path: Path, profile: str) -> Path:
    folder = tmp_path / "varied"
    folder.mkdir()
    text = VARIED.replace("PROFILE", profile)
    (folder / "tenant.yaml").write_text(text, encoding="utf-8")
    return folder


def refusals(folder: Path, mistake: str) -> list[str]:
    """Give why the one mutant of this name is refused: nothing, or all that is wrong."""
    tenant = load_tenant(folder).tenant
    (package,) = (package for catalog in tenant.catalogs for package in catalog.packages)
    (change,) = (one.change for one in package_mutants(package) if mistake in one.id)
    made = change(package)
    assert made is not None
    return list(filter(None, (refusal(policy, tenant.profile) for policy in made.policies)))


def loads_by_hand(folder: Path, old: str, new: str) -> bool:
    file = folder / "tenant.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    try:
        load_tenant(folder)
    except DefinitionError:
        return False
    return True


@pytest.mark.parametrize(("profile", "mistake", "old", "new", "refused"), CHANGES)
def test_a_mistake_that_no_loader_lets_through_is_refused(
    tmp_path: Path, profile: str, mistake: str, old: str, new: str, refused: bool
) -> None:
    folder = varied(tmp_path, profile)
    assert bool(refusals(folder, f"drill/{mistake}")) is refused
    assert loads_by_hand(folder, old, new) is not refused


@pytest.mark.parametrize(("mistake", "old", "new"), NOT_MADE)
def test_what_the_policy_itself_forbids_is_not_made(
    tmp_path: Path, mistake: str, old: str, new: str
) -> None:
    folder = varied(tmp_path, "standard")
    catalogs = load_tenant(folder).tenant.catalogs
    made = [one.id for each in catalogs for p in each.packages for one in package_mutants(p)]
    assert not [one for one in made if mistake in one]
    assert not loads_by_hand(folder, old, new)


def test_approval_and_escalation_go_with_what_belongs_to_them(tmp_path: Path) -> None:
    folder = varied(tmp_path, "standard")
    for mistake in ("crew/drop-approval", "partners/drop-approval", "crew/drop-escalation"):
        assert refusals(folder, f"drill/{mistake}") == []
