"""One definition that comes without a file, checked by the same rules as in one (S-139).

Plain data of the shape that files have go in; what is wrong comes out by the path of its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from ostiary.domain.catalog import AccessPackage, Catalog, CustomExtension, Resource
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.tenant import Settings
from ostiary.rulebook.catalog_checks import (
    add_catalog,
    add_extension,
    add_package,
    add_policy,
    add_resource,
)
from ostiary.rulebook.directory_checks import add_group, add_organization, add_user, read_settings
from ostiary.rulebook.directory_model import (
    GroupText,
    OrganizationText,
    SettingsText,
    UserText,
)
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, Place
from ostiary.rulebook.plain_nodes import node_of
from ostiary.rulebook.policy_model import PolicyText
from ostiary.rulebook.reader import Broken, Reader, Where, path_of
from ostiary.rulebook.records import Record, RecordShape
from ostiary.rulebook.resource_checks import check_granted_groups
from ostiary.rulebook.source import Spot
from ostiary.rulebook.tenant_draft import CatalogDraft, Draft, PackageDraft
from ostiary.rulebook.tenant_model import CatalogText, ExtensionText, PackageText, ResourceText
from ostiary.rulebook.tenant_whole import package_of

R = TypeVar("R", bound=Record)
Plain = Mapping[str, Any]


class FieldFault(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong with a definition; faults sort by the order of its fields."""

    order: int
    path: str
    code: str
    text: str
    warning: bool = False


class FieldReader(Reader):
    """Takes faults down by the path of the field alone."""

    def __init__(self, text_limits: Mapping[str, int]) -> None:
        super().__init__(FaultList(), text_limits)
        self._found: dict[FieldFault, None] = {}

    def fault(self, node: Place, where: Where, code: FaultCode, text: str) -> None:
        """Take down an error."""
        self._found[FieldFault(node.line, _path(where), code.value, text)] = None

    def warn(self, node: Place, where: Where, code: FaultCode, text: str) -> None:
        """Take down a known mistake."""
        self._found[FieldFault(node.line, _path(where), code.value, text, warning=True)] = None

    @property
    def errors(self) -> tuple[FieldFault, ...]:
        """Give everything that refuses the definition, in stable order."""
        return tuple(sorted(one for one in self._found if not one.warning))

    @property
    def warnings(self) -> tuple[FieldFault, ...]:
        """Give the known mistakes, in stable order."""
        return tuple(sorted(one for one in self._found if one.warning))


def _path(where: Where) -> str:
    return "" if where is None else path_of(where)


def read_user(draft: Draft, plain: Plain) -> User | None:
    """Check a user; None if it cannot be read, and the reader has what is wrong."""
    text = _read(UserText, draft, plain)
    return None if text is None else _settled(draft, lambda: add_user(draft, text), draft.users)


def read_group(draft: Draft, plain: Plain) -> Group | None:
    """Check a group, as `read_user` does."""
    text = _read(GroupText, draft, plain)
    return None if text is None else _settled(draft, lambda: add_group(draft, text), draft.groups)


def read_organization(draft: Draft, plain: Plain) -> ConnectedOrganization | None:
    """Check a connected organization, as `read_user` does."""
    text = _read(OrganizationText, draft, plain)
    if text is None:
        return None
    made: ConnectedOrganization | None = _settled(
        draft, lambda: add_organization(draft, text), draft.organizations
    )
    return made


def read_catalog(draft: Draft, plain: Plain) -> Catalog | None:
    """Check a catalog without what is in it, as `read_user` does."""
    text = _read(CatalogText, draft, plain)
    if text is None:
        return None
    add_catalog(draft, text)
    draft.settle_references()
    made = draft.catalogs.get(str(text.values.get("id")))
    return None if made is None else made.catalog


def read_resource(draft: Draft, plain: Plain, catalog: CatalogDraft) -> Resource | None:
    """Check a resource of a catalog; a group that it gives is in the draft's groups."""
    text = _read(ResourceText, draft, plain)
    if text is None:
        return None
    add_resource(draft, text, catalog)
    check_granted_groups(draft)
    draft.settle_references()
    return catalog.resources.get(str(text.values.get("id")))


def read_extension(draft: Draft, plain: Plain, catalog: CatalogDraft) -> CustomExtension | None:
    """Check a custom extension of a catalog."""
    text = _read(ExtensionText, draft, plain)
    if text is None:
        return None
    add_extension(draft, text, catalog)
    return catalog.extensions.get(str(text.values.get("id")))


def read_package(draft: Draft, plain: Plain, catalog: CatalogDraft) -> AccessPackage | None:
    """Check a package with the policies that come with it (S-22)."""
    text = _read(PackageText, draft, plain)
    if text is None:
        return None
    add_package(draft, text, catalog)
    draft.settle_references()
    made = draft.packages.get(str(text.values.get("id")))
    if made is None:
        return None
    if not made.written:
        message = "no policy, so nobody can request it or be assigned it"
        draft.reader.warn(text.node, (None, "policies"), FaultCode.NO_POLICY, message)
    return package_of(made)


def read_policy(
    draft: Draft, plain: Plain, package: PackageDraft, catalog: CatalogDraft
) -> AssignmentPolicy | None:
    """Check a policy of a package."""
    text = _read(PolicyText, draft, plain)
    if text is None:
        return None
    add_policy(draft, text, package, catalog)
    draft.settle_references()
    return package.policies[-1] if package.policies else None


def read_tenant_settings(draft: Draft, plain: Plain) -> Settings | None:
    """Check the settings of the whole tenant; the draft then has the known domains."""
    text = _read(SettingsText, draft, plain)
    return None if text is None else read_settings(draft, text)


def holder(identifier: str) -> Spot:
    """Give the place that stands for a catalog or package which no file defines."""
    return Spot(identifier)


def _read(kind: type[R], draft: Draft, plain: Plain) -> R | None:
    text = RecordShape(kind).read(node_of(plain), None, draft.reader)
    return None if isinstance(text, Broken) else text


def _settled(draft: Draft, add: Callable[[], None], made: list[Any]) -> Any:
    before = len(made)
    add()
    draft.settle_references()
    return made[-1] if len(made) > before else None
