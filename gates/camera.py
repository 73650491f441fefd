"""Licence codes read by light, frame by frame, under simulated conditions.

1 Rates: freshly made codes, drawn by the wallet's own module, filmed at 1280x720 in each of the
  conditions of `camera_frames`; read by the terminal's engine (zxing-wasm, in Node) and by the
  server's (zxing-cpp). Raindrops are reported and not demanded. A code that fills 80 % of the
  frame's height and is rolled by 20 degrees stands out of it with a corner, in one frame of
  fifteen; those are counted and reported apart.
2 Words: 10,000 frames of right codes and of old, used, forged, revoked ones and ones sealed for
  somebody else; what was read is checked without a network. No frame may yield octets that were
  not shown, and no code another word than the only one that may be said of it.
3 The chain: 100 freshly made codes are played as the camera of a real Chromium at the terminal's
  page, whose server was stopped; 97 have their word within a second of the first frame that shows
  them. Hard conditions are reported.

Frames are simulated: nothing here says what a real phone does. Its planted defects accept a
code whose time is over, and a reader that gets one bit wrong.
"""

import multiprocessing
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import IO, Final

import numpy as np
import zxingcpp

from gates.camera_chain import playing, prepare, watch, write_film
from gates.camera_codes import CodeMaker, Made
from gates.camera_frames import (
    CONDITIONS,
    HEIGHT,
    WIDTH,
    Camera,
    Conditions,
    Grey,
    drawn,
    read_jpeg,
)
from gates.protocol import Context, Figure, Result
from jiazhao.credentials.code_sealing import CODE_OCTETS
from tests.browser.visits import ARGUMENTS, CHROMIUM, OFFICER, sign_in
from tests.houses import served_town

NAME = "camera"

FRAMES_FOR_RATES = 400
"""In each condition: near 97 % the interval of 95 % is then within two points."""
FRAMES_FOR_WORDS = 10_000
FRAMES_OF_THE_BROKEN = 200
WORKERS = 2

NEEDED: Final = {"typical": 0.95, "hard": 0.60}
"""Shares of frames with the whole code that must be read, at 720p."""
MAX_MILLISECONDS: Final = 50.0
"""Of processor time, to read a frame and to check the code, at the 95th percentile."""

FILMS = {"typical": 10, "hard": 2}
CODES_A_FILM = 10
WITHIN_MILLISECONDS: Final = 1000.0
IN_TIME: Final = 0.97

_WITH_QUIET_ZONE: Final = 97
_MODULES: Final = 89
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_WEIGHTS: Final = {"typical": 0.6, "hard": 0.25, "rain": 0.15}
_SCRIPTS: Final = Path(__file__).parent

Reader = Callable[[Grey], tuple[list[bytes], float]]
"""All codes of a frame, and the milliseconds that it took; of processor time in this process."""


@dataclass
class Score:
    """What was seen of some frames."""

    frames: int = 0
    read: int = 0
    cut_off: int = 0
    """Frames out of which a corner of the code stood, read or not; a reader needs all corners."""
    cut_off_read: int = 0
    wrong_payloads: int = 0
    wrong_words: int = 0
    milliseconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.frames + other.frames,
            self.read + other.read,
            self.cut_off + other.cut_off,
            self.cut_off_read + other.cut_off_read,
            self.wrong_payloads + other.wrong_payloads,
            self.wrong_words + other.wrong_words,
            self.milliseconds + other.milliseconds,
            self.kinds + other.kinds,
        )

    @property
    def rate(self) -> float:
        """The share of frames that were read, of those that show the whole code."""
        return (self.read - self.cut_off_read) / max(self.frames - self.cut_off, 1)

    @property
    def rate_of_all(self) -> float:
        """The share of all frames that were read, those with a part of the code among them."""
        return self.read / max(self.frames, 1)

    @property
    def p95(self) -> float:
        """Milliseconds to read and to check, of frames that were read."""
        return float(np.percentile(self.milliseconds, 95)) if self.milliseconds else 0.0


@dataclass
class Chained:
    """What came of codes that were played to a page."""

    shown: int = 0
    wrong: int = 0
    """Codes with octets that were not shown, or with another word."""
    milliseconds: list[float] = field(default_factory=list)
    """Of those that were read."""

    @property
    def in_time(self) -> int:
        """How many had their word within a second."""
        return sum(each <= WITHIN_MILLISECONDS for each in self.milliseconds)

    def at(self, percentile: float) -> float:
        """Milliseconds to the word; a code that was not read took for ever."""
        missing = [float("inf")] * (self.shown - len(self.milliseconds))
        times = [*self.milliseconds, *missing] or [0.0]
        found = float(np.percentile(times, percentile, method="lower"))
        return min(found, 99_999.0)


