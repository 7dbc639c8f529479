"""The table of a run of the bench, and what its client takes from a page."""

import json
import tempfile
from pathlib import Path

from django.test import SimpleTestCase

from tests.bench.pages.asking import form_fields
from tests.bench.pages.measuring import Figures
from tests.bench.pages.tables import Run, aligned
from tests.bench.pages.targets import LIST, STATIC, Target

TARGETS = (
    Target("static", STATIC, 4, of="bare"),
    Target("list", LIST, 4.5),
    Target("page-200", "/?page=200", 1.3, of="list"),
    Target("xlsx", "/export/", kind="file"),
    Target("suggestions", "/missing/", 1),
)


def figures(warm: float, static: float = 0.01, rate: float = 10) -> Figures:
    return Figures(
        status=200,
        cold=0.5,
        warm=[warm, warm, 9],
        static=[static] * 3,
        worked=[warm / 2],
        static_worked=[static],
        first=[0.25],
        rate=rate,
        static_rate=100,
        statements=7,
        largest=3_999,
        size=150_000,
        packed=14_000,
    )


def made_run(*commits: str) -> Run:
    run = Run({"size": "1,000 recommendations"}, commits, TARGETS)
    for place, commit in enumerate(commits, 1):
        run.memory[commit] = 180
        for name, found in {
            "static": figures(0.01, 0.005),
            "list": figures(0.04 * place, rate=40 / place),
            "page-200": figures(0.05 * place),
            "xlsx": figures(6),
            "suggestions": Figures(404),
        }.items():
            run.pages.setdefault(name, {})[commit] = found
    return run


def cells(markdown: str, page: str) -> list[str]:
    """What the first row of a page says, cell by cell."""
    [line, *_rest] = [line for line in markdown.splitlines() if line.startswith(f"| {page} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


class TableTests(SimpleTestCase):
    def test_each_page_has_a_row_with_all_beside_it(self):
        said = made_run("aaa").markdown()
        for page, begun, row in (
            ("list", 0, "list|40.0|4.00|2.00|4.5|500|40.0|0.40|7|3999|150.0|14.0"),
            # A page may be measured by another page.
            ("page-200", 2, "1.25 of list|1.25|1.3"),
            ("static", 2, "2.00 of bare"),
            # What answers otherwise has its status and no figures.
            ("suggestions", 1, "–|–|–"),
            ("suggestions", 8, "(404)"),
        ):
            wanted = row.split("|")
            self.assertEqual(cells(said, page)[begun : begun + len(wanted)], wanted)
        # A file is told by its first byte and its last.
        self.assertIn("- xlsx: first byte after 0.25 s, whole after 6.0 s, 0.1 MB", said)
        self.assertNotIn("| xlsx", said)

    def test_two_commits_are_told_beside_each_other(self):
        said = made_run("now", "before").markdown()
        beside = said[said.index("times as fast") :]
        self.assertEqual(cells(beside, "list"), ["list", "80.0", "40.0", "2.0", "2.0"])
        self.assertNotIn("suggestions", beside)

    def test_the_data_say_the_same_as_the_table(self):
        with tempfile.TemporaryDirectory() as folder:
            made_run("aaa").write(Path(folder) / "made" / "run")
            written = json.loads((Path(folder) / "made" / "run.json").read_text())
            self.assertIn("| list", (Path(folder) / "made" / "run.md").read_text())
        self.assertEqual(written["pages"]["list"]["aaa"]["ratio"], 4)
        self.assertEqual(written["memory"], {"aaa": 180})

    def test_names_stand_to_the_left_and_numbers_to_the_right(self):
        self.assertEqual(
            aligned([("page", "ms"), ("a", "1.5")]),
            ["| page |  ms |", "| ---- | --: |", "| a    | 1.5 |"],
        )


class FormTests(SimpleTestCase):
    """What the bench sends of a form is what a browser would send."""

    PAGE = """
        <form id="other"><input name="elsewhere" value="1"></form>
        <form id="mine" action="/save/">
          <input type="hidden" name="key" value="a&amp;b">
          <input type="radio" name="status" value="new">
          <input type="radio" name="status" value="old" checked>
          <input type="checkbox" name="sure" value="1">
          <input type="file" name="upload">
          <input name="closed" value="1" disabled>
          <textarea name="words">
            Said &lt;so&gt;.</textarea>
          <select name="kind"><option value="x">X</option><option value="y" selected>Y</select>
          <select name="any"><option value="">–</option></select>
          <button name="move" value="save">Save</button>
        </form>
        <input name="beside" value="2" form="mine"><input name="apart" value="3" form="other">
    """

    def test_fields_inside_it_and_those_that_name_it_are_sent(self):
        wanted = {
            "key": "a&b",
            "status": "old",
            "words": "Said <so>.",
            "kind": "y",
            "any": "",
            "beside": "2",
        }
        self.assertEqual(form_fields(self.PAGE, "mine"), wanted)
        self.assertEqual(form_fields(self.PAGE, "other"), {"elsewhere": "1", "apart": "3"})
