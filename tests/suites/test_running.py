"""What suites find otherwise, what they cannot run, and what they say they looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.cells import cell_as_test
from ostiary.analysis.suites.comparing import unmatched
from ostiary.analysis.suites.report import CaseReport, Status, SuitesReport, Touched
from ostiary.analysis.suites.runner import run_suites
from ostiary.domain.errors import DefinitionError
from ostiary.domain.tables import Phase
from ostiary.rulebook.suite_file import Suite, read_suite
from ostiary.rulebook.suite_text import write_suite

ROOT = Path(__file__).resolve().parents[2]
STANDARD = ROOT / "rules" / "packs" / "standard"
TAILWIND = ROOT / "rules" / "examples" / "tailwind"
CELL = "phase: approver_resolution, given: {primary: some, fallback: none, alternates: none, "
EMIL = "at: 2031-03-10T09:00Z, ask: {package: sales-team-access, requestor: emil}"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One bench for all tests: packs and tenants are loaded once."""
    with Bench() as made:
        yield made


def suite_of(*tests: str) -> Suite:
    text = "suite: s\n\ntests:\n" + "\n".join(f"  - {{{test}}}" for test in tests)
    return read_suite(text.encode(), TAILWIND / "tests" / "made_test.yaml")


def outcome(bench: Bench, *tests: str) -> CaseReport:
    (only,) = run_suites([suite_of(*tests)], bench).tests
    return only


def told(one: CaseReport) -> list[tuple[str, str, str]]:
    assert one.faults == ()
    return [(each.what, each.expected, each.got) for each in one.mismatches]


def test_a_cell_that_says_otherwise_names_the_rule_that_decided(bench: Bench) -> None:
    one = outcome(bench, f"name: a, {CELL} alternate_fallback: some}}, want: {{deciders: nobody}}")
    assert (one.status, one.kind) == (Status.FAILED, "cell")
    (mismatch,) = one.mismatches
    assert (mismatch.expected, mismatch.got) == ("nobody", "primary")
    assert [rule.id for rule in mismatch.rules] == ["approvers.primary"]
    assert one.cells == ((Phase.APPROVER_RESOLUTION, 18),)


@pytest.mark.parametrize(
    ("want", "otherwise"),
    [
        ("rules: [approvers.primary, escalation.fallback]", []),
        ("deciders: primary, rules: approvers.primary", []),
        (
            "escalation: fallback, rules: approvers.primary",
            [("rules", "[approvers.primary]", "[escalation.fallback]")],
        ),
        ("fired: [escalation.fallback, approvers.primary]", []),
        (
            "fired: approvers.primary",
            [("fired", "[approvers.primary]", "[approvers.primary, escalation.fallback]")],
        ),
        ("reason: NO_APPROVER", [("reason", "NO_APPROVER", "none")]),
    ],
)
def test_what_a_cell_is_asked(
    bench: Bench, want: str, otherwise: list[tuple[str, str, str]]
) -> None:
    one = outcome(bench, f"name: a, {CELL} alternate_fallback: some}}, want: {{{want}}}")
    assert told(one) == otherwise
    assert one.status is (Status.FAILED if otherwise else Status.PASSED)


def test_facts_that_name_no_single_cell_break_a_test(bench: Bench) -> None:
    absent = outcome(bench, f"name: a, {CELL} departmnt: yes}}, want: {{deciders: primary}}")
    assert absent.status is Status.BROKEN
    place = f"{TAILWIND}/tests/made_test.yaml:4"
    assert absent.faults == (
        f"{place}:112: the pack has no fact `departmnt` here",
        f"{place}:5: no word is given for `alternate_fallback`, so that it is not one cell",
    )


