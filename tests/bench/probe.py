"""Asks for ``/healthz`` ten times a second, as a monitor would: ``python -m tests.bench.probe``.

A process of its own, since among the threads of people who read and write it would wait for them,
and tell of that as the site's. A line an answer, of its status and seconds; it ends with its input.
"""

import http.client
import select
import sys
import time
from contextlib import closing

EVERY = 0.1
PATIENCE = 30


def ask(host: str, port: int) -> tuple[int, float]:
    """Status, 0 where no answer came, and seconds."""
    begun, status = time.monotonic(), 0
    try:
        with closing(http.client.HTTPConnection(host, port, timeout=PATIENCE)) as line:
            line.request("GET", "/healthz")
            status = line.getresponse().status
    except (OSError, http.client.HTTPException):
        pass
    return status, time.monotonic() - begun


if __name__ == "__main__":
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        print(*ask(sys.argv[1], int(sys.argv[2])), flush=True)
