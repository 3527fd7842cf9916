"""Counts what suites of a pack look at, in its own way: plain YAML, and every cell one by one.

It shares no code with the product. A suite's matrix is multiplied out, a cell is a tuple of words,
and a rule fires where the words of all its conditions are among those that it lists.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Cell = tuple[str, ...]


class Counted(NamedTuple):
    """For one phase, what was reached and what there is."""

    fired: set[str]
    decided: set[str]
    classes: set[frozenset[str]]
    rules: set[str]
    can_decide: set[str]
    all_classes: set[frozenset[str]]

    @property
    def whole(self) -> bool:
        """Say whether everything was reached."""
        reached = (self.fired, self.decided, self.classes)
        return reached == (self.rules, self.can_decide, self.all_classes)


class Phase:
    """A phase as its file has it."""

    def __init__(self, text: dict[str, Any]) -> None:
        self.name: str = text["phase"]
        self.facts: dict[str, list[str]] = {
            fact: _listed(words) for fact, words in text["facts"].items()
        }
        self.facts |= {name: ["yes", "no", "unknown"] for name in text.get("predicates", {})}
        self.rules: list[tuple[int, str, dict[str, set[str]], set[str]]] = [
            (
                number,
                rule["id"],
                {fact: set(_listed(words)) for fact, words in rule["when"].items()},
                set(rule["then"]) - {"reason", "cause", "fact", "at"},
            )
            for number, step in enumerate(text["steps"])
            for rule in step["rules"]
        ]
        self.schedules = self.name == "lifecycle"
        self._everything = frozenset(name for _, name, _, _ in self.rules)
        self._allowed = [
            {
                word: frozenset(
                    name for _, name, when, _ in self.rules if word in when.get(fact, words)
                )
                for word in words
            }
            for fact, words in self.facts.items()
        ]

    def cells(self) -> Iterator[Cell]:
        """Every combination of words."""
        return itertools.product(*self.facts.values())

    def fired(self, cell: Cell) -> frozenset[str]:
        """The rules that fire in a cell."""
        found = self._everything
        for allowed, word in zip(self._allowed, cell, strict=True):
            found = found & allowed[word]
        return found

    def decided(self, fired: frozenset[str]) -> set[str]:
        """Those of them that give an answer: for each, the first of the earliest step."""
        if self.schedules:
            return set(fired)
        first: dict[str, str] = {}
        for _, name, _, answers in sorted(self.rules, key=lambda rule: rule[0]):
            for answer in answers if name in fired else ():
                first.setdefault(answer, name)
        return set(first.values())


def _listed(words: Any) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # text alone


def phases_of(pack: Path) -> dict[str, Phase]:
    """The phases of the pack in a folder."""
    files = [path for path in sorted(pack.glob("*.yaml")) if not path.stem.endswith("_test")]
    return {phase.name: phase for phase in map(Phase, map(_read, files))}


def cells_of(suites: Iterable[Path], phases: dict[str, Phase]) -> set[tuple[str, Cell]]:
    """The cells that the suites ask for."""
    found = set()
    for path in suites:
        for test in _read(path)["tests"]:
            phase = phases[test["phase"]]
            matrix = {
                fact: phase.facts[fact] if words == "any" else words
                for fact, words in test.get("matrix", {}).items()
            }
            for chosen in itertools.product(*matrix.values()):
                words = {**test["given"], **dict(zip(matrix, chosen, strict=True))}
                found.add((phase.name, tuple(words[fact] for fact in phase.facts)))
    return found


def counted(pack: Path, suites: Iterable[Path]) -> dict[str, Counted]:
    """What the suites reach of each phase, and all that there is to reach."""
    phases = phases_of(pack)
    looked = cells_of(suites, phases)
    found = {}
    for name, phase in phases.items():
        everything = {cell: phase.fired(cell) for cell in phase.cells()}
        classes = set(everything.values())
        reached = {everything[cell] for where, cell in looked if where == name}
        found[name] = Counted(
            fired=set().union(*reached),
            decided=set().union(*map(phase.decided, reached)),
            classes=reached,
            rules={rule[1] for rule in phase.rules},
            can_decide=set().union(*map(phase.decided, classes)),
            all_classes=classes,
        )
    return found
