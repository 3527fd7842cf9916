"""How an answer leaves: for people, or as the JSON of the contract."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from google.protobuf.message import Message

from ostiary.cli.answering import Answer
from ostiary.cli.exits import Exit
from ostiary.cli.message_json import message_json
from ostiary.cli.question import Question
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract

EXITS: Mapping[int, Exit] = {
    decision_pb2.OUTCOME_GRANT: Exit.DONE,
    decision_pb2.OUTCOME_NEEDS_APPROVAL: Exit.NEEDS_APPROVAL,
    decision_pb2.OUTCOME_NEEDS_CHOICE: Exit.NEEDS_CHOICE,
    decision_pb2.OUTCOME_INDETERMINATE: Exit.INDETERMINATE,
}


def print_answer(question: Question, answer: Answer, command: str, *, as_json: bool) -> None:
    """Print an answer as JSON, or as the command `evaluate` or `explain` shows it."""
    if as_json:
        sys.stdout.buffer.write(f"{message_json(_message(answer))}\n".encode())
        return
    from ostiary.cli.show_decision import Answered, show_decision
    from ostiary.cli.show_explanation import show_explanation
    from ostiary.cli.terminal import console

    show = show_explanation if command == "explain" else show_decision
    show(console(), Answered(question.request, answer.response.decision, answer.labels))
    if answer.changes is not None:
        from ostiary.cli.show_changes import show_changes

        show_changes(console(), answer.changes)


def _message(answer: Answer) -> Message:
    if answer.changes is None:
        return answer.response
    return contract.ExplainResponse(
        decision=answer.response.decision, what_would_change=answer.changes
    )


def exit_of(answer: Answer) -> Exit:
    """Give the exit code that stands for the outcome; one that is not known counts as DENY."""
    return EXITS.get(answer.response.decision.outcome, Exit.DENY)
