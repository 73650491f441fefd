"""The one command. Each verb prints plain words, or JSON with `--json`.

Exit codes: 0 done · 1 refused or failed · 2 wrong usage · for `verify` and `terminal-check` besides
10 NOT_VALID, 11 NOT_GENUINE, 12 CANNOT_CONFIRM.
"""

import sys
from typing import NoReturn

import typer

from jiazhao.cli import (
    appointing,
    importing,
    issuing,
    keeping,
    keys,
    register,
    running,
    terminal_checking,
    verifying,
)
from jiazhao.cli.shell import err
from jiazhao.errors import JiazhaoError
from jiazhao.http import logs
from jiazhao.issuance.offering import ClaimRefused

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Jiazhao 驾照: the electronic driving licence.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (
    running,
    importing,
    register,
    issuing,
    verifying,
    terminal_checking,
    keys,
    keeping,
    appointing,
):
    cli.add_typer(part.verbs)


def main() -> NoReturn:
    """Run the command; every failure that we know is one sentence in two languages."""
    logs.configure()
    try:
        cli(standalone_mode=True)
    except JiazhaoError as error:
        err.print(error.zh)
        err.print(error.en)
        for refusal in error.refusals if isinstance(error, ClaimRefused) else ():
            err.print(f"  {refusal.zh}{refusal.todo_zh}")
            err.print(f"  {refusal.en} {refusal.todo_en} ({refusal.source})")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    sys.exit(0)
