"""The gate: nothing passes that durable-rules is known to get wrong."""

from __future__ import annotations

import json

import pytest

from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.compiler import compile_phase, expansions
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import RESERVED, check_gate, fnv1a
from ostiary.rulebook.pack import PackPhase
from tests.packs.building import read_small
from tests.packs.phases import phase_of

TWO = {"a": ("x", "y"), "b": ("x", "y")}


def faults_of(phase: PackPhase) -> list[str]:
    """What the gate says about a phase."""
    faults = FaultList()
    check_gate(phase, faults)
    return [str(fault).removeprefix("made.yaml:") for fault in faults.sorted()]


def test_hashes_are_those_of_the_engine() -> None:
    """Constants of the engine's source, and two names that it cannot tell apart."""
    assert fnv1a("sid") == 3_593_476_751
    assert fnv1a("$nex") == 2_605_470_202
    assert fnv1a("dpsabkes") == fnv1a("userType")
    assert len({fnv1a(name) for name in RESERVED}) == len(RESERVED)


def test_no_fact_of_the_vocabulary_collides() -> None:
    for spec in VOCABULARY.values():
        names = {*spec.facts, *RESERVED}
        assert len({fnv1a(name) for name in names}) == len(names) == len(spec.facts) + len(RESERVED)


def test_names_that_hash_alike_are_refused() -> None:
    phase = phase_of({"userType": ("x", "y"), "dpsabkes": ("x", "y")}, [(0, {}, "in")])
    assert faults_of(phase) == [
        (
            "2:2: HASH_COLLISION: the engine cannot tell `dpsabkes` from `userType`; "
            "choose another name"
        )
    ]


@pytest.mark.parametrize("name", ["t", "sid", "id", "$or", "$not", "count", "name", "pri"])
def test_names_of_the_engine_are_refused(name: str) -> None:
    phase = phase_of({name: ("x", "y")}, [(0, {}, "in")])
    assert faults_of(phase) == [
        f"2:1: HASH_COLLISION: the engine keeps the name `{name}` for itself; choose another name"
    ]


@pytest.mark.parametrize(
    "word",
    ["", "x" * 65, "x" * 65_536, "contoso.com\0", "ünknown", "a\nb"],
    ids=lambda w: repr(w[:9]),
)
def test_words_are_short_and_plain(word: str) -> None:
    (fault,) = faults_of(phase_of({"a": ("x", word)}, [(0, {}, "in")]))
    assert fault.startswith("2:1: LIMIT: `a` has the word ")


def test_words_of_64_characters_pass() -> None:
    assert faults_of(phase_of({"a": ("x" * 64, "y")}, [(0, {}, "in")])) == []


def test_at_most_64_words_a_fact() -> None:
    words = [f"w{number}" for number in range(65)]
    assert faults_of(phase_of({"a": words[:64]}, [(0, {}, "in")])) == []
    assert faults_of(phase_of({"a": words}, [(0, {}, "in")])) == [
        "2:1: LIMIT: `a` has 65 words, at most 64 are allowed"
    ]


def test_at_most_32_facts_so_that_no_more_branches_can_match() -> None:
    facts = {f"f{number}": ("x", "y") for number in range(33)}
    rules = [(0, {fact: ("x",)}, "in") for fact in facts]
    assert faults_of(phase_of(facts, rules)) == [
        "1:1: LIMIT: 33 facts and predicates, at most 32 are allowed"
    ]


def test_at_most_255_rules_with_the_same_conditions() -> None:
    rules = [(0, {"a": ("x",)}, "in")] * 300
    assert faults_of(phase_of(TWO, rules[:255])) == []
    assert faults_of(phase_of(TWO, rules)) == [
        "265:1: LIMIT: `r255` is one of more than 255 rules with the same conditions"
    ]


def test_lists_count_as_the_rules_that_they_stand_for() -> None:
    rules = [(0, {"a": ("x",)}, "in")] * 255
    assert faults_of(phase_of(TWO, [*rules, (0, {"a": ("x", "y")}, "in")])) == [
        "265:1: LIMIT: `r255` is one of more than 255 rules with the same conditions"
    ]


def test_at_most_256_conditions_at_one_place() -> None:
    facts = {f"f{fact}": [f"w{word}" for word in range(64)] for fact in range(9)}
    rules = [(0, {fact: (word,)}, "in") for fact, words in facts.items() for word in words]
    assert faults_of(phase_of(facts, rules[:256])) == []
    found = faults_of(phase_of(facts, rules[:513]))
    assert found[0] == (
        "266:1: LIMIT: `r256` brings more than 256 different conditions to one place of the "
        "engine's tree"
    )


