"""Fields of a message that this version does not know, since a newer one wrote them."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from ostiary.rpc.violations import Violations


def note_unknown(message: Message, field: str, violations: Violations) -> None:
    """Note each field of a message, and of those in it, that is not known here.

    For what is kept: a field that is left out may have narrowed the others (S-25). `field` is the
    path of the message.
    """
    unknown = UnknownFieldSet(message)
    for at in range(len(unknown)):
        text = f"has a field that is not known here, number {unknown[at].field_number}"
        violations.add(field, f"{text}; a newer version of the contract may have it")
    for descriptor, value in message.ListFields():
        if descriptor.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        inner = f"{field}.{descriptor.name}"
        if isinstance(value, Message):
            note_unknown(value, inner, violations)
        elif not hasattr(value, "items"):  # no map of ours holds messages
            for number, part in enumerate(value):
                note_unknown(part, f"{inner}[{number}]", violations)
