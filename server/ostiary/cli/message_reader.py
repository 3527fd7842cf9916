"""Protobuf messages from text: JSON or YAML of the contract's shape, every fault with its place.

The parser of protobuf stops at the first fault and knows no lines. So the text is read against the
descriptor here, field by field, and protobuf gets what is known to be fine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.rulebook.faults import FaultList, did_you_mean, quoted
from ostiary.rulebook.source import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Spot,
    kind_of,
    parse,
)
from ostiary.rulebook.times import parse_instant

# An escape of JSON; two in a row may stand for one character, which YAML does not know.
_ESCAPES = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}", re.ASCII)
_LONGEST_32, _LONGEST_64 = 2**31 - 1, 2**63 - 1
_SUGGESTIONS = 100  # what they may cost in a file that is all wrong

Places = dict[str, Node]  # by the path of the field, as errors of the server name it
Into = TypeVar("Into", bound=Message)


class _Absent:
    """Marks a value that was not given or could not be read."""


ABSENT = _Absent()


def read_message(content: bytes, name: str, message: Into, faults: FaultList) -> Places:
    """Fill the message from text; faults go into the list, the places of all fields come back."""
    node = parse(_join_surrogates(content), name, faults)
    if node is None:
        return {}
    reader = _Reader(faults)
    value = reader.message(node, cast(Descriptor, message.DESCRIPTOR), "")
    if not faults.has_errors:
        try:
            json_format.ParseDict(value, message)
        except json_format.ParseError as error:
            # INVARIANT: what the descriptor cannot tell is still a fault and never a traceback.
            faults.add(Spot(name), "INVALID_REQUEST", _first_line(error))
    return reader.places


class _Reader:
    """Reads nodes into what the JSON parser of protobuf takes."""

    def __init__(self, faults: FaultList) -> None:
        self.faults = faults
        self.places: Places = {}
        self._suggestions_left = _SUGGESTIONS

    def message(self, node: Node, kind: Descriptor, path: str) -> Any:
        """Give the value of a message of any type."""
        special = _WELL_KNOWN.get(kind.full_name)
        if special is not None:
            return self._text(node, path, special)
        if not isinstance(node, MappingNode):
            return self._wrong(node, path, "a mapping")
        known = {name: f for f in kind.fields for name in (f.json_name, f.name)}
        values: dict[str, Any] = {}
        for name, child in node.fields.items():
            field = known.get(name)
            if field is None:
                self._unknown(node.keys[name], path, name, [f.json_name for f in kind.fields])
                continue
            place = f"{path}.{field.name}" if path else field.name
            self.places[place] = child
            if field.name in values:
                self._fault(node.keys[name], "DUPLICATE_KEY", place, "is given twice")
            elif not _is_null(child):
                values[field.name] = self._field(child, field, place)
        self._check_choices(node, kind, values, path)
        return values

    def _field(self, node: Node, field: FieldDescriptor, path: str) -> Any:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            return self._map(node, entry.fields_by_name["value"], path)
        if not field.is_repeated:
            return self._single(node, field, path)
        if not isinstance(node, SequenceNode):
            return self._wrong(node, path, "a list")
        items = []
        for index, item in enumerate(node.items):
            place = f"{path}[{index}]"
            self.places[place] = item
            items.append(self._single(item, field, place))
        return items

    def _map(self, node: Node, value: FieldDescriptor, path: str) -> Any:
        if not isinstance(node, MappingNode):
            return self._wrong(node, path, "a mapping")
        return {
            key: self._single(child, value, f"{path}[{key}]") for key, child in node.fields.items()
        }

    def _single(self, node: Node, field: FieldDescriptor, path: str) -> Any:
        if field.message_type is not None:
            return self.message(node, field.message_type, path)
        if field.enum_type is not None:
            return self._word(node, field.enum_type, path)
        return self._text(node, path, _SCALARS.get(field.type, _string))

    def _word(self, node: Node, kind: EnumDescriptor, path: str) -> Any:
        if not isinstance(node, ScalarNode) or _is_null(node):
            return self._wrong(node, path, "a word")
        if node.text in kind.values_by_name:
            return node.text
        if _INTEGER.fullmatch(node.text) and not node.quoted:
            return self._text(node, path, _integer_32)
        words = [value.name for value in kind.values if value.number != 0]
        near = self._near(node.text, words, "it takes")
        self._fault(node, "UNKNOWN_VALUE", path, f"has no value {quoted(node.text)}{near}")
        return ABSENT

    def _text(self, node: Node, path: str, read: Callable[[ScalarNode], Any]) -> Any:
        if not isinstance(node, ScalarNode) or _is_null(node):
            return self._wrong(node, path, "text")
        try:
            return read(node)
        except ValueError as error:
            self._fault(node, "INVALID_REQUEST", path, str(error))
            return ABSENT

    def _check_choices(
        self, node: MappingNode, kind: Descriptor, values: Mapping[str, Any], path: str
    ) -> None:
        for choice in kind.oneofs:
            given = [field.name for field in choice.fields if field.name in values]
            if len(given) > 1:
                text = f"only one of {' and '.join(given)} can be given"
                self._fault(node, "INVALID_REQUEST", path, text)

    def _unknown(self, key: ScalarNode, path: str, name: str, known: list[str]) -> None:
        text = f"no such field here: {quoted(name)}{self._near(name, known, 'there are')}"
        self._fault(key, "UNKNOWN_FIELD", path, text)

    def _near(self, word: str, known: list[str], otherwise: str) -> str:
        if self._suggestions_left == 0:
            return ""
        self._suggestions_left -= 1
        return did_you_mean(word, known) or f"; {otherwise} {', '.join(known)}"

    def _wrong(self, node: Node, path: str, wanted: str) -> _Absent:
        given = "nothing" if _is_null(node) else kind_of(node)
        self._fault(node, "INVALID_REQUEST", path, f"must be {wanted}, not {given}")
        return ABSENT

    def _fault(self, node: Node, code: str, path: str, text: str) -> None:
        self.faults.add(node, code, f"{path}: {text}" if path else text)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_null


def _string(node: ScalarNode) -> str:
    return node.text


def _flag(node: ScalarNode) -> bool:
    if node.flag is None or node.quoted:
        raise ValueError(f"must be true or false, not {quoted(node.text)}")
    return node.flag


def _integer(node: ScalarNode, most: int = _LONGEST_64) -> int:
    if not _INTEGER.fullmatch(node.text):
        raise ValueError(f"must be a whole number, not {quoted(node.text)}")
    number = int(node.text)
    if not -most - 1 <= number <= most:
        raise ValueError(f"{quoted(node.text)} is beyond {most if number > 0 else -most - 1}")
    return number


def _integer_32(node: ScalarNode) -> int:
    return _integer(node, _LONGEST_32)


def _instant(node: ScalarNode) -> str:
    moment = Timestamp()
    try:
        moment.FromJsonString(node.text)
    except ValueError:
        try:
            moment.FromDatetime(parse_instant(node.text))
        except ValueError as error:
            raise ValueError(f"{quoted(node.text)} {error}") from None
    return moment.ToJsonString()


def _duration(node: ScalarNode) -> str:
    try:
        Duration().FromJsonString(node.text)
    except ValueError:
        words = "is not a duration; write it in seconds, like 7776000s for 90 days"
        raise ValueError(f"{quoted(node.text)} {words}") from None
    return node.text


_WELL_KNOWN: Mapping[str, Callable[[ScalarNode], Any]] = {
    Timestamp.DESCRIPTOR.full_name: _instant,
    Duration.DESCRIPTOR.full_name: _duration,
}
_SCALARS: Mapping[int, Callable[[ScalarNode], Any]] = {
    FieldDescriptor.TYPE_BOOL: _flag,
    FieldDescriptor.TYPE_INT32: _integer_32,
    FieldDescriptor.TYPE_INT64: _integer,
}


def _join_surrogates(content: bytes) -> bytes:
    if not content.lstrip().startswith(b"{"):
        return content
    text = content.decode("utf-8", "surrogateescape")
    return _ESCAPES.sub(_joined, text).encode("utf-8", "surrogateescape")


def _joined(match: re.Match[str]) -> str:
    high, low = match[1], match[2]
    if high is None:
        return match[0]
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
