"""Gate 10: justification, answers and the asked-for schedule (section 7)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ostiary.domain.policy import (
    AssignmentPolicy,
    ExpirationKind,
    Question,
    QuestionKind,
)
from ostiary.domain.reasons import Code
from ostiary.domain.request import Mode, Schedule
from tests.oracle.case import Case
from tests.oracle.expected import ExpectedReason, reason


def content_faults(case: Case, policy: AssignmentPolicy) -> list[ExpectedReason]:
    """All faults of the content; a query is not blamed for what it does not bring (gate 10)."""
    submission = case.request.mode is Mode.SUBMISSION
    faults = []
    if submission and policy.justification_required and blank(case.request.justification):
        faults.append(reason(Code.JUSTIFICATION_REQUIRED, policy.id))
    if submission:
        faults += missing_answers(case, policy)
    faults += wrong_answers(case, policy)
    schedule = schedule_fault(case, policy)
    return faults if schedule is None else [*faults, schedule]


def blank(text: str | None) -> bool:
    """Missing, empty or nothing but blanks (S-56)."""
    return text is None or not text.strip()


def questions_of(case: Case, policy: AssignmentPolicy) -> list[tuple[Question, bool]]:
    """The questions with whether each must be answered; those of resources must (S-18, S-57)."""
    asked = [(question, question.required) for question in policy.questions]
    used = {entry.resource for entry in case.package.entries}
    for resource in sorted(case.catalog.resources, key=lambda each: each.id):
        if resource.id in used:
            asked += [(question, True) for question in resource.questions]
    return asked


def answer_to(case: Case, question: Question) -> tuple[str, ...]:
    """The values given; none if nothing but blanks was given."""
    for answer in case.request.answers:
        if answer.question == question.id and not all(blank(value) for value in answer.values):
            return answer.values
    return ()


def missing_answers(case: Case, policy: AssignmentPolicy) -> list[ExpectedReason]:
    """Questions that must be answered and are not (S-57)."""
    return [
        reason(Code.ANSWER_REQUIRED, policy.id, question=question.id)
        for question, required in questions_of(case, policy)
        if required and not answer_to(case, question)
    ]


def wrong_answers(case: Case, policy: AssignmentPolicy) -> list[ExpectedReason]:
    """Answers to questions that nobody asked, and answers that do not fit theirs (S-57)."""
    asked = [question for question, _ in questions_of(case, policy)]
    faults = []
    if {answer.question for answer in case.request.answers} - {each.id for each in asked}:
        faults.append(reason(Code.INVALID_MODEL, policy.id, field="answers"))
    for question in asked:
        values = answer_to(case, question)
        if values and not fits(question, values):
            faults.append(reason(Code.ANSWER_INVALID, policy.id, question=question.id))
    return faults


def fits(question: Question, values: tuple[str, ...]) -> bool:
    """A listed choice, one unless several are allowed; a pattern meets the whole text (S-57)."""
    if question.kind is QuestionKind.CHOICE:
        listed = all(value in question.choices for value in values)
        return listed and (question.multiple or len(values) == 1)
    if len(values) != 1:
        return False
    return question.pattern is None or re.fullmatch(question.pattern, values[0]) is not None


def schedule_fault(case: Case, policy: AssignmentPolicy) -> ExpectedReason | None:
    """What is wrong with the start or end that was asked for (S-58, S-59)."""
    asked = case.request.schedule
    if asked is None or asked == Schedule():
        return None
    if not policy.custom_schedule:
        return reason(Code.SCHEDULE_NOT_ALLOWED, policy.id)
    start = case.request.at if asked.start is None else asked.start
    if impossible(asked, start, case.request.at):
        return reason(Code.SCHEDULE_INVALID, policy.id)
    end = asked.end
    if asked.duration is not None:
        end = start + asked.duration
    latest = latest_end(policy, start)
    if latest is None:
        return None
    starts_too_late = policy.expiration.kind is ExpirationKind.DATE and start >= latest
    if starts_too_late or (end is not None and end > latest):
        text = latest.isoformat().replace("+00:00", "Z")
        return reason(Code.SCHEDULE_BEYOND_POLICY, policy.id, latest=text)
    return None


def impossible(asked: Schedule, start: datetime, now: datetime) -> bool:
    """A start in the past, an end not after the start or now, two ends, no time at all (S-58)."""
    if start < now:
        return True
    if asked.end is not None and asked.duration is not None:
        return True
    if asked.duration is not None and asked.duration <= timedelta(0):
        return True
    return asked.end is not None and (asked.end <= start or asked.end <= now)


def latest_end(policy: AssignmentPolicy, start: datetime) -> datetime | None:
    """The last end that the policy allows; equal is fine (S-59)."""
    if policy.expiration.kind is ExpirationKind.DATE:
        return policy.expiration.at
    if policy.expiration.kind is ExpirationKind.DURATION and policy.expiration.after is not None:
        return start + policy.expiration.after
    return None
