"""Organizations that are proposed when somebody unknown is let in (S-110)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.ids import CountedIds
from ostiary.adapters.store import open_store
from ostiary.domain.access_request import AccessRequest, ExternalPerson, RequestKind
from ostiary.domain.errors import OstiaryError, SubmissionRefusedError
from ostiary.domain.people import (
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.lifecycle.ports import Store
from ostiary.operations.office import Office
from ostiary.operations.snapshots import SnapshotSource
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.definitions.holding import NOW, events, held, last_event, make, put
from tests.properties.ruling import standard_tables
from tests.unit import defining

ANYBODY = {"kind": "all_external"}


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    opened = open_store(url)
    put(opened, tmp_path / "first", defining.policy(scope=ANYBODY), profile="entra")
    yield opened
    opened.close()


def office(store: Store) -> Office:
    return Office(store, SnapshotSource(standard_tables()), FixedClock(NOW), CountedIds())


def person(mail: str, sign_in: SignIn = SignIn.ONE_TIME_PASSCODE, **home: Any) -> ExternalPerson:
    """Somebody from outside, with the mail domain of their address."""
    home.setdefault("domain", mail.rpartition("@")[2])
    return ExternalPerson(mail, mail=mail, home=HomeIdentity(sign_in, **home))


def ask(where: Office, who: ExternalPerson | str, **fields: Any) -> AccessRequest:
    name = who.id if isinstance(who, ExternalPerson) else who
    fields.setdefault("kind", RequestKind.USER_ADD)
    actor = fields.pop("actor", Actor(name))
    made = submit(where, Submission(target=who, package="p", **fields), actor)
    assert made.request is not None or fields.get("validate_only")
    return made.request  # type: ignore[return-value]  # None of a trial, which nobody looks at


def proposed(store: Store) -> list[ConnectedOrganization]:
    return [one for one in held(store).organizations if one.state is OrganizationState.PROPOSED]


def sources(store: Store) -> list[tuple[str, tuple[IdentitySource, ...]]]:
    return [(one.id, one.sources) for one in proposed(store)]


def of_domain(domain: str) -> tuple[IdentitySource, ...]:
    return (IdentitySource(SourceKind.DOMAIN, domain=domain),)


@pytest.mark.parametrize(
    ("who", "name", "want"),
    [
        pytest.param(
            person("pia@north.example"),
            "north.example",
            IdentitySource(SourceKind.DOMAIN, domain="north.example"),
            id="one-time passcode",
        ),
        pytest.param(
            person("pia@north.example", SignIn.TENANT, tenant_id="t-north"),
            "north.example",
            IdentitySource(SourceKind.TENANT, tenant_id="t-north"),
            id="a tenant",
        ),
        pytest.param(
            person("pia@north.example", SignIn.FEDERATION, issuer="https://idp.north.example"),
            "north.example",
            IdentitySource(
                SourceKind.FEDERATION,
                domain="north.example",
                issuer="https://idp.north.example",
            ),
            id="a federation",
        ),
    ],
)
def test_whom_no_organization_fits_has_one_proposed(
    store: Store, who: ExternalPerson, name: str, want: IdentitySource
) -> None:
    """S-110, S-112: by how they signed in, and matched from then on."""
    where, since = office(store), last_event(store)
    request = ask(where, who)
    assert sources(store) == [(name, (want,))]
    created = [one for one in events(store, since) if one.name == "Create connected organization"]
    assert [(one.actor, one.object, one.at) for one in created] == [
        ("system", "tenants/t/connectedOrganizations/north.example", NOW)
    ]
    assert request.terms.policy.id == "a"
    snapshot = where.look(lambda unit: unit.snapshot)
    assert who.home is not None
    assert snapshot.directory.organizations_of(who.home) == (name,)


def test_there_is_one_proposal_for_each_domain(store: Store) -> None:
    """S-110: however many come, also at once and however they sign in."""
    where = office(store)
    ask(where, person("pia@north.example"))
    ask(where, person("per@NORTH.example"))
    ask(where, person("pat@north.example", SignIn.TENANT, tenant_id="t-north"))
    assert sources(store) == [("north.example", of_domain("north.example"))]
    found: list[object] = []

    def one(name: str) -> None:
        try:
            found.append(ask(where, person(f"{name}@south.example")))
        except OstiaryError as error:
            found.append(error)

    threads = [Thread(target=one, args=(name,)) for name in ("sia", "sam", "sue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(one, AccessRequest) for one in found), found
    assert [name for name, _ in sources(store)] == ["north.example", "south.example"]


def test_who_has_an_organization_already_has_none_proposed(store: Store) -> None:
    """S-110: configured or proposed; nor does who only resembles one."""
    where = office(store)
    ask(where, person("amy@acme.example", SignIn.TENANT, tenant_id="acme-tenant"))
    assert proposed(store) == []


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(
            person("pia@mail.example", SignIn.SOCIAL, identifier="4711"), id="a social account"
        ),
        pytest.param(
            person("pia@cloud.example", SignIn.OTHER_CLOUD, identifier="x"), id="another cloud"
        ),
        pytest.param(ExternalPerson("pia", mail="pia@north.example"), id="no sign-in is known"),
        pytest.param(person("pia", domain=None), id="no domain"),
        pytest.param(person("pia", SignIn.TENANT, tenant_id=None), id="no tenant"),
    ],
)
def test_an_account_that_is_one_persons_proposes_nothing(store: Store, who: ExternalPerson) -> None:
    """S-110, S-25: nothing is made of what is not known, and the request goes on."""
    ask(office(store), who)
    assert proposed(store) == []


def test_a_guest_of_the_directory_counts_too(store: Store) -> None:
    """S-110, S-33: by the home identity."""
    home = HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="north.example")
    make(store, User("gail", "Gail", PersonType.GUEST, home=home))
    ask(office(store), "gail")
    assert sources(store) == [("north.example", of_domain("north.example"))]


def test_nothing_is_proposed_by_a_trial_or_a_refusal(store: Store) -> None:
    """S-45, S-110: only when a request is accepted."""
    where = office(store)
    ask(where, person("pia@north.example"), validate_only=True)
    with pytest.raises(SubmissionRefusedError):
        ask(where, "ann")
    assert proposed(store) == []


def test_another_scope_proposes_nothing(tmp_path: Path) -> None:
    """S-110: who is in no organization is not in it."""
    opened = open_store("memory:")
    content = defining.policy(scope={"kind": "all_configured_organizations"})
    put(opened, tmp_path, content, profile="entra")
    with pytest.raises(SubmissionRefusedError) as caught:
        ask(office(opened), person("pia@north.example"))
    assert caught.value.code == "NOT_IN_SCOPE"
    assert proposed(opened) == []


def test_a_tenant_may_switch_proposals_off(tmp_path: Path) -> None:
    """S-2, S-110."""
    opened = open_store("memory:")
    content = _overriding(defining.policy(scope=ANYBODY), propose_organizations=False)
    put(opened, tmp_path, content, profile="entra")
    ask(office(opened), person("pia@north.example"))
    assert proposed(opened) == []


def _overriding(content: defining.Content, **values: Any) -> defining.Content:
    return {**content, "tenant": {**content["tenant"], "overrides": values}}


def test_a_full_list_of_organizations_stops_no_request(tmp_path: Path) -> None:
    """S-110, section 18: nothing is stored beyond the limit, and the log says so."""
    opened = open_store("memory:")
    limits = {"connected_organizations": 1}
    content = _overriding(defining.policy(scope=ANYBODY), limits=limits)
    put(opened, tmp_path, content, profile="entra")
    request = ask(office(opened), person("pia@north.example"))
    assert proposed(opened) == []
    [event] = [one for one in events(opened) if one.reason]
    assert (event.name, event.reason, event.request, event.object) == (
        "Create connected organization",
        "LIMIT_EXCEEDED",
        request.id,
        "north.example",
    )


def test_a_domain_that_is_none_stops_no_request(store: Store) -> None:
    """S-110."""
    ask(office(store), person("pia@nowhere at all"))
    assert proposed(store) == []
    assert [one.reason for one in events(store) if one.reason] == ["INVALID_MODEL"]
