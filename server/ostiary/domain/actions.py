"""Kinds of scheduled actions and the events and moments that they hang on (S-48)."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.enumeration import Enumeration


class ActionKind(Enumeration):
    """What can be scheduled, in the order in which actions due at one instant run (S-8, S-48)."""

    EXPIRE_ASSIGNMENT = "EXPIRE_ASSIGNMENT"
    REMOVE_OUT_OF_SCOPE = "REMOVE_OUT_OF_SCOPE"
    REVOKE = "REVOKE"
    TIME_OUT_STAGE = "TIME_OUT_STAGE"
    TIME_OUT_EXTENSION = "TIME_OUT_EXTENSION"
    ESCALATE_STAGE = "ESCALATE_STAGE"
    OPEN_STAGE = "OPEN_STAGE"
    CALL_EXTENSION = "CALL_EXTENSION"
    START_DELIVERY = "START_DELIVERY"
    INVITE_GUEST = "INVITE_GUEST"
    GRANT = "GRANT"
    CLOSE_REVIEW = "CLOSE_REVIEW"
    OPEN_REVIEW = "OPEN_REVIEW"
    REMIND_REVIEWERS = "REMIND_REVIEWERS"
    REMIND_EXPIRY = "REMIND_EXPIRY"
    BLOCK_GUEST = "BLOCK_GUEST"
    DELETE_GUEST = "DELETE_GUEST"


class Anchor(Enumeration):
    """The event that an action's offset counts from."""

    SUBMITTED = "submitted"
    STAGE_OPENED = "stage_opened"  # of stage `number`
    APPROVED = "approved"  # the last approval, or submission where none is needed
    ASSIGNMENT_START = "assignment_start"  # approval, or the asked-for start if later
    DELIVERED = "delivered"
    ASSIGNMENT_END = "assignment_end"
    OUT_OF_SCOPE = "out_of_scope"  # the moment at which the holder leaves the scope
    REVIEW_CALENDAR = "review_calendar"


class Moment(Enumeration):
    """The moments at which a rule may schedule an action; decide/ turns each into real times."""

    STAGE_OPENED = "stage_opened"
    STAGE_ESCALATION = "stage_escalation"
    STAGE_TIME_OUT = "stage_time_out"
    EXTENSION_STAGE = "extension_stage"  # the stage at which the policy calls an extension
    EXTENSION_TIME_OUT = "extension_time_out"
    ASSIGNMENT_START = "assignment_start"
    EXPIRY_REMINDER = "expiry_reminder"  # each of the profile's `expiry_reminders` before the end
    ASSIGNMENT_END = "assignment_end"
    GUEST_DELETION = "guest_deletion"  # the profile's `guest_deletion_after_block` after the end
    SCOPE_LEFT = "scope_left"  # the policy's grace after the holder leaves the scope
    REVIEW_OPEN = "review_open"
    REVIEW_HALF_TIME = "review_half_time"
    REVIEW_CLOSE = "review_close"


# Where each kind may be scheduled; the pack is refused where a rule says otherwise.
ALLOWED_MOMENTS: Mapping[ActionKind, frozenset[Moment]] = {
    ActionKind.EXPIRE_ASSIGNMENT: frozenset({Moment.ASSIGNMENT_END}),
    ActionKind.REMOVE_OUT_OF_SCOPE: frozenset({Moment.SCOPE_LEFT}),
    ActionKind.REVOKE: frozenset({Moment.ASSIGNMENT_END}),
    ActionKind.TIME_OUT_STAGE: frozenset({Moment.STAGE_TIME_OUT}),
    ActionKind.TIME_OUT_EXTENSION: frozenset({Moment.EXTENSION_TIME_OUT}),
    ActionKind.ESCALATE_STAGE: frozenset({Moment.STAGE_ESCALATION}),
    ActionKind.OPEN_STAGE: frozenset({Moment.STAGE_OPENED}),
    ActionKind.CALL_EXTENSION: frozenset({Moment.EXTENSION_STAGE}),
    ActionKind.START_DELIVERY: frozenset({Moment.ASSIGNMENT_START}),
    ActionKind.INVITE_GUEST: frozenset({Moment.ASSIGNMENT_START}),
    ActionKind.GRANT: frozenset({Moment.ASSIGNMENT_START}),
    ActionKind.CLOSE_REVIEW: frozenset({Moment.REVIEW_CLOSE}),
    ActionKind.OPEN_REVIEW: frozenset({Moment.REVIEW_OPEN}),
    ActionKind.REMIND_REVIEWERS: frozenset({Moment.REVIEW_HALF_TIME, Moment.REVIEW_OPEN}),
    ActionKind.REMIND_EXPIRY: frozenset({Moment.EXPIRY_REMINDER}),
    ActionKind.BLOCK_GUEST: frozenset({Moment.ASSIGNMENT_END, Moment.GUEST_DELETION}),
    ActionKind.DELETE_GUEST: frozenset({Moment.ASSIGNMENT_END, Moment.GUEST_DELETION}),
}
