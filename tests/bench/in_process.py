"""Decisions in process, by the number of packages in the tenant."""

from __future__ import annotations

import gc
import os
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from time import perf_counter_ns
from typing import Any, NamedTuple

from ostiary.decide.evaluate import check, evaluate
from ostiary.decide.listing import list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Decision
from ostiary.domain.people import Group
from ostiary.domain.request import EvaluationRequest
from ostiary.index.snapshot import build
from tests.bench import standard
from tests.bench.figures import MOST_FOREIGN, Part, Table, Target, quantile, ratio_of_rounds
from tests.bench.processes import foreign_cores, usage
from tests.bench.tenants import USERS, package_id, sized_tenant, user_id

SIZES = (10, 1_000, 100_000)
OPERATIONS = ("full decision", "check", "list, page of 50")
FIRST = "full decision, first question about a package"
LARGEST_MEDIAN = 15.0
LARGEST_GROWTH = 1.2

_DECISIONS = 4_000  # a round, size and operation
_LISTS = 400
_WARM_UP = 50_000  # questions, the same number at every size
_IN_SCOPE = 0.9  # the share of pairs drawn among those where the person is in scope
_AT = datetime(2031, 3, 10, 10, 0, tzinfo=UTC)


class Round(NamedTuple):
    """p50 and p99 of one operation at one size in one round, in microseconds."""

    p50: float
    p99: float


class World(NamedTuple):
    """One tenant made ready, and who is in the scope of what."""

    size: int
    snapshot: Snapshot
    fitting: tuple[tuple[str, ...], ...]  # by package number: the users in its scope
    first: Round  # of the first question about each package


Rounds = dict[tuple[str, int], list[Round]]
Outcomes = dict[int, Counter[str]]


def measure(rounds: int, say: Callable[[str], None]) -> Part:
    """Build the tenants, then take all sizes in turn in each round."""
    worlds = [_world(size, say) for size in SIZES]
    gc.collect()
    gc.freeze()  # as the server does: the collector need not walk what never changes
    found: Rounds = {(operation, size): [] for operation in OPERATIONS for size in SIZES}
    outcomes: Outcomes = {size: Counter() for size in SIZES}
    foreign: list[float] = []
    dice = random.Random(7)
    for number in range(rounds):
        say(f"in process: round {number + 1} of {rounds}")
        before = usage(os.getpid())
        for world in _rotated(worlds, number):
            for operation, times in _timed(world, dice, outcomes[world.size]):
                found[operation, world.size].append(_round(times))
        foreign.append(foreign_cores(before, usage(os.getpid())))
    gc.unfreeze()
    say(f"in process: others used {max(foreign):.2f} cores at worst")
    sound = max(foreign) <= MOST_FOREIGN
    return Part((_times(found, worlds), _shares(outcomes)), _targets(found, sound=sound))


def _world(size: int, say: Callable[[str], None]) -> World:
    began = perf_counter_ns()
    tenant = sized_tenant(size, standard.profile())
    snapshot = build(tenant, standard.tables())
    say(f"in process: {size:,} packages built in {(perf_counter_ns() - began) / 1e9:.1f} s")
    members = _members(tenant.groups)
    fitting = tuple(
        tuple(sorted(set().union(*(members[name] for name in package.policies[0].scope.groups))))
        for catalog in tenant.catalogs
        for package in catalog.packages
    )
    asks = [_ask(number, users[number % len(users)]) for number, users in enumerate(fitting)]
    times = _clocked(partial(evaluate, snapshot), asks)
    world = World(size, snapshot, fitting, _round(times))
    dice = random.Random(size)
    for _ in range(_WARM_UP):
        evaluate(snapshot, _request(world, dice))
    return world


def _members(groups: Sequence[Group]) -> dict[str, set[str]]:
    by_id = {group.id: group for group in groups}
    nested = {group.id: [by_id[name].users for name in group.groups] for group in groups}
    return {group.id: set(group.users).union(*nested[group.id]) for group in groups}


