"""Files of evidence: sent with a form or ahead of it, hostile ones, and who is given which."""

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote

from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.responses import record_responses
from recommendations.actions.updates import drafts
from recommendations.choices import UpdateState
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    StatusUpdate,
    StoredFile,
)
from recommendations.readers.opening import type_named
from recommendations.storage import evidence as store
from tests.base import days_ago, link_evidence
from tests.depth import times
from tests.edits import newer_file
from tests.files import GIF, PNG, archive, pdf, received, upload
from tests.updates import submit
from tests.views.deciding import undone
from tests.views.pages import PageTestCase, client_of
from tests.views.writing import Browser, WritingTestCase

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
FRAMED = SANDBOX.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
LOG = "recommendations.views.evidence"
MISSING = ("missing", "Tell the site administrators. Uploading the same file again restores it.")
ALTERED = "The stored file differs from the uploaded file and cannot be downloaded."


def of(item: Evidence, number: int = 1) -> str:
    return reverse("evidence-file", args=[item.pk, number])


class FilesTestCase(PageTestCase):
    """An internal report, and a public letter under something published that came twice."""

    first, second = pdf("The letter as it came first."), pdf("The letter, signed.")

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.report = cls.make_evidence("A report", file=received("internal report.pdf"))
        draft = received("zq draft.pdf", cls.first)
        cls.letter = cls.make_evidence("The letter", visibility="public", file=draft)
        signed = received("zq signed.pdf", cls.second)
        newer_file(cls.letter, cls.staff, signed)
        link_evidence(to=cls.recommendation, by=cls.staff, evidence=cls.letter, stance="need")
        recommendations.publish_recommendation(recommendation=cls.recommendation, by=cls.manager)

    def setUp(self) -> None:
        super().setUp()
        # Some tests take bytes away; every test finds them there.
        received(content=self.first), received(content=self.second), received()
        self.path, self.letters = of(self.report), [of(self.letter, n) for n in range(4)]

    def kept(self, name: str, content: bytes) -> str:
        return of(self.make_evidence(name, file=received(name, content)))

    def assert_bytes(self, path: str, person: Any, content: bytes) -> None:
        response = self.get(path, person)
        self.assertEqual((response.status_code, response.getvalue()), (200, content))

    def assert_no_bytes(self, response: Any, status: int) -> None:
        self.assertEqual(response.status_code, status)
        self.assertNotIn(b"%PDF", response.getvalue())
        self.assertNotIn("ETag", response)


class WhoTests(FilesTestCase):
    def test_people_inside_get_what_they_may_see_whatever_its_number(self) -> None:
        for person in (self.staff, self.manager, self.auditor, self.administrator):
            self.assert_bytes(self.path, person, pdf())
            self.assert_bytes(self.letters[1], person, self.first)
            self.assert_bytes(self.letters[2], person, self.second)
        self.assert_no_bytes(self.get(self.path, self.viewer), 404)
        self.assert_bytes(self.letters[2], self.viewer, self.second)

    def test_without_public_pages_nobody_outside_gets_anything(self) -> None:
        for path in (self.path, self.letters[2], of(self.letter, 9), "/evidence/999/files/1/"):
            self.assert_turned_away(path)
            self.assert_no_bytes(self.get(path), 302)
            self.assert_no_bytes(self.get(path, self.stranger), 403)

    @override_settings(PUBLIC_PAGES=True)
    def test_with_public_pages_the_newest_file_of_a_public_item_as_long_as_it_is(self) -> None:
        newest = self.letters.pop(2)
        far = (of(self.letter, 10**30), f"/evidence/{10**30}/files/1/")
        for person in (None, self.stranger):
            self.assert_bytes(newest, person, self.second)
            for path in (*self.letters, self.path, *far):
                self.assert_no_bytes(self.get(path, person), 404)
                self.assert_no_bytes(self.client_for(person).head(path), 404)
        tag = self.client_for(None).head(newest)["ETag"]
        with undone():
            evidence_items.detach(link=self.letter.links.get(), by=self.manager)
            self.assert_no_bytes(self.get(newest), 404)
        item = Evidence.objects.get(pk=self.letter.pk)
        about: dict[str, Any] = {"evidence": item, "expected_version": item.version}
        evidence_changes.change_item(**about, by=self.staff, values={"visibility": "internal"})
        for headers in ({}, {"If-None-Match": tag}):
            for person in (None, self.viewer):
                response = self.client_for(person).get(newest, headers=headers)
                self.assert_no_bytes(response, 404)
        self.assert_bytes(newest, self.staff, self.second)


