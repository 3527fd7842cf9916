"""What only SCIM has: how people and groups are found, how full a group is, what may fail."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.adapters.connectors.http_calls import Patience
from ostiary.adapters.connectors.scim import ScimConnector
from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.connectors.settings import (
    GroupKey,
    GuestAccounts,
    RoleAttribute,
    RoleValue,
    ScimSettings,
    UserName,
)
from ostiary.domain.access_request import ExternalPerson
from ostiary.lifecycle.ports import Delivered, Delivery, Holder
from tests.connectors.systems import ADA, BEN, CREW, GAST, member_of, role_in, secret_in
from tests.services.http_server import Asked, Respond, answer, http_server
from tests.services.scim import TOKEN, ScimServer, scim_server

HASTE = Patience(connect=0.5, silence=0.5, whole=1.0)


@pytest.fixture(scope="module")
def running() -> Iterator[ScimServer]:
    """One server for all tests of this module."""
    with scim_server() as server:
        yield server


@pytest.fixture
def server(running: ScimServer) -> ScimServer:
    """The server without anything in it."""
    for kind in ("Users", "Groups"):
        for one in running.ask("GET", f"/{kind}").get("Resources", []):
            running.ask("DELETE", f"/{kind}/{one['id']}")
    return running


def connector(server: ScimServer, folder: Path, **settings: Any) -> ScimConnector:
    """A connector of the server."""
    token = secret_in(folder, server.token)
    return ScimConnector(ScimSettings(url=server.url, token=token, **settings))


# who is who


def test_an_account_is_made_with_what_is_known(server: ScimServer, tmp_path: Path) -> None:
    connector(server, tmp_path).grant(ADA, role_in("crm"), key="1")
    made = server.user_of("ada")
    assert made is not None
    wanted = {
        "userName": "ada@tailwind.example",
        "displayName": "Ada Lovelace",
        "active": True,
        "emails": [{"value": "ada@tailwind.example", "primary": True}],
        "roles": [{"value": "crm/Admin"}],
    }
    assert {name: made.get(name) for name in wanted} == wanted
    assert "userType" not in made


def test_who_has_no_mail_goes_by_id(server: ScimServer, tmp_path: Path) -> None:
    connector(server, tmp_path).grant(BEN, role_in("crm"), key="1")
    assert [user["userName"] for user in server.users()] == ["ben"]


def test_names_can_be_ids(server: ScimServer, tmp_path: Path) -> None:
    connector(server, tmp_path, user_name=UserName.ID).grant(ADA, role_in("crm"), key="1")
    assert [user["userName"] for user in server.users()] == ["ada"]


def test_a_mail_that_scim_does_not_take_stays_away(server: ScimServer, tmp_path: Path) -> None:
    odd = Holder("odd", "Odd", "odd@host.local")
    assert connector(server, tmp_path).grant(odd, role_in("crm"), key="1").result is Delivery.DONE
    (made,) = server.users()
    assert made["userName"] == "odd@host.local"
    assert "emails" not in made


def test_an_account_of_the_same_name_is_taken_over(server: ScimServer, tmp_path: Path) -> None:
    """And found again when the person's mail address is another one, or a right would stay."""
    there = server.user("ADA@tailwind.example", displayName="A. L.")
    group = server.group(CREW)
    made = connector(server, tmp_path)
    assert made.grant(ADA, member_of(group), key="1").result is Delivery.DONE
    assert server.members(group) == [there]
    renamed = Holder("ada", "Ada King", "king@tailwind.example")
    assert made.revoke(renamed, member_of(group), key="2").result is Delivery.DONE
    assert server.members(group) == []
    assert [user["id"] for user in server.users()] == [there]


def test_an_account_of_somebody_else_is_never_given_anything(
    server: ScimServer, tmp_path: Path
) -> None:
    server.user("ada@tailwind.example", externalId="another-ada")
    group = server.group(CREW)
    for entry in (member_of(group), role_in("crm")):
        got = connector(server, tmp_path).grant(ADA, entry, key="1")
        assert (got.result, got.failure) == (Delivery.FAILED, "")
        assert "belongs to externalId `another-ada`" in got.text
    assert server.members(group) == []
    assert "roles" not in server.users()[0]


