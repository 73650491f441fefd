"""Passphrases and PINs: each in a file of its own, which the settings name.

A file can have an owner, and can be handed over by the service manager; an argument of a command
is read by everybody on the machine, and what is in the environment by every child process.
"""

from pathlib import Path

from jiazhao.errors import ConfigurationError, ErrorCode

_MAX_OCTETS = 1024


def read_secret(path: Path, *, setting: str, at_least: int = 4) -> bytes:
    """The first line of a file that its owner alone can read.

    Raises `ConfigurationError`, which names the setting and never the content.
    """
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            content = file.read(_MAX_OCTETS + 1)
    except OSError as error:
        raise _refusal(setting, error.strerror or type(error).__name__) from error
    if mode & 0o077:
        raise _refusal(setting, "other users can read the file / 文件权限过宽")
    line = content.split(b"\n", 1)[0].rstrip(b"\r")
    if not at_least <= len(line) <= _MAX_OCTETS or not line.isascii():
        raise _refusal(
            setting, f"needs one line of {at_least} or more ASCII characters / 内容不符合要求"
        )
    return line


def _refusal(setting: str, reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=setting, reason=reason)
