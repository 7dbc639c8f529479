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
from tests.files import upload
from tests.test_faults import of_sqlite
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, client_of, words_of

PATH = "/recommendations/REP-1/comments/"

BUSY = of_sqlite(sqlite3.SQLITE_BUSY)
LOST = OperationalError("server closed the connection, secret")
READ_ONLY = of_sqlite(sqlite3.SQLITE_READONLY)
FULL = OSError(errno.ENOSPC, "No space left on device", "/secret")
FAULTS = (
    (BUSY, "The site is busy", "Nothing was saved."),
    (LOST, "The database does not answer", "Your change was probably not saved."),
    (READ_ONLY, "Changes cannot be saved at present", "Nothing was saved."),
    (FULL, "The storage is full", "Nothing was saved."),
    (OSError("bucket"), "The storage of files does not answer", "Your change was probably"),
    (ClockFault("It is 9:00."), "The site clock is wrong", "It is 9:00."),
)


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

    def refused(self, error: Exception = BUSY, **data: Any) -> Any:
        client = self.client_for(self.manager)
        with self.failing(error), self.assertLogs("recommendations.views.errors", "ERROR"):
            response = client.post(PATH, data)
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

    def assert_told(self, response: Any, *words: str) -> None:
        self.assertEqual(response.status_code, 503)
        self.assert_words(words_of(response), *words)


class WordsAreKeptTests(UnavailableTestCase):
    def test_each_fault_is_told_in_its_own_words(self):
        for error, heading, outcome in FAULTS:
            with self.subTest(heading):
                response = self.refused(error, text="Which day?")
                self.assert_told(response, heading, outcome, "Your entries Text Which day?")
        self.assertEqual(Comment.objects.count(), 0)

    def test_what_is_sent_again_is_what_was_sent(self):
        text = 'Line one\r\n"Line two" <b> & \u00e9\u0416'
        response = self.refused(text=text, key="k1", many=["1", "2"])
        self.assertContains(response, f'action="{PATH}"', status_code=503)
        fields = fields_of(response)
        self.assertEqual(fields, {"text": [text], "key": ["k1"], "many": ["1", "2"]})
        again = self.client_for(self.manager).post(PATH, fields)
        self.assertEqual(again.status_code, 302)
        self.assertEqual(Comment.objects.get().text, text.replace("\r\n", "\n"))
        sent = {f"row-{n}-title": f"Title {n}" for n in range(998)}
        sent |= {"text": "A comment", "rationale": "long " * 9_000}
        fields = fields_of(self.refused(**sent))
        self.assertEqual(fields, {name: [value] for name, value in sent.items()})

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
            "csrfmiddlewaretoken": "t" * 32,
        }
        response = self.refused(**sent)
        text = words_of(response)
        typed = ("Title drought", "Text Is this asked", "A question One Word", "https://example")
        self.assert_words(text, *typed)
        hidden = ("in_progress", "Shown", "Save and", "9f9f", "/recommendations/", "ttt")
        self.assert_no_words(text.partition("Your entries")[2], *hidden)
        self.assertEqual(set(fields_of(response)), set(sent))
        self.assertNotIn("csrfmiddlewaretoken", fields_of(self.refused(text="Mine")))

    def test_files_are_named_and_asked_for_again(self):
        files = [SimpleUploadedFile(f"report {n}.pdf", b"%PDF") for n in (1, 2)]
        response = self.refused(text="See these", files=files)
        self.assert_told(response, "Choose again: report 1.pdf, report 2.pdf")
        for html in ('enctype="multipart/form-data"', 'type="file" id="again-1" name="files"'):
            self.assertContains(response, html, status_code=503)

    def test_the_admin_keeps_words_too(self):
        path = f"/admin/recommendations/recommendation/{self.recommendation.pk}/change/"
        failing = mock.patch.object(Recommendation, "refresh_from_db", side_effect=BUSY)
        with failing, self.failing(BUSY):
            response = client_of(self.administrator).post(path, {"title": "A new title"})
        self.assert_told(response, "Your entries Title A new title")

    def test_a_program_and_saving_in_the_background_are_told_in_their_own_form(self):
        def answer_to(**headers: str) -> Any:
            client = self.client_for(self.manager)
            with self.failing(BUSY):
                return client.post(PATH, {"text": "A word"}, headers=headers)

        self.assertEqual(answer_to(accept="application/json").json()["error"], FAULTS[0][1])
        response = answer_to(accept="text/csv")
        self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertTrue(response.content.startswith(b"The site is busy. Other changes"))
        self.assertEqual((response.status_code, response["Retry-After"]), (503, "5"))
        response = answer_to(hx_request="true")
        self.assert_told(response, "The site is busy. Nothing was saved.")
        self.assertNotContains(response, "<html", status_code=503)
        page = self.get(PATH, self.manager).content.decode()
        self.assertIn('{"code": "503", "swap": true, "error": true}', page)


