"""Running the browser's modules in Node, on what a test hands over."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[1] / "web"
SECONDS = 120


def run_in_node(script: str, given: Sequence[Any], before: Sequence[str] = ()) -> list[Any]:
    """Return what a script of `tests/web` made of each item, in order.

    `before` are modules that Node loads ahead of it.
    """
    node = shutil.which("node")
    assert node is not None
    ran = subprocess.run(
        [node, *(f"--import={module}" for module in before), str(SCRIPTS / script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    answers: list[Any] = json.loads(ran.stdout)
    return answers
