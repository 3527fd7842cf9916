"""The closed vocabulary between decide/ and the rules: facts in, answers out, for each phase.

A rule pack may leave a fact out (then no rule of it looks at that fact) and may add predicates of
its own; it may not invent facts, words or answers, since nothing would supply or obey them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ostiary.domain.policy import ScopeKind
from ostiary.domain.reasons import Code
from ostiary.domain.tables import Phase

YES_NO_UNKNOWN = ("yes", "no", "unknown")


class AnswerSpec(msgspec.Struct, frozen=True):
    """One answer that every cell of a phase must give, with the words it may use."""

    words: tuple[str, ...]
    with_reason: tuple[str, ...] = ()  # words that name a reason
    reasons: frozenset[Code] = frozenset()  # the reasons allowed there
    with_fact: tuple[str, ...] = ()  # words that name the missing fact
    facts: frozenset[str] = frozenset()  # the missing facts allowed there
    # words that give access or lead towards it: an unknown fact must never turn a cell into one
    granting: tuple[str, ...] = ()


class PhaseSpec(msgspec.Struct, frozen=True):
    """The facts that decide/ supplies to a phase and the answers it expects back."""

    facts: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, AnswerSpec]
    schedules: bool = False  # rules of this phase schedule actions, and all that fire count


VOCABULARY: Mapping[Phase, PhaseSpec] = {
    # asked once for each policy of the package
    Phase.REQUESTOR_SCOPE: PhaseSpec(
        facts={
            "route": ("self", "on_behalf", "direct"),
            "policy": ("enabled", "disabled"),
            "switched_on": ("yes", "no"),  # the policy's switch for this route
            "end_date": ("ahead", "passed"),  # a fixed end of the policy, if it has one
            "scope": tuple(kind.value for kind in ScopeKind),
            "person": ("member", "guest", "external", "unknown"),
            "targeted": YES_NO_UNKNOWN,  # the person is one of the subjects or organizations named
            "organization": (
                "configured",
                "proposed",
                "mismatch",  # looks like one of them, but signed in another way
                "none",
                "blocklisted",
                "unknown",
            ),
            "catalog": ("open", "closed"),  # to external people
        },
        answers={
            "scope": AnswerSpec(
                words=("in", "out", "unknown"),
                with_reason=("out",),
                reasons=frozenset(
                    {
                        Code.NOT_IN_SCOPE,
                        Code.ADMIN_ONLY,
                        Code.POLICY_DISABLED,
                        Code.END_PASSED,
                        Code.FORBIDDEN,
                        Code.CATALOG_NOT_EXTERNAL,
                    }
                ),
                with_fact=("unknown",),
                facts=frozenset({"type", "groups", "identity", "attributes"}),
                granting=("in",),
            )
        },
    ),
    # asked once for each request: gates 3 to 6, and 9
    Phase.POLICY_SELECTION: PhaseSpec(
        facts={
            "submitter": ("self", "manager", "other", "staff", "unknown"),
            "subject": ("enabled", "blocked", "deleted", "unknown"),
            "catalog": ("enabled", "disabled", "closed"),  # closed: and the person is external
            "scope": (
                "one",
                "several",
                "not_in_scope",
                "admin_only",
                "policy_disabled",
                "no_policy",
                "end_passed",
                "on_behalf_off",
                "unknown",
            ),
            "named": (
                "none",
                "offered",
                "held_back",
                "not_in_scope",
                "admin_only",
                "policy_disabled",
                "end_passed",
                "on_behalf_off",
                "other_package",
                "unknown",
            ),
            "listing": ("listed", "hidden", "showcase"),  # showcase: S-51
        },
        answers={
            "visible": AnswerSpec(words=("yes", "no"), granting=("yes",)),
            "selection": AnswerSpec(
                words=("selected", "choose", "refused", "closed", "unknown"),
                with_reason=("refused", "closed"),
                reasons=frozenset(
                    {
                        Code.NOT_MANAGER,
                        Code.SUBJECT_BLOCKED,
                        Code.SUBJECT_DELETED,
                        Code.CATALOG_DISABLED,
                        Code.CATALOG_NOT_EXTERNAL,
                        Code.NOT_IN_SCOPE,
                        Code.ADMIN_ONLY,
                        Code.POLICY_DISABLED,
                        Code.NO_POLICY,
                        Code.END_PASSED,
                        Code.FORBIDDEN,
                        Code.INVALID_MODEL,
                        Code.POLICY_NOT_OFFERED,
                    }
                ),
                with_fact=("unknown",),
                facts=frozenset({"state", "manager", "scope"}),  # scope: as its own row says
                granting=("selected", "choose"),
            ),
        },
    ),
    # asked once for each approval stage: gate 11
    Phase.APPROVER_RESOLUTION: PhaseSpec(
        facts={
            "primary": ("some", "only_own", "none", "unusable", "unknown"),
            "fallback": ("some", "none", "unknown"),
            "alternates": ("off", "some", "none", "unknown"),
            "alternate_fallback": ("some", "none", "unknown"),
        },
        answers={
            "deciders": AnswerSpec(
                words=("primary", "fallback", "nobody", "unknown"),
                granting=("primary", "fallback"),
            ),
            "escalation": AnswerSpec(
                words=("alternates", "fallback", "none", "unknown"),
                granting=("alternates", "fallback"),
            ),
        },
    ),
    # asked once for each request whose gates 3 to 6 are passed: gates 7, 8 and 10 to 12
    Phase.LIMITS: PhaseSpec(
        facts={
            "held": ("nothing", "assigned", "pending"),
            "duties": ("clear", "package", "group", "unknown"),
            "selection": ("selected", "choose", "refused"),
            "mode": ("query", "submission"),
            "missing": ("nothing", "justification", "answer"),
            "content": (
                "fine",
                "question_unknown",
                "answer_invalid",
                "schedule_not_allowed",
                "schedule_invalid",
                "schedule_beyond_policy",
            ),
            # undecided: no policy is selected, so nobody was looked for
            "approval": ("automatic", "staffed", "nobody", "unknown", "undecided"),
            "counters": ("below", "reached", "unknown"),
        },
        answers={
            "outcome": AnswerSpec(
                words=(
                    "grant",
                    "needs_approval",
                    "needs_choice",
                    "refuse",
                    "selection_stands",  # what policy selection refused stays refused
                    "unknown",
                ),
                with_reason=("refuse",),
                reasons=frozenset(
                    {
                        Code.ALREADY_ASSIGNED,
                        Code.REQUEST_PENDING,
                        Code.INCOMPATIBLE_PACKAGE,
                        Code.INCOMPATIBLE_GROUP,
                        Code.CHOICE_REQUIRED,
                        Code.JUSTIFICATION_REQUIRED,
                        Code.ANSWER_REQUIRED,
                        Code.ANSWER_INVALID,
                        Code.INVALID_MODEL,
                        Code.SCHEDULE_NOT_ALLOWED,
                        Code.SCHEDULE_INVALID,
                        Code.SCHEDULE_BEYOND_POLICY,
                        Code.NO_APPROVER,
                        Code.LIMIT_EXCEEDED,
                    }
                ),
                with_fact=("unknown",),
                facts=frozenset({"groups", "approvers", "counters"}),
                granting=("grant", "needs_approval", "needs_choice"),
            ),
            "eligible": AnswerSpec(words=("yes", "no"), granting=("yes",)),
        },
    ),
    # asked once for each request that is granted or needs approval
    Phase.LIFECYCLE: PhaseSpec(
        facts={
            "approval": ("required", "not_required"),
            "start": ("on_approval", "later"),
            "end": ("dated", "never"),
            "extension": ("allowed", "not_allowed"),
            "review": ("configured", "none"),
            "person": ("in_directory", "governed_guest", "outside"),
            "cleanup": ("none", "block", "block_and_delete", "delete"),
            "leaving_scope": ("keeps", "ends"),
            "custom_extensions": ("none", "continue", "wait"),
        },
        answers={},
        schedules=True,
    ),
}
