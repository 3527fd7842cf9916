"""The shapes of single values: texts, ids, words of closed lists, yes or no, lists of them."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where, in_brackets
from ostiary.rulebook.records import JsonSchema, Shape, items_of, not_a
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}", re.ASCII)
_ID_WORDS = "letters, digits and . _ @ + - (128 at most, a letter or digit first)"
_DOMAIN_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})+", re.ASCII)
_LONGEST_DOMAIN = 253
_COUNT = re.compile(r"\d{1,12}", re.ASCII)


# What YAML reads as nothing or as a truth value unless it is quoted: Norway is "NO".
_NOT_TEXT = frozenset(
    form
    for word in ("", "~", "null", "yes", "no", "true", "false", "on", "off")
    for form in (word, word.capitalize(), word.upper())
)


def scalar_text(node: Node, where: Where, reader: Reader, wanted: str) -> str | Broken:
    """Give the text of a scalar that is neither empty nor read as a truth value elsewhere."""
    if isinstance(node, ScalarNode):
        if node.quoted or node.text not in _NOT_TEXT:
            return node.text
        if not node.is_null:
            text = f"{quoted(node.text)} without quotes is a boolean in YAML; put it in quotes"
            return reader.invalid(node, where, text)
    return not_a(node, where, reader, wanted)


class Text(Shape[str]):
    """A text, no longer than the limit of that name allows (S-32)."""

    def __init__(self, limit: str, *, blank: bool = False) -> None:
        self.limit = limit
        self.blank = blank

    def read(self, node: Node, where: Where, reader: Reader) -> str | Broken:
        """Give the text unchanged."""
        text = scalar_text(node, where, reader, "text")
        if text is BROKEN:
            return text
        most = reader.text_limits[self.limit]
        if len(text) > most:
            message = f"is {len(text):,} characters long, at most {most:,} are allowed"
            return reader.invalid(node, where, f"{message} (text_limits.{self.limit})")
        if not self.blank and not text.strip():
            return reader.invalid(node, where, "must not be blank")
        return text

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give text or a number, which YAML takes plain digits for."""
        return {"type": ["string", "number"]}


