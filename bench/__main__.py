"""`python -m bench`: how fast the credential formats are, against their limits and peers.

Exits with 1 if a goal that must be met is not.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import cryptography
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Console
from rich.progress import Progress

from bench import (
    goals,
    keys,
    material,
    npm_peers,
    ours,
    over_http,
    pymdoccbor_peer,
    report,
    sd_jwt_peer,
    sizes,
)
from bench.rounds import Here, Measured, Subject, measure
from tests.interop import holder

HOLDERS = 16
"""How many holders take turns, so that nothing about one holder stays warm."""

SESSION = holder.Session("x509_san_dns:rental.example", "a" * 43, "https://rental.example/answer")


def main() -> int:
    """Measure, print, and return the exit status."""
    arguments = _arguments()
    rounds, seconds = (2, 0.01) if arguments.quick else (arguments.rounds, arguments.seconds)
    with ExitStack() as stack:
        subjects, versions = _subjects(stack, material.clock())
        measured = _measure(subjects, rounds=rounds, seconds=seconds)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuing = over_http.measure(folder, quick=arguments.quick)
        loaded = sizes.measure(folder)
    Console().print(report.table(measured))
    print(f"Ratios are medians of the ratios within {rounds} interleaved rounds of {seconds} s.")
    print("\n" + "\n".join(issuing.lines()))
    print("\n" + "\n".join(loaded.lines()))
    if arguments.json is not None:
        result = report.as_json(measured, versions, rounds=rounds, seconds=seconds)
        result["issuing_over_http"] = issuing.as_json()
        result["apps_over_the_wire"] = loaded.as_json()
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    if arguments.quick:
        print("A quick run only shows that everything runs: its ratios mean nothing.")
        return 0
    return 1 if report.missed(measured) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (15)")
    parser.add_argument("--seconds", type=float, default=0.2, help="work in each round (0.2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    parser.add_argument("--quick", action="store_true", help="a smoke run that judges nothing")
    return parser.parse_args()


def _subjects(stack: ExitStack, now: datetime) -> tuple[list[Subject], dict[str, str]]:
    """Make every subject ready; return them with the versions of what they use."""
    issuer = material.Issuer.new(now)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    devices = [ec.generate_private_key(ec.SECP256R1()) for _ in range(HOLDERS)]
    issuing = ours.issuing(issuer, [device.public_key() for device in devices], now)
    issued = [issuing(count) for count in range(HOLDERS)]
    transcript = SESSION.transcript()
    shown = list(zip(issued, devices, strict=True))
    everything = [holder.device_response(one, key, transcript) for one, key in shown]
    few = [(material.NAME_SPACE, name) for name in material.DISCLOSED_FEW]
    little = [holder.device_response(one, key, transcript, few) for one, key in shown]
    issuing_sd_jwt = ours.issuing_sd_jwt(issuer, [device.public_key() for device in devices], now)
    bound = [
        holder.key_bound(
            issuing_sd_jwt(count).decode(),
            device,
            audience=SESSION.client_id,
            nonce=SESSION.nonce,
            issued_at=int(now.timestamp()),
        )
        for count, device in enumerate(devices)
    ]
    binding = (SESSION.client_id, SESSION.nonce, now)
    given = _given_to_npm(issuer, devices[0].public_key(), everything, now)
    peers = [stack.enter_context(npm_peers.started(peer, given)) for peer in npm_peers.MODULES]
    subjects: list[Subject] = [
        *_limits(issuer.key),
        *keys.on_token(issuer, [device.public_key() for device in devices], folder, now),
        *keys.on_sm2(),
        Here(goals.ISSUE, issuing),
        Here(goals.VERIFY_ALL, ours.verifying(issuer, everything, transcript, now)),
        Here(goals.VERIFY_FEW, ours.verifying(issuer, little, transcript, now)),
        Here(goals.SD_ISSUE, issuing_sd_jwt),
        Here(goals.SD_VERIFY, ours.verifying_sd_jwt(issuer, bound, *binding)),
        *sd_jwt_peer.subjects(issuer, devices[0].public_key(), bound, *binding),
        *pymdoccbor_peer.subjects(issuer, devices[0].public_key(), everything, now.date()),
        *(subject for peer in peers for subject in peer.subjects()),
    ]
    versions = {peer.peer: peer.version for peer in peers}
    versions[goals.PYMDOCCBOR] = pymdoccbor_peer.VERSION
    versions[goals.SD_JWT] = sd_jwt_peer.VERSION
    versions["cryptography"] = cryptography.__version__
    return subjects, versions


def _limits(key: ec.EllipticCurvePrivateKey) -> tuple[Here, Here]:
    """Return what `cryptography` alone does: one signature, one verification."""
    message = b"limit" * 20
    algorithm = ec.ECDSA(hashes.SHA256())
    public = key.public_key()
    signature = key.sign(message, algorithm)
    return (
        Here(goals.SIGN, lambda _: key.sign(message, algorithm)),
        Here(goals.VERIFY, lambda _: public.verify(signature, message, algorithm)),
    )


def _given_to_npm(
    issuer: material.Issuer,
    device: ec.EllipticCurvePublicKey,
    responses: Sequence[bytes],
    now: datetime,
) -> dict[str, Any]:
    """Return the same material as JSON."""
    validity = material.validity(now).items()
    return {
        "docType": material.DOCTYPE,
        "issuerKeyJwk": material.jwk(issuer.key),
        "certificate": issuer.pem(),
        "deviceKeyJwk": material.jwk(device),
        "nameSpaces": {material.NAME_SPACE: _as_json(material.elements())},
        "validity": {name: instant.isoformat() for name, instant in validity},
        "roots": [issuer.root_pem()],
        "session": SESSION.as_json(),
        "transcript": holder.text(SESSION.transcript()),
        "responses": [holder.text(response) for response in responses],
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, material.FullDate):
        return {"date": value.text}
    if isinstance(value, bytes):
        return {"octets": holder.text(value)}
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value


def _measure(subjects: Sequence[Subject], *, rounds: int, seconds: float) -> Measured:
    with Progress(transient=True) as progress:
        task = progress.add_task("warming up", total=rounds * len(subjects))

        def tell(name: str) -> None:
            progress.update(task, description=name, advance=1)

        return measure(subjects, rounds=rounds, seconds=seconds, tell=tell)


if __name__ == "__main__":
    sys.exit(main())
