"""What must be true of a phase before durable-rules may see it: the limits that keep it right.

The edges were found by trying (the engine answers wrongly, loops or crashes beyond them); ours lie
well inside. What the form of `compiler.py` cannot express is not checked here: operators, nesting,
arrays, numbers, joins, negation.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from ostiary.rulebook.compiler import Conditions, expansions
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.pack_codes import PackCode

MOST_RULES = 1_000  # of the pack, in a phase
MOST_COMPILED_RULES = 2_000  # 4,096 is an array in the engine
MOST_COPIES = 64  # of one rule, by its lists
MOST_CONDITIONS = 16  # of one rule; 61 are still right
# Matching branches wait on a stack of 64. With conditions in the order of the facts, no more of
# them can wait than there are facts, so this limit keeps that one too.
MOST_FACTS = 32
MOST_WORDS = 64  # of one fact
LONGEST_WORD = 64  # the engine takes lengths modulo 65,536
MOST_EQUAL = 255  # rules with one list of conditions; the 256th lets unrelated rules fire
MOST_BRANCHES = 256  # distinct conditions under one node; the 513th never returns
MOST_NEVERS = 1_000

# Property names compare by a 32-bit hash alone: these are names that the engine or we use.
RESERVED = (
    *("t", "sid", "id", "z", "m", "cell", "sentinel", "name", "all", "any", "pri", "count", "cap"),
    *("dist", "$and", "$or", "$not", "$all", "$any", "$ex", "$nex", "$lt", "$lte", "$gt", "$gte"),
    *("$eq", "$neq", "$mt", "$imt", "$iall", "$iany", "$m", "$s", "$i", "$l", "$r", "$forward"),
    *("$add", "$sub", "$mul", "$div"),
)


def fnv1a(text: str) -> int:
    """Give the 32-bit FNV-1a hash by which durable-rules compares names."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 16_777_619 & 0xFFFFFFFF
    return value


def check_gate(phase: PackPhase, faults: FaultList) -> None:
    """Add a fault for everything about a phase that durable-rules would not get right."""
    _check_facts(phase, faults)
    _check_hashes(phase, faults)
    _check_nevers(phase, faults)
    if _check_sizes(phase, faults):
        _check_rules(phase, faults)


def _check_facts(phase: PackPhase, faults: FaultList) -> None:
    if len(phase.facts) > MOST_FACTS:
        message = f"{len(phase.facts)} facts and predicates, at most {MOST_FACTS} are allowed"
        faults.add(phase.place, PackCode.LIMIT, message)
    for fact, words in phase.facts:
        place = phase.fact_places.get(fact, phase.place)
        if len(words) > MOST_WORDS:
            message = f"`{fact}` has {len(words)} words, at most {MOST_WORDS} are allowed"
            faults.add(place, PackCode.LIMIT, message)
        for word in words:
            if not (word.isascii() and word.isprintable() and 0 < len(word) <= LONGEST_WORD):
                message = (
                    f"`{fact}` has the word {quoted(word)}; a word is printable ASCII, "
                    f"{LONGEST_WORD} characters at most"
                )
                faults.add(place, PackCode.LIMIT, message)


def _check_hashes(phase: PackPhase, faults: FaultList) -> None:
    taken = {fnv1a(name): name for name in RESERVED}
    for fact, _ in phase.facts:
        other = taken.get(fnv1a(fact))
        if other is not None:
            same = f"the engine keeps the name {quoted(fact)} for itself"
            alike = f"the engine cannot tell {quoted(fact)} from {quoted(other)}"
            place = phase.fact_places.get(fact, phase.place)
            message = f"{same if other == fact else alike}; choose another name"
            faults.add(place, PackCode.HASH_COLLISION, message)
        taken[fnv1a(fact)] = fact


def _check_nevers(phase: PackPhase, faults: FaultList) -> None:
    if len(phase.nevers) > MOST_NEVERS:
        message = f"{len(phase.nevers):,} `never` statements, at most {MOST_NEVERS:,} are allowed"
        faults.add(phase.nevers[MOST_NEVERS].place, PackCode.LIMIT, message)


def _check_sizes(phase: PackPhase, faults: FaultList) -> bool:
    """Check what can be counted without writing the rules out; say whether they can be."""
    sound = True
    compiled = 0
    for number, each in enumerate(phase.rules):
        copies = math.prod(len(words) for _, words in each.when)
        compiled += copies
        message = ""
        if number == MOST_RULES:
            message = (
                f"{len(phase.rules):,} rules in this phase, at most {MOST_RULES:,} are allowed"
            )
        elif copies > MOST_COPIES:
            message = (
                f"the lists of `{each.rule.id}` have {copies:,} combinations, at most "
                f"{MOST_COPIES} are allowed; split the rule or drop a list"
            )
        elif len(each.when) > MOST_CONDITIONS:
            message = (
                f"`{each.rule.id}` has {len(each.when)} conditions, "
                f"at most {MOST_CONDITIONS} are allowed"
            )
        if message:
            faults.add(each.place, PackCode.LIMIT, message)
            sound = False
    if compiled > MOST_COMPILED_RULES:
        message = (
            f"the rules of this phase have {compiled:,} combinations of listed words, "
            f"at most {MOST_COMPILED_RULES:,} are allowed"
        )
        faults.add(phase.place, PackCode.LIMIT, message)
        sound = False
    return sound


def _check_rules(phase: PackPhase, faults: FaultList) -> None:
    equal: Counter[Conditions] = Counter()
    branches: defaultdict[Conditions, set[tuple[str, str]]] = defaultdict(set)
    for each in phase.rules:
        for conditions in expansions(each):
            equal[conditions] += 1
            if equal[conditions] == MOST_EQUAL + 1:
                message = (
                    f"`{each.rule.id}` is one of more than {MOST_EQUAL} rules "
                    "with the same conditions"
                )
                faults.add(each.place, PackCode.LIMIT, message)
            for depth, condition in enumerate(conditions):
                under = branches[conditions[:depth]]
                under.add(condition)
                if len(under) == MOST_BRANCHES + 1:
                    message = (
                        f"`{each.rule.id}` brings more than {MOST_BRANCHES} different "
                        "conditions to one place of the engine's tree"
                    )
                    faults.add(each.place, PackCode.LIMIT, message)
                    under.clear()
