"""The closed list of codes that a rule pack can be refused or warned about with."""

from __future__ import annotations

import enum


class PackCode(enum.StrEnum):
    """What is wrong with a rule pack, beyond what can be wrong with any YAML file."""

    # the text
    MISSING_FIELD = "MISSING_FIELD"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_KIND = "WRONG_KIND"  # a list where a mapping is wanted, and the like
    YAML_TRAP = "YAML_TRAP"  # an unquoted yes, no, date or number where a word is wanted
    BAD_TEXT = "BAD_TEXT"  # a malformed id, an empty sentence, a text that is too long
    DUPLICATE = "DUPLICATE"
    MISSING_PHASE = "MISSING_PHASE"
    UNKNOWN_PHASE = "UNKNOWN_PHASE"
    UNKNOWN_FACT = "UNKNOWN_FACT"
    UNKNOWN_WORD = "UNKNOWN_WORD"
    WORDS_DIFFER = "WORDS_DIFFER"  # the words of a fact are not those of the vocabulary
    BAD_CONCLUSION = "BAD_CONCLUSION"  # a `then` that nobody could obey
    # the limits of the engine and the shape of the pack
    LIMIT = "LIMIT"
    HASH_COLLISION = "HASH_COLLISION"
    # what the cells say
    SILENT = "SILENT"
    CONFLICT = "CONFLICT"
    NEVER_FIRES = "NEVER_FIRES"
    OVERRULED = "OVERRULED"  # a warning
    UNKNOWN_WIDENS = "UNKNOWN_WIDENS"
    INVARIANT = "INVARIANT"
    NEVER = "NEVER"  # a `never` statement of the pack does not hold


# Those that a report can still be given for: the pack reads well, but not every cell is right.
CELL_CODES = frozenset(
    {
        PackCode.SILENT,
        PackCode.CONFLICT,
        PackCode.NEVER_FIRES,
        PackCode.OVERRULED,
        PackCode.UNKNOWN_WIDENS,
        PackCode.INVARIANT,
        PackCode.NEVER,
    }
)
