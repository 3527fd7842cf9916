"""A report of tests as JUnit's XML, which every CI reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ostiary.analysis.suites.report import CaseReport, Status, SuitesReport

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: SuitesReport) -> str:
    """Give the whole report: a `testsuite` for each file, a `testcase` for each test."""
    root = Element("testsuites", {"name": "ostiary", **_counts(report.tests)})
    for file, group in groupby(report.tests, key=lambda one: one.file):
        tests = list(group)
        names = {"name": _legal(tests[0].suite), "file": _legal(file)}
        suite = SubElement(root, "testsuite", {**names, **_counts(tests)})
        for one in tests:
            _case(suite, one)
    indent(root)
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(tests: Iterable[CaseReport]) -> dict[str, str]:
    listed = list(tests)
    failed = sum(one.status is Status.FAILED for one in listed)
    broken = sum(one.status is Status.BROKEN for one in listed)
    return {
        "tests": str(len(listed)),
        "failures": str(failed),
        "errors": str(broken),
        "skipped": "0",
        "time": f"{sum(one.seconds for one in listed):.6f}",
    }


def _case(suite: Element, one: CaseReport) -> None:
    attributes = {
        "name": _legal(one.name),
        "classname": _legal(one.file.removesuffix(".yaml").replace("/", ".")),
        "file": _legal(one.file),
        "line": str(one.place.line),
        "time": f"{one.seconds:.6f}",
    }
    case = SubElement(suite, "testcase", attributes)
    if one.status is Status.FAILED:
        first = one.mismatches[0]
        message = f"{first.what}: expected {first.expected}, got {first.got}"
        _outcome(case, "failure", message, mismatch_lines(one))
    elif one.status is Status.BROKEN:
        _outcome(case, "error", one.faults[0], one.faults)


def _outcome(case: Element, tag: str, message: str, lines: Iterable[str]) -> None:
    made = SubElement(case, tag, {"message": _legal(message), "type": tag})
    made.text = _legal("\n".join(lines))


def mismatch_lines(one: CaseReport) -> list[str]:
    """Give each mismatch on a line, with its place and the place of the rules that decided."""
    lines = []
    for each in one.mismatches:
        place = f"{each.place.file}:{each.place.line}:{each.place.column}"
        when = f" at {each.at}" if each.at else ""
        text = f"{place}: {each.what}{when}: expected {each.expected}, got {each.got}"
        rules = ", ".join(f"{rule.id} ({one.rules}/{rule.file}:{rule.line})" for rule in each.rules)
        lines.append(f"{text}; decided by {rules}" if rules else text)
    return lines


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
