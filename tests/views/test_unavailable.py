"""503: what the site stands on fails, and what was typed comes back to be sent again."""

import errno
import re
import sqlite3
from html import unescape
from typing import Any
from unittest import mock

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError
from django.test import Client, override_settings

from recommendations import audit
from recommendations.faults import ClockFault
from recommendations.models import Comment, Recommendation
from recommendations.storage import evidence as store
from tests.files import upload
from tests.test_faults import of_sqlite
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, client_of, words_of

PATH = "/recommendations/REP-1/comments/"

BUSY = of_sqlite(sqlite3.SQLITE_BUSY)
LOST = OperationalError("server closed the connection, secret")
READ_ONLY = of_sqlite(sqlite3.SQLITE_READONLY)
FULL = OSError(errno.ENOSPC, "No space left on device", "/secret")


def fields_of(response: Any) -> dict[str, list[str]]:
    """The hidden fields of the form that sends again."""
    found: dict[str, list[str]] = {}
    html = response.content.decode()
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', html):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


class UnavailableTestCase(PageTestCase):
    def failing(self, error: Exception) -> Any:
        """Every write fails before anything of it is recorded."""
        return mock.patch.object(audit.record, "act", side_effect=error)

    def refused(self, error: Exception, path: str = PATH, **data: Any) -> Any:
        client = self.client_for(self.manager)
        with self.failing(error), self.assertLogs("recommendations.views.unavailable", "ERROR"):
            response = client.post(path, data)
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response["Retry-After"], "5")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertIn("Content-Security-Policy", response)
        self.assertNotContains(response, "secret", status_code=503)
        return response

    def quiet(self) -> Client:
        """The browser of the manager; what is not answered is not raised either."""
        client = self.client_for(self.manager)
        client.raise_request_exception = False
        return client


class WordsAreKeptTests(UnavailableTestCase):
    def test_each_fault_is_told_in_its_own_words(self):
        for error, heading, outcome in (
            (BUSY, "The site is busy", "Nothing was saved."),
            (LOST, "The database does not answer", "Your change was probably not saved."),
            (READ_ONLY, "Changes cannot be saved at present", "Nothing was saved."),
            (FULL, "The storage is full", "Nothing was saved."),
            (OSError("bucket"), "The storage of files does not answer", "Your change was probably"),
            (ClockFault("It is 9:00."), "The site clock is wrong", "It is 9:00."),
        ):
            with self.subTest(heading):
                text = words_of(self.refused(error, text="Which day?"))
                self.assert_words(text, heading, outcome, "Your entries Text Which day?")
        self.assertEqual(Comment.objects.count(), 0)

    def test_what_is_sent_again_is_what_was_sent(self):
        text = 'Line one\r\n"Line two" <b> & \u00e9\u0416'
        response = self.refused(BUSY, text=text, key="k1", many=["1", "2"])
        self.assertContains(response, f'action="{PATH}"', status_code=503)
        fields = fields_of(response)
        self.assertEqual(fields, {"text": [text], "key": ["k1"], "many": ["1", "2"]})
        again = self.client_for(self.manager).post(PATH, fields)
        self.assertEqual(again.status_code, 302)
        self.assertEqual(Comment.objects.get().text, text.replace("\r\n", "\n"))

    def test_only_what_a_person_types_is_shown(self):
        sent = {
            "evidence-0-title": "drought",
            "text": "Is this asked for?",
            "a_question": "One Word",
            "source_url": "https://example.org/a",
            "implementation_status": "in_progress",
            "version": "3",
            "evidence-TOTAL_FORMS": "1",
            "shown-title": "A Title That Was Shown",
            "next": "/recommendations/REP-1/",
            "seen": "9f" * 32,
            "_save": "Save and continue",
        }
        response = self.refused(BUSY, **sent)
        text = words_of(response)
        self.assert_words(
            text, "Title drought", "Text Is this asked", "A question One Word", "https://example"
        )
        hidden = ("in_progress", "Shown", "Save and", "9f9f", "/recommendations/")
        self.assert_no_words(text.partition("Your entries")[2], *hidden)
        self.assertEqual(set(fields_of(response)), set(sent))

    def test_files_are_named_and_asked_for_again(self):
        files = [SimpleUploadedFile(f"report {n}.pdf", b"%PDF") for n in (1, 2)]
        response = self.refused(BUSY, text="See these", files=files)
        self.assert_words(words_of(response), "Choose again: report 1.pdf, report 2.pdf")
        self.assertContains(response, 'enctype="multipart/form-data"', status_code=503)
        self.assertContains(response, 'type="file" id="again-1" name="files"', status_code=503)

    def test_a_thousand_fields_and_long_texts_come_back(self):
        sent = {f"row-{n}-title": f"Title {n}" for n in range(998)}
        sent |= {"text": "A comment", "rationale": "long " * 100_000}
        fields = fields_of(self.refused(BUSY, **sent))
        self.assertEqual(fields, {name: [value] for name, value in sent.items()})

    def test_the_admin_keeps_words_too(self):
        path = f"/admin/recommendations/recommendation/{self.recommendation.pk}/change/"
        failing = mock.patch.object(Recommendation, "refresh_from_db", side_effect=BUSY)
        with failing, self.failing(BUSY):
            response = client_of(self.administrator).post(path, {"title": "A new title"})
        self.assertEqual(response.status_code, 503)
        self.assert_words(words_of(response), "Your entries Title A new title")


