"""Which connected organization a person belongs to: by how they signed in, never by looks."""

from __future__ import annotations

from ostiary.domain.people import (
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    SignIn,
    SourceKind,
)

_BY_DOMAIN = frozenset({SignIn.ONE_TIME_PASSCODE, SignIn.FEDERATION})


def source_matches(source: IdentitySource, home: HomeIdentity) -> bool:
    """Tell whether a sign-in is one that the identity source stands for (S-112)."""
    match source.kind:
        case SourceKind.TENANT:
            return home.sign_in is SignIn.TENANT and _equal(source.tenant_id, home.tenant_id)
        case SourceKind.DOMAIN:
            return home.sign_in in _BY_DOMAIN and _same(source.domain, home.domain)
        case SourceKind.FEDERATION:
            return (
                home.sign_in is SignIn.FEDERATION
                and _equal(source.issuer, home.issuer)
                and _same(source.domain, home.domain)
            )
        case SourceKind.OTHER_CLOUD:
            return home.sign_in is SignIn.OTHER_CLOUD and _equal(source.identifier, home.identifier)
        case SourceKind.SOCIAL:
            return home.sign_in is SignIn.SOCIAL and _equal(source.identifier, home.identifier)


def belongs(organization: ConnectedOrganization, home: HomeIdentity) -> bool:
    """Tell whether the person who signed in like this is one of the organization's (S-112)."""
    return any(source_matches(source, home) for source in organization.sources)


def resembles(
    organization: ConnectedOrganization, home: HomeIdentity | None, mail: str | None
) -> bool:
    """Tell whether a tenant id or mail domain points at the organization, whatever the sign-in.

    Only for explaining a refusal (cause authentication_mismatch, S-113): it never admits anybody.
    """
    domain = mail_domain(home, mail)
    tenant = home.tenant_id if home is not None else None
    return any(
        (source.kind is SourceKind.DOMAIN and _same(source.domain, domain))
        or (source.kind is SourceKind.TENANT and _equal(source.tenant_id, tenant))
        for source in organization.sources
    )


def mail_domain(home: HomeIdentity | None, mail: str | None) -> str | None:
    """Give the mail domain of a person in lower case: of the sign-in, else of the address."""
    if home is not None and home.domain:
        return home.domain.lower()
    if mail and "@" in mail:
        return mail.rpartition("@")[2].lower() or None
    return None


def _equal(ours: str | None, theirs: str | None) -> bool:
    # Absent equals nothing: two missing values must never match (S-25).
    return bool(ours) and ours == theirs


def _same(ours: str | None, theirs: str | None) -> bool:
    """Compare mail domains, which know no case."""
    return bool(ours) and bool(theirs) and str(ours).lower() == str(theirs).lower()