class HeaderTests(FilesTestCase):
    def assert_safe(self, response: Any, policy: str = SANDBOX, frame: str = "DENY") -> None:
        self.assertEqual(response["Content-Security-Policy"], policy)
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertEqual(response["X-Frame-Options"], frame)

    def test_saved_under_its_name_with_what_it_is(self) -> None:
        response = self.get(self.path, self.staff)
        self.assert_safe(response)
        tag = f'"{self.report.revisions.get().file_id}"'
        for name, value in (
            ("Content-Type", "application/pdf"),
            ("Content-Length", str(len(pdf()))),
            ("ETag", tag),
            ("Content-Disposition", 'attachment; filename="internal report.pdf"'),
        ):
            self.assertEqual(response[name], value)
        self.assertRegex(response["Cache-Control"], "private.*no-store|no-store.*private")
        self.assertTrue(response.streaming)
        head = self.client_for(self.staff).head(self.path)
        self.assertEqual((head.status_code, head.content), (200, b""))
        names = set(response.headers) - {"X-Request-ID"}
        self.assertEqual({n: response[n] for n in names}, {n: head[n] for n in names})
        response.getvalue()

    def test_shown_or_framed_only_where_asked_and_where_a_browser_can_do_no_harm(self) -> None:
        words, page = b"not bold</b> though, and neither a page\n", pdf("shown")
        for name, content, query, way in (
            ("a.png", PNG, {}, "attachment"),
            ("a.png", PNG, {"show": "1"}, "inline"),
            ("a.png", PNG, {"show": "x"}, "attachment"),
            ("a.png", PNG, {"beside": "1"}, ""),
            ("a.txt", words, {}, "attachment"),
            ("a.txt", words, {"show": "1"}, "inline"),
            ("a.txt", words, {"beside": "1"}, "framed"),
            ("a.pdf", page, {}, "attachment"),
            ("a.pdf", page, {"show": "1"}, "attachment"),
            ("a.pdf", page, {"beside": "1"}, "framed"),
        ):
            with self.subTest(name=name, query=query):
                response = self.get(self.kept(name, content), self.staff, **query)
                self.assertEqual(response.getvalue(), content)
                safe = (FRAMED, "SAMEORIGIN") if way == "framed" else ()
                self.assert_safe(response, *safe)
                if way:
                    said = f'{way.replace("framed", "inline")}; filename="{name}"'
                    self.assertEqual(response["Content-Disposition"], said)
                if name == "a.txt":
                    self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assert_no_bytes(self.get(self.path, None, beside="1"), 302)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_internal_word_and_asks_anew_each_time(self) -> None:
        response = self.get(self.letters[2])
        self.assert_safe(response)
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="the-letter-2.pdf"')
        self.assertNotIn("zq", str(response.headers))
        self.assertEqual(response["Cache-Control"], "no-cache")
        self.assertIn("Cookie", response["Vary"])
        response.getvalue()

    def test_who_has_it_already_gets_304_after_the_same_look(self) -> None:
        client = self.client_for(self.staff)
        tag = client.head(self.path)["ETag"]
        for sent, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
            with self.subTest(sent=sent):
                response = client.get(self.path, headers={"If-None-Match": sent})
                self.assertEqual((response.status_code, response["ETag"]), (status, tag))
                self.assert_safe(response)
                self.assertEqual(response.getvalue(), b"" if status == 304 else pdf())
                self.assertIn("no-store", response["Cache-Control"])
        for person, status in ((None, 302), (self.stranger, 403), (self.viewer, 404)):
            response = self.client_for(person).get(self.path, headers={"If-None-Match": tag})
            self.assert_no_bytes(response, status)

    @override_settings(EVIDENCE_ACCEL_PREFIX="/kept/")
    def test_the_server_before_us_is_told_where_it_lies_and_gets_the_same_headers(self) -> None:
        response = self.get(self.path, self.staff)
        self.assert_safe(response)
        sha256 = self.report.revisions.get().file_id
        self.assertEqual(response["X-Accel-Redirect"], f"/kept/{store.storage_name(sha256)}")
        self.assertEqual((response.content, response["Content-Type"]), (b"", "application/pdf"))
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertEqual(response["ETag"], f'"{sha256}"')
        refused = self.get(self.path, self.viewer)
        self.assert_no_bytes(refused, 404)
        headers = {"If-None-Match": response["ETag"]}
        again = self.client_for(self.staff).get(self.path, headers=headers)
        self.assertEqual(again.status_code, 304)
        for answer in (refused, again):
            self.assertNotIn("X-Accel-Redirect", answer)

    @override_settings(
        EVIDENCE_ACCEL_PREFIX="/kept",
        STORAGES=settings.STORAGES
        | {"evidence": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
    )
    def test_what_lies_in_no_folder_is_given_by_ourselves(self) -> None:
        self.assert_bytes(self.kept("a.pdf", pdf()), self.staff, pdf())


class NotGivenTests(FilesTestCase):
    def refused(self, status: int, *words: str, **state: Any) -> None:
        """Every way of asking is answered with a page that says why, and with no byte."""
        sha256, client = self.report.revisions.get().file_id, self.client_for(self.staff)
        if state:
            StoredFile.objects.filter(pk=sha256).update(**state)
        headers = {"If-None-Match": f'"{sha256}"'}
        self.assert_no_bytes(client.get(self.path, headers=headers), status)
        self.assert_no_bytes(client.head(self.path), status)
        with override_settings(EVIDENCE_ACCEL_PREFIX="/kept"):
            self.assertNotIn("X-Accel-Redirect", client.get(self.path))
        response = client.get(self.path)
        self.assert_no_bytes(response, status)
        self.assertIn("text/html", response["Content-Type"])
        self.assertNotIn("sandbox", response["Content-Security-Policy"])
        text = self.read(self.path, self.staff, status=status)
        self.assert_words(text, "This file is not available", "Back to “A report”", *words)
        self.assert_no_bytes(self.get(self.path, self.viewer), 404)

    def test_what_is_known_of_it_beforehand(self) -> None:
        now, waits = timezone.now(), "This file awaits the virus scan and cannot be downloaded yet."
        rejected = "The virus scanner rejected this file. It cannot be downloaded."
        cases: tuple[tuple[int, tuple[str, ...], dict[str, Any]], ...] = (
            (404, MISSING, {"fault": "missing"}),
            (409, (ALTERED,), {"fault": "altered"}),
            (409, (waits, "Try again later."), {"fault": "", "scan": "waiting"}),
            (409, (rejected,), {"scan": "refused", "scan_note": "Eicar", "scanned_at": now}),
            (
                410,
                ("This file was redacted on", "stay on record"),
                {"redacted_at": now, "redacted_by": self.administrator},
            ),
        )
        for status, words, state in cases:
            with self.subTest(words[0]):
                self.refused(status, *words, **state)

    def test_found_missing_cut_off_or_grown_only_now(self) -> None:
        file = self.report.revisions.get().file
        path = settings.EVIDENCE_ROOT / store.storage_name(file.sha256)
        for content in (b"", pdf()[:-1], pdf() + b"x"):
            path.write_bytes(content)
            with self.assertLogs(LOG, "ERROR"):
                self.refused(409, ALTERED)
        store.delete_file(file.sha256)
        with self.assertLogs(LOG, "ERROR") as logged:
            self.refused(404, *MISSING)
        self.assertIn(file.sha256, logged.output[0])

    def test_a_storage_that_does_not_answer(self) -> None:
        broken = mock.patch.object(store, "stored_size", side_effect=OSError("secret"))
        with broken, self.assertLogs(LOG, "ERROR"):
            self.refused(503, "The file storage is not available at present.")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_the_same_and_nothing_internal(self) -> None:
        file = self.letter.revisions.get(number=2).file_id
        told = {"scan": "refused", "scan_note": "zq note", "scanned_at": timezone.now()}
        StoredFile.objects.filter(pk=file).update(**told)
        response = self.get(self.letters[2])
        self.assert_no_bytes(response, 409)
        self.assertNotContains(response, "zq", status_code=409)
        self.assert_no_bytes(self.get(self.letters[1]), 404)


RECEIVE = "/evidence/files/receive/"
TICKETS = "evidence-tickets"
TYPE = "Save the file as PDF, or enter its web address. Accepted types"


class FormTests(WritingTestCase):
    """A browser without script: files go with the form, several at once."""

    def send(self, *files: Any, **typed: Any) -> Any:
        self.window = self.at()
        sent = {**self.WORDS, "move": "evidence", "evidence__uploads": list(files), **typed}
        return self.window.send("update-new", "REP-1", **sent)

    def tickets(self, response: Any) -> list[str]:
        return [ticket.token for ticket in response.context["evidence_form"].tickets]

    def title(self) -> str:
        return EvidenceLink.objects.live().get(update=self.latest()).evidence.title

    def test_whichever_button_is_pressed_and_twice_a_file_is_attached_once(self) -> None:
        for move in ("evidence", "save", "submit"):
            with self.subTest(move=move):
                self.send(upload(f"{move}.pdf", pdf(move)), move=move)
                self.window.form["evidence-uploads"] = upload(f"{move}.pdf", pdf(move))
                self.window.send("update-new", "REP-1", move=move)
                self.assertEqual(self.title(), move)
                update = self.latest()
                drafts.withdraw_update(
                    update=update, by=self.staff, expected_version=update.version
                )
        self.assertEqual(EvidenceRevision.objects.count(), 3)

    def test_nothing_is_lost_when_anything_else_is_wrong(self) -> None:
        for typed in (
            {"as_of": "no day"},
            {"evidence__url": "no address"},
            {"evidence__existing": "123456"},
            {"what_happened": "a\0b"},
        ):
            with self.subTest(typed=typed):
                StatusUpdate.objects.update(state=UpdateState.WITHDRAWN)
                response = self.send(upload("kept.pdf"), **typed)
                self.assertAnswers(response, 400, "kept.pdf", TICKETS)
                self.assertFalse(EvidenceLink.objects.exists())
        day, tokens = str(days_ago(0)), self.tickets(response)
        self.window.form |= {**self.WORDS, "as_of": day, TICKETS: tokens}
        again = self.window.send("update-new", "REP-1", move="submit")
        self.assertEqual((again.status_code, self.latest().state), (302, UpdateState.SUBMITTED))
        self.assertEqual(self.title(), "kept")

    def test_a_file_that_is_refused_is_told_and_the_others_stay(self) -> None:
        """The words are saved all the same, and nothing is attached."""
        bad = upload("page.html", b"<html>", "application/pdf")
        response = self.send(upload("good.pdf"), bad)
        self.assertAnswers(response, 400, "page.html", TYPE, "good.pdf")
        self.assertEqual(len(self.tickets(response)), 1)
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])
        with override_settings(EVIDENCE_MAX_FILES=2):
            files = [upload(f"{n}.pdf", pdf(str(n))) for n in range(3)]
            self.window.form = self.at("update-detail", self.latest().pk).form
            response = self.window.send(
                "update-evidence", self.latest().pk, evidence__uploads=files
            )
            self.assertAnswers(response, 400, "At most 2 files at once")
            self.assertEqual(len(self.tickets(response)), 2)
        self.assertFalse(EvidenceLink.objects.exists())

    def test_a_stale_form_keeps_its_files(self) -> None:
        pk = self.drafted().pk
        first, second = (self.at("update-detail", pk) for _window in range(2))
        second.send("update-save", pk, what_happened="The other window.")
        sent = {"what_happened": "Mine.", "evidence__uploads": upload("kept.pdf")}
        response = first.send("update-save", pk, **sent)
        self.assertAnswers(response, 409, "saved elsewhere", "kept.pdf", TICKETS)
        first.form[TICKETS] = self.tickets(response)
        self.assertEqual(first.send("update-save", pk).status_code, 302)
        self.assertEqual(self.title(), "kept")

    def test_a_ticket_of_somebody_else_is_no_good(self) -> None:
        tokens = self.tickets(self.send(upload("kept.pdf"), as_of="no day"))
        refused = self.sent("evidence", by=self.manager, **{TICKETS: tokens})
        told = "A file chosen earlier is no longer available. Choose the file again."
        self.assertAnswers(refused, 400, told)
        self.assertFalse(EvidenceLink.objects.exists())

    def test_where_the_update_has_moved_on_the_file_can_still_be_added(self) -> None:
        update = self.drafted()
        window = self.at("update-detail", update.pk)
        submit(update=update, by=self.staff, expected_version=update.version)
        response = window.send("update-submit", update.pk, evidence__uploads=upload("kept.pdf"))
        told = "These files are not linked to the update. Add them now, or discard them."
        self.assertAnswers(response, 409, "kept.pdf", told)
        answer = window.post("update-evidence", update.pk, **{TICKETS: self.tickets(response)})
        self.assertEqual((answer.status_code, self.title()), (302, "kept"))


