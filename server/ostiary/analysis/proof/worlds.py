"""Questions without a known answer: what is said must be so whether somebody has one or not.

A policy may ask something to which no answer was found here, by its pattern. Then nobody knows
whether anybody gets past it. A property holds only if it does in both worlds, and somebody is a
counterexample only if they are one in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, combinations

import msgspec

from ostiary.analysis.proof.answering import Wanted
from ostiary.analysis.proof.homes import TooManyError
from ostiary.analysis.proof.people import Kind
from ostiary.analysis.proof.possible import View
from ostiary.analysis.proof.report import Example
from ostiary.analysis.proof.simpler import Judge, simplest
from ostiary.analysis.proof.ways import UndecidedError, unanswered

_MOST_OPEN = 3  # each doubles the worlds


class Worlds:
    """The worlds that there may be, as one package is seen in them, the plainest first."""

    def __init__(self, old: View | None, new: View) -> None:
        """Raise TooManyError if too many questions have no known answer."""
        self._open = unanswered(new) if old is None else unanswered(old) | unanswered(new)
        if len(self._open) > _MOST_OPEN:
            raise TooManyError("the questions to which no answer was found are too many")
        self._views = [
            (None if old is None else supposing(old, wanted), supposing(new, wanted))
            for wanted in map(frozenset, _subsets(self._open))
        ]

    def judged(self, judge: Judge, kind: Kind) -> Example | None:
        """Give the plainest example of those that are one in every world.

        Raises UndecidedError if it is one in some worlds only.
        """
        found = [judge(old, new, kind) for old, new in self._views]
        example = found[0]
        if example is not None and None not in found:
            old, new = self._views[0]
            return simplest(lambda _, __, one: self._in_all(judge, one), old, new, kind, example)
        if any(one is not None for one in found):
            raise UndecidedError(hangs_on(self._open.values()))
        return None

    def _in_all(self, judge: Judge, kind: Kind) -> Example | None:
        """Give an example of the plainest world that is one in all others, too."""
        example: Example | None = None
        for old, new in self._views:
            try:
                found = judge(old, new, kind)
            except UndecidedError:
                return None
            if found is None:
                return None
            example = example or found
        return example


def supposing(view: View, wanted: frozenset[Wanted]) -> View:
    """Give a package as it is seen where somebody has an answer to these questions."""
    return msgspec.structs.replace(view, supposed=wanted)


def hangs_on(questions: Iterable[str]) -> str:
    """Say what nobody knows."""
    return f"it hangs on whether anybody can answer {', '.join(sorted(questions))}"


def _subsets(wanted: Iterable[Wanted]) -> Iterable[tuple[Wanted, ...]]:
    known = tuple(wanted)
    return chain.from_iterable(combinations(known, size) for size in range(len(known) + 1))
