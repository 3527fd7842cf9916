"""Run every check over a tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ostiary.analysis.lint.approving import check_approval
from ostiary.analysis.lint.cataloguing import check_catalogs
from ostiary.analysis.lint.choosing import check_choice
from ostiary.analysis.lint.ending import check_end
from ostiary.analysis.lint.findings import Finding, LintReport
from ostiary.analysis.lint.housekeeping import check_directory, check_settings
from ostiary.analysis.lint.packaging import check_package
from ostiary.analysis.lint.partnering import check_partners
from ostiary.analysis.lint.reviewing import check_reviews
from ostiary.analysis.lint.scoping import check_scope
from ostiary.analysis.lint.views import PackageView, PolicyView, World
from ostiary.domain.tenant import Tenant

Progress = Callable[[int, int], None]

_POLICY_CHECKS: tuple[Callable[[World, PolicyView], Iterator[Finding]], ...] = (
    check_scope,
    check_approval,
    check_end,
    check_reviews,
)
_PACKAGE_CHECKS: tuple[Callable[[World, PackageView], Iterator[Finding]], ...] = (
    check_choice,
    check_package,
)
_TENANT_CHECKS: tuple[Callable[[World], Iterator[Finding]], ...] = (
    check_catalogs,
    check_partners,
    check_directory,
)
_TOLD_EVERY = 100


def lint(
    tenant: Tenant,
    *,
    now: datetime | None = None,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> LintReport:
    """Give every finding over a tenant that loads; with `now` also what has passed by then.

    `overrides` are those of the profile as they are written; `progress` is told how many packages
    are done, and of how many.
    """
    world = World(tenant, now)
    found: list[Finding] = [*check_settings(world, overrides or {})]
    for whole in _TENANT_CHECKS:
        found.extend(whole(world))
    total = sum(len(catalog.packages) for catalog in tenant.catalogs)
    policies = 0
    for done, package in enumerate(world.packages(), start=1):
        for check in _PACKAGE_CHECKS:
            found.extend(check(world, package))
        for view in package.policies:
            for one in _POLICY_CHECKS:
                found.extend(one(world, view))
        policies += len(package.policies)
        if progress is not None and done % _TOLD_EVERY == 0:
            progress(done, total)
    found.sort(key=lambda one: (one.path, one.code))
    return LintReport(tuple(found), policies, world.people.work)
