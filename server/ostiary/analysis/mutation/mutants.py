"""A mutant: one mistake made on purpose, with what it changes and where."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.domain.enumeration import Enumeration
from ostiary.rulebook.pack import PackPhase, PackRule


class Fate(Enumeration):
    """What became of a mutant."""

    EQUAL = "equal"  # says the same in every cell: no mistake at all
    REFUSED = "refused"  # loading refuses it, so it can never be in force
    KILLED = "killed"  # a test fails
    SURVIVED = "survived"  # nothing sees it


class Change(msgspec.Struct, frozen=True):
    """What a mutant does to the text: lines that go and lines that come, and where they stand."""

    file: str  # relative to the folder of the pack or tenant
    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}"]
        lines += [f"- {line}" for line in self.removed]
        lines += [f"+ {line}" for line in self.added]
        return "\n".join(lines)


class PackMutant(msgspec.Struct, frozen=True):
    """A mutant of one phase of a rule pack."""

    id: str  # what is changed, then how: `limits.granted/drop-when.approval`
    operator: str
    sentence: str
    change: Change
    phase: PackPhase
    # where anything can differ: the cells in which a rule that is changed fires, or fired; a
    # wider box does no harm, and {} is all cells
    region: Mapping[str, frozenset[str]]


def condition(fact: str, words: tuple[str, ...]) -> str:
    """Give a condition as a file has it."""
    return f"{fact}: {_listed(words)}"


def when_line(rule: PackRule) -> str:
    """Give all conditions of a rule as a file has them."""
    return f"when: {{{', '.join(condition(fact, words) for fact, words in rule.when)}}}"


def then_line(rule: PackRule) -> str:
    """Give the conclusion of a rule as a file has it."""
    parts: list[str] = []
    for answer, said in rule.says:
        parts.append(f"{answer}: {_quoted(said.word)}")
        if said.reason is not None:
            parts.append(f"reason: {said.reason.value}")
        if said.cause is not None:
            parts.append(f"cause: {said.cause.value}")
        if said.fact is not None:
            parts.append(f"fact: {said.fact}")
    if len(rule.schedules) == 1:
        ((kind, moment),) = rule.schedules
        parts += [f"schedule: {kind.value}", f"at: {moment.value}"]
    elif rule.schedules:
        listed = [f"{{action: {kind.value}, at: {at.value}}}" for kind, at in rule.schedules]
        parts.append(f"schedule: [{', '.join(listed)}]")
    return f"then: {{{', '.join(parts)}}}"


def rule_lines(rule: PackRule) -> tuple[str, ...]:
    """Give a rule as a file has it, without its sentence."""
    return (f"- id: {rule.rule.id}", f"  {when_line(rule)}", f"  {then_line(rule)}")


def _listed(words: tuple[str, ...]) -> str:
    return _quoted(words[0]) if len(words) == 1 else f"[{', '.join(map(_quoted, words))}]"


def _quoted(word: str) -> str:
    """Give a word as YAML needs it: what it would take for a boolean stands in quotes."""
    return f'"{word}"' if word in ("yes", "no", "on", "off", "true", "false", "null") else word
