"""Several people at once: jobs in threads of their own, each with a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

PATIENCE = 60
"""Seconds until a thread counts as stuck: a deadlock is a failure, not a test without an end."""


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Let every job go at the same moment; for each what it returned, or the exception it raised.

    The barrier stands before the first query: a thread that waited with a connection in hand
    could keep the last one of the pool from the thread it waits for.
    """
    barrier = threading.Barrier(len(jobs), timeout=PATIENCE)
    outcomes: list[Any] = [None] * len(jobs)

    def run(number: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            outcomes[number] = job()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(number, job), daemon=True)
        for number, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        if thread.is_alive():
            raise AssertionError("a thread is stuck")
    return outcomes


def failures(outcomes: Sequence[Any]) -> list[Exception]:
    """What was raised, in the order of the jobs."""
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