def test_a_question_that_is_answered_otherwise(bench: Bench) -> None:
    one = outcome(
        bench,
        f"name: a, {EMIL}, want: {{outcome: GRANT, approvers: [fran, dana], selected: partners,"
        " visible: no, deadlines: [P1D, P30D], policies: [employees, partners],"
        " stages: [{origin: fallback}, {approvers: dana}], error: X,"
        " lacks: {policies: employees, rules: approvers.primary},"
        " includes: {reasons: [NO_APPROVER], actions: [{type: GRANT, stage: 7}]}}",
    )
    assert told(one) == [
        ("outcome", "GRANT", "NEEDS_APPROVAL"),
        ("approvers", "[[fran], [dana]]", "[[mona], [dana]]"),
        ("selected", "partners", "employees"),
        ("visible", "no", "yes"),
        ("deadlines", "[P1D, P30D]", "[P30D, P30D]"),
        ("policies", "[employees, partners]", "[employees]"),
        (
            "stages",
            "[{origin: fallback}, {approvers: [dana]}]",
            "[{approvers: [mona], origin: primary}, {approvers: [dana], origin: primary}]",
        ),
        ("error", "X", "none"),
        ("lacks policies", "none of [employees]", "[employees]"),
        ("lacks rules", "none of [approvers.primary]", "[approvers.primary]"),
        (
            "includes reasons",
            "at least [NO_APPROVER]",
            "[SCOPE_MATCHED, POLICY_SELECTED, APPROVAL_REQUIRED]",
        ),
        (
            "includes actions",
            "at least [{type: GRANT, stage: 7}]",
            one.mismatches[-1].got,
        ),
    ]
    assert "{type: GRANT, stage: 0}" in one.mismatches[-1].got
    by = {each.what: [rule.id for rule in each.rules] for each in one.mismatches}
    assert by["outcome"] == ["limits.approval-needed"]
    assert by["visible"] == ["visible.in-scope"]
    assert by["approvers"] == ["approvers.primary", "escalation.off"]


def test_a_question_says_what_was_looked_up_and_touched(bench: Bench) -> None:
    one = outcome(bench, f"name: a, {EMIL}, want: {{outcome: NEEDS_APPROVAL}}")
    assert [phase for phase, _ in one.cells] == [
        Phase.REQUESTOR_SCOPE,
        Phase.REQUESTOR_SCOPE,
        Phase.POLICY_SELECTION,
        Phase.APPROVER_RESOLUTION,  # Mona with Fran as her fallback
        Phase.APPROVER_RESOLUTION,  # Dana without any
        Phase.LIMITS,
        Phase.LIFECYCLE,
    ]
    assert one.touched == (
        Touched("sales-team-access", "employees", ("selected", "offered", "in")),
        Touched("sales-team-access", "partners", ("refused", "out")),
    )


def test_an_error_is_an_answer_only_where_it_is_wanted(bench: Bench) -> None:
    asked = "at: 2031-03-10, ask: {package: gone, requestor: emil}"
    assert (
        outcome(bench, f"name: a, {asked}, want: {{error: PACKAGE_NOT_FOUND}}").status
        is Status.PASSED
    )
    assert told(outcome(bench, f"name: a, {asked}, want: {{outcome: DENY}}")) == [
        (
            "outcome",
            "an answer with `outcome`",
            "error PACKAGE_NOT_FOUND: access package not found: `gone`",
        )
    ]


@pytest.mark.parametrize(
    ("change", "approvers"),
    [
        ("users: [{id: emil, manager: sol}]", "[sol, dana]"),
        ("users: [{id: emil, manager: null}]", "[fran, dana]"),
        ("users: [{id: new}, {id: emil, manager: new}]", "[new, dana]"),
        ("policies: [{package: sales-team-access, id: employees, approval: {stages: "
         "[{approvers: [manager]}]}}]", "[mona]"),
        ("packages: [{id: sales-team-access, policies: [{id: employees, approval: {stages: "
         "[{approvers: ['user:sol']}]}}]}]", "[sol]"),
        ("catalogs: [{id: sales-resources, packages: [{id: sales-team-access, policies: "
         "[{id: employees, approval: {stages: [{approvers: ['group:sales-staff']}]}}]}]}]",
         "[[mona, nils]]"),
        ("policies: [{package: sales-team-access, id: third, name: Third, scope: {kind: "
         "all_members}, approval: {for: [add], stages: [{approvers: ['user:ines']}]}}]", "[]"),
    ],
)  # fmt: skip
def test_a_test_may_change_the_tenant_for_itself(bench: Bench, change: str, approvers: str) -> None:
    given = f"given: {{{change}}}"
    assert told(outcome(bench, f"name: a, {EMIL}, {given}, want: {{approvers: {approvers}}}")) == []
    assert told(outcome(bench, f"name: a, {EMIL}, want: {{approvers: [mona, dana]}}")) == []


