"""A form whose action is refused comes back with everything that was typed into it."""

import re
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase

from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.responses import record_responses
from recommendations.actions.updates import decisions, drafts
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


class AddressTests(SimpleTestCase):
    def test_each_form_says_where_it_is_sent(self) -> None:
        """Else to the address of the page, with the field that a reader went to: there a browser
        stays when the form is refused, and not at the errors."""
        silent = [
            f"{path}: {form}"
            for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
            for form in re.findall(r"<form[^>]*>", path.read_text())
            if "post" in form and "action=" not in form
        ]
        self.assertEqual(silent, [])


class RefusedEvidenceTests(WritingTestCase):
    """The bytes of a file that came in are gone: the words about it are not."""

    def assert_kept(self, person: Any, name: str, of: Any, **typed: Any) -> None:
        before = AuditEvent.objects.count()
        with mock.patch.object(store, "file_exists", return_value=False):
            data = {**TYPED, "evidence-uploads": upload(), **typed}
            answer = Browser(person).post(name, of, **data)
        words = ("Their letter", "Letter of 3 May", "They say so in it.", "paper.pdf")
        more = (typed["what_happened"],) if typed else ()
        self.assertAnswers(answer, 409, LOST, *words, *more, 'value="undermines"', "Error:")
        self.assertNothingWritten(before)

    def test_for_a_response(self) -> None:
        body = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        values = {"position": "accepted", "since": days_ago(3)}
        [said] = record_responses(addressees=[body], by=self.staff, values=values)
        self.assert_kept(self.staff, "response-evidence", said.pk)

    def test_for_the_update_of_somebody_else_also_where_it_was_withdrawn(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.assert_kept(self.manager, "update-evidence", update.pk)
        drafts.withdraw_update(update=update, by=self.staff, expected_version=update.version)
        answer = Browser(self.manager).post("update-evidence", update.pk, **TYPED)
        self.assertAnswers(answer, 409, "was withdrawn", "Their letter", "They say so in it.")

    def test_for_ones_own_update_with_the_words_of_the_form(self) -> None:
        form = {**self.at().form, **self.WORDS, "move": "submit"}
        self.assert_kept(self.staff, "update-new", "REP-1", **form)
        draft = self.drafted()
        typed = {"what_happened": "Typed just now.", "version": draft.version}
        self.assert_kept(self.staff, "update-evidence", draft.pk, **typed)


class AllAtOnceTests(WritingTestCase):
    """What a form refuses, what its action would refuse, and what approval needs: all at once."""

    def test_an_update_with_evidence_and_what_approval_needs(self) -> None:
        window, before = self.at(), AuditEvent.objects.count()
        item = {"evidence__title": "Their letter", "evidence__effective_on": days_ago(-1)}
        item["move"] = "submit"
        answer = window.send("update-new", "REP-1", as_of=days_ago(-5), **item)
        told = ("The day must not be in the future.", "Enter a web address or a citation")
        self.assertAnswers(answer, 400, *told, "Choose an implementation")
        # What can be saved of it is saved in the background as soon as the page is there.
        self.assertAnswers(answer, 400, "Not saved yet", 'data-hx-trigger="input delay:2s, load"')
        claim = {"implementation_status": "implemented", "completed_on": days_ago(-6)}
        answer = window.send("update-new", "REP-1", **claim, **item, response_owner="x" * 201)
        more = ("must not be after the “as of” date", "at most 200 characters")
        needed = ("Missing for approval:", "Verified supporting evidence")
        self.assertAnswers(answer, 400, *told, *more, *needed)
        self.assertNothingWritten(before)
        claim = {"as_of": days_ago(0), "completed_on": days_ago(0), "response_owner": ""}
        item |= {"evidence__citation": "Letter of 3 May", "evidence__effective_on": ""}
        answer = window.send("update-new", "REP-1", **claim, **item)
        # It was told already what is missing, and does not ask again.
        self.assertEqual((answer.status_code, self.latest().state), (302, "submitted"))

    def test_evidence_of_which_several_things_are_wrong(self) -> None:
        update = self.make_approved(self.recommendation)
        typed = {"publisher": "x" * 201, "visibility": "public", "stance": "supports"}
        data = {f"evidence-{name}": value for name, value in typed.items()}
        answer = Browser(self.manager).post("update-evidence", update.pk, **data)
        told = ("Enter a title", "Enter a web address or a citation", "at most 200 characters")
        self.assertAnswers(answer, 400, *told, "record the evidence as internal")
        answer = Browser(self.manager).post("update-evidence", update.pk, **{"evidence-url": "no"})
        self.assertAnswers(answer, 400, "Enter a title", "Enter a valid URL.")
        self.assertNotContains(answer, "Enter a web address or a citation", status_code=400)


class RefusedAnswerTests(WritingTestCase):
    def setUp(self) -> None:
        item, update = self.make_evidence(), self.make_submitted(self.recommendation)
        self.link = link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)

    def assert_answer_is_kept(self, *told: str) -> None:
        typed = {"text": "It was repaired."}
        answer = Browser(self.manager).post("evidence-answer", self.link.pk, **typed)
        self.assertAnswers(answer, 409, *told, "It was repaired.")

    def test_answered_by_somebody_else_meanwhile(self) -> None:
        evidence_items.answer(link=self.link, by=self.other_manager, text="Of another year.")
        told = "This contradiction was already answered."
        self.assert_answer_is_kept(told, "Of another year.")

    def test_removed_meanwhile(self) -> None:
        evidence_items.detach(link=self.link, by=self.manager)
        told = "Only evidence that contradicts an update can be answered."
        self.assert_answer_is_kept(told)

    def test_a_check_that_was_made_meanwhile(self) -> None:
        item, window = self.link.evidence, Browser(self.manager)
        answer = window.decide("evidence-check", item.pk, on="evidence-detail")
        self.assertEqual(answer.status_code, 302)
        answer = window.post("evidence-check", item.pk, **{"check-note": "Page 9 is missing."})
        self.assertAnswers(answer, 409, "You have already verified this evidence.", "Page 9")


