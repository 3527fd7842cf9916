"""Files that arrive in pieces, put into a folder of their own until they are loaded."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from ostiary.domain.errors import InvalidRequestError
from ostiary.v1 import catalog_service_pb2 as contract

_MOST_BYTES = 1024 * 1024 * 1024
_LONGEST_NAME = 1024


class ReceivedFiles:
    """The files of one call; the folder is gone when it ends."""

    def __init__(self) -> None:
        self.options = contract.ApplyOptions()
        self._room = tempfile.TemporaryDirectory(prefix="ostiary-apply-")
        self.folder = Path(self._room.name) / "files"
        self._writing: BinaryIO | None = None
        self._bytes = 0
        self._first = True

    def __enter__(self) -> Self:
        self.folder.mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done()
        self._room.cleanup()

    def take(self, message: contract.ApplyRequest) -> None:
        """Take one piece; raises InvalidRequestError for what is no piece of a file."""
        if message.HasField("options"):
            if not self._first:
                raise InvalidRequestError([("options", "belongs into the first message")])
            self.options.CopyFrom(message.options)
        self._first = False
        if not message.HasField("piece"):
            return
        if message.piece.file:
            self._begin(message.piece.file)
        if self._writing is None:
            raise InvalidRequestError([("piece.file", "is required in the first piece of a file")])
        self._bytes += len(message.piece.content)
        if self._bytes > _MOST_BYTES:
            raise InvalidRequestError(
                [("piece.content", "the files are larger than 1 GiB together")]
            )
        self._writing.write(message.piece.content)

    def _begin(self, name: str) -> None:
        self._done()
        inside = PurePosixPath(name)
        plain = len(name) <= _LONGEST_NAME and "\0" not in name and "\\" not in name
        if not plain or inside.is_absolute() or ".." in inside.parts or not inside.parts:
            raise InvalidRequestError(
                [("piece.file", "must be the name of a file below the folder")]
            )
        path = self.folder / inside
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writing = path.open("xb")
        except OSError:
            raise InvalidRequestError([("piece.file", f"cannot be received: `{name}`")]) from None

    def complete(self) -> Path:
        """Give the folder, once all pieces have arrived."""
        self._done()
        return self.folder

    def _done(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None
