"""Texts of rule packs: the shipped one, and some that differ from it in one thing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ostiary.rulebook.pack_files import Files, read_files
from ostiary.rulebook.tabulate import standard_pack_dir

SCOPE = "requestor_scope.yaml"


@cache
def standard() -> Files:
    """The shipped pack."""
    return read_files(standard_pack_dir())


def edited(file: str, *pieces: tuple[str, str]) -> Files:
    """The shipped pack with pieces of text that stand exactly once put in the place of others."""
    text = standard()[file].decode()
    for old, new in pieces:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return {**standard(), file: text.encode()}


def moved(lines: int = 1, file: str = "limits.yaml") -> Files:
    """The shipped pack with rules on other lines: another revision, the same decisions."""
    return {**standard(), file: b"# moved\n" * lines + standard()[file]}


def with_guests() -> Files:
    """A pack under which a policy for all members admits guests too."""
    return edited(
        SCOPE,
        (
            "when: {scope: all_members, person: guest}",
            "when: {scope: all_members, person: guest, policy: disabled}",
        ),
        (
            "when: {scope: all_members, person: member}",
            "when: {scope: all_members, person: [member, guest]}",
        ),
    )


def broken() -> Files:
    """No pack: a phase says nothing."""
    return {**standard(), "limits.yaml": b"phase: limits\nfacts: {}\n"}


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The folder with exactly these files in it."""
    folder.mkdir(exist_ok=True, parents=True)
    for path in folder.glob("*.yaml"):
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