def test_settings_and_overrides_of_the_profile_may_be_changed_too(bench: Bench) -> None:
    given = "given: {tenant: {overrides: {default_stage_time_out: P3D}}}"
    assert told(outcome(bench, f"name: a, {EMIL}, {given}, want: {{deadlines: [P3D, P3D]}}")) == []


def test_a_faulty_change_is_told_where_it_is_written(bench: Bench) -> None:
    given = "given: {users: [{id: emil, manger: sol}, {id: mona, manager: gone}], grups: []}"
    one = outcome(bench, f"name: a, {EMIL}, {given}, want: {{outcome: GRANT}}")
    assert one.status is Status.BROKEN
    assert [fault.removeprefix(f"{TAILWIND}/tests/made_test.yaml:") for fault in one.faults] == [
        "4:117: UNKNOWN_FIELD: users[emil]: no such field here: `manger`; did you mean `manager`?",
        "4:151: UNKNOWN_REFERENCE: users[mona].manager: no user `gone`",
        "4:159: UNKNOWN_FIELD: file: no such field here: `grups`; did you mean `groups`?",
    ]


def test_a_story_tells_the_step_at_which_things_are_otherwise(bench: Bench) -> None:
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10T09:00Z, steps: ["
        "{who: emil, does: request, package: sales-team-access, label: first,"
        " want: {requests: {first: DENIED, gone: DENIED}, may_decide: {first: dana, gone: []},"
        " events: [], includes: {notices: [{kind: access_ready, to: emil}]}}},"
        "{at: P1D, who: dana, does: approve, of: first},"
        "{at: P1D, who: dana, does: approve, of: first, refused: STAGE_CLOSED},"
        "{at: P2D, who: mona, does: approve, of: first, refused: yes},"
        "{at: P40D, want: {holds: {emil: sales-team-access}, notices: [],"
        " requests: {first: {reason: none, state: DENIED}}, accounts: {nobody: enabled}}}]",
    )
    assert (one.status, one.kind) == (Status.FAILED, "story")
    assert [(each.at, each.what, each.expected, each.got) for each in one.mismatches] == [
        ("2031-03-10T09:00Z", "requests", "{first: {state: DENIED}, gone: {state: DENIED}}",
         "{first: {state: PENDING_APPROVAL}, gone: none}"),
        ("2031-03-10T09:00Z", "may_decide", "{first: [dana], gone: []}",
         "{first: [mona], gone: []}"),
        ("2031-03-10T09:00Z", "events", "[]", "[User requests access package assignment]"),
        ("2031-03-10T09:00Z", "includes notices", "at least [{kind: access_ready, to: emil}]",
         "[{kind: request_received, to: emil}, {kind: action_needed, to: mona}]"),
        ("2031-03-11T09:00Z", "dana approve", "it is done",
         "refused with NOT_APPROVER: you cannot decide stage 1"),
        ("2031-03-11T09:00Z", "dana approve", "it is refused with STAGE_CLOSED",
         "refused with NOT_APPROVER: you cannot decide stage 1"),
        ("2031-03-12T09:00Z", "mona approve", "it is refused", "it is done"),
        ("2031-04-19T09:00Z", "holds", "{emil: [sales-team-access]}", "{emil: []}"),
        ("2031-04-19T09:00Z", "notices", "[]", one.mismatches[8].got),
        ("2031-04-19T09:00Z", "requests", "{first: {reason: none, state: DENIED}}",
         "{first: {reason: APPROVAL_TIMEOUT, state: DENIED}}"),
        ("2031-04-19T09:00Z", "accounts", "{nobody: enabled}", "{nobody: none}"),
    ]  # fmt: skip
    assert "request_expired" in one.mismatches[8].got
    seen = ("selected", "offered", "in")
    assert one.touched == (Touched("sales-team-access", "employees", seen),)
    assert {phase for phase, _ in one.cells} == set(Phase)


