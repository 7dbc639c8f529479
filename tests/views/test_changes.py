"""The page of what changed: who reads it, since when, as a file, by a fixed number of queries."""

import csv
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.test import override_settings
from django.utils import timezone

from recommendations.actions import signoffs
from recommendations.models import Recommendation, User
from recommendations.views import history, visits
from tests.base import days_ago
from tests.edits import edit
from tests.views.test_briefings import BriefingTestCase

ONE = "/recommendations/REP-1/history/changes/"


class ChangesPageTests(BriefingTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.all = f"{self.source.get_absolute_url()}history/changes/"
        self.since = {"since": days_ago(1).isoformat()}

    def rename(self, about: Recommendation, title: str) -> None:
        edit(about, self.manager, title=title)

    def test_it_says_what_changed_from_what_to_what_and_by_whom(self) -> None:
        self.make_approved(self.recommendation)
        self.rename(self.recommendation, "Do it well")
        for path in (ONE, self.all):
            words = self.read(path, self.auditor, **self.since)
            self.assert_words(words, "Update approved", "No report yet", "In progress", "Manager")
            self.assert_words(words, "Recommendation edited", "Do it well")
            answer = self.get(f"{path}briefing/", self.auditor, since="")
            self.assertEqual(answer.status_code, 400)
        links = self.get(self.source.get_absolute_url(), self.auditor).content.decode()
        self.assertIn(self.all, links)

    def test_the_file_has_a_row_for_each_field(self) -> None:
        User.objects.filter(pk=self.manager.pk).update(is_demonstration=True)
        self.make_approved(self.recommendation, decided_by=self.other_manager)
        self.rename(self.recommendation, "Do it well")
        for path in (ONE, self.all):
            answer = self.get(f"{path}export/", self.auditor, **self.since)
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
            rows = list(csv.DictReader(StringIO(text)))
            self.assertEqual({row["is_demonstration"] for row in rows}, {"false", "true"})
            told = [(row["kind_code"], row["field"]) for row in rows]
            self.assertEqual(
                told, [("wording", "Title"), ("status", "Status"), ("status", "Confidence")]
            )

    def test_of_more_than_are_counted_the_latest_come_page_by_page(self) -> None:
        for title in ("Do it well", "Do it better", "Do it best"):
            self.rename(self.recommendation, title)
        with mock.patch.multiple(history, CHANGES_COUNTED=1, A_PAGE=1):
            for page, added in enumerate(("best", "better", "well"), start=1):
                words = self.read(self.all, self.auditor, page=page, **self.since)
                self.assert_words(words, "More than 1 changes", f"{added} ]")
            missing = self.get(self.all, self.auditor, page=4, **self.since)
            self.assertEqual(missing.status_code, 404)

    def test_days_that_make_no_sense_are_explained(self) -> None:
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        cases: list[tuple[dict[str, str], str]] = [
            ({"since": "soon"}, "Enter a valid date."),
            ({"since": ""}, "Enter the date."),
            ({"until": days_ago(9).isoformat()}, "Enter the date."),
            ({"since": tomorrow}, "must not be in the future"),
            ({**self.since, "until": days_ago(9).isoformat()}, "Enter a day after the first."),
        ]
        for days, words in cases:
            with self.subTest(days):
                self.assert_words(self.read(ONE, self.auditor, 400, **days), words)
                self.assertEqual(self.get(f"{ONE}export/", self.auditor, **days).status_code, 404)
        self.assert_words(self.read(ONE, self.auditor, since="1999-01-01"), "The record begins on")
        words = self.read(ONE, self.auditor, since="1999-01-01", until="1999-12-31")
        self.assert_words(words, "Nothing changed")
        self.assert_no_words(words, "all of it is listed")

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
        # It covers each recommendation; who signed begins there without being asked.
        for begun, reader in ((f"{ONE}?sign_off={signed.pk}", self.auditor), (ONE, self.manager)):
            words = self.read(begun, reader)
            self.assert_words(words, "since the sign-off by", "Recommendation edited")
            self.assert_no_words(words, "Update approved")
        # The form beside it leaves none of them out.
        since = self.get(ONE, self.manager).context["form"]["since"].value()
        self.assert_words(self.read(f"{ONE}?since={since}", self.manager), "Recommendation edited")
        self.assert_words(self.read(ONE, self.auditor), "Recorded after", "Update approved")
        one = signoffs.record_sign_off(
            about=self.recommendation, by=self.other_manager, as_of=days_ago(0)
        )
        for wrong in (f"{self.all}?sign_off={one.pk}", f"{self.all}?sign_off=x"):
            self.assertEqual(self.get(wrong, self.auditor).status_code, 404)

    def test_since_the_last_visit_is_what_came_after_its_first_page(self) -> None:
        asked = f"{self.all}?last_visit"
        self.assert_words(self.read(asked, self.auditor), "No earlier visit in this browser")
        self.assertEqual(self.get(f"{self.all}export/?last_visit", self.auditor).status_code, 404)
        browser = self.client_for(self.auditor)
        browser.cookies.pop(visits.COOKIE)
        before = timezone.now() - timedelta(days=9)
        with mock.patch.object(visits.timezone, "localdate", return_value=before.date()):
            browser.get("/")
        self.make_approved(self.recommendation)
        for _page in range(2):  # The first one of today, and a later one.
            words = self.read(asked, self.auditor)
            self.assert_words(words, "Recorded since your last visit on", "Update approved")
        self.assert_words(
            self.text(f"{self.all}briefing/?last_visit", self.auditor), "your last visit"
        )
        visited = browser.cookies[visits.COOKIE].value
        for reader, value in ((self.manager, visited), (self.auditor, f"{visited}x")):
            self.client_for(reader).cookies[visits.COOKIE] = value
            self.assert_words(self.read(asked, reader), "No earlier visit in this browser")
        with override_settings(PUBLIC_PAGES=True):
            self.assertNotIn(visits.COOKIE, self.get("/").cookies)
