"""Columns, days and statuses: proposed from what they are usually called, never guessed."""

from datetime import date
from unittest import TestCase

from recommendations.actions.imports.spreadsheet.plans import (
    ColumnMap,
    KnownBy,
    join_names,
    propose,
    read_map,
    split_names,
)
from recommendations.columns import Field
from recommendations.exports.recommendations import COLUMNS
from recommendations.readers import Formula, Number
from recommendations.readers.meanings import (
    DateError,
    DateOrder,
    MapError,
    StatusMeaning,
    certain_order,
    meaning_of,
    read_date,
    split_number,
)


class ProposalTests(TestCase):
    def test_several_vocabularies(self) -> None:
        for code, headers in {
            "external_id": ("No.", "Ref", "REC ID"),
            "quoted_text": ("Recommendation", "Text of recommendation"),
            "summary": ("Summary",),
            "lead": ("Lead Ministry", "Recipient"),
            "addressees": ("Addressee",),
            "action": ("Planned action",),
            "response": ("Government response", "Decision"),
            "reported_status": ("Overall status",),
            "opened_on": ("Date issued", "Made"),
            "target_date": ("Due date",),
            "closed_on": ("Date closed",),
        }.items():
            for header in headers:
                self.assertEqual(propose([header]), {header: code}, header)
        self.assertEqual(propose(["Colour"]), {})
        # Each field is proposed once.
        for names in (
            *(("Nr.", "Empfehlung", "Frist"), ("N°", "Recommandation", "Échéance")),
            *(("Nº", "Recomendación", "Plazo"), ("№ п/п", "Рекомендация", "Срок исполнения")),
            *(("الرقم", "التوصية", "الموعد النهائي"), ("序号", "建议内容", "完成期限")),
        ):
            codes = ["external_id", "quoted_text", "target_date"]
            self.assertEqual(list(propose(names).values()), codes, names)
        several = propose(["Status", "reported_status", "Current status"])
        self.assertEqual(several, {"reported_status": Field.REPORTED_STATUS})
        # Beside its wording, a recommendation is known by its title.
        for wording in ("Text", "Text of the recommendation"):
            named = {"Recommendation": Field.TITLE, wording: Field.QUOTED_TEXT}
            self.assertEqual(propose(list(named)), named)
        titled = propose(["Title", "Recommendation", "Text"])
        self.assertEqual(titled, {"Title": Field.TITLE, "Recommendation": Field.QUOTED_TEXT})

    def test_an_export_is_known_by_its_codes_and_by_nothing_else(self) -> None:
        public = [column for column in COLUMNS if column.is_public]
        for columns in (COLUMNS, public):
            names = [column.name for column in columns]
            found = propose(names)
            self.assertEqual(found, {n: Field(n) for n in names if n in Field.values})


class MapTests(TestCase):
    GOOD = {"columns": {"No.": "external_id", "Text": "quoted_text"}}

    def test_a_map_comes_back_as_it_was_kept(self) -> None:
        kept = ColumnMap(
            {"No.": Field.EXTERNAL_ID, "Text": Field.QUOTED_TEXT},
            {"closed acceptable": StatusMeaning("implemented", "accepted")},
            DateOrder.DAY_FIRST,
            defaults={Field.LEAD: "Ministry A", Field.INTERVAL_MONTHS: "3"},
            known_by=KnownBy.TITLE,
            takes_over=True,
        )
        self.assertEqual(read_map(kept.as_json()).as_json(), kept.as_json())
        older = {**self.GOOD, "by_title": True}
        self.assertEqual(read_map(older).known_by, KnownBy.TITLE)

    def test_what_makes_no_sense_is_named(self) -> None:
        for data, words in (
            ([], "columns"),
            ({"columns": []}, "columns"),
            ({**self.GOOD, "colour": 1}, "colour"),
            ({"columns": {"No.": "number"}}, "no field “number”"),
            ({"columns": {"a": "title", "b": "title", "c": "external_id"}}, "Two columns"),
            (
                {"columns": {"a": "title"}},
                "Choose the column with the number of a row, or",
            ),
            (
                {"columns": {"a": "external_id"}},
                "Choose the column with the title or the text of the recommendation.",
            ),
            ({**self.GOOD, "date_order": "guess"}, "date_order"),
            ({**self.GOOD, "statuses": []}, "statuses"),
            ({**self.GOOD, "statuses": {"done": {"status": "done"}}}, "done"),
            ({**self.GOOD, "statuses": {"done": "implemented"}}, "done"),
            ({**self.GOOD, "confidences": {"sunny": "purple"}}, "to a delivery confidence"),
            ({**self.GOOD, "defaults": {"title": "x"}}, "no field “title”"),
            ({**self.GOOD, "defaults": {"lead": "A\0"}}, "holds an invalid character"),
            ({**self.GOOD, "defaults": {"lead": 1}}, "defaults"),
        ):
            with self.assertRaisesRegex(MapError, words):
                read_map(data)

    def test_names_in_one_cell(self) -> None:
        for names in (["A"], ["A", "B"], ["A; B"], ["A; B", "C"], []):
            self.assertEqual(split_names(join_names(names)), names)
        self.assertEqual(split_names(" A ;B;; A"), ["A", "B"])


