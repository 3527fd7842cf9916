"""Gate 11: who decides each approval stage, and who joins when it is late (S-66 to S-74)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from ostiary.decide.lookup import PhaseLookup
from ostiary.decide.memo import Memo
from ostiary.decide.model import ApproverList, CompiledApproval, CompiledStage, Found
from ostiary.decide.ports import Directory
from ostiary.decide.subject import Subject
from ostiary.domain.decision import (
    DiscardedApprover,
    Origin,
    Reason,
    StagePlan,
    Step,
    Unusable,
)
from ostiary.domain.people import UNKNOWN, AccountState, ConnectedOrganization, Unknown, User
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.tables import Row

_EMPTY = Found((), frozenset(), anybody=False)
_SPONSORS = frozenset({ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS})
_LEVELS = (1, 2)  # of managers
RELATIONS = _SPONSORS | {ApproverKind.MANAGER, ApproverKind.OWN_SPONSORS}


class StaffedStage(msgspec.Struct, frozen=True):
    """One stage resolved: the rules' verdict and the people behind it."""

    compiled: CompiledStage
    step: Step
    word: str  # staffed, nobody or unknown
    discarded: tuple[DiscardedApprover, ...]  # everybody looked at in vain
    missing_fact: str | None
    plan: StagePlan  # without instants, as of a stage that opens later


class Staffing(msgspec.Struct, frozen=True):
    """All stages of a policy resolved for one target."""

    stages: tuple[StaffedStage, ...]
    word: str  # as the limits know it: automatic, staffed, nobody, unknown or undecided
    steps: tuple[Step, ...]
    plans: tuple[StagePlan, ...]  # of the stages
    escalations: tuple[timedelta | None, ...]
    noteworthy: bool  # stand-ins, people who cannot decide, or nobody to escalate to


def _staffing(stages: tuple[StaffedStage, ...], word: str) -> Staffing:
    return Staffing(
        stages=stages,
        word=word,
        steps=tuple(one.step for one in stages),
        plans=tuple(one.plan for one in stages),
        escalations=tuple(one.plan.escalate_after for one in stages),
        noteworthy=any(_noteworthy(one) for one in stages),
    )


def _noteworthy(one: StaffedStage) -> bool:
    late = one.compiled.stage.escalate_after is not None and not one.plan.alternates
    return bool(one.discarded) or one.plan.origin is Origin.FALLBACK or late


UNDECIDED = _staffing((), "undecided")
AUTOMATIC = _staffing((), "automatic")


def staff(
    approval: CompiledApproval,
    subject: Subject,
    excluded: frozenset[str],
    directory: Directory,
    lookup: PhaseLookup,
    memo: Memo[tuple[int, str | None], Staffing],
) -> Staffing:
    """Resolve all stages ahead for one target, so that nobody is asked in vain (S-72).

    `excluded` are those whose own request it is (S-71).
    """
    manager = subject.manager
    if (
        not approval.only_by_manager
        or manager is UNKNOWN
        or manager in excluded
        or not approval.people.isdisjoint(excluded)
        or lookup.predicates
    ):
        return _staff_all(approval, subject, excluded, directory, lookup)
    # Nobody involved asks for themselves and nothing but the manager depends on the target.
    key = (approval.uid, manager)
    known = memo.get(key)
    if known is not None:
        return known
    return memo.put(key, _staff_all(approval, subject, excluded, directory, lookup))


def lacking(staffing: Staffing, fact: str) -> Staffing:
    """Give a staffing of which a fact that its first stage hangs on is not known."""
    first, *others = staffing.stages
    unknown = msgspec.structs.replace(first, word="unknown", missing_fact=fact)
    return _staffing((unknown, *others), "unknown")


def staff_stage(
    stage: ApprovalStage,
    number: int,
    subject: Subject,
    excluded: frozenset[str],
    directory: Directory,
    lookup: PhaseLookup,
) -> StaffedStage:
    """Resolve one stage as the directory is now: when it opens, or when somebody acts (S-73)."""
    compiled = CompiledStage(
        number=number,
        about=f"stage {number}",
        stage=stage,
        primary=compile_list(stage.primary, directory),
        fallback=compile_list(stage.fallback, directory),
        alternates=compile_list(stage.alternates, directory),
        alternate_fallback=compile_list(stage.alternate_fallback, directory),
    )
    return _staff(compiled, subject, excluded, directory, lookup)


def _staff_all(
    approval: CompiledApproval,
    subject: Subject,
    excluded: frozenset[str],
    directory: Directory,
    lookup: PhaseLookup,
) -> Staffing:
    stages = tuple(_staff(stage, subject, excluded, directory, lookup) for stage in approval.stages)
    words = {one.word for one in stages}
    # INVARIANT: approval that is required and has no stage is given by nobody (S-24, S-25).
    if "nobody" in words or not stages:
        return _staffing(stages, "nobody")
    return _staffing(stages, "unknown" if "unknown" in words else "staffed")


