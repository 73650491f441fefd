"""Licence codes read by light, on a few simulated frames; `make gates` films ten thousand."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np
import pytest

from gates import camera
from gates.camera_codes import CodeMaker
from gates.camera_frames import (
    CONDITIONS,
    FPS,
    GOOD,
    HEIGHT,
    WIDTH,
    Camera,
    drawn,
    read_jpeg,
    write_mjpeg,
    write_y4m,
)
from gates.protocol import Context, Outcome

A_FEW = 24
"""Frames: a share of them says little, so far less is demanded than of the gate."""

PAGE = drawn(np.array(np.random.default_rng(1).random((97, 97)) < 0.5, np.uint8))

T = TypeVar("T")


@pytest.mark.parametrize("reader", ["wasm", "cpp"])
def test_codes_are_read_in_typical_conditions(reader: str) -> None:
    score = camera.rate("typical", A_FEW, 1, reader)

    assert score.read >= A_FEW * 3 // 4
    assert score.wrong_payloads == 0


def test_every_code_gets_the_one_word_that_may_be_said_of_it() -> None:
    score = camera.film(2 * A_FEW, 2)

    assert (score.wrong_payloads, score.wrong_words) == (0, 0)
    assert len(score.kinds) >= 4


@pytest.mark.parametrize("kind", ["fresh", "old", "used", "of another key", "forged", "revoked"])
def test_the_made_codes_are_what_they_are_called(kind: str) -> None:
    maker = CodeMaker(Random(3))
    made = maker._makers[kind]()

    assert maker.check(made.octets).verdict.outcome is made.expected


def test_the_gate_notices_its_planted_defects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "FRAMES_OF_THE_BROKEN", 60)
    result = camera.run_broken(Context(4, tmp_path))

    assert result.outcome is Outcome.FAIL
    assert result.figures["wrong_words"]
    assert result.figures["wrong_payloads"]


@pytest.mark.parametrize(
    "fault", ["rate", "payload", "word", "slow"], ids=["rate", "payload", "word", "slow"]
)
def test_each_figure_alone_fails_the_gate(fault: str) -> None:
    def score() -> camera.Score:
        return camera.Score(frames=100, read=99, milliseconds=[5.0] * 99)

    rates = {(reader, name): score() for reader in ("wasm", "cpp") for name in CONDITIONS}
    words = score()
    assert camera._faults(rates, words) == ""
    match fault:
        case "rate":
            rates["wasm", "hard"].read = 59
        case "payload":
            rates["cpp", "rain"].wrong_payloads = 1
        case "word":
            words.wrong_words = 1
        case _:
            words.milliseconds = [51.0] * 99
    assert camera._faults(rates, words)


def test_a_late_or_a_wrong_word_in_the_page_fails_the_gate() -> None:
    right = camera.Chained(shown=100, milliseconds=[200.0] * 97 + [1500.0] * 3)
    late = camera.Chained(shown=100, milliseconds=[200.0] * 96 + [1500.0] * 4)
    unread = camera.Chained(shown=100, milliseconds=[200.0] * 96)
    hard = camera.Chained(shown=20, milliseconds=[5000.0] * 10)

    assert camera._late_or_wrong({"typical": right, "hard": hard}) == ""
    assert camera._late_or_wrong({"typical": late, "hard": hard})
    assert camera._late_or_wrong({"typical": unread, "hard": hard})
    hard.wrong = 1
    assert camera._late_or_wrong({"typical": right, "hard": hard})


# -- the camera itself


def _same(act: Callable[[Random], T]) -> tuple[T, T]:
    return act(Random(5)), act(Random(5))


@pytest.mark.parametrize("name", CONDITIONS)
def test_chance_alone_decides_a_frame(name: str) -> None:
    first, again = _same(lambda chance: Camera(chance).take(PAGE, CONDITIONS[name]))

    assert first == again
    assert read_jpeg(first).shape == (HEIGHT, WIDTH)


def test_worse_conditions_show_less() -> None:
    def contrast(name: str) -> float:
        taken = Camera(Random(6))
        frames = [read_jpeg(taken.take(PAGE, CONDITIONS[name])) for _ in range(6)]
        return float(np.mean([np.ptp(np.percentile(frame, [5, 95])) for frame in frames]))

    assert contrast("good") > contrast("typical") > contrast("hard")


def test_a_played_file_holds_the_frames_in_their_form(tmp_path: Path) -> None:
    taken = Camera(Random(7))
    frames = [taken.take(PAGE, GOOD) for _ in range(2)]

    write_y4m(tmp_path / "x.y4m", frames)
    write_mjpeg(tmp_path / "x.mjpeg", frames)

    octets = (tmp_path / "x.y4m").read_bytes()
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode()
    assert octets.startswith(head + b"FRAME\n")
    assert len(octets) == len(head) + 2 * (len(b"FRAME\n") + WIDTH * HEIGHT * 3 // 2)
    assert (tmp_path / "x.mjpeg").read_bytes() == b"".join(frames)
