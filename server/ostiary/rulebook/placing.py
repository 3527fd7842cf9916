"""Faults with their files as they are reached from here, so that an editor can open them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault


@contextmanager
def placing(*folders: Path) -> Iterator[None]:
    """Have what is wrong with folders raised as DefinitionError, with places; the engine, too."""
    try:
        yield
    except DefinitionError as error:
        raise DefinitionError(placed(error.faults, *folders)) from None
    except EngineFailedError as error:
        raise DefinitionError([engine_fault(error, folders[-1])]) from None


def placed(faults: Iterable[Fault], *folders: Path) -> Iterator[Fault]:
    """Give faults with files as they are reached from here."""
    for fault in faults:
        folder = next((one for one in folders if (one / fault.file).exists()), None)
        file = fault.file if folder is None else str(folder / fault.file)
        yield msgspec.structs.replace(fault, file=file)


def engine_fault(error: EngineFailedError, folder: Path) -> Fault:
    """Give a failure of the rule engine as a fault of the folder."""
    return Fault(str(folder), 1, 1, error.reason, str(error))
