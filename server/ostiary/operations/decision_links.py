"""Links in mails by which approvers decide without signing in, each good for one decision (S-79).

A link holds a secret. It is made when the mail goes out and kept as a digest only, so that nobody
who reads the store can decide with it. It stands for one approver and one stage, and goes through
the same checks as any decision: the stage that it decides is closed after it, and so is the link.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from ostiary.domain.access_request import AccessRequest, DecisionLink
from ostiary.domain.due import user_case
from ostiary.domain.errors import RefusedError
from ostiary.domain.notice import Notice, NoticeKind
from ostiary.operations import approve, staging
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import Unit

ASKING = frozenset({NoticeKind.ACTION_NEEDED, NoticeKind.APPROVAL_REMINDER, NoticeKind.FORWARDED})


def link_for(office: Office, notice: Notice) -> str:
    """Give the secret of a new link for the one person of a notice; empty: there is to be none.

    There is none where the profile lets nobody decide by mail, and none for who cannot decide the
    stage, which may be over by now.
    """
    if notice.kind not in ASKING or len(notice.to) != 1:
        return ""
    if not office.look(lambda unit: unit.snapshot.profile.decide_by_mail):
        return ""
    secret = office.ids.secret()
    with office.case(user_case(notice.target)) as unit:
        request = unit.tx.request(notice.request)
        if request is None or not _may_decide(unit, request, notice):
            return ""
        record = request.stages[notice.stage - 1]
        link = DecisionLink(notice.to[0], _digest(secret))
        linked = msgspec.structs.replace(record, links=(*record.links, link))
        stages = tuple(linked if one is record else one for one in request.stages)
        # No change that anybody sees, so the etag that approvers hold stays good.
        unit.tx.save_request(msgspec.structs.replace(request, stages=stages))
    return secret


def _may_decide(unit: Unit, request: AccessRequest, notice: Notice) -> bool:
    record = request.open_stage()
    if not request.open or record is None or record.number != notice.stage:
        return False
    return notice.to[0] in staging.deciders(unit, request, record)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def decide_by_link(
    office: Office,
    request_id: str,
    secret: str,
    *,
    approved: bool,
    justification: str = "",
    stage: int | None = None,
) -> AccessRequest:
    """Decide the stage that a link is for, as the approver that it is for.

    Raises RefusedError as any decision; NOT_APPROVER too for a link that there is not, for one of
    another request or stage, and where nobody decides by mail (any more).
    """
    with office.store.reading() as tx:
        request = tx.request(request_id)
        allowed = request is not None and office.unit(tx, "").snapshot.profile.decide_by_mail
    found = _stands_for(request, secret) if request is not None and allowed else None
    if found is None or stage not in (None, found[0]):
        raise RefusedError("NOT_APPROVER", "the link is not one for this request")
    number, approver = found
    return approve.decide(
        office,
        request_id,
        Actor(approver),
        approved=approved,
        justification=justification,
        stage=number,
    )


def _stands_for(request: AccessRequest, secret: str) -> tuple[int, str] | None:
    """Give the stage and the approver that a secret stands for."""
    digest = _digest(secret)
    for record in request.stages:
        for link in record.links:
            if hmac.compare_digest(link.digest, digest):
                return record.number, link.approver
    return None


def approver_of(request: AccessRequest, secret: str) -> str:
    """Give the approver that a secret stands for; empty: it is no link of the request's."""
    found = _stands_for(request, secret)
    return "" if found is None else found[1]
