"""Pages of sign-offs: who signs and reads, what they say, files, and a fixed number of queries."""

import csv
import hashlib
from datetime import timedelta
from io import StringIO
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from recommendations import guards
from recommendations.actions import recommendations, signoffs
from recommendations.actions.evidence import contradictions
from recommendations.audit.baseline import record_baselines
from recommendations.models import Recommendation, SignOff, Source
from recommendations.queries.dates import day_text
from recommendations.templatetags.dates import short_day
from tests.base import days_ago, link_evidence
from tests.histories.history import clock_at
from tests.views.pages import PageTestCase, counting, shown_fields

ONE = "/recommendations/REP-1/"
SIGN = f"{ONE}sign-off/"


class SignOffPageTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        record_baselines(apps)
        cls.make_approved(cls.recommendation)
        cls.today = days_ago(0)

    def sign(self, about: Source | Recommendation | None = None, **values: Any) -> SignOff:
        given = {"by": self.manager, "as_of": self.today, **values}
        return signoffs.record_sign_off(about=about or self.recommendation, **given)

    def press(self, path: str = SIGN, **values: Any) -> Any:
        page = self.get(path, self.manager)
        data = {"as_of": self.today.isoformat(), **shown_fields(page), **values}
        return self.post(path, self.manager, **data)


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

    def test_a_rating_that_is_out_of_date_says_its_day(self) -> None:
        rated = f"rating of {short_day(self.today)}"
        self.assert_no_words(self.read(SIGN, self.manager), rated)
        with clock_at(timezone.now() + timedelta(days=300)):
            self.assert_words(self.read(SIGN, self.other_manager), rated)
            page = self.sign(as_of=timezone.localdate()).get_absolute_url()
            self.assert_words(self.read(page, self.viewer), rated)

    def test_a_source_is_signed_on_its_own_page(self) -> None:
        self.make_recommendation("Do another thing")
        path = f"{self.source.get_absolute_url()}sign-off/"
        self.assert_words(self.read(path, self.manager), "Do another thing", "No report yet")
        self.press(path)
        self.assert_words(
            self.read(self.source.get_absolute_url(), self.auditor), "Signed off by Manager on"
        )
        self.assert_words(self.read("/recommendations/REP-2/", self.staff), "Signed off by Manager")

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
        contradictions.answer(link=against, by=self.other_manager, text="It is old.")
        self.assert_words(self.read(page, self.auditor), words)
        self.assert_no_words(self.read(page, self.viewer), words)
        self.assert_no_words(self.read(SIGN, self.manager), words)

    def test_a_source_without_recommendations_has_nothing_to_sign(self) -> None:
        Source.objects.create(slug="empty", title="Empty", short_title="Empty")
        path = "/sources/empty/sign-off/"
        self.assert_words(self.read(path, self.manager), "Nothing to sign off")
        self.assertEqual(self.press(path).status_code, 409)

    def test_others_do_not_sign(self) -> None:
        for path in (SIGN, f"{self.source.get_absolute_url()}sign-off/"):
            self.assert_turned_away(path)
            for person in (self.staff, self.viewer, self.auditor, self.administrator):
                self.assertEqual(self.get(path, person).status_code, 403)
                self.assertEqual(self.post(path, person).status_code, 403)


