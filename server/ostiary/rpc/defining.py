"""What the services of definitions share: a look at the store, and writes of one revision each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import Message

from ostiary.domain.caller import Role
from ostiary.domain.errors import (
    DefinitionNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    NotReadyError,
    PackageNotFoundError,
    PageTokenError,
    PolicyNotFoundError,
    RequestIdReusedError,
    UserNotFoundError,
)
from ostiary.lifecycle.ports import Definition, DefinitionKind, Remembered, Store, Transaction
from ostiary.operations.belonging import StoreBelonging
from ostiary.operations.definitions import TENANT_CASE, own_row, undo, undone
from ostiary.operations.documents import Key, TenantDocument, decode, tenant_document
from ostiary.operations.revising import resource_name
from ostiary.operations.rights import Rights, rights_of
from ostiary.operations.writing import Author, DefinitionWriter, etag_of, find_package
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.definition_messages import message_of
from ostiary.rpc.convert.definition_texts import path
from ostiary.rpc.definition_names import DefinitionNames
from ostiary.rpc.violations import LONGEST_ID, Violations

Answer = TypeVar("Answer", bound=Message)

_MOST_TOUCHED = 1000
_MISSING: dict[DefinitionKind, type[NotFoundError]] = {
    DefinitionKind.USER: UserNotFoundError,
    DefinitionKind.PACKAGE: PackageNotFoundError,
    DefinitionKind.POLICY: PolicyNotFoundError,
}


class View(msgspec.Struct, frozen=True):
    """The definitions of one state of the store, as one caller may see them."""

    tx: Transaction
    own: TenantDocument
    rights: Rights
    names: DefinitionNames

    def there(self, key: Key) -> Definition:
        """Give a definition; that there is none, only those are told who may see all (S-133)."""
        found = self.tx.definition(*key)
        if found is not None:
            return found
        raise self.missing(key.kind, key.id)

    def missing(self, kind: DefinitionKind, name: str) -> Exception:
        """Give the error for something that is not there."""
        if self.rights.administrator:
            return _MISSING.get(kind, DefinitionNotFoundError)(name)
        return ForbiddenError()

    def located(self, key: Key, *, new: bool = False) -> tuple[Key, str]:
        """Give the whole key of what was named by its id alone, and the catalog it belongs to.

        With `new` the object itself need not be there yet.
        """
        if key.kind is DefinitionKind.PACKAGE and not key.within and not new:
            found = find_package(self.tx, key.id)
            if found is None:
                raise self.missing(key.kind, key.id)
            return Key(key.kind, found.within, key.id), found.within
        if key.kind is DefinitionKind.POLICY:
            package = find_package(self.tx, key.within)
            if package is None:
                raise self.missing(DefinitionKind.PACKAGE, key.within)
            return key, package.within
        return key, key.id if key.kind is DefinitionKind.CATALOG else key.within

    def message(self, row: Definition, catalog: str = "") -> Any:
        """Give a definition as a message, with what the server gives it."""
        made = message_of(row.kind, decode(row))
        key = Key(row.kind, row.within, row.id)
        made.name = resource_name(self.own.id, key, catalog)
        made.etag = etag_of(row)
        if row.kind is DefinitionKind.PACKAGE:
            made.catalog = row.within
        elif row.kind is DefinitionKind.GROUP:
            made.member_count = self.tx.count_members(row.id)
        return made

    def with_owners(self, messages: list[Any]) -> list[Any]:
        """Give catalogs with those who own them now (S-11)."""
        owners: dict[str, list[str]] = {}
        for role in self.tx.role_assignments():
            if role.role is Role.CATALOG_OWNER:
                owners.setdefault(role.catalog, []).append(role.holder)
        for message in messages:
            del message.owners[:]
            message.owners.extend(sorted(owners.get(message.id, ())))
        return messages


class Defining:
    """Stands behind the services of definitions; may be shared by all threads of a process."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.store = store
        self.now = now

    @contextmanager
    def looking(self, call: Call) -> Iterator[View]:
        """Look at the store on behalf of a caller."""
        with self.store.reading() as tx:
            yield view_of(tx, call)

    def write(
        self,
        call: Call,
        message: Any,
        kind: type[Answer],
        work: Callable[[DefinitionWriter, View], Answer],
    ) -> Answer:
        """Carry a write out, once however often it is sent, as one revision or not at all.

        With `validate_only` everything is done and then undone. What is remembered is looked at
        after the right to call, so that nobody learns another's answer.
        """
        violations = Violations()
        violations.text(message.request_id, "request_id", LONGEST_ID)
        violations.refuse_if_any()
        only_tried: bool = message.validate_only
        answer = kind()
        with undone(only_tried), self.store.transaction() as tx:
            tx.lock(TENANT_CASE)
            view = view_of(tx, call)
            key = _key(call, message.request_id) if not only_tried else ""
            digest = hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()
            known = tx.remembered(key) if key else None
            if known is not None:
                if known.digest != digest:
                    raise RequestIdReusedError(message.request_id)
                return kind.FromString(known.answer)
            answer = work(DefinitionWriter(tx, author_of(call, view.rights), self.now()), view)
            if key:
                tx.remember(key, Remembered(digest, answer.SerializeToString()), self.now())
            undo(only_tried)
        return answer


