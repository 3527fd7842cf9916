"""From what files say about an assignment policy to the checked noun (S-23 to S-29)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from ostiary.domain.attributes import AttributeRule
from ostiary.domain.policy import (
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    ExtensionCall,
    ExtensionStage,
    Question,
    RequestorScope,
    ScopeKind,
)
from ostiary.rulebook.approval_checks import ApprovalChecks
from ostiary.rulebook.attribute_rule import RuleTextError, parse_rule
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.policy_model import ExtensionCallText, PolicyText, ScopeText, SelfServiceText
from ostiary.rulebook.policy_shapes import EndText
from ostiary.rulebook.question_checks import questions_of
from ostiary.rulebook.reader import Broken, Unreadable
from ostiary.rulebook.records import Record, run_checks
from ostiary.rulebook.review_checks import ReviewChecks
from ostiary.rulebook.shapes import values
from ostiary.rulebook.source import ScalarNode
from ostiary.rulebook.tenant_draft import CatalogDraft, Draft
from ostiary.rulebook.times import spell_duration

_TARGETS = {
    "users": ScopeKind.SPECIFIC_SUBJECTS,
    "groups": ScopeKind.SPECIFIC_SUBJECTS,
    "organizations": ScopeKind.SPECIFIC_ORGANIZATIONS,
    "rule": ScopeKind.AUTOMATIC,
}
_EXPIRY_STAGES = frozenset(
    {ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY, ExtensionStage.ONE_DAY_BEFORE_EXPIRY}
)


class PolicyChecks:
    """The checks of one policy, each for one aspect of it."""

    def __init__(self, draft: Draft, catalog: CatalogDraft, policy: PolicyText) -> None:
        self.draft = draft
        self.reader = draft.reader
        self.profile = draft.profile
        self.catalog = catalog
        self.policy = policy
        approval = policy.values.get("approval")
        self.approval = (
            None
            if approval is None or isinstance(approval, Broken)
            else ApprovalChecks(draft, policy, approval)
        )
        self.rule: AttributeRule | None = None
        self.reviews: ReviewChecks | None = None
        self.questions: tuple[Question, ...] = ()

    def run(self) -> AssignmentPolicy | None:
        """Report everything that is wrong with the policy; give it if it can be read at all."""
        run_checks(
            (
                self._scope_kind,
                self._scope_targets,
                self._scope_references,
                self._scope_rule,
                self._expiration,
                self._reviews,
                self._questions,
                self._leaving,
                self._grace,
                self._extensions,
            )
        )
        if self.approval is not None:
            self.approval.run()
        try:
            return self._policy()
        except Unreadable:
            return None

    def _refuse(self, record: Record, field: str, text: str) -> None:
        self.reader.invalid(record.at(field), record.to(field), text)

    def _scope_kind(self) -> None:
        scope = self.policy.scope
        if scope.kind is ScopeKind.ALL_EXTERNAL and not self.profile.all_external_scope:
            text = f"all_external is not accepted in profile {self.profile.name}"
            self._refuse(scope, "kind", f"{text}; name the connected organizations")
        if scope.kind is ScopeKind.UNREADABLE:
            text = "scopes of service principals and agents are kept and match nobody"
            node = scope.at("kind")
            self.reader.warn(node, scope.to("kind"), FaultCode.UNREADABLE_SCOPE, text)

    def _scope_targets(self) -> None:
        """S-25 and S-26: the targets that the kind asks for, and no others."""
        scope = self.policy.scope
        if scope.kind is ScopeKind.UNREADABLE:
            return
        for name, kind in _TARGETS.items():
            if scope.has(name) and kind is not scope.kind:
                text = f"belongs to scope {kind.value}, not to {scope.kind.value}"
                self._refuse(scope, name, text)
        wanted = [name for name, kind in _TARGETS.items() if kind is scope.kind]
        if wanted == ["rule"] and not scope.has("rule"):
            text = "is missing; an automatic policy needs a rule"
            self.reader.fault(scope.node, scope.to("rule"), FaultCode.MISSING_FIELD, text)
        elif wanted and wanted != ["rule"] and not any(map(scope.count, wanted)):
            written = next((name for name in wanted if scope.has(name)), wanted[-1])
            words = " or ".join(wanted)
            if any(scope.has(name) and not _is_list(scope, name) for name in wanted):
                return  # reported already: what was written is no list
            self._refuse(scope, written, f"names no {words}; an empty list never means everyone")

    def _scope_references(self) -> None:
        scope = self.policy.scope
        if scope.kind is ScopeKind.UNREADABLE:
            return  # what it names is no user or group of ours
        subjects = [
            (item.node, item.where) for name in ("users", "groups") for item in _items(scope, name)
        ]
        self.draft.limit("subjects_per_policy", subjects)
        organizations = _items(scope, "organizations")
        places = [(item.node, item.where) for item in organizations]
        self.draft.limit("orgs_per_policy", places)
        self.draft.refer_all("user", _items(scope, "users"))
        self.draft.refer_all("group", _items(scope, "groups"))
        self.draft.refer_all("organization", organizations)

    def _scope_rule(self) -> None:
        """S-39."""
        scope = self.policy.scope
        if scope.rule is None:
            return
        try:
            self.rule = parse_rule(scope.rule)
        except RuleTextError as error:
            self._refuse(scope, "rule", str(error))

    def _expiration(self) -> None:
        """S-98."""
        end = self.policy.expiration
        if end is None:
            return
        longest = self.profile.longest_duration
        if end.has("after") and end.after is not None and end.after > longest:
            text = f"must be at most {spell_duration(longest)}"
            self._refuse(end, "after", text)
        now = self.draft.now
        if end.has("on") and end.on is not None and now is not None and end.on <= now:
            self._refuse(end, "on", "lies in the past")

    def _reviews(self) -> None:
        reviews = self.policy.reviews
        if reviews is not None:
            self.reviews = ReviewChecks(self.draft, reviews)
            self.reviews.run()

    def _questions(self) -> None:
        self.questions = questions_of(self.reader, self.policy.questions)

    def _leaving(self) -> None:
        """S-37 and S-106: what leaving the scope does depends on the kind of scope."""
        policy = self.policy
        kind = policy.scope.kind
        if kind is ScopeKind.AUTOMATIC and policy.has("revoke_when_out_of_scope"):
            text = "does not belong to automatic policies; here it is remove_when_unfit"
            self._refuse(policy, "revoke_when_out_of_scope", text)
        elif kind is not ScopeKind.AUTOMATIC and policy.has("remove_when_unfit"):
            text = "belongs to automatic policies; here it is revoke_when_out_of_scope"
            self._refuse(policy, "remove_when_unfit", text)
        elif kind is ScopeKind.NONE and policy.revoke_when_out_of_scope is not None:
            text = "nobody is in scope none, so nobody can leave it"
            self._refuse(policy, "revoke_when_out_of_scope", text)

    def _grace(self) -> None:
        longest = self.profile.longest_duration
        for name in ("revoke_when_out_of_scope", "remove_when_unfit"):
            grace = self.policy.values.get(name)
            if isinstance(grace, timedelta) and grace > longest:
                self._refuse(self.policy, name, f"must be at most {spell_duration(longest)}")

    def _extensions(self) -> None:
        calls = self.policy.extensions
        self.draft.limit("extensions_per_policy", [(call.node, call.where) for call in calls])
        seen: set[tuple[str, ExtensionStage]] = set()
        for call in calls:
            run_checks(
                (
                    partial(self._call_place, call),
                    partial(self._wait, call),
                    partial(self._once, call, seen),
                )
            )

    def _once(self, call: ExtensionCallText, seen: set[tuple[str, ExtensionStage]]) -> None:
        key = (call.extension, call.stage)
        if key in seen:
            text = f"{quoted(call.extension)} is called at this stage already"
            self.reader.fault(call.node, call.where, FaultCode.DUPLICATE, text)
        seen.add(key)

    def _call_place(self, call: ExtensionCallText) -> None:
        """S-125: only extensions of the package's own catalog."""
        own = self.catalog.extensions
        if self.catalog.known and call.extension not in own:
            text = f"catalog {quoted(self.catalog.id)} has no extension"
            near = self.reader.near(call.extension, own)
            self._refuse(call, "extension", f"{text} {quoted(call.extension)}{near}")

    def _wait(self, call: ExtensionCallText) -> None:
        """S-126."""
        if call.wait is None:
            return
        longest = self.profile.longest_extension_wait
        if call.wait > longest:
            self._refuse(call, "wait", f"must be at most {spell_duration(longest)}")
        if call.stage in _EXPIRY_STAGES:
            self._refuse(call, "wait", "nothing waits at a stage before the end of access")

    def _policy(self) -> AssignmentPolicy:
        policy = self.policy
        leaving = policy.revoke_when_out_of_scope
        unfit = policy.remove_when_unfit
        approval = policy.approval
        wanted = () if approval is None else values(approval.for_)
        own = policy.self_service or SelfServiceText(policy.node, None, {})
        return AssignmentPolicy(
            id=policy.id,
            name=policy.name,
            scope=self._scope(policy.scope),
            expiration=self._end(policy.expiration),
            description=policy.description,
            enabled=policy.enabled,
            self_add=own.add,
            self_update=own.update,
            self_remove=own.remove,
            on_behalf=policy.on_behalf,
            justification_required=policy.justification,
            questions=self.questions,
            custom_schedule=policy.custom_schedule,
            approval_for_add="add" in wanted,
            approval_for_extension="extension" in wanted,
            stages=() if self.approval is None else self.approval.stages(),
            extension_allowed=policy.extension_allowed,
            reviews=None if self.reviews is None else self.reviews.settings(),
            extensions=self._calls(),
            revoke_when_out_of_scope=leaving is not None,
            out_of_scope_grace=leaving or unfit or timedelta(0),
            remove_when_unfit=unfit is not None,
            notices=policy.notices,
            approver_reminders=policy.approver_reminders,
        )

    def _scope(self, scope: ScopeText) -> RequestorScope:
        return RequestorScope(
            kind=scope.kind,
            users=tuple(sorted(values(scope.users))),
            groups=tuple(sorted(values(scope.groups))),
            organizations=tuple(sorted(values(scope.organizations))),
            rule=self.rule,
        )

    def _end(self, end: EndText | None) -> Expiration:
        if not self.policy.has("expiration"):
            return Expiration(ExpirationKind.DURATION, after=self.profile.default_duration)
        if end is None:
            return Expiration(ExpirationKind.NEVER)
        if end.on is not None:
            return Expiration(ExpirationKind.DATE, at=end.on)
        return Expiration(ExpirationKind.DURATION, after=end.after)

    def _calls(self) -> tuple[ExtensionCall, ...]:
        calls = [
            ExtensionCall(call.extension, call.stage, call.wait) for call in self.policy.extensions
        ]
        order = list(ExtensionStage)
        return tuple(sorted(calls, key=lambda call: (order.index(call.stage), call.extension)))


def _items(scope: ScopeText, name: str) -> tuple[Any, ...]:
    found = scope.values.get(name, ())
    return found if isinstance(found, tuple) else ()


def _is_list(scope: ScopeText, name: str) -> bool:
    return not isinstance(scope.node.fields[name], ScalarNode)
