"""A writer in a fork of this process, which is killed at a moment of our choice."""

import os
import random
import signal
import traceback
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, connections

from tests.base import GuardedTransactionTestCase
from tests.depth import times

Write = Callable[[], object]

SOON = 0.003
"""Seconds within which a writer may be killed once its last statement has begun."""


@unittest.skipUnless(hasattr(os, "fork"), "a writer is a fork of this process")
class KilledTestCase(GuardedTransactionTestCase):
    """A test whose writers are killed; whatever they wrote is asked after each kill."""

    def setUp(self) -> None:
        super().setUp()
        self.chosen = random.Random(1)

    def kills(self, write: Write, step: int) -> Iterator[int]:
        """Kill a writer at its first statement, then further and further on, until one gets to its
        end; yields after each, the last included. A usual run leaves out up to ``step`` statements.

        Every second dies before the statement, the others while it is answered or soon after: one
        may have done all of it by then, so what is done already is no failure of the next.
        """
        statement, is_killed = 1, True
        while is_killed:
            after = self.chosen.uniform(0, SOON) if statement % 2 else 0
            is_killed = killed_at(write, statement, after)
            yield statement
            statement += self.chosen.randint(1, times(step, 1))


def killed_at(write: Write, statement: int, after: float = 0) -> bool:
    """Let a process of its own write, and die at its n-th statement; whether it came to that."""
    # Two processes never share a connection, nor a pool of these.
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()
    if writer := os.fork():
        _pid, status = os.waitpid(writer, 0)
        if os.WIFSIGNALED(status):
            return True
        assert os.WEXITSTATUS(status) == 0, "the writer failed"
        return False
    code = 1
    try:
        _die_at(statement, after)
        write()
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def _die_at(statement: int, after: float) -> None:
    left = iter(range(statement, 0, -1))

    def count(execute: Any, *given: Any) -> Any:
        if next(left, 0) == 1:
            if not after:
                os.kill(os.getpid(), signal.SIGKILL)
            # Its default is to end the process at once, whatever that is at.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, after)
        return execute(*given)

    connection.execute_wrappers.append(count)
