"""Answers that the questions of a policy take, so that no request fails for want of one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from re import _parser  # the only reader of patterns that there is
from typing import Any

import msgspec

from ostiary.decide.content import answer_fits
from ostiary.decide.model import CompiledPolicy
from ostiary.domain.policy import Question, QuestionKind
from ostiary.domain.request import Answer

_PLAIN = ("It is needed.", "x", "1")
_OF_CATEGORY = {"DIGIT": "0", "WORD": "a", "SPACE": " ", "NOT_DIGIT": "a", "NOT_WORD": "-"}
_LONGEST = 1_000


class Wanted(msgspec.Struct, frozen=True):
    """What a question takes; questions that want the same have an answer together or not at all."""

    kind: QuestionKind
    pattern: str | None
    choices: tuple[str, ...]


class Filled(msgspec.Struct, frozen=True):
    """Answers to the required questions of a policy; `open` has those without one, by id."""

    answers: tuple[Answer, ...] = ()
    open: tuple[tuple[str, Wanted], ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether every required question has an answer."""
        return not self.open


def fill(policy: CompiledPolicy) -> Filled:
    """Answer the required questions of a policy."""
    if policy.traits.asks_nothing:
        return Filled()
    answers, unanswered = [], []
    for question in policy.questions:
        if question.required:
            wanted = Wanted(question.kind, question.pattern, question.choices)
            found = _answer(wanted)
            if found is None:
                unanswered.append((question.id, wanted))
            else:
                answers.append(Answer(question.id, (found,)))
    return Filled(tuple(answers), tuple(unanswered))


@lru_cache(maxsize=4096)
def _answer(wanted: Wanted) -> str | None:
    question = Question("", "", wanted.kind, pattern=wanted.pattern, choices=wanted.choices)
    for text in _texts(question):
        if text.strip() and answer_fits(question, Answer("", (text,))):
            return text
    return None


def _texts(question: Question) -> Iterator[str]:
    if question.kind is QuestionKind.CHOICE:
        yield from question.choices
        return
    yield from _PLAIN
    if question.pattern is not None:
        try:
            yield _sample(_parser.parse(question.pattern))
        except Exception:  # noqa: BLE001  # a pattern that this reader does not know has no sample
            return


def _sample(pattern: Any) -> str:
    """Build a text that a pattern is likely to take; whoever asks tries it."""
    return "".join(_of(str(kind), value) for kind, value in pattern)[:_LONGEST]


def _of(kind: str, value: Any) -> str:
    match kind:
        case "LITERAL":
            return chr(int(value))
        case "ANY":
            return "a"
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "IN":
            return _of_set(value)
        case "BRANCH":
            return _sample(value[1][0])
        case "SUBPATTERN":
            return _sample(value[3])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, part = value
            return _sample(part) * max(int(least), min(1, int(most)))
        case _:
            return ""


def _of_set(parts: Any) -> str:
    kind, value = str(parts[0][0]), parts[0][1]
    match kind:
        case "NEGATE":
            free: Iterator[str] = (char for char in "a0-_ Z.!" if not _has(parts[1:], char))
            return next(free, "a")
        case "RANGE":
            return chr(int(value[0]))
        case "CATEGORY":
            return _OF_CATEGORY.get(str(value).removeprefix("CATEGORY_"), "a")
        case _:
            return chr(int(value))


def _has(parts: Any, char: str) -> bool:
    for kind, value in parts:
        if str(kind) == "LITERAL" and value == ord(char):
            return True
        if str(kind) == "RANGE" and value[0] <= ord(char) <= value[1]:
            return True
        if str(kind) == "CATEGORY":
            name = str(value).removeprefix("CATEGORY_")
            if (name == "DIGIT" and char.isdigit()) or (name == "WORD" and char.isalnum()):
                return True
    return False
