"""Worlds as Python text that builds them again, without what is left at its default."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from ostiary.domain.tenant import Profile
from tests.properties.profiles import ENTRA, STANDARD


def as_python(value: object) -> str:
    """An expression that gives an equal value; profiles are told by what they override."""
    if isinstance(value, Profile):
        return _profile(value)
    if isinstance(value, msgspec.Struct):
        return f"{type(value).__name__}({', '.join(_changed(value))})"
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        inner = ", ".join(map(as_python, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {as_python(each)}" for key, each in value.items()) + "}"
    if isinstance(value, datetime):
        return f"datetime.fromisoformat({value.isoformat()!r})"
    if isinstance(value, timedelta):
        return f"timedelta(days={value.days}, seconds={value.seconds})"
    return repr(value)


def _changed(value: msgspec.Struct) -> list[str]:
    """The fields of a value that differ from their defaults."""
    fields = msgspec.structs.fields(type(value))
    told = []
    for field in fields:
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        given = getattr(value, field.name)
        if default is msgspec.NODEFAULT or given != default:
            told.append(f"{field.name}={as_python(given)}")
    return told


def _profile(profile: Profile) -> str:
    """The profile that it started from with its overrides."""
    base = ENTRA if profile.name == ENTRA.name else STANDARD
    changes = [
        f"{field}={as_python(getattr(profile, field))}"
        for field in profile.__struct_fields__
        if getattr(profile, field) != getattr(base, field)
    ]
    name = base.name.upper()
    return f"replace({name}, {', '.join(changes)})" if changes else name
