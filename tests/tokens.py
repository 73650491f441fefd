"""SoftHSM2: a PKCS#11 token in software, made in a folder of the test's own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jiazhao.trust.pkcs11 import Token

MODULE = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
            Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
        )
        if path.exists()
    ),
    Path("libsofthsm2.so"),
)
PIN = "482913"
LABELS = ("issuer", "lost", "exchanged", "command")
"""The module reads its folder once in the life of a process, so all tokens are there before."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of this process."""

    folder: Path

    @property
    def pin_file(self) -> Path:
        """Where the PIN of each of them is."""
        return self.folder / "pin"

    def token(self, label: str, *, pin_file: Path | None = None) -> Token:
        """A token, not opened yet."""
        return Token(MODULE, label, pin_file or self.pin_file)

    def place_of(self, label: str) -> Path:
        """The folder in which SoftHSM2 keeps a token."""
        return (self.folder / label).resolve()

    def settings(self, label: str) -> dict[str, str]:
        """What a configuration says of a token."""
        return {
            "pkcs11_module": str(MODULE),
            "pkcs11_token": label,
            "pkcs11_pin_file": str(self.pin_file),
        }


def make_tokens(folder: Path) -> Tokens:
    """Make the tokens and point this process and its children to them."""
    kept = folder / "tokens"
    kept.mkdir(parents=True)
    settings = folder / "softhsm2.conf"
    settings.write_text(
        f"directories.tokendir = {kept}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(settings)
    pin_file = folder / "pin"
    pin_file.write_text(PIN + "\n")
    pin_file.chmod(0o600)
    tool = shutil.which("softhsm2-util")
    if tool is None:
        raise AssertionError("softhsm2-util is missing: run setup/system-needs tokens")
    for label in LABELS:
        before = set(kept.iterdir())
        subprocess.run(
            [tool, "--init-token", "--free", "--label", label, "--so-pin", "97531", "--pin", PIN],
            check=True,
            capture_output=True,
        )
        (made,) = set(kept.iterdir()) - before
        (folder / label).symlink_to(made)
    return Tokens(folder)
