"""CatalogService: what can be had, written and read object by object, or from a folder's files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partialmethod
from typing import Any

import msgspec
from google.protobuf.message import Message

from ostiary.domain.errors import InvalidRequestError
from ostiary.lifecycle.ports import Definition, DefinitionKind
from ostiary.operations.documents import Key
from ostiary.operations.rights import vouched
from ostiary.operations.submission import Actor
from ostiary.operations.writing import DefinitionWriter, Written
from ostiary.rpc import cursors
from ostiary.rpc.bringing import bring
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.definition_messages import warning
from ostiary.rpc.convert.definition_texts import DefinitionReader
from ostiary.rpc.convert.tenant_section import section_of
from ostiary.rpc.defining import (
    Cursor,
    Defining,
    View,
    next_token,
    opened,
    paths_of,
    spelled,
    view_of,
)
from ostiary.rpc.masks import masked
from ostiary.rpc.received_files import ReceivedFiles
from ostiary.rpc.violations import Violations
from ostiary.rulebook.tenant_model import GENERAL
from ostiary.v1 import catalog_pb2, resource_pb2
from ostiary.v1 import catalog_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["CatalogService"]


class _Noun(msgspec.Struct, frozen=True):
    """One kind of object that the service keeps, as the contract spells it."""

    kind: DefinitionKind
    name: str  # AccessPackage
    field: str  # access_package
    plural: str  # access_packages
    parent: str = ""  # catalog, access_package

    def answer(self, verb: str, **fields: Any) -> Any:
        """Give the answer of a method."""
        return self.kind_of(verb)(**fields)

    def kind_of(self, verb: str) -> Any:
        """Give the class of a method's answer."""
        plural = "".join(word.capitalize() for word in self.plural.split("_"))
        return getattr(contract, f"{verb}{plural if verb == 'List' else self.name}Response")


_CATALOG = _Noun(DefinitionKind.CATALOG, "Catalog", "catalog", "catalogs")
_RESOURCE = _Noun(DefinitionKind.RESOURCE, "Resource", "resource", "resources", "catalog")
_EXTENSION = _Noun(
    DefinitionKind.EXTENSION, "CustomExtension", "custom_extension", "custom_extensions", "catalog"
)
_PACKAGE = _Noun(
    DefinitionKind.PACKAGE, "AccessPackage", "access_package", "access_packages", "catalog"
)
_POLICY = _Noun(
    DefinitionKind.POLICY,
    "AssignmentPolicy",
    "assignment_policy",
    "assignment_policies",
    "access_package",
)
_ORGANIZATION = _Noun(
    DefinitionKind.ORGANIZATION,
    "ConnectedOrganization",
    "connected_organization",
    "connected_organizations",
)


