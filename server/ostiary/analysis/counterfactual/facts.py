"""The facts of a question with changes made to them, ready to be decided anew."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from ostiary.analysis.counterfactual.report import Change, ChangeKind
from ostiary.analysis.proof.answering import fill
from ostiary.decide.content import latest_end
from ostiary.decide.memo import Memo
from ostiary.decide.model import REMEMBERED_PEOPLE, CompiledPackage, Snapshot
from ostiary.decide.risk import compile_risk
from ostiary.decide.subject import person_of
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.errors import UserNotFoundError
from ostiary.domain.people import (
    AccountState,
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
)
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.domain.request import (
    EvaluationRequest,
    Holdings,
    InlinePerson,
    RequestType,
    Schedule,
)
from ostiary.domain.tenant import Settings, Tenant
from ostiary.index.directory import IndexedDirectory
from ostiary.index.packages import Compiler

JUSTIFICATION = "It is needed."
K = ChangeKind


class Definitions(msgspec.Struct, frozen=True):
    """What of a tenant a change can touch: one package with its catalog, people, settings."""

    package: AccessPackage
    catalog: Catalog
    directory: IndexedDirectory
    settings: Settings


def definitions_of(snapshot: Snapshot, package: CompiledPackage) -> Definitions:
    """Give the definitions that a question is about; TypeError if they are in no index."""
    directory = snapshot.directory
    if not isinstance(directory, IndexedDirectory):
        raise TypeError("only questions to an index can be changed")
    return Definitions(package.package, package.catalog, directory, snapshot.settings)


def rebuilt(snapshot: Snapshot, before: CompiledPackage, now: Definitions) -> Snapshot:
    """Give a snapshot that answers about one package as one with these definitions would."""
    tenant = Tenant(
        id=snapshot.tenant_id,
        name=snapshot.tenant_id,
        profile=snapshot.profile,
        settings=now.settings,
        organizations=now.directory.organizations,
    )
    compiled = Compiler(tenant, now.directory, snapshot.rules).package(
        now.package, now.catalog, before.ordinal, 0
    )
    return replace(
        snapshot,
        packages=ChainMap({before.id: compiled}, dict_of(snapshot.packages)),
        directory=now.directory,
        settings=now.settings,
        risk=compile_risk(now.settings, snapshot.profile, now.directory),
        people=Memo(REMEMBERED_PEOPLE),
        staffings=Memo(),
        templates=Memo(),
        timetables=Memo(),
    )


def dict_of(packages: Mapping[str, CompiledPackage]) -> dict[str, CompiledPackage]:
    """Give packages as the dict that they are kept in."""
    return packages if isinstance(packages, dict) else dict(packages)


def defined(change: Change, now: Definitions) -> Definitions:
    """Make a change of definitions; any other leaves them as they are."""
    make = _DEFINED.get(change.kind)
    return now if make is None else make(now, change)


def _approver(now: Definitions, change: Change) -> Definitions:
    policy, _, number = change.subject.rpartition("/")
    found = next(one for one in now.package.policies if one.id == policy)
    stages = tuple(
        _with_fallback(stage, change.value) if str(place) == number else stage
        for place, stage in enumerate(found.stages, start=1)
    )
    return _policy(now, policy, stages=stages)


def _catalog(now: Definitions, **fields: object) -> Definitions:
    return replace(now, catalog=replace(now.catalog, **fields))


def _configured(now: Definitions, change: Change) -> Definitions:
    organization = now.directory.organization(change.subject)
    configured = replace(organization, state=OrganizationState.CONFIGURED)
    return replace(now, directory=now.directory.with_organization(configured))


def _enabled(now: Definitions, change: Change) -> Definitions:
    user = now.directory.user(change.subject)
    if user is None:
        return now
    enabled = replace(user, state=AccountState.ENABLED, deleted_at=None)
    return replace(now, directory=now.directory.renewed({user.id: enabled}, {}))


def _policy(now: Definitions, name: str, **fields: object) -> Definitions:
    policies = tuple(
        replace(one, **fields) if one.id == name else one for one in now.package.policies
    )
    return replace(now, package=replace(now.package, policies=policies))


def _with_fallback(stage: ApprovalStage, name: str) -> ApprovalStage:
    added = Approver(ApproverKind.USER, name)
    return replace(stage, fallback=(*stage.fallback, added))


def _allowing(settings: Settings, domain: str) -> Settings:
    allowed = settings.allowed_domains
    if allowed is not None and domain not in allowed:
        allowed = (*allowed, domain)
    blocked = tuple(one for one in settings.blocked_domains if one != domain)
    return replace(settings, allowed_domains=allowed, blocked_domains=blocked)


_DEFINED: Mapping[ChangeKind, Callable[[Definitions, Change], Definitions]] = {
    K.ENABLE_POLICY: lambda now, change: _policy(now, change.subject, enabled=True),
    K.ALLOW_SELF_REQUESTS: lambda now, change: _policy(now, change.subject, self_add=True),
    K.ALLOW_MANAGERS: lambda now, change: _policy(now, change.subject, on_behalf=True),
    K.ALLOW_SCHEDULES: lambda now, change: _policy(now, change.subject, custom_schedule=True),
    K.ADD_APPROVER: _approver,
    K.OPEN_CATALOG: lambda now, _: _catalog(now, external=True),
    K.ENABLE_CATALOG: lambda now, _: _catalog(now, enabled=True),
    K.CONFIGURE_ORGANIZATION: _configured,
    K.ENABLE_APPROVER: _enabled,
    K.ALLOW_DOMAIN: lambda now, change: replace(
        now, settings=_allowing(now.settings, change.subject)
    ),
}
OF_DEFINITIONS = frozenset(_DEFINED)


def asked(change: Change, request: EvaluationRequest, snapshot: Snapshot) -> EvaluationRequest:
    """Make a change of the question or its person; any other leaves them as they are.

    The person must be described in the question (`described`).
    """
    make, person = _ASKED.get(change.kind), request.requestor
    if make is not None:
        return make(request, change, snapshot)
    change_person = _PERSON.get(change.kind)
    if change_person is None or not isinstance(person, InlinePerson):
        return request
    return replace(request, requestor=change_person(person, change))


def _answered(request: EvaluationRequest, change: Change, snapshot: Snapshot) -> EvaluationRequest:
    policy = snapshot.packages[request.package].by_id[change.subject]
    return replace(request, answers=fill(policy).answers)


def _given_back(request: EvaluationRequest, change: Change, _: Snapshot) -> EvaluationRequest:
    held = request.holdings
    assigned = tuple(one for one in held.assigned if one != change.subject)
    return replace(request, holdings=Holdings(assigned, held.pending))


_Asked = Callable[[EvaluationRequest, Change, Snapshot], EvaluationRequest]
_ASKED: Mapping[ChangeKind, _Asked] = {
    K.CHOOSE_POLICY: lambda request, change, _: replace(request, policy=change.subject),
    K.NAME_NO_POLICY: lambda request, _, __: replace(request, policy=None),
    K.WRITE_JUSTIFICATION: lambda request, _, __: replace(request, justification=JUSTIFICATION),
    K.ANSWER_QUESTIONS: _answered,
    K.DROP_SCHEDULE: lambda request, _, __: replace(request, schedule=None),
    K.SHORTEN: lambda request, change, snapshot: replace(
        request, schedule=_shortened(request, snapshot, change.subject)
    ),
    K.WAIT_UNTIL: lambda request, change, _: replace(request, at=change.at or request.at),
    K.GIVE_BACK: _given_back,
    K.ASK_FOR_ONESELF: lambda request, _, __: replace(
        request, type=RequestType.USER_ADD, submitter=None
    ),
    K.HAVE_MANAGER_ASK: lambda request, change, _: replace(
        request, type=RequestType.ON_BEHALF_ADD, submitter=change.subject
    ),
    K.HAVE_STAFF_ASSIGN: lambda request, _, __: replace(
        request, type=RequestType.ADMIN_ADD, submitter=None
    ),
    K.FREE_LIMIT: lambda request, change, _: replace(
        request, counters={**request.counters, change.subject: 0}
    ),
}


def groups_of(person: InlinePerson) -> tuple[str, ...]:
    """Give the groups that somebody is known to be in."""
    return person.groups if isinstance(person.groups, tuple) else ()


def _with_attribute(person: InlinePerson, change: Change) -> InlinePerson:
    known = person.attributes if isinstance(person.attributes, Mapping) else {}
    return replace(person, attributes={**known, change.subject: change.value})


_PERSON: Mapping[ChangeKind, Callable[[InlinePerson, Change], InlinePerson]] = {
    K.JOIN_GROUP: lambda person, change: replace(
        person, groups=tuple(sorted({*groups_of(person), change.subject}))
    ),
    K.LEAVE_GROUP: lambda person, change: replace(
        person, groups=tuple(one for one in groups_of(person) if one != change.subject)
    ),
    K.TELL_GROUPS: lambda person, _: replace(person, groups=groups_of(person)),
    K.SET_MANAGER: lambda person, change: replace(person, manager=change.subject),
    K.REMOVE_MANAGER: lambda person, _: replace(person, manager=None),
    K.SET_SPONSOR: lambda person, change: replace(person, sponsors=(change.subject,)),
    K.SET_ATTRIBUTE: _with_attribute,
    K.TELL_RISK: lambda person, _: replace(person, risk=RiskLevel.NONE),
    K.BECOME_MEMBER: lambda person, _: replace(person, type=PersonType.MEMBER),
    K.BECOME_GUEST: lambda person, _: replace(person, type=PersonType.GUEST),
    K.ENABLE_ACCOUNT: lambda person, _: replace(person, state=AccountState.ENABLED),
}


def signed_in(change: Change, request: EvaluationRequest, now: Definitions) -> EvaluationRequest:
    """Have the person sign in as people of an organization do."""
    if change.kind is not K.SIGN_IN_FROM or not isinstance(request.requestor, InlinePerson):
        return request
    homes = homes_of(now.directory.organization(change.subject))
    person = replace(request.requestor, home=homes[change.value])
    return replace(request, requestor=person)


_SIGN_INS = {
    SourceKind.TENANT: SignIn.TENANT,
    SourceKind.DOMAIN: SignIn.ONE_TIME_PASSCODE,
    SourceKind.FEDERATION: SignIn.FEDERATION,
    SourceKind.OTHER_CLOUD: SignIn.OTHER_CLOUD,
    SourceKind.SOCIAL: SignIn.SOCIAL,
}


def homes_of(organization: ConnectedOrganization) -> dict[str, HomeIdentity]:
    """Give the ways in which people of an organization sign in, by what tells them apart.

    The only way there is has no name.
    """
    homes = [home_of(source) for source in organization.sources]
    if len(homes) == 1:
        return {"": homes[0]}
    return {_spelled(home): home for home in homes}


def _spelled(home: HomeIdentity) -> str:
    parts = (home.tenant_id, home.domain, home.issuer, home.identifier)
    return " ".join((home.sign_in.value.replace("_", " "), *(one for one in parts if one)))


def home_of(source: IdentitySource) -> HomeIdentity:
    """Give the sign-in that an identity source stands for."""
    return HomeIdentity(
        _SIGN_INS[source.kind],
        tenant_id=source.tenant_id,
        domain=source.domain,
        issuer=source.issuer,
        identifier=source.identifier,
    )


def _shortened(request: EvaluationRequest, snapshot: Snapshot, policy: str) -> Schedule:
    """Give the schedule that ends as late as the policy allows (S-59)."""
    start = request.schedule.start if request.schedule is not None else None
    begins = start if start is not None and start > request.at else request.at
    compiled = snapshot.packages[request.package].by_id[policy]
    later = start if begins is start else None
    return Schedule(start=later, end=latest_end(compiled, begins))


def described(snapshot: Snapshot, request: EvaluationRequest) -> EvaluationRequest:
    """Give the question with its person described, so that facts about them can be changed.

    Raises UserNotFoundError.
    """
    if isinstance(request.requestor, InlinePerson):
        return request
    user = snapshot.directory.user(request.requestor)
    if user is None:
        raise UserNotFoundError(request.requestor)
    person = person_of(user, snapshot.directory.groups_of(user.id))
    return replace(request, requestor=person)
