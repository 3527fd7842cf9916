"""Written counterexamples are run as suites, on tenants that are not in any folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import CaseReport
from ostiary.analysis.suites.runner import run_suites
from ostiary.decide.model import Snapshot
from ostiary.domain.people import (
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.plain_nodes import plain_of
from ostiary.rulebook.source import MappingNode
from ostiary.rulebook.suite_file import Suite, TenantTest, read_suite
from ostiary.rulebook.suite_text import write_suite
from ostiary.rulebook.tenant_files import LoadedTenant


class Hand(Bench):
    """A bench on which a tenant and its tables are laid by hand."""

    def __init__(self, tenant: Tenant, tables: Tables) -> None:
        super().__init__()
        self._tenant = tenant
        self._by_hand = tables

    def tables(self, _: Suite) -> Tables:
        return self._by_hand

    def loaded(
        self, suite: Suite, test: TenantTest, changes: Sequence[MappingNode] = ()
    ) -> LoadedTenant:
        assert not changes, suite.title
        given = {} if test.given is None else plain_of(test.given)
        assert isinstance(given, dict)
        return LoadedTenant(_changed(self._tenant, given))

    def snapshot(self, suite: Suite, test: TenantTest) -> Snapshot:
        return build(self.loaded(suite, test).tenant, self._by_hand)


def _changed(tenant: Tenant, given: Mapping[str, Any]) -> Tenant:
    users = {one.id: one for one in tenant.users}
    users |= {one["id"]: _user(one) for one in given.get("users", ())}
    groups = {one.id: one for one in tenant.groups}
    for one in given.get("groups", ()):
        groups[one["id"]] = replace(groups[one["id"]], users=tuple(one["users"]))
    organizations = {one.id: one for one in tenant.organizations}
    for one in given.get("organizations", ()):
        organizations[one["id"]] = ConnectedOrganization(
            one["id"],
            one["name"],
            OrganizationState(one["state"]),
            sources=(IdentitySource(SourceKind.TENANT, tenant_id=one["sources"][0]["tenant"]),),
        )
    return replace(
        tenant,
        users=tuple(users[name] for name in sorted(users)),
        groups=tuple(groups[name] for name in sorted(groups)),
        organizations=tuple(organizations[name] for name in sorted(organizations)),
    )


def _user(text: Mapping[str, Any]) -> User:
    home = text.get("home")
    return User(
        text["id"],
        text["id"],
        type=PersonType(text.get("type", "member")),
        manager=text.get("manager"),
        sponsors=tuple(text.get("sponsors", ())),
        home=None if home is None else HomeIdentity(**{**home, "sign_in": SignIn(home["sign_in"])}),
        mail=text.get("mail"),
        attributes=text.get("attributes", {}),
        risk=RiskLevel(text.get("risk", "none")),
    )


def played(
    tests: Sequence[Mapping[str, Any]], tenant: Tenant, tables: Tables
) -> tuple[CaseReport, ...]:
    """Write tests, read them back, and run them."""
    named = [{**test, "name": f"{number}. {test['name']}"} for number, test in enumerate(tests)]
    text = write_suite("what was found", named)
    suite = read_suite(text.encode(), Path("found_test.yaml"))
    with Hand(tenant, tables) as bench:
        return run_suites([suite], bench).tests