def test_everybody_who_is_asked_is_known_of_questions_and_of_open_requests(bench: Bench) -> None:
    manager = "{approvers: [manager], alternates: [user:sol], escalate_after: P5D}"
    stages = f"[{manager}, {{approvers: [user:dana]}}]"
    policy = (
        f"{{package: sales-team-access, id: employees, approval: {{for: [add], stages: {stages}}}}}"
    )
    given = f"given: {{policies: [{policy}]}}"
    asked = "asked: [dana, mona, sol], includes: {asked: sol}"
    want = f"want: {{{asked}, lacks: {{asked: [emil]}}}}"
    assert told(outcome(bench, f"name: a, {EMIL}, {given}, {want}")) == []
    one = outcome(
        bench, f"name: a, {EMIL}, {given}, want: {{asked: [mona], lacks: {{asked: sol}}}}"
    )
    assert told(one) == [
        ("asked", "[mona]", "[dana, mona, sol]"),
        ("lacks asked", "none of [sol]", "[sol]"),
    ]
    one = outcome(
        bench,
        f"name: a, begins: 2031-03-10T09:00Z, {given}, steps: ["
        f"{{want: {{asked: []}}}},"
        f"{{who: emil, does: request, package: sales-team-access, label: x, {want}}},"
        "{who: emil, does: cancel, of: x, want: {asked: [], lacks: {asked: [mona]}}}]",
    )
    assert told(one) == []


def test_an_act_may_be_refused_or_not_where_that_does_not_matter(bench: Bench) -> None:
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10T09:00Z, steps: ["
        "{who: emil, does: request, package: sales-team-access, label: x, refused: either,"
        " want: {requests: {x: PENDING_APPROVAL}}},"
        "{who: emil, does: approve, of: x, refused: either, want: {requests: {x: DENIED}}}]",
    )
    assert told(one) == [("requests", "{x: {state: DENIED}}", "{x: {state: PENDING_APPROVAL}}")]


def test_what_a_test_leaves_open_is_left_open(bench: Bench) -> None:
    asked = "at: 2031-03-10T09:00Z, ask: {package: sales-team-access, requestor: %s}"
    stages = "want: {fewest_stages: %s, or_denied: yes}"
    for who, number in (("emil", "2"), ("emil", "1"), ("pia", "7")):
        assert told(outcome(bench, f"name: a, {asked % who}, {stages % number}")) == []
    one = outcome(bench, f"name: a, {asked % 'emil'}, {stages % '3'}")
    assert told(one) == [("fewest_stages", "at least 3", "2")]
    one = outcome(bench, f"name: a, {asked % 'pia'}, want: {{fewest_stages: 1}}")
    assert told(one) == [("fewest_stages", "at least 1", "0")]
    with pytest.raises(DefinitionError, match="says nothing"):
        outcome(bench, f"name: a, {asked % 'pia'}, want: {{or_denied: yes}}")


def test_the_codes_of_refusals_can_be_asked_for(bench: Bench) -> None:
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10T09:00Z, steps: ["
        "{who: emil, does: request, package: sales-team-access, refused: either,"
        " want: {refusals: [], lacks: {refusals: NOT_IN_SCOPE}}},"
        "{who: pia, does: request, package: sales-team-access, refused: either,"
        " want: {refusals: NOT_IN_SCOPE, lacks: {refusals: [NO_APPROVER]}}},"
        "{after: P1D, want: {refusals: NOT_IN_SCOPE}}]",
    )
    assert told(one) == [("refusals", "[NOT_IN_SCOPE]", "[]")]


def test_names_that_nobody_bears_do_not_pass(bench: Bench) -> None:
    who = "{id: new-here, type: member}"
    asked = f"at: 2031-03-10T09:00Z, ask: {{package: sales-team-access, requestor: {who}}}"
    one = outcome(bench, f"name: a, {asked}, want: {{lacks: {{asked: [monaa, new-here, mona]}}}}")
    assert told(one) == [("lacks asked", "somebody called monaa", "nobody")]
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10T09:00Z, steps: ["
        "{who: emill, does: request, package: reading-room, refused: either},"
        "{who: emil, does: request, package: reading-rom, refused: yes},"
        "{who: emil, does: request, package: reading-rom, refused: PACKAGE_NOT_FOUND},"
        "{want: {holds: {emilll: []}, rights: {mona: []}, lacks: {asked: monaa}}}]",
    )
    assert [(each.what, each.expected) for each in one.mismatches] == [
        ("emill request", "it is done, or refused"),
        ("emil request", "it is refused"),
        ("holds", "somebody called emilll"),
        ("lacks asked", "somebody called monaa"),
    ]


