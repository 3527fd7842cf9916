"""Plain data as nodes, so that what comes without a file is read and checked like what has one.

The nodes are numbered in their order: their `line` is that number, and faults sort by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ostiary.rulebook.source import MappingNode, Meaning, Node, ScalarNode, SequenceNode


def node_of(value: Any, name: str = "") -> Node:
    """Give the node of a mapping, list, text, number or truth value; `name` stands for a file."""
    return _Numbering(name).node(value)


def plain_of(node: Node) -> Any:
    """Give what a node says as plain data, from which `node_of` makes an equal one."""
    if isinstance(node, MappingNode):
        return {name: plain_of(child) for name, child in node.fields.items()}
    if isinstance(node, SequenceNode):
        return [plain_of(child) for child in node.items]
    if node.meaning is Meaning.BOOLEAN:
        return node.flag
    if node.meaning is Meaning.NUMBER and node.text.isdigit():
        return int(node.text)
    return node.text


class _Numbering:
    def __init__(self, name: str) -> None:
        self.name = name
        self.last = 0

    def node(self, value: Any) -> Node:
        self.last += 1
        number = self.last
        if isinstance(value, Mapping):
            fields: dict[str, Node] = {}
            keys: dict[str, ScalarNode] = {}
            for key, child in value.items():
                keys[key] = self._scalar(key, quoted=True)
                fields[key] = self.node(child)
            return MappingNode(self.name, number, 1, fields, keys)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return SequenceNode(self.name, number, 1, [self.node(item) for item in value])
        if isinstance(value, bool):
            return self._scalar("true" if value else "false", quoted=False)
        return self._scalar(str(value), quoted=isinstance(value, str))

    def _scalar(self, text: str, *, quoted: bool) -> ScalarNode:
        return ScalarNode(self.name, self.last, 1, text, quoted)
