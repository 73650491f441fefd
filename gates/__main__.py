"""`python -m gates [NAME] [--seed N]`: exit 0 only when every gate that was asked for passed."""

import argparse
import sys
from pathlib import Path

from gates import runner


def main() -> int:
    """Run what was asked for, print and keep it."""
    gates = runner.find()
    parser = argparse.ArgumentParser(prog="python -m gates", description="Reliability gates.")
    parser.add_argument("name", nargs="?", choices=gates, help="one gate; all when absent")
    parser.add_argument("--seed", type=int, help="repeat a run; chosen and printed when absent")
    asked = parser.parse_args()

    runs = runner.run_all([gates[asked.name]] if asked.name else gates.values(), asked.seed)
    passed = runner.all_passed(runs)
    print(f"kept in {runner.keep(runs, Path('var/gates'))}")
    print(f"{sum(runner.all_passed([run]) for run in runs)} of {len(runs)} gates passed")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
