"""Reading rule packs: every fault of every file at once, in the user's words and with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.errors import DefinitionError
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Conclusion, Phase, Predicate, PredicateOperator, Rule
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_files import read_files
from ostiary.rulebook.pack_reader import MOST_FILES, read_pack
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir
from tests.packs.building import SMALL, changed, copy_of_small, faults_of, read_small

SCOPE = "requestor_scope"
OUT = "then: {scope: out, reason: POLICY_DISABLED}"
CONTRACTOR = "contractor: {attribute: employment_type, equals: contractor}"
GRANT = "then: {schedule: GRANT, at: assignment_start}"


def test_a_rule_is_read_with_all_it_says() -> None:
    phase = read_small().phases[Phase.REQUESTOR_SCOPE]
    rule = phase.rules[0]
    assert rule.rule == Rule(
        "scope.disabled",
        "requestor_scope.yaml",
        13,
        "A policy that is switched off admits nobody.",
        ("S-28",),
    )
    assert rule.step == 0
    assert rule.when == (("policy", ("disabled",)),)
    assert rule.says == (("scope", Conclusion("out", Code.POLICY_DISABLED)),)
    last = phase.rules[-1]
    assert last.step == 2
    assert last.when == ()
    assert last.says == (("scope", Conclusion("out", Code.NOT_IN_SCOPE, Cause.NO_MATCH)),)
    assert phase.rules[3].says == (("scope", Conclusion("unknown", fact="type")),)


def test_the_cells_are_numbered_in_the_order_of_the_file() -> None:
    phase = read_small().phases[Phase.REQUESTOR_SCOPE]
    assert [fact for fact, _ in phase.facts] == ["policy", "scope", "person", "contractor"]
    assert phase.cells == 2 * 9 * 4 * 3
    assert dict(phase.facts_of(0)) == {
        "policy": "enabled",
        "scope": "none",
        "person": "member",
        "contractor": "yes",
    }
    assert dict(phase.facts_of(phase.cells - 1)) == {
        "policy": "disabled",
        "scope": "unreadable",
        "person": "unknown",
        "contractor": "unknown",
    }


def test_a_rule_may_give_several_answers() -> None:
    rule = read_small().phases[Phase.POLICY_SELECTION].rules[0]
    assert rule.says == (
        ("visible", Conclusion("no")),
        ("selection", Conclusion("closed", Code.SUBJECT_BLOCKED)),
    )


def test_a_rule_may_schedule_several_actions() -> None:
    rule = read_small().phases[Phase.LIFECYCLE].rules[0]
    assert rule.schedules == (
        (ActionKind.OPEN_STAGE, Moment.STAGE_OPENED),
        (ActionKind.TIME_OUT_STAGE, Moment.STAGE_TIME_OUT),
    )


@pytest.mark.parametrize(
    ("written", "operator", "values"),
    [
        ("equals: contractor", PredicateOperator.EQUALS, ("contractor",)),
        ("in: [a, 5, yes, a]", PredicateOperator.IN, ("a", "5", "yes")),
        ("starts_with: con", PredicateOperator.STARTS_WITH, ("con",)),
        ('present: "yes"', PredicateOperator.PRESENT, ()),
        ("present: yes", PredicateOperator.PRESENT, ()),
    ],
)
def test_predicates(
    tmp_path: Path, written: str, operator: PredicateOperator, values: tuple[str, ...]
) -> None:
    folder = changed(tmp_path, SCOPE, "equals: contractor", written)
    pack = read_pack(folder, FaultList())
    assert pack is not None
    (predicate,) = pack.predicates
    phases = (Phase.REQUESTOR_SCOPE,)
    assert predicate == Predicate("contractor", "employment_type", operator, values, phases)


def test_one_predicate_may_be_a_fact_of_several_phases(tmp_path: Path) -> None:
    folder = changed(tmp_path, "limits", "steps:", f"predicates:\n  {CONTRACTOR}\nsteps:")
    pack = read_pack(folder, FaultList())
    assert pack is not None
    (predicate,) = pack.predicates
    assert predicate.phases == (Phase.LIMITS, Phase.REQUESTOR_SCOPE)
    assert pack.phases[Phase.LIMITS].facts[-1] == ("contractor", ("yes", "no", "unknown"))


CASES = yaml.safe_load(Path(__file__).with_name("pack_faults.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["case"]) for case in CASES])
def test_a_fault_is_named_with_its_place(tmp_path: Path, case: dict[str, Any]) -> None:
    folder = changed(tmp_path, case["file"], case["old"], case["new"])
    assert faults_of(folder) == case["faults"]


def test_a_sentence_of_a_million_characters(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "A policy that is switched off", "x" * 1_000_000)
    (fault,) = faults_of(folder)
    assert fault.endswith("is 1,000,015 characters long, at most 400 are allowed")


def test_a_list_of_ten_thousand_words(tmp_path: Path) -> None:
    words = ", ".join(f"w{number}" for number in range(10_000))
    folder = changed(tmp_path, SCOPE, "person: guest}", f"person: [{words}]}}")
    assert faults_of(folder) == [
        "requestor_scope.yaml:27:52: LIMIT: `person` has 10,000 words, at most 256 are allowed"
    ]


def test_a_file_of_more_than_a_megabyte(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    with (folder / "limits.yaml").open("ab") as file:
        file.write(b"#" * 1024 * 1024)
    assert faults_of(folder) == ["limits.yaml:1:1: FILE_TOO_LARGE: the file is larger than 1 MiB"]


def test_a_predicate_with_ten_thousand_values(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "equals: contractor", f"in: [{'a, ' * 10_000}]")
    (fault,) = faults_of(folder)
    assert fault.endswith("`in` has 10,000 values, at most 1,000 are allowed")


def test_all_faults_of_all_files_come_at_once_and_sorted(tmp_path: Path) -> None:
    folder = changed(tmp_path, "limits", "reason: LIMIT_EXCEEDED", "reason: LIMIT")
    scope = folder / "requestor_scope.yaml"
    text = scope.read_text(encoding="utf-8")
    text = text.replace(OUT, "then: {scope: out}").replace("person: member,", "persn: member,")
    scope.write_text(text, encoding="utf-8")
    (folder / "lifecycle.yaml").write_bytes(b"phase: \xff")
    assert [fault.split(": ")[:2] for fault in faults_of(folder)] == [
        ["lifecycle.yaml:1:8", "NOT_UTF8"],
        ["limits.yaml:26:41", "UNKNOWN_WORD"],
        ["requestor_scope.yaml:17:15", "BAD_CONCLUSION"],
        ["requestor_scope.yaml:23:59", "UNKNOWN_FACT"],
    ]


def test_an_id_stands_once_in_a_pack(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "id: scope.guests", "id: limits.held")
    assert faults_of(folder) == [
        (
            "requestor_scope.yaml:25:13: DUPLICATE: the rule `limits.held` stands in "
            f"{folder.as_posix()}/limits.yaml:11 already"
        )
    ]


def test_a_rule_repeated_by_an_alias_is_a_duplicate(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "- id: scope.guests", "- &guests\n        id: scope.guests")
    path = folder / "requestor_scope.yaml"
    text = path.read_text(encoding="utf-8").replace("never:", "      - *guests\nnever:")
    path.write_text(text, encoding="utf-8")
    assert [fault.split(": ")[1] for fault in faults_of(folder)] == ["DUPLICATE"]


def test_two_files_with_one_phase(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    (folder / "more").mkdir()
    path = folder / "more" / "again.yaml"
    path.write_bytes((folder / "limits.yaml").read_bytes())
    assert faults_of(folder) == [
        (
            "more/again.yaml:1:8: DUPLICATE: the phase `limits` stands in "
            f"{folder.as_posix()}/limits.yaml:1 already"
        )
    ]


def test_one_predicate_name_means_one_thing(tmp_path: Path) -> None:
    other = "predicates:\n  contractor: {attribute: kind, equals: x}\nsteps:"
    folder = changed(tmp_path, "limits", "steps:", other)
    assert faults_of(folder) == [
        (
            "requestor_scope.yaml:9:3: DUPLICATE: the predicate `contractor` means something else "
            f"in {folder.as_posix()}/limits.yaml:9; one name means one thing in the whole pack"
        )
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (
            "targeted",
            (
                "9:3: DUPLICATE: `targeted` is a fact of this phase already; "
                "give the predicate another name"
            ),
        ),
        (
            "Contractor",
            (
                "9:3: BAD_TEXT: the name of a predicate must match [a-z][a-z0-9_]*, "
                "64 characters at most, not `Contractor`"
            ),
        ),
        (
            "sid",
            "9:3: HASH_COLLISION: the engine keeps the name `sid` for itself; choose another name",
        ),
    ],
)
def test_names_that_a_predicate_cannot_have(tmp_path: Path, name: str, fault: str) -> None:
    folder = changed(tmp_path, SCOPE, "  contractor: {", f"  {name}: {{")
    path = folder / "requestor_scope.yaml"
    text = path.read_text(encoding="utf-8").replace(', contractor: "no"', "")
    path.write_text(text, encoding="utf-8")
    assert faults_of(folder) == [f"requestor_scope.yaml:{fault}"]


def test_a_phase_that_is_missing(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    (folder / "limits.yaml").unlink()
    (folder / "lifecycle.yaml").unlink()
    assert faults_of(folder) == [
        ":1:1: MISSING_PHASE: no file of the pack has `phase: lifecycle`",
        ":1:1: MISSING_PHASE: no file of the pack has `phase: limits`",
    ]


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "gone") == [":1:1: FILE_UNREADABLE: no such folder"]


def test_a_file_that_is_named_as_a_folder(tmp_path: Path) -> None:
    file = copy_of_small(tmp_path) / "limits.yaml"
    said = f"FILE_UNREADABLE: a file; name the folder that it is in: {file.parent}"
    with pytest.raises(DefinitionError, match=re.escape(said)):
        load_pack(file, cache=None)


def test_a_tenant_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "tenant.yaml").write_text("tenant: {id: t}", encoding="utf-8")
    (tmp_path / "more.yaml").write_text("users: []", encoding="utf-8")
    fault = ":1:1: WRONG_KIND: is a tenant, not a rule pack"
    assert faults_of(tmp_path) == [fault]
    with pytest.raises(DefinitionError, match=fault):
        read_files(tmp_path)


def test_a_pack_with_a_stray_tenant_is_still_a_pack(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    (folder / "a.yaml").write_text("tenant: {id: t}", encoding="utf-8")
    said = faults_of(folder)
    assert "a.yaml:1:1: UNKNOWN_FIELD: the file has no field `tenant`" in said
    assert not any("WRONG_KIND" in one for one in said)


def test_a_folder_that_is_neither_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("users: []", encoding="utf-8")
    said = faults_of(tmp_path)
    assert "a.yaml:1:1: MISSING_FIELD: the file needs the field `phase`" in said


def test_a_folder_with_too_many_files(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    for number in range(MOST_FILES):
        (folder / f"{number}.yaml").touch()
    assert faults_of(folder) == [
        ":1:1: LIMIT: the folder holds 105 YAML files, at most 100 are allowed"
    ]


def test_suites_and_hidden_files_are_no_rules(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    for name in ("limits_test.yaml", ".limits.yaml", "limits.yaml.bak", "README.md"):
        (folder / name).write_text("no: rules", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "a.yaml").write_text("no: rules", encoding="utf-8")
    assert faults_of(folder) == []


def test_a_pack_that_is_refused_says_so_in_one_text(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "POLICY_DISABLED", "X")
    with pytest.raises(DefinitionError) as refused:
        load_pack(folder, cache=None)
    assert str(refused.value).startswith(
        f"{folder.as_posix()}/requestor_scope.yaml:17:36: UNKNOWN_WORD"
    )
    assert refused.value.details()["errors"] == "1"


def digest(folder: Path) -> str:
    """The digest of a pack that reads well."""
    pack = read_pack(folder, FaultList())
    assert isinstance(pack, Pack)
    return pack.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SCOPE, "phase: requestor_scope\n", "phase:   'requestor_scope' # a comment\n"),
        (
            SCOPE,
            "{scope: all_directory_users, person: guest}",
            "{person: guest, scope: [all_directory_users]}",
        ),
        (SCOPE, "[all_members, all_directory_users]", "[all_directory_users, all_members]"),
        (SCOPE, OUT, OUT.replace("{scope: out,", "{ scope: 'out' ,")),
        ("lifecycle", GRANT, "then: {schedule: [{action: GRANT, at: assignment_start}]}"),
    ],
)
def test_formatting_does_not_change_the_digest(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    assert digest(changed(tmp_path, file, old, new)) == digest(SMALL)


def test_what_explanations_tell_of_files_changes_the_digest(tmp_path: Path) -> None:
    """S-46: an answer names the file and line of each rule, so one digest means one answer."""
    folder = copy_of_small(tmp_path)
    (folder / "limits.yaml").rename(folder / "a.yml")
    lines = changed(
        tmp_path / "lines", SCOPE, "phase: requestor_scope\n", "\nphase: requestor_scope\n"
    )
    assert len({digest(folder), digest(lines), digest(SMALL)}) == 3


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (SCOPE, "id: scope.guests", "id: scope.guest"),
        (SCOPE, "Guests are admitted", "Guests come in"),
        (SCOPE, "person: guest}", "person: [guest, external]}"),
        (SCOPE, "type}", "groups}"),
        (SCOPE, "equals: contractor", "starts_with: contractor"),
        (SCOPE, "word: in, when: {policy: disabled}", "word: in, when: {person: unknown}"),
        (SCOPE, "[S-28]", "[S-28, S-53]"),
        ("lifecycle", "EXPIRE_ASSIGNMENT, at: assignment_end", "REVOKE, at: assignment_end"),
    ],
)
def test_every_word_of_meaning_changes_the_digest(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    assert digest(changed(tmp_path, file, old, new)) != digest(SMALL)


def test_the_order_of_steps_changes_the_digest(tmp_path: Path) -> None:
    folder = changed(tmp_path, "limits", "step: duties", "step: moved")
    assert digest(folder) != digest(SMALL)


def test_the_standard_pack_reads_well() -> None:
    faults = FaultList()
    pack = read_pack(standard_pack_dir(), faults)
    assert faults.sorted() == ()
    assert pack is not None
    for phase in pack.phases.values():
        assert dict(phase.facts).keys() <= VOCABULARY[phase.phase].facts.keys()
        for rule in phase.rules:
            assert rule.rule.carries_out, f"{rule.rule.id} says which S-rules it carries out"
