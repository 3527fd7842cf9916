"""The mistakes that can be made in a rule pack, each once, in the order of the pack.

Operators work on the rules as they were read, so that a mutant is always well formed; whether it
may be loaded is for the checks to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from ostiary.analysis.mutation.mutants import (
    Change,
    PackMutant,
    condition,
    rule_lines,
    then_line,
    when_line,
)
from ostiary.domain.actions import ALLOWED_MOMENTS, ActionKind, Moment
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Conclusion, Phase
from ostiary.domain.vocabulary import AnswerSpec
from ostiary.rulebook.pack import Pack, PackPhase, PackRule

_T = TypeVar("_T")
_Makers = tuple[Callable[[PackPhase, int], Iterator[PackMutant]], ...]


def pack_mutants(pack: Pack) -> Iterator[PackMutant]:
    """Give all mutants of a pack: phase by phase, rule by rule, then its steps."""
    for phase in pack.phases.values():
        for number in range(len(phase.rules)):
            for maker in _OF_A_RULE:
                yield from maker(phase, number)
        yield from _swap_steps(phase)


def _with_rule(phase: PackPhase, number: int, rule: PackRule) -> PackPhase:
    rules = (*phase.rules[:number], rule, *phase.rules[number + 1 :])
    return replace(phase, rules=rules)


def _changed(phase: PackPhase, number: int, how: str, sentence: str, rule: PackRule) -> PackMutant:
    """Give the mutant that has another rule in the place of one; `how` begins with its operator."""
    old = phase.rules[number]
    lines = ((when_line(old), when_line(rule)), (then_line(old), then_line(rule)))
    change = Change(
        old.rule.file,
        old.rule.line,
        tuple(before for before, after in lines if before != after),
        tuple(after for before, after in lines if before != after),
    )
    operator = how.partition(".")[0]
    changed = _with_rule(phase, number, rule)
    region = _around(old, rule)
    return PackMutant(f"{old.rule.id}/{how}", operator, sentence, change, changed, region)


def _around(*rules: PackRule) -> Mapping[str, frozenset[str]]:
    """Give a box around all cells in which one of these rules fires."""
    conditions = [dict(rule.when) for rule in rules]
    facts = [fact for fact in conditions[0] if all(fact in when for when in conditions)]
    return {fact: frozenset(word for when in conditions for word in when[fact]) for fact in facts}


def _drop_rule(phase: PackPhase, number: int) -> Iterator[PackMutant]:
    rule = phase.rules[number]
    rest = (*phase.rules[:number], *phase.rules[number + 1 :])
    yield PackMutant(
        f"{rule.rule.id}/drop-rule",
        "drop-rule",
        f"the rule `{rule.rule.id}` is gone",
        Change(rule.rule.file, rule.rule.line, rule_lines(rule), ()),
        replace(phase, rules=rest),
        _around(rule),
    )


def _conditions(phase: PackPhase, number: int) -> Iterator[PackMutant]:
    """Drop each condition, widen it by each word that it lacks, narrow it by each that it has."""
    rule = phase.rules[number]
    name, domains = rule.rule.id, dict(phase.facts)
    for at, (fact, words) in enumerate(rule.when):
        rest = (*rule.when[:at], *rule.when[at + 1 :])
        without = replace(rule, when=rest)
        sentence = f"`{name}` no longer asks for `{condition(fact, words)}`"
        yield _changed(phase, number, f"drop-condition.{fact}", sentence, without)
        lacking = [word for word in domains[fact] if word not in words]
        for word in lacking if len(lacking) > 1 else ():  # else it is the same as to drop it
            more = tuple(one for one in domains[fact] if one in words or one == word)
            sentence = f"`{name}` also applies where `{fact}` is {word}"
            wider = replace(rule, when=_put(rule.when, at, fact, more))
            yield _changed(phase, number, f"widen.{fact}.{word}", sentence, wider)
        for word in words if len(words) > 1 else ():
            fewer = tuple(one for one in words if one != word)
            sentence = f"`{name}` no longer applies where `{fact}` is {word}"
            narrower = replace(rule, when=_put(rule.when, at, fact, fewer))
            yield _changed(phase, number, f"narrow.{fact}.{word}", sentence, narrower)


def _put(
    when: tuple[tuple[str, tuple[str, ...]], ...], at: int, fact: str, words: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (*when[:at], (fact, words), *when[at + 1 :])


def _answers(phase: PackPhase, number: int) -> Iterator[PackMutant]:
    """Flip each answer to each other word, drop it if there is another, change what is beside it.

    A word that needs a reason or a fact gets the first that is allowed there.
    """
    rule = phase.rules[number]
    name = rule.rule.id
    for at, (answer, said) in enumerate(rule.says):
        spec = phase.spec.answers[answer]
        for word in spec.words:
            if word != said.word:
                other = replace(rule, says=_said(rule, at, _conclusion(spec, word)))
                sentence = f"`{name}` answers `{answer}: {word}` in the place of {said.word}"
                yield _changed(phase, number, f"flip-answer.{answer}.{word}", sentence, other)
        if len(rule.says) > 1:
            fewer = replace(rule, says=(*rule.says[:at], *rule.says[at + 1 :]))
            sentence = f"`{name}` no longer answers `{answer}`"
            yield _changed(phase, number, f"drop-answer.{answer}", sentence, fewer)
        for how, word, beside in _beside(phase, spec, said):
            other = replace(rule, says=_said(rule, at, beside))
            sentence = f"`{name}` gives the {how} {word} with `{answer}: {said.word}`"
            yield _changed(phase, number, f"flip-{how}.{word}", sentence, other)


def _said(rule: PackRule, at: int, conclusion: Conclusion) -> tuple[tuple[str, Conclusion], ...]:
    return (*rule.says[:at], (rule.says[at][0], conclusion), *rule.says[at + 1 :])


def _conclusion(spec: AnswerSpec, word: str) -> Conclusion:
    reasons = [code for code in Code if code in spec.reasons]
    facts = sorted(spec.facts)
    return Conclusion(
        word,
        reason=reasons[0] if word in spec.with_reason else None,
        fact=facts[0] if word in spec.with_fact else None,
    )


def _beside(
    phase: PackPhase, spec: AnswerSpec, said: Conclusion
) -> Iterator[tuple[str, str, Conclusion]]:
    """Give the conclusion with the next reason, the next cause, the next missing fact."""
    if said.reason is not None:
        code = _next([code for code in Code if code in spec.reasons], said.reason)
        if code is not None:
            yield "reason", code.value, replace(said, reason=code, cause=None)
        if phase.phase is Phase.REQUESTOR_SCOPE and said.reason is Code.NOT_IN_SCOPE:
            cause = next(iter(Cause)) if said.cause is None else _next(list(Cause), said.cause)
            if cause is not None:
                yield "cause", cause.value, replace(said, cause=cause)
    if said.fact is not None:
        fact = _next(sorted(spec.facts), said.fact)
        if fact is not None:
            yield "fact", fact, replace(said, fact=fact)


def _next(known: list[_T], one: _T) -> _T | None:
    """Give the one after, round and round; None if there is no other."""
    other = known[(known.index(one) + 1) % len(known)]
    return None if other == one else other


def _actions(phase: PackPhase, number: int) -> Iterator[PackMutant]:
    """Drop an action of several, schedule it at another moment, or another action there."""
    rule = phase.rules[number]
    name = rule.rule.id
    for at, (kind, moment) in enumerate(rule.schedules):
        if len(rule.schedules) > 1:
            fewer = replace(rule, schedules=(*rule.schedules[:at], *rule.schedules[at + 1 :]))
            sentence = f"`{name}` no longer schedules {kind.value}"
            yield _changed(phase, number, f"drop-action.{kind.value}", sentence, fewer)
        for other in Moment:
            if other is not moment and other in ALLOWED_MOMENTS[kind]:
                changed = _scheduled(rule, at, (kind, other))
                sentence = f"`{name}` schedules {kind.value} at {other.value}"
                how = f"flip-moment.{kind.value}.{other.value}"
                yield _changed(phase, number, how, sentence, changed)
        for instead in ActionKind:
            if instead is not kind and moment in ALLOWED_MOMENTS[instead]:
                changed = _scheduled(rule, at, (instead, moment))
                sentence = f"`{name}` schedules {instead.value} in the place of {kind.value}"
                how = f"flip-action.{kind.value}.{instead.value}"
                yield _changed(phase, number, how, sentence, changed)


def _scheduled(rule: PackRule, at: int, action: tuple[ActionKind, Moment]) -> PackRule:
    schedules = (*rule.schedules[:at], action, *rule.schedules[at + 1 :])
    return replace(rule, schedules=tuple(dict.fromkeys(schedules)))


def _places(phase: PackPhase, number: int) -> Iterator[PackMutant]:
    """Move a rule into the step before and after it, and change places with the next rule."""
    rule = phase.rules[number]
    rules = list(phase.rules)
    for step, how in ((rule.step - 1, "move-up"), (rule.step + 1, "move-down")):
        if 0 <= step < len(phase.steps):
            moved = replace(rule, step=step)
            rest = [one for one in rules if one is not rule]
            # past all rules of that step: within its own order nothing would be overtaken
            passed = step - 1 if how == "move-up" else step
            at = sum(one.step <= passed for one in rest)
            yield _reordered(
                phase,
                f"{rule.rule.id}/{how}",
                f"`{rule.rule.id}` stands in the step `{phase.steps[step]}`",
                (*rest[:at], moved, *rest[at:]),
                _change(
                    rule,
                    (f"step: {phase.steps[rule.step]}",),
                    (f"step: {phase.steps[step]}",),
                ),
                _around(rule),
            )
    if number + 1 < len(rules):
        other = rules[number + 1]
        swapped = list(rules)
        swapped[number] = replace(other, step=rule.step)
        swapped[number + 1] = replace(rule, step=other.step)
        yield _reordered(
            phase,
            f"{rule.rule.id}/swap-rules.{other.rule.id}",
            f"`{rule.rule.id}` and `{other.rule.id}` have changed places",
            tuple(swapped),
            _change(
                rule,
                (f"- id: {rule.rule.id}", f"- id: {other.rule.id}"),
                (f"- id: {other.rule.id}", f"- id: {rule.rule.id}"),
            ),
            _around(rule, other),
        )


def _swap_steps(phase: PackPhase) -> Iterator[PackMutant]:
    """Let each step change places with the next."""
    for step in range(len(phase.steps) - 1):
        first = [rule for rule in phase.rules if rule.step == step]
        second = [rule for rule in phase.rules if rule.step == step + 1]
        if not first or not second:
            continue
        steps = list(phase.steps)
        steps[step], steps[step + 1] = steps[step + 1], steps[step]
        moved = {id(rule): replace(rule, step=step + 1) for rule in first}
        moved |= {id(rule): replace(rule, step=step) for rule in second}
        rules = [moved.get(id(rule), rule) for rule in phase.rules]
        changed = replace(phase, steps=tuple(steps))
        yield _reordered(
            changed,
            f"{phase.phase.value}/swap-steps.{step + 1}",
            f"the steps `{phase.steps[step]}` and `{phase.steps[step + 1]}` have changed places",
            tuple(sorted(rules, key=lambda rule: rule.step)),
            _change(
                first[0],
                (f"- step: {phase.steps[step]}", f"- step: {phase.steps[step + 1]}"),
                (f"- step: {phase.steps[step + 1]}", f"- step: {phase.steps[step]}"),
            ),
            _around(*first, *second),
        )


def _reordered(
    phase: PackPhase,
    name: str,
    sentence: str,
    rules: tuple[PackRule, ...],
    change: Change,
    region: Mapping[str, frozenset[str]],
) -> PackMutant:
    operator = name.partition("/")[2].partition(".")[0]
    return PackMutant(name, operator, sentence, change, replace(phase, rules=rules), region)


def _change(at: PackRule, removed: tuple[str, ...], added: tuple[str, ...]) -> Change:
    return Change(at.rule.file, at.rule.line, removed, added)


_OF_A_RULE: _Makers = (_drop_rule, _conditions, _answers, _actions, _places)
