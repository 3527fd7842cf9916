"""One question with everything it names looked up, and what is known about the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.errors import (
    InvalidRequestError,
    PackageNotFoundError,
    PolicyNotFoundError,
    UserNotFoundError,
)
from ostiary.domain.people import (
    AccountState,
    Group,
    HomeIdentity,
    PersonType,
    SignIn,
    Unknown,
    User,
)
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.request import EvaluationRequest, InlinePerson, RequestType
from ostiary.domain.tenant import Tenant


class Person(NamedTuple):
    """What is known about the target; of a directory user everything is (FACT_MISSING)."""

    id: str
    type: PersonType | Unknown
    state: AccountState | Unknown
    groups: tuple[str, ...] | Unknown  # those that they are a direct member of
    manager: str | None | Unknown
    sponsors: tuple[str, ...] | Unknown
    home: HomeIdentity | None | Unknown
    attributes: Mapping[str, str] | Unknown
    mail: str | None
    governed: bool


class Case(NamedTuple):
    """A request with its package, its catalog and its target."""

    tenant: Tenant
    request: EvaluationRequest
    catalog: Catalog
    package: AccessPackage
    person: Person

    @property
    def direct(self) -> bool:
        """Whether staff assigns directly (S-44)."""
        return self.request.type is RequestType.ADMIN_ADD

    @property
    def own(self) -> set[str]:
        """Those whose own request this is: the target and whoever submits it (S-71)."""
        return {self.person.id} | ({self.request.submitter} if self.request.submitter else set())

    @property
    def policies(self) -> list[AssignmentPolicy]:
        """The policies of the package, by name (S-46)."""
        return sorted(self.package.policies, key=lambda policy: (policy.name, policy.id))


def look_up(tenant: Tenant, request: EvaluationRequest) -> Case:
    """The case of a request; what does not exist is an error, not a denial (gate 2)."""
    check_submitter(request)
    for catalog in tenant.catalogs:
        for package in catalog.packages:
            if package.id == request.package:
                case = Case(tenant, request, catalog, package, look_up_person(tenant, request))
                check_policy(tenant, request)
                return case
    raise PackageNotFoundError(request.package)


def check_submitter(request: EvaluationRequest) -> None:
    """Asking on behalf needs to say who asks; asking for oneself cannot name another (S-38)."""
    target = request.requestor if isinstance(request.requestor, str) else request.requestor.id
    on_behalf_of_nobody = request.type is RequestType.ON_BEHALF_ADD and request.submitter is None
    not_oneself = request.type is RequestType.USER_ADD and request.submitter not in {None, target}
    if on_behalf_of_nobody or not_oneself:
        raise InvalidRequestError([("submitter", "not the one who can ask this")])


def check_policy(tenant: Tenant, request: EvaluationRequest) -> None:
    """A policy that exists nowhere is an error; one of another package is not (S-54)."""
    known = {
        policy.id
        for catalog in tenant.catalogs
        for package in catalog.packages
        for policy in package.policies
    }
    if request.policy is not None and request.policy not in known:
        raise PolicyNotFoundError(request.policy)


def look_up_person(tenant: Tenant, request: EvaluationRequest) -> Person:
    """The target, from the directory or as the caller describes them."""
    if isinstance(request.requestor, InlinePerson):
        return invited_by_mail(described(request.requestor), request)
    user = find_user(tenant, request.requestor)
    if user is None:
        raise UserNotFoundError(request.requestor)
    return Person(
        id=user.id,
        type=user.type,
        state=user.state,
        groups=tuple(group.id for group in tenant.groups if user.id in group.users),
        manager=user.manager,
        sponsors=user.sponsors,
        home=user.home,
        attributes=user.attributes,
        mail=user.mail,
        governed=user.governed,
    )


def described(inline: InlinePerson) -> Person:
    """A target whom the directory is not asked about."""
    return Person(
        id=inline.id,
        type=inline.type,
        state=inline.state,
        groups=inline.groups,
        manager=inline.manager,
        sponsors=inline.sponsors,
        home=inline.home,
        attributes=inline.attributes,
        mail=inline.mail,
        governed=inline.governed,
    )


def invited_by_mail(person: Person, request: EvaluationRequest) -> Person:
    """Staff who assign by mail address: its domain counts as the sign-in to come (S-114)."""
    if request.type is not RequestType.ADMIN_ADD or person.type is not PersonType.EXTERNAL:
        return person
    if person.home is not None or person.mail is None or "@" not in person.mail:
        return person
    domain = person.mail.rsplit("@", 1)[1]
    if not domain:
        return person
    return person._replace(home=HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain))


def find_user(tenant: Tenant, user_id: str) -> User | None:
    """The user of the directory with this id."""
    for user in tenant.users:
        if user.id == user_id:
            return user
    return None


def find_group(tenant: Tenant, group_id: str) -> Group | None:
    """The group of the directory with this id."""
    for group in tenant.groups:
        if group.id == group_id:
            return group
    return None


def members_of(tenant: Tenant, group_id: str) -> set[str]:
    """The people of a group, nested groups included; a cycle ends (S-34)."""
    seen: set[str] = set()
    waiting = [group_id]
    members: set[str] = set()
    while waiting:
        group = find_group(tenant, waiting.pop())
        if group is None or group.id in seen:
            continue
        seen.add(group.id)
        members.update(group.users)
        if tenant.profile.group_membership_transitive:
            waiting.extend(group.groups)
    return members


def group_paths(tenant: Tenant, person: Person) -> dict[str, tuple[str, ...]] | Unknown:
    """For each group that the person is in, the shortest way up from one of their own (S-34)."""
    if isinstance(person.groups, Unknown):
        return person.groups
    paths: dict[str, tuple[str, ...]] = {group: (group,) for group in person.groups}
    changed = tenant.profile.group_membership_transitive
    while changed:
        changed = False
        for group in tenant.groups:
            for child in group.groups:
                if child not in paths:
                    continue
                path = (*paths[child], group.id)
                best = paths.get(group.id)
                if best is None or (len(path), path) < (len(best), best):
                    paths[group.id] = path
                    changed = True
    return paths


def shortest(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest path; of several the one with the smallest ids."""
    return min(paths, key=lambda path: (len(path), path))
