"""From what a policy says about approval to checked stages (S-24, S-62 to S-77)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, ScopeKind
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.policy_model import ApprovalText, PolicyText, StageText
from ostiary.rulebook.reader import Where
from ostiary.rulebook.records import records, run_checks
from ostiary.rulebook.shapes import Item, values
from ostiary.rulebook.source import Node
from ostiary.rulebook.tenant_draft import Draft
from ostiary.rulebook.times import spell_duration

# A policy for external people; only there are sponsors of an organization known (S-66).
EXTERNAL_SCOPES = frozenset(
    {
        ScopeKind.SPECIFIC_ORGANIZATIONS,
        ScopeKind.ALL_CONFIGURED_ORGANIZATIONS,
        ScopeKind.ALL_EXTERNAL,
    }
)
_ORGANIZATION_SPONSORS = frozenset({ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS})
_SPONSORS = _ORGANIZATION_SPONSORS | {ApproverKind.OWN_SPONSORS}
_LISTS = ("approvers", "fallback", "alternates", "alternate_fallback")
_WORDS = {
    ApproverKind.MANAGER: "the manager",
    ApproverKind.INTERNAL_SPONSORS: "internal-sponsors",
    ApproverKind.EXTERNAL_SPONSORS: "external-sponsors",
    ApproverKind.OWN_SPONSORS: "own-sponsors",
}


class ApprovalChecks:
    """The checks of one policy's approval, each for one rule of the semantics."""

    def __init__(self, draft: Draft, policy: PolicyText, approval: ApprovalText) -> None:
        self.draft = draft
        self.reader = draft.reader
        self.profile = draft.profile
        self.policy = policy
        self.approval = approval

    def run(self) -> None:
        """Report everything that is wrong with the approval."""
        run_checks((self._stated, self._staged, self._number, self._repeated))
        for stage in records(self.approval, "stages"):
            self._stage(stage)

    def _stated(self) -> None:
        """S-106: who fits an automatic policy gets the access without approval."""
        if self.policy.scope.kind is ScopeKind.AUTOMATIC:
            text = "an automatic policy has no approval"
            self.reader.invalid(self.approval.node, self.approval.where, text)

    def _staged(self) -> None:
        """S-24: stages if and only if something needs approval."""
        if not self.approval.has("for"):
            return
        wanted = self.approval.count("for") > 0
        if wanted and not self.approval.count("stages"):
            text = "approval is required but there is no stage"
            self.reader.invalid(self.approval.at("stages"), self.approval.to("stages"), text)
        if not wanted and self.approval.count("stages"):
            text = "there are stages but nothing needs approval"
            self.reader.invalid(self.approval.at("stages"), self.approval.to("stages"), text)

    def _number(self) -> None:
        """S-62."""
        places = [(stage.node, stage.where) for stage in self.approval.stages]
        self.draft.limit("approval_stages", places)

    def _repeated(self) -> None:
        """A manager, or one kind of sponsor, in more than one stage (section 2)."""
        seen: dict[ApproverKind, set[int]] = defaultdict(set)
        for number, stage in enumerate(self.approval.stages):
            for item in _readable(stage, "approvers"):
                kind = item.value.kind
                if kind in _WORDS and seen[kind] - {number}:
                    self._repetition(kind, item.node, item.where)
                seen[kind].add(number)

    def _repetition(self, kind: ApproverKind, node: Node, where: Where) -> None:
        text = f"{_WORDS[kind]} approves in an earlier stage already"
        if self.profile.repeated_relation:
            self.reader.warn(node, where, FaultCode.REPEATED_RELATION, text)
        else:
            self.reader.invalid(node, where, f"{text}; profile {self.profile.name} refuses it")

    def _stage(self, stage: StageText) -> None:
        run_checks(
            (
                partial(self._people, stage),
                partial(self._sponsors, stage),
                partial(self._manager, stage),
                partial(self._stand_ins, stage),
                partial(self._alternates, stage),
                partial(self._clock, stage),
                partial(self._escalation, stage),
            )
        )

    def _people(self, stage: StageText) -> None:
        for item in _everybody(stage):
            if item.value.id is not None:
                self.draft.refer(item.value.kind.value, item.value.id, item.node, item.where)

    def _sponsors(self, stage: StageText) -> None:
        """S-66: an organization's sponsors approve for its own people only."""
        if self.policy.scope.kind in EXTERNAL_SCOPES:
            return
        for item in _everybody(stage):
            if item.value.kind in _ORGANIZATION_SPONSORS:
                text = f"{_WORDS[item.value.kind]} can approve in policies for external people only"
                self.reader.invalid(item.node, item.where, text)

    def _manager(self, stage: StageText) -> None:
        """S-69."""
        if self.profile.manager_for_external or self.policy.scope.kind not in EXTERNAL_SCOPES:
            return
        for item in _readable(stage, "approvers"):
            if item.value.kind is ApproverKind.MANAGER:
                text = "the manager cannot approve in a policy for external people"
                message = f"{text} under profile {self.profile.name}; name sponsors"
                self.reader.invalid(item.node, item.where, message)

    def _stand_ins(self, stage: StageText) -> None:
        """S-70: somebody should stand in for a manager or sponsor who cannot be found."""
        if stage.count("fallback"):
            return
        kinds = {item.value.kind: item for item in reversed(_readable(stage, "approvers"))}
        manager = kinds.get(ApproverKind.MANAGER)
        if manager is not None and self.profile.manager_needs_fallback:
            text = f"a manager as approver needs a fallback in profile {self.profile.name}"
            self.reader.invalid(manager.node, stage.to("fallback"), text)
        elif manager is not None:
            text = "without a fallback, people who have no manager cannot request"
            self.reader.warn(manager.node, stage.to("fallback"), FaultCode.NO_FALLBACK, text)
        sponsors = [kinds[kind] for kind in kinds if kind in _SPONSORS]
        if sponsors:
            text = "without a fallback, people who have no sponsor cannot request"
            first = min(sponsors, key=lambda item: (item.node.line, item.node.column))
            self.reader.warn(first.node, stage.to("fallback"), FaultCode.NO_FALLBACK, text)

    def _alternates(self, stage: StageText) -> None:
        """S-68: alternates join after a time that must be stated."""
        if stage.count("alternates") and not stage.has("escalate_after"):
            text = "is missing; it says when the alternates join"
            node = stage.at("alternates")
            self.reader.fault(node, stage.to("escalate_after"), FaultCode.MISSING_FIELD, text)
        if stage.count("alternate_fallback") and not stage.count("alternates"):
            text = "stands in for alternates, but there are none"
            field = "alternate_fallback"
            self.reader.invalid(stage.at(field), stage.to(field), text)

    def _clock(self, stage: StageText) -> None:
        longest = self.profile.longest_duration
        if stage.time_out is not None and stage.time_out > longest:
            text = f"must be at most {spell_duration(longest)}"
            self.reader.invalid(stage.at("time_out"), stage.to("time_out"), text)

    def _escalation(self, stage: StageText) -> None:
        """S-77."""
        after = stage.escalate_after
        if after is None:
            return
        time_out = self.time_out(stage)
        least = self.profile.shortest_escalation
        if after < least:
            text = f"must be at least {spell_duration(least)}"
            self.reader.invalid(stage.at("escalate_after"), stage.to("escalate_after"), text)
        if after >= time_out:
            text = f"must be shorter than the time-out {spell_duration(time_out)}"
            self.reader.invalid(stage.at("escalate_after"), stage.to("escalate_after"), text)
        least = self.profile.shortest_time_out_with_escalation
        if time_out < least:
            text = f"must be at least {spell_duration(least)} in a stage that escalates"
            self.reader.invalid(stage.at("time_out"), stage.to("time_out"), text)

    def time_out(self, stage: StageText) -> timedelta:
        """Give the time-out of a stage, by the profile if it states none (S-76)."""
        return stage.time_out or self.profile.default_stage_time_out

    def stages(self) -> tuple[ApprovalStage, ...]:
        """Give the stages in order."""
        return tuple(
            ApprovalStage(
                primary=in_order(stage.approvers),
                fallback=in_order(stage.fallback),
                alternates=in_order(stage.alternates),
                alternate_fallback=in_order(stage.alternate_fallback),
                escalate_after=stage.escalate_after,
                time_out=self.time_out(stage),
                justification_required=stage.justification,
            )
            for stage in self.approval.stages
        )


def in_order(items: tuple[Item[Approver], ...]) -> tuple[Approver, ...]:
    """Give approvers in an order that does not depend on the file: any one of them decides."""
    return sort_approvers(values(items))


def sort_approvers(approvers: Iterable[Approver]) -> tuple[Approver, ...]:
    """Give approvers by kind, id and level."""
    return tuple(sorted(approvers, key=lambda one: (one.kind.value, one.id or "", one.level)))


def _readable(stage: StageText, name: str) -> tuple[Item[Approver], ...]:
    found = stage.values.get(name, ())
    return found if isinstance(found, tuple) else ()


def _everybody(stage: StageText) -> Iterator[Item[Approver]]:
    for name in _LISTS:
        yield from _readable(stage, name)