def _request(world: World, dice: random.Random) -> EvaluationRequest:
    number = dice.randrange(world.size)
    if dice.random() < _IN_SCOPE:
        return _ask(number, dice.choice(world.fitting[number]))
    return _ask(number, user_id(dice.randrange(USERS)))


def _ask(number: int, user: str) -> EvaluationRequest:
    return EvaluationRequest(package_id(number), user, _AT)


def _rotated(worlds: list[World], by: int) -> list[World]:
    by %= len(worlds)
    return worlds[by:] + worlds[:by]


def _timed(
    world: World, dice: random.Random, outcomes: Counter[str]
) -> Iterator[tuple[str, list[float]]]:
    """Time each operation on questions drawn for it alone, so that none warms up another."""
    full, basic, page = OPERATIONS
    requests = _drawn(world, dice)
    yield full, _clocked(partial(evaluate, world.snapshot), requests)
    outcomes.update(_described(evaluate(world.snapshot, request)) for request in requests)
    yield basic, _clocked(partial(check, world.snapshot), _drawn(world, dice))
    users = [user_id(dice.randrange(USERS)) for _ in range(_LISTS)]
    yield page, _clocked(partial(list_requestable, world.snapshot, at=_AT, size=50), users)


def _drawn(world: World, dice: random.Random) -> list[EvaluationRequest]:
    return [_request(world, dice) for _ in range(_DECISIONS)]


def _described(decision: Decision) -> str:
    plan = " with plan" if decision.stages and decision.actions else ""
    return f"{decision.outcome.value}{plan}"


def _clocked(call: Callable[[Any], object], arguments: Sequence[Any]) -> list[float]:
    """Microseconds of each call; the clock's own 0.05 or so are in them."""
    times = []
    for argument in arguments:
        began = perf_counter_ns()
        call(argument)
        times.append((perf_counter_ns() - began) / 1e3)
    return times


def _round(times: list[float]) -> Round:
    return Round(quantile(times, 0.5), quantile(times, 0.99))


def _times(found: Rounds, worlds: list[World]) -> Table:
    rows = [_row(operation, found) for operation in OPERATIONS]
    rows.append(
        (FIRST, *(f"{world.first.p50:.1f} / {world.first.p99:.1f}" for world in worlds), "")
    )
    return Table(
        "In process: microseconds, p50 / p99, by the number of packages",
        ("operation", *(f"{size:,}" for size in SIZES), "100,000 / 1,000 (p50)"),
        tuple(rows),
        f"Medians over {len(found[OPERATIONS[0], SIZES[0]])} rounds of {_DECISIONS:,} decisions "
        f"({_LISTS} lists); the last row is one pass over all packages of a new snapshot.",
    )


def _row(operation: str, found: Rounds) -> tuple[str, ...]:
    cells = []
    for size in SIZES:
        rounds = found[operation, size]
        p50, p99 = (statistics.median(values) for values in zip(*rounds, strict=True))
        cells.append(f"{p50:.1f} / {p99:.1f}")
    return (operation, *cells, f"{_growth(operation, found):.2f}")


def _growth(operation: str, found: Rounds) -> float:
    _, middle, largest = ([one.p50 for one in found[operation, size]] for size in SIZES)
    return ratio_of_rounds(largest, middle)


def _shares(outcomes: Outcomes) -> Table:
    words = sorted(set().union(*outcomes.values()))
    return Table(
        "In process: outcomes of the full decisions that were timed, percent",
        ("outcome", *(f"{size:,}" for size in SIZES)),
        tuple(
            (
                word,
                *(f"{100 * outcomes[size][word] / outcomes[size].total():.1f}" for size in SIZES),
            )
            for word in words
        ),
    )


def _targets(found: Rounds, *, sound: bool) -> tuple[Target, ...]:
    full = OPERATIONS[0]
    slowest = max(statistics.median(one.p50 for one in found[full, size]) for size in SIZES)
    growth = _growth(full, found)
    return (
        Target(f"{full}, median at the slowest size", slowest, LARGEST_MEDIAN, " us", False, sound),
        Target(f"{full}, 100,000 packages / 1,000", growth, LARGEST_GROWTH, "x", False, sound),
    )
