"""Definitions as messages of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message

from ostiary.domain.caller import RoleAssignment
from ostiary.domain.catalog import AccessPackage, Catalog, CustomExtension, Resource
from ostiary.domain.people import (
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
    SourceKind,
    User,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    Question,
    ReviewSettings,
)
from ostiary.lifecycle.ports import OWNER, DefinitionKind, Membership
from ostiary.operations.revising import ObjectChange
from ostiary.rpc.convert.definition_words import (
    ACCOUNT_STATE_NUMBERS,
    ACTIONS,
    GROUP_KINDS,
    ORGANIZATION_STATES,
    PERSON_TYPE_NUMBERS,
    QUESTION_KINDS,
    RISK_LEVEL_NUMBERS,
    ROLES,
    SCOPE_KINDS,
)
from ostiary.rpc.convert.life_words import (
    EXTENSION_STAGES,
    NO_RESPONSES,
    RESOURCE_KINDS,
    REVIEWERS,
    SIGN_IN_NUMBERS,
)
from ostiary.rpc.convert.messages import duration, recurrence
from ostiary.rpc.convert.words import APPROVER_KINDS
from ostiary.rulebook.attribute_rule import spell_rule
from ostiary.rulebook.single import FieldFault
from ostiary.v1 import catalog_pb2, directory_pb2, person_pb2, policy_pb2


def message_of(kind: DefinitionKind, noun: Any) -> Any:
    """Give a definition as the message of its kind, without what the server gives it."""
    return _MESSAGES[kind](noun)


def catalog(noun: Catalog) -> catalog_pb2.Catalog:
    """Give a catalog."""
    return catalog_pb2.Catalog(
        id=noun.id,
        display_name=noun.name,
        description=noun.description,
        enabled=noun.enabled,
        external=noun.external,
        built_in=noun.built_in,
        owners=noun.owners,
    )


def resource(noun: Resource) -> catalog_pb2.Resource:
    """Give a resource."""
    return catalog_pb2.Resource(
        id=noun.id,
        display_name=noun.name,
        kind=RESOURCE_KINDS[noun.kind],
        target=noun.target,
        roles=noun.roles,
        questions=map(question, noun.questions),
    )


def custom_extension(noun: CustomExtension) -> catalog_pb2.CustomExtension:
    """Give a custom extension."""
    return catalog_pb2.CustomExtension(id=noun.id, display_name=noun.name, url=noun.url)


def access_package(noun: AccessPackage) -> catalog_pb2.AccessPackage:
    """Give an access package."""
    return catalog_pb2.AccessPackage(
        id=noun.id,
        display_name=noun.name,
        description=noun.description,
        hidden=noun.hidden,
        entries=[
            catalog_pb2.PackageEntry(resource=entry.resource, role=entry.role)
            for entry in noun.entries
        ],
        incompatible_packages=noun.incompatible_packages,
        incompatible_groups=noun.incompatible_groups,
        catalog=noun.catalog,
    )


def assignment_policy(noun: AssignmentPolicy) -> policy_pb2.AssignmentPolicy:
    """Give an assignment policy."""
    made = policy_pb2.AssignmentPolicy(
        id=noun.id,
        display_name=noun.name,
        description=noun.description,
        enabled=noun.enabled,
        scope=policy_pb2.RequestorScope(
            kind=SCOPE_KINDS[noun.scope.kind],
            users=noun.scope.users,
            groups=noun.scope.groups,
            organizations=noun.scope.organizations,
            rule=None if noun.scope.rule is None else spell_rule(noun.scope.rule),
        ),
        self_service=policy_pb2.SelfService(
            add=noun.self_add, update=noun.self_update, remove=noun.self_remove
        ),
        on_behalf=noun.on_behalf,
        justification_required=noun.justification_required,
        questions=map(question, noun.questions),
        custom_schedule=noun.custom_schedule,
        expiration=_expiration(noun.expiration),
        extension_allowed=noun.extension_allowed,
        reviews=None if noun.reviews is None else _reviews(noun.reviews),
        extensions=[
            policy_pb2.ExtensionCall(
                extension=call.extension,
                stage=EXTENSION_STAGES[call.stage],
                wait=_maybe(call.wait),
            )
            for call in noun.extensions
        ],
        notices=noun.notices,
        approver_reminders=noun.approver_reminders,
    )
    if noun.stages or noun.approval_for_add or noun.approval_for_extension:
        made.approval.CopyFrom(_approval(noun))
    if noun.revoke_when_out_of_scope:
        made.revoke_when_out_of_scope.CopyFrom(duration(noun.out_of_scope_grace))
    if noun.remove_when_unfit:
        made.remove_when_unfit.CopyFrom(duration(noun.out_of_scope_grace))
    return made


def _approval(noun: AssignmentPolicy) -> policy_pb2.ApprovalSettings:
    return policy_pb2.ApprovalSettings(
        for_add=noun.approval_for_add,
        for_extension=noun.approval_for_extension,
        stages=map(_stage, noun.stages),
    )


def _stage(stage: ApprovalStage) -> policy_pb2.ApprovalStage:
    return policy_pb2.ApprovalStage(
        approvers=map(_approver, stage.primary),
        fallback=map(_approver, stage.fallback),
        alternates=map(_approver, stage.alternates),
        alternate_fallback=map(_approver, stage.alternate_fallback),
        escalate_after=_maybe(stage.escalate_after),
        time_out=duration(stage.time_out),
        justification_required=stage.justification_required,
    )


def _approver(one: Approver) -> policy_pb2.Approver:
    level = one.level if one.kind is ApproverKind.MANAGER else 0
    return policy_pb2.Approver(kind=APPROVER_KINDS[one.kind], id=one.id or "", level=level)


def _expiration(end: Expiration) -> policy_pb2.Expiration:
    if end.kind is ExpirationKind.NEVER:
        return policy_pb2.Expiration(never=True)
    if end.kind is ExpirationKind.DATE:
        return policy_pb2.Expiration(on=end.at)
    return policy_pb2.Expiration(after=_maybe(end.after))


def _reviews(reviews: ReviewSettings) -> policy_pb2.ReviewSettings:
    return policy_pb2.ReviewSettings(
        start=reviews.start,
        every=recurrence(reviews.recurrence),
        window=duration(reviews.window),
        reviewers=REVIEWERS[reviews.reviewers],
        specific=map(_approver, reviews.specific),
        fallback=map(_approver, reviews.fallback),
        no_response=NO_RESPONSES[reviews.no_response],
    )


def question(one: Question) -> policy_pb2.Question:
    """Give a question of a policy or resource."""
    return policy_pb2.Question(
        id=one.id,
        text=one.text,
        kind=QUESTION_KINDS[one.kind],
        required=one.required,
        pattern=one.pattern or "",
        choices=one.choices,
        multiple=one.multiple,
        localized=dict(one.localized),
    )


def _maybe(length: timedelta | None) -> Any:
    return None if length is None else duration(length)


def connected_organization(noun: ConnectedOrganization) -> directory_pb2.ConnectedOrganization:
    """Give a connected organization."""
    return directory_pb2.ConnectedOrganization(
        id=noun.id,
        display_name=noun.name,
        description=noun.description,
        state=ORGANIZATION_STATES[noun.state],
        sources=map(_source, noun.sources),
        internal_sponsors=_named(noun.internal_sponsor_users, noun.internal_sponsor_groups),
        external_sponsors=_named(noun.external_sponsor_users, noun.external_sponsor_groups),
    )


def _named(users: tuple[str, ...], groups: tuple[str, ...]) -> list[str]:
    return [*(f"user:{name}" for name in users), *(f"group:{name}" for name in groups)]


def _source(source: IdentitySource) -> directory_pb2.IdentitySource:
    if source.kind is SourceKind.TENANT:
        return directory_pb2.IdentitySource(tenant=source.tenant_id)
    if source.kind is SourceKind.DOMAIN:
        return directory_pb2.IdentitySource(domain=source.domain)
    if source.kind is SourceKind.FEDERATION:
        federation = directory_pb2.Federation(issuer=source.issuer, domain=source.domain)
        return directory_pb2.IdentitySource(federation=federation)
    if source.kind is SourceKind.OTHER_CLOUD:
        return directory_pb2.IdentitySource(other_cloud=source.identifier)
    return directory_pb2.IdentitySource(social=source.identifier)


def user(noun: User) -> directory_pb2.User:
    """Give a user."""
    return directory_pb2.User(
        id=noun.id,
        display_name=noun.name,
        type=PERSON_TYPE_NUMBERS[noun.type],
        state=ACCOUNT_STATE_NUMBERS[noun.state],
        manager=noun.manager or "",
        sponsors=noun.sponsors,
        home=None if noun.home is None else _home(noun.home),
        mail=noun.mail or "",
        governed=noun.governed,
        risk=RISK_LEVEL_NUMBERS[noun.risk],
        attributes=dict(noun.attributes),
        delete_time=noun.deleted_at,
    )


def _home(home: HomeIdentity) -> person_pb2.HomeIdentity:
    return person_pb2.HomeIdentity(
        sign_in=SIGN_IN_NUMBERS[home.sign_in],
        tenant_id=home.tenant_id or "",
        domain=home.domain or "",
        issuer=home.issuer or "",
        identifier=home.identifier or "",
    )


def group(noun: Group) -> directory_pb2.Group:
    """Give a group without its members."""
    return directory_pb2.Group(
        id=noun.id,
        display_name=noun.name,
        kind=GROUP_KINDS[noun.kind],
        dynamic=noun.dynamic,
        synchronised=noun.synchronised,
    )


def membership(one: Membership) -> directory_pb2.Membership:
    """Give a member or owner of a group."""
    role = (
        directory_pb2.MEMBERSHIP_ROLE_OWNER
        if one.role == OWNER
        else directory_pb2.MEMBERSHIP_ROLE_MEMBER
    )
    if one.nested:
        return directory_pb2.Membership(group=one.group, nested_group=one.member, role=role)
    return directory_pb2.Membership(group=one.group, user=one.member, role=role)


def role_assignment(one: RoleAssignment) -> directory_pb2.RoleAssignment:
    """Give a role that somebody has."""
    return directory_pb2.RoleAssignment(
        holder=one.holder, role=ROLES[one.role], catalog=one.catalog
    )


def change(one: ObjectChange) -> catalog_pb2.DefinitionChange:
    """Give what a write does to one object."""
    return catalog_pb2.DefinitionChange(
        action=ACTIONS[one.action],
        name=one.resource_name,
        display_name=one.name,
        fields=[
            catalog_pb2.DefinitionFieldChange(
                field=field.field, before=field.before, after=field.after
            )
            for field in one.fields
        ],
    )


def warning(one: FieldFault, path: str) -> catalog_pb2.DefinitionWarning:
    """Give a known mistake; `path` is that of its field in the message."""
    return catalog_pb2.DefinitionWarning(field=path, code=one.code, description=one.text)


_MESSAGES: Mapping[DefinitionKind, Callable[[Any], Message]] = {
    DefinitionKind.CATALOG: catalog,
    DefinitionKind.RESOURCE: resource,
    DefinitionKind.EXTENSION: custom_extension,
    DefinitionKind.PACKAGE: access_package,
    DefinitionKind.POLICY: assignment_policy,
    DefinitionKind.ORGANIZATION: connected_organization,
    DefinitionKind.USER: user,
    DefinitionKind.GROUP: group,
}
