"""The command `ostiary`. What a command needs is imported when it runs: help must come at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ostiary.cli.commands import (
    assignment,
    audit,
    clock,
    diff,
    mutate,
    prove,
    replay,
    request,
    review,
    testing,
    work,
)
from ostiary.cli.commands import rules as rules_group
from ostiary.cli.ending import ending

app = typer.Typer(
    name="ostiary",
    epilog="Exit codes: 0 done; 1 something given is wrong; 2 wrong usage; 3 no answer from a"
    " server; 4 Ostiary failed; 5 refused. See docs/command-line.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help starts twice as fast, and its errors are one line
)

_FOLDER: dict[str, Any] = {"exists": True, "file_okay": False, "readable": True}
_FILE: dict[str, Any] = {"exists": True, "dir_okay": False, "readable": True}

File = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE|-",
        help="One EvaluateRequest as protobuf JSON or YAML of that shape; - is standard input.",
    ),
]
Tenant = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Answer from this tenant's folder.", **_FOLDER)
]
Server = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Ask this server.")]
Rules = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The rule pack; default: the shipped one.", **_FOLDER),
]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="Use this profile, not the tenant's own.")
]
Package = Annotated[str | None, typer.Option(metavar="ID", help="The access package.")]
Requestor = Annotated[str | None, typer.Option(metavar="ID", help="The user who is to have it.")]
Policy = Annotated[str | None, typer.Option(metavar="ID", help="The assignment policy asked for.")]
Justification = Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is wanted.")]
At = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="Decide for, say, 2031-03-10T10:00Z; default: now."),
]
Kind = Annotated[
    Literal["user-add", "on-behalf", "admin-add"] | None,
    typer.Option("--type", help="Who asks: the person, the person's manager, or staff."),
]
Submitter = Annotated[
    str | None, typer.Option(metavar="ID", help="The user who asks, if not the person.")
]
Submission = Annotated[
    bool, typer.Option("--submission", help="Check everything, as if it were submitted like this.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the EvaluateResponse as protobuf JSON, nothing else.")
]
ExitCode = Annotated[
    bool,
    typer.Option(
        "--exit-code",
        help="Exit with 10 for NEEDS_APPROVAL, 11 NEEDS_CHOICE, 12 DENY, 13 INDETERMINATE.",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", min=0.001, max=86_400.0, help="How long to wait for the server."
    ),
]


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        print(f"ostiary {version('ostiary')}")
        raise typer.Exit


@app.callback()
def ostiary(
    *,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Decides who may have which access package, who must approve it, and what happens when."""


