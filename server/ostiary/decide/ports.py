"""What the decision core asks of a directory; the index answers it from memory."""

from __future__ import annotations

from typing import Protocol

from ostiary.domain.people import ConnectedOrganization, HomeIdentity, PersonType, User


class Directory(Protocol):
    """People, groups and organizations as subject keys: ints that scopes and people share."""

    def user(self, user_id: str) -> User | None:
        """Give the user object, deleted ones included, or None."""

    def user_key(self, user_id: str) -> int | None:
        """Give the subject key of a user of the directory."""

    def group_key(self, group_id: str) -> int | None:
        """Give the subject key of a group."""

    def organization_key(self, organization_id: str) -> int:
        """Give the subject key of a connected organization."""

    def groups_of(self, user_id: str) -> tuple[str, ...]:
        """Give the groups that hold the user directly, sorted by id."""

    def above(self, group_id: str) -> tuple[str, ...]:
        """Give a group and the groups whose members its members are (S-34)."""

    def closure(self, group_ids: tuple[str, ...]) -> frozenset[int]:
        """Give the keys of these groups and of every group that holds one of them (S-34)."""

    def path(self, start: tuple[str, ...], goals: frozenset[str]) -> tuple[str, ...]:
        """Give the shortest chain of groups from one of `start` up to one of `goals`."""

    def members(self, group_id: str) -> tuple[User, ...]:
        """Give the users of a group in the order of their ids, nesting followed (S-34)."""

    def organization(self, organization_id: str) -> ConnectedOrganization:
        """Give a connected organization."""

    def organizations_of(self, home: HomeIdentity) -> tuple[str, ...]:
        """Give the organizations whose people sign in like this, by id (S-112)."""

    def lookalikes_of(self, home: HomeIdentity | None, mail: str | None) -> tuple[str, ...]:
        """Give the organizations that this person resembles but does not belong to (S-113)."""


EXTERNAL_TYPES = frozenset({PersonType.GUEST, PersonType.EXTERNAL})
