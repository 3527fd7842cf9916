"""The shapes of lengths of time, dates and instants."""

from __future__ import annotations

from datetime import datetime, timedelta

from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import JsonSchema, Shape
from ostiary.rulebook.shapes import scalar_text
from ostiary.rulebook.source import Node, ScalarNode
from ostiary.rulebook.times import Span, parse_duration, parse_end, parse_instant


class Length(Shape[timedelta]):
    """A length of exact time, in some of the units weeks, days, hours, minutes."""

    def __init__(self, *units: str, zero: bool = False) -> None:
        self.units = units
        self.zero = zero

    def read(self, node: Node, where: Where, reader: Reader) -> timedelta | Broken:
        """Give the length, which is more than nothing unless nothing is allowed."""
        span = read_span(node, where, reader)
        if span is BROKEN:
            return span
        if not span.units <= set(self.units):
            text = f"must be in {' or '.join(self.units)}, not {quoted(_text(node))}"
            return reader.invalid(node, where, text)
        if not span.exact and not self.zero:
            return reader.invalid(node, where, "must be longer than nothing")
        return span.exact

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give a pattern for the units."""
        return {"type": "string", "pattern": "^P", "examples": ["P30D"]}


def read_span(node: Node, where: Where, reader: Reader) -> Span | Broken:
    """Give what an ISO 8601 duration says."""
    text = scalar_text(node, where, reader, "a duration such as P30D")
    if text is BROKEN:
        return text
    try:
        return parse_duration(text)
    except ValueError as error:
        return reader.invalid(node, where, f"{quoted(text)} {error}")


def _text(node: Node) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


class Moment(Shape[datetime]):
    """A date or an instant; as an end, a bare date means the midnight after it (S-6)."""

    def __init__(self, *, end: bool = False) -> None:
        self.parse = parse_end if end else parse_instant

    def read(self, node: Node, where: Where, reader: Reader) -> datetime | Broken:
        """Give the instant in UTC."""
        text = scalar_text(node, where, reader, "a date or an instant")
        if text is BROKEN:
            return text
        try:
            return self.parse(text)
        except ValueError as error:
            return reader.invalid(node, where, f"{quoted(text)} {error}")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give a pattern for dates and instants."""
        return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d", "examples": ["2031-06-30"]}
