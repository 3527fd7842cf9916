"""From what files say about people, groups and organizations to the checked nouns (S-30, S-112)."""

from __future__ import annotations

from ostiary.domain.people import (
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.domain.tenant import RiskStage, Settings
from ostiary.rulebook.directory_model import (
    GroupText,
    HomeText,
    Named,
    OrganizationText,
    RiskStageText,
    SettingsText,
    SourceText,
    UserText,
)
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import Reader
from ostiary.rulebook.records import run_checks
from ostiary.rulebook.shapes import Item, values
from ostiary.rulebook.tenant_draft import Draft

_SIGN_IN_NEEDS = {
    SignIn.TENANT: ("tenant_id",),
    SignIn.ONE_TIME_PASSCODE: ("domain",),
    SignIn.FEDERATION: ("issuer", "domain"),
    SignIn.OTHER_CLOUD: ("identifier",),
    SignIn.SOCIAL: ("identifier",),
}


def add_user(draft: Draft, text: UserText) -> None:
    """Check a user and take them into the draft."""
    draft.define("user", text)
    draft.refer_field("user", text, "manager")

    def check_sponsors() -> None:
        draft.refer_all("user", text.sponsors)

    def check_governed() -> None:
        if text.governed and text.type is not PersonType.GUEST:
            draft.reader.invalid(text.at("governed"), text.to("governed"), "holds of guests only")

    def take() -> None:
        draft.users.append(
            User(
                id=text.id,
                name=text.name or text.id,
                type=text.type,
                state=text.state,
                manager=text.manager,
                sponsors=tuple(sorted(values(text.sponsors))),
                home=None if text.home is None else _home(text.home, draft.reader),
                mail=text.mail,
                governed=text.governed,
                risk=text.risk,
                attributes=text.attributes,
            )
        )

    run_checks((check_sponsors, check_governed, take))


def _home(text: HomeText, reader: Reader) -> HomeIdentity:
    for name in _SIGN_IN_NEEDS[text.sign_in]:
        if not text.has(name):
            message = f"is missing; a sign-in by {text.sign_in.value} needs it"
            reader.fault(text.node, text.to(name), FaultCode.MISSING_FIELD, message)
    return HomeIdentity(text.sign_in, text.tenant_id, text.domain, text.issuer, text.identifier)


def add_group(draft: Draft, text: GroupText) -> None:
    """Check a group and take it into the draft."""
    draft.define("group", text)

    def check_members() -> None:
        draft.refer_all("user", text.users)

    def check_groups() -> None:
        draft.refer_all("group", text.groups)

    def take() -> None:
        draft.groups.append(
            Group(
                id=text.id,
                name=text.name or text.id,
                kind=text.kind,
                users=tuple(sorted(values(text.users))),
                groups=tuple(sorted(values(text.groups))),
                dynamic=text.dynamic,
                synchronised=text.synchronised,
            )
        )

    run_checks((check_members, check_groups, take))


def add_organization(draft: Draft, text: OrganizationText) -> None:
    """Check a connected organization and take it into the draft."""
    draft.define("organization", text)
    draft.define("organization", text, "name", called="an organization called")
    draft.connected += 1
    draft.limit_count("connected_organizations", draft.connected, text.at("id"), text.where)

    def take() -> None:
        internal, external = values(text.internal_sponsors), values(text.external_sponsors)
        draft.organizations.append(
            ConnectedOrganization(
                id=text.id,
                name=text.name,
                state=text.state,
                description=text.description,
                sources=_sources(draft, text),
                internal_sponsor_users=of_kind("user", internal),
                internal_sponsor_groups=of_kind("group", internal),
                external_sponsor_users=of_kind("user", external),
                external_sponsor_groups=of_kind("group", external),
            )
        )

    run_checks(
        (
            lambda: refer_named(draft, text.internal_sponsors),
            lambda: refer_named(draft, text.external_sponsors),
            take,
        )
    )


def refer_named(draft: Draft, items: tuple[Item[Named], ...]) -> None:
    """Refer to the users and groups that a list names."""
    for item in items:
        draft.refer(item.value.kind, item.value.id, item.node, item.where)


def of_kind(kind: str, named: tuple[Named, ...]) -> tuple[str, ...]:
    """Give the ids of one kind, sorted."""
    return tuple(sorted(one.id for one in named if one.kind == kind))


def _sources(draft: Draft, text: OrganizationText) -> tuple[IdentitySource, ...]:
    found: dict[IdentitySource, None] = {}
    written: set[IdentitySource] = set()
    for source in text.sources:
        made = _source(source, draft.reader)
        if made is None:
            continue
        if made in written:
            message = "stands here twice"
            draft.reader.fault(source.node, source.where, FaultCode.DUPLICATE, message)
        written.add(made)
        found[_known_tenant(draft, made)] = None
    return tuple(sorted(found, key=repr))


def _source(text: SourceText, reader: Reader) -> IdentitySource | None:
    kinds = [name for name in ("tenant", "federation", "other_cloud", "social") if text.has(name)]
    if kinds == ["federation"]:
        if not text.has("domain"):
            message = "is missing; a federation is recognised together with a domain"
            reader.fault(text.node, text.to("domain"), FaultCode.MISSING_FIELD, message)
            return None
        return IdentitySource(SourceKind.FEDERATION, domain=text.domain, issuer=text.federation)
    if text.has("domain"):
        kinds.append("domain")
    if len(kinds) != 1:
        words = "tenant, domain, federation (with domain), other_cloud or social"
        reader.invalid(text.node, text.where, f"must be exactly one of {words}")
        return None
    return _plain_source(text, kinds[0])


def _plain_source(text: SourceText, kind: str) -> IdentitySource:
    if kind == "tenant":
        return IdentitySource(SourceKind.TENANT, tenant_id=text.tenant)
    if kind == "domain":
        return IdentitySource(SourceKind.DOMAIN, domain=text.domain)
    identifier = text.other_cloud if kind == "other_cloud" else text.social
    return IdentitySource(SourceKind(kind), identifier=identifier)


def _known_tenant(draft: Draft, source: IdentitySource) -> IdentitySource:
    """Give the tenant's source for a domain that belongs to a known tenant (S-113)."""
    tenant = draft.known_domains.get(source.domain or "")
    if source.kind is not SourceKind.DOMAIN or tenant is None:
        return source
    return IdentitySource(SourceKind.TENANT, tenant_id=tenant)


def _risk_stage(text: RiskStageText) -> RiskStage:
    named = sorted(set(values(text.approvers)))
    approvers = tuple(Approver(ApproverKind(one.kind), one.id) for one in named)
    return RiskStage(text.threshold, approvers)


def read_settings(draft: Draft, text: SettingsText) -> Settings:
    """Give the settings, and remember the domains of known tenants."""
    for known in text.known_tenants:
        for domain in known.domains:
            tenant = draft.known_domains.setdefault(domain.value, known.tenant_id)
            if tenant != known.tenant_id:
                message = f"{quoted(domain.value)} belongs to tenant {quoted(tenant)} already"
                draft.reader.fault(domain.node, domain.where, FaultCode.DUPLICATE, message)
    allowed = text.allowed_domains
    risk = text.risk_stage
    if risk is not None:
        refer_named(draft, risk.approvers)
        if not draft.profile.risk_stage:
            message = f"the profile {quoted(draft.profile.name)} has no stage for people at risk"
            draft.reader.invalid(text.at("risk_stage"), text.to("risk_stage"), message)
    return Settings(
        guest_cleanup=text.guest_cleanup,
        allowed_domains=None if allowed is None else tuple(sorted(values(allowed))),
        blocked_domains=tuple(sorted(values(text.blocked_domains))),
        keep_audit_for=text.keep_audit_for,
        keep_requests_for=text.keep_requests_for,
        risk_stage=None if risk is None else _risk_stage(risk),
    )
