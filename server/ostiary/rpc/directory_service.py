"""DirectoryService: the people whom decisions are about, and who has which role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partialmethod
from typing import Any

from google.protobuf.message import Message

from ostiary.domain.errors import ConflictError, ForbiddenError, InvalidRequestError
from ostiary.lifecycle.ports import DefinitionKind, Membership
from ostiary.operations.definitions import undo, undone
from ostiary.operations.documents import Key
from ostiary.operations.revising import Action
from ostiary.operations.writing import DefinitionWriter, Written
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.definition_messages import membership, role_assignment
from ostiary.rpc.convert.definition_texts import DefinitionReader
from ostiary.rpc.convert.definition_words import ROLES_READ
from ostiary.rpc.convert.directory_rows import (
    MOST_MEMBERSHIPS,
    membership_of,
    owners_of,
    role_of,
    role_place,
)
from ostiary.rpc.defining import (
    Defining,
    View,
    author_of,
    next_token,
    opened,
    paths_of,
    view_of,
)
from ostiary.rpc.masks import masked
from ostiary.rpc.permissions import Relation
from ostiary.rpc.violations import Violations
from ostiary.v1 import directory_pb2
from ostiary.v1 import directory_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["DirectoryService"]

_KINDS = {"user": DefinitionKind.USER, "group": DefinitionKind.GROUP}


class DirectoryService:
    """Answers the calls of DirectoryService."""

    def __init__(self, defining: Defining) -> None:
        self._defining = defining

    # users and groups

    def _get(self, word: str, message: Any, call: Call) -> Message:
        with self._defining.looking(call) as view:
            key = _named(view, word, getattr(message, word), word)
            own = Relation.OWN if word == "user" and call.is_user(key.id) else None
            call.allow(view.rights, "", own) if own else call.catalogs(view.rights)
            found = view.message(view.there(key))
            answer: Message = _response("Get", word)(**{word: found})
            return answer

    def _list(self, word: str, message: Any, call: Call) -> Message:
        with self._defining.looking(call) as view:
            call.catalogs(view.rights)
            violations = Violations()
            size = cursors.size_of(message, violations)
            violations.refuse_if_any()
            cursor = opened(message, view.tx, _KINDS[word])
            rows = view.tx.definitions(_KINDS[word], within="", after=cursor.id, size=size + 1)
            page, more = cursors.cut(rows, size)
            answer: Message = _response("List", f"{word}s")(
                **{f"{word}s": [view.message(row) for row in page]},
                next_page_token=next_token(message, cursor, "", page[-1].id) if more else "",
            )
            return answer

    def _upsert(self, word: str, message: Any, call: Call) -> Message:
        def work(writer: DefinitionWriter, view: View) -> Any:
            call.allow(view.rights, "")
            wanted = getattr(message, word)
            key = _named(view, word, wanted.name or wanted.id, f"{word}.id")
            before = view.tx.definition(*key)
            if before is None and wanted.etag:
                raise ConflictError(key.id)
            after = wanted
            if before is not None:
                writer.check_etag(before, wanted.etag)
                after = masked(view.message(before), wanted, message, word)
            written = _write(writer, key, after, word)
            return _response("Upsert", word)(
                **{word: view.message(written.row)}, created=before is None
            )

        answer: Message = self._defining.write(call, message, _response("Upsert", word), work)
        return answer

    def _delete(self, word: str, message: Any, call: Call) -> Message:
        def work(writer: DefinitionWriter, view: View) -> Any:
            call.allow(view.rights, "")
            writer.delete(_named(view, word, getattr(message, word), word), message.etag)
            return _response("Delete", word)()

        answer: Message = self._defining.write(call, message, _response("Delete", word), work)
        return answer

    get_user = partialmethod(_get, "user")
    list_users = partialmethod(_list, "user")
    upsert_user = partialmethod(_upsert, "user")
    delete_user = partialmethod(_delete, "user")
    get_group = partialmethod(_get, "group")
    list_groups = partialmethod(_list, "group")
    upsert_group = partialmethod(_upsert, "group")
    delete_group = partialmethod(_delete, "group")

    # memberships

    def list_memberships(
        self, message: contract.ListMembershipsRequest, call: Call
    ) -> contract.ListMembershipsResponse:
        """List the members of a group, or the groups of a member."""
        with self._defining.looking(call) as view:
            violations = Violations()
            size = cursors.size_of(message, violations)
            named = [name for name in ("group", "user", "nested_group") if getattr(message, name)]
            if len(named) != 1:
                violations.add("group", "exactly one of group, user and nested_group is required")
            violations.refuse_if_any()
            key = _named(view, _kind_of(named[0]), getattr(message, named[0]), named[0])
            own = Relation.OWN if named[0] == "user" and call.is_user(key.id) else None
            call.catalogs(view.rights, own)
            cursor = opened(message, view.tx, DefinitionKind.GROUP, key.id)
            rows = [one for one in _members(view, named[0], key.id) if _place(one) > cursor.id]
            page, more = cursors.cut(rows[: size + 1], size)
            token = next_token(message, cursor, "", _place(page[-1])) if more else ""
            return contract.ListMembershipsResponse(
                memberships=map(membership, page), next_page_token=token
            )

    def write_memberships(
        self, message: contract.WriteMembershipsRequest, call: Call
    ) -> contract.WriteMembershipsResponse:
        """Add and remove members and owners."""

        def work(writer: DefinitionWriter, view: View) -> contract.WriteMembershipsResponse:
            call.allow(view.rights, "")
            violations = Violations()
            if len(message.add) + len(message.remove) > MOST_MEMBERSHIPS:
                violations.add("add", f"holds more than {MOST_MEMBERSHIPS:,} with remove")
                violations.refuse_if_any()
            add = [
                membership_of(view.names, one, f"add[{number}]", violations)
                for number, one in enumerate(message.add)
            ]
            remove = [
                membership_of(view.names, one, f"remove[{number}]", violations)
                for number, one in enumerate(message.remove)
            ]
            violations.refuse_if_any()
            for one in add:
                _there(view, one)
            return contract.WriteMembershipsResponse(
                added=sum(_added(writer, one) for one in add),
                removed=sum(_removed(writer, one) for one in remove),
            )

        return self._defining.write(call, message, contract.WriteMembershipsResponse, work)

    def write_resource_owners(
        self, message: contract.WriteResourceOwnersRequest, call: Call
    ) -> contract.WriteResourceOwnersResponse:
        """Say who answers for applications and sites (S-17)."""

        def work(writer: DefinitionWriter, view: View) -> contract.WriteResourceOwnersResponse:
            call.allow(view.rights, "")
            violations = Violations()
            add = owners_of(view.names, message.add, "add", violations)
            remove = owners_of(view.names, message.remove, "remove", violations)
            violations.refuse_if_any()
            for one in add:
                view.there(Key(DefinitionKind.USER, "", one.member))
            return contract.WriteResourceOwnersResponse(
                added=sum(_added(writer, one) for one in add),
                removed=sum(_removed(writer, one) for one in remove),
            )

        return self._defining.write(call, message, contract.WriteResourceOwnersResponse, work)

    # import

    def import_directory(
        self, messages: Iterator[contract.ImportDirectoryRequest], call: Call
    ) -> contract.ImportDirectoryResponse:
        """Upsert many users, groups and memberships as one revision."""
        users: list[directory_pb2.User] = []
        groups: list[directory_pb2.Group] = []
        members: list[directory_pb2.Membership] = []
        only_tried = False
        for number, message in enumerate(messages):
            if message.validate_only and number:
                text = "belongs into the first message"
                raise InvalidRequestError([("validate_only", text)])
            only_tried = only_tried or message.validate_only
            users += message.users
            groups += message.groups
            members += message.memberships
        answer = contract.ImportDirectoryResponse()
        with undone(only_tried), self._defining.store.transaction() as tx:
            view = view_of(tx, call)
            call.allow(view.rights, "")
            writer = DefinitionWriter(tx, author_of(call, view.rights), self._defining.now())
            answer = _imported(writer, view, users, groups, members)
            undo(only_tried)
        return answer

    # roles

    def list_role_assignments(
        self, message: contract.ListRoleAssignmentsRequest, call: Call
    ) -> contract.ListRoleAssignmentsResponse:
        """List who has which role."""
        with self._defining.looking(call) as view:
            allowed = call.catalogs(view.rights)
            violations = Violations()
            size = cursors.size_of(message, violations)
            catalog = ""
            if message.catalog:
                catalog = view.names.key(
                    DefinitionKind.CATALOG, message.catalog, "catalog", violations
                ).id
            role = ROLES_READ.get(message.role)
            if message.role and role is None:
                violations.add("role", f"has no value with the number {message.role}")
            violations.refuse_if_any()
            if allowed is not None and catalog and catalog not in allowed:
                raise ForbiddenError
            cursor = opened(message, view.tx, DefinitionKind.CATALOG)
            found = [
                one
                for one in view.tx.role_assignments()
                if (allowed is None or one.catalog in allowed)
                and (not catalog or one.catalog == catalog)
                and (not message.holder or one.holder == message.holder)
                and (role is None or one.role is role)
                and role_place(one) > cursor.id
            ]
            found.sort(key=role_place)
            page, more = cursors.cut(found[: size + 1], size)
            token = next_token(message, cursor, "", role_place(page[-1])) if more else ""
            return contract.ListRoleAssignmentsResponse(
                role_assignments=map(role_assignment, page), next_page_token=token
            )

    def _role(self, view: View, message: directory_pb2.RoleAssignment, call: Call) -> Any:
        """Give the role that is meant; raises ForbiddenError for whoever may not give it."""
        violations = Violations()
        one = role_of(view.names, message, violations)
        violations.refuse_if_any()
        call.allow(view.rights, one.catalog)
        return one

    def assign_role(
        self, message: contract.AssignRoleRequest, call: Call
    ) -> contract.AssignRoleResponse:
        """Give a role."""

        def work(writer: DefinitionWriter, view: View) -> contract.AssignRoleResponse:
            one = self._role(view, message.role_assignment, call)
            kind, _, name = one.holder.partition(":")
            if kind != "service":
                view.there(Key(_KINDS[kind], "", name))
            if one.catalog:
                view.there(Key(DefinitionKind.CATALOG, "", one.catalog))
            return contract.AssignRoleResponse(added=writer.give_role(one))

        return self._defining.write(call, message, contract.AssignRoleResponse, work)

    def remove_role(
        self, message: contract.RemoveRoleRequest, call: Call
    ) -> contract.RemoveRoleResponse:
        """Take a role away."""

        def work(writer: DefinitionWriter, view: View) -> contract.RemoveRoleResponse:
            one = self._role(view, message.role_assignment, call)
            return contract.RemoveRoleResponse(removed=writer.take_role(one))

        return self._defining.write(call, message, contract.RemoveRoleResponse, work)


def _response(verb: str, word: str) -> Any:
    return getattr(contract, f"{verb}{word.capitalize()}Response")


def _kind_of(field: str) -> str:
    return "user" if field == "user" else "group"


def _named(view: View, word: str, name: str, field: str) -> Key:
    violations = Violations()
    key = view.names.key(_KINDS[word], name, field, violations)
    violations.refuse_if_any()
    return key


def _write(writer: DefinitionWriter, key: Key, message: Any, field: str) -> Written:
    violations = Violations()
    plain = DefinitionReader(violations).plain(key.kind, message, field)
    violations.refuse_if_any()
    with paths_of(key.kind, field):
        return writer.upsert(key.kind, {**plain, "id": key.id})


def _imported(
    writer: DefinitionWriter,
    view: View,
    users: list[directory_pb2.User],
    groups: list[directory_pb2.Group],
    members: list[directory_pb2.Membership],
) -> contract.ImportDirectoryResponse:
    """Write everything; what is wrong is collected, and refers to what comes later are fine."""
    found: list[tuple[str, str]] = []
    writer.expect(
        [Key(DefinitionKind.USER, "", one.id) for one in users]
        + [Key(DefinitionKind.GROUP, "", one.id) for one in groups]
    )
    parts: tuple[tuple[str, Sequence[Any]], ...] = (("group", groups), ("user", users))
    for word, messages in parts:
        for number, message in enumerate(messages):
            field = f"{word}s[{number}]"
            try:
                _write(writer, _named(view, word, message.id, f"{field}.id"), message, field)
            except InvalidRequestError as error:
                found += error.violations
    violations = Violations()
    rows = [
        membership_of(view.names, one, f"memberships[{number}]", violations)
        for number, one in enumerate(members)
    ]
    for number, row in enumerate(rows):
        for field, key in _of_membership(row):
            if view.tx.definition(*key) is None:
                violations.add(f"memberships[{number}].{field}", f"names nobody: `{key.id}`")
    try:
        violations.refuse_if_any()
    except InvalidRequestError as error:
        found += error.violations
    if found:
        raise InvalidRequestError(found)
    actions = [one.action for one in writer.revising.objects]
    return contract.ImportDirectoryResponse(
        created=actions.count(Action.CREATE),
        updated=actions.count(Action.UPDATE),
        memberships_added=sum(_added(writer, row) for row in rows),
        revision=writer.revising.changes().revision,
    )


def _of_membership(one: Membership) -> Iterable[tuple[str, Key]]:
    yield "group", Key(DefinitionKind.GROUP, "", one.group)
    kind = DefinitionKind.GROUP if one.nested else DefinitionKind.USER
    yield "nested_group" if one.nested else "user", Key(kind, "", one.member)


def _there(view: View, one: Membership) -> None:
    for _, key in _of_membership(one):
        view.there(key)


def _added(writer: DefinitionWriter, one: Membership) -> bool:
    """Add a member who is none yet, so that no revision is begun for nothing."""
    return one not in writer.tx.memberships(member=one.member) and writer.revising.add_member(one)


def _removed(writer: DefinitionWriter, one: Membership) -> bool:
    return one in writer.tx.memberships(member=one.member) and writer.revising.remove_member(one)


def _members(view: View, field: str, name: str) -> list[Membership]:
    if field == "group":
        return sorted(view.tx.memberships(name), key=_place)
    nested = field == "nested_group"
    return sorted(
        (
            one
            for one in view.tx.memberships(member=name)
            if one.nested is nested and ":" not in one.group  # owners of applications and sites
        ),
        key=_place,
    )


def _place(one: Membership) -> str:
    return f"{one.group}\0{one.member}\0{int(one.nested)}\0{one.role}"
