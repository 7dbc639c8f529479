"""Saving in the background: it keeps what can be kept, says so, and never stands in the way."""

from typing import Any

from recommendations.choices import UpdateState
from recommendations.models import AuditEvent, StatusUpdate
from tests.views.writing import Browser, WritingTestCase


class AutosaveTests(WritingTestCase):
    def setUp(self) -> None:
        self.window = Browser(self.staff)
        self.window.open("update-new", "REP-1")

    def save(self, **typed: Any) -> Any:
        """What htmx sends; the hidden fields of the answer go into the window."""
        return self.window.send("update-new-autosave", "REP-1", **typed)

    def test_first_words_begin_a_draft(self) -> None:
        response = self.save(what_happened="A first word.")
        draft = self.latest()
        self.assertAnswers(response, 200, "Draft saved at", 'hx-swap-oob="true"')
        self.assertEqual(response["HX-Replace-Url"], draft.get_absolute_url())
        self.assertEqual((draft.what_happened, draft.state), ("A first word.", UpdateState.DRAFT))

    def test_nothing_typed_begins_nothing(self) -> None:
        response = self.save(what_happened="   ")
        self.assertEqual((response.status_code, response.content), (200, b""))
        self.assertFalse(StatusUpdate.objects.exists())

    def test_draft_grows_and_stays_one(self) -> None:
        self.save(what_happened="A first word.")
        self.save(what_happened="A first word, and a second.")
        self.assertEqual(StatusUpdate.objects.get().what_happened, "A first word, and a second.")

    def test_same_words_again_write_nothing(self) -> None:
        self.save(what_happened="A first word.")
        before = AuditEvent.objects.count()
        self.assertContains(self.save(), "Draft saved at")
        self.assertNothingWritten(before)

    def test_page_can_be_submitted_afterwards(self) -> None:
        self.save(what_happened="A first word.")
        response = self.window.send(
            "update-new", "REP-1", move="submit", implementation_status="in_progress"
        )
        self.assertEqual(response.status_code, 302)
        self.assertEqual(StatusUpdate.objects.get().state, UpdateState.SUBMITTED)

    def test_press_that_overtakes_its_own_saving_is_no_conflict(self) -> None:
        """The answer to the saving, with the new version, had not arrived at the page yet."""
        typed = {"what_happened": "A first word.", "implementation_status": "in_progress"}
        self.save(**typed)
        before = dict(self.window.form)
        self.save(remaining="Much.")
        self.window.form = {**before, "remaining": "Much."}
        response = self.window.send("update-new", "REP-1", move="submit")
        self.assertEqual(response.status_code, 302)

    def test_field_that_cannot_be_saved_is_named_and_the_rest_is_saved(self) -> None:
        response = self.save(
            what_happened="Words.", completed_on="2999-01-01", implementation_status="in_progress"
        )
        self.assertAnswers(response, 200, "except: Completion date")
        self.assertEqual(self.latest().what_happened, "Words.")
        self.assertIsNone(self.latest().completed_on)

    def test_endless_text_does_not_keep_the_rest_from_being_saved(self) -> None:
        response = self.save(what_happened="x" * 200_000, remaining="The rest.")
        self.assertAnswers(response, 200, "except: Progress since the last update")
        self.assertEqual(self.latest().remaining, "The rest.")

    def test_no_day_keeps_the_day(self) -> None:
        self.save(what_happened="Words.")
        day = self.latest().as_of
        self.assertContains(self.save(as_of="", remaining="More."), "except: As of")
        self.assertEqual((self.latest().as_of, self.latest().remaining), (day, "More."))

    def test_another_window_is_not_overwritten(self) -> None:
        self.save(what_happened="Mine.")
        other = Browser(self.staff)
        other.open("update-detail", self.latest().pk)
        other.send("update-save", self.latest().pk, what_happened="Theirs.")
        response = self.save(what_happened="Mine, longer.")
        self.assertAnswers(
            response,
            200,
            "Not saved: the draft was changed elsewhere. Press “Save draft” to compare the "
            "versions.",
        )
        self.assertEqual(self.latest().what_happened, "Theirs.")

    def test_what_approval_needs_follows_the_answers(self) -> None:
        response = self.save(implementation_status="implemented")
        self.assertAnswers(response, 200, "Submit anyway?", 'id="needs"')

    def test_draft_by_its_own_address(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        response = window.send("update-autosave", draft.pk, remaining="Much.")
        self.assertContains(response, "Draft saved at")
        draft.refresh_from_db()
        self.assertEqual(draft.remaining, "Much.")

    def test_submitted_update_is_left_alone(self) -> None:
        self.save(what_happened="Words.", implementation_status="in_progress")
        self.window.send("update-new", "REP-1", move="submit")
        response = self.save(what_happened="Later words.")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.latest().what_happened, "Words.")

    def test_signed_out_is_told_so_and_not_sent_away(self) -> None:
        draft = self.drafted()
        for address in (("update-autosave", draft.pk), ("update-new-autosave", "REP-1")):
            response = Browser().post(*address, what_happened="Words.")
            self.assertAnswers(response, 200, "you are signed out")
        draft.refresh_from_db()
        self.assertEqual(draft.what_happened, "A meeting took place.")

    def test_unreadable_key(self) -> None:
        self.window.form["key"] = "x"
        self.assertContains(self.save(what_happened="Words."), "Not saved")
        self.assertFalse(StatusUpdate.objects.exists())

    def test_colleague_may_not(self) -> None:
        draft = self.drafted()
        for person in (self.other_staff, self.manager, self.viewer, self.auditor):
            response = Browser(person).post(
                "update-autosave", draft.pk, version=draft.version, what_happened="Mine now."
            )
            self.assertIn(response.status_code, (403, 404), person)
        draft.refresh_from_db()
        self.assertEqual(draft.what_happened, "A meeting took place.")