class ReceiveTests(WritingTestCase):
    """A file ahead of its form."""

    def send(self, **data: Any) -> Any:
        return client_of(self.staff).post(RECEIVE, data)

    def test_a_file_comes_back_as_a_ticket(self) -> None:
        response = self.send(**{"evidence-uploads": upload("permit.pdf")})
        self.assertAnswers(response, 200, "permit.pdf", "PDF document", TICKETS)
        self.assertTrue(response.content.strip().startswith(b"<li"), response.content[:80])
        self.assertFalse(StoredFile.objects.exists(), "a row is written with its item")


class PickTests(WritingTestCase):
    """Looking for what is recorded already."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.law = cls.make_evidence("Law on cables", publisher="The printer")
        cls.note = cls.make_evidence("Note on schools")

    def look(self, words: str = "", **query: Any) -> Any:
        query |= {"evidence-find": words} if words else {}
        return client_of(self.staff).get(reverse("evidence-pick"), query)

    def test_all_words_are_looked_for(self) -> None:
        for words, found in (("CABLES printer", True), ("schools", False), ("zzz", False)):
            response = self.look(words, recommendation="REP-1")
            with self.subTest(words=words):
                self.assertEqual("Law on cables" in response.content.decode(), found)
        self.assertAnswers(response, 200, "No evidence matches these words.")
        for n in range(25):
            self.make_evidence(f"Paper {n}")
        response = self.look("Paper", recommendation="REP-1")
        self.assertEqual(response.content.decode().count("<option"), 21)
        self.assertContains(response, "The closest 20 results")

    def test_for_a_response_or_a_value_too_and_for_nothing_that_is_none(self) -> None:
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        said = {"position": "accepted", "since": days_ago(3)}
        [response] = record_responses(addressees=[addressee], by=self.staff, values=said)
        of = {"indicator": self.make_indicator(), "area": self.make_area(), "period": "2018"}
        figure = indicators.observe(**of, by=self.manager, values={"value": 7})
        for query in ({"response": response.pk}, {"figure": figure.pk}):
            self.assertContains(self.look("cables", **query), "Law on cables")
        for words, about in (
            ("cables", {"update": "x"}),
            ("cables", {"recommendation": "\0"}),
            ("x" * 60_000, {"recommendation": "REP-1"}),
        ):
            self.assertEqual(self.look(words, **about).status_code, 400)

    def test_what_stands_there_already_is_not_offered_and_what_is_picked_stays(self) -> None:
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=self.law)
        self.assertNotContains(self.look(update=update.pk), "Law on cables")
        response = self.look("cables", update=update.pk, **{"evidence-existing": self.note.pk})
        self.assertContains(response, f'<option value="{self.note.pk}" selected>')

    def test_without_script_the_button_saves_and_finds_and_loses_nothing(self) -> None:
        found = {"evidence__find": "cables", "evidence__why": "So."}
        response = self.sent("find", **found, evidence__uploads=upload("kept.pdf"))
        self.assertAnswers(response, 200, "Law on cables", "kept.pdf", "So.")
        for absent in ("Note on schools", "Correct the errors below"):
            self.assertNotContains(response, absent)
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])
        update, window = self.make_submitted(self.recommendation), Browser(self.manager)
        for words, status, told in (
            ("schools", 200, "Note on schools"),
            ("x" * 60_000, 400, "Ensure this value has at most 200 characters"),
            ("x " * 30_000, 400, "Ensure this value has at most 200 characters"),
        ):
            sent = {"move": "find", "evidence-find": words}
            answer = window.post("update-evidence", update.pk, **sent)
            self.assertAnswers(answer, status, told)
            self.assertNotContains(answer, "Law on cables", status_code=status)
        self.assertFalse(EvidenceLink.objects.exists())
        self.assertEqual(Evidence.objects.count(), 2)


SCRIPT = b"<script>alert(document.domain)</script>"
# The test file of the European Institute for Computer Antivirus Research, in two halves: whole, it
# would keep scanners from letting this source file through.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HEAD = b'Content-Disposition: form-data; name="evidence-uploads"; '
UNKNOWN = "is not of an accepted file type. Accepted types"


def scan(file: Any) -> str:
    """A scanner that knows one thing."""
    return "Eicar-Test-Signature" if EICAR in file.read() else ""


@dataclass(frozen=True)
class Sent:
    """A file as it is sent, what is said of it if it is refused, else what it is kept as."""

    name: str
    content: bytes
    refused: str = ""
    kept: str = ""
    saved: str = ""
    """The name under which it is saved, if that is to be looked at."""


def swollen(name: str) -> bytes:
    """An archive of some kilobytes that unpacks to 30 MB."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr(name, bytes(30 * 1024 * 1024))
    return held.getvalue()


