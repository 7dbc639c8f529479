"""Charts stay as somebody looked at them; see CONTRIBUTING.md for how to write them anew."""

from django.test import SimpleTestCase

from tests.charts.snapshots import FOLDER, drawn


class SnapshotTests(SimpleTestCase):
    def test_each_chart_is_the_kept_one(self):
        kept = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
        now = dict(drawn())
        self.assertEqual(sorted(kept), sorted(now))
        for path, chart in now.items():
            with self.subTest(path.name):
                self.assertEqual(chart, kept[path], "renew with: python -m tests.charts.snapshots")
