"""Streams that tell of changes as they happen, and go on after a break without a gap."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from ostiary.client import CallError, Services
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.due import user_case
from ostiary.rpc.cursors import resume_token
from ostiary.rpc.identity import Unidentified
from ostiary.rpc.loading import LoadedDesk
from ostiary.v1 import access_request_pb2, audit_service_pb2
from ostiary.v1 import request_service_pb2 as contract
from tests.contract.living import STORES, USER_ADD, Living, living, refused, url_of
from tests.contract.questions import asked as question

PATIENCE = 10.0


@pytest.fixture(params=STORES)
def alive(request: pytest.FixtureRequest, harbour: LoadedDesk, tmp_path: Path) -> Iterator[Living]:
    with living(harbour, url_of(request.param, request, tmp_path)) as made:
        yield made


class Watch:
    """A watcher in a thread of its own."""

    def __init__(self, services: Services, method: Any, asked: Any) -> None:
        self.told: list[Any] = []
        self.error: CallError | None = None
        self._more = threading.Condition()
        self._stream = services.stream(method, asked)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for one in self._stream:
                with self._more:
                    self.told.append(one)
                    self._more.notify()
        except CallError as error:
            self.error = error

    def wait_for(self, count: int) -> list[Any]:
        """Give what was told once it is so much."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.told) >= count, PATIENCE), self.told
            return list(self.told)

    def ended(self) -> CallError | None:
        """Give why the stream ended, once it has."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.error


def _requests(alive: Living, who: str, token: str = "", **filters: Any) -> Watch:
    services = alive.by(who)
    return Watch(
        services,
        services.requests.WatchRequests,
        contract.WatchRequestsRequest(filter=contract.RequestFilter(**filters), resume_token=token),
    )


def _now(alive: Living) -> str:
    services = alive.by("ada")
    return services.call(
        services.requests.ListRequests, contract.ListRequestsRequest(page_size=1)
    ).resume_token


def test_a_watcher_is_told_of_each_change_in_order(alive: Living) -> None:
    """S-134, S-135: from the state of a list on, without a gap."""
    watch = _requests(alive, "ada", _now(alive), access_package="asked")
    request = alive.asked()
    alive.request("bea")
    alive.approve(request, "fran")
    told = watch.wait_for(2)
    assert [one.event.display_name for one in told] == [
        "User requests access package assignment",
        "Approval stage completed for access package assignment request",
    ]
    assert {one.request.id for one in told} == {request}
    assert told[-1].request.open_stage == 2


def test_a_watcher_goes_on_after_a_break(alive: Living) -> None:
    """What happened in between is told, and nothing twice."""
    watch = _requests(alive, "ada", _now(alive))
    first = alive.asked()
    told = watch.wait_for(1)
    second = alive.asked("bea")  # while, as far as the next watcher knows, nobody looked
    resumed = _requests(alive, "ada", told[0].resume_token)
    again = resumed.wait_for(1)
    assert [one.request.id for one in again] == [second]
    whole = _requests(alive, "ada", resume_token(0))
    assert [one.request.id for one in whole.wait_for(2)] == [first, second]


def test_a_watcher_sees_only_what_a_list_would_show(alive: Living) -> None:
    """S-132, S-133."""
    token = _now(alive)
    mine = _requests(alive, "ana", token, requestor="ana")
    staff = _requests(alive, "sten", token)
    denied = [access_request_pb2.REQUEST_STATE_DENIED]
    ended = _requests(alive, "ada", token, states=denied, submitter="bea")
    own = alive.asked()
    other = alive.asked("bea")
    hidden = alive.request("ana", "elsewhere")
    alive.deny(other, "fran")
    assert {one.request.id for one in staff.wait_for(3)} == {own, other}
    assert {one.request.id for one in mine.wait_for(3)} == {own, hidden}
    assert {one.request.id for one in ended.wait_for(1)} == {other}
    for who, filters in (("ana", {}), ("bea", {"requestor": "ana"}), ("", {})):
        error = _requests(alive, who, token, **filters).ended()
        assert error is not None
        assert error.reason == ("FORBIDDEN" if who else "UNAUTHENTICATED")


def test_who_loses_a_role_is_told_no_more(alive: Living) -> None:
    """S-132: rights are looked at again and again."""
    watch = _requests(alive, "sten", _now(alive))
    alive.asked()
    watch.wait_for(1)
    with alive.world.store.transaction() as tx:
        tx.next_revision(alive.world.clock.now(), actor="ada")
        tx.remove_role(RoleAssignment("user:sten", Role.ASSIGNMENT_MANAGER, "work"))
    error = watch.ended()
    assert error is not None
    assert error.reason == "FORBIDDEN"


def test_a_deleted_record_is_told_by_its_event_alone(alive: Living) -> None:
    """S-87."""
    request = alive.request("ana")
    watch = _requests(alive, "ada", _now(alive))
    staff = alive.by("sten")
    staff.call(staff.requests.DeleteRequest, contract.DeleteRequestRequest(request=request))
    told = watch.wait_for(1)[0]
    assert told.event.request == request
    assert not told.HasField("request")


def test_a_token_that_is_not_ours_is_refused(alive: Living) -> None:
    for token in ("nonsense", "ünsinn"):
        error = _requests(alive, "ada", token).ended()
        assert error is not None
        assert error.reason == "PAGE_TOKEN_INVALID"


def test_audit_events_are_told_as_they_happen(alive: Living) -> None:
    """S-134: from the beginning, from an event, or from now on."""
    services = alive.by("ada")

    def watch(**fields: Any) -> Watch:
        asked = audit_service_pb2.WatchAuditEventsRequest(**fields)
        return Watch(services, services.audit.WatchAuditEvents, asked)

    alive.asked()
    whole = watch(after_sequence=0)
    first = whole.wait_for(1)[0].event
    later = watch(after_sequence=first.sequence)
    subject = watch(after_sequence=0, filter=audit_service_pb2.AuditFilter(subject="bea"))
    alive.asked("bea")
    for one in (later, subject):
        told = one.wait_for(1)
        assert [event.event.subject for event in told] == ["bea"]
    assert [one.event.sequence for one in whole.wait_for(2)] == [1, 2]
    new = watch()
    # Nobody says when a watch has begun; whatever happens from then on is told.
    for who, seconds in (("carl", 0.2), ("ana", 0.5), ("bea", 1), ("fran", 2), ("dana", 4)):
        time.sleep(seconds)
        alive.request(who, "plain")
        if new.told:
            break
    assert {event.event.access_package for event in new.wait_for(1)} == {"plain"}
    error = watch(after_sequence=-1).ended()
    assert error is not None
    assert error.reason == "INVALID_REQUEST"
    person = alive.by("ana")
    refused_watch = Watch(
        person, person.audit.WatchAuditEvents, audit_service_pb2.WatchAuditEventsRequest()
    )
    error = refused_watch.ended()
    assert error is not None
    assert error.reason == "FORBIDDEN"


def test_watchers_do_not_keep_a_server_from_stopping(alive: Living) -> None:
    watches = [_requests(alive, "ada") for _ in range(12)]
    time.sleep(0.5)
    began = time.monotonic()
    alive.server.stop(10)
    assert time.monotonic() - began < 5
    assert all(watch.ended() is None for watch in watches)


@pytest.mark.parametrize("store", STORES)
def test_questions_do_not_wait_for_writes(
    request: pytest.FixtureRequest, harbour: LoadedDesk, tmp_path: Path, store: str
) -> None:
    """A write that waits for the database holds nobody else up.

    Helpers of a crew that is held up come after 0.25 s. On a busy machine anything may take as
    long as that, but not each time.
    """
    longest = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        url = url_of(store, request, folder)
        if store == "postgresql":
            request.getfixturevalue("postgres").empty(url)
        with living(harbour, url) as alive:
            longest.append(max(_waits_beside_writes(alive)))
        if longest[-1] < 0.2:
            return
    pytest.fail(f"questions waited for {longest} seconds")


def _waits_beside_writes(alive: Living) -> list[float]:
    services = alive.by("ada")
    results: list[Any] = []

    def submit(who: Services) -> None:
        asked = contract.CreateRequestRequest(kind=USER_ADD, access_package="plain")
        results.append(who.call(who.requests.CreateRequest, asked))

    services.call(services.decisions.Evaluate, question("crane"))
    with alive.world.store.transaction() as tx:
        names = ("ana", "bea", "carl")
        for who in names:
            tx.lock(user_case(who))
        people = [alive.by(who) for who in names]
        writers = [threading.Thread(target=submit, args=(who,)) for who in people]
        for writer in writers:
            writer.start()
        time.sleep(0.1)
        waits = []
        for _ in range(20):
            began = time.monotonic()
            services.call(services.decisions.Evaluate, question("crane"))
            waits.append(time.monotonic() - began)
        assert not results
    for writer in writers:
        writer.join(PATIENCE)
    assert len(results) == 3
    return waits


def test_a_server_without_identities_serves_questions_only(harbour: LoadedDesk) -> None:
    """Nobody is believed; questions are answered as before."""
    with living(harbour, identity=Unidentified) as alive:
        anonymous = alive.by("")
        assert anonymous.call(anonymous.decisions.Evaluate, question("crane")).decision.visible
        with refused("UNAUTHENTICATED", status=grpc.StatusCode.UNAUTHENTICATED):
            alive.see("r-1", "")
        with refused("UNAUTHENTICATED"):
            alive.see("r-1", "ada")
