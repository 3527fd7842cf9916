"""Tables: verdicts by steps, numbering of cells, look-ups, and loading a whole pack."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Conclusion, Phase, PhaseTable
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.progress import progress_bar
from ostiary.rulebook.reference import Reference
from ostiary.rulebook.tabulate import LoadedPack, load_pack, report_pack, standard_pack_dir
from tests.packs.building import SMALL, changed


@pytest.fixture(scope="module")
def small() -> LoadedPack:
    """The small pack, loaded through the engine."""
    return load_pack(SMALL, cache=None)


def cell_of(table: PhaseTable, **facts: str) -> int:
    """The number of the cell with these facts; all others have their first word."""
    return sum(table.offset(fact, word) for fact, word in facts.items())


@pytest.mark.parametrize(
    ("facts", "answer", "decider", "fired"),
    [
        pytest.param(
            {"scope": "all_members", "contractor": "no"},
            Conclusion("in"),
            "scope.members",
            ["scope.members", "scope.others"],
            id="a rule of an earlier step decides",
        ),
        pytest.param(
            {"policy": "disabled", "scope": "all_members", "contractor": "no"},
            Conclusion("out", Code.POLICY_DISABLED),
            "scope.disabled",
            ["scope.disabled", "scope.members", "scope.others"],
            id="the first step decides over all others",
        ),
        pytest.param(
            {"person": "unknown"},
            Conclusion("unknown", fact="type"),
            "scope.type-unknown",
            ["scope.type-unknown", "scope.others"],
            id="a missing fact is named",
        ),
        pytest.param(
            {"scope": "all_members", "contractor": "yes"},
            Conclusion("out", Code.NOT_IN_SCOPE, Cause.NO_MATCH),
            "scope.others",
            ["scope.others"],
            id="a predicate is a fact",
        ),
    ],
)
def test_the_verdict_of_a_cell(
    small: LoadedPack, facts: dict[str, str], answer: Conclusion, decider: str, fired: list[str]
) -> None:
    """S-46: the same facts always give the same answer, by the rules in the file."""
    table = small.tables.phases[Phase.REQUESTOR_SCOPE]
    row = table.row(cell_of(table, **facts))
    assert row.answers == (answer,)
    assert [rule.id for rule in row.deciders] == [decider]
    assert [rule.id for rule in row.fired] == fired
    assert row.actions == ()


def test_each_answer_has_its_own_decider(small: LoadedPack) -> None:
    table = small.tables.phases[Phase.LIMITS]
    row = table.row(cell_of(table, counters="reached"))
    assert [answer.word for answer in row.answers] == ["refuse", "yes"]
    assert [rule.id for rule in row.deciders] == ["limits.counters", "limits.eligible"]
    assert tuple(VOCABULARY[Phase.LIMITS].answers) == ("outcome", "eligible")


def test_all_actions_that_are_scheduled_count(small: LoadedPack) -> None:
    table = small.tables.phases[Phase.LIFECYCLE]
    row = table.row(0)
    assert row.answers == ()
    assert row.deciders == ()
    assert [(action.rule.id, action.kind, action.moment) for action in row.actions] == [
        ("plan.stages", ActionKind.OPEN_STAGE, Moment.STAGE_OPENED),
        ("plan.stages", ActionKind.TIME_OUT_STAGE, Moment.STAGE_TIME_OUT),
        ("plan.grant", ActionKind.GRANT, Moment.ASSIGNMENT_START),
        ("plan.expire", ActionKind.EXPIRE_ASSIGNMENT, Moment.ASSIGNMENT_END),
    ]


def test_cells_are_sums_of_offsets(small: LoadedPack) -> None:
    table = small.tables.phases[Phase.REQUESTOR_SCOPE]
    assert list(table.facts) == ["policy", "scope", "person", "contractor"]
    assert [table.offset(fact, words[1]) for fact, words in table.facts.items()] == [108, 12, 3, 1]
    assert table.offset("route", "direct") == 0  # not declared by this pack
    for cell in range(table.cells):
        facts = table.facts_of(cell)
        assert sum(table.offset(fact, word) for fact, word in facts) == cell
        assert table.row(cell).cell == cell


def test_a_word_that_no_fact_has_is_no_cell(small: LoadedPack) -> None:
    table = small.tables.phases[Phase.REQUESTOR_SCOPE]
    with pytest.raises(KeyError):
        table.offset("policy", "odd")
    for cell in (-1, table.cells):
        with pytest.raises(IndexError):
            table.row(cell)
        with pytest.raises(IndexError):
            table.facts_of(cell)


def test_a_row_is_made_once(small: LoadedPack) -> None:
    table = small.tables.phases[Phase.REQUESTOR_SCOPE]
    assert table.row(7) is table.row(7)
    same = [table.row(cell) for cell in (0, 1)]
    assert same[0].fired is same[1].fired
    assert same[0].answers is same[1].answers


def test_the_report_of_a_sound_pack(small: LoadedPack) -> None:
    assert small.report.accepted
    phases = small.report.to_json()["phases"]
    assert [(phase["phase"], phase["cells"], phase["rules"]) for phase in phases] == [
        ("requestor_scope", 216, 5),
        ("policy_selection", 1_080, 8),
        ("approver_resolution", 15, 4),
        ("limits", 540, 9),
        ("lifecycle", 4, 3),
    ]
    for phase in phases:
        assert phase["silent"] == phase["never_fired"] == phase["conflicts"] == []
    assert report_pack(SMALL, cache=None) == small.report


def test_warnings_do_not_refuse_a_pack(tmp_path: Path) -> None:
    late = "      - id: limits.late\n        for: Too late.\n        when: {held: assigned}\n"
    late += '        then: {eligible: "yes"}\n'
    text = "      - id: limits.eligible\n"
    with load_pack(changed(tmp_path, "limits", text, late + text), cache=None) as loaded:
        (warning,) = loaded.faults
    assert warning.severity == "warning"
    assert warning.code == "OVERRULED"


def test_one_changed_word_changes_the_decision(tmp_path: Path) -> None:
    folder = changed(tmp_path, "requestor_scope", "person: guest}", "person: [guest, external]}")
    facts = {"scope": "all_directory_users", "person": "external"}
    with load_pack(folder, cache=None) as wider, load_pack(SMALL, cache=None) as narrow:
        words = []
        for loaded in (narrow, wider):
            table = loaded.tables.phases[Phase.REQUESTOR_SCOPE]
            words.append(table.row(cell_of(table, **facts)).answers[0].word)
        assert words == ["out", "in"]
        assert wider.tables.digest != narrow.tables.digest


def test_the_standard_pack_has_nothing_to_report() -> None:
    """S-25, S-46: no silent cell, no dead rule, no conflict, no unknown fact that admits."""
    with load_pack(standard_pack_dir()) as loaded:
        assert loaded.faults == ()
        assert set(loaded.tables.phases) == set(Phase)
        for phase in loaded.report.phases:
            assert phase.cells > 0
            assert [*phase.silent, *phase.never_fired, *phase.conflicts] == []
            assert phase.cells == loaded.tables.phases[Phase(phase.phase)].cells


def test_a_look_up_takes_less_than_a_microsecond(small: LoadedPack) -> None:
    row = small.tables.phases[Phase.REQUESTOR_SCOPE].row
    row(5)
    best = min(_seconds(lambda: [row(5) for _ in range(10_000)]) for _ in range(5))
    assert best / 10_000 < 1e-6


def test_the_reference_takes_less_than_a_microsecond_a_cell() -> None:
    with load_pack(standard_pack_dir()) as loaded:
        cells = sum(phase.cells for phase in loaded.report.phases)
    pack = read_pack(standard_pack_dir(), FaultList())
    assert pack is not None
    evaluators = [Reference(phase) for phase in pack.phases.values()]
    best = min(_seconds(lambda: [each.all_cells() for each in evaluators]) for _ in range(5))
    assert best / cells < 1e-6


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "wanted", "wait", "shown"),
    [
        pytest.param(Terminal(), True, 0.0, True, id="a terminal and slow work"),
        pytest.param(Terminal(), True, 60.0, False, id="quick work"),
        pytest.param(Terminal(), False, 0.0, False, id="not wanted"),
        pytest.param(io.StringIO(), True, 0.0, False, id="no terminal"),
    ],
)
def test_the_progress_bar(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, wanted: bool, wait: float, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("ostiary.rulebook.progress.PATIENCE", wait)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar(100, wanted=wanted) as advance:
        advance(50)
        advance(50)
    assert ("100/100" in stream.getvalue()) is shown
    assert stream.getvalue() == "" or shown
