"""The work of lint grows with the tenant, not with the pairs of people and policies."""

from __future__ import annotations

import sys

from ostiary.analysis.lint.run import lint
from ostiary.rulebook.profiles import load_profile
from tests.bench.full_tenant import full_tenant

STANDARD = load_profile("standard").profile


def calls(users: int, packages: int) -> int:
    """How many functions are called, of ours and of libraries, to look at a tenant."""
    tenant = full_tenant(users, packages, STANDARD)
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        lint(tenant)
    finally:
        sys.setprofile(None)
    return count


def test_twice_the_tenant_is_twice_the_work() -> None:
    small, large = calls(1_000, 200), calls(2_000, 400)
    assert small > 10_000
    assert large / small < 2.5


def test_more_people_do_not_make_policies_dearer() -> None:
    few, many = calls(1_000, 200), calls(4_000, 200)
    people = calls(4_000, 2) - calls(1_000, 2)
    assert many - few < 1.5 * people + 0.5 * few


def test_what_is_resolved_is_resolved_once() -> None:
    tenant = full_tenant(2_000, 400, STANDARD)
    report = lint(tenant)
    assert report.policies == 800
    assert report.work < len(tenant.groups) + 4 * report.policies
