"""Packages and policies with everything about them that no question changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from ostiary.decide.approvers import compile_list
from ostiary.decide.lookup import RuleLookup
from ostiary.decide.model import (
    ApproverList,
    CompiledApproval,
    CompiledPackage,
    CompiledPolicy,
    CompiledStage,
    PackageTraits,
    PolicyTraits,
    compact,
)
from ostiary.decide.ports import Directory
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.decision import Reason
from ostiary.domain.people import (
    ConnectedOrganization,
    IdentitySource,
    OrganizationState,
    SourceKind,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    ExpirationKind,
    ExtensionStage,
    Question,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.request import RequestType
from ostiary.domain.tables import Phase
from ostiary.domain.tenant import Tenant
from ostiary.domain.vocabulary import VOCABULARY

T = TypeVar("T")

_PEOPLE = VOCABULARY[Phase.REQUESTOR_SCOPE].facts["person"]
_ROUTES = {
    RequestType.USER_ADD: "self",
    RequestType.ON_BEHALF_ADD: "on_behalf",
    RequestType.ADMIN_ADD: "direct",
}


class Compiler:
    """Compiles the packages of one tenant against one set of rules."""

    def __init__(self, tenant: Tenant, directory: Directory, rules: RuleLookup) -> None:
        """Take what every package of the tenant shares."""
        self._profile = tenant.profile
        self._cleanup = tenant.settings.guest_cleanup
        self._directory = directory
        self._rules = rules
        self._lists: dict[tuple[Approver, ...], ApproverList] = {}
        self._approvals: dict[tuple[ApprovalStage, ...], CompiledApproval] = {}
        self._shared: dict[Any, Any] = {}
        self._entries: dict[tuple[str, ...], int] = {}
        self._shapes: dict[tuple[object, ...], int] = {}
        self._cells: dict[tuple[object, ...], Mapping[str, int]] = {}
        self._configured = tuple(
            one for one in tenant.organizations if one.state is OrganizationState.CONFIGURED
        )
        self._tiers = {
            kind: tier for tier, kinds in enumerate(tenant.profile.tiers) for kind in kinds
        }

    def package(
        self, package: AccessPackage, catalog: Catalog, ordinal: int, first_policy: int
    ) -> CompiledPackage:
        """Compile one package; its policies are numbered from `first_policy`."""
        resource_questions = _resource_questions(package, catalog)
        policies = tuple(
            self._policy(policy, catalog, first_policy + index, resource_questions)
            for index, policy in enumerate(package.policies)
        )
        showcase = self._profile.show_out_of_scope and _for_specific_people(package)
        return CompiledPackage(
            package=package,
            catalog=catalog,
            id=package.id,
            ordinal=ordinal,
            policies=policies,
            by_id={policy.id: policy for policy in policies},
            showcase=showcase,
            traits=self._package_traits(package, catalog, showcase=showcase),
        )

    def _package_traits(
        self, package: AccessPackage, catalog: Catalog, *, showcase: bool
    ) -> PackageTraits:
        cells = tuple(
            self._selection_cell(package, catalog, person, showcase=showcase) for person in _PEOPLE
        )
        entries = tuple(f"{entry.resource}/{entry.role}" for entry in sorted(set(package.entries)))
        groups = (self._directory.group_key(name) for name in package.incompatible_groups)
        made = PackageTraits(
            selection_cells=self._selection_cells(cells),
            incompatible_keys=frozenset(key for key in groups if key is not None),
            incompatible_packages=frozenset(package.incompatible_packages),
            entries=entries,
            entries_number=self._entries.setdefault(entries, len(self._entries)),
            policy_ids=self._one(tuple(policy.id for policy in package.policies)),
        )
        shared: PackageTraits = self._shared.setdefault(
            ("package", cells, *msgspec.structs.astuple(made)[1:]), made
        )
        return shared

    def _selection_cells(self, cells: tuple[int, ...]) -> Mapping[str, int]:
        shared: Mapping[str, int] = self._shared.setdefault(
            ("selection", cells), dict(zip(_PEOPLE, cells, strict=True))
        )
        return shared

    def _selection_cell(
        self, package: AccessPackage, catalog: Catalog, person: str, *, showcase: bool
    ) -> int:
        offsets = self._rules.selection.offsets
        if not catalog.enabled:
            door = "disabled"
        else:
            door = "closed" if person == "external" and not catalog.external else "enabled"
        if package.hidden:
            listing = "hidden"
        else:
            listing = "showcase" if showcase and person == "member" else "listed"
        return self._rules.selection.base + offsets["catalog"][door] + offsets["listing"][listing]

    def _policy(
        self,
        policy: AssignmentPolicy,
        catalog: Catalog,
        ordinal: int,
        resource_questions: tuple[Question, ...],
    ) -> CompiledPolicy:
        compared = self._compared(policy.scope)
        return CompiledPolicy(
            policy=policy,
            id=policy.id,
            ordinal=ordinal,
            tier=self._tiers.get(policy.scope.kind, len(self._tiers)),
            keys=self._one(compact(self._scope_keys(policy.scope))),
            scope_kind=policy.scope.kind,
            group_ids=self._one(compact(frozenset(policy.scope.groups))),
            user_ids=self._one(compact(frozenset(policy.scope.users))),
            organization_ids=self._one(compact(frozenset(one.id for one in compared))),
            compared={one.id: tuple(map(_shown, one.sources)) for one in compared},
            scope_cells=self._scope_cells(policy, catalog),
            fixed_end=_fixed_end(policy),
            traits=self._policy_traits(policy, resource_questions),
            questions=(*policy.questions, *resource_questions),
            matched_reason=self._one(Reason(Code.SCOPE_MATCHED, Severity.INFO, policy.id)),
        )

    def _policy_traits(
        self, policy: AssignmentPolicy, resource_questions: tuple[Question, ...]
    ) -> PolicyTraits:
        approval = self._approval(policy)
        asks = policy.justification_required or policy.questions or resource_questions
        waits = any(
            call.stage is ExtensionStage.REQUEST_CREATED and call.wait is not None
            for call in policy.extensions
        )
        made = PolicyTraits(
            approval=approval,
            asks_nothing=not asks,
            lifecycle_cell=self._lifecycle_cell(policy),
            ends=policy.expiration.kind is not ExpirationKind.NEVER,
            waits_before_approval=waits,
            shape=self._shape(policy),
            selected_reasons=self._one(_selected_reasons(policy)),
        )
        # An approval is told by its number, for it is one of a kind already and large to compare.
        number = None if approval is None else approval.uid
        key = ("policy", number, *msgspec.structs.astuple(made)[1:])
        shared: PolicyTraits = self._shared.setdefault(key, made)
        return shared

    def _one(self, value: T) -> T:
        """Give the one value that all equal ones share."""
        shared: T = self._shared.setdefault(value, value)
        return shared

    def _scope_keys(self, scope: RequestorScope) -> frozenset[int]:
        directory = self._directory
        if scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
            return frozenset(map(directory.organization_key, scope.organizations))
        if scope.kind is not ScopeKind.SPECIFIC_SUBJECTS:
            return frozenset()
        found = [directory.user_key(name) for name in scope.users]
        found += [directory.group_key(name) for name in scope.groups]
        return frozenset(key for key in found if key is not None)

    def _compared(self, scope: RequestorScope) -> tuple[ConnectedOrganization, ...]:
        if scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
            return tuple(map(self._directory.organization, scope.organizations))
        if scope.kind is ScopeKind.ALL_CONFIGURED_ORGANIZATIONS:
            return self._configured
        return ()

    def _scope_cells(self, policy: AssignmentPolicy, catalog: Catalog) -> Mapping[str, int]:
        """Give the policy's part of the scope cell by request type; equal ones are shared."""
        key = (
            policy.enabled,
            policy.self_add,
            policy.on_behalf,
            policy.scope.kind.value,
            catalog.external,
        )
        known = self._cells.get(key)
        if known is None:
            known = self._cells[key] = {
                kind.value: self._scope_cell(policy, catalog, kind) for kind in RequestType
            }
        return known

    def _scope_cell(self, policy: AssignmentPolicy, catalog: Catalog, route: RequestType) -> int:
        offsets = self._rules.scope.offsets
        switched_on = {
            RequestType.USER_ADD: policy.self_add,
            RequestType.ON_BEHALF_ADD: policy.on_behalf,
            RequestType.ADMIN_ADD: True,  # self-service flags do not bind staff (S-44)
        }
        return (
            self._rules.scope.base
            + offsets["route"][_ROUTES[route]]
            + offsets["policy"]["enabled" if policy.enabled else "disabled"]
            + offsets["switched_on"]["yes" if switched_on[route] else "no"]
            + offsets["scope"][policy.scope.kind.value]
            + offsets["catalog"]["open" if catalog.external else "closed"]
        )

    def _lifecycle_cell(self, policy: AssignmentPolicy) -> int:
        offsets = self._rules.lifecycle.offsets
        approval = "required" if policy.approval_for_add else "not_required"
        return (
            self._rules.lifecycle.base
            + offsets["approval"][approval]
            + offsets["extension"]["allowed" if policy.extension_allowed else "not_allowed"]
            + offsets["review"]["none" if policy.reviews is None else "configured"]
            + offsets["cleanup"][self._cleanup.value]
            + offsets["leaving_scope"][_leaving_word(policy)]
            + offsets["custom_extensions"][_extensions_word(policy)]
        )

    def _shape(self, policy: AssignmentPolicy) -> int:
        """Number what a plan depends on, so that policies alike share one template."""
        content = (
            policy.expiration,
            policy.approval_for_add,
            tuple((stage.time_out, stage.escalate_after) for stage in policy.stages),
            policy.extensions,
            policy.out_of_scope_grace,
        )
        return self._shapes.setdefault(content, len(self._shapes))

    def _approval(self, policy: AssignmentPolicy) -> CompiledApproval | None:
        """Compile the stages once, however many policies have equal ones."""
        if not policy.approval_for_add:
            return None
        known = self._approvals.get(policy.stages)
        if known is None:
            stages = tuple(
                self._stage(stage, number) for number, stage in enumerate(policy.stages, start=1)
            )
            lists = [one for stage in stages for one in _lists(stage)]
            known = self._approvals[policy.stages] = CompiledApproval(
                uid=len(self._approvals),
                stages=stages,
                only_by_manager=all(
                    _is_first_manager(relation) for one in lists for relation in one.relations
                ),
                people=frozenset().union(*(one.usable_set for one in lists)),
            )
        return known

    def _stage(self, stage: ApprovalStage, number: int) -> CompiledStage:
        return CompiledStage(
            number=number,
            about=f"stage {number}",
            stage=stage,
            primary=self._approvers(stage.primary),
            fallback=self._approvers(stage.fallback),
            alternates=self._approvers(stage.alternates),
            alternate_fallback=self._approvers(stage.alternate_fallback),
        )

    def _approvers(self, approvers: tuple[Approver, ...]) -> ApproverList:
        """Compile a list once, however many policies name the same approvers."""
        known = self._lists.get(approvers)
        if known is None:
            known = self._lists[approvers] = compile_list(approvers, self._directory)
        return known


