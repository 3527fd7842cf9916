"""What is refused, warned about and understood of assignment policies, approval apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.policy import (
    Expiration,
    ExpirationKind,
)
from tests.unit.defining import (
    BASE,
    CATALOG,
    GONE,
    POLICY,
    Content,
    catalog,
    loaded,
    only_policy,
    package,
    policy,
    said,
)

DAY = timedelta(days=1)
AUTOMATIC = {"kind": "automatic", "rule": 'user.department -eq "Sales"'}


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(
            policy(name=GONE),
            ["MISSING_FIELD: ~.name: is missing"],
            id="S-23 a policy without name",
        ),
        pytest.param(
            package(policies=[POLICY, {**POLICY, "name": "B"}]),
            ["DUPLICATE: ~.id: policy `a` is there already, see line 42"],
            id="two policies with one id",
        ),
        pytest.param(
            package(policies=[POLICY, {**POLICY, "id": "b"}]),
            [
                "DUPLICATE: catalogs[c].packages[p].policies[b].name: a policy called `A` is there "
                "already, see line 43"
            ],
            id="two policies with one name",
        ),
        pytest.param(
            catalog(
                packages=[*CATALOG["packages"], {**CATALOG["packages"][0], "id": "q", "name": "Q"}]
            ),
            [],
            id="policies of different packages may share ids and names",
        ),
        pytest.param(
            policy(enabled="perhaps"),
            ["INVALID_MODEL: ~.enabled: must be yes or no, not `perhaps`"],
            id="S-23 neither yes nor no",
        ),
        pytest.param(
            policy(justification="sometimes"),
            ["UNKNOWN_VALUE: ~.justification: `sometimes` is not one of required, optional"],
            id="S-23 a justification that is neither",
        ),
        pytest.param(
            policy(self_service={"ad": False}),
            ["UNKNOWN_FIELD: ~.self_service: no such field here: `ad`; did you mean `add`?"],
            id="S-23 a switch that would be overlooked",
        ),
        pytest.param(
            policy(expiration={"after": "P0D"}),
            ["INVALID_MODEL: ~.expiration.after: must be longer than nothing"],
            id="S-98 zero",
        ),
        pytest.param(
            policy(expiration={"after": "-P30D"}),
            ["INVALID_MODEL: ~.expiration.after: `-P30D` is negative"],
            id="S-98 negative",
        ),
        pytest.param(
            policy(expiration={"after": "P3661D"}),
            ["INVALID_MODEL: ~.expiration.after: must be at most P3660D"],
            id="S-98 too long",
        ),
        pytest.param(policy(expiration={"after": "P3660D"}), [], id="S-98 the longest"),
        pytest.param(policy(expiration={"after": "PT1H"}), [], id="S-98 an hour"),
        pytest.param(
            policy(expiration={"after": "PT90M"}),
            ["INVALID_MODEL: ~.expiration.after: must be in days or weeks or hours, not `PT90M`"],
            id="S-98 minutes",
        ),
        pytest.param(
            policy(expiration={"after": "P3M"}),
            ["INVALID_MODEL: ~.expiration.after: must be in days or weeks or hours, not `P3M`"],
            id="S-4 calendar months",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-31"}),
            ["INVALID_MODEL: ~.expiration.on: `2031-06-31` is not a day of the calendar"],
            id="S-98 a day that does not exist",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-30T12:00"}),
            [
                "INVALID_MODEL: ~.expiration.on: `2031-06-30T12:00` has no time zone; end it with "
                "Z for UTC"
            ],
            id="S-4 an instant without time zone",
        ),
        pytest.param(
            policy(expiration={"on": "9000-01-01"}),
            ["INVALID_MODEL: ~.expiration.on: `9000-01-01` lies outside the years 1970 to 8999"],
            id="a date beyond all bounds",
        ),
        pytest.param(
            policy(expiration="sometime"),
            ["UNKNOWN_VALUE: ~.expiration: `sometime` is not one of never"],
            id="S-25 an end that nobody knows",
        ),
        pytest.param(
            policy(expiration={}),
            ["INVALID_MODEL: ~.expiration: must be `never`, {on: DATE} or {after: DURATION}"],
            id="S-98 an end that does not say when",
        ),
        pytest.param(
            policy(expiration={"on": "2031-06-30", "after": "P1D"}),
            ["INVALID_MODEL: ~.expiration: must be `never`, {on: DATE} or {after: DURATION}"],
            id="S-98 two ends",
        ),
        pytest.param(
            policy(revoke_when_out_of_scope={"after": "P3661D"}),
            ["INVALID_MODEL: ~.revoke_when_out_of_scope: must be at most P3660D"],
            id="S-37 a grace period beyond all bounds",
        ),
        pytest.param(
            policy(remove_when_unfit=True),
            [
                "INVALID_MODEL: ~.remove_when_unfit: belongs to automatic policies; here it is "
                "revoke_when_out_of_scope"
            ],
            id="S-106 the switch of automatic policies",
        ),
        pytest.param(
            policy(scope=AUTOMATIC, revoke_when_out_of_scope=True),
            [
                "INVALID_MODEL: ~.revoke_when_out_of_scope: does not belong to automatic policies; "
                "here it is remove_when_unfit"
            ],
            id="S-37 the switch of all other policies",
        ),
        pytest.param(
            policy(scope={"kind": "none"}, revoke_when_out_of_scope=True),
            [
                "INVALID_MODEL: ~.revoke_when_out_of_scope: nobody is in scope none, so nobody can "
                "leave it"
            ],
            id="S-37 a scope that nobody can leave",
        ),
        pytest.param(
            {**BASE, "policies": [{**POLICY, "package": "q"}]},
            ["UNKNOWN_REFERENCE: policies[a].package: no package `q`"],
            id="a policy of no package",
        ),
        pytest.param(
            {**BASE, "policies": [{**POLICY, "package": "p"}]},
            [
                "DUPLICATE: policies[a].id: policy `a` is there already, see line 42",
                "DUPLICATE: policies[a].name: a policy called `A` is there already, see line 43",
            ],
            id="a policy that its package has already",
        ),
    ],
)
def test_policies(tmp_path: Path, content: Content, want: list[str]) -> None:
    assert said(tmp_path, content) == want


@pytest.mark.parametrize(
    ("now", "want"),
    [
        pytest.param(datetime(2031, 6, 30, 23, 59, tzinfo=UTC), [], id="S-98 still ahead"),
        pytest.param(
            datetime(2031, 7, 1, tzinfo=UTC),
            ["INVALID_MODEL: ~.expiration.on: lies in the past"],
            id="S-98 S-5 passed",
        ),
    ],
)
def test_a_fixed_end_in_the_past(tmp_path: Path, now: datetime, want: list[str]) -> None:
    assert said(tmp_path, policy(expiration={"on": "2031-06-30"}), now=now) == want


@pytest.mark.parametrize(
    ("fields", "profile", "want"),
    [
        pytest.param({"expiration": "never"}, None, Expiration(ExpirationKind.NEVER), id="S-98"),
        pytest.param(
            {"expiration": {"on": "2031-06-30"}},
            None,
            Expiration(ExpirationKind.DATE, at=datetime(2031, 7, 1, tzinfo=UTC)),
            id="S-6 a bare date ends at the midnight that follows",
        ),
        pytest.param(
            {"expiration": {"on": "2031-06-30T18:00+02:00"}},
            None,
            Expiration(ExpirationKind.DATE, at=datetime(2031, 6, 30, 16, tzinfo=UTC)),
            id="S-4 an instant, in UTC",
        ),
        pytest.param(
            {"expiration": {"after": "P2W"}},
            None,
            Expiration(ExpirationKind.DURATION, after=14 * DAY),
            id="S-98 weeks",
        ),
        pytest.param(
            {"expiration": GONE},
            None,
            Expiration(ExpirationKind.DURATION, after=30 * DAY),
            id="S-98 nothing said, under standard",
        ),
        pytest.param(
            {"expiration": GONE},
            "entra",
            Expiration(ExpirationKind.DURATION, after=365 * DAY),
            id="S-98 nothing said, under entra",
        ),
    ],
)
def test_expiration(tmp_path: Path, fields: Content, profile: str | None, want: Expiration) -> None:
    assert only_policy(loaded(tmp_path, policy(**fields), profile)).expiration == want


def test_what_a_policy_means_when_it_says_nothing(tmp_path: Path) -> None:
    """S-23."""
    found = only_policy(loaded(tmp_path, policy()))
    assert (found.enabled, found.self_add, found.notices) == (True, True, True)
    switches = (
        found.self_update,
        found.self_remove,
        found.on_behalf,
        found.justification_required,
        found.custom_schedule,
        found.approval_for_add,
        found.approval_for_extension,
        found.extension_allowed,
        found.revoke_when_out_of_scope,
        found.remove_when_unfit,
    )
    assert not any(switches)
    assert (found.stages, found.reviews, found.questions, found.extensions) == ((), None, (), ())


def test_what_a_policy_says(tmp_path: Path) -> None:
    """S-23."""
    content = policy(
        description="For staff",
        enabled=False,
        self_service={"add": False, "update": True, "remove": True},
        on_behalf=True,
        justification="required",
        custom_schedule=True,
        extension_allowed=True,
        revoke_when_out_of_scope={"after": "P7D"},
        notices=False,
    )
    found = only_policy(loaded(tmp_path, content))
    assert (found.enabled, found.self_add, found.notices) == (False, False, False)
    assert found.self_update
    assert found.self_remove
    assert found.on_behalf
    assert found.justification_required
    assert found.custom_schedule
    assert found.extension_allowed
    assert (found.revoke_when_out_of_scope, found.out_of_scope_grace) == (True, 7 * DAY)
    assert found.description == "For staff"


@pytest.mark.parametrize(
    ("leaving", "want"),
    [(True, (True, timedelta(0))), (False, (False, timedelta(0))), ({"after": "P1D"}, (True, DAY))],
    ids=["S-106 at once", "S-106 never", "S-106 after a grace period"],
)
def test_automatic_policies(tmp_path: Path, leaving: Any, want: tuple[bool, timedelta]) -> None:
    found = only_policy(loaded(tmp_path, policy(scope=AUTOMATIC, remove_when_unfit=leaving)))
    assert found.scope.rule is not None
    assert (found.remove_when_unfit, found.out_of_scope_grace) == want
    assert not found.revoke_when_out_of_scope
