"""What findings claim is what decisions do: witnesses are asked, and who is asked has a finding."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.run import lint
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.people import AccountState
from ostiary.domain.policy import AssignmentPolicy, ExpirationKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.times import parse_instant
from tests.properties.dice import Dice
from tests.properties.ruling import snapshot as snapshot_of
from tests.properties.worlds import LARGEST, make_tenant

AT = parse_instant("2031-03-10T09:00Z")
SEEDS = 200


def asked(snapshot: Snapshot, package: str, person: str) -> Decision:
    """What a decision says of a person and a package."""
    return evaluate(snapshot, EvaluationRequest(package, person, AT))


def worlds() -> Iterator[tuple[int, Tenant, Snapshot, list[Finding]]]:
    """Random tenants with their findings."""
    for seed in range(SEEDS):
        tenant = make_tenant(Dice(seed, LARGEST))
        yield seed, tenant, snapshot_of(tenant), list(lint(tenant, now=AT).findings)


def ids_of(finding: Finding) -> tuple[str, str]:
    """The package and the policy that a finding is about."""
    return finding.path[1][1:-1], finding.path[3][1:-1] if len(finding.path) > 3 else ""


def test_whoever_must_choose_has_a_finding_and_the_witness_of_a_finding_must_choose() -> None:
    seen = 0
    for seed, tenant, snapshot, findings in worlds():
        told = [one for one in findings if one.code == "OVERLAPPING_POLICIES"]
        packages = {ids_of(one)[0] for one in told}
        for one in told:
            name, policy = ids_of(one)
            if one.witness is not None:
                decision = asked(snapshot, name, one.witness.id)
                assert decision.outcome is Outcome.NEEDS_CHOICE, (seed, one)
                assert policy in decision.offered, (seed, one)
                seen += 1
        for package in snapshot.order:
            enabled = (user.id for user in tenant.users if user.state is AccountState.ENABLED)
            outcomes = {asked(snapshot, package.id, name).outcome for name in enabled}
            must_choose = Outcome.NEEDS_CHOICE in outcomes
            assert not must_choose or package.id in packages, (seed, package.id)
    assert seen > SEEDS / 10


def test_nobody_of_the_directory_is_offered_what_is_said_to_be_offered_to_nobody() -> None:
    codes = {
        "SCOPE_ADMITS_NOBODY",
        "SHADOWED_POLICY",
        "EXTERNAL_SCOPE_IN_CLOSED_CATALOG",
        "END_PASSED",
        "NO_ORGANIZATION_CONFIGURED",
    }
    seen = set()
    for seed, tenant, snapshot, findings in worlds():
        for one in findings:
            if one.code in codes:
                package, policy = ids_of(one)
                for user in tenant.users:
                    assert policy not in asked(snapshot, package, user.id).offered, (seed, one)
                seen.add(one.code)
    assert len(seen) >= 4


def test_dead_ends_and_incompatible_scopes_are_refused_for_that_reason() -> None:
    wanted = {"DEAD_END": Code.NO_APPROVER, "INCOMPATIBLE_WITH_SCOPE": Code.INCOMPATIBLE_GROUP}
    seen = dict.fromkeys(wanted, 0)
    for seed, _, snapshot, findings in worlds():
        for one in findings:
            if one.code not in wanted or one.witness is None:
                continue
            package, policy = ids_of(one)
            request = EvaluationRequest(package, one.witness.id, AT, policy=policy)
            decision = evaluate(snapshot, request)
            codes = {reason.code for reason in decision.reasons}
            if decision.selected != policy:
                continue  # another gate is in front, or a better tier
            earlier = Code.JUSTIFICATION_REQUIRED in codes
            assert wanted[one.code] in codes or earlier, (seed, one, codes)
            seen[one.code] += wanted[one.code] in codes
    assert seen["DEAD_END"] > SEEDS / 20


def test_what_is_said_never_to_come_is_in_no_plan_and_the_rest_is() -> None:
    """Reminders, calls before the end and reviews, of everybody who is offered a policy."""
    absent = {
        "NO_REMINDER_BEFORE_END": ActionKind.REMIND_EXPIRY,
        "REVIEW_AFTER_END": ActionKind.OPEN_REVIEW,
    }
    seen = dict.fromkeys((*absent, "CALL_NEVER_MADE", "reminded", "own end"), 0)
    for seed, tenant, snapshot, findings in worlds():
        said = {(one.code, *ids_of(one), one.path[-1]) for one in findings}
        for package, policy, decision in plans(tenant, snapshot):
            kinds = {action.kind for action in decision.actions}
            for code, kind in absent.items():
                if told(said, code, package, policy.id):
                    assert kind not in kinds, (seed, code, package, policy.id)
                    seen[code] += 1
            ends = policy.expiration.kind is ExpirationKind.DURATION
            if policy.extension_allowed and ends and not policy.custom_schedule:
                reminded = not told(said, "NO_REMINDER_BEFORE_END", package, policy.id)
                assert reminded == (ActionKind.REMIND_EXPIRY in kinds), (seed, package, policy.id)
                seen["reminded"] += reminded
            never = told(said, "CALL_NEVER_MADE", package, policy.id)
            made = sum(action.kind is ActionKind.CALL_EXTENSION for action in decision.actions)
            never_ends = policy.expiration.kind is ExpirationKind.NEVER
            if never_ends and policy.custom_schedule:  # only with an end of one's own
                assert not never
                assert not told(said, "EXTENDS_IN_VAIN", package, policy.id)
                seen["own end"] += 1
            elif policy.expiration.at is None:  # how near a date is depends on the day
                assert made == len(policy.extensions) - never, (seed, package, policy.id)
            seen["CALL_NEVER_MADE"] += never
    assert seen["reminded"] > 20
    assert seen["own end"] > 0
    assert seen["CALL_NEVER_MADE"] > 10


def plans(tenant: Tenant, snapshot: Snapshot) -> Iterator[tuple[str, AssignmentPolicy, Decision]]:
    """What follows where somebody is offered a policy, asked for by name."""
    for package in snapshot.order:
        for user in tenant.users:
            for name in asked(snapshot, package.id, user.id).offered:
                request = EvaluationRequest(package.id, user.id, AT, policy=name)
                decision = evaluate(snapshot, request)
                if decision.outcome in (Outcome.GRANT, Outcome.NEEDS_APPROVAL):
                    yield package.id, package.by_id[name].policy, decision


def told(said: set[tuple[str, str, str, str]], code: str, package: str, policy: str) -> int:
    """How many findings of a code there are about a policy."""
    return sum(one[:3] == (code, package, policy) for one in said)


def test_random_tenants_raise_most_codes() -> None:
    raised = {one.code for _, _, _, findings in worlds() for one in findings}
    assert len(raised) > 30, sorted(raised)
