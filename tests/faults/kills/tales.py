"""What the people of a run do: made up from a seed before anything begins."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import msgspec

from tests.faults.kills import yard

HOUR = timedelta(hours=1)


class Act(msgspec.Struct, frozen=True):
    """A decision: how long after its stage could be decided, and who says what, all at once."""

    after: timedelta
    said: tuple[tuple[str, bool], ...]  # approver, whether yes


class Tale(msgspec.Struct, frozen=True):
    """One request of one person, and what becomes of it; no two are about the same package."""

    number: int
    person: str
    package: str
    begins: timedelta
    starts_later: timedelta | None  # a start of one's own, after the submission
    twice: bool  # the same submission from two places at once
    stages: tuple[Act | None, ...]
    reply: timedelta | None  # of the system that is asked first; None: it never answers
    cancel: timedelta | None
    extend: timedelta | None
    remove: timedelta | None
    by_staff: bool


_STAGES = {yard.NIGHT: (yard.APPROVERS,), yard.VAULT: (yard.APPROVERS, (yard.SECOND,))}


def tell(seed: int, people: int, span: timedelta) -> list[Tale]:
    """Tales of some people that begin within a span of time."""
    dice = Random(f"tales/{seed}")
    pairs = [
        (yard.person(number), package)
        for number in range(people)
        for package in dice.sample(yard.PACKAGES, 3)
    ]
    dice.shuffle(pairs)
    return [_tale(dice, number, *pair, span) for number, pair in enumerate(pairs)]


def _tale(dice: Random, number: int, person: str, package: str, span: timedelta) -> Tale:
    def maybe(chance: float, most: timedelta) -> timedelta | None:
        after = most * dice.random()
        return after if dice.random() < chance else None

    return Tale(
        number=number,
        person=person,
        package=package,
        begins=span * dice.random() ** 2,
        starts_later=maybe(0.3, 10 * HOUR) if package == yard.VAULT else None,
        twice=dice.random() < 0.3,
        stages=tuple(_act(dice, approvers) for approvers in _STAGES.get(package, ())),
        reply=maybe(0.8, 3 * HOUR) if package == yard.SAFE else None,
        cancel=maybe(0.12, 6 * HOUR),
        extend=maybe(0.5, 20 * HOUR) if package in (yard.GATE, yard.NIGHT) else None,
        remove=maybe(0.4, 20 * HOUR),
        by_staff=dice.random() < 0.3,
    )


def _act(dice: Random, approvers: tuple[str, ...]) -> Act | None:
    after = 3 * HOUR * dice.random() ** 2
    if dice.random() < 0.08:
        return None
    if len(approvers) > 1 and dice.random() < 0.4:
        return Act(after, ((approvers[0], True), (approvers[1], dice.random() < 0.5)))
    return Act(after, ((dice.choice(approvers), dice.random() < 0.85),))
