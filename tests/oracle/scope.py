"""Gate 6 for one policy: is the person in its requestor scope, and may it be used this way?"""

from __future__ import annotations

from typing import NamedTuple

from ostiary.domain.attributes import AllOf, AnyOf, AttributeRule, AttributeTest, Comparison
from ostiary.domain.people import (
    ConnectedOrganization,
    OrganizationState,
    PersonType,
    Unknown,
)
from ostiary.domain.policy import AssignmentPolicy, ExpirationKind, ScopeKind
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.request import RequestType
from tests.oracle.case import Case, Person, group_paths, shortest
from tests.oracle.expected import ExpectedReason, reason
from tests.oracle.organizations import (
    blocklisted,
    compared_values,
    known_home,
    looks_like,
    mail_domain,
    own_organizations,
)

EXTERNAL_SCOPES = {
    ScopeKind.SPECIFIC_ORGANIZATIONS,
    ScopeKind.ALL_CONFIGURED_ORGANIZATIONS,
    ScopeKind.ALL_EXTERNAL,
}


class Admitted(NamedTuple):
    """In scope, with the path that proves it."""

    evidence: tuple[str, ...] = ()


class Refused(NamedTuple):
    """Not admitted, with what to say about it."""

    code: Code
    cause: Cause | None = None
    looked_like: tuple[ConnectedOrganization, ...] = ()


class Missing(NamedTuple):
    """Nobody told us the fact that this depends on."""

    fact: str


Admission = Admitted | Refused | Missing


def no_match(cause: Cause = Cause.NO_MATCH) -> Refused:
    """Not in scope, for this cause (S-42)."""
    return Refused(Code.NOT_IN_SCOPE, cause)


def admission(case: Case, policy: AssignmentPolicy) -> Admission:
    """Whether a policy admits the target by the way in which the request asks."""
    return (
        refused_by_policy(case, policy)
        or refused_by_person(case, policy)
        or after_membership(case, policy, membership(case, policy))
    )


def refused_by_policy(case: Case, policy: AssignmentPolicy) -> Refused | None:
    """A policy that is off, for staff only, or not understood admits nobody (S-25, S-28, S-53)."""
    if not policy.enabled:
        return Refused(Code.POLICY_DISABLED)
    if policy.scope.kind in {ScopeKind.NONE, ScopeKind.AUTOMATIC} and not case.direct:
        return Refused(Code.ADMIN_ONLY)
    if policy.scope.kind is ScopeKind.UNREADABLE:
        return no_match()
    return None


def refused_by_person(case: Case, policy: AssignmentPolicy) -> Refused | Missing | None:
    """The type must be known; block lists win over any scope (S-111); S-43 for guests."""
    if isinstance(case.person.type, Unknown):
        return Missing("type")
    listed = blocklisted(case.tenant, case.person)
    if listed is True:
        return no_match(Cause.BLOCKLISTED)
    closed_to_guest = case.person.type is PersonType.GUEST and not case.catalog.external
    if closed_to_guest and policy.scope.kind in EXTERNAL_SCOPES and not case.direct:
        return Refused(Code.CATALOG_NOT_EXTERNAL)  # whatever the identity may be
    return Missing("identity") if isinstance(listed, Unknown) else None


def after_membership(case: Case, policy: AssignmentPolicy, member: Admission) -> Admission:
    """Who is in scope still needs the switch of this way, and an end that lies ahead (S-99)."""
    if not isinstance(member, Admitted):
        return member
    if case.request.type is RequestType.USER_ADD and not policy.self_add:
        return no_match(Cause.SELF_REQUEST_OFF)
    if case.request.type is RequestType.ON_BEHALF_ADD and not policy.on_behalf:
        return Refused(Code.FORBIDDEN)
    end = policy.expiration
    if end.kind is ExpirationKind.DATE and end.at is not None and end.at <= case.request.at:
        return Refused(Code.END_PASSED)
    return member


def membership(case: Case, policy: AssignmentPolicy) -> Admission:
    """Who is in a scope of each kind (section 5)."""
    kind = policy.scope.kind
    if kind is ScopeKind.SPECIFIC_SUBJECTS:
        return among_subjects(case, policy)
    if kind is ScopeKind.AUTOMATIC:
        return by_rule(case.person, policy.scope.rule)
    if kind in {ScopeKind.SPECIFIC_ORGANIZATIONS, ScopeKind.ALL_CONFIGURED_ORGANIZATIONS}:
        return among_organizations(case, policy)
    return by_type(case.person.type, kind)


