"""`ostiary serve`: a server in this terminal, asked a question or two over its own socket."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.cli.answering import from_server
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import pack_folder, refusing
from ostiary.cli.labels import Labels
from ostiary.cli.question import Question
from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.terminal import console
from ostiary.domain.errors import AddressError
from ostiary.rpc import loading, logs, processes, serving
from ostiary.rpc.reception import OpenDesk

_SECONDS = 10.0  # for an answer from this very process
_ANYWHERE = {"0.0.0.0:": "127.0.0.1:", "[::]:": "[::1]:"}  # what is bound, what is asked


class WarningCount(logging.Filter):
    """Counts the warnings of the first load instead of showing them to a person who looks on."""

    def __init__(self) -> None:
        super().__init__()
        self._logger = logging.getLogger(loading.__name__)
        self._logger.addFilter(self)
        self.count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Count a warning and keep it back."""
        warning = record.levelno == logging.WARNING
        self.count += warning
        return not warning

    def end(self) -> None:
        """Let everything through from now on."""
        self._logger.removeFilter(self)


class Announcer(msgspec.Struct, frozen=True):
    """Says that the server serves, asks it the questions and prints the answers."""

    questions: Sequence[Question]
    folders: Sequence[Path]
    warnings: WarningCount | None = None

    def __call__(self, address: str, opened: OpenDesk) -> None:
        """Print the one line that says what serves where, then the answers."""
        snapshot, tenant = opened.desk.snapshot, opened.tenant
        rules = snapshot.revision.rules[:12]
        packages = len(snapshot.order)
        print(
            f"serving tenant {tenant.id} ({tenant.name}) on {address},"
            f" rules {rules}, {packages} {'package' if packages == 1 else 'packages'}",
            flush=True,
        )
        self._tell_warnings()
        for question in self.questions:
            self._ask(question, reachable(address), Labels(tenant))

    def _tell_warnings(self) -> None:
        if self.warnings is None:
            return
        self.warnings.end()
        count = self.warnings.count
        if count:
            told = "1 warning" if count == 1 else f"{count} warnings"
            where = " ".join(map(str, self.folders))
            print(f"{told} about the definitions; `ostiary check {where}` lists them", flush=True)

    def _ask(self, question: Question, address: str, labels: Labels) -> None:
        try:
            response = from_server(question, address, _SECONDS).response
        except CommandError as error:
            # The server serves, whatever became of the question.
            print("\n".join(error.messages), file=sys.stderr, flush=True)
            return
        print()
        show_decision(console(), Answered(question.request, response.decision, labels))
        sys.stdout.flush()


def reachable(address: str) -> str:
    """Give where a server can be asked from this machine that listens at an address."""
    for bound, near in _ANYWHERE.items():
        if address.startswith(bound):
            return near + address.removeprefix(bound)
    return address


def serve(options: serving.ServeOptions, questions: Sequence[Question]) -> None:
    """Serve until told to stop; CommandError says why that cannot be."""
    # Whoever sits at a terminal reads what is printed; a log collector wants every step.
    watched = sys.stderr.isatty()
    logs.configure("WARNING" if watched else "INFO")
    tenant, rules = Path(options.definitions.tenant), _path(options.definitions.rules)
    named = [folder for folder in (tenant, rules) if folder is not None]
    announcer = Announcer(questions, named, WarningCount() if watched else None)
    try:
        with refusing(tenant, pack_folder(rules)):
            processes.serve(options, announcer)
    except AddressError as error:
        raise CommandError(Exit.FAULTY, (str(error),)) from None


def _path(folder: str | None) -> Path | None:
    return None if folder is None else Path(folder)
