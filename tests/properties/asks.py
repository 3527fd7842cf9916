"""Random requests about a tenant: every type and mode, with right and wrong content."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ostiary.domain.catalog import AccessPackage
from ostiary.domain.people import (
    UNKNOWN,
    AccountState,
    HomeIdentity,
    PersonType,
    SignIn,
    SourceKind,
    Unknown,
)
from ostiary.domain.policy import AssignmentPolicy, Question, QuestionKind, ScopeKind
from ostiary.domain.request import (
    Answer,
    EvaluationRequest,
    Holdings,
    InlinePerson,
    Mode,
    RequestType,
    Schedule,
)
from ostiary.domain.tenant import Tenant
from tests.properties.dice import ATTRIBUTES, DAY, DOMAINS, HOUR, NOW, TENANT_IDS, Dice

T = TypeVar("T")

FACTS = ("type", "state", "groups", "manager", "sponsors", "home", "attributes")
INSTANTS = (NOW, NOW, NOW, NOW + 5 * DAY, NOW - 30 * DAY)
TYPES = (
    *[RequestType.USER_ADD] * 5,
    RequestType.ON_BEHALF_ADD,
    *[RequestType.ADMIN_ADD] * 2,
)
PERSON_TYPES = (PersonType.MEMBER, PersonType.GUEST, PersonType.EXTERNAL, PersonType.EXTERNAL)
STATES = (*[AccountState.ENABLED] * 22, AccountState.BLOCKED, AccountState.DELETED)
EXTERNAL_SCOPES = {
    ScopeKind.SPECIFIC_ORGANIZATIONS,
    ScopeKind.ALL_CONFIGURED_ORGANIZATIONS,
    ScopeKind.ALL_EXTERNAL,
}
COUNTED = ("assignments_per_package", "assignments_per_tenant", "requests_in_three_months")
SIGN_IN_OF = {
    SourceKind.TENANT: SignIn.TENANT,
    SourceKind.DOMAIN: SignIn.ONE_TIME_PASSCODE,
    SourceKind.FEDERATION: SignIn.FEDERATION,
    SourceKind.OTHER_CLOUD: SignIn.OTHER_CLOUD,
    SourceKind.SOCIAL: SignIn.SOCIAL,
}
MISTAKES: tuple[dict[str, object], ...] = (
    {"package": "k9"},
    {"requestor": "u9"},
    {"policy": "p9"},
    {"submitter": "u1", "type": RequestType.USER_ADD},
    {"submitter": None, "type": RequestType.ON_BEHALF_ADD},
)
DURATIONS = (-HOUR, 0 * HOUR, HOUR, DAY, 10 * DAY, 30 * DAY, 90 * DAY, 91 * DAY)
FITTING = {r"\d{4}": "2031", r"[A-Z]+-\d+": "AB-12"}
WRONG_TEXTS = ("20311", "ab-12", "AB-12\n", " ", "")


def ask(dice: Dice, tenant: Tenant) -> EvaluationRequest:
    """A request for one of the packages of the tenant."""
    packages = [package for catalog in tenant.catalogs for package in catalog.packages]
    package = dice.pick(packages)
    at = dice.pick(INSTANTS)
    kind = dice.pick(TYPES)
    named = name_policy(dice, tenant, package)
    meant = [policy for policy in package.policies if named in (None, policy.id)]
    aim = dice.pick(meant) if meant else None
    requestor = inline(dice, tenant, aim) if dice.chance(0.5) else aimed_user(dice, tenant, aim)
    request = EvaluationRequest(
        package=package.id,
        requestor=requestor,
        at=at,
        type=kind,
        mode=Mode.SUBMISSION if dice.chance(0.5) else Mode.QUERY,
        submitter=submitter(dice, tenant, kind, requestor),
        policy=named,
        justification=dice.pick((None, "", " \n", *["for the project"] * 5)),
        answers=answers(dice, tenant, package, aim),
        schedule=schedule(dice) if dice.chance(0.25) else None,
        holdings=holdings(dice, tenant, package) if dice.chance(0.15) else Holdings(),
        counters={name: dice.number(3, 5) for name in COUNTED} if dice.chance(0.3) else {},
    )
    return mistaken(dice, request) if dice.chance(0.03) else request


def mistaken(dice: Dice, request: EvaluationRequest) -> EvaluationRequest:
    """A request that names what does not exist, or nobody who could ask."""
    return msgspec.structs.replace(request, **dice.pick(MISTAKES))


def asked_again(
    dice: Dice, tenant: Tenant, request: EvaluationRequest, requestor: str | InlinePerson
) -> EvaluationRequest:
    """The same request for somebody else; a person described is the very same object."""
    if dice.chance(0.6):  # nothing but who asks for what, which is mostly answered by a yes
        request = EvaluationRequest(
            request.package, request.requestor, request.at, type=request.type
        )
    return msgspec.structs.replace(
        request,
        requestor=requestor,
        submitter=submitter(dice, tenant, request.type, requestor),
    )


def name_policy(dice: Dice, tenant: Tenant, package: AccessPackage) -> str | None:
    """Mostly none, often one of the package, seldom one of any package."""
    if dice.chance(0.6):
        return None
    if package.policies and dice.chance(0.85):
        return dice.pick(package.policies).id
    every = [
        policy.id
        for catalog in tenant.catalogs
        for each in catalog.packages
        for policy in each.policies
    ]
    return dice.pick(every) if every else None


def aimed_user(dice: Dice, tenant: Tenant, aim: AssignmentPolicy | None) -> str:
    """Somebody of the directory; mostly one who has a chance with this policy."""
    if aim is None or dice.chance(0.2):
        return dice.pick(tenant.users).id
    named = set(aim.scope.users)
    for group in tenant.groups:
        if group.id in aim.scope.groups:
            named.update(group.users)
    guests = aim.scope.kind in EXTERNAL_SCOPES
    fitting = [
        user.id
        for user in tenant.users
        if user.state is AccountState.ENABLED
        and (user.id in named if named else guests == (user.type is PersonType.GUEST))
    ]
    return dice.pick(fitting) if fitting else dice.pick(tenant.users).id


def submitter(
    dice: Dice, tenant: Tenant, kind: RequestType, requestor: str | InlinePerson
) -> str | None:
    """Who asks: the target, a manager or somebody else, as the type allows."""
    target = requestor if isinstance(requestor, str) else requestor.id
    if kind is RequestType.USER_ADD:
        return target if dice.chance(0.5) else None
    if kind is RequestType.ADMIN_ADD:
        return dice.pick(tenant.users).id if dice.chance(0.6) else None
    manager = manager_of(tenant, requestor)
    if manager is not None and dice.chance(0.9):
        return manager
    return dice.pick(tenant.users).id


def manager_of(tenant: Tenant, requestor: str | InlinePerson) -> str | None:
    """The manager of a requestor, if there is one that we know."""
    if isinstance(requestor, InlinePerson):
        return None if isinstance(requestor.manager, Unknown) else requestor.manager
    return next((user.manager for user in tenant.users if user.id == requestor), None)


def inline(dice: Dice, tenant: Tenant, aim: AssignmentPolicy | None) -> InlinePerson:
    """Somebody whom the caller describes; any fact can be left out."""
    users = [user.id for user in tenant.users]
    gaps = dice.some(FACTS, 2) if dice.chance(0.5) else ()

    def known(fact: str, value: T) -> T | Unknown:
        return UNKNOWN if fact in gaps else value

    groups = dice.some([group.id for group in tenant.groups], 3)
    kind = inline_type(dice, aim)
    identity = inline_home(dice, tenant) if kind is not PersonType.MEMBER else None
    return InlinePerson(
        id=dice.pick(users) if dice.chance(0.2) else "someone",
        type=known("type", kind),
        state=known("state", dice.pick(STATES)),
        groups=known("groups", (*groups, "elsewhere") if dice.chance(0.1) else groups),
        manager=known("manager", inline_manager(dice, users)),
        sponsors=known("sponsors", dice.some([*users, "nobody"], 2)),
        home=known("home", identity),
        attributes=known(
            "attributes",
            {name: dice.pick(ATTRIBUTES[name]) for name in ATTRIBUTES if dice.chance(0.7)},
        ),
        mail=f"someone@{dice.pick(DOMAINS)}" if dice.chance(0.5) else None,
        governed=dice.chance(0.4),
    )


def inline_type(dice: Dice, aim: AssignmentPolicy | None) -> PersonType:
    """A type that mostly has a chance with this policy."""
    if aim is None or dice.chance(0.2):
        return dice.pick(PERSON_TYPES)
    if aim.scope.kind in EXTERNAL_SCOPES:
        return dice.pick((PersonType.EXTERNAL, PersonType.GUEST))
    return PersonType.MEMBER


def inline_manager(dice: Dice, users: list[str]) -> str | None:
    """A manager of the directory, none, one that nobody knows, or the person."""
    if dice.chance(0.75):
        return dice.pick(users)
    return dice.pick((None, None, "nobody", "someone"))


def inline_home(dice: Dice, tenant: Tenant) -> HomeIdentity | None:
    """A home identity that often fits a source of one of the organizations."""
    if dice.chance(0.1):
        return None
    sources = [source for each in tenant.organizations for source in each.sources]
    if sources and dice.chance(0.7):
        source = dice.pick(sources)
        sign_in = SIGN_IN_OF[source.kind] if dice.chance(0.75) else dice.pick(tuple(SignIn))
        domain = source.domain
        if domain is not None and dice.chance(0.2):
            domain = domain.upper()
        return HomeIdentity(sign_in, source.tenant_id, domain, source.issuer, source.identifier)
    return HomeIdentity(
        dice.pick(tuple(SignIn)),
        tenant_id=dice.pick(TENANT_IDS),
        domain=dice.pick(DOMAINS) if dice.chance(0.7) else None,
    )


def answers(
    dice: Dice, tenant: Tenant, package: AccessPackage, policy: AssignmentPolicy | None
) -> tuple[Answer, ...]:
    """Answers to the questions of a policy and of the package's resources, most of them right."""
    questions = [] if policy is None else list(policy.questions)
    used = {entry.resource for entry in package.entries}
    for catalog in tenant.catalogs:
        for resource in catalog.resources:
            if resource.id in used:
                questions += resource.questions
    given = [answer(dice, question) for question in questions if dice.chance(0.85)]
    if dice.chance(0.03):
        given.append(Answer("nothing-asked", ("x",)))
    return tuple(given)


