"""What the store keeps of a tenant gives back exactly that tenant (S-46)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import Definition
from ostiary.operations.documents import (
    documents_of,
    loaded_profile,
    memberships_of,
    owners_of,
    tenant_document,
)
from ostiary.operations.replica import Replica
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.tenant_digest import digest_of
from ostiary.rulebook.tenant_files import load_tenant
from tests.properties.dice import NOW, Dice
from tests.properties.worlds import make_tenant
from tests.unit import defining

replace = msgspec.structs.replace


def ordered(tenant: Tenant) -> Tenant:
    """The tenant with its lists in the loader's order, which random worlds do not keep."""
    return replace(
        tenant,
        groups=tuple(
            replace(one, users=tuple(sorted(one.users)), groups=tuple(sorted(one.groups)))
            for one in tenant.groups
        ),
        catalogs=tuple(
            replace(
                catalog,
                packages=tuple(
                    replace(
                        package,
                        policies=tuple(
                            sorted(package.policies, key=lambda one: (one.name, one.id))
                        ),
                    )
                    for package in sorted(catalog.packages, key=lambda one: one.id)
                ),
            )
            for catalog in tenant.catalogs
        ),
    )


def there_and_back(tenant: Tenant) -> Tenant | None:
    """The tenant from its documents in a store."""
    store = open_store("memory:")
    with store.transaction() as tx:
        revision = tx.next_revision(NOW, actor="ann")
        for key, body in documents_of(tenant):
            tx.put_definition(
                Definition(
                    kind=key.kind, within=key.within, id=key.id, body=body, revision=revision
                )
            )
        for group in tenant.groups:
            for member in memberships_of(group):
                tx.add_membership(member)
        for catalog in tenant.catalogs:
            for owner in owners_of(catalog):
                tx.add_role(owner)
    with store.reading() as tx:
        return Replica(tx).tenant


@pytest.mark.parametrize("size", range(1, 9))
def test_random_tenants_come_back_as_they_were(size: int) -> None:
    for seed in range(40):
        tenant = ordered(make_tenant(Dice(seed, size)))
        back = there_and_back(tenant)
        assert back is not None
        assert back == replace(tenant, digest=digest_of(tenant))


@pytest.mark.parametrize(
    "folder", sorted((rules_dir() / "examples").iterdir()), ids=lambda path: path.name
)
def test_shipped_examples_come_back_as_they_were(folder: Path) -> None:
    tenant = load_tenant(folder).tenant
    assert there_and_back(tenant) == tenant


def test_what_a_tenant_says_of_its_profile_comes_back(tmp_path: Path) -> None:
    content = defining.tenant(
        profile="entra",
        overrides={
            "default_duration": "P60D",
            "quarterly": "P91D",
            "show_out_of_scope": False,
            "limits": {"approval_stages": 2, "packages_per_catalog": "unlimited"},
            "text_limits": {"name": 100},
        },
        settings={"known_tenants": [{"tenant_id": "x-1", "domains": ["x.example"]}]},
    )
    loaded = defining.load(tmp_path, content)
    (_, body), *_ = documents_of(
        loaded.tenant, overrides=loaded.overrides, known_domains=loaded.known_domains
    )
    document = tenant_document(body)
    assert document.profile == loaded.tenant.profile
    assert document.known_domains == {"x.example": "x-1"}
    profile = loaded_profile(body)
    assert profile.profile == loaded.tenant.profile
    assert profile.quarterly.every is not None
    assert profile.quarterly.every.days == 91


def test_a_profile_stored_before_it_had_a_value_takes_the_shipped_one(tmp_path: Path) -> None:
    tenant = defining.loaded(tmp_path, defining.overrides(default_duration="P60D"))
    (_, body), *_ = documents_of(tenant)
    stored = msgspec.json.decode(body)
    del stored["profile"]["review_window"], stored["profile"]["limits"]["group_members"]
    assert tenant_document(msgspec.json.encode(stored)).profile == tenant.profile


def test_a_store_without_a_tenant_holds_none() -> None:
    with open_store("memory:").reading() as tx:
        assert Replica(tx).tenant is None
