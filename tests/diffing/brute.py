"""The comparison once more: slow, pair by pair, and written without a look at the real one.

Everybody of either side is asked about every package of either side, and each of several policies
that are offered is asked for by name. What is told of an answer is worked out from the answer
alone. Only the words for kinds of change are shared with the real thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from ostiary.analysis.diff.report import Kind
from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.decision import Outcome
from ostiary.domain.people import (
    AccountState,
    HomeIdentity,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
)
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import EvaluationRequest, InlinePerson
from ostiary.domain.tenant import Tenant
from tests.oracle import Expected
from tests.properties.dice import NOW

Ask = Callable[[EvaluationRequest], Expected]


class Told(NamedTuple):
    """One change for one person, with real people in it."""

    person: str
    package: str
    kind: Kind
    policy: str
    before: Any
    after: Any


class Plan(NamedTuple):
    """What follows under one policy."""

    alive: bool
    dead: tuple[int, ...]
    people: tuple[Any, ...] = ()
    times: tuple[Any, ...] = ()
    ending: Any = None
    reviews: Any = None
    actions: tuple[Any, ...] = ()
    requirements: Any = None


class Seen(NamedTuple):
    """What one side says about one pair."""

    there: bool
    may: bool
    visible: bool
    standing: Any
    selected: str | None
    plans: dict[str, Plan]


class BruteSide(NamedTuple):
    """A tenant and whoever answers for it."""

    tenant: Tenant
    ask: Ask

    def see(self, person: str, package: str, outsiders: Mapping[str, InlinePerson]) -> Seen:
        """What this side says."""
        policies = {
            policy.id: policy
            for catalog in self.tenant.catalogs
            for one in catalog.packages
            if one.id == package
            for policy in one.policies
        }
        packages = {one.id for catalog in self.tenant.catalogs for one in catalog.packages}
        if package not in packages:
            return Seen(False, False, False, ("NO_PACKAGE", (), ()), None, {})
        requestor = outsiders.get(person, person)
        if requestor == person and person not in {user.id for user in self.tenant.users}:
            return Seen(False, False, False, ("NO_PERSON", (), ()), None, {})
        said = self.ask(EvaluationRequest(package=package, requestor=requestor, at=NOW))
        may = said.outcome in (Outcome.GRANT, Outcome.NEEDS_APPROVAL, Outcome.NEEDS_CHOICE)
        errors = tuple(
            (one.code.value, one.policy or "", one.parameters)
            for one in said.reasons
            if one.severity is Severity.ERROR
        )
        plans: dict[str, Plan] = {}
        if said.selected is not None:
            plans[said.selected] = self._plan(package, policies[said.selected], said)
        elif said.outcome is Outcome.NEEDS_CHOICE:
            for name in said.offered:
                named = self.ask(
                    EvaluationRequest(package=package, requestor=requestor, at=NOW, policy=name)
                )
                plans[name] = self._plan(package, policies[name], named)
        standing = (said.outcome.value, said.offered, () if may else errors)
        return Seen(True, may, said.visible, standing, said.selected, plans)

    def _plan(self, package: str, policy: AssignmentPolicy, said: Expected) -> Plan:
        dead = [
            int(dict(one.parameters)["stage"])
            for one in said.reasons
            if one.code is Code.NO_APPROVER and "stage" in dict(one.parameters)
        ]
        dead += [one.number for one in said.stages if not one.approvers and not one.alternates]
        if said.outcome not in (Outcome.GRANT, Outcome.NEEDS_APPROVAL):
            return Plan(False, tuple(sorted(dead)))
        return Plan(
            True,
            tuple(sorted(dead)),
            tuple((one.approvers, one.alternates) for one in said.stages),
            tuple(_clock(one.number, said) for one in said.stages),
            _ending(policy, said),
            _reviews(policy, said),
            tuple(sorted((*each, self._thing(package, *each[2:])) for each in _following(said))),
            self._requirements(package, policy),
        )

    def _thing(self, package: str, kind: str, target: str) -> str:
        """The thing in the world that a right is given on or taken from; nothing for the rest."""
        if kind not in ("GRANT", "REVOKE"):
            return ""
        resource, _, _ = target.rpartition("/")
        (thing,) = (
            f"{one.kind.value} {one.target}".replace("directory_role ", "directory role ")
            for catalog in self.tenant.catalogs
            if package in [each.id for each in catalog.packages]
            for one in catalog.resources
            if one.id == resource
        )
        return thing

    def _requirements(self, package: str, policy: AssignmentPolicy) -> Any:
        questions = list(policy.questions)
        for catalog in self.tenant.catalogs:
            for one in catalog.packages:
                if one.id == package:
                    used = {entry.resource for entry in one.entries}
                    for resource in sorted(catalog.resources, key=lambda each: each.id):
                        if resource.id in used:
                            questions += [(question, True) for question in resource.questions]  # type: ignore[misc]
        described = []
        for each in questions:
            question, must = each if isinstance(each, tuple) else (each, each.required)
            described.append(
                (
                    question.id,
                    question.text,
                    must,
                    question.choices,
                    question.multiple if question.kind.value == "choice" else None,
                    question.pattern,
                )
            )
        return policy.justification_required, tuple(described), policy.custom_schedule


def _clock(number: int, said: Expected) -> Any:
    found: dict[ActionKind, timedelta] = {}
    for one in said.actions:
        if one.stage == number and one.anchor is Anchor.STAGE_OPENED:
            found[one.kind] = one.offset
    return found.get(ActionKind.TIME_OUT_STAGE), found.get(ActionKind.ESCALATE_STAGE)


def _end(said: Expected) -> Any:
    return next((one for one in said.actions if one.kind is ActionKind.EXPIRE_ASSIGNMENT), None)


def _ending(policy: AssignmentPolicy, said: Expected) -> Any:
    end = _end(said)
    longer = policy.extension_allowed, policy.extension_allowed and policy.approval_for_extension
    if end is None:
        return "never", None, longer
    if end.anchor is Anchor.ASSIGNMENT_END:
        return "at", end.at, longer
    return "after", end.offset, longer


_REVIEWING = [ActionKind.OPEN_REVIEW, ActionKind.REMIND_REVIEWERS, ActionKind.CLOSE_REVIEW]


def _reviews(policy: AssignmentPolicy, said: Expected) -> Any:
    kinds = [kind for kind in _REVIEWING if any(one.kind is kind for one in said.actions)]
    return (policy.reviews, kinds) if policy.reviews is not None and kinds else None


def _following(said: Expected) -> Iterator[Any]:
    end = _end(said)
    for one in said.actions:
        kind = one.kind.value
        if kind in (
            "OPEN_STAGE",
            "ESCALATE_STAGE",
            "TIME_OUT_STAGE",
            "EXPIRE_ASSIGNMENT",
            "OPEN_REVIEW",
            "REMIND_REVIEWERS",
            "CLOSE_REVIEW",
        ):
            continue
        if one.anchor is Anchor.ASSIGNMENT_END:
            yield "end", one.offset, kind, one.target
        elif one.anchor in (Anchor.APPROVED, Anchor.ASSIGNMENT_START):
            of_end = kind in ("REVOKE", "REMIND_EXPIRY", "BLOCK_GUEST", "DELETE_GUEST") or (
                kind == "CALL_EXTENSION" and one.offset > timedelta(0)
            )
            if of_end and end is not None and end.anchor is one.anchor:
                yield "end", one.offset - end.offset, kind, one.target
            else:
                yield "start", one.offset, kind, one.target
        else:
            yield one.anchor.value, one.offset, kind, one.target


SIGN_INS = {
    SourceKind.TENANT: SignIn.TENANT,
    SourceKind.DOMAIN: SignIn.ONE_TIME_PASSCODE,
    SourceKind.FEDERATION: SignIn.FEDERATION,
    SourceKind.OTHER_CLOUD: SignIn.OTHER_CLOUD,
    SourceKind.SOCIAL: SignIn.SOCIAL,
}


def outsiders(*tenants: Tenant) -> dict[str, InlinePerson]:
    """Somebody for each way in which people of an organization come, and a stranger."""
    found: dict[HomeIdentity, str] = {}
    known = [(one.id, one) for tenant in tenants for one in tenant.organizations]
    for name, organization in sorted(known, key=lambda pair: pair[0]):
        for source in organization.sources:
            home = HomeIdentity(
                SIGN_INS[source.kind],
                tenant_id=source.tenant_id,
                domain=source.domain,
                issuer=source.issuer,
                identifier=source.identifier,
            )
            said = [name, home.sign_in.value, home.tenant_id, home.domain]
            said += [home.issuer, home.identifier]
            found.setdefault(home, "newcomer:" + " ".join(part for part in said if part))
    found[HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="nowhere.invalid")] = "newcomer:stranger"
    return {
        name: InlinePerson(
            id=name,
            type=PersonType.EXTERNAL,
            state=AccountState.ENABLED,
            groups=(),
            manager=None,
            sponsors=(),
            home=home,
            attributes={},
            risk=RiskLevel.NONE,
        )
        for home, name in found.items()
    }


def changes(old: BruteSide, new: BruteSide) -> set[Told]:
    """Every change for everybody, pair by pair."""
    people = {user.id for side in (old, new) for user in side.tenant.users}
    outside = outsiders(old.tenant, new.tenant)
    people |= outside.keys()
    packages = {
        package.id
        for side in (old, new)
        for catalog in side.tenant.catalogs
        for package in catalog.packages
    }
    return {
        told
        for person in people
        for package in packages
        for told in _told(
            person,
            package,
            old.see(person, package, outside),
            new.see(person, package, outside),
        )
    }


def _told(person: str, package: str, old: Seen, new: Seen) -> Iterator[Told]:
    def tell(kind: Kind, before: Any, after: Any, policy: str = "") -> Told:
        return Told(person, package, kind, policy, before, after)

    match old.may, new.may:
        case False, True:
            yield tell(Kind.GAINS, old.standing, new.standing)
        case True, False:
            yield tell(Kind.LOSSES, old.standing, new.standing)
        case True, True:
            yield from _both(tell, old, new)
        case _:
            different = old.standing[2] != new.standing[2]
            if different and old.there and new.there:
                yield tell(Kind.REASONS, old.standing, new.standing)
    moved_alike = (old.may, new.may) == (old.visible, new.visible)
    if old.visible != new.visible and not moved_alike:
        yield tell(Kind.VISIBILITY, old.visible, new.visible)
    for name in {*old.plans, *new.plans}:
        was = old.plans[name].dead if name in old.plans else ()
        now = new.plans[name].dead if name in new.plans else ()
        if was != now:
            yield tell(Kind.DEAD_ENDS, was, now, name)


def _both(tell: Callable[..., Told], old: Seen, new: Seen) -> Iterator[Told]:
    if old.standing[1] != new.standing[1] or old.selected != new.selected:
        yield tell(Kind.POLICY, old.standing, new.standing)
    names = [name for name in old.plans if name in new.plans]
    together = [(name, old.plans[name], new.plans[name]) for name in names]
    if not together and len(old.plans) == 1 and len(new.plans) == 1:
        together = [("", next(iter(old.plans.values())), next(iter(new.plans.values())))]
    for name, before, after in together:
        if before.alive and after.alive:
            yield from _plans(tell, name, before, after)


def _plans(tell: Callable[..., Told], name: str, old: Plan, new: Plan) -> Iterator[Told]:
    if old.people != new.people:
        yield tell(Kind.APPROVERS, old.people, new.people, name)
    if len(old.people) != len(new.people):
        yield tell(Kind.STAGES, len(old.people), len(new.people), name)
    if any(was != now for was, now in zip(old.times, new.times, strict=False)):
        yield tell(Kind.DEADLINES, old.times, new.times, name)
    if old.ending != new.ending:
        yield tell(Kind.DURATION, old.ending, new.ending, name)
    if old.reviews != new.reviews:
        yield tell(Kind.REVIEWS, None, None, name)
    if old.actions != new.actions:
        yield tell(Kind.ACTIONS, old.actions, new.actions, name)
    if old.requirements != new.requirements:
        yield tell(Kind.REQUIREMENTS, None, None, name)