def answer(dice: Dice, question: Question) -> Answer:
    """A right or a wrong answer to one question."""
    right = dice.chance(0.8)
    if question.kind is QuestionKind.CHOICE:
        listed = question.choices[: dice.number(1, 2) if question.multiple else 1]
        wrong = dice.pick((("west",), question.choices[:2], (), ("",)))
        return Answer(question.id, listed if right else wrong)
    if right:
        return Answer(question.id, (FITTING.get(question.pattern or "", "because"),))
    return Answer(question.id, dice.pick(((dice.pick(WRONG_TEXTS),), ("a", "b"), ())))


def schedule(dice: Dice) -> Schedule:
    """A start, an end or a duration, possible or not."""
    start = NOW + dice.pick((-HOUR, 0 * HOUR, HOUR, 5 * DAY, 5 * DAY, 20 * DAY))
    return Schedule(
        start=start if dice.chance(0.5) else None,
        end=start + dice.pick(DURATIONS) if dice.chance(0.4) else None,
        duration=dice.pick(DURATIONS) if dice.chance(0.3) else None,
    )


def holdings(dice: Dice, tenant: Tenant, package: AccessPackage) -> Holdings:
    """What the target has and has asked for; deleted packages happen to be named."""
    packages = [each.id for catalog in tenant.catalogs for each in catalog.packages]
    packages += package.incompatible_packages
    assigned = {dice.pick(packages) for _ in range(dice.number(0, 2))}
    pending = {dice.pick((*packages, "deleted")) for _ in range(dice.number(0, 1))}
    return Holdings(tuple(sorted(assigned)), tuple(sorted(pending)))
