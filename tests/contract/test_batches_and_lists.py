"""BatchEvaluate, ListRequestable and ResolveApprovers over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import grpc
import pytest

from ostiary.client import CallError, Client
from ostiary.rpc.loading import LoadedDesk
from ostiary.v1 import decision_pb2, decision_service_pb2, person_pb2, reason_pb2
from ostiary.v1.decision_service_pb2 import (
    BatchEvaluateRequest,
    EvaluateRequest,
    ListRequestableRequest,
    ResolveApproversRequest,
)
from ostiary.v1.decision_service_pb2_grpc import DecisionServiceStub
from tests.contract.lent import NOW
from tests.contract.questions import CASES, NORTH, asked

WRONG = (
    asked("crane", "nobody"),
    asked("carne"),
    asked("crane", policy="nowhere"),
    EvaluateRequest(access_package="crane"),
    asked("crane", {"id": "x", "home": {"domain": "x"}}, submitter="y" * 300),
)


def _alone(client: Client, request: EvaluateRequest) -> decision_pb2.Decision | CallError:
    try:
        return client.evaluate(request)
    except CallError as error:
        return error


def test_a_batch_gives_for_each_item_what_the_single_call_gives(client: Client) -> None:
    """S-46: decisions and errors, in order, and nothing wrong with one item touches another."""
    requests = [case.request() for case in CASES]
    for place, wrong in enumerate(WRONG):
        requests.insert(7 * place, wrong)
    results = client.batch_evaluate(requests)
    assert len(results) == len(requests)
    for place, (result, request) in enumerate(zip(results, requests, strict=True)):
        alone = _alone(client, request)
        if isinstance(alone, CallError):
            assert isinstance(result, CallError)
            assert (result.code, result.reason, result.metadata) == (
                alone.code,
                alone.reason,
                alone.metadata,
            )
            paths = [f"requests[{place}].{one.field}" for one in alone.violations]
            assert [one.field for one in result.violations] == paths
        else:
            assert result == alone


def test_a_batch_may_be_empty_and_is_bounded(client: Client) -> None:
    assert client.batch_evaluate([]) == []
    basic = asked("crane", view="DECISION_VIEW_BASIC")
    assert len(client.batch_evaluate([basic] * 1000)) == 1000
    with pytest.raises(CallError) as raised:
        client.batch_evaluate([basic] * 1001)
    assert raised.value.reason == "BATCH_TOO_LARGE"
    assert raised.value.metadata == {"size": "1001", "max": "1000"}


def test_a_full_batch_of_whole_decisions_reaches_the_client(client: Client) -> None:
    results = client.batch_evaluate([asked("berth")] * 1000, timeout=30)
    assert all(isinstance(one, decision_pb2.Decision) for one in results)


def test_all_of_a_batch_is_decided_for_one_instant(client: Client) -> None:
    results = client.batch_evaluate([asked("crane"), asked("ways")])
    times = {
        one.evaluate_time.ToDatetime(UTC)
        for one in results
        if isinstance(one, decision_pb2.Decision)
    }
    assert times == {NOW}


def _visible(client: Client, requestor: str) -> list[str]:
    packages = sorted({case.ask["package"] for case in CASES})
    return [name for name in packages if client.evaluate(asked(name, requestor)).visible]


@pytest.mark.parametrize("requestor", ["anna", "deckhand", "gus", "lone", "pilot"])
def test_the_list_is_what_single_questions_call_visible(client: Client, requestor: str) -> None:
    """S-46, S-49: list and question agree, also in eligible and offered policies."""
    listed = list(client.list_requestable(requestor))
    assert [one.access_package for one in listed] == _visible(client, requestor)
    for one in listed:
        decision = client.evaluate(asked(one.access_package, requestor))
        assert one.eligible == decision.eligible
        assert one.offered_policies == decision.offered_policies
        assert one.headline == decision.reasons[0]


def test_a_listed_package_says_what_a_portal_shows(client: Client) -> None:
    """S-52: name and description of package and catalog."""
    berth = next(one for one in client.list_requestable("anna") if one.access_package == "berth")
    shown = (berth.display_name, berth.description, berth.catalog, berth.catalog_display_name)
    assert shown == ("Berth", "A place at the quay.", "port", "Port")
    assert berth.catalog_description == "Everything at the quay."


def test_what_the_person_holds_stays_in_the_list_without_being_eligible(client: Client) -> None:
    """S-50."""
    holdings = decision_service_pb2.Holdings(assigned=["crane"])
    listed = {one.access_package: one for one in client.list_requestable("anna", holdings=holdings)}
    assert not listed["crane"].eligible
    assert listed["crane"].headline.code == reason_pb2.REASON_CODE_ALREADY_ASSIGNED
    assert not listed["rival"].eligible
    assert listed["slow"].eligible


def test_somebody_described_by_the_caller_has_a_list(client: Client) -> None:
    nora = asked("crane", NORTH).person
    assert [one.access_package for one in client.list_requestable(nora)] == ["pilotage"]
    stranger = person_pb2.InlinePerson(id="stranger")
    assert list(client.list_requestable(stranger)) == []


def _pages(stub: DecisionServiceStub, size: int) -> Iterator[list[str]]:
    request = ListRequestableRequest(requestor_id="anna", page_size=size)
    while True:
        page = stub.ListRequestable(request)
        assert page.revision.profile == "standard"
        assert page.evaluate_time.ToDatetime(UTC) == NOW
        yield [one.access_package for one in page.access_packages]
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 1000, 2_000_000])
def test_pages_add_up_to_the_whole_list(
    stub: DecisionServiceStub, client: Client, size: int
) -> None:
    pages = list(_pages(stub, size))
    whole = [name for page in pages for name in page]
    assert whole == _visible(client, "anna")
    assert all(len(page) == size for page in pages[:-1])


def test_a_token_keeps_the_instant_of_the_first_page(stub: DecisionServiceStub) -> None:
    """`ended` is in the list of the first page's instant and stays there."""
    request = ListRequestableRequest(
        requestor_id="anna", page_size=1, evaluate_time=datetime(2031, 7, 2, tzinfo=UTC)
    )
    first = stub.ListRequestable(request)
    request.page_token = first.next_page_token
    assert stub.ListRequestable(request).evaluate_time == first.evaluate_time


