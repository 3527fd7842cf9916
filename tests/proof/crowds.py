"""Everybody over a small vocabulary, and a judge that knows nothing of kinds of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import chain, combinations, product
from typing import NamedTuple
from unittest.mock import patch

from ostiary.analysis.proof import people
from ostiary.analysis.proof.report import Finding
from ostiary.decide.attributes import holds
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.catalog import AccessPackage
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    PersonType,
    RiskLevel,
    SignIn,
)
from ostiary.domain.policy import AssignmentPolicy, Question, QuestionKind, ScopeKind
from ostiary.domain.request import (
    Answer,
    EvaluationRequest,
    Holdings,
    InlinePerson,
    Mode,
    RequestType,
)
from ostiary.domain.tenant import Tenant
from tests.properties.asks import FITTING
from tests.properties.dice import (
    ATTRIBUTES,
    DOMAINS,
    IDENTIFIERS,
    ISSUERS,
    TENANT_IDS,
    Dice,
)

GOES_ON = (Outcome.GRANT, Outcome.NEEDS_APPROVAL)


FEW_KINDS, MANY_KINDS = 2_500, 6_000  # of one package, so that no world takes long


def bounded(most: int) -> AbstractContextManager[object]:
    """Look at no package with more kinds of people than that."""
    return patch.object(people, "MOST_KINDS", most)


def left_out(finding: Finding) -> set[str]:
    """The packages that were not looked at, or of which nobody knows."""
    return {text.partition(":")[0].partition(" with ")[0] for text in finding.unknown}


class Somebody(NamedTuple):
    """One possible person at one instant, with what they hold."""

    person: InlinePerson
    at: datetime
    held: tuple[str, ...]


class Crowd:
    """All words from which people of some tenants can be made."""

    def __init__(
        self,
        tenants: tuple[Tenant, ...],
        instants: tuple[datetime, ...],
        homes: tuple[HomeIdentity, ...] = (),
        attributes: tuple[Mapping[str, str], ...] = ({},),
    ) -> None:
        users = sorted({user.id for tenant in tenants for user in tenant.users})
        self.ids = ("new-here", *users)
        self.managers = (None, "gone", *users)
        self.groups = tuple(sorted({one.id for tenant in tenants for one in tenant.groups}))
        self.homes = homes or tuple(_homes())
        self.mails = (None, *(f"x@{domain}" for domain in DOMAINS))
        packages = [one for tenant in tenants for one in packages_of(tenant)]
        self.holdable = tuple(
            sorted({name for one in packages for name in one.incompatible_packages})
        )
        self.instants = instants
        self.attributes = attributes

    def somebody(self, dice: Dice) -> Somebody:
        """A person by chance; every possible one can come."""
        kind = dice.pick(tuple(PersonType))
        outside = kind is not PersonType.MEMBER
        attributes = {name: dice.pick(ATTRIBUTES[name]) for name in ATTRIBUTES if dice.chance(0.6)}
        return Somebody(
            InlinePerson(
                id=dice.pick(self.ids),
                type=kind,
                state=AccountState.ENABLED,
                groups=dice.some(self.groups, 3),
                manager=dice.pick(self.managers),
                sponsors=dice.some(self.ids, 2),
                home=dice.pick(self.homes) if outside and dice.chance(0.9) else None,
                attributes=attributes,
                mail=dice.pick(self.mails) if outside else None,
                risk=dice.pick(tuple(RiskLevel)),
            ),
            dice.pick(self.instants),
            dice.some(self.holdable, 2),
        )

    def everybody(self) -> Iterator[Somebody]:
        """Every person without sponsors or risk; for the smallest tenants alone."""
        memberships = tuple(
            chain.from_iterable(combinations(self.groups, n) for n in range(len(self.groups) + 1))
        )
        origins = [
            (PersonType.MEMBER, None),
            *product((PersonType.GUEST, PersonType.EXTERNAL), (None, *self.homes)),
        ]
        held = ((), *((name,) for name in self.holdable))
        for name, manager, groups, (kind, home), at, holding, attributes in product(
            self.ids, self.managers, memberships, origins, self.instants, held, self.attributes
        ):
            person = InlinePerson(
                id=name,
                type=kind,
                state=AccountState.ENABLED,
                groups=groups,
                manager=manager,
                sponsors=(),
                home=home,
                attributes=attributes,
                risk=RiskLevel.NONE,
            )
            yield Somebody(person, at, holding)


def _homes() -> Iterator[HomeIdentity]:
    for domain in (None, *DOMAINS):
        for tenant_id in TENANT_IDS:
            yield HomeIdentity(SignIn.TENANT, tenant_id=tenant_id, domain=domain)
    for domain in DOMAINS:
        yield HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain)
        for issuer in ISSUERS:
            yield HomeIdentity(SignIn.FEDERATION, domain=domain, issuer=issuer)
    for identifier in IDENTIFIERS:
        yield HomeIdentity(SignIn.OTHER_CLOUD, identifier=identifier)
        yield HomeIdentity(SignIn.SOCIAL, identifier=identifier)


def packages_of(tenant: Tenant) -> list[AccessPackage]:
    """All packages of a tenant."""
    return [package for catalog in tenant.catalogs for package in catalog.packages]


def ways_in(snapshot: Snapshot, package: str, one: Somebody) -> dict[str, list[Decision]]:
    """What lets somebody in, by the way of asking: every policy is tried by every way there is."""
    found: dict[str, list[Decision]] = {}
    compiled = snapshot.packages.get(package)
    if compiled is None:
        return found
    for policy in (None, *(each.policy for each in compiled.policies)):
        ways: list[tuple[RequestType, str | None, str]] = [(RequestType.USER_ADD, None, "request")]
        if isinstance(one.person.manager, str):
            ways.append((RequestType.ON_BEHALF_ADD, one.person.manager, "on-behalf"))
        if policy is not None and gets_by_rule(policy, one.person):
            ways.append((RequestType.ADMIN_ADD, "system", "automatic"))
        for kind, submitter, way in ways:
            questions = () if policy is None else compiled.by_id[policy.id].questions
            request = EvaluationRequest(
                package=package,
                requestor=one.person,
                at=one.at,
                type=kind,
                mode=Mode.SUBMISSION,
                submitter=submitter,
                policy=None if policy is None else policy.id,
                justification="for the project",
                answers=tuple(answer(each) for each in questions if each.required),
                holdings=Holdings(assigned=one.held),
            )
            decision = evaluate(snapshot, request)
            if decision.outcome in GOES_ON:
                found.setdefault(way, []).append(decision)
    return found


def gets_by_rule(policy: AssignmentPolicy, person: InlinePerson) -> bool:
    """Whether the sweep would give the package to a user like this (S-106)."""
    rule = policy.scope.rule
    if policy.scope.kind is not ScopeKind.AUTOMATIC or rule is None or not policy.enabled:
        return False
    inside = person.type in (PersonType.MEMBER, PersonType.GUEST)
    return inside and isinstance(person.attributes, dict) and holds(rule, person.attributes) is True


def answer(question: Question) -> Answer:
    """A right answer."""
    if question.kind is QuestionKind.CHOICE:
        return Answer(question.id, question.choices[:1])
    return Answer(question.id, (FITTING.get(question.pattern or "", "yes"),))
