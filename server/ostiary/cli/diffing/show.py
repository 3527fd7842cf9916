"""The difference on a terminal: sentences first, then numbers, then each package."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
from pyroaring import FrozenBitMap
from rich.console import Console
from rich.padding import Padding

from ostiary.analysis.diff.plain import counts, new_dead_ends
from ostiary.analysis.diff.report import Change, DiffReport, Kind, PackageDiff
from ostiary.analysis.diff.words import HEADINGS, Words, differing
from ostiary.cli.terminal import BOLD, DIM, grid, heading, styled
from ostiary.cli.terminal import show as show_table

_SAMPLES = 3  # people named of each change
_PACKAGES = 20  # shown; files hold them all
_CHANGES = 12  # of one package
_NEWCOMERS = 2  # organizations named under a change whose newcomers are concerned


class Names(msgspec.Struct, frozen=True):
    """How the person who compares calls the two sides."""

    old: str
    new: str


def show(screen: Console, report: DiffReport, names: Names) -> None:
    """Print the report."""
    for sentence in summary(report, names):
        screen.print(styled(sentence, BOLD))
    if report.empty:
        return
    screen.print()
    table = grid("fixed", "fixed", "fixed")
    for kind, people, packages in counts(report):
        table.add_row(styled(HEADINGS[kind]), styled(whom(report, people)), styled(_in(packages)))
    show_table(screen, table)
    words = Words(report)
    for package in report.diffs[:_PACKAGES]:
        heading(screen, f"{package.name} ({package.id}){_standing(package)}")
        for change in package.changes[:_CHANGES]:
            _show_change(screen, words, package, change)
        _more(screen, len(package.changes) - _CHANGES, "change")
    _more(screen, len(report.diffs) - _PACKAGES, "package")


def _more(screen: Console, number: int, what: str) -> None:
    if number > 0:
        files = "--html, --csv and --json tell them all"
        screen.print(styled(f"  … and {counted(number, what)} more; {files}", DIM))


def _show_change(screen: Console, words: Words, package: PackageDiff, change: Change) -> None:
    shown = differing(change)
    before, after = words.before(package, shown), words.after(package, shown)
    policy = words.policy(package, change.policy)
    report = words.report
    text = styled(f"{HEADINGS[change.kind]}: {whom(report, change.people, named=_NEWCOMERS)}")
    if report.known(change.people):
        text.append_text(styled(f"  {samples(words, change)}", DIM))
    screen.print(Padding(text, (0, 0, 0, 2)))
    under = f"{policy}: " if policy else ""
    screen.print(Padding(styled(f"{under}{before} → {after}"), (0, 0, 0, 6)))


def samples(words: Words, change: Change, most: int = _SAMPLES) -> str:
    """Give the names of the first people whom a change concerns, in the order of their ids."""
    known = words.report.known(change.people)
    numbers = itertools.islice(change.people, min(most, known))
    named = [words.roster.person(number).name for number in numbers]
    others = known - len(named)
    return ", ".join(named) + (f" and {others:,} more" if others else "")


def summary(report: DiffReport, names: Names) -> Iterator[str]:
    """Give the whole in a few sentences."""
    looked = f"{counted(report.people, 'person')} and {counted(report.packages, 'package')}"
    if report.empty:
        yield f"Nothing changes for anybody: {looked} compared."
        return
    gains, losses = report.concerned(Kind.GAINS), report.concerned(Kind.LOSSES)
    elsewhere = others(report) - gains - losses
    if not gains and not losses:
        yield "Nobody gains and nobody loses access that can be asked for."
    else:
        first = whom(report, gains) or "Nobody"
        verb = "gains" if _single(report, gains) else "gain"
        told = f"{first} {verb} access that can be asked for" if gains else "Nobody gains"
        second = whom(report, losses) or "nobody"
        verb = "loses" if _single(report, losses) else "lose"
        lost = f"{second} {verb} some" if losses else "nobody loses any"
        yield f"{_begun(told)} and {lost}."
    if elsewhere:
        yield f"For {whom(report, elsewhere, 'other person')} something else changes."
    dead = new_dead_ends(report)
    if dead:
        yield f"{_begun(whom(report, dead))} would run into a new dead end."
    concerned = f"{len(report.diffs):,} of {counted(report.packages, 'package')}"
    yield f"{concerned} and {report.people:,} people compared: {names.old} → {names.new}."


def whom(report: DiffReport, people: FrozenBitMap, word: str = "person", *, named: int = 1) -> str:
    """Give how many people these are, and which newcomers: `2 people and newcomers of Tailwind`."""
    known, come = report.known(people), newcomers_of(report, people, named)
    return " and ".join(part for part in (counted(known, word) if known else "", come) if part)


def newcomers_of(report: DiffReport, people: FrozenBitMap, named: int = _NEWCOMERS) -> str:
    """Give which newcomers are among these, in words; their number beyond `named`."""
    come = report.newcomers(people)
    if len(come) > named:
        return f"newcomers of {len(come)} kinds"
    # Their names begin alike, which is told once.
    return " and ".join([*come[:1], *(one.removeprefix("newcomers ") for one in come[1:])])


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _single(report: DiffReport, people: FrozenBitMap) -> bool:
    return len(people) == 1 and report.known(people) == 1


def others(report: DiffReport) -> FrozenBitMap:
    """Give those for whom something besides gain and loss is different."""
    kinds = (kind for kind in Kind if kind not in (Kind.GAINS, Kind.LOSSES))
    return FrozenBitMap().union(*map(report.concerned, kinds))


def counted(number: int, word: str) -> str:
    """Give a number with its word: 1 person, 2 people."""
    if number == 1:
        return f"1 {word}"
    many = word.replace("person", "people") if "person" in word else f"{word}s"
    return f"{number:,} {many}"


def _in(packages: int) -> str:
    return f"in {counted(packages, 'package')}"


def _standing(package: PackageDiff) -> str:
    if package.in_old and package.in_new:
        return ""
    return ", is new" if package.in_new else ", is gone"
