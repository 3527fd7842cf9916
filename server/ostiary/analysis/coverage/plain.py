"""What was counted, for programs: the same whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ostiary.analysis.coverage.cases import NewSuite
from ostiary.analysis.coverage.counting import Covered
from ostiary.analysis.coverage.pack import MissingCell, PackCoverage, PhaseCoverage, Share
from ostiary.analysis.coverage.questions import Questions
from ostiary.analysis.coverage.tenant import Sight, TenantCoverage


def pack_as_plain(folder: Path, coverage: PackCoverage, new: Sequence[NewSuite]) -> dict[str, Any]:
    """Give the coverage of a pack for programs."""
    return {
        "kind": "rule pack",
        "folder": folder.as_posix(),
        "digest": coverage.digest,
        "tests": coverage.tests,
        **_totals(coverage),
        "phases": [
            {
                "phase": one.phase.value,
                **_totals(one),
                "rules": [
                    {
                        "id": rule.rule.id,
                        "file": rule.rule.file,
                        "line": rule.rule.line,
                        "fired": rule.fired,
                        "decided": rule.decided,
                        "can_decide": rule.can_decide,
                    }
                    for rule in one.rules
                ],
                "least_for_rules": [_plain_cell(each) for each in one.for_rules],
                "least_for_rules_exact": one.for_rules_exact,
                "missing": [_plain_cell(each) for each in one.missing],
            }
            for one in coverage.phases
        ],
        "suites": _plain_suites(new),
    }


def _totals(of: PackCoverage | PhaseCoverage) -> dict[str, Any]:
    shares = {"fired": of.fired, "decided": of.decided, "classes": of.classes}
    return {name: _plain_share(share) for name, share in shares.items()}


def _plain_share(share: Share) -> dict[str, Any]:
    return {"reached": share.reached, "of": share.of, "percent": round(share.percent, 4)}


def _plain_cell(one: MissingCell) -> dict[str, Any]:
    return {
        "cell": one.cell,
        "facts": dict(one.facts),
        "cells": one.cells,
        "fired": [rule.id for rule in one.fired],
        "deciders": [rule.id for rule in one.deciders],
    }


def _plain_suites(new: Sequence[NewSuite]) -> list[dict[str, Any]]:
    return [{"name": one.name, "tests": one.tests, "text": one.text} for one in new]


def tenant_as_plain(
    folder: Path, coverage: TenantCoverage, questions: Questions | None, new: Sequence[NewSuite]
) -> dict[str, Any]:
    """Give the coverage of a tenant for programs."""
    beyond = () if questions is None else questions.out_of_reach
    return {
        "kind": "tenant",
        "folder": folder.as_posix(),
        "tests": coverage.tests,
        "policies": [
            {
                "package": one.package,
                "policy": one.policy,
                **{sight.value: one.seen[sight] for sight in Sight},
            }
            for one in coverage.policies
        ],
        **{sight.value: _plain_share(coverage.of(sight)) for sight in Sight},
        "out_of_reach": [
            {
                "package": one.package,
                "policy": one.policy,
                "sight": one.sight.value,
                "why": one.why,
            }
            for one in beyond
        ],
        "suites": _plain_suites(new),
    }


def as_plain(found: Iterable[Covered]) -> list[dict[str, Any]]:
    """Give what was counted of every folder for programs."""
    plain = []
    for one in found:
        if one.pack is not None:
            plain.append(pack_as_plain(one.folder, one.pack, one.new))
        elif one.tenant is not None:
            plain.append(tenant_as_plain(one.folder, one.tenant, one.questions, one.new))
    return plain
