"""Random assignment policies: every scope, approver, end, review and extension there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Question,
    QuestionKind,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from ostiary.domain.tenant import Profile
from tests.properties.dice import ATTRIBUTES, DAY, HOUR, NOW, Dice

POLICY_IDS = ("p1", "p2", "p3", "p4", "p5", "p6")
POLICY_NAMES = ("Employees", "Contractors", "Partners", "All")
SCOPE_KINDS = (
    ScopeKind.NONE,
    *[ScopeKind.SPECIFIC_SUBJECTS] * 4,
    *[ScopeKind.ALL_MEMBERS] * 4,
    *[ScopeKind.ALL_DIRECTORY_USERS] * 5,
    *[ScopeKind.SPECIFIC_ORGANIZATIONS] * 3,
    *[ScopeKind.ALL_CONFIGURED_ORGANIZATIONS] * 3,
    ScopeKind.AUTOMATIC,
    ScopeKind.UNREADABLE,
    *[ScopeKind.ALL_EXTERNAL] * 2,  # the last ones, which not every profile accepts
)
APPROVER_KINDS = (
    *[ApproverKind.USER] * 7,
    *[ApproverKind.GROUP] * 3,
    *[ApproverKind.MANAGER] * 4,
    ApproverKind.INTERNAL_SPONSORS,
    ApproverKind.EXTERNAL_SPONSORS,
    *[ApproverKind.OWN_SPONSORS] * 2,
)
DURATIONS = (HOUR, DAY, 14 * DAY, 15 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
FIXED_ENDS: tuple[datetime, ...] = (
    NOW - DAY,
    NOW,
    NOW + HOUR,
    NOW + 5 * DAY,
    NOW + 10 * DAY,
    NOW + 20 * DAY,
    NOW + 25 * DAY,
    NOW + 14 * DAY,
    NOW + 100 * DAY,
)
REVIEW_STARTS: tuple[datetime, ...] = (
    NOW - 400 * DAY,
    NOW - 90 * DAY,
    NOW - HOUR,
    NOW,
    NOW + HOUR,
    NOW.replace(month=1, day=31),
    NOW + 60 * DAY,
)
RECURRENCES = (
    Recurrence(every=90 * DAY),
    Recurrence(every=30 * DAY),
    Recurrence(months=1),
    Recurrence(months=3),
    Recurrence(months=12),
)
WAITING_STAGES = frozenset(ExtensionStage) - {
    ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY,
    ExtensionStage.ONE_DAY_BEFORE_EXPIRY,
}
EXTENSION_STAGES = tuple(ExtensionStage)
TEXT_PATTERNS = (None, r"\d{4}", r"[A-Z]+-\d+")
CHOICES = ("north", "south", "east")


class Names(NamedTuple):
    """The ids of what policies can refer to."""

    users: Sequence[str]
    groups: Sequence[str]
    organizations: Sequence[str]
    extensions: Sequence[str]


def policies_of(dice: Dice, profile: Profile, names: Names) -> tuple[AssignmentPolicy, ...]:
    """Some policies of one package, in the order of their names, then ids."""
    count = 0 if dice.chance(0.06) else dice.number(1, dice.bounded(4))
    ids = dice.random.sample(POLICY_IDS, count)
    policies = [policy(dice, profile, names, policy_id) for policy_id in ids]
    return tuple(sorted(policies, key=lambda each: (each.name, each.id)))


def policy(dice: Dice, profile: Profile, names: Names, policy_id: str) -> AssignmentPolicy:
    """One policy."""
    approval_for_add = dice.chance(0.7)
    approval_for_extension = dice.chance(0.2)
    most_stages = profile.limits["approval_stages"] or 3
    staged = approval_for_add or approval_for_extension
    count = dice.number(1, dice.bounded(most_stages)) if staged else 0
    return AssignmentPolicy(
        id=policy_id,
        name=dice.pick(POLICY_NAMES),
        scope=scope(dice, profile, names),
        expiration=expiration(dice),
        enabled=dice.chance(0.92),
        self_add=dice.chance(0.92),
        on_behalf=dice.chance(0.6),
        justification_required=dice.chance(0.25),
        questions=questions(dice, "q", 2) if dice.chance(0.3) else (),
        custom_schedule=dice.chance(0.7),
        approval_for_add=approval_for_add,
        approval_for_extension=approval_for_extension,
        stages=tuple(stage(dice, names) for _ in range(count)),
        extension_allowed=dice.chance(0.5),
        reviews=reviews(dice) if dice.chance(0.3) else None,
        extensions=calls(dice, names.extensions) if dice.chance(0.3) else (),
        revoke_when_out_of_scope=dice.chance(0.2),
        out_of_scope_grace=dice.pick((0 * DAY, 7 * DAY)),
        remove_when_unfit=dice.chance(0.5),
    )


def scope(dice: Dice, profile: Profile, names: Names) -> RequestorScope:
    """A requestor scope of a kind that the profile accepts."""
    kind = dice.pick(SCOPE_KINDS if profile.all_external_scope else SCOPE_KINDS[:-2])
    if kind is ScopeKind.SPECIFIC_SUBJECTS:
        return RequestorScope(
            kind, users=dice.some(names.users, 3), groups=dice.some(names.groups, 3)
        )
    if kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
        return RequestorScope(kind, organizations=dice.some(names.organizations, 2))
    if kind is ScopeKind.AUTOMATIC:
        return RequestorScope(kind, rule=rule(dice, 2))
    return RequestorScope(kind)


def rule(dice: Dice, depth: int) -> AttributeRule:
    """A rule over attributes, nested so deep at most."""
    shape = dice.number(0, 4) if depth else 0
    if shape == 1:
        return AllOf((rule(dice, depth - 1), rule(dice, depth - 1)))
    if shape == 2:
        return AnyOf((rule(dice, depth - 1), rule(dice, depth - 1)))
    if shape == 3:
        return Negation(rule(dice, depth - 1))
    attribute = dice.pick(tuple(ATTRIBUTES))
    values = ATTRIBUTES[attribute]
    comparison = dice.pick(tuple(Comparison))
    if comparison is Comparison.IN:
        return AttributeTest(attribute, comparison, (dice.pick(values), dice.pick(values)))
    return AttributeTest(attribute, comparison, (dice.pick((*values, values[0][:2])),))


def expiration(dice: Dice) -> Expiration:
    """An end: never, on a date, or after a time."""
    throw = dice.number(0, 9)
    if throw < 2:
        return Expiration(ExpirationKind.NEVER)
    if throw < 5:
        return Expiration(ExpirationKind.DATE, at=dice.pick(FIXED_ENDS))
    return Expiration(ExpirationKind.DURATION, after=dice.pick(DURATIONS))


def questions(dice: Dice, prefix: str, most: int) -> tuple[Question, ...]:
    """Questions with ids that begin so."""
    return tuple(
        question(dice, f"{prefix}{number}") for number in range(1, dice.number(1, most) + 1)
    )


def question(dice: Dice, question_id: str) -> Question:
    """A question for a text or a choice."""
    required = dice.chance(0.5)
    if dice.chance(0.5):
        pattern = dice.pick(TEXT_PATTERNS)
        return Question(question_id, "Why?", required=required, pattern=pattern)
    return Question(
        question_id,
        "Where?",
        kind=QuestionKind.CHOICE,
        required=required,
        choices=CHOICES,
        multiple=dice.chance(0.5),
    )


def stage(dice: Dice, names: Names) -> ApprovalStage:
    """An approval stage; one in three escalates."""
    escalates = dice.chance(0.35)
    return ApprovalStage(
        primary=approvers(dice, names, 1, 3),
        fallback=approvers(dice, names, 0, 2) if dice.chance(0.7) else (),
        alternates=approvers(dice, names, 0, 2) if escalates or dice.chance(0.1) else (),
        alternate_fallback=approvers(dice, names, 0, 2) if escalates else (),
        escalate_after=dice.pick((DAY, 8 * DAY)) if escalates else None,
        time_out=dice.pick((14 * DAY, 30 * DAY)),
        justification_required=dice.chance(0.2),
    )


def approvers(dice: Dice, names: Names, least: int, most: int) -> tuple[Approver, ...]:
    """A list of approvers of all kinds."""
    return tuple(approver(dice, names) for _ in range(dice.number(least, most)))


def approver(dice: Dice, names: Names) -> Approver:
    """One entry of an approver list."""
    if dice.chance(0.02):
        return Approver(ApproverKind.UNREADABLE)
    kind = dice.pick(APPROVER_KINDS)
    if kind is ApproverKind.USER:
        return Approver(kind, dice.pick(names.users))
    if kind is ApproverKind.GROUP:
        if not names.groups:
            return Approver(ApproverKind.MANAGER)
        return Approver(kind, dice.pick(names.groups))
    if kind is ApproverKind.MANAGER:
        return Approver(kind, level=dice.number(1, 2))
    return Approver(kind)


def reviews(dice: Dice) -> ReviewSettings:
    """Review settings with starts before and after the present."""
    return ReviewSettings(
        start=dice.pick(REVIEW_STARTS),
        recurrence=dice.pick(RECURRENCES),
        window=dice.pick((25 * DAY, 5 * DAY)),
        reviewers=ReviewerKind.SELF,
    )


def calls(dice: Dice, extensions: Sequence[str]) -> tuple[ExtensionCall, ...]:
    """Calls of custom extensions, each stage at most once."""
    if not extensions:
        return ()
    return tuple(
        ExtensionCall(
            dice.pick(extensions),
            stage,
            wait=2 * HOUR if stage in WAITING_STAGES and dice.chance(0.4) else None,
        )
        for stage in dice.some(EXTENSION_STAGES, 3)
    )
