"""What follows a yes, with its dates: stages, delivery, end, reminders, reviews, clean-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.people import PersonType
from ostiary.domain.policy import (
    AssignmentPolicy,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Recurrence,
    ScopeKind,
)
from ostiary.domain.request import Schedule
from ostiary.domain.tenant import GuestCleanup
from tests.oracle.approvers import Staffed
from tests.oracle.case import Case
from tests.oracle.expected import ExpectedAction, ExpectedStage
from tests.oracle.instances import next_review

NOW = timedelta(0)
KINDS = list(ActionKind)  # in the order of S-8
ANCHORS = [
    Anchor.SUBMITTED,
    Anchor.STAGE_OPENED,
    Anchor.APPROVED,
    Anchor.ASSIGNMENT_START,
    Anchor.DELIVERED,
    Anchor.ASSIGNMENT_END,
    Anchor.OUT_OF_SCOPE,
    Anchor.REVIEW_CALENDAR,
]


class Point(NamedTuple):
    """A moment of the plan: an offset from an event, and the instant if that is known."""

    anchor: Anchor
    offset: timedelta = NOW
    at: datetime | None = None
    not_before: datetime | None = None
    stage: int = 0

    def later(self, by: timedelta) -> Point:
        """The moment that lies so much later, or earlier if negative."""
        at = None if self.at is None else self.at + by
        return self._replace(offset=self.offset + by, at=at)

    def action(
        self, kind: ActionKind, target: str = "", repeats: Recurrence | None = None
    ) -> ExpectedAction:
        """An action at this moment."""
        return ExpectedAction(
            kind,
            self.anchor,
            self.offset,
            self.at,
            self.not_before,
            self.stage,
            target,
            repeats,
        )


def plan_stages(
    case: Case, policy: AssignmentPolicy, staffed: list[Staffed]
) -> tuple[ExpectedStage, ...]:
    """The approval plan; each stage has its own clock from its own opening (S-75)."""
    stages = []
    for number, (stage, people) in enumerate(zip(policy.stages, staffed, strict=True), 1):
        opening = stage_opening(case, policy, number)
        escalate_after = stage.escalate_after if people.alternates else None
        stages.append(
            ExpectedStage(
                number=number,
                approvers=people.approvers,
                origin=people.origin,
                alternates=people.alternates,
                alternates_origin=people.alternates_origin,
                time_out=stage.time_out,
                escalate_after=escalate_after,
                justification_required=stage.justification_required,
                opens_at=opening.at,
                escalates_at=None if escalate_after is None else opening.later(escalate_after).at,
                denies_at=opening.later(stage.time_out).at,
                discarded=people.discarded,
            )
        )
    return tuple(stages)


def stage_opening(case: Case, policy: AssignmentPolicy, number: int) -> Point:
    """The first stage opens at once unless an extension is waited for; others on approval."""
    known = number == 1 and not waits_before_approval(policy)
    at = case.request.at if known else None
    return Point(Anchor.STAGE_OPENED, at=at, stage=number)


def waits_before_approval(policy: AssignmentPolicy) -> bool:
    """Whether nobody is asked before an outside workflow has answered (S-127)."""
    return any(
        call.stage is ExtensionStage.REQUEST_CREATED and call.wait is not None
        for call in policy.extensions
    )


def plan_actions(
    case: Case, policy: AssignmentPolicy, stages: tuple[ExpectedStage, ...]
) -> tuple[ExpectedAction, ...]:
    """All that follows, in order: known instants first, then what hangs on events (S-48)."""
    end = assignment_end(case, policy)
    actions = [
        *stage_actions(case, policy, stages),
        *delivery_actions(case, policy),
        *end_actions(case, policy, end),
        *reminders(case, policy, end),
        *out_of_scope_actions(case, policy),
        *extension_actions(case, policy, end),
        *review_actions(case, policy, end),
    ]
    return tuple(sorted(actions, key=order))


def order(action: ExpectedAction) -> tuple[object, ...]:
    """The order of the list (S-8, S-46)."""
    kind, anchor = KINDS.index(action.kind), ANCHORS.index(action.anchor)
    if action.at is not None:
        return (0, action.at, kind, action.target, anchor, action.offset)
    return (1, anchor, action.stage, action.offset, kind, action.target)


def stage_actions(
    case: Case, policy: AssignmentPolicy, stages: tuple[ExpectedStage, ...]
) -> list[ExpectedAction]:
    """Opening, escalation if there is anybody, and time-out of each stage (S-75 to S-77)."""
    actions = []
    for stage in stages:
        opening = stage_opening(case, policy, stage.number)
        actions.append(opening.action(ActionKind.OPEN_STAGE))
        actions.append(opening.later(stage.time_out).action(ActionKind.TIME_OUT_STAGE))
        if stage.escalate_after is not None:
            late = opening.later(stage.escalate_after)
            actions.append(late.action(ActionKind.ESCALATE_STAGE))
    return actions


def later_start(case: Case) -> datetime | None:
    """The start that was asked for, if it lies ahead."""
    asked = case.request.schedule
    if asked is None or asked.start is None or asked.start <= case.request.at:
        return None
    return asked.start


def approval_at(case: Case, policy: AssignmentPolicy) -> datetime | None:
    """The instant of approval, known only if no human and no workflow comes before it (S-65)."""
    if policy.approval_for_add or waits_before_approval(policy):
        return None
    return case.request.at


def assignment_start(case: Case, policy: AssignmentPolicy) -> Point:
    """Access starts on approval, or at the asked-for start if that is later (S-90)."""
    later = later_start(case)
    approved = approval_at(case, policy)
    if approved is not None:
        return Point(Anchor.ASSIGNMENT_START, at=later or approved)
    if later is not None:
        return Point(Anchor.ASSIGNMENT_START, not_before=later)
    return Point(Anchor.APPROVED)


def assignment_end(case: Case, policy: AssignmentPolicy) -> Point | None:
    """The end: what was asked for, else a fixed date, else start plus duration (S-98, S-99)."""
    asked = case.request.schedule or Schedule()
    start = assignment_start(case, policy)
    if asked.end is not None:
        return Point(Anchor.ASSIGNMENT_END, at=asked.end)
    if asked.duration is not None:
        return start.later(asked.duration)
    expiration = policy.expiration
    if expiration.kind is ExpirationKind.DATE:
        return Point(Anchor.ASSIGNMENT_END, at=expiration.at)
    if expiration.kind is ExpirationKind.DURATION and expiration.after is not None:
        return start.later(expiration.after)
    return None


def delivery_actions(case: Case, policy: AssignmentPolicy) -> list[ExpectedAction]:
    """A late start, the invitation of an outsider, and a grant for each entry (S-91, S-115)."""
    start = assignment_start(case, policy)
    actions = []
    if later_start(case) is not None:
        actions.append(start.action(ActionKind.START_DELIVERY))
    if case.person.type is PersonType.EXTERNAL:
        actions.append(start.action(ActionKind.INVITE_GUEST))
    return actions + [start.action(ActionKind.GRANT, entry) for entry in entries(case)]


def entries(case: Case) -> list[str]:
    """The resource roles of the package (S-16)."""
    return sorted(f"{entry.resource}/{entry.role}" for entry in set(case.package.entries))


def end_actions(case: Case, policy: AssignmentPolicy, end: Point | None) -> list[ExpectedAction]:
    """Expiry and a revocation for each entry (S-99), then the clean-up of guests (S-116)."""
    if end is None:
        return []
    actions = [end.action(ActionKind.EXPIRE_ASSIGNMENT)]
    actions += [end.action(ActionKind.REVOKE, entry) for entry in entries(case)]
    guest = case.person.type is PersonType.GUEST and case.person.governed
    if not guest and case.person.type is not PersonType.EXTERNAL:
        return actions
    cleanup = case.tenant.settings.guest_cleanup
    if cleanup in {GuestCleanup.BLOCK, GuestCleanup.BLOCK_AND_DELETE}:
        actions.append(end.action(ActionKind.BLOCK_GUEST))
    if cleanup in {GuestCleanup.DELETE, GuestCleanup.BLOCK_AND_DELETE}:
        deletion = end.later(case.tenant.profile.guest_deletion_after_block)
        actions.append(deletion.action(ActionKind.DELETE_GUEST))
    return actions


def before_end(case: Case, end: Point | None, lead: timedelta) -> Point | None:
    """A moment before the end, unless it would lie in the past or before the start (S-100)."""
    if end is None:
        return None
    moment = end.later(-lead)
    if end.anchor is not Anchor.ASSIGNMENT_END:
        return moment if moment.offset > NOW else None
    start = later_start(case) or case.request.at
    return moment if moment.at is not None and moment.at > start else None


def reminders(case: Case, policy: AssignmentPolicy, end: Point | None) -> list[ExpectedAction]:
    """Reminders to extend, where extending is possible (S-100)."""
    if not policy.extension_allowed:
        return []
    leads = case.tenant.profile.expiry_reminders
    moments = [before_end(case, end, lead) for lead in leads]
    return [moment.action(ActionKind.REMIND_EXPIRY) for moment in moments if moment is not None]


def out_of_scope_actions(case: Case, policy: AssignmentPolicy) -> list[ExpectedAction]:
    """Leaving the scope ends access where the policy says so (S-37), or its rule (S-106)."""
    unfit = policy.scope.kind is ScopeKind.AUTOMATIC and policy.remove_when_unfit
    if not policy.revoke_when_out_of_scope and not unfit:
        return []
    moment = Point(Anchor.OUT_OF_SCOPE, policy.out_of_scope_grace)
    return [moment.action(ActionKind.REMOVE_OUT_OF_SCOPE)]


def extension_actions(
    case: Case, policy: AssignmentPolicy, end: Point | None
) -> list[ExpectedAction]:
    """The calls of outside workflows, and the end of the patience with them (section 15)."""
    actions = []
    for call in policy.extensions:
        moment = call_moment(case, policy, call, end)
        if moment is None:
            continue
        actions.append(moment.action(ActionKind.CALL_EXTENSION, call.extension))
        if call.wait is not None:
            late = moment.later(call.wait)
            actions.append(late.action(ActionKind.TIME_OUT_EXTENSION, call.extension))
    return actions


def call_moment(
    case: Case, policy: AssignmentPolicy, call: ExtensionCall, end: Point | None
) -> Point | None:
    """When a workflow is called; never in the past (S-130)."""
    if call.stage is ExtensionStage.REQUEST_CREATED:
        return Point(Anchor.SUBMITTED, at=case.request.at)
    if call.stage is ExtensionStage.REQUEST_APPROVED:
        return Point(Anchor.APPROVED, at=approval_at(case, policy))
    if call.stage is ExtensionStage.ASSIGNMENT_GRANTED:
        return Point(Anchor.DELIVERED)
    if call.stage is ExtensionStage.ASSIGNMENT_REMOVED:
        return Point(Anchor.ASSIGNMENT_END, at=None if end is None else end.at)
    if call.stage is ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY:
        return before_end(case, end, timedelta(days=14))
    return before_end(case, end, timedelta(days=1))


def review_actions(case: Case, policy: AssignmentPolicy, end: Point | None) -> list[ExpectedAction]:
    """The next review with its half-time reminder and close, if access lasts until then."""
    reviews = policy.reviews
    if reviews is None:
        return []
    opening = next_review(reviews, case.request.at)
    if end is not None and end.at is not None and end.at <= opening:
        return []
    moment = Point(Anchor.REVIEW_CALENDAR, at=opening)
    again = reviews.recurrence
    return [
        moment.action(ActionKind.OPEN_REVIEW, repeats=again),
        moment.later(reviews.window / 2).action(ActionKind.REMIND_REVIEWERS, repeats=again),
        moment.later(reviews.window).action(ActionKind.CLOSE_REVIEW, repeats=again),
    ]
