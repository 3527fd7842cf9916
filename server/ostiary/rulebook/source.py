"""YAML as it stands in the file: text with places, nothing converted, nothing executed.

Events of libyaml are put together here rather than by PyYAML's composer, since that one recurses
in C, keeps two marks for each node and expands nothing in a bounded way. Scalars stay text and know
whether they were quoted, so that `no` where a word is wanted can be reported instead of guessed.
"""

from __future__ import annotations

import enum
import re
import stat
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import yaml

from ostiary.rulebook.faults import FaultList, quoted

LARGEST_FILE = 64 * 1024 * 1024
DEEPEST_NESTING = 64
LARGEST_ALIAS_EXPANSION = 100_000  # nodes that aliases may add to a file

# What YAML itself does not allow in a file; escapes in quotes may smuggle it into a scalar.
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|\r|\n")


class Meaning(enum.Enum):
    """What YAML 1.1 takes an unquoted scalar for."""

    TEXT = "text"
    BOOLEAN = "a boolean"
    NUMBER = "a number"
    DATE = "a date"
    NULL = "null"


class ScalarNode(msgspec.Struct, frozen=True, gc=False):
    """A scalar with its text exactly as written, less quotes and escapes."""

    file: str
    line: int
    column: int
    text: str
    quoted: bool

    @property
    def meaning(self) -> Meaning:
        """Give what YAML takes the scalar for: text, if quoted or nothing else."""
        if self.quoted:
            return Meaning.TEXT
        for meaning, pattern in _MEANINGS:
            if pattern.fullmatch(self.text):
                return meaning
        return Meaning.TEXT

    @property
    def is_null(self) -> bool:
        """Say whether nothing was written, or null."""
        return not self.quoted and self.text in _NULLS

    @property
    def flag(self) -> bool | None:
        """Give the truth value of yes, no, true, false, on and off; None for anything else."""
        return _FLAGS.get(self.text.lower())


class SequenceNode(msgspec.Struct, frozen=True):
    """A list in the order of the file."""

    file: str
    line: int
    column: int
    items: list[Node]


class MappingNode(msgspec.Struct, frozen=True):
    """A mapping in the order of the file: `fields` by key, and `keys` with their places."""

    file: str
    line: int
    column: int
    fields: dict[str, Node]
    keys: dict[str, ScalarNode]


Node = ScalarNode | SequenceNode | MappingNode


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A place in a file where no node stands."""

    file: str
    line: int = 1
    column: int = 1


_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_MEANINGS = (
    (Meaning.NULL, re.compile("|~|null|Null|NULL")),
    (
        Meaning.BOOLEAN,
        re.compile("yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
    ),
    (
        Meaning.NUMBER,
        re.compile(
            r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?"
            r"(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
            r"|\.(?:nan|NaN|NAN)"
        ),
    ),
    (
        Meaning.DATE,
        re.compile(
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
            r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
            r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)?"
        ),
    ),
)


def load(path: Path, name: str, faults: FaultList, *, largest: int = LARGEST_FILE) -> Node | None:
    """Give the document in a file, or None after adding what is wrong with it to the faults."""
    irregular = no_file(path)
    if irregular:
        faults.add(Spot(name), "FILE_UNREADABLE", irregular)
        return None
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as error:
        faults.add(Spot(name), "FILE_UNREADABLE", _system_words(error))
        return None
    if len(content) > largest:
        message = f"the file is larger than {largest // (1024 * 1024)} MiB"
        faults.add(Spot(name), "FILE_TOO_LARGE", message)
        return None
    return parse(content, name, faults)


def no_file(path: Path) -> str:
    """Say why what lies at a path is no file that has an end; empty: it is one."""
    try:
        return "" if stat.S_ISREG(path.stat().st_mode) else "not a regular file"
    except (OSError, ValueError) as error:
        return _system_words(error)


def parse(content: bytes, name: str, faults: FaultList) -> Node | None:
    """Give the document in the content of a file, or None after adding what is wrong with it."""
    text = _decode(content, name, faults)
    if text is None:
        return None
    builder = _Builder(name, faults)
    try:
        return builder.document(yaml.CSafeLoader(text))
    except _StopParsing:
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = Spot(name) if mark is None else Spot(name, mark.line + 1, mark.column + 1)
        faults.add(spot, "YAML_SYNTAX", _yaml_words(error))
    return None


def kind_of(node: Node) -> str:
    """Give what a node is, in the words of a message: a list, a mapping, a number."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    return node.meaning.value


class _StopParsing(Exception):  # noqa: N818  # never leaves this module
    """The rest of the file is not worth reading."""


class _Open(msgspec.Struct):
    """A list or mapping that is being read, with the key that waits for its value."""

    node: SequenceNode | MappingNode
    anchor: str | None
    key: ScalarNode | None = None
    size: int = 1


