"""`jiazhao smoke`: walks the main journey through the doors of a running system, as people do.

Everything goes over HTTP; nothing is read from the state and no key of the system is used.
"""

from jiazhao.smoke.journey import run_smoke
from jiazhao.smoke.steps import Step, StepOutcome

__all__ = ["Step", "StepOutcome", "run_smoke"]
