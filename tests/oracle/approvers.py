"""Gate 11: who can decide each approval stage (section 8.2)."""

from __future__ import annotations

from typing import NamedTuple

from ostiary.domain.decision import Origin, Unusable
from ostiary.domain.people import AccountState, PersonType, Unknown
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from tests.oracle.case import Case, find_user, members_of
from tests.oracle.expected import Discarded
from tests.oracle.organizations import own_organizations


class Looked(NamedTuple):
    """What looking through a list of approvers has found."""

    usable: tuple[str, ...]
    discarded: tuple[Discarded, ...]
    missing: str | None  # the fact that nobody told us


class Staffed(NamedTuple):
    """The people of one stage; `missing` is set if they cannot be told."""

    approvers: tuple[str, ...]
    origin: Origin
    alternates: tuple[str, ...]
    alternates_origin: Origin
    discarded: tuple[Discarded, ...]
    missing: str | None

    @property
    def nobody(self) -> bool:
        """Whether certainly nobody can decide."""
        return not self.approvers and self.missing is None


def staff(case: Case, stage: ApprovalStage) -> Staffed:
    """Who decides a stage: primaries, else the fallback (S-67, S-72); alternates apart (S-68)."""
    deciders, origin, looked = first_found(case, stage.primary, stage.fallback)
    alternates: tuple[str, ...] = ()
    alternates_origin = Origin.PRIMARY
    alternates_missing = None
    if stage.escalate_after is not None:
        late, alternates_origin, looked_late = first_found(
            case, stage.alternates, stage.alternate_fallback
        )
        alternates, alternates_missing = late.usable, late.missing
        looked += looked_late
    # a stage that certainly has nobody is refused, whatever is unknown about its alternates
    nobody = not deciders.usable and deciders.missing is None
    return Staffed(
        approvers=deciders.usable,
        origin=origin,
        alternates=alternates,
        alternates_origin=alternates_origin if alternates else Origin.PRIMARY,
        discarded=once_each(looked),
        missing=None if nobody else deciders.missing or alternates_missing,
    )


def once_each(discarded: tuple[Discarded, ...]) -> tuple[Discarded, ...]:
    """A person who is reachable twice is told once (S-72); sorted by person (S-46)."""
    return tuple(
        sorted(set(discarded), key=lambda each: (each[1] or "", each[0].value, each[2].value))
    )


def first_found(
    case: Case, first: tuple[Approver, ...], second: tuple[Approver, ...]
) -> tuple[Looked, Origin, tuple[Discarded, ...]]:
    """The people of the first list, or of the second if the first is certainly empty."""
    primary = look_through(case, first)
    if primary.usable and primary.missing is None:
        return primary, Origin.PRIMARY, primary.discarded
    fallback = look_through(case, second)
    looked = primary.discarded + fallback.discarded
    if primary.missing is not None:
        return primary, Origin.PRIMARY, looked
    return fallback, Origin.FALLBACK, looked


def look_through(case: Case, approvers: tuple[Approver, ...]) -> Looked:
    """The usable people of a list, and everybody who was looked at in vain.

    One relation that nobody told us makes the whole list unknown.
    """
    usable: set[str] = set()
    discarded: list[Discarded] = []
    missing = None
    for approver in approvers:
        found = find(case, approver)
        if isinstance(found, Missing):
            missing = missing or found.fact
            continue
        if not found:
            why = Unusable.MISSING
            if approver.kind is ApproverKind.UNREADABLE:
                why = Unusable.UNREADABLE
            discarded.append((approver.kind, None, why))
        for person in found:
            reason = unusable(case, person)
            if reason is None:
                usable.add(person)
            else:
                discarded.append((approver.kind, person, reason))
    known = () if missing is not None else tuple(sorted(usable))
    return Looked(known, tuple(discarded), missing)


class Missing(NamedTuple):
    """The relation that leads to the approver is not known."""

    fact: str


def unusable(case: Case, person: str) -> Unusable | None:
    """Why somebody cannot decide: not there, not enabled, or their own request (S-71)."""
    user = find_user(case.tenant, person)
    if user is None:
        return Unusable.MISSING
    if user.state is AccountState.DELETED:
        return Unusable.DELETED
    if user.state is AccountState.BLOCKED:
        return Unusable.BLOCKED
    if person in case.own:
        return Unusable.OWN_REQUEST
    return None


def find(case: Case, approver: Approver) -> list[str] | Missing:
    """Whom one entry of a list stands for, usable or not (the table of section 8.2)."""
    if approver.kind is ApproverKind.USER:
        return [] if approver.id is None else [approver.id]
    if approver.kind is ApproverKind.GROUP:
        return [] if approver.id is None else sorted(members_of(case.tenant, approver.id))
    if approver.kind is ApproverKind.MANAGER:
        return find_manager(case, approver.level)
    if approver.kind is ApproverKind.OWN_SPONSORS:
        sponsors = case.person.sponsors
        return Missing("sponsors") if isinstance(sponsors, Unknown) else sorted(set(sponsors))
    if approver.kind is ApproverKind.UNREADABLE:
        return []
    return find_sponsors(case, approver.kind)


def find_manager(case: Case, level: int) -> list[str] | Missing:
    """The manager of the target, or the manager's manager."""
    manager = case.person.manager
    if isinstance(manager, Unknown):
        return Missing("manager")
    if manager is None:
        return []
    if level == 1:
        return [manager]
    above = find_user(case.tenant, manager)
    return [] if above is None or above.manager is None else [above.manager]


def find_sponsors(case: Case, kind: ApproverKind) -> list[str] | Missing:
    """The sponsors of the target's organization, on our side or on theirs (S-30)."""
    own = own_organizations(case.tenant, case.person)
    if not own:
        outsider_unknown = isinstance(case.person.home, Unknown) and not is_member(case)
        return Missing("identity") if outsider_unknown else []
    organization = own[0]
    users, groups = organization.external_sponsor_users, organization.external_sponsor_groups
    if kind is ApproverKind.INTERNAL_SPONSORS:
        users, groups = organization.internal_sponsor_users, organization.internal_sponsor_groups
    people = set(users)
    for group in groups:
        people |= members_of(case.tenant, group)
    return sorted(people)


def is_member(case: Case) -> bool:
    """Members have no home organization."""
    return case.person.type is PersonType.MEMBER
