"""Files as evidence: sent with the form or ahead of it, and never lost whatever else is wrong."""

from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.actions.updates import drafts
from recommendations.choices import UpdateState
from recommendations.models import Evidence, EvidenceLink, EvidenceRevision, StoredFile
from tests.base import days_ago
from tests.files import PNG, pdf, upload
from tests.updates import begin_draft, submit
from tests.views.pages import client_of
from tests.views.writing import Browser, WritingTestCase

RECEIVE = "/evidence/files/receive/"
TICKETS = "evidence-tickets"


class FormTests(WritingTestCase):
    """A browser without script: files go with the form, several at once."""

    def send(self, **typed: Any) -> Any:
        self.window = Browser(self.staff)
        self.window.open("update-new", "REP-1")
        self.window.form.update(self.WORDS)
        return self.window.send("update-new", "REP-1", **{"move": "evidence", **typed})

    def tickets(self, response: Any) -> list[str]:
        return [ticket.token for ticket in response.context["evidence_form"].tickets]

    def test_the_form_takes_files_and_says_which(self) -> None:
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertContains(response, 'enctype="multipart/form-data"')
        self.assertContains(response, "Up to 10 files of at most 25.0\xa0MB each: PDF, PNG")
        self.assertContains(response, "recommendations/upload")

    def test_several_files_become_an_item_each(self) -> None:
        files = [upload("first.pdf", pdf("1")), upload("second.png", PNG)]
        self.assertEqual(self.send(evidence__uploads=files).status_code, 302)
        titles = Evidence.objects.order_by("title").values_list("title", flat=True)
        self.assertEqual(list(titles), ["first", "second"])
        self.assertEqual(EvidenceLink.objects.filter(update=self.latest()).count(), 2)
        types = StoredFile.objects.order_by("media_type").values_list("media_type", flat=True)
        self.assertEqual(list(types), ["application/pdf", "image/png"])

    def test_the_same_press_twice_attaches_once(self) -> None:
        self.send(evidence__uploads=upload())
        self.window.form["evidence-uploads"] = upload()
        self.window.send("update-new", "REP-1", move="evidence")
        self.assertEqual(EvidenceLink.objects.count(), 1)
        self.assertEqual(EvidenceRevision.objects.count(), 1)

    def test_a_file_goes_along_when_the_draft_is_saved_or_handed_in(self) -> None:
        for move in ("save", "submit"):
            with self.subTest(move=move):
                name = f"{move}.pdf"
                self.send(move=move, evidence__uploads=upload(name, pdf(move)))
                link = EvidenceLink.objects.get(update=self.latest())
                self.assertEqual(link.evidence.title, move)
                drafts.withdraw_update(
                    update=link.update, by=self.staff, expected_version=link.update.version
                )

    def test_nothing_is_lost_when_anything_else_is_wrong(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"as_of": "no day"},
            {"evidence__url": "no address"},
            {"evidence__existing": "123456"},
            {"what_happened": "a\0b"},
        ]
        for typed in wrong:
            with self.subTest(typed=typed):
                response = self.send(evidence__uploads=upload("kept.pdf"), **typed)
                self.assertAnswers(response, 400, "kept.pdf", TICKETS)
                self.assertFalse(EvidenceLink.objects.exists())
        tokens = self.tickets(response)
        day = str(days_ago(0))
        self.window.form |= {**self.WORDS, "as_of": day, TICKETS: tokens}
        again = self.window.send("update-new", "REP-1", move="submit")
        self.assertEqual(again.status_code, 302)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.assertEqual(EvidenceLink.objects.get().evidence.title, "kept")

    def test_a_file_that_is_refused_is_told_and_the_others_stay(self) -> None:
        files = [upload("good.pdf"), upload("page.html", b"<html>", "application/pdf")]
        response = self.send(evidence__uploads=files)
        self.assertAnswers(
            response,
            400,
            "page.html",
            "Save the file as PDF, or enter its web address. Accepted types",
            "good.pdf",
        )
        self.assertEqual(len(self.tickets(response)), 1)
        # The words are saved all the same, and nothing is attached.
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])
        self.assertFalse(EvidenceLink.objects.exists())

    def test_too_many_at_once(self) -> None:
        with override_settings(EVIDENCE_MAX_FILES=2):
            files = [upload(f"{n}.pdf", pdf(str(n))) for n in range(3)]
            response = self.send(evidence__uploads=files)
            self.assertAnswers(response, 400, "At most 2 files at once")
            self.assertEqual(len(self.tickets(response)), 2)

    def test_a_stale_form_keeps_its_files(self) -> None:
        update = self.drafted()
        first, second = Browser(self.staff), Browser(self.staff)
        for window in (first, second):
            window.open("update-detail", update.pk)
        second.send("update-save", update.pk, what_happened="The other window.")
        response = first.send(
            "update-save", update.pk, what_happened="Mine.", evidence__uploads=upload("kept.pdf")
        )
        self.assertAnswers(response, 409, "saved elsewhere", "kept.pdf", TICKETS)
        first.form[TICKETS] = self.tickets(response)
        self.assertEqual(first.send("update-save", update.pk).status_code, 302)
        self.assertEqual(EvidenceLink.objects.get(update=update).evidence.title, "kept")

    def test_where_the_update_has_moved_on_the_file_can_still_be_added(self) -> None:
        update = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", update.pk)
        submit(update=update, by=self.staff, expected_version=update.version)
        response = window.send("update-submit", update.pk, evidence__uploads=upload("kept.pdf"))
        self.assertAnswers(
            response,
            409,
            "kept.pdf",
            "These files are not linked to the update. Add them now, or discard them.",
        )
        answer = window.post("update-evidence", update.pk, **{TICKETS: self.tickets(response)})
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(EvidenceLink.objects.get(update=update).evidence.title, "kept")

    def test_a_ticket_of_somebody_else_is_no_good(self) -> None:
        response = self.send(evidence__uploads=upload("kept.pdf"), as_of="no day")
        window = Browser(self.manager)
        window.open("update-new", "REP-1")
        window.form.update(self.WORDS)
        typed = {TICKETS: self.tickets(response), "move": "evidence"}
        refused = window.send("update-new", "REP-1", **typed)
        self.assertAnswers(
            refused, 400, "A file chosen earlier is no longer available. Choose the file again."
        )
        self.assertFalse(EvidenceLink.objects.exists())


