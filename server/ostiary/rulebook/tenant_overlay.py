"""A tenant with a few things otherwise than its files say, for one test or one question of "if".

The change is written as a tenant's file is. What bears the id of something that is there already
changes it, field by field; what does not is added. A field without a value is taken out, and so is
what stands under `without`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ostiary.rulebook.faults import quoted
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode

WITHOUT = "without"
_LISTS = ("users", "groups", "organizations", "catalogs")
_MORE = "~"  # sorts behind the names of all files


class _Way(NamedTuple):
    """Where a definition stands: the file, then fields and positions."""

    file: str
    steps: tuple[str | int, ...]


class Overlay:
    """What the files of a tenant say, ready to be changed many times."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self._changes = sum(name.startswith(_MORE) for name in nodes)  # laid over the files so far
        self._ways: dict[tuple[str, str, str], _Way] = {}  # kind, container, id
        for file, node in nodes.items():
            for key, steps in _defined(node):
                self._ways.setdefault(key, _Way(file, steps))

    def changed(self, change: MappingNode) -> Mapping[str, Node]:
        """Give what the files would say with a change."""
        nodes = dict(self.nodes)
        fields: dict[str, Node] = {}
        for name, value in change.fields.items():
            if name == "tenant":
                nodes.update(self._own_section(nodes, value))
            elif name == WITHOUT:
                continue  # when nothing moves any more
            elif isinstance(value, SequenceNode) and name in (*_LISTS, "packages", "policies"):
                fresh = [one for one in value.items if not self._change(nodes, name, one)]
                fields[name] = SequenceNode(value.file, value.line, value.column, fresh)
            else:
                fields[name] = value  # what reads it says what is wrong
        self._take_out(nodes, change.fields.get(WITHOUT))
        keys = {name: change.keys[name] for name in fields}
        more = MappingNode(change.file, change.line, change.column, fields, keys)
        nodes[f"{_MORE}{self._changes}"] = more
        return nodes

    def unknown(self, change: MappingNode) -> list[tuple[Node, str]]:
        """Give what a change would take out and is not there, with what to say about it."""
        listed = change.fields.get(WITHOUT)
        if listed is None:
            return []
        if not isinstance(listed, MappingNode):
            return [(listed, "`without` must be a mapping of lists of ids")]
        found: list[tuple[Node, str]] = []
        for kind, node in listed.fields.items():
            if kind not in (*_LISTS, "packages", "policies"):
                found.append(
                    (listed.keys[kind], f"nothing of kind {quoted(kind)} can be taken out")
                )
            elif not isinstance(node, SequenceNode):
                found.append((node, "must be a list of ids"))
            else:
                found += [
                    (item, f"there is none to take out: {quoted(_named(item)[1] or '')}")
                    for item in node.items
                    if (kind, *_named(item)) not in self._ways
                ]
        return found

    def _take_out(self, nodes: dict[str, Node], listed: Node | None) -> None:
        """Take out what is named, the last of each list first, so that no other place moves."""
        ways = []
        for kind, node in listed.fields.items() if isinstance(listed, MappingNode) else ():
            for item in node.items if isinstance(node, SequenceNode) else ():
                way = self._ways.get((kind, *_named(item)))
                if way is not None:
                    ways.append(way)
        order = {way: [-one if isinstance(one, int) else 0 for one in way.steps] for way in ways}
        for way in sorted(set(ways), key=lambda way: (-len(way.steps), order[way])):
            nodes[way.file] = _cut(nodes[way.file], way.steps)

    def _own_section(self, nodes: Mapping[str, Node], value: Node) -> Mapping[str, Node]:
        for file, node in nodes.items():
            if isinstance(node, MappingNode) and "tenant" in node.fields:
                return {file: _put(node, ("tenant",), value)}
        return {}

    def _change(self, nodes: dict[str, Node], kind: str, item: Node) -> bool:
        """Lay an item over what bears its id; say whether there is any such."""
        if not isinstance(item, MappingNode):
            return False
        within = _text(item, "package") if kind == "policies" else ""
        way = self._ways.get((kind, within, _text(item, "id")))
        if way is None:
            return False
        if len(way.steps) > 2:  # it stands in its catalog or package, which it need not name
            item = _without(item, "package" if kind == "policies" else "catalog")
        nodes[way.file] = _put(nodes[way.file], way.steps, item)
        return True


