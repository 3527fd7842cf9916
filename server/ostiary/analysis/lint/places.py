"""Where in the files of a tenant something stands that a path names."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path as Folder

from ostiary.analysis.lint.findings import Path
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode, Spot, load
from ostiary.rulebook.tenant_files import definition_files

_LISTS = ("users", "groups", "organizations", "catalogs", "packages")
_ROOT = 2  # a list and an id in it
_POLICY = 4


# In which lists of a file something may stand.
_HELD_IN = {
    **{name: frozenset((name,)) for name in _LISTS},
    "packages": frozenset(("packages", "catalogs", "policies")),
    "tenant": frozenset(("tenant",)),
}
_TOP = re.compile(rb"^[\"']?(\w+)[\"']?[ \t]*:", re.MULTILINE)


class Places:
    """The nodes of everything that was asked for, from one more reading of the files."""

    def __init__(self, folder: Folder, wanted: Iterable[Path]) -> None:
        self._folder = Spot(folder.as_posix())
        self._nodes: dict[Path, MappingNode] = {}
        self._wanted = {path[:_ROOT] for path in wanted}
        if not self._wanted:
            return
        needed = frozenset().union(*(_HELD_IN[path[0]] for path in self._wanted))
        for path, name in definition_files(folder):
            if not _may_hold(path, needed):
                continue
            root = load(path, name, FaultList())
            if isinstance(root, MappingNode):
                self._take(root)

    def _take(self, root: MappingNode) -> None:
        tenant = root.fields.get("tenant")
        if isinstance(tenant, MappingNode):
            self._nodes["tenant",] = tenant
        for name in _LISTS:
            for node in _records(root, name):
                self._keep((name, f"[{_text(node, 'id')}]"), node)
        for catalog in _records(root, "catalogs"):
            for package in _records(catalog, "packages"):
                self._keep(("packages", f"[{_text(package, 'id')}]"), package)
        for policy in _records(root, "policies"):
            package_path = ("packages", f"[{_text(policy, 'package')}]")
            if package_path in self._wanted:
                own: Path = (*package_path, "policies", f"[{_text(policy, 'id')}]")
                self._nodes[own] = policy

    def _keep(self, path: Path, node: MappingNode) -> None:
        if path in self._wanted:
            self._nodes.setdefault(path, node)

    def spot(self, path: Path) -> Spot:
        """Give the place of what a path names, or of the nearest thing around it."""
        for length in (_POLICY, _ROOT, 1):
            node = self._nodes.get(path[:length])
            if node is not None:
                return _spot(_walk(node, path[length:]))
        return self._folder  # the built-in catalog is in no file


def _may_hold(path: Folder, needed: frozenset[str]) -> bool:
    """Say whether a file is worth reading again; one that is not plain at its top always is."""
    top = {key.decode() for key in _TOP.findall(path.read_bytes().removeprefix(BOM_UTF8))}
    return not top or bool(top & needed)


def _walk(node: Node, rest: Path) -> Node:
    for segment in rest:
        child = _item(node, segment[1:-1]) if segment.startswith("[") else _field(node, segment)
        if child is None:
            break
        node = child
    return node


def _field(node: Node, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, MappingNode) else None


def _item(node: Node, name: str) -> Node | None:
    """Give the entry of a list that has this id or text, or stands at this position."""
    if not isinstance(node, SequenceNode):
        return None
    for item in node.items:
        if name in _names(item):
            return item
    return node.items[int(name)] if name.isdigit() and int(name) < len(node.items) else None


def _names(item: Node) -> Iterator[str]:
    if isinstance(item, ScalarNode):
        yield item.text
    elif isinstance(item, MappingNode):
        yield _text(item, "id")
        yield f"{_text(item, 'resource')}/{_text(item, 'role')}"
        yield f"{_text(item, 'extension')}@{_text(item, 'stage')}"


def _spot(node: Node) -> Spot:
    named = _field(node, "id") or node
    return Spot(named.file, named.line, named.column)


def _records(holder: MappingNode, name: str) -> Iterator[MappingNode]:
    found = holder.fields.get(name)
    for node in found.items if isinstance(found, SequenceNode) else ():
        if isinstance(node, MappingNode):
            yield node


def _text(node: MappingNode, field: str) -> str:
    found = node.fields.get(field)
    return found.text if isinstance(found, ScalarNode) else ""
