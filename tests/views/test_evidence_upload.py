"""Files as evidence: sent with the form or ahead of it, and never lost whatever else is wrong; and
looking for what is recorded already."""

from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.actions.updates import drafts
from recommendations.choices import UpdateState
from recommendations.models import (
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    StatusUpdate,
    StoredFile,
)
from tests.base import days_ago, link_evidence
from tests.files import PNG, pdf, upload
from tests.updates import submit
from tests.views.pages import client_of
from tests.views.writing import Browser, WritingTestCase

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

    def test_the_form_takes_files_and_says_which(self) -> None:
        response = Browser(self.staff).open("update-new", "REP-1")
        told = "Up to 10 files of at most 25.0\xa0MB each: PDF, PNG"
        form = 'enctype="multipart/form-data"'
        self.assertAnswers(response, 200, form, told, "recommendations/upload")

    def test_several_files_become_an_item_each(self) -> None:
        answer = self.send(upload("first.pdf", pdf("1")), upload("second.png", PNG))
        self.assertEqual(answer.status_code, 302)
        links = EvidenceLink.objects.filter(update=self.latest())
        files = links.values_list("evidence__title", "evidence__revisions__file__media_type")
        expected = {("first", "application/pdf"), ("second", "image/png")}
        self.assertEqual(set(files), expected)

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

    def test_where_the_update_has_moved_on_the_file_can_still_be_added(self) -> None:
        update = self.drafted()
        window = self.at("update-detail", update.pk)
        submit(update=update, by=self.staff, expected_version=update.version)
        response = window.send("update-submit", update.pk, evidence__uploads=upload("kept.pdf"))
        told = "These files are not linked to the update. Add them now, or discard them."
        self.assertAnswers(response, 409, "kept.pdf", told)
        answer = window.post("update-evidence", update.pk, **{TICKETS: self.tickets(response)})
        self.assertEqual((answer.status_code, self.title()), (302, "kept"))

    def test_a_ticket_of_somebody_else_is_no_good(self) -> None:
        tokens = self.tickets(self.send(upload("kept.pdf"), as_of="no day"))
        refused = self.sent("evidence", by=self.manager, **{TICKETS: tokens})
        told = "A file chosen earlier is no longer available. Choose the file again."
        self.assertAnswers(refused, 400, told)
        self.assertFalse(EvidenceLink.objects.exists())


class ReceiveTests(WritingTestCase):
    """A file ahead of its form."""

    def send(self, **data: Any) -> Any:
        return client_of(self.staff).post(RECEIVE, data)

    def test_a_file_comes_back_as_a_ticket(self) -> None:
        response = self.send(**{"evidence-uploads": upload("permit.pdf")})
        self.assertAnswers(response, 200, "permit.pdf", "PDF document", TICKETS)
        self.assertTrue(response.content.strip().startswith(b"<li"), response.content[:80])
        self.assertFalse(StoredFile.objects.exists(), "a row is written with its item")

    def test_what_is_not_taken_is_told_why(self) -> None:
        for why, file, most in (
            ("is empty", upload("a.pdf", b""), 1_000),
            (TYPE, upload("a.pdf", b"<html>"), 1_000),
            ("No file was uploaded. Choose the file again.", "", 1_000),
            ("is larger than", upload(), 10),
        ):
            with self.subTest(why=why), override_settings(EVIDENCE_MAX_BYTES=most):
                self.assertAnswers(self.send(**{"evidence-uploads": file}), 400, why)


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

    def test_what_stands_there_already_is_not_offered_and_what_is_picked_stays(self) -> None:
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=self.law)
        self.assertNotContains(self.look(update=update.pk), "Law on cables")
        response = self.look("cables", update=update.pk, **{"evidence-existing": self.note.pk})
        self.assertContains(response, f'<option value="{self.note.pk}" selected>')

    def test_bad_input(self) -> None:
        long, nul = {"evidence-find": "x" * 201}, {"evidence-find": "\0"}
        for status, query in (
            (400, {**long, "recommendation": "REP-1"}),
            (400, {**nul, "recommendation": "REP-1"}),
            (400, {"update": "x"}),
            (400, {"response": "9" * 30}),
            (400, {"recommendation": "\0"}),
            (404, {"update": 12345}),
            (404, {"response": 12345}),
            (404, {"recommendation": "NO-1"}),
            (404, {}),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.look(**query).status_code, status)

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