class ReceiveTests(WritingTestCase):
    """A file ahead of its form."""

    def send(self, person: Any, **data: Any) -> Any:
        return client_of(person).post(RECEIVE, data)

    def test_a_file_comes_back_as_a_ticket(self) -> None:
        response = self.send(self.staff, **{"evidence-uploads": upload("permit.pdf")})
        self.assertAnswers(response, 200, "permit.pdf", "PDF document", TICKETS)
        self.assertTrue(response.content.strip().startswith(b"<li"), response.content[:80])
        self.assertFalse(StoredFile.objects.exists(), "a row is written with its item")

    def test_what_is_not_taken_is_told_why(self) -> None:
        cases = {
            "is empty": upload("a.pdf", b""),
            "Save the file as PDF, or enter its web address. Accepted types": upload(
                "a.pdf", b"<html>"
            ),
        }
        for why, file in cases.items():
            with self.subTest(why=why):
                self.assertAnswers(self.send(self.staff, **{"evidence-uploads": file}), 400, why)
        self.assertAnswers(
            self.send(self.staff), 400, "No file was uploaded. Choose the file again."
        )
        with override_settings(EVIDENCE_MAX_BYTES=10):
            response = self.send(self.staff, **{"evidence-uploads": upload()})
            self.assertAnswers(response, 400, "is larger than")

    def test_only_who_may_write_sends_files_and_only_by_a_form_of_ours(self) -> None:
        for person in (self.viewer, self.auditor, self.administrator, self.stranger):
            with self.subTest(person=person.username):
                self.assertEqual(self.send(person).status_code, 403)
        self.assertRedirects(
            self.send(None), f"/accounts/login/?next={RECEIVE}", fetch_redirect_response=False
        )
        self.assertEqual(client_of(self.staff).get(RECEIVE).status_code, 405)
        strict = client_of(self.staff, enforce_csrf_checks=True)
        self.assertEqual(strict.post(RECEIVE, {"evidence-uploads": upload()}).status_code, 403)


