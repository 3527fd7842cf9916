"""Figures and what they have to reach: medians of rounds, ratios within a round, targets."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

MOST_FOREIGN = 0.2  # cores that others may use before a figure says nothing
LEAST_USED = 0.9  # of its core, or a server was not saturated, or was starved


class Target(NamedTuple):
    """A figure that must not be above (or below) a bound."""

    name: str
    figure: float
    bound: float
    unit: str
    at_least: bool
    sound: bool  # False: the machine was too busy for the figure to say anything

    @property
    def reached(self) -> bool:
        """Whether the figure is to be believed and on the right side of the bound."""
        return self.sound and self._inside

    @property
    def verdict(self) -> str:
        """PASS or FAIL; NOISY if neither can be said."""
        if not self.sound:
            return "NOISY"
        return "PASS" if self._inside else "FAIL"

    @property
    def _inside(self) -> bool:
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g}{self.unit}"

    @property
    def found(self) -> str:
        """The figure with its unit."""
        return f"{self.figure:.2f}{self.unit}"


class Table(NamedTuple):
    """A table of the report."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


class Part(NamedTuple):
    """One half of the bench: its tables and what they had to show."""

    tables: tuple[Table, ...]
    targets: tuple[Target, ...]


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def ratio_of_rounds(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over the rounds of one figure divided by the other of the same round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))
