"""A desk whose decisions are told to others: a log, a shadow.

It stands in the place of a plain desk only where somebody wants to be told, so that a server
without a log has nothing more to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ostiary.decide.evaluate import ask, decide
from ostiary.decide.model import Snapshot
from ostiary.domain.request import EvaluationRequest
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Asker, Desk, Recorded


class Observer(Protocol):
    """Is told of decisions."""

    def answered(
        self,
        question: bytes,
        now: datetime,
        given: EvaluationRequest | None,
        decision: bytes,
        snapshot: Snapshot,
    ) -> None:
        """Take a decision before its caller has it.

        `given` is the question with what was recorded of the person, where it did not say it. What
        this raises, the caller gets in the place of the decision.
        """


class ObservedDesk(Desk):
    """Answers like any desk, and tells."""

    def __init__(
        self,
        snapshot: Snapshot,
        reader: RequestReader,
        writer: DecisionWriter,
        recorded: Recorded | None,
        observers: Sequence[Observer],
    ) -> None:
        super().__init__(snapshot, reader, writer, recorded)
        self._observers = tuple(observers)

    def _decision(self, data: bytes, now: datetime, asker: Asker | None) -> bytes:
        question, full = self._reader.evaluation(data, now)
        if asker is not None:
            asker.check_question(question)
        given = None
        if self._recorded is not None:
            said = question
            question = self._recorded.filled(question)
            given = None if question is said else question
        snapshot = self.snapshot
        made = decide(snapshot, ask(snapshot, question), planned=full)
        decision = self._writer.decision(made, full=full)
        for one in self._observers:
            one.answered(data, now, given, decision, snapshot)
        return decision
