"""A certificate names where the list of what was withdrawn is, and there it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.issuance.routes.metadata import revocation_lists
from jiazhao.trust import UNSAFE_PLAIN, KeyStore, Trust, TrustPlan
from jiazhao.trust.folder import KeyFolder
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.lifecycle import USUAL, Lifecycle

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ISSUER = "https://licence.example"
SIGNERS = [role for role in Role if not role.is_root]


def trust_of(folder: Path, *roles: Role) -> Trust:
    keys = Lifecycle(KeyFolder(folder, UNSAFE_PLAIN), TrustPlan(ISSUER))
    keys.make([*USUAL, *roles], NOW)
    return KeyStore(folder, UNSAFE_PLAIN).load(now=NOW)


def doors(trust: Trust) -> TestClient[Litestar]:
    given = {"trust": Provide(lambda: trust, sync_to_thread=False)}
    return TestClient(
        Litestar(list(revocation_lists), dependencies=given, exception_handlers=EXCEPTION_HANDLERS)
    )


def named_by(certificate: x509.Certificate) -> str:
    extension = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    (point,) = extension.value
    assert point.full_name is not None
    (name,) = point.full_name
    return str(name.value)


@pytest.mark.parametrize("role", SIGNERS)
def test_the_list_is_where_the_certificate_says(tmp_path: Path, role: Role) -> None:
    trust = trust_of(tmp_path / "keys", role)
    certificate = trust.signers[role].certificate
    address = named_by(certificate)
    assert address.startswith(f"{ISSUER}/")

    with doors(trust) as client:
        answer = client.get(address.removeprefix(ISSUER))

    assert answer.headers["content-type"] == "application/pkix-crl"
    found = x509.load_der_x509_crl(answer.content)
    assert found.issuer == certificate.issuer
    assert list(found) == []


def test_a_root_that_is_not_here_has_no_list(tmp_path: Path) -> None:
    with doors(trust_of(tmp_path / "keys")) as client:
        names = ("iaca", "reader", "wallet", "other")
        found = [client.get(f"/trust/{name}.crl").status_code for name in names]

    assert found == [200, 404, 404, 404]
