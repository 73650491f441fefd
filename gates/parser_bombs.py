"""Every parser that strangers reach, under input made to break it.

A parser may refuse, with our own error, or accept. Anything else (another exception, more than
`MAX_SECONDS` of processor time, more memory than `MAX_GROWTH`) fails the gate. The work is done
in a child process of limited memory, so that a bomb that goes off is seen and not suffered.
"""

import json
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from random import Random

import cbor2

from gates.children import judged
from gates.protocol import Context, Result
from jiazhao.credentials import cbor, jose, status_list
from jiazhao.credentials.code_sealing import Kind
from jiazhao.credentials.json_reading import read_json
from jiazhao.credentials.licence_code import parse_content
from jiazhao.credentials.signing import read_base64url
from jiazhao.errors import JiazhaoError
from jiazhao.presentation.shift import read_shift

NAME = "parser-bombs"

RANDOM_CASES = 20_000
MAX_SECONDS = 0.25
"""Of processor time for one input: an officer's check has 0.1 s in all on a quiet machine, and
a shared one is at most this much slower."""
MAX_GROWTH = 64 * 1024
"""KiB by which the whole run may grow; the largest accepted input takes a few megabytes."""
ADDRESS_SPACE = 2 << 30
"""Octets; the child dies rather than the machine."""

Parser = Callable[[bytes], object]

PARSERS: dict[str, Parser] = {
    "cbor": lambda octets: cbor.Reader((0, 24, 1004)).read(octets, "bomb"),
    "json": lambda octets: read_json(octets, "bomb"),
    "jose": lambda octets: jose.parse(octets.decode("latin-1"), expected_typ="bomb"),
    "base64url": lambda octets: read_base64url(octets.decode("latin-1"), "bomb"),
    "status-list": lambda octets: status_list.read_status(octets, 0, bits=2),
    "licence-code": lambda octets: parse_content(octets, Kind.SHOWN),
    "shift": read_shift,
}


def _zeros(octets: int) -> bytes:
    """Compress zeros piecewise: this process must not hold them, for its memory is measured."""
    packer, piece = zlib.compressobj(), bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(octets >> 20)) + packer.flush()


BOMBS: dict[str, bytes] = {
    "empty": b"",
    "cbor: a million arrays deep": b"\x81" * 1_000_000,
    "cbor: a million maps deep": b"\xa1\x00" * 500_000,
    "cbor: a million tags deep": b"\xc1" * 1_000_000,
    "cbor: indefinite arrays deep": b"\x9f" * 100_000,
    "cbor: a hundred thousand nulls": b"\x9a\x00\x01\x86\xa0" + b"\xf6" * 100_000,
    "cbor: claims 2^64-1 items": b"\x9b" + b"\xff" * 8,
    "cbor: claims 2^63-1 octets": b"\x5b\x7f" + b"\xff" * 7,
    "cbor: claims 2^32-1 pairs": b"\xba" + b"\xff" * 4,
    "cbor: a number of 100 kB": b"\xc2\x5a\x00\x01\x86\xa0" + b"\xff" * 100_000,
    "cbor: ten to the billion": b"\xc4\x82\x1a\x3b\x9a\xca\x00\x01",
    "cbor: two to the billion": b"\xc5\x82\x1a\x3b\x9a\xca\x00\x01",
    "cbor: a regular expression": b"\xd8\x23\x78\x18" + b"(a+)+(a+)+(a+)+(a+)+(a+)+$"[:24],
    "cbor: holds itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "cbor: one key a thousand times": b"\xb9\x03\xe8" + b"\x01\x01" * 1000,
    "cbor: half a million chunks": b"\x5f" + b"\x40" * 500_000 + b"\xff",
    "cbor: arrays of empty arrays": b"\x99\x10\x00" + (b"\x98\x1f" + b"\x80" * 31) * 4096,
    "json: a million arrays deep": b"[" * 1_000_000,
    "json: a million objects deep": b'{"a":' * 200_000,
    "json: a number of a million digits": b"9" * 1_000_000,
    "json: not a number": b"[NaN, 1e999999, -Infinity]",
    "json: half a surrogate": b'"\\ud800"',
    "json: one member twice": b'{"a":1,"a":2}',
    "jose: a million dots": b"." * 1_000_000,
    "jose: ten million characters": b"A" * 10_000_000,
    "status-list: 256 MB in 256 kB": _zeros(1 << 28),
    "status-list: cut short": zlib.compress(b"\0" * 1000)[:-3],
}


def run(context: Context) -> Result:
    """Feed every bomb and seeded mutants to every parser in a child process."""
    return _in_child(context, "ours")


def run_broken(context: Context) -> Result:
    """Do the same with a parser that knows no bounds and lets its own errors out."""
    return _in_child(context, "naive")


def _in_child(context: Context, which: str) -> Result:
    return judged("gates.parser_bombs", which, str(context.seed))


def _child(which: str, seed: int) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    parsers = PARSERS if which == "ours" else {"naive": cbor2.loads}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faults: list[str] = []
    slowest, slowest_name, cases = 0.0, "", 0
    for name, octets in _inputs(Random(seed)):
        for parser_name, parser in parsers.items():
            seconds, fault = _feed(parser, octets)
            cases += 1
            if fault:
                faults.append(f"{parser_name} on {name}: {fault}")
            if seconds > slowest:
                slowest, slowest_name = seconds, f"{parser_name} on {name}"
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if growth > MAX_GROWTH:
        faults.append(f"grew by {growth} KiB")
    return {
        "faults": faults,
        "cases": cases,
        "slowest_ms": round(slowest * 1000, 1),
        "slowest": slowest_name,
        "grew_mb": growth // 1024,
    }


def _feed(parser: Parser, octets: bytes) -> tuple[float, str]:
    start = time.process_time()
    fault = ""
    try:
        parser(octets)
    except JiazhaoError:
        pass
    except BaseException as error:  # noqa: BLE001 - whatever else leaves a parser is the finding
        fault = f"{type(error).__name__} escaped"
    seconds = time.process_time() - start
    return seconds, fault or (f"took {seconds:.2f} s" if seconds > MAX_SECONDS else "")


def _inputs(chance: Random) -> Iterator[tuple[str, bytes]]:
    yield from BOMBS.items()
    seeds = [
        cbor.encode(
            {"a": [1, "text", b"octets", {"b": [True, None]}], "c": cbor.FullDate("2026-06-01")}
        ),
        b'{"a": [1, "text", {"b": [true, null]}], "c": 1.5}',
        b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImJvbWIifQ.e30." + b"A" * 86,
        zlib.compress(bytes(range(256))),
        *(bomb[:64] for bomb in BOMBS.values()),
    ]
    for number in range(RANDOM_CASES // len(PARSERS)):
        yield f"mutant {number}", _mutant(chance, chance.choice(seeds))


def _mutant(chance: Random, octets: bytes) -> bytes:
    mutant = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(mutant) + 1)
        if chance.random() < 0.5:
            mutant[place : place + 1] = chance.randbytes(1)
        elif chance.random() < 0.5:
            mutant[place:place] = chance.randbytes(chance.randint(1, 8))
        else:
            del mutant[place : place + chance.randint(1, 4)]
    return bytes(mutant)


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], int(sys.argv[2]))))
