"""The mutants of a tenant's policies, tried against its questions and stories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from ostiary.analysis.mutation.loadable import refusal
from ostiary.analysis.mutation.mutants import Change, Fate
from ostiary.analysis.mutation.pack_trial import Progress, Tried
from ostiary.analysis.mutation.report import MutationReport, Survivor, counted, stale
from ostiary.analysis.mutation.suite_tests import Ran
from ostiary.analysis.mutation.tenant_operators import TenantMutant, package_mutants
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.questions import check_question
from ostiary.analysis.suites.report import Status
from ostiary.analysis.suites.stories import check_story
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.mutants_file import Accepted
from ostiary.rulebook.source import MappingNode, Node, ScalarNode, SequenceNode, Spot
from ostiary.rulebook.suite_file import QuestionTest, StoryTest, Suite
from ostiary.rulebook.tenant_digest import digest_of
from ostiary.rulebook.tenant_files import LoadedTenant, read_tenant_nodes

Test = QuestionTest | StoryTest


def mutate_tenant(
    folder: Path,
    tenant: Tenant,
    bench: Bench,
    ran: Iterable[Ran],
    accepted: Iterable[Accepted] = (),
    *,
    only: str | None = None,
    progress: Progress | None = None,
) -> MutationReport:
    """Give what becomes of the mutants of a tenant under tests that pass on it as it is.

    With `only`, of those whose id holds this text; then no entry is said to be stale.
    """
    entries = tuple(accepted)
    why = {one.id: one.why for one in entries}
    trial = _Trial(folder, bench, ran)
    places = _places(read_tenant_nodes(folder))
    mutants = [
        mutant
        for catalog in tenant.catalogs
        for package in catalog.packages
        for mutant in package_mutants(package)
        if only is None or only in mutant.id
    ]
    tried = []
    for number, mutant in enumerate(mutants):
        tried.append(trial.tried(mutant, tenant, _place(mutant, places, folder)))
        if progress is not None:
            progress(number + 1, len(mutants))
    survivors = tuple(
        Survivor(one, shows="", before="", after="", test=None, accepted=why.get(one.id))
        for one in tried
        if one.fate is Fate.SURVIVED
    )
    return MutationReport(
        target=folder.as_posix(),
        operators=counted(tried),
        survivors=survivors,
        stale=() if only is not None else stale(entries, tried),
        new=(),
        only_named=0,
    )


class _Trial:
    """The tests of a tenant, by the packages that they are about."""

    def __init__(self, folder: Path, bench: Bench, ran: Iterable[Ran]) -> None:
        self.bench = bench
        self.tests: list[tuple[Suite, Test]] = []
        for suite, test, report in ran:
            there = bench.tenant_of(suite)
            if (
                isinstance(test, QuestionTest | StoryTest)
                and report.status is Status.PASSED
                and there is not None
                and there.resolve() == folder.resolve()
            ):
                self.tests.append((suite, test))
        self.tests.sort(key=lambda one: isinstance(one[1], StoryTest))  # the costly ones last
        self._check()

    def tried(self, mutant: TenantMutant, tenant: Tenant, place: Spot) -> Tried:
        """Give what becomes of a mutant; one that changes nothing is equal."""
        fate, by = Fate.SURVIVED, ""
        made = _mutated(tenant, mutant)
        if made is None:
            fate = Fate.EQUAL
        elif refused := _refusal(made, mutant):
            fate, by = Fate.REFUSED, refused
        else:
            killer = next((name for name in self._killers(mutant)), None)
            if killer is not None:
                fate, by = Fate.KILLED, killer
        removed = (mutant.removed,) if mutant.removed else ()
        added = (mutant.added,) if mutant.added else ()
        change = Change(place.file, place.line, removed, added)
        return Tried(mutant.id, mutant.operator, mutant.sentence, change, fate, by)

    def _killers(self, mutant: TenantMutant) -> Iterator[str]:
        for suite, test in self.tests:
            if (mutant.everywhere or _about(test, mutant.package)) and self._fails(
                suite, test, mutant
            ):
                yield f"{suite.file}: {test.name}"

    def _fails(self, suite: Suite, test: Test, mutant: TenantMutant | None) -> bool:
        """Say whether a test fails, or cannot be run, with a mistake; None: as things are."""
        tenant = self.bench.loaded(suite, test).tenant
        other = tenant if mutant is None else _mutated(tenant, mutant)
        if other is None:
            return False  # the test itself changes the tenant so that there is no such mistake
        tables = self.bench.tables(suite)
        try:
            if isinstance(test, QuestionTest):
                return bool(check_question(test, build(other, tables))[0])
            return bool(check_story(test, self._loading(suite, test, mutant), tables)[0])
        except Exception:  # noqa: BLE001  # a mutant may be what no loader would let through
            return True

    def _check(self) -> None:
        """Raise RuntimeError if a test that passed fails here: all mutants would seem killed."""
        for suite, test in self.tests:
            if self._fails(suite, test, None):
                raise RuntimeError(f"{suite.file}: {test.name} passes, and fails when asked again")

    def _loading(
        self, suite: Suite, test: StoryTest, mutant: TenantMutant | None
    ) -> Callable[[Sequence[MappingNode]], LoadedTenant]:
        """Give what loads the tenant of a story with its changes so far, and with the mistake."""

        def load(changes: Sequence[MappingNode]) -> LoadedTenant:
            loaded = self.bench.loaded(suite, test, changes)
            other = None if mutant is None else _mutated(loaded.tenant, mutant)
            return loaded if other is None else replace(loaded, tenant=other)

        return load


def _about(test: Test, package: str) -> bool:
    """Say whether a test asks for a package, or plays a story in which somebody does."""
    if isinstance(test, QuestionTest):
        return test.request.package.rpartition("/")[2] == package
    acts = [step.act for step in test.steps if step.act is not None]
    return any(act.package.rpartition("/")[2] in ("", package) for act in acts)


def _mutated(tenant: Tenant, mutant: TenantMutant) -> Tenant | None:
    """Give the tenant with a mistake; None if it cannot have it, or it changes nothing."""
    catalogs = []
    changed = False
    for catalog in tenant.catalogs:
        packages = []
        for package in catalog.packages:
            other = mutant.change(package) if package.id == mutant.package else package
            changed = changed or (other is not None and other != package)
            packages.append(package if other is None else other)
        catalogs.append(replace(catalog, packages=tuple(packages)))
    if not changed:
        return None
    made = replace(tenant, catalogs=tuple(catalogs))
    return replace(made, digest=digest_of(made))


def _refusal(made: Tenant, mutant: TenantMutant) -> str:
    """Say why a tenant with a mistake would not be loaded; empty: it would."""
    policies = (
        policy
        for catalog in made.catalogs
        for package in catalog.packages
        if package.id == mutant.package
        for policy in package.policies
    )
    return next(filter(None, (refusal(one, made.profile) for one in policies)), "")


def _place(mutant: TenantMutant, places: Mapping[tuple[str, str], Spot], folder: Path) -> Spot:
    """Give where the policy or package of a mutant is defined."""
    found = places.get((mutant.package, mutant.policy or "")) or Spot(folder.as_posix())
    inside = Path(found.file)
    file = inside.relative_to(folder) if inside.is_relative_to(folder) else inside
    return Spot(file.as_posix(), found.line, found.column)


def _places(nodes: Mapping[str, Node]) -> dict[tuple[str, str], Spot]:
    """Give where each package, and each policy of it, is defined."""
    found: dict[tuple[str, str], Spot] = {}
    for root in nodes.values():
        for catalog in _listed(root, "catalogs"):
            for package in _listed(catalog, "packages"):
                _take(package, found)
        for package in _listed(root, "packages"):
            _take(package, found)
        for policy in _listed(root, "policies"):
            found[_text(policy, "package"), _text(policy, "id")] = _spot(policy)
    return found


def _take(package: Node, found: dict[tuple[str, str], Spot]) -> None:
    name = _text(package, "id")
    found[name, ""] = _spot(package)
    for policy in _listed(package, "policies"):
        found[name, _text(policy, "id")] = _spot(policy)


def _listed(node: Node, field: str) -> list[Node]:
    child = node.fields.get(field) if isinstance(node, MappingNode) else None
    return child.items if isinstance(child, SequenceNode) else []


def _text(node: Node, field: str) -> str:
    child = node.fields.get(field) if isinstance(node, MappingNode) else None
    return child.text if isinstance(child, ScalarNode) else ""


def _spot(node: Node) -> Spot:
    return Spot(node.file, node.line, node.column)
