"""The JSON Schema of a rule pack's files, written from the vocabulary for editors to complete."""

from __future__ import annotations

from typing import Any

from ostiary.domain.actions import ALLOWED_MOMENTS
from ostiary.domain.reasons import Cause
from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY, YES_NO_UNKNOWN, PhaseSpec
from ostiary.rulebook.pack_predicates import LONGEST_VALUE, MOST_VALUES
from ostiary.rulebook.pack_text import LONGEST_NAME, LONGEST_SENTENCE

JsonSchema = dict[str, Any]

_SENTENCE: JsonSchema = {"type": "string", "minLength": 1, "maxLength": LONGEST_SENTENCE}


def rule_pack_schema() -> JsonSchema:
    """Give the schema of one file of a rule pack; what a phase knows depends on its name."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One phase of an Ostiary rule pack",
        "type": "object",
        "additionalProperties": False,
        "required": ["phase", "facts", "steps"],
        "properties": {
            "phase": {"enum": [phase.value for phase in Phase]},
            "about": _SENTENCE,
            "facts": {"type": "object"},
            "predicates": {"type": "object", "additionalProperties": _predicate()},
            "steps": {"type": "array", "minItems": 1, "items": _step()},
            "never": {"type": "array", "minItems": 1},
        },
        "allOf": [
            {
                "if": {"properties": {"phase": {"const": phase.value}}, "required": ["phase"]},
                "then": {"properties": _phase(phase, spec)},
            }
            for phase, spec in VOCABULARY.items()
        ],
        "$defs": {f"{phase.value}_when": _when(spec) for phase, spec in VOCABULARY.items()},
    }


def _phase(phase: Phase, spec: PhaseSpec) -> JsonSchema:
    when = {"$ref": f"#/$defs/{phase.value}_when"}
    rule = {"properties": {"when": when, "then": _then(spec)}}
    step = {"properties": {"rules": {"items": rule}}}
    return {
        "facts": {
            "additionalProperties": False,
            "properties": {fact: _all_of(words) for fact, words in spec.facts.items()},
        },
        "steps": {"items": step},
        "never": {"items": _never(spec, when)} if spec.answers else False,
    }


def _step() -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["step", "rules"],
        "description": "Read from the top: the first step that speaks to an answer decides it.",
        "properties": {
            "step": _SENTENCE,
            "rules": {"type": "array", "minItems": 1, "items": _rule()},
        },
    }


def _rule() -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "for", "when", "then"],
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9.-]*$", "maxLength": LONGEST_NAME},
            "for": {**_SENTENCE, "description": "What the rule is for, as a sentence."},
            "carries_out": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": "^S-[1-9][0-9]{0,2}$"},
            },
            "when": {"type": "object", "description": "All must hold; {} holds always."},
            "then": {"type": "object"},
        },
    }


def _when(spec: PhaseSpec) -> JsonSchema:
    return {
        "type": "object",
        "properties": {fact: _some_of(words) for fact, words in spec.facts.items()},
        "additionalProperties": {
            **_some_of(YES_NO_UNKNOWN),
            "description": "A predicate of this file.",
        },
    }


def _then(spec: PhaseSpec) -> JsonSchema:
    if spec.schedules:
        return _schedule()
    answers = spec.answers
    properties: JsonSchema = {name: {"enum": list(each.words)} for name, each in answers.items()}
    reasons = sorted({code.value for each in answers.values() for code in each.reasons})
    facts = sorted({fact for each in answers.values() for fact in each.facts})
    if reasons:
        properties["reason"] = {"enum": reasons}
    if spec is VOCABULARY[Phase.REQUESTOR_SCOPE]:
        properties["cause"] = {"enum": [cause.value for cause in Cause]}
    if facts:
        properties["fact"] = {"enum": facts, "description": "The fact that is missing."}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "anyOf": [{"required": [name]} for name in answers],
    }


def _schedule() -> JsonSchema:
    actions = [
        (kind.value, {"enum": sorted(moment.value for moment in moments)})
        for kind, moments in ALLOWED_MOMENTS.items()
    ]
    one = [
        _closed({"schedule": {"const": kind}, "at": moments}, "schedule", "at")
        for kind, moments in actions
    ]
    several = {
        "type": "array",
        "minItems": 1,
        "items": {
            "anyOf": [
                _closed({"action": {"const": kind}, "at": moments}, "action", "at")
                for kind, moments in actions
            ]
        },
    }
    return {"anyOf": [*one, _closed({"schedule": several}, "schedule")]}


def _never(spec: PhaseSpec, when: JsonSchema) -> JsonSchema:
    return {
        "anyOf": [
            _closed(
                {"answer": {"const": name}, "word": {"enum": list(each.words)}, "when": when},
                *("answer", "word", "when"),
            )
            for name, each in spec.answers.items()
        ]
    }


def _predicate() -> JsonSchema:
    text = {"type": ["string", "number", "boolean"], "maxLength": LONGEST_VALUE}
    operators: JsonSchema = {
        "equals": text,
        "in": {"type": "array", "minItems": 1, "maxItems": MOST_VALUES, "items": text},
        "starts_with": text,
        "present": {"enum": ["yes", True]},
    }
    attribute = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]*$"}
    return {
        "description": "A condition over an attribute of the person; a fact of this phase.",
        "oneOf": [
            _closed({"attribute": attribute, name: shape}, "attribute", name)
            for name, shape in operators.items()
        ],
    }


def _closed(properties: JsonSchema, *required: str) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _some_of(words: tuple[str, ...]) -> JsonSchema:
    several = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(words)}}
    return {"anyOf": [{"enum": list(words)}, several]}


def _all_of(words: tuple[str, ...]) -> JsonSchema:
    return {**_some_of(words)["anyOf"][1], "minItems": len(words), "maxItems": len(words)}
