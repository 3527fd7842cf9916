"""The changes that are worth trying for one question, in the order in which they are preferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from ostiary.analysis.counterfactual.attributes import other_than, values_for
from ostiary.analysis.counterfactual.facts import Definitions, homes_of
from ostiary.analysis.counterfactual.report import Change, ChangeKind
from ostiary.analysis.proof.answering import fill
from ostiary.decide.attributes import holds
from ostiary.decide.lookup import PhaseLookup
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.decide.organizations import mail_domain
from ostiary.decide.predicates import predicate_word
from ostiary.domain.attributes import tests_of
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    OrganizationState,
    PersonType,
    RiskLevel,
)
from ostiary.domain.policy import ApproverKind, ExpirationKind, ScopeKind
from ostiary.domain.request import EvaluationRequest, InlinePerson, RequestType
from ostiary.domain.tenant import Settings

_ORDER = {kind: place for place, kind in enumerate(ChangeKind)}
_MOST_SUBJECTS = 8  # of one kind and policy: a scope may name thousands
_MOST_MANAGERS = 10_000  # users who are looked at for one with a manager
K = ChangeKind


def candidates(
    snapshot: Snapshot, package: CompiledPackage, request: EvaluationRequest, now: Definitions
) -> tuple[Change, ...]:
    """Give the changes that could bear on the answer, each once, the preferred ones first.

    `request` has its person described.
    """
    person = request.requestor
    if not isinstance(person, InlinePerson):
        raise TypeError("the person of the question is not described")
    found = {
        *_of_request(package, request),
        *_of_time(package, request),
        *_of_asking(package, request, person),
        *_of_groups(package, person, now),
        *_of_organizations(package, person, now),
        *_of_approvers(package, request, person, now),
        *_of_relations(package, request, person, now),
        *_of_attributes(snapshot, package, person),
        *_of_account(snapshot, person),
        *_of_definitions(package, request, person, now),
        *_of_limits(snapshot, request),
    }
    return tuple(sorted(found, key=_place))


def _place(change: Change) -> tuple[int, str, str, str]:
    at = "" if change.at is None else change.at.isoformat()
    return (_ORDER[change.kind], change.subject, change.value, at)


def slot(change: Change) -> tuple[str, str]:
    """Give what a change decides; two changes of one slot cannot be made together."""
    return _SLOTS.get(change.kind, change.kind.value), (
        change.subject if change.kind in _MANY else ""
    )


_SLOTS = {
    K.NAME_NO_POLICY: "policy",
    K.CHOOSE_POLICY: "policy",
    K.DROP_SCHEDULE: "schedule",
    K.SHORTEN: "schedule",
    K.ASK_FOR_ONESELF: "door",
    K.HAVE_MANAGER_ASK: "door",
    K.HAVE_STAFF_ASSIGN: "door",
    K.SET_MANAGER: "manager",
    K.REMOVE_MANAGER: "manager",
    K.BECOME_MEMBER: "type",
    K.BECOME_GUEST: "type",
}
_MANY = frozenset(
    {
        K.GIVE_BACK,
        K.JOIN_GROUP,
        K.LEAVE_GROUP,
        K.SET_ATTRIBUTE,
        K.ENABLE_APPROVER,
        K.ADD_APPROVER,
        K.ENABLE_POLICY,
        K.ALLOW_SELF_REQUESTS,
        K.ALLOW_MANAGERS,
        K.ALLOW_SCHEDULES,
        K.CONFIGURE_ORGANIZATION,
        K.FREE_LIMIT,
    }
)


def _of_request(package: CompiledPackage, request: EvaluationRequest) -> Iterator[Change]:
    if request.policy is not None:
        yield Change(K.NAME_NO_POLICY)
    for policy in package.policies:
        if policy.id != request.policy:
            yield Change(K.CHOOSE_POLICY, policy.id)
        answers = fill(policy)
        if answers.complete and answers.answers != request.answers:
            yield Change(K.ANSWER_QUESTIONS, policy.id)
        if (
            request.schedule is not None
            and policy.policy.expiration.kind is not ExpirationKind.NEVER
        ):
            yield Change(K.SHORTEN, policy.id)
    if not (request.justification or "").strip():
        yield Change(K.WRITE_JUSTIFICATION)
    if request.schedule is not None:
        yield Change(K.DROP_SCHEDULE)
    for name in request.holdings.assigned:
        if name != package.id:  # what is held is extended, not given back to be asked for
            yield Change(K.GIVE_BACK, name)


def _of_time(package: CompiledPackage, request: EvaluationRequest) -> Iterator[Change]:
    for policy in package.policies:
        if policy.fixed_end is not None and policy.fixed_end > request.at:
            yield Change(K.WAIT_UNTIL, at=policy.fixed_end)


def _of_asking(
    package: CompiledPackage, request: EvaluationRequest, person: InlinePerson
) -> Iterator[Change]:
    if request.type is not RequestType.USER_ADD:
        yield Change(K.ASK_FOR_ONESELF)
    own = person.manager == person.id  # who is their own manager asks for themselves
    asked = request.type is RequestType.ON_BEHALF_ADD
    if not asked and isinstance(person.manager, str) and not own:
        yield Change(K.HAVE_MANAGER_ASK, person.manager)
    if request.type is not RequestType.ADMIN_ADD and package.policies:
        yield Change(K.HAVE_STAFF_ASSIGN)


def _of_groups(
    package: CompiledPackage, person: InlinePerson, now: Definitions
) -> Iterator[Change]:
    groups = person.groups if isinstance(person.groups, tuple) else ()
    if not isinstance(person.groups, tuple):
        yield Change(K.TELL_GROUPS)
    held = now.directory.closure(groups)
    keys = set(package.traits.incompatible_keys)
    for policy in package.policies:
        keys.update(policy.keys)
        wanted = sorted(name for name in policy.group_ids if name not in groups)
        for name in wanted[:_MOST_SUBJECTS]:
            key = now.directory.group_key(name)
            if key is not None and key not in held:
                yield Change(K.JOIN_GROUP, name)
    for name in groups:
        if not keys.isdisjoint(now.directory.closure((name,))):
            yield Change(K.LEAVE_GROUP, name)


def _of_organizations(
    package: CompiledPackage, person: InlinePerson, now: Definitions
) -> Iterator[Change]:
    """Have people from outside sign in as an organization's do, or have one configured."""
    home = person.home if isinstance(person.home, HomeIdentity) else None
    mine = now.directory.organizations_of(home) if home is not None else ()
    organizations = now.directory.organizations
    for policy in package.policies:
        names = sorted(policy.organization_ids)
        if policy.scope_kind is ScopeKind.ALL_CONFIGURED_ORGANIZATIONS:
            configured = OrganizationState.CONFIGURED
            names = [one.id for one in organizations if one.state is configured]
        others = [name for name in names if name not in mine]
        for name in others[:_MOST_SUBJECTS]:
            yield from _sign_ins(name, person, now)
    for name in mine:
        if now.directory.organization(name).state is OrganizationState.PROPOSED:
            yield Change(K.CONFIGURE_ORGANIZATION, name)
    domain = mail_domain(home, person.mail)
    if domain is not None and _shut_out(domain, now.settings):
        yield Change(K.ALLOW_DOMAIN, domain)


