"""Licence codes on film, read and checked in the terminal's page with its server gone."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random

from gates.camera import drawing
from gates.camera_chain import Watched, playing, prepare, watch, write_film
from gates.camera_codes import CodeMaker
from gates.camera_frames import TYPICAL
from tests.apart import apart
from tests.browser.visits import ARGUMENTS, CHROMIUM, OFFICER, sign_in
from tests.houses import served_town

PATIENCE_MILLISECONDS = 5_000
"""Five times what the gate allows: the machine may be busy."""


def watch_alone(film: Path, maker: CodeMaker, count: int, state: Path) -> Watched:
    """Play a film to the terminal's page, whose server has stopped."""
    with playing(film, CHROMIUM, ARGUMENTS) as page:
        with ExitStack() as serving:
            town = serving.enter_context(served_town(state))
            sign_in(page, town.terminal, OFFICER)
            prepare(page, maker)
        assert page.evaluate("fetch('/livez').catch(() => 'gone')") == "gone"
        return watch(page, count)


def test_codes_on_film_are_read_and_checked_when_the_server_has_stopped(tmp_path: Path) -> None:
    maker = CodeMaker(Random(1))
    made = [maker.fresh(), maker.old(), maker.forged(), maker.fresh()]
    film = tmp_path / "codes.mjpeg"
    with drawing() as draw:
        shown = [draw(one.octets) for one in made]
    write_film(film, shown, TYPICAL, Random(2), share=89 / 97)

    watched = apart(partial(watch_alone, film, maker, len(made), tmp_path / "state"))

    assert (watched.width, watched.height) == (1280, 720)
    assert [seen.codes for seen in watched.seen] == [(one.octets,) for one in made]
    assert [seen.word for seen in watched.seen] == [one.expected.value for one in made]
    times = [seen.milliseconds or PATIENCE_MILLISECONDS for seen in watched.seen]
    assert max(times) < PATIENCE_MILLISECONDS, times