class ReadingTests(SignOffPageTestCase):
    def test_the_history_and_the_export_tell_of_it(self) -> None:
        self.make_recommendation("Do more")
        self.sign(self.source, as_of=days_ago(9))
        self.sign(as_of=days_ago(3), remark="Agreed with the ministry.")
        words = self.read(f"{ONE}history/", self.viewer)
        own, whole = f"as of {day_text(days_ago(3))}", f"as of {day_text(days_ago(9))}"
        self.assert_words(words, f"Signed off, status {own}", "Agreed with the ministry.")
        self.assert_words(words, f"Signed off with all of {self.source}, status {whole}")
        text = self.get("/recommendations/export/", self.viewer).getvalue().decode("utf-8-sig")
        rows = {row["reference"]: row for row in csv.DictReader(StringIO(text))}
        signed = {
            key: [row[name] for name in ("signed_off_by", "signed_off_on", "signed_off_as_of")]
            for key, row in rows.items()
        }
        today = timezone.localdate().isoformat()
        self.assertEqual(
            signed,
            {
                "REP-1": ["Manager", today, days_ago(3).isoformat()],
                "REP-2": ["Manager", today, days_ago(9).isoformat()],
            },
        )

    def test_it_shows_what_was_signed_whatever_came_later(self) -> None:
        signed = self.sign()
        self.make_approved(self.recommendation, implementation_status="not_started")
        recommendations.revise_recommendation(
            recommendation=(found := Recommendation.objects.get(pk=self.recommendation.pk)),
            by=self.manager,
            expected_version=found.version,
            values={"title": "Another title"},
        )
        page = signed.get_absolute_url()
        words = self.read(page, self.auditor)
        self.assert_words(words, "REP-1 Do the thing", "In progress", signed.digest)
        self.assert_no_words(words, "Another title", "Not started", "Signed off again")
        again = self.sign(by=self.other_manager)
        self.assert_words(self.read(page, self.auditor), "Signed off again by Other Manager")
        self.assert_words(self.read(again.get_absolute_url(), self.auditor), "Not started")

    def test_it_is_verified_on_demand(self) -> None:
        signed = self.sign()
        page = f"{signed.get_absolute_url()}?verify"
        self.assert_words(self.read(page, self.auditor), "Verified.", "all are as signed")
        guards.drop(connection)
        Recommendation.objects.filter(pk=self.recommendation.pk).update(title="Another")
        self.assert_words(self.read(page, self.auditor), "Not verified: 1 difference", "title: now")

    def test_the_file_is_what_was_signed_byte_by_byte(self) -> None:
        signed = self.sign()
        path = f"{signed.get_absolute_url()}content.json"
        for person in (self.manager, self.auditor, self.administrator):
            content = self.get(path, person).content
            self.assertEqual(hashlib.sha256(content).hexdigest(), signed.digest)
        for person in (self.staff, self.viewer):
            self.assertEqual(self.get(path, person).status_code, 403)

    def test_the_list_and_its_file(self) -> None:
        self.assert_words(self.read("/sign-offs/", self.viewer), "No sign-offs yet")
        one, all_of_it = self.sign(remark="=1+1"), self.sign(self.source)
        words = self.read("/sign-offs/", self.viewer)
        self.assert_words(words, "REP-1 Do the thing", self.source.short_title)
        answer = self.get("/sign-offs/export/", self.viewer)
        lines = list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"))))
        self.assertEqual([int(line["number"]) for line in lines], [all_of_it.pk, one.pk])
        self.assertEqual([line["kind"] for line in lines], ["source", "recommendation"])
        self.assertEqual((lines[1]["sha256"], lines[1]["remark"]), (one.digest, "'=1+1"))

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_learns_nothing_of_it(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        signed = self.sign()
        self.sign(self.source)
        page = signed.get_absolute_url()
        for path in (page, f"{page}content.json", "/sign-offs/", "/sign-offs/export/"):
            self.assert_turned_away(path)
        for path in (ONE, self.source.get_absolute_url(), "/", "/recommendations/"):
            self.assertNotContains(self.get(path), "igned off")

    def test_there_is_no_other(self) -> None:
        self.assertEqual(self.get("/sign-offs/999/", self.manager).status_code, 404)

    def test_queries_do_not_grow_with_what_is_signed(self) -> None:
        def count(path: str) -> int:
            with counting() as asked:
                self.get(path, self.manager)
            return len(asked)

        path = f"{self.source.get_absolute_url()}sign-off/"
        count(path)  # which signs in
        few = count(path), count(self.sign(self.source).get_absolute_url()), count("/sign-offs/")
        for number in range(5):
            self.make_approved(self.make_recommendation(f"Thing {number}"))
        many = count(path), count(self.sign(self.source).get_absolute_url()), count("/sign-offs/")
        self.assertEqual(few, many)
        self.assertLessEqual(many[1], 10)
