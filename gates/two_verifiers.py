"""Of 10,000 mutants of every presented object the browser's verifier takes none either.

The verifier in Python and the one in the browser's language judge each mutant and must come to one
outcome, step and reason. A mutant that is VALID must fall under an entry of `gates/unsigned.py`.

Its planted defect is a browser in which every signature is said to be right.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any

from cryptography.utils import CryptographyDeprecationWarning

from gates.mutants import Sweep, judge, mutants
from gates.presented_objects import resealed, vector_of_code, with_kept_part
from gates.protocol import Context, Result
from gates.unsigned import unsigned_of
from jiazhao.credentials.status_token import sign_cwt, sign_jwt
from tests.interop.browsers_language import run_in_node
from tests.unit.presentation.test_vectors import JUDGES
from vectors import (
    make,
    make_certificates,
    make_licence_code,
    make_sd_jwt,
    make_status_snapshot,
    make_status_token,
)

NAME = "two-verifiers"

MUTANTS = 10_000
MUTANTS_OF_THE_BROKEN = 1_000
AT_ONCE = 1_000
"""Mutants for one run of Node."""

BROKEN = "device response"
NO_SIGNATURE_IS_WRONG = "data:text/javascript,crypto.subtle.verify=async()=>true"

Vector = dict[str, Any]
"""In the form of `vectors/`."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An object, and the vector in which it or a mutant of it is presented."""

    octets: bytes
    vector: Callable[[bytes], Vector | None]
    """None for what nobody can show."""


def run(context: Context) -> Result:
    """Sweep over every object."""
    found = objects()
    return judge({name: sweep(name, one, context.chance) for name, one in found.items()})


def run_broken(context: Context) -> Result:
    """Sweep over one with a browser that believes every signature."""
    swept = sweep(
        BROKEN,
        objects()[BROKEN],
        context.chance,
        MUTANTS_OF_THE_BROKEN,
        before=(NO_SIGNATURE_IS_WRONG,),
    )
    return judge({BROKEN: swept})


def objects() -> Mapping[str, Judged]:
    """What both verifiers take, by name."""
    found = {}
    for kind, name in {"shown": "valid", "backup": "valid-backup"}.items():
        code, content, seal = resealed(name)
        found[f"{kind} code"] = Judged(code, partial(vector_of_code, name))
        found[f"{kind} code, sealed again"] = Judged(content, partial(_sealed_again, name, seal))
    part = make_licence_code.issuer_part(make_licence_code.payload())
    found["kept issuer's part"] = Judged(part, _with_kept_part)

    issued = make.issued()
    found["device response"] = Judged(
        make.shown(issued), lambda octets: make.vector(octets, "", None)
    )
    found["issued mdoc"] = Judged(
        issued,
        lambda octets: make.vector(octets, "", None, transcript=None, profile="ISSUED_COPY"),
    )
    found["SD-JWT VC"] = Judged(
        make.sdjwt_shown(make.sdjwt_issued()),
        lambda octets: make_sd_jwt.vector(octets.decode("latin-1"), "", None),
    )
    found["issued SD-JWT VC"] = Judged(
        make.sdjwt_issued(claims={"ns": {"name": "ZHUGE"}}),
        lambda octets: make_sd_jwt.vector(
            octets.decode("latin-1"), "", None, expected=None, asked=None, profile="ISSUED_COPY"
        ),
    )
    for name, sign in {"JWT": sign_jwt, "CWT": sign_cwt}.items():
        token = sign(make_status_token.LIST, make_status_token.signer())
        found[f"status list ({name})"] = Judged(
            token, lambda octets: make_status_token.vector(octets, None)
        )
    base, hour = make_status_snapshot.base(), timedelta(hours=1)
    found["status snapshot"] = Judged(base, lambda octets: make_status_snapshot.vector([octets]))
    found["difference of a snapshot"] = Judged(
        make_status_snapshot.difference(base, [(0, "")]),
        lambda octets: make_status_snapshot.vector(
            [base, octets], now=(make.NOW + hour).isoformat()
        ),
    )
    found["listed signer"] = Judged(
        make_certificates.certificate(), lambda octets: make_certificates.vector([octets], None)
    )
    return found


def _sealed_again(
    name: str, seal: Callable[[bytes], bytes | None], content: bytes
) -> Vector | None:
    code = seal(content)
    return None if code is None else vector_of_code(name, code)


def _with_kept_part(part: bytes) -> Vector | None:
    code = with_kept_part(part)
    return None if code is None else vector_of_code("valid", code)


def sweep(
    name: str,
    judged: Judged,
    chance: Random,
    count: int = MUTANTS,
    *,
    before: Sequence[str] = (),
) -> Sweep:
    """Let both judge so many different mutants of an object, and the object itself.

    `before` are modules that Node loads ahead of the verifier's.
    """
    swept, unsigned = Sweep(), unsigned_of(name)
    asked = _asked(judged, chance, count)
    with warnings.catch_warnings():
        # Of certificates whose numbers or names are odd.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        while some := list(islice(asked, AT_ONCE)):
            vectors = [vector for _, vector in some]
            theirs = run_in_node("judge-all.mjs", vectors, before=before)
            for (octets, vector), their in zip(some, theirs, strict=True):
                our = _judge(vector)
                valid = "VALID" in (our["outcome"], their["outcome"])
                itself = octets == judged.octets
                swept.mutants += not itself
                if our != their:
                    swept.wrong.append(f"{_word(our)} in Python, {_word(their)} in the browser")
                elif valid is not itself:
                    if valid and unsigned and unsigned.covers(judged.octets, octets):
                        swept.listed += 1
                    else:
                        swept.wrong.append(f"{_word(our)} in both")
    return swept


def _asked(judged: Judged, chance: Random, count: int) -> Iterator[tuple[bytes, Vector]]:
    def able(octets: Iterator[bytes]) -> Iterator[tuple[bytes, Vector]]:
        for one in octets:
            vector = judged.vector(one)
            if vector is not None:
                yield one, vector

    yield from able(iter([judged.octets]))
    yield from islice(able(mutants(judged.octets, chance)), count)
    yield from able(iter([judged.octets]))


def _judge(vector: Vector) -> dict[str, Any]:
    verdict = JUDGES[vector.get("kind", "mdoc")](vector)
    reason = verdict.reason.code.wire if verdict.reason else None
    return {"outcome": verdict.outcome.value, "step": verdict.step, "reason": reason}


def _word(judged: Mapping[str, Any]) -> str:
    return f"{judged['outcome']} ({judged['step']}, {judged['reason']})"
