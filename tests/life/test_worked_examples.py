"""The worked examples of section 21 as they go on, at the instants of the text.

W-3, W-6, W-7 and W-10 are answers of a moment: tests/contract/test_examples.py, test_beliefs.py and
test_story.py have them; W-8 and W-9 are told in test_delivering.py and test_deleted_packages.py.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from ostiary.domain.access_request import ExternalPerson, RequestState
from ostiary.domain.assignment import AssignmentState, EndCause
from ostiary.domain.errors import DefinitionError, SubmissionRefusedError
from ostiary.domain.people import HomeIdentity, IdentitySource, SignIn, SourceKind
from ostiary.domain.review import ReviewInstance, ReviewState, ReviewVerdict
from ostiary.lifecycle.ports import ReviewQuery
from ostiary.operations import review
from ostiary.operations.automatic import sweep
from ostiary.operations.submission import Actor
from ostiary.rulebook.tenant_files import load_tenant
from tests.life.conftest import Begin
from tests.life.world import EXAMPLES, PRIYA, TAILWIND_TENANT, World, at

PAT = ExternalPerson(
    "pat@copperline.example",
    mail="pat@copperline.example",
    home=HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="copperline.example"),
)


def reviews(world: World) -> list[ReviewInstance]:
    with world.store.reading() as tx:
        return [one for _, one in reversed(tx.reviews(ReviewQuery()))]


def decide(world: World, verdict: ReviewVerdict) -> None:
    """Hana decides the one item of the open review."""
    [opened] = [one for one in reviews(world) if one.state is ReviewState.OPEN]
    [item] = opened.items
    review.decide(world.office, opened.id, item.assignment, Actor("hana"), verdict=verdict)


def test_partners_come_and_go_and_no_guest_is_handled_by_hand(begin: Begin) -> None:
    """W-1: S-98, S-112, S-115, S-116."""
    world = begin("2031-09-01 08:00")
    request = world.ask(PAT, "partner-project-access", justification="the harbour")
    stage = request.open_stage()
    assert stage is not None
    assert (stage.approvers, stage.denies_at) == (("pia", "quentin"), at("2031-10-01 08:00"))
    world.go("2031-09-03 16:00")
    assert world.systems.calls == []
    world.approve(request, "quentin")
    assert [what for what, _, _ in world.systems.calls] == ["make_guest", "grant", "grant"]
    assert world.systems.rights == {
        (PAT.id, "project-harbour", "Member"),
        (PAT.id, "planning", "Contributor"),
    }
    world.go("2031-12-02 15:59")
    assert len(world.systems.rights) == 2
    world.go("2031-12-02 16:00")
    assert world.systems.rights == set()
    assert world.systems.guests == {PAT.id: "blocked"}


def test_partners_under_the_other_profile_are_approved_by_sponsors(tmp_path: Path) -> None:
    """W-1 [entra], S-69: the manager is refused at save; sponsors are accepted."""
    folder = tmp_path / "tailwind"
    shutil.copytree(EXAMPLES / "tailwind", folder)
    file = folder / "catalogs" / "projects.yaml"
    about = "partner-project-access"
    assert any(about in fault for fault in faults(folder))
    text = file.read_text(encoding="utf-8")
    assert text.count("approvers: [manager]") == 1
    file.write_text(text.replace("[manager]", "[internal-sponsors]"), encoding="utf-8")
    assert not any(about in fault for fault in faults(folder))


def faults(folder: Path) -> list[str]:
    """What the profile entra has against a folder, as people read it."""
    try:
        load_tenant(folder, profile="entra")
    except DefinitionError as error:
        return [str(fault) for fault in error.faults if "warning" not in str(fault)]
    return []


def hr(begin: Begin) -> tuple[World, str]:
    """Rosa has what Ivo and Hana approved, from 2031-02-06 14:00."""
    world = begin("2031-02-03 09:00")
    request = world.ask("rosa", "hr-systems-access")
    stage = request.open_stage()
    assert stage is not None
    assert (stage.approvers, stage.denies_at) == (("ivo",), at("2031-03-05 09:00"))
    world.go("2031-02-04 09:00")
    stage = world.approve(request, "ivo").open_stage()
    assert stage is not None
    assert (stage.approvers, stage.denies_at) == (("hana",), at("2031-03-06 09:00"))
    world.go("2031-02-06 14:00")
    assert world.systems.calls == []
    request = world.approve(request, "hana", justification="she needs it")
    assert (request.state, request.completed_at) == (
        RequestState.DELIVERED,
        at("2031-02-06 14:00"),
    )
    assignment = world.assignment(request)
    assert assignment.ends_at == at("2032-02-06 14:00")
    return world, assignment.id


def test_a_year_in_a_sensitive_system_with_proof_of_need_each_quarter(begin: Begin) -> None:
    """W-2: S-75, S-98, S-119, S-122; the review after the end has nobody in it."""
    world, held = hr(begin)
    for opened in ("2031-04-01", "2031-06-30", "2031-09-28", "2031-12-27"):
        world.go(f"{opened} 00:00")
        newest = reviews(world)[-1]
        assert newest.opened_at == at(f"{opened} 00:00")
        assert [item.assignment for item in newest.items] == [held]
        decide(world, ReviewVerdict.KEEP)
    world.go("2032-02-06 13:59")
    assert len(world.systems.rights) == 2
    world.go("2032-02-06 14:00")
    assert world.systems.rights == set()
    world.go("2032-04-30 00:00")
    later = [one for one in reviews(world) if one.opened_at > at("2031-12-27 00:00")]
    assert [item for one in later for item in one.items] == []


def test_who_changed_departments_is_flagged_and_removed_at_the_close(begin: Begin) -> None:
    """W-2: S-109, S-121, S-123."""
    world, held = hr(begin)
    world.go("2031-04-01 00:00")
    decide(world, ReviewVerdict.KEEP)
    world.go("2031-06-30 00:00")
    [item] = reviews(world)[-1].items
    assert not item.out_of_scope
    decide(world, ReviewVerdict.KEEP)
    world.go("2031-08-01 00:00")
    world.members("hr-staff", ["ivo"])
    world.go("2031-09-28 00:00")
    [item] = reviews(world)[-1].items
    assert (item.assignment, item.out_of_scope) == (held, True)
    decide(world, ReviewVerdict.REMOVE)
    world.go("2031-10-22 23:59")
    assert len(world.systems.rights) == 2
    world.go("2031-10-23 00:00")
    assert world.systems.rights == set()
    [ended] = world.assignments()
    assert (ended.state, ended.end_cause) == (AssignmentState.EXPIRED, EndCause.REVIEW)


def library(begin: Begin) -> World:
    """Gil's card, from Lena."""
    world = begin("2031-04-01 09:00")
    request = world.ask("gil", "graduate-researcher")
    stage = request.open_stage()
    assert stage is not None
    assert stage.approvers == ("lena",)
    world.approve(request, "lena")
    assert len(world.systems.rights) == 3
    return world