class SafetyTests(UnavailableTestCase):
    def test_a_password_is_never_repeated(self):
        sent = {"username": "manager", "password": "hunter two", "new_password1": "hunter three"}
        view = "django.contrib.auth.views.LoginView"
        failing = mock.patch(f"{view}.form_valid", side_effect=BUSY)
        with failing, mock.patch(f"{view}.form_invalid", side_effect=BUSY):
            response = self.client.post("/accounts/login/", sent)
        told = "Passwords are not shown here. Fill in the form again."
        self.assert_told(response, told, "Open the form again")
        for words in ("hunter", "Send again"):
            self.assertNotContains(response, words, status_code=503)

    def test_with_its_token_alone_the_form_is_accepted_when_the_fault_is_over(self):
        strict = client_of(self.manager, enforce_csrf_checks=True)
        page = strict.get(PATH).content.decode()
        [token] = set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page)[:1])
        with self.failing(BUSY):
            foreign = strict.post(PATH, {"text": "From elsewhere"})
            response = strict.post(PATH, {"text": "Which day?", "csrfmiddlewaretoken": token})
        self.assertNotContains(foreign, "From elsewhere", status_code=403)
        self.assertEqual(response.status_code, 503)
        self.assertEqual(strict.post(PATH, fields_of(response)).status_code, 302)
        self.assertEqual(Comment.objects.get().text, "Which day?")


class MiddlewareTests(UnavailableTestCase):
    def test_a_session_that_cannot_be_loaded(self):
        client = self.quiet()
        with mock.patch.object(SessionStore, "load", side_effect=LOST), self.assertNumQueries(0):
            response = client.post(PATH, {"text": "Which day?"})
            page = client.get("/recommendations/?text=a+b")
            elsewhere = client.get("//evil.example/recommendations/")
            alive = client.get("/healthz")
        self.assertIn("Content-Security-Policy", response)
        self.assert_told(response, "The database does not answer", "Which day?")
        # A page is loaded again by its address, unless that leads elsewhere.
        again = 'href="/recommendations/?text=a+b">Try again'
        self.assertContains(page, again, status_code=503)
        self.assert_no_words(words_of(page), "saved", "typed")
        self.assertNotContains(elsewhere, 'href="//evil', status_code=503)
        self.assertEqual(alive.status_code, 200)


class StorageTests(UnavailableTestCase):
    def setUp(self):
        super().setUp()
        update = begin_draft(recommendation=self.recommendation, by=self.staff)
        self.links = update.evidence_links
        self.page = f"/updates/{update.pk}/evidence/"

    @override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0)
    def test_a_fault_while_files_come_in_keeps_the_words_around_them(self):
        # One fails at once, one in the middle, one when what was buffered is written.
        for step in ("new_file", "receive_data_chunk", "file_complete"):
            failing = mock.patch.object(TemporaryFileUploadHandler, step, side_effect=FULL)
            sent = {
                "evidence-title": "Minutes of May",
                "evidence-uploads": [upload("first.pdf"), upload("second.pdf")],
                "evidence-publisher": "The ministry",
            }
            with self.subTest(step), failing:
                response = self.post(self.page, self.staff, **sent)
                told = ("The storage is full", "Minutes of May", "The ministry")
                self.assert_told(response, *told, "Choose again: first.pdf, second.pdf")
        client = self.quiet()
        with mock.patch.object(SessionStore, "load", side_effect=LOST):
            response = client.post(PATH, {"text": "Which day?", "file": upload()})
        self.assert_told(response, "does not answer", "Which day?", "paper.pdf")
