"""Reading the predicates that a rule author defines over attributes of the target."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostiary.domain.tables import Phase, Predicate, PredicateOperator
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.pack_text import PackText, spot_of
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode, Spot

MOST_VALUES = 1_000
LONGEST_VALUE = 1_024

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_OPERATORS = tuple(operator.value for operator in PredicateOperator)


class PredicateReader:
    """Reads the predicates of all phases; one name means one thing in the whole pack."""

    def __init__(self, text: PackText) -> None:
        self.text = text
        self._defined: dict[str, tuple[Predicate, Spot]] = {}
        self._phases: dict[str, list[Phase]] = {}

    def read(self, node: Node | None, phase: Phase) -> dict[str, Spot]:
        """Give the names of the predicates of one phase with their places.

        A name counts even if its definition is faulty, so that the rules that use it do not.
        """
        found: dict[str, Spot] = {}
        mapping = self.text.mapping(node, "`predicates`")
        if mapping is None:
            return found
        for name, value in mapping.fields.items():
            key = mapping.keys[name]
            if self._name(key, name, phase):
                found[name] = spot_of(key)
                if self._definition(key, name, value):
                    self._phases.setdefault(name, []).append(phase)
        return found

    def predicates(self) -> tuple[Predicate, ...]:
        """Give all predicates by name, each with the phases in which it is a fact."""
        return tuple(
            Predicate(one.name, one.attribute, one.operator, one.values, tuple(self._phases[name]))
            for name, (one, _) in sorted(self._defined.items())
            if name in self._phases
        )

    def _name(self, key: Node, name: str, phase: Phase) -> bool:
        if self.text.name(key, "the name of a predicate") is None:
            return False
        if name in VOCABULARY[phase].facts:
            message = (
                f"{quoted(name)} is a fact of this phase already; give the predicate another name"
            )
            self.text.fault(key, PackCode.DUPLICATE, message)
            return False
        return True

    def _definition(self, key: Node, name: str, node: Node) -> bool:
        mapping = self.text.mapping(node, f"the predicate {quoted(name)}")
        if mapping is None:
            return False
        what = f"the predicate {quoted(name)}"
        self.text.fields(mapping, what, ("attribute",), _OPERATORS)
        attribute = self.text.name(mapping.fields.get("attribute"), "`attribute`", _ATTRIBUTE)
        compared = self._compared(mapping, what)
        if attribute is None or compared is None:
            return False
        one = Predicate(name, attribute, *compared)
        first, place = self._defined.setdefault(name, (one, spot_of(key)))
        if first != one:
            message = (
                f"{what} means something else in {place.file}:{place.line}; "
                "one name means one thing in the whole pack"
            )
            self.text.fault(key, PackCode.DUPLICATE, message)
            return False
        return True

    def _compared(
        self, mapping: MappingNode, what: str
    ) -> tuple[PredicateOperator, tuple[str, ...]] | None:
        given = [name for name in _OPERATORS if name in mapping.fields]
        if len(given) != 1:
            message = f"{what} needs exactly one of {', '.join(_OPERATORS)}"
            self.text.fault(mapping, PackCode.BAD_CONCLUSION, message)
            return None
        operator, node = PredicateOperator(given[0]), mapping.fields[given[0]]
        if operator is PredicateOperator.PRESENT:
            if isinstance(node, ScalarNode) and node.flag is True:
                return operator, ()
            message = '`present` can only be "yes"; for the opposite let a rule ask for "no"'
            self.text.fault(node, PackCode.UNKNOWN_WORD, message)
            return None
        values = self._values(operator, node)
        return None if values is None else (operator, values)

    def _values(self, operator: PredicateOperator, node: Node) -> tuple[str, ...] | None:
        what = f"`{operator.value}`"
        if operator is not PredicateOperator.IN:
            return self._several([node], what)
        if not isinstance(node, SequenceNode):
            self.text.items(node, what)
            return None
        if len(node.items) > MOST_VALUES:
            message = f"{what} has {len(node.items):,} values, at most {MOST_VALUES:,} are allowed"
            self.text.fault(node, PackCode.LIMIT, message)
            return None
        return self._several(self.text.items(node, what), what) or None

    def _several(self, nodes: Sequence[Node], what: str) -> tuple[str, ...] | None:
        """Give texts; numbers and dates are what an attribute may well hold, so they are text."""
        read = [self.text.text(each, f"a value of {what}", LONGEST_VALUE) for each in nodes]
        found = tuple(dict.fromkeys(text for text in read if text is not None))
        return found if None not in read else None