def test_ids_are_compared_to_the_letter(server: ScimServer, tmp_path: Path) -> None:
    server.user("other", externalId="ADA")
    connector(server, tmp_path).grant(ADA, role_in("crm"), key="1")
    assert {user["externalId"]: "roles" in user for user in server.users()} == {
        "ADA": False,
        "ada": True,
    }


def test_ids_and_names_with_quotes_find_only_themselves(server: ScimServer, tmp_path: Path) -> None:
    server.user("victim", externalId="victim")
    sly = Holder('x" or userName eq "victim', "Sly", None)
    made = connector(server, tmp_path)
    assert made.grant(sly, role_in('crm" or value pr', "A"), key="1").result is Delivery.DONE
    assert made.grant(ADA, role_in("crm"), key="2").result is Delivery.DONE
    assert made.revoke(sly, role_in('crm" or value pr', "A"), key="3").result is Delivery.DONE
    by_id = {user["externalId"]: user for user in server.users()}
    assert "roles" not in by_id["victim"]
    assert by_id["ada"]["roles"] == [{"value": "crm/Admin"}]
    assert not by_id[sly.id].get("roles")


# groups and roles


@pytest.mark.parametrize("key", GroupKey, ids=[key.value for key in GroupKey])
def test_how_groups_are_found(server: ScimServer, tmp_path: Path, key: GroupKey) -> None:
    group = server.group("The Crew", externalId="crew-7")
    server.group("Another Crew", externalId="crew-8")
    name = {"id": group, "externalId": "crew-7", "displayName": "the crew"}[key.value]
    made = connector(server, tmp_path, groups_by=key)
    assert made.grant(ADA, member_of(name), key="1").result is Delivery.DONE
    assert len(server.members(group)) == 1
    assert made.revoke(ADA, member_of(name), key="2").result is Delivery.DONE
    assert server.members(group) == []
    assert made.grant(ADA, member_of("nobody"), key="3").failure == "RESOURCE_GONE"
    assert made.revoke(ADA, member_of("nobody"), key="4").result is Delivery.ALREADY


def test_two_groups_of_one_name_are_nobodys(server: ScimServer, tmp_path: Path) -> None:
    groups = [server.group(CREW), server.group(CREW)]
    got = connector(server, tmp_path, groups_by=GroupKey.DISPLAY_NAME).grant(
        ADA, member_of(CREW), key="1"
    )
    assert (got.result, got.text) == (Delivery.FAILED, "2 groups have displayName `crew`")
    assert [server.members(group) for group in groups] == [[], []]


def test_nobody_can_own_a_group(server: ScimServer, tmp_path: Path) -> None:
    group = server.group(CREW)
    owner = type(member_of(group))("res", "Owner", member_of(group).kind, group)
    got = connector(server, tmp_path).grant(ADA, owner, key="1")
    assert (got.result, got.failure) == (Delivery.FAILED, "")
    assert server.members(group) == []


def test_a_group_takes_as_many_as_it_may_and_no_more(server: ScimServer, tmp_path: Path) -> None:
    """S-93."""
    group = server.group(CREW)
    made = connector(server, tmp_path, most_members=2)
    people = [Holder(f"p{number}") for number in range(3)]
    answers = [made.grant(person, member_of(group), key=person.id) for person in people]
    assert [one.result for one in answers] == [Delivery.DONE, Delivery.DONE, Delivery.FAILED]
    assert answers[2].failure == "LIMIT_EXCEEDED"
    assert answers[2].parameters == (("name", "group_members"), ("max", "2"))
    assert made.grant(people[0], member_of(group), key="x").result is Delivery.ALREADY
    made.revoke(people[0], member_of(group), key="y")
    assert made.grant(people[2], member_of(group), key="z").result is Delivery.DONE
    assert len(server.members(group)) == 2


def test_members_need_not_be_read(server: ScimServer, tmp_path: Path) -> None:
    group = server.group(CREW)
    made = connector(server, tmp_path, read_members=False)
    assert [made.grant(ADA, member_of(group), key=key).result for key in "12"] == [
        Delivery.DONE,
        Delivery.DONE,
    ]
    assert len(server.members(group)) == 1
    assert made.grant(ADA, member_of("gone"), key="3").failure == "RESOURCE_GONE"


