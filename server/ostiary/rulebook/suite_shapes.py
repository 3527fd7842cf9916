"""The shapes of values that only suites have: instants or lengths, facts of cells, raw parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where, in_brackets
from ostiary.rulebook.records import JsonSchema, Record, RecordShape, Shape, items_of, not_a
from ostiary.rulebook.shapes import ID, Matching, YesNo, scalar_text
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode
from ostiary.rulebook.time_shapes import Moment, read_span

T = TypeVar("T")
R = TypeVar("R", bound=Record)

NONE = "none"  # where an id may stand: it is known that there is nobody, or nothing
EITHER = "either"  # where it does not matter whether something is refused
_CODE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_LENGTH_UNITS = frozenset({"weeks", "days", "hours", "minutes", "seconds"})


class LengthShape(Shape[timedelta]):
    """An exact length of time; `-P1D` is so long before."""

    def read(self, node: Node, where: Where, reader: Reader) -> timedelta | Broken:
        """Give the length, which may be nothing or negative."""
        text = scalar_text(node, where, reader, "a duration such as P14D")
        if isinstance(text, Broken):
            return text
        back = text.startswith("-")
        plain = ScalarNode(node.file, node.line, node.column, text.removeprefix("-"), quoted=True)
        span = read_span(plain, where, reader)
        if isinstance(span, Broken):
            return span
        if not span.units <= _LENGTH_UNITS:
            return reader.invalid(node, where, f"must be an exact length, not {quoted(text)}")
        return -span.exact if back else span.exact

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give a pattern."""
        return {"type": "string", "pattern": "^-?P", "examples": ["P14D"]}


class MomentOrLength(Shape[datetime | timedelta]):
    """An instant, or a length of time from somewhere."""

    def __init__(self, *, end: bool = False) -> None:
        self.moment = Moment(end=end)
        self.length = LengthShape()

    def read(self, node: Node, where: Where, reader: Reader) -> datetime | timedelta | Broken:
        """Give whichever was written."""
        text = scalar_text(node, where, reader, "an instant, or a duration such as P14D")
        if isinstance(text, Broken):
            return text
        if text.startswith(("P", "-P")):
            return self.length.read(node, where, reader)
        return self.moment.read(node, where, reader)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give a pattern for both."""
        pattern = r"^(-?P|\d{4}-\d\d-\d\d)"
        return {"type": "string", "pattern": pattern, "examples": ["P14D", "2031-06-30T09:00Z"]}


class CodeOrYes(Shape[str]):
    """Whether something is refused, or with which code; `*` stands for any code."""

    def read(self, node: Node, where: Where, reader: Reader) -> str | Broken:
        """Give the code, `*`, `either` where it does not matter, or nothing."""
        if isinstance(node, ScalarNode) and node.flag is not None and not node.quoted:
            return "*" if node.flag else ""
        text = scalar_text(node, where, reader, "yes, no, either or a code")
        if isinstance(text, Broken) or text == EITHER or _CODE.fullmatch(text):
            return text
        wanted = "yes, no, either or a code such as NOT_APPROVER"
        return reader.invalid(node, where, f"must be {wanted}, not {quoted(text)}")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give yes, no, either or a code."""
        return {"anyOf": [YesNo().schema(defs), {"type": "string", "examples": [EITHER]}]}


class OneOrMore(Shape[tuple[str, ...]]):
    """An id, or a list of ids in which none stands twice."""

    def __init__(self, item: Matching = ID) -> None:
        self.item = item

    def read(self, node: Node, where: Where, reader: Reader) -> tuple[str, ...] | Broken:
        """Give the ids in their order."""
        if isinstance(node, ScalarNode):
            one = self.item.read(node, where, reader)
            return one if isinstance(one, Broken) else (one,)
        items = items_of(node, where, reader)
        if items is None:
            return BROKEN
        found: dict[str, None] = {}
        for child, place in items:
            value = self.item.read(child, place, reader)
            if isinstance(value, Broken):
                continue
            if value in found:
                reader.fault(
                    child, place, FaultCode.DUPLICATE, f"{quoted(value)} stands here twice"
                )
            found[value] = None
        return tuple(found)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give one or a list."""
        one = self.item.schema(defs)
        return {"anyOf": [one, {"type": "array", "items": one}]}


class Several(Shape[tuple[T, ...]]):
    """A list of values of one shape, each as often as it is written."""

    def __init__(self, item: Shape[T]) -> None:
        self.item = item

    def read(self, node: Node, where: Where, reader: Reader) -> tuple[T, ...] | Broken:
        """Give the values in their order."""
        items = items_of(node, where, reader)
        if items is None:
            return BROKEN
        found = [self.item.read(child, place, reader) for child, place in items]
        return tuple(value for value in found if not isinstance(value, Broken))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the schema of the list."""
        return {"type": "array", "items": self.item.schema(defs)}


