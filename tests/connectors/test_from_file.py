"""From a file to real systems, and the document against what the code takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from standardwebhooks import WebhookVerificationError

from ostiary.adapters.clock import SystemClock
from ostiary.adapters.connectors.configuration import load_connectors
from ostiary.adapters.connectors.registry import connect
from ostiary.adapters.store.opening import open_store
from ostiary.domain.people import Group, User
from ostiary.lifecycle.ports import Definition, DefinitionKind, Delivery, Membership
from ostiary.operations.documents import encode
from ostiary.rulebook.connector_model import ConnectorsText, ConnectorText
from ostiary.rulebook.places import rules_dir
from tests.connectors.systems import ADA, CREW, SIGNING, Receiver, member_of, role_in, secret_in
from tests.services.http_server import Asked, answer, http_server
from tests.services.scim import scim_server
from tests.services.slapd import (
    GROUPS,
    OSTIARY,
    PASSWORD,
    PEOPLE,
    group_ldif,
    person_ldif,
    slapd,
)
from tests.unit.test_tenant_schemas import unknown_names

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "connectors.md"


def test_one_file_leads_to_every_kind_of_system(tmp_path: Path) -> None:
    receiver = Receiver()
    with (
        scim_server() as scim,
        slapd(tmp_path / "slapd") as ldap,
        http_server(receiver.respond) as hook,
    ):
        ldap.add(person_ldif(ADA.id))
        ldap.add(group_ldif("ldap-crew", "cn=nobody"))
        secret_in(tmp_path, scim.token, "token")
        secret_in(tmp_path, SIGNING, "signing")
        secret_in(tmp_path, PASSWORD, "password")
        file = tmp_path / "connectors.yaml"
        file.write_text(
            f"""
            connectors:
              - {{id: crm, kind: scim, url: "{scim.url}", token_file: token}}
              - {{id: desk, kind: webhook, url: "{hook.url}", secret_file: signing}}
              - id: ad
                kind: ldap
                url: {ldap.url}
                start_tls: no
                bind_dn: "{OSTIARY}"
                password_file: password
                people_base: "{PEOPLE}"
                groups_base: "{GROUPS}"
            routes:
              - {{connector: crm, kinds: [application], targets: [crm]}}
              - {{connector: desk, kinds: [application]}}
              - {{connector: ad, kinds: [group], targets: ["ldap-*"]}}
            """,
            encoding="utf-8",
        )
        store = open_store("memory:")
        with store.transaction() as work:
            work.next_revision(SystemClock().now(), actor="test")
            for kind, noun in (
                (DefinitionKind.GROUP, Group(CREW, "Crew")),
                (DefinitionKind.USER, User(ADA.id, ADA.name)),
            ):
                work.put_definition(Definition(kind=kind, id=noun.id, body=encode(kind, noun)))
        made = connect(
            load_connectors(file).configuration,
            store=store,
            clock=SystemClock(),
            source="/tenants/tailwind",
            most_members=lambda: 50_000,
        )
        rights = [role_in("crm"), role_in("desk"), member_of("ldap-crew"), member_of(CREW)]
        for right in rights:
            assert (
                made.of(right).grant(ADA, right, key=f"grant {right.key}").result is Delivery.DONE
            )
        user = scim.user_of(ADA.id)
        assert user is not None
        assert user["roles"] == [{"value": "crm/Admin"}]
        assert receiver.rights == [("ada", "desk", "Admin")]
        assert ldap.members("ldap-crew") == [f"uid=ada,{PEOPLE}"]
        with store.reading() as work:
            assert list(work.memberships()) == [Membership(CREW, "ada")]
        for right in rights:
            assert made.of(right).revoke(ADA, right, key=f"take {right.key}").result in {
                Delivery.DONE,
                Delivery.ALREADY,
            }
        user = scim.user_of(ADA.id)
        assert user is not None
        assert not user.get("roles")
        assert receiver.rights == []
        assert ldap.members("ldap-crew") == ["cn=nobody"]
        with store.reading() as work:
            assert list(work.memberships()) == []
        made.close()
        store.close()


def blocks(language: str) -> list[str]:
    """The blocks of one language in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_file_of_the_document_loads(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("crm-token", "desk-signing", "extensions-signing"):
        secret_in(tmp_path / "secrets", SIGNING, name)
    (example,) = blocks("yaml")
    file = tmp_path / "connectors.yaml"
    file.write_text(example, encoding="utf-8")
    loaded = load_connectors(file)
    assert loaded.warnings == ()
    assert list(loaded.configuration.connectors) == ["crm", "desk"]
    assert loaded.configuration.extensions is not None


def test_the_document_and_the_schema_name_every_field(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for record in (ConnectorsText, ConnectorText):
        assert [name for name in record.fields if not re.search(rf"[`\n]{name}[`:]", text)] == []
    schema = json.loads((rules_dir() / "schemas" / "connectors.schema.json").read_text("utf-8"))
    assert list(unknown_names(yaml.safe_load(blocks("yaml")[0]), schema, schema)) == []
    assert list(unknown_names({"routes": [{"kind": []}]}, schema, schema)) == ["kind"]
    assert set(schema["$defs"]["Connector"]["properties"]) == set(ConnectorText.fields)


def told(folder: Path) -> Asked:
    """What a receiver in a file of connectors is told of a grant."""
    with http_server(answer(200)) as server:
        secret_in(folder, SIGNING, "signing")
        file = folder / "connectors.yaml"
        line = f'- {{id: desk, kind: webhook, url: "{server.url}", secret_file: signing}}'
        file.write_text(f"connectors:\n  {line}\nroutes: [{{connector: desk}}]\n", encoding="utf-8")
        made = connect(
            load_connectors(file).configuration,
            store=open_store("memory:"),
            clock=SystemClock(),
            source="/tenants/tailwind",
            most_members=lambda: None,
        )
        made.of(role_in("crm")).grant(ADA, role_in("crm"), key="1")
        made.close()
    (asked,) = server.asked
    return asked


def test_the_check_of_a_signature_in_the_document_works(tmp_path: Path) -> None:
    (snippet,) = blocks("python")
    names: dict[str, Any] = {}
    exec(snippet, names)
    asked = told(tmp_path)
    event = names["receive"](dict(asked.headers), asked.body, SIGNING)
    assert (event["type"], event["subject"]) == ("ostiary.v1.grant", "ada")
    with pytest.raises(WebhookVerificationError):
        names["receive"](dict(asked.headers), asked.body + b" ", SIGNING)


def test_the_event_of_the_document_has_the_fields_of_ours(tmp_path: Path) -> None:
    (shown,) = blocks("json")
    assert shape(json.loads(shown)) == shape(told(tmp_path).json())


def shape(value: Any) -> Any:
    """The names in a value, all the way down."""
    return {name: shape(one) for name, one in value.items()} if isinstance(value, dict) else None


def test_models_of_scim_and_ldap_are_imported_only_where_they_are_used() -> None:
    """They take most of a second, and few servers need both."""
    script = (
        "import sys; import ostiary.adapters.connectors.configuration; "
        "print([n for n in ('scim2_models', 'ldap3', 'pydantic') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
