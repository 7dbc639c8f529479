"""How far a long command has come, told on a stream while it runs."""

import time
from collections.abc import Callable
from typing import Protocol

SILENT_FOR, EVERY = 1.0, 3.0
"""Seconds before the first line, and between two."""


class Stream(Protocol):
    def write(self, msg: str) -> object: ...


class ProgressLine:
    """Tells the share that is done and the time that is left; of what is soon done, nothing."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._began = time.monotonic()
        self._next = self._began + SILENT_FOR

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next or not done:
            return
        self._next = now + EVERY
        total = max(done, total)
        left = self.seconds * (total - done) / done
        self._stream.write(f"{100 * done // total} % done, about {left:.0f} s left")


def steps(stream: Stream) -> Callable[[str], ProgressLine]:
    """Tells of each step as it begins, and then how far it is."""

    def step(what: str) -> ProgressLine:
        stream.write(f"{what} …")
        return ProgressLine(stream)

    return step
