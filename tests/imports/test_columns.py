"""Columns, days and statuses: proposed from what they are usually called, never guessed."""

from datetime import date
from unittest import TestCase

from recommendations.exports.recommendations import INTERNAL, PUBLIC
from recommendations.readers import Formula, Number
from recommendations.readers.columns import (
    ColumnMap,
    Field,
    join_names,
    propose,
    read_map,
    split_names,
)
from recommendations.readers.dates import DateError, DateOrder, read_date
from recommendations.readers.meanings import MapError, StatusMeaning, meaning_of


class ProposalTests(TestCase):
    def test_several_vocabularies(self) -> None:
        for header, code in {
            "No.": "external_id",
            "Ref": "external_id",
            "REC ID": "external_id",
            "Recommendation": "quoted_text",
            "Text of recommendation": "quoted_text",
            "Summary": "summary",
            "Lead Ministry": "lead",
            "Recipient": "lead",
            "Addressee": "addressees",
            "Planned action": "action",
            "Government response": "response",
            "Decision": "response",
            "Overall status": "reported_status",
            "Date issued": "opened_on",
            "Made": "opened_on",
            "Due date": "target_date",
            "Date closed": "closed_on",
        }.items():
            self.assertEqual(propose([header]), {header: code}, header)
        self.assertEqual(propose(["Colour"]), {})

    def test_each_field_is_proposed_once(self) -> None:
        self.assertEqual(
            propose(["Status", "reported_status", "Current status"]),
            {"reported_status": Field.REPORTED_STATUS},
        )

    def test_an_export_is_known_by_its_codes_and_by_nothing_else(self) -> None:
        for columns in (INTERNAL, PUBLIC):
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
        )
        self.assertEqual(read_map(kept.as_json()).as_json(), kept.as_json())

    def test_what_makes_no_sense_is_named(self) -> None:
        for data, words in (
            ([], "columns"),
            ({"columns": []}, "columns"),
            ({**self.GOOD, "colour": 1}, "colour"),
            ({"columns": {"No.": "number"}}, "no field “number”"),
            ({"columns": {"a": "title", "b": "title", "c": "external_id"}}, "Two columns"),
            (
                {"columns": {"a": "title"}},
                "Choose the column with the number that identifies a row.",
            ),
            (
                {"columns": {"a": "external_id"}},
                "Choose the column with the title or the text of the recommendation.",
            ),
            ({**self.GOOD, "date_order": "guess"}, "date_order"),
            ({**self.GOOD, "statuses": []}, "statuses"),
            ({**self.GOOD, "statuses": {"done": {"status": "done"}}}, "done"),
            ({**self.GOOD, "statuses": {"done": "implemented"}}, "done"),
        ):
            with self.assertRaisesRegex(MapError, words):
                read_map(data)

    def test_names_in_one_cell(self) -> None:
        for names in (["A"], ["A", "B"], ["A; B"], ["A; B", "C"], []):
            self.assertEqual(split_names(join_names(names)), names)
        self.assertEqual(split_names(" A ;B;; A"), ["A", "B"])


class DateTests(TestCase):
    def test_the_order_is_stated_never_guessed(self) -> None:
        self.assertEqual(read_date("03/04/2026", DateOrder.DAY_FIRST), date(2026, 4, 3))
        self.assertEqual(read_date("03/04/2026", DateOrder.MONTH_FIRST), date(2026, 3, 4))
        for order in ("", DateOrder.ISO):
            for text in ("03/04/2026", "31/12/2026", "3.4.2026"):
                with self.assertRaises(DateError):
                    read_date(text, order)
        for order, text in (
            (DateOrder.DAY_FIRST, "12/31/2026"),
            (DateOrder.MONTH_FIRST, "31/12/2026"),
        ):
            with self.assertRaises(DateError):
                read_date(text, order)

    def test_what_reads_the_same_to_everybody(self) -> None:
        for text in (
            "2026-04-03",
            "2026-04-03 00:00:00",
            "3 April 2026",
            "April 3, 2026",
            "3-Apr-2026",
        ):
            for order in ("", *DateOrder.values):
                self.assertEqual(read_date(text, order), date(2026, 4, 3), text)
        self.assertEqual(read_date(date(2026, 4, 3), ""), date(2026, 4, 3))
        for empty in (None, "", "  "):
            self.assertIsNone(read_date(empty, ""))

    def test_what_is_no_certain_day(self) -> None:
        for cell in (
            "April 2026",
            "2026",
            "3/4/26",
            "2026-02-30",
            "soon",
            Number("45000"),
            True,
            Formula("=A1"),
        ):
            with self.assertRaises(DateError):
                read_date(cell, DateOrder.DAY_FIRST)


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
        }.items():
            self.assertEqual(meaning_of(words), meaning, words)

    def test_what_means_one_thing_here_and_another_there_is_left_to_people(self) -> None:
        for words in ("Open", "Closed", "green"):
            self.assertEqual(meaning_of(words), StatusMeaning())

    def test_a_response_is_not_a_status(self) -> None:
        self.assertEqual(meaning_of("Accepted", is_response=True), StatusMeaning("", "accepted"))
