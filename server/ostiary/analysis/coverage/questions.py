"""Test synthesis for tenants: questions that see policies as no test has seen them.

Everybody of the directory who may matter is tried on the real core, and people from outside after
them; what none of them reaches is said to be out of reach, with why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from ostiary.analysis.coverage.least import Choice, least
from ostiary.analysis.coverage.tenant import Sight, TenantCoverage, sights_of
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.domain.decision import Decision
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    IdentitySource,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
)
from ostiary.domain.policy import AssignmentPolicy, ScopeKind
from ostiary.domain.request import EvaluationRequest, InlinePerson, RequestType
from ostiary.domain.tenant import Tenant

MOST_PEOPLE = 500  # of the directory that are tried for one package beside those its scopes name
MOST_NAMED = 20  # of the members of each group that a scope names


# of somebody whom no organization knows; a suite cannot say that a sign-in is known to be absent
_ELSEWHERE = HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="elsewhere.example")


class Found(msgspec.Struct, frozen=True):
    """A question that sees policies as no test did, with the decision on it."""

    request: EvaluationRequest
    decision: Decision
    sees: tuple[tuple[str, Sight], ...]


class OutOfReach(msgspec.Struct, frozen=True, order=True):
    """A way in which nobody who was tried sees a policy."""

    package: str
    policy: str
    sight: Sight
    why: str


class Questions(msgspec.Struct, frozen=True):
    """The fewest questions found, package by package, and what none reaches."""

    found: tuple[Found, ...]
    out_of_reach: tuple[OutOfReach, ...]


def questions_for(
    tenant: Tenant,
    snapshot: Snapshot,
    coverage: TenantCoverage,
    at: datetime,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Questions:
    """Give questions, to be asked at an instant, that see what no test saw.

    `progress` hears how many packages are done of how many.
    """
    missing: dict[str, list[tuple[str, Sight]]] = {}
    for one in coverage.policies:
        missing.setdefault(one.package, []).extend((one.policy, each) for each in one.missing)
    found: list[Found] = []
    beyond: list[OutOfReach] = []
    done = 0
    for catalog in tenant.catalogs:
        for package in catalog.packages:
            progress(done, len(snapshot.packages))
            done += 1
            goals = missing.get(package.id, [])
            if not goals:
                continue
            search = _Search(tenant, snapshot, package.id, goals, at)
            chosen = search.least()
            found += chosen
            reached = {goal for one in chosen for goal in one.sees}
            policies = {policy.id: policy for policy in package.policies}
            for name, sight in goals:
                if (name, sight) not in reached:
                    why = _why(policies[name], sight, catalog_enabled=catalog.enabled)
                    beyond.append(OutOfReach(package.id, name, sight, why))
    return Questions(tuple(found), tuple(beyond))


class _Search:
    """The questions about one package."""

    def __init__(
        self,
        tenant: Tenant,
        snapshot: Snapshot,
        package: str,
        goals: list[tuple[str, Sight]],
        at: datetime,
    ) -> None:
        self.tenant = tenant
        self.snapshot = snapshot
        self.package = snapshot.packages[package]
        self.goals = {goal: 1 << number for number, goal in enumerate(goals)}
        self.at = at

    def least(self) -> list[Found]:
        """Give the fewest questions that reach all goals that any of those tried reaches."""
        found: dict[int, Found] = {}
        wanted = (1 << len(self.goals)) - 1
        left = wanted
        for request in self._requests():
            try:
                decision = evaluate(self.snapshot, request)
            except OstiaryError:
                continue  # a question that cannot be asked shows nothing
            sees = tuple(goal for goal in dict.fromkeys(sights_of(decision)) if goal in self.goals)
            reached = sum(self.goals[goal] for goal in sees)
            if reached and reached not in found:
                found[reached] = Found(request, decision, sees)
                left &= ~reached
        choices = [Choice(reached, reached) for reached in found]
        return [found[reached] for reached in least(wanted, choices).choices]

    def _requests(self) -> Iterator[EvaluationRequest]:
        policies = [None, *(policy.id for policy in self.package.policies)]
        for person in self._people():
            for policy in policies:
                yield self._request(person, RequestType.USER_ADD, policy)
                if policy is not None:
                    yield self._request(person, RequestType.ADMIN_ADD, policy)
        for person in self._people():
            user = self.snapshot.directory.user(person) if isinstance(person, str) else None
            if user is not None and user.manager is not None:
                for policy in policies:
                    asked = self._request(person, RequestType.ON_BEHALF_ADD, policy)
                    yield msgspec.structs.replace(asked, submitter=user.manager)

    def _request(
        self, person: str | InlinePerson, kind: RequestType, policy: str | None
    ) -> EvaluationRequest:
        return EvaluationRequest(
            package=self.package.id, requestor=person, at=self.at, type=kind, policy=policy
        )

    def _people(self) -> Iterator[str | InlinePerson]:
        """Give those whom the scopes name, then others of the directory, then people made up."""
        directory = self.snapshot.directory
        named = dict.fromkeys(_named(self.package, self.tenant, self.snapshot))
        for one in islice(self.tenant.users, MOST_PEOPLE):
            named.setdefault(one.id)
        for name in named:
            user = directory.user(name)
            if user is not None and user.state is AccountState.ENABLED:
                yield name
        yield _person("somebody-else", PersonType.MEMBER)
        yield _person("some-guest", PersonType.GUEST, _ELSEWHERE)
        yield _person("some-stranger", PersonType.EXTERNAL, _ELSEWHERE)
        for organization in self.tenant.organizations:
            for source in organization.sources[:1]:
                name = f"somebody-of-{organization.id}"
                yield _person(name, PersonType.EXTERNAL, _home(source))


def _named(package: CompiledPackage, tenant: Tenant, snapshot: Snapshot) -> Iterator[str]:
    for catalog in tenant.catalogs:
        for one in catalog.packages:
            if one.id == package.id:
                for policy in one.policies:
                    yield from policy.scope.users
                    for group in policy.scope.groups:
                        members = snapshot.directory.members(group)
                        yield from (user.id for user in members[:MOST_NAMED])


def _person(name: str, kind: PersonType, home: HomeIdentity | None = None) -> InlinePerson:
    return InlinePerson(
        id=name,
        type=kind,
        state=AccountState.ENABLED,
        groups=(),
        manager=None,
        sponsors=(),
        home=home,
        attributes={},
        risk=RiskLevel.NONE,
    )


def _home(source: IdentitySource) -> HomeIdentity:
    """Give a sign-in that an identity source stands for (S-112)."""
    sign_in = {
        SourceKind.TENANT: SignIn.TENANT,
        SourceKind.DOMAIN: SignIn.ONE_TIME_PASSCODE,
        SourceKind.FEDERATION: SignIn.FEDERATION,
        SourceKind.OTHER_CLOUD: SignIn.OTHER_CLOUD,
        SourceKind.SOCIAL: SignIn.SOCIAL,
    }[source.kind]
    return HomeIdentity(sign_in, source.tenant_id, source.domain, source.issuer, source.identifier)


def _why(policy: AssignmentPolicy, sight: Sight, *, catalog_enabled: bool) -> str:
    """Say why nobody sees a policy in one way, as far as the policy itself tells."""
    admits = sight is not Sight.REFUSED and sight is not Sight.OUT
    if admits and not policy.enabled:
        return "the policy is switched off"
    if admits and not catalog_enabled and sight is not Sight.IN:
        return "its catalog is disabled"
    if admits and policy.scope.kind is ScopeKind.UNREADABLE:
        return "nobody understands its scope, so it admits nobody"
    if sight is Sight.OUT and policy.scope.kind is ScopeKind.NONE:
        return "a policy without requestors leaves nobody out by who they are"
    if sight is Sight.OUT and not policy.enabled:
        return "the policy is switched off, whoever asks"
    return "none of the people who were tried"


def question_case(found: Found, number: int) -> dict[str, Any]:
    """Give the test of a question: what the decision says now of outcome, policies and people."""
    request, decision = found.request, found.decision
    who = request.requestor if isinstance(request.requestor, str) else request.requestor.id
    ways = [f"policy {policy} is {_SEEN[sight]}" for policy, sight in _telling(found.sees)]
    want: dict[str, Any] = {
        "outcome": decision.outcome.value,
        "visible": decision.visible,
        "eligible": decision.eligible,
        "policies": sorted(decision.offered),
        "selected": decision.selected or "none",
        "approvers": [list(stage.approvers) for stage in decision.stages] or None,
        "reasons": [one.code.value for one in decision.reasons],
    }
    return {
        "name": f"{number}. {who} asks for {request.package}: {', '.join(ways)}",
        "at": request.at,
        "ask": _asked(request),
        "want": want,
    }


def _telling(sees: Sequence[tuple[str, Sight]]) -> list[tuple[str, Sight]]:
    """Leave out what follows: who has a policy in force is offered it, and inside its scope."""
    selected = {policy for policy, sight in sees if sight is Sight.SELECTED}
    follows = (Sight.OFFERED, Sight.IN)
    return [one for one in sees if one[0] not in selected or one[1] not in follows]


_SEEN = {
    Sight.SELECTED: "in force",
    Sight.OFFERED: "offered",
    Sight.REFUSED: "refused",
    Sight.IN: "seen from inside its scope",
    Sight.OUT: "seen from outside its scope",
}


def _asked(request: EvaluationRequest) -> dict[str, Any]:
    person = request.requestor
    kind = None if request.type is RequestType.USER_ADD else request.type.value
    return {
        "package": request.package,
        "requestor": person if isinstance(person, str) else _described(person),
        "type": kind,
        "submitter": request.submitter,
        "policy": request.policy,
    }


def _described(person: InlinePerson) -> dict[str, Any]:
    home = person.home if isinstance(person.home, HomeIdentity) else None
    return {
        "id": person.id,
        "type": _value(person.type),
        "state": _value(person.state),
        "groups": [],
        "manager": "none",
        "sponsors": [],
        "home": None if home is None else _present(home),
        "attributes": {},
        "risk": _value(person.risk),
    }


def _present(home: HomeIdentity) -> dict[str, Any]:
    return {
        "sign_in": home.sign_in.value,
        "tenant_id": home.tenant_id,
        "domain": home.domain,
        "issuer": home.issuer,
        "identifier": home.identifier,
    }


def _value(word: Any) -> str:
    return str(word.value)


def cases_of(found: Iterable[Found]) -> list[dict[str, Any]]:
    """Give the tests of questions, numbered so that no two have one name."""
    return [question_case(one, number) for number, one in enumerate(found, start=1)]