def by_type(person: PersonType | Unknown, kind: ScopeKind) -> Admission:
    """Scopes that only look at members, guests and externals."""
    if kind is ScopeKind.ALL_MEMBERS and person is PersonType.GUEST:
        return no_match(Cause.GUEST_EXCLUDED)
    admitted = {
        ScopeKind.NONE: {PersonType.MEMBER, PersonType.GUEST, PersonType.EXTERNAL},
        ScopeKind.ALL_MEMBERS: {PersonType.MEMBER},
        ScopeKind.ALL_DIRECTORY_USERS: {PersonType.MEMBER, PersonType.GUEST},
        ScopeKind.ALL_EXTERNAL: {PersonType.GUEST, PersonType.EXTERNAL},
    }
    return Admitted() if person in admitted[kind] else no_match()


def among_subjects(case: Case, policy: AssignmentPolicy) -> Admission:
    """Listed by name, or a member of a listed group, nested ones included (S-34)."""
    if case.person.id in policy.scope.users:
        return Admitted((f"user:{case.person.id}",))
    if not policy.scope.groups:
        return no_match()
    paths = group_paths(case.tenant, case.person)
    if isinstance(paths, Unknown):
        return Missing("groups")
    matching = [paths[group] for group in policy.scope.groups if group in paths]
    return Admitted(shortest(matching)) if matching else no_match()


def among_organizations(case: Case, policy: AssignmentPolicy) -> Admission:
    """People of listed organizations, or of every configured one; members of none (S-33)."""
    if case.person.type is PersonType.MEMBER:
        return no_match()
    if isinstance(case.person.home, Unknown):
        return Missing("identity")
    listed = policy.scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS
    wanted = [
        organization
        for organization in sorted(case.tenant.organizations, key=lambda each: each.id)
        if (
            organization.id in policy.scope.organizations
            if listed
            else organization.state is OrganizationState.CONFIGURED
        )
    ]
    own = own_organizations(case.tenant, case.person)
    for organization in own:
        if organization in wanted:
            return Admitted((f"organization:{organization.id}",))
    return not_among_organizations(case.person, own, wanted, listed=listed)


def not_among_organizations(
    person: Person,
    own: list[ConnectedOrganization],
    wanted: list[ConnectedOrganization],
    *,
    listed: bool,
) -> Refused:
    """The most telling cause why a person of no wanted organization is out (S-42, S-110)."""
    if own and not listed:
        return no_match(Cause.ORGANIZATION_PROPOSED)
    alike = tuple(each for each in wanted if looks_like(person, each))
    if alike:
        return Refused(Code.NOT_IN_SCOPE, Cause.AUTHENTICATION_MISMATCH, alike)
    if own:
        return no_match(Cause.ORGANIZATION_NOT_LISTED)
    return no_match(Cause.NO_CONNECTED_ORGANIZATION)


def by_rule(person: Person, rule: AttributeRule | None) -> Admission:
    """Whoever fits the rule of an automatic policy (S-39, S-106)."""
    if rule is None:
        return no_match()
    if isinstance(person.attributes, Unknown):
        return Missing("attributes")
    return Admitted() if holds(rule, person) is True else no_match()


def holds(rule: AttributeRule, person: Person) -> bool | Unknown:
    """Whether a rule is true; unknown if that hangs on an attribute that is not there (S-39)."""
    if isinstance(rule, AttributeTest):
        return test_holds(rule, person)
    if isinstance(rule, AllOf):
        parts = [holds(part, person) for part in rule.parts]
        return False if False in parts else (Unknown.UNKNOWN if Unknown.UNKNOWN in parts else True)
    if isinstance(rule, AnyOf):
        parts = [holds(part, person) for part in rule.parts]
        return True if True in parts else (Unknown.UNKNOWN if Unknown.UNKNOWN in parts else False)
    part = holds(rule.part, person)
    return part if isinstance(part, Unknown) else not part


def test_holds(test: AttributeTest, person: Person) -> bool | Unknown:
    """One comparison without case; what is not there is neither equal nor unequal (S-39)."""
    if isinstance(person.attributes, Unknown) or test.attribute not in person.attributes:
        return Unknown.UNKNOWN
    text = person.attributes[test.attribute].lower()
    first = test.values[0].lower()
    return {
        Comparison.EQ: text == first,
        Comparison.NE: text != first,
        Comparison.IN: text in [value.lower() for value in test.values],
        Comparison.STARTS_WITH: text.startswith(first),
        Comparison.CONTAINS: first in text,
    }[test.comparison]


def told(case: Case, policy: AssignmentPolicy, refusal: Refused) -> ExpectedReason:
    """The reason that a refusing policy is listed with (S-41, S-113)."""
    if refusal.cause is None:
        return reason(refusal.code, policy.id)
    if refusal.cause is not Cause.AUTHENTICATION_MISMATCH:
        return reason(refusal.code, policy.id, cause=refusal.cause.value)
    home = known_home(case.person)
    domain = mail_domain(case.person)
    return reason(
        refusal.code,
        policy.id,
        cause=refusal.cause.value,
        presented_tenant=None if home is None else home.tenant_id,
        presented_domain=None if domain is None else domain.lower(),
        compared=compared_values(list(refusal.looked_like)),
    )
