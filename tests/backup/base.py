"""A site with files of evidence, its backup, and what its tables and its storage hold."""

import json
import tempfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from recommendations.actions.oversight.backups import write_rows
from recommendations.audit.verify import Progress
from recommendations.models import Evidence, StoredFile
from recommendations.storage import evidence as store
from tests.base import GuardedTransactionTestCase
from tests.baselines import record_baselines
from tests.files import pdf, received
from tests.rows import empty

Tables = dict[str, list[Any]]


def quiet(what: str = "") -> Progress:
    """A step that nobody is told of."""
    return lambda done, total: None


def tables() -> Tables:
    """Every row of every table that a backup copies."""
    written = BytesIO()
    write_rows(written, quiet())
    found: Tables = {}
    for line in map(json.loads, written.getvalue().splitlines()):
        if isinstance(line, dict):
            rows = found.setdefault(line["table"], [])
        else:
            rows += line
    return found


def files() -> dict[str, bytes]:
    """What the storage of evidence holds, by name."""
    found = {}
    for name, _since in store.list_stored():
        with store.open_file(store.digest_of_name(name)) as file:
            found[name] = file.read()
    return found


class BackupTestCase(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.place = Path(held.name)
        self.path = self.place / "site.tar"
        record_baselines()
        self.make_approved(self.make_recommendation())
        self.make_file("One paper.")
        self.make_file("Another paper.")

    def make_file(self, words: str) -> StoredFile:
        """An item of evidence with a file of these words."""
        item: Evidence = self.make_evidence(words, file=received("paper.pdf", pdf(words)))
        return item.revisions.get().file

    def run_command(self, name: str, *options: Any) -> str:
        said = StringIO()
        call_command(name, *map(str, options), stdout=said, stderr=said)
        return said.getvalue()

    def empty_site(self) -> None:
        """Take every row and every file away, as on another machine."""
        empty("default")
        for name in list(files()):
            store.delete_by_name(name)
