"""What a rule pack does in all its cells: how many there are, and what is wrong in which."""

from __future__ import annotations

from typing import Any

import msgspec

from ostiary.domain.errors import Fault

# Facts with words; a fact that does not matter is left out. Empty: all cells.
Where = dict[str, tuple[str, ...]]


def in_words(where: Where) -> str:
    """Give cells as a reader wants them: `route: direct, scope: none or automatic`."""
    parts = [f"{fact}: {' or '.join(words)}" for fact, words in where.items()]
    return ", ".join(parts) or "always"


def counted(cells: int) -> str:
    """Give a number of cells in words."""
    return "1 cell" if cells == 1 else f"{cells:,} cells"


class Silence(msgspec.Struct, frozen=True):
    """Cells in which no rule gives an answer, with examples that cannot be widened."""

    answer: str
    cells: int
    where: tuple[Where, ...]

    def __str__(self) -> str:
        places = "; ".join(map(in_words, self.where))
        return f"no rule says `{self.answer}` in {counted(self.cells)}: {places}"


class DeadRule(msgspec.Struct, frozen=True):
    """A rule that fires in no cell."""

    rule: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"`{self.rule}` ({self.file}:{self.line}) never fires"


class Conflict(msgspec.Struct, frozen=True):
    """Two rules of one step that contradict each other in some cells."""

    answer: str
    rules: tuple[str, str]
    cells: int
    where: Where

    def __str__(self) -> str:
        one, other = self.rules
        cells = f"in {counted(self.cells)}: {in_words(self.where)}"
        return f"`{one}` and `{other}` contradict each other on `{self.answer}` {cells}"


class PhaseReport(msgspec.Struct, frozen=True):
    """One phase: the three lists are empty in a pack that is accepted."""

    phase: str
    cells: int
    rules: int
    silent: tuple[Silence, ...] = ()
    never_fired: tuple[DeadRule, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class PackReport(msgspec.Struct, frozen=True):
    """All phases in order; `faults` says why the pack would be refused, and its warnings."""

    phases: tuple[PhaseReport, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def accepted(self) -> bool:
        """Say whether the pack can be used."""
        return all(fault.severity == "warning" for fault in self.faults)

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain lists and mappings, ready to be written as JSON."""
        return {"phases": msgspec.json.decode(msgspec.json.encode(self.phases))}
