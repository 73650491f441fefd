"""Of 10,000 mutants of every presented and stored object none is VALID.

A bit is flipped at every place in turn, then chance sets, adds and takes octets, cuts and joins.
A mutant that is VALID all the same must fall under an entry of `gates/unsigned.py`, and every
entry must be needed by one. Whatever leaves a verifier besides a verdict and our own error is a
fault.

Its planted defect believes what an issuer's part says without its signature.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from unittest.mock import patch

from cryptography.utils import CryptographyDeprecationWarning

from gates.presented_objects import Presented, presented_objects
from gates.protocol import Context, Result
from gates.unsigned import UNSIGNED, unsigned_of
from jiazhao.credentials.licence_code import IssuerPart
from jiazhao.errors import JiazhaoError

NAME = "mutants"

MUTANTS = 10_000
MUTANTS_OF_THE_BROKEN = 2_000
BROKEN = "kept issuer's part"

OF_CBOR = b"\x00\x40\x80\xa0\xf6\xf8\xff"
"""Octets with a meaning of their own."""

Mutants = Iterator[bytes]


@dataclass
class Sweep:
    """What came of the mutants of one object."""

    mutants: int = 0
    listed: int = 0
    """VALID, and in the list of what nobody signs."""
    wrong: list[str] = field(default_factory=list)


def run(context: Context) -> Result:
    """Sweep over every object."""
    with presented_objects(context.folder) as objects:
        sweeps = {name: sweep(name, one, context.chance) for name, one in objects.items()}
    return judge(sweeps)


def run_broken(context: Context) -> Result:
    """Sweep over one, where nobody looks at the issuer's signature."""
    with presented_objects(context.folder) as objects, patch.object(IssuerPart, "verify"):
        swept = sweep(BROKEN, objects[BROKEN], context.chance, MUTANTS_OF_THE_BROKEN)
    return judge({BROKEN: swept})


def judge(sweeps: Mapping[str, Sweep]) -> Result:
    """One result; entries of the list are held against the objects that were swept over."""
    wrong = [
        f"{name}: {what} x{count}"
        for name, swept in sweeps.items()
        for what, count in Counter(swept.wrong).items()
    ]
    idle = [
        ", ".join(entry.objects)
        for entry in UNSIGNED
        if sweeps.keys() >= set(entry.objects)
        and not sum(sweeps[name].listed for name in entry.objects)
    ]
    reasons = [*wrong, *(f"listed as unsigned and is not: {names}" for names in idle)]
    return Result.judge(
        not reasons,
        "; ".join(reasons[:5]),
        objects=len(sweeps),
        mutants=sum(swept.mutants for swept in sweeps.values()),
        fewest=min(swept.mutants for swept in sweeps.values()),
        listed=sum(swept.listed for swept in sweeps.values()),
        wrong=sum(len(swept.wrong) for swept in sweeps.values()),
    )


def sweep(name: str, presented: Presented, chance: Random, count: int = MUTANTS) -> Sweep:
    """Judge so many different mutants of an object, and the object before and after."""
    swept, unsigned = Sweep(), unsigned_of(name)
    with warnings.catch_warnings():
        # Of certificates whose numbers or names are odd.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        _check_itself(presented, swept)
        for mutant in islice(mutants(presented.octets, chance), count):
            swept.mutants += 1
            fault = _fault(presented, mutant)
            if fault == _IS_VALID and unsigned and unsigned.covers(presented.octets, mutant):
                swept.listed += 1
            elif fault:
                swept.wrong.append(fault)
        _check_itself(presented, swept)
    return swept


_IS_VALID = "valid"


def _check_itself(presented: Presented, swept: Sweep) -> None:
    if presented.accepts(presented.octets) is not presented.is_valid_itself:
        swept.wrong.append("the object itself is not judged as it should be")


def _fault(presented: Presented, mutant: bytes) -> str:
    try:
        return _IS_VALID if presented.accepts(mutant) else ""
    except JiazhaoError:
        return ""
    except Exception as error:  # noqa: BLE001 - whatever else leaves a verifier is the finding
        return f"{type(error).__name__} escaped"


def mutants(octets: bytes, chance: Random) -> Mutants:
    """Different mutants without end: a flipped bit at every place first, in no order."""
    met = {octets}
    for mutant in _in_any_order(octets, chance):
        if mutant not in met:
            met.add(mutant)
            yield mutant


def _in_any_order(octets: bytes, chance: Random) -> Mutants:
    first = [(place, chance.randrange(8)) for place in range(len(octets))]
    others = [(place, bit) for place, done in first for bit in range(8) if bit != done]
    for places in (first, others):
        chance.shuffle(places)
        # Half of the mutants are of other kinds from the second round on.
        for place, bit in places:
            yield _with(octets, place, octets[place] ^ 1 << bit)
            if places is others:
                yield _otherwise(octets, chance)
    while True:
        yield _otherwise(octets, chance)


def _otherwise(octets: bytes, chance: Random) -> bytes:
    kind, place = chance.randrange(8), chance.randrange(len(octets))
    match kind:
        case 0:
            return _with(octets, place, chance.choice(OF_CBOR))
        case 1:
            return _with(octets, place, chance.randrange(256))
        case 2:
            return octets[:place] + octets[place + 1 :]
        case 3:
            return octets[:place] + chance.randbytes(1) + octets[place:]
        case 4:
            return octets[:place] if chance.random() < 0.5 else octets[place:]
        case 5:
            other = chance.randrange(len(octets))
            return _with(_with(octets, place, octets[other]), other, octets[place])
        case 6:
            return octets + octets[:place]
        case _:
            more = chance.randrange(len(octets))
            return _with(_with(octets, place, chance.randrange(256)), more, chance.randrange(256))


def _with(octets: bytes, place: int, octet: int) -> bytes:
    return octets[:place] + bytes([octet]) + octets[place + 1 :]
