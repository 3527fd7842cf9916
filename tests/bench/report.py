"""The report: on the terminal, and as the page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable

from tests.bench.figures import MOST_FOREIGN, Part, Table, Target

_NOISY = (
    f"NOISY: others used more than {MOST_FOREIGN} cores, or a server did not get its own. "
    "The scheduler does not share such a loss evenly, so neither PASS nor FAIL can be said; "
    "run the bench on an idle machine."
)
TARGET_COLUMNS = ("target", "wanted", "found", "verdict")


def show(console: Console, part: Part) -> None:
    """Print the tables and verdicts of one half of the bench."""
    for table in _tables(part):
        console.print(_rich(table))
        if table.note:
            console.print(table.note, style="dim")
        console.print()


def markdown(part: Part) -> str:
    """The same tables in Markdown."""
    return "\n".join(_markdown(table) for table in _tables(part))


def _tables(part: Part) -> tuple[Table, ...]:
    return (*part.tables, verdicts(part.targets)) if part.targets else part.tables


def verdicts(targets: Sequence[Target]) -> Table:
    """One line for each target."""
    return Table(
        "Targets",
        TARGET_COLUMNS,
        tuple((one.name, one.wanted, one.found, one.verdict) for one in targets),
        "" if all(one.sound for one in targets) else _NOISY,
    )


def _rich(table: Table) -> RichTable:
    drawn = RichTable(title=table.title, title_justify="left")
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="left" if number == 0 else "right")
    for row in table.rows:
        style = "bold red" if {"FAIL", "NOISY"} & set(row) else None
        drawn.add_row(*row, style=style)
    return drawn


def _markdown(table: Table) -> str:
    lines = [
        f"### {table.title}",
        "",
        _line(table.columns),
        _line(["---", *["---:"] * (len(table.columns) - 1)]),
        *map(_line, table.rows),
        "",
    ]
    return "\n".join([*lines, *([table.note, ""] if table.note else [])])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
