"""Every method of RuleService as every role and as nobody: the table holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import pytest

from ostiary.client import CallError
from ostiary.domain.caller import CATALOG_ROLES, Role
from ostiary.rpc.permissions import TABLE
from tests.contract.ruling import R, Ruled, ruled, sent
from tests.packs.texts import standard

PREFIX = "ostiary.v1.RuleService/"
METHODS = [name.removeprefix(PREFIX) for name in TABLE if name.startswith(PREFIX)]
STREAMS = {"Watch", "Test", "Diff", "Prove", "Lint", "Coverage", "Mutate"}
EXCHANGES = {"Replay"}
# What somebody with the right could call; writes are trials, so that all find the same.
SAMPLES: dict[str, dict[str, Any]] = {
    "Validate": {"files": sent(standard())},
    "CreateRevision": {"files": sent(standard()), "validate_only": True},
    "GetRevision": {"revision": "active"},
    "ListRevisions": {},
    "Activate": {"revision": "0" * 64, "validate_only": True},
    "Rollback": {"validate_only": True},
    "ListActivations": {},
    "Watch": {},
    "GetStatus": {},
    "SetShadow": {"revision": "active", "validate_only": True},
    "GetShadow": {},
    "Test": {"files": [R.TestFile(name="a_test.yaml")]},
    "Diff": {"candidate": R.CandidateRules(revision="active")},
    "Prove": {"candidate": R.CandidateRules(revision="active"), "properties": ["no-new-access"]},
    "Lint": {},
    "Coverage": {"files": [R.TestFile(name="a_test.yaml")]},
    "Mutate": {"files": [R.TestFile(name="a_test.yaml")]},
    "Replay": {"options": R.ReplayOptions()},
}
# Roles of a catalog are never vouched for by a header; whoever has one has no other.
CALLERS: dict[tuple[str, ...], Role | None] = {
    ("user:x-nobody-special",): None,
    ("service:x-plain",): None,
    **{
        (f"{kind}:x-{role.value}", role.value): role
        for role in Role
        if role not in CATALOG_ROLES
        for kind in ("user", "service")
    },
}


@pytest.fixture(scope="module")
def one() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


def outcome(one: Ruled, method: str, *caller: str) -> str:
    """What becomes of a call: let through, no right, or nobody."""
    services = one.by(*caller)
    asked = getattr(R, f"{method}Request")(**SAMPLES[method])
    stub = getattr(services.rules, method)
    try:
        if method in EXCHANGES:
            with closing(cast(Any, services.exchange(stub, [asked]))) as stream:
                next(stream)
        elif method in STREAMS:
            with closing(cast(Any, services.stream(stub, asked))) as stream:
                next(stream)
        else:
            services.call(stub, asked)
    except CallError as error:
        told = {"UNAUTHENTICATED": "nobody", "FORBIDDEN": "no right"}
        return told.get(error.reason, "let through")
    return "let through"


def test_there_is_a_sample_of_every_method() -> None:
    assert set(METHODS) == set(SAMPLES)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_as_every_role_and_as_nobody(one: Ruled, method: str) -> None:
    """S-132, S-133."""
    row = TABLE[PREFIX + method]
    found = {caller: outcome(one, method, *caller) for caller in CALLERS}
    assert found == {
        caller: "let through" if role in row.roles else "no right"
        for caller, role in CALLERS.items()
    }
    assert outcome(one, method, "") == "nobody"


def test_administrators_alone_change_rules() -> None:
    """S-132: the rules decide about everything, so no role of a part reaches them."""
    for method in METHODS:
        row = TABLE[PREFIX + method]
        assert row.roles == {Role.ADMINISTRATOR}
        assert not row.relations
        assert not row.anybody
