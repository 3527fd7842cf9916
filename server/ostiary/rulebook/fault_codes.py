"""The closed list of codes that a faulty definition can be refused or warned about with."""

from __future__ import annotations

import enum


class FaultCode(enum.Enum):
    """What kind of fault it is; each stands in front of a message as `file:line:col: CODE:`."""

    # the file, before anybody asks what it means
    FILE_UNREADABLE = "FILE_UNREADABLE"  # no such file or folder, or not to be opened
    WRONG_KIND = "WRONG_KIND"  # a rule pack in the place of a tenant
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    EMPTY_FILE = "EMPTY_FILE"
    NOT_UTF8 = "NOT_UTF8"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    YAML_SYNTAX = "YAML_SYNTAX"
    MANY_DOCUMENTS = "MANY_DOCUMENTS"
    TAG = "TAG"  # YAML tags make objects; definitions are plain
    TOO_DEEP = "TOO_DEEP"
    KEY_NOT_TEXT = "KEY_NOT_TEXT"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    ALIAS_CYCLE = "ALIAS_CYCLE"
    ALIAS_EXPANSION = "ALIAS_EXPANSION"
    UNKNOWN_ALIAS = "UNKNOWN_ALIAS"

    # the definition; all but the last are what the semantics call INVALID_MODEL
    MISSING_FIELD = "MISSING_FIELD"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    UNKNOWN_VALUE = "UNKNOWN_VALUE"  # a word outside a closed list (S-25)
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"  # a reference to nothing
    DUPLICATE = "DUPLICATE"  # two definitions with one id or name, or one thing listed twice
    INVALID_MODEL = "INVALID_MODEL"  # malformed, contradictory, empty or out of range
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"  # a limit of the profile; the message names it

    # known mistakes that load; always warnings
    NO_POLICY = "NO_POLICY"  # S-21
    EMPTY_PACKAGE = "EMPTY_PACKAGE"  # S-20
    NO_FALLBACK = "NO_FALLBACK"  # a manager or sponsor approves and nobody stands in (S-70)
    REPEATED_RELATION = "REPEATED_RELATION"  # one manager or sponsor kind in two stages
    UNREADABLE_SCOPE = "UNREADABLE_SCOPE"  # kept, and matches nobody (S-33)
    GROUP_CYCLE = "GROUP_CYCLE"  # groups that contain each other (S-34)
    UNUSED = "UNUSED"  # a connector that nothing is routed to
