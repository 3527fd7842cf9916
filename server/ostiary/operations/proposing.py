"""Connected organizations that Ostiary proposes when somebody unknown is let in (S-110)."""

from __future__ import annotations

from typing import Any

from ostiary.decide.subject import Subject
from ostiary.domain.access_request import SYSTEM, AccessRequest, ExternalPerson, RequestKind
from ostiary.domain.audit import AuditEvent, named
from ostiary.domain.errors import InvalidRequestError, LimitExceededError
from ostiary.domain.people import HomeIdentity, SignIn
from ostiary.domain.policy import ScopeKind
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.operations.unit import Unit
from ostiary.operations.writing import Author, DefinitionWriter

_SYSTEM = Author(SYSTEM, f"service:{SYSTEM}", administrator=True)


def propose(unit: Unit, request: AccessRequest, external: ExternalPerson | None) -> None:
    """Create a proposed organization for the domain of somebody whom none fits, once per domain.

    Only under the scope ALL_EXTERNAL and where the profile says so. What cannot be proposed, since
    the limit is reached or the domain is none, leaves an event and does not stop the request: the
    scope asks for no organization. The caller holds the case `tenant`.
    """
    if not unit.snapshot.profile.propose_organizations:
        return
    if request.terms.policy.scope.kind is not ScopeKind.ALL_EXTERNAL:
        return
    direct = request.kind is RequestKind.ADMIN_ADD  # whose mail address is the sign-in (S-114)
    subject = unit.subject(request.target, external, direct=direct)
    said = _recognised_by(subject)
    # Somebody who only looks like an organization's people is known by that domain already.
    if said is None or subject.organizations or subject.lookalikes:
        return
    name = subject.presented_domain or str(said["tenant"])
    if unit.tx.definition(DefinitionKind.ORGANIZATION, "", name) is not None:
        return
    plain = {"id": name, "name": name, "state": "proposed", "sources": [said]}
    try:
        DefinitionWriter(unit.tx, _SYSTEM, unit.at).create(DefinitionKind.ORGANIZATION, "", plain)
    except LimitExceededError as error:
        _left_out(unit, request, name, "LIMIT_EXCEEDED", str(error))
    except InvalidRequestError as error:
        _left_out(unit, request, name, "INVALID_MODEL", str(error))


def _recognised_by(subject: Subject) -> dict[str, Any] | None:
    """Give the identity source that stands for how somebody signed in (S-112); None: there is none.

    An account in another cloud or with a social provider is one person's and no organization's.
    """
    home: HomeIdentity | None = subject.home
    if home is None:
        return None
    if home.sign_in is SignIn.TENANT:
        return {"tenant": home.tenant_id} if home.tenant_id else None
    if not home.domain:
        return None
    if home.sign_in is SignIn.FEDERATION and home.issuer:
        return {"federation": home.issuer, "domain": home.domain}
    by_domain = home.sign_in in (SignIn.ONE_TIME_PASSCODE, SignIn.FEDERATION)
    return {"domain": home.domain} if by_domain else None


def _left_out(unit: Unit, request: AccessRequest, name: str, code: str, why: str) -> None:
    unit.tx.record(
        AuditEvent(
            at=unit.at,
            name=named("Create connected organization"),
            actor=SYSTEM,
            target=request.target,
            request=request.id,
            object=name,
            reason=code,
            details=(("error", why),),
            revision=unit.snapshot.revision.tenant,
        )
    )
