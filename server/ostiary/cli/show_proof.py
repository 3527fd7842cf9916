"""What was proved, in words: for everybody, or for whom it is not so."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding

from ostiary.analysis.proof.report import (
    Door,
    Example,
    Finding,
    ProofReport,
    Property,
    Verdict,
    Way,
)
from ostiary.analysis.proof.suites import MEANS
from ostiary.analysis.proof.wording import described
from ostiary.cli.terminal import BOLD, DIM, heading, styled

_DOORS = {
    Door.REQUEST: "by asking",
    Door.ON_BEHALF: "by the manager asking",
    Door.AUTOMATIC: "by rule",
    Door.DIRECT: "by staff",
    Door.EXTENSION: "by extension",
}
_THEM = {True: "it", False: "them"}


def show_proof(screen: Console, report: ProofReport) -> None:
    """Print what is known of each property."""
    for finding in report.findings:
        heading(screen, f"{finding.property.value}: {_verdict(finding)}")
        screen.print(styled(f"  {MEANS[finding.property]}", DIM))
        for example in finding.examples:
            _show_example(screen, example)
        for text in finding.unknown:
            screen.print(styled(f"  not known: {text}"))
    screen.print()


def _verdict(finding: Finding) -> str:
    if finding.verdict is Verdict.COUNTEREXAMPLE:
        return f"COUNTEREXAMPLE in {len(finding.examples)} of {_count(finding.packages, 'package')}"
    return f"{finding.verdict.value} ({_looked_at(finding)})"


def _looked_at(finding: Finding) -> str:
    """Say what was looked at, and why nobody was where that is so."""
    if finding.packages == 0:
        pairs = finding.property is Property.NO_INCOMPATIBLE_PAIR
        return "no package excludes what somebody can be given" if pairs else "there is no package"
    packages = _count(finding.packages, "package")
    if finding.unchanged == finding.packages:
        return f"{packages}, unchanged like all that decides about {_THEM[finding.packages == 1]}"
    changed = finding.packages - finding.unchanged
    if finding.unchanged:
        packages = f"{packages}, {changed:,} changed"
    return f"{packages}, {_count(finding.kinds, 'kind')} of people"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _show_example(screen: Console, example: Example) -> None:
    screen.print(styled(f"  {example.package}", BOLD))
    who = ", ".join(described(example.person))
    held = ", ".join(example.holdings.assigned)
    if held:
        who = f"{who}, who holds {held}"
    _print(screen, f"{who}: {example.sentence}")
    for way in example.steps:
        _print(screen, f"{way.package}: {_way(way)}")
    if not example.steps:
        label = "now: " if example.property.compares else ""
        _print(screen, f"{label}{_way(example.way)}")
    if example.before is not None:
        _print(screen, f"before: {_way(example.before)}")


def _print(screen: Console, text: str) -> None:
    screen.print(Padding(styled(text), (0, 0, 0, 4)))


def _way(way: Way) -> str:
    under = f" under {way.policy}" if way.policy else ""
    return f"{way.outcome}{under} {_DOORS[way.door]}{_stages(way)}"


def _stages(way: Way) -> str:
    if not way.stages:
        return ""
    people = (" or ".join(stage) if stage else "nobody" for stage in way.stages)
    return f"; decided by {', then '.join(people)}"