def _staff(
    compiled: CompiledStage,
    subject: Subject,
    excluded: frozenset[str],
    directory: Directory,
    lookup: PhaseLookup,
) -> StaffedStage:
    primary = find(compiled.primary, subject, excluded, directory)
    fallback = find(compiled.fallback, subject, excluded, directory)
    late = alternate_fallback = _EMPTY
    escalates = compiled.stage.escalate_after is not None
    if escalates:
        late = find(compiled.alternates, subject, excluded, directory)
        alternate_fallback = find(compiled.alternate_fallback, subject, excluded, directory)
    offsets = lookup.offsets
    cell = (
        lookup.base
        + offsets["primary"][primary.primary_word]
        + offsets["fallback"][fallback.word]
        + offsets["alternates"][late.word if escalates else "off"]
        + offsets["alternate_fallback"][alternate_fallback.word]
    )
    if lookup.predicates:
        cell += lookup.own(subject)
    return _staffed(compiled, lookup.row(cell), (primary, fallback), (late, alternate_fallback))


def _staffed(
    compiled: CompiledStage, row: Row, first: tuple[Found, Found], late: tuple[Found, Found]
) -> StaffedStage:
    """Follow the rules' verdict to the people: who decides, and who joins when it is late."""
    deciders, escalation = row.answers[0].word, row.answers[1].word
    looked_at: tuple[Found, ...] = first[:1] if deciders == "primary" else first
    looked_at += late[:1] if escalation == "alternates" else late
    discarded = in_order(one for found in looked_at for one in found.discarded)
    missing = _missing(deciders, first) or _missing(escalation, late)
    plan = _plan(compiled, row, _chosen(deciders, first), _chosen(escalation, late), discarded)
    staffed = "nobody" if deciders == "nobody" else "staffed"
    return StaffedStage(
        compiled=compiled,
        step=Step(compiled.about, row),
        word=staffed if missing is None or deciders == "nobody" else "unknown",
        discarded=discarded,
        missing_fact=missing,
        plan=plan,
    )


def _plan(
    compiled: CompiledStage,
    row: Row,
    deciders: Found,
    alternates: Found,
    discarded: tuple[DiscardedApprover, ...],
) -> StagePlan:
    stage, instead = compiled.stage, row.answers[1].word == "fallback"
    return StagePlan(
        number=compiled.number,
        approvers=deciders.usable,
        origin=Origin.FALLBACK if row.answers[0].word == "fallback" else Origin.PRIMARY,
        alternates=alternates.usable,
        alternates_origin=Origin.FALLBACK if instead else Origin.PRIMARY,
        time_out=stage.time_out,
        escalate_after=stage.escalate_after if alternates.usable else None,
        justification_required=stage.justification_required,
        discarded=discarded,
    )


def opened(plan: StagePlan, at: datetime) -> StagePlan:
    """Give the plan of a stage that opens at a known instant (S-75)."""
    escalate_after = plan.escalate_after
    return StagePlan(
        plan.number,
        plan.approvers,
        plan.origin,
        plan.alternates,
        plan.alternates_origin,
        plan.time_out,
        escalate_after,
        plan.justification_required,
        at,
        None if escalate_after is None else at + escalate_after,
        at + plan.time_out,
        plan.discarded,
    )


def said(policy: str, one: StaffedStage) -> Iterator[Reason]:
    """Say where stand-ins joined, who cannot decide, and where nobody joins when it is late."""
    plan, number = one.plan, ("stage", str(one.plan.number))
    if plan.origin is Origin.FALLBACK:
        yield Reason(Code.FALLBACK_USED, Severity.INFO, policy, (number,))
    for who in plan.discarded:
        details = [("kind", who.kind.value), number, ("why", who.why.value)]
        if who.person is not None:
            details.insert(1, ("person", who.person))
        yield Reason(Code.APPROVER_UNUSABLE, Severity.INFO, policy, tuple(details))
    if one.compiled.stage.escalate_after is not None and not plan.alternates:
        yield Reason(Code.ESCALATION_EMPTY, Severity.INFO, policy, (number,))


def _chosen(word: str, found: tuple[Found, Found]) -> Found:
    if word == "fallback":
        return found[1]
    return found[0] if word in ("primary", "alternates") else _EMPTY


def _missing(word: str, found: tuple[Found, Found]) -> str | None:
    if word != "unknown":
        return None
    return found[0].missing_fact or found[1].missing_fact or "approvers"


def in_order(discarded: Iterable[DiscardedApprover]) -> tuple[DiscardedApprover, ...]:
    """Give each discarded approver once, by person, kind and why."""
    unique = set(discarded)
    if not unique:
        return ()
    return tuple(sorted(unique, key=lambda one: (one.person or "", one.kind.value, one.why.value)))


