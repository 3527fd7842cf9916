"""What is visible, which policies are offered, and which one is in force."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.decide.listing import list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Outcome
from ostiary.domain.errors import (
    InvalidRequestError,
    PackageNotFoundError,
    PolicyNotFoundError,
    UserNotFoundError,
)
from ostiary.domain.policy import RequestorScope
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import EvaluationRequest, Holdings, Mode, RequestType
from tests.unit.deciding import (
    ADMINISTRATORS_ONLY,
    ALL_CONFIGURED,
    ALL_EXTERNAL,
    ALL_MEMBERS,
    ALL_USERS,
    AT,
    TAILWIND,
    ask,
    codes,
    headline,
    outsider,
    package,
    people,
    policy,
    profile,
    snapshot,
)

TWO = package(policy(people("sales"), name="a"), policy(ALL_MEMBERS, name="b"))


def listed(snap: Snapshot, who: str = "emil", **fields: Any) -> list[tuple[str, bool]]:
    page = list_requestable(snap, who, AT, **fields)
    return [(item.package.id, item.decision.eligible) for item in page.items]


def test_hidden_packages_are_requested_by_id_and_not_listed() -> None:
    """S-49."""
    snap = snapshot(package(policy(ALL_MEMBERS), hidden=True))
    decision = ask(snap)
    assert (decision.visible, decision.eligible, decision.outcome) == (False, True, Outcome.GRANT)
    assert listed(snap) == []


def test_a_holder_still_sees_the_package() -> None:
    """S-50."""
    snap = snapshot(package(policy(ALL_MEMBERS)))
    holds = Holdings(assigned=("access",))
    decision = ask(snap, holdings=holds)
    assert (decision.visible, decision.eligible, codes(decision)) == (
        True,
        False,
        [Code.ALREADY_ASSIGNED],
    )
    assert listed(snap, holdings=holds) == [("access", False)]


@pytest.mark.parametrize(
    ("who", "visible"),
    [
        pytest.param("fran", True, id="S-51 a member out of scope sees it"),
        pytest.param("gita", False, id="S-51 a guest does not"),
    ],
)
def test_entra_shows_packages_for_specific_people(who: str, visible: bool) -> None:
    snap = snapshot(package(policy(people("sales"))), under=profile("entra"))
    assert (ask(snap, who).visible, ask(snap, who).eligible) == (visible, False)
    assert listed(snap, who) == ([("access", False)] if visible else [])
    assert listed(snapshot(package(policy(people("sales")))), who) == []


def test_the_list_names_and_describes_what_is_available() -> None:
    """S-52: name and description of package and catalog, in the order of names, in pages."""
    wanted = [
        package(policy(ALL_MEMBERS), id=name, name=name.upper(), description=f"about {name}")
        for name in ("c", "a", "b")
    ]
    snap = snapshot(*wanted, description="the work")
    first = list_requestable(snap, "emil", AT, size=2)
    rest = list_requestable(snap, "emil", AT, after=first.next_ordinal or 0, size=2)
    items = [*first.items, *rest.items]
    assert [item.package.package.description for item in items] == [
        "about a",
        "about b",
        "about c",
    ]
    assert {item.package.catalog.description for item in items} == {"the work"}
    assert rest.next_ordinal is None


def test_one_offered_policy_is_selected_by_itself() -> None:
    """S-53: disabled, NONE and automatic policies take no part."""
    wanted = package(
        policy(ALL_MEMBERS, name="a"),
        policy(ALL_MEMBERS, name="b", enabled=False),
        policy(ADMINISTRATORS_ONLY, name="c"),
    )
    decision = ask(wanted)
    assert (decision.offered, decision.selected, decision.choice_required) == (("a",), "a", False)


def test_several_policies_are_a_choice_in_a_query() -> None:
    """S-53, S-55, W-3: a query answers NEEDS_CHOICE with all that fit, by name."""
    decision = ask(TWO)
    assert (decision.outcome, decision.offered) == (Outcome.NEEDS_CHOICE, ("a", "b"))
    assert (decision.selected, decision.choice_required, decision.eligible) == (None, True, True)
    first = decision.reasons[0]
    assert (first.code, first.severity) == (Code.CHOICE_REQUIRED, Severity.INFO)


def test_several_policies_refuse_a_submission_that_names_none() -> None:
    """S-53: CHOICE_REQUIRED with the list."""
    decision = ask(TWO, mode=Mode.SUBMISSION)
    assert decision.outcome is Outcome.DENY
    assert headline(decision) == (Code.CHOICE_REQUIRED, {"offered": "a,b"})


def test_a_policy_that_was_chosen_is_in_force() -> None:
    """S-55: never the longest duration by itself."""
    decision = ask(TWO, policy="b")
    assert (decision.selected, decision.choice_required) == ("b", False)


OTHERS = package(policy(ALL_MEMBERS, name="foreign"), id="other", name="Other")
MIXED = (
    policy(people("sales"), name="fits"),
    policy(ALL_MEMBERS, name="off", enabled=False),
    policy(ADMINISTRATORS_ONLY, name="staff"),
    policy(people("board"), name="theirs"),
    policy(ALL_MEMBERS, name="wide"),
)


@pytest.mark.parametrize(
    ("named", "want"),
    [
        pytest.param("foreign", (Code.INVALID_MODEL, {"field": "policy"}), id="S-54 another's"),
        pytest.param("off", (Code.POLICY_DISABLED, {}), id="S-54 disabled"),
        pytest.param("staff", (Code.ADMIN_ONLY, {}), id="S-54 administrators only"),
        pytest.param("theirs", (Code.NOT_IN_SCOPE, {"cause": "no_match"}), id="S-54 out of scope"),
        pytest.param(
            "wide", (Code.POLICY_NOT_OFFERED, {"offered": "fits"}), id="S-54 a worse tier"
        ),
    ],
)
def test_naming_a_policy_that_cannot_be_used(named: str, want: tuple[Code, dict[str, str]]) -> None:
    decision = ask(snapshot(package(*MIXED), OTHERS, under=profile("entra")), policy=named)
    assert (decision.outcome, decision.eligible, headline(decision)) == (Outcome.DENY, True, want)
    assert decision.offered == ("fits",)


@pytest.mark.parametrize(
    ("scopes", "who", "offered"),
    [
        pytest.param((people("sales"), ALL_MEMBERS, ALL_USERS), "emil", ("0",), id="S-55 tier 1"),
        pytest.param((ALL_USERS, ALL_MEMBERS), "emil", ("1",), id="S-55 members before all users"),
        pytest.param((ALL_MEMBERS, ALL_MEMBERS), "emil", ("0", "1"), id="S-55 one tier, a choice"),
        pytest.param((ALL_CONFIGURED, TAILWIND), "gita", ("1",), id="S-55 listed organizations"),
        pytest.param((ALL_CONFIGURED, ALL_EXTERNAL), "gita", ("0", "1"), id="S-55 tier 4"),
    ],
)
def test_entra_offers_the_best_tier_only(
    scopes: tuple[RequestorScope, ...], who: str, offered: tuple[str, ...]
) -> None:
    policies = [policy(scope, name=str(number)) for number, scope in enumerate(scopes)]
    assert ask(snapshot(package(*policies), under=profile("entra")), who).offered == offered


def test_a_disabled_policy_suppresses_nothing() -> None:
    """S-55: a better tier that is switched off."""
    policies = (policy(people("sales"), name="a", enabled=False), policy(ALL_USERS, name="b"))
    assert ask(snapshot(package(*policies), under=profile("entra"))).offered == ("b",)


def test_staff_look_only_at_the_policy_they_name() -> None:
    """S-44, S-28: gates 6 and 9; a disabled policy assigns nobody."""
    wanted = package(policy(ALL_MEMBERS, name="a"), policy(people("board"), name="b"))
    direct: dict[str, Any] = {"type": RequestType.ADMIN_ADD}
    assert ask(wanted, policy="a", **direct).selected == "a"
    assert headline(ask(wanted, policy="b", **direct))[0] is Code.NOT_IN_SCOPE
    off = package(policy(ALL_MEMBERS, enabled=False))
    assert headline(ask(off, **direct))[0] is Code.POLICY_DISABLED


def test_gates_run_in_order() -> None:
    """S-40: the first gate that fails gives the headline."""
    wanted = package(incompatible_groups=("sales",))
    closed = snapshot(wanted, enabled=False)
    assert headline(ask(closed, "bert"))[0] is Code.SUBJECT_BLOCKED
    assert headline(ask(closed))[0] is Code.CATALOG_DISABLED
    assert headline(ask(snapshot(wanted)))[0] is Code.NO_POLICY
    held = Holdings(assigned=("access",))
    guarded = package(policy(ALL_MEMBERS), incompatible_groups=("sales",))
    assert headline(ask(guarded, holdings=held))[0] is Code.ALREADY_ASSIGNED
    assert headline(ask(guarded, mode=Mode.SUBMISSION))[0] is Code.INCOMPATIBLE_GROUP


def test_unknown_names_are_errors_not_denials() -> None:
    """S-40 gates 2 and 3: NOT_FOUND."""
    wanted = package(policy(ALL_MEMBERS))
    with pytest.raises(UserNotFoundError, match="nobody"):
        ask(wanted, "nobody")
    with pytest.raises(PackageNotFoundError, match="nothing"):
        ask(wanted, package="nothing")
    with pytest.raises(PolicyNotFoundError, match="none-such"):
        ask(wanted, policy="none-such")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"submitter": "mona"}, id="one's own request names another submitter"),
        pytest.param({"type": RequestType.ON_BEHALF_ADD}, id="on behalf of nobody"),
    ],
)
def test_a_contradictory_submitter_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        ask(package(policy(ALL_MEMBERS)), **fields)


def test_the_same_question_gives_an_equal_answer_and_one_revision() -> None:
    """S-2, S-46, S-47: profile name and version are part of every decision."""
    one, other = ask(TWO), ask(TWO)
    assert one == other
    assert (one.revision.profile, one.evaluated_at) == ("standard", AT)
    assert one.revision.profile_version
    assert one.revision.rules


def test_packages_are_found_by_resource_name_too() -> None:
    """The id and the resource name of a package name the same."""
    snap = snapshot(package(policy(ALL_MEMBERS)))
    catalog = snap.order[0].catalog.id
    name = f"tenants/t/catalogs/{catalog}/accessPackages/access"
    assert ask(snap, package=name) == ask(snap)
    assert EvaluationRequest(name, outsider(), AT).package == name
