"""Where two answers differ, in the kinds that people know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ostiary.analysis.diff.answers import Answer, Offer
from ostiary.analysis.diff.report import Facet, Kind


class Difference(NamedTuple):
    """One respect in which two answers differ."""

    kind: Kind
    policy: str
    before: Facet
    after: Facet


def differences(old: Answer, new: Answer) -> Iterator[Difference]:
    """Give every difference of two answers about one person and one package."""
    if old is new:
        return
    gained = int(new.may) - int(old.may)
    if gained:
        kind = Kind.GAINS if gained > 0 else Kind.LOSSES
        yield Difference(kind, "", old.standing, new.standing)
    elif old.may:
        yield from _both(old, new)
    elif old.there and new.there and old.standing.reasons != new.standing.reasons:
        yield Difference(Kind.REASONS, "", old.standing, new.standing)
    # Who gains sees the package too as a rule; that needs no telling.
    if old.visible != new.visible and int(new.visible) - int(old.visible) != gained:
        yield Difference(Kind.VISIBILITY, "", old.visible, new.visible)
    yield from _dead_ends(old, new)


def _both(old: Answer, new: Answer) -> Iterator[Difference]:
    one, other = old.standing, new.standing
    if (one.policies, old.selected) != (other.policies, new.selected):
        yield Difference(Kind.POLICY, "", one, other)
    for before, after in _pairs(old, new):
        if before.alive and after.alive:
            yield from _offers(before, after)


def _pairs(old: Answer, new: Answer) -> Iterator[tuple[Offer, Offer]]:
    """Give the offers that stand for each other: of one policy, or the only ones there are."""
    by_id = {offer.policy: offer for offer in new.offers}
    common = [(offer, by_id[offer.policy]) for offer in old.offers if offer.policy in by_id]
    if not common and len(old.offers) == len(new.offers) == 1:
        common = [(old.offers[0], new.offers[0])]
    yield from common


def _offers(old: Offer, new: Offer) -> Iterator[Difference]:
    policy = new.policy if new.policy == old.policy else ""
    if old.people != new.people:
        yield Difference(Kind.APPROVERS, policy, old.approvers, new.approvers)
    if len(old.people) != len(new.people):
        yield Difference(Kind.STAGES, policy, len(old.people), len(new.people))
    common = min(len(old.times), len(new.times))
    if old.times[:common] != new.times[:common]:
        yield Difference(Kind.DEADLINES, policy, old.times, new.times)
    for kind, before, after in (
        (Kind.DURATION, old.ending, new.ending),
        (Kind.REVIEWS, old.reviews, new.reviews),
        (Kind.ACTIONS, old.actions, new.actions),
        (Kind.REQUIREMENTS, old.requirements, new.requirements),
    ):
        if before != after:
            yield Difference(kind, policy, before, after)


def _dead_ends(old: Answer, new: Answer) -> Iterator[Difference]:
    before = {offer.policy: offer.dead for offer in old.offers}
    after = {offer.policy: offer.dead for offer in new.offers}
    for policy in sorted(before.keys() | after.keys()):
        was, now = before.get(policy, ()), after.get(policy, ())
        if was != now:
            yield Difference(Kind.DEAD_ENDS, policy, was, now)
