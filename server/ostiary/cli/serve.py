"""`ostiary serve`: a server in this terminal, asked a question or two over its own socket."""

from __future__ import annotations

import ipaddress
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ostiary.cli.answering import from_server
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import pack_folder, refusing
from ostiary.cli.labels import Labels
from ostiary.cli.question import Question
from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.terminal import console
from ostiary.domain.errors import (
    AddressError,
    NotFoundError,
    NotReadyError,
    RefusedError,
    RulesRefusedError,
    StoreUnavailableError,
    StoreUrlError,
)
from ostiary.rpc import loading, logs, rules_in_force
from ostiary.rpc.log_options import STORE, LogOptions
from ostiary.rpc.reception import OpenDesk
from ostiary.rpc.serving import ServeOptions, StoreOptions
from ostiary.running import folder, serving

_IN_MEMORY = frozenset({"memory:", "sqlite://"})
_SECONDS = 10.0  # for an answer from this very process
_ANYWHERE = {"0.0.0.0:": "127.0.0.1:", "[::]:": "[::1]:"}  # what is bound, what is asked


class WarningCount(logging.Filter):
    """Counts the warnings of the first load instead of showing them to a person who looks on."""

    def __init__(self) -> None:
        super().__init__()
        self._loggers = [logging.getLogger(one.__name__) for one in (folder, rules_in_force)]
        for one in self._loggers:
            one.addFilter(self)
        self.count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Count a warning and keep it back."""
        warning = record.levelno == logging.WARNING
        self.count += warning
        return not warning

    def end(self) -> None:
        """Let everything through from now on."""
        for one in self._loggers:
            one.removeFilter(self)


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


class Kept(msgspec.Struct, frozen=True):
    """What `serve` is told about the store."""

    store: str | None
    connectors: Path | None
    mail: Path | None
    movable: bool
    works: bool
    callers: Literal["headers", "nobody"] | None = None  # None: headers, on this machine alone


class Where(msgspec.Struct, frozen=True):
    """Where a server listens, and from how many processes."""

    host: str
    port: int
    processes: int


class Logged(msgspec.Struct, frozen=True):
    """What `serve` is told about the log of decisions."""

    to: str | None
    sample: float
    when_full: Literal["block", "spill"]
    spill: str | None


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What a server does beside serving."""

    watch: bool = False
    log: LogOptions | None = None
    shadow: str | None = None


def log_options(logged: Logged, store: str | None) -> LogOptions | None:
    """Give how decisions are logged; CommandError if that does not go together."""
    spills = logged.when_full == "spill"
    if logged.to is None:
        if logged.sample != 1.0 or spills or logged.spill is not None:
            text = "--decision-log-sample, -when-full and -spill go with --decision-log"
            raise CommandError(Exit.USAGE, (text,))
        return None
    if logged.sample <= 0.0:
        raise CommandError(Exit.USAGE, ("--decision-log-sample: of nothing there is no log",))
    if logged.to == STORE:
        if store is None:
            raise CommandError(Exit.USAGE, ("--decision-log store goes with --store",))
        return LogOptions(to=STORE, sample=logged.sample, spill=logged.spill, waits=not spills)
    if logged.spill is not None and not spills:
        text = "--decision-log-spill goes with --decision-log-when-full spill, or with `store`"
        raise CommandError(Exit.USAGE, (text,))
    spill = (logged.spill or f"{logged.to}.spill") if spills else None
    return LogOptions(to=logged.to, sample=logged.sample, spill=spill)


def options_of(
    tenant: Path | None,
    rules: Path | None,
    profile: str | None,
    kept: Kept,
    where: Where,
    beside: Beside | None = None,
) -> ServeOptions:
    """Give the options of a server; CommandError if they do not go together."""
    wrong = _contradiction(tenant, profile, kept, where)
    beside = beside or Beside()
    if beside.watch and tenant is None and rules is None:
        wrong = "what to watch? --watch goes with --tenant DIR, --rules DIR, or both"
    if wrong:
        raise CommandError(Exit.USAGE, (wrong,))
    definitions = loading.Definitions(_text(tenant) or "", _text(rules), profile)
    store = None
    if kept.store is not None:
        store = StoreOptions(
            url=kept.store,
            connectors=_text(kept.connectors),
            mail=_text(kept.mail),
            works=kept.works,
            movable_clock=kept.movable,
            believes_headers=_believes(kept.callers, where.host),
        )
    return ServeOptions(
        definitions=definitions,
        store=store,
        host=where.host,
        port=where.port,
        processes=where.processes,
        believes_headers=_believes(kept.callers, where.host),
        watch=beside.watch,
        log=beside.log,
        shadow=beside.shadow,
    )


def _contradiction(tenant: Path | None, profile: str | None, kept: Kept, where: Where) -> str:
    if kept.store is None:
        if tenant is None:
            return "whom to serve? name --tenant DIR, --store URL, or both"
        if kept.connectors or kept.mail or kept.movable or not kept.works:
            return "--connectors, --mail, --clock and --no-worker go with --store"
        return _of_one_machine(kept, where)
    if profile is not None and tenant is None:
        return "--profile goes with --tenant; what the store holds has a profile already"
    return _of_one_machine(kept, where) or _of_one_process(kept, where)


def _of_one_machine(kept: Kept, where: Where) -> str:
    if _is_loopback(where.host):
        return ""
    if kept.callers == "headers":
        return f"headers are believed on this machine alone, not with --host {where.host}"
    if kept.movable:
        return f"a movable clock is for trials on this machine, not for --host {where.host}"
    return ""


def _of_one_process(kept: Kept, where: Where) -> str:
    if where.processes == 1:
        return ""
    if kept.movable:
        return "a movable clock is for one process, not for --processes"
    if kept.store in _IN_MEMORY:
        return "a store in memory is for one process, not for --processes"
    return ""


def _believes(callers: Literal["headers", "nobody"] | None, host: str) -> bool:
    """Tell whether headers say who calls: whoever reaches such a server can be anybody."""
    return _is_loopback(host) if callers is None else callers == "headers"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def serve(options: ServeOptions, questions: Sequence[Question]) -> None:
    """Serve until told to stop; CommandError says why that cannot be."""
    # Whoever sits at a terminal reads what is printed; a log collector wants every step.
    watched = sys.stderr.isatty()
    logs.configure("WARNING" if watched else "INFO")
    tenant, rules = _path(options.definitions.tenant), _path(options.definitions.rules)
    named = [folder for folder in (tenant, rules) if folder is not None]
    announcer = Announcer(questions, named, WarningCount() if watched else None)
    try:
        with refusing(*([] if tenant is None else [tenant]), pack_folder(rules)):
            serving.serve(options, announcer)
    except (
        AddressError,
        NotReadyError,
        RefusedError,
        NotFoundError,
        RulesRefusedError,
        StoreUrlError,
    ) as error:
        raise CommandError(Exit.FAULTY, (str(error),)) from None
    except StoreUnavailableError as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None


def _path(folder: str | None) -> Path | None:
    return Path(folder) if folder else None