@app.command()
def serve(  # noqa: PLR0913  # one parameter an option
    *,
    tenant: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder with the tenant's files; with --store it is applied to the store.",
            **_FOLDER,
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Keep requests and definitions: sqlite:///FILE, postgresql://… or memory:.",
        ),
    ] = None,
    connectors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Which rights go to which system.", **_FILE)
    ] = None,
    mail: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How notices are mailed; default: logged.", **_FILE),
    ] = None,
    clock: Annotated[
        Literal["system", "movable"],
        typer.Option(help="movable: time stands still until a client moves it; for trials."),
    ] = "system",
    callers: Annotated[
        Literal["headers", "nobody"] | None,
        typer.Option(
            help="Whether headers say who calls. Default: headers, if only this machine can call."
        ),
    ] = None,
    worker: Annotated[
        bool, typer.Option(help="Carry out what is due beside serving; else `ostiary work` does.")
    ] = True,
    rules: Rules = None,
    profile: Profile = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")
    ] = 50051,
    processes: Annotated[
        int, typer.Option(min=1, max=256, help="Serving processes, each on a core of its own.")
    ] = 1,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Load the folders again by itself whenever they change."),
    ] = False,
    decision_log: Annotated[
        str | None,
        typer.Option(metavar="FILE|store", help="Log every decision here before it is given."),
    ] = None,
    decision_log_sample: Annotated[
        float,
        typer.Option(metavar="PART", min=0.0, max=1.0, help="The part of decisions to log: 0.1."),
    ] = 1.0,
    decision_log_when_full: Annotated[
        Literal["block", "spill"],
        typer.Option(help="What cannot be logged waits, or goes to the spill file."),
    ] = "block",
    decision_log_spill: Annotated[
        str | None, typer.Option(metavar="FILE", help="The spill file; default: LOG.spill.")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(metavar="DIR|REVISION", help="Rules that decide beside, for nobody."),
    ] = None,
    ask: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Once serving, ask this and print the answer."),
    ] = None,
) -> None:
    """Serve decisions over gRPC until SIGTERM or Ctrl-C; SIGHUP loads the folders again."""
    with ending():
        from ostiary.rpc.polling import poll_while_serving

        poll_while_serving()  # before anything imports gRPC
        from ostiary.cli import question, serve

        questions = [question.read_question(file) for file in ask or ()]
        kept = serve.Kept(
            store,
            connectors,
            mail,
            movable=clock == "movable",
            works=worker,
            callers=callers,
        )
        where = serve.Where(host, port, processes)
        logged = serve.Logged(
            decision_log, decision_log_sample, decision_log_when_full, decision_log_spill
        )
        beside = serve.Beside(watch=watch, log=serve.log_options(logged, store), shadow=shadow)
        options = serve.options_of(tenant, rules, profile, kept, where, beside)
        serve.serve(options, questions)


@app.command(help="Decide one question: may this person have this access package?")
def evaluate(  # noqa: PLR0913  # one parameter an option
    file: File = None,
    *,
    tenant: Tenant = None,
    server: Server = None,
    rules: Rules = None,
    profile: Profile = None,
    package: Package = None,
    requestor: Requestor = None,
    policy: Policy = None,
    justification: Justification = None,
    at: At = None,
    kind: Kind = None,
    submitter: Submitter = None,
    submission: Submission = False,
    json: Json = False,
    exit_code: ExitCode = False,
    timeout: Timeout = 10.0,
) -> None:
    """Decide one question."""
    with ending():
        from ostiary.cli import answering, printing, question

        source = answering.Source(tenant, server, rules, profile, timeout)
        source.check()
        flags = question.Flags(
            package, requestor, policy, justification, at, kind, submitter, submission
        )
        asked = question.read_question(file, flags)
        answer = answering.answer(asked, source)
        printing.print_answer(asked, answer, "evaluate", as_json=json)
        if exit_code:
            raise typer.Exit(printing.exit_of(answer))


@app.command()
def explain(  # noqa: PLR0913  # one parameter an option
    file: File = None,
    *,
    tenant: Tenant = None,
    server: Server = None,
    rules: Rules = None,
    profile: Profile = None,
    package: Package = None,
    requestor: Requestor = None,
    policy: Policy = None,
    justification: Justification = None,
    at: At = None,
    kind: Kind = None,
    submitter: Submitter = None,
    submission: Submission = False,
    what_would_change: Annotated[
        bool,
        typer.Option(
            "--what-would-change", help="Tell the fewest changes that lead to a better answer."
        ),
    ] = False,
    any_other: Annotated[
        bool,
        typer.Option("--any-other", help="With --what-would-change: to any other answer."),
    ] = False,
    json: Json = False,
    exit_code: ExitCode = False,
    timeout: Timeout = 10.0,
) -> None:
    """Decide one question and show every step: facts, rules, what they decided."""
    with ending():
        from ostiary.cli import answering, printing, question

        source = answering.Source(tenant, server, rules, profile, timeout)
        source.check()
        flags = question.Flags(
            package, requestor, policy, justification, at, kind, submitter, submission
        )
        asked = question.read_question(file, flags)
        wanted = answering.wanted(what_would_change=what_would_change, any_other=any_other)
        answer = answering.answer(asked, source, wanted)
        printing.print_answer(asked, answer, "explain", as_json=json)
        if exit_code:
            raise typer.Exit(printing.exit_of(answer))


