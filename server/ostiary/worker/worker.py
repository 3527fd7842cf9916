"""The worker: carries out what is due, any number of them over one store.

Effects inside happen in the transaction that finishes their action. Effects outside are leased,
called with the action's id as their key, and recorded by whoever still holds the lease (ADR 7).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec

from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.domain.errors import NotReadyError, StoreUnavailableError
from ostiary.domain.notice import Notice
from ostiary.lifecycle.ports import (
    Connectors,
    Delivered,
    Delivery,
    ExtensionCaller,
    Holder,
    Postman,
)
from ostiary.operations import outside
from ostiary.operations.catch_up import PoisonedError, run_due
from ostiary.operations.decision_links import link_for
from ostiary.operations.office import Office
from ostiary.operations.ready import LEASE, ready
from ostiary.operations.retention import forget

_log = logging.getLogger(__name__)

BATCH = 100
CALLS = 8  # at a time
ROUNDS = 4  # of calls that one lease must last for
TOGETHER = 20  # notices whose delivery is recorded in one transaction
MOST_ATTEMPTS = 5  # of work inside that fails; then it is parked for staff
_PAUSE = timedelta(seconds=10)
_TIDY_EVERY = timedelta(hours=1)


class Worker:
    """Runs due work when it is told to; `jitter` gives a number from 0 to 1."""

    def __init__(
        self,
        office: Office,
        connectors: Connectors,
        caller: ExtensionCaller,
        postman: Postman,
        *,
        jitter: Callable[[], float],
    ) -> None:
        self._office = office
        self._connectors = connectors
        self._caller = caller
        self._postman = postman
        self._jitter = jitter
        self._tidied: datetime | None = None  # when there was nothing left to forget

    def run(self, *, calls: int = CALLS) -> int:
        """Carry out what is due now, inside and outside; give how much it was.

        Raises StoreUnavailableError; nothing is lost by it.
        """
        done = self.run_inside()
        return done + self.run_outside(calls=calls) + self.tidy()

    def run_until_idle(self, *, most: int = 1_000_000) -> int:
        """Carry out what is due until nothing is; one call at a time, so in a definite order."""
        done = 0
        while done < most:
            count = self.run_inside() or self.run_outside(calls=1) or self.tidy()
            if not count:
                break
            done += count
        return done

    def tidy(self) -> int:
        """Forget a batch of what is kept no longer, looking once an hour; give how much it was."""
        now = self._office.now()
        if self._tidied is not None and now < self._tidied + _TIDY_EVERY:
            return 0
        try:
            done = forget(self._office)
        except NotReadyError:
            done = 0
        if not done:
            self._tidied = now
        return done

    def run_inside(self) -> int:
        """Carry out the due work of a batch of cases in one transaction."""
        try:
            return self._run_cases()
        except StoreUnavailableError:
            raise
        except PoisonedError as error:
            self._set_aside(error)
            return 1

    def _run_cases(self) -> int:
        office, done = self._office, 0
        with office.store.transaction() as tx:
            for case in tx.due_cases(office.now(), most=BATCH):
                # Never waiting for a second lock, so that no two workers wait for each other.
                if tx.try_lock(case):
                    done += run_due(office.unit(tx, case))
        return done

    def _set_aside(self, error: PoisonedError) -> None:
        """Try failing work again later, and park it in the end: visible to staff, never lost."""
        action = error.action
        _log.error("%s of %s failed", action.kind.value, action.case, exc_info=error.__cause__)
        failure = f"{type(error.__cause__).__name__}: {error.__cause__}"
        with self._office.store.transaction() as tx:
            tx.lock(action.case)
            attempts, now = action.attempts + 1, self._office.now()
            if attempts >= MOST_ATTEMPTS:
                tx.finish(action.id, WorkState.PARKED, now, failure=failure)
            else:
                later = now + _PAUSE * 2**attempts
                tx.postpone(action.id, later, attempts=attempts, failure=failure)

    def run_outside(self, *, calls: int = CALLS) -> int:
        """Lease due calls, make them, and record the answers."""
        now = self._office.now()
        # No more than can be done before the lease is over, however slow the systems are.
        most = BATCH if calls == 1 else calls * ROUNDS
        with self._office.store.transaction() as tx:
            leased = list(tx.lease(now, now + LEASE, most=most))
        notices = [one for one in leased if one.kind is WorkKind.DELIVER_NOTICE]
        others = [one for one in leased if one.kind is not WorkKind.DELIVER_NOTICE]
        if calls == 1 or len(leased) < 2:
            self._tell(notices, map)
            for action in others:
                self._one(action)
        else:
            with ThreadPoolExecutor(calls, thread_name_prefix="calls") as pool:
                self._tell(notices, pool.map)
                list(pool.map(self._one, others))
        return len(leased)

    def _tell(self, notices: Sequence[DueAction], each: Callable[..., Iterable[Delivered]]) -> None:
        """Deliver notices, and record a few answers at a time: they concern no case."""
        for first in range(0, len(notices), TOGETHER):
            chunk = notices[first : first + TOGETHER]
            some = [one for one in chunk if ready(self._office, one)]
            answers = list(each(self._call, some))
            outside.finish_notices(
                self._office, list(zip(some, answers, strict=True)), self._jitter
            )

    def _one(self, action: DueAction) -> None:
        try:
            if ready(self._office, action):
                answer = self._call(action)
                outside.finish(self._office, action, answer, jitter=self._jitter())
        except PoisonedError as error:
            # Overdue work of the same case; the call is made again when its lease is over.
            self._set_aside(error)

    def _call(self, action: DueAction) -> Delivered:
        try:
            return self._made(action)
        except Exception as error:  # noqa: BLE001  # an adapter's fault must not end the worker
            # Whatever an adapter raises is no answer; it is tried again like a time-out.
            _log.exception("%s of %s failed", action.kind.value, action.case)
            return Delivered(Delivery.RETRY, text=f"{type(error).__name__}: {error}")

    def _made(self, action: DueAction) -> Delivered:
        match action.kind:
            case WorkKind.PROVISION | WorkKind.DEPROVISION:
                return self._right(action)
            case WorkKind.MAKE_GUEST:
                person = msgspec.json.decode(action.payload, type=ExternalPerson)
                return _worst(
                    one.make_guest(person, key=action.id) for one in self._connectors.of_guests()
                )
            case WorkKind.SET_GUEST_STATE:
                return self._guest(action)
            case WorkKind.CALL_OUT:
                with self._office.store.reading() as tx:
                    callout = tx.callout(action.target)
                if callout is None:
                    return Delivered(Delivery.FAILED, text="the callout is gone")
                return self._caller.call(callout, json.loads(action.payload), key=action.id)
            case _:
                notice = msgspec.json.decode(action.payload, type=Notice)
                secret = link_for(self._office, notice) if self._postman.carries_secrets else ""
                return self._postman.deliver(notice, key=action.id, secret=secret)

    def _right(self, action: DueAction) -> Delivered:
        said = json.loads(action.payload)
        holder = msgspec.convert(said["holder"], Holder)
        entry = msgspec.convert(said["entry"], Entry)
        connector = self._connectors.of(entry)
        if action.kind is WorkKind.PROVISION:
            return connector.grant(holder, entry, key=action.id)
        return connector.revoke(holder, entry, key=action.id)

    def _guest(self, action: DueAction) -> Delivered:
        said = json.loads(action.payload)
        holder = msgspec.convert(said["holder"], Holder)
        if said["what"] == "block":
            return _worst(
                one.block_guest(holder, key=action.id) for one in self._connectors.of_guests()
            )
        return _worst(
            one.delete_guest(holder, key=action.id) for one in self._connectors.of_guests()
        )


_SEVERITY = (
    Delivery.ALREADY,
    Delivery.DONE,
    Delivery.AWAITING_GUEST,
    Delivery.RETRY,
    Delivery.FAILED,
)


def _worst(answers: Iterable[Delivered]) -> Delivered:
    """Give the answer that decides where several systems were told; all are told."""
    told = list(answers)
    return max(
        told,
        key=lambda one: _SEVERITY.index(one.result),
        default=Delivered(Delivery.DONE),
    )
