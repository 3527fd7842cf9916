"""Random stories: a policy, a plan, and what the people in it do and leave undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from ostiary.domain.access_request import ExternalPerson
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    NoResponse,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.request import Schedule
from tests.life.world import PRIYA, at

BEGIN = at("2031-03-10 09:00")
HORIZON = timedelta(days=420)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = ("fran", "dana", "sol")
LATE = "ines"


class Act(msgspec.Struct, frozen=True):
    """What somebody does `after` the moment at which they could first do it; None: never."""

    after: timedelta | None
    who: str = ""
    what: str = ""


class Story(msgspec.Struct, frozen=True):
    """Everything that is not in the plan."""

    seed: int
    target: str | ExternalPerson
    policy_id: str
    policy: dict[str, Any]
    schedule: Schedule | None
    stages: tuple[Act, ...]  # for each approval stage
    created: Act  # the reply of the extension at request-created
    approved: Act
    cancel: timedelta | None  # after the submission
    extend: timedelta | None  # after the submission
    remove: timedelta | None


def tell(seed: int) -> Story:
    """Make up the story of a seed."""
    dice = Random(seed)
    external = dice.random() < 0.4
    stages = tuple(_stage(dice) for _ in range(dice.choice((0, 1, 1, 2))))
    calls = tuple(_calls(dice)) if dice.random() < 0.4 else ()
    policy: dict[str, Any] = {
        "approval_for_add": bool(stages),
        "stages": stages,
        "expiration": _expiration(dice),
        "extension_allowed": dice.random() < 0.6,
        "custom_schedule": True,
        "extensions": calls,
        "reviews": _reviews(dice) if dice.random() < 0.4 else None,
    }
    some = dice.random
    return Story(
        seed=seed,
        target=PRIYA if external else "emil",
        policy_id="partners" if external else "employees",
        policy=policy,
        schedule=_schedule(dice, policy["expiration"]) if some() < 0.3 else None,
        stages=tuple(_decision(dice, one) for one in stages),
        created=_reply(dice, "canceled"),
        approved=_reply(dice, "denied"),
        cancel=_minutes(dice, 60) if some() < 0.1 else None,
        extend=_minutes(dice, 120) if some() < 0.4 else None,
        remove=_minutes(dice, 200) if some() < 0.2 else None,
    )


def _minutes(dice: Random, days: int) -> timedelta:
    return timedelta(minutes=dice.randrange(1, days * 24 * 60))


def _stage(dice: Random) -> ApprovalStage:
    time_out = timedelta(days=dice.randrange(4, 21))
    escalates = dice.random() < 0.4
    people = dice.sample(PEOPLE, dice.choice((1, 2)))
    return ApprovalStage(
        primary=tuple(Approver(ApproverKind.USER, one) for one in people),
        alternates=(Approver(ApproverKind.USER, LATE),) if escalates else (),
        escalate_after=time_out * dice.choice((0.25, 0.5)) if escalates else None,
        time_out=time_out,
    )


def _decision(dice: Random, stage: ApprovalStage) -> Act:
    if dice.random() < 0.15:
        return Act(None)
    who = LATE if dice.random() < 0.2 else (stage.primary[0].id or "")
    what = "deny" if dice.random() < 0.15 else "approve"
    span = stage.time_out * dice.choice((0.3, 1.0, 1.2))
    after = timedelta(minutes=dice.randrange(1, int(span / timedelta(minutes=1))))
    return Act(after, who, what)


def _expiration(dice: Random) -> Expiration:
    kind = dice.choice((ExpirationKind.DURATION,) * 3 + (ExpirationKind.DATE, ExpirationKind.NEVER))
    if kind is ExpirationKind.DURATION:
        length = dice.choice((HOUR * dice.randrange(1, 60), DAY * dice.randrange(1, 150)))
        return Expiration(kind, after=length)
    if kind is ExpirationKind.DATE:
        return Expiration(kind, at=BEGIN + DAY * dice.randrange(1, 200) + HOUR * 15)
    return Expiration(kind)


def _schedule(dice: Random, expiration: Expiration) -> Schedule:
    start = BEGIN + _minutes(dice, 40) if dice.random() < 0.8 else None
    duration = None
    if expiration.kind is not ExpirationKind.DATE and dice.random() < 0.3:
        most = expiration.after or DAY * 60
        duration = timedelta(minutes=dice.randrange(1, int(most / timedelta(minutes=1)) + 1))
    return Schedule(start=start, duration=duration)


def _calls(dice: Random) -> list[ExtensionCall]:
    found = []
    for stage in ExtensionStage:
        if dice.random() < 0.5:
            before_end = stage.value.endswith("before_expiry")
            waits = not before_end and dice.random() < 0.6
            found.append(ExtensionCall("check", stage, _minutes(dice, 14) if waits else None))
    return found


def _reply(dice: Random, other: str) -> Act:
    if dice.random() < 0.2:
        return Act(None)
    what = dice.choice(("",) * 6 + ("denied", other))
    return Act(_minutes(dice, 10), what=what)


def _reviews(dice: Random) -> ReviewSettings:
    every = DAY * dice.randrange(20, 120)
    return ReviewSettings(
        start=BEGIN + DAY * dice.randrange(-30, 60) + HOUR * dice.randrange(24),
        recurrence=Recurrence(every=every),
        window=every * dice.choice((0.2, 0.5, 0.9)),
        reviewers=ReviewerKind.SPECIFIC,
        specific=(Approver(ApproverKind.USER, "dana"),),
        no_response=dice.choice((NoResponse.KEEP, NoResponse.KEEP, NoResponse.REMOVE)),
    )


def end_of(story: Story) -> datetime:
    """Give when the telling stops."""
    return BEGIN + HORIZON
