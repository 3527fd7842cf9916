"""Tells the tales over gRPC: each write is sent under one id until it has an answer."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import grpc
import msgspec

from ostiary.client import CallError, Services
from ostiary.v1 import (
    access_request_pb2,
    assignment_service_pb2,
    audit_service_pb2,
    callout_pb2,
    request_service_pb2,
)
from tests.faults.kills import yard
from tests.faults.kills.shared_clock import SharedClock
from tests.faults.kills.tales import Tale

ADD, EXTEND, REMOVE = "add", "extend", "remove"
APPROVE, DENY, CANCEL, RESUME = "approve", "deny", "cancel", "resume"
# What a caller may see of a server that is killed, and sends its write again for.
SEND_AGAIN = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})
_TIMEOUT = 20.0  # seconds for one answer
_PATIENCE = 180.0  # seconds for a definite one
_THREADS = 8


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A write that has its definite answer."""

    tale: int
    act: str
    by: str
    about: str  # request, assignment or callout; of a submission its request_id
    sent: datetime
    answered: datetime
    times: int  # how often it was sent
    request: str = ""  # the request that the answer shows
    refused: str = ""  # the code, if it was refused


class Driver:
    """Acts at the instants of the tales, from several threads."""

    def __init__(self, address: str, clock: SharedClock, seed: int) -> None:
        self._address = address
        self._clock = clock
        self._seed = seed
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._acting = 0
        self._stopping = threading.Event()
        self._of_thread = threading.local()
        self._by_subject: dict[tuple[str, str], Tale] = {}
        self._starts: dict[int, datetime] = {}  # that were asked for, by tale
        self.told: list[Told] = []
        self.codes: Counter[str] = Counter()  # of answers that were none
        self.broken: list[BaseException] = []
        self.heard: list[int] = []  # sequences of the audit log, as they were heard
        self._following = threading.Thread(target=self._follow, daemon=True)
        self._threads = [threading.Thread(target=self._act, daemon=True) for _ in range(_THREADS)]

    def begin(self, tales: list[Tale]) -> None:
        """Begin to tell."""
        for tale in tales:
            self._by_subject[tale.person, tale.package] = tale
            self._at(tale.begins, self._submit, tale)
        for one in (*self._threads, self._following):
            one.start()

    def end(self) -> None:
        """Tell nothing more."""
        self._stopping.set()
        for one in self._threads:
            one.join(_PATIENCE)

    def check(self) -> None:
        """Raise what broke in a thread."""
        if self.broken:
            raise self.broken[0]

    def next_act(self) -> datetime | None:
        """When the next act is to come; now, if one is under way; None: all is told."""
        with self._lock:
            if self._acting:
                return self._clock.now()
            return self._agenda[0][0] if self._agenda else None

    def awaited(self, said: Mapping[str, Any]) -> None:
        """Have a callout that the system behind was told of answered later, or never."""
        tale = self._by_subject[said["target"], said["package"]]
        if said["waits"] and tale.reply is not None:
            self._at(tale.reply, self._resume, tale, said["callout"])

    # threads

    def _at(self, after: timedelta, what: Callable[..., object], *about: Any) -> None:
        entry = (self._clock.now() + after, next(self._numbers), lambda: what(*about))
        with self._lock:
            heapq.heappush(self._agenda, entry)

    def _act(self) -> None:
        with Services(self._address) as services:
            self._of_thread.services = services
            while not self._stopping.is_set():
                act = self._taken()
                if act is None:
                    time.sleep(0.03)
                    continue
                try:
                    act()
                except BaseException as error:  # noqa: BLE001  # told by `check`
                    self.broken.append(error)
                finally:
                    with self._lock:
                        self._acting -= 1

    def _taken(self) -> Callable[[], object] | None:
        with self._lock:
            if not self._agenda or self._agenda[0][0] > self._clock.now():
                return None
            self._acting += 1
            return heapq.heappop(self._agenda)[2]

    def _follow(self) -> None:
        """Follow the audit log as somebody does who may miss nothing."""
        headers: Any = {"caller": f"user:{yard.STAFF}", "roles": ("administrator",)}
        while not self._stopping.is_set():
            try:
                with Services(self._address, **headers) as services:
                    self._hear(services)
            except CallError as error:
                if error.code not in SEND_AGAIN:
                    self.broken.append(error)
                    return
                self._note(error)
            time.sleep(0.2)

    def _hear(self, services: Services) -> None:
        last = self.heard[-1] if self.heard else 0
        asked = audit_service_pb2.WatchAuditEventsRequest(after_sequence=last)
        for said in services.stream(services.audit.WatchAuditEvents, asked):
            self.heard.append(said.event.sequence)
            if self._stopping.is_set():
                return

    # calling

    def _note(self, error: CallError) -> None:
        with self._lock:
            self.codes[error.code.name] += 1

    def _ask(self, caller: str, method: Callable[[Services], Any], request: Any) -> tuple[Any, int]:
        """Ask until there is an answer; give it with the number of times."""
        headers = [("ostiary-caller", f"user:{caller}")]
        if caller == yard.STAFF:
            headers.append(("ostiary-roles", "administrator"))
        deadline = time.monotonic() + _PATIENCE
        services: Services = self._of_thread.services
        for times in itertools.count(1):
            try:
                return method(services)(request, timeout=_TIMEOUT, metadata=headers), times
            except grpc.RpcError as raised:
                error = CallError.of_call(raised)
                if error.code not in SEND_AGAIN:
                    return error, times
                self._note(error)
                assert time.monotonic() < deadline, f"no answer in {_PATIENCE} s: {error}"
                time.sleep(0.1)
        raise AssertionError

    def _write(
        self,
        tale: Tale,
        act: str,
        caller: str,
        method: Callable[[Services], Any],
        request: Any,
        *,
        about: str = "",
    ) -> Told:
        sent = self._clock.now()
        answer, times = self._ask(caller, method, request)
        refused = ""
        if isinstance(answer, CallError):
            refused = answer.metadata.get("code", answer.reason)
            assert refused, f"{act} of {tale}: {answer}"
        shown = getattr(answer, "request", None)
        told = Told(
            tale=tale.number,
            act=act,
            by=caller,
            about=about or request.request_id,
            sent=sent,
            answered=self._clock.now(),
            times=times,
            request="" if shown is None else shown.id,
            refused=refused,
        )
        with self._lock:
            self.told.append(told)
        return told

    def _see(self, request: str) -> access_request_pb2.AccessRequest:
        asked = request_service_pb2.GetRequestRequest(request=request)
        answer, _ = self._ask(yard.STAFF, lambda services: services.requests.GetRequest, asked)
        assert not isinstance(answer, CallError), answer
        seen: access_request_pb2.AccessRequest = answer.request
        return seen

    # acts

    def _submit(self, tale: Tale) -> None:
        if tale.starts_later is not None:
            self._starts[tale.number] = self._clock.now() + tale.starts_later
        if tale.twice:
            self._at(timedelta(0), self._send, tale)
        told = self._send(tale)
        if not told.refused:
            self._go_on(tale, told.request)

    def _send(self, tale: Tale) -> Told:
        asked = request_service_pb2.CreateRequestRequest(
            kind=access_request_pb2.REQUEST_KIND_USER_ADD,
            requestor_id=tale.person,
            access_package=tale.package,
            request_id=f"{self._seed}-{tale.number}-add",
        )
        start = self._starts.get(tale.number)
        if start is not None:
            asked.schedule.start_time.FromDatetime(start)
        told = self._write(
            tale, ADD, tale.person, lambda services: services.requests.CreateRequest, asked
        )
        # Nothing stands against any of them, unless the start has passed before an answer came.
        assert not told.refused or (start is not None and start <= told.answered), told
        return told

    def _go_on(self, tale: Tale, request: str) -> None:
        self._decide_later(tale, request, 1)
        for after, act in (
            (tale.cancel, self._cancel),
            (tale.extend, self._extend),
            (tale.remove, self._remove),
        ):
            if after is not None:
                self._at(after, act, tale, request)

    def _decide_later(self, tale: Tale, request: str, stage: int) -> None:
        if stage > len(tale.stages):
            return
        act = tale.stages[stage - 1]
        if act is None:
            return
        for who, approves in act.said:
            self._at(act.after, self._decide, tale, request, stage, who, approves)

    def _decide(self, tale: Tale, request: str, stage: int, who: str, approves: bool) -> None:
        kind = (
            request_service_pb2.ApproveRequestRequest
            if approves
            else request_service_pb2.DenyRequestRequest
        )
        asked = kind(
            request=request, stage=stage, request_id=f"{self._seed}-{tale.number}-{stage}-{who}"
        )

        def method(services: Services) -> Any:
            requests = services.requests
            return requests.ApproveRequest if approves else requests.DenyRequest

        told = self._write(tale, APPROVE if approves else DENY, who, method, asked, about=request)
        if approves and not told.refused:
            self._decide_later(tale, request, stage + 1)

    def _cancel(self, tale: Tale, request: str) -> None:
        asked = request_service_pb2.CancelRequestRequest(
            request=request, request_id=f"{self._seed}-{tale.number}-cancel"
        )
        self._write(
            tale,
            CANCEL,
            tale.person,
            lambda services: services.requests.CancelRequest,
            asked,
            about=request,
        )

    def _extend(self, tale: Tale, request: str) -> None:
        assignment = self._see(request).assignment
        if not assignment:
            return
        asked = request_service_pb2.CreateRequestRequest(
            kind=access_request_pb2.REQUEST_KIND_USER_UPDATE,
            requestor_id=tale.person,
            assignment=assignment,
            request_id=f"{self._seed}-{tale.number}-extend",
        )
        self._write(
            tale, EXTEND, tale.person, lambda services: services.requests.CreateRequest, asked
        )

    def _remove(self, tale: Tale, request: str) -> None:
        assignment = self._see(request).assignment
        if not assignment:
            return
        name = f"{self._seed}-{tale.number}-remove"
        if tale.by_staff:
            removal = assignment_service_pb2.RemoveAssignmentRequest(
                assignment=assignment, request_id=name
            )
            self._write(
                tale,
                REMOVE,
                yard.STAFF,
                lambda services: services.assignments.RemoveAssignment,
                removal,
            )
            return
        asked = request_service_pb2.CreateRequestRequest(
            kind=access_request_pb2.REQUEST_KIND_USER_REMOVE,
            requestor_id=tale.person,
            assignment=assignment,
            request_id=name,
        )
        self._write(
            tale, REMOVE, tale.person, lambda services: services.requests.CreateRequest, asked
        )

    def _resume(self, tale: Tale, callout: str) -> None:
        asked = request_service_pb2.ResumeRequestRequest(
            callout=callout,
            stage=callout_pb2.EXTENSION_STAGE_REQUEST_CREATED,
            request_id=f"{self._seed}-{tale.number}-reply",
        )
        self._write(
            tale,
            RESUME,
            yard.STAFF,
            lambda services: services.requests.ResumeRequest,
            asked,
            about=callout,
        )