class SafetyTests(UnavailableTestCase):
    def test_a_password_is_never_repeated(self):
        sent = {"username": "manager", "password": "hunter two", "new_password1": "hunter three"}
        failing = mock.patch("django.contrib.auth.views.LoginView.form_valid", side_effect=BUSY)
        wrong = mock.patch("django.contrib.auth.views.LoginView.form_invalid", side_effect=BUSY)
        with failing, wrong:
            response = self.client.post("/accounts/login/", sent)
        self.assertNotContains(response, "hunter", status_code=503)
        self.assert_words(
            words_of(response),
            "Passwords are not shown here. Fill in the form again.",
            "Open the form again",
        )
        self.assertNotContains(response, "Send again", status_code=503)

    def test_no_token_is_made_for_a_form_that_brought_none(self):
        strict = client_of(self.manager, enforce_csrf_checks=True)
        with self.failing(BUSY):
            foreign = strict.post(PATH, {"text": "From elsewhere"})
        self.assertNotContains(foreign, "From elsewhere", status_code=403)
        self.assertNotIn("csrfmiddlewaretoken", fields_of(self.refused(BUSY, text="Mine")))

    def test_the_token_that_was_sent_is_sent_again(self):
        response = self.refused(BUSY, text="Mine", csrfmiddlewaretoken="t" * 32)
        self.assertEqual(fields_of(response)["csrfmiddlewaretoken"], ["t" * 32])
        self.assert_no_words(words_of(response), "ttt")

    def test_with_its_token_the_form_is_accepted_when_the_fault_is_over(self):
        strict = client_of(self.manager, enforce_csrf_checks=True)
        page = strict.get(PATH).content.decode()
        [token] = set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page)[:1])
        with self.failing(BUSY):
            response = strict.post(PATH, {"text": "Which day?", "csrfmiddlewaretoken": token})
        self.assertEqual(response.status_code, 503)
        self.assertEqual(strict.post(PATH, fields_of(response)).status_code, 302)
        self.assertEqual(Comment.objects.get().text, "Which day?")

    def test_an_address_that_leads_elsewhere_is_not_followed(self):
        client = self.quiet()
        with mock.patch.object(SessionStore, "load", side_effect=LOST):
            response = client.get("//evil.example/recommendations/")
        self.assertNotContains(response, 'href="//evil', status_code=503)


