"""A file system of a gate's own, whose power can be cut.

An image with ext4 is mounted by a loop device. `cut` shuts the file system down without writing
its journal out: from then on nothing reaches the image, as when the power goes, and the next
mount replays what the journal has. It needs root and loop devices.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_SHUTDOWN: Final = 0x8004587D
"""EXT4_IOC_SHUTDOWN, `_IOR('X', 125, __u32)`."""
_WITHOUT_LOG: Final = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: the journal is not written out first."""

_OCTETS: Final = 1 << 30
_TRIES: Final = 100
_POLL_SECONDS: Final = 0.05


def why_not() -> str:
    """Why no power can be cut on this machine; empty if it can."""
    if os.geteuid() != 0:
        return "cutting the power needs root"
    missing = [tool for tool in ("mkfs.ext4", "mount", "umount") if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    try:
        with Volume() as volume:
            volume.cut()
            volume.mount()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no loop mount that can be shut down: {error}"
    return ""


class Volume:
    """One file system, mounted at `path` until it is cut."""

    def __init__(self) -> None:
        # Not below the gate's own folder: PostgreSQL's user must get here.
        self._folder = Path(tempfile.mkdtemp(prefix="jiazhao-volume-"))
        self._folder.chmod(0o755)
        self._image = self._folder / "image"
        self.path = self._folder / "mounted"

    def __enter__(self) -> Self:
        try:
            with self._image.open("wb") as file:
                file.truncate(_OCTETS)
            _run("mkfs.ext4", "-q", "-F", str(self._image))
            self.path.mkdir()
            self.mount()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def mount(self) -> None:
        """Mount the image; its journal is replayed. The loop device goes with the mount."""
        _run("mount", "-o", "loop", str(self._image), str(self.path))
        self.path.chmod(0o755)

    def cut(self) -> None:
        """Cut the power, and unmount once nobody has a file open there any more."""
        self.shut_down()
        self.unmount()

    def shut_down(self) -> None:
        """Let nothing reach the image from now on."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG))
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        """Unmount; processes that were killed may take a moment to go."""
        said = b""
        for _ in range(_TRIES):
            done = subprocess.run(["umount", str(self.path)], capture_output=True, check=False)
            if done.returncode == 0:
                return
            said = done.stderr
            time.sleep(_POLL_SECONDS)
        raise AssertionError(f"cannot be unmounted: {said.decode()}")

    def _remove(self) -> None:
        if self.path.is_mount():
            subprocess.run(["umount", "-l", str(self.path)], capture_output=True, check=False)
        if not self.path.is_mount():
            shutil.rmtree(self._folder, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
