"""Where questions are answered: one snapshot with what reads its questions and writes its answers.

A desk is immutable and takes no locks; when rules or definitions change, the server puts another
one in its place. The command line answers without a server at the same desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from google.protobuf.message import DecodeError, Message
from msgspec.structs import replace

from ostiary.analysis.counterfactual.search import what_would_change
from ostiary.decide.evaluate import ask, decide, evaluate
from ostiary.decide.listing import ListedPackage, list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.errors import BatchTooLargeError, InvalidRequestError
from ostiary.domain.request import NOT_TOLD, EvaluationRequest, Holdings, InlinePerson
from ostiary.rpc.convert import pages
from ostiary.rpc.convert.changes import GOALS, what_would_change_message
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.errors import failure_of, item_error
from ostiary.rpc.violations import Violations
from ostiary.rpc.wire import entries, framed, part, tag
from ostiary.v1 import decision_service_pb2 as contract

MOST_IN_BATCH = 1000
DEFAULT_PAGE = 50
LARGEST_PAGE = 1000

_SINGLE = tag(contract.EvaluateResponse, "decision")
_REQUESTS = tag(contract.BatchEvaluateRequest, "requests")
_RESULTS = tag(contract.BatchEvaluateResponse, "results")
_DECISION = tag(contract.BatchEvaluateResult, "decision")
_BEFORE_DECISION = framed(_RESULTS, _DECISION)
_EVERY = 8  # how many items of a batch are decided between two looks at the caller


class Recorded(Protocol):
    """What a store has recorded of people and counted; raises StoreUnavailableError."""

    def filled(self, question: EvaluationRequest) -> EvaluationRequest:
        """Give a question with what it does not say itself."""

    def holdings(self, requestor: str | InlinePerson) -> Holdings:
        """Give what somebody has and has asked for."""


class Asker(Protocol):
    """Somebody who may not ask everything (S-133)."""

    def check_question(self, question: EvaluationRequest) -> None:
        """Raise ForbiddenError for a question that they may not ask."""

    def check_list(self, requestor: str | InlinePerson) -> None:
        """Raise ForbiddenError for somebody whose list they may not see."""


class Desk:
    """Answers the questions of DecisionService from one snapshot, as bytes of the contract."""

    def __init__(
        self,
        snapshot: Snapshot,
        reader: RequestReader,
        writer: DecisionWriter,
        recorded: Recorded | None = None,
    ) -> None:
        """Take what knows what is recorded of people, for callers who do not say it.

        Without it, what is not said counts as nothing.
        """
        self.snapshot = snapshot
        self._reader = reader
        self._writer = writer
        self._recorded = recorded

    def evaluate(self, data: bytes, now: datetime, asker: Asker | None = None) -> bytes:
        """Give a serialised EvaluateResponse to a serialised EvaluateRequest."""
        try:
            return part(_SINGLE, self._decision(data, now, asker))
        except DecodeError as error:
            raise not_a(contract.EvaluateRequest) from error

    def _decision(self, data: bytes, now: datetime, asker: Asker | None) -> bytes:
        question, full = self._reader.evaluation(data, now)
        if asker is not None:
            asker.check_question(question)
        if self._recorded is not None:
            question = self._recorded.filled(question)
        snapshot = self.snapshot
        made = decide(snapshot, ask(snapshot, question), planned=full)
        return self._writer.decision(made, full=full)

    def decision_again(
        self, data: bytes, now: datetime, holdings: Holdings | None, counters: Mapping[str, int]
    ) -> bytes:
        """Give a serialised Decision as it was given at an instant.

        `holdings` and `counters` are what was recorded then, for a question that did not say it.
        Raises DecodeError, InvalidRequestError or NotFoundError for a question that has no answer.
        """
        question, full = self._reader.evaluation(data, now)
        if holdings is not None:
            question = replace(question, holdings=holdings, counters=counters)
        snapshot = self.snapshot
        made = decide(snapshot, ask(snapshot, question), planned=full)
        return self._writer.decision(made, full=full)

    def batch(
        self,
        data: bytes,
        now: datetime,
        waited_for: Callable[[], bool],
        asker: Asker | None = None,
    ) -> bytes:
        """Give a serialised BatchEvaluateResponse to a serialised BatchEvaluateRequest.

        It ends early when nobody waits any more.
        """
        try:
            return b"".join(self._results(_items(data), now, waited_for, asker))
        except DecodeError as error:
            raise not_a(contract.BatchEvaluateRequest) from error

    def _results(
        self,
        items: list[bytes],
        now: datetime,
        waited_for: Callable[[], bool],
        asker: Asker | None,
    ) -> list[bytes]:
        results: list[bytes] = []
        for number, item in enumerate(items):
            if number % _EVERY == 0 and not waited_for():
                break
            try:
                decision = self._decision(item, now, asker)
                results += (_BEFORE_DECISION[len(decision)], decision)
            except DecodeError:
                raise  # of the whole message, which is none
            except InvalidRequestError as error:
                results.append(_failed(error.within(f"requests[{number}]")))
            except Exception as error:  # noqa: BLE001 one item's failure leaves the others alone
                results.append(_failed(error))
        return results

    def list_requestable(
        self, request: contract.ListRequestableRequest, now: datetime, asker: Asker | None = None
    ) -> contract.ListRequestableResponse:
        """Give one page of a person's list."""
        requestor, at, holdings = self._reader.listing(request, now)
        if asker is not None:
            asker.check_list(requestor)
        if self._recorded is not None and holdings is NOT_TOLD:
            holdings = self._recorded.holdings(requestor)
        revision = self.snapshot.revision
        after, at = pages.opened(request, revision) or (0, at)
        page = list_requestable(
            self.snapshot,
            requestor,
            at,
            holdings=holdings,
            after=after,
            size=min(request.page_size or DEFAULT_PAGE, LARGEST_PAGE),
        )
        rest = page.next_ordinal
        return contract.ListRequestableResponse(
            access_packages=map(self._listed, page.items),
            next_page_token="" if rest is None else pages.token(request, revision, at, rest),
            revision=self._writer.revision,
            evaluate_time=at,
        )

    def _listed(self, item: ListedPackage) -> contract.RequestablePackage:
        package, catalog = item.package.package, item.package.catalog
        return contract.RequestablePackage(
            access_package=package.id,
            display_name=package.name,
            description=package.description,
            catalog=catalog.id,
            catalog_display_name=catalog.name,
            catalog_description=catalog.description,
            eligible=item.decision.eligible,
            offered_policies=item.decision.offered,
            headline=self._writer.reason(item.decision.reasons[0]),
        )

    def resolve_approvers(
        self, request: contract.ResolveApproversRequest, now: datetime, asker: Asker | None = None
    ) -> contract.ResolveApproversResponse:
        """Give the people who would be asked."""
        question = self._reader.approvers(request, now)
        if asker is not None:
            asker.check_question(question)
        decision = evaluate(self.snapshot, question)
        return self._writer.approvers(decision)

    def explain(
        self, request: contract.ExplainRequest, now: datetime, asker: Asker | None = None
    ) -> contract.ExplainResponse:
        """Give the decision on one question, and what would change it."""
        goal = None
        if request.what_would_change:
            violations = Violations()
            goal = violations.word(request.what_would_change, GOALS, "what_would_change", goal)
            violations.refuse_if_any()
        try:
            question = self._reader.whole(request.question, now)
        except InvalidRequestError as error:
            raise error.within("question") from None
        if asker is not None:
            asker.check_question(question)
        if self._recorded is not None:
            question = self._recorded.filled(question)
        made = decide(self.snapshot, ask(self.snapshot, question), planned=True)
        answer = contract.ExplainResponse()
        answer.decision.MergeFromString(self._writer.decision(made, full=True))
        if goal is not None:
            found = what_would_change(self.snapshot, question, goal=goal)
            answer.what_would_change.CopyFrom(what_would_change_message(found))
        return answer


def not_a(kind: type[Message]) -> InvalidRequestError:
    """Give the error that says that a message is not what it should be."""
    return InvalidRequestError(
        [("", f"the message is not a serialised {kind.DESCRIPTOR.full_name}")]
    )


def _items(data: bytes) -> list[bytes]:
    """Give the serialised questions of a BatchEvaluateRequest."""
    items = entries(data, _REQUESTS, MOST_IN_BATCH)
    if items is not None:
        return items
    requests = contract.BatchEvaluateRequest.FromString(data).requests
    if len(requests) > MOST_IN_BATCH:
        raise BatchTooLargeError(len(requests), MOST_IN_BATCH)
    return [request.SerializeToString() for request in requests]


def _failed(error: Exception) -> bytes:
    result = contract.BatchEvaluateResult(error=item_error(failure_of(error)))
    return part(_RESULTS, result.SerializeToString(deterministic=True))
