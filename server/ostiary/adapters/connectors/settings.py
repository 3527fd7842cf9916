"""What connectors are told about the systems they write to, checked already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ostiary.adapters.connectors.http_calls import Patience
from ostiary.adapters.connectors.secret import Secret
from ostiary.domain.access_request import Entry
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.enumeration import Enumeration


class GuestAccounts(Enumeration):
    """What a system does about accounts of guests (S-115, S-116)."""

    NEVER = "never"  # they are made with grants like those of members, and never cleaned up
    WITH_GRANT = "with_grant"  # made with the first grant, blocked and deleted at the end
    AT_ONCE = "at_once"  # made as soon as a guest is, blocked and deleted at the end


class GroupKey(Enumeration):
    """The attribute of a SCIM group that a resource's target names."""

    ID = "id"
    EXTERNAL_ID = "externalId"
    DISPLAY_NAME = "displayName"


class UserName(Enumeration):
    """What becomes the userName of an account; the id where a person has no mail address."""

    MAIL = "mail"
    ID = "id"


class RoleAttribute(Enumeration):
    """The attribute of a SCIM user that holds the roles of applications."""

    ROLES = "roles"
    ENTITLEMENTS = "entitlements"


class RoleValue(Enumeration):
    """How a role of an application is written."""

    TARGET_AND_ROLE = "target_and_role"  # e.g. `crm/Admin`
    ROLE = "role"  # for a server that is one application


class ScimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A SCIM server."""

    url: str
    token: Secret | None = None
    ca_file: Path | None = None
    patience: Patience = Patience()
    guests: GuestAccounts = GuestAccounts.WITH_GRANT
    guest_mark: str = "governed guest"  # the userType of accounts that we may clean up
    groups_by: GroupKey = GroupKey.ID
    user_name: UserName = UserName.MAIL
    roles_in: RoleAttribute = RoleAttribute.ROLES
    role_value: RoleValue = RoleValue.TARGET_AND_ROLE
    read_members: bool = True
    most_members: int | None = None


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A receiver of signed webhooks."""

    url: str
    secret: Secret
    ca_file: Path | None = None
    patience: Patience = Patience()
    guests: GuestAccounts = GuestAccounts.NEVER


class ExtensionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How custom extensions are called."""

    secret: Secret
    ca_file: Path | None = None
    patience: Patience = Patience()
    hosts: tuple[str, ...] | None = None  # None: any; an entry `*.example.org` has all below it
    plain_http: bool = False


class LdapMembers(Enumeration):
    """How groups name their members."""

    DN = "dn"  # groupOfNames: `member` holds the name of an entry
    NAME = "name"  # posixGroup: `memberUid` holds the value of one attribute of it


class LdapSettings(msgspec.Struct, frozen=True, kw_only=True):
    """An LDAP directory. In filters, `{id}`, `{mail}` and `{target}` stand for values, escaped."""

    url: str  # ldap://HOST[:PORT] or ldaps://HOST[:PORT]
    start_tls: bool = True  # with ldap://, before anything is said
    ca_file: Path | None = None
    patience: Patience = Patience()
    bind_dn: str
    password: Secret
    people_base: str
    people_filter: str = "(uid={id})"
    name_attribute: str = "uid"  # names guest entries, and people in groups by name
    groups_base: str
    groups_filter: str = "(cn={target})"
    members: LdapMembers = LdapMembers.DN
    member_attribute: str = ""  # empty: member or memberUid
    owner_attribute: str = "owner"  # of groups by DN
    placeholder: str = "cn=nobody"  # the member of a group that must have one and has nobody
    most_members: int | None = None
    guests: GuestAccounts = GuestAccounts.WITH_GRANT
    guests_base: str = ""  # empty: no entries are made for guests
    mark_attribute: str = "employeeType"
    guest_mark: str = "ostiary-guest"  # of entries that we may clean up
    blocked_mark: str = "ostiary-guest-blocked"  # beside it, while the guest is blocked
    block_attribute: str = ""  # set as well while blocked, e.g. pwdAccountLockedTime
    block_value: str = ""


Settings = ScimSettings | WebhookSettings | LdapSettings


class Route(msgspec.Struct, frozen=True):
    """Which rights go to a connector; what is empty does not matter."""

    connector: str
    kinds: frozenset[ResourceKind] = frozenset()
    catalogs: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()  # `*` stands for any signs

    def fits(self, entry: Entry) -> bool:
        """Say whether an entry goes this way."""
        return (
            (not self.kinds or entry.kind in self.kinds)
            and (not self.catalogs or entry.catalog in self.catalogs)
            and (not self.resources or entry.resource in self.resources)
            and (not self.targets or any(matches(one, entry.target) for one in self.targets))
        )


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a file of connectors says; without a file, nothing."""

    connectors: Mapping[str, Settings] = {}
    routes: tuple[Route, ...] = ()
    extensions: ExtensionSettings | None = None


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern, in which `*` stands for any signs, has the whole text."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    last = others.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in others:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
