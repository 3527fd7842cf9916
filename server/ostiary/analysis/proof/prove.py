"""Proofs of properties of definitions and rules, over everybody who could ever ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from ostiary.analysis.proof.access import new_access
from ostiary.analysis.proof.approval import self_approval, weaker_approval
from ostiary.analysis.proof.attributes import DisagreementError, TooManyWaysError
from ostiary.analysis.proof.duties import doubt, pairs, together
from ostiary.analysis.proof.endings import dead_end, endless
from ostiary.analysis.proof.footprint import alike
from ostiary.analysis.proof.homes import TooManyError
from ostiary.analysis.proof.people import kinds_of
from ostiary.analysis.proof.possible import Definitions, Side, View, sides
from ostiary.analysis.proof.report import (
    Example,
    Finding,
    ProofReport,
    Property,
    Verdict,
)
from ostiary.analysis.proof.simpler import Judge
from ostiary.analysis.proof.ways import UndecidedError
from ostiary.analysis.proof.worlds import Worlds
from ostiary.domain.errors import TablesUnavailableError

Progress = Callable[[int, int], None]
_NOT_LOOKED_AT = (TooManyError, TooManyWaysError, DisagreementError, TablesUnavailableError)

_JUDGES: dict[Property, Judge] = {
    Property.NO_NEW_ACCESS: new_access,
    Property.NO_WEAKER_APPROVAL: weaker_approval,
    Property.NO_SELF_APPROVAL: self_approval,
    Property.NO_DEAD_END: dead_end,
    Property.EVERY_DEADLINE_ENDS: endless,
}


class Looked(msgspec.Struct):
    """What has been looked at of one property so far."""

    examples: list[Example] = []
    unknown: list[str] = []
    packages: int = 0
    kinds: int = 0
    unchanged: int = 0

    def finding(self, of: Property) -> Finding:
        """Give what is known: one counterexample is enough, one thing not looked at too many."""
        verdict = Verdict.UNKNOWN if self.unknown else Verdict.PROVED
        if self.examples:
            verdict = Verdict.COUNTEREXAMPLE
        return Finding(
            property=of,
            verdict=verdict,
            examples=tuple(self.examples),
            unknown=tuple(self.unknown),
            packages=self.packages,
            kinds=self.kinds,
            unchanged=self.unchanged,
        )


def prove(
    new: Definitions,
    old: Definitions | None = None,
    *,
    properties: Iterable[Property] = tuple(Property),
    at: datetime,
    progress: Progress | None = None,
) -> ProofReport:
    """Prove properties of `new` from `at` on, or find for whom they do not hold.

    Those that compare (no-new-access, no-weaker-approval) need `old`; raises ValueError without.
    """
    wanted = [one for one in Property if one in set(properties)]
    if old is None and any(one.compares for one in wanted):
        raise ValueError("what is to be compared needs something to compare with")
    made = sides([new] if old is None else [old, new])
    before, after = (made[0] if old is not None else None), made[-1]
    looked = {one: Looked() for one in wanted}
    pairs = list(_pairs(before, after))
    for done, (one, other) in enumerate(pairs):
        if progress is not None:
            progress(done, len(pairs))
        _look(one, other, at, looked)
    if Property.NO_INCOMPATIBLE_PAIR in looked:
        _look_at_pairs(after, at, looked[Property.NO_INCOMPATIBLE_PAIR])
    if progress is not None:
        progress(len(pairs), len(pairs))
    return ProofReport(at, tuple(looked[one].finding(one) for one in wanted), after.names)


def _pairs(old: Side | None, new: Side) -> Iterator[tuple[View | None, View]]:
    """Give each package of `new` with what `old` has under its id."""
    for name, package in new.packages.items():
        before = old.packages.get(name) if old is not None else None
        yield (None if old is None or before is None else View(old, before)), View(new, package)


def _look(old: View | None, new: View, at: datetime, looked: dict[Property, Looked]) -> None:
    for judged, properties in _by_views(old, looked):
        views = (new,) if judged is None else (judged, new)
        open_ = {one for one in properties if _can_differ(one, old, new)}
        for one in properties:
            looked[one].packages += 1
            looked[one].unchanged += one not in open_
        if open_:
            _look_at_kinds(judged, new, views, at, {one: looked[one] for one in open_})


def _by_views(
    old: View | None, looked: dict[Property, Looked]
) -> Iterator[tuple[View | None, list[Property]]]:
    """Give what can be judged together: what compares, and what is about one side alone."""
    comparing = [one for one in looked if one in _JUDGES and one.compares]
    alone = [one for one in looked if one in _JUDGES and not one.compares]
    if comparing:
        yield old, comparing
    if alone:
        yield None, alone


def _can_differ(one: Property, old: View | None, new: View) -> bool:
    return not one.compares or old is None or not alike(old, new)


def _look_at_kinds(
    old: View | None,
    new: View,
    views: tuple[View, ...],
    at: datetime,
    looked: dict[Property, Looked],
) -> None:
    """Judge every kind of person until each property has its counterexample in this package."""
    name = new.package.id
    waiting = dict(looked)
    doubts: dict[Property, str] = {}
    try:
        worlds = Worlds(old, new)
        for kind in kinds_of(views, at):
            for one, so_far in tuple(waiting.items()):
                so_far.kinds += 1
                try:
                    example = worlds.judged(_JUDGES[one], kind)
                except UndecidedError as error:
                    doubts.setdefault(one, str(error))
                    continue
                if example is not None:
                    so_far.examples.append(example)
                    del waiting[one]
            if not waiting:
                return
    except _NOT_LOOKED_AT as error:
        for so_far in waiting.values():
            so_far.unknown.append(f"{name}: {error}")
        return
    for one, why in doubts.items():
        if one in waiting:
            waiting[one].unknown.append(f"{name}: {why}")


def _look_at_pairs(side: Side, at: datetime, looked: Looked) -> None:
    """Look at everything that must not be held together, until one example a package is found."""
    found: set[str] = set()
    named: set[str] = set()
    for pair in pairs(side):
        name = pair.package.package.id
        named.add(name)
        if name in found:
            continue
        try:
            example, kinds = together(pair, at)
            why = None if example is not None else doubt(pair, at)
        except _NOT_LOOKED_AT as error:
            looked.unknown.append(f"{name} with {pair.what}: {error}")
            continue
        looked.kinds += kinds
        if example is not None:
            found.add(name)
            looked.examples.append(example)
        elif why is not None:
            looked.unknown.append(f"{name} with {pair.what}: {why}")
    looked.packages = len(named)
