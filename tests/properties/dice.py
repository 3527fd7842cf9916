"""Chance with a seed, and the words from which random worlds are made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

T = TypeVar("T")

NOW: Final = datetime(2031, 3, 10, 10, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
DOMAINS: Final = ("tailwind.example", "north.example", "sub.tailwind.example", "south.example")
TENANT_IDS: Final = ("tenant-1", "tenant-2", "tenant-3")
ISSUERS: Final = ("https://idp.one", "https://idp.two")
IDENTIFIERS: Final = ("id-1", "id-2")
ATTRIBUTES: Final = {
    "department": ("Sales", "sales", "legal", "Sales East"),
    "country": ("de", "DE", "fr"),
    "level": ("1", "2"),
}


class Dice:
    """Throws that a seed determines; `size` bounds how many of anything there are."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = random.Random(seed)
        self.size = size
        self._throw = self.random.random

    def chance(self, probability: float) -> bool:
        """Yes with this probability."""
        return self._throw() < probability

    def number(self, least: int, most: int) -> int:
        """A whole number of the range, both ends included."""
        return least + int(self._throw() * (most - least + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self._throw() * len(items))]

    def some(self, items: Sequence[T], most: int) -> tuple[T, ...]:
        """Up to `most` different items, in the order of the list."""
        wanted = min(len(items), self.number(0, most))
        if wanted == 0:
            return ()
        chosen = set(self.random.sample(range(len(items)), wanted))
        return tuple(item for place, item in enumerate(items) if place in chosen)

    def bounded(self, most: int) -> int:
        """The smaller of `most` and the size of the world."""
        return min(most, self.size)
