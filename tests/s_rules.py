"""Prints each S-rule with the tests that name it; exits 1 if a rule that can be tested has none."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TOKEN = re.compile(r"(?<![\w-])S-(\d+)(?!\d)")
SHOWN = 3
OWN_FILES = frozenset({"s_rules.py", "test_s_rules.py"})  # they name rules only as samples


class Rule(NamedTuple):
    """One rule of the list; `waits` is empty when the rule must have a test now."""

    number: int
    area: str
    title: str
    waits: str


class Function(NamedTuple):
    """A test function and the lines it covers, decorators included."""

    name: str
    first: int
    last: int


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of the list, in its order; a malformed or repeated line is a ValueError."""
    rules: dict[int, Rule] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match [column.strip() for column in line.split("|")]:
            case [name, area, title]:
                waits = ""
            case [name, area, title, waits] if waits.startswith("waits: "):
                pass
            case _:
                raise ValueError(f"line {number}: expected number | area | title | waits: ...")
        token = TOKEN.fullmatch(name)
        if token is None or int(token[1]) in rules:
            raise ValueError(f"line {number}: not a new rule: {name}")
        rules[int(token[1])] = Rule(int(token[1]), area, title, waits)
    return tuple(rules.values())


def functions(source: str) -> tuple[Function, ...]:
    """The functions of a module that pytest collects, methods of test classes included."""
    return tuple(
        Function(node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)]), end)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test")
        and (end := node.end_lineno) is not None
    )


def mentions_in_python(source: str) -> Iterator[tuple[int, str]]:
    """Each rule named in a module, with the test function that names it; "" for the module."""
    found = functions(source)
    if not found:  # an oracle or a fixture cites rules without testing them
        return
    for line_number, line in enumerate(source.splitlines(), 1):
        owner = next((f.name for f in found if f.first <= line_number <= f.last), "")
        for token in TOKEN.finditer(line):
            yield int(token[1]), owner


def mentions_in_suite(text: str) -> Iterator[tuple[int, str]]:
    """Each rule named in a suite of the rule authors, with the name of the last test above it."""
    name = ""
    for line in text.splitlines():
        if (heading := re.match(r"\s*(?:- )?name:\s*(.+)", line)) is not None:
            name = heading[1].strip("'\" ")
        for token in TOKEN.finditer(line):
            yield int(token[1]), name


def test_files(root: Path) -> Iterator[Path]:
    """The files of the checkout that hold tests."""
    for path in sorted((root / "tests").rglob("*.py")):
        if path.name not in OWN_FILES:
            yield path
    yield from sorted((root / "rules").rglob("*_test.yaml"))


def collect(root: Path) -> Mapping[int, Sequence[str]]:
    """The tests that name each rule, as file::test, without repetition."""
    tests: dict[int, dict[str, None]] = defaultdict(dict)
    for path in test_files(root):
        text = path.read_text(encoding="utf-8")
        read = mentions_in_python if path.suffix == ".py" else mentions_in_suite
        for number, name in read(text):
            place = path.relative_to(root).as_posix()
            tests[number][f"{place}::{name}" if name else place] = None
    return {number: tuple(places) for number, places in tests.items()}


def faults(rules: Sequence[Rule], tests: Mapping[int, Sequence[str]]) -> list[str]:
    """What is wrong: rules without a test that should have one, tests that name no rule."""
    known = {rule.number for rule in rules}
    missing = [
        f"S-{rule.number} ({rule.title}): no test names it"
        for rule in rules
        if not rule.waits and rule.number not in tests
    ]
    unknown = [
        f"S-{number}: no such rule, named by {places[0]}"
        for number, places in sorted(tests.items())
        if number not in known
    ]
    return missing + unknown


def table(rules: Sequence[Rule], tests: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """The lines of the table: a rule and below it the tests that name it, or what they wait for."""
    for rule in rules:
        yield f"S-{rule.number:<4}{rule.area:<12} {rule.title}"
        places = tests.get(rule.number, ())
        for place in places[:SHOWN]:
            yield f"       {place}"
        if len(places) > SHOWN:
            yield f"       and {len(places) - SHOWN} more"
        if not places:
            yield f"       {rule.waits or 'NO TEST'}"


def main(root: Path) -> int:
    """Print the table, the summary and the faults of a checkout; 1 if there are any."""
    rules = read_rules((root / "tests" / "s_rules.txt").read_text(encoding="utf-8"))
    tests = collect(root)
    found = faults(rules, tests)
    print("\n".join(table(rules, tests)))
    tested = sum(rule.number in tests for rule in rules)
    waiting = sum(bool(rule.waits) and rule.number not in tests for rule in rules)
    counts = f"{tested} with tests, {waiting} waiting, {len(found)} faults"
    print(f"\ns-rules: {len(rules)} rules, {counts}")
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
