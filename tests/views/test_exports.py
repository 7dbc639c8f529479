"""Lists as files: the same rows and filters as the page, and only what the reader may see."""

import csv
import io
import json
from datetime import date
from typing import Any

import openpyxl
from django.test import override_settings

from recommendations.actions import recommendations as actions
from recommendations.actions.dates import set_first
from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.updates.steering import record_decision, withdraw_decision
from recommendations.models import Addressee, Area, User
from tests.base import days_ago, link_evidence
from tests.stated import warnings_in
from tests.views.pages import PageTestCase

PATH = "/recommendations/export/"
PUBLIC_COLUMNS = {
    *("source", "reference", "title", "summary", "addressees", "target_date"),
    *("latest_status", "latest_status_code", "latest_confidence", "latest_confidence_code"),
    *(
        "latest_as_of",
        "latest_public_text",
        *("latest_public_reason", "lead"),
        "latest_responses",
        "latest_is_opening_status",
    ),
    *("parts", "parts_complete", "parts_total", "is_demonstration"),
    *("latest_rated_on", "latest_statement", "flags", "reasons"),
    *("latest_decision", "latest_decision_body", "latest_decision_on"),
    *("quoted_text", "locator", "wording_changed_at", "wording_reason"),
}
"""All that a reader without an account may have of a recommendation."""


def body(response: Any) -> bytes:
    """All of a streamed answer; the client closes it once it is read."""
    return b"".join(response.streaming_content)


