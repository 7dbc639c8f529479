"""Fifty kills of a real server while people upload, and what is left then.

    python -m tests.bench kills

The short version is tests/cases/test_killed_while_uploading.py.
"""

import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from recommendations import audit
from tests.base import World
from tests.bench.measure import table
from tests.kills import door, proofs, serving, upload_under_fire
from tests.updates import begin_draft
from tracker.evidence_storage import evidence_storage


def run(world: type[World], kills: int = 50, seed: int = 1) -> None:
    """Print what was sent, what was answered, and what of it is there."""
    doors = [
        door(person, begin_draft(recommendation=world.make_recommendation(), by=person))
        for person in (world.staff, world.manager, world.other_manager)
    ]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        entry = evidence_storage(Path(name))
        with override_settings(STORAGES={**settings.STORAGES, "evidence": entry}):
            with serving(Path(name)) as server:
                sent = upload_under_fire(server, doors, kills, seed)
            found = proofs(sent)
    rows = {
        "kills": kills,
        "uploads answered": len(sent.answered),
        "uploads without an answer": len(sent.unanswered),
        "other answers": len(sent.refused),
        "answered and lost": found.lost,
        "missing or altered": found.faults,
        "orphans": found.orphans,
        "halves in incoming": found.half,
    }
    lines = [(what, f"{count:,}", "") for what, count in rows.items()]
    table(f"Uploads under fire, seed {seed}", ("what", "count", ""), lines)
    print(
        f"  record: {audit.verify_chain().fault or 'whole'}; {time.monotonic() - begun:.0f} seconds"
    )