class _Builder:
    """Puts the events of one file together; `sizes` counts what an alias would expand to."""

    def __init__(self, file: str, faults: FaultList) -> None:
        self.file = file
        self.faults = faults
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.unfinished: set[str] = set()
        self.expanded = 0
        self.broken = False

    def document(self, loader: yaml.CSafeLoader) -> Node | None:
        """Give the only document of the file."""
        try:
            documents = 0
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(event, "MANY_DOCUMENTS", "a file holds one document only")
                else:
                    self._take(event)
        finally:
            loader.dispose()
        if self.root is None and not self.broken:
            self.faults.add(Spot(self.file), "EMPTY_FILE", "the file is empty")
        return None if self.broken else self.root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._check_tag(event)
            self._put(self._scalar(event), event.anchor, 1)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            top = self.stack.pop()
            self.unfinished.discard(top.anchor or "")
            self._put(top.node, top.anchor, top.size)

    def _scalar(self, event: Any) -> ScalarNode:
        mark = event.start_mark
        text: str = event.value
        if _CONTROL.search(text):
            self._fault(event, "CONTROL_CHARACTER", f"control character in {quoted(text)}")
        return ScalarNode(
            self.file, mark.line + 1, mark.column + 1, text, event.style not in (None, "")
        )

    def _open(self, event: Any) -> None:
        self._check_tag(event)
        if len(self.stack) >= DEEPEST_NESTING:
            self._stop(event, "TOO_DEEP", f"nested deeper than {DEEPEST_NESTING} levels")
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        node: SequenceNode | MappingNode
        if isinstance(event, yaml.MappingStartEvent):
            node = MappingNode(self.file, line, column, {}, {})
        else:
            node = SequenceNode(self.file, line, column, [])
        if event.anchor:
            self.unfinished.add(event.anchor)
        self.stack.append(_Open(node, event.anchor))

    def _alias(self, event: Any) -> None:
        if event.anchor in self.unfinished:
            self._stop(event, "ALIAS_CYCLE", f"alias {quoted('*' + event.anchor)} contains itself")
        found = self.anchors.get(event.anchor)
        if found is None:
            self._stop(
                event, "UNKNOWN_ALIAS", f"no anchor {quoted('&' + event.anchor)} before this"
            )
        node, size = found
        self.expanded += size
        if self.expanded > LARGEST_ALIAS_EXPANSION:
            self._stop(
                event,
                "ALIAS_EXPANSION",
                f"aliases expand to more than {LARGEST_ALIAS_EXPANSION:,} values",
            )
        self._put(node, None, size)

    def _put(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += size
        if isinstance(top.node, SequenceNode):
            top.node.items.append(node)
        elif top.key is None:
            top.key = self._key(node)
        else:
            key, top.key = top.key, None
            self._field(top.node, key, node)

    def _key(self, node: Node) -> ScalarNode:
        if isinstance(node, ScalarNode):
            return node
        self.broken = True
        self.faults.add(node, "KEY_NOT_TEXT", f"a key must be text, not {kind_of(node)}")
        name = f"\0{node.line}:{node.column}"  # equal to no other key
        return ScalarNode(self.file, node.line, node.column, name, quoted=True)

    def _field(self, into: MappingNode, key: ScalarNode, node: Node) -> None:
        first = into.keys.get(key.text)
        if first is not None:
            self.broken = True
            message = f"key {quoted(key.text)} stands here twice, first in line {first.line}"
            self.faults.add(key, "DUPLICATE_KEY", message)
            return
        into.keys[key.text] = key
        into.fields[key.text] = node

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._fault(event, "TAG", f"tags are not allowed: {quoted(event.tag)}")

    def _fault(self, event: Any, code: str, message: str) -> None:
        self.broken = True
        spot = Spot(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        self.faults.add(spot, code, message)

    def _stop(self, event: Any, code: str, message: str) -> NoReturn:
        self._fault(event, code, message)
        raise _StopParsing


def _decode(content: bytes, name: str, faults: FaultList) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        spot = _spot_at(name, content[: error.start].decode("utf-8-sig", "replace"))
        faults.add(spot, "NOT_UTF8", f"byte 0x{content[error.start]:02x} is not valid UTF-8 here")
        return None
    bad = _CONTROL.search(text)
    if bad is not None:
        spot = _spot_at(name, text[: bad.start()])
        message = f"control character U+{ord(bad[0]):04X} is not allowed"
        faults.add(spot, "CONTROL_CHARACTER", message)
        return None
    return text


def _spot_at(name: str, before: str) -> Spot:
    lines = _LINE_BREAK.split(before)
    return Spot(name, len(lines), len(lines[-1]) + 1)


def _system_words(error: OSError | ValueError) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def _yaml_words(error: yaml.YAMLError) -> str:
    parts = [getattr(error, name, None) for name in ("problem", "context")]
    return ", ".join(part for part in parts if part) or "not YAML"
