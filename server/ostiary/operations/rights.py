"""What somebody may do: the roles that they have, in the whole tenant and in each catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from ostiary.domain.caller import CATALOG_ROLES, Caller, Role, RoleAssignment
from ostiary.domain.people import AccountState, User

# Who may assign, remove, cancel, reprocess, resume, and see requests, assignments and failures.
STAFF = frozenset(
    {Role.ADMINISTRATOR, Role.CATALOG_OWNER, Role.PACKAGE_MANAGER, Role.ASSIGNMENT_MANAGER}
)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


class Belonging(Protocol):
    """What must be known of somebody to find their roles: a snapshot's directory, or the store."""

    def user(self, user_id: str) -> User | None:
        """Give the user object, deleted ones included, or None."""

    def group_key(self, group_id: str) -> int | None:
        """Give the number that stands for a group."""

    def groups_of(self, user_id: str) -> tuple[str, ...]:
        """Give the groups that hold the user directly, sorted by id."""

    def closure(self, group_ids: tuple[str, ...]) -> frozenset[int]:
        """Give the numbers of these groups and of every group that holds one of them (S-34)."""


class Rights:
    """The roles of one caller at one instant (S-132)."""

    def __init__(
        self, everywhere: frozenset[Role], within: Mapping[str, frozenset[Role]] | None = None
    ) -> None:
        """Take the roles in the whole tenant, and by the id of each catalog."""
        self.everywhere = everywhere - CATALOG_ROLES
        self._within = {catalog: roles & CATALOG_ROLES for catalog, roles in (within or {}).items()}

    @property
    def administrator(self) -> bool:
        """Tell whether nothing is hidden from them."""
        return Role.ADMINISTRATOR in self.everywhere

    def have(self, roles: frozenset[Role], catalog: str = "") -> bool:
        """Tell whether one of the roles is theirs, in the tenant or in the catalog."""
        return bool(roles & self.everywhere) or bool(roles & self.within(catalog))

    def within(self, catalog: str) -> frozenset[Role]:
        """Give the roles that they have in one catalog."""
        return self._within.get(catalog, frozenset())

    def catalogs(self, roles: frozenset[Role]) -> frozenset[str] | None:
        """Give the catalogs in which one of the roles is theirs; None: in all of them."""
        if roles & self.everywhere:
            return None
        return frozenset(catalog for catalog, mine in self._within.items() if roles & mine)


NO_RIGHTS = Rights(frozenset())


def vouched(caller: Caller) -> Rights:
    """Give the rights that come with a caller's identity alone, before there is any tenant."""
    return Rights(caller.roles)


def rights_of(caller: Caller, given: Iterable[RoleAssignment], directory: Belonging) -> Rights:
    """Give what a caller may do: by name, by group (S-34), and by what vouches for the caller.

    Nobody has no roles, and neither has a user whose sign-in is blocked or whose account is gone.
    """
    if not caller.id or (not caller.service and _is_out(caller.id, directory)):
        return NO_RIGHTS
    everywhere = set(caller.roles)
    within: defaultdict[str, set[Role]] = defaultdict(set)
    for one in _held(caller, given, directory):
        # INVARIANT: a role of a catalog without its catalog is a role of none.
        if one.role not in CATALOG_ROLES and not one.catalog:
            everywhere.add(one.role)
        elif one.role in CATALOG_ROLES and one.catalog:
            within[one.catalog].add(one.role)
    return Rights(
        frozenset(everywhere), {catalog: frozenset(roles) for catalog, roles in within.items()}
    )


def _is_out(user_id: str, directory: Belonging) -> bool:
    user = directory.user(user_id)
    return user is not None and user.state is not AccountState.ENABLED


def _held(
    caller: Caller, given: Iterable[RoleAssignment], directory: Belonging
) -> Iterable[RoleAssignment]:
    groups: frozenset[int] = frozenset()
    if not caller.service and directory.user(caller.id) is not None:
        groups = directory.closure(directory.groups_of(caller.id))
    for one in given:
        kind, _, name = one.holder.partition(":")
        by_group = kind == "group" and directory.group_key(name) in groups
        if one.holder == caller.holder or by_group:
            yield one
