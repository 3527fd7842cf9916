"""Messages as the JSON of the contract: equal messages give equal text."""

from __future__ import annotations

import json
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message


def message_json(message: Message, *, one_line: bool = False) -> str:
    """Give a message in protobuf JSON; maps, which have no order of their own, go by their keys."""
    data = json_format.MessageToDict(message)
    _sort_maps(data, cast(Descriptor, message.DESCRIPTOR))
    return json.dumps(data, indent=None if one_line else 2, ensure_ascii=False)


def _sort_maps(data: Any, kind: Descriptor) -> None:
    for field in kind.fields:
        value = data.get(field.json_name)
        inner = field.message_type
        if value is None or inner is None or inner.file.package == "google.protobuf":
            continue
        if inner.GetOptions().map_entry:
            data[field.json_name] = dict(sorted(value.items()))
        else:
            for one in value if isinstance(value, list) else [value]:
                _sort_maps(one, inner)
