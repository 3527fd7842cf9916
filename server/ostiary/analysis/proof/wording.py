"""People and ways in words."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.domain.people import HomeIdentity, PersonType, RiskLevel
from ostiary.domain.request import InlinePerson

_TYPES = {
    PersonType.MEMBER: "a member",
    PersonType.GUEST: "a guest",
    PersonType.EXTERNAL: "not in the directory",
}


def described(person: InlinePerson) -> Iterator[str]:
    """Say who somebody is; what is not said they have not."""
    yield person.id
    if isinstance(person.type, PersonType):
        yield _TYPES[person.type]
    if person.home is not None and isinstance(person.home, HomeIdentity):
        yield f"signed in by {_home(person.home)}"
    if person.mail is not None:
        yield f"with the address {person.mail}"
    if person.groups and isinstance(person.groups, tuple):
        yield f"in {' and '.join(person.groups)}"
    if isinstance(person.manager, str):
        yield "their own manager" if person.manager == person.id else f"manager {person.manager}"
    if person.sponsors and isinstance(person.sponsors, tuple):
        yield f"sponsor {', '.join(person.sponsors)}"
    if person.attributes and isinstance(person.attributes, dict):
        yield ", ".join(f"{name} `{value}`" for name, value in sorted(person.attributes.items()))
    if isinstance(person.risk, RiskLevel) and person.risk is not RiskLevel.NONE:
        yield f"at {person.risk.value} risk"


def _home(home: HomeIdentity) -> str:
    parts = (home.tenant_id, home.issuer, home.identifier, home.domain)
    told = " of ".join(part for part in parts if part)
    return f"{home.sign_in.value.replace('_', ' ')} {told}".strip()
