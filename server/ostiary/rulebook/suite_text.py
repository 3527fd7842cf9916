"""Writes suites as people write them, for tests that were found and not thought of.

What is written is read back by `suite_file`, and says the same.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ostiary.rulebook.times import spell_duration

WIDEST = 110  # columns; what does not fit goes below


class Empty(enum.Enum):
    """A field that is written without a value, which takes it out of what is changed."""

    EMPTY = "null"


EMPTY = Empty.EMPTY

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.@+/-]*(?: [A-Za-z0-9_.@+/(-][A-Za-z0-9_.@+/()-]*)*")
_NOT_PLAIN = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})


def write_suite(
    title: str,
    tests: Sequence[Mapping[str, Any]],
    *,
    remarks: Sequence[str] = (),
    **fields: Any,
) -> str:
    """Give the text of a suite; `fields` are tenant, rules, profile, fixtures or about.

    Tests are mappings as files say them, with plain texts, numbers, truth values, enumerations,
    aware instants and exact lengths of time as values. What is None is left out; what is EMPTY
    stands there without a value.
    """
    lines = [f"# {remark}" for remark in remarks]
    lines.append(f"suite: {_scalar(title)}")
    for name, value in fields.items():
        if value is not None:
            lines += _field(name, value, 0)
    lines += ["", "tests:", *_tests(tests)]
    return "\n".join(lines) + "\n"


def write_tests(tests: Sequence[Mapping[str, Any]]) -> str:
    """Give the text of tests as entries of `tests:`, to stand at the end of a file."""
    return "\n".join(_tests(tests)) + "\n"


def _tests(tests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, test in enumerate(tests):
        if number:
            yield ""
        yield from _item(test, 2)


def _field(name: str, value: Any, indent: int) -> list[str]:
    """Give a field on one line if it fits, else with what it holds below it."""
    begin = " " * indent + f"{_key(name)}:"
    if len(begin) + len(line := flow(value)) < WIDEST or not _holds(value):
        return [f"{begin} {line}"]
    lines = [begin]
    if isinstance(value, Mapping):
        for key, child in value.items():
            if child is not None:
                lines += _field(key, child, indent + 2)
    else:
        for child in value:
            lines += _item(child, indent + 2)
    return lines


def _item(value: Any, indent: int) -> list[str]:
    line = flow(value)
    named = isinstance(value, Mapping) and "name" in value  # a test: always one field a line
    if not named and (indent + 2 + len(line) < WIDEST or not _holds(value)):
        return [" " * indent + f"- {line}"]
    if not isinstance(value, Mapping):
        return [" " * indent + f"- {line}"]
    lines: list[str] = []
    for key, child in value.items():
        if child is not None:
            lines += _field(key, child, indent + 2)
    lines[0] = " " * indent + "- " + lines[0].lstrip()
    return lines


def _holds(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | list | tuple)


def flow(value: Any) -> str:
    """Give a value on one line, as a suite writes it."""
    if isinstance(value, Mapping):
        said = ((key, child) for key, child in value.items() if child is not None)
        return "{" + ", ".join(f"{_key(key)}: {flow(child)}" for key, child in said) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _scalar(value)


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _scalar(value: Any) -> str:
    if value is EMPTY:
        return "null"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, timedelta):
        return f"-{spell_duration(-value)}" if value < timedelta(0) else spell_duration(value)
    if not isinstance(value, str):
        raise TypeError(f"a suite cannot hold a {type(value).__name__}")
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _instant(at: datetime) -> str:
    whole = at.isoformat(timespec="minutes" if not (at.second or at.microsecond) else "auto")
    return whole.replace("+00:00", "Z")
