"""What would change an answer: the fewest changes, each played on definitions made from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from msgspec.structs import replace

from ostiary.analysis.counterfactual.attributes import values_for
from ostiary.analysis.counterfactual.candidates import candidates, slot
from ostiary.analysis.counterfactual.facts import definitions_of, described
from ostiary.analysis.counterfactual.report import (
    Change,
    ChangeKind,
    Goal,
    WhatWouldChange,
    Why,
)
from ostiary.analysis.counterfactual.search import what_would_change
from ostiary.analysis.counterfactual.wording import worded
from ostiary.analysis.proof.answering import fill
from ostiary.analysis.proof.attributes import ways
from ostiary.decide.attributes import holds
from ostiary.decide.evaluate import evaluate
from ostiary.domain.attributes import tests_of as comparisons_of
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.decision import Outcome
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import (
    UNKNOWN,
    AccountState,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
)
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, Question
from ostiary.domain.request import (
    EvaluationRequest,
    Holdings,
    InlinePerson,
    Mode,
    RequestType,
    Schedule,
)
from ostiary.domain.tenant import Settings, Tenant
from tests.proof.acme import (
    MANAGER,
    MEMBERS,
    NOBODY,
    OWN_SPONSORS,
    PASSCODE,
    SECOND_MANAGER,
    STANDARD,
    THREE,
    acme,
    fitting,
    groups,
    organizations,
    package,
    policy,
    user,
    with_catalog,
    with_settings,
    with_user,
)
from tests.properties.dice import DAY, NOW, Dice
from tests.properties.policies import rule as random_rule
from tests.properties.ruling import snapshot
from tests.properties.worlds import worlds_of

K = ChangeKind
WORLDS, MANY_WORLDS = 30, 400
RANK = {
    Outcome.DENY: 0,
    Outcome.INDETERMINATE: 0,
    Outcome.NEEDS_CHOICE: 1,
    Outcome.NEEDS_APPROVAL: 2,
    Outcome.GRANT: 3,
}


def ask(who: str = "ann", what: str = "k", **fields: object) -> EvaluationRequest:
    plain = EvaluationRequest(what, who, NOW)
    return replace(plain, **fields)


def told(tenant: Tenant, request: EvaluationRequest, **options: object) -> WhatWouldChange:
    return what_would_change(snapshot(tenant), request, **options)  # type: ignore[arg-type]


def sets(found: WhatWouldChange) -> list[list[tuple[ChangeKind, str]]]:
    return [[(one.kind, one.subject) for one in each.changes] for each in found.remedies]


STRICT = policy(groups("staff"), ApprovalStage((MANAGER,)))
ASKING = policy(
    MEMBERS,
    justification_required=True,
    questions=(Question("order", "Which?", required=True, pattern=r"PO-\d{3}"),),
)
OUTSIDER = InlinePerson(
    id="eve",
    type=PersonType.EXTERNAL,
    state=AccountState.ENABLED,
    groups=(),
    manager=None,
    sponsors=(),
    home=HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="elsewhere.example"),
    attributes={},
    risk=RiskLevel.NONE,
)


@pytest.mark.parametrize(
    ("tenant", "request_", "want"),
    [
        pytest.param(
            acme(package(policy(groups("interns"), THREE))),
            ask(),
            [[(K.JOIN_GROUP, "interns")]],
            id="somebody out of scope joins the group",
        ),
        pytest.param(
            acme(package(policy(MEMBERS, THREE, name="p"), policy(MEMBERS, THREE, name="q"))),
            ask(),
            [[(K.CHOOSE_POLICY, "p")], [(K.CHOOSE_POLICY, "q")]],
            id="a choice is made",
        ),
        pytest.param(
            acme(package(STRICT)),
            ask("ann", requestor=replace(OUTSIDER, type=PersonType.MEMBER, groups=("staff",))),
            [[(K.SET_MANAGER, "ann")], [(K.ADD_APPROVER, "p/1")]],
            id="a manager is set, or an approver added",
        ),
        pytest.param(
            acme(package(ASKING)),
            ask(mode=Mode.SUBMISSION),
            [[(K.WRITE_JUSTIFICATION, ""), (K.ANSWER_QUESTIONS, "p")]],
            id="what is missing is filled in",
        ),
        pytest.param(
            acme(package(policy(MEMBERS), incompatible_packages=("q",)), package(name="q")),
            ask(holdings=Holdings(("q",))),
            [[(K.GIVE_BACK, "q")]],
            id="an incompatible package is given back",
        ),
        pytest.param(
            acme(package(policy(MEMBERS), incompatible_groups=("staff",))),
            ask(),
            [[(K.LEAVE_GROUP, "staff")]],
            id="an incompatible group is left",
        ),
        pytest.param(
            with_catalog(enabled=False)(acme(package(policy(MEMBERS)))),
            ask(),
            [[(K.ENABLE_CATALOG, "c")]],
            id="the catalog is enabled",
        ),
        pytest.param(
            acme(package(policy(MEMBERS, enabled=False))),
            ask(),
            [[(K.ENABLE_POLICY, "p")]],
            id="the policy is enabled",
        ),
        pytest.param(
            acme(package(policy(NOBODY))),
            ask(),
            [[(K.HAVE_STAFF_ASSIGN, "")]],
            id="staff assign what nobody may request",
        ),
        pytest.param(
            acme(package(policy(organizations("partner")))),
            ask(requestor=OUTSIDER),
            [[(K.SIGN_IN_FROM, "partner")]],
            id="somebody from outside signs in as a partner does",
        ),
        pytest.param(
            with_settings(blocked_domains=("partner.example",))(
                acme(package(policy(organizations("partner"))))
            ),
            ask(requestor=replace(OUTSIDER, home=PASSCODE)),
            [[(K.ALLOW_DOMAIN, "partner.example")]],
            id="a domain is allowed",
        ),
        pytest.param(
            acme(package(policy(MEMBERS))),
            ask("bob"),
            [[(K.ENABLE_ACCOUNT, "")]],
            id="a blocked account is enabled",
        ),
        pytest.param(
            acme(package(policy(MEMBERS, custom_schedule=True))),
            ask(schedule=Schedule(end=NOW + 90 * DAY)),
            [[(K.DROP_SCHEDULE, "")], [(K.SHORTEN, "p")]],
            id="another duration is asked for",
        ),
        pytest.param(
            acme(package(policy(groups("staff")))),
            ask(requestor=replace(OUTSIDER, groups=UNKNOWN)),
            [[(K.JOIN_GROUP, "staff")]],
            id="groups that nobody told",
        ),
        pytest.param(
            acme(package(policy(MEMBERS, ApprovalStage((user("bob"),))))),
            ask(),
            [[(K.ENABLE_APPROVER, "bob")], [(K.ADD_APPROVER, "p/1")]],
            id="an approver who is blocked",
        ),
    ],
)
def test_the_fewest_changes(
    tenant: Tenant, request_: EvaluationRequest, want: list[list[tuple[ChangeKind, str]]]
) -> None:
    found = told(tenant, request_)
    assert sets(found) == want
    assert found.why is None
    assert all(RANK[one.outcome] > 0 for one in found.remedies)


@pytest.mark.parametrize(
    ("tenant", "request_", "why"),
    [
        pytest.param(acme(), ask(what="gone"), Why.PACKAGE_GONE, id="a deleted package"),
        pytest.param(acme(package(policy(MEMBERS))), ask(), Why.BEST_ALREADY, id="granted already"),
        pytest.param(
            acme(package(policy(MEMBERS))),
            ask(holdings=Holdings(("k",))),
            Why.HELD_ALREADY,
            id="held already",
        ),
        pytest.param(acme(package()), ask(), Why.NOTHING, id="a package without a policy"),
        pytest.param(
            acme(package(policy(MEMBERS))),
            ask("dora"),
            Why.TOO_MANY_CHANGES,
            id="a deleted account",
        ),
    ],
)
def test_it_says_plainly_when_nothing_does(
    tenant: Tenant, request_: EvaluationRequest, why: Why
) -> None:
    found = told(tenant, request_)
    assert found.remedies == ()
    assert found.why is why


def test_the_bound_is_told_when_it_is_hit() -> None:
    tenant = acme(package(policy(groups("interns"), justification_required=True)))
    request = ask(mode=Mode.SUBMISSION)
    assert told(tenant, request).why is None
    found = told(tenant, request, most_tried=4)
    assert (found.why, found.tried, found.most_tried) == (Why.BOUND_REACHED, 4, 4)
    assert told(tenant, request, most_changes=1).why is Why.TOO_MANY_CHANGES


def test_any_other_answer_can_be_asked_for() -> None:
    tenant = acme(package(policy(groups("staff"))))
    found = told(tenant, ask(), goal=Goal.OTHER)
    assert sets(found) == [[(K.HAVE_MANAGER_ASK, "boss")], [(K.LEAVE_GROUP, "staff")]]
    assert {one.outcome for one in found.remedies} == {Outcome.DENY}


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        pytest.param('user.department -ne "Sales"', "other", id="another value"),
        pytest.param('-not (user.department -eq "Sales")', "other", id="not that value"),
        pytest.param('-not (user.department -in ["Sales", "Other"])', "something else", id="none"),
        pytest.param('-not (user.department -startsWith "S")', "other", id="another beginning"),
        pytest.param('-not (-not (user.department -ne "Sales"))', "other", id="twice negated"),
        pytest.param(
            'user.department -ne "Sales" -and -not (user.department -contains "e")',
            "a",
            id="no word will do",
        ),
        pytest.param(
            'user.department -startsWith "Sales" -and user.department -ne "Sales"',
            "sales·",
            id="a beginning with something after it",
        ),
        pytest.param(
            'user.department -contains "ab" -and user.department -contains "cd"',
            "·ab·cd·",
            id="several parts",
        ),
    ],
)
def test_rules_that_no_literal_meets_are_met_by_another_value(rule: str, value: str) -> None:
    """S-39; staff assign, since an automatic policy is for no requests (S-38)."""
    tenant = with_user("ann", attributes={"department": "Sales"})(
        acme(package(policy(fitting(rule))))
    )
    found = told(tenant, ask())
    (remedy,) = found.remedies
    assert [(one.kind, one.subject, one.value) for one in remedy.changes] == [
        (K.HAVE_STAFF_ASSIGN, "", ""),
        (K.SET_ATTRIBUTE, "department", value),
    ]
    request = described(snapshot(tenant), ask())
    assert outcome_of(remedy.changes, tenant, request) is remedy.outcome is Outcome.GRANT


def test_a_rule_that_nobody_can_meet_is_met_by_no_value() -> None:
    rule = 'user.department -startsWith "S" -and -not (user.department -contains "s")'
    tenant = with_user("ann", attributes={"department": "Sales"})(
        acme(package(policy(fitting(rule))))
    )
    assert told(tenant, ask()).remedies == ()


def test_whatever_rule_can_be_met_is_met_by_the_values_that_are_tried() -> None:
    met = 0
    for seed in range(300):
        dice = Dice(seed, 3)
        rule = random_rule(dice, 3)
        literals = [(one.attribute, one.values) for one in comparisons_of(rule)]
        given: dict[str, list[str | None]] = {name: [None] for name, _ in literals}
        for name, value in values_for(rule, literals):
            given[name].append(value)
        people = (
            {name: one for name, one in zip(given, each, strict=True) if one is not None}
            for each in product(*given.values())
        )
        possible = any(holds(rule, found) is True for found in ways((rule,), ()))
        assert any(holds(rule, each) is True for each in people) is possible, rule
        met += possible
    assert 100 < met < 300


def of_two_domains(*domains: str, **settings: object) -> Tenant:
    sources = tuple(IdentitySource(SourceKind.DOMAIN, domain=one) for one in domains)
    tenant = with_settings(**settings)(acme(package(policy(organizations("partner")))))
    return replace(
        tenant,
        organizations=tuple(
            replace(one, sources=sources) if one.id == "partner" else one
            for one in tenant.organizations
        ),
    )


@pytest.mark.parametrize(
    "settings",
    [{"blocked_domains": ("bad.example",)}, {"allowed_domains": ("good.example",)}],
    ids=["blocked", "not allowed"],
)
@pytest.mark.parametrize("first", ["bad", "good"])
def test_people_are_told_to_sign_in_where_the_lists_let_them_in(
    first: str, settings: dict[str, object]
) -> None:
    """S-111: any source of an organization will do, not only its first (S-112)."""
    second = {"bad": "good", "good": "bad"}[first]
    tenant = of_two_domains(f"{first}.example", f"{second}.example", **settings)
    found = told(tenant, ask(requestor=OUTSIDER))
    (remedy,) = found.remedies
    (change,) = remedy.changes
    assert (change.kind, change.value) == (K.SIGN_IN_FROM, "one time passcode good.example")
    assert remedy.outcome is Outcome.GRANT
    assert outcome_of(remedy.changes, tenant, ask(requestor=OUTSIDER)) is Outcome.GRANT
    assert worded(change) == ("sign in as people of partner do, by one time passcode good.example")


def test_sources_that_no_decision_tells_apart_are_told_once() -> None:
    tenant = of_two_domains("one.example", "two.example")
    (remedy,) = told(tenant, ask(requestor=OUTSIDER)).remedies
    assert [one.value for one in remedy.changes] == ["one time passcode one.example"]


def test_nobody_is_told_to_approve_for_themselves() -> None:
    tenant = acme(
        package(policy(MEMBERS, ApprovalStage((MANAGER, OWN_SPONSORS, SECOND_MANAGER)))),
    )
    alone = with_user("ann", manager="ann")(tenant)
    for found in (told(alone, ask()), told(alone, ask(), goal=Goal.OTHER)):
        for remedy in found.remedies:
            for change in remedy.changes:
                assert "ann" not in (change.subject, change.value)
            for stage in remedy.decision.stages:
                assert "ann" not in stage.approvers


# the oracle: changes made to definitions from scratch, all of them tried


def made(  # noqa: C901, PLR0911  # one case a kind
    change: Change, tenant: Tenant, request: EvaluationRequest
) -> Tenant:
    """The tenant with a change of definitions, made in another way than the search does."""

    def of_policy(**fields: object) -> Tenant:
        return with_packages(
            tenant,
            request.package,
            lambda one: replace(
                one,
                policies=tuple(
                    replace(each, **fields) if each.id == change.subject else each
                    for each in one.policies
                ),
            ),
        )

    match change.kind:
        case K.ENABLE_POLICY:
            return of_policy(enabled=True)
        case K.ALLOW_SELF_REQUESTS:
            return of_policy(self_add=True)
        case K.ALLOW_MANAGERS:
            return of_policy(on_behalf=True)
        case K.ALLOW_SCHEDULES:
            return of_policy(custom_schedule=True)
        case K.ENABLE_CATALOG:
            return with_catalogs(tenant, change.subject, enabled=True)
        case K.OPEN_CATALOG:
            return with_catalogs(tenant, change.subject, external=True)
        case K.ENABLE_APPROVER:
            return with_user(change.subject, state=AccountState.ENABLED)(tenant)
        case K.CONFIGURE_ORGANIZATION:
            return replace(
                tenant,
                organizations=tuple(
                    replace(one, state=OrganizationState.CONFIGURED)
                    if one.id == change.subject
                    else one
                    for one in tenant.organizations
                ),
            )
        case K.ALLOW_DOMAIN:
            old = tenant.settings
            allowed = (
                None if old.allowed_domains is None else (*old.allowed_domains, change.subject)
            )
            blocked = tuple(one for one in old.blocked_domains if one != change.subject)
            settings: Settings = replace(old, allowed_domains=allowed, blocked_domains=blocked)
            return replace(tenant, settings=settings)
        case K.ADD_APPROVER:
            name, number = change.subject.split("/")

            def staffed(one: AccessPackage) -> AccessPackage:
                policies = []
                for each in one.policies:
                    stages = list(each.stages)
                    if each.id == name:
                        stage = stages[int(number) - 1]
                        more = (*stage.fallback, Approver(ApproverKind.USER, change.value))
                        stages[int(number) - 1] = replace(stage, fallback=more)
                    policies.append(replace(each, stages=tuple(stages)))
                return replace(one, policies=tuple(policies))

            return with_packages(tenant, request.package, staffed)
        case _:
            return tenant


def with_packages(tenant: Tenant, name: str, edit: object) -> Tenant:
    def catalog(one: Catalog) -> Catalog:
        packages = tuple(
            edit(each) if each.id == name else each  # type: ignore[operator]  # edits a package
            for each in one.packages
        )
        return replace(one, packages=packages)

    return replace(tenant, catalogs=tuple(map(catalog, tenant.catalogs)))


def with_catalogs(tenant: Tenant, name: str, **fields: object) -> Tenant:
    catalogs = (replace(one, **fields) if one.id == name else one for one in tenant.catalogs)
    return replace(tenant, catalogs=tuple(catalogs))


def asked(  # noqa: C901, PLR0912, PLR0915  # one case a kind
    change: Change, request: EvaluationRequest, tenant: Tenant
) -> EvaluationRequest:
    """The question with a change of it or of its person."""
    person = request.requestor
    assert isinstance(person, InlinePerson)
    member = person.groups if isinstance(person.groups, tuple) else ()
    fields: dict[str, object] = {}
    facts: dict[str, object] = {}
    match change.kind:
        case K.CHOOSE_POLICY | K.NAME_NO_POLICY:
            fields["policy"] = change.subject or None
        case K.WRITE_JUSTIFICATION:
            fields["justification"] = "It is needed."
        case K.ANSWER_QUESTIONS:
            compiled = snapshot(tenant).packages[request.package].by_id[change.subject]
            fields["answers"] = fill(compiled).answers
        case K.DROP_SCHEDULE:
            fields["schedule"] = None
        case K.WAIT_UNTIL:
            fields["at"] = change.at
        case K.GIVE_BACK:
            kept = tuple(one for one in request.holdings.assigned if one != change.subject)
            fields["holdings"] = Holdings(kept, request.holdings.pending)
        case K.ASK_FOR_ONESELF:
            fields |= {"type": RequestType.USER_ADD, "submitter": None}
        case K.HAVE_MANAGER_ASK:
            fields |= {"type": RequestType.ON_BEHALF_ADD, "submitter": change.subject}
        case K.HAVE_STAFF_ASSIGN:
            fields |= {"type": RequestType.ADMIN_ADD, "submitter": None}
        case K.FREE_LIMIT:
            fields["counters"] = {**request.counters, change.subject: 0}
        case K.JOIN_GROUP:
            facts["groups"] = (*member, change.subject)
        case K.LEAVE_GROUP:
            facts["groups"] = tuple(one for one in member if one != change.subject)
        case K.TELL_GROUPS:
            facts["groups"] = member
        case K.SET_MANAGER | K.REMOVE_MANAGER:
            facts["manager"] = change.subject or None
        case K.SET_SPONSOR:
            facts["sponsors"] = (change.subject,)
        case K.SET_ATTRIBUTE:
            known = person.attributes if isinstance(person.attributes, dict) else {}
            facts["attributes"] = {**known, change.subject: change.value}
        case K.TELL_RISK:
            facts["risk"] = RiskLevel.NONE
        case K.BECOME_MEMBER:
            facts["type"] = PersonType.MEMBER
        case K.BECOME_GUEST:
            facts["type"] = PersonType.GUEST
        case K.ENABLE_ACCOUNT:
            facts["state"] = AccountState.ENABLED
        case K.SIGN_IN_FROM:
            organization = next(one for one in tenant.organizations if one.id == change.subject)
            kind = {"domain": "one_time_passcode"}
            homes = [
                HomeIdentity(
                    SignIn(kind.get(source.kind.value, source.kind.value)),
                    source.tenant_id,
                    source.domain,
                    source.issuer,
                    source.identifier,
                )
                for source in organization.sources
            ]
            (facts["home"],) = (
                home
                for home in dict.fromkeys(homes)
                if len(homes) == 1 or way(home) == change.value
            )
    return replace(request, requestor=replace(person, **facts), **fields)


def way(home: HomeIdentity) -> str:
    """A sign-in as a change names it where an organization has several."""
    words = [home.sign_in.value.replace("_", " ")]
    for one in (home.tenant_id, home.domain, home.issuer, home.identifier):
        words += [one] if one else []
    return " ".join(words)


def outcome_of(
    changes: tuple[Change, ...], tenant: Tenant, request: EvaluationRequest
) -> Outcome | None:
    """What is answered after changes, from scratch; None: it is no question any more."""
    for change in changes:
        tenant = made(change, tenant, request)
    for change in changes:
        request = asked(change, request, tenant)
    try:
        return evaluate(snapshot(tenant), request).outcome
    except OstiaryError:
        return None


def every_set(changes: tuple[Change, ...], size: int) -> Iterator[tuple[Change, ...]]:
    for found in combinations(changes, size):
        if len({slot(one) for one in found}) == size:
            yield found


def look(seed: int, most: int) -> int:
    """One world: what is said is what comes of it, and nothing smaller leads there."""
    found = 0
    for world in worlds_of(seed, 1 + seed % 4, 2):
        tenant, known = world.tenant, snapshot(world.tenant)
        try:
            request = described(known, world.request)
            before = evaluate(known, request).outcome
        except OstiaryError:
            continue
        told_ = what_would_change(known, request, most_changes=most)
        package = known.packages[request.package]
        changes = candidates(known, package, request, definitions_of(known, package))
        changes = tuple(one for one in changes if one.kind is not K.SHORTEN)
        wanted = len(told_.remedies[0].changes) if told_.remedies else most + 1
        for remedy in told_.remedies:
            if any(one.kind is K.SHORTEN for one in remedy.changes):
                continue
            assert len(remedy.changes) == wanted
            assert outcome_of(remedy.changes, tenant, request) is remedy.outcome, (seed, remedy)
            assert RANK[remedy.outcome] > RANK[before]
            found += 1
        if before is Outcome.GRANT:
            continue
        for size in range(1, wanted):
            for each in every_set(changes, size):
                after = outcome_of(each, tenant, request)
                assert after is None or RANK[after] <= RANK[before], (seed, each)
    return found


def test_all_sets_of_changes_agree_in_random_worlds() -> None:
    assert sum(look(seed, 1) for seed in range(WORLDS)) > WORLDS // 2


@pytest.mark.long
@pytest.mark.timeout(900)
def test_all_sets_of_two_changes_agree_in_400_worlds() -> None:
    """In each world two questions are asked, and all sets of up to two changes are tried."""
    assert sum(look(seed, 2) for seed in range(MANY_WORLDS)) > MANY_WORLDS // 2


def test_the_same_question_is_answered_the_same_twice() -> None:
    tenant = acme(package(STRICT, policy(groups("interns"), name="q")), profile=STANDARD)
    assert told(tenant, ask()) == told(tenant, ask())
