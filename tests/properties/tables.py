"""Phase tables that say something else than the engine that worked them out."""

from __future__ import annotations

from collections.abc import Callable

from ostiary.domain.tables import PhaseTable, Row

Change = Callable[[int, Row], Row]  # gives what a cell says otherwise


class Otherwise:
    """A phase table whose rows are changed."""

    def __init__(self, table: PhaseTable, change: Change) -> None:
        self._table = table
        self._change = change
        self.phase = table.phase
        self.facts = table.facts
        self.cells = table.cells

    def offset(self, fact: str, word: str) -> int:
        """As before."""
        return self._table.offset(fact, word)

    def facts_of(self, cell: int) -> tuple[tuple[str, str], ...]:
        """As before."""
        return self._table.facts_of(cell)

    def row(self, cell: int) -> Row:
        """What the cell says otherwise."""
        return self._change(cell, self._table.row(cell))
