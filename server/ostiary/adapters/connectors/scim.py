"""A system behind SCIM 2.0: its users, the members of its groups, and the roles of its users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scim2_models import User
from scim2_models.resources.user import Name

from ostiary.adapters.connectors.http_calls import HttpCaller
from ostiary.adapters.connectors.outcomes import DONE, already, done, failed, full, gone
from ostiary.adapters.connectors.scim_client import (
    Json,
    ScimClient,
    ScimRefusedError,
    mails,
    quoted,
    values_of,
)
from ostiary.adapters.connectors.settings import (
    GroupKey,
    GuestAccounts,
    RoleValue,
    ScimSettings,
    UserName,
)
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.lifecycle.ports import MEMBER, Delivered, Holder

# The members of a full Microsoft 365 group, with room.
LARGEST_ANSWER = 32 * 1024 * 1024

_NOT_THERE = frozenset({404, 410})


class ScimConnector:
    """Provisions into one SCIM server; any thread may call it.

    A person is found by `externalId`, which is Ostiary's id of them. Every call looks before it
    writes, so it is idempotent whatever its key.
    """

    def __init__(self, settings: ScimSettings) -> None:
        caller = HttpCaller(
            patience=settings.patience, largest=LARGEST_ANSWER, ca_file=settings.ca_file
        )
        self._settings = settings
        self._client = ScimClient(caller, settings.url, settings.token)

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Put the holder into a group, or give them a role; their account is made if needed."""
        if entry.kind is ResourceKind.GROUP:
            return self._told(lambda: self._join(holder, entry))
        return self._told(lambda: self._give_role(holder, entry))

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Take the holder out of a group, or the role from them; the account stays."""
        if entry.kind is ResourceKind.GROUP:
            return self._told(lambda: self._leave(holder, entry))
        return self._told(lambda: self._take_role(holder, entry))

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:  # noqa: ARG002
        """Create the account of a guest, or let one that we blocked in again (S-115)."""
        holder = Holder(person.id, mail=person.mail, guest=True)
        return self._told(lambda: self._make_guest(holder))

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Make the account inactive, if it bears our mark (S-116)."""
        return self._told(lambda: self._block(holder))

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Delete the account, if it bears our mark (S-116)."""
        return self._told(lambda: self._delete(holder))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _told(self, act: Callable[[], Delivered]) -> Delivered:
        try:
            with self._client.together():
                return act()
        except ScimRefusedError as error:
            return error.delivered

    # members of groups

    def _join(self, holder: Holder, entry: Entry) -> Delivered:
        if entry.role != MEMBER:
            return failed(f"SCIM knows members of groups only, so nobody can be `{entry.role}`")
        group_id = self._group_id(entry.target)
        if group_id is None:
            return gone(f"there is no group `{entry.target}`")
        user_id = _id_of(self._ensured(holder))
        if self._settings.read_members:
            members = values_of(self._client.group(group_id), "members")
            if user_id in members:
                return already()
            most = self._settings.most_members
            if most is not None and len(members) >= most:
                return full("group_members", most, f"group `{entry.target}` has {most:,} members")
        joining = {"op": "add", "path": "members", "value": [{"value": user_id}]}
        self._client.change_group(group_id, joining)
        return DONE

    def _leave(self, holder: Holder, entry: Entry) -> Delivered:
        user = self._found(holder)
        group_id = self._group_id(entry.target) if user is not None else None
        if user is None or group_id is None:
            return already()
        leaving = {"op": "remove", "path": f"members[value eq {quoted(_id_of(user))}]"}
        return _unless_absent(lambda: self._client.change_group(group_id, leaving))

    def _group_id(self, target: str) -> str | None:
        """Give the server's id of the group that a target names; None if there is none."""
        attribute = self._settings.groups_by
        if attribute is GroupKey.ID:
            return target
        found = self._client.groups(attribute.value, target)
        if len(found) > 1:
            raise ScimRefusedError(failed(f"{len(found)} groups have {attribute.value} `{target}`"))
        return _id_of(found[0]) if found else None

    # roles of users

    def _give_role(self, holder: Holder, entry: Entry) -> Delivered:
        user = self._ensured(holder)
        attribute, value = self._settings.roles_in.value, self._role(entry)
        if value in values_of(user, attribute):
            return already()
        giving = {"op": "add", "path": attribute, "value": [{"value": value}]}
        self._client.change_user(_id_of(user), giving)
        return DONE

    def _take_role(self, holder: Holder, entry: Entry) -> Delivered:
        user = self._found(holder)
        if user is None:
            return already()
        path = f"{self._settings.roles_in.value}[value eq {quoted(self._role(entry))}]"
        taking = {"op": "remove", "path": path}
        return _unless_absent(lambda: self._client.change_user(_id_of(user), taking))

    def _role(self, entry: Entry) -> str:
        if self._settings.role_value is RoleValue.ROLE:
            return entry.role
        return f"{entry.target}/{entry.role}"

    # people

    def _found(self, holder: Holder) -> Json | None:
        """Give the account of a person: by our id, else by name if it is nobody else's."""
        found = self._client.users("externalId", holder.id)
        if len(found) > 1:
            text = f"{len(found)} users have externalId `{holder.id}`"
            raise ScimRefusedError(failed(text))
        if found:
            return found[0]
        named = self._client.users("userName", self._user_name(holder))
        if not named:
            return None
        other = named[0].get("externalId")
        if other:
            # INVARIANT: an account that belongs to another person is never given anything.
            text = f"userName `{self._user_name(holder)}` belongs to externalId `{other}`"
            raise ScimRefusedError(failed(text))
        return named[0]

    def _ensured(self, holder: Holder) -> Json:
        user = self._found(holder)
        if user is None:
            return self._created(holder)
        if not user.get("externalId"):
            # So that the account is still found, and the right taken away, under another name.
            claim = {"op": "add", "path": "externalId", "value": holder.id}
            self._client.change_user(_id_of(user), claim)
        return user

    def _created(self, holder: Holder) -> Json:
        account = User[Any](
            external_id=holder.id,
            user_name=self._user_name(holder),
            display_name=holder.name or holder.id,
            name=Name(formatted=holder.name or holder.id),
            active=True,
            emails=mails(holder.mail),
            user_type=self._settings.guest_mark if holder.guest else None,
        )
        try:
            made = self._client.create(account)
        except ScimRefusedError as error:
            found = self._found(holder) if error.status == 409 else None
            if found is None:
                raise
            return found
        return made

    def _user_name(self, holder: Holder) -> str:
        if self._settings.user_name is UserName.MAIL and holder.mail:
            return holder.mail
        return holder.id

    # guests

    def _make_guest(self, holder: Holder) -> Delivered:
        user = self._found(holder)
        if user is None:
            if self._settings.guests is not GuestAccounts.AT_ONCE:
                return done("the account is made with the first grant")
            self._created(holder)
            return DONE
        if self._ours(user) and user.get("active") is False:
            self._client.change_user(_id_of(user), _active(yes=True))
            return DONE
        return already()

    def _block(self, holder: Holder) -> Delivered:
        user = self._found(holder)
        if user is None or (self._ours(user) and user.get("active") is False):
            return already()
        if not self._ours(user):
            return self._left_alone(holder)
        return _unless_absent(
            lambda: self._client.change_user(_id_of(user), _active(yes=False)),
        )

    def _delete(self, holder: Holder) -> Delivered:
        user = self._found(holder)
        if user is None:
            return already()
        if not self._ours(user):
            return self._left_alone(holder)
        return _unless_absent(lambda: self._client.delete_user(_id_of(user)))

    def _ours(self, user: Json) -> bool:
        return user.get("userType") == self._settings.guest_mark

    def _left_alone(self, holder: Holder) -> Delivered:
        mark = self._settings.guest_mark
        return already(f"the account of `{holder.id}` lacks userType `{mark}`, and was left alone")


def _unless_absent(change: Callable[[], None]) -> Delivered:
    """Take something away; that it was not there, or its owner is gone, is a success."""
    try:
        change()
    except ScimRefusedError as error:
        if error.status in _NOT_THERE or error.scim_type == "noTarget":
            return already()
        raise
    return DONE


def _active(*, yes: bool) -> Json:
    return {"op": "replace", "path": "active", "value": yes}


def _id_of(resource: Json) -> str:
    found = resource.get("id")
    if not isinstance(found, str) or not found:
        raise ScimRefusedError(failed("the server answered with a resource that has no id"))
    return found