def view_of(tx: Transaction, call: Call) -> View:
    """Give what a caller sees in a transaction; raises NotReadyError if there is no tenant."""
    row = own_row(tx)
    if row is None:
        raise NotReadyError("the store holds no tenant yet; apply one first")
    own = tenant_document(row.body)
    belonging = StoreBelonging(tx, transitive=own.profile.group_membership_transitive)
    rights = rights_of(call.caller, tx.role_assignments(), belonging)
    return View(tx, own, rights, DefinitionNames(own.id))


def author_of(call: Call, rights: Rights) -> Author:
    """Give the caller as writers of definitions know them."""
    return Author(call.actor_id, call.caller.holder, rights.administrator)


def _key(call: Call, request_id: str) -> str:
    return f"{call.name}/{call.caller.holder}/{request_id}" if request_id else ""


@contextmanager
def paths_of(kind: DefinitionKind, field: str) -> Iterator[None]:
    """Have what is wrong with a definition named by the path of its field in the request."""
    try:
        yield
    except InvalidRequestError as error:
        raise InvalidRequestError(
            (spelled(kind, where, field), text) for where, text in error.violations
        ) from None


def spelled(kind: DefinitionKind, where: str, field: str) -> str:
    """Give the path of a field in a request from its path in a file."""
    if kind is DefinitionKind.PACKAGE and where.startswith("policies["):
        inner = where.partition("].")[2]
        return f"first_policy.{path(DefinitionKind.POLICY, inner)}".rstrip(".")
    return f"{field}.{path(kind, where)}".rstrip(".")


class Cursor(msgspec.Struct, frozen=True):
    """Where a page begins: after an object, in the state that the first page was of."""

    revision: int
    within: str = ""
    id: str = ""


def opened(message: Any, tx: Transaction, kind: DefinitionKind, group: str = "") -> Cursor:
    """Give where a page begins.

    Raises PageTokenError if something was written since that could stand on a page: a page that
    is seen is then never half old and half new. With `group`, its memberships alone are looked at.
    """
    text = cursors.opened(message)
    if text is None:
        return Cursor(tx.revision())
    try:
        cursor = msgspec.json.decode(text, type=Cursor)
    except msgspec.MsgspecError as error:
        raise PageTokenError("the token is not one of this list") from error
    touched = tx.touched_since(cursor.revision, most=_MOST_TOUCHED)
    if touched is None or any(_matters(one, kind, group) for one in touched):
        raise PageTokenError("the list has changed since; begin at the first page again")
    return cursor


def _matters(one: Any, kind: DefinitionKind, group: str) -> bool:
    if group:
        return one.kind is DefinitionKind.GROUP and group in (one.id, one.member)
    return one.kind is kind and not one.member


def next_token(message: Message, cursor: Cursor, within: str, name: str) -> str:
    """Give the token of the page that follows an object."""
    after = msgspec.structs.replace(cursor, within=within, id=name)
    return cursors.token(message, msgspec.json.encode(after).decode())
