"""Ids of new records: random ones for real, counted ones for rehearsals that must repeat."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections import defaultdict
from collections.abc import Iterator

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no letters that look like digits
_LENGTH = 16  # 80 bits: nobody guesses one, and no two are ever the same
_PREFIXES = {"request": "r", "assignment": "a", "review": "v", "callout": "c"}


def _prefix(kind: str) -> str:
    return _PREFIXES.get(kind, kind)


class RandomIds:
    """Ids that nobody can guess, e.g. `r-7h2k…`."""

    def new(self, kind: str) -> str:
        """Give an id that nobody has."""
        return f"{_prefix(kind)}-{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"

    def secret(self) -> str:
        """Give a secret of 256 bits."""
        return secrets.token_urlsafe(32)


class CountedIds:
    """Ids that count up by kind, the same in every run, e.g. `r-1`."""

    def __init__(self) -> None:
        self._counters: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self._lock = threading.Lock()

    def new(self, kind: str) -> str:
        """Give the next id of a kind."""
        with self._lock:
            return f"{_prefix(kind)}-{next(self._counters[kind])}"

    def secret(self) -> str:
        """Give the next secret, which anybody can guess: for rehearsals alone."""
        return self.new("secret")
