"""One mail to one person: the same notice under the same key is the same message, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from ostiary.adapters.mail.rendering import Letter

# Lines of headers are folded where the standard says; everything else is printable ASCII.
_POLICY = SMTP.clone(max_line_length=78)


def message_of(
    letter: Letter,
    *,
    sender: Address,
    to: Address,
    reply_to: Address | None = None,
    at: datetime,
    key: str,
    kind: str,
) -> EmailMessage:
    """Give the message; `key` is the idempotency key of its delivery, `at` the notice's instant."""
    digest = hashlib.sha256(f"{key}\0{to.addr_spec}".encode()).hexdigest()[:32]
    message = EmailMessage(_POLICY)
    message["From"] = sender
    message["To"] = to
    if reply_to is not None:
        message["Reply-To"] = reply_to
    message["Subject"] = letter.subject
    message["Date"] = at
    message["Message-ID"] = f"<{digest}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes come back
    message["X-Auto-Response-Suppress"] = "All"  # the same for servers that go by this one
    message["X-Ostiary-Notice"] = kind  # for filters
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{digest}")
    return message
