"""The usual question read at a glance: a package, a requestor and a view, as clients write them.

To build a message and to look for each field that is not there costs more than the decision. What
says anything else, or says it in another way, is left to protobuf: here it is None, never a guess.
"""

from __future__ import annotations

from ostiary.rpc.convert.words import VIEWS
from ostiary.rpc.violations import is_plain_id
from ostiary.rpc.wire import tag
from ostiary.v1 import decision_service_pb2 as contract

_QUESTION = contract.EvaluateRequest
(_PACKAGE,) = tag(_QUESTION, "access_package")
(_USER,) = tag(_QUESTION, "requestor_id")
(_PERSON,) = tag(_QUESTION, "person")
_MORE = 0x80  # set in a byte that is not the last of its number
# What may follow the requestor: the view, and whether the whole decision is wanted then.
_REST = {_QUESTION(view=view).SerializeToString(): full for view, full in VIEWS.items()}  # type: ignore[arg-type]  # by number


def glance(data: bytes) -> tuple[str, str | bytes, bool] | None:
    """Give package, requestor and whether the whole decision is wanted, from an EvaluateRequest.

    The requestor is an id, or a person as a serialised InlinePerson that nobody has checked yet.
    """
    try:
        if data[0] != _PACKAGE or data[1] >= _MORE:
            return None
        at = 2 + data[1]
        package, which, size = data[2:at].decode(), data[at], data[at + 1]
        at += 2
        if size >= _MORE:
            if data[at] >= _MORE:
                return None
            size = size & 0x7F | data[at] << 7
            at += 1
        end = at + size
        full = _REST.get(data[end:])
        if full is None or end > len(data) or not is_plain_id(package):
            return None
        if which == _PERSON:
            return package, data[at:end], full
        user = data[at:end].decode()
        return (package, user, full) if which == _USER and is_plain_id(user) else None
    except (IndexError, UnicodeDecodeError):
        return None
