"""Collecting faults: all of them at once, sorted, each with its place and in the user's words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal, Protocol

from ostiary.domain.errors import DefinitionError, Fault

__all__ = ["DefinitionError", "Fault", "FaultList", "Place", "did_you_mean", "quoted", "suggest"]

LONGEST_QUOTE = 64
LONGEST_SUGGESTION = 128


class Place(Protocol):
    """Anything that stands somewhere in a file."""

    @property
    def file(self) -> str:
        """Give the name of the file as the user knows it."""

    @property
    def line(self) -> int:
        """Give the line, from 1."""

    @property
    def column(self) -> int:
        """Give the column, from 1."""


class FaultList:
    """The faults found so far."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    def add(self, node: Place, code: str, message: str, *, warning: bool = False) -> None:
        """Add a fault at the node's place; the same fault at the same place counts once."""
        severity: Literal["error", "warning"] = "warning" if warning else "error"
        fault = Fault(node.file, node.line, node.column, code, message, severity)
        self._faults[fault] = None

    def sorted(self) -> tuple[Fault, ...]:
        """Give all faults by file, line and column."""
        return tuple(sorted(self._faults))

    @property
    def has_errors(self) -> bool:
        """Say whether anything worse than a warning was found."""
        return any(fault.severity == "error" for fault in self._faults)

    def refuse_if_errors(self) -> None:
        """Raise DefinitionError with all faults if one of them is an error."""
        if self.has_errors:
            raise DefinitionError(self._faults)


def quoted(text: str) -> str:
    """Give the user's text in backticks, shortened and free of line breaks."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return f"`{short.encode('unicode_escape').decode() if not short.isprintable() else short}`"


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Give the known name that the word is nearly right for; costs a look at every name."""
    if len(word) > LONGEST_SUGGESTION:
        return None
    names = [name for name in known if abs(len(name) - len(word)) <= 1 + len(word) // 4]
    folded = _fold(word)
    for name in names:
        if _fold(name) == folded:
            return name
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the end of a message: `; did you mean ...?`, or nothing if no name is near."""
    name = suggest(word, known)
    return "" if name is None else f"; did you mean {quoted(name)}?"


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
