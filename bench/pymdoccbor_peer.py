"""PyPI pymdoccbor, in this process.

It gets a fresh copy of the nested values for each mdoc, because it replaces them by
tagged ones in the dict that it is given.
"""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pycose.keys.ec2 import EC2Key
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MdocCbor

from bench import goals
from bench.material import DOCTYPE, NAME_SPACE, FullDate, Issuer, elements
from bench.rounds import Here, Work

VERSION = version(goals.PYMDOCCBOR)


def subjects(
    issuer: Issuer, device: ec.EllipticCurvePublicKey, responses: Sequence[bytes], today: date
) -> tuple[Here, Here]:
    """Return its issuing and its verifying, with warm keys and certificates."""
    return (
        Here(goals.issued_by(goals.PYMDOCCBOR), _issuing(issuer, device, today)),
        Here(goals.verified_by(goals.PYMDOCCBOR), _verifying(issuer, responses)),
    )


def _issuing(issuer: Issuer, device: ec.EllipticCurvePublicKey, today: date) -> Work:
    library = MdocCborIssuer(private_key=_cose_key(issuer.key), alg="ES256")
    point = device.public_numbers()
    device_key = {
        1: 2,
        -1: 1,
        -2: point.x.to_bytes(32, "big"),
        -3: point.y.to_bytes(32, "big"),
    }
    values = {name: _plain(value) for name, value in elements().items()}
    privileges = values.pop("driving_privileges")
    validity = {
        "issuance_date": today.isoformat(),
        "expiry_date": today.replace(year=today.year + 1, day=1).isoformat(),
    }

    def issue(_count: int) -> bytes:
        fresh = {**values, "driving_privileges": [dict(one) for one in privileges]}
        library.new(
            data={NAME_SPACE: fresh},
            doctype=DOCTYPE,
            validity=validity,
            # The library reads a dict with these labels as a COSE_Key and writes it back.
            devicekeyinfo=dict(device_key),
            x509_chain=[issuer.certificate],
        )
        encoded: bytes = library.dump()
        return encoded

    return issue


def _verifying(issuer: Issuer, responses: Sequence[bytes]) -> Work:
    roots = [issuer.root]

    def verify(count: int) -> None:
        mdoc = MdocCbor()
        mdoc.loads(responses[count % len(responses)])
        assert mdoc.verify(roots)

    return verify


def _cose_key(key: ec.EllipticCurvePrivateKey) -> EC2Key:
    numbers = key.private_numbers()
    point = numbers.public_numbers
    return EC2Key(
        crv="P_256",
        x=point.x.to_bytes(32, "big"),
        y=point.y.to_bytes(32, "big"),
        d=numbers.private_value.to_bytes(32, "big"),
        optional_params={"ALG": "ES256"},
    )


def _plain(value: Any) -> Any:
    """Write dates as texts: the library tags the ones that it knows by their names."""
    if isinstance(value, FullDate):
        return value.text
    if isinstance(value, list):
        return [{name: _plain(item) for name, item in one.items()} for one in value]
    return value
