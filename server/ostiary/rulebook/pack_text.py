"""Reading the single parts of a rule pack: mappings, lists, words and sentences, with faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ostiary.rulebook.faults import FaultList, Place, did_you_mean, quoted
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.source import (
    MappingNode,
    Meaning,
    Node,
    ScalarNode,
    SequenceNode,
    Spot,
    kind_of,
)

LONGEST_SENTENCE = 400
LONGEST_NAME = 64
MOST_WORDS = 256  # in one list; far more than any fact has

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def spot_of(node: Place) -> Spot:
    """Give the place of a node without the node."""
    return Spot(node.file, node.line, node.column)


class PackText:
    """Takes nodes apart and reports what is wrong with them."""

    def __init__(self, faults: FaultList) -> None:
        self.faults = faults

    def fault(self, node: Place, code: PackCode, message: str) -> None:
        """Report an error at a node."""
        self.faults.add(node, code, message)

    def mapping(self, node: Node | None, what: str) -> MappingNode | None:
        """Give the node if it is a mapping."""
        if node is None or isinstance(node, MappingNode):
            return node
        self.fault(node, PackCode.WRONG_KIND, f"{what} must be a mapping, not {kind_of(node)}")
        return None

    def items(self, node: Node | None, what: str) -> Sequence[Node]:
        """Give the entries if the node is a list with entries."""
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.fault(node, PackCode.WRONG_KIND, f"{what} must be a list, not {kind_of(node)}")
            return ()
        if not node.items:
            self.fault(node, PackCode.MISSING_FIELD, f"{what} must not be empty")
        return node.items

    def fields(
        self, node: MappingNode, what: str, needed: Iterable[str], others: Iterable[str] = ()
    ) -> None:
        """Report fields that are missing and fields that nobody knows."""
        needed, known = tuple(needed), (*needed, *others)
        for name in node.fields:
            if name not in known:
                message = f"{what} has no field {quoted(name)}{did_you_mean(name, known)}"
                self.fault(node.keys[name], PackCode.UNKNOWN_FIELD, message)
        for name in needed:
            if name not in node.fields:
                self.fault(node, PackCode.MISSING_FIELD, f"{what} needs the field `{name}`")

    def text(self, node: Node | None, what: str, longest: int = LONGEST_SENTENCE) -> str | None:
        """Give a text that is neither blank nor longer than it may be."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or node.is_null:
            kind = "empty" if isinstance(node, ScalarNode) else kind_of(node)
            self.fault(node, PackCode.WRONG_KIND, f"{what} must be text, not {kind}")
        elif not node.text.strip():
            self.fault(node, PackCode.BAD_TEXT, f"{what} must not be blank")
        elif len(node.text) > longest:
            message = f"{what} is {len(node.text):,} characters long, at most {longest} are allowed"
            self.fault(node, PackCode.BAD_TEXT, message)
        else:
            return node.text
        return None

    def word(self, node: Node | None, what: str) -> str | None:
        """Give a word; one that YAML would take for something else must stand in quotes."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode):
            self.fault(node, PackCode.WRONG_KIND, f"{what} must be a word, not {kind_of(node)}")
            return None
        meaning = node.meaning
        if meaning is Meaning.TEXT:
            return node.text
        if meaning is Meaning.NULL:
            message = f"{what} must be a word, not null"
        else:
            message = (
                f"{what}: {quoted(node.text)} without quotes is {meaning.value} in YAML; "
                f'write "{node.text}" if you mean the word'
            )
        self.fault(node, PackCode.YAML_TRAP, message)
        return None

    def known_word(
        self, node: Node | None, what: str, known: Iterable[str], code: PackCode
    ) -> str | None:
        """Give a word of a closed list."""
        word = self.word(node, what)
        if word is None or node is None:
            return None
        known = tuple(known)
        if word in known:
            return word
        hint = did_you_mean(word, known) or f"; known: {', '.join(known)}"
        self.fault(node, code, f"{what} cannot be {quoted(word)}{hint}")
        return None

    def name(self, node: Node | None, what: str, pattern: re.Pattern[str] = _NAME) -> str | None:
        """Give a name of the author: lower-case letters, digits and what the pattern adds."""
        word = self.word(node, what)
        if word is None or node is None:
            return None
        if len(word) > LONGEST_NAME or not pattern.fullmatch(word):
            message = (
                f"{what} must match {pattern.pattern}, {LONGEST_NAME} characters at most, "
                f"not {quoted(word)}"
            )
            self.fault(node, PackCode.BAD_TEXT, message)
            return None
        return word

    def words(self, node: Node, what: str) -> Iterator[tuple[Node, str]]:
        """Give the word of a scalar or the words of a list, each once, with their places."""
        if isinstance(node, MappingNode):
            self.word(node, what)
            return
        items = node.items if isinstance(node, SequenceNode) else (node,)
        if len(items) > MOST_WORDS:
            message = f"{what} has {len(items):,} words, at most {MOST_WORDS} are allowed"
            self.fault(node, PackCode.LIMIT, message)
            return
        seen: dict[str, Node] = {}
        for item in items:
            word = self.word(item, what)
            if word is None:
                continue
            if word in seen:
                message = f"{what} names {quoted(word)} twice"
                self.fault(item, PackCode.DUPLICATE, message)
                continue
            seen[word] = item
            yield item, word
