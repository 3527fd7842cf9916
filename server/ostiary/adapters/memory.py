"""Systems behind us that exist in memory alone: for rehearsals, trials and tests.

They keep the contracts of the ports, and answer as they are told to for a while, so that faults can
be rehearsed too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.callout import Callout
from ostiary.domain.notice import Notice
from ostiary.lifecycle.ports import Connector, Delivered, Delivery, Holder

_DONE, _ALREADY = Delivered(Delivery.DONE), Delivered(Delivery.ALREADY)


class MemoryConnector:
    """A system that remembers who has which role of what, and which guests it has."""

    def __init__(self) -> None:
        self.rights: set[tuple[str, str, str]] = set()  # (person, target of the entry, role)
        self.guests: dict[str, str] = {}  # id -> enabled or blocked
        self.calls: list[tuple[str, str, str]] = []  # (what, key, person), in order
        self._answers: dict[str, deque[Delivered]] = {}
        self._lock = threading.Lock()

    def answer(self, target: str, *answers: Delivered) -> None:
        """Have the next calls about a target (or a person, for guests) answered like this."""
        self._answers.setdefault(target, deque()).extend(answers)

    def _told(self, target: str) -> Delivered | None:
        waiting = self._answers.get(target)
        return waiting.popleft() if waiting else None

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Give a role."""
        with self._lock:
            self.calls.append(("grant", key, holder.id))
            told = self._told(entry.target)
            if told is not None and told.result not in (Delivery.DONE, Delivery.ALREADY):
                return told
            right = (holder.id, entry.target, entry.role)
            there = right in self.rights
            self.rights.add(right)
            return _ALREADY if there else _DONE

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Take a role away."""
        with self._lock:
            self.calls.append(("revoke", key, holder.id))
            told = self._told(entry.target)
            if told is not None and told.result not in (Delivery.DONE, Delivery.ALREADY):
                return told
            right = (holder.id, entry.target, entry.role)
            there = right in self.rights
            self.rights.discard(right)
            return _DONE if there else _ALREADY

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:
        """Create an account."""
        return self._guest("make_guest", person.id, key, "enabled")

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Block an account."""
        return self._guest("block_guest", holder.id, key, "blocked")

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Delete an account."""
        return self._guest("delete_guest", holder.id, key, None)

    def _guest(self, what: str, person: str, key: str, state: str | None) -> Delivered:
        with self._lock:
            self.calls.append((what, key, person))
            told = self._told(person)
            if told is not None and told.result not in (Delivery.DONE, Delivery.ALREADY):
                return told
            before = self.guests.get(person)
            if state is None:
                self.guests.pop(person, None)
            else:
                self.guests[person] = state
            return _ALREADY if before == state else _DONE

    def close(self) -> None:
        """Do nothing."""


class OneConnector:
    """Delivers everything through one connector."""

    def __init__(self, connector: Connector, *guests: Connector) -> None:
        self._connector = connector
        self._guests = guests or (connector,)

    def of(self, entry: Entry) -> Connector:  # noqa: ARG002  # as in the port
        """Give the connector."""
        return self._connector

    def of_guests(self) -> Sequence[Connector]:
        """Give those that keep guests."""
        return self._guests


class MemoryPostman:
    """Keeps what would have been delivered."""

    carries_secrets = True

    def __init__(self) -> None:
        self.delivered: list[tuple[str, Notice]] = []  # (key, notice)
        self.secrets: list[tuple[str, Notice]] = []  # (secret, notice), where there was one

    def deliver(self, notice: Notice, *, key: str, secret: str = "") -> Delivered:
        """Keep a notice."""
        self.delivered.append((key, notice))
        if secret:
            self.secrets.append((secret, notice))
        return _DONE


class MemoryCaller:
    """Keeps the calls of extensions, and answers as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callout, Mapping[str, object], str]] = []
        self.answers: deque[Delivered] = deque()

    def call(self, callout: Callout, facts: Mapping[str, object], *, key: str) -> Delivered:
        """Keep a call."""
        self.calls.append((callout, facts, key))
        return self.answers.popleft() if self.answers else _DONE