class CatalogService:
    """Answers the calls of CatalogService."""

    def __init__(self, defining: Defining) -> None:
        self._defining = defining

    def get_tenant(self, _: contract.GetTenantRequest, call: Call) -> contract.GetTenantResponse:
        """Tell which tenant this is."""
        with self._defining.looking(call) as view:
            call.catalogs(view.rights)
            own = view.own
            return contract.GetTenantResponse(
                tenant=catalog_pb2.TenantSettings(
                    name=f"tenants/{own.id}",
                    id=own.id,
                    display_name=own.name,
                    profile=own.profile.name,
                    profile_version=own.profile.version,
                    revision=view.tx.revision(),
                    read_time=self._defining.now(),
                    section=section_of(own) if view.rights.administrator else "",
                )
            )

    # reading

    def _get(self, noun: _Noun, message: Any, call: Call) -> Message:
        with self._defining.looking(call) as view:
            key, catalog = self._named(
                noun, view, message, getattr(message, noun.field), noun.field
            )
            self._allow(noun, call, view, catalog)
            made = _shown(noun, view, view.there(key), catalog)
            answer: Message = noun.answer("Get", **{noun.field: made})
            return answer

    def _list(self, noun: _Noun, message: Any, call: Call) -> Message:
        with self._defining.looking(call) as view:
            violations = Violations()
            size = cursors.size_of(message, violations)
            violations.refuse_if_any()
            cursor = opened(message, view.tx, noun.kind)
            found = list(_first(self._rows(noun, view, message, call, cursor), size + 1))
            page, more = cursors.cut(found, size)
            shown = [_shown(noun, view, row, catalog) for row, catalog in page]
            last = page[-1][0] if more else None
            token = "" if last is None else next_token(message, cursor, last.within, last.id)
            answer: Message = noun.answer("List", **{noun.plural: shown}, next_page_token=token)
            return answer

    def _rows(
        self, noun: _Noun, view: View, message: Any, call: Call, cursor: Cursor
    ) -> Iterator[tuple[Definition, str]]:
        """Give what follows a cursor, with the catalog of each."""
        if noun is _ORGANIZATION:
            call.catalogs(view.rights)
            yield from ((row, "") for row in _after(view, noun.kind, "", cursor))
        elif noun is _CATALOG:
            allowed = call.catalogs(view.rights)
            for row in _after(view, noun.kind, "", cursor):
                if allowed is None or row.id in allowed:
                    yield row, row.id
        else:
            yield from self._inside(noun, view, message, call, cursor)

    def _inside(
        self, noun: _Noun, view: View, message: Any, call: Call, cursor: Cursor
    ) -> Iterator[tuple[Definition, str]]:
        parent = getattr(message, noun.parent)
        if not parent and noun is _PACKAGE:
            allowed = call.catalogs(view.rights)
            for catalog in view.tx.definitions(DefinitionKind.CATALOG):
                inside = allowed is None or catalog.id in allowed
                if inside and catalog.id >= cursor.within:
                    after = cursor if catalog.id == cursor.within else Cursor(cursor.revision)
                    rows = _after(view, noun.kind, catalog.id, after)
                    yield from ((row, catalog.id) for row in rows)
            return
        within, catalog_id = self._parent(noun, view, parent)
        call.allow(view.rights, catalog_id)
        view.there(_holder(noun, within, catalog_id))
        yield from ((row, catalog_id) for row in _after(view, noun.kind, within, cursor))

    # writing

    def _create(self, noun: _Noun, message: Any, call: Call) -> Message:
        def work(writer: DefinitionWriter, view: View) -> Any:
            catalog, within = "", ""
            if noun.parent:
                parent = getattr(message, noun.parent) or (GENERAL if noun is _PACKAGE else "")
                within, catalog = self._parent(noun, view, parent)
            if noun is _ORGANIZATION or noun is _CATALOG:
                call.allow(view.rights, "")
            else:
                call.allow(view.rights, catalog)
                view.there(_holder(noun, within, catalog))
            plain = self._plain(noun, getattr(message, noun.field), noun.field)
            if noun is _PACKAGE:
                plain |= self._first_policy(message)
            with paths_of(noun.kind, noun.field):
                written = writer.create(noun.kind, within, plain)
            return _written(noun, "Create", view, written, catalog)

        answer: Message = self._defining.write(call, message, noun.kind_of("Create"), work)
        return answer

    def _first_policy(self, message: contract.CreateAccessPackageRequest) -> dict[str, Any]:
        """S-22: the package's first policy; the flag without stages is refused by its check."""
        if not message.HasField("first_policy"):
            if message.require_approval:
                raise InvalidRequestError([("first_policy", "is required with require_approval")])
            return {}
        plain = self._plain(_POLICY, message.first_policy, "first_policy")
        if message.require_approval:
            approval = plain.setdefault("approval", {"for": []})
            approval["for"] = sorted({*approval["for"], "add"})
        return {"policies": [plain]}

    def _update(self, noun: _Noun, message: Any, call: Call) -> Message:
        def work(writer: DefinitionWriter, view: View) -> Any:
            wanted = getattr(message, noun.field)
            named = f"{noun.field}.{'name' if wanted.name else 'id'}"
            key, catalog = self._named(noun, view, message, wanted.name or wanted.id, named)
            self._allow(noun, call, view, catalog)
            before = view.message(view.there(key), catalog)
            after = masked(before, wanted, message, noun.field)
            plain = self._plain(noun, after, noun.field)
            if noun is _RESOURCE:
                _same_target(before, after, plain)
            with paths_of(noun.kind, noun.field):
                written = writer.update(key, lambda _: plain, wanted.etag)
            return _written(noun, "Update", view, written, catalog)

        answer: Message = self._defining.write(call, message, noun.kind_of("Update"), work)
        return answer

    def _delete(self, noun: _Noun, message: Any, call: Call) -> Message:
        def work(writer: DefinitionWriter, view: View) -> Any:
            key, catalog = self._named(
                noun, view, message, getattr(message, noun.field), noun.field
            )
            self._allow(noun, call, view, catalog)
            view.there(key)
            deleted = writer.delete(key, message.etag)
            if noun is _PACKAGE:
                return contract.DeleteAccessPackageResponse(
                    endless_assignments=deleted.endless,
                    cancelled_requests=deleted.cancelled,
                    notes=deleted.notes,
                )
            return noun.answer("Delete", notes=deleted.notes)

        answer: Message = self._defining.write(call, message, noun.kind_of("Delete"), work)
        return answer

    # names and rights

    def _named(
        self, noun: _Noun, view: View, message: Any, name: str, field: str
    ) -> tuple[Key, str]:
        """Give the key of an object, and the catalog in which rights to it are held."""
        violations = Violations()
        within = ""
        if noun.parent and "/" not in name:
            parent = getattr(message, noun.parent)
            if parent:
                within, _ = self._parent(noun, view, parent)
            elif noun is not _PACKAGE:
                violations.add(noun.parent, "is required with an id that is no resource name")
        key = view.names.key(noun.kind, name, field, violations, within=within)
        violations.refuse_if_any()
        return view.located(key)

    def _parent(self, noun: _Noun, view: View, name: str) -> tuple[str, str]:
        """Give the id of the catalog or package that is named, and of the catalog."""
        violations = Violations()
        kind = DefinitionKind.CATALOG if noun.parent == "catalog" else DefinitionKind.PACKAGE
        key = view.names.key(kind, name, noun.parent, violations)
        violations.refuse_if_any()
        key, catalog = view.located(key)
        return key.id, catalog

    def _allow(self, noun: _Noun, call: Call, view: View, catalog: str) -> None:
        if noun is _ORGANIZATION:
            call.catalogs(view.rights)
        else:
            call.allow(view.rights, catalog)

    def _plain(self, noun: _Noun, message: Any, field: str) -> dict[str, Any]:
        violations = Violations()
        plain = DefinitionReader(violations).plain(noun.kind, message, field)
        violations.refuse_if_any()
        return plain

    # a folder's files

    def apply(
        self, messages: Iterator[contract.ApplyRequest], call: Call
    ) -> contract.ApplyResponse:
        """Make the tenant what files say."""
        with self._defining.store.reading() as tx:
            # Whoever brings the first tenant has no role in it yet; what vouches for them says so.
            rights = view_of(tx, call).rights if tx.revision() else vouched(call.caller)
            call.allow(rights, "")
        with ReceivedFiles() as received:
            for message in messages:
                received.take(message)
            return bring(
                self._defining.store,
                received.complete(),
                actor=Actor(call.actor_id, staff=True),
                now=self._defining.now(),
                dry_run=received.options.validate_only,
            )

    get_catalog = partialmethod(_get, _CATALOG)
    list_catalogs = partialmethod(_list, _CATALOG)
    create_catalog = partialmethod(_create, _CATALOG)
    update_catalog = partialmethod(_update, _CATALOG)
    delete_catalog = partialmethod(_delete, _CATALOG)
    get_resource = partialmethod(_get, _RESOURCE)
    list_resources = partialmethod(_list, _RESOURCE)
    create_resource = partialmethod(_create, _RESOURCE)
    update_resource = partialmethod(_update, _RESOURCE)
    delete_resource = partialmethod(_delete, _RESOURCE)
    get_custom_extension = partialmethod(_get, _EXTENSION)
    list_custom_extensions = partialmethod(_list, _EXTENSION)
    create_custom_extension = partialmethod(_create, _EXTENSION)
    update_custom_extension = partialmethod(_update, _EXTENSION)
    delete_custom_extension = partialmethod(_delete, _EXTENSION)
    get_access_package = partialmethod(_get, _PACKAGE)
    list_access_packages = partialmethod(_list, _PACKAGE)
    create_access_package = partialmethod(_create, _PACKAGE)
    update_access_package = partialmethod(_update, _PACKAGE)
    delete_access_package = partialmethod(_delete, _PACKAGE)
    get_assignment_policy = partialmethod(_get, _POLICY)
    list_assignment_policies = partialmethod(_list, _POLICY)
    create_assignment_policy = partialmethod(_create, _POLICY)
    update_assignment_policy = partialmethod(_update, _POLICY)
    delete_assignment_policy = partialmethod(_delete, _POLICY)
    get_connected_organization = partialmethod(_get, _ORGANIZATION)
    list_connected_organizations = partialmethod(_list, _ORGANIZATION)
    create_connected_organization = partialmethod(_create, _ORGANIZATION)
    update_connected_organization = partialmethod(_update, _ORGANIZATION)
    delete_connected_organization = partialmethod(_delete, _ORGANIZATION)


