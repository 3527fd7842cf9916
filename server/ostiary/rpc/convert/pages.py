"""Page tokens: where the next page begins, and for which question, revision and instant.

A token is no secret and opens nothing; the checksum keeps a token of another question, or of data
that has changed since, from silently leaving packages out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from datetime import datetime, timedelta

from ostiary.domain.decision import Revision
from ostiary.domain.errors import PageTokenError
from ostiary.rpc.convert.times import EPOCH
from ostiary.v1 import decision_service_pb2 as contract

_LAYOUT = struct.Struct(">Iq12s")  # ordinal, microseconds since 1970, checksum
_MICROSECOND = timedelta(microseconds=1)


def token(
    request: contract.ListRequestableRequest, revision: Revision, at: datetime, ordinal: int
) -> str:
    """Give the token of the page that begins at `ordinal`."""
    micros = (at - EPOCH) // _MICROSECOND
    checksum = _checksum(request, revision, ordinal, micros)
    return base64.urlsafe_b64encode(_LAYOUT.pack(ordinal, micros, checksum)).decode()


def opened(
    request: contract.ListRequestableRequest, revision: Revision
) -> tuple[int, datetime] | None:
    """Give where the page begins and the instant of the first page; None for the first page."""
    if not request.page_token:
        return None
    try:
        text = request.page_token.encode("ascii")
        ordinal, micros, checksum = _LAYOUT.unpack(base64.b64decode(text, b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, struct.error) as error:
        raise PageTokenError("the page token is not one of this server's") from error
    if checksum != _checksum(request, revision, ordinal, micros):
        raise PageTokenError(
            "the page token belongs to another question, or rules or data have changed since;"
            " begin at the first page again"
        )
    return ordinal, EPOCH + micros * _MICROSECOND


def _checksum(
    request: contract.ListRequestableRequest, revision: Revision, ordinal: int, micros: int
) -> bytes:
    question = contract.ListRequestableRequest()
    question.CopyFrom(request)
    question.ClearField("page_token")
    question.ClearField("page_size")  # may differ from page to page
    said = hashlib.blake2b(question.SerializeToString(deterministic=True), digest_size=12)
    for part in (
        revision.rules,
        revision.tenant,
        revision.profile,
        revision.profile_version,
        str(ordinal),
        str(micros),
    ):
        said.update(b"\0" + part.encode())
    return said.digest()