class MiddlewareTests(UnavailableTestCase):
    def test_a_session_that_cannot_be_loaded(self):
        client = self.quiet()
        lost = mock.patch.object(SessionStore, "load", side_effect=LOST)
        with lost, self.assertNumQueries(0):
            response = client.post(PATH, {"text": "Which day?"})
        self.assertEqual(response.status_code, 503)
        self.assertIn("Content-Security-Policy", response)
        self.assert_words(words_of(response), "The database does not answer", "Which day?")

    def test_a_page_is_loaded_again_by_its_address(self):
        client = self.quiet()
        with mock.patch.object(SessionStore, "load", side_effect=LOST):
            response = client.get("/recommendations/?text=a+b")
        self.assertContains(
            response, 'href="/recommendations/?text=a+b">Try again', status_code=503
        )
        self.assert_no_words(words_of(response), "saved", "typed")

    def test_an_error_of_the_program_stays_one(self):
        broken = mock.patch.object(audit.record, "act", side_effect=ValueError)
        client = self.quiet()
        with broken, self.assertLogs("django.request", "ERROR"):
            self.assertEqual(client.post(PATH, {"text": "Which?"}).status_code, 500)

    def test_being_alive_asks_none_of_it(self):
        client = self.quiet()
        with mock.patch.object(SessionStore, "load", side_effect=LOST):
            self.assertEqual(client.get("/healthz").status_code, 200)


class FormTests(UnavailableTestCase):
    def answer_to(self, **headers: str) -> Any:
        client = self.client_for(self.manager)
        with self.failing(BUSY):
            return client.post(PATH, {"text": "A word"}, headers=headers)

    def test_a_program_is_told_in_its_own_form(self):
        response = self.answer_to(accept="application/json")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"], "The site is busy")
        response = self.answer_to(accept="text/csv")
        self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertTrue(response.content.startswith(b"The site is busy. Other changes"))
        self.assertEqual(response["Retry-After"], "5")

    def test_saving_in_the_background_tells_in_its_line(self):
        response = self.answer_to(hx_request="true")
        self.assertContains(response, "The site is busy. Nothing was saved.", status_code=503)
        self.assertNotContains(response, "<html", status_code=503)
        page = self.get(PATH, self.manager).content.decode()
        self.assertIn('{"code": "503", "swap": true, "error": true}', page)


class StorageTests(UnavailableTestCase):
    def test_a_full_disk_of_evidence_keeps_the_words(self):
        update = begin_draft(recommendation=self.recommendation, by=self.staff)
        full = mock.patch.object(store.Path, "replace", side_effect=FULL)
        with full:
            response = self.client_for(self.staff).post(
                f"/updates/{update.pk}/evidence/",
                {
                    "evidence-stance": "supports",
                    "evidence-title": "Minutes of May",
                    "evidence-uploads": upload(),
                },
            )
        self.assertEqual(response.status_code, 503)
        self.assert_words(words_of(response), "The storage is full", "Minutes of May", "paper.pdf")
        self.assertEqual(update.evidence_links.count(), 0)

    def test_a_full_disk_of_uploads_keeps_the_words_around_the_file(self):
        update = begin_draft(recommendation=self.recommendation, by=self.staff)
        client = self.client_for(self.staff)
        # One fails at once, one in the middle, one when what was buffered is written.
        for step in ("new_file", "receive_data_chunk", "file_complete"):
            with (
                self.subTest(step),
                override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0),
                mock.patch.object(TemporaryFileUploadHandler, step, side_effect=FULL),
            ):
                response = client.post(
                    f"/updates/{update.pk}/evidence/",
                    {
                        "evidence-title": "Minutes of May",
                        "evidence-uploads": [upload("first.pdf"), upload("second.pdf")],
                        "evidence-publisher": "The ministry",
                    },
                )
                self.assertEqual(response.status_code, 503)
                text = words_of(response)
                self.assert_words(text, "The storage is full", "Minutes of May", "The ministry")
                self.assert_words(text, "Choose again: first.pdf, second.pdf")

    def test_a_lost_database_keeps_the_words_around_a_large_file(self):
        client = self.quiet()
        with (
            override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0),
            mock.patch.object(SessionStore, "load", side_effect=LOST),
        ):
            response = client.post(PATH, {"text": "Which day?", "file": upload()})
        self.assertEqual(response.status_code, 503)
        self.assert_words(words_of(response), "does not answer", "Which day?", "paper.pdf")