class DateTests(TestCase):
    def test_the_order_is_stated_never_guessed(self) -> None:
        day, month, iso = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.ISO
        same = (
            *("2026-04-03 00:00:00", "3 April 2026", "April 3, 2026", "3-Apr-2026"),
            *("3. April 2026", "3 de abril de 2026", "3 avr. 2026", "3 апреля 2026 года"),
            *("2026年4月3日", "3 نيسان/أبريل 2026", "٣ أبريل ٢٠٢٦", "\u200f3 April 2026"),
        )
        uncertain = ("April 2026", "2026", "3/4/26", "2026-02-30", "soon")
        for cells, orders, expected in (
            (("03/04/2026",), (day,), date(2026, 4, 3)),
            (("03/04/2026",), (month,), date(2026, 3, 4)),
            # Of two figures a year is, as spreadsheets show days, behind a month in words.
            (("3-Apr-26",), (day,), date(2026, 4, 3)),
            (("3-Apr-26", "3/4/26"), ("", month, iso), DateError),
            # What reads the same to everybody, and nothing.
            (("2026-04-03", *same, date(2026, 4, 3)), ("", *DateOrder.values), date(2026, 4, 3)),
            ((None, "", "  "), ("",), None),
            # What is no certain day.
            (("03/04/2026", "31/12/2026", "3.4.2026"), ("", iso), DateError),
            (("12/31/2026", *uncertain, Number("45000"), True, Formula("=A1")), (day,), DateError),
            (("31/12/2026",), (month,), DateError),
        ):
            for cell in cells:
                for order in orders:
                    with self.subTest(cell, order=order):
                        if expected is DateError:
                            with self.assertRaises(DateError):
                                read_date(cell, order)
                        else:
                            self.assertEqual(read_date(cell, order), expected)

    def test_an_order_is_proposed_where_no_other_gives_days(self) -> None:
        for cells, order in (
            (("31.12.2027", "1.2.2027", None, "soon"), "day_first"),
            (("12/31/2027", "1/2/2027"), "month_first"),
            (("1/2/2027", "2027-12-31"), ""),
            (("4-Dec-20",), "day_first"),
            (("31/12/2027", "12/31/2027"), ""),
        ):
            self.assertEqual(certain_order(cells), order, cells)


class NumberTests(TestCase):
    def test_a_number_and_its_text_in_one_cell(self) -> None:
        for text, number in (
            *(("140.7 Do it.", "140.7"), ("(5) Do it.", "5"), ("R1: Do it.", "R1")),
            *(("Recommendation 3: Do it.", "3"), ("4.  Do it.", "4"), ("7a – Do it.", "7a")),
            *(("Do it.", ""), ("Article 5 of the law", ""), ("140.7", "")),
        ):
            self.assertEqual(split_number(text), (number, "Do it." if number else text))


class StatusTests(TestCase):
    def test_six_foreign_statuses(self) -> None:
        for words, meaning in {
            "Closed acceptable": StatusMeaning("implemented"),
            "Closed—Acceptable Action": StatusMeaning("implemented"),
            "Accepted and implemented": StatusMeaning("implemented", "accepted"),
            "supported in part": StatusMeaning("", "accepted_in_part"),
            "Open - Acceptable Response": StatusMeaning("in_progress"),
            "Under implementation": StatusMeaning("in_progress"),
            "Overtaken by events": StatusMeaning("no_longer_applicable"),
            "Noted": StatusMeaning("", "noted"),
            "To be decided": StatusMeaning("", "under_consideration"),
            "in_progress": StatusMeaning("in_progress"),
            "Not started": StatusMeaning("not_started"),
            "teilweise umgesetzt": StatusMeaning("partly_implemented"),
            "En cours": StatusMeaning("in_progress"),
            "Выполнена": StatusMeaning("implemented"),
            "قيد التنفيذ": StatusMeaning("in_progress"),
            "已落实": StatusMeaning("implemented"),
            "Aceptada": StatusMeaning("", "accepted"),
            # What means one thing here and another there is left to people.
            **dict.fromkeys(("Open", "Closed", "green"), StatusMeaning()),
        }.items():
            self.assertEqual(meaning_of(words), meaning, words)
        # A response is not a status.
        self.assertEqual(meaning_of("Accepted", is_response=True), StatusMeaning("", "accepted"))
