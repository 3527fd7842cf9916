"""Where the rules, profiles and examples that come with the product are found."""

from __future__ import annotations

from pathlib import Path


def rules_dir() -> Path:
    """Give the folder `rules` of the checkout, or of the installed package if this is none.

    The checkout goes first: an editable install holds a copy that grows stale.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    if (checkout / "pyproject.toml").is_file() and (checkout / "rules").is_dir():
        return checkout / "rules"
    return package / "rules"


def as_reached(path: Path) -> Path:
    """Give a path as it is reached from the working folder, or in full if it lies elsewhere."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole
