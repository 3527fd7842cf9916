"""What lint says: findings with their place in the definitions, and who shows them."""

from __future__ import annotations

import enum

import msgspec

# Names and ids in brackets, as people read it: ("packages", "[wiki]", "policies", "[staff]").
Path = tuple[str, ...]


class Severity(enum.StrEnum):
    """How bad it is: a warning does harm today, advice is about what is likely not meant."""

    WARNING = "warning"
    ADVICE = "advice"


class Witness(msgspec.Struct, frozen=True, order=True):
    """Somebody or something that shows the finding: a person, a group, a package, a cell."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Finding(msgspec.Struct, frozen=True):
    """One likely mistake: what it is, where it stands, and what to do about it."""

    code: str
    severity: Severity
    path: Path
    message: str
    mend: str
    witness: Witness | None = None

    @property
    def where(self) -> str:
        """Give the path as people read it: `packages[wiki].policies[staff].scope`."""
        return spell_path(self.path)


def spell_path(path: Path) -> str:
    """Give a path as one word."""
    return ".".join(path).replace(".[", "[")


class LintReport(msgspec.Struct, frozen=True):
    """All findings, in the order of their paths and codes, and how much was looked at."""

    findings: tuple[Finding, ...] = ()
    policies: int = 0
    work: int = 0  # groups, lists and scopes that had to be resolved
