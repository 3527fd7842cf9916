"""Rule packs read straight from their YAML, rule by rule, with nothing tabulated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY

Said = tuple[str, str | None, str | None, str | None]  # word, reason, cause, fact


class NaiveRule(NamedTuple):
    """A rule as it stands in the file, with the number of its step."""

    id: str
    step: int
    when: Mapping[str, Any]
    then: Mapping[str, Any]


class NaiveVerdict(NamedTuple):
    """What the rules of a phase add up to in one cell."""

    fired: tuple[str, ...]
    answers: Mapping[str, Said]
    deciders: Mapping[str, str]
    actions: tuple[tuple[str, str, str], ...]  # rule, kind, moment


class NaivePhase(NamedTuple):
    """The rules of one phase in the order of the file, and the domain of each fact."""

    phase: Phase
    facts: Mapping[str, tuple[str, ...]]
    rules: tuple[NaiveRule, ...]

    def answers(self) -> tuple[str, ...]:
        """The answers that the phase gives, in the order of the vocabulary."""
        return tuple(VOCABULARY[self.phase].answers)

    def verdict(self, cell: Mapping[str, str]) -> NaiveVerdict:
        """The verdict on a cell: for each answer, the first step that speaks to it decides."""
        fired = [rule for rule in self.rules if holds(rule, cell)]
        answers: dict[str, Said] = {}
        deciders: dict[str, str] = {}
        for rule in sorted(fired, key=lambda each: each.step):
            for answer, said in conclusions(self.phase, rule).items():
                if answer not in answers:
                    answers[answer] = said
                    deciders[answer] = rule.id
        actions = tuple(
            (rule.id, each["action"], each["at"]) for rule in fired for each in scheduled(rule)
        )
        return NaiveVerdict(tuple(rule.id for rule in fired), answers, deciders, actions)


def load_naively(path: Path) -> NaivePhase:
    """The phase of one file of a pack."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    facts = {fact: tuple(words) for fact, words in text["facts"].items()}
    for name in text.get("predicates") or {}:
        facts[name] = ("yes", "no", "unknown")
    rules = tuple(
        NaiveRule(rule["id"], number, rule["when"] or {}, rule["then"])
        for number, step in enumerate(text["steps"])
        for rule in step["rules"]
    )
    return NaivePhase(Phase(text["phase"]), facts, rules)


def holds(rule: NaiveRule, cell: Mapping[str, str]) -> bool:
    """Whether every condition of the rule is met."""
    return all(
        cell[fact] in (words if isinstance(words, list) else [words])
        for fact, words in rule.when.items()
    )


def conclusions(phase: Phase, rule: NaiveRule) -> dict[str, Said]:
    """What a rule says to each answer; reason, cause and fact go to the answer that takes them."""
    said: dict[str, Said] = {}
    for answer, spec in VOCABULARY[phase].answers.items():
        word = rule.then.get(answer)
        if word is None:
            continue
        reasoned, factual = word in spec.with_reason, word in spec.with_fact
        said[answer] = (
            word,
            rule.then.get("reason") if reasoned else None,
            rule.then.get("cause") if reasoned else None,
            rule.then.get("fact") if factual else None,
        )
    return said


def scheduled(rule: NaiveRule) -> list[Mapping[str, str]]:
    """The actions that a rule of the lifecycle phase schedules."""
    what = rule.then.get("schedule", [])
    return [{"action": what, "at": rule.then["at"]}] if isinstance(what, str) else what