@pytest.mark.parametrize("word", ["maybe", "Either", "not_approver", "[either]"])
def test_a_refusal_is_yes_no_either_or_a_code(bench: Bench, word: str) -> None:
    act = f"{{who: emil, does: request, package: reading-room, refused: {word}}}"
    with pytest.raises(DefinitionError, match="yes, no, either or a code"):
        outcome(bench, f"name: a, begins: 2031-03-10T09:00Z, steps: [{act}]")


@pytest.mark.parametrize(
    ("manager", "follows"),
    [("emil", "want: {may_decide: {x: fran}}"), ("mona", "refused: NOT_MANAGER")],
)
def test_a_request_for_oneself_is_one_on_behalf(bench: Bench, manager: str, follows: str) -> None:
    """S-38, S-71: whoever is their own manager may ask so for themselves; the fallback decides."""
    policy = "{package: sales-team-access, id: employees, on_behalf: yes}"
    given = f"given: {{users: [{{id: emil, manager: {manager}}}], policies: [{policy}]}}"
    act = "who: emil, does: request, for: emil, package: sales-team-access, label: x"
    one = outcome(
        bench, f"name: a, begins: 2031-03-10T09:00Z, {given}, steps: [{{{act}, {follows}}}]"
    )
    assert told(one) == []


def test_definitions_may_change_while_a_story_goes_on(bench: Bench) -> None:
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10T09:00Z, given: {users: [{id: emil, manager: sol}]}, steps: ["
        "{who: emil, does: request, package: sales-team-access, label: x},"
        "{at: P1D, change: {users: [{id: emil, name: Emil the Second}]},"
        " want: {may_decide: {x: sol}, events: [Update user]}},"
        "{at: P2D, change: {policies: [{package: sales-team-access, id: employees, name: O}]}},"
        "{at: P3D, change: {without: {policies: [sales-team-access/partners]}},"
        " want: {requests: {x: PENDING_APPROVAL}}},"
        "{at: P4D, change: {without: {packages: [sales-team-access]}},"
        " want: {requests: {x: {state: CANCELED, reason: PACKAGE_DELETED}}}}]",
    )
    assert told(one) == []


def test_a_change_that_live_data_stand_in_the_way_of_is_refused(bench: Bench) -> None:
    profile = "given: {tenant: {overrides: {delete_package_with_assignments: no}}}"
    one = outcome(
        bench,
        f"name: a, begins: 2031-03-10T09:00Z, {profile}, steps: ["
        "{who: gil, does: request, package: reading-room, want: {holds: {gil: reading-room}}},"
        "{change: {without: {packages: [reading-room]}}, refused: NOT_EMPTY},"
        "{at: P1D, change: {users: [{id: emil, name: E}]}, refused: yes}]",
    )
    assert told(one) == [("change", "it is refused", "it is done")]


def test_what_is_taken_out_must_be_there(bench: Bench) -> None:
    without = "{packages: [gone, empty-package], policies: [sales], cells: [x], users: {}}"
    one = outcome(
        bench, f"name: a, {EMIL}, given: {{without: {without}}}, want: {{outcome: GRANT}}"
    )
    assert [fault.partition(": ")[2] for fault in one.faults] == [
        "UNKNOWN_REFERENCE: there is none to take out: `gone`",
        "UNKNOWN_REFERENCE: there is none to take out: `sales`",
        "UNKNOWN_REFERENCE: nothing of kind `cells` can be taken out",
        "UNKNOWN_REFERENCE: must be a list of ids",
    ]


def test_taking_out_moves_nothing_else(bench: Bench) -> None:
    without = (
        "{packages: [silent-approver, wrong-organization], users: [nils],"
        " policies: [design-tools/employees]}"
    )
    changed = f"given: {{without: {without}, groups: [{{id: sales-staff, users: [mona]}}]}}"
    asked = "at: 2031-03-10, ask: {package: design-tools, requestor: otto}"
    assert (
        told(outcome(bench, f"name: a, {asked}, {changed}, want: {{selected: contractors}}")) == []
    )
    gone = "at: 2031-03-10, ask: {package: silent-approver, requestor: otto}"
    want = "want: {error: PACKAGE_NOT_FOUND}"
    assert told(outcome(bench, f"name: a, {gone}, {changed}, {want}")) == []
    left = "at: 2031-03-10, ask: {package: empty-package, requestor: otto}"
    assert told(outcome(bench, f"name: a, {left}, {changed}, want: {{outcome: GRANT}}")) == []


