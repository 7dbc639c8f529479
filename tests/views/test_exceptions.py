"""Pages of the exception report: who reads them, their lists and files, and their statements."""

import csv
from io import StringIO
from typing import Any

from django.test import override_settings
from django.utils import timezone

from recommendations.models import OutgoingMail, RecommendationState
from recommendations.queries.exceptions.rules import Rule
from tests import kept
from tests.base import link_evidence
from tests.views.test_briefings import BriefingTestCase

REPORT = "/exceptions/"
LISTED_ELSEWHERE = {*(Rule.NEVER_REPORTED, Rule.OUT_OF_DATE, Rule.CONTRADICTED, Rule.NEW_ROLE)}
MOST, MOST_BYTES = 23, 4_000
"""Statements of the report of all rules, the first time; and bytes of one."""


class ExceptionPageTests(BriefingTestCase):
    def lines(self, path: str) -> list[dict[str, str]]:
        text = self.get(path, self.auditor).getvalue().decode("utf-8-sig")
        return list(csv.DictReader(StringIO(text)))

    def test_each_rule_leads_to_its_list(self) -> None:
        self.make_approved(self.recommendation)
        self.client_for(self.auditor)
        kept.renew()
        # The database refuses to approve such an update.
        RecommendationState.objects.update(confidence="red", asks_decision=False)
        words = self.read(REPORT, self.auditor)
        self.assert_words(words, "2 of 14 rules found something", "No data", "Not on record")
        told = self.text(f"{REPORT}briefing/", self.auditor)
        self.assert_words(told, "2 of 14 rules found something", "No data", "Not on record")
        for line in self.lines(f"{REPORT}export/"):
            rule = Rule(line["rule"])
            self.assertEqual(self.get(line["address"], self.auditor).status_code, 200, rule)
            self.assert_words(words, str(rule.label), line["condition"], line["trend"])
            self.assert_words(told, str(rule.label), line["condition"])
            own = f"{REPORT}{rule}/"
            status = 404 if rule in LISTED_ELSEWHERE else 200
            self.assertEqual(self.get(own, self.auditor).status_code, status, rule)
        self.assertContains(self.get(REPORT, self.auditor), f'href="{REPORT}off-track/"')
        self.assert_words(self.read(f"{REPORT}off-track/", self.auditor), "REP-1 Do the thing")
        [case] = self.lines(f"{REPORT}off-track/export/")
        self.assertEqual(case["title"], "REP-1 Do the thing")
        self.assertIn(" in progress (approved ", case["detail"])

    def test_the_filtered_lists_hold_as_many_as_the_report_counts(self) -> None:
        for number in range(3):
            self.make_recommendation(f"Thing {number}")
        update, item = self.make_approved(self.recommendation), self.make_evidence()
        link_evidence(to=update, by=self.other_manager, stance="undermines", evidence=item)
        for line in self.lines(f"{REPORT}export/"):
            if Rule(line["rule"]) in LISTED_ELSEWHERE - {Rule.NEW_ROLE}:
                found = self.get(line["address"], self.auditor).context["listing"]
                self.assertEqual(str(found.page.paginator.count), line["count"], line["rule"])

    def acts(self, case: dict[str, str]) -> list[str]:
        """The verbs of what a case leads to."""
        found = self.get(case["address"], self.auditor).context["acts"]
        return [row.event.verb for act in found for row in act.rows]

    @override_settings(EXCEPTION_PAIR_APPROVALS=1)
    def test_cases_name_people_and_lead_to_what_they_did(self) -> None:
        self.make_approved(self.recommendation)
        words = self.read(f"{REPORT}quick-approvals/", self.auditor)
        self.assert_words(words, "1 exception.", "Written by Staff, approved by Manager")
        words = self.read(f"{REPORT}same-approver/", self.auditor)
        self.assert_words(words, "Staff, approved by Manager", "1 of 1 approved updates (100%)")
        [pair] = self.lines(f"{REPORT}same-approver/export/")
        self.assertEqual(self.acts(pair), ["approve"])

    def test_mail_is_counted_although_no_event_tells_of_it(self) -> None:
        self.assert_no_words(self.read(f"{REPORT}failed-emails/", self.auditor), "Email to")
        self.get(REPORT, self.auditor)
        at = timezone.now()
        mail: Any = {"queued_at": at, "due_at": at, "language": "en"}
        OutgoingMail.objects.create(
            to=self.staff, message_id="<2@x>", state="dead", subject="Secret words", **mail
        )
        self.assert_words(self.read(REPORT, self.auditor), "3 of 14", "Emails not delivered")
        words = self.read(f"{REPORT}failed-emails/", self.auditor)
        self.assert_words(words, "Email to Staff")
        self.assert_no_words(words, "Secret words")