class ExportTests(PageTestCase):
    LISTS = (
        *(PATH, "/recommendations/REP-1/responses/export/", "/sources/report/dates/export/"),
        *("/areas/export/", "/evidence/export/", "/indicators/export/", "/audit/export/"),
    )

    def file(self, path: str, person: User | None = None, **query: Any) -> bytes:
        response = self.get(path, person, **query)
        self.assertEqual(response.status_code, 200, path)
        return body(response)

    def rows(self, path: str, person: User | None = None, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.file(path, person, format="json", **query))
        return found

    def test_the_same_columns_and_rows_in_every_format(self) -> None:
        self.make_recommendation("=1+1", external_id="111.10")
        by_json = self.rows(PATH, self.manager)
        text = self.file(PATH, self.manager, format="csv").decode("utf-8-sig")
        by_csv = list(csv.DictReader(io.StringIO(text, newline="")))
        data = self.file(PATH, self.manager, format="xlsx")
        page = openpyxl.load_workbook(io.BytesIO(data)).active
        header = [cell.value for cell in page[1]]
        self.assertEqual(list(by_json[0]), header)
        self.assertEqual(list(by_csv[0]), header)
        self.assertEqual(len(by_json), len(by_csv), page.max_row - 1)
        self.assertEqual([row["title"] for row in by_csv], ["Do the thing", "'=1+1"])
        self.assertEqual([row["title"] for row in by_json], ["Do the thing", "=1+1"])
        self.assertEqual(by_json[0]["target_date"], None)
        self.assertEqual(by_csv[0]["target_date"], "")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_decision_on_what_is_asked_for_is_told_outside_where_it_is_public(self) -> None:
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        update = self.make_approved(self.recommendation, asked_for="Boats.")
        names = ("latest_decision_body", "latest_decision_on", "latest_decision")
        given = ("Cabinet", days_ago(0).isoformat(), "Two boats.")

        def told(person: User | None, *names: str) -> tuple[Any, ...]:
            [row] = self.rows(PATH, person)
            return tuple(row[name] for name in names)

        self.assertEqual(told(self.viewer, *names), (None,) * 3)
        self.assertIn("decision_needed", *told(self.viewer, "flags"))
        for is_published in (False, True):
            values = {"body": "Cabinet", "decided_on": days_ago(0), "decision": "Two boats."}
            values |= {"is_published": is_published}
            made = record_decision(update=update, by=self.manager, values=values)
            with self.subTest(is_published=is_published):
                self.assertEqual(told(self.viewer, *names), given)
                self.assertEqual(told(None, *names), given if is_published else (None,) * 3)
                self.assertNotIn("decision_needed", *told(self.viewer, "flags"))
            withdraw_decision(decision=made, by=self.manager, reason="Not so.")
        self.assertEqual(told(self.viewer, "latest_asked_for"), ("Boats.",))

    def test_what_is_asked_for_wrongly_is_refused(self) -> None:
        for query in ({"format": "pdf"}, {"status": "gone"}, {"due_from": "soon"}):
            self.assertEqual(self.get(PATH, self.manager, **query).status_code, 400)
        page = self.get("/recommendations/", self.manager, text="thing", page="1")
        self.assertContains(page, f"{PATH}?text=thing&amp;format=csv")
        self.make_recommendation("Another")
        for query, titles in (
            ({"text": "anoth"}, ["Another"]),
            ({"sort": "-title"}, ["Do the thing", "Another"]),
        ):
            found = [row["title"] for row in self.rows(PATH, self.manager, **query)]
            self.assertEqual(found, titles)

    def test_a_file_is_sent_while_its_rows_are_read(self) -> None:
        for code, kind in (("csv", "text/csv"), ("xlsx", "openxml"), ("json", "application/json")):
            response = self.get(PATH, self.manager, format=code)
            self.assertIn(kind, response["Content-Type"])
            for words in ("attachment", f".{code}"):
                self.assertIn(words, response["Content-Disposition"])
            self.assertTrue(response.streaming)
            self.assertNotIn("Content-Length", response)
            pieces = iter(response.streaming_content)
            with self.assertNumQueries(0):
                self.assertTrue(next(pieces))
            body(response)
        response = self.get(PATH, self.manager, format="json")
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="closed")
        self.assertEqual(json.loads(body(response)), [])

    @override_settings(PUBLIC_PAGES=True)
    def test_a_status_looks_no_better_in_the_file_than_in_the_list(self) -> None:
        old = {"as_of": days_ago(300), "confidence": "green"}
        update = self.make_approved(self.recommendation, **old)
        paper = self.make_evidence("A count")
        link_evidence(to=update, by=self.other_manager, stance="undermines", evidence=paper)
        self.make_submitted(self.recommendation, implementation_status="implemented")
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        (row,) = self.rows(PATH, self.auditor)
        self.assertEqual(row["latest_rated_on"], days_ago(300).isoformat())
        self.assertEqual(row["flags"], "contradicted, no_date, rating_out_of_date, update_overdue")
        self.assertIn("Contradicted (unanswered) since today", row["reasons"])
        self.assertIn("Confidence last rated 300 days ago", row["reasons"])
        self.assertEqual((row["evidence_against"], row["evidence_answered"]), (1, 0))
        raised = set(row["flags"].split(", "))
        self.assertEqual(warnings_in(row["latest_statement"]), raised)
        self.assertEqual(row["awaiting_review"], "implemented")
        self.assertEqual(row["latest_confidence"], "On track (no target date)")
        (public,) = self.rows(PATH)
        self.assertEqual(public["flags"], "rating_out_of_date")
        self.assertEqual(warnings_in(public["latest_statement"]), {"rating_out_of_date"})
        self.assertEqual(public["reasons"], "Confidence last rated 300 days ago")

    def test_every_list_comes_in_every_format_and_its_page_offers_it(self) -> None:
        self.make_spoken_to()
        self.make_evidence()
        self.make_indicator()
        for path in self.LISTS:
            page = self.get(path.removesuffix("export/"), self.manager)
            self.assertTrue(self.rows(path, self.manager), path)
            for code in ("csv", "xlsx", "json"):
                self.assertContains(page, f'href="{path}?format={code}"')
                self.assertTrue(self.file(path, self.manager, format=code))

    def test_dates_areas_and_responses(self) -> None:
        self.make_spoken_to("Nowhere")
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": self.manager}
        set_first(**about, new_date=date(2031, 1, 1), reason="As agreed.")
        dates = self.rows("/sources/report/dates/export/", self.viewer)[0]
        self.assertEqual(
            (dates["first_date"], dates["target_date"], dates["changes"], dates["days_moved"]),
            ("2031-01-01", "2031-01-01", 0, 0),
        )
        area = self.rows("/areas/export/", self.viewer, text="Nowhere")[0]
        self.assertEqual((area["name"], area["addressed"], area["answered"]), ("Nowhere", 1, 0))
        said = self.rows("/recommendations/REP-1/responses/export/", self.viewer)[0]
        self.assertEqual(
            (said["addressee"], said["response_code"], said["since"]), ("Nowhere", "awaiting", None)
        )
        (listed,) = self.rows(PATH, self.viewer, text="REP-1")
        self.assertIn("Nowhere: No response yet", listed["latest_responses"])

    def make_spoken_to(self, name: str = "Nowhere") -> None:
        area = self.make_area(f"A{Area.objects.count()}", name=name, kind="country")
        Addressee.objects.create(recommendation=self.recommendation, area=area)
        if name != "Nowhere":
            self.make_recommendation(name)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_gets_public_columns_of_public_rows(self) -> None:
        """`test_public` looks for words of others in the files."""
        public = self.make_recommendation("Published")
        self.make_recommendation("Not published")
        for code, recommendation in (("S", public), ("N", self.recommendation)):
            area = self.make_area(code, name=f"Area {code}", kind="country")
            Addressee.objects.create(recommendation=recommendation, area=area)
        actions.publish_recommendation(recommendation=public, by=self.manager)
        self.make_approved(public, public_text="Said.")
        [row] = self.rows(PATH)
        self.assertEqual(set(row), PUBLIC_COLUMNS)
        told = [row[name] for name in ("title", "latest_public_text", "latest_status")]
        self.assertEqual(told, ["Published", "Said.", "In progress"])
        [said] = self.rows(f"{PATH.removesuffix('export/')}{public.reference}/responses/export/")
        columns = {"addressee", "response", "response_code", "since", "part_accepted"}
        self.assertEqual(set(said), columns | {"recommendation", "is_demonstration"})
        self.assertEqual([row["name"] for row in self.rows("/areas/export/")], ["Area S"])
        self.assertEqual(self.get(PATH, archived="with").status_code, 200)

    def test_the_log_comes_with_its_changes(self) -> None:
        row = self.rows("/audit/export/", self.auditor)[-1]
        self.assertEqual((row["verb"], row["recommendation"]), ("create", "REP-1"))
        self.assertIn("Do the thing", row["changes"])
        self.assertEqual(row["event"], "Recommendation created: REP-1 Do the thing, by Manager")
