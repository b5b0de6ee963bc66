"""Waiting for what is to come."""

import time
from collections.abc import Callable
from typing import TypeVar

# Only what is broken takes as long, however busy the machine is.
LIMIT = 30.0


class NeverCame(Exception):
    """What was waited for did not come."""


Value = TypeVar("Value")


def eventually(what: str, condition: Callable[[], Value | None]) -> Value:
    """The first answer that is something. Raises NeverCame."""
    deadline = time.monotonic() + LIMIT
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NeverCame(f"still not so after {LIMIT:.0f} seconds: {what}")
        time.sleep(0.05)
