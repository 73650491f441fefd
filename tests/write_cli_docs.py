"""Writes docs/cli.md from what the command says of itself: `python -m tests.write_cli_docs`."""

import re
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from jiazhao.cli import cli
from jiazhao.cli.verifying import VERDICT_EXIT

PATH = Path(__file__).parents[1] / "docs/cli.md"
WIDTH = 96

HEAD = """# The command

`jiazhao` runs, feeds and asks the system. This page is what `--help` says, verb by verb;
`uv run python -m tests.write_cli_docs` writes it anew.

A verb that works on a system finds its settings by `--config`, else `JIAZHAO_CONFIG`, else
`./jiazhao.toml`, else the demonstration's `var/demo/jiazhao.toml`;
[operating.md](operating.md#settings) has all of them. With `--json` a verb prints JSON and nothing
else on standard output. Failures are one sentence in Chinese and one in English on standard error.

## Exit codes

| code | meaning |
| --- | --- |
| 0 | done; of `verify` and `terminal-check`: the verdict is VALID |
| 1 | refused or failed, and why was said |
| 2 | wrong usage |
"""


def verbs() -> list[str]:
    """Every verb, in the order in which the command lists them; verbs of a group after it."""
    listed = []
    for name, verb in get_command(cli).commands.items():  # type: ignore[attr-defined]
        listed += [name, *(f"{name} {inner}" for inner in getattr(verb, "commands", ()))]
    return listed


def help_of(*verb: str) -> str:
    """What `jiazhao VERB --help` prints at a fixed width, without colours."""
    said = CliRunner().invoke(
        cli, [*verb, "--help"], prog_name="jiazhao", env={"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    )
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.output)
    return "\n".join(line.rstrip() for line in plain.splitlines()).strip("\n")


def page() -> str:
    """The whole page."""
    codes = [
        f"| {code} | of `verify` and `terminal-check`: the verdict is {outcome.value} |"
        for outcome, code in VERDICT_EXIT.items()
        if code
    ]
    parts = [HEAD + "\n".join(codes), f"## jiazhao\n\n```text\n{help_of()}\n```"]
    parts += [f"## jiazhao {verb}\n\n```text\n{help_of(*verb.split())}\n```" for verb in verbs()]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
