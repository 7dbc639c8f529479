"""Characters that no file and no page can hold: refused at every entrance, replaced on the way out.

Forms have theirs in ``tests.views.test_update_bad_input`` and ``tests.admin.test_bad_input``,
addresses theirs in ``tests.views.test_errors``.
"""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import openpyxl
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse

from recommendations import guards
from recommendations.actions import article, indicators
from recommendations.actions.imports.areas import plan_areas
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    RowKind,
    SpreadsheetOptions,
    import_spreadsheet,
)
from recommendations.characters import INVALID, clean_file_name, replace_invalid
from recommendations.models import AuditEvent, Observation, Recommendation
from recommendations.readers import TableError, open_table
from recommendations.readers.columns import ColumnMap, Field, read_map
from recommendations.readers.meanings import MapError
from tests.article.base import ArticleTestCase
from tests.base import TrackerTestCase
from tests.figures.test_import import FiguresTestCase
from tests.imports.files import csv_bytes, plan_of, upload
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


class SpreadsheetTests(TrackerTestCase):
    def test_a_cell_is_refused_with_its_place_in_csv_and_json(self) -> None:
        for character in INVALID_ONES:
            text = f"Do {character}it"
            code = f"U+{ord(character):04X}"
            in_json = json.dumps([{"No.": "1", "Title": "Do"}, {"No.": "2", "Title": text}])
            with self.subTest(code):
                self.assert_refused(
                    in_json.encode(), "list.json", f"Row 2: Column “Title” holds.*{code}"
                )
                if character != "\0":
                    data = csv_bytes([("1", "Do"), ("2", text)], ("No.", "Title"))
                    self.assert_refused(data, "list.csv", f"Line 3: Column “Title” holds.*{code}")
        self.assert_refused(b'[{"No.": "\\udc00"}]', "list.json", "U\\+DC00")

    def test_a_workbook_holds_only_those_that_xml_does(self) -> None:
        book = openpyxl.Workbook()
        book.active.append(["No.", "Title"])
        book.active.append(["1", "Do \x85it"])
        held = io.BytesIO()
        book.save(held)
        self.assert_refused(held.getvalue(), "list.xlsx", "Line 2: Column “Title” holds.*U\\+0085")

    def test_the_header_is_refused(self) -> None:
        data = csv_bytes([("1", "Do")], ("No.", "Ti\ufffetle"))
        self.assert_refused(data, "list.csv", "the header of column 2 holds an invalid character")

    def test_a_map_of_columns_is_refused(self) -> None:
        columns = {"No.": "external_id", "Ti\ufffetle": "title"}
        with self.assertRaisesMessage(MapError, "holds an invalid character"):
            read_map({"columns": columns})

    def assert_refused(self, data: bytes, name: str, words: str) -> None:
        with self.assertRaisesRegex(TableError, words.replace("U+", "U\\+")):
            list(open_table(io.BytesIO(data), name).rows)


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
        for mapped, rejected in ((columns, []), ({**columns, "Reply": Field.RESPONSE}, [4])):
            plan = plan_of(
                csv_bytes(rows, header), self.source, self.manager, column_map=ColumnMap(mapped)
            )
            lines = [row.line for row in plan.rows_of(RowKind.REJECTED)]
            self.assertEqual((lines, len(plan.written)), (rejected, 5 - len(rejected)))
        [group] = [group for group in plan.groups if group.code.is_rejection]
        self.assertEqual(group.code, FindingCode.INVALID_CHARACTER)
        told = "Column “Reply” holds an invalid character (U+0081)"
        self.assertEqual(group.messages, [(told, [4])])

    def test_a_row_of_a_list_is_imported_with_the_character_replaced_by_choice(self) -> None:
        rows = [("001", "Do\x81 it"), ("002", "Do the other")]
        columns = ColumnMap({"No.": Field.EXTERNAL_ID, "Text": Field.SUMMARY})
        options = SpreadsheetOptions(columns, replaces_invalid=True)
        import_spreadsheet(
            upload=upload(csv_bytes(rows, ("No.", "Text"))),
            source=self.source,
            by=self.manager,
            options=options,
        )
        self.assertEqual(Recommendation.objects.get(external_id="001").summary, "Do\ufffd it")

    def test_names_of_areas_are_refused_by_the_row(self) -> None:
        content = "area,alias,note\nKEN,Ken\x81ia,\nNAM,Namibie,\x81\n"
        plan = plan_areas(upload=upload(content.encode()))
        told = "Line 2: Column “alias” holds an invalid character (U+0081)"
        self.assertEqual([str(row) for row in plan.rejected], [told])
        self.assertEqual([alias.alias for alias in plan.aliases], ["Namibie"])

    def test_the_source_that_a_file_states_is_cleaned(self) -> None:
        content = '"Data Source","Wo\x7frld"\n\nCountry Name,Country Code,2019\nKenya,KEN,1\n'
        self.assertEqual(self.plan(content.encode()).source, "Wo\ufffdrld")

    def test_what_a_person_types_beside_a_file_is_refused(self) -> None:
        sent = {"move": "look", "source": "An\ufffeoffice"}
        file = SimpleUploadedFile("f\ufffei\x85gures.csv", b"iso3,period,value\nKEN,2019,1\n")
        path = reverse("figure-import", args=["USE"])
        answer = self.client_for(self.manager).post(path, {**sent, "file": file})
        file.seek(0)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("U+FFFE) cannot be shown safely", words_of(answer))
        answer = self.client_for(self.manager).post(path, {"move": "look", "file": file})
        self.assertIn("figures.csv", words_of(answer))
        self.assertFalse(INVALID.search(answer.content.decode()))

    def test_a_figure_typed_by_hand_is_refused(self) -> None:
        path = reverse("figure-new", args=["USE"])
        values = {"area": "KEN", "period": "2019", "value": "1", "comment": "a\ufffeb"}
        answer = self.client_for(self.manager).post(path, values)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Character 2 (U+FFFE) cannot be shown safely", words_of(answer))
        self.assertFalse(Observation.objects.exists())

    def test_commands_refuse_what_the_terminal_sends(self) -> None:
        for text in ("a\ufffeb", "a\x85b", "a\udcffb", "a\nb"):
            for name, arguments in (
                ("import_observations", ["f.csv", "--indicator=USE", f"--source={text}"]),
                ("import_observations", ["f.csv", f"--indicator={text}"]),
                ("import_observations", [text, "--indicator=USE"]),
                ("import_recommendations", ["f.csv", "--source=report", f"--by={text}"]),
                ("fetch_world_bank", [text, "--by=staff"]),
                ("create_administrator", ["--no-input", f"--username={text}"]),
                ("changepassword", [text]),
            ):
                with self.subTest(name=name, text=text), self.assertRaises(CommandError) as told:
                    call_command(name, *arguments)
                self.assertRegex(str(told.exception), "cannot be shown safely|on one line")

    def test_the_name_of_a_spreadsheet_is_cleaned_before_it_is_recorded(self) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "li\ufffest.json"
            path.write_bytes(b'[{"id": "A1", "title": "Do it."}]')
            with self.assertRaisesRegex(CommandError, "cannot be shown safely"):
                call_command("import_recommendations", path, "--source=report", "--by=manager")
        self.assertEqual(upload(b"", "li\ufffest.json").name, "list.json")


