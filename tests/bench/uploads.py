"""What one large upload adds to the memory of the process that takes it in."""

import os
import re
import tempfile
from pathlib import Path

from django.conf import settings

from tests.base import World
from tests.bench.measure import table
from tests.kills import door, serving
from tests.updates import begin_draft

LARGE = settings.EVIDENCE_MAX_BYTES
START = b"%PDF-1.4\n"


def run(world: type[World]) -> None:
    """Print the memory of a worker before, at the peak of, and after an upload."""
    writer = door(
        world.staff, begin_draft(recommendation=world.make_recommendation(), by=world.staff)
    )
    with tempfile.TemporaryDirectory() as name, serving(Path(name), workers=1) as server:
        # What is loaded once, such as templates and the first connection, is no part of it.
        for _time in range(5):
            assert writer.send(server.address, START + os.urandom(2**10)) == 302
        [worker] = server.worker_ids()
        _forget_peak(worker)
        before = _memory(worker, "VmRSS")
        content = START + os.urandom(LARGE - len(START))
        assert writer.send(server.address, content) == 302
        peak, after = _memory(worker, "VmHWM"), _memory(worker, "VmRSS")
    head = ("worker", "MiB", "MiB added")
    rows = [
        ("before", f"{before:.1f}", ""),
        ("at its peak", f"{peak:.1f}", f"{peak - before:.1f}"),
        ("after", f"{after:.1f}", f"{after - before:.1f}"),
    ]
    table(f"Memory of an upload of {LARGE // 2**20} MiB", head, rows)


def _forget_peak(process: int) -> None:
    """See proc(5): 5 sets the peak back to what is held now."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def _memory(process: int, name: str) -> float:
    """MiB, as the kernel counts them: VmRSS is held now, VmHWM the most so far."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found, name
    return int(found[1]) / 2**10
