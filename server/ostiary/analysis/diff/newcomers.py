"""People who are in no directory yet: whoever may come from an organization, one for each way.

Policies for partners are about them above all. One stands for everybody who signs in through one
identity source of a connected organization of either side, and one for those of no organization.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ostiary.domain.people import (
    AccountState,
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    PersonType,
    RiskLevel,
    SignIn,
    SourceKind,
)
from ostiary.domain.request import InlinePerson

_SIGN_INS: Mapping[SourceKind, SignIn] = {
    SourceKind.TENANT: SignIn.TENANT,
    SourceKind.DOMAIN: SignIn.ONE_TIME_PASSCODE,
    SourceKind.FEDERATION: SignIn.FEDERATION,
    SourceKind.OTHER_CLOUD: SignIn.OTHER_CLOUD,
    SourceKind.SOCIAL: SignIn.SOCIAL,
}
# No user's id begins like this, and no domain of this name exists (RFC 2606).
_PREFIX, _NOWHERE = "newcomer:", "nowhere.invalid"
STRANGER = f"{_PREFIX}stranger"


class Newcomer(InlinePerson, frozen=True):
    """Somebody who stands for everybody that signs in alike; `label` names them."""

    label: str = ""


def newcomers(organizations: Iterable[ConnectedOrganization]) -> dict[str, Newcomer]:
    """Give those who may come, by id, in the order of their ids."""
    found: dict[HomeIdentity, Newcomer] = {}
    for organization in sorted(organizations, key=lambda one: one.id):
        several = len(organization.sources) > 1
        for source in organization.sources:
            home = _home(source)
            told = f" ({_shown(source)})" if several else ""
            label = f"newcomers of {organization.name}{told}"
            if home not in found:
                found[home] = _newcomer(_id(organization, home), label, home)
    nowhere = HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=_NOWHERE)
    found[nowhere] = _newcomer(STRANGER, "newcomers of no organization", nowhere)
    return {one.id: one for one in sorted(found.values(), key=lambda one: one.id)}


def _id(organization: ConnectedOrganization, home: HomeIdentity) -> str:
    """Give an id that no other sign-in has: the same one on both sides, whatever else changes."""
    parts = (organization.id, home.sign_in.value, home.tenant_id, home.domain)
    shown = (part for part in (*parts, home.issuer, home.identifier) if part)
    return f"{_PREFIX}{' '.join(shown)}"


def _home(source: IdentitySource) -> HomeIdentity:
    return HomeIdentity(
        _SIGN_INS[source.kind],
        tenant_id=source.tenant_id,
        domain=None if source.domain is None else source.domain.lower(),
        issuer=source.issuer,
        identifier=source.identifier,
    )


def _shown(source: IdentitySource) -> str:
    name = source.tenant_id or source.domain or source.identifier or ""
    return f"{source.kind.value.replace('_', ' ')} {name}"


def _newcomer(name: str, label: str, home: HomeIdentity) -> Newcomer:
    return Newcomer(
        id=name,
        type=PersonType.EXTERNAL,
        state=AccountState.ENABLED,
        groups=(),
        manager=None,
        sponsors=(),
        home=home,
        attributes={},
        risk=RiskLevel.NONE,
        label=label,
    )
