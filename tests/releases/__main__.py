"""Keep the database of a release, filled with the demonstration, for the test of upgrades.

    python -m tests.releases 1.0

Done once, on the commit that is released: the file beside this one is never written again.
"""

import gzip
import json
import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent


def keep(version: str, folder: Path) -> Path:
    """Make the demonstration in a new database, and write what migrations it has and its rows."""
    os.environ.update(
        DEBUG="on",
        SECRET_KEY="only for this",
        DATABASE_URL=f"sqlite:///{folder}/release.sqlite3",
        EVIDENCE_ROOT=str(folder / "evidence"),
        DJANGO_SETTINGS_MODULE="tracker.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command

    from recommendations.actions.oversight import backups
    from recommendations.actions.oversight.backups import applied_migrations

    call_command("migrate", verbosity=0)
    call_command("seed_demo")
    path = FOLDER / f"{version}.jsonl.gz"
    with gzip.GzipFile(path, "xb", mtime=0) as out:
        out.write(json.dumps(applied_migrations()).encode() + b"\n")
        backups.write_rows(out, lambda _done, _total: None)
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(keep(sys.argv[1], Path(name)))
