"""A notice of each kind, with everything said and with next to nothing, to try templates on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ostiary.adapters.mail.facts import facts_of
from ostiary.domain.notice import Notice, NoticeKind

K = NoticeKind

_AT: Final = datetime(2031, 3, 10, 10, 5, tzinfo=UTC)
_DEADLINE: Final = datetime(2031, 4, 9, 10, 5, tzinfo=UTC)
_NAMES: Final[Mapping[str, str]] = {
    "priya": "Priya Nair",
    "fran": "Fran Osei",
    "mona": "Mona Reyes",
    "sol": "Sol Andersen",
}
_APPROVING: Final = frozenset(
    {K.ACTION_NEEDED, K.APPROVAL_REMINDER, K.FORWARDED, K.DECIDED, K.APPROVAL_EXPIRED, K.CANCELED}
)
_STAFF: Final = frozenset({K.DELIVERY_FAILED, K.DELIVERY_LATE})
_REVIEWING: Final = frozenset({K.REVIEW_OPENED, K.REVIEW_REMINDER})
_WITHOUT_DEADLINE: Final = frozenset({K.DECIDED, K.CANCELED, K.REQUEST_DENIED})
_FACTS: Final[Mapping[NoticeKind, tuple[tuple[str, str], ...]]] = {
    K.DECIDED: (("verdict", "approved"), ("decided_by", "mona")),
    K.CANCELED: (("canceled_by", "priya"),),
    K.REQUEST_DENIED: (("decided_by", "mona"),),
    K.REVIEW_OPENED: (("holders", "12"),),
    K.REVIEW_REMINDER: (("holders", "12"), ("undecided", "5")),
    K.DELIVERY_FAILED: (("sales-group/Member", "there is no group `sales`"),),
}
_REASONS: Final[Mapping[NoticeKind, str]] = {
    K.REQUEST_DENIED: "DENIED_BY_APPROVER",
    K.APPROVAL_EXPIRED: "APPROVAL_TIMEOUT",
    K.REQUEST_EXPIRED: "APPROVAL_TIMEOUT",
    K.ACCESS_ENDED: "time",
    K.DELIVERY_LATE: "PROVISIONING_LATE",
}
_WORDS: Final[Mapping[NoticeKind, str]] = {
    K.DECIDED: "Known from the last project.",
    K.REQUEST_DENIED: "The project ended in February.\n\nAsk again if it is taken up once more.",
}


def specimen(kind: NoticeKind) -> Notice:
    """Give a notice of a kind in which everything is said that such a notice can say."""
    review = kind in _REVIEWING
    written = "I work on the offer for Tailwind until June."
    about_request = kind in _APPROVING or kind is K.REQUEST_RECEIVED
    return Notice(
        id=f"specimen-{kind.value}",
        kind=kind,
        to=(_told(kind),),
        at=_AT,
        target="" if review else "priya",
        requestor="" if review else "priya",
        package="sales-team-access",
        package_name="Sales Team Access",
        policy="partners",
        request="" if review else "rq-7f3a",
        assignment="" if review or kind in _APPROVING else "as-20c1",
        review="rv-91d0" if review else "",
        stage=1 if kind in _APPROVING else 0,
        deadline=None if kind in _WITHOUT_DEADLINE else _DEADLINE,
        justification=_WORDS.get(kind, written if about_request else ""),
        reason=_REASONS.get(kind, ""),
        facts=_FACTS.get(kind, ()),
    )


def bare(notice: Notice) -> Notice:
    """Give a notice less everything that can be left out."""
    return Notice(id=notice.id, kind=notice.kind, to=notice.to, at=notice.at)


def facts_of_specimen(
    notice: Notice, *, portal: str = "", organization: str = "", secret: str = ""
) -> dict[str, Any]:
    """Give the variables of a specimen's templates."""
    return facts_of(
        notice,
        recipient=notice.to[0],
        name_of=lambda person: _NAMES.get(person, ""),
        portal=portal,
        organization=organization,
        secret=secret,
    )


def specimens() -> Iterator[tuple[NoticeKind, dict[str, Any]]]:
    """Give the variables of all notices that every template must be able to render."""
    portal = "https://access.example"
    for kind in NoticeKind:
        full = specimen(kind)
        behalf = msgspec.structs.replace(full, requestor="mona", to=("mona",))
        yield kind, facts_of_specimen(full, portal=portal, organization="Example")
        yield kind, facts_of_specimen(behalf, portal=portal, organization="Example")
        yield kind, facts_of_specimen(bare(full))
        yield kind, facts_of_specimen(full, portal=portal, secret="s3cret")  # noqa: S106  # of nobody
        for verdict in ("approved", "denied"):
            decided = msgspec.structs.replace(full, facts=(("verdict", verdict),))
            yield kind, facts_of_specimen(decided)


def _told(kind: NoticeKind) -> str:
    if kind in _STAFF:
        return "sol"
    return "fran" if kind in _APPROVING or kind in _REVIEWING else "priya"
