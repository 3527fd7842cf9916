"""What the store has recorded of people, for questions that do not say it themselves."""

from __future__ import annotations

from msgspec.structs import replace

from ostiary.domain.request import (
    NOT_TOLD,
    UNCOUNTED,
    EvaluationRequest,
    Holdings,
    InlinePerson,
)
from ostiary.operations.holdings import recorded_holdings
from ostiary.operations.office import Office
from ostiary.operations.submit import counters_of


class Recorded:
    """Looks up what somebody has and has asked for, and how much of each limit is used up.

    Raises StoreUnavailableError: not knowing is no reason to say yes.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    def filled(self, question: EvaluationRequest) -> EvaluationRequest:
        """Give a question with what it does not say itself."""
        if question.holdings is not NOT_TOLD and question.counters is not UNCOUNTED:
            return question
        with self._office.store.reading() as tx:
            if question.holdings is NOT_TOLD:
                held = recorded_holdings(tx, _id_of(question.requestor))
                question = replace(question, holdings=held)
            if question.counters is UNCOUNTED:
                unit = self._office.unit(tx, "")
                package = unit.snapshot.packages.get(question.package)
                question = replace(question, counters=counters_of(unit, package))
            return question

    def holdings(self, requestor: str | InlinePerson) -> Holdings:
        """Give what somebody has and has asked for."""
        with self._office.store.reading() as tx:
            return recorded_holdings(tx, _id_of(requestor))


def _id_of(requestor: str | InlinePerson) -> str:
    return requestor if isinstance(requestor, str) else requestor.id