class ByName(Shape[Mapping[str, T]]):
    """A mapping of ids to values of one shape."""

    def __init__(self, item: Shape[T]) -> None:
        self.item = item

    def read(self, node: Node, where: Where, reader: Reader) -> Mapping[str, T] | Broken:
        """Give the values by name, in the order of the file."""
        if not isinstance(node, MappingNode):
            return not_a(node, where, reader, "a mapping")
        found: dict[str, T] = {}
        for name, child in node.fields.items():
            key = ID.read(node.keys[name], where, reader)
            value = self.item.read(child, (where, in_brackets(name)), reader)
            if not isinstance(key, Broken) and not isinstance(value, Broken):
                found[key] = value
        return found

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a mapping of those values."""
        return {"type": "object", "additionalProperties": self.item.schema(defs)}


class ShortOr(Shape[R]):
    """A record, or only the value of one of its fields."""

    def __init__(self, record: type[R], field: str) -> None:
        self.shape = RecordShape(record)
        self.field = field

    def read(self, node: Node, where: Where, reader: Reader) -> R | Broken:
        """Give the record; a single value is taken for the field."""
        if isinstance(node, ScalarNode):
            key = ScalarNode(node.file, node.line, node.column, self.field, quoted=False)
            whole = MappingNode(node.file, node.line, node.column, {}, {})
            whole.fields[self.field], whole.keys[self.field] = node, key
            return self.shape.read(whole, where, reader)
        return self.shape.read(node, where, reader)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give either."""
        short = self.shape.record.fields[self.field].shape.schema(defs)
        return {"anyOf": [short, self.shape.schema(defs)]}


class PartOf(RecordShape[R]):
    """A record of which a fixture may say one part and the test the other."""

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the schema of the record without what is required."""
        return RecordShape(self.record, partial=True).schema(defs)


class RawMapping(Shape[MappingNode]):
    """A mapping that is read later, with a schema of what it may hold."""

    def __init__(self, schema: JsonSchema | None = None) -> None:
        self.json = schema or {"type": "object"}

    def read(self, node: Node, where: Where, reader: Reader) -> MappingNode | Broken:
        """Give the node."""
        return node if isinstance(node, MappingNode) else not_a(node, where, reader, "a mapping")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give what was told."""
        return self.json


class RawList(Shape[SequenceNode]):
    """A list that is read later; each entry is of one of some records, none of it required."""

    def __init__(self, *records: type[Record]) -> None:
        self.shapes = [RecordShape(record, partial=True) for record in records]

    def read(self, node: Node, where: Where, reader: Reader) -> SequenceNode | Broken:
        """Give the node."""
        return node if isinstance(node, SequenceNode) else not_a(node, where, reader, "a list")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a list of those records."""
        return {"type": "array", "items": {"anyOf": [one.schema(defs) for one in self.shapes]}}


class RawByName(Shape[MappingNode]):
    """Named mappings that are read later."""

    def __init__(self, *records: type[Record]) -> None:
        self.shapes = [RecordShape(record, partial=True) for record in records]

    def read(self, node: Node, where: Where, reader: Reader) -> MappingNode | Broken:
        """Give the node."""
        return node if isinstance(node, MappingNode) else not_a(node, where, reader, "a mapping")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a mapping of those records."""
        each = {"anyOf": [one.schema(defs) for one in self.shapes]}
        return {"type": "object", "additionalProperties": each}
