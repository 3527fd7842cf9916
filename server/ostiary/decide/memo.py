"""What decisions under one snapshot work out once and use again; bounded, and safe to lose."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """A bounded dictionary that forgets everything when it is full.

    Readers take no lock: two threads may work the same value out twice, and both get equal ones.
    """

    __slots__ = ("_most", "_values", "get")

    def __init__(self, most: int = 65_536) -> None:
        """Remember at most so many values."""
        self._most = most
        self._values: dict[Key, Value] = {}
        self.get = self._values.get

    def put(self, key: Key, value: Value) -> Value:
        """Remember and give the value."""
        if len(self._values) >= self._most:
            self._values.clear()
        self._values[key] = value
        return value
