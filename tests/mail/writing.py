"""People, a notice to one of them, and a postman who delivers it to a server on this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ostiary.adapters.mail.address import address_of
from ostiary.adapters.mail.postman import SmtpPostman
from ostiary.adapters.mail.recipient import Recipient
from ostiary.adapters.mail.settings import MailSettings
from ostiary.domain.notice import Notice, NoticeKind
from ostiary.domain.people import AccountState
from ostiary.rulebook.mail_model import MailSecurity
from tests.services.smtp import HOST

SENDER = address_of("access@acme.example", "Access at Acme")
assert SENDER is not None

PEOPLE = {
    person.id: person
    for person in (
        Recipient("fran", "Fran Osei", "fran@acme.example"),
        Recipient("priya", "Priya Nair", "priya@tailwind.example"),
        Recipient("mo", "Mo", None),
        Recipient("bo", "Bo", "bo@acme.example", AccountState.BLOCKED),
        Recipient("del", "Del", "del@acme.example", AccountState.DELETED),
        Recipient("eve", "Eve", "eve@acme.example> RCPT TO:<all@acme.example"),
        Recipient("jur", "Jürgen", "jürgen@acme.example"),
        Recipient("umi", "Umi 海", "umi@büro.example"),
    )
}
NOTICE = Notice(
    id="n1/fran",
    kind=NoticeKind.ACTION_NEEDED,
    to=("fran",),
    at=datetime(2031, 3, 10, 10, 5, tzinfo=UTC),
    target="priya",
    requestor="priya",
    package="sales-team-access",
    package_name="Sales Team Access",
    request="rq1",
    stage=1,
    deadline=datetime(2031, 4, 9, 10, 5, tzinfo=UTC),
    justification="I work on the offer until June.",
)


def notice(**fields: Any) -> Notice:
    """The notice with some fields changed."""
    return msgspec.structs.replace(NOTICE, **fields)


def postman(port: int, **fields: Any) -> SmtpPostman:
    """A postman without TLS, unless told otherwise."""
    assert SENDER is not None
    settings = MailSettings(
        **{
            "host": HOST,
            "port": port,
            "security": MailSecurity.NONE,
            "sender": SENDER,
            "portal": "https://access.acme.example",
            "time_out": timedelta(seconds=5),
            **fields,
        }
    )
    return SmtpPostman(settings, PEOPLE.get)
