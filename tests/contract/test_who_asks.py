"""Who may ask a question about whom, once it is known who asks (S-133)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ostiary.client import CallError, Services
from ostiary.decide.model import Snapshot
from ostiary.domain.caller import Role
from ostiary.domain.errors import StoreUnavailableError
from ostiary.operations.rights import NO_RIGHTS, Rights
from ostiary.rpc.asking import Asking
from ostiary.rpc.calls import Call
from ostiary.rpc.identity import DevelopmentHeaders, Unidentified
from ostiary.rpc.loading import LoadedDesk
from ostiary.v1 import decision_service_pb2, error_pb2, person_pb2
from tests.contract.living import Living, living
from tests.contract.ruling import FOLDER, ruled

D = decision_service_pb2
ON_BEHALF = D.REQUEST_TYPE_ON_BEHALF_ADD


@pytest.fixture(scope="module")
def alive(harbour: LoadedDesk) -> Iterator[Living]:
    """The tenant `quay`: ana and bea are reports of mona; `plain` is in `work`."""
    with living(harbour) as made:
        yield made


def question(
    who: str, package: str = "plain", **fields: Any
) -> decision_service_pb2.EvaluateRequest:
    return D.EvaluateRequest(access_package=package, requestor_id=who, **fields)


def on_behalf(who: str, submitter: str) -> decision_service_pb2.EvaluateRequest:
    return question(who, request_type=ON_BEHALF, submitter=submitter)


def described(who: str) -> decision_service_pb2.EvaluateRequest:
    person = person_pb2.InlinePerson(
        id=who,
        type=person_pb2.PERSON_TYPE_MEMBER,
        state=person_pb2.ACCOUNT_STATE_ENABLED,
    )
    return D.EvaluateRequest(access_package="plain", person=person)


def refusal(services: Services, asked: decision_service_pb2.EvaluateRequest) -> str:
    """What a caller is told who may not ask, by every method that takes the question."""
    fields = ("access_package", "requestor_id", "person", "request_type", "submitter")
    people = D.ResolveApproversRequest(
        **{name: value for one, value in asked.ListFields() if (name := one.name) in fields}
    )
    decisions = services.decisions
    told = {
        _refusal(services, decisions.Evaluate, asked),
        _refusal(services, decisions.Explain, D.ExplainRequest(question=asked)),
        _refusal(services, decisions.ResolveApprovers, people),
    }
    batch = D.BatchEvaluateRequest(requests=[asked])
    [result] = services.call(decisions.BatchEvaluate, batch).results
    forbidden = result.error.reason == error_pb2.ERROR_REASON_FORBIDDEN
    told.add(result.error.message if forbidden else "")
    [same] = told
    return same


def _refusal(services: Services, method: Any, asked: Any) -> str:
    try:
        services.call(method, asked)
    except CallError as error:
        return error.message if error.reason == "FORBIDDEN" else ""
    return ""


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        ("", question("ana")),  # nobody yet whom it could be kept from
        ("ana", question("ana")),
        ("zoe", described("zoe")),  # from outside: the directory does not know her
        ("mona", on_behalf("ana", "mona")),
        ("ada", question("ana")),  # an administrator
        ("ada", described("ana")),
        ("service:pdp", question("ana", "elsewhere")),  # an evaluator
        ("service:pdp", described("ana")),
        ("service:flows", question("ana")),  # an assignment manager of `work`
        ("olga", question("ana")),
    ],
)
def test_whoever_may_ask_is_answered(
    alive: Living, caller: str, asked: decision_service_pb2.EvaluateRequest
) -> None:
    assert refusal(alive.by(caller), asked) == ""


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        ("ana", question("bea")),
        ("ana", question("nobody-known")),
        ("ana", question("bea", "nothing-known")),
        ("ana", described("bea")),
        ("ana", described("ana")),  # of whom the directory tells, nobody else tells
        ("zoe", described("yan")),
        ("mona", question("ana")),  # not on her behalf
        ("mona", on_behalf("ana", "ada")),
        ("mona", on_behalf("carl", "mona")),
        ("ana", on_behalf("bea", "ana")),
        ("bea", question("ana")),  # a reader of the catalog reads it, not what people may have
        ("olga", question("ana", "elsewhere")),  # another catalog
        ("service:flows", question("ana", "elsewhere")),
        ("service:mona", on_behalf("ana", "mona")),  # a service of the same name
        ("service:ana", question("ana")),
        ("service:unheard-of", question("ana")),
    ],
)
def test_everybody_else_is_told_nothing(
    alive: Living, caller: str, asked: decision_service_pb2.EvaluateRequest
) -> None:
    """Not even whether what is named exists."""
    assert refusal(alive.by(caller), asked) == "the caller may not do this"


@pytest.mark.parametrize(
    ("caller", "whose", "seen"),
    [
        ("", "ana", True),
        ("ana", "ana", True),
        ("ada", "ana", True),
        ("service:pdp", "ana", True),
        ("mona", "ana", False),  # the list is of what a person asks for, not their manager
        ("ana", "bea", False),
        ("olga", "ana", False),  # a list goes across catalogs
        ("ana", "nobody-known", False),
    ],
)
def test_a_list_is_ones_own(alive: Living, caller: str, whose: str, *, seen: bool) -> None:
    services = alive.by(caller)
    asked = D.ListRequestableRequest(requestor_id=whose)
    assert (_refusal(services, services.decisions.ListRequestable, asked) == "") == seen


def test_one_question_too_many_leaves_the_others_of_a_batch_alone() -> None:
    """A server without a store holds people to who they say they are, too."""
    with ruled(FOLDER) as server:
        services = server.by("user:gus")
        about = (("gus", "crane"), ("anna", "crane"), ("gus", "berth"))
        batch = D.BatchEvaluateRequest(requests=[question(who, what) for who, what in about])
        first, second, third = services.call(services.decisions.BatchEvaluate, batch).results
        assert first.decision.outcome == server.decision("gus", "crane").outcome
        assert second.error.reason == error_pb2.ERROR_REASON_FORBIDDEN
        assert third.decision.outcome == server.decision("gus", "berth").outcome
        evaluator = server.by("service:pdp", "evaluator")
        results = evaluator.call(evaluator.decisions.BatchEvaluate, batch).results
        assert results[1].decision.outcome == server.decision("anna", "crane").outcome


def test_a_caller_who_is_not_believed_is_refused_rather_than_misunderstood(
    harbour: LoadedDesk,
) -> None:
    with living(harbour, identity=Unidentified) as alive:
        services = alive.by("ana")
        with pytest.raises(CallError) as raised:
            services.call(services.decisions.Evaluate, question("ana"))
        assert raised.value.reason == "UNAUTHENTICATED"


def test_a_role_that_is_given_or_taken_away_counts_within_a_second(harbour: LoadedDesk) -> None:
    """S-132: nobody keeps what was taken away for longer than a server takes to follow."""
    seconds = [100.0]
    looks: list[Rights] = []

    def look(_: Call) -> tuple[Rights, Snapshot]:
        return looks[-1], harbour.desk.snapshot

    asking = Asking(look, DevelopmentHeaders(), lambda: seconds[0])

    def asks_everything() -> bool:
        method = "ostiary.v1.DecisionService/Evaluate"
        return asking.asker(method, [("ostiary-caller", "service:pdp")]) is None

    looks.append(NO_RIGHTS)
    assert not asks_everything()
    looks.append(Rights(frozenset({Role.EVALUATOR})))
    assert not asks_everything()
    seconds[0] += 1
    assert asks_everything()
    looks.append(NO_RIGHTS)
    seconds[0] += 1
    assert not asks_everything()


def test_what_cannot_be_looked_up_is_not_allowed(harbour: LoadedDesk) -> None:
    def look(_: Call) -> tuple[Rights, Snapshot]:
        raise StoreUnavailableError("gone")

    asking = Asking(look, DevelopmentHeaders())
    with pytest.raises(StoreUnavailableError):
        asking.asker("ostiary.v1.DecisionService/Evaluate", [("ostiary-caller", "user:ana")])
