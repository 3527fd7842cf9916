"""Which rules and classes of cells of a pack differ from an older pack.

A rule is changed if the older pack has none of its id that says the same under the same conditions.
A class of cells is changed if, in one of its cells, other rules fired before (by their ids) or they
came to other answers or actions. Facts that only one of the packs knows may have any word.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.analysis.coverage.pack import Wanted
from ostiary.domain.tables import Phase
from ostiary.rulebook.pack import Pack, PackPhase, PackRule, When
from ostiary.rulebook.reference import Reference
from ostiary.rulebook.verdicts import Judge, Verdict


def changed_since(old: Pack, new: Pack) -> Mapping[Phase, Wanted]:
    """Give what of the new pack is not as it was in the old one.

    Raises TooManyOutcomesError if the rules of both packs together can be combined in more ways
    than can be looked at.
    """
    return {phase: _changed(old.phases[phase], new.phases[phase]) for phase in new.phases}


def _changed(old: PackPhase, new: PackPhase) -> Wanted:
    known = {_content(rule, new) for rule in old.rules}
    rules = sum(
        1 << number for number, rule in enumerate(new.rules) if _content(rule, new) not in known
    )
    width = len(new.rules)
    low = (1 << width) - 1
    now, then = _Spoken(new), _Spoken(old)
    classes = {
        outcome.fired & low
        for outcome in Reference(joined(new, old)).outcomes()
        if now.of(outcome.fired & low) != then.of(outcome.fired >> width)
    }
    return Wanted(rules, frozenset(classes))


def joined(first: PackPhase, second: PackPhase) -> PackPhase:
    """Give a phase with the rules of both, the first's before the second's, over all facts."""
    facts = dict(first.facts)
    for fact, words in second.facts:
        facts.setdefault(fact, words)
    rules = tuple(
        msgspec.structs.replace(rule, when=_in_order(rule.when, tuple(facts)))
        for rule in (*first.rules, *second.rules)
    )
    return msgspec.structs.replace(first, facts=tuple(facts.items()), rules=rules, nevers=())


def _in_order(when: When, facts: tuple[str, ...]) -> When:
    conditions = dict(when)
    return tuple((fact, conditions[fact]) for fact in facts if fact in conditions)


def _content(rule: PackRule, phase: PackPhase) -> object:
    """Give what a rule does, apart from its sentence, its step and its place."""
    domains = dict(phase.facts)
    when = {
        fact: frozenset(words)
        for fact, words in rule.when
        if set(words) != set(domains.get(fact, ()))  # every word: no condition at all
    }
    return (rule.rule.id, frozenset(when.items()), frozenset(rule.says), rule.schedules)


class _Spoken:
    """What the rules that fire together say, as two packs can be compared by it."""

    def __init__(self, phase: PackPhase) -> None:
        self._judge = Judge(phase)
        self._known: dict[int, object] = {}

    def of(self, fired: int) -> object:
        """Give the ids of the rules and their answers and actions."""
        said = self._known.get(fired)
        if said is None:
            said = self._known.setdefault(fired, _said(self._judge.verdict(fired)))
        return said


def _said(verdict: Verdict) -> object:
    return (
        frozenset(rule.id for rule in verdict.fired),
        verdict.answers,
        frozenset((action.kind, action.moment) for action in verdict.actions),
    )
