"""Events in the shape of CloudEvents, sent as Standard Webhooks: signed, and safe to repeat."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook

from ostiary.adapters.clock import Clock
from ostiary.adapters.connectors.http_calls import (
    Answer,
    CallFailedError,
    HttpCaller,
    failure_of,
    place_of,
)
from ostiary.adapters.connectors.outcomes import (
    DONE,
    LIMIT_EXCEEDED,
    again,
    awaiting_guest,
    failed,
    full,
    short,
)
from ostiary.adapters.connectors.secret import Secret, SecretUnavailableError, hide
from ostiary.lifecycle.ports import Delivered

AWAITING_GUEST = "AWAITING_GUEST"  # what a receiver calls a guest's first sign-in that is to come

_PREFIX = "whsec_"
_FEWEST_BYTES = 24  # of a secret, as Standard Webhooks wants
_AS_IT_IS = re.compile(r"[A-Za-z0-9_/:@+=~-]{1,200}", re.ASCII)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a receiver is told."""

    type: str  # e.g. ostiary.v1.grant
    subject: str  # whom or what it is about
    data: Mapping[str, Any]
    taking: bool = False  # it takes something away
    to_guest: bool = False  # it gives a guest something, which may wait for them (S-96)


class Sender:
    """Signs events and sends them; `now` is the clock of the events, `stamps` that of receivers.

    The two differ where a story is told on a movable clock: a receiver refuses a signature whose
    time is not its own.
    """

    def __init__(
        self, caller: HttpCaller, secret: Secret, *, source: str, now: Clock, stamps: Clock
    ) -> None:
        self._caller = caller
        self._secret = secret
        self._source = source
        self._now = now
        self._stamps = stamps

    def send(self, url: str, event: Event, *, key: str) -> Delivered:
        """Send an event; the same key gives the same id, by which a receiver knows a repetition."""
        try:
            secrets = self._secret.read_all()
            webhooks = [Webhook(key_of(secret)) for secret in secrets]
        except SecretUnavailableError as error:
            return again(f"the signing secret cannot be read: {error}")
        except ValueError as error:
            return again(f"the signing secret cannot be used: {self._secret.place} {error}")
        name = event_id(key)
        message = to_structured(self._cloud_event(event, name), JSONFormat())
        stamp = self._stamps.now()
        text = message.body.decode()
        headers = {
            **{name.lower(): value for name, value in message.headers.items()},
            "webhook-id": name,
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": " ".join(one.sign(name, stamp, text) for one in webhooks),
        }
        try:
            answer = self._caller.call("POST", url, headers=headers, body=message.body)
        except CallFailedError as error:
            return again(str(error))
        if event.taking and answer.status == 404:
            # INVARIANT: any server answers so at a wrong address, where nobody takes anything away.
            return failed(f"{place_of(url)}: does not exist (status 404); 410 says what is gone")
        found = outcome(answer, what=place_of(url), hidden=lambda said: hide(said, *secrets))
        if event.to_guest and answer.status == 409 and _said(answer).get("code") == AWAITING_GUEST:
            return awaiting_guest(found.text, answer.retry_after)
        return found

    def close(self) -> None:
        """Let go of connections."""
        self._caller.close()

    def _cloud_event(self, event: Event, name: str) -> CloudEvent:
        attributes = {
            "id": name,
            "source": self._source,
            "type": event.type,
            "subject": event.subject,
            "time": self._now.now(),
            "datacontenttype": "application/json",
        }
        return CloudEvent(attributes, dict(event.data))


def event_id(key: str) -> str:
    """Give the id of an event: the key, or its digest where a header cannot hold the key."""
    if _AS_IT_IS.fullmatch(key):
        return key
    return f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"


def key_of(secret: str) -> bytes:
    """Give the bytes of a signing secret `whsec_…`; ValueError says what is wrong with it."""
    if not secret.startswith(_PREFIX):
        raise ValueError(f"does not hold a secret that begins with {_PREFIX}")
    encoded = secret.removeprefix(_PREFIX)
    try:
        found = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        raise ValueError(f"holds a secret that is no base64 after {_PREFIX}") from None
    if len(found) < _FEWEST_BYTES:
        raise ValueError(f"holds a secret of fewer than {_FEWEST_BYTES} bytes")
    return found


def outcome(answer: Answer, *, what: str, hidden: Callable[[str], str] = str) -> Delivered:
    """Give what a receiver's answer means to a delivery."""
    failure = failure_of(answer, what=what)
    if failure is None:
        return DONE
    if answer.status == 409:
        limit = _limit(answer, what)
        if limit is not None:
            return limit
    excerpt = answer.excerpt()
    text = f"{failure.text}: {excerpt}" if excerpt else failure.text
    return msgspec.structs.replace(failure, text=short(hidden(text)))


def _limit(answer: Answer, what: str) -> Delivered | None:
    """Read `{"code": "LIMIT_EXCEEDED", "name": …, "max": …}`; None if it is not there."""
    said = _said(answer)
    if said.get("code") != LIMIT_EXCEEDED:
        return None
    name, most = said.get("name"), said.get("max")
    return full(
        short(name) if isinstance(name, str) else "members",
        most if isinstance(most, int) and not isinstance(most, bool) else None,
        f"{what}: takes no more",
    )


def _said(answer: Answer) -> Mapping[str, Any]:
    """Give the JSON object of an answer, an empty one if there is none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
