"""A tenant while its files are read: what is known so far, and what was referred to before that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from ostiary.domain.catalog import Catalog, CustomExtension, PackageEntry, Resource
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import AssignmentPolicy
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import Place, quoted
from ostiary.rulebook.profiles import LoadedProfile
from ostiary.rulebook.reader import Reader, Where
from ostiary.rulebook.records import Record
from ostiary.rulebook.shapes import Item
from ostiary.rulebook.source import Node, Spot

_ELSEWHERE = Spot("")


class CatalogDraft(msgspec.Struct):
    """A catalog without its packages, and the names that its packages may use."""

    id: str
    place: Place
    where: Where
    catalog: Catalog | None = None  # None: it could not be read
    resources: dict[str, Resource | None] = {}  # None: known, but faulty
    extensions: dict[str, CustomExtension | None] = {}
    packages: int = 0
    known: bool = True  # False: what it holds could not be read, so nothing is missing there


class PackageDraft(msgspec.Struct):
    """A package whose policies may stand in several files."""

    id: str
    name: str
    catalog: str
    place: Place
    where: Where
    description: str = ""
    hidden: bool = False
    entries: tuple[PackageEntry, ...] = ()
    incompatible_packages: tuple[str, ...] = ()
    incompatible_groups: tuple[str, ...] = ()
    policies: list[AssignmentPolicy] = []
    written: int = 0  # policies in the files, readable or not
    automatic: int = 0


def spot_of(place: Place) -> str:
    """Give a place as one word, to tell apart what bears the same id."""
    return f"{place.file}:{place.line}:{place.column}"


class Reference(msgspec.Struct, frozen=True):
    """A reference to something that is not known yet."""

    kind: str
    id: str
    node: Node
    where: Where


Exists = Callable[[str, str], bool]


def _nothing_else(_: str, __: str) -> bool:
    return False


class Draft:
    """Everything gathered from the files read so far.

    What is defined elsewhere, `exists` knows by kind and id, and `seed` says of its names.
    """

    def __init__(
        self,
        reader: Reader,
        loaded: LoadedProfile,
        now: datetime | None = None,
        exists: Exists = _nothing_else,
    ) -> None:
        self.reader = reader
        self.loaded = loaded
        self.profile = loaded.profile
        self.now = now
        self.exists = exists
        self.users: list[User] = []
        self.groups: list[Group] = []
        self.organizations: list[ConnectedOrganization] = []
        self.catalogs: dict[str, CatalogDraft] = {}
        self.packages: dict[str, PackageDraft] = {}
        self.granted_groups: list[Item[str]] = []
        self.known_domains: dict[str, str] = {}  # domain -> tenant (S-113)
        self.connected = 0
        self.package_count = 0
        self.policies = 0
        self.extensions = 0
        self._known: dict[str, dict[str, Place]] = defaultdict(dict)
        self._pending: list[Reference] = []

    def define(
        self, kind: str, record: Record, field: str = "id", *, within: str = "", called: str = ""
    ) -> bool:
        """Take note of an id or name that is unique within something; say if it is the first."""
        node = record.at(field)
        word = record.values.get(field)
        if not isinstance(word, str):
            return False
        known = self._known[kind if field == "id" else f"{kind} {field}"]
        key = f"{within} {word}" if within else word
        first = known.get(key)
        if first is None:
            known[key] = node
            return True
        there = f"line {first.line}" if first.file == node.file else f"{first.file}:{first.line}"
        text = f"{called or kind} {quoted(word)} is there already"
        if first is not _ELSEWHERE:
            text = f"{text}, see {there}"
        self.reader.fault(node, record.to(field), FaultCode.DUPLICATE, text)
        return False

    def seed(self, kind: str, words: Iterable[str], field: str = "id", *, within: str = "") -> None:
        """Take note of ids or names that are taken elsewhere."""
        known = self._known[kind if field == "id" else f"{kind} {field}"]
        for word in words:
            known[f"{within} {word}" if within else word] = _ELSEWHERE

    def refer(self, kind: str, identifier: str, node: Node, where: Where) -> None:
        """Refer to something by its id; whether it exists is settled in the end."""
        if identifier not in self._known[kind]:
            self._pending.append(Reference(kind, identifier, node, where))

    def refer_all(self, kind: str, items: Iterable[Item[str]]) -> None:
        """Refer to each entry of a list."""
        for item in items:
            self.refer(kind, item.value, item.node, item.where)

    def refer_field(self, kind: str, record: Record, field: str) -> None:
        """Refer to what a field names, if it is there."""
        identifier = record.values.get(field)
        if isinstance(identifier, str):
            self.refer(kind, identifier, record.at(field), record.to(field))

    def place_of(self, kind: str, identifier: str) -> Place | None:
        """Give where something is defined."""
        return self._known[kind].get(identifier)

    def settle_references(self) -> None:
        """Report each reference to nothing."""
        for pending in self._pending:
            known = self._known[pending.kind]
            if pending.id not in known and not self.exists(pending.kind, pending.id):
                near = self.reader.near(pending.id, known)
                text = f"no {pending.kind} {quoted(pending.id)}{near}"
                self.reader.fault(pending.node, pending.where, FaultCode.UNKNOWN_REFERENCE, text)

    def limit(self, name: str, places: Sequence[tuple[Place, Where]]) -> None:
        """Refuse the first of the places that is over the limit (section 18)."""
        most = self.profile.limits[name]
        if most is not None and len(places) > most:
            self._over(name, len(places), most, *places[most])

    def limit_count(self, name: str, count: int, place: Place, where: Where) -> None:
        """Refuse the place at which a running count passes the limit."""
        most = self.profile.limits[name]
        if most is not None and count == most + 1:
            self._over(name, None, most, place, where)

    def _over(self, name: str, count: int | None, most: int, place: Place, where: Where) -> None:
        passed = "would be passed here" if count is None else f"is {count:,}"
        text = f"{name} {passed}, the maximum is {most:,} in profile {self.profile.name}"
        self.reader.fault(place, where, FaultCode.LIMIT_EXCEEDED, text)
