"""`jiazhao smoke`: walks the main journey through the doors of a running system, as people do.

Everything goes over HTTP; nothing is read from the state and no key of the system is used.
"""

from jiazhao.smoke.steps import Step, StepOutcome
from jiazhao.smoke.walk import run_smoke

__all__ = ["Step", "StepOutcome", "run_smoke"]
