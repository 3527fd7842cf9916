"""Coverage as people read it: a table a phase or policy, then what is missing, with its place."""

from __future__ import annotations

import math
from pathlib import Path

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from ostiary.analysis.coverage.cases import cell_among
from ostiary.analysis.coverage.pack import (
    MissingCell,
    PackCoverage,
    PhaseCoverage,
    RuleCoverage,
    Share,
)
from ostiary.analysis.coverage.questions import Questions
from ostiary.analysis.coverage.tenant import Sight, TenantCoverage
from ostiary.cli.terminal import BOLD, DIM, heading, show, styled
from ostiary.rulebook.cell_checks import PhaseLogic, logic_of
from ostiary.rulebook.pack import Pack, facts_in_words
from ostiary.rulebook.suite_text import write_tests

MOST_SHOWN = 5  # classes of cells, for each phase; --json and --write-missing have all
_WHOLE, _PART = "green", "bold red"


def show_pack(
    screen: Console, pack: Pack, coverage: PackCoverage, since: str | None, *, rules_only: bool
) -> None:
    """Print the table of a pack and what is missing in each phase."""
    folder = Path(pack.name)
    _title(screen, f"Coverage of the rule pack {folder}{_since(since)}")
    table = _table("phase", "rules", "fired", "decided", "classes of cells", "looked at")
    for one in coverage.phases:
        table.add_row(styled(one.phase.value), *_shares(one))
    table.add_row(styled("all", BOLD), *_shares(coverage))
    screen.print()
    show(screen, table)
    for one in coverage.phases:
        logic = logic_of(pack.phases[one.phase])
        _show_missing(screen, folder, logic, one, rules_only=rules_only)


def _title(screen: Console, text: str) -> None:
    screen.print()
    screen.print(styled(text, BOLD), soft_wrap=True)


def _since(since: str | None) -> str:
    return "" if since is None else f", what has changed since {since}"


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for at, title in enumerate(titles):
        # Where there is too little room names are folded, so that every number keeps its title.
        side: JustifyMethod = "right" if at else "left"
        table.add_column(styled(title, DIM), justify=side, no_wrap=bool(at), overflow="fold")
    return table


def _shares(of: PackCoverage | PhaseCoverage) -> list[Text]:
    return [
        styled(f"{of.fired.of:,}"),
        _percent(of.fired),
        _percent(of.decided),
        styled(f"{of.classes.of:,}"),
        _percent(of.classes),
    ]


def _percent(share: Share) -> Text:
    """Give a share in words; 100 % is never less than all."""
    text = f"{math.floor(share.percent * 10) / 10:.1f} %"
    return styled(text, _WHOLE if share.reached == share.of else _PART)


def _show_missing(
    screen: Console, folder: Path, logic: PhaseLogic, coverage: PhaseCoverage, *, rules_only: bool
) -> None:
    rules = [(one, _lacks(one)) for one in coverage.rules]
    if any(lacks for _, lacks in rules):
        heading(screen, f"{coverage.phase.value}: rules")
    for rule, lacks in rules:
        if lacks:
            place = f"{folder}/{rule.rule.file}:{rule.rule.line}"
            screen.print(styled(f"  {place}: {rule.rule.id} {lacks}"), soft_wrap=True)
    if coverage.for_rules:
        cells = "1 cell" if len(coverage.for_rules) == 1 else f"{len(coverage.for_rules)} cells"
        least = "the fewest possible" if coverage.for_rules_exact else "perhaps not the fewest"
        verb = "reaches" if len(coverage.for_rules) == 1 else "reach"
        screen.print(
            styled(f"  {cells} ({least}) {verb} them all; --write-missing tests them:", DIM)
        )
        cases = [cell_among(logic, one.cell) for one in coverage.for_rules[:MOST_SHOWN]]
        screen.print()
        screen.print(_lines(write_tests(cases)), soft_wrap=True)
        if len(coverage.for_rules) > MOST_SHOWN:
            screen.print(styled(f"\n  and {len(coverage.for_rules) - MOST_SHOWN} more", DIM))
    missing = () if rules_only else coverage.missing
    if missing:
        heading(screen, f"{coverage.phase.value}: classes of cells")
    for one in missing[:MOST_SHOWN]:
        screen.print(styled(f"  {_cell(one)}"), soft_wrap=True)
        screen.print(styled(f"    {facts_in_words(one.facts)}", DIM), soft_wrap=True)
    if len(missing) > MOST_SHOWN:
        text = f"  and {len(missing) - MOST_SHOWN:,} more; --write-missing tests them all"
        screen.print(styled(text, DIM))


def _lines(text: str) -> Text:
    return Text("\n").join(styled(line) for line in text.splitlines())


def _lacks(one: RuleCoverage) -> str:
    if not one.fired:
        return "fired in no test"
    if one.can_decide and not one.decided:
        return "fired, and other rules always spoke first"
    return ""


def _cell(one: MissingCell) -> str:
    cells = "1 cell" if one.cells == 1 else f"{one.cells:,} cells"
    fired = ", ".join(rule.id for rule in one.fired) or "no rule"
    return f"{cells}: {fired}"


def show_tenant(
    screen: Console,
    folder: Path,
    coverage: TenantCoverage,
    questions: Questions | None,
    since: str | None,
) -> None:
    """Print the policies of a tenant and how tests saw each."""
    _title(screen, f"Coverage of the tenant {folder}{_since(since)}")
    table = _table("policy", *_TITLES)
    for one in coverage.policies:
        cells = [
            styled(
                str(one.seen[sight]) if one.seen[sight] else "-", "" if one.seen[sight] else _PART
            )
            for sight in Sight
        ]
        table.add_row(styled(f"{one.package}/{one.policy}"), *cells)
    totals = [coverage.of(sight) for sight in Sight]
    table.add_row(
        styled("all", BOLD),
        *(
            styled(f"{one.reached}/{one.of}", _WHOLE if one.reached == one.of else _PART)
            for one in totals
        ),
    )
    screen.print()
    show(screen, table)
    if questions is None:
        return
    if questions.found:
        count = len(questions.found)
        words = "1 question sees" if count == 1 else f"{count} questions see"
        screen.print()
        screen.print(styled(f"  {words} what no test saw; --write-missing asks them", DIM))
    for beyond in questions.out_of_reach:
        text = f"  {beyond.package}/{beyond.policy}: {_NEVER[beyond.sight]}: {beyond.why}"
        screen.print(styled(text), soft_wrap=True)


_TITLES = ("selected", "offered", "refused", "inside", "outside")
_NEVER = {
    Sight.SELECTED: "cannot be selected",
    Sight.OFFERED: "cannot be offered",
    Sight.REFUSED: "cannot be refused",
    Sight.IN: "nobody is inside its scope",
    Sight.OUT: "nobody is outside its scope",
}
