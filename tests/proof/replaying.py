"""Written counterexamples are run as suites, on tenants that are written into folders for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.report import CaseReport
from ostiary.analysis.suites.runner import run_suites
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.suite_file import Suite, read_suite
from ostiary.rulebook.suite_text import write_suite
from tests.proof.folders import write


class Hand(Bench):
    """A bench on which tables are laid by hand."""

    def __init__(self, folder: Path, tables: Tables) -> None:
        super().__init__(Candidate(tenant=folder))
        self._by_hand = tables

    def tables(self, _: Suite) -> Tables:
        return self._by_hand


def played(
    tests: Sequence[Mapping[str, Any]], tenant: Tenant, tables: Tables
) -> tuple[CaseReport, ...]:
    """Write tests, read them back, and run them."""
    named = [{**test, "name": f"{number}. {test['name']}"} for number, test in enumerate(tests)]
    text = write_suite("what was found", named)
    suite = read_suite(text.encode(), Path("found_test.yaml"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(tenant, folder)
        with Hand(folder, tables) as bench:
            return run_suites([suite], bench).tests
