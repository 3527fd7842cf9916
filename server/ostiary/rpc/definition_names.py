"""Resource names of definitions: taken apart into keys of the store, and given to messages."""

from __future__ import annotations

from ostiary.lifecycle.ports import DefinitionKind
from ostiary.operations.documents import Key
from ostiary.rpc.violations import Violations

COLLECTIONS = {
    DefinitionKind.USER: ("users",),
    DefinitionKind.GROUP: ("groups",),
    DefinitionKind.ORGANIZATION: ("connectedOrganizations",),
    DefinitionKind.CATALOG: ("catalogs",),
    DefinitionKind.RESOURCE: ("catalogs", "resources"),
    DefinitionKind.EXTENSION: ("catalogs", "customExtensions"),
    DefinitionKind.PACKAGE: ("catalogs", "accessPackages"),
    DefinitionKind.POLICY: ("catalogs", "accessPackages", "assignmentPolicies"),
}


class DefinitionNames:
    """Knows the names of one tenant."""

    def __init__(self, tenant_id: str) -> None:
        self._root = f"tenants/{tenant_id}/"

    def key(
        self,
        kind: DefinitionKind,
        name: str,
        field: str,
        violations: Violations,
        *,
        within: str = "",
    ) -> Key:
        """Give the key of what an id or resource name names; `within` is the parent of an id."""
        violations.required_name(name, field)
        if "/" not in name:
            return Key(kind, within, name)
        parts = name.removeprefix(self._root).split("/")
        collections = COLLECTIONS[kind]
        if not name.startswith(self._root) or tuple(parts[::2]) != collections or not all(parts):
            violations.add(field, f"is no name of the form {self._root}{_form(collections)}")
            return Key(kind, within, name)
        ids = parts[1::2]
        return Key(kind, ids[-2] if len(ids) > 1 else "", ids[-1])


def _form(collections: tuple[str, ...]) -> str:
    return "/".join(f"{name}/ID" for name in collections)