class FixtureTests(ArticleTestCase):
    def test_the_loader_names_the_object_and_writes_nothing_of_the_file(self) -> None:
        events = AuditEvent.objects.count()
        for value in ("a\ufffeb", "a\x85b", "a\ud800b", "a\0b"):
            folder = self.rewritten("30_source.json", "digital-silk-road", author=value)
            with self.assertRaisesRegex(article.LoadRefused, r"object \d+.*cannot be shown safely"):
                self.load(folder)
        self.assertEqual(AuditEvent.objects.count(), events)


class SameLineTests(TrackerTestCase):
    """Rows of JSON are known by their place in the list, however many share a line."""

    def test_the_same_number_twice_on_one_line_is_rejected(self) -> None:
        rows = [{"id": "A1", "title": "One"}, {"id": "A1", "title": "Two"}]
        for _again in ("new", "known"):
            told = self.bring(rows)
            self.assertIn("rows 2", told)
            self.assertIn("“A1” is already in row 1", told)
            self.bring(rows[:1])
        self.assertEqual(Recommendation.objects.get(external_id="A1").title, "One")

    def test_two_rows_on_one_line_are_two(self) -> None:
        self.bring([{"id": "A1", "title": "One"}, {"id": "A2", "title": "Two"}])
        found = Recommendation.objects.exclude(external_id="").order_by("external_id")
        self.assertEqual([each.title for each in found], ["One", "Two"])

    def bring(self, rows: list[dict[str, str]]) -> str:
        columns = {"id": "external_id", "title": "title"}
        out = io.StringIO()
        with TemporaryDirectory() as folder:
            path, chart = Path(folder) / "list.json", Path(folder) / "map.json"
            path.write_text(json.dumps(rows))
            chart.write_text(json.dumps({"columns": columns}))
            arguments = (path, f"--map={chart}", "--source=report", "--by=manager")
            try:
                call_command("import_recommendations", *arguments, stdout=out)
            except CommandError:
                self.assertIn("rejected", out.getvalue())
        return out.getvalue()


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
        ("response", "words reason"),
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
            indicators.observe(
                indicator=cls.indicator,
                area=cls.area,
                period=period,
                by=cls.manager,
                values={"value": value, "comment": "Counted.", "source": "An office"},
            )
        cls._plant()

    @classmethod
    def _plant(cls) -> None:
        """By SQL, as no action would: at the end of every text that a file could show."""
        planted = PLANTED + ("\0" if connection.vendor == "sqlite" else "")
        with transaction.atomic(), connection.cursor() as cursor:
            present = set(connection.introspection.table_names())
            tables = [f"recommendations_{name}" for name, _columns in cls.TEXTS]
            with guards.lifted(connection, tables):
                for name, columns in cls.TEXTS:
                    table = f"recommendations_{name}"
                    assert table in present, table
                    known = {
                        found.name
                        for found in connection.introspection.get_table_description(cursor, table)
                    }
                    for column in set(columns.split()) & known:
                        cursor.execute(
                            f'UPDATE {table} SET "{column}" = "{column}" || %s', [planted]
                        )

    def test_csv_json_and_xlsx_of_every_list(self) -> None:
        for name, arguments in self.FILES:
            path = reverse(name, args=arguments)
            with self.subTest(name):
                by_csv = self.file(path, "csv").decode("utf-8-sig")
                by_json = self.file(path, "json").decode()
                book = openpyxl.load_workbook(io.BytesIO(self.file(path, "xlsx")))
                rows = list(csv.reader(io.StringIO(by_csv, newline="")))
                self.assertEqual(len(json.loads(by_json)), len(rows) - 1)
                self.assertEqual(book.active.max_row, len(rows))
                in_book = "".join(
                    str(cell) for row in book.active.iter_rows(values_only=True) for cell in row
                )
                for text in (by_csv, by_json, in_book):
                    self.assertFalse(INVALID.search(text))
                self.assertEqual("\ufffd" in by_csv, "\ufffd" in in_book)

    def test_the_planted_texts_are_in_the_files(self) -> None:
        for name, arguments in self.FILES[:4]:
            text = self.file(reverse(name, args=arguments), "csv").decode()
            self.assertIn("\ufffd" * len(PLANTED), text, name)

    def test_charts_are_xml(self) -> None:
        answer = self.get(reverse("indicator-chart", args=["USE"]), self.manager)
        self.assertEqual(ElementTree.fromstring(answer.content).tag.rpartition("}")[2], "svg")
        self.assertIn("\ufffd", answer.content.decode())

    def test_charts_in_pages_are_xml(self) -> None:
        page = self.get(self.indicator.get_absolute_url(), self.manager).content.decode()
        pieces = page.split("<svg")[1:]
        charts = ["<svg" + piece.partition("</svg>")[0] + "</svg>" for piece in pieces]
        found = [ElementTree.fromstring(chart) for chart in charts if "<title" in chart]
        self.assertTrue(found)

    def test_organisations_and_areas_from_the_administration(self) -> None:
        client = self.client_for(self.administrator)
        for model in ("organisation", "area"):
            for index, kind in enumerate(("csv", "xlsx", "json")):
                path = reverse(f"admin:recommendations_{model}_export")
                sent: dict[str, Any] = {"format": index, "resource": 0}
                answer = client.post(path, sent)
                content = b"".join(answer) if answer.streaming else answer.content
                with self.subTest(model=model, kind=kind):
                    self.assertEqual(answer.status_code, 200)
                    self.assertEqual(_rows(content, kind), _count(model) + (kind != "json"))

    def file(self, path: str, kind: str) -> bytes:
        answer = self.get(path, self.manager, format=kind)
        self.assertEqual(answer.status_code, 200, path)
        return b"".join(answer.streaming_content)


def _rows(content: bytes, kind: str) -> int:
    if kind == "json":
        return len(json.loads(content))
    if kind == "csv":
        return len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))))
    return int(openpyxl.load_workbook(io.BytesIO(content)).active.max_row)


def _count(model: str) -> int:
    return apps.get_model("recommendations", model).objects.count()
