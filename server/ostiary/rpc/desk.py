"""Where questions are answered: one snapshot with what reads its questions and writes its answers.

A desk is immutable and takes no locks; when rules or definitions change, the server puts another
one in its place. The command line answers without a server at the same desk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ostiary.decide.evaluate import check, evaluate
from ostiary.decide.listing import ListedPackage, list_requestable
from ostiary.decide.model import Snapshot
from ostiary.domain.errors import BatchTooLargeError, InvalidRequestError
from ostiary.rpc.convert import pages
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.errors import failure_of, item_error
from ostiary.rpc.wire import part, tag
from ostiary.v1 import decision_service_pb2 as contract

MOST_IN_BATCH = 1000
DEFAULT_PAGE = 50
LARGEST_PAGE = 1000

_SINGLE = tag(contract.EvaluateResponse, "decision")
_RESULTS = tag(contract.BatchEvaluateResponse, "results")
_RESULT = tag(contract.BatchEvaluateResult, "decision")
_EVERY = 8  # how many items of a batch are decided between two looks at the caller


class Desk:
    """Answers the questions of DecisionService from one snapshot, as bytes of the contract."""

    def __init__(self, snapshot: Snapshot, reader: RequestReader, writer: DecisionWriter) -> None:
        self.snapshot = snapshot
        self._reader = reader
        self._writer = writer

    def evaluate(self, request: contract.EvaluateRequest, now: datetime) -> bytes:
        """Give a serialised EvaluateResponse."""
        return part(_SINGLE, self._decision(request, now))

    def _decision(self, request: contract.EvaluateRequest, now: datetime) -> bytes:
        question, full = self._reader.evaluation(request, now)
        decide = evaluate if full else check
        return self._writer.decision(decide(self.snapshot, question), full=full)

    def batch(
        self,
        request: contract.BatchEvaluateRequest,
        now: datetime,
        waited_for: Callable[[], bool],
    ) -> bytes:
        """Give a serialised BatchEvaluateResponse; what is done when nobody waits any more."""
        size = len(request.requests)
        if size > MOST_IN_BATCH:
            raise BatchTooLargeError(size, MOST_IN_BATCH)
        results = []
        for number, item in enumerate(request.requests):
            if number % _EVERY == 0 and not waited_for():
                break
            results.append(part(_RESULTS, self._result(item, now, number)))
        return b"".join(results)

    def _result(self, item: contract.EvaluateRequest, now: datetime, number: int) -> bytes:
        try:
            return part(_RESULT, self._decision(item, now))
        except InvalidRequestError as error:
            return _failed(error.within(f"requests[{number}]"))
        except Exception as error:  # noqa: BLE001 one item's failure leaves the others alone
            return _failed(error)

    def list_requestable(
        self, request: contract.ListRequestableRequest, now: datetime
    ) -> contract.ListRequestableResponse:
        """Give one page of a person's list."""
        requestor, at, holdings = self._reader.listing(request, now)
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
        self, request: contract.ResolveApproversRequest, now: datetime
    ) -> contract.ResolveApproversResponse:
        """Give the people who would be asked."""
        decision = evaluate(self.snapshot, self._reader.approvers(request, now))
        return self._writer.approvers(decision)


def _failed(error: Exception) -> bytes:
    result = contract.BatchEvaluateResult(error=item_error(failure_of(error)))
    return result.SerializeToString(deterministic=True)