class Matching(Shape[str]):
    """A text of one form."""

    def __init__(self, pattern: re.Pattern[str], words: str) -> None:
        self.pattern = pattern
        self.words = words

    def read(self, node: Node, where: Where, reader: Reader) -> str | Broken:
        """Give the text unchanged."""
        text = scalar_text(node, where, reader, self.words)
        if text is BROKEN or self.pattern.fullmatch(text):
            return text
        return reader.invalid(node, where, f"must be {self.words}, not {quoted(text)}")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the pattern; YAML takes plain digits for a number."""
        return {"type": ["string", "number"], "pattern": f"^{self.pattern.pattern}$"}


ID = Matching(_ID, f"an id: {_ID_WORDS}")


class Domain(Shape[str]):
    """A mail domain, which compares without case (S-112)."""

    def read(self, node: Node, where: Where, reader: Reader) -> str | Broken:
        """Give the domain in lower case."""
        wanted = "a mail domain such as `tailwind.example`"
        text = scalar_text(node, where, reader, wanted)
        if text is BROKEN:
            return text
        folded = text.lower() if text.isascii() else text
        if len(folded) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(folded):
            return reader.invalid(node, where, f"must be {wanted}, not {quoted(text)}")
        return folded

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the pattern."""
        return {"type": "string", "pattern": r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"}


class YesNo(Shape[bool]):
    """A yes or no."""

    def read(self, node: Node, where: Where, reader: Reader) -> bool | Broken:
        """Give the truth value."""
        flag = node.flag if isinstance(node, ScalarNode) else None
        return not_a(node, where, reader, "yes or no") if flag is None else flag

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the words, most of which YAML itself takes for booleans."""
        return {"enum": [True, False, "yes", "no", "on", "off"]}


class Word(Shape[T]):
    """A word of a closed list (S-25); `also_known` suggests the right one for other spellings."""

    def __init__(self, words: Mapping[str, T], also_known: Mapping[str, str] | None = None) -> None:
        self.words = words
        self.also_known = also_known or {}

    def read(self, node: Node, where: Where, reader: Reader) -> T | Broken:
        """Give what the word stands for."""
        known = ", ".join(self.words)
        if not isinstance(node, ScalarNode) or node.is_null:
            return not_a(node, where, reader, f"one of {known}")
        if node.text in self.words:
            return self.words[node.text]
        right = self.also_known.get(node.text)
        near = reader.near(node.text, self.words) if right is None else f"; write `{right}`"
        text = f"{quoted(node.text)} is not one of {known}{near}"
        reader.fault(node, where, FaultCode.UNKNOWN_VALUE, text)
        return BROKEN

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the list."""
        return {"enum": list(self.words)}


E = TypeVar("E", bound=enum.Enum)


def words_of(kind: type[E]) -> dict[str, E]:
    """Give the words of an enumeration whose values are words."""
    return {str(member.value): member for member in kind}


class Count(Shape[int]):
    """A whole number, 0 or more."""

    def read(self, node: Node, where: Where, reader: Reader) -> int | Broken:
        """Give the number."""
        text = node.text if isinstance(node, ScalarNode) and not node.quoted else ""
        if not _COUNT.fullmatch(text):
            return not_a(node, where, reader, "a whole number, 0 or more")
        return int(text)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the type and the least."""
        return {"type": "integer", "minimum": 0}


class Item(NamedTuple, Generic[T]):
    """An entry of a list with its place."""

    value: T
    node: Node
    where: Where


class ListOf(Shape[tuple[Item[T], ...]]):
    """A list in which nothing stands twice; entries that cannot be read are left out."""

    def __init__(self, item: Shape[T], *, at_least: int = 0) -> None:
        self.item = item
        self.at_least = at_least

    def read(self, node: Node, where: Where, reader: Reader) -> tuple[Item[T], ...] | Broken:
        """Give the entries with their places."""
        items = items_of(node, where, reader)
        if items is None:
            return BROKEN
        found: dict[Any, Item[T]] = {}
        for child, place in items:
            value = self.item.read(child, place, reader)
            if value is BROKEN:
                continue
            if value in found:
                text = f"stands here twice, first in line {found[value].node.line}"
                reader.fault(child, place, FaultCode.DUPLICATE, text)
            else:
                found[value] = Item(value, child, place)
        if isinstance(node, SequenceNode) and len(node.items) < self.at_least:
            return reader.invalid(node, where, "must not be empty")
        return tuple(found.values())

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the schema of the list."""
        schema: JsonSchema = {"type": "array", "items": self.item.schema(defs)}
        return {**schema, "minItems": self.at_least} if self.at_least else schema


def values(items: tuple[Item[T], ...]) -> tuple[T, ...]:
    """Give the entries of a list without their places."""
    return tuple([item.value for item in items]) if items else ()


class TextsByName(Shape[dict[str, str]]):
    """A mapping of names to texts."""

    def __init__(self, limit: str) -> None:
        self.name = Text("name")
        self.text = Text(limit, blank=True)

    def read(self, node: Node, where: Where, reader: Reader) -> dict[str, str] | Broken:
        """Give the texts that could be read, in the order of their names."""
        if not isinstance(node, MappingNode):
            return not_a(node, where, reader, "a mapping of names to texts")
        found: dict[str, str] = {}
        for name in sorted(node.fields):
            key = self.name.read(node.keys[name], where, reader)
            text = self.text.read(node.fields[name], (where, in_brackets(name)), reader)
            if not isinstance(key, Broken) and text is not BROKEN:
                found[key] = text
        return found

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give a mapping of texts."""
        return {"type": "object", "additionalProperties": self.text.schema(defs)}
