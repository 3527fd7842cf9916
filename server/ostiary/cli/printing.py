"""How an answer leaves: for people, or as the JSON of the contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from google.protobuf import json_format

from ostiary.cli.answering import Answer
from ostiary.cli.exits import Exit
from ostiary.cli.question import Question
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as service

EXITS: Mapping[int, Exit] = {
    decision_pb2.OUTCOME_GRANT: Exit.DONE,
    decision_pb2.OUTCOME_NEEDS_APPROVAL: Exit.NEEDS_APPROVAL,
    decision_pb2.OUTCOME_NEEDS_CHOICE: Exit.NEEDS_CHOICE,
    decision_pb2.OUTCOME_INDETERMINATE: Exit.INDETERMINATE,
}


def print_answer(question: Question, answer: Answer, command: str, *, as_json: bool) -> None:
    """Print an answer as JSON, or as the command `evaluate` or `explain` shows it."""
    if as_json:
        sys.stdout.buffer.write(f"{response_json(answer.response)}\n".encode())
        return
    from ostiary.cli.show_decision import Answered, show_decision
    from ostiary.cli.show_explanation import show_explanation
    from ostiary.cli.terminal import console

    show = show_explanation if command == "explain" else show_decision
    show(console(), Answered(question.request, answer.response.decision, answer.labels))


def response_json(response: service.EvaluateResponse) -> str:
    """Give a response in protobuf JSON; equal answers give equal text."""
    data = json_format.MessageToDict(response)
    for reason in data.get("decision", {}).get("reasons", ()):
        if "parameters" in reason:  # the only map of a response, in no order of its own
            reason["parameters"] = dict(sorted(reason["parameters"].items()))
    return json.dumps(data, indent=2, ensure_ascii=False)


def exit_of(answer: Answer) -> Exit:
    """Give the exit code that stands for the outcome; one that is not known counts as DENY."""
    return EXITS.get(answer.response.decision.outcome, Exit.DENY)
