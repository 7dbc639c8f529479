"""``import_recommendations`` at the command line."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import CommandError, call_command

from recommendations.models import AuditEvent, Recommendation
from tests.base import TrackerTestCase
from tests.imports.files import csv_bytes, map_for

HEAD = ("No.", "Recommendation", "Due date", "Status")
ROWS = (("1", "Do one.", "3/4/2031", "Closed acceptable"), ("2", "Do two.", "", ""))


class CommandTests(TrackerTestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.write("list.csv", csv_bytes(ROWS, HEAD))

    def write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def call(self, *args: Any, source: str = "report") -> str:
        out = StringIO()
        call_command("import_recommendations", *args, f"--source={source}", stdout=out)
        return out.getvalue()

    def test_a_dry_run_proposes_a_map_and_writes_nothing(self) -> None:
        events = AuditEvent.objects.count()
        said = self.call(self.file, "--dry-run", "--date-order=day_first")
        for words in (
            '"No.": "external_id"',
            '"closed acceptable"',
            "2 new, 0 changed, 0 unchanged, 0 rejected",
            "No target date (1): rows 3",
            "Nothing was written",
        ):
            self.assertIn(words, said)
        self.assertEqual(AuditEvent.objects.count(), events)
        self.assertEqual(Recommendation.objects.count(), 1)

    def test_a_map_is_confirmed_by_giving_it_and_then_remembered(self) -> None:
        with self.assertRaisesRegex(CommandError, "Confirm the mapping"):
            self.call(self.file, "--by=manager")
        kept = self.write("map.json", json.dumps(map_for(csv_bytes(ROWS, HEAD)).as_json()).encode())
        with self.assertRaisesRegex(CommandError, "Name the importing user"):
            self.call(self.file, f"--map={kept}")
        said = self.call(self.file, f"--map={kept}", "--by=manager")
        self.assertIn("Imported.", said)
        self.assertEqual(Recommendation.objects.count(), 3)
        said = self.call(self.file, "--by=manager")
        self.assertIn("Nothing to do: all rows are imported already.", said)
        other = self.write("other.csv", b"Title\nPublish the register.\n")
        with self.assertRaisesRegex(CommandError, "Confirm the mapping"):
            self.call(other, "--by=manager")  # A list with other columns.

    def test_refusals_are_told_in_one_line(self) -> None:
        with self.assertRaisesRegex(CommandError, "no source “gone”"):
            self.call(self.file, "--dry-run", source="gone")
        kept = self.write("map.json", json.dumps(map_for(csv_bytes(ROWS, HEAD)).as_json()).encode())
        twice = self.write("twice.csv", csv_bytes((*ROWS, ROWS[0]), HEAD))
        for words, args in (
            ("No such file", (self.folder / "gone.csv", "--dry-run")),
            ("JPEG", (self.write("x.csv", b"\xff\xd8\xff"), "--dry-run")),
            ("Expecting", (self.file, f"--map={self.write('bad.json', b'{')}", "--dry-run")),
            ("columns", (self.file, f"--map={self.write('no.json', b'[1]')}", "--dry-run")),
            ("no active user", (self.file, f"--map={kept}", "--by=gone")),
            ("cannot import", (self.file, f"--map={kept}", "--by=staff")),
            ("--leave-out-rejected", (twice, f"--map={kept}", "--by=manager")),
            (
                "Choose the column with the title or the text of the recommendation.",
                (self.write("n.csv", b"Colour\nred\n"), "--dry-run"),
            ),
        ):
            with self.assertRaisesRegex(CommandError, words):
                self.call(*args)
        self.assertEqual(Recommendation.objects.count(), 1)
