"""`ostiary check --cells`: what every cell of the rules comes to, phase by phase."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ostiary.cli.exits import Exit
from ostiary.cli.folders import refusing
from ostiary.cli.plain import clean
from ostiary.cli.terminal import BOLD, DIM, console, heading, show, styled
from ostiary.rulebook.placing import placed
from ostiary.rulebook.report import PackReport, PhaseReport
from ostiary.rulebook.tabulate import report_pack

_FINE, _WRONG = "green", "bold red"


def show_cells(folder: Path, *, as_json: bool) -> Exit:
    """Print the report of a rule pack; FAULTY if a cell is silent, a rule dead or in conflict."""
    with refusing(folder):
        report = report_pack(folder, progress=sys.stderr.isatty())
    if as_json:
        print(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        _show(console(), folder, report)
    sys.stdout.flush()
    for fault in placed(report.faults, folder):
        print(clean(str(fault)), file=sys.stderr)
    found = any(one.silent or one.never_fired or one.conflicts for one in report.phases)
    return Exit.FAULTY if found or not report.accepted else Exit.DONE


def _show(screen: Console, folder: Path, report: PackReport) -> None:
    screen.print(styled(f"Rule pack {folder}", BOLD))
    screen.print()
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(styled("phase", DIM))
    for title in ("cells", "rules", "silent", "never fired", "conflicts"):
        table.add_column(styled(title, DIM), justify="right")
    for phase in report.phases:
        table.add_row(
            styled(phase.phase),
            styled(f"{phase.cells:,}"),
            styled(str(phase.rules)),
            *(styled(str(len(found)), _WRONG if found else _FINE) for found in _lists(phase)),
        )
    show(screen, table)
    _show_findings(screen, report)
    if not report.accepted:
        screen.print()
        screen.print(styled("The pack is refused; `ostiary check` says why.", _WRONG))


def _lists(phase: PhaseReport) -> tuple[tuple[object, ...], ...]:
    return phase.silent, phase.never_fired, phase.conflicts


def _show_findings(screen: Console, report: PackReport) -> None:
    for phase in report.phases:
        for title, found in zip(("silent", "never fired", "conflicts"), _lists(phase), strict=True):
            if found:
                heading(screen, f"{phase.phase}: {title}")
            for one in found:
                screen.print(styled(f"  {one}"))
