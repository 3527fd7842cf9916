"""Mutants as people read them: a table of what came of them, then each survivor with its diff."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table

from ostiary.analysis.mutation.mutants import Fate
from ostiary.analysis.mutation.report import MutationReport, Survivor
from ostiary.cli.terminal import BOLD, DIM, heading, show, styled
from ostiary.rulebook.suite_text import write_tests

_GONE, _COME = "red", "green"


def show_mutants(screen: Console, report: MutationReport) -> None:
    """Print the counts of each operator, and the survivors in the order of the files."""
    screen.print(styled(f"Mutants of {report.target}", BOLD), soft_wrap=True)
    screen.print()
    show(screen, _table(report))
    screen.print()
    screen.print(styled(f"  {_sum(report)}"), soft_wrap=True)
    for one in report.unexplained:
        _show_survivor(screen, report.target, one)
    accepted = [one for one in report.survivors if one.accepted is not None]
    if accepted:
        heading(screen, "Survivors that mutants.yaml explains")
    for one in accepted:
        screen.print(styled(f"  {one.tried.id}: {one.accepted}"), soft_wrap=True)
    screen.print()


def _table(report: MutationReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for at, title in enumerate(("mistake", *(fate.value for fate in Fate))):
        table.add_column(styled(title, DIM), justify="right" if at else "left", no_wrap=True)
    for one in report.operators:
        counts = [getattr(one, fate.value) for fate in Fate]
        table.add_row(styled(one.operator), *(styled(f"{count:,}") for count in counts))
    totals = [report.total(fate) for fate in Fate]
    table.add_row(styled("all", BOLD), *(styled(f"{count:,}", BOLD) for count in totals))
    return table


def _sum(report: MutationReport) -> str:
    score = math.floor(report.score * 10) / 10
    survived = report.total(Fate.SURVIVED)
    explained = survived - len(report.unexplained)
    text = f"{score:.1f} % of the mistakes are seen; {survived} survive"
    return text + (f", {explained} of them explained" if explained else "")


def _show_survivor(screen: Console, folder: str, one: Survivor) -> None:
    heading(screen, one.tried.id)
    tried = one.tried
    lines = [(f"  {tried.sentence}", "")]
    lines.append((f"  {folder}/{tried.change.file}:{tried.change.line}", DIM))
    lines += [(f"  - {line}", _GONE) for line in tried.change.removed]
    lines += [(f"  + {line}", _COME) for line in tried.change.added]
    if one.shows:
        lines.append((f"  It shows in {one.shows}.", ""))
        lines.append((f"  {one.before}; the mutant: {one.after}", ""))
    for text, style in lines:
        screen.print(styled(text, style), soft_wrap=True)
    if one.test is not None:
        screen.print(styled("  This test would see it:", DIM))
        for line in write_tests([one.test]).splitlines():
            screen.print(styled(f"  {line}"), soft_wrap=True)
