"""What a proof might overlook is found, or said to be unknown with why: never PROVED."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ostiary.analysis.proof import attributes
from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.domain.catalog import PackageEntry
from ostiary.domain.errors import TablesUnavailableError
from ostiary.domain.people import AccountState, RiskLevel
from ostiary.domain.policy import ApprovalStage, Approver, Question
from ostiary.domain.tables import Phase, Row, Tables
from ostiary.domain.tenant import RiskStage, Tenant
from tests.proof.acme import (
    ENTRA,
    MANAGER,
    MEMBERS,
    OWN_SPONSORS,
    SECOND_MANAGER,
    THREE,
    Edit,
    acme,
    adding,
    fitting,
    groups,
    package,
    policy,
    user,
    with_package,
    with_policy,
    with_settings,
    with_user,
)
from tests.proof.defects import INTERNS, STAFF
from tests.properties.dice import NOW
from tests.properties.ruling import standard_tables
from tests.properties.tables import Change, Otherwise


def verdict(new: Tenant, old: Tenant, of: Property = Property.NO_NEW_ACCESS) -> Verdict:
    tables = standard_tables()
    report = prove(Definitions(new, tables), Definitions(old, tables), properties=[of], at=NOW)
    return report.verdict


@pytest.mark.parametrize(
    ("by", "who"),
    [
        pytest.param(MANAGER, "deputy", id="a manager"),
        pytest.param(SECOND_MANAGER, "chief", id="a manager's manager"),
        pytest.param(OWN_SPONSORS, "deputy", id="a sponsor"),
    ],
)
def test_one_of_many_who_comes_back_is_found_to_decide_again(by: Approver, who: str) -> None:
    new = acme(package(policy(MEMBERS, ApprovalStage((by,)))))
    old = with_user(who, state=AccountState.BLOCKED)(new)
    assert verdict(new, old) is Verdict.COUNTEREXAMPLE
    assert verdict(old, new) is Verdict.PROVED


def test_a_manager_at_risk() -> None:
    def risky(*approvers: Approver) -> Edit:
        return with_settings(risk_stage=RiskStage(RiskLevel.MEDIUM, approvers))

    base = acme(package(policy(MEMBERS)), profile=ENTRA)
    old, new = risky(user("bob"))(base), risky(MANAGER)(base)
    assert verdict(new, old) is Verdict.COUNTEREXAMPLE


# questions to which no answer is found: nobody knows whether anybody gets past them

GREEK = (Question("q", "Which?", required=True, pattern=r"\p{Greek}{3}"),)
NEVER_MET = (Question("q", "Which?", required=True, pattern=r"a\bb"),)
WHETHER = "k: it hangs on whether anybody can answer p/q"
BASE = acme(package(policy(STAFF)))


def found(
    new: Tenant, old: Tenant | None, of: Property, tables: Tables | None = None
) -> tuple[Verdict, tuple[str, ...]]:
    tables = tables or standard_tables()
    before = None if old is None else Definitions(old, standard_tables())
    (finding,) = prove(Definitions(new, tables), before, properties=[of], at=NOW).findings
    return finding.verdict, finding.unknown


@pytest.mark.parametrize("questions", [GREEK, NEVER_MET])
@pytest.mark.parametrize(
    ("old", "new", "want"),
    [
        pytest.param(True, False, Verdict.UNKNOWN, id="a question less may let people in"),
        pytest.param(False, True, Verdict.PROVED, id="a question more lets nobody in"),
        pytest.param(True, True, Verdict.PROVED, id="the same question on both sides"),
    ],
)
def test_what_hangs_on_an_unknown_answer_is_unknown(
    questions: tuple[Question, ...], *, old: bool, new: bool, want: Verdict
) -> None:
    asking = with_policy(questions=questions)
    before = asking(BASE) if old else BASE
    after = with_package(name="renamed")(asking(BASE) if new else BASE)
    unknown = (WHETHER,) if want is Verdict.UNKNOWN else ()
    assert found(after, before, Property.NO_NEW_ACCESS) == (want, unknown)


def test_another_question_of_the_same_name_is_another_question() -> None:
    one, other = (with_policy(questions=each)(BASE) for each in (GREEK, NEVER_MET))
    assert found(other, one, Property.NO_NEW_ACCESS)[0] is Verdict.UNKNOWN


def test_who_comes_in_past_an_unknown_answer_is_no_counterexample() -> None:
    asking = adding(policy(INTERNS, name="p2", questions=GREEK))(BASE)
    want = (Verdict.UNKNOWN, ("k: it hangs on whether anybody can answer p2/q",))
    assert found(asking, BASE, Property.NO_NEW_ACCESS) == want
    open_ = adding(policy(INTERNS, name="p2"))(with_policy(questions=GREEK)(BASE))
    assert found(open_, BASE, Property.NO_NEW_ACCESS) == (Verdict.COUNTEREXAMPLE, ())


def test_less_approval_past_an_unknown_answer_is_unknown() -> None:
    strict = acme(package(policy(STAFF, THREE)))
    easy = adding(policy(STAFF, name="p2", questions=GREEK))(strict)
    assert found(easy, strict, Property.NO_WEAKER_APPROVAL)[0] is Verdict.UNKNOWN
    assert found(strict, easy, Property.NO_WEAKER_APPROVAL)[0] is Verdict.PROVED


def test_too_many_unknown_answers_are_unknown() -> None:
    patterns = [rf"\p{{Greek}}{{{number}}}" for number in range(2, 6)]
    questions = tuple(Question(f"q{one}", "Which?", required=True, pattern=one) for one in patterns)
    new = with_policy(questions=questions)(BASE)
    assert found(new, BASE, Property.NO_NEW_ACCESS) == (
        Verdict.UNKNOWN,
        ("k: the questions to which no answer was found are too many",),
    )


def test_what_may_be_held_together_past_an_unknown_answer_is_unknown() -> None:
    mine = package(policy(STAFF), incompatible_packages=("q",))
    other = package(policy(STAFF, name="p", questions=GREEK), name="q")
    assert found(acme(mine, other), None, Property.NO_INCOMPATIBLE_PAIR) == (
        Verdict.UNKNOWN,
        ("k with q: it hangs on whether anybody can answer p/q",),
    )


def test_what_may_be_held_together_once_something_has_ended_is_unknown() -> None:
    # `h` opens `k` and shuts `q`: once it has ended, the one is held and the other is open.
    mine = package(policy(groups("vault")), incompatible_packages=("q",))
    other = package(policy(STAFF), name="q", incompatible_groups=("vault",))
    helper = package(
        policy(STAFF),
        name="h",
        entries=(PackageEntry("vault", "Member"),),
        incompatible_packages=("q",),
    )
    assert found(acme(mine, other, helper), None, Property.NO_INCOMPATIBLE_PAIR) == (
        Verdict.UNKNOWN,
        ("k with q: it hangs on whether anybody can hold h for a while and then no longer",),
    )


# rules that say nothing about people of whom all is known


def scope_says(change: Change, digest: str) -> Tables:
    """The standard tables with another one of scopes."""
    tables = standard_tables()
    scope = Otherwise(tables.phases[Phase.REQUESTOR_SCOPE], change)
    return replace(tables, digest=digest, phases={**tables.phases, Phase.REQUESTOR_SCOPE: scope})


def silent() -> Tables:
    """Tables that answer `unknown` in every cell."""

    def unknown(_: int, row: Row) -> Row:
        first = replace(row.answers[0], word="unknown", reason=None, cause=None, fact="weather")
        return replace(row, answers=(first, *row.answers[1:]))

    return scope_says(unknown, "silent")


def test_rules_that_do_not_decide_give_no_proof_that_everybody_is_answered() -> None:
    verdict, why = found(BASE, None, Property.NO_DEAD_END, silent())
    assert verdict is Verdict.UNKNOWN
    assert why == ("k: the rules leave it open whether somebody may ask: weather is not known",)
    assert found(BASE, BASE, Property.NO_NEW_ACCESS, silent()) == (Verdict.PROVED, ())


def gone() -> Tables:
    """Tables whose engine is gone."""

    def fail(_: int, __: Row) -> Row:
        raise TablesUnavailableError("the rule engine is gone")

    return scope_says(fail, "gone")


@pytest.mark.parametrize("of", list(Property))
def test_rules_that_cannot_be_asked_give_no_proof(of: Property) -> None:
    mine = package(policy(STAFF), incompatible_packages=("q",))
    new = acme(mine, package(policy(STAFF), name="q"))
    old = new if of.compares else None
    verdict, why = found(new, old, of, gone())
    assert verdict is Verdict.UNKNOWN
    assert all("the rule engine is gone" in one for one in why)


def test_a_solver_that_disagrees_with_the_rules_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = acme(package(policy(fitting('department -eq "Sales"'))))
    assert found(new, None, Property.NO_DEAD_END) == (Verdict.PROVED, ())
    monkeypatch.setattr(attributes._Encoding, "answers", lambda *_: (False,))  # a seeded defect
    verdict, (why,) = found(new, None, Property.NO_DEAD_END)
    assert verdict is Verdict.UNKNOWN
    assert "k: the rules over attributes read otherwise than" in why
