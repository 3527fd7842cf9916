"""Taking down faults while files are read: where, by which path, and with what near by."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from typing import Any, Final

from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, Place, did_you_mean

Where = tuple[Any, str | int] | None  # (where of the parent, field or position); cheap to extend

_LONGEST_IN_PATH = 128

# What suggestions may cost in one load, in names looked at: hostile files ask for many.
_NAMES_LOOKED_AT = 100_000
_FEW_NAMES = 500  # that are all looked at; of more, only those that differ by one slip
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789._@+-"


class Broken(enum.Enum):
    """Marks what could not be read; its fault is in the list already."""

    BROKEN = "broken"


BROKEN: Final = Broken.BROKEN


class Unreadable(Exception):  # noqa: N818  # a signal between a record and its checks, no error
    """A check touched a field that could not be read."""


class Reader:
    """Takes down faults with the path of the field, and knows the limits of texts (S-32)."""

    def __init__(self, faults: FaultList, text_limits: Mapping[str, int]) -> None:
        self.faults = faults
        self.text_limits = text_limits
        self._looks_left = _NAMES_LOOKED_AT

    def fault(self, node: Place, where: Where, code: FaultCode, text: str) -> None:
        """Report an error at a node, named by its path (S-139)."""
        self.faults.add(node, code.value, f"{path_of(where)}: {text}")

    def warn(self, node: Place, where: Where, code: FaultCode, text: str) -> None:
        """Report a known mistake that does not refuse the definition."""
        self.faults.add(node, code.value, f"{path_of(where)}: {text}", warning=True)

    def invalid(self, node: Place, where: Where, text: str) -> Broken:
        """Report input that is malformed or contradictory, and give BROKEN."""
        self.fault(node, where, FaultCode.INVALID_MODEL, text)
        return BROKEN

    def near(self, word: str, known: Collection[str]) -> str:
        """Give `; did you mean ...?` as long as the load can afford the search."""
        few = len(known) <= _FEW_NAMES
        cost = len(known) if few else _FEW_NAMES
        if cost > self._looks_left:
            return ""
        self._looks_left -= cost
        return did_you_mean(word, known if few else one_slip_away(word, known))


def one_slip_away(word: str, known: Collection[str]) -> list[str]:
    """Give the known names that differ by a sign too many, too few, another, or two exchanged."""
    if len(word) > _LONGEST_IN_PATH:
        return []
    slips: dict[str, None] = {}
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        slips[before + after[1:]] = None
        slips[before + after[1:2] + after[:1] + after[2:]] = None
        for sign in _SIGNS:
            slips[before + sign + after] = None
            slips[before + sign + after[1:]] = None
    return [slip for slip in slips if slip in known]


def path_of(where: Where) -> str:
    """Give the path of a field as people read it: `catalogs[sales].packages[0].name`."""
    parts: list[str] = []
    while where is not None:
        where, segment = where
        parts.append(segment if isinstance(segment, str) else f"[{segment}]")
    joined = ".".join(reversed(parts)).replace(".[", "[")
    return joined or "file"


def in_brackets(name: str) -> str:
    """Give a name as a part of a path."""
    return f"[{name if is_short(name) else '…'}]"


def is_short(name: str) -> bool:
    """Say whether a name can stand in a path."""
    return len(name) <= _LONGEST_IN_PATH and name.isprintable()