class RefusedUpdateTests(WritingTestCase):
    def test_reason_for_retracting_what_was_replaced_meanwhile(self) -> None:
        approved = self.make_approved(self.recommendation)
        first = decisions.retract(update=approved, by=self.manager, reason="Another meeting.")
        window, typed = Browser(self.staff), {"reason": "Wrong day."}
        answer = window.post("update-retract", approved.pk, **typed)
        self.assertAnswers(answer, 409, "Wrong day.", "Another meeting.")
        Browser(self.other_manager).decide("update-approve", first.pk)
        answer = window.post("update-retract", approved.pk, **typed)
        self.assertAnswers(answer, 409, "already replaced by the retraction", "Wrong day.")

    def test_sentence_of_a_confirmation(self) -> None:
        """Where there is nothing to confirm, and where one awaits review already."""
        window, twice = Browser(self.staff), {"sentence": "It met twice."}
        answer = window.post("update-no-change", "REP-1", **twice)
        self.assertAnswers(answer, 409, "There is no approved update", "It met twice.")
        self.make_approved(self.recommendation)
        window.post("update-no-change", "REP-1", sentence="The group met.")
        answer = window.post("update-no-change", "REP-1", **twice)
        self.assertAnswers(answer, 409, "It met twice.", "The group met.")

    def test_a_draft_that_cannot_be_handed_over_keeps_what_was_typed_and_says_why(self) -> None:
        draft, heir = self.drafted(), make_person("heir", Role.STAFF, self.ministry)
        window, typed = self.at("update-detail", draft.pk), "Typed just now."
        with mock.patch(
            "recommendations.permissions.can_log", side_effect=lambda person, _about: person != heir
        ):
            answer = window.send("update-hand-over", draft.pk, to=heir.pk, what_happened=typed)
        self.assertAnswers(answer, 400, "Heir cannot log updates", typed)
        draft.refresh_from_db()
        self.assertNotEqual(draft.what_happened, typed)
        self.assertEqual(draft.author, self.staff)