class PickTests(WritingTestCase):
    """Looking for what is recorded already."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.law = cls.make_evidence("Law on cables", publisher="The printer")
        cls.note = cls.make_evidence("Note on schools")

    def look(self, person: Any = None, **query: Any) -> Any:
        return client_of(person or self.staff).get(reverse("evidence-pick"), query)

    def test_all_words_are_looked_for(self) -> None:
        for words, found in (("CABLES printer", True), ("schools", False), ("zzz", False)):
            response = self.look(recommendation="REP-1", **{"evidence-find": words})
            with self.subTest(words=words):
                self.assertEqual("Law on cables" in response.content.decode(), found)
        self.assertAnswers(response, 200, "No evidence matches these words.")

    def test_what_stands_there_already_is_not_offered_and_what_is_picked_stays(self) -> None:
        update = self.make_submitted(self.recommendation)
        EvidenceLink.objects.create(
            evidence=self.law, update=update, stance="supports", added_at=update.created_at
        )
        self.assertNotContains(self.look(update=update.pk), "Law on cables")
        asked = {"evidence-find": "cables", "evidence-existing": self.note.pk}
        response = self.look(update=update.pk, **asked)
        self.assertContains(response, f'<option value="{self.note.pk}" selected>')

    def test_at_most_twenty(self) -> None:
        for n in range(25):
            self.make_evidence(f"Paper {n}")
        response = self.look(recommendation="REP-1", **{"evidence-find": "Paper"})
        self.assertEqual(response.content.decode().count("<option"), 21)
        self.assertContains(response, "The closest 20 results")

    def test_bad_input(self) -> None:
        for query in (
            {"evidence-find": "x" * 201, "recommendation": "REP-1"},
            {"evidence-find": "\0", "recommendation": "REP-1"},
            {"update": "x"},
            {"response": "9" * 30},
            {"recommendation": "\0"},
        ):
            with self.subTest(query=query):
                self.assertEqual(self.look(**query).status_code, 400)
        nowhere: list[dict[str, Any]] = [{"update": 12345}, {"response": 12345}, {}]
        for asked in (*nowhere, {"recommendation": "NO-1"}):
            with self.subTest(query=asked):
                self.assertEqual(self.look(**asked).status_code, 404)

    def test_only_for_who_may_write(self) -> None:
        for person in (self.viewer, self.auditor, self.administrator, self.stranger):
            with self.subTest(person=person.username):
                self.assertEqual(self.look(person, recommendation="REP-1").status_code, 403)
        response = client_of(None).get(reverse("evidence-pick"))
        self.assertEqual(response.status_code, 302)

    def test_a_draft_of_somebody_else_is_not_there(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        self.assertEqual(self.look(self.other_staff, update=draft.pk).status_code, 200)

    def test_a_page_of_words_is_refused_at_its_field(self) -> None:
        update = self.make_submitted(self.recommendation)
        for words in ("x" * 60_000, "x " * 30_000):
            page = Browser(self.manager).post(
                "update-evidence", update.pk, move="find", **{"evidence-find": words}
            )
            self.assertAnswers(page, 400, "Ensure this value has at most 200 characters")

    def test_without_script_the_button_saves_and_finds_and_loses_nothing(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.form.update(self.WORDS)
        typed = {
            "move": "find",
            "evidence__find": "cables",
            "evidence__why": "So.",
            "evidence__uploads": upload("kept.pdf"),
        }
        response = window.send("update-new", "REP-1", **typed)
        self.assertAnswers(response, 200, "Law on cables", "kept.pdf", "So.")
        self.assertNotContains(response, "Note on schools")
        self.assertNotContains(response, "Correct the errors below")
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])
        self.assertFalse(EvidenceLink.objects.exists())

    def test_without_script_on_an_update_that_waits(self) -> None:
        update = self.make_submitted(self.recommendation)
        answer = Browser(self.manager).post(
            "update-evidence", update.pk, move="find", **{"evidence-find": "schools"}
        )
        self.assertAnswers(answer, 200, "Note on schools")
        self.assertNotContains(answer, "Law on cables")
        self.assertFalse(EvidenceLink.objects.exists())
