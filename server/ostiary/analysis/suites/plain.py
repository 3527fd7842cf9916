"""What came of suites, for programs: the same whoever asks."""

from __future__ import annotations

from typing import Any

from ostiary.analysis.suites.report import CaseReport, Mismatch, Status, SuitesReport


def as_plain(report: SuitesReport) -> dict[str, Any]:
    """Give the report for programs."""
    return {
        "passed": report.passed,
        "counts": {status.value: report.count(status) for status in Status},
        "tests": list(map(_plain_test, report.tests)),
    }


def _plain_test(one: CaseReport) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.place.line,
        "column": one.place.column,
        "suite": one.suite,
        "name": one.name,
        "kind": one.kind,
        "rules": one.rules,
        "status": one.status.value,
        "mismatches": [_plain_mismatch(each) for each in one.mismatches],
        "faults": list(one.faults),
        "cells": [{"phase": phase.value, "cell": cell} for phase, cell in one.cells],
        "policies": [
            {"access_package": each.package, "policy": each.policy, "seen": list(each.sights)}
            for each in one.touched
        ],
        "seconds": round(one.seconds, 6),
    }


def _plain_mismatch(one: Mismatch) -> dict[str, Any]:
    return {
        "what": one.what,
        "time": one.at or None,
        "expected": one.expected,
        "got": one.got,
        "file": one.place.file,
        "line": one.place.line,
        "column": one.place.column,
        "rules": [
            {"id": rule.id, "file": rule.file, "line": rule.line, "for": rule.sentence}
            for rule in one.rules
        ],
    }