def _defined(node: Node) -> Iterator[tuple[tuple[str, str, str], tuple[str | int, ...]]]:
    """Give each definition of a file that a change may name."""
    for kind in _LISTS:
        for at, item in _items(node, kind):
            yield (kind, "", _text(item, "id")), (kind, at)
            if kind == "catalogs":
                yield from _packages(item, (kind, at))
    yield from _packages(node, ())
    for at, item in _items(node, "policies"):
        yield ("policies", _text(item, "package"), _text(item, "id")), ("policies", at)


def _packages(
    node: Node, before: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str, str, str], tuple[str | int, ...]]]:
    for at, package in _items(node, "packages"):
        steps = (*before, "packages", at)
        name = _text(package, "id")
        yield ("packages", "", name), steps
        for number, policy in _items(package, "policies"):
            yield ("policies", name, _text(policy, "id")), (*steps, "policies", number)


def _items(node: Node, name: str) -> Iterator[tuple[int, MappingNode]]:
    listed = node.fields.get(name) if isinstance(node, MappingNode) else None
    for at, item in enumerate(listed.items if isinstance(listed, SequenceNode) else ()):
        if isinstance(item, MappingNode):
            yield at, item


def _text(node: MappingNode, name: str) -> str:
    child = node.fields.get(name)
    return child.text if isinstance(child, ScalarNode) else ""


def _without(node: MappingNode, name: str) -> MappingNode:
    fields = {key: child for key, child in node.fields.items() if key != name}
    keys = {key: child for key, child in node.keys.items() if key != name}
    return MappingNode(node.file, node.line, node.column, fields, keys)


def _put(node: Node, steps: tuple[str | int, ...], value: Node) -> Node:
    """Give a node in which what stands at the end of a way is changed."""
    if not steps:
        return overlaid(node, value)
    step, rest = steps[0], steps[1:]
    if isinstance(node, SequenceNode) and isinstance(step, int):
        items = [*node.items]
        items[step] = _put(items[step], rest, value)
        return SequenceNode(node.file, node.line, node.column, items)
    if isinstance(node, MappingNode) and isinstance(step, str):
        fields = {**node.fields, step: _put(node.fields[step], rest, value)}
        return MappingNode(node.file, node.line, node.column, fields, node.keys)
    raise TypeError(f"there is no way to {step!r}")


def _named(item: Node) -> tuple[str, str]:
    """Give the container and the id of what is to be taken out; a policy is `package/policy`."""
    text = item.text if isinstance(item, ScalarNode) else ""
    package, slash, policy = text.partition("/")
    return (package, policy) if slash else ("", text)


def _cut(node: Node, steps: tuple[str | int, ...]) -> Node:
    """Give a node without what stands at the end of a way."""
    step, rest = steps[0], steps[1:]
    if isinstance(node, SequenceNode) and isinstance(step, int):
        items = [*node.items]
        if rest:
            items[step] = _cut(items[step], rest)
        else:
            del items[step]
        return SequenceNode(node.file, node.line, node.column, items)
    if isinstance(node, MappingNode) and isinstance(step, str):
        fields = {**node.fields, step: _cut(node.fields[step], rest)}
        return MappingNode(node.file, node.line, node.column, fields, node.keys)
    raise TypeError(f"there is no way to {step!r}")


def overlaid(below: Node, above: Node) -> Node:
    """Give what is said by two nodes: mappings and lists of things with ids are merged."""
    if isinstance(below, MappingNode) and isinstance(above, MappingNode):
        fields, keys = dict(below.fields), dict(below.keys)
        for name, value in above.fields.items():
            if isinstance(value, ScalarNode) and value.is_null:
                fields.pop(name, None)
                keys.pop(name, None)
                continue
            under = fields.get(name)
            fields[name] = value if under is None else overlaid(under, value)
            keys[name] = above.keys[name]
        # what is wrong with the whole is told where the change is written
        return MappingNode(above.file, above.line, above.column, fields, keys)
    if isinstance(below, SequenceNode) and isinstance(above, SequenceNode):
        return _overlaid_list(below, above)
    return above


def _overlaid_list(below: SequenceNode, above: SequenceNode) -> SequenceNode:
    known = {_id(item): at for at, item in enumerate(below.items)} if below.items else {}
    if not all(map(_id, (*below.items, *above.items))) or not above.items:
        return above
    items = [*below.items]
    for item in above.items:
        at = known.get(_id(item))
        if at is None:
            items.append(item)
        else:
            items[at] = overlaid(items[at], item)
    return SequenceNode(above.file, above.line, above.column, items)


def _id(node: Node) -> str:
    return _text(node, "id") if isinstance(node, MappingNode) else ""
