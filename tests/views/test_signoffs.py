"""Pages of sign-offs: who reads them, what they say, files, and a fixed number of queries."""

import csv
import hashlib
from io import StringIO
from typing import Any

from django.db import connection
from django.test import override_settings

from recommendations import guards
from recommendations.actions import recommendations, signoffs
from recommendations.actions.evidence import items
from recommendations.models import Recommendation, SignOff, Source
from recommendations.queries.dates import day_text
from tests.base import days_ago, link_evidence
from tests.baselines import record_baselines
from tests.edits import edit
from tests.views.pages import PageTestCase, shown_fields

ONE = "/recommendations/REP-1/"
SIGN = f"{ONE}sign-off/"


class SignOffPageTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        record_baselines()
        cls.make_approved(cls.recommendation)
        cls.today = days_ago(0)

    def sign(self, about: Source | Recommendation | None = None, **values: Any) -> SignOff:
        given = {"by": self.manager, "as_of": self.today, **values}
        return signoffs.record_sign_off(about=about or self.recommendation, **given)

    def press(self, path: str = SIGN, **values: Any) -> Any:
        page = self.get(path, self.manager)
        data = {"as_of": self.today.isoformat(), **shown_fields(page), **values}
        return self.post(path, self.manager, **data)

    def lines_of(self, path: str) -> list[dict[str, str]]:
        text = self.get(path, self.viewer).getvalue().decode("utf-8-sig")
        return list(csv.DictReader(StringIO(text)))


class DecisionTests(SignOffPageTestCase):
    def test_a_manager_signs_what_the_page_shows(self) -> None:
        words = self.read(SIGN, self.manager)
        self.assert_words(words, "Sign off REP-1", "Do the thing", "In progress", "cannot be")
        response = self.press(remark="Agreed with the minister.")
        signed = SignOff.objects.get()
        self.assertRedirects(response, signed.get_absolute_url())
        words = self.read(signed.get_absolute_url(), self.viewer)
        self.assert_words(words, "Signed off by Manager on", "Agreed with the minister.")
        for path in (ONE, f"{ONE}evidence/", "/"):
            self.assert_no_words(self.read(path, self.stranger, 403), "Signed off")
        self.assert_words(self.read(ONE, self.viewer), "Signed off by Manager on")

    def test_a_source_is_signed_on_its_own_page_where_it_has_recommendations(self) -> None:
        self.make_recommendation("Do another thing")
        source = self.source.get_absolute_url()
        path = f"{source}sign-off/"
        self.assert_words(self.read(path, self.manager), "Do another thing", "No report yet")
        self.press(path)
        for page, reader in ((source, self.auditor), ("/recommendations/REP-2/", self.staff)):
            self.assert_words(self.read(page, reader), "Signed off by Manager")
        Source.objects.create(slug="empty", title="Empty", short_title="Empty")
        path = "/sources/empty/sign-off/"
        self.assert_words(self.read(path, self.manager), "Nothing to sign off")
        self.assertEqual(self.press(path).status_code, 409)

    def test_the_day_is_chosen_and_what_is_wrong_with_it_is_told(self) -> None:
        earlier = days_ago(400).isoformat()
        words = self.read(SIGN, self.manager, as_of=earlier)
        self.assert_words(words, "No report yet")
        for wrong in ("2026-02-30", days_ago(-1).isoformat(), "x\x00"):
            with self.subTest(wrong):
                self.assert_words(self.read(SIGN, self.manager, 400, as_of=wrong), "Status as of")
                self.assertEqual(self.press(as_of=wrong).status_code, 400)
        self.assertEqual(self.press(as_of=earlier).status_code, 409)
        self.assertEqual(self.press(remark="a\x00b").status_code, 400)
        self.assertFalse(SignOff.objects.exists())

    def test_contradictions_of_what_is_signed_are_told_to_who_may_read_them(self) -> None:
        words = "Contradicted (unanswered)"
        self.assert_no_words(self.read(SIGN, self.manager), words)
        current = Recommendation.objects.get(pk=self.recommendation.pk).current_update
        assert current is not None
        against = link_evidence(
            to=current, by=self.manager, evidence=self.make_evidence("Against"), stance="undermines"
        )
        self.assert_words(self.read(SIGN, self.manager), words)
        page = self.sign().get_absolute_url()
        items.answer(link=against, by=self.other_manager, text="It is old.")
        self.assert_words(self.read(page, self.auditor), words)
        self.assert_no_words(self.read(page, self.viewer), words)
        self.assert_no_words(self.read(SIGN, self.manager), words)


class ReadingTests(SignOffPageTestCase):
    def test_history_list_and_exports_tell_of_it(self) -> None:
        self.assert_words(self.read("/sign-offs/", self.viewer), "No sign-offs yet")
        self.make_recommendation("Do more")
        whole = self.sign(self.source, as_of=days_ago(9))
        one = self.sign(as_of=days_ago(3), remark="=1+1")
        own_day, whole_day = (f"status as of {day_text(days_ago(n))}" for n in (3, 9))
        self.assert_words(
            self.read(f"{ONE}history/", self.viewer),
            f"Signed off, {own_day}",
            "=1+1",
            f"Signed off with all of {self.source}, {whole_day}",
        )
        columns = ("signed_off_by", "signed_off_on", "signed_off_as_of")
        signed = {
            row["reference"]: [row[name] for name in columns]
            for row in self.lines_of("/recommendations/export/")
        }
        by = ["Manager", self.today.isoformat()]
        days = {"REP-1": days_ago(3), "REP-2": days_ago(9)}
        self.assertEqual(signed, {key: [*by, day.isoformat()] for key, day in days.items()})
        words = self.read("/sign-offs/", self.viewer)
        self.assert_words(words, "REP-1 Do the thing", self.source.short_title)
        lines = self.lines_of("/sign-offs/export/")
        told = [(int(line["number"]), line["kind"]) for line in lines]
        self.assertEqual(told, [(one.pk, "recommendation"), (whole.pk, "source")])
        self.assertEqual((lines[0]["sha256"], lines[0]["remark"]), (one.digest, "'=1+1"))

    def test_it_shows_what_was_signed_whatever_came_later(self) -> None:
        signed = self.sign()
        self.make_approved(self.recommendation, implementation_status="not_started")
        edit(self.recommendation, self.manager, title="Another title")
        page = signed.get_absolute_url()
        words = self.read(page, self.auditor)
        self.assert_words(words, "REP-1 Do the thing", "In progress", signed.digest)
        self.assert_no_words(words, "Another title", "Not started", "Signed off again")
        again = self.sign(by=self.other_manager)
        self.assert_words(self.read(page, self.auditor), "Signed off again by Other Manager")
        self.assert_words(self.read(again.get_absolute_url(), self.auditor), "Not started")

    def test_it_is_verified_on_demand_and_its_file_is_what_was_signed_byte_by_byte(self) -> None:
        signed = self.sign()
        page = signed.get_absolute_url()
        content = self.get(f"{page}content.json", self.auditor).content
        self.assertEqual(hashlib.sha256(content).hexdigest(), signed.digest)
        page = f"{page}?verify"
        self.assert_words(self.read(page, self.auditor), "Verified.", "records match what")
        guards.drop(connection)
        Recommendation.objects.filter(pk=self.recommendation.pk).update(title="Another")
        self.assert_words(self.read(page, self.auditor), "Not verified: 1 difference", "title: now")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_learns_nothing_of_it(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.sign()
        self.sign(self.source)
        for path in (ONE, self.source.get_absolute_url(), "/", "/recommendations/"):
            self.assertNotContains(self.get(path), "igned off")