def run(context: Context) -> Result:
    """Film, read and check."""
    chance = context.chance
    rates = {
        (reader, name): rate(name, FRAMES_FOR_RATES, chance.getrandbits(64), reader)
        for reader in ("wasm", "cpp")
        for name in CONDITIONS
    }
    words = said(FRAMES_FOR_WORDS, chance.getrandbits(64))
    chains = {
        name: chain(context.folder / name, name, films, chance.getrandbits(64))
        for name, films in FILMS.items()
    }
    figures: dict[str, Figure] = {
        f"{reader}_{name}": round(score.rate, 3) for (reader, name), score in rates.items()
    }
    figures |= {
        f"{reader}_{name}_of_all": round(score.rate_of_all, 3)
        for (reader, name), score in rates.items()
    }
    figures |= {
        "wasm_p95_ms": round(rates["wasm", "typical"].p95, 1),
        "frames": words.frames,
        "read": words.read,
        "wrong_words": words.wrong_words,
        "wrong_payloads": words.wrong_payloads
        + sum(score.wrong_payloads for score in rates.values()),
        "read_and_check_p95_ms": round(words.p95, 1),
    }
    figures |= {kind.replace(" ", "_"): count for kind, count in sorted(words.kinds.items())}
    for name, chained in chains.items():
        figures[f"{name}_shown"] = chained.shown
        figures[f"{name}_in_time"] = chained.in_time
        figures[f"{name}_median_ms"] = round(chained.at(50))
        figures[f"{name}_p97_ms"] = round(chained.at(97))
    why = "; ".join(filter(None, (_faults(rates, words), _late_or_wrong(chains))))
    return Result.judge(not why, why, **figures)


def run_broken(context: Context) -> Result:
    """A checker that forgets the time, and a reader that gets a bit wrong: both must be seen."""
    chance = context.chance
    forgetful = film(FRAMES_OF_THE_BROKEN, chance.getrandbits(64), forgetful=True)
    misread = film(FRAMES_OF_THE_BROKEN, chance.getrandbits(64), misreading=True)
    seen = forgetful.wrong_words > 0 and misread.wrong_payloads > 0
    return Result.judge(
        not seen,
        "an old code was accepted, and octets came that nobody showed",
        wrong_words=forgetful.wrong_words,
        wrong_payloads=misread.wrong_payloads,
    )


def _faults(rates: dict[tuple[str, str], Score], words: Score) -> str:
    faults = [
        f"{reader} reads {rates[reader, name].rate:.1%} of {name} frames"
        for reader in ("wasm", "cpp")
        for name, needed in NEEDED.items()
        if rates[reader, name].rate < needed
    ]
    wrong = words.wrong_payloads + sum(score.wrong_payloads for score in rates.values())
    faults += [f"{wrong} wrong payloads"] if wrong else []
    faults += [f"{words.wrong_words} wrong words"] if words.wrong_words else []
    if words.p95 > MAX_MILLISECONDS:
        faults.append(f"reading and checking takes {words.p95:.0f} ms")
    return "; ".join(faults)


def _late_or_wrong(chains: dict[str, Chained]) -> str:
    typical = chains["typical"]
    faults = [f"{chained.wrong} wrong in the page" for chained in chains.values() if chained.wrong]
    if typical.in_time < IN_TIME * typical.shown:
        faults.append(f"{typical.in_time} of {typical.shown} codes had their word within a second")
    return "; ".join(faults)


def rate(name: str, frames: int, seed: int, reader: str) -> Score:
    """How many frames of a condition a reader reads; all codes are right ones."""
    chance = Random(seed)
    maker, camera = CodeMaker(chance), Camera(chance)
    with drawing() as draw, _reading(reader) as read:
        return sum(
            (
                _one(maker.fresh(), CONDITIONS[name], camera, draw, read, check=None)
                for _ in range(frames)
            ),
            Score(),
        )


def said(frames: int, seed: int) -> Score:
    """What is said of codes of every kind, in as many processes as the machine has cores."""
    chance = Random(seed)
    share, rest = divmod(frames, WORKERS)
    parts = [share + (number < rest) for number in range(WORKERS)]
    seeds = [chance.getrandbits(64) for _ in parts]
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawned) as pool:
        return sum(pool.map(film, parts, seeds), Score())


