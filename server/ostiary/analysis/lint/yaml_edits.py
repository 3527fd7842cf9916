"""Take entries and fields out of YAML text and leave every other character as it stands.

The ends of nodes come from libyaml; only what is cut is touched, so that comments, quotes and
layout of the rest stay. Where a cut would take a comment along, or reach what an alias shares,
there is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import yaml

from ostiary.analysis.lint.findings import Path

_DASH = re.compile(r"[ \t]*-[ \t]+")
_BLANK = re.compile(r"[ \t]*")
_REST = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|\Z)")
_BYTE_ORDER_MARK = "\ufeff"
_SHARED = 2  # uses of one node: what an anchor names, and an alias of it

Pair = tuple[yaml.Node, yaml.Node]


class Cut(NamedTuple):
    """A stretch of the text to be taken out."""

    start: int
    end: int


class Document:
    """One file of YAML, composed once."""

    def __init__(self, text: str) -> None:
        """Compose the text, which loads; a syntax error is raised as yaml.YAMLError."""
        self._mark = len(text) - len(text.removeprefix(_BYTE_ORDER_MARK))
        self.text = text[self._mark :]
        self.root: yaml.Node | None = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        self._uses: Counter[int] = Counter()
        if self.root is not None:
            self._count(self.root)

    def _count(self, root: yaml.Node) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            self._uses[id(node)] += 1
            if self._uses[id(node)] < _SHARED:
                waiting.extend(_children(node))

    def find(self, path: Path) -> list[yaml.Node] | None:
        """Give the nodes from the root to what a path names; None if it is not in this file."""
        if self.root is None:
            return None
        way = [self.root]
        for segment in path:
            child = _step(way[-1], segment)
            if child is None:
                return None
            way.append(child)
        return way

    def cut(self, way: list[yaml.Node]) -> Cut | None:
        """Give the stretch to cut for the last node of a way; with its parent if it is alone."""
        if any(self._uses[id(node)] >= _SHARED for node in way):
            return None
        while len(way) > 2 and len(_entries(way[-2])) == 1:
            way = way[:-1]  # nothing would be left of the list or mapping around it
        found = self._cut_of(way[-2], way[-1]) if len(way) > 1 else None
        return None if found is None else Cut(found.start + self._mark, found.end + self._mark)

    def _cut_of(self, holder: yaml.Node, node: yaml.Node) -> Cut | None:
        spans = _entries(holder)
        place = next(n for n, (_, value) in enumerate(spans) if value is node)
        if _is_flow(holder):
            return self._flow(spans, place, holder)
        first, last = spans[place]
        return self._lines(first, last, dashed=isinstance(holder, yaml.SequenceNode))

    def _flow(self, spans: list[Pair], place: int, holder: yaml.Node) -> Cut | None:
        if len(spans) == 1:
            return None
        if place + 1 < len(spans):
            found = Cut(spans[place][0].start_mark.index, spans[place + 1][0].start_mark.index)
        else:
            found = Cut(spans[place - 1][1].end_mark.index, spans[place][1].end_mark.index)
        between = self.text[found.start : found.end]
        inside = holder.start_mark.index <= found.start and found.end <= holder.end_mark.index
        return found if inside and "#" not in between else None

    def _lines(self, first: yaml.Node, last: yaml.Node, *, dashed: bool) -> Cut | None:
        start = self._line_start(first.start_mark.index)
        lead = self.text[start : first.start_mark.index]
        if not (_DASH if dashed else _BLANK).fullmatch(lead):
            return None
        end = self._end(last)
        rest = None if end is None else _REST.match(self.text, end)
        return None if rest is None else Cut(start, rest.end())

    def _end(self, node: yaml.Node) -> int | None:
        """Give where a node ends; libyaml says where the next token begins after a block."""
        while not isinstance(node, yaml.ScalarNode) and not _is_flow(node):
            entries = _entries(node)
            if not entries:
                return None
            node = entries[-1][1]
        literal = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        return None if literal else int(node.end_mark.index)

    def _line_start(self, index: int) -> int:
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1


def without(text: str, cuts: Iterable[Cut]) -> str:
    """Give a text without the stretches, which do not overlap."""
    for cut in sorted(cuts, reverse=True):
        text = text[: cut.start] + text[cut.end :]
    return text


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _entries(node: yaml.Node) -> list[Pair]:
    """Give the entries of a list or mapping, each from its first to its last node."""
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    return [(one, one) for one in node.value] if isinstance(node, yaml.SequenceNode) else []


def _step(node: yaml.Node, segment: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return _field(node, segment)
    if not isinstance(node, yaml.SequenceNode) or not segment.startswith("["):
        return None
    name = segment[1:-1]
    for item in node.value:
        if name in _names(item):
            return item  # type: ignore[no-any-return]  # the stubs say nothing of values
    if name.isdigit() and int(name) < len(node.value):
        return node.value[int(name)]  # type: ignore[no-any-return]  # as above
    return None


def _names(item: yaml.Node) -> Iterator[str]:
    """Give what an entry of a list goes by: its text, or its id, after that of its package."""
    if isinstance(item, yaml.ScalarNode):
        yield item.value
    elif isinstance(item, yaml.MappingNode):
        own, package = _field(item, "id"), _field(item, "package")
        if isinstance(own, yaml.ScalarNode):
            if isinstance(package, yaml.ScalarNode):
                yield f"{package.value}/{own.value}"
            else:
                yield own.value


def _field(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value == name:
            return value  # type: ignore[no-any-return]  # as above
    return None
