"""Reading rule packs: every fault of every file at once, in the user's words and with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.errors import DefinitionError
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Conclusion, Phase, Predicate, PredicateOperator, Rule
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import MOST_FILES, read_pack
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir
from tests.packs.building import SMALL, changed, copy_of_small, faults_of, read_small

SCOPE = "requestor_scope"
WHEN = "when: {policy: disabled}\n        then"
OUT = "then: {scope: out, reason: POLICY_DISABLED}"
UNKNOWN = "then: {scope: unknown, fact: type}"
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


FAULTS = [
    ("a phase misspelt", SCOPE, "phase: requestor_scope", "phase: requestor_scop", [
        "requestor_scope.yaml:1:8: UNKNOWN_PHASE: `phase` cannot be `requestor_scop`; did you mean "
        "`requestor_scope`?",
    ]),
    ("no phase", SCOPE, "phase: requestor_scope\n", "", [
        "requestor_scope.yaml:1:1: MISSING_FIELD: the file needs the field `phase`",
    ]),
    ("a field misspelt", SCOPE, "about:", "abuot:", [
        "requestor_scope.yaml:2:1: UNKNOWN_FIELD: the file has no field `abuot`; did you mean "
        "`about`?",
    ]),
    ("a fact misspelt", SCOPE, "  policy: [", "  polcy: [", [
        "requestor_scope.yaml:4:3: UNKNOWN_FACT: a fact of this phase cannot be `polcy`; did you "
        "mean `policy`?",
    ]),
    ("a fact without all its words", SCOPE, "policy: [enabled, disabled]", "policy: [enabled]", [
        "requestor_scope.yaml:4:11: WORDS_DIFFER: the words of `policy` are enabled, disabled; "
        "this list misses `disabled`",
    ]),
    ("a fact with a word of its own", SCOPE, "[enabled, disabled]", "[enabled, disabled, odd]", [
        "requestor_scope.yaml:4:11: WORDS_DIFFER: the words of `policy` are enabled, disabled; "
        "this list has `odd` beside them",
    ]),
    ("what YAML makes of words", SCOPE, "[enabled, disabled]", "[off, 1, 2020-01-01, ~]", [
        "requestor_scope.yaml:4:12: YAML_TRAP: `policy`: `off` without quotes is a boolean in "
        'YAML; write "off" if you mean the word',
        "requestor_scope.yaml:4:17: YAML_TRAP: `policy`: `1` without quotes is a number in YAML; "
        'write "1" if you mean the word',
        "requestor_scope.yaml:4:20: YAML_TRAP: `policy`: `2020-01-01` without quotes is a date in "
        'YAML; write "2020-01-01" if you mean the word',
        "requestor_scope.yaml:4:32: YAML_TRAP: `policy` must be a word, not null",
    ]),
    ("a fact as a mapping", SCOPE, "[enabled, disabled]", "{enabled: disabled}", [
        "requestor_scope.yaml:4:11: WRONG_KIND: `policy` must be a word, not a mapping",
    ]),
    ("a fact that was not declared", SCOPE, WHEN, "when: {route: self}\n        then", [
        "requestor_scope.yaml:16:16: UNKNOWN_FACT: this phase has no fact `route`; declare it "
        "under `facts` first",
    ]),
    ("a word misspelt", SCOPE, WHEN, "when: {policy: diabled}\n        then", [
        "requestor_scope.yaml:16:24: UNKNOWN_WORD: `policy` is never `diabled`; did you mean "
        "`disabled`?",
    ]),
    ("a word without quotes", SCOPE, WHEN, "when: {policy: no}\n        then", [
        "requestor_scope.yaml:16:24: YAML_TRAP: `policy`: `no` without quotes is a boolean in "
        'YAML; write "no" if you mean the word',
    ]),
    ("a word twice", SCOPE, WHEN, "when: {policy: [disabled, disabled]}\n        then", [
        "requestor_scope.yaml:16:35: DUPLICATE: `policy` names `disabled` twice",
    ]),
    ("a list within a list", SCOPE, WHEN, "when: {policy: [[disabled]]}\n        then", [
        "requestor_scope.yaml:16:25: WRONG_KIND: `policy` must be a word, not a list",
    ]),
    ("an operator as a word", SCOPE, WHEN, "when: {policy: {$in: [x]}}\n        then", [
        "requestor_scope.yaml:16:24: WRONG_KIND: `policy` must be a word, not a mapping",
    ]),
    ("an operator as a fact", SCOPE, WHEN, "when: {$or: [a]}\n        then", [
        "requestor_scope.yaml:16:16: UNKNOWN_FACT: this phase has no fact `$or`",
    ]),
    ("not a number", SCOPE, WHEN, "when: {policy: .nan}\n        then", [
        "requestor_scope.yaml:16:24: YAML_TRAP: `policy`: `.nan` without quotes is a number in "
        'YAML; write ".nan" if you mean the word',
    ]),
    ("no condition at all", SCOPE, WHEN, "then", [
        "requestor_scope.yaml:13:9: MISSING_FIELD: a rule needs the field `when`",
    ]),
    ("an empty condition", SCOPE, WHEN, "when:\n        then", [
        "requestor_scope.yaml:16:14: WRONG_KIND: `when` must be a mapping, not null",
    ]),
    ("a reason misspelt", SCOPE, "POLICY_DISABLED", "POLICY_DISABLD", [
        "requestor_scope.yaml:17:36: UNKNOWN_WORD: `reason` cannot be `POLICY_DISABLD`; did you "
        "mean `POLICY_DISABLED`?",
    ]),
    ("a reason of another phase", SCOPE, "POLICY_DISABLED", "LIMIT_EXCEEDED", [
        "requestor_scope.yaml:17:36: UNKNOWN_WORD: `reason` cannot be `LIMIT_EXCEEDED`; known: "
        "FORBIDDEN, CATALOG_NOT_EXTERNAL, POLICY_DISABLED, ADMIN_ONLY, NOT_IN_SCOPE, END_PASSED",
    ]),
    ("no reason", SCOPE, OUT, "then: {scope: out}", [
        "requestor_scope.yaml:17:15: BAD_CONCLUSION: this answer needs a `reason`; known: "
        "FORBIDDEN, CATALOG_NOT_EXTERNAL, POLICY_DISABLED, ADMIN_ONLY, NOT_IN_SCOPE, END_PASSED",
    ]),
    ("a cause too many", SCOPE, OUT, OUT.replace("}", ", cause: no_match}"), [
        "requestor_scope.yaml:17:53: BAD_CONCLUSION: none of the answers here takes a `cause`",
    ]),
    ("a cause misspelt", SCOPE, "no_match", "no_mach", [
        "requestor_scope.yaml:38:57: UNKNOWN_WORD: `cause` cannot be `no_mach`; did you mean "
        "`no_match`?",
    ]),
    ("an answer misspelt", SCOPE, OUT, "then: {scpe: out}", [
        "requestor_scope.yaml:17:16: BAD_CONCLUSION: this phase has no answer `scpe`; did you mean "
        "`scope`?",
    ]),
    ("an answer of no phase", SCOPE, OUT, "then: {allow: everything}", [
        "requestor_scope.yaml:17:16: BAD_CONCLUSION: this phase has no answer `allow`; its "
        "answers: scope",
    ]),
    ("no answer", SCOPE, OUT, "then: {}", [
        "requestor_scope.yaml:17:15: BAD_CONCLUSION: `then` gives no answer; its answers: scope",
    ]),
    ("an answer as text", SCOPE, OUT, "then: out", [
        "requestor_scope.yaml:17:15: WRONG_KIND: `then` must be a mapping, not text",
    ]),
    ("a word that an answer does not have", SCOPE, OUT, "then: {scope: maybe}", [
        "requestor_scope.yaml:17:23: UNKNOWN_WORD: `scope` cannot be `maybe`; known: in, out, "
        "unknown",
    ]),
    ("a missing fact that nobody knows", SCOPE, "fact: type", "fact: shoe_size", [
        "requestor_scope.yaml:32:38: UNKNOWN_WORD: `fact` cannot be `shoe_size`; known: "
        "attributes, groups, identity, type",
    ]),
    ("no missing fact", SCOPE, UNKNOWN, "then: {scope: unknown}", [
        "requestor_scope.yaml:32:15: BAD_CONCLUSION: this answer needs a `fact`; known: "
        "attributes, groups, identity, type",
    ]),
    ("an id with a space", SCOPE, "id: scope.disabled", "id: Scope disabled", [
        "requestor_scope.yaml:13:13: BAD_TEXT: the id of a rule must match [a-z][a-z0-9.-]*, "
        "64 characters at most, not `Scope disabled`",
    ]),
    ("no id", SCOPE, "id: scope.disabled\n        for", "for", [
        "requestor_scope.yaml:13:9: MISSING_FIELD: a rule needs the field `id`",
    ]),
    ("no sentence", SCOPE, "for: A policy that is switched off admits nobody.", "for: ' '", [
        "requestor_scope.yaml:14:14: BAD_TEXT: `for`, the sentence of a rule, must not be blank",
    ]),
    ("nothing for a sentence", SCOPE, "for: A policy that is switched off admits nobody.", "for:", [
        "requestor_scope.yaml:14:13: WRONG_KIND: `for`, the sentence of a rule, must be text, not "
        "empty",
    ]),
    ("an endless sentence", SCOPE, "A policy that is switched off", "x" * 1_000_000, [
        "requestor_scope.yaml:14:14: BAD_TEXT: `for`, the sentence of a rule, is 1,000,015 "
        "characters long, at most 400 are allowed",
    ]),
    ("no number of a rule", SCOPE, "[S-28]", "[S28]", [
        "requestor_scope.yaml:15:23: BAD_TEXT: `carries_out` names rules of the semantics, S-1 and "
        "on, not `S28`",
    ]),
    ("no list", SCOPE, "[S-28]", "S-28", [
        "requestor_scope.yaml:15:22: WRONG_KIND: `carries_out` must be a list, not text",
    ]),
    ("an empty list", SCOPE, "[S-28]", "[]", [
        "requestor_scope.yaml:15:22: MISSING_FIELD: `carries_out` must not be empty",
    ]),
    ("a step without a title", SCOPE, "- step: nobody", "- stp: nobody", [
        "requestor_scope.yaml:11:5: MISSING_FIELD: a step needs the field `step`",
        "requestor_scope.yaml:11:5: UNKNOWN_FIELD: a step has no field `stp`; did you mean `step`?",
    ]),
    ("a statement on another word", SCOPE, "word: in,", "word: inn,", [
        "requestor_scope.yaml:40:27: BAD_CONCLUSION: `word` cannot be `inn`; did you mean `in`?",
    ]),
    ("a statement on another answer", SCOPE, "answer: scope, ", "answer: scoop, ", [
        "requestor_scope.yaml:40:14: BAD_CONCLUSION: `answer` cannot be `scoop`; did you mean "
        "`scope`?",
    ]),
    ("a statement where there is no answer", "lifecycle", "facts:", "never: [a]\nfacts:", [
        "lifecycle.yaml:2:8: BAD_CONCLUSION: the rules of this phase give no answers that `never` "
        "could speak of",
    ]),
    ("a predicate that compares nothing", SCOPE, ", equals: contractor", "", [
        "requestor_scope.yaml:9:15: BAD_CONCLUSION: the predicate `contractor` needs exactly one "
        "of equals, in, starts_with, present",
    ]),
    ("a predicate that compares twice", SCOPE, "equals: contractor", "equals: a, in: [b]", [
        "requestor_scope.yaml:9:15: BAD_CONCLUSION: the predicate `contractor` needs exactly one "
        "of equals, in, starts_with, present",
    ]),
    ("a predicate of no attribute", SCOPE, "employment_type,", "'employment type',", [
        "requestor_scope.yaml:9:27: BAD_TEXT: `attribute` must match [A-Za-z][A-Za-z0-9_.-]*, "
        "64 characters at most, not `employment type`",
    ]),
    ("a predicate of no values", SCOPE, "equals: contractor", "in: []", [
        "requestor_scope.yaml:9:53: MISSING_FIELD: `in` must not be empty",
    ]),
    ("a predicate of too many", SCOPE, "equals: contractor", f"in: [{'a, ' * 10_000}]", [
        "requestor_scope.yaml:9:53: LIMIT: `in` has 10,000 values, at most 1,000 are allowed",
    ]),
    ("a predicate of something else", SCOPE, "equals: contractor", "in: [[a]]", [
        "requestor_scope.yaml:9:54: WRONG_KIND: a value of `in` must be text, not a list",
    ]),
    ("a list where there must be one", SCOPE, "equals: contractor", "in: contractor", [
        "requestor_scope.yaml:9:53: WRONG_KIND: `in` must be a list, not text",
    ]),
    ("a predicate of absence", SCOPE, "equals: contractor", 'present: "no"', [
        'requestor_scope.yaml:9:58: UNKNOWN_WORD: `present` can only be "yes"; for the opposite '
        'let a rule ask for "no"',
    ]),
    ("a predicate as text", SCOPE, CONTRACTOR, "contractor: contractor", [
        "requestor_scope.yaml:9:15: WRONG_KIND: the predicate `contractor` must be a mapping, not "
        "text",
    ]),
    ("a moment at which an action cannot be", "lifecycle", "assignment_start}", "assignment_end}", [
        "lifecycle.yaml:20:37: BAD_CONCLUSION: GRANT cannot be scheduled at assignment_end, only "
        "at assignment_start",
    ]),
    ("an action misspelt", "lifecycle", "schedule: GRANT", "schedule: GRNT", [
        "lifecycle.yaml:20:26: UNKNOWN_WORD: `schedule` cannot be `GRNT`; did you mean `GRANT`?",
    ]),
    ("an action at no moment", "lifecycle", GRANT, "then: {schedule: GRANT}", [
        "lifecycle.yaml:20:15: MISSING_FIELD: `then` needs the field `at`",
    ]),
    ("no action", "lifecycle", GRANT, "then: {schedule: []}", [
        "lifecycle.yaml:20:26: MISSING_FIELD: `schedule` must not be empty",
    ]),
    ("no action but a word", "lifecycle", GRANT, "then: {schedule: [GRANT]}", [
        "lifecycle.yaml:20:27: WRONG_KIND: an entry of `schedule` must be a mapping, not text",
    ]),
    ("an action twice in one rule", "lifecycle", "TIME_OUT_STAGE, at: stage_time_out",
     "OPEN_STAGE, at: stage_opened", [
        "lifecycle.yaml:14:15: DUPLICATE: OPEN_STAGE at stage_opened is scheduled twice",
    ]),
    ("an answer where actions are wanted", "lifecycle", GRANT, "then: {scope: in}", [
        "lifecycle.yaml:20:15: MISSING_FIELD: `then` needs the field `at`",
        "lifecycle.yaml:20:15: MISSING_FIELD: `then` needs the field `schedule`",
        "lifecycle.yaml:20:16: UNKNOWN_FIELD: `then` has no field `scope`",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "faults"),
    [pytest.param(*rest, id=name) for name, *rest in FAULTS],
)
def test_a_fault_is_named_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, faults: list[str]
) -> None:
    assert faults_of(changed(tmp_path, file, old, new)) == faults


def test_all_faults_of_all_files_come_at_once_and_sorted(tmp_path: Path) -> None:
    folder = changed(tmp_path, "limits", "reason: LIMIT_EXCEEDED", "reason: LIMIT")
    scope = folder / "requestor_scope.yaml"
    text = scope.read_text(encoding="utf-8")
    text = text.replace(OUT, "then: {scope: out}").replace("person: member,", "persn: member,")
    scope.write_text(text, encoding="utf-8")
    (folder / "lifecycle.yaml").write_bytes(b"phase: \xff")
    assert [fault.split(": ")[:2] for fault in faults_of(folder)] == [
        ["lifecycle.yaml:1:8", "NOT_UTF8"],
        ["limits.yaml:25:41", "UNKNOWN_WORD"],
        ["requestor_scope.yaml:17:15", "BAD_CONCLUSION"],
        ["requestor_scope.yaml:23:60", "UNKNOWN_FACT"],
    ]


def test_an_id_stands_once_in_a_pack(tmp_path: Path) -> None:
    folder = changed(tmp_path, SCOPE, "id: scope.guests", "id: limits.held")
    assert faults_of(folder) == [
        "requestor_scope.yaml:25:13: DUPLICATE: the rule `limits.held` stands in "
        f"{folder.as_posix()}/limits.yaml:11 already"
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
        "more/again.yaml:1:8: DUPLICATE: the phase `limits` stands in "
        f"{folder.as_posix()}/limits.yaml:1 already"
    ]


def test_one_predicate_name_means_one_thing(tmp_path: Path) -> None:
    other = "predicates:\n  contractor: {attribute: kind, equals: x}\nsteps:"
    folder = changed(tmp_path, "limits", "steps:", other)
    assert faults_of(folder) == [
        "requestor_scope.yaml:9:3: DUPLICATE: the predicate `contractor` means something else in "
        f"{folder.as_posix()}/limits.yaml:9; one name means one thing in the whole pack"
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (
            "targeted",
            "9:3: DUPLICATE: `targeted` is a fact of this phase already; "
            "give the predicate another name",
        ),
        (
            "Contractor",
            "9:3: BAD_TEXT: the name of a predicate must match [a-z][a-z0-9_]*, "
            "64 characters at most, not `Contractor`",
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
        (SCOPE, "phase: requestor_scope\n", "# a comment\n\nphase:   'requestor_scope'\n"),
        (
            SCOPE,
            "{scope: all_directory_users, person: guest}",
            "{person: guest, scope: [all_directory_users]}",
        ),
        (SCOPE, "[all_members, all_directory_users]", "[all_directory_users, all_members]"),
        (SCOPE, OUT, "then:\n          reason: POLICY_DISABLED\n          scope: out"),
        ("lifecycle", GRANT, "then: {schedule: [{action: GRANT, at: assignment_start}]}"),
    ],
)
def test_formatting_does_not_change_the_digest(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    assert digest(changed(tmp_path, file, old, new)) == digest(SMALL)


def test_names_of_files_do_not_change_the_digest(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    (folder / "limits.yaml").rename(folder / "a.yml")
    assert digest(folder) == digest(SMALL)


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
