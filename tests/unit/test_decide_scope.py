"""Gates 3 to 6: who may ask for a package at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ostiary.domain.attributes import AttributeTest, Comparison
from ostiary.domain.catalog import AccessPackage
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.people import UNKNOWN, AccountState, Group, HomeIdentity, PersonType, SignIn
from ostiary.domain.policy import Expiration, ExpirationKind, RequestorScope, ScopeKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import RequestType
from ostiary.domain.tenant import Settings
from tests.unit.deciding import (
    ADMINISTRATORS_ONLY,
    ALL_CONFIGURED,
    ALL_EXTERNAL,
    ALL_MEMBERS,
    ALL_USERS,
    AT,
    GROUPS,
    TAILWIND,
    UNREADABLE,
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

PITFALL = RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=("pitfall",))
PROPOSAL = RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=("proposal",))
SALES_RULE = RequestorScope(
    ScopeKind.AUTOMATIC, rule=AttributeTest("department", Comparison.EQ, ("Sales",))
)


def passcode(domain: str) -> HomeIdentity:
    return HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain)


def in_tenant(tenant_id: str, domain: str) -> HomeIdentity:
    return HomeIdentity(SignIn.TENANT, tenant_id=tenant_id, domain=domain)


@pytest.mark.parametrize(
    ("scope", "who"),
    [
        pytest.param(people("sales"), "emil", id="S-34 a member of a nested group"),
        pytest.param(people(users=("lone",)), "lone", id="S-34 somebody listed by name"),
        pytest.param(ALL_MEMBERS, "emil", id="S-36 a member under all members"),
        pytest.param(ALL_USERS, "gita", id="S-36 a guest under all users"),
        pytest.param(TAILWIND, "gita", id="S-33 a guest of a listed organization"),
        pytest.param(TAILWIND, outsider(), id="S-112 a tenant sign-in"),
        pytest.param(ALL_CONFIGURED, outsider(), id="S-30 a configured organization"),
        pytest.param(
            PITFALL,
            outsider(home=passcode("Pitfall.Example")),
            id="S-112 a one-time passcode with that domain, whatever the case",
        ),
        pytest.param(
            PROPOSAL,
            outsider(home=passcode("proposal.example")),
            id="S-30 a proposed organization that the policy lists",
        ),
    ],
)
def test_in_scope(scope: RequestorScope, who: str) -> None:
    decision = ask(package(policy(scope)), who)
    assert (decision.outcome, decision.eligible, decision.offered) == (Outcome.GRANT, True, ("p",))


@pytest.mark.parametrize(
    ("scope", "who", "cause"),
    [
        pytest.param(people("sales"), "fran", "no_match", id="S-42 not in the group"),
        pytest.param(people("empty"), "emil", "no_match", id="S-25 an empty group is nobody"),
        pytest.param(UNREADABLE, "emil", "no_match", id="S-25 S-33 an unreadable scope is nobody"),
        pytest.param(ALL_MEMBERS, "gita", "guest_excluded", id="S-42 a guest under all members"),
        pytest.param(ALL_USERS, outsider(), "no_match", id="S-42 nobody outside the directory"),
        pytest.param(ALL_EXTERNAL, "emil", "no_match", id="S-42 a member is not external"),
        pytest.param(
            TAILWIND,
            outsider(home=None),
            "no_connected_organization",
            id="S-110 no connected organization",
        ),
        pytest.param(
            TAILWIND,
            outsider(home=passcode("pitfall.example")),
            "organization_not_listed",
            id="S-42 an organization that is not listed",
        ),
        pytest.param(
            ALL_CONFIGURED,
            outsider(home=passcode("proposal.example")),
            "organization_proposed",
            id="S-30 a proposed organization counts as none",
        ),
        pytest.param(
            PITFALL,
            outsider(home=in_tenant("t-other", "pitfall.example")),
            "authentication_mismatch",
            id="S-112 signed in to a tenant that is not listed",
        ),
        pytest.param(
            PITFALL,
            outsider(home=passcode("sub.pitfall.example")),
            "no_connected_organization",
            id="S-112 a sub-domain is another domain",
        ),
        pytest.param(
            PITFALL,
            outsider(home=passcode("notpitfall.example")),
            "no_connected_organization",
            id="S-112 a longer name that ends alike",
        ),
    ],
)
def test_not_in_scope(scope: RequestorScope, who: str, cause: str) -> None:
    decision = ask(package(policy(scope)), who)
    assert (decision.outcome, decision.eligible, decision.visible) == (Outcome.DENY, False, False)
    assert headline(decision) == (Code.NOT_IN_SCOPE, {"cause": cause})


def test_a_mismatch_shows_what_was_presented_and_compared() -> None:
    """S-113, W-5: tenant id and domain presented, and the entries compared."""
    who = outsider(home=in_tenant("t-other", "pitfall.example"))
    detail = ask(package(policy(PITFALL)), who).reasons[1]
    assert detail.policy == "p"
    assert dict(detail.parameters) == {
        "cause": "authentication_mismatch",
        "presented_tenant": "t-other",
        "presented_domain": "pitfall.example",
        "compared": "pitfall.example",
    }


def test_the_path_through_nested_groups_is_shown_and_a_cycle_ends() -> None:
    """S-34, S-138: e.g. emea -> sales; sales and emea contain each other."""
    decision = ask(package(policy(people("sales"))))
    assert decision.reasons[0].evidence == ("emea", "sales")


def test_membership_can_be_direct_only() -> None:
    """S-34: `group_membership: direct`."""
    snap = snapshot(
        package(policy(people("sales"))), under=profile(group_membership_transitive=False)
    )
    assert headline(ask(snap))[0] is Code.NOT_IN_SCOPE


@pytest.mark.parametrize(
    ("who", "code"),
    [
        pytest.param("bert", Code.SUBJECT_BLOCKED, id="S-35 blocked"),
        pytest.param("dora", Code.SUBJECT_DELETED, id="S-35 deleted"),
    ],
)
@pytest.mark.parametrize("kind", [RequestType.USER_ADD, RequestType.ADMIN_ADD])
def test_unusable_people_get_nothing_even_from_staff(
    who: str, code: Code, kind: RequestType
) -> None:
    """S-44: no role bypasses gate 3."""
    decision = ask(package(policy(ALL_MEMBERS)), who, type=kind)
    assert (decision.outcome, codes(decision)) == (Outcome.DENY, [code])


@pytest.mark.parametrize("kind", [RequestType.USER_ADD, RequestType.ADMIN_ADD])
def test_a_disabled_catalog_refuses_administrators_too(kind: RequestType) -> None:
    """S-12."""
    decision = ask(snapshot(package(policy(ALL_MEMBERS)), enabled=False), type=kind)
    assert (decision.visible, headline(decision)[0]) == (False, Code.CATALOG_DISABLED)


def test_a_catalog_closed_to_external_people() -> None:
    """S-40 gate 5: nobody from outside; S-44: staff may still assign them."""
    snap = snapshot(package(policy(TAILWIND)), external=False)
    assert headline(ask(snap, outsider()))[0] is Code.CATALOG_NOT_EXTERNAL
    assert ask(snap, outsider(), type=RequestType.ADMIN_ADD).outcome is Outcome.GRANT


def test_a_guest_in_a_closed_catalog() -> None:
    """S-43: only the policies with an external scope do not count for a guest."""
    closed = snapshot(package(policy(TAILWIND)), external=False)
    assert headline(ask(closed, "gita")) == (Code.NOT_IN_SCOPE, {"cause": "no_match"})
    assert ask(closed, "gita").reasons[1].code is Code.CATALOG_NOT_EXTERNAL
    both = snapshot(
        package(policy(ALL_USERS, name="a"), policy(TAILWIND, name="b")), external=False
    )
    assert ask(both, "gita").offered == ("a",)


PASSED = Expiration(ExpirationKind.DATE, at=AT)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param(package(), Code.NO_POLICY, id="S-21 S-41 no policy"),
        pytest.param(
            package(policy(ALL_MEMBERS, enabled=False)), Code.POLICY_DISABLED, id="S-28 disabled"
        ),
        pytest.param(package(policy(ADMINISTRATORS_ONLY)), Code.ADMIN_ONLY, id="S-41 scope NONE"),
        pytest.param(package(policy(SALES_RULE)), Code.ADMIN_ONLY, id="S-41 automatic"),
        pytest.param(
            package(policy(ADMINISTRATORS_ONLY, name="a"), policy(people("board"), name="b")),
            Code.NOT_IN_SCOPE,
            id="S-41 a requestable policy decides the headline",
        ),
        pytest.param(
            package(policy(ALL_MEMBERS, enabled=False, name="a"), policy(SALES_RULE, name="b")),
            Code.ADMIN_ONLY,
            id="S-41 administrators only goes before disabled",
        ),
        pytest.param(
            package(policy(ALL_MEMBERS, expiration=PASSED)),
            Code.END_PASSED,
            id="S-5 S-99 a fixed end is over at its own instant",
        ),
    ],
)
def test_headline_when_no_policy_fits(wanted: AccessPackage, code: Code) -> None:
    decision = ask(wanted)
    assert (decision.outcome, headline(decision)[0]) == (Outcome.DENY, code)
    assert [reason.policy for reason in decision.reasons[1:]] == [one.id for one in wanted.policies]


def test_a_fixed_end_still_ahead_by_an_instant_is_offered() -> None:
    """S-5: before the deadline counts."""
    ahead = Expiration(ExpirationKind.DATE, at=AT + timedelta(microseconds=1))
    assert ask(package(policy(ALL_MEMBERS, expiration=ahead))).outcome is Outcome.GRANT


def test_self_service_off_is_told() -> None:
    """S-23, S-42: cause self_request_off."""
    decision = ask(package(policy(ALL_MEMBERS, self_add=False)))
    assert headline(decision) == (Code.NOT_IN_SCOPE, {"cause": "self_request_off"})


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(blocked_domains=("tailwind.example",)), id="S-111 on the block-list"),
        pytest.param(
            Settings(allowed_domains=("other.example",)), id="S-111 not on the allow-list"
        ),
    ],
)
def test_invitation_lists_win_over_any_scope(settings: Settings) -> None:
    snap = snapshot(package(policy(TAILWIND)), settings=settings)
    for who in ("gita", outsider()):
        assert headline(ask(snap, who)) == (Code.NOT_IN_SCOPE, {"cause": "blocklisted"})


def test_members_are_not_on_invitation_lists() -> None:
    """S-111 is about people from outside."""
    snap = snapshot(package(policy(ALL_MEMBERS)), settings=Settings(allowed_domains=()))
    assert ask(snap).outcome is Outcome.GRANT


@pytest.mark.parametrize(
    ("fields", "scope", "fact"),
    [
        pytest.param({"type": UNKNOWN}, ALL_USERS, "type", id="S-47 type"),
        pytest.param({"state": UNKNOWN}, TAILWIND, "state", id="S-47 state"),
        pytest.param({"home": UNKNOWN}, TAILWIND, "identity", id="S-47 sign-in"),
        pytest.param({"groups": UNKNOWN}, people("sales"), "groups", id="S-47 groups"),
    ],
)
def test_a_missing_fact_is_named_and_never_a_yes(
    fields: dict[str, Any], scope: RequestorScope, fact: str
) -> None:
    decision = ask(package(policy(scope)), outsider(**fields))
    assert (decision.outcome, decision.eligible, decision.visible) == (
        Outcome.INDETERMINATE,
        False,
        False,
    )
    assert headline(decision) == (Code.FACT_MISSING, {"fact": fact})


def test_a_fact_that_nothing_asks_for_may_be_missing() -> None:
    """S-47: only a needed fact makes a decision INDETERMINATE."""
    who = outsider(groups=UNKNOWN, manager=UNKNOWN, attributes=UNKNOWN, sponsors=UNKNOWN)
    assert ask(package(policy(TAILWIND)), who).outcome is Outcome.GRANT


# on behalf and direct assignment


def on_behalf(who: str, submitter: str, **fields: Any) -> Decision:
    wanted = package(policy(ALL_MEMBERS, **fields))
    return ask(wanted, who, type=RequestType.ON_BEHALF_ADD, submitter=submitter)


def test_the_direct_manager_asks_for_a_report() -> None:
    """S-38."""
    assert on_behalf("emil", "mona", on_behalf=True).outcome is Outcome.GRANT


@pytest.mark.parametrize(
    ("submitter", "allowed", "code"),
    [
        pytest.param("dana", True, Code.NOT_MANAGER, id="S-38 the manager's manager may not"),
        pytest.param("fran", True, Code.NOT_MANAGER, id="S-38 nobody else may"),
        pytest.param("mona", False, Code.FORBIDDEN, id="S-38 the policy must allow it"),
    ],
)
def test_on_behalf_refused(submitter: str, allowed: bool, code: Code) -> None:
    decision = on_behalf("emil", submitter, on_behalf=allowed)
    assert (decision.outcome, headline(decision)[0]) == (Outcome.DENY, code)


def test_on_behalf_without_word_of_a_manager() -> None:
    """S-38, S-47: the missing fact is named."""
    who = outsider(manager=UNKNOWN)
    decision = ask(
        package(policy(TAILWIND, on_behalf=True)),
        who,
        type=RequestType.ON_BEHALF_ADD,
        submitter="mona",
    )
    assert headline(decision) == (Code.FACT_MISSING, {"fact": "manager"})


@pytest.mark.parametrize(
    ("scope", "who", "outcome"),
    [
        pytest.param(ADMINISTRATORS_ONLY, "emil", Outcome.GRANT, id="S-36 anyone under NONE"),
        pytest.param(ADMINISTRATORS_ONLY, outsider(home=None), Outcome.GRANT, id="S-114 anyone"),
        pytest.param(people("board"), "emil", Outcome.DENY, id="S-36 the scope binds staff too"),
        pytest.param(
            PITFALL,
            outsider(home=None, mail="x@pitfall.example"),
            Outcome.GRANT,
            id="S-114 the mail domain fits the organization",
        ),
        pytest.param(
            PITFALL,
            outsider(home=None, mail="x@elsewhere.example"),
            Outcome.DENY,
            id="S-114 another mail domain does not",
        ),
        pytest.param(
            SALES_RULE,
            outsider("s", type=PersonType.MEMBER, attributes={"department": "sales"}),
            Outcome.GRANT,
            id="S-39 the rule of an automatic policy holds",
        ),
        pytest.param(SALES_RULE, "emil", Outcome.DENY, id="S-39 an absent attribute is no match"),
        pytest.param(
            SALES_RULE,
            outsider("s", type=PersonType.MEMBER, attributes=UNKNOWN),
            Outcome.INDETERMINATE,
            id="S-39 S-47 nobody told the attributes",
        ),
    ],
)
def test_direct_assignment(scope: RequestorScope, who: str, outcome: Outcome) -> None:
    assert ask(package(policy(scope)), who, type=RequestType.ADMIN_ADD).outcome is outcome


def test_self_service_flags_do_not_bind_staff() -> None:
    """S-44."""
    wanted = package(policy(ALL_MEMBERS, self_add=False))
    assert ask(wanted, type=RequestType.ADMIN_ADD).outcome is Outcome.GRANT


def test_mail_addresses_do_not_make_an_organization_on_one_s_own_request() -> None:
    """S-112: matching is by how the person signed in, not by what the address looks like."""
    who = outsider(home=None, mail="x@pitfall.example", state=AccountState.ENABLED)
    decision = ask(package(policy(PITFALL)), who)
    assert headline(decision) == (Code.NOT_IN_SCOPE, {"cause": "authentication_mismatch"})


@pytest.mark.parametrize("more", [0, 3, 30], ids=["few groups", "some groups", "many groups"])
@pytest.mark.parametrize(
    ("groups", "want"),
    [
        (("emea", "board"), ("board",)),
        (("board", "emea", "empty", "gone"), ("board",)),
        (("empty", "emea"), ("emea",)),
        (("emea",), ("emea",)),
        (("empty",), ("empty", "sales")),
    ],
)
def test_the_first_own_group_is_shown_however_many_the_scope_names(
    groups: tuple[str, ...], want: tuple[str, ...], more: int
) -> None:
    """S-34, S-138: by id, and before any group that only holds one of the person's."""
    named = tuple(f"team-{number:02}" for number in range(more))
    access = package(policy(people("sales", "emea", "board", *named, users=named)))
    teams = tuple(Group(name, name, users=("fran",)) for name in named)
    nested = Group("sales", "Sales", groups=("emea", "empty"))
    others = tuple(one for one in GROUPS if one.id != "sales")
    snap = snapshot(access, groups=(*others, nested, *teams))
    decision = ask(snap, outsider("visitor", type=PersonType.MEMBER, home=None, groups=groups))
    assert decision.reasons[0].evidence == want