def test_roles_can_be_entitlements_and_plain(server: ScimServer, tmp_path: Path) -> None:
    made = connector(
        server, tmp_path, roles_in=RoleAttribute.ENTITLEMENTS, role_value=RoleValue.ROLE
    )
    made.grant(ADA, role_in("crm", "User"), key="1")
    made.grant(ADA, role_in("crm", "Admin"), key="2")
    made.revoke(ADA, role_in("crm", "User"), key="3")
    found = server.user_of("ada")
    assert found is not None
    assert found["entitlements"] == [{"value": "Admin"}]
    assert "roles" not in found


# guests


def test_a_guest_waits_for_the_first_grant(server: ScimServer, tmp_path: Path) -> None:
    """S-115."""
    made = connector(server, tmp_path)
    got = made.make_guest(ExternalPerson("gast", GAST.mail), key="1")
    assert (got.result, server.users()) == (Delivery.DONE, [])
    made.grant(GAST, role_in("crm"), key="2")
    found = server.user_of("gast")
    assert found is not None
    assert found["userType"] == "governed guest"


def test_a_guest_whom_we_blocked_comes_in_again(server: ScimServer, tmp_path: Path) -> None:
    made = connector(server, tmp_path, guests=GuestAccounts.AT_ONCE)
    person = ExternalPerson("gast", GAST.mail)
    made.make_guest(person, key="1")
    made.block_guest(GAST, key="2")
    assert made.make_guest(person, key="3").result is Delivery.DONE
    found = server.user_of("gast")
    assert found is not None
    assert found["active"] is True


def test_a_member_is_no_guest_to_clean_up(server: ScimServer, tmp_path: Path) -> None:
    """S-116."""
    made = connector(server, tmp_path)
    made.grant(ADA, role_in("crm"), key="1")
    for end in (made.block_guest, made.delete_guest):
        assert "left alone" in end(ADA, key="2").text
    found = server.user_of("ada")
    assert found is not None
    assert found["active"] is True


# tokens


def test_a_wrong_token_is_a_lack_of_permission(server: ScimServer, tmp_path: Path) -> None:
    token = secret_in(tmp_path, "wrong-token")
    made = ScimConnector(ScimSettings(url=server.url, token=token))
    got = made.grant(ADA, role_in("crm"), key="1")
    assert (got.result, got.failure) == (Delivery.FAILED, "INSUFFICIENT_PERMISSION")
    assert "wrong-token" not in repr(got)


def test_a_new_token_needs_no_restart(server: ScimServer, tmp_path: Path) -> None:
    token = secret_in(tmp_path, "old")
    made = ScimConnector(ScimSettings(url=server.url, token=token))
    assert made.grant(ADA, role_in("crm"), key="1").failure == "INSUFFICIENT_PERMISSION"
    secret_in(tmp_path, TOKEN)
    assert made.grant(ADA, role_in("crm"), key="1").result is Delivery.DONE


def test_a_token_can_be_in_the_environment(
    server: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_TOKEN", TOKEN)
    made = ScimConnector(ScimSettings(url=server.url, token=Secret(variable="SCIM_TOKEN")))
    assert made.grant(ADA, role_in("crm"), key="1").result is Delivery.DONE
    monkeypatch.delenv("SCIM_TOKEN")
    got = made.grant(ADA, role_in("crm"), key="2")
    assert (got.result, got.failure) == (Delivery.RETRY, "")
    assert got.text == "the token cannot be read: environment variable SCIM_TOKEN is not set"


# what may come back instead


def ask(respond: Respond | bytes, folder: Path, kind: str = "grant") -> Delivered:
    """What a connector makes of a server's answer to everything."""
    token = secret_in(folder, "tok-3f9")
    with http_server(respond) as server:
        made = ScimConnector(ScimSettings(url=server.url, token=token, patience=HASTE))
        try:
            call = made.grant if kind == "grant" else made.revoke
            got = call(ADA, member_of("g1"), key="1")
        finally:
            made.close()
    assert "tok-3f9" not in repr(got)
    return got


ERROR = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
    "detail": "you sent Bearer tok-3f9\nwhich I echo",
}