def _holder(noun: _Noun, within: str, catalog: str) -> Key:
    if noun.parent == "catalog":
        return Key(DefinitionKind.CATALOG, "", within)
    return Key(DefinitionKind.PACKAGE, catalog, within)


def _after(view: View, kind: DefinitionKind, within: str, cursor: Cursor) -> Iterator[Definition]:
    """Give the objects of a container that follow a cursor, a page at a time."""
    after = cursor.id
    while page := view.tx.definitions(kind, within=within, after=after, size=cursors.LARGEST_PAGE):
        yield from page
        after = page[-1].id


def _first(rows: Iterator[tuple[Definition, str]], size: int) -> Iterator[tuple[Definition, str]]:
    for _, row in zip(range(size), rows, strict=False):
        yield row


def _shown(noun: _Noun, view: View, row: Definition, catalog: str) -> Any:
    made = view.message(row, catalog)
    return view.with_owners([made])[0] if noun is _CATALOG else made


def _same_target(before: Any, after: Any, plain: dict[str, Any]) -> None:
    """Refuse to make another thing of a resource; what was said of it at first still holds."""
    if (before.kind, before.target) != (after.kind, after.target):
        raise InvalidRequestError(
            [("resource.target", "cannot be changed, and neither can the kind")]
        )
    if after.kind == resource_pb2.RESOURCE_KIND_SITE:
        plain["group_connected"] = True


def _written(noun: _Noun, verb: str, view: View, written: Written, catalog: str) -> Any:
    made = _shown(noun, view, written.row, catalog or written.row.id)
    told = [warning(one, spelled(noun.kind, one.path, noun.field)) for one in written.warnings]
    return noun.answer(verb, **{noun.field: made}, warnings=told)