def test_a_library_card_ends_with_the_term(begin: Begin) -> None:
    """W-4: S-6, S-98, S-99; afterwards it is not offered any more."""
    world = library(begin)
    world.go("2031-06-30 23:59")
    assert len(world.systems.rights) == 3
    world.go("2031-07-01 00:00")
    assert world.systems.rights == set()
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask("gil", "graduate-researcher")
    assert "END_PASSED" in {reason.code.value for reason in caught.value.decision.reasons}


def test_a_library_card_ends_on_graduation_if_it_says_so(begin: Begin) -> None:
    """W-4: S-37."""
    world = library(begin)
    world.go("2031-05-10 09:00")
    world.members("graduates", [])
    with world.store.transaction() as tx:
        sweep(world.office.unit(tx, "tenant"), world.tenants.tenant.users)
    world.worker.run_until_idle()
    assert world.systems.rights == set()
    [ended] = world.assignments()
    assert (ended.end_cause, ended.ended_at) == (EndCause.RULE, at("2031-05-10 09:00"))


def test_an_organization_entered_by_its_domain_lets_nobody_of_a_tenant_in(begin: Begin) -> None:
    """W-5: S-112, S-113: the refusal shows what was presented and compared; the tenant id cures."""
    world = begin("2031-03-10 10:00")
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask(PRIYA, "wrong-organization")
    assert caught.value.code == "NOT_IN_SCOPE"
    [said] = [
        dict(reason.parameters)
        for reason in caught.value.decision.reasons
        if reason.policy == "partners"
    ]
    assert said == {
        "cause": "authentication_mismatch",
        "presented_tenant": TAILWIND_TENANT,
        "presented_domain": "tailwind.example",
        "compared": "tailwind.example",
    }
    cured = (IdentitySource(SourceKind.TENANT, tenant_id=TAILWIND_TENANT),)
    world.tenants.change(
        organizations=tuple(
            msgspec.structs.replace(one, sources=cured) if one.id == "tailwind-by-domain" else one
            for one in world.tenants.tenant.organizations
        )
    )
    assert world.ask(PRIYA, "wrong-organization").state is RequestState.DELIVERED
