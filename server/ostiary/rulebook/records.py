"""A kit to say once what a YAML mapping may hold: it reads the mapping and writes its JSON Schema.

A record class names its fields; each field has a shape, which turns a node into a value or reports
what is wrong with it at its place. What could not be read is BROKEN: touching it raises Unreadable,
so that a check which needs it is skipped and no fault is reported twice in two guises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Unreadable, Where, is_short
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode, kind_of

T = TypeVar("T")
R = TypeVar("R", bound="Record")

JsonSchema = dict[str, Any]


class Shape(ABC, Generic[T]):
    """What a value must look like."""

    @abstractmethod
    def read(self, node: Node, where: Where, reader: Reader) -> T | Broken:
        """Give the value of a node, or BROKEN after reporting what is wrong."""

    @abstractmethod
    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the JSON Schema of the shape; records are put into `defs` and referred to."""


def not_a(node: Node, where: Where, reader: Reader, wanted: str) -> Broken:
    """Report that a node is of another kind than wanted."""
    if isinstance(node, ScalarNode):
        if node.is_null:
            return reader.invalid(node, where, "has no value; leave the field out")
        return reader.invalid(node, where, f"must be {wanted}, not {quoted(node.text)}")
    return reader.invalid(node, where, f"must be {wanted}, not {kind_of(node)}")


class Field(Generic[T]):
    """A field of a record: reading it from a record gives its value or default."""

    name: str

    def __init__(self, shape: Shape[Any], default: T | Broken, about: str) -> None:
        self.shape = shape
        self.default = default
        self.about = about

    def __set_name__(self, owner: type, name: str) -> None:
        # a field may have a name that Python keeps for itself
        self.name = name.rstrip("_")

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> T | Self:
        if record is None:
            return self
        value: T | Broken = record.values.get(self.name, self.default)
        if value is BROKEN:
            raise Unreadable(self.name)
        return value


def required(shape: Shape[T], about: str) -> Field[T]:
    """Give a field that must be there."""
    return Field(shape, BROKEN, about)


def optional(shape: Shape[T], default: T, about: str) -> Field[T]:
    """Give a field with a default."""
    return Field(shape, default, about)


def maybe(shape: Shape[T], about: str) -> Field[T | None]:
    """Give a field that is None where nothing is said."""
    return Field(shape, None, about)


class Record:
    """A mapping that was read, with the places of its fields."""

    fields: ClassVar[dict[str, Field[Any]]] = {}
    needed: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""

    __slots__ = ("node", "values", "where")

    def __init__(self, node: MappingNode, where: Where, values: dict[str, Any]) -> None:
        self.node = node
        self.where = where
        self.values = values

    def __init_subclass__(cls) -> None:
        own = {field.name: field for field in vars(cls).values() if isinstance(field, Field)}
        cls.fields = {**cls.fields, **own}
        cls.needed = tuple(n for n, field in cls.fields.items() if field.default is BROKEN)

    def at(self, name: str) -> Node:
        """Give the place of a field's value, or of the record where the field is absent."""
        return self.node.fields.get(name, self.node)

    def to(self, name: str) -> Where:
        """Give the path of a field."""
        return (self.where, name)

    def has(self, name: str) -> bool:
        """Say whether the field was written, readable or not."""
        return name in self.node.fields

    def count(self, name: str) -> int:
        """Give how many entries were written for a list field, readable or not."""
        node = self.node.fields.get(name)
        return len(node.items) if isinstance(node, SequenceNode) else 0


def records(holder: Record, name: str) -> tuple[Any, ...]:
    """Give the records of a list field; none if the list could not be read."""
    found = holder.values.get(name, ())
    return found if isinstance(found, tuple) else ()


Check = Callable[[], None]


def run_checks(checks: Iterable[Check]) -> None:
    """Run each check; one that needs a field which could not be read is left out."""
    for check in checks:
        try:
            check()
        except Unreadable:
            continue


class RecordShape(Shape[R]):
    """A mapping with the fields of a record class; `partial`: none of them is required."""

    def __init__(self, record: type[R], *, partial: bool = False) -> None:
        self.record = record
        self.partial = partial

    def read(self, node: Node, where: Where, reader: Reader) -> R | Broken:
        """Give the record, whose fields may be broken one by one."""
        if not isinstance(node, MappingNode):
            return not_a(node, where, reader, "a mapping")
        fields = self.record.fields
        values: dict[str, Any] = {}
        for name, child in node.fields.items():
            field = fields.get(name)
            if field is None:
                text = f"no such field here: {quoted(name)}{reader.near(name, fields)}"
                reader.fault(node.keys[name], where, FaultCode.UNKNOWN_FIELD, text)
            else:
                values[name] = field.shape.read(child, (where, name), reader)
        if not self.partial:
            for name in self.record.needed:
                if name not in values:
                    text = "is missing"
                    reader.fault(node, (where, name), FaultCode.MISSING_FIELD, text)
        return self.record(node, where, values)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a reference to the schema of the record."""
        name = self.record.__name__.removesuffix("Text") + ("Overrides" if self.partial else "")
        if name not in defs:
            defs[name] = {}
            defs[name].update(self._object(defs))
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        schema: JsonSchema = {
            "description": (self.record.__doc__ or "").strip(),
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"description": field.about, **field.shape.schema(defs)}
                for name, field in self.record.fields.items()
            },
        }
        if self.record.needed and not self.partial:
            schema["required"] = list(self.record.needed)
        return schema


def items_of(node: Node, where: Where, reader: Reader) -> Iterator[tuple[Node, Where]] | None:
    """Give the entries of a list with their paths; an entry with an id goes by it."""
    if not isinstance(node, SequenceNode):
        not_a(node, where, reader, "a list")
        return None
    return ((item, (where, _position(item, place))) for place, item in enumerate(node.items))


def _position(item: Node, place: int) -> str | int:
    if isinstance(item, MappingNode):
        named = item.fields.get("id")
        if isinstance(named, ScalarNode) and named.text and is_short(named.text):
            return f"[{named.text}]"
    return place


class RecordsOf(Shape[tuple[R, ...]]):
    """A list of records; those that are no mapping are reported and left out."""

    def __init__(self, record: type[R], *, at_least: int = 0) -> None:
        self.item = RecordShape(record)
        self.at_least = at_least

    def read(self, node: Node, where: Where, reader: Reader) -> tuple[R, ...] | Broken:
        """Give the records that could be read."""
        items = items_of(node, where, reader)
        if items is None:
            return BROKEN
        found = [self.item.read(item, place, reader) for item, place in items]
        if len(found) < self.at_least:
            return reader.invalid(node, where, "must not be empty")
        return tuple(record for record in found if not isinstance(record, Broken))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the schema of the list."""
        schema: JsonSchema = {"type": "array", "items": self.item.schema(defs)}
        return {**schema, "minItems": self.at_least} if self.at_least else schema


class Elsewhere(Shape[None]):
    """Something that is read on its own, before the rest; here it only has a schema."""

    def __init__(self, shape: Shape[Any]) -> None:
        self.shape = shape

    def read(self, node: Node, where: Where, reader: Reader) -> None:
        """Leave it alone."""

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the schema of what is read elsewhere."""
        return self.shape.schema(defs)
