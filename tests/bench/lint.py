"""Lint of a full tenant: a million people and a hundred thousand packages, in one process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ostiary.analysis.lint.findings import LintReport
from ostiary.analysis.lint.run import lint
from ostiary.rulebook.profiles import load_profile
from tests.bench.figures import MOST_FOREIGN, Part, Table, Target
from tests.bench.full_tenant import full_tenant
from tests.bench.processes import foreign_cores, usage

FULL = (1_000_000, 100_000)
SIZES = ((10_000, 1_000), (100_000, 10_000), FULL)  # people, packages; two policies a package
LARGEST_GROWTH = 15.0  # for ten times the tenant
LARGEST_TIME = 60.0  # seconds for the full tenant


def measure(rounds: int, tell: Callable[[str], None]) -> Part:
    """Look at tenants of three sizes; the full one once, since a minute tells enough."""
    times: list[float] = []
    rows: list[tuple[str, ...]] = []
    sound = True
    for people, packages in SIZES:
        tenant = full_tenant(people, packages, load_profile("standard").profile)
        report, found = LintReport(), list[float]()
        for _ in range(1 if (people, packages) == FULL else rounds):
            before, begun = usage(os.getpid()), time.perf_counter()
            report = lint(tenant)
            found.append(time.perf_counter() - begun)
            foreign = foreign_cores(before, usage(os.getpid()))
            sound = sound and foreign <= MOST_FOREIGN
            tell(f"lint: {people:,} people, {found[-1]:.1f} s, others used {foreign:.2f} cores")
        times.append(sorted(found)[len(found) // 2])
        growth = f"{times[-1] / times[-2]:.1f}x" if len(times) > 1 else ""
        each = 1e6 * times[-1] / report.policies
        rows.append(
            (
                f"{people:,}",
                f"{report.policies:,}",
                f"{len(report.findings):,}",
                f"{times[-1]:.2f} s",
                f"{each:.0f} us",
                growth,
            )
        )
    columns = ("people", "policies", "findings", "time", "a policy", "ten times more")
    table = Table("Lint of a tenant, median of rounds", columns, tuple(rows))
    targets = (
        Target("lint of the full tenant", times[-1], LARGEST_TIME, " s", False, sound),
        Target(
            "lint, the full tenant / a tenth",
            times[-1] / times[-2],
            LARGEST_GROWTH,
            "x",
            False,
            sound,
        ),
    )
    return Part((table,), targets)