def _sign_ins(organization: str, person: InlinePerson, now: Definitions) -> Iterator[Change]:
    """Sign in through each source of an organization; one of those that no decision tells apart."""
    seen = set()
    for spelled, home in homes_of(now.directory.organization(organization)).items():
        domain = mail_domain(home, person.mail)
        listed = _shut_out(domain, now.settings), now.directory.organizations_of(home)
        if listed not in seen:
            seen.add(listed)
            yield Change(K.SIGN_IN_FROM, organization, spelled)


def _shut_out(domain: str | None, settings: Settings) -> bool:
    """Tell whether the invitation lists keep people of a mail domain out (S-111)."""
    allowed = settings.allowed_domains
    return domain in settings.blocked_domains or (allowed is not None and domain not in allowed)


def _of_approvers(
    package: CompiledPackage, request: EvaluationRequest, person: InlinePerson, now: Definitions
) -> Iterator[Change]:
    """Change who is there to approve: approvers who cannot, or one more for a stage."""
    somebody = _somebody(request, person, now)
    for policy in package.policies:
        for number, stage in enumerate(policy.policy.stages, start=1):
            for one in (*stage.primary, *stage.fallback):
                user = now.directory.user(one.id or "") if one.kind is ApproverKind.USER else None
                if user is not None and user.state is AccountState.BLOCKED:
                    yield Change(K.ENABLE_APPROVER, user.id)
            if somebody is not None:
                yield Change(K.ADD_APPROVER, f"{policy.id}/{number}", somebody)


