"""The enumerations of the decision core, made cheap to look up."""

from __future__ import annotations

import enum


class Enumeration(enum.Enum):
    """An enumeration whose members hash by identity.

    The standard one hashes names in Python code, which would be a tenth of a decision's time.
    """

    __hash__ = object.__hash__
