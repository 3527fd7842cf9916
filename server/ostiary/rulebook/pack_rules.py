"""Reading rules, conditions, conclusions and `never` statements of a rule pack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from ostiary.domain.actions import ALLOWED_MOMENTS, ActionKind, Moment
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Conclusion, Phase, Rule
from ostiary.domain.vocabulary import VOCABULARY, AnswerSpec, PhaseSpec
from ostiary.rulebook.faults import did_you_mean, quoted
from ostiary.rulebook.pack import NeverStatement, PackRule, When
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.pack_text import PackText, spot_of
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode

_RULE_ID = re.compile(r"[a-z][a-z0-9.-]*", re.ASCII)
_S_NUMBER = re.compile(r"S-[1-9][0-9]{0,2}", re.ASCII)
_QUALIFIERS = ("reason", "cause", "fact")

_T = TypeVar("_T")


class Qualifier(msgspec.Struct, frozen=True):
    """What stands beside an answer in `then`: a reason, its cause, or the missing fact."""

    reason: Code | None = None
    cause: Cause | None = None
    fact: str | None = None


class RuleReader:
    """Reads what stands below `steps` and `never` of one phase."""

    def __init__(
        self, text: PackText, phase: Phase, facts: Mapping[str, tuple[str, ...]], file: str
    ) -> None:
        self.text = text
        self.phase = phase
        self.spec: PhaseSpec = VOCABULARY[phase]
        self.facts = facts
        self.file = file  # relative to the folder of the pack

    def rule(self, node: Node, step: int) -> PackRule | None:
        """Give a rule, or None after reporting what keeps it from being one."""
        mapping = self.text.mapping(node, "a rule")
        if mapping is None:
            return None
        self.text.fields(mapping, "a rule", ("id", "for", "when", "then"), ("carries_out",))
        get = mapping.fields.get
        name = self.text.name(get("id"), "the id of a rule", _RULE_ID)
        sentence = self.text.text(get("for"), "`for`, the sentence of a rule,")
        carries_out = self._carries_out(get("carries_out"))
        when = self.when(get("when"))
        then = self.text.mapping(get("then"), "`then`")
        if then is None:
            return None
        says: tuple[tuple[str, Conclusion], ...] = ()
        schedules: tuple[tuple[ActionKind, Moment], ...] = ()
        if self.spec.schedules:
            schedules = self._schedules(then)
        else:
            says = self._says(then)
        if name is None or sentence is None or when is None or not (says or schedules):
            return None
        described = Rule(name, self.file, mapping.line, sentence, carries_out)
        return PackRule(described, spot_of(mapping), step, when, says, schedules)

    def when(self, node: Node | None) -> When | None:
        """Give the conditions in the order of the facts, each with its words in their order."""
        mapping = self.text.mapping(node, "`when`")
        if mapping is None:
            return None
        found: dict[str, tuple[str, ...]] = {}
        sound = True
        for fact, value in mapping.fields.items():
            words = self._condition(fact, mapping.keys[fact], value)
            sound = sound and words is not None
            found[fact] = words or ()
        return tuple((fact, found[fact]) for fact in self.facts if fact in found) if sound else None

    def _condition(self, fact: str, key: ScalarNode, value: Node) -> tuple[str, ...] | None:
        domain = self.facts.get(fact)
        if domain is None:
            known = "declare it under `facts` first" if fact in self.spec.facts else ""
            hint = did_you_mean(fact, self.facts) or (known and f"; {known}")
            message = f"this phase has no fact {quoted(fact)}{hint}"
            self.text.fault(key, PackCode.UNKNOWN_FACT, message)
            return None
        if isinstance(value, MappingNode):
            self.text.word(value, f"`{fact}`")
            return None
        wanted: set[str] = set()
        items = value.items if isinstance(value, SequenceNode) else [value]
        for item, word in self.text.words(value, f"`{fact}`"):
            if word in domain:
                wanted.add(word)
            else:
                hint = did_you_mean(word, domain) or f"; known: {', '.join(domain)}"
                message = f"`{fact}` is never {quoted(word)}{hint}"
                self.text.fault(item, PackCode.UNKNOWN_WORD, message)
        if len(wanted) != len(items):
            return None
        return tuple(word for word in domain if word in wanted)

    def _carries_out(self, node: Node | None) -> tuple[str, ...]:
        found = []
        for item in self.text.items(node, "`carries_out`"):
            word = self.text.word(item, "`carries_out`")
            if word is None:
                continue
            if _S_NUMBER.fullmatch(word):
                found.append(word)
            else:
                message = (
                    f"`carries_out` names rules of the semantics, S-1 and on, not {quoted(word)}"
                )
                self.text.fault(item, PackCode.BAD_TEXT, message)
        return tuple(found)

    def _says(self, then: MappingNode) -> tuple[tuple[str, Conclusion], ...]:
        answers = self.spec.answers
        for name in then.fields:
            if name not in answers and name not in _QUALIFIERS:
                hint = did_you_mean(name, (*answers, *_QUALIFIERS))
                message = (
                    f"this phase has no answer {quoted(name)}"
                    f"{hint or '; its answers: ' + ', '.join(answers)}"
                )
                self.text.fault(then.keys[name], PackCode.BAD_CONCLUSION, message)
        words = {
            answer: self.text.known_word(
                then.fields[answer], f"`{answer}`", spec.words, PackCode.UNKNOWN_WORD
            )
            for answer, spec in answers.items()
            if answer in then.fields
        }
        if not words and not set(then.fields) - set(_QUALIFIERS):
            message = f"`then` gives no answer; its answers: {', '.join(answers)}"
            self.text.fault(then, PackCode.BAD_CONCLUSION, message)
        qualifier = self._qualifier(then, words)
        if qualifier is None or None in words.values():
            return ()
        return tuple(
            (answer, _conclusion(answers[answer], word, qualifier))
            for answer, word in words.items()
            if word is not None
        )

    def _qualifier(self, then: MappingNode, words: Mapping[str, str | None]) -> Qualifier | None:
        """Give reason, cause and fact; they belong to the one answer whose word takes them."""
        answers = self.spec.answers
        given = [(answers[answer], word) for answer, word in words.items() if word is not None]
        reasoned = next((spec for spec, word in given if word in spec.with_reason), None)
        factual = next((spec for spec, word in given if word in spec.with_fact), None)
        reasons = {code.value: code for code in Code if reasoned and code in reasoned.reasons}
        reason = self._taken(then, "reason", reasons)
        sound = reason is not None or (reasoned is None and "reason" not in then.fields)
        causes = {cause.value: cause for cause in Cause if self._takes_cause(reason)}
        cause = self._taken(then, "cause", causes, needed=False)
        sound = sound and (cause is not None or "cause" not in then.fields)
        facts = {name: name for name in sorted(factual.facts)} if factual else {}
        fact = self._taken(then, "fact", facts)
        sound = sound and (fact is not None or (factual is None and "fact" not in then.fields))
        return Qualifier(reason, cause, fact) if sound else None

    def _takes_cause(self, reason: Code | None) -> bool:
        return self.phase is Phase.REQUESTOR_SCOPE and reason is Code.NOT_IN_SCOPE

    def _taken(
        self, then: MappingNode, name: str, known: Mapping[str, _T], *, needed: bool = True
    ) -> _T | None:
        node = then.fields.get(name)
        if node is None:
            if known and needed:
                message = f"this answer needs a `{name}`; known: {', '.join(known)}"
                self.text.fault(then, PackCode.BAD_CONCLUSION, message)
            return None
        if not known:
            message = f"none of the answers here takes a `{name}`"
            self.text.fault(then.keys[name], PackCode.BAD_CONCLUSION, message)
            return None
        word = self.text.known_word(node, f"`{name}`", known, PackCode.UNKNOWN_WORD)
        return None if word is None else known[word]

    def _schedules(self, then: MappingNode) -> tuple[tuple[ActionKind, Moment], ...]:
        schedule = then.fields.get("schedule")
        if isinstance(schedule, SequenceNode):
            self.text.fields(then, "`then`", ("schedule",))
            found = [self._listed(item) for item in self.text.items(schedule, "`schedule`")]
        else:
            self.text.fields(then, "`then`", ("schedule", "at"))
            found = [self._action(then, "schedule")]
        seen: set[tuple[ActionKind, Moment]] = set()
        for action, item in zip(found, _nodes(schedule), strict=False):
            if action is not None and action in seen:
                message = f"{action[0].value} at {action[1].value} is scheduled twice"
                self.text.fault(item, PackCode.DUPLICATE, message)
            elif action is not None:
                seen.add(action)
        return tuple(action for action in found if action is not None) if None not in found else ()

    def _listed(self, node: Node) -> tuple[ActionKind, Moment] | None:
        mapping = self.text.mapping(node, "an entry of `schedule`")
        if mapping is None:
            return None
        self.text.fields(mapping, "an entry of `schedule`", ("action", "at"))
        return self._action(mapping, "action")

    def _action(self, node: MappingNode, field: str) -> tuple[ActionKind, Moment] | None:
        kinds = {kind.value: kind for kind in ActionKind}
        moments = {moment.value: moment for moment in Moment}
        named = node.fields.get(field)
        word = self.text.known_word(named, f"`{field}`", kinds, PackCode.UNKNOWN_WORD)
        at = self.text.known_word(node.fields.get("at"), "`at`", moments, PackCode.UNKNOWN_WORD)
        if word is None or at is None:
            return None
        kind, moment = kinds[word], moments[at]
        allowed = ALLOWED_MOMENTS[kind]
        if moment not in allowed:
            right = " or ".join(sorted(each.value for each in allowed))
            message = f"{word} cannot be scheduled at {at}, only at {right}"
            self.text.fault(node.fields["at"], PackCode.BAD_CONCLUSION, message)
            return None
        return kind, moment

    def never(self, node: Node) -> NeverStatement | None:
        """Give a `never` statement, or None after reporting what keeps it from being one."""
        mapping = self.text.mapping(node, "a `never` statement")
        if mapping is None:
            return None
        self.text.fields(mapping, "a `never` statement", ("answer", "word", "when"))
        get = mapping.fields.get
        answers = self.spec.answers
        code = PackCode.BAD_CONCLUSION
        answer = self.text.known_word(get("answer"), "`answer`", answers, code)
        words = answers[answer].words if answer is not None else ()
        word = self.text.known_word(get("word"), "`word`", words, code) if words else None
        when = self.when(get("when"))
        if answer is None or word is None or when is None:
            return None
        return NeverStatement(spot_of(mapping), answer, word, when)


def _nodes(schedule: Node | None) -> Iterator[Node]:
    if isinstance(schedule, SequenceNode):
        yield from schedule.items
    elif schedule is not None:
        yield schedule


def _conclusion(spec: AnswerSpec, word: str, qualifier: Qualifier) -> Conclusion:
    reasoned, factual = word in spec.with_reason, word in spec.with_fact
    return Conclusion(
        word,
        reason=qualifier.reason if reasoned else None,
        cause=qualifier.cause if reasoned else None,
        fact=qualifier.fact if factual else None,
    )
