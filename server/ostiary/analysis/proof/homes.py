"""Where people can come from: every way of signing in that some decision tells from the others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import msgspec

from ostiary.analysis.proof.possible import TENANTS_TO_COME, Side, View
from ostiary.decide.approvers import organization_sponsors
from ostiary.decide.evaluate import subject_of
from ostiary.decide.scope import organization_word
from ostiary.decide.subject import Subject
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    IdentitySource,
    PersonType,
    RiskLevel,
    SignIn,
)
from ostiary.domain.policy import ApproverKind
from ostiary.domain.request import InlinePerson

MOST_HOMES = 200_000
_SPONSORS = (ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS)


class Origin(msgspec.Struct, frozen=True):
    """What somebody is to the directory, and how they sign in."""

    type: PersonType
    home: HomeIdentity | None = None
    mail: str | None = None


class TooManyError(Exception):
    """There is more to look at than can be looked at; says what."""


def stranger(name: str) -> InlinePerson:
    """Give a member of the directory of whom nothing else is to be said."""
    return InlinePerson(
        id=name,
        type=PersonType.MEMBER,
        state=AccountState.ENABLED,
        groups=(),
        manager=None,
        sponsors=(),
        home=None,
        attributes={},
        risk=RiskLevel.NONE,
    )


def origins(views: tuple[View, ...]) -> tuple[Origin, ...]:
    """Give one origin for each way in which the views can see somebody's origin.

    Raises TooManyError.
    """
    found: dict[tuple[object, ...], Origin] = {}
    for origin in _all(tuple(dict.fromkeys(view.side for view in views))):
        found.setdefault(_seen(views, origin), origin)
    return tuple(found.values())


@lru_cache(maxsize=4)  # every package of a proof has the same
def _all(sides: tuple[Side, ...]) -> tuple[Origin, ...]:
    homes = list(_homes(sides))
    outside = (PersonType.GUEST, PersonType.EXTERNAL)
    others = (Origin(kind, home, mail) for kind in outside for home, mail in homes)
    return Origin(PersonType.MEMBER), *others


def _homes(sides: tuple[Side, ...]) -> Iterator[tuple[HomeIdentity | None, str | None]]:
    sources = [
        source
        for side in sides
        for organization in side.tenant.organizations
        for source in organization.sources
    ]
    domains = _domains(sides, sources)
    tenants = _named(one.tenant_id for one in sources)
    issuers = _named(one.issuer for one in sources)
    identifiers = _named(one.identifier for one in sources)
    if len(domains) * (len(tenants) + len(issuers) + 2 * len(identifiers)) > MOST_HOMES:
        raise TooManyError("the ways of signing in to the connected organizations are too many")
    # A test can say how somebody signed in, but not that they did not: that comes last.
    for tenant, domain in product(tenants, domains):
        yield HomeIdentity(SignIn.TENANT, tenant_id=tenant, domain=domain), None
    for domain in domains:
        yield HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain), None
    for issuer, domain in product(issuers, domains):
        yield HomeIdentity(SignIn.FEDERATION, issuer=issuer, domain=domain), None
    for sign_in in (SignIn.OTHER_CLOUD, SignIn.SOCIAL):
        for identifier, domain in product(identifiers, domains):
            yield HomeIdentity(sign_in, identifier=identifier, domain=domain), None
    for domain in domains[1:]:
        yield None, f"somebody@{domain}"
    yield None, None


def _domains(sides: tuple[Side, ...], sources: list[IdentitySource]) -> list[str | None]:
    """Give every mail domain that anything compares, one that nothing knows, and none."""
    listed = {
        domain
        for side in sides
        for domain in (
            *(side.tenant.settings.allowed_domains or ()),
            *side.tenant.settings.blocked_domains,
        )
    }
    known = {(one.domain or "").lower() for one in sources} | listed
    return [None, *sorted(known - {""}), _unlike(known, "elsewhere.example")]


def _named(values: Iterator[str | None]) -> list[str]:
    known = {one for one in values if one}
    come = set(TENANTS_TO_COME.values())
    # What is known today comes first, since a counterexample with it needs nothing to come.
    return [*sorted(known - come), *sorted(known & come), _unlike(known, "elsewhere")]


def _unlike(known: set[str], word: str) -> str:
    while word in known:
        word = f"x-{word}"
    return word


def _seen(views: tuple[View, ...], origin: Origin) -> tuple[object, ...]:
    person = msgspec.structs.replace(
        stranger("somebody-else"), type=origin.type, home=origin.home, mail=origin.mail
    )
    return (origin.type, *(_seen_by(view, person) for view in views))


def _seen_by(view: View, person: InlinePerson) -> tuple[object, ...]:
    snapshot = view.side.snapshot
    subject = subject_of(snapshot, person, direct=False)
    return (
        tuple(
            (
                not subject.keys.isdisjoint(policy.keys),
                organization_word(policy, subject),
            )
            for policy in view.package.policies
        ),
        subject.listed,
        subject.belonging,
        *_sponsors(view, subject),
    )


def _sponsors(view: View, subject: Subject) -> Iterator[object]:
    """Give the sponsors of the organization that approvers are taken from, where some are."""
    kinds = relations_of(view)
    if not subject.organizations:
        return
    directory = view.side.snapshot.directory
    organization = directory.organization(subject.organizations[0])
    for kind in _SPONSORS:
        if kind in kinds:
            yield kind, organization_sponsors(kind, organization, directory)


def relations_of(view: View) -> frozenset[ApproverKind]:
    """Give the kinds of relation through which some stage, that of risk too, finds approvers."""
    risk = view.side.snapshot.risk
    of_risk = () if risk is None else risk.stage.stage.primary
    return frozenset(approver.kind for approver in of_risk) | frozenset(
        approver.kind
        for policy in view.package.policies
        for stage in policy.policy.stages
        for approver in (
            *stage.primary,
            *stage.fallback,
            *stage.alternates,
            *stage.alternate_fallback,
        )
    )
