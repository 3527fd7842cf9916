"""What is wrong with a request, field by field: everything is collected before it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ostiary.domain.errors import InvalidRequestError

LONGEST_ID = 256
LONGEST_NAME = 1024  # of a resource name, which holds several ids
LONGEST_LIST = 10_000

Value = TypeVar("Value")


def is_plain_id(name: str) -> bool:
    """Tell at a glance whether a name is an id with nothing wrong about it."""
    return 0 < len(name) <= LONGEST_ID and "/" not in name


class Violations:
    """The violations of one request, in the order of its fields."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def __len__(self) -> int:
        """Give how many were found so far."""
        return len(self._found)

    def add(self, field: str, text: str) -> None:
        """Note what is wrong with a field."""
        self._found.append((field, text))

    def refuse_if_any(self) -> None:
        """Raise InvalidRequestError with everything that was found."""
        if self._found:
            raise InvalidRequestError(self._found)

    def name(self, value: str, field: str) -> str:
        """Check an id or resource name that may be empty."""
        longest = LONGEST_NAME if "/" in value else LONGEST_ID
        if len(value) > longest:
            self.add(field, f"is longer than {longest} characters")
        return value

    def required_name(self, value: str, field: str) -> str:
        """Check an id or resource name that must be there."""
        if not value:
            self.add(field, "is required")
        return self.name(value, field)

    def text(self, value: str, field: str, longest: int) -> str:
        """Check a text that people write."""
        if len(value) > longest:
            self.add(field, f"is longer than {longest} characters")
        return value

    def word(self, number: int, known: Mapping[int, Value], field: str, default: Value) -> Value:
        """Give what an enumeration's number stands for; a number nobody knows is a violation."""
        if number in known:
            return known[number]
        self.add(field, f"has no value with the number {number}")
        return default

    def names(self, values: Sequence[str], field: str) -> tuple[str, ...]:
        """Check a list of ids or resource names, none of them empty."""
        if self.fits(len(values), field):
            for index, value in enumerate(values):
                self.required_name(value, f"{field}[{index}]")
        return tuple(values)

    def fits(self, size: int, field: str) -> bool:
        """Check the length of a list."""
        if size > LONGEST_LIST:
            self.add(field, f"has more than {LONGEST_LIST} entries")
        return size <= LONGEST_LIST
