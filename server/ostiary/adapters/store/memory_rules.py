"""Revisions of rule packs and the log of decisions in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ostiary.adapters.store.memory_state import Changes
from ostiary.domain.rule_revision import Activation, RuleRevision
from ostiary.lifecycle.ports import LoggedLine


class MemoryRules(Changes):
    """The revisions of rules of a transaction."""

    def rule_revision(self, digest: str) -> RuleRevision | None:
        """Give a revision of a rule pack with the text of its files."""
        return self._state.rule_revisions.get(digest)

    def rule_revisions(
        self, *, up_to: int | None = None, size: int = 50
    ) -> Sequence[tuple[int, RuleRevision]]:
        """Give revisions with their positions, without their files, the newest first."""
        kept = [
            (position, replace(one, files={}))
            for position, one in enumerate(self._state.rule_revisions.values(), 1)
            if up_to is None or position < up_to
        ]
        return kept[::-1][:size]

    def save_rule_revision(self, revision: RuleRevision) -> bool:
        """Keep a revision; False, and nothing changes, if one of the same digest is kept."""
        self._may_write()
        if revision.digest in self._state.rule_revisions:
            return False
        self._state.rule_revisions[revision.digest] = revision
        self._backwards(self._state.rule_revisions.pop, revision.digest)
        return True

    def log_decisions(self, lines: Iterable[LoggedLine]) -> None:
        """Keep lines of the decision log; one that is there is left as it is."""
        self._may_write()
        for one in lines:
            if one.run not in self._state.decisions:
                self._state.decisions[one.run] = {}
                self._backwards(self._state.decisions.pop, one.run)
            run = self._state.decisions[one.run]
            if one.number not in run:
                run[one.number] = one
                self._backwards(run.pop, one.number)

    def logged_runs(self) -> Sequence[str]:
        """Give the runs of the decision log, in the order in which they were kept."""
        return list(self._state.decisions)

    def logged_decisions(
        self, run: str, *, after: int = -1, size: int = 1000
    ) -> Sequence[LoggedLine]:
        """Give lines of a run by their numbers."""
        kept = self._state.decisions.get(run, {})
        return [kept[number] for number in sorted(kept) if number > after][:size]

    def activations(
        self, *, after: int = 0, before: int | None = None, size: int = 50
    ) -> Sequence[Activation]:
        """Give activations of rules in their order, or with `before` the newest first."""
        all_ = self._state.activations
        if before is None:
            return all_[after : after + size]
        return all_[after : max(before - 1, 0)][::-1][:size]

    def active_rules(self) -> Activation | None:
        """Give the activation that is in force: the last one."""
        return self._state.activations[-1] if self._state.activations else None

    def activation(self, sequence: int) -> Activation | None:
        """Give one activation."""
        known = 0 < sequence <= len(self._state.activations)
        return self._state.activations[sequence - 1] if known else None

    def activate_rules(self, activation: Activation) -> int:
        """Append an activation and give its sequence."""
        self._may_write()
        sequence = len(self._state.activations) + 1
        self._state.activations.append(replace(activation, sequence=sequence))
        self._backwards(self._state.activations.pop)
        return sequence
