"""Tests before they are read: fixtures laid below them, and one for each combination of a matrix.

All of it is done on the nodes of the file, so that whatever is wrong is told at its own place.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import Reader, Where, in_brackets
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode

MOST_COMBINATIONS = 10_000  # of one matrix
MOST_COPIED = 5_000_000  # fields that fixtures and matrices of one file may multiply to
CASES = "cases"  # the matrix's list of parts of tests
_FROM = "from"
_LONGEST_IN_NAME = 60
_LONGEST_PATH = 16
_POSITION = re.compile(r"\d{1,6}", re.ASCII)

Words = Callable[[MappingNode, str], Sequence[str]]


class Case(NamedTuple):
    """One test with everything laid below it; `label` tells it from the others of its matrix."""

    node: MappingNode
    label: str


class TooMuch(Exception):  # noqa: N818  # a signal to whoever reads the file
    """Fixtures and matrices of a file multiply to more than anybody could have meant."""


class Budget:
    """How much may still be copied for one file."""

    def __init__(self) -> None:
        self.left = MOST_COPIED

    def spend(self, fields: int) -> None:
        """Take note of fields that are copied; raises TooMuch."""
        self.left -= fields + 1
        if self.left < 0:
            raise TooMuch


def merged(below: MappingNode, above: MappingNode, budget: Budget) -> MappingNode:
    """Give two mappings as one: what both say, the upper one does, but mappings are merged."""
    budget.spend(len(below.fields) + len(above.fields))
    fields, keys = dict(below.fields), dict(below.keys)
    for name, node in above.fields.items():
        under = fields.get(name)
        if isinstance(under, MappingNode) and isinstance(node, MappingNode):
            fields[name] = merged(under, node, budget)
        else:
            fields[name] = node
        keys[name] = above.keys[name]
    return MappingNode(above.file, above.line, above.column, fields, keys)


class Fixtures:
    """The fixtures of a suite, each with what it inherits."""

    def __init__(self, node: MappingNode | None, reader: Reader, budget: Budget) -> None:
        self.reader = reader
        self.budget = budget
        self.where: Where = (None, "fixtures")
        self.nodes: Mapping[str, Node] = {} if node is None else node.fields
        self.keys: Mapping[str, ScalarNode] = {} if node is None else node.keys
        self.used: set[str] = set()
        self._known: dict[str, MappingNode | None] = {}
        for name in self.nodes:
            self._resolve(name)

    def get(self, name: str) -> MappingNode | None:
        """Give a fixture with what it inherits; None for one that is not there or is faulty."""
        self.used.add(name)
        return self._known.get(name)

    def _resolve(self, name: str) -> None:
        """Follow `from` down to something known, then lay one over the other on the way back."""
        way: list[tuple[str, MappingNode]] = []
        below: MappingNode | None = None
        seen: set[str] = set()
        while name not in self._known:
            node = self.nodes[name]
            if not isinstance(node, MappingNode):
                self.reader.invalid(node, self._at(name), "must be a mapping")
                self._known[name] = None
                break
            if name in seen:
                self._cycle(name, [one for one, _ in way])
                self._known.update(dict.fromkeys((one for one, _ in way), None))
                return
            seen.add(name)
            way.append((name, node))
            parent = self._parent(name, node)
            if parent is None:
                break
            name = parent
        else:
            below = self._known[name]
        sound = name not in self._known or self._known[name] is not None
        for one, node in reversed(way):
            own = without(node, _FROM)
            below = own if below is None else merged(below, own, self.budget)
            self._known[one] = below if sound else None

    def _parent(self, name: str, node: MappingNode) -> str | None:
        parent = node.fields.get(_FROM)
        if parent is None:
            return None
        self.used.add(text_of(parent))
        if text_of(parent) in self.nodes:
            return text_of(parent)
        missing(self.reader, parent, (self._at(name), _FROM), self.nodes)
        return None

    def _cycle(self, name: str, way: list[str]) -> None:
        round_ = [*way[way.index(name) :], name]
        told = " from ".join(map(quoted, round_[:6])) + (" …" if len(round_) > 6 else "")
        text = f"these fixtures inherit from each other: {told}"
        self.reader.invalid(self.keys[name], self._at(name), text)

    def _at(self, name: str) -> Where:
        return (self.where, in_brackets(name))


def missing(reader: Reader, node: Node, where: Where, known: Mapping[str, Node]) -> None:
    """Report a fixture that is not there."""
    name = text_of(node)
    text = f"no fixture {quoted(name)}{reader.near(name, known)}"
    reader.fault(node, where, FaultCode.UNKNOWN_REFERENCE, text)


def text_of(node: Node) -> str:
    """Give the text of a scalar; nothing for anything else."""
    return node.text if isinstance(node, ScalarNode) else ""


def without(node: MappingNode, *names: str) -> MappingNode:
    """Give a mapping without some of its fields."""
    fields = {name: child for name, child in node.fields.items() if name not in names}
    keys = {name: key for name, key in node.keys.items() if name not in names}
    return MappingNode(node.file, node.line, node.column, fields, keys)


class Axis(NamedTuple):
    """One field of a matrix with its values; `path` is empty for parts of whole tests."""

    key: ScalarNode
    path: tuple[str, ...]
    values: tuple[Node, ...]
    labels: tuple[str, ...]  # of the values


class Matrix:
    """Puts the combinations of a matrix into a test."""

    def __init__(self, reader: Reader, words: Words, budget: Budget) -> None:
        self.reader = reader
        self.words = words
        self.budget = budget

    def cases(self, test: MappingNode, where: Where) -> Iterator[Case]:
        """Give the test once for each combination; itself if it has no matrix."""
        node = test.fields.get("matrix")
        if node is None:
            yield Case(test, "")
            return
        place: Where = (where, "matrix")
        axes = self._axes(test, node, place)
        if axes is None:
            return
        number = 1
        for axis in axes:
            number *= len(axis.values)
            if number > MOST_COMBINATIONS:
                text = f"gives more than {MOST_COMBINATIONS:,} combinations"
                self.reader.fault(node, place, FaultCode.LIMIT_EXCEEDED, text)
                return
        bare = without(test, "matrix")
        for chosen in itertools.product(*(enumerate(axis.values) for axis in axes)):
            made: MappingNode | None = bare
            labels = []
            for axis, (position, value) in zip(axes, chosen, strict=True):
                labels.append(axis.labels[position])
                made = self._with(made, axis, value, place)
                if made is None:
                    return
            yield Case(made or bare, ", ".join(labels))

    def _axes(self, test: MappingNode, node: Node, where: Where) -> list[Axis] | None:
        if not isinstance(node, MappingNode) or not node.fields:
            self.reader.invalid(node, where, "must be a mapping of fields to lists of values")
            return None
        axes = [
            self._axis(test, node.keys[name], child, where) for name, child in node.fields.items()
        ]
        sound = [axis for axis in axes if axis is not None]
        return sound if len(sound) == len(axes) else None

    def _axis(self, test: MappingNode, key: ScalarNode, node: Node, where: Where) -> Axis | None:
        here: Where = (where, key.text)
        path = () if key.text == CASES else _path(test, key.text)
        if len(path) > _LONGEST_PATH:
            self.reader.invalid(key, here, "is too long a way to a field")
            return None
        if isinstance(node, ScalarNode) and node.text == "any" and path[:1] == ("given",):
            words = self.words(test, path[-1])
            values: tuple[Node, ...] = tuple(
                ScalarNode(node.file, node.line, node.column, word, quoted=True) for word in words
            )
            return _axis(key, path, values)
        if not isinstance(node, SequenceNode) or not node.items:
            self.reader.invalid(node, here, "must be a list of values, not empty")
            return None
        if not path:
            wrong = [item for item in node.items if not isinstance(item, MappingNode)]
            for item in wrong:
                self.reader.invalid(item, here, "must be a mapping: a part of the test")
            if wrong:
                return None
        return _axis(key, path, tuple(node.items))

    def _with(
        self, test: MappingNode | None, axis: Axis, value: Node, where: Where
    ) -> MappingNode | None:
        if test is None:
            return None
        if not axis.path:
            assert isinstance(value, MappingNode)  # noqa: S101  # as _axis has seen to
            return merged(test, without(value, "name"), self.budget)
        made = self._set(test, axis.path, axis.key, value)
        if not isinstance(made, MappingNode):
            text = f"the test has nothing at {quoted('.'.join(axis.path))} that could be set"
            self.reader.invalid(axis.key, where, text)
            return None
        return made

    def _set(
        self, node: Node | None, path: tuple[str, ...], key: ScalarNode, value: Node
    ) -> Node | None:
        """Give a node with a value at a path; None if there is no such place."""
        if not path:
            if isinstance(node, MappingNode) and isinstance(value, MappingNode):
                return merged(node, value, self.budget)
            return value
        if isinstance(node, SequenceNode):
            return self._set_item(node, path, key, value)
        if isinstance(node, ScalarNode):
            return None
        whole = node or MappingNode(key.file, key.line, key.column, {}, {})
        name = path[0]
        child = self._set(whole.fields.get(name), path[1:], key, value)
        if child is None:
            return None
        self.budget.spend(len(whole.fields))
        place = whole.keys.get(name) or ScalarNode(
            key.file, key.line, key.column, name, quoted=False
        )
        fields, keys = {**whole.fields, name: child}, {**whole.keys, name: place}
        return MappingNode(whole.file, whole.line, whole.column, fields, keys)

    def _set_item(
        self, node: SequenceNode, path: tuple[str, ...], key: ScalarNode, value: Node
    ) -> Node | None:
        name = path[0]
        if not _POSITION.fullmatch(name) or int(name) >= len(node.items):
            return None
        at = int(name)
        child = self._set(node.items[at], path[1:], key, value)
        if child is None:
            return None
        self.budget.spend(len(node.items))
        items = [*node.items[:at], child, *node.items[at + 1 :]]
        return SequenceNode(node.file, node.line, node.column, items)


def _path(test: MappingNode, name: str) -> tuple[str, ...]:
    """Give the way to a field: from the test if it says so, else into the facts or the question."""
    parts = tuple(name.split(".", _LONGEST_PATH + 1))
    if len(parts) > 1 or name in ("at", "ask", "given", "want", "profile", "begins", "phase"):
        return parts
    return ("given" if "phase" in test.fields else "ask", *parts)


def _axis(key: ScalarNode, path: tuple[str, ...], values: tuple[Node, ...]) -> Axis:
    labels = [_label(key, path, position, value) for position, value in enumerate(values)]
    return Axis(key, path, values, tuple(labels))


def _label(key: ScalarNode, path: tuple[str, ...], position: int, value: Node) -> str:
    named = value
    if not path and isinstance(value, MappingNode):
        named = value.fields.get("name", value)
        if isinstance(named, ScalarNode):
            return named.text
    words = _short(named)
    if len(words) > _LONGEST_IN_NAME:
        words = f"#{position + 1}"
    return f"{key.text}: {words}" if path else words


def _short(node: Node) -> str:
    """Give a value on one line, or something too long."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, SequenceNode):
        if len(node.items) > _LONGEST_IN_NAME:
            return " " * (_LONGEST_IN_NAME + 1)
        return f"[{', '.join(map(_short, node.items))}]"
    if len(node.fields) > _LONGEST_IN_NAME:
        return " " * (_LONGEST_IN_NAME + 1)
    return ", ".join(f"{name}: {_short(child)}" for name, child in node.fields.items())
