"""The page of what changed: who reads it, since when, as a file, by a fixed number of queries."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations, signoffs
from recommendations.models import Recommendation
from tests.base import days_ago
from tests.views.pages import PageTestCase, counting

ONE = "/recommendations/REP-1/changes/"


class ChangesPageTests(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.all = f"{self.source.get_absolute_url()}changes/"
        self.since = {"since": days_ago(1).isoformat()}

    def rename(self, about: Recommendation, title: str) -> None:
        recommendations.revise_recommendation(
            recommendation=about,
            by=self.manager,
            expected_version=Recommendation.objects.get(pk=about.pk).version,
            values={"title": title},
        )

    def test_it_says_what_changed_from_what_to_what_and_by_whom(self) -> None:
        self.make_approved(self.recommendation)
        self.rename(self.recommendation, "Do it well")
        for path in (ONE, self.all):
            words = self.read(path, self.auditor, **self.since)
            self.assert_words(words, "Update approved", "No report yet", "In progress", "Manager")
            self.assert_words(words, "Recommendation edited", "Do it well")
        links = self.get(self.source.get_absolute_url(), self.auditor).content.decode()
        self.assertIn(self.all, links)

    def test_the_file_has_a_row_for_each_field(self) -> None:
        self.make_approved(self.recommendation)
        self.rename(self.recommendation, "Do it well")
        for path in (ONE, self.all):
            answer = self.get(f"{path}export/", self.auditor, **self.since)
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
            told = [(row["kind_code"], row["field"]) for row in csv.DictReader(StringIO(text))]
            self.assertEqual(
                told, [("status", "Status"), ("status", "Confidence"), ("wording", "Title")]
            )

    def test_days_that_make_no_sense_are_explained(self) -> None:
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        cases: list[tuple[dict[str, str], str]] = [
            ({"since": "soon"}, "Enter a valid date."),
            ({"since": ""}, "Enter the date."),
            ({"since": tomorrow}, "must not be in the future"),
            ({**self.since, "until": days_ago(9).isoformat()}, "Enter a day after the first."),
        ]
        for days, words in cases:
            with self.subTest(days):
                self.assert_words(self.read(ONE, self.auditor, 400, **days), words)
                self.assertEqual(self.get(f"{ONE}export/", self.auditor, **days).status_code, 404)
        words = self.read(ONE, self.auditor, since="1999-01-01")
        self.assert_words(words, "The record begins on")

    def test_since_a_sign_off_is_what_came_after_its_entry(self) -> None:
        self.make_approved(self.recommendation)
        signed = signoffs.record_sign_off(about=self.source, by=self.manager, as_of=days_ago(0))
        path = f"{self.all}?sign_off={signed.pk}"
        self.assert_words(self.read(path, self.auditor), "Nothing changed", "since the sign-off by")
        self.rename(self.recommendation, "Do it well")
        words = self.read(path, self.auditor)
        self.assert_words(words, "Recommendation edited")
        self.assert_no_words(words, "Update approved")
        self.assertIn(path, self.get(signed.get_absolute_url(), self.auditor).content.decode())
        for wrong in (f"{ONE}?sign_off={signed.pk}", f"{self.all}?sign_off=x"):
            self.assertEqual(self.get(wrong, self.auditor).status_code, 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_who_may_not_read_internal_evidence_reads_none_of_it(self) -> None:
        for path in (ONE, self.all, f"{ONE}export/", f"{self.all}export/"):
            for reader in (self.stranger, self.viewer):
                self.assertEqual(self.get(path, reader).status_code, 403)
            self.assertEqual(self.get(path).status_code, 302)
        for path in (self.source.get_absolute_url(), "/recommendations/REP-1/history/"):
            self.assert_no_words(self.read(path, self.viewer), "What changed")
            self.assert_words(self.read(path, self.staff), "What changed")

    def test_it_asks_as_much_for_many_as_for_one(self) -> None:
        def count() -> int:
            cache.clear()
            with counting() as asked:
                self.read(self.all, self.auditor, **self.since)
            return len(asked)

        self.changed(1)
        few = (count(), count())[1]  # What a process keeps is there then.
        self.changed(12)
        self.assertEqual(count(), few)

    def changed(self, number: int) -> None:
        for n in range(number):
            about: Any = self.make_recommendation(f"More {n}")
            self.make_approved(about)
            self.rename(about, f"Much more {n}")
