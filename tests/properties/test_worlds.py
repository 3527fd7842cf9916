"""The random worlds themselves: dense, repeatable, and printed so that they can be built again."""

from __future__ import annotations

import enum
from collections import Counter
from datetime import datetime, timedelta

import msgspec

from ostiary.domain import attributes, catalog, people, policy, request, tenant
from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Outcome, Unusable
from ostiary.domain.errors import (
    InvalidRequestError,
    OstiaryError,
    PackageNotFoundError,
    PolicyNotFoundError,
    UserNotFoundError,
)
from ostiary.domain.reasons import Cause, Code
from tests.oracle import decide
from tests.properties.printing import as_python
from tests.properties.profiles import ENTRA, STANDARD
from tests.properties.worlds import LARGEST, World, world, worlds_of

TENANTS = 1500
ERRORS = (
    InvalidRequestError,
    PackageNotFoundError,
    PolicyNotFoundError,
    UserNotFoundError,
)
FACTS = ("type", "state", "groups", "manager", "sponsors", "identity", "attributes")


def seen_in(world: World) -> set[enum.Enum | str]:
    """Everything that the answer in a world is an example of."""
    try:
        answer = decide(world.tenant, world.request)
    except OstiaryError as error:
        return {error.reason}
    seen: set[enum.Enum | str] = {answer.outcome}
    seen.update(action.kind for action in answer.actions)
    for reason in answer.reasons:
        seen.add(reason.code)
        told = dict(reason.parameters)
        seen.update(f"{name}:{told[name]}" for name in ("cause", "why", "fact") if name in told)
    return seen


def test_every_outcome_reason_cause_and_action_turns_up() -> None:
    """S-40, S-42, S-47, S-48 and S-72: nothing that can be said is never said."""
    counts: Counter[enum.Enum | str] = Counter()
    for seed in range(TENANTS):
        for each in worlds_of(seed, 1 + seed % LARGEST):
            counts.update(seen_in(each))
    for what, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:7} {what if isinstance(what, str) else what.name}")
    expected: set[enum.Enum | str] = {*Outcome, *Code, *ActionKind}
    expected.update(f"cause:{cause.value}" for cause in Cause)
    expected.update(f"why:{why.value}" for why in Unusable)
    expected.update(f"fact:{fact}" for fact in FACTS)
    expected.update(error.reason for error in ERRORS)
    assert expected - set(counts) == set()
    answers = TENANTS * 4
    for outcome in Outcome:
        assert counts[outcome] > answers // 100, outcome


def test_the_same_seed_gives_the_same_world() -> None:
    """S-46 begins here."""
    assert world(7, LARGEST) == world(7, LARGEST)
    assert world(7, LARGEST) == next(worlds_of(7, LARGEST))
    assert world(7, LARGEST) != world(8, LARGEST)


def test_a_printed_world_builds_again() -> None:
    names: dict[str, object] = {
        name: thing
        for module in (attributes, catalog, people, policy, request, tenant)
        for name, thing in vars(module).items()
        if isinstance(thing, type)
    }
    names |= {"STANDARD": STANDARD, "ENTRA": ENTRA, "replace": msgspec.structs.replace}
    names |= {"datetime": datetime, "timedelta": timedelta}
    for seed in range(60):
        each = world(seed, 1 + seed % LARGEST)
        assert eval(as_python(each.tenant), names) == each.tenant
        assert eval(as_python(each.request), names) == each.request
