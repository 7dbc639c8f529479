"""What an import makes of rows: planned first, all or nothing, and nothing the second time."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from recommendations import audit
from recommendations.actions import recommendations as actions
from recommendations.actions.imports.pipeline import ImportRefused, PlanChanged
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    SpreadsheetOptions,
    SpreadsheetPlan,
)
from recommendations.columns import Field
from recommendations.models import (
    Addressee,
    AuditEvent,
    AuditText,
    Organisation,
    Recommendation,
    ReportedStatus,
    Response,
    Source,
    StatusUpdate,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.readers.meanings import StatusMeaning
from tests.audit.rows import changes_in
from tests.base import TrackerTestCase
from tests.imports.files import FOREIGN, csv_bytes, map_for, plan_of, upload, xlsx_bytes
from tests.imports.run import import_spreadsheet

HEAD = ("id", "title", "lead", "due date", "status", "status date", "comment")


KEPT = ("title", "quoted_text", "lead", "target_date", "version")


def row(number: str = "A1", **values: str) -> tuple[str, ...]:
    known = {"title": f"Do {number}", "lead": "Ministry A", "due date": "", "status": ""}
    known |= {"status date": "", "comment": ""} | values
    return (number, *(known[name] for name in HEAD[1:]))


class ImportTestCase(TrackerTestCase):
    def bring(
        self, *rows: tuple[str, ...], by: User | None = None, **options: Any
    ) -> SpreadsheetPlan:
        data = csv_bytes(rows, options.pop("header", HEAD))
        chosen = options.pop("column_map", None) or map_for(data)
        expected = options.pop("expected", "")
        return import_spreadsheet(
            upload=upload(data),
            source=self.source,
            by=by or self.manager,
            options=SpreadsheetOptions(chosen, **options),
            expected=expected,
        )

    def look(
        self, *rows: tuple[str, ...], by: User | None = None, **options: Any
    ) -> SpreadsheetPlan:
        data = csv_bytes(rows, options.pop("header", HEAD))
        return plan_of(data, self.source, by or self.manager, **options)

    def codes(self, planned: SpreadsheetPlan) -> dict[FindingCode, list[int]]:
        return {group.code: group.lines for group in planned.groups}

    def found(self, external_id: str = "A1") -> Recommendation:
        return Recommendation.objects.get(source=self.source, external_id=external_id)


class NamedTests(ImportTestCase):
    def test_themes_and_contributors_are_found_by_name_or_told(self) -> None:
        skills = Theme.objects.create(name="Skills", slug="skills")
        line = ("A1", "Do A1", "skills; Nothing", "Agency B; Nobody")
        planned = self.bring(line, header=("id", "title", "themes", "contributors"))
        found = self.codes(planned)
        self.assertEqual(found[FindingCode.UNKNOWN_THEME], [2])
        self.assertEqual(found[FindingCode.UNKNOWN_BODY], [2])
        self.assertEqual(list(self.found().themes.all()), [skills])
        self.assertEqual(list(self.found().contributors.all()), [self.agency])


class RowTests(ImportTestCase):
    def test_a_new_row_is_numbered_by_the_counter_and_dated_in_the_ledger(self) -> None:
        self.bring(row(**{"due date": "4/3/2031"}))
        found = self.found()
        self.assertEqual(found.reference, "REP-2")
        self.assertEqual((found.title, found.summary), ("Do A1", "Do A1"))
        self.assertEqual((found.lead, found.target_date), (self.ministry, date(2031, 3, 4)))
        self.assertIsNone(found.published_at)
        ledger = TargetDateChange.objects.get(recommendation=found)
        self.assertEqual((ledger.number, ledger.new_date), (0, date(2031, 3, 4)))
        self.assertEqual(ledger.reason, "imported from list.csv")
        self.assertEqual(ledger.requested_by, self.manager)

    def test_a_list_says_since_when_it_is_open_and_an_empty_cell_nothing(self) -> None:
        for cell, opened, due in (
            ("", None, None),
            ("2020-03-04", date(2020, 3, 4), date(2020, 9, 4)),
            ("", date(2020, 3, 4), date(2020, 9, 4)),
            ("2020-05-04", date(2020, 5, 4), date(2020, 11, 4)),
        ):
            with self.subTest(cell):
                self.bring((*row(), cell), header=(*HEAD, "issued on"))
                self.assertEqual((self.found().opened_on, self.found().next_due_on), (opened, due))
        later = self.look((*row("A2"), "2999-01-01"), header=(*HEAD, "issued on"))
        self.assertEqual(self.codes(later)[FindingCode.WRONG_CELL], [2])

    def test_one_event_tells_of_the_file_and_of_what_changed_in_it(self) -> None:
        self.bring(row(), row("A2"))
        first = AuditEvent.objects.latest("sequence")
        told = json.loads(first.payload)["changes"]
        self.assertEqual((first.verb, first.object_id), ("import", told["sha256"][1][:16]))
        self.assertEqual(AuditText.objects.get(digest=told["file"][1]["text"]).text, "list.csv")
        self.assertEqual(told["new"], [None, 2])
        self.assertEqual(len(told["sha256"][1]), 64)
        self.bring(row(title="Do it well"), row("A2"))
        second = AuditEvent.objects.latest("sequence")
        self.assertEqual(second.sequence, first.sequence + 1)
        told = json.loads(second.payload)["changes"]
        self.assertEqual(changes_in(second, self.found())["title"], ["Do A1", "Do it well"])
        self.assertEqual((told["changed"], told["unchanged"]), ([None, 1], [None, 1]))
        self.assertEqual(self.found().version, 2)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_what_a_row_does_not_change_is_told(self) -> None:
        """An empty cell says nothing; a date, public wording and what is archived or ended stay."""
        due, header = {"due date": "4/3/2031"}, ("id", "title", "recommendation")
        self.bring(row(), row("A2", **due), row("A3"), row("A4"))
        self.bring(("A5", "Do", "As it was."), header=header)
        ended = {"implementation_status": "not_implemented", "confidence": "not_rated"}
        self.make_approved(self.found("A3"), **ended, closing_reason="No money.")
        actions.archive(recommendation=self.found("A4"), by=self.manager, reason="closed")
        actions.publish_recommendation(recommendation=self.found("A5"), by=self.manager)
        kept = {field: list(Recommendation.objects.values_list("pk", field)) for field in KEPT}
        for given, head, expected in (
            (row(lead=""), HEAD, {}),
            (row("A2", **{"due date": "5/3/2031"}), HEAD, {FindingCode.DATE_DIFFERS: [2]}),
            (row("A3", **due), HEAD, {FindingCode.DATE_OF_FINISHED: [2]}),
            (row("A4", title="Otherwise"), HEAD, {FindingCode.ARCHIVED: [2]}),
            (("A5", "Do", "Otherwise."), header, {FindingCode.WORDING_PUBLIC: [2]}),
        ):
            planned = self.bring(given, header=head)
            with self.subTest(given):
                told = self.codes(planned)
                told.pop(FindingCode.UNDATED, None)
                self.assertEqual(told, expected)
                self.assertEqual(planned.counts["unchanged"], 1)
        now = {field: list(Recommendation.objects.values_list("pk", field)) for field in KEPT}
        self.assertEqual(now, kept)
        self.assertEqual(TargetDateChange.objects.count(), 1)

    def test_what_cannot_be_taken_is_rejected_with_its_line(self) -> None:
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        planned = self.look(
            row(""),
            row("A1", title=""),
            row("A2", title="x" * 201),
            row("A3", title="a\u202eb"),
            row("A4", **{"due date": "31/31/2031"}),
            row("A5", **{"status": "implemented", "status date": tomorrow}),
            row("A6"),
            row("A6"),
        )
        self.assertEqual(planned.counts["rejected"], 7)
        codes = self.codes(planned)
        self.assertEqual(codes[FindingCode.NO_KEY], [2])
        self.assertEqual(codes[FindingCode.NO_TEXT], [3])
        self.assertEqual(codes[FindingCode.WRONG_CELL], [4, 5, 6, 7])
        self.assertEqual(codes[FindingCode.DUPLICATE], [9])
        self.assertEqual(codes[FindingCode.UNDATED], [2, 3, 4, 5, 7, 8, 9])

    def test_nothing_is_written_while_a_row_is_rejected(self) -> None:
        events = AuditEvent.objects.count()
        with self.assertRaises(ImportRefused):
            self.bring(row(), row())
        self.assertEqual(Recommendation.objects.count(), 1)
        self.assertEqual(AuditEvent.objects.count(), events)
        self.bring(row(), row(), skip_rejected=True)
        self.assertEqual(Recommendation.objects.count(), 2)

    def test_a_reference_finds_its_recommendation(self) -> None:
        header = ("reference", "id", "title")
        planned = self.bring(("REP-1", "A1", "Do the thing"), header=header)
        self.assertEqual(planned.counts["changed"], 1)
        self.assertEqual(self.found().reference, "REP-1")
        for bad in (("REP-1", "B1", "Do"), ("OTHER-9", "", "Do"), ("REP-0", "", "Do")):
            self.assertIn(FindingCode.WRONG_KEY, self.codes(self.look(bad, header=header)), bad)
        self.bring(("REP-7", "", "Do"), header=header)
        self.bring(("", "A2", "Do"), header=header)
        self.assertEqual(self.found("A2").reference, "REP-8")

    def test_text_alone_gives_a_title_and_a_summary(self) -> None:
        text = "The ministry should " + "write it down " * 20
        self.bring(("A1", text), header=("no", "recommendation"))
        found = self.found()
        self.assertTrue(found.title.endswith("…"))
        self.assertLessEqual(len(found.title), 160)
        self.assertEqual((found.summary, found.quoted_text), (text.strip(), text.strip()))

    def test_a_formula_counts_where_it_matters_and_days_in_figures_need_their_order(self) -> None:
        sheet = [["id", "title", "count"], ["A1", "Do", "=1+1"], ["A2", "=A2", "x"]]
        planned = plan_of(xlsx_bytes({"List": sheet}), self.source, name="list.xlsx")
        self.assertEqual(self.codes(planned)[FindingCode.WRONG_CELL], [3])
        self.assertEqual(planned.counts["new"], 1)
        data = csv_bytes([row(**{"due date": "4/3/2031"})], HEAD)
        planned = plan_of(data, self.source, column_map=map_for(data, date_order=""))
        self.assertEqual(self.codes(planned), {FindingCode.WRONG_CELL: [2]})
        self.assertIn("day or the month", planned.groups[0].findings[0].message)


class BodyTests(ImportTestCase):
    HEADER = ("id", "title", "lead", "addressees", "lead officer")

    def test_unknown_bodies_are_told_and_made_only_on_request(self) -> None:
        self.make_area("NAM", name="Namibia", kind="country", iso2="NA", iso3="NAM")
        line = ("A1", "Do", "Ministry Q", "Agency B; NA; Union", "Nobody Known")
        planned = self.bring(line, header=self.HEADER)
        self.assertEqual(self.codes(planned)[FindingCode.UNKNOWN_BODY], [2])
        self.assertEqual(self.codes(planned)[FindingCode.UNKNOWN_PERSON], [2])
        self.assertEqual(Organisation.objects.count(), 2)
        self.assertIsNone(self.found().lead)
        living = Addressee.objects.filter(recommendation=self.found())
        self.assertEqual({str(a) for a in living}, {"Agency B", "Namibia"})

        planned = self.bring(line, header=self.HEADER, create_organisations=True)
        self.assertEqual([body.name for body in planned.organisations], ["Ministry Q", "Union"])
        self.assertEqual(str(self.found().lead), "Ministry Q")
        self.assertEqual(living.all().count(), 3)
        events = AuditEvent.objects.count()
        self.bring(line, header=self.HEADER, create_organisations=True)
        self.assertEqual(AuditEvent.objects.count(), events)

    def test_what_a_demonstration_account_brings_along_is_fictional(self) -> None:
        for name, is_fictional in (("Ministry Q", False), ("Ministry R", True)):
            self.manager.is_demonstration = is_fictional
            line, header = (name, "Do", name, f"Ask {name}"), ("id", "title", "lead", "action")
            self.bring(line, header=header, create_organisations=True)
            found = self.found(name)
            for made in (found.lead, found.actions.get()):
                self.assertEqual(made.is_demonstration, is_fictional, made)

    def test_an_officer_is_known_by_name(self) -> None:
        names = ("staff", "Staff", "staff@example.org")
        lines = [(f"A{n}", "Do", "", "", name) for n, name in enumerate(names)]
        self.bring(*lines, header=self.HEADER)
        found = Recommendation.objects.filter(external_id__startswith="A")
        self.assertEqual(set(found.values_list("lead_officer", flat=True)), {self.staff.pk})


class StatusTests(ImportTestCase):
    def test_six_foreign_statuses_are_history_in_their_own_words(self) -> None:
        rows = [
            row(f"A{n}", status=words, **{"status date": "3/2/2025"})
            for n, words in enumerate(FOREIGN)
        ]
        self.bring(*rows)
        kept = dict(ReportedStatus.objects.values_list("words", "implementation_status"))
        self.assertEqual(
            kept,
            {
                "Closed acceptable": "implemented",
                "Accepted and implemented": "implemented",
                "supported in part": "",
                "Open—acceptable response": "in_progress",
                "Under implementation": "in_progress",
                "Overtaken by events": "no_longer_applicable",
            },
        )
        self.assertFalse(StatusUpdate.objects.exists())
        self.assertIsNone(self.found("A0").current_update)

    def test_without_a_confirmed_meaning_the_words_are_kept_and_told(self) -> None:
        data = csv_bytes([row(status="Closed acceptable")], HEAD)
        bare = map_for(data, statuses={})
        planned = self.bring(row(status="Closed acceptable"), column_map=bare)
        self.assertEqual(self.codes(planned)[FindingCode.UNMAPPED_STATUS], [2])
        self.assertEqual(ReportedStatus.objects.get().implementation_status, "")
        planned = self.bring(row(status="Closed acceptable"))
        self.assertEqual(planned.counts["changed"], 1)
        self.assertEqual(ReportedStatus.objects.get().implementation_status, "implemented")


class ResponseTests(ImportTestCase):
    HEADER = ("id", "title", "addressees", "response", "response date", "accepted part", "action")

    def test_a_response_with_its_day_is_recorded_for_each_addressee(self) -> None:
        line = ("A1", "Do", "Agency B; Ministry A", "Agreed", "3/2/2025", "", "Write a plan")
        self.bring(line, header=self.HEADER)
        said = {(str(each.addressee), each.position) for each in Response.objects.all()}
        self.assertEqual(said, {("Agency B", "accepted"), ("Ministry A", "accepted")})
        self.assertEqual(self.found().actions.get().title, "Write a plan")
        events = AuditEvent.objects.count()
        self.bring(line, header=self.HEADER)
        self.assertEqual(AuditEvent.objects.count(), events)

    def test_what_a_response_lacks_leaves_it_in_its_own_words(self) -> None:
        planned = self.bring(
            ("A1", "Do", "Agency B", "Agreed", "", "", ""),
            ("A2", "Do", "Agency B", "supported in part", "3/2/2025", "", ""),
            ("A3", "Do", "Agency B", "Rejected", "3/2/2025", "", ""),
            ("A4", "Do", "", "Agreed", "3/2/2025", "", ""),
            header=self.HEADER,
        )
        self.assertEqual(self.codes(planned)[FindingCode.RESPONSE_IN_WORDS], [2, 3, 4, 5])
        self.assertFalse(Response.objects.exists())
        self.assertEqual(ReportedStatus.objects.count(), 4)

    def test_an_administrator_brings_rows_in_and_leaves_decisions_to_managers(self) -> None:
        header = (*self.HEADER, "due date")
        line = ("A1", "Do", "Agency B", "Agreed", "3/2/2025", "", "SpreadsheetPlan", "4/3/2031")
        planned = self.bring(line, header=header, by=self.administrator)
        self.assertEqual(self.codes(planned)[FindingCode.MANAGER_ONLY], [2])
        self.assertEqual(self.codes(planned)[FindingCode.RESPONSE_IN_WORDS], [2])
        self.assertEqual(self.found().target_date, date(2031, 3, 4))
        self.assertFalse(Response.objects.exists())


class DoorTests(ImportTestCase):
    def test_who_may_not(self) -> None:
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.assertRaises(PermissionDenied):
                self.bring(row(), by=person)
        self.assertEqual(Recommendation.objects.count(), 1)

    def test_what_is_confirmed_is_what_was_shown_and_its_map_is_remembered(self) -> None:
        shown = self.look(row())
        self.make_recommendation("Came between", external_id="A1")
        with self.assertRaises(PlanChanged):
            self.bring(row(), expected=shown.digest)
        self.assertEqual(self.found().title, "Came between")
        self.bring(row(), expected=self.look(row()).digest)
        self.assertEqual(self.found().title, "Do A1")
        source = Source.objects.get(pk=self.source.pk)
        self.assertEqual(source.column_map["columns"]["id"], "external_id")
        self.assertGreater(source.version, self.source.version)

    def test_the_digest_covers_every_choice(self) -> None:
        base = map_for(csv_bytes([row()], HEAD))
        others = (
            replace(base, modality="must"),
            replace(base, statuses={"x": StatusMeaning("implemented")}),
            replace(base, columns={**base.columns, "lead": Field.LOCATOR}),
        )
        digests = {self.look(row(), column_map=chosen).digest for chosen in (base, *others)}
        digests.add(self.look(row(), create_organisations=True).digest)
        self.assertEqual(len(digests), 5)
        skipped = self.look(row(), skip_rejected=True).digest
        self.assertIn(skipped, digests, "that is chosen beside the button")

    def test_a_plan_writes_nothing(self) -> None:
        with self.assertNumQueries(14):
            self.look(row(), row("A2"), *(row(f"B{n}") for n in range(30)))
        self.assertEqual(Recommendation.objects.count(), 1)
