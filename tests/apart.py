"""Work in a thread of its own: Playwright's browsers take one loop a thread for themselves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


def apart(act: Callable[[], Found]) -> Found:
    """Do it where no browser of another test is."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(act).result()
