"""The documentation page of each code, which comes with the product."""

from __future__ import annotations

from pathlib import Path

from ostiary.analysis.lint.codes import CODES, LOADING


def pages_dir() -> Path:
    """Give the folder `docs/lint` of the checkout, or of the installed package if this is none."""
    here = Path(__file__).resolve()
    checkout = here.parents[4]
    if (checkout / "pyproject.toml").is_file() and (checkout / "docs" / "lint").is_dir():
        return checkout / "docs" / "lint"
    return here.parent / "pages"


def page_of(code: str) -> str | None:
    """Give the page of a code of lint or of a warning of loading, as Markdown; None for others."""
    if code not in CODES and code not in LOADING:
        return None
    return (pages_dir() / f"{code}.md").read_text(encoding="utf-8")
