"""Requests that wait for a decision are found by people and groups, not by people alone.

Revision 0005, after 0004.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_LISTS = ("primary", "fallback", "alternates", "alternate_fallback")
_AT_ONCE = 500


def upgrade() -> None:
    """Write anew by whom each request is found that somebody is found by now."""
    connection = op.get_bind()
    request = sa.table("request", sa.column("position"), sa.column("document"))
    found_by = sa.table("request_approver", sa.column("approver"), sa.column("position"))
    listed = sa.select(found_by.c.position)
    pending = sa.select(request).where(request.c.position.in_(listed))
    after = -1
    while rows := connection.execute(
        pending.where(request.c.position > after).order_by(request.c.position).limit(_AT_ONCE)
    ).all():
        after = rows[-1].position
        for row in rows:
            connection.execute(sa.delete(found_by).where(found_by.c.position == row.position))
            keys = sorted(set(_keys(json.loads(row.document))))
            if keys:
                new = [{"approver": key, "position": row.position} for key in keys]
                connection.execute(sa.insert(found_by), new)


def _keys(document: Mapping[str, Any]) -> Iterator[str]:
    number = document["stage"]
    record = document["stages"][number - 1]
    yield from (f"user:{one}" for one in record.get("people", ()))
    yield from (f"user:{one}" for one in record.get("late_people", ()))
    yield from (f"user:{one['delegate']}" for one in record.get("delegates", ()))
    for stage in document["terms"]["policy"]["stages"][number - 1 : number]:
        for one in (one for name in _LISTS for one in stage[name]):
            if one["kind"] in ("user", "group") and one["id"] is not None:
                yield f"{one['kind']}:{one['id']}"
