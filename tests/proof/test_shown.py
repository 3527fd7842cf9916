"""What was looked at is said in words that nobody has to guess at."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import ProofReport, Property
from ostiary.cli.show_proof import show_proof
from ostiary.domain.tenant import Tenant
from tests.proof.acme import acme, groups, package, policy, with_package, with_policy
from tests.properties.dice import NOW
from tests.properties.ruling import standard_tables

ONE = acme(package(policy(groups("staff"))))
TWO = acme(package(policy(groups("staff"))), package(policy(groups("staff")), name="q"))


def shown(report: ProofReport) -> str:
    text = StringIO()
    show_proof(Console(file=text, width=200), report)
    return text.getvalue()


def proof(new: Tenant, old: Tenant | None, of: Property) -> str:
    tables = standard_tables()
    before = None if old is None else Definitions(old, tables)
    return shown(prove(Definitions(new, tables), before, properties=[of], at=NOW))


@pytest.mark.parametrize(
    ("new", "old", "of", "want"),
    [
        pytest.param(
            ONE,
            ONE,
            Property.NO_NEW_ACCESS,
            "PROVED (1 package, unchanged like all that decides about it)",
            id="one package, unchanged",
        ),
        pytest.param(
            TWO,
            TWO,
            Property.NO_WEAKER_APPROVAL,
            "PROVED (2 packages, unchanged like all that decides about them)",
            id="packages, unchanged",
        ),
        pytest.param(
            with_package(name="renamed")(TWO),
            TWO,
            Property.NO_NEW_ACCESS,
            "PROVED (2 packages, 1 changed, 14 kinds of people)",
            id="one of two changed",
        ),
        pytest.param(
            with_policy(enabled=False)(ONE),
            None,
            Property.NO_DEAD_END,
            "PROVED (1 package, 14 kinds of people)",
            id="about one side alone",
        ),
        pytest.param(acme(), None, Property.NO_DEAD_END, "PROVED (there is no package)", id="none"),
        pytest.param(
            TWO,
            None,
            Property.NO_INCOMPATIBLE_PAIR,
            "PROVED (no package excludes what somebody can be given)",
            id="nothing excludes anything",
        ),
    ],
)
def test_it_says_what_was_looked_at(
    new: Tenant, old: Tenant | None, of: Property, want: str
) -> None:
    assert f"{of.value}: {want}\n" in proof(new, old, of)