@pytest.mark.parametrize(
    ("respond", "result", "failure", "words"),
    [
        pytest.param(answer(401, ERROR), "failed", "INSUFFICIENT_PERMISSION", "[hidden]", id="401"),
        pytest.param(answer(403, b"no"), "failed", "INSUFFICIENT_PERMISSION", "403", id="403"),
        pytest.param(answer(400, ERROR), "failed", "", "which I echo", id="400 with a reason"),
        pytest.param(answer(404, ERROR), "failed", "", "404", id="404 at a wrong address"),
        pytest.param(answer(410), "failed", "", "410", id="410 of the server as a whole"),
        pytest.param(answer(429), "retry", "", "429", id="429"),
        pytest.param(answer(500, b"<html>"), "retry", "", "500", id="500 of a proxy"),
        pytest.param(answer(503, ERROR), "retry", "", "503", id="503"),
        pytest.param(answer(302, location="/login"), "failed", "", "redirects", id="a login page"),
        pytest.param(answer(200, b"<html>", kind="text/html"), "retry", "", "no SCIM", id="HTML"),
        pytest.param(answer(200, b"<html>"), "retry", "", "no SCIM", id="HTML that says JSON"),
        pytest.param(answer(200, []), "retry", "", "no SCIM", id="a JSON list"),
        pytest.param(answer(200, {"Resources": 7}), "retry", "", "no SCIM", id="no resources"),
        pytest.param(answer(200, {"Resources": [7]}), "retry", "", "no SCIM", id="a number"),
        pytest.param(answer(200, b"[" * 10**5), "retry", "", "no SCIM", id="a deep hole"),
        pytest.param(answer(204), "retry", "", "no SCIM", id="nothing"),
        pytest.param(lambda *_: None, "retry", "", "stopped", id="a closed connection"),
        pytest.param(
            answer(200, {"Resources": [{"externalId": "ada"}]}), "failed", "", "no id", id="no id"
        ),
        pytest.param(
            answer(200, {"Resources": [{"externalId": "ada", "id": name} for name in "12"]}),
            "failed",
            "",
            "2 users have externalId `ada`",
            id="two people of one id",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["grant", "revoke"])
def test_an_answer_that_is_none(
    respond: Respond | bytes, result: str, failure: str, words: str, kind: str, tmp_path: Path
) -> None:
    got = ask(respond, tmp_path, kind)
    assert (got.result, got.failure) == (Delivery(result), failure), got
    assert words in got.text
    assert "\n" not in got.text


def test_how_long_to_wait_is_told(tmp_path: Path) -> None:
    assert ask(answer(429, retry_after="17"), tmp_path).retry_after == 17
    assert ask(answer(503, retry_after="soon"), tmp_path).retry_after is None


def test_a_server_that_is_silent_or_away_is_tried_again(tmp_path: Path) -> None:
    def silent(_: Asked, connection: socket.socket) -> None:
        connection.recv(1)

    assert ask(silent, tmp_path).result is Delivery.RETRY
    made = ScimConnector(ScimSettings(url="http://127.0.0.1:9/v2", patience=HASTE))
    assert made.grant(ADA, role_in("crm"), key="1").result is Delivery.RETRY


def test_all_questions_of_a_grant_share_its_time(tmp_path: Path) -> None:
    """Each answer comes before silence is too long; all of them together do not."""

    def slow(asked: Asked, _: object) -> bytes:
        time.sleep(0.4)
        return answer(200, {"Resources": []})

    begun = time.monotonic()
    assert ask(slow, tmp_path).result is Delivery.RETRY
    assert time.monotonic() - begun < 1.5


def pretends(found: list[dict[str, Any]], changed: bytes) -> Respond:
    """A server that ignores every filter, and answers each change alike."""

    def respond(asked: Asked, _: object) -> bytes:
        if asked.method == "GET":
            return answer(200, {"Resources": found, "members": []})
        return changed

    return respond


def test_a_server_that_ignores_filters_gives_nobody_elses_account(tmp_path: Path) -> None:
    everybody = [{"id": "1", "externalId": "zoe", "userName": "zoe"}, {"id": "2", "userName": "y"}]
    asked: list[Asked] = []
    respond = pretends(everybody, answer(409))
    with http_server(respond) as server:
        made = ScimConnector(ScimSettings(url=server.url, patience=HASTE))
        got = made.grant(ADA, member_of("g"), key="1")
        asked = server.asked
    assert got.result is Delivery.FAILED
    assert [one.path for one in asked if one.method != "GET"] == ["/Users"]
    assert made.revoke(ADA, member_of("g"), key="2").result is Delivery.RETRY


def test_a_revocation_does_not_believe_what_it_reads(tmp_path: Path) -> None:
    """A server that keeps members to itself is told to remove one all the same."""
    ada = {"id": "7", "externalId": "ada", "userName": "ada"}
    with http_server(pretends([ada], answer(204))) as server:
        made = ScimConnector(ScimSettings(url=server.url, patience=HASTE))
        for entry in (member_of("g"), role_in("crm")):
            assert made.revoke(ADA, entry, key="1").result is Delivery.DONE
        changes = [json.loads(one.body)["Operations"] for one in server.asked if one.body]
    assert [one["path"] for (one,) in changes] == [
        'members[value eq "7"]',
        'roles[value eq "crm/Admin"]',
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["ada", "7"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Resources", "id", "externalId", "userName", "members", "value", "roles"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = st.one_of(JSON, JSON.map(lambda one: {"Resources": [one]}), st.binary(max_size=40))
STATUSES = st.sampled_from([200, 201, 204, 400, 403, 404, 409, 412, 429, 500])
ANSWERS = st.lists(st.tuples(STATUSES, BODIES), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(answers=ANSWERS, group=st.booleans(), granting=st.booleans())
def test_whatever_a_server_answers_is_sorted_and_no_change_is_made_up(
    answers: list[tuple[int, Any]], group: bool, granting: bool
) -> None:
    """Nothing is raised; "done" is said only after a change was sent and answered with 2xx."""
    told = iter(answers * 3)
    changes: list[int] = []

    def respond(asked: Asked, _: object) -> bytes:
        status, body = next(told, (500, b""))
        if asked.method == "PATCH":
            changes.append(status)
        return answer(status, body)

    with http_server(respond) as server:
        made = ScimConnector(ScimSettings(url=server.url, patience=HASTE))
        call = made.grant if granting else made.revoke
        got = call(ADA, member_of("g") if group else role_in("crm"), key="1")
        made.close()
    assert isinstance(got.result, Delivery)
    if got.result is Delivery.DONE:
        assert changes
        assert 200 <= changes[-1] < 300
    if got.result is Delivery.RETRY:
        assert got.failure == ""


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        pytest.param(404, ERROR, "already", id="the group is gone"),
        pytest.param(400, {**ERROR, "scimType": "noTarget"}, "already", id="no such member"),
        pytest.param(400, {**ERROR, "scimType": "invalidPath"}, "failed", id="not understood"),
        pytest.param(403, ERROR, "failed", id="not allowed"),
        pytest.param(500, ERROR, "retry", id="broken"),
    ],
)
def test_what_a_refused_revocation_means(
    status: int, body: object, result: str, tmp_path: Path
) -> None:
    ada = {"id": "7", "externalId": "ada", "userName": "ada"}
    with http_server(pretends([ada], answer(status, body))) as server:
        made = ScimConnector(ScimSettings(url=server.url, patience=HASTE))
        for entry in (member_of("g"), role_in("crm")):
            assert made.revoke(ADA, entry, key="1").result is Delivery(result)


def test_no_token_gets_into_the_log(
    server: ScimServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector(server, tmp_path).grant(ADA, role_in("crm"), key="1")
    ours = [one for one in caplog.records if one.name.split(".")[0] in {"ostiary", "httpx"}]
    assert ours
    assert TOKEN not in " ".join(one.getMessage() for one in ours)
    assert TOKEN not in repr(ScimSettings(url="https://x.example", token=Secret(tmp_path / "x")))
