"""From what files say about questions to checked ones (S-18, S-57)."""

from __future__ import annotations

from functools import partial

import re2

from ostiary.domain.policy import Question, QuestionKind
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.policy_model import QuestionText
from ostiary.rulebook.reader import Reader, Unreadable
from ostiary.rulebook.records import run_checks
from ostiary.rulebook.shapes import values

_QUIET = re2.Options()
_QUIET.log_errors = False
_CHOICE_FIELDS = ("choices", "multiple")


def questions_of(
    reader: Reader, texts: tuple[QuestionText, ...], *, of_resource: bool = False
) -> tuple[Question, ...]:
    """Give the questions in their order; those of a resource must all be answered (S-18)."""
    seen: dict[str, QuestionText] = {}
    found: list[Question] = []
    for text in texts:
        run_checks(
            (
                partial(_unique, reader, text, seen),
                partial(_kind, reader, text),
                partial(_pattern, reader, text),
                partial(_answered, reader, text, of_resource=of_resource),
            )
        )
        try:
            found.append(_question(text, required=of_resource or text.required_))
        except Unreadable:
            continue
    return tuple(found)


def _unique(reader: Reader, text: QuestionText, seen: dict[str, QuestionText]) -> None:
    first = seen.setdefault(text.id, text)
    if first is not text:
        message = f"question {quoted(text.id)} is there already, see line {first.at('id').line}"
        reader.fault(text.at("id"), text.to("id"), FaultCode.DUPLICATE, message)


def _kind(reader: Reader, text: QuestionText) -> None:
    if text.kind is QuestionKind.CHOICE:
        if not text.count("choices"):
            message = "must not be empty; a choice needs something to choose from"
            reader.invalid(text.at("choices"), text.to("choices"), message)
        return
    for name in _CHOICE_FIELDS:
        if text.has(name):
            message = "belongs to questions of kind choice"
            reader.invalid(text.at(name), text.to(name), message)


def _pattern(reader: Reader, text: QuestionText) -> None:
    if text.pattern is None:
        return
    if text.kind is QuestionKind.CHOICE:
        message = "belongs to questions of kind text"
        reader.invalid(text.at("pattern"), text.to("pattern"), message)
    try:
        re2.compile(text.pattern, _QUIET)
    except re2.error as error:
        message = f"{quoted(text.pattern)} is not a pattern: {_words(error)}"
        reader.invalid(text.at("pattern"), text.to("pattern"), message)


def _words(error: re2.error) -> str:
    """Give what RE2 says, which it says in bytes."""
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _answered(reader: Reader, text: QuestionText, *, of_resource: bool) -> None:
    if of_resource and text.has("required") and not text.required_:
        message = "the attributes of a resource must all be answered"
        reader.invalid(text.at("required"), text.to("required"), message)


def _question(text: QuestionText, *, required: bool) -> Question:
    return Question(
        id=text.id,
        text=text.text,
        kind=text.kind,
        required=required,
        pattern=text.pattern,
        choices=values(text.choices),
        multiple=text.multiple,
        localized=text.localized,
    )
