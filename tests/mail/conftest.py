"""What the tests of mail share: a certificate, people, a notice."""

from __future__ import annotations

import pytest

from tests.services.certificates import Certificate, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))
