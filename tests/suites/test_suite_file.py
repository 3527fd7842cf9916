"""What a suite may say, and what is told of one that says it wrongly."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.errors import DefinitionError
from ostiary.domain.people import UNKNOWN
from ostiary.domain.request import InlinePerson
from ostiary.domain.tables import Phase
from ostiary.rulebook.suite_file import CellTest, QuestionTest, StoryTest, Suite, read_suite
from ostiary.rulebook.suite_text import write_suite

FILE = Path("somewhere/some_test.yaml")
CELL = """
suite: who decides
fixtures:
  base:
    phase: approver_resolution
    given: {primary: none, fallback: some, alternates: "off", alternate_fallback: none}
  own: {from: base, given: {primary: only_own}}
tests:
"""


def suite_of(text: str) -> Suite:
    return read_suite(text.encode(), FILE)


def faults_of(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        suite_of(text)
    return [str(fault).removeprefix(f"{FILE}:") for fault in caught.value.faults]


def test_a_fixture_lies_below_another_and_below_the_test() -> None:
    text = CELL + "  - {name: a, use: own, given: {fallback: none}, want: {deciders: nobody}}\n"
    (test,) = suite_of(text).tests
    assert isinstance(test, CellTest)
    assert test.phase is Phase.APPROVER_RESOLUTION
    assert test.given == {
        "primary": "only_own",
        "fallback": "none",
        "alternates": "off",
        "alternate_fallback": "none",
    }
    assert test.given_places["primary"].line == 7
    assert [(one.name, one.value) for one in test.wants] == [("deciders", "nobody")]
    assert (test.place.line, test.wants[0].place.column) == (9, 67)


def test_a_matrix_gives_one_test_for_each_combination_named_by_it() -> None:
    text = CELL + (
        "  - name: a\n    use: own\n    want: {deciders: fallback}\n"
        "    matrix: {primary: [none, unusable], alternate_fallback: any}\n"
    )
    assert [one.name for one in suite_of(text).tests] == [
        f"a [primary: {primary}, alternate_fallback: {word}]"
        for primary in ("none", "unusable")
        for word in ("some", "none", "unknown")
    ]


def test_cases_of_a_matrix_are_parts_of_tests_with_names() -> None:
    text = CELL + (
        "  - name: a\n    use: own\n    matrix:\n      cases:\n"
        "        - {name: nobody stands in, given: {fallback: none}, want: {deciders: nobody}}\n"
        "        - {given: {fallback: unknown}, want: {deciders: unknown}}\n"
    )
    first, second = suite_of(text).tests
    assert first.name == "a [nobody stands in]"
    assert second.name == "a [given: fallback: unknown, want: deciders: unknown]"
    assert isinstance(second, CellTest)
    assert second.wants[0].value == "unknown"


def test_a_matrix_reaches_into_lists_and_new_fields() -> None:
    text = """
suite: s
tests:
  - name: a
    begins: 2031-03-10
    steps: [{who: emil, does: request, package: p, want: {holds: {emil: [p]}}}]
    matrix: {steps.0.who: [emil, mona], steps.0.policy: [one]}
"""
    tests = suite_of(text).tests
    assert [one.name for one in tests] == [
        "a [steps.0.who: emil, steps.0.policy: one]",
        "a [steps.0.who: mona, steps.0.policy: one]",
    ]
    assert isinstance(tests[1], StoryTest)
    act = tests[1].steps[0].act
    assert act is not None
    assert (act.who, act.policy) == ("mona", "one")


def test_a_question_is_asked_as_evaluate_knows_it() -> None:
    text = """
suite: s
tests:
  - name: a
    at: 2031-03-10T09:00Z
    ask:
      package: p
      requestor: {id: ext, type: external, groups: [], manager: none}
      answers: {order: [PO-1]}
      holdings: {assigned: [q]}
      counters: {assignments_per_tenant: 3}
    want:
      outcome: DENY
      reasons: [NOT_IN_SCOPE, {code: NO_POLICY, policy: x}]
      approvers: [[mona], dana]
      deadlines: [P30D, 2031-04-01]
      lacks: {actions: [GRANT]}
