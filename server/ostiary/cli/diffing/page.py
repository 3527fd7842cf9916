"""The difference as one page that needs nothing else: numbers first, then people by name.

The page loads nothing and works without its script, which only filters. Everything that somebody
wrote is escaped, and its policy of content lets no other script or style run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from pyroaring import FrozenBitMap

from ostiary.analysis.diff.plain import counts, new_dead_ends
from ostiary.analysis.diff.report import Change, DiffReport, Kind, PackageDiff
from ostiary.analysis.diff.words import Words, differing
from ostiary.cli.diffing import show
from ostiary.cli.plain import clean
from ostiary.cli.whole_file import whole

_AT_ONCE, _MOST = 40, 400  # people named under a change: at once, and in all
_TONES: Mapping[Kind, str] = {Kind.GAINS: "good", Kind.LOSSES: "bad", Kind.DEAD_ENDS: "warn"}

# What each kind is called, what it means, and what is said of the people whom a change concerns.
_KINDS: Mapping[Kind, tuple[str, str, str]] = {
    Kind.GAINS: ("Gain", "may request now and could not", "{} may request now"),
    Kind.LOSSES: ("Lose", "could request and may not any more", "{} may not request any more"),
    Kind.POLICY: ("Policy", "may request under other policies", "Other policies for {}"),
    Kind.APPROVERS: ("Approvers", "other people decide", "Other approvers for {}"),
    Kind.STAGES: ("Stages", "more or fewer have to agree", "More or fewer stages for {}"),
    Kind.DEADLINES: (
        "Deadlines",
        "approval lapses or escalates at another time",
        "Other deadlines for {}",
    ),
    Kind.DURATION: (
        "Duration",
        "access lasts longer or shorter",
        "Access lasts another time for {}",
    ),
    Kind.REVIEWS: ("Reviews", "access is reviewed in another way", "Other reviews for {}"),
    Kind.ACTIONS: (
        "Actions",
        "something else is given, taken or called",
        "Something else follows for {}",
    ),
    Kind.REQUIREMENTS: (
        "Requirements",
        "something else has to be said",
        "Something else is asked of {}",
    ),
    Kind.DEAD_ENDS: ("Dead ends", "a stage that nobody can decide", "Dead ends for {}"),
    Kind.VISIBILITY: ("Visibility", "the package is in the list or not", "Seen otherwise by {}"),
    Kind.REASONS: ("Reasons", "refused as before, for other reasons", "Other reasons for {}"),
}


class _Number(NamedTuple):
    value: str
    text: str
    tone: str


class _KindRow(NamedTuple):
    key: str
    name: str
    about: str
    tone: str
    people: str
    packages: str


class _Told(NamedTuple):
    key: str
    tone: str
    title: str
    policy: str
    before: str
    after: str
    shown: str
    hidden: str
    hidden_count: str
    left: str


class _Section(NamedTuple):
    anchor: str
    id: str
    name: str
    standing: str
    gain: str
    lose: str
    others: str
    changes: tuple[_Told, ...]


def write(path: Path, report: DiffReport, names: show.Names) -> None:
    """Write the page; the file is there whole or not at all."""
    with whole(path) as file:
        file.write(page(report, names))


def page(report: DiffReport, names: show.Names) -> str:
    """Give the page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_finalize
    )
    style, script = _part("page.css"), _part("page.js")
    return environment.from_string(_part("page.html.j2")).render(
        title=f"{names.old} → {names.new}",
        lead=" ".join(list(show.summary(report, names))[: -1 if report.diffs else None]),
        old=names.old,
        new=names.new,
        compared=f"{show.counted(report.people, 'person')},"
        f" {show.counted(report.packages, 'access package')}",
        at=f"{report.at:%Y-%m-%d %H:%M} UTC",
        numbers=list(_numbers(report)),
        kinds=list(_kind_rows(report)),
        plus=any(report.newcomers(one.people) for _, one in report.changes()),
        sections=list(_sections(report)),
        rules=_revisions(report.old.rules, report.new.rules),
        tenants=_revisions(report.old.tenant, report.new.tenant),
        style=Markup(style),  # noqa: S704  # ours, and no name is in it
        script=Markup(script),  # noqa: S704  # the same
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _finalize(value: object) -> object:
    """Keep what moves cursors or hides text out of the page."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value)


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _revisions(old: str, new: str) -> str:
    one, other = old[:12] or "unnumbered", new[:12] or "unnumbered"
    return f"{one}, unchanged" if old == new else f"{one} → {other}"


def _numbers(report: DiffReport) -> Iterator[_Number]:
    gains, losses = report.concerned(Kind.GAINS), report.concerned(Kind.LOSSES)
    elsewhere = show.others(report) - gains - losses
    packages = len(report.diffs)
    concerned = "access package is concerned" if packages == 1 else "access packages are concerned"
    yield _number(report, gains, "gain access that can be asked for", "good")
    yield _number(report, losses, "lose access that could be asked for", "bad")
    yield _number(report, elsewhere, "see only other changes", "plain")
    yield _number(report, new_dead_ends(report), "would run into a new dead end", "warn")
    yield _Number(f"{packages:,}", concerned, "plain")


def _number(report: DiffReport, people: FrozenBitMap, text: str, tone: str) -> _Number:
    come = show.newcomers_of(report, people)
    told = f"{text}, and {come}" if come else text
    return _Number(f"{report.known(people):,}", told, tone if people else "none")


def _count(report: DiffReport, people: FrozenBitMap) -> str:
    """Give a number for a table; + stands for newcomers."""
    if not people:
        return ""
    known, come = report.known(people), report.newcomers(people)
    return f"{known:,}{' +' if come else ''}" if known or not come else "+"


def _kind_rows(report: DiffReport) -> Iterator[_KindRow]:
    for kind, people, packages in counts(report):
        name, about, _ = _KINDS[kind]
        tone = _TONES.get(kind, "plain")
        yield _KindRow(kind.value, name, about, tone, _count(report, people), f"{packages:,}")


def _sections(report: DiffReport) -> Iterator[_Section]:
    words = Words(report)
    for number, package in enumerate(report.diffs, start=1):
        gain, lose = package.people(Kind.GAINS), package.people(Kind.LOSSES)
        everybody = FrozenBitMap().union(*(one.people for one in package.changes))
        yield _Section(
            anchor=f"package-{number}",
            id=package.id,
            name=package.name,
            standing=_standing(package),
            gain=_count(report, gain),
            lose=_count(report, lose),
            others=_count(report, everybody - gain - lose),
            changes=tuple(_told(words, package, one) for one in package.changes),
        )


def _standing(package: PackageDiff) -> str:
    if package.in_old and package.in_new:
        return ""
    return "new" if package.in_new else "gone"


def _told(words: Words, package: PackageDiff, change: Change) -> _Told:
    shown = differing(change)
    people = list(_named(words, change))
    at_once, later = people[:_AT_ONCE], people[_AT_ONCE:]
    left = len(change.people) - len(people)
    _, _, title = _KINDS[change.kind]
    return _Told(
        key=change.kind.value,
        tone=_TONES.get(change.kind, "plain"),
        title=title.format(show.whom(words.report, change.people)),
        policy=words.policy(package, change.policy),
        before=words.before(package, shown),
        after=words.after(package, shown),
        shown=", ".join(at_once),
        hidden=", ".join(later),
        hidden_count=f"{len(change.people) - len(at_once):,}",
        left=f"{left:,}" if left else "",
    )


def _named(words: Words, change: Change) -> Iterator[str]:
    for number, _ in zip(change.people, range(_MOST), strict=False):
        yield words.roster.person(number).name
