"""Asks the real thing and the oracle the same, and tells a difference so that it can be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ostiary.decide.evaluate import check, evaluate
from ostiary.decide.listing import list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.errors import OstiaryError
from ostiary.domain.request import EvaluationRequest
from ostiary.domain.tenant import Tenant
from tests.oracle import Expected, as_expected, decide
from tests.oracle import list_requestable as list_expected
from tests.properties.printing import as_python
from tests.properties.ruling import snapshot
from tests.properties.worlds import LARGEST, World, busy_worlds, worlds_of

Listed = list[tuple[str, bool, tuple[str, ...]]]
Answer = Expected | Listed | str
SMALLER_TRIES = 150
PAGE = 2


def difference(world: World, snap: Snapshot | None = None) -> str:
    """What differs between the real answers and the expected ones; empty if nothing does."""
    snap = snap or snapshot(world.tenant)
    full = expected(world.tenant, world.request)
    light = full._replace(stages=(), actions=()) if isinstance(full, Expected) else full
    return (
        tell("evaluate", world, full, evaluated(snap, world.request))
        or tell("check", world, light, checked(snap, world.request))
        or tell("list", world, listed_by_oracle(world), listed(snap, world.request))
    )


def told(error: OstiaryError) -> str:
    """An error by its reason and what it is about; the words are not the oracle's business."""
    return f"{error.reason} {dict(error.details())}"


def expected(tenant: Tenant, request: EvaluationRequest) -> Expected | str:
    """The oracle's decision, or its error."""
    try:
        return decide(tenant, request)
    except OstiaryError as error:
        return told(error)


def evaluated(snap: Snapshot, request: EvaluationRequest) -> Expected | str:
    """The real decision, or its error."""
    try:
        return as_expected(evaluate(snap, request))
    except OstiaryError as error:
        return told(error)


def checked(snap: Snapshot, request: EvaluationRequest) -> Expected | str:
    """The real decision without its plan, or its error."""
    try:
        return as_expected(check(snap, request))
    except OstiaryError as error:
        return told(error)


def listed_by_oracle(world: World) -> Listed | str:
    """The oracle's list, or its error."""
    asked = world.request
    try:
        return list_expected(world.tenant, asked.requestor, asked.at, asked.holdings)
    except OstiaryError as error:
        return told(error)


def listed(snap: Snapshot, request: EvaluationRequest) -> Listed | str:
    """The real list, put together from small pages, or its error."""
    seen: Listed = []
    after: int | None = 0
    try:
        while after is not None:
            page = list_requestable(
                snap,
                request.requestor,
                request.at,
                holdings=request.holdings,
                after=after,
                size=PAGE,
            )
            seen += [
                (each.package.id, each.decision.eligible, each.decision.offered)
                for each in page.items
            ]
            after = page.next_ordinal
    except OstiaryError as error:
        return told(error)
    return seen


def tell(what: str, world: World, want: Answer, got: Answer) -> str:
    """The parts that differ, with the world as Python text."""
    if want == got:
        return ""
    lines = [f"{what} differs in the world of seed {world.seed}, size {world.size}"]
    if isinstance(want, Expected) and isinstance(got, Expected):
        for name, one, other in zip(Expected._fields, want, got, strict=True):
            if one != other:
                lines += [f"{name}:", *apart(one, other)]
    else:
        lines += [f"  expected {want}", f"  but got  {got}"]
    lines += [f"request = {as_python(world.request)}", f"tenant = {as_python(world.tenant)}"]
    return "\n".join(lines)


def apart(want: object, got: object) -> Iterator[str]:
    """Two unequal values, of tuples only the items that one of them lacks."""
    if not isinstance(want, tuple) or not isinstance(got, tuple) or set(want) == set(got):
        yield f"  expected {want}"
        yield f"  but got  {got}"
        return
    yield from (f"  expected {each}" for each in want if each not in got)
    yield from (f"  but got  {each}" for each in got if each not in want)


def first_difference(seeds: Iterable[int]) -> str:
    """The first difference in the worlds of these seeds, as small as it can be found."""
    for seed in seeds:
        size = 1 + seed % LARGEST
        for text in differences(seed, size):
            return smaller(size) or text
    return ""


def differences(seed: int, size: int) -> Iterator[str]:
    """The differences in the requests about one tenant."""
    snap = None
    for world in worlds_of(seed, size):
        snap = snap or snapshot(world.tenant)
        text = difference(world, snap)
        if text:
            yield text


def first_difference_when_busy(seeds: Iterable[int], count: int) -> str:
    """The first difference when one snapshot answers so many requests, one after the other."""
    for seed in seeds:
        snap = None
        for world in busy_worlds(seed, 1 + seed % LARGEST, count):
            snap = snap or snapshot(world.tenant)
            text = difference(world, snap)
            if text:
                return text
    return ""


def smaller(size: int) -> str:
    """A difference in a smaller world, if there is one nearby."""
    for less in range(1, size):
        for seed in range(SMALLER_TRIES):
            for text in differences(seed, less):
                return text
    return ""
