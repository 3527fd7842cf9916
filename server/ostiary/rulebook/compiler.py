"""From the rules of a phase to the one form of durable-rules that is known to be right.

Equalities on one flat fact, conditions in a fixed order, no `or`, no `not`, names of our own: what
an author writes never enters the engine but as words of the closed vocabulary.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import msgspec

from ostiary.rulebook.pack import PackPhase, PackRule

# Part of the key of every cached table: raise it when the compiled form changes.
COMPILER_VERSION = 1

CELL = "cell"
SENTINEL = "sentinel"
SENTINEL_RULE = "~s"

Conditions = tuple[tuple[str, str], ...]


class CompiledPhase(msgspec.Struct, frozen=True):
    """One phase as the engine gets it; `owners` gives each compiled rule its number in the pack."""

    name: str
    ruleset: str  # JSON
    owners: dict[str, int]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    rules: int  # of the pack
    cells: int


def expansions(rule: PackRule) -> Iterator[Conditions]:
    """Give the rule once for each combination of the words that its lists allow.

    The words of a fact exclude each other, so in a cell at most one of them fires.
    """
    facts = [fact for fact, _ in rule.when]
    for words in itertools.product(*(words for _, words in rule.when)):
        yield tuple(zip(facts, words, strict=True))


def compile_phase(phase: PackPhase) -> CompiledPhase:
    """Give the ruleset of a phase that has passed the gate."""
    ruleset: dict[str, object] = {
        SENTINEL_RULE: {"all": [{"z": {"$and": [{"t": SENTINEL}]}}], "pri": 0}
    }
    owners: dict[str, int] = {}
    for number, rule in enumerate(phase.rules):
        for copy, conditions in enumerate(expansions(rule)):
            name = f"r{number}_{copy}"
            tests = [{"t": CELL}, *({fact: word} for fact, word in conditions)]
            ruleset[name] = {"all": [{"m": {"$and": tests}}], "pri": 8}
            owners[name] = number
    return CompiledPhase(
        name=phase.phase.value,
        ruleset=json.dumps(ruleset),
        owners=owners,
        facts=phase.facts,
        rules=len(phase.rules),
        cells=phase.cells,
    )