def _lists(stage: CompiledStage) -> tuple[ApproverList, ...]:
    return (stage.primary, stage.fallback, stage.alternates, stage.alternate_fallback)


def _is_first_manager(relation: Approver) -> bool:
    return relation.kind is ApproverKind.MANAGER and relation.level == 1


def _selected_reasons(policy: AssignmentPolicy) -> tuple[Reason, ...]:
    selected = Reason(Code.POLICY_SELECTED, Severity.INFO, policy.id)
    if not policy.approval_for_add:
        return (selected, Reason(Code.AUTO_APPROVED, Severity.INFO, policy.id))
    stages = (("stages", str(len(policy.stages))),)
    return (selected, Reason(Code.APPROVAL_REQUIRED, Severity.INFO, policy.id, stages))


def _resource_questions(package: AccessPackage, catalog: Catalog) -> tuple[Question, ...]:
    """Give the required attributes of the package's resources, in the order of resources (S-18)."""
    used = {entry.resource for entry in package.entries}
    return tuple(
        msgspec.structs.replace(question, required=True)
        for resource in sorted(catalog.resources, key=lambda one: one.id)
        if resource.id in used
        for question in resource.questions
    )


def _for_specific_people(package: AccessPackage) -> bool:
    return any(
        policy.enabled and policy.scope.kind is ScopeKind.SPECIFIC_SUBJECTS
        for policy in package.policies
    )


def _fixed_end(policy: AssignmentPolicy) -> datetime | None:
    return policy.expiration.at if policy.expiration.kind is ExpirationKind.DATE else None


def _extensions_word(policy: AssignmentPolicy) -> str:
    if not policy.extensions:
        return "none"
    return "wait" if any(call.wait is not None for call in policy.extensions) else "continue"


def _leaving_word(policy: AssignmentPolicy) -> str:
    unfit = policy.scope.kind is ScopeKind.AUTOMATIC and policy.remove_when_unfit
    return "ends" if policy.revoke_when_out_of_scope or unfit else "keeps"


def _shown(source: IdentitySource) -> str:
    if source.kind is SourceKind.TENANT:
        return source.tenant_id or ""
    return source.domain or source.identifier or ""