def chain(folder: Path, name: str, films: int, seed: int) -> Chained:
    """Play films to the terminal's page, with a browser and a stopped server for each."""
    chance = Random(seed)
    maker, chained = CodeMaker(chance), Chained()
    for number in range(films):
        place = folder / str(number)
        place.mkdir(parents=True)
        made = [maker.fresh() for _ in range(CODES_A_FILM)]
        with drawing() as draw:
            shown = [draw(one.octets) for one in made]
        path = place / "codes.mjpeg"
        share = _MODULES / _WITH_QUIET_ZONE
        write_film(path, shown, CONDITIONS[name], chance, share=share)
        with playing(path, CHROMIUM, ARGUMENTS) as page:
            with served_town(place / "state") as town:
                sign_in(page, town.terminal, OFFICER)
                prepare(page, maker)
            watched = watch(page, len(made))
        for one, seen in zip(made, watched.seen, strict=True):
            chained.shown += 1
            if seen.milliseconds is not None:
                chained.milliseconds.append(seen.milliseconds)
                right = seen.codes == (one.octets,) and seen.word == one.expected.value
                chained.wrong += not right
        path.unlink()
    return chained


def film(frames: int, seed: int, *, forgetful: bool = False, misreading: bool = False) -> Score:
    """Film codes of every kind, and check what was read; the last two are defects."""
    chance = Random(seed)
    maker, camera = CodeMaker(chance), Camera(chance)
    if forgetful:
        settings = replace(maker.checker.settings, life=timedelta(days=2))
        maker.checker = replace(maker.checker, settings=settings)
    read = _misread if misreading else _read_cpp
    names, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    with drawing() as draw:
        score = Score()
        for _ in range(frames):
            conditions = CONDITIONS[chance.choices(names, weights)[0]]
            score += _one(maker.any(), conditions, camera, draw, read, check=maker)
        return score


def _one(
    made: Made,
    conditions: Conditions,
    camera: Camera,
    draw: Callable[[bytes], Grey],
    read: Reader,
    *,
    check: CodeMaker | None,
) -> Score:
    shown = draw(made.octets)
    shot = camera.shoot(shown, conditions, share=_MODULES / _WITH_QUIET_ZONE)
    found, milliseconds = read(read_jpeg(shot.jpeg))
    score = Score(frames=1, cut_off=not shot.is_whole)
    for octets in found:
        score.wrong_payloads += octets != made.octets
        if check is not None and len(octets) == CODE_OCTETS:
            begun = time.thread_time()
            word = check.check(octets).verdict.outcome
            milliseconds += 1000 * (time.thread_time() - begun)
            score.wrong_words += word is not made.expected
    if made.octets in found:
        score.read, score.cut_off_read = 1, score.cut_off
        score.milliseconds.append(milliseconds)
        score.kinds[made.kind] += 1
    return score


# -- who draws and who reads


@contextmanager
def drawing() -> Iterator[Callable[[bytes], Grey]]:
    """The wallet's own drawing of a code, in Node."""
    with _script("draw_codes.mjs") as (to, answers):

        def draw(octets: bytes) -> Grey:
            to.write(octets.hex().encode() + b"\n")
            to.flush()
            rows = answers.readline().decode().strip().split(",")
            return drawn(np.array([[int(one) for one in row] for row in rows], np.uint8))

        yield draw


@contextmanager
def _reading(reader: str) -> Iterator[Reader]:
    if reader == "cpp":
        yield _read_cpp
        return
    with _script("read_frames.mjs") as (to, answers):
        yield partial(_read_wasm, to, answers)


def _read_wasm(to: IO[bytes], answers: IO[bytes], frame: Grey) -> tuple[list[bytes], float]:
    to.write(WIDTH.to_bytes(4) + HEIGHT.to_bytes(4) + frame.tobytes())
    to.flush()
    took, *found = answers.readline().decode().split()
    return [bytes.fromhex(one) for one in found], float(took)


def _read_cpp(frame: Grey) -> tuple[list[bytes], float]:
    begun = time.thread_time()
    found = [result.bytes for result in zxingcpp.read_barcodes(frame, formats=_QR)]
    return found, 1000 * (time.thread_time() - begun)


def _misread(frame: Grey) -> tuple[list[bytes], float]:
    found, milliseconds = _read_cpp(frame)
    return [bytes([one[0], one[1] ^ 1, *one[2:]]) for one in found], milliseconds


@contextmanager
def _script(name: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    with subprocess.Popen(
        ["node", str(_SCRIPTS / name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin, process.stdout
        finally:
            process.stdin.close()