@app.command()
def check(  # noqa: PLR0913  # one parameter an option
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="Folders of tenants or rule packs; default: the shipped pack."
        ),
    ] = None,
    *,
    cells: Annotated[
        bool, typer.Option("--cells", help="Report on the cells of the rule pack instead.")
    ] = False,
    rules: Rules = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Show only these codes; errors are always shown."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave out these codes.")
    ] = None,
    severity: Annotated[
        Literal["error", "warning", "advice"], typer.Option(help="Show what is at least so bad.")
    ] = "advice",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 for anything that is shown.")
    ] = False,
    form: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="github: annotations beside the lines of a pull request."),
    ] = "text",
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a SARIF file for code scanning, too.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="What has passed by, say, 2031-03-10; default: now."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="First take out of tenants what has no effect.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: print the difference, write nothing.")
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Print the page of a code, and check nothing."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check definitions and rules; each line of output is file:line:col: CODE: message."""
    with ending():
        from ostiary.cli import check, check_options, show_cells

        others = {"--explain": explain is not None, "--cells": cells, "--dry-run": fix and dry_run}
        instead = next((name for name, given in others.items() if given), None)
        form = check_options.form_of(form, sarif, as_json=json, instead=instead)
        if explain is not None:
            raise typer.Exit(check_options.explain(explain))
        if cells:
            folder = check.pack_to_report(paths or [], rules)
            raise typer.Exit(show_cells.show_cells(folder, as_json=form == "json"))
        folders = [*(paths or []), *([rules] if rules is not None else [])]
        shown = check_options.shown(select, ignore, severity, strict=strict, form=form, sarif=sarif)
        now = check_options.instant(at)
        if fix or dry_run:
            from ostiary.cli.fixing import fix_tenants

            fix_tenants(folders, shown, now, asked=fix, dry_run=dry_run)
        if not dry_run:
            raise typer.Exit(check.print_faults(folders, shown, now))


@app.command()
def apply(  # noqa: PLR0913  # one parameter an option
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The tenant's folder.", **_FOLDER)],
    *,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="OSTIARY_STORE", help="Apply it to this store."),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Apply it through this server.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    profile: Profile = None,
    caller: Annotated[
        str | None,
        typer.Option("--as", metavar="user:ID|service:ID", help="Who applies it."),
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE", help="A role to ask a server with."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the ApplyResponse as protobuf JSON, nothing else.")
    ] = False,
) -> None:
    """Make a tenant in a store what a folder says, as one revision or not at all."""
    with ending():
        from ostiary.cli import apply

        target = apply.Target(
            store=store, server=server, caller=caller, roles=tuple(roles or ()), profile=profile
        )
        raise typer.Exit(apply.apply_folder(folder, target, dry_run=dry_run, as_json=json))


for _group in (request, assignment, review, rules_group, work, clock):
    app.add_typer(_group.app)
audit.add_to(app)
prove.add_to(app)
replay.add_to(app)
diff.add_to(app)
testing.add_to(app)
mutate.add_to(app)
work.add_migrate(app)


@app.command()
def rehearse(
    tenant: Annotated[Path, typer.Argument(metavar="DIR", help="The tenant's folder.", **_FOLDER)],
    *,
    story: Annotated[Path, typer.Option(metavar="FILE", help="Who does what, and when.", **_FILE)],
    rules: Rules = None,
    profile: Profile = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Play a story through years in seconds on the real code, and print its calendar."""
    with ending():
        from ostiary.cli import rehearse

        raise typer.Exit(rehearse.rehearse(tenant, story, rules, profile, as_json=json))


def main() -> None:
    """Run the command and exit with its code."""
    # What gRPC has to say comes back as an error of ours; its own lines help nobody here.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    app()
