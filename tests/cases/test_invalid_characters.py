"""Characters that no file and no page can hold: refused at every entrance, replaced on the way out.

Forms have theirs in ``tests.views.test_update_bad_input`` and ``tests.admin.test_bad_input``,
addresses theirs in ``tests.views.test_errors``.
"""

import csv
import io
import itertools
import json

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from recommendations import guards
from recommendations.actions import fixtures
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet import FindingCode, RowKind, SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.plans import ColumnMap
from recommendations.characters import INVALID, clean_file_name, replace_invalid
from recommendations.columns import Field
from recommendations.models import (
    AuditEvent,
    Observation,
    Recommendation,
)
from tests.article.base import ArticleTestCase
from tests.base import TrackerTestCase
from tests.edits import observe
from tests.figures.test_import import FiguresTestCase
from tests.imports.files import csv_bytes, plan_of, upload
from tests.imports.run import import_spreadsheet
from tests.views.pages import PageTestCase, words_of

INVALID_ONES = ("\0", "\x01", "\x0b", "\x1f", "\x7f", "\x85", "\x9f", "\ufffe", "\uffff")
VALID_ONES = ("\t", "\n", "\r", "a", "\xa0", "é", "\ufffd", "\ufdd0", "\U0001f600", "\u200f")
PLANTED = "".join(INVALID_ONES[1:])
"""What PostgreSQL would store; SQLite stores NUL as well."""


class RuleTests(TrackerTestCase):
    def test_the_rule_is_about_these_and_no_others(self) -> None:
        for character in (*INVALID_ONES, "\ud800", "\udfff"):
            self.assertEqual(replace_invalid(f"a{character}b"), "a\ufffdb")
        for character in VALID_ONES:
            self.assertEqual(replace_invalid(character), character)

    def test_the_name_of_a_file_is_one_line_without_its_path(self) -> None:
        for name, expected in (
            ("C:\\My files\\re\x85po\ufffert\u202e.csv", "report.csv"),
            ("../../etc/\udcffpasswd", "passwd"),
            ("a" * 300 + ".csv", "a" * 139 + "….csv"),
            ("\x01\ufffe", ""),
            ("...", ""),
        ):
            self.assertEqual(clean_file_name(name), expected)
        self.assertEqual(Upload(io.BytesIO(), "a\ufffe\n.csv").name, "a.csv")
        self.assertEqual(upload(b"", "li\ufffest.json").name, "list.json")


class EntranceTests(FiguresTestCase, PageTestCase):
    def test_a_figure_is_rejected_and_the_others_come_in(self) -> None:
        content = "iso3,period,value,comment\nNAM,2019,1,no\ufffete\nKEN,2019,2,note\n".encode()
        plan = self.run_import(content, skip_rejected=True)
        self.assertEqual((plan.new, plan.rejected), (1, 1))
        told = "Line 2: Column “comment” holds an invalid character (U+FFFE)"
        self.assertEqual(plan.rejections, [told])
        self.assertEqual(self.held(), {("KEN", "2019"): 2})

    def test_it_is_replaced_by_choice_and_does_not_count_where_nothing_is_read(self) -> None:
        content = "iso3,period,value,comment,freq\nNAM,2019,1,no\ufffete,\x81\nKEN,2019,2,,\x81\n"
        plan = self.run_import(content.encode(), replaces_invalid=True)
        self.assertEqual((plan.new, plan.rejected), (2, 0))
        noted = Observation.objects.get(area=self.namibia)
        self.assertEqual(noted.comment, "no\ufffdte")
        unread = self.plan(content.replace("\ufffe", "").encode())
        self.assertEqual((unread.unchanged, unread.rejected), (2, 0))

    def test_a_list_is_refused_by_the_row_and_not_for_a_column_that_is_not_imported(self) -> None:
        header = ("No.", "Recommendation", "Status", "Reply")
        rows = [(f"00{n}", f"Do {n}", "Open", "yes\x81" if n == 3 else "fine") for n in range(1, 6)]
        columns = {"No.": Field.EXTERNAL_ID, "Recommendation": Field.SUMMARY}
        data = csv_bytes(rows, header)
        for mapped, rejected in ((columns, []), ({**columns, "Reply": Field.RESPONSE}, [4])):
            plan = plan_of(data, self.source, self.manager, column_map=ColumnMap(mapped))
            lines = [row.line for row in plan.rows_of(RowKind.REJECTED)]
            self.assertEqual((lines, len(plan.written)), (rejected, 5 - len(rejected)))
        [group] = [group for group in plan.groups if group.code.is_rejection]
        told = "Column “Reply” holds an invalid character (U+0081)"
        self.assertEqual(
            (group.code, group.messages), (FindingCode.INVALID_CHARACTER, [(told, [4])])
        )

    def test_a_row_of_a_list_is_imported_with_the_character_replaced_by_choice(self) -> None:
        rows = [("001", "Do\x81 it"), ("002", "Do the other")]
        columns = ColumnMap({"No.": Field.EXTERNAL_ID, "Text": Field.SUMMARY})
        import_spreadsheet(
            upload=upload(csv_bytes(rows, ("No.", "Text"))),
            source=self.source,
            by=self.manager,
            options=SpreadsheetOptions(columns, replaces_invalid=True),
        )
        self.assertEqual(Recommendation.objects.get(external_id="001").summary, "Do\ufffd it")

    def test_what_a_person_types_is_refused_and_the_name_of_a_file_is_cleaned(self) -> None:
        file = SimpleUploadedFile("f\ufffei\x85gures.csv", b"iso3,period,value\nKEN,2019,1\n")
        typed = {"area": "KEN", "period": "2019", "value": "1", "comment": "a\ufffeb"}
        for name, sent, status, words in (
            ("figure-import", {"source": "An\ufffeoffice"}, 400, "U+FFFE) cannot be shown safely"),
            ("figure-import", {}, 200, "figures.csv"),
            ("figure-new", typed, 400, "Character 2 (U+FFFE) cannot be shown safely"),
        ):
            file.seek(0)
            path = reverse(name, args=["USE"])
            given = {"file": file, "move": "look"} if name == "figure-import" else {}
            with self.subTest(name, status=status):
                answer = self.post(path, self.manager, **given, **sent)
                self.assertEqual(answer.status_code, status)
                self.assertIn(words, words_of(answer))
                if status == 200:
                    self.assertFalse(INVALID.search(answer.content.decode()))
        self.assertFalse(Observation.objects.exists())