"""
    (test,) = suite_of(text).tests
    assert isinstance(test, QuestionTest)
    person = test.request.requestor
    assert isinstance(person, InlinePerson)
    assert (person.groups, person.manager, person.sponsors) == ((), None, UNKNOWN)
    assert test.request.holdings.assigned == ("q",)
    wants: dict[str, Any] = {one.name: one.value for one in test.wants}
    assert wants["reasons"] == ({"code": wants["reasons"][0]["code"]}, wants["reasons"][1])
    assert wants["approvers"] == (("mona",), ("dana",))
    assert wants["deadlines"] == (timedelta(days=30), datetime(2031, 4, 1, tzinfo=UTC))
    assert [list(one) for one in wants["lacks actions"]] == [["type"]]


def test_steps_count_from_the_beginning_or_from_the_step_before() -> None:
    text = """
suite: s
tests:
  - name: a
    begins: 2031-03-10T09:00Z
    steps:
      - {who: emil, does: request, package: p, label: first}
      - {at: P14D, want: {requests: {first: DENIED}}}
      - {after: PT1H, who: dana, does: approve, of: first, refused: NOT_APPROVER}
      - {at: 2031-04-01, want: {holds: {emil: []}}}
"""
    (test,) = suite_of(text).tests
    assert isinstance(test, StoryTest)
    start = datetime(2031, 3, 10, 9, tzinfo=UTC)
    assert [step.at for step in test.steps] == [
        start,
        start + timedelta(days=14),
        start + timedelta(days=14, hours=1),
        datetime(2031, 4, 1, tzinfo=UTC),
    ]
    assert [step.refused for step in test.steps] == ["", "", "NOT_APPROVER", ""]


@pytest.mark.parametrize(
    ("tests", "want"),
    [
        pytest.param(
            "  - {name: a, use: bass, want: {deciders: nobody}}",
            ["9:20: UNKNOWN_REFERENCE: tests[0].use: no fixture `bass`; did you mean `base`?"],
            id="a fixture that is not there",
        ),
        pytest.param(
            "  - {name: a, use: base, given: {fallbak: none, primary: nine}, want: {decider: x}}",
            [
                "9:34: UNKNOWN_FIELD: tests[0].given: no fact `fallbak` in approver_resolution;"
                " did you mean `fallback`?",
                "9:58: UNKNOWN_VALUE: tests[0].given.primary: `nine` is not one of some, only_own,"
                " none, unusable, unknown; did you mean `none`?",
                "9:72: UNKNOWN_FIELD: tests[0].want: no such field here: `decider`;"
                " did you mean `deciders`?",
            ],
            id="everything that is wrong with a test at once",
        ),
        pytest.param(
            "  - {name: a, use: base, want: {scope: in, visible: maybe}}",
            [
                "9:33: INVALID_MODEL: tests[0].want: phase approver_resolution gives no `scope`,"
                " only deciders, escalation, rules, fired, reason, cause, fact",
                "9:44: INVALID_MODEL: tests[0].want: phase approver_resolution gives no `visible`,"
                " only deciders, escalation, rules, fired, reason, cause, fact",
                "9:53: UNKNOWN_VALUE: tests[0].want.visible: `maybe` is not one of yes, no",
            ],
            id="answers of another phase",
        ),
        pytest.param(
            "  - {name: a, use: base, want: {}}\n"
            "  - {name: a, use: base, want: {deciders: nobody}}",
            [
                "9:32: INVALID_MODEL: tests[0].want: says nothing",
                "10:12: DUPLICATE: tests[1].name: another test is called `a`, see line 9",
            ],
            id="a test that wants nothing, and two of one name",
        ),
        pytest.param(
            "  - {name: a, use: base, ask: {}, want: {}}\n  - just text\n  - {name: b}",
            [
                "9:5: INVALID_MODEL: tests[0]: is a test of a cell with `phase`, of a question"
                " with `ask`, or has `steps`; it cannot have `phase` and `ask`",
                "10:5: INVALID_MODEL: tests[1]: must be a mapping",
                "11:5: INVALID_MODEL: tests[2]: is a test of a cell with `phase`, of a question"
                " with `ask`, or has `steps`",
            ],
            id="neither one thing nor the other",
        ),
        pytest.param(
            "  - {name: a, use: base, matrix: {primary: [], want.deciders.x.y: [1], cases: [1]},"
            " want: {deciders: nobody}}",
            [
                "9:44: INVALID_MODEL: tests[0].matrix.primary: must be a list of values, not empty",
                "9:80: INVALID_MODEL: tests[0].matrix.cases: must be a mapping: a part of the test",
            ],
            id="a matrix of nothing",
        ),
        pytest.param(
            "  - {name: a, use: base, matrix: {want.deciders.x: [1]}, want: {deciders: nobody}}",
            [
                "9:35: INVALID_MODEL: tests[0].matrix: the test has nothing at"
                " `want.deciders.x` that could be set",
            ],
            id="a matrix of what is not there",
        ),
        pytest.param(
            "  - {name: a, begins: 2031-03-10, steps: [{at: P1D, who: emil}, {at: PT1H, does: deny,"
            " who: x, of: gone, want: {requests: {a: DENID}}}]}",
            [
                "9:43: INVALID_MODEL: tests[0].steps[0]: neither does nor wants anything",
                "9:53: INVALID_MODEL: tests[0].steps[0].who: says nothing without `does`",
                "9:70: INVALID_MODEL: tests[0].steps[1].at: lies before the step before it:"
                " 2031-03-10T01:00:00+00:00",
                "9:100: INVALID_MODEL: tests[0].steps[1].of: no act before bears the label `gone`",
                "9:127: UNKNOWN_VALUE: tests[0].steps[1].want.requests[a].state: `DENID` is not one"
                " of SUBMITTED, PENDING_APPROVAL, SCHEDULED, DELIVERING, DELIVERED,"
                " PARTIALLY_DELIVERED, DELIVERY_FAILED, DENIED, CANCELED; did you mean `DENIED`?",
            ],
            id="steps that do nothing, run backwards or look for what is not there",
        ),
    ],
)
def test_faults_have_places(tests: str, want: list[str]) -> None:
    errors = [fault for fault in faults_of(CELL + tests) if " UNUSED:" not in fault]
    assert errors == want


def test_a_fault_of_a_fixture_is_told_once_however_many_use_it() -> None:
    text = CELL.replace("only_own", "only_mine") + "".join(
        f"  - {{name: t{number}, use: own, want: {{deciders: nobody}}}}\n" for number in range(9)
    )
    (fault,) = faults_of(text)
    assert fault.startswith("7:38: UNKNOWN_VALUE: tests[0].given.primary: `only_mine`")


def test_fixtures_in_a_circle_are_refused() -> None:
    text = (
        "suite: s\nfixtures: {a: {from: b}, b: {from: c}, c: {from: b}, d: {from: gone}, e: []}\n"
        "tests: [{name: t, use: a, phase: limits, given: {}, want: {outcome: grant}}]"
    )
    assert [fault for fault in faults_of(text) if " UNUSED:" not in fault] == [
        "2:26: INVALID_MODEL: fixtures[b]: these fixtures inherit from each other:"
        " `b` from `c` from `b`",
        "2:64: UNKNOWN_REFERENCE: fixtures[d].from: no fixture `gone`",
        "2:74: INVALID_MODEL: fixtures[e]: must be a mapping",
    ]


def test_a_fixture_that_nothing_uses_is_worth_a_warning() -> None:
    text = CELL + "  - {name: a, use: base, want: {deciders: fallback}}"
    (warning,) = suite_of(text).warnings
    assert str(warning).endswith("UNUSED: fixtures[own]: no test and no fixture uses `own`")


def test_hostile_files_end_in_faults() -> None:
    chain = "\n".join(f"  f{n}: {{from: f{n + 1}, x{n}: 1}}" for n in range(20_000))
    text = (
        f"suite: s\nfixtures:\n{chain}\n  f20000: {{phase: limits}}\ntests: [{{name: t, use: f0}}]"
    )
    assert any("LIMIT_EXCEEDED" in fault for fault in faults_of(text))
    axes = ", ".join(f"a{n}: [1, 2, 3, 4]" for n in range(20))
    huge = CELL + f"  - {{name: a, use: own, want: {{deciders: nobody}}, matrix: {{{axes}}}}}"
    assert any("gives more than 10,000 combinations" in fault for fault in faults_of(huge))
    path = ".".join("x" * 400)
    deep = CELL + f"  - {{name: a, use: own, want: {{}}, matrix: {{{path}: [1]}}}}"
    assert any("too long a way" in fault for fault in faults_of(deep))
    wide = CELL + (
        "  - name: a\n    use: own\n    want: {deciders: nobody}\n    matrix:\n"
        f"      primary: [{', '.join(['none'] * 5_000)}]\n"
        f"      given.fallback: [[{', '.join(['x'] * 50_000)}]]\n"
    )
    begun = time.monotonic()
    assert faults_of(wide)
    assert time.monotonic() - begun < 30
    ages = "tests: [{name: t, begins: 2031-01-01, steps: [{at: P60000D, want: {holds: {}}}]}]"
    (told,) = faults_of(f"suite: s\n{ages}")
    assert told.endswith("tests[0].steps[0].at: a story lasts at most 50 years")
    never = ages.replace("2031-01-01", "8999-01-01").replace("P60000D", "P9999999D")
    assert "beyond the end of all calendars" in faults_of(f"suite: s\n{never}")[0]
    nested = "suite: s\ntests: " + "[" * 100 + "]" * 100
    assert faults_of(nested) == ["2:71: TOO_DEEP: nested deeper than 64 levels"]
    bomb = "suite: s\na: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(9)
    )
    assert any("ALIAS_EXPANSION" in fault for fault in faults_of(bomb))


@pytest.mark.parametrize(
    "text", ["suite: s\ntests: []", "suite: s\ntests: {}", "[]", "suite: s", "tests: [1]"]
)
def test_a_suite_without_tests_is_a_fault(text: str) -> None:
    assert faults_of(text)


def test_what_is_written_is_read_back_the_same() -> None:
    at = datetime(2031, 3, 10, 9, 30, tzinfo=UTC)
    tests: list[dict[str, Any]] = [
        {
            "name": "a cell: with signs # and no",
            "phase": Phase.LIMITS,
            "given": {"held": "nothing", "counters": "below"},
            "want": {"outcome": "grant", "eligible": "yes", "fired": ["limits.automatic"]},
        },
        {
            "name": "a question",
            "at": at,
            "ask": {
                "package": "p",
                "requestor": {"id": "x", "groups": [], "manager": "none", "attributes": {}},
                "justification": 'says "no"\nand ends: so',
            },
            "want": {"outcome": "DENY", "visible": False, "deadlines": [timedelta(days=-1)]},
        },
    ]
    text = write_suite("found by proof", tests, remarks=["found"], tenant=None)
    first, second = suite_of(text).tests
    assert isinstance(first, CellTest)
    assert isinstance(second, QuestionTest)
    assert first.name == "a cell: with signs # and no"
    assert first.given == tests[0]["given"]
    assert [one.value for one in first.wants] == ["grant", "yes", ("limits.automatic",)]
    assert second.request.at == at
    assert second.request.justification == 'says "no"\nand ends: so'
    assert [one.value for one in second.wants][1:] == [False, (timedelta(days=-1),)]


def test_what_no_suite_can_hold_is_not_written() -> None:
    with pytest.raises(TypeError, match="cannot hold a float"):
        write_suite("s", [{"name": 1.5}])


def test_a_cell_may_be_told_in_part() -> None:
    (test,) = suite_of("""
suite: parts
tests:
  - name: a
    phase: lifecycle
    given: {approval: required, end: dated}
    want: {includes: {actions: [{schedule: GRANT, at: assignment_start}]}, lacks: {fired: x}}
""").tests
    assert isinstance(test, CellTest)
    wants = {want.name: want.value for want in test.wants}
    assert wants == {
        "includes actions": ({"schedule": ActionKind.GRANT, "at": Moment.ASSIGNMENT_START},),
        "lacks fired": ("x",),
    }