def test_a_want_beyond_all_calendars_breaks_the_test(bench: Bench) -> None:
    want = "want: {assignments: [{ends_at: P9999999D}]}"
    one = outcome(bench, f"name: a, begins: 2031-03-10T09:00Z, steps: [{{{want}}}]")
    assert (one.status, len(one.faults)) == (Status.BROKEN, 1)


def test_an_act_about_a_request_that_was_never_made_is_refused(bench: Bench) -> None:
    one = outcome(
        bench,
        "name: a, begins: 2031-03-10, steps: ["
        "{who: gil, does: request, package: sales-team-access, label: x, refused: NOT_IN_SCOPE},"
        "{who: mona, does: approve, of: x, refused: REQUEST_NOT_FOUND}]",
    )
    assert told(one) == []


def test_the_same_suites_run_on_another_candidate(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for file in STANDARD.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "approver_resolution":
            old = "when: {primary: none, fallback: some}\n        then: {deciders: fallback}"
            assert old in text
            text = text.replace(old, old.replace("deciders: fallback", "deciders: nobody"))
        (rules / file.name).write_text(text, encoding="utf-8")
    given = "given: {users: [{id: emil, manager: null}]}"
    suite = suite_of(f"name: a, {EMIL}, {given}, want: {{outcome: NEEDS_APPROVAL}}")
    with Bench() as bench, Bench(Candidate(rules=rules)) as other:
        assert run_suites([suite], bench).passed
        (one,) = run_suites([suite], other).tests
    assert one.rules == rules.as_posix()
    assert told(one) == [("outcome", "NEEDS_APPROVAL", "DENY")]


def test_a_tenant_that_another_profile_refuses_breaks_the_test(bench: Bench) -> None:
    one = outcome(bench, f"name: a, {EMIL}, profile: entra, want: {{outcome: DENY}}")
    assert one.status is Status.BROKEN
    assert "a manager as approver needs a fallback in profile entra" in one.faults[0]


def test_fail_fast_and_the_choice_of_tests(bench: Bench) -> None:
    wants = ("NEEDS_APPROVAL", "DENY", "NEEDS_APPROVAL")
    tests = [f"name: t{n}, {EMIL}, want: {{outcome: {want}}}" for n, want in enumerate(wants)]
    suite = suite_of(*tests)
    heard: list[tuple[int, int]] = []
    report = run_suites(
        [suite], bench, fail_fast=True, progress=lambda *counts: heard.append(counts)
    )
    assert [one.status.value for one in report.tests] == ["passed", "failed"]
    assert (heard, report.passed) == ([(1, 3), (2, 3)], False)
    assert run_suites([suite], bench, chosen=lambda _, test: test.name != "t1").passed
    assert not SuitesReport(()).passed


def test_a_suite_without_a_tenant_breaks_its_questions(tmp_path: Path) -> None:
    text = f"suite: s\ntests:\n  - {{name: a, {EMIL}, want: {{outcome: DENY}}}}"
    with Bench() as bench:
        (one,) = run_suites([read_suite(text.encode(), tmp_path / "a_test.yaml")], bench).tests
    assert one.status is Status.BROKEN
    assert one.faults == (
        f"{tmp_path}/a_test.yaml:3:5: the suite stands in no tenant's folder and names none",
    )


def test_a_cell_written_as_a_test_passes(bench: Bench) -> None:
    tables = bench.tables(suite_of("name: a, phase: limits, given: {}, want: {outcome: grant}"))
    made = [
        cell_as_test(table, cell, name=f"{phase.value} {cell}")
        for phase, table in tables.phases.items()
        for cell in range(0, table.cells, table.cells // 17)
    ]
    suite = read_suite(write_suite("found", made).encode(), STANDARD / "found_test.yaml")
    report = run_suites([suite], bench)
    assert report.passed
    assert len(report.tests) == len(made) > 80


def test_items_are_matched_whatever_their_order() -> None:
    wanted = [{"type": "a"}, {"type": "a", "at": 1}, {"type": "b"}]
    got = [{"type": "a", "at": 1}, {"type": "b", "at": 3}, {"type": "a", "at": 2}]
    assert unmatched(wanted, got) == ([], [])
    assert unmatched([{"type": "a", "at": 1}] * 2, got) == ([{"type": "a", "at": 1}], got[1:])
