"""The page of the documentation that one run writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.bench.figures import Part
from tests.bench.report import markdown

_IN_PROCESS = """\
The tenants have 240 users in 20 of 120 groups each, and per package two policies: employees of
two to four groups (two stages: the manager with a fallback, then a named person; 30 days) and
partners of two organizations (one stage, 90 days, access reviews). Nine in ten questions are drawn
among people in the scope, so that what is timed is mostly the long way: scope, selection,
approvers, limits and the dated plan. Each operation draws its own people and packages over the
whole tenant, so that a large tenant pays for its cache misses. Each size first answers the same
number of questions untimed, or a small tenant would still be filling what it remembers while it is
timed, and growth would look smaller than it is. The sizes take turns within a
round, and the ratio is the median of the ratios of the rounds. Nothing is subtracted for the
clock. `check` decides without the plan; `list` gives the first 50 packages, each decided.
"""

_WIRE = """\
Both servers hold 100 packages and run on core 0; h2load runs on core 1 with 8 connections of 8
streams (batches: of 1 stream), 3 seconds after 1 second of warm-up. All systems take turns within
a round. The processor time a decision is what the whole tree of the server's processes used. A run
during which others used more than 0.2 cores, or the server less than 0.9 of its own, is done
again, four times at most. If even one such run is left the verdict is NOISY, not PASS: a busy
machine starves a server of one thread (Cerbos on one core) more than one of several, which would
count in our favour. Before any load, one answer of each kind is decoded and must be a yes for
every item, and h2load's DATA bytes must match it, for an error of gRPC is HTTP 200 as well.

What each side answers:

- **Cerbos**: may this principal do this action on this resource? One resource policy a package: a
  derived role (`userType == "Member"`) and three allow rules, each with `hasIntersection` of the
  person's groups and four groups. Its answer is EFFECT_ALLOW. It evaluates CEL expressions of any
  kind; its batch is one principal with 50 resources.
- **Ostiary BASIC**: the same person with the same 20 groups, of which the twentieth matches,
  against a package open to the same four groups. Its answer goes further: the outcome, the policy
  in force out of two, every reason with its parameters and the path of groups, whether each
  approval stage has somebody, the revision. Each item of its batch carries the person anew.
- **Ostiary FULL**: the same with the approval stages, the dated actions and the explanation rule
  by rule. Cerbos has no counterpart; the row shows what that costs. The targets are judged on
  BASIC.
"""

_LIFE = """\
Each table compares a store of a thousand assignments with a full one in the same database; both
take turns in each round. A store is filled by copying, in SQL, what the product left of one
assignment: its request, its three future actions (two reminders and its end, spread over a year)
and two of its audit events. Each person holds five packages, each package a thousandth of all
assignments. (A store with nothing in it would be planned as scans and grow slower while it is
measured, which would count in our favour.) Requests are submitted in process, with the decision,
audit events, assignment and all the work that follows in one transaction; connectors and mail do
nothing. fsync is on in both databases, and nobody but the bench uses them. procrastinate runs in
the same PostgreSQL, beside jobs that fall due later.
"""

_LOG = """\
The same server without a log of decisions, with a log of one in ten, and with a log of all, asked
the same in turn by h2load: single checks of a person who is described, on one core each.
A line is in the file before its decision is given; the file is not forced to the disk, so that it
outlives the process and not the machine.
"""

_LINT = """\
`ostiary check` without reading the files: a tenant in memory is looked at as a whole, in one
process and without an index from before. A person is in twenty groups, a third of the groups are
nested, and one package in ten is open to all members.
"""

_DIFF = """\
`ostiary diff` compares two versions of a tenant for everybody in every package. People are in eight
groups each, of 400 in the mean, a few of a tenth of everybody; one in twelve is a manager, eight in
a hundred are guests of 40 organizations. Each package has two policies: staff of two to four groups
or, one in ten, all members (their manager, then an owner, late the manager's manager), and partners
of two organizations (sponsors, reviews). One policy of each changed package is edited: another
group, one more group, another owner, a stage fewer, other times. Times are of the wall clock, in
one process. `two snapshots` is what a server does when it loads each version; `people indexed`
turns people, groups and managers into bitmaps, once for all comparisons of the two versions.
Reading files is in none of them. The brute way decides for each person and changed package on
both sides, without asking again for each policy where there is a choice; it is timed on a sample
and extrapolated. That both give the same is shown in tests, not here.
"""

_MUTATION = """\
What a rule author waits for, in one process, with the shipped rules and their suites. All mutants
are made, compared with the original in every cell that can differ, checked as loading checks, and
held against the tests that look at a cell that differs.
"""

_TITLES = {
    "in-process": ("In process", _IN_PROCESS),
    "wire": ("Over the wire", _WIRE),
    "log": ("The log of decisions", _LOG),
    "life": ("The life of requests", _LIFE),
    "lint": ("Lint", _LINT),
    "diff": ("Comparing versions", _DIFF),
    "mutation": ("Tests of rules", _MUTATION),
}
_SECTION = "\n## "
_ROW = re.compile(r"^\| (?P<name>\w[^|]*) \| (?P<value>[^|]*) \|$", re.MULTILINE)


def written(
    parts: Sequence[tuple[str, Part]],
    machine: Sequence[tuple[str, str]],
    *,
    command: str,
    date: str,
    before: str = "",
) -> str:
    """The page for one run; parts that were not run stay as the page said them before."""
    head, *sections = before.rstrip().split(_SECTION)
    texts = {title: text for title, _, text in (one.partition("\n") for one in sections)}
    described = dict(machine)
    for found in _ROW.finditer(head):
        described.setdefault(found["name"], found["value"])
    for name, part in parts:
        title, method = _TITLES[name]
        said = f"One run of `{command}` on {date}."
        texts[title] = "\n".join(["", said, "", method, markdown(part)])
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures everything again, and fails if a target is missed.",
        "Figures of a shared machine move by a fifth; ratios within one run are steadier.",
        "",
        "| machine | |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in described.items()),
    ]
    order = [title for title, _ in _TITLES.values() if title in texts]
    return (
        "\n".join(lines)
        + "".join(f"\n{_SECTION}{title}\n{texts[title].rstrip()}" for title in order)
        + "\n"
    )