def test_a_token_fits_its_own_question_alone(stub: DecisionServiceStub) -> None:
    token = stub.ListRequestable(
        ListRequestableRequest(requestor_id="anna", page_size=2)
    ).next_page_token
    for requestor, wrong in (
        ("lone", token),
        ("anna", token[:-1]),
        ("anna", "BBBB" + token[4:]),
        ("anna", "§§"),
        ("anna", "A" * 5000),
    ):
        with pytest.raises(grpc.RpcError) as raised:
            stub.ListRequestable(ListRequestableRequest(requestor_id=requestor, page_token=wrong))
        error = CallError.of_call(raised.value)
        assert (error.code, error.reason) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "PAGE_TOKEN_INVALID",
        )


def test_the_approvers_are_those_of_the_decision(client: Client) -> None:
    """S-66 to S-72: stages, reasons, policies and revision as Evaluate gives them."""
    for requestor in ("anna", "lone", "deckhand", "pilot"):
        for package in ("berth", "slow", "guarded", "ways", "crane"):
            asked_for = ResolveApproversRequest(access_package=package, requestor_id=requestor)
            found = client.resolve_approvers(asked_for)
            decision = client.evaluate(asked(package, requestor))
            assert found.outcome == decision.outcome
            assert found.stages == decision.stages
            assert found.reasons == decision.reasons
            assert found.offered_policies == decision.offered_policies
            assert found.selected_policy == decision.selected_policy
            assert found.revision == decision.revision
            assert found.evaluate_time == decision.evaluate_time


def test_nobody_is_asked_about_their_own_request(client: Client) -> None:
    """S-71: the manager who asks for a report does not approve it."""
    request = ResolveApproversRequest(
        access_package="berth",
        requestor_id="anna",
        submitter="mona",
        request_type=decision_service_pb2.REQUEST_TYPE_ON_BEHALF_ADD,
    )
    stage = client.resolve_approvers(request).stages[0]
    assert list(stage.approvers) == ["fran"]
    assert stage.origin == decision_pb2.APPROVER_ORIGIN_FALLBACK
    (discarded,) = stage.discarded
    assert (discarded.person, discarded.cause) == ("mona", decision_pb2.UNUSABLE_CAUSE_OWN_REQUEST)


def test_a_batch_ends_at_its_deadline(client: Client) -> None:
    with pytest.raises(CallError) as raised:
        client.batch_evaluate([asked("berth")] * 1000, timeout=0.005)
    assert raised.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert client.evaluate(asked("crane")).eligible


def test_a_batch_stops_when_the_caller_no_longer_waits(harbour: LoadedDesk) -> None:
    """A deadline is looked at between items: what nobody waits for is not worked out."""
    looks = iter([True, True, False])
    batch = BatchEvaluateRequest(requests=[asked("crane")] * 100)
    answer = decision_service_pb2.BatchEvaluateResponse.FromString(
        harbour.desk.batch(batch.SerializeToString(), NOW, lambda: next(looks))
    )
    assert len(answer.results) == 16
