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


def package_before(data: bytes, rest: bytes) -> str | None:
    """Give the package of an EvaluateRequest that is this and else what an earlier one said.

    `rest` is all that the earlier one had after its package.
    """
    size = len(data) - len(rest) - 2
    if not 0 < size < _MORE or data[1] != size or data[0] != _PACKAGE or not data.endswith(rest):
        return None
    try:
        package = data[2 : 2 + size].decode()
    except UnicodeDecodeError:
        return None
    return None if "/" in package else package


def glance(data: bytes) -> tuple[str, str | bytes, bool, bytes] | None:
    """Give what an EvaluateRequest says: package, requestor, whether the whole decision is wanted.

    The requestor is an id, or a person as a serialised InlinePerson that nobody has checked yet.
    Last comes what follows the package, as it was sent.
    """
    try:
        if data[0] != _PACKAGE or data[1] >= _MORE:
            return None
        begin = at = 2 + data[1]
        package, which, size = data[2:at].decode(), data[at], data[at + 1]
        at += 2
        if size >= _MORE:
            if data[at] >= _MORE:
                return None
            size = size & 0x7F | data[at] << 7
            at += 1
        end = at + size
        full = _REST.get(data[end:])
        # As is_plain_id has it; a name whose length takes one byte is not too long.
        if full is None or end > len(data) or "/" in package or not package:
            return None
        if which == _PERSON:
            return package, data[at:end], full, data[begin:]
        user = data[at:end].decode()
        if which != _USER or not is_plain_id(user):
            return None
        return package, user, full, data[begin:]
    except (IndexError, UnicodeDecodeError):
        return None
