"""Definitions written one by one: checked as a folder's are, against what the store holds now.

Only what an object refers to is read, so that a write costs the same in a tenant of any size. The
caller's transaction holds the case `tenant`, so that no limit is passed by two at once (S-17, §18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.errors import (
    ConflictError,
    DefinitionNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    LimitExceededError,
    NotFoundError,
    NotReadyError,
    PackageNotFoundError,
    PolicyNotFoundError,
    UserNotFoundError,
)
from ostiary.domain.policy import AssignmentPolicy, ScopeKind
from ostiary.lifecycle.ports import Definition, DefinitionKind, Transaction
from ostiary.operations.definitions import (
    TENANT_CASE,
    Deleted,
    delete_object,
    mark_deleted,
    own_row,
    package_in_use,
    policy_in_use,
    refuse,
)
from ostiary.operations.documents import Key, decode, encode, loaded_profile, tenant_document
from ostiary.operations.merging import Refusal
from ostiary.operations.references import Target, targets_of
from ostiary.operations.revising import Revising
from ostiary.operations.usage import still_used, users_of
from ostiary.rulebook import single
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import Place
from ostiary.rulebook.reader import Where
from ostiary.rulebook.single import FieldFault, FieldReader, Plain
from ostiary.rulebook.tenant_draft import CatalogDraft, Draft, PackageDraft, spot_of
from ostiary.rulebook.tenant_model import GENERAL

_NOT_FOUND: Mapping[DefinitionKind, type[NotFoundError]] = {
    DefinitionKind.USER: UserNotFoundError,
    DefinitionKind.PACKAGE: PackageNotFoundError,
    DefinitionKind.POLICY: PolicyNotFoundError,
}
_NAMED_ONCE = frozenset(
    {
        DefinitionKind.CATALOG,
        DefinitionKind.ORGANIZATION,
        DefinitionKind.PACKAGE,
        DefinitionKind.POLICY,
    }
)
_COUNTED = (
    ("connected", DefinitionKind.ORGANIZATION, "connected_organizations"),
    ("package_count", DefinitionKind.PACKAGE, "packages_per_tenant"),
    ("policies", DefinitionKind.POLICY, "policies_per_tenant"),
    ("extensions", DefinitionKind.EXTENSION, "extensions_per_tenant"),
)


class Author(NamedTuple):
    """Who writes; administrators may do what others may not (S-17, S-29)."""

    id: str
    holder: str  # `user:ID` or `service:ID`
    administrator: bool


class Written(msgspec.Struct, frozen=True):
    """A definition as it was stored, with the known mistakes in it."""

    row: Definition
    noun: Any
    warnings: tuple[FieldFault, ...] = ()


class _Named(msgspec.Struct):
    id: str
    name: str


_NAMES = msgspec.json.Decoder(_Named)


class StoreDraft(Draft):
    """A draft of one object; what it would pass of the limits is kept by name and number."""

    exceeded: tuple[str, int] | None = None

    def _over(self, name: str, count: int | None, most: int, place: Place, where: Where) -> None:
        self.exceeded = self.exceeded or (name, most)
        super()._over(name, count, most, place, where)


class DefinitionWriter:
    """Writes definitions of the store's tenant within one transaction, as one revision."""

    def __init__(self, tx: Transaction, author: Author, now: datetime) -> None:
        """Take the tenant's case; raises NotReadyError if the store holds no tenant."""
        tx.lock(TENANT_CASE)
        row = own_row(tx)
        if row is None:
            raise NotReadyError("the store holds no tenant yet; apply one first")
        own = tenant_document(row.body)
        self.tx = tx
        self.author = author
        self.now = now
        self.loaded = loaded_profile(row.body)
        self.tenant_id = own.id
        self.profile = own.profile
        self.known_domains = own.known_domains
        self.revising = Revising(tx, actor=author.id, now=now)
        self._expected: frozenset[Key] = frozenset()

    # reading

    def find(self, key: Key) -> Definition:
        """Give a definition; raises the NotFound error of its kind."""
        found = self.tx.definition(key.kind, key.within, key.id)
        if found is None:
            raise _NOT_FOUND.get(key.kind, DefinitionNotFoundError)(key.id)
        return found

    def holder_of(self, key: Key) -> Definition | None:
        """Give the catalog or package that an object stands in; raises if there is none."""
        if key.kind is DefinitionKind.POLICY:
            return self.package(key.within)
        return self.find(Key(DefinitionKind.CATALOG, "", key.within)) if key.within else None

    def package(self, identifier: str) -> Definition:
        """Give a package, whatever its catalog; raises PackageNotFoundError."""
        found = find_package(self.tx, identifier)
        if found is None:
            raise PackageNotFoundError(identifier)
        return found

    # writing

    def create(self, kind: DefinitionKind, within: str, plain: Plain) -> Written:
        """Create an object; raises InvalidRequestError with all that is wrong (S-139)."""
        key = Key(kind, within, str(plain.get("id", "")))
        self.holder_of(key)
        return self._save(key, plain, None)

    def update(self, key: Key, edit: Callable[[Any], Plain], etag: str = "") -> Written:
        """Change an object to what `edit` makes of it; raises ConflictError for an old etag."""
        before = self.find(key)
        self.check_etag(before, etag)
        return self._save(key, edit(self.whole(before)), before)

    def upsert(self, kind: DefinitionKind, plain: Plain) -> Written:
        """Create or replace an object of the directory."""
        key = Key(kind, "", str(plain.get("id", "")))
        return self._save(key, plain, self.tx.definition(*key))

    def expect(self, keys: Iterable[Key]) -> None:
        """Let objects refer to others that this write brings too, in whichever order."""
        self._expected = frozenset(keys)

    def check_etag(self, row: Definition, etag: str) -> None:
        """Refuse to change what is no longer as the caller read it."""
        if etag and etag != etag_of(row):
            raise ConflictError(self.revising.name_of(self._noted(row)))

    def whole(self, row: Definition) -> Any:
        """Give what a definition says."""
        return decode(row)

    def _save(self, key: Key, plain: Plain, before: Definition | None) -> Written:
        self._guard_text(key, plain)
        noun, reader = self._checked(key, plain, before)
        self._guard(key, noun, before)
        if before is not None:
            noun = _with_stated(noun, before)
        applied = "" if before is None else before.applied
        self._note(key)
        row = self.revising.put(key, encode(key.kind, noun), applied=applied, before=before)
        for policy in getattr(noun, "policies", ()):
            inner = Key(DefinitionKind.POLICY, noun.id, policy.id)
            body = encode(inner.kind, policy)
            self.revising.put(inner, body, applied="", before=self.tx.definition(*inner))
        if key.kind is DefinitionKind.CATALOG and before is None and not self.author.administrator:
            owner = RoleAssignment(self.author.holder, Role.CATALOG_OWNER, noun.id)
            self.revising.add_role(owner)  # S-11
        return Written(row, noun, reader.warnings)

    def _checked(
        self, key: Key, plain: Plain, before: Definition | None
    ) -> tuple[Any, FieldReader]:
        reader = FieldReader(self.profile.text_limits)
        draft = StoreDraft(reader, self.loaded, self.now, self._exists(before))
        draft.known_domains = dict(self.known_domains)
        self._seed(draft, key, before)
        noun = self._read(draft, key, plain)
        _refuse(reader.errors, draft)
        return noun, reader

    def _exists(self, before: Definition | None) -> Callable[[str, str], bool]:
        """Tell what can be referred to: what there is, and what was referred to already."""
        known = frozenset[Target]()
        if before is not None:
            known = frozenset(targets_of(before.kind, "", decode(before)))

        def exists(kind: str, name: str) -> bool:
            kind_of = DefinitionKind(kind)
            if kind_of is DefinitionKind.PACKAGE and find_package(self.tx, name) is not None:
                return True
            if Key(kind_of, "", name) in self._expected or Target(kind_of, name) in known:
                return True
            return self.tx.definition(kind_of, "", name) is not None

        return exists

    def _seed(self, draft: StoreDraft, key: Key, before: Definition | None) -> None:
        """Tell the draft what is taken, and how much of each limit is used up."""
        own = int(before is not None)
        for field, kind, name in _COUNTED:
            if kind is key.kind or (field == "policies" and key.kind is DefinitionKind.PACKAGE):
                mine = own if kind is key.kind else 0
                count = self.tx.count_definitions(kind) - mine
                setattr(draft, field, _at_most(count, self.profile.limits[name]))
        if before is None and self.tx.definition(*key) is not None:
            within = _spot(key) if key.kind not in _TOP else ""
            draft.seed(key.kind.value, (key.id,), within=within)
        if key.kind is DefinitionKind.PACKAGE and before is None:
            draft.seed("package", (key.id,) if find_package(self.tx, key.id) else ())
        if key.kind in _NAMED_ONCE:
            names = (one.name for one in self._names(key) if one.id != key.id)
            places = {DefinitionKind.PACKAGE: key.within, DefinitionKind.POLICY: _spot(key)}
            draft.seed(key.kind.value, names, "name", within=places.get(key.kind, ""))

    def _names(self, key: Key) -> Iterator[_Named]:
        rows = self.tx.definitions(key.kind, within=key.within or None)
        return (_NAMES.decode(row.body) for row in rows)

    # one kind after the other

    def _read(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        readers: Mapping[DefinitionKind, Callable[[StoreDraft, Key, Plain], Any]] = {
            DefinitionKind.USER: lambda draft, _, plain: single.read_user(draft, plain),
            DefinitionKind.GROUP: lambda draft, _, plain: single.read_group(draft, plain),
            DefinitionKind.ORGANIZATION: lambda draft, _, plain: single.read_organization(
                draft, plain
            ),
            DefinitionKind.CATALOG: self._read_catalog,
            DefinitionKind.RESOURCE: self._read_resource,
            DefinitionKind.EXTENSION: self._read_extension,
            DefinitionKind.PACKAGE: self._read_package,
            DefinitionKind.POLICY: self._read_policy,
        }
        return readers[key.kind](draft, key, plain)

    def _count_one_more(self, draft: StoreDraft, key: Key, limit: str) -> None:
        if self.tx.definition(*key) is None:
            count = self.tx.count_definitions(key.kind, within=key.within or None) + 1
            most = self.profile.limits[limit]
            place = single.holder(key.id)
            draft.limit_count(limit, _at_most(count, most, over=True), place, None)

    def _read_catalog(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        self._count_one_more(draft, key, "catalogs_per_tenant")
        return single.read_catalog(draft, plain)

    def _read_resource(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        """S-14; what the resource gives must be no other resource of the catalog."""
        self._count_one_more(draft, key, "resources_per_catalog")
        others = [
            decode(row)
            for row in self.tx.definitions(key.kind, within=key.within)
            if row.id != key.id
        ]
        for kind, field in _TARGETS.items():
            taken = (one.target for one in others if one.kind is kind)
            draft.seed("resource", taken, field, within=_spot(key))
        group = self.tx.definition(DefinitionKind.GROUP, "", str(plain.get("group", "")))
        if group is not None:
            draft.groups.append(decode(group))
        questions = sum(len(one.questions) for one in others)
        made = single.read_resource(draft, plain, self._catalog(key.within))
        if made is not None:
            count = questions + len(made.questions)
            most = self.profile.limits["attributes_per_catalog"]
            place = single.holder(key.id)
            draft.limit_count(
                "attributes_per_catalog", _at_most(count, most, over=True), place, None
            )
        return made

    def _read_extension(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        self._count_one_more(draft, key, "extensions_per_catalog")
        return single.read_extension(draft, plain, self._catalog(key.within))

    def _read_package(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        catalog = self._catalog(key.within, resources=_used(plain), calls=_calls_of(plain))
        count = self.tx.count_definitions(key.kind, within=key.within)
        own = int(self.tx.definition(*key) is not None)
        catalog.packages = _at_most(count - own, self.profile.limits["packages_per_catalog"])
        made = single.read_package(draft, plain, catalog)
        if made is not None and own:
            # The policies of a package that is there already are objects of their own.
            made = msgspec.structs.replace(made, policies=())
        return made

    def _read_policy(self, draft: StoreDraft, key: Key, plain: Plain) -> Any:
        row = self.package(key.within)
        holder = PackageDraft(row.id, row.id, row.within, single.holder(key.within), None)
        others = [
            decode(other)
            for other in self.tx.definitions(key.kind, within=key.within)
            if other.id != key.id
        ]
        limits = self.profile.limits
        holder.written = _at_most(len(others), limits["policies_per_package"])
        automatic = sum(_is_automatic(other) for other in others)
        holder.automatic = _at_most(automatic, limits["auto_policies_per_package"])
        catalog = self._catalog(row.within, calls=_calls((plain,)))
        return single.read_policy(draft, plain, holder, catalog)

    def _catalog(
        self, name: str, *, resources: Iterable[str] = (), calls: Iterable[str] = ()
    ) -> CatalogDraft:
        """Give a catalog with those of its resources and extensions that are referred to."""
        catalog = CatalogDraft(name, single.holder(name), None)
        for kind, names, into in (
            (DefinitionKind.RESOURCE, resources, catalog.resources),
            (DefinitionKind.EXTENSION, calls, catalog.extensions),
        ):
            for one in names:
                row = self.tx.definition(kind, name, one)
                if row is not None:
                    into[one] = decode(row)
        return catalog

    # what not everybody may do, and what others rely on

    def _guard_text(self, key: Key, plain: Plain) -> None:
        """S-29: whoever may not is told nothing of what else would be wrong."""
        if self.author.administrator:
            return
        policies = plain.get("policies", ()) if key.kind is DefinitionKind.PACKAGE else (plain,)
        for policy in policies:
            if policy.get("scope", {}).get("kind") == ScopeKind.AUTOMATIC.value:
                raise ForbiddenError

    def _guard(self, key: Key, noun: Any, before: Definition | None) -> None:
        if key.kind is DefinitionKind.POLICY:
            self._guard_automatic(noun, None if before is None else decode(before))
        elif key.kind is DefinitionKind.PACKAGE:
            for policy in noun.policies:
                self._guard_automatic(policy, None)
        elif key.kind is DefinitionKind.RESOURCE:
            if before is None:
                self._guard_resource(noun)
            else:
                refuse(self._roles_in_use(key, noun, decode(before)))
        elif key.kind is DefinitionKind.CATALOG and key.id == GENERAL and before is None:
            raise ForbiddenError  # S-10

    def _guard_automatic(self, policy: AssignmentPolicy, before: AssignmentPolicy | None) -> None:
        """S-29: only administrators make, change or unmake automatic policies."""
        touched = _is_automatic(policy) or (before is not None and _is_automatic(before))
        if touched and not self.author.administrator:
            raise ForbiddenError

    def _guard_resource(self, resource: Any) -> None:
        """S-17: a right on the resource itself, unless the caller is administrator."""
        if self.author.administrator:
            return
        if not owns(self.tx, self.author.holder, resource.kind, resource.target):
            raise ForbiddenError("the caller does not own the resource")

    def _roles_in_use(self, key: Key, after: Any, before: Any) -> Iterator[Refusal]:
        dropped = set(before.roles) - set(after.roles)
        if not dropped:
            return
        for row in users_of(self.tx, Target(key.kind, key.id, key.within)):
            for entry in decode(row).entries:
                if entry.resource == key.id and entry.role in dropped:
                    text = f"role `{entry.role}` is still used by package `{row.id}`"
                    yield Refusal("NOT_EMPTY", text)

    # deleting

    def delete(self, key: Key, etag: str = "") -> Deleted:
        """Delete an object; RefusedError NOT_EMPTY if it is used or holds something.

        Gives what people should know, e.g. how many assignments never end (S-108).
        """
        row = self.find(key)
        self.check_etag(row, etag)
        self._note(key)
        if key.kind is DefinitionKind.CATALOG:
            self._empty_catalog(key)
        elif key.kind is DefinitionKind.PACKAGE:
            refuse(package_in_use(self.tx, key.id, self.profile))
            for policy in self.tx.definitions(DefinitionKind.POLICY, within=key.id):
                self.revising.delete(policy)
        elif key.kind is DefinitionKind.POLICY:
            self._guard_automatic(decode(row), decode(row))
            refuse(policy_in_use(self.tx, key.within, key.id))
        elif key.kind is DefinitionKind.USER:
            mark_deleted(self.revising, row)  # S-107: an account can be restored
            return Deleted()
        else:
            refuse(still_used(self.tx, Target(key.kind, key.id, key.within)))
        return delete_object(self.revising, row)

    def _empty_catalog(self, key: Key) -> None:
        """S-10 and S-13."""
        if key.id == GENERAL:
            raise ForbiddenError
        count = self.tx.count_definitions(DefinitionKind.PACKAGE, within=key.id)
        if count:
            holds = "1 package" if count == 1 else f"{count:,} packages"
            refuse([Refusal("NOT_EMPTY", f"catalog `{key.id}` holds {holds}")])
        for kind in (DefinitionKind.RESOURCE, DefinitionKind.EXTENSION):
            for row in self.tx.definitions(kind, within=key.id):
                self.revising.delete(row)

    # roles

    def give_role(self, one: RoleAssignment) -> bool:
        """Give a role; False if it was given before. Raises LimitExceededError (section 18)."""
        given = self.tx.role_assignments()
        if one in given:
            return False
        most = self.profile.limits["users_per_catalog_role"]
        same = sum(other.catalog == one.catalog and other.role is one.role for other in given)
        if most is not None and one.catalog and same >= most:
            raise LimitExceededError("users_per_catalog_role", most)
        return self.revising.add_role(one)

    def take_role(self, one: RoleAssignment) -> bool:
        """Take a role away; False if nobody had it."""
        return one in self.tx.role_assignments() and self.revising.remove_role(one)

    # names in events

    def _note(self, key: Key) -> None:
        if key.kind is DefinitionKind.PACKAGE:
            self.revising.catalog_of[key.id] = key.within
        elif key.kind is DefinitionKind.POLICY and key.within not in self.revising.catalog_of:
            self.revising.catalog_of[key.within] = self.package(key.within).within

    def _noted(self, row: Definition) -> Key:
        key = Key(row.kind, row.within, row.id)
        self._note(key)
        return key


_TOP = frozenset(
    {
        DefinitionKind.USER,
        DefinitionKind.GROUP,
        DefinitionKind.ORGANIZATION,
        DefinitionKind.CATALOG,
        DefinitionKind.PACKAGE,
    }
)
_TARGETS = {
    ResourceKind.GROUP: "group",
    ResourceKind.APPLICATION: "application",
    ResourceKind.SITE: "url",
    ResourceKind.DIRECTORY_ROLE: "role",
}


def _refuse(errors: tuple[FieldFault, ...], draft: StoreDraft) -> None:
    """Refuse what is wrong: a limit alone by its name, all else field by field (S-139)."""
    if not errors:
        return
    if draft.exceeded and all(one.code == FaultCode.LIMIT_EXCEEDED.value for one in errors):
        raise LimitExceededError(*draft.exceeded)
    raise InvalidRequestError((one.path, f"{one.code}: {one.text}") for one in errors)


def etag_of(row: Definition) -> str:
    """Give the etag of a definition: the revision that wrote it."""
    return f"r{row.revision}"


def find_package(tx: Transaction, identifier: str) -> Definition | None:
    """Give a package by its id, which is unique in the tenant."""
    return tx.definition(DefinitionKind.PACKAGE, None, identifier)


def owns(tx: Transaction, holder: str, kind: ResourceKind, target: str) -> bool:
    """Tell whether somebody owns a group, an application or a site (S-17)."""
    group = target if kind is ResourceKind.GROUP else f"{kind.value}:{target}"
    return any(
        one.role == "Owner" and f"{'group' if one.nested else 'user'}:{one.member}" == holder
        for one in tx.memberships(group)
    )


def _spot(key: Key) -> str:
    return spot_of(single.holder(key.within))


def _at_most(count: int, most: int | None, *, over: bool = False) -> int:
    """Give a count that passes its limit with the next one, however far it is over already."""
    return count if most is None else min(count, most + int(over))


def _with_stated(noun: Any, before: Definition) -> Any:
    """Keep what a folder stated of members and owners, which have rows of their own."""
    said = decode(before)
    if before.kind is DefinitionKind.GROUP:
        return msgspec.structs.replace(noun, users=said.users, groups=said.groups)
    if before.kind is DefinitionKind.CATALOG:
        return msgspec.structs.replace(noun, owners=said.owners)
    return noun


def _is_automatic(policy: AssignmentPolicy) -> bool:
    return policy.scope.kind is ScopeKind.AUTOMATIC


def _used(plain: Plain) -> Iterator[str]:
    return (str(entry["resource"]) for entry in plain.get("entries", ()) if "resource" in entry)


def _calls_of(plain: Plain) -> Iterator[str]:
    return _calls(plain.get("policies", ()))


def _calls(policies: Iterable[Plain]) -> Iterator[str]:
    for policy in policies:
        for call in policy.get("extensions", ()):
            if "extension" in call:
                yield str(call["extension"])
