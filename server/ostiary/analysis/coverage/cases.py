"""Test synthesis: cells that no test looked at, as tests that say what the rules say there now.

Whoever takes such a test over makes it their own: it holds the rules to what they do today, and
whether that is right is for a reader to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ostiary.analysis.coverage.boxes import Aspect, Box, aspects, boxes_of
from ostiary.analysis.coverage.pack import PackCoverage, PhaseCoverage
from ostiary.domain.tables import Conclusion
from ostiary.rulebook.cell_checks import PhaseLogic, logic_of
from ostiary.rulebook.pack import Pack, PackRule
from ostiary.rulebook.suite_text import write_suite
from ostiary.rulebook.verdicts import numbers_of

MOST_TESTS = 15_000  # in a file, with all combinations; a suite may hold 20,000

Case = dict[str, Any]
_REMARKS = (
    "Written by `ostiary test --coverage --write-missing`: what the rules say now.",
    "Read what you keep: a test that nobody has read holds mistakes in place, too.",
)


class NewSuite(msgspec.Struct, frozen=True):
    """A suite to be written: what it is for, and its text."""

    name: str  # of the file, without its ending
    tests: int  # with all combinations
    text: str


def case_of(logic: PhaseLogic, cell: int, name: str) -> Case:
    """Give the test of one cell of a phase that is prepared."""
    verdict = logic.judge.verdict(logic.reference.fired(cell))
    want: Case = {}
    if logic.judge.schedules:
        want["actions"] = [
            {"schedule": one.kind.value, "at": one.moment.value} for one in verdict.actions
        ]
    for answer, said in zip(logic.judge.answers, verdict.answers, strict=False):
        want[answer] = said.word
    for said in verdict.answers:
        want.update(_beside(said))
    want["rules"] = list(dict.fromkeys(rule.id for rule in verdict.deciders or verdict.fired))
    given = dict(logic.phase.facts_of(cell))
    return {"name": name, "phase": logic.phase.phase.value, "given": given, "want": want}


def cell_among(logic: PhaseLogic, cell: int) -> Case:
    """Give the test of one cell, named after the rules that decide there and its facts."""
    verdict = logic.judge.verdict(logic.reference.fired(cell))
    deciding = list(dict.fromkeys(rule.id for rule in verdict.deciders or verdict.fired))
    facts = ", ".join(word for _, word in logic.phase.facts_of(cell))
    verb = "decide" if len(deciding) > 1 else "decides"
    return case_of(logic, cell, f"{_names(deciding) or 'no rule'} {verb}: {facts}")


def suites_for_rules(pack: Pack, coverage: PackCoverage) -> list[NewSuite]:
    """Give a suite for each phase with the fewest cells in which every missing rule speaks."""
    found = []
    for one in coverage.phases:
        if one.for_rules:
            logic = logic_of(pack.phases[one.phase])
            cases = [cell_among(logic, missing.cell) for missing in one.for_rules]
            title = f"rules of {one.phase.value} that no test reached"
            found.append(suite_of(f"{one.phase.value}_rules", title, cases, len(cases)))
    return found


def suites_for_classes(pack: Pack, coverage: PackCoverage) -> list[NewSuite]:
    """Give suites that look at a cell of each class that is reached neither now nor by its rules.

    Cells that say one thing are put together in a matrix; see `boxes`.
    """
    found: list[NewSuite] = []
    for one in coverage.phases:
        if one.for_classes:
            found += _of_phase(logic_of(pack.phases[one.phase]), one)
    return found


def _of_phase(logic: PhaseLogic, coverage: PhaseCoverage) -> list[NewSuite]:
    cells = [missing.cell for missing in coverage.for_classes]
    parts = aspects(logic)
    # One part looks at every cell; the others need only what their own rules tell apart.
    whole = max(parts, key=lambda part: part.rules.bit_count())
    boxes = []
    for part in parts:
        looked = cells if part is whole else _told_apart(logic, part, cells)
        boxes += boxes_of(logic, part, looked)
    phase = logic.phase.phase.value
    suites: list[NewSuite] = []
    first = 0
    for last in _ends(boxes):
        chosen = boxes[first:last]
        cases = [_box_case(logic, box, first + at + 1) for at, box in enumerate(chosen)]
        number = "" if len(suites) == 0 and last == len(boxes) else f"_{len(suites) + 1}"
        title = f"cells of {phase} that no test looked at"
        if number:
            title += f", part {len(suites) + 1}"
        tests = sum(box.cells for box in chosen)
        suites.append(suite_of(f"{phase}_cells{number}", title, cases, tests))
        first = last
    return suites


def _told_apart(logic: PhaseLogic, part: Aspect, cells: Iterable[int]) -> list[int]:
    first: dict[int, int] = {}
    for cell in cells:
        first.setdefault(logic.reference.fired(cell) & part.rules, cell)
    return list(first.values())


def _ends(boxes: list[Box]) -> list[int]:
    """Give where each file ends, so that none holds too many tests."""
    ends, tests = [], 0
    for at, box in enumerate(boxes):
        if tests and tests + box.cells > MOST_TESTS:
            ends.append(at)
            tests = 0
        tests += box.cells
    return [*ends, len(boxes)]


def _box_case(logic: PhaseLogic, box: Box, number: int) -> Case:
    """Give the test of a box: a matrix of the facts that have several words."""
    given: Case = {}
    matrix: Case = {}
    for fact, domain in logic.phase.facts:
        words = box.words[fact]
        if len(words) == 1:
            given[fact] = words[0]
        else:
            matrix[fact] = "any" if len(words) == len(domain) else list(words)
    rules = [logic.phase.rules[at] for at in numbers_of(box.deciding)]
    want = _of_answer(rules[0], box.aspect.answer) if box.aspect.answer else _of_actions(logic, box)
    spoken = _names([rule.rule.id for rule in rules]) or "no rule"
    name = f"{number}. {spoken}"
    return {
        "name": name,
        "phase": logic.phase.phase.value,
        "given": given,
        "matrix": matrix or None,
        "want": want,
    }


def _of_answer(rule: PackRule, answer: str) -> Case:
    said = dict(rule.says)[answer]
    return {answer: said.word, **_beside(said), "rules": [rule.rule.id]}


def _of_actions(logic: PhaseLogic, box: Box) -> Case:
    """Give which actions of the part are scheduled there, and which are not."""
    rules = logic.phase.rules
    scheduled = _actions(rules[at] for at in numbers_of(box.deciding))
    others = _actions(rules[at] for at in numbers_of(box.aspect.rules & ~box.deciding))
    absent = [one for one in others if one not in scheduled]
    return {
        "includes": {"actions": scheduled} if scheduled else None,
        "lacks": {"actions": absent} if absent else None,
    }


def _actions(rules: Iterable[PackRule]) -> list[Mapping[str, str]]:
    return [
        {"schedule": kind.value, "at": at.value} for rule in rules for kind, at in rule.schedules
    ]


def _beside(said: Conclusion) -> Case:
    named: Mapping[str, Any] = {"reason": said.reason, "cause": said.cause, "fact": said.fact}
    return {
        name: value if isinstance(value, str) else value.value
        for name, value in named.items()
        if value is not None
    }


def _names(ids: list[str]) -> str:
    return ids[0] if len(ids) == 1 else ", ".join(ids[:-1]) + f" and {ids[-1]}" if ids else ""


def suite_of(
    name: str, title: str, cases: list[Case], tests: int, remarks: Sequence[str] = _REMARKS
) -> NewSuite:
    """Give a suite with remarks above it."""
    return NewSuite(name, tests, write_suite(title, cases, remarks=remarks))
