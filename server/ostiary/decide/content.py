"""Gate 10: whether what a request contains is complete and right (S-56 to S-59)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec
import re2

from ostiary.decide.model import CompiledPolicy
from ostiary.domain.decision import Reason
from ostiary.domain.policy import ExpirationKind, Question, QuestionKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import Answer, EvaluationRequest, Schedule

_QUIET = re2.Options()
_QUIET.log_errors = False


class ContentFindings(msgspec.Struct, frozen=True):
    """Every fault of a request's content, and the words that the rules know the first ones by."""

    missing: str
    content: str
    absent: tuple[Reason, ...]  # what a submission lacks; a query is not held to it (R1)
    wrong: tuple[Reason, ...]


FINE = ContentFindings(missing="nothing", content="fine", absent=(), wrong=())

_MISSING_WORDS = {Code.JUSTIFICATION_REQUIRED: "justification", Code.ANSWER_REQUIRED: "answer"}
_CONTENT_WORDS = {
    Code.ANSWER_INVALID: "answer_invalid",
    Code.INVALID_MODEL: "question_unknown",
    Code.SCHEDULE_NOT_ALLOWED: "schedule_not_allowed",
    Code.SCHEDULE_INVALID: "schedule_invalid",
    Code.SCHEDULE_BEYOND_POLICY: "schedule_beyond_policy",
}


def inspect(compiled: CompiledPolicy, request: EvaluationRequest) -> ContentFindings:
    """Find every fault of the request's content under one policy."""
    policy = compiled.policy
    if compiled.traits.asks_nothing and not request.answers and request.schedule is None:
        return FINE
    absent: list[Reason] = []
    if policy.justification_required and not (request.justification or "").strip():
        absent.append(Reason(Code.JUSTIFICATION_REQUIRED, policy=policy.id))
    given = {answer.question: answer for answer in request.answers}
    absent += _open_questions(compiled, given)
    wrong = _unknown_questions(compiled, request)
    wrong += _wrong_answers(compiled, given)
    if request.schedule is not None:
        wrong += _schedule_faults(compiled, request.schedule, request.at)
    return ContentFindings(
        missing=_MISSING_WORDS[absent[0].code] if absent else "nothing",
        content=_CONTENT_WORDS[wrong[0].code] if wrong else "fine",
        absent=tuple(absent),
        wrong=tuple(wrong),
    )


def _open_questions(compiled: CompiledPolicy, given: dict[str, Answer]) -> list[Reason]:
    return [
        Reason(Code.ANSWER_REQUIRED, policy=compiled.id, parameters=(("question", question.id),))
        for question in compiled.questions
        if question.required and not _answered(given.get(question.id))
    ]


def _answered(answer: Answer | None) -> bool:
    return answer is not None and any(value.strip() for value in answer.values)


def _wrong_answers(compiled: CompiledPolicy, given: dict[str, Answer]) -> list[Reason]:
    return [
        Reason(Code.ANSWER_INVALID, policy=compiled.id, parameters=(("question", question.id),))
        for question in compiled.questions
        if _answered(given.get(question.id)) and not answer_fits(question, given[question.id])
    ]


def answer_fits(question: Question, answer: Answer) -> bool:
    """Tell whether an answer is one that the question takes (S-57)."""
    if len(answer.values) > 1 and not (question.multiple and question.kind is QuestionKind.CHOICE):
        return False
    if question.kind is QuestionKind.CHOICE:
        return set(answer.values) <= set(question.choices)
    if question.pattern is None:
        return True
    return _matcher(question.pattern)(answer.values[0])


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], bool]:
    # RE2 takes time in proportion to the text, so that no answer can make a pattern run for ever.
    try:
        compiled = re2.compile(pattern, _QUIET)
    except re2.error:
        return lambda _: False  # a pattern that nobody understands is met by no answer (S-25)
    return lambda text: compiled.fullmatch(text) is not None


def _unknown_questions(compiled: CompiledPolicy, request: EvaluationRequest) -> list[Reason]:
    if not request.answers:
        return []
    known = {question.id for question in compiled.questions}
    if all(answer.question in known for answer in request.answers):
        return []
    return [Reason(Code.INVALID_MODEL, policy=compiled.id, parameters=(("field", "answers"),))]


def _schedule_faults(compiled: CompiledPolicy, schedule: Schedule, at: datetime) -> list[Reason]:
    if schedule.start is None and schedule.end is None and schedule.duration is None:
        return []
    if not compiled.policy.custom_schedule:
        return [Reason(Code.SCHEDULE_NOT_ALLOWED, policy=compiled.id)]
    start = at if schedule.start is None else schedule.start
    if _contradicts_itself(schedule, start, at):
        return [Reason(Code.SCHEDULE_INVALID, policy=compiled.id)]
    latest = latest_end(compiled, start)
    if latest is None:
        return []
    end = start + schedule.duration if schedule.duration is not None else schedule.end
    if start >= latest or (end is not None and end > latest):
        shown = latest.isoformat().replace("+00:00", "Z")
        return [
            Reason(
                Code.SCHEDULE_BEYOND_POLICY,
                policy=compiled.id,
                parameters=(("latest", shown),),
            )
        ]
    return []


def _contradicts_itself(schedule: Schedule, start: datetime, at: datetime) -> bool:
    if start < at or (schedule.end is not None and schedule.duration is not None):
        return True
    if schedule.duration is not None and schedule.duration <= timedelta(0):
        return True
    return schedule.end is not None and (schedule.end <= start or schedule.end <= at)


def latest_end(compiled: CompiledPolicy, start: datetime) -> datetime | None:
    """Give the instant that an end of one's own may not pass; None if the policy sets none."""
    expiration = compiled.policy.expiration
    if expiration.kind is ExpirationKind.DATE:
        return expiration.at
    if expiration.kind is ExpirationKind.DURATION and expiration.after is not None:
        return start + expiration.after
    return None
