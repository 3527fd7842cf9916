"""Tests of cells: one look-up in the tables of a pack, and what its row says."""

from __future__ import annotations

from typing import Any

from ostiary.analysis.suites.comparing import compared
from ostiary.analysis.suites.report import Mismatch
from ostiary.domain.tables import Conclusion, PhaseTable, Row, Rule, Tables
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.faults import did_you_mean, quoted
from ostiary.rulebook.suite_file import CellTest


class BrokenTestError(Exception):
    """A test cannot be run; `faults` are lines with places."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def cell_of(test: CellTest, tables: Tables) -> int:
    """Give the number of the cell that a test asks; BrokenTestError if the facts name none."""
    table = tables.phases[test.phase]
    faults = _faults(test, table)
    if faults:
        raise BrokenTestError(*faults)
    return sum(table.offset(fact, test.given[fact]) for fact in table.facts)


def _faults(test: CellTest, table: PhaseTable) -> list[str]:
    known = VOCABULARY[test.phase].facts
    found = []
    for fact in test.given:
        if fact not in table.facts and fact not in known:
            near = did_you_mean(fact, table.facts)
            found.append(f"{_at(test, fact)}: the pack has no fact {quoted(fact)} here{near}")
    absent = [fact for fact in table.facts if fact not in test.given]
    if absent:
        place = f"{test.place.file}:{test.place.line}:{test.place.column}"
        listed = ", ".join(map(quoted, absent))
        found.append(f"{place}: no word is given for {listed}, so that it is not one cell")
    return found


def _at(test: CellTest, fact: str) -> str:
    spot = test.given_places[fact]
    return f"{spot.file}:{spot.line}:{spot.column}"


def check_cell(test: CellTest, row: Row) -> list[Mismatch]:
    """Give what the row of the test's cell says otherwise than the test."""
    answers = tuple(VOCABULARY[test.phase].answers)
    asked = [want.name for want in test.wants if want.name in answers]

    def got(field: str, _: Any) -> Any:
        if field in answers:
            return row.answers[answers.index(field)].word
        return _OTHERS[field](row, asked or answers, answers)

    def rules(field: str) -> tuple[Rule, ...]:
        if field in answers:
            return (row.deciders[answers.index(field)],)
        return row.deciders or row.fired

    return compared(test.wants, got, rules)


def _rules(row: Row, asked: list[str], answers: tuple[str, ...]) -> list[str]:
    if not answers:
        return [rule.id for rule in row.fired]
    return list(dict.fromkeys(row.deciders[answers.index(name)].id for name in asked))


def _actions(row: Row) -> list[dict[str, Any]]:
    return [{"schedule": one.kind, "at": one.moment} for one in row.actions]


def _qualifier(row: Row, name: str) -> str:
    found = (getattr(answer, name) for answer in row.answers)
    return next((one for one in found if one is not None), "none")


_OTHERS: Any = {
    "rules": _rules,
    "fired": lambda row, *_: [rule.id for rule in row.fired],
    "actions": lambda row, *_: _actions(row),
    "reason": lambda row, *_: _qualifier(row, "reason"),
    "cause": lambda row, *_: _qualifier(row, "cause"),
    "fact": lambda row, *_: _qualifier(row, "fact"),
}


def cell_as_test(phase_table: PhaseTable, cell: int, *, name: str) -> dict[str, Any]:
    """Give a test of a cell as `suite_text` writes it: its facts, and all that its row says."""
    row = phase_table.row(cell)
    answers = VOCABULARY[row.phase].answers
    want: dict[str, Any] = {
        answer: said.word for answer, said in zip(answers, row.answers, strict=True)
    }
    for said in row.answers:
        want.update(_said(said))
    want["fired"] = [rule.id for rule in row.fired]
    if not answers:
        want["actions"] = _actions(row)
    return {
        "name": name,
        "phase": row.phase.value,
        "given": dict(phase_table.facts_of(cell)),
        "want": want,
    }


def _said(said: Conclusion) -> dict[str, Any]:
    named = {"reason": said.reason, "cause": said.cause, "fact": said.fact}
    return {name: value for name, value in named.items() if value is not None}
