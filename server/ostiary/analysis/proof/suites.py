"""Proofs for programs, and counterexamples as suites that run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ostiary.analysis.coverage.cases import NewSuite
from ostiary.analysis.proof.report import ProofReport, Property
from ostiary.analysis.proof.written import tests_of
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.suite_text import write_suite

MEANS = {
    Property.NO_NEW_ACCESS: "nobody may have a package now who could not before",
    Property.NO_WEAKER_APPROVAL: "nobody gets a package with less approval than before",
    Property.NO_SELF_APPROVAL: "nobody decides a request of their own",
    Property.NO_DEAD_END: "whoever may ask can be answered",
    Property.EVERY_DEADLINE_ENDS: "whatever begins to wait or to run has an end",
    Property.NO_INCOMPATIBLE_PAIR: "no order of requests leads to what must not go together",
}
_REMARKS = ("Written by `ostiary prove`: each test fails until what it says is so.",)


def as_plain(report: ProofReport) -> Any:
    """Give the report as plain values."""
    plain = msgspec.to_builtins(report)
    return {"verdict": report.verdict.value, **plain}


def counterexamples(
    report: ProofReport,
    tenant: Tenant,
    *,
    folder: str | None = None,
    rules: str | None = None,
    profile: str | None = None,
) -> Iterator[NewSuite]:
    """Give the counterexamples of each property as a suite.

    `folder` and `rules` are the way from the suite to its tenant and rules; None: the suite is to
    stand in the tenant's folder.
    """
    for finding in report.findings:
        tests = [
            test for example in finding.examples for test in tests_of(example, tenant, report.names)
        ]
        if tests:
            text = write_suite(
                f"{finding.property.value}: {MEANS[finding.property]}",
                tests,
                remarks=_REMARKS,
                tenant=folder,
                rules=rules,
                profile=profile,
            )
            yield NewSuite(finding.property.value, len(tests), text)