HOSTILE = (
    Sent("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", TYPE),
    Sent("photograph.png", b"<html>" + SCRIPT, TYPE),
    Sent("program.pdf", b"MZ\x90\x00\x03" + bytes(60), UNKNOWN),
    Sent("macros.docx", archive(word__document_xml="x", word__vbaProject_bin="x"), TYPE),
    Sent("bomb.zip", swollen("zeros"), TYPE),
    Sent("cut.docx", archive(word__document_xml="x" * 900)[:-40], UNKNOWN),
    Sent("nothing.pdf", b"", "is empty"),
    Sent("eicar.pdf", pdf("x") + EICAR, "Eicar-Test-Signature"),
    Sent("bomb.docx", swollen("word/document.xml"), kept="docx"),
    Sent("script.js", b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)", kept="gif", saved="script.js.gif"),
    Sent("page.html", PNG + SCRIPT, kept="png", saved="page.html.png"),
    Sent("run.bat", b"@echo off\r\ndel *.*\r\n", kept="txt", saved="run.bat.txt"),
)

NAMES = (
    ("../../../etc/passwd", "passwd.pdf"),
    ("a\x00.exe", "a.exe.pdf"),
    ("é" * 300, "é" * 150 + "….pdf"),
    ("<img src=x onerror=alert(1)>.pdf", "_img src=x onerror=alert(1)_.pdf"),
    ("\ud800".encode("utf-8", "surrogatepass"), None),
    ("..", None),
    ("", None),
)
"""As sent, and as saved; none where there is no name, or none that is known beforehand."""


