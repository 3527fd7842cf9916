"""Load a profile and lay a tenant's overrides over it, within the ranges that it allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from ostiary.domain.errors import DefinitionError
from ostiary.domain.policy import Recurrence
from ostiary.domain.tenant import Profile
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.plain_nodes import node_of
from ostiary.rulebook.profile_model import (
    LimitsText,
    OverridesText,
    ProfileText,
    ProfileValues,
    Range,
    ResourceTermsText,
    TextLimitsText,
)
from ostiary.rulebook.reader import BROKEN, Broken, Reader
from ostiary.rulebook.records import Field, Record, RecordShape
from ostiary.rulebook.shapes import values
from ostiary.rulebook.source import Node, load
from ostiary.rulebook.times import spell_duration

# A profile file is read before any text limit is known; it must only not be endless.
_FILE_TEXT_LIMITS = {"name": 256, "description": 4_096, "answer": 4_096}

_SECTIONS: Mapping[str, Mapping[str, Field[Any]]] = {
    "": ProfileValues.fields,
    "limits": LimitsText.fields,
    "text_limits": TextLimitsText.fields,
}

Values = dict[str, Any]


class ResourceTerms(msgspec.Struct, frozen=True):
    """What the resources of each kind are like (S-14, S-19)."""

    group_roles: tuple[str, ...]
    application_roles: tuple[str, ...]
    site_roles: tuple[str, ...]
    directory_role_assignments: tuple[str, ...]
    privileged_role_assignments: tuple[str, ...]
    refused_applications: frozenset[str]  # folded
    other_spellings: Mapping[str, str]


class LoadedProfile(msgspec.Struct, frozen=True):
    """A profile with what only the loading of definitions needs to know of it."""

    profile: Profile
    quarterly: Recurrence
    resources: ResourceTerms


def profiles_dir() -> Path:
    """Give the folder of the profiles that come with the product."""
    return rules_dir() / "profiles"


def profile_names(folder: Path | None = None) -> tuple[str, ...]:
    """Give the names that a tenant can pick."""
    return tuple(sorted(path.stem for path in (folder or profiles_dir()).glob("*.yaml")))


def load_profile(
    name: str,
    *,
    overrides: OverridesText | None = None,
    reader: Reader | None = None,
    folder: Path | None = None,
) -> LoadedProfile:
    """Give a profile with a tenant's overrides, whose faults go to the tenant's reader.

    DefinitionError if there is no such profile or its own file is faulty.
    """
    text, shipped = _shipped((folder or profiles_dir()) / f"{name}.yaml")
    if overrides is None or reader is None:
        return _loaded(text, shipped)
    return _loaded(text, _overridden(shipped, text, overrides, reader))


def overridden(name: str, overrides: Mapping[str, Any]) -> LoadedProfile:
    """Give a profile with overrides that are plain data; DefinitionError names each wrong key."""
    faults = FaultList()
    reader = Reader(faults, _FILE_TEXT_LIMITS)
    where = (None, "overrides")
    text = RecordShape(OverridesText, partial=True).read(node_of(overrides), where, reader)
    loaded = load_profile(name, overrides=None if isinstance(text, Broken) else text, reader=reader)
    faults.refuse_if_errors()
    return loaded


def _shipped(path: Path) -> tuple[ProfileText, Values]:
    faults = FaultList()
    reader = Reader(faults, _FILE_TEXT_LIMITS)
    root = load(path, path.as_posix(), faults)
    text = BROKEN if root is None else RecordShape(ProfileText).read(root, None, reader)
    if isinstance(text, Broken) or faults.has_errors:
        raise DefinitionError(faults.sorted())
    values_of_file = _plain(text.values_)
    _check_ranges(text, text.values_, values_of_file, reader)
    faults.refuse_if_errors()
    return text, values_of_file


def _plain(record: Record) -> Values:
    """Give the values that a record states, nested records as mappings."""
    return {
        name: _plain(value) if isinstance(value, Record) else value
        for name, value in record.values.items()
        if not isinstance(value, Broken)
    }


def _overridden(
    shipped: Values, text: ProfileText, overrides: OverridesText, reader: Reader
) -> Values:
    stated = _plain(overrides)
    _check_ranges(text, overrides, stated, reader)
    nested = {name: {**shipped[name], **stated.get(name, {})} for name in ("limits", "text_limits")}
    chosen = {**shipped, **stated, **nested}
    _check_together(chosen, overrides, reader)
    return chosen


def _check_together(chosen: Values, overrides: OverridesText, reader: Reader) -> None:
    """Refuse overrides that contradict each other or what is left of the profile."""
    recurrence = chosen["default_review_recurrence"]
    for name, fine, text in (
        (
            "default_duration",
            chosen["default_duration"] <= chosen["longest_duration"],
            f"must not be longer than longest_duration {_spell(chosen['longest_duration'])}",
        ),
        (
            "default_stage_time_out",
            chosen["default_stage_time_out"] <= chosen["longest_duration"],
            f"must not be longer than longest_duration {_spell(chosen['longest_duration'])}",
        ),
        (
            "review_window",
            recurrence is None or chosen["review_window"] < recurrence,
            f"must be shorter than default_review_recurrence {_spell(recurrence)}",
        ),
    ):
        if not fine:
            reader.invalid(overrides.at(name), overrides.to(name), text)


def _check_ranges(text: ProfileText, record: Record, stated: Values, reader: Reader) -> None:
    """Report values out of their ranges, and drop them from what is stated."""
    for name, allowed in text.ranges.items():
        section, _, key = name.rpartition(".")
        field = _SECTIONS.get(section, {}).get(key)
        inside = stated.get(section, {}) if section else stated
        if field is None:
            reader.invalid(allowed.node, text.to("ranges"), f"no such value: {quoted(name)}")
        elif key in inside:
            holder = record.values[section] if section else record
            wrong = _out_of_range(field, allowed, inside[key], reader)
            if wrong:
                reader.invalid(holder.at(key), holder.to(key), wrong)
                del inside[key]


def _out_of_range(field: Field[Any], allowed: Range, value: Any, reader: Reader) -> str:
    """Give what is wrong with a value, or nothing."""
    least, most = (_end(field, end, reader) for end in (allowed.least, allowed.most))
    for one in values(value) if isinstance(value, tuple) else (value,):
        if not _inside(one, least, most):
            return f"must be {_between(least, most)}, not {_spell(one)}"
    return ""


def _inside(value: Any, least: Any, most: Any) -> bool:
    if value is None:  # an unlimited number; a time that must be stated is in every range
        return not isinstance(most, int)
    return (least is None or value >= least) and (most is None or value <= most)


def _end(field: Field[Any], node: Node | None, reader: Reader) -> Any:
    """Give one end of a range, read as the value itself is read."""
    if node is None:
        return None
    shape = getattr(field.shape, "item", field.shape)
    value = shape.read(node, None, reader)
    return None if isinstance(value, Broken) else value


def _between(least: Any, most: Any) -> str:
    if most is None:
        return f"at least {_spell(least)}"
    if least is None:
        return f"at most {_spell(most)}"
    return f"from {_spell(least)} to {_spell(most)}"


def _spell(value: Any) -> str:
    if value is None:
        return "unlimited"
    return spell_duration(value) if isinstance(value, timedelta) else f"{value:,}"


def _loaded(text: ProfileText, chosen: Values) -> LoadedProfile:
    quarterly: Recurrence = chosen["quarterly"]
    derived = {
        "name": text.name,
        "version": text.version,
        "expiry_reminders": tuple(sorted(values(chosen["expiry_reminders"]), reverse=True)),
        "quarterly_in_calendar_months": quarterly.months is not None,
        "group_membership_transitive": chosen["group_membership"],
    }
    settled = {**chosen, **derived}
    profile = Profile(**{name: settled[name] for name in Profile.__struct_fields__})
    return LoadedProfile(profile, quarterly, _resource_terms(text.resources))


def _resource_terms(text: ResourceTermsText) -> ResourceTerms:
    return ResourceTerms(
        group_roles=values(text.group_roles),
        application_roles=values(text.application_roles),
        site_roles=values(text.site_roles),
        directory_role_assignments=values(text.directory_role_assignments),
        privileged_role_assignments=values(text.privileged_role_assignments),
        refused_applications=frozenset(map(str.casefold, values(text.refused_applications))),
        other_spellings=text.other_spellings,
    )