def test_at_most_16_conditions_a_rule() -> None:
    facts = {f"f{number}": ("x", "y") for number in range(17)}
    rule = dict.fromkeys(facts, ("x",))
    assert faults_of(phase_of(facts, [(0, rule, "in")])) == [
        "10:1: LIMIT: `r0` has 17 conditions, at most 16 are allowed"
    ]
    del rule["f0"]
    assert faults_of(phase_of(facts, [(0, rule, "in")])) == []


def test_at_most_64_combinations_a_rule() -> None:
    words = [f"w{number}" for number in range(9)]
    facts = {"a": words, "b": words}
    assert faults_of(phase_of(facts, [(0, {"a": words[:8], "b": words[:8]}, "in")])) == []
    assert faults_of(phase_of(facts, [(0, {"a": words, "b": words}, "in")])) == [
        (
            "10:1: LIMIT: the lists of `r0` have 81 combinations, at most 64 are allowed; "
            "split the rule or drop a list"
        )
    ]


def test_at_most_2_000_combinations_a_phase() -> None:
    words = [f"w{number}" for number in range(8)]
    facts = {"a": words, "b": words}
    rules = [(0, {"a": words, "b": words}, "in")] * 32
    assert faults_of(phase_of(facts, rules)) == [
        (
            "1:1: LIMIT: the rules of this phase have 2,048 combinations of listed words, "
            "at most 2,000 are allowed"
        )
    ]
    assert faults_of(phase_of(facts, rules[:31])) == []


def test_at_most_1_000_rules_a_phase() -> None:
    facts = {f"f{fact}": [f"w{word}" for word in range(50)] for fact in range(5)}
    rules = [(0, {fact: (word,)}, "in") for fact, words in facts.items() for word in words] * 5
    assert faults_of(phase_of(facts, rules[:1_000])) == []
    assert faults_of(phase_of(facts, rules)) == [
        "1010:1: LIMIT: 1,250 rules in this phase, at most 1,000 are allowed"
    ]


def test_at_most_1_000_statements() -> None:
    nevers = [("in", {"a": ("x",)})] * 1_001
    assert faults_of(phase_of(TWO, [(0, {}, "out")], nevers=nevers)) == [
        "900:1: LIMIT: 1,001 `never` statements, at most 1,000 are allowed"
    ]


def test_every_fault_is_found_at_once() -> None:
    phase = phase_of({"sid": ("x", "é")}, [(0, {"sid": ("x",)}, "in")] * 256)
    assert [fault.split(":")[2] for fault in faults_of(phase)] == [
        *(" HASH_COLLISION", " LIMIT", " LIMIT")
    ]


def test_the_compiled_form_is_the_safe_one() -> None:
    """Equalities on one flat fact, `t` first, names of our own, nothing of the author's."""
    phase = read_small().phases[Phase.REQUESTOR_SCOPE]
    compiled = compile_phase(phase)
    ruleset = json.loads(compiled.ruleset)
    assert ruleset.pop("~s") == {"all": [{"z": {"$and": [{"t": "sentinel"}]}}], "pri": 0}
    assert ruleset["r1_1"] == {
        "all": [
            {
                "m": {
                    "$and": [
                        {"t": "cell"},
                        {"scope": "all_directory_users"},
                        {"person": "member"},
                        {"contractor": "no"},
                    ]
                }
            }
        ],
        "pri": 8,
    }
    assert ruleset["r4_0"] == {"all": [{"m": {"$and": [{"t": "cell"}]}}], "pri": 8}
    assert compiled.owners == {"r0_0": 0, "r1_0": 1, "r1_1": 1, "r2_0": 2, "r3_0": 3, "r4_0": 4}
    assert set(ruleset) == set(compiled.owners)
    assert "scope." not in compiled.ruleset


def test_lists_become_rules_that_exclude_each_other() -> None:
    (rule,) = phase_of(TWO, [(0, {"a": ("x", "y"), "b": ("x", "y")}, "in")]).rules
    assert list(expansions(rule)) == [
        (("a", "x"), ("b", "x")),
        (("a", "x"), ("b", "y")),
        (("a", "y"), ("b", "x")),
        (("a", "y"), ("b", "y")),
    ]


def test_a_rule_with_an_empty_list_compiles_to_nothing() -> None:
    phase = phase_of(TWO, [(0, {"a": ()}, "in")])
    assert compile_phase(phase).owners == {}
