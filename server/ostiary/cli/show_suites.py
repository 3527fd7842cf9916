"""A report of tests as people read it: what failed, with both sides and the places of both."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ostiary.analysis.suites.report import CaseReport, Mismatch, Status, SuitesReport
from ostiary.cli.terminal import BOLD, DIM, grid, show, styled

_MARKS = {
    Status.PASSED: ("ok", "green"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.BROKEN: ("BROKEN", "bold magenta"),
}
_MOST_RULES = 3
_MOST_SHOWN = 10  # tests of one suite that did not pass
_WIDEST_FIELD = 24
_INDENT = " " * 9


def show_report(screen: Console, report: SuitesReport, *, verbose: bool) -> None:
    """Print each suite with the first tests that did not pass, or with all tests, and the sum."""
    files = 0
    for file, group in groupby(report.tests, key=lambda one: one.file):
        tests = list(group)
        files += 1
        screen.print(_heading(file, tests), soft_wrap=True)
        wanted = tests if verbose else [one for one in tests if one.status is not Status.PASSED]
        for one in wanted if verbose else wanted[:_MOST_SHOWN]:
            _show_test(screen, one)
        if not verbose and len(wanted) > _MOST_SHOWN:
            more = f"  and {len(wanted) - _MOST_SHOWN:,} more; --verbose shows them all"
            screen.print(styled(more))
    screen.print()
    screen.print(_sum(report, files))


def _heading(file: str, tests: list[CaseReport]) -> Text:
    text = styled(file, BOLD)
    text.append_text(styled(f"  {tests[0].suite}: {_counted(tests)}"))
    return text


def _counted(tests: Iterable[CaseReport]) -> str:
    listed = list(tests)
    counts = [(sum(one.status is status for one in listed), status.value) for status in Status]
    return ", ".join(f"{number:,} {word}" for number, word in counts if number)


def _sum(report: SuitesReport, files: int) -> Text:
    suites = "1 suite" if files == 1 else f"{files:,} suites"
    tests = "1 test" if len(report.tests) == 1 else f"{len(report.tests):,} tests"
    text = f"{suites}, {tests}: {_counted(report.tests)}"
    return styled(text, "bold green" if report.passed else "bold red")


def _show_test(screen: Console, one: CaseReport) -> None:
    mark, style = _MARKS[one.status]
    line = Text("  ").append_text(styled(f"{mark:7}", style)).append_text(styled(one.name))
    screen.print(line, soft_wrap=True)
    if one.status is Status.PASSED:
        return
    if one.faults:
        for fault in one.faults:
            screen.print(styled(f"{_INDENT}{fault}"), soft_wrap=True)
        return
    width = min(_WIDEST_FIELD, max(len(part) for each in one.mismatches for part in _what(each)))
    _show_row(screen, width, ("", "expected", "got"), DIM)
    for each in one.mismatches:
        _show_row(screen, width, ("\n".join(_what(each)), each.expected, each.got))
        screen.print(styled(f"{_INDENT}{_place(one, each)}", DIM), soft_wrap=True)


def _show_row(screen: Console, width: int, cells: tuple[str, str, str], style: str = "") -> None:
    """Print both sides beside each other, whatever their length."""
    table = grid("flow", "flow", "flow")
    table.columns[0].width = width
    for column in table.columns[1:]:
        column.ratio = 1
    table.expand = True
    table.add_row(*(styled(cell, style) for cell in cells))
    show(screen, table, indent=len(_INDENT))


def _what(each: Mismatch) -> list[str]:
    return [each.what, each.at] if each.at else [each.what]


def _place(one: CaseReport, each: Mismatch) -> str:
    """Give where the test says it, and which rules say otherwise."""
    text = f"{each.place.file}:{each.place.line}:{each.place.column}"
    rules = [f"{rule.id} ({one.rules}/{rule.file}:{rule.line})" for rule in each.rules]
    if not rules:
        return text
    more = f" and {len(rules) - _MOST_RULES} more" if len(rules) > _MOST_RULES else ""
    return f"{text}, decided by {', '.join(rules[:_MOST_RULES])}{more}"
