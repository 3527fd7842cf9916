"""Update masks: the fields of an object that a write changes."""

from __future__ import annotations

from typing import Any

from ostiary.domain.errors import InvalidRequestError

GIVEN = frozenset({"name", "id", "etag", "owners", "built_in", "catalog", "member_count"})


def masked(before: Any, wanted: Any, request: Any, field: str) -> Any:
    """Give the object with the fields of the request's mask, or all of them, as they are wanted.

    Raises InvalidRequestError for a mask of fields that nobody can write, and another id.
    """
    after = type(before)()
    if request.HasField("update_mask"):
        mask = request.update_mask
        _check(mask, before)
        after.CopyFrom(before)
        mask.MergeMessage(wanted, after, replace_message_field=True, replace_repeated_field=True)
    else:
        after.CopyFrom(wanted)
    if wanted.id and wanted.id != before.id:
        raise InvalidRequestError([(f"{field}.id", "cannot be changed")])
    after.id = before.id
    return after


def _check(mask: Any, before: Any) -> None:
    tops = [one.partition(".")[0] for one in mask.paths]
    wrong = [one for one, top in zip(mask.paths, tops, strict=True) if top in GIVEN]
    if not wrong and not mask.IsValidForDescriptor(before.DESCRIPTOR):
        known = before.DESCRIPTOR.fields_by_name
        wrong = [one for one, top in zip(mask.paths, tops, strict=True) if top not in known]
        wrong = wrong or list(mask.paths)
    if wrong:
        said = ", ".join(f"`{one}`" for one in wrong)
        raise InvalidRequestError([("update_mask", f"names no fields that can be written: {said}")])
