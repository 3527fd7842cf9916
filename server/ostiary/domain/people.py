"""People, groups and organizations: who can ask, who can approve, and how they signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from ostiary.domain.enumeration import Enumeration


class Unknown(Enumeration):
    """Marks a fact that nobody told us; never the same as a fact known to be absent."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class PersonType(Enumeration):
    """Where a person stands towards the directory."""

    MEMBER = "member"
    GUEST = "guest"
    EXTERNAL = "external"  # no object in the directory at all (S-40 gate 5)


class AccountState(Enumeration):
    """Whether an account can be used (S-35)."""

    ENABLED = "enabled"
    BLOCKED = "blocked"
    DELETED = "deleted"


class RiskLevel(Enumeration):
    """How likely it is that an account is in wrong hands, as the identity provider tells (S-81)."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def height(self) -> int:
        """Give a number that compares."""
        return _HEIGHTS[self]


_HEIGHTS = {level: height for height, level in enumerate(RiskLevel)}


class SignIn(Enumeration):
    """How a person proved who they are (S-112)."""

    TENANT = "tenant"
    ONE_TIME_PASSCODE = "one_time_passcode"
    FEDERATION = "federation"
    OTHER_CLOUD = "other_cloud"
    SOCIAL = "social"


class HomeIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How a person from outside signed in, which alone decides their organization (S-112)."""

    sign_in: SignIn
    tenant_id: str | None = None
    domain: str | None = None  # the mail domain, lower case
    issuer: str | None = None
    identifier: str | None = None  # of another cloud or a social account


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user object of the directory."""

    id: str
    name: str
    type: PersonType = PersonType.MEMBER
    state: AccountState = AccountState.ENABLED
    manager: str | None = None
    sponsors: tuple[str, ...] = ()
    home: HomeIdentity | None = None
    mail: str | None = None
    governed: bool = False  # a guest that Ostiary made or was told to clean up (S-116)
    attributes: Mapping[str, str] = {}
    last_sign_in: datetime | None = None  # as the identity provider told it (S-124)
    deleted_at: datetime | None = None  # restorable for a while from then on (S-107)
    risk: RiskLevel = RiskLevel.NONE


class GroupKind(Enumeration):
    """The kind of a directory group; only some can be granted (S-14)."""

    SECURITY = "security"
    MICROSOFT_365 = "microsoft_365"
    DISTRIBUTION = "distribution"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A directory group with its direct members; nesting is `groups` (S-34)."""

    id: str
    name: str
    kind: GroupKind = GroupKind.SECURITY
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    dynamic: bool = False
    synchronised: bool = False  # written on premises, so nothing can be granted here


class SourceKind(Enumeration):
    """What an identity source of a connected organization compares (S-112)."""

    TENANT = "tenant"
    DOMAIN = "domain"
    FEDERATION = "federation"
    OTHER_CLOUD = "other_cloud"
    SOCIAL = "social"


class IdentitySource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One way in which people of a connected organization are recognised."""

    kind: SourceKind
    tenant_id: str | None = None
    domain: str | None = None  # lower case
    issuer: str | None = None
    identifier: str | None = None


class OrganizationState(Enumeration):
    """Whether an administrator has confirmed a connected organization (S-30)."""

    CONFIGURED = "configured"
    PROPOSED = "proposed"


class ConnectedOrganization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner whose people may be given access, with the sponsors on both sides (S-30)."""

    id: str
    name: str
    state: OrganizationState = OrganizationState.CONFIGURED
    description: str = ""
    sources: tuple[IdentitySource, ...] = ()
    internal_sponsor_users: tuple[str, ...] = ()
    internal_sponsor_groups: tuple[str, ...] = ()
    external_sponsor_users: tuple[str, ...] = ()
    external_sponsor_groups: tuple[str, ...] = ()
