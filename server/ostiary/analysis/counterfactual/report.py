"""Changes of facts, and what would come of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.enumeration import Enumeration


class ChangeKind(Enumeration):
    """What can be changed, in the order in which changes are preferred.

    First what the requestor can do alone, then what others do about the person, last what an
    owner of the package or an administrator changes for everybody.
    """

    CHOOSE_POLICY = "choose-policy"
    NAME_NO_POLICY = "name-no-policy"
    WRITE_JUSTIFICATION = "write-justification"
    ANSWER_QUESTIONS = "answer-questions"
    DROP_SCHEDULE = "drop-schedule"
    SHORTEN = "shorten"
    WAIT_UNTIL = "wait-until"
    GIVE_BACK = "give-back"
    SIGN_IN_FROM = "sign-in-from"
    ASK_FOR_ONESELF = "ask-for-oneself"
    HAVE_MANAGER_ASK = "have-manager-ask"
    HAVE_STAFF_ASSIGN = "have-staff-assign"
    JOIN_GROUP = "join-group"
    LEAVE_GROUP = "leave-group"
    SET_MANAGER = "set-manager"
    REMOVE_MANAGER = "remove-manager"
    SET_SPONSOR = "set-sponsor"
    SET_ATTRIBUTE = "set-attribute"
    TELL_GROUPS = "tell-groups"
    TELL_RISK = "tell-risk"
    BECOME_MEMBER = "become-member"
    BECOME_GUEST = "become-guest"
    ENABLE_ACCOUNT = "enable-account"
    ENABLE_APPROVER = "enable-approver"
    ADD_APPROVER = "add-approver"
    ENABLE_POLICY = "enable-policy"
    ALLOW_SELF_REQUESTS = "allow-self-requests"
    ALLOW_MANAGERS = "allow-managers"
    ALLOW_SCHEDULES = "allow-schedules"
    CONFIGURE_ORGANIZATION = "configure-organization"
    ALLOW_DOMAIN = "allow-domain"
    OPEN_CATALOG = "open-catalog"
    ENABLE_CATALOG = "enable-catalog"
    FREE_LIMIT = "free-limit"


class Change(msgspec.Struct, frozen=True):
    """One change of a fact; `subject` is what it is about, `value` what it becomes."""

    kind: ChangeKind
    subject: str = ""
    value: str = ""
    at: datetime | None = None


class Goal(Enumeration):
    """Which other answers are looked for."""

    BETTER = "better"
    OTHER = "other"


class Why(Enumeration):
    """Why no change is named."""

    BEST_ALREADY = "best-already"  # access follows at once
    HELD_ALREADY = "held-already"  # it is extended, not asked for again
    PACKAGE_GONE = "package-gone"  # deleted, or never there
    TOO_MANY_CHANGES = "too-many-changes"  # not by so few changes as were looked for
    BOUND_REACHED = "bound-reached"  # not by as many answers as may be tried
    NOTHING = "nothing"  # not by all changes together that there are


class Remedy(msgspec.Struct, frozen=True):
    """A smallest set of changes, and the answer after them."""

    changes: tuple[Change, ...]
    outcome: Outcome
    decision: Decision


class WhatWouldChange(msgspec.Struct, frozen=True):
    """The smallest sets of changes that lead to a wanted answer, the preferred ones first."""

    goal: Goal
    remedies: tuple[Remedy, ...]
    more: bool  # there are more of the same size
    why: Why | None  # there is none
    tried: int  # answers that were worked out
    most_changes: int
    most_tried: int