class FixtureTests(ArticleTestCase):
    def test_the_loader_names_the_object_and_writes_nothing_of_the_file(self) -> None:
        events = AuditEvent.objects.count()
        for value in ("a\ufffeb", "a\x85b", "a\ud800b", "a\0b"):
            folder = self.rewritten("30_source.json", "digital-silk-road", author=value)
            with self.assertRaisesRegex(
                fixtures.LoadRefused, r"object \d+.*cannot be shown safely"
            ):
                self.load(folder)
        self.assertEqual(AuditEvent.objects.count(), events)


class ExitTests(PageTestCase):
    """Whatever an older database holds, every file that leaves can be read."""

    TEXTS = (
        ("source", "title"),
        ("recommendation", "title summary quoted_text"),
        ("evidence", "title publisher citation"),
        ("indicator", "title definition unit"),
        ("observation", "comment source"),
        ("area", "name"),
        ("statusupdate", "what_happened public_text"),
        ("response", "reason"),
        ("organisation", "name"),
        ("targetdatechange", "reason"),
        ("audittext", "text"),
    )
    FILES = (
        ("recommendation-export", ()),
        ("evidence-export", ()),
        ("indicator-export", ()),
        ("figure-export", ("USE",)),
        ("area-export", ()),
        ("response-export", ("REP-1",)),
        ("audit-export", ()),
        ("dates-export", ("report",)),
    )

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_approved(cls.recommendation, public_text="In public.")
        cls.make_evidence()
        cls.indicator = cls.make_indicator("USE")
        cls.area = cls.make_area("KEN", name="Kenya", kind="country", iso2="KE", iso3="KEN")
        for period, value in (("2019", "1"), ("2020", "2")):
            told = {"comment": "Counted.", "source": "An office"}
            observe(cls.indicator, cls.area, period, value, cls.manager, **told)
        cls._plant()

    @classmethod
    def _plant(cls) -> None:
        """By SQL, as no action would: at the end of every text that a file could show."""
        planted = PLANTED + ("\0" if connection.vendor == "sqlite" else "")
        columns = {f"recommendations_{name}": columns.split() for name, columns in cls.TEXTS}
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            guards.lifted(connection, columns),
        ):
            for table, names in columns.items():
                for name in names:
                    cursor.execute(f"UPDATE {table} SET {name} = {name} || %s", [planted])

    def test_csv_json_and_xlsx_of_every_list(self) -> None:
        for number, (name, arguments) in enumerate(self.FILES):
            path = reverse(name, args=arguments)
            with self.subTest(name):
                by_csv, by_xlsx = (
                    cells_of(self.file(path, kind), kind) for kind in ("csv", "xlsx")
                )
                by_json = self.file(path, "json").decode()
                self.assertEqual(len(json.loads(by_json)), len(by_csv) - 1)
                self.assertEqual(len(by_xlsx), len(by_csv))
                texts = [str(by_csv), str(by_xlsx), by_json]
                for text in ("".join(itertools.chain(*by_csv, *by_xlsx)), by_json):
                    self.assertFalse(INVALID.search(text))
                self.assertEqual("\ufffd" in texts[0], "\ufffd" in texts[1])
                if number < 4:
                    self.assertIn("\ufffd" * len(PLANTED), texts[0])

    def file(self, path: str, kind: str) -> bytes:
        answer = self.get(path, self.manager, format=kind)
        self.assertEqual(answer.status_code, 200, path)
        return b"".join(answer.streaming_content)


def cells_of(content: bytes, kind: str) -> list[list[str]]:
    """The rows of a file, its header included."""
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[*map(str, row)] for row in book.active.iter_rows(values_only=True)]
