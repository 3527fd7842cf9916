"""Who calls, and what a role may do (section 16 of the semantics)."""

from __future__ import annotations

import msgspec

from ostiary.domain.enumeration import Enumeration


class Role(Enumeration):
    """The roles of delegated administration (S-132, S-133)."""

    ADMINISTRATOR = "administrator"
    CATALOG_CREATOR = "catalog_creator"
    CATALOG_OWNER = "catalog_owner"
    PACKAGE_MANAGER = "package_manager"
    ASSIGNMENT_MANAGER = "assignment_manager"
    CATALOG_READER = "catalog_reader"
    EVALUATOR = "evaluator"


CATALOG_ROLES = frozenset(
    {
        Role.CATALOG_OWNER,
        Role.PACKAGE_MANAGER,
        Role.ASSIGNMENT_MANAGER,
        Role.CATALOG_READER,
    }
)


class RoleAssignment(msgspec.Struct, frozen=True, order=True):
    """A role that somebody has, in one catalog or in the whole tenant.

    `holder` is `user:ID`, `group:ID` or `service:ID`.
    """

    holder: str
    role: Role
    catalog: str = ""  # empty: the whole tenant


class Caller(msgspec.Struct, frozen=True):
    """Who a call comes from, as the authentication found it; `id` empty: nobody."""

    id: str = ""
    service: bool = False
    roles: frozenset[Role] = frozenset()  # tenant-wide roles that the token itself carries

    @property
    def holder(self) -> str:
        """Give the caller as role assignments name holders."""
        return f"{'service' if self.service else 'user'}:{self.id}"


NOBODY = Caller()
