"""The system behind: a receiver of webhooks in the driver's process that keeps its own books.

It is slow, fails before or after it has done what it was told, and cuts connections. It keeps who
has which right in two ways: doing whatever it is told as often as it is told, and doing each change
once, as its webhook-id says. Both must come to the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec
from standardwebhooks import Webhook

from ostiary.adapters.connectors.signed_events import key_of
from tests.services.http_server import Asked, HttpServer, answer

GRANT, REVOKE, CALL = "ostiary.v1.grant", "ostiary.v1.revoke", "ostiary.v1.extension.call"
_MOST_FAULTS = 3  # of one change; then it is done
_LONGEST_DELAY = 0.3  # seconds

Right = tuple[str, str, str]  # person, target, role


class Call(msgspec.Struct, frozen=True):
    """One call as it came."""

    key: str
    type: str
    subject: str
    data: str  # JSON, sorted
    what: str  # became of it


class System:
    """Answers from 127.0.0.1 until it is closed."""

    def __init__(self, seed: int, secret: str) -> None:
        self._seed = seed
        self._webhook = Webhook(key_of(secret))
        self._replies: Callable[[Mapping[str, Any]], None] = lambda _: None
        self._lock = threading.Lock()
        self._tries: Counter[str] = Counter()
        self._busy = 0
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self.rights: set[Right] = set()  # doing everything
        self.once: set[Right] = set()  # doing each change once
        self._done: set[str] = set()
        self.calm = False  # most of what is asked is done at once
        self._server = HttpServer(self._respond)
        self.url = self._server.url

    def when_called(self, replies: Callable[[Mapping[str, Any]], None]) -> None:
        """Have somebody told of each callout that comes for the first time."""
        self._replies = replies

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def quiet(self) -> bool:
        """Whether no call is under way."""
        with self._lock:
            return self._busy == 0

    def by_key(self) -> dict[str, set[tuple[str, str, str]]]:
        """What was said under each key: one thing, however often."""
        said: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
        for one in self.calls:
            said[one.key].add((one.type, one.subject, one.data))
        return said

    def _respond(self, asked: Asked, connection: socket.socket) -> bytes | None:
        with self._lock:
            self._busy += 1
        try:
            return self._answer(asked)
        finally:
            with self._lock:
                self._busy -= 1

    def _answer(self, asked: Asked) -> bytes | None:
        key = asked.headers.get("webhook-id", "")
        problem = self._problem(asked, key)
        if problem:
            with self._lock:
                self.faults.append(problem)
            return answer(400, {"problem": problem})
        event = asked.json()
        with self._lock:
            self._tries[key] += 1
            number = self._tries[key]
        dice = Random(f"{self._seed}/{key.rpartition('/')[0]}/{event['subject']}/{number}")
        time.sleep(dice.random() ** 3 * _LONGEST_DELAY)
        what = self._fate(dice, number)
        with self._lock:
            data = msgspec.json.encode(event["data"], order="sorted").decode()
            self.calls.append(Call(key, event["type"], event["subject"], data, what))
            if not what.endswith("before"):
                self._do(key, event["type"], event["data"])
        time.sleep(dice.random() ** 3 * _LONGEST_DELAY)
        if what.startswith("cut"):
            return None
        return answer(500 if what.startswith("500") else 200, {})

    def _fate(self, dice: Random, number: int) -> str:
        if number > _MOST_FAULTS or dice.random() < (0.9 if self.calm else 0.6):
            return "done"
        return dice.choice(("500 before", "500 after", "cut before", "cut after"))

    def _problem(self, asked: Asked, key: str) -> str:
        """What is wrong with a call: no key, another key inside, or not signed by Ostiary."""
        if not key:
            return f"a call without an idempotency key: {asked.body[:200]!r}"
        if asked.json().get("id") != key:
            return f"the event of {key} bears another id"
        stamp = int(asked.headers["webhook-timestamp"])
        signed = f"{key}.{stamp}.{asked.body.decode()}"
        wanted = "v1," + _signature(self._webhook, signed)
        if wanted not in asked.headers["webhook-signature"].split(" "):
            return f"the signature of {key} is wrong"
        return ""

    def _do(self, key: str, kind: str, data: dict[str, Any]) -> None:
        first = key not in self._done
        self._done.add(key)
        if kind == CALL:
            if first:
                self._replies(data)
            return
        right = (data["holder"]["id"], data["resource"]["target"], data["role"])
        books = (self.rights, self.once) if first else (self.rights,)
        for book in books:
            if kind == GRANT:
                book.add(right)
            elif kind == REVOKE:
                book.discard(right)


def _signature(webhook: Webhook, signed: str) -> str:
    key: bytes = webhook._whsecret
    return base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