def _of_relations(
    package: CompiledPackage, request: EvaluationRequest, person: InlinePerson, now: Definitions
) -> Iterator[Change]:
    """Change who the person's manager and sponsors are."""
    somebody = _somebody(request, person, now)
    listed = [
        one
        for policy in package.policies
        for stage in policy.policy.stages
        for one in (*stage.primary, *stage.fallback)
    ]
    kinds = {one.kind for one in listed}
    if request.type is RequestType.ON_BEHALF_ADD:
        if request.submitter not in (None, person.id, person.manager):
            yield Change(K.SET_MANAGER, request.submitter or "")
    elif ApproverKind.MANAGER in kinds:
        second = any(one.level > 1 for one in listed if one.kind is ApproverKind.MANAGER)
        managed = _managed(request, person, now) if second else None
        for name in {somebody, managed} - {None, person.manager}:
            yield Change(K.SET_MANAGER, str(name))
        if person.manager is not None:
            yield Change(K.REMOVE_MANAGER)
    sponsored = somebody is not None and person.sponsors == (somebody,)
    if somebody is not None and ApproverKind.OWN_SPONSORS in kinds and not sponsored:
        yield Change(K.SET_SPONSOR, somebody)


def _somebody(request: EvaluationRequest, person: InlinePerson, now: Definitions) -> str | None:
    """Give somebody who can act and whose own request it is not (S-71)."""
    excluded = {person.id, request.submitter}
    return next((name for name in now.directory.enabled if name not in excluded), None)


def _managed(request: EvaluationRequest, person: InlinePerson, now: Definitions) -> str | None:
    """Give somebody whose own manager can act too, for approval by the second manager."""
    excluded = {person.id, request.submitter}
    for name in islice(now.directory.enabled, _MOST_MANAGERS):
        user = now.directory.user(name)
        above = now.directory.user(user.manager or "") if user is not None else None
        can = above is not None and above.state is AccountState.ENABLED
        if above is not None and can and not {name, above.id} & excluded:
            return name
    return None


def _of_attributes(
    snapshot: Snapshot, package: CompiledPackage, person: InlinePerson
) -> Iterator[Change]:
    """Give values that rules and predicates compare with, and others where those will not do."""
    known = person.attributes if isinstance(person.attributes, Mapping) else None
    scopes = (policy.policy.scope.rule for policy in package.policies)
    rules = [rule for rule in scopes if rule is not None]
    predicates = [one for lookup in _lookups(snapshot) for one, _ in lookup.predicates]
    tests = (test for rule in rules for test in tests_of(rule))
    literals = [(test.attribute, test.values) for test in tests]
    literals += [(one.attribute, one.values) for one in predicates]
    for rule in rules:
        if holds(rule, known) is not True:
            for name, value in values_for(rule, literals):
                yield Change(K.SET_ATTRIBUTE, name, value)
    for predicate in predicates:
        for value in (predicate.values or ("yes",))[:_MOST_SUBJECTS]:
            yield Change(K.SET_ATTRIBUTE, predicate.attribute, value)
        if predicate.values and known and predicate_word(predicate, known) == "yes":
            other = other_than(predicate.attribute, literals)
            yield Change(K.SET_ATTRIBUTE, predicate.attribute, other)


def _lookups(snapshot: Snapshot) -> tuple[PhaseLookup, ...]:
    rules = snapshot.rules
    return (rules.scope, rules.selection, rules.approvers, rules.limits, rules.lifecycle)


def _of_account(snapshot: Snapshot, person: InlinePerson) -> Iterator[Change]:
    if person.type is not PersonType.MEMBER:
        yield Change(K.BECOME_MEMBER)
    if person.type is not PersonType.GUEST:
        yield Change(K.BECOME_GUEST)
    # INVARIANT: a deleted account is not there any more, and nothing here brings it back.
    if person.state not in (AccountState.ENABLED, AccountState.DELETED):
        yield Change(K.ENABLE_ACCOUNT)
    if snapshot.risk is not None and person.risk is not RiskLevel.NONE:
        yield Change(K.TELL_RISK)


def _of_definitions(
    package: CompiledPackage, request: EvaluationRequest, person: InlinePerson, now: Definitions
) -> Iterator[Change]:
    for policy in now.package.policies:
        if not policy.enabled:
            yield Change(K.ENABLE_POLICY, policy.id)
        if not policy.self_add:
            yield Change(K.ALLOW_SELF_REQUESTS, policy.id)
        if not policy.on_behalf and isinstance(person.manager, str):
            yield Change(K.ALLOW_MANAGERS, policy.id)
        if not policy.custom_schedule and request.schedule is not None:
            yield Change(K.ALLOW_SCHEDULES, policy.id)
    if not now.catalog.enabled:
        yield Change(K.ENABLE_CATALOG, package.catalog.id)
    if not now.catalog.external and person.type is not PersonType.MEMBER:
        yield Change(K.OPEN_CATALOG, package.catalog.id)


def _of_limits(snapshot: Snapshot, request: EvaluationRequest) -> Iterator[Change]:
    for name, most in snapshot.limits.maxima:
        if request.counters.get(name, 0) >= most:
            yield Change(K.FREE_LIMIT, name)
