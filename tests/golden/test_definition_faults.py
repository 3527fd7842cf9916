"""The faults of a folder in which everything is wrong, as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.tenant_files import load_tenant

HERE = Path(__file__).parent
FOLDER = HERE / "faulty_tenant"
SHOWN = FOLDER / "faults.txt"
PYTHON_WORDS = ("None", "dict", "str(", "Struct", "Record", "Broken", "NoneType", "Item(")


def faults() -> list[str]:
    """Every fault of the folder, with places below it."""
    with pytest.raises(DefinitionError) as caught:
        load_tenant(FOLDER)
    return [str(fault).removeprefix(f"{FOLDER.as_posix()}/") for fault in caught.value.faults]


def test_every_fault_of_every_file_at_once(golden: Callable[[Path, str], None]) -> None:
    """S-139: sorted by file, line and column, each with its path and in the user's words."""
    golden(SHOWN, "\n".join(faults()) + "\n")


def test_the_words_of_the_messages() -> None:
    for fault in faults():
        assert not fault.endswith("."), fault
        assert not any(word in fault for word in PYTHON_WORDS), fault


def test_each_code_of_a_definition_is_shown() -> None:
    """Here, among the hostile files or those of connectors: the list has no dead entry."""
    shown = SHOWN.read_text(encoding="utf-8")
    elsewhere = ("faults/test_hostile_definitions.py", "connectors/test_configuration.py")
    refused = "".join((HERE.parent / name).read_text(encoding="utf-8") for name in elsewhere)
    for code in FaultCode:
        assert f" {code.value}: " in shown or re.search(rf"\b{code.value}\b", refused), code
