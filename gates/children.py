"""Work that could break its process is done in a child, which says what it found."""

import json
import subprocess
import sys

from gates.protocol import Result


def judged(module: str, *arguments: str) -> Result:
    """Run `python -m module`; it prints figures as JSON, and among them a list of faults."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return Result.judge(False, f"the child died: {done.stderr[-300:]}")
    seen = json.loads(done.stdout)
    faults = seen.pop("faults")
    return Result.judge(not faults, "; ".join(faults[:5]), faults=len(faults), **seen)
