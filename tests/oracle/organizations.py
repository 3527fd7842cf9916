"""Which organization a person from outside belongs to, and which they merely look like."""

from __future__ import annotations

from ostiary.domain.people import (
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    PersonType,
    SignIn,
    SourceKind,
    Unknown,
)
from ostiary.domain.tenant import Tenant
from tests.oracle.case import Person


def same_domain(one: str | None, other: str | None) -> bool:
    """Domains are equal without case; sub-domains and look-alikes are not (S-112)."""
    return one is not None and other is not None and one.lower() == other.lower()


def source_matches(source: IdentitySource, home: HomeIdentity) -> bool:
    """How the person signed in is what counts, not the look of the address (S-112)."""
    if source.kind is SourceKind.TENANT:
        return home.sign_in is SignIn.TENANT and home.tenant_id == source.tenant_id
    if source.kind is SourceKind.DOMAIN:
        by_mail_domain = home.sign_in in {SignIn.ONE_TIME_PASSCODE, SignIn.FEDERATION}
        return by_mail_domain and same_domain(home.domain, source.domain)
    if source.kind is SourceKind.FEDERATION:
        federated = home.sign_in is SignIn.FEDERATION and home.issuer == source.issuer
        return federated and same_domain(home.domain, source.domain)
    if source.kind is SourceKind.OTHER_CLOUD:
        return home.sign_in is SignIn.OTHER_CLOUD and home.identifier == source.identifier
    return home.sign_in is SignIn.SOCIAL and home.identifier == source.identifier


def known_home(person: Person) -> HomeIdentity | None:
    """The home identity, if there is one that we know."""
    return None if isinstance(person.home, Unknown) else person.home


def belongs_to(person: Person, organization: ConnectedOrganization) -> bool:
    """A person belongs to an organization if one of its sources matches the sign-in (S-112)."""
    home = known_home(person)
    return home is not None and any(source_matches(each, home) for each in organization.sources)


def own_organizations(tenant: Tenant, person: Person) -> list[ConnectedOrganization]:
    """All organizations that a guest or external person belongs to, by id; members have none."""
    if person.type is PersonType.MEMBER:
        return []
    every = sorted(tenant.organizations, key=lambda organization: organization.id)
    return [organization for organization in every if belongs_to(person, organization)]


def mail_domain(person: Person) -> str | None:
    """The domain that the person shows: of the identity, else of the mail address (S-111)."""
    home = known_home(person)
    if home is not None and home.domain:
        return home.domain
    if person.mail is not None and "@" in person.mail:
        return person.mail.rsplit("@", 1)[1] or None
    return None


def looks_like(person: Person, organization: ConnectedOrganization) -> bool:
    """Shows a domain or tenant of the organization, but did not sign in that way (S-113)."""
    if belongs_to(person, organization):
        return False
    home = known_home(person)
    domain = mail_domain(person)
    for source in organization.sources:
        if source.kind is SourceKind.DOMAIN and same_domain(domain, source.domain):
            return True
        if source.kind is SourceKind.TENANT and home is not None:
            same_tenant = home.tenant_id is not None and home.tenant_id == source.tenant_id
            if same_tenant and home.sign_in is not SignIn.TENANT:
                return True
    return False


def compared_values(organizations: list[ConnectedOrganization]) -> str:
    """The entries that the person was compared with, for whoever mends them (S-113)."""
    values = set()
    for organization in organizations:
        for source in organization.sources:
            if source.kind is SourceKind.TENANT:
                values.add(source.tenant_id)
            elif source.kind in {SourceKind.DOMAIN, SourceKind.FEDERATION}:
                values.add(source.domain)
            else:
                values.add(source.identifier)
    return ",".join(sorted(value for value in values if value is not None))


def blocklisted(tenant: Tenant, person: Person) -> bool | Unknown:
    """Invitation lists win over any scope; members are not looked at (S-111)."""
    settings = tenant.settings
    if person.type is PersonType.MEMBER:
        return False
    if not settings.blocked_domains and settings.allowed_domains is None:
        return False
    if isinstance(person.home, Unknown):
        return Unknown.UNKNOWN
    domain = mail_domain(person)
    if any(same_domain(domain, blocked) for blocked in settings.blocked_domains):
        return True
    if settings.allowed_domains is None:
        return False
    return not any(same_domain(domain, allowed) for allowed in settings.allowed_domains)
