"""A form whose action is refused comes back with everything that was typed into it."""

from typing import Any
from unittest import mock

from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.responses import record_responses
from recommendations.actions.updates import drafts, replacements
from recommendations.choices import Role
from recommendations.models import Addressee, AuditEvent
from recommendations.storage import evidence as store
from tests.base import days_ago, link_evidence, make_person
from tests.files import upload
from tests.views.writing import Browser, WritingTestCase

TYPED = {
    "evidence-title": "Their letter",
    "evidence-citation": "Letter of 3 May",
    "evidence-stance": "undermines",
    "evidence-why": "They say so in it.",
}
LOST = "has expired. Choose the file again"


class RefusedEvidenceTests(WritingTestCase):
    """The bytes of a file that came in are gone: the words about it are not."""

    def setUp(self) -> None:
        self.events = AuditEvent.objects.count()

    def refused(self, person: Any, name: str, pk: int, **typed: Any) -> Any:
        data = {**TYPED, "evidence-uploads": upload(), **typed}
        with mock.patch.object(store, "file_exists", return_value=False):
            return Browser(person).post(name, pk, **data)

    def assert_kept(self, response: Any, *more: str) -> None:
        words = ("Their letter", "Letter of 3 May", "They say so in it.", "paper.pdf")
        self.assertAnswers(response, 409, LOST, *words, *more)
        self.assertContains(response, 'value="undermines"', status_code=409)
        self.assertContains(response, "Error:", status_code=409)

    def test_for_a_response(self) -> None:
        body = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        [said] = record_responses(
            addressees=[body],
            by=self.staff,
            values={"position": "accepted", "since": days_ago(3)},
        )
        before = AuditEvent.objects.count()
        self.assert_kept(self.refused(self.staff, "response-evidence", said.pk))
        self.assertNothingWritten(before)

    def test_for_the_update_of_somebody_else(self) -> None:
        update = self.make_submitted(self.recommendation)
        before = AuditEvent.objects.count()
        self.assert_kept(self.refused(self.manager, "update-evidence", update.pk))
        self.assertNothingWritten(before)

    def test_for_an_update_that_was_withdrawn_meanwhile(self) -> None:
        update = self.make_submitted(self.recommendation)
        drafts.withdraw_update(update=update, by=self.staff, expected_version=update.version)
        response = Browser(self.manager).post("update-evidence", update.pk, **TYPED)
        self.assertAnswers(response, 409, "was withdrawn", "Their letter", "They say so in it.")

    def test_for_ones_own_draft_with_the_words_of_the_form(self) -> None:
        draft = self.drafted()
        before = AuditEvent.objects.count()
        typed = {"what_happened": "Typed just now.", "version": draft.version}
        self.assert_kept(
            self.refused(self.staff, "update-evidence", draft.pk, **typed), "Typed just now."
        )
        self.assertNothingWritten(before)

    def test_for_a_new_update_with_the_words_of_the_form(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.form |= {**TYPED, "evidence-uploads": upload()}
        with mock.patch.object(store, "file_exists", return_value=False):
            response = window.send("update-new", "REP-1", move="submit", **self.WORDS)
        self.assert_kept(response, "A meeting took place.")
        self.assertNothingWritten(self.events)


class RefusedAnswerTests(WritingTestCase):
    def setUp(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.link = link_evidence(
            to=update, by=self.manager, stance="undermines", evidence=self.make_evidence()
        )

    def answer(self) -> Any:
        return Browser(self.manager).post("evidence-answer", self.link.pk, text="It was repaired.")

    def test_answered_by_somebody_else_meanwhile(self) -> None:
        contradictions.answer(link=self.link, by=self.other_manager, text="Of another year.")
        said = ("This contradiction was already answered.", "It was repaired.", "Of another year.")
        self.assertAnswers(self.answer(), 409, *said)

    def test_removed_meanwhile(self) -> None:
        evidence_items.detach(link=self.link, by=self.manager)
        said = ("Only evidence that contradicts an update can be answered.", "It was repaired.")
        self.assertAnswers(self.answer(), 409, *said)

    def test_a_check_that_was_made_meanwhile(self) -> None:
        item = self.link.evidence
        window = Browser(self.manager)
        response = window.decide("evidence-check", item.pk, on="evidence-detail")
        self.assertEqual(response.status_code, 302)
        response = window.post("evidence-check", item.pk, **{"check-note": "Page 9 is missing."})
        self.assertAnswers(response, 409, "You have already verified this evidence.", "Page 9")


class RefusedUpdateTests(WritingTestCase):
    def test_reason_for_retracting_what_was_replaced_meanwhile(self) -> None:
        approved = self.make_approved(self.recommendation)
        first = replacements.retract(update=approved, by=self.manager, reason="Another meeting.")
        self.assertAnswers(
            Browser(self.staff).post("update-retract", approved.pk, reason="Wrong day."),
            409,
            "Wrong day.",
            "Another meeting.",
        )
        Browser(self.other_manager).decide("update-approve", first.pk)
        response = Browser(self.staff).post("update-retract", approved.pk, reason="Wrong day.")
        self.assertAnswers(response, 409, "already replaced by the retraction", "Wrong day.")

    def test_sentence_of_a_confirmation_that_awaits_review_already(self) -> None:
        self.make_approved(self.recommendation)
        window = Browser(self.staff)
        window.post("update-no-change", "REP-1", sentence="The group met.")
        response = window.post("update-no-change", "REP-1", sentence="It met twice.")
        self.assertAnswers(response, 409, "It met twice.", "The group met.")

    def test_sentence_where_there_is_nothing_to_confirm(self) -> None:
        response = Browser(self.staff).post("update-no-change", "REP-1", sentence="It met twice.")
        self.assertAnswers(response, 409, "There is no approved update", "It met twice.")

    def test_a_draft_that_cannot_be_handed_over_keeps_what_was_typed_and_says_why(self) -> None:
        draft = self.drafted()
        heir = make_person("heir", Role.STAFF, self.ministry)
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        with mock.patch("recommendations.permissions.can_log", side_effect=self.but_for(heir)):
            response = window.send(
                "update-hand-over", draft.pk, to=heir.pk, what_happened="Typed just now."
            )
        self.assertAnswers(response, 400, "Heir may not log progress", "Typed just now.")
        draft.refresh_from_db()
        self.assertNotEqual(draft.what_happened, "Typed just now.")
        self.assertEqual(draft.author, self.staff)

    @staticmethod
    def but_for(refused: Any) -> Any:
        return lambda person, recommendation: person != refused
