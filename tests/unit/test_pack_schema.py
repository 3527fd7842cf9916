"""The JSON Schema of rule packs: it lets every sound pack pass and catches what editors should."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ostiary.rulebook.pack_schema import rule_pack_schema
from ostiary.rulebook.tabulate import standard_pack_dir
from tests.packs.building import SMALL, changed

SCHEMA = rule_pack_schema()
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "boolean": bool,
}
SAID = {"$schema", "$defs", "title", "description", "then"}


def fits(value: Any, schema: Any) -> bool:
    """Whether a value fits a schema, for the keywords that our schemas use and no others."""
    if isinstance(schema, bool):
        return schema
    return all(
        CHECKS[name](value, wanted, schema) for name, wanted in schema.items() if name not in SAID
    )


def _type(value: Any, wanted: Any, _: Any) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(
        isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in names
    )


def _extra(value: Any, wanted: Any, schema: Any) -> bool:
    known = schema.get("properties", {})
    extra = [item for key, item in value.items() if key not in known]
    return all(fits(item, wanted) for item in extra)


def _properties(value: Any, wanted: Any, _: Any) -> bool:
    return all(fits(value[key], each) for key, each in wanted.items() if key in value)


CHECKS: dict[str, Any] = {
    "type": _type,
    "enum": lambda value, wanted, _: any(value == w and type(value) is type(w) for w in wanted),
    "const": lambda value, wanted, _: value == wanted,
    "properties": lambda v, wanted, _: not isinstance(v, dict) or _properties(v, wanted, _),
    "additionalProperties": lambda v, wanted, s: not isinstance(v, dict) or _extra(v, wanted, s),
    "required": lambda v, wanted, _: not isinstance(v, dict) or set(wanted) <= set(v),
    "items": lambda v, wanted, _: not isinstance(v, list) or all(fits(i, wanted) for i in v),
    "minItems": lambda v, wanted, _: not isinstance(v, list) or len(v) >= wanted,
    "maxItems": lambda v, wanted, _: not isinstance(v, list) or len(v) <= wanted,
    "uniqueItems": lambda v, _, __: not isinstance(v, list) or len(set(map(str, v))) == len(v),
    "minLength": lambda v, wanted, _: not isinstance(v, str) or len(v) >= wanted,
    "maxLength": lambda v, wanted, _: not isinstance(v, str) or len(v) <= wanted,
    "pattern": lambda v, wanted, _: not isinstance(v, str) or bool(re.search(wanted, v)),
    "anyOf": lambda v, wanted, _: any(fits(v, each) for each in wanted),
    "oneOf": lambda v, wanted, _: sum(fits(v, each) for each in wanted) == 1,
    "allOf": lambda v, wanted, _: all(fits(v, each) for each in wanted),
    "if": lambda v, wanted, s: not fits(v, wanted) or fits(v, s["then"]),
    "$ref": lambda v, wanted, _: fits(v, SCHEMA["$defs"][wanted.removeprefix("#/$defs/")]),
}


def read(path: Path) -> Any:
    """A file as an editor reads it."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path",
    [
        *(p for p in sorted(standard_pack_dir().glob("*.yaml")) if not p.stem.endswith("_test")),
        *sorted(SMALL.glob("*.yaml")),
    ],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_sound_packs_pass(path: Path) -> None:
    assert fits(read(path), SCHEMA)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("requestor_scope", "phase: requestor_scope", "phase: requestor_scop"),
        ("requestor_scope", "about:", "abuot:"),
        ("requestor_scope", "policy: [enabled, disabled]", "policy: [enabled]"),
        ("requestor_scope", "policy: [enabled, disabled]", "polcy: [enabled, disabled]"),
        ("requestor_scope", "when: {policy: disabled}\n", "when: {policy: diabled}\n"),
        ("requestor_scope", 'contractor: "no"', "contractor: no"),
        ("requestor_scope", "equals: contractor", "equals: a, in: [b]"),
        ("requestor_scope", "POLICY_DISABLED", "LIMIT_EXCEEDED"),
        ("requestor_scope", "{scope: unknown, fact: type}", "{visible: 'yes'}"),
        ("requestor_scope", "answer: scope, word: in", "answer: scope, word: enabled"),
        ("requestor_scope", "id: scope.guests", "id: Scope guests"),
        ("requestor_scope", "[S-28]", "[S28]"),
        ("lifecycle", "at: assignment_start", "at: assignment_end"),
        ("lifecycle", "{schedule: GRANT, at: assignment_start}", "{schedule: GRANT}"),
        ("lifecycle", "steps:", "never: [{answer: scope, word: in, when: {}}]\nsteps:"),
    ],
)
def test_faults_that_an_editor_shows(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert not fits(read(changed(tmp_path, file, old, new) / f"{file}.yaml"), SCHEMA)
