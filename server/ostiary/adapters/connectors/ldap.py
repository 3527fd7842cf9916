"""A directory behind LDAP: members and owners of its groups, and entries of guests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from ostiary.adapters.connectors.ldap_client import (
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    OBJECT_CLASS_VIOLATION,
    VALUE_EXISTS,
    Change,
    Doing,
    LdapClient,
    LdapEntry,
    LdapRefusedError,
    LdapSession,
    Scope,
    dn_below,
    equals,
    filter_of,
)
from ostiary.adapters.connectors.outcomes import DONE, already, done, failed, full, gone
from ostiary.adapters.connectors.settings import GuestAccounts, LdapMembers, LdapSettings
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.lifecycle.ports import MEMBER, OWNER, Delivered, Holder

_AT_A_TIME = 100
_PASSWORD = "userPassword"  # noqa: S105  # the name of the attribute


class LdapConnector:
    """Provisions into one LDAP directory; any thread may call it.

    A right is one value of one attribute of a group, so every call is idempotent whatever its key.
    People must be there; guests get an entry that bears our mark (S-115), and only entries with the
    mark are ever blocked or deleted (S-116).
    """

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._client = LdapClient(settings)

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Make the holder a member or an owner of a group."""
        attribute = self._attribute(entry)
        if isinstance(attribute, Delivered):
            return attribute
        return self._told(lambda session: self._join(session, holder, entry, attribute))

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Take the holder out; their entry stays."""
        attribute = self._attribute(entry)
        if isinstance(attribute, Delivered):
            return attribute
        return self._told(lambda session: self._leave(session, holder, entry, attribute))

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:  # noqa: ARG002
        """Make the entry of a guest, or let one whom we blocked in again (S-115)."""
        holder = Holder(person.id, mail=person.mail, guest=True)
        return self._told(lambda session: self._make_guest(session, holder))

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Take the password from the entry and mark it as blocked, if it bears our mark (S-116)."""
        return self._told(lambda session: self._block(session, holder))

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Delete the entry and take it out of all groups, if it bears our mark (S-116)."""
        return self._told(lambda session: self._delete(session, holder))

    def close(self) -> None:
        """Do nothing: no connection outlives its call."""

    def _told(self, act: Callable[[LdapSession], Delivered]) -> Delivered:
        try:
            with self._client.session() as session:
                return act(session)
        except LdapRefusedError as error:
            return error.delivered

    def _attribute(self, entry: Entry) -> str | Delivered:
        """Give the attribute of a group that holds a right, or why there is none."""
        by_dn = self._settings.members is LdapMembers.DN
        if entry.kind is ResourceKind.GROUP and entry.role == MEMBER:
            return self._settings.member_attribute or ("member" if by_dn else "memberUid")
        if entry.kind is ResourceKind.GROUP and entry.role == OWNER and by_dn:
            return self._settings.owner_attribute
        what = f"{entry.kind.value} `{entry.target}`"
        return failed(f"this directory has no place for the role `{entry.role}` of {what}")

    # groups

    def _join(
        self, session: LdapSession, holder: Holder, entry: Entry, attribute: str
    ) -> Delivered:
        group = self._group(session, entry.target)
        if group is None:
            return gone(f"there is no group `{entry.target}` below `{self._settings.groups_base}`")
        value = self._value(self._ensured(session, holder))
        most = self._settings.most_members
        if most is not None and entry.role == MEMBER:
            if session.find(group, equals(attribute, value), scope=Scope.ENTRY):
                return already()
            if self._count(session, group, attribute) >= most:
                return full("group_members", most, f"group `{entry.target}` has {most:,} members")
        try:
            session.change(group, Change(Doing.ADD, attribute, (value,)))
        except LdapRefusedError as error:
            if error.code == VALUE_EXISTS:
                return already()
            raise
        if self._needs_member(attribute):
            with suppress(LdapRefusedError):  # mostly it is not there, and it harms nobody
                session.change(group, Change(Doing.DELETE, attribute, (self._placeholder,)))
        return DONE

    def _leave(
        self, session: LdapSession, holder: Holder, entry: Entry, attribute: str
    ) -> Delivered:
        group = self._group(session, entry.target)
        if group is None:
            return already(f"there is no group `{entry.target}`")
        person = self._found(session, holder)
        value = self._value_of_absent(holder) if person is None else self._value(person)
        if value is None:
            return already(f"there is no entry of `{holder.id}`")
        return self._out(session, group, attribute, value)

    def _out(self, session: LdapSession, group: str, attribute: str, value: str) -> Delivered:
        """Take a value out of a group; the last member leaves a placeholder where one must be."""
        leaving = Change(Doing.DELETE, attribute, (value,))
        try:
            try:
                session.change(group, leaving)
            except LdapRefusedError as error:
                if error.code != OBJECT_CLASS_VIOLATION or not self._needs_member(attribute):
                    raise
                session.change(group, leaving, Change(Doing.ADD, attribute, (self._placeholder,)))
        except LdapRefusedError as error:
            if error.code in (NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
                return already()
            raise
        return DONE

    def _group(self, session: LdapSession, target: str) -> str | None:
        """Give the name of the entry of a group; None if there is none."""
        wanted = filter_of(self._settings.groups_filter, target=target)
        found = _below(session, self._settings.groups_base, wanted)
        if len(found) > 1:
            raise LdapRefusedError(failed(f"more than one group is `{target}`"))
        return found[0].dn if found else None

    def _count(self, session: LdapSession, group: str, attribute: str) -> int:
        found = session.find(group, "(objectClass=*)", [attribute], scope=Scope.ENTRY)
        members = found[0].values(attribute) if found else ()
        placeholder = self._placeholder.lower()
        return sum(value.lower() != placeholder for value in members)

    def _needs_member(self, attribute: str) -> bool:
        by_dn = self._settings.members is LdapMembers.DN
        return by_dn and attribute != self._settings.owner_attribute

    @property
    def _placeholder(self) -> str:
        return self._settings.placeholder

    # people

    def _found(self, session: LdapSession, holder: Holder) -> LdapEntry | None:
        """Give the entry of a person; None if there is none."""
        settings = self._settings
        if "{mail}" in settings.people_filter and not holder.mail:
            return None
        wanted = filter_of(settings.people_filter, id=holder.id, mail=holder.mail or "")
        attributes = [settings.name_attribute, settings.mark_attribute]
        found = {
            one.dn.lower(): one
            for base in filter(None, (settings.people_base, settings.guests_base))
            for one in _below(session, base, wanted, attributes)
        }
        if len(found) > 1:
            # INVARIANT: a right is never given to one of several people who could be meant.
            raise LdapRefusedError(failed(f"more than one entry is `{holder.id}`"))
        person = next(iter(found.values()), None)
        if person is not None:
            self._check_case(person, holder)
        return person

    def _check_case(self, person: LdapEntry, holder: Holder) -> None:
        """Refuse an entry whose name is the id in other letters.

        INVARIANT: directories compare names without case, we compare ids with it; what `Ada` may
        have is not given to `ada`.
        """
        names = person.values(self._settings.name_attribute)
        if holder.id in names or holder.id.casefold() not in map(str.casefold, names):
            return
        text = f"`{person.dn}` is named `{names[0]}`, not `{holder.id}`"
        raise LdapRefusedError(failed(text))

    def _ensured(self, session: LdapSession, holder: Holder) -> LdapEntry:
        person = self._found(session, holder)
        if person is not None:
            return person
        if holder.guest and self._settings.guests_base:
            return self._created(session, holder)
        text = f"nobody below `{self._settings.people_base}` is `{holder.id}`"
        raise LdapRefusedError(failed(text))

    def _value(self, person: LdapEntry) -> str:
        """Give what a group holds of a person."""
        if self._settings.members is LdapMembers.DN:
            return person.dn
        names = person.values(self._settings.name_attribute)
        if not names:
            text = f"`{person.dn}` has no {self._settings.name_attribute} to stand in a group"
            raise LdapRefusedError(failed(text))
        return names[0]

    def _value_of_absent(self, holder: Holder) -> str | None:
        """Give what a group may still hold of a person whose entry is gone.

        INVARIANT: whoever gets an entry of that name later must not find rights waiting in it.
        """
        if self._settings.members is LdapMembers.NAME:
            return holder.id
        return self._guest_dn(holder) if self._settings.guests_base else None

    # guests

    def _make_guest(self, session: LdapSession, holder: Holder) -> Delivered:
        if not self._settings.guests_base:
            return done("no entries are made for guests here")
        person = self._found(session, holder)
        if person is None:
            if self._settings.guests is not GuestAccounts.AT_ONCE:
                return done("the entry is made with the first grant")
            self._created(session, holder)
            return DONE
        if not self._is_blocked(person):
            return already()
        changes = [Change(Doing.DELETE, self._settings.mark_attribute, (self._blocked,))]
        if self._settings.block_attribute:
            changes.append(Change(Doing.REPLACE, self._settings.block_attribute))
        return _unless_absent(lambda: session.change(person.dn, *changes))

    def _block(self, session: LdapSession, holder: Holder) -> Delivered:
        person = self._found(session, holder)
        if person is None or self._is_blocked(person):
            return already()
        if not self._is_ours(person):
            return self._left_alone(holder)
        changes = [
            Change(Doing.ADD, self._settings.mark_attribute, (self._blocked,)),
            Change(Doing.REPLACE, _PASSWORD),
        ]
        if self._settings.block_attribute:
            value = (self._settings.block_value,)
            changes.append(Change(Doing.REPLACE, self._settings.block_attribute, value))
        return _unless_absent(lambda: session.change(person.dn, *changes))

    def _delete(self, session: LdapSession, holder: Holder) -> Delivered:
        person = self._found(session, holder)
        if person is None:
            return already()
        if not self._is_ours(person):
            return self._left_alone(holder)
        self._out_of_all(session, self._value(person))
        return _unless_absent(lambda: session.delete(person.dn))

    def _out_of_all(self, session: LdapSession, value: str) -> None:
        """Take a value out of every group, since many directories leave it there."""
        settings = self._settings
        by_dn = settings.members is LdapMembers.DN
        member = settings.member_attribute or ("member" if by_dn else "memberUid")
        for attribute in (member, settings.owner_attribute) if by_dn else (member,):
            self._out_of_each(session, attribute, value)

    def _out_of_each(self, session: LdapSession, attribute: str, value: str) -> None:
        """Search until nothing is found: servers give only so many entries at a time."""
        seen: set[str] = set()
        base, wanted = self._settings.groups_base, equals(attribute, value)
        while found := session.find(base, wanted, most=_AT_A_TIME):
            for group in found:
                if group.dn in seen:
                    text = f"`{value}` cannot be taken out of `{group.dn}`"
                    raise LdapRefusedError(failed(text))
                seen.add(group.dn)
                self._out(session, group.dn, attribute, value)

    def _created(self, session: LdapSession, holder: Holder) -> LdapEntry:
        name = holder.name or holder.id
        entry = {
            "objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson"],
            "cn": [name],
            "sn": [name.split()[-1] if name.split() else holder.id],
            "displayName": [name],
            self._settings.mark_attribute: [self._settings.guest_mark],
        }
        entry.setdefault(self._settings.name_attribute, [holder.id])
        if holder.mail and holder.mail.isascii():  # the attribute takes no other
            entry["mail"] = [holder.mail]
        try:
            session.add(self._guest_dn(holder), entry)
        except LdapRefusedError as error:
            if error.code != ENTRY_EXISTS:
                raise
        made = self._found(session, holder)
        if made is None:
            text = f"`{self._guest_dn(holder)}` is there, but people_filter does not find it"
            raise LdapRefusedError(failed(text))
        return made

    def _guest_dn(self, holder: Holder) -> str:
        return dn_below(self._settings.name_attribute, holder.id, self._settings.guests_base)

    def _is_ours(self, person: LdapEntry) -> bool:
        return self._settings.guest_mark in person.values(self._settings.mark_attribute)

    def _is_blocked(self, person: LdapEntry) -> bool:
        return self._is_ours(person) and self._blocked in person.values(
            self._settings.mark_attribute
        )

    @property
    def _blocked(self) -> str:
        return self._settings.blocked_mark

    def _left_alone(self, holder: Holder) -> Delivered:
        mark = f"{self._settings.mark_attribute} `{self._settings.guest_mark}`"
        return already(f"the entry of `{holder.id}` lacks {mark}, and was left alone")


def _below(
    session: LdapSession, base: str, wanted: str, attributes: tuple[str, ...] | list[str] = ()
) -> tuple[LdapEntry, ...]:
    """Give at most two entries: one is meant, two are a doubt."""
    return session.find(base, wanted, attributes, most=2)


def _unless_absent(change: Callable[[], None]) -> Delivered:
    """Take something away; that it was not there is a success."""
    try:
        change()
    except LdapRefusedError as error:
        if error.code in (NO_SUCH_OBJECT, NO_SUCH_ATTRIBUTE, VALUE_EXISTS):
            return already()
        raise
    return DONE