def compile_list(approvers: tuple[Approver, ...], directory: Directory) -> ApproverList:
    """Resolve at load what does not depend on the target."""
    named = tuple(one for one in approvers if one.kind not in RELATIONS)
    resolved = _resolve(_named_people(named, directory), frozenset())
    return ApproverList(
        named=named,
        relations=tuple(one for one in approvers if one.kind in RELATIONS),
        resolved=resolved,
        usable_set=frozenset(resolved.usable),
    )


def find(
    approvers: ApproverList, subject: Subject, excluded: frozenset[str], directory: Directory
) -> Found:
    """Give the usable people of a list; who cannot decide is kept with the reason (S-72)."""
    untouched = approvers.usable_set.isdisjoint(excluded)
    if untouched and not approvers.relations:
        return approvers.resolved
    found = (
        approvers.resolved
        if untouched
        else _resolve(_named_people(approvers.named, directory), excluded)
    )
    for approver in approvers.relations:
        found = _joined(found, _related(approver, subject, excluded, directory))
    return found


def _joined(one: Found, other: Found) -> Found:
    return Found(
        usable=tuple(sorted({*one.usable, *other.usable})) if one.usable else other.usable,
        discarded=one.discarded | other.discarded,
        anybody=one.anybody or other.anybody,
        missing_fact=one.missing_fact or other.missing_fact,
    )


def _related(
    approver: Approver, subject: Subject, excluded: frozenset[str], directory: Directory
) -> Found:
    ids = related_ids(approver, subject, directory)
    if isinstance(ids, str):
        return Found((), frozenset(), anybody=False, missing_fact=ids)
    people = ((approver.kind, name, directory.user(name)) for name in ids)
    return _resolve(people, excluded) if ids else _nobody(approver.kind)


def _nobody(kind: ApproverKind) -> Found:
    return Found((), frozenset({DiscardedApprover(kind, None, Unusable.MISSING)}), anybody=False)


def _resolve(
    people: Iterable[tuple[ApproverKind, str | None, User | None]], excluded: frozenset[str]
) -> Found:
    usable: set[str] = set()
    discarded: set[DiscardedApprover] = set()
    anybody = False
    for kind, name, user in people:
        if user is None:
            why = Unusable.UNREADABLE if kind is ApproverKind.UNREADABLE else Unusable.MISSING
            discarded.add(DiscardedApprover(kind, name, why))
            continue
        anybody = True
        if user.state is not AccountState.ENABLED:
            discarded.add(DiscardedApprover(kind, name, _why(user.state)))
        # INVARIANT: nobody approves their own request, by any path (S-71).
        elif user.id in excluded:
            discarded.add(DiscardedApprover(kind, name, Unusable.OWN_REQUEST))
        else:
            usable.add(user.id)
    return Found(tuple(sorted(usable)), frozenset(discarded), anybody)


def _why(state: AccountState) -> Unusable:
    return Unusable.DELETED if state is AccountState.DELETED else Unusable.BLOCKED


def _named_people(
    approvers: tuple[Approver, ...], directory: Directory
) -> Iterator[tuple[ApproverKind, str | None, User | None]]:
    for approver in approvers:
        if approver.kind is ApproverKind.USER and approver.id is not None:
            yield approver.kind, approver.id, directory.user(approver.id)
        elif approver.kind is ApproverKind.GROUP and approver.id is not None:
            members = directory.members(approver.id)
            yield from ((approver.kind, user.id, user) for user in members)
            if not members:
                yield approver.kind, None, None
        else:
            yield ApproverKind.UNREADABLE, None, None


def related_ids(
    approver: Approver, subject: Subject, directory: Directory
) -> tuple[str, ...] | str:
    """Give the ids that a relation leads to, or the name of the fact that nobody told."""
    if approver.kind is ApproverKind.MANAGER:
        return _managers(approver.level, subject, directory)
    if approver.kind is ApproverKind.OWN_SPONSORS:
        return "sponsors" if isinstance(subject.sponsors, Unknown) else subject.sponsors
    if not subject.home_known:
        return "identity"
    if not subject.organizations:
        return ()
    organization = directory.organization(subject.organizations[0])
    return organization_sponsors(approver.kind, organization, directory)


def _managers(level: int, subject: Subject, directory: Directory) -> tuple[str, ...] | str:
    if level not in _LEVELS:
        return ()  # of no use at save, and in kept data nobody (S-25)
    manager = subject.manager
    if isinstance(manager, Unknown):
        return "manager"
    if level > 1 and manager is not None:
        first = directory.user(manager)
        manager = first.manager if first is not None else None
    return () if manager is None else (manager,)


def organization_sponsors(
    kind: ApproverKind, organization: ConnectedOrganization, directory: Directory
) -> tuple[str, ...]:
    """Give the sponsors of one side of a connected organization, group members included (S-30)."""
    internal = kind is ApproverKind.INTERNAL_SPONSORS
    users = organization.internal_sponsor_users if internal else organization.external_sponsor_users
    groups = (
        organization.internal_sponsor_groups if internal else organization.external_sponsor_groups
    )
    members = (user.id for group in groups for user in directory.members(group))
    return tuple(dict.fromkeys((*users, *members)))
