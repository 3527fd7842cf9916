"""Who makes a call, as the identity sources find out."""

from __future__ import annotations

import pytest

from ostiary.domain.caller import NOBODY, Caller, Role
from ostiary.domain.errors import UnauthenticatedError
from ostiary.rpc.identity import DevelopmentHeaders, Metadata, Unidentified


@pytest.mark.parametrize(
    ("metadata", "caller"),
    [
        pytest.param([], NOBODY, id="nothing is said"),
        pytest.param([("user-agent", "x")], NOBODY, id="only other things are said"),
        pytest.param([("ostiary-caller", "user:emil")], Caller("emil"), id="a user"),
        pytest.param([("ostiary-caller", "user:a:b")], Caller("a:b"), id="an id with a colon"),
        pytest.param(
            [("ostiary-caller", "service:hr")], Caller("hr", service=True), id="a service"
        ),
        pytest.param(
            [("ostiary-caller", "user:ada"), ("ostiary-roles", "administrator, evaluator")],
            Caller("ada", roles=frozenset({Role.ADMINISTRATOR, Role.EVALUATOR})),
            id="a user with roles",
        ),
        pytest.param(
            [("ostiary-caller", "user:ada"), ("ostiary-roles", "")], Caller("ada"), id="no role"
        ),
    ],
)
def test_development_headers(metadata: Metadata, caller: Caller) -> None:
    assert DevelopmentHeaders().caller(metadata) == caller


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param([("ostiary-caller", "")], id="empty"),
        pytest.param([("ostiary-caller", "emil")], id="without a kind"),
        pytest.param([("ostiary-caller", "group:team")], id="a group makes no calls"),
        pytest.param([("ostiary-caller", "user:")], id="without an id"),
        pytest.param([("ostiary-caller", "user:" + "x" * 257)], id="an id that is too long"),
        pytest.param([("ostiary-caller", b"user:emil")], id="bytes"),
        pytest.param(
            [("ostiary-caller", "user:emil"), ("ostiary-caller", "user:ada")], id="two callers"
        ),
        pytest.param([("ostiary-roles", "administrator")], id="roles of nobody"),
        pytest.param(
            [("ostiary-caller", "user:emil"), ("ostiary-roles", "root")], id="an unknown role"
        ),
        pytest.param(
            [("ostiary-caller", "user:emil"), ("ostiary-roles", "catalog_owner")],
            id="a role that only a catalog gives",
        ),
    ],
)
def test_headers_that_are_not_believed(metadata: Metadata) -> None:
    with pytest.raises(UnauthenticatedError):
        DevelopmentHeaders().caller(metadata)


def test_a_server_that_believes_nobody() -> None:
    assert Unidentified().caller([("user-agent", "x")]) == NOBODY
    with pytest.raises(UnauthenticatedError):
        Unidentified().caller([("ostiary-caller", "user:emil")])
