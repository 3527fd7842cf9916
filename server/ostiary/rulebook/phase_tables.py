"""Phase tables: all cells worked out beforehand, or each when it is first asked for.

Those of the reference alone are for analysis, which tries packs that nobody serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ostiary.domain.errors import TablesUnavailableError
from ostiary.domain.tables import Phase, Row
from ostiary.rulebook.engine_run import FiredCells, disagreement
from ostiary.rulebook.live_engine import LiveEngine
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.reference import Reference
from ostiary.rulebook.verdicts import Judge, Verdict

MOST_LAZY_ROWS = 250_000


class _Rows(dict[int, Row]):
    """Rows by cell number; a row that is not there is made by `make`."""

    def __init__(self, make: Callable[[int], Row]) -> None:
        self._make = make

    def __missing__(self, cell: int) -> Row:
        # two threads may make the same row: both are equal, and the first is kept
        return self.setdefault(cell, self._make(cell))


class _Table:
    """What both kinds of table have: the numbering of cells, and verdicts by fired rules."""

    def __init__(self, phase: PackPhase) -> None:
        self._pack_phase = phase
        self._judge = Judge(phase)
        self._verdicts: dict[int, Verdict] = {}
        self._offsets: dict[str, dict[str, int]] = {}
        self.phase: Phase = phase.phase
        self.facts: Mapping[str, Sequence[str]] = dict(phase.facts)
        self.cells = phase.cells
        weight = phase.cells
        for fact, words in phase.facts:
            weight //= len(words)
            self._offsets[fact] = {word: at * weight for at, word in enumerate(words)}

    def offset(self, fact: str, word: str) -> int:
        """Give what `word` adds to the cell number; 0 for a fact that the pack does not declare."""
        words = self._offsets.get(fact)
        return 0 if words is None else words[word]

    def facts_of(self, cell: int) -> tuple[tuple[str, str], ...]:
        """Give the facts of a cell as (name, word), in the declared order."""
        return self._pack_phase.facts_of(self._known(cell))

    def _known(self, cell: int) -> int:
        if not 0 <= cell < self.cells:
            raise IndexError(f"phase {self.phase.value} has no cell {cell}")
        return cell

    def _row(self, cell: int, fired: int) -> Row:
        verdict = self._verdicts.get(fired)
        if verdict is None:
            verdict = self._verdicts.setdefault(fired, self._judge.verdict(fired))
        return Row(
            self.phase, cell, verdict.fired, verdict.answers, verdict.deciders, verdict.actions
        )


class EagerTable(_Table):
    """A phase of which every cell is known; a row is made when it is first looked at."""

    def __init__(self, phase: PackPhase, fired: FiredCells) -> None:
        super().__init__(phase)
        self._fired = fired
        # the look-up itself, with nothing of ours around it: tens of nanoseconds
        self.row: Final[Callable[[int], Row]] = _Rows(self._make).__getitem__

    def _make(self, cell: int) -> Row:
        return self._row(cell, self._fired.fired(self._known(cell)))


class ReferenceTable(_Table):
    """A phase as the reference evaluates it, without durable-rules: never one that is in force."""

    def __init__(self, phase: PackPhase, reference: Reference) -> None:
        super().__init__(phase)
        self._reference = reference
        self.row: Final[Callable[[int], Row]] = _Rows(self._make).__getitem__

    def _make(self, cell: int) -> Row:
        return self._row(cell, self._reference.fired(self._known(cell)))


class LazyTable(_Table):
    """A phase too large to be worked out: each cell is asked of the engine and checked."""

    def __init__(self, phase: PackPhase, reference: Reference, engine: LiveEngine) -> None:
        super().__init__(phase)
        self._reference = reference
        self._engine = engine
        self._rows: dict[int, Row] = {}

    def row(self, cell: int) -> Row:
        """Give the row of a cell; raises TablesUnavailableError while the engine is gone."""
        row = self._rows.get(cell)
        if row is None:
            row = self._row(cell, self.fired(self._known(cell)))
            if len(self._rows) >= MOST_LAZY_ROWS:
                self._rows.clear()
            self._rows[cell] = row
        return row

    def fired(self, cell: int) -> int:
        """Give what the engine fires in a cell, once the reference has confirmed it."""
        fired = self._engine.fired(self.phase.value, cell)
        expected = self._reference.fired(cell)
        if fired != expected:
            raise TablesUnavailableError(disagreement(self._pack_phase, cell, fired, expected))
        return fired
