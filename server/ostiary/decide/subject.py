"""The person a decision is about, with everything that the phases ask of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.decide.organizations import mail_domain
from ostiary.decide.ports import EXTERNAL_TYPES, Directory
from ostiary.domain.people import (
    UNKNOWN,
    AccountState,
    HomeIdentity,
    OrganizationState,
    PersonType,
    RiskLevel,
    SignIn,
    Unknown,
    User,
)
from ostiary.domain.request import InlinePerson
from ostiary.domain.tenant import Settings


class Subject(msgspec.Struct, frozen=True):
    """A requestor as the core sees them: words for the tables, keys for the scopes."""

    id: str
    person: str  # member, guest, external or unknown
    state: str  # enabled, blocked, deleted or unknown
    alone: frozenset[str]  # the person's id, as those whose own request it is
    keys: frozenset[int]  # own, of all groups, of all organizations
    groups: tuple[str, ...]  # direct ones
    direct_groups: Mapping[int, str]  # those by key
    groups_known: bool
    manager: str | None | Unknown
    sponsors: tuple[str, ...] | Unknown
    organizations: tuple[str, ...]
    lookalikes: frozenset[str]
    belonging: str  # the best of configured, proposed, none
    home_known: bool
    listed: str  # blocklisted, clear, or unknown: against the invitation lists (S-111)
    lifecycle: str  # in_directory, governed_guest or outside
    attributes: Mapping[str, str] | Unknown
    home: HomeIdentity | None = None
    presented_domain: str | None = None
    risk: RiskLevel | Unknown = RiskLevel.NONE


def person_of(user: User, groups: tuple[str, ...]) -> InlinePerson:
    """Describe a user of the directory as a caller would."""
    return InlinePerson(
        id=user.id,
        type=user.type,
        state=user.state,
        groups=groups,
        manager=user.manager,
        sponsors=user.sponsors,
        home=user.home,
        attributes=user.attributes,
        mail=user.mail,
        governed=user.governed,
        risk=user.risk,
    )


def subject_of_user(user: User, directory: Directory, settings: Settings) -> Subject:
    """Describe a user of the directory; what the directory does not say is known to be absent."""
    return _subject(
        person_of(user, directory.groups_of(user.id)),
        directory,
        settings,
        in_directory=True,
    )


def subject_of_person(person: InlinePerson, directory: Directory, settings: Settings) -> Subject:
    """Describe a person as the caller did; what the caller did not say stays unknown (R6)."""
    in_directory = person.type in (PersonType.MEMBER, PersonType.GUEST)
    return _subject(person, directory, settings, in_directory=in_directory)


def invited_by_mail(person: InlinePerson) -> InlinePerson:
    """Give the person whom staff assign by mail address: its domain is the sign-in (S-114).

    Only for somebody of whom no sign-in exists: one that nobody told stays a missing fact.
    """
    if person.type is not PersonType.EXTERNAL or person.home is not None:
        return person
    domain = mail_domain(None, person.mail)
    if domain is None:
        return person
    home = HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain)
    return msgspec.structs.replace(person, home=home)


def _subject(
    person: InlinePerson, directory: Directory, settings: Settings, *, in_directory: bool
) -> Subject:
    external = person.type in EXTERNAL_TYPES
    home = person.home if external and isinstance(person.home, HomeIdentity) else None
    home_known = not external or person.home is not UNKNOWN
    organizations = directory.organizations_of(home) if home is not None else ()
    lookalikes = directory.lookalikes_of(home, person.mail) if external and home_known else ()
    groups = person.groups if isinstance(person.groups, tuple) else ()
    own_key = directory.user_key(person.id)
    keys = directory.closure(groups)
    keys = keys.union(map(directory.organization_key, organizations))
    if own_key is not None:
        keys = keys | {own_key}
    return Subject(
        id=person.id,
        person="unknown" if isinstance(person.type, Unknown) else person.type.value,
        state="unknown" if not isinstance(person.state, AccountState) else person.state.value,
        alone=frozenset((person.id,)),
        keys=keys,
        groups=groups,
        direct_groups={
            key: name for name in groups if (key := directory.group_key(name)) is not None
        },
        groups_known=person.groups is not UNKNOWN,
        manager=person.manager,
        sponsors=person.sponsors,
        organizations=organizations,
        lookalikes=frozenset(lookalikes),
        belonging=_belonging(organizations, directory),
        home_known=home_known,
        listed=_listed(person, home, settings) if external else "clear",
        lifecycle=_lifecycle_word(person, in_directory=in_directory),
        attributes=person.attributes,
        home=home,
        presented_domain=mail_domain(home, person.mail) if external else None,
        risk=person.risk,
    )


def _lifecycle_word(person: InlinePerson, *, in_directory: bool) -> str:
    if not in_directory:
        return "outside"
    governed = person.governed and person.type is PersonType.GUEST
    return "governed_guest" if governed else "in_directory"


def _belonging(organizations: tuple[str, ...], directory: Directory) -> str:
    states = {directory.organization(name).state for name in organizations}
    if OrganizationState.CONFIGURED in states:
        return "configured"
    return "proposed" if states else "none"


def _listed(person: InlinePerson, home: HomeIdentity | None, settings: Settings) -> str:
    """Compare an external person's mail domain with the invitation lists (S-111)."""
    if settings.allowed_domains is None and not settings.blocked_domains:
        return "clear"
    if person.home is UNKNOWN:
        return "unknown"
    domain = mail_domain(home, person.mail)
    if domain in settings.blocked_domains:
        return "blocklisted"
    if settings.allowed_domains is not None and domain not in settings.allowed_domains:
        return "blocklisted"
    return "clear"
