"""A rule author edits YAML and the decisions follow, without a line of Python."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ostiary.decide.evaluate import evaluate
from ostiary.domain.catalog import Catalog
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.errors import DefinitionError
from ostiary.domain.people import UNKNOWN, PersonType
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, InlinePerson
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir
from tests.unit.deciding import (
    ALL_MEMBERS,
    AT,
    GROUPS,
    USERS,
    headline,
    outsider,
    package,
    policy,
    profile,
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the standard rules that a test may edit."""
    return Path(shutil.copytree(standard_pack_dir(), tmp_path / "pack"))


def edit(pack: Path, phase: str, old: str, new: str) -> None:
    """Replace a piece of text that stands exactly once in the file of a phase."""
    path = pack / f"{phase}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def ask(tables: Tables, who: str | InlinePerson) -> Decision:
    """The decision about a package for all members, under some rules."""
    work = Catalog("work", "Work", packages=(package(policy(ALL_MEMBERS), entries=()),))
    tenant = Tenant("t", "T", profile(), users=USERS, groups=GROUPS, catalogs=(work,))
    return evaluate(build(tenant, tables), EvaluationRequest("access", who, AT))


def test_guests_can_be_let_in_by_editing_two_rules(pack: Path) -> None:
    """The rule behind S-42's `guest_excluded` is data: without it guests count as members."""
    before = ask(load_pack(pack).tables, "gita")
    assert headline(before) == (Code.NOT_IN_SCOPE, {"cause": "guest_excluded"})
    edit(
        pack,
        "requestor_scope",
        "when: {scope: all_members, person: guest}",
        "when: {scope: all_members, person: guest, policy: disabled}",
    )
    edit(
        pack,
        "requestor_scope",
        "when: {scope: all_members, person: member}",
        "when: {scope: all_members, person: [member, guest]}",
    )
    after = ask(load_pack(pack).tables, "gita")
    assert after.outcome is Outcome.GRANT
    assert after.revision.rules != before.revision.rules


PREDICATE = """
predicates:
  contractor: {attribute: employment_type, equals: contractor}

steps:
  - step: people on a contract
    rules:
      - id: scope.no-contractors
        for: Contractors do not request anything for themselves.
        carries_out: [S-42]
        when: {contractor: "yes", policy: enabled}
        then: {scope: out, reason: NOT_IN_SCOPE, cause: no_match}
      - id: scope.contractor-unknown
        for: Without knowing whether somebody is a contractor nobody is admitted.
        carries_out: [S-47]
        when: {contractor: unknown, policy: enabled}
        then: {scope: unknown, fact: attributes}
"""


def employed_as(kind: str) -> InlinePerson:
    return outsider("e", type=PersonType.MEMBER, attributes={"employment_type": kind})


def test_a_condition_over_an_attribute_is_a_fact_of_the_author_s_own(pack: Path) -> None:
    """A predicate is yes, no or unknown; only the first two are decided by it (S-39, S-47)."""
    edit(pack, "requestor_scope", "\nsteps:\n", PREDICATE)
    tables = load_pack(pack).tables
    assert ask(tables, employed_as("Contractor")).outcome is Outcome.DENY
    assert ask(tables, employed_as("permanent")).outcome is Outcome.GRANT
    untold = outsider("e", type=PersonType.MEMBER, attributes=UNKNOWN)
    assert headline(ask(tables, untold)) == (Code.FACT_MISSING, {"fact": "attributes"})


def test_a_predicate_that_would_let_the_unknown_in_is_refused(pack: Path) -> None:
    """An unknown fact never widens access, whatever the author meant (S-25)."""
    without_unknown = PREDICATE[: PREDICATE.index("      - id: scope.contractor-unknown")]
    edit(pack, "requestor_scope", "\nsteps:\n", without_unknown)
    with pytest.raises(DefinitionError) as refused:
        load_pack(pack)
    assert {fault.code for fault in refused.value.faults} == {"UNKNOWN_WIDENS"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        pytest.param(
            "when: {scope: all_members, person: guest}",
            "when: {scope: all_member, person: guest}",
            r"requestor_scope\.yaml:\d+:\d+: UNKNOWN_WORD: .*`all_member`.*`all_members`",
            id="a word that is nearly right",
        ),
        pytest.param(
            "when: {scope: all_members, person: guest}",
            "when: {scope: all_members, person: guest, catalog: on}",
            r"requestor_scope\.yaml:\d+:\d+: YAML_TRAP: ",
            id="a word that YAML takes for a boolean",
        ),
        pytest.param(
            "when: {policy: disabled}\n        then: {scope: out, reason: POLICY_DISABLED}",
            "when: {policy: disabled}\n        then: {scope: in}",
            r"requestor_scope\.yaml:\d+:\d+: INVARIANT: ",
            id="S-28 a disabled policy admits nobody, whatever a rule says",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(pack: Path, old: str, new: str, place: str) -> None:
    edit(pack, "requestor_scope", old, new)
    with pytest.raises(DefinitionError) as refused:
        load_pack(pack)
    assert any(re.search(place, str(fault)) for fault in refused.value.faults), refused.value