@override_settings(EVIDENCE_SCANNER="tests.views.test_evidence_files.scan")
class HostileTests(WritingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        body = Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        values = {"position": "accepted", "since": days_ago(3)}
        [said] = record_responses(addressees=[body], by=cls.staff, values=values)
        cls.response = reverse("response-evidence", args=[said.pk])

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.temporary = Path(folder.name)
        self.enterContext(self.settings(FILE_UPLOAD_TEMP_DIR=folder.name))
        self.client = Browser(self.staff).client

    def post(self, path: str, body: bytes) -> Any:
        """Bytes over the wire, so that no client mends them; nothing is left half written."""
        kind = "multipart/form-data; boundary=edge"
        answer = self.client.post(path, data=body, content_type=kind)
        self.assertLess(answer.status_code, 500)
        self.assertEqual(list(self.temporary.iterdir()), [])
        incoming = settings.EVIDENCE_ROOT / store.INCOMING
        self.assertEqual(list(incoming.iterdir()) if incoming.exists() else [], [])
        return answer

    def send(self, door: str, name: str | bytes, content: bytes) -> Any:
        path, fields = self.response, {}
        if door == "update":
            draft = StatusUpdate.objects.first() or self.drafted()
            path = reverse("update-evidence", args=[draft.pk])
            fields = self.at("update-detail", draft.pk).form
        parts = [
            f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**fields, "evidence-stance": "supports"}.items()
        ]
        raw = name if isinstance(name, bytes) else name.encode()
        head = HEAD + b'filename="' + raw + b'"\r\nContent-Type: image/png\r\n\r\n'
        sent = b"--edge\r\n" + b"--edge\r\n".join([*parts, head + content + b"\r\n"])
        return self.post(path, sent + b"--edge--\r\n")

    def counted(self) -> tuple[int, ...]:
        rows = (
            model._default_manager.count() for model in (Evidence, EvidenceRevision, StoredFile)
        )
        return (*rows, len(list(store.list_stored())))

    def kept(self, answer: Any) -> EvidenceRevision:
        self.assertEqual(answer.status_code, 302, answer.content[:300])
        return EvidenceRevision.objects.latest("pk")

    def saved_as(self, revision: EvidenceRevision, content: bytes) -> str:
        """The name of the download; it is checked for being safe in every other way."""
        answer = self.client.get(of(revision.evidence, revision.number))
        self.assertEqual((answer.status_code, answer.getvalue()), (200, content))
        self.assertEqual(answer["Content-Security-Policy"], SANDBOX)
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        said = answer["Content-Disposition"]
        self.assertTrue(said.startswith("attachment; filename"), said)
        page = self.client.get(revision.evidence.get_absolute_url())
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, "<img src=x")
        name = said.partition("=")[2].strip('"')
        return unquote(name.removeprefix("utf-8''")) if name.startswith("utf-8''") else name

    def test_refused_with_the_reason_or_kept_as_what_it_is(self) -> None:
        """By one door or the other, in memory or on disk; in a deep run by both."""
        doors = (("response", 0), ("update", 10**7))
        for number, sent in enumerate(HOSTILE):
            for door, most in doors if times(1, 2) == 2 else (doors[number % 2],):
                memory = self.settings(FILE_UPLOAD_MAX_MEMORY_SIZE=most)
                with self.subTest(name=sent.name, door=door), memory:
                    before = self.counted()
                    answer = self.send(door, sent.name, sent.content)
                    if sent.refused:
                        form = answer.context["form" if door == "response" else "evidence_form"]
                        self.assertEqual(answer.status_code, 400)
                        self.assertIn(sent.refused, " ".join(form.errors["uploads"]))
                        self.assertEqual(self.counted(), before)
                        continue
                    revision = self.kept(answer)
                    kind = type_named(revision.file.media_type)
                    self.assertEqual(kind.code if kind else "", sent.kept)
                    name = self.saved_as(revision, sent.content)
                    self.assertIn(sent.saved, ("", name))

    def test_a_body_that_ends_early_keeps_nothing(self) -> None:
        before, head = self.counted(), b"--edge\r\n" + HEAD + b'filename="a.pdf"'
        for body in (head, head + b"\r\n\r\n%PDF-1.4 and then nothing", b"--edge", b""):
            for most in (0, 10**7):
                with self.settings(FILE_UPLOAD_MAX_MEMORY_SIZE=most):
                    self.assertIn(self.post(self.response, body).status_code, (302, 400))
        self.assertLessEqual(self.counted()[0] - before[0], 1)

    def test_a_name_is_a_line_of_text_and_never_a_path(self) -> None:
        for number, (name, saved) in enumerate(NAMES):
            with self.subTest(name=name[:30]):
                content = pdf(f"named {number}")
                answer = self.send("response", name, content)
                self.assertIn(answer.status_code, (302, 400))
                if saved is not None:
                    revision = self.kept(answer)
                    self.assertNotRegex(revision.original_name, "[/\\\\\x00\u202e]")
                    self.assertEqual(self.saved_as(revision, content), saved)
                    self.assertEqual(store.stored_size(revision.file_id), len(content))
        around = set(settings.EVIDENCE_ROOT.parent.iterdir())
        self.send("response", "../../outside.pdf", pdf("outside"))
        self.assertEqual(set(settings.EVIDENCE_ROOT.parent.iterdir()), around)
