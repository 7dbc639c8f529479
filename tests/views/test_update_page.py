"""The page of one update: who may read what of it, and the moves that stand on it."""

from typing import Any

from django.urls import reverse

from recommendations.actions.updates import decisions, replacements
from recommendations.choices import UpdateState
from recommendations.models import StatusUpdate
from tests.base import link_evidence
from tests.updates import submit
from tests.views.writing import Browser, WritingTestCase


class ReadingTests(WritingTestCase):
    def statuses(self, update: StatusUpdate) -> dict[str, int]:
        people = {
            "author": self.staff,
            "other_staff": self.other_staff,
            "manager": self.manager,
            "viewer": self.viewer,
            "auditor": self.auditor,
            "stranger": self.stranger,
            "signed out": None,
        }
        return {
            name: Browser(person).open("update-detail", update.pk).status_code
            for name, person in people.items()
        }

    def test_who_reads_a_draft(self) -> None:
        found = self.statuses(self.drafted())
        self.assertEqual(
            found,
            {
                "author": 200,
                "other_staff": 200,
                "manager": 200,
                "viewer": 404,
                "auditor": 200,
                "stranger": 403,
                "signed out": 302,
            },
        )

    def test_who_reads_what_waits(self) -> None:
        found = self.statuses(self.make_submitted(self.recommendation))
        self.assertEqual(found["viewer"], 200)
        self.assertEqual((found["stranger"], found["signed out"]), (403, 302))

    def test_notes_inside_are_for_readers_of_drafts(self) -> None:
        update = self.make_submitted(self.recommendation, internal_note="An inner word.")
        update = decisions.return_update(
            update=update,
            by=self.manager,
            note="A word of return.",
        )
        update = submit(update=update, by=self.staff, expected_version=update.version)
        decisions.approve_update(
            update=update,
            by=self.manager,
            note="A word of approval.",
        )
        inner = ("An inner word.", "A word of return.", "A word of approval.", "Returned")
        page = Browser(self.auditor).open("update-detail", update.pk)
        self.assertAnswers(page, 200, *inner)
        page = Browser(self.viewer).open("update-detail", update.pk)
        self.assertAnswers(page, 200, "A first meeting took place.", "Approved by Manager")
        for word in inner:
            self.assertNotContains(page, word)

    def test_note_inside_does_not_show_in_what_changed(self) -> None:
        self.make_approved(self.recommendation, internal_note="An inner word.")
        later = self.make_submitted(self.recommendation, internal_note="Another inner word.")
        page = Browser(self.viewer).open("update-detail", later.pk)
        self.assertNotContains(page, "inner word")

    def test_internal_evidence_is_for_readers_of_drafts(self) -> None:
        update = self.make_submitted(self.recommendation)
        for title, visibility in (("An inner paper", "internal"), ("An open paper", "public")):
            link_evidence(
                to=update,
                by=self.staff,
                stance="supports",
                evidence=self.make_evidence(title, visibility=visibility),
            )
        self.assertContains(Browser(self.auditor).open("update-detail", update.pk), "An inner")
        page = Browser(self.viewer).open("update-detail", update.pk)
        self.assertContains(page, "An open paper")
        self.assertNotContains(page, "An inner paper")

    def test_missing_and_endless_ids(self) -> None:
        for pk in (999_999, 10**9, 10**30):
            response = Browser(self.staff).client.get(f"/updates/{pk}/")
            self.assertEqual(response.status_code, 404, pk)

    def test_replaced_and_replacing_name_each_other(self) -> None:
        approved = self.make_approved(self.recommendation)
        retraction = replacements.retract(update=approved, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=retraction, by=self.manager)
        page = Browser(self.viewer).open("update-detail", approved.pk)
        self.assertAnswers(page, 200, "Retracted. Approved by", retraction.get_absolute_url())
        page = Browser(self.viewer).open("update-detail", retraction.pk)
        self.assertAnswers(page, 200, "Wrong day.", approved.get_absolute_url())


class ButtonTests(WritingTestCase):
    """Buttons for exactly what a person may do, and the same answer to a form sent without one."""

    CORRECT, RETRACT = "Correct wording", "Request retraction"
    REVIEW, WITHDRAW, HAND_OVER = "Review this update", "Withdraw", "Hand over"
    ALL = (CORRECT, RETRACT, REVIEW, WITHDRAW, HAND_OVER)

    def buttons(self, update: StatusUpdate, *expected: tuple[str, ...]) -> None:
        for person, names in zip(self.people, expected, strict=True):
            page = Browser(person).open("update-detail", update.pk)
            found = {name for name in self.ALL if f"{name}</" in page.content.decode()}
            self.assertEqual(found, set(names), person)

    def setUp(self) -> None:
        self.people = [self.staff, self.other_staff, self.manager, self.viewer, self.auditor]

    def test_waiting(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.buttons(update, (self.WITHDRAW,), (), (self.REVIEW,), (), ())

    def test_approved(self) -> None:
        update = self.make_approved(self.recommendation)
        both = (self.CORRECT, self.RETRACT)
        self.buttons(update, both, (), both, (), ())

    def test_draft_of_somebody_else(self) -> None:
        update = self.drafted()
        self.people = [self.other_staff, self.manager, self.auditor]
        self.buttons(update, (), (self.HAND_OVER,), ())

    def test_own_words_are_not_reviewed(self) -> None:
        update = self.make_submitted(self.recommendation, by=self.manager)
        page = Browser(self.manager).open("update-detail", update.pk)
        self.assertNotContains(page, self.REVIEW)


class RefusalTests(WritingTestCase):
    MOVES = (
        "save",
        "submit",
        "evidence",
        "hand-over",
        "withdraw",
        "correct",
        "retract",
        "approve",
        "return",
    )

    def test_a_get_is_refused(self) -> None:
        draft = self.drafted()
        for move in (*self.MOVES, "autosave"):
            for person in (self.staff, None):
                response = Browser(person).client.get(reverse(f"update-{move}", args=[draft.pk]))
                self.assertEqual(response.status_code, 405, move)
        for name, pk in (
            ("update-new-autosave", "REP-1"),
            ("evidence-check", 1),
            ("evidence-uncheck", 1),
            ("evidence-answer", 1),
        ):
            response = Browser(self.manager).client.get(reverse(name, args=[pk]))
            self.assertEqual(response.status_code, 405, name)

    def test_signed_out_is_sent_to_sign_in(self) -> None:
        draft = self.drafted()
        for move in self.MOVES:
            response = Browser().post(f"update-{move}", draft.pk)
            self.assertIn("/accounts/login/", response["Location"], move)
        self.assertIn("/accounts/login/", Browser().post("update-no-change", "REP-1")["Location"])

    def test_roles_that_write_nothing(self) -> None:
        draft = self.drafted()
        for person in (self.viewer, self.auditor, self.stranger, self.administrator):
            for move in self.MOVES:
                response = Browser(person).post(f"update-{move}", draft.pk, version=1)
                self.assertEqual(response.status_code, 403, (person, move))
            self.assertEqual(Browser(person).open("update-new", "REP-1").status_code, 403)
            self.assertEqual(Browser(person).post("update-no-change", "REP-1").status_code, 403)

    def test_staff_from_elsewhere(self) -> None:
        draft, approved = self.drafted(), self.make_approved(self.recommendation)
        window = Browser(self.other_staff)
        self.assertEqual(window.open("update-new", "REP-1").status_code, 403)
        self.assertEqual(window.post("update-no-change", "REP-1").status_code, 403)
        for move in ("save", "submit", "withdraw", "evidence"):
            response = window.post(
                f"update-{move}",
                draft.pk,
                version=draft.version,
                what_happened="Mine.",
                **{"evidence-title": "A paper", "evidence-citation": "Page 1"},
            )
            self.assertEqual(response.status_code, 403, move)
        for move in ("correct", "retract"):
            response = window.post(f"update-{move}", approved.pk, reason="Wrong.")
            self.assertEqual(response.status_code, 403, move)

    def test_staff_decide_nothing(self) -> None:
        update = self.make_submitted(self.recommendation)
        for person in (self.staff, self.other_staff):
            for move in ("approve", "return"):
                response = Browser(person).post(
                    f"update-{move}", update.pk, version=update.version, note="Well."
                )
                self.assertEqual(response.status_code, 403)

    def test_archived_recommendation_takes_nothing(self) -> None:
        draft = self.drafted()
        type(self.recommendation).objects.filter(pk=self.recommendation.pk).update(
            archived_at=draft.created_at, archived_by=self.manager, archive_reason="closed"
        )
        window = Browser(self.staff)
        self.assertEqual(window.open("update-new", "REP-1").status_code, 403)
        response = window.post("update-save", draft.pk, version=draft.version, what_happened="X.")
        self.assertEqual(response.status_code, 403)

    def test_form_from_elsewhere(self) -> None:
        draft = self.drafted()
        for move in (*self.MOVES, "autosave"):
            window = Browser(self.staff)
            window.client.handler.enforce_csrf_checks = True
            response = window.post(f"update-{move}", draft.pk, version=draft.version)
            self.assertEqual(response.status_code, 403, move)

    def test_missing_ids(self) -> None:
        draft = self.drafted()
        for person in (self.staff, self.manager):
            for move in ("save", "submit", "evidence", "hand-over", "withdraw", "correct"):
                self.assertEqual(Browser(person).post(f"update-{move}", 10**9).status_code, 404)
        response = Browser(self.staff).post("update-evidence-remove", draft.pk, 10**9)
        self.assertEqual(response.status_code, 404)
        self.assertEqual(Browser(self.staff).open("update-new", "REP-999").status_code, 404)


class MoveTests(WritingTestCase):
    def test_withdrawn_update_stays_on_record(self) -> None:
        draft = self.drafted()
        response = Browser(self.staff).post("update-withdraw", draft.pk, version=draft.version)
        self.assertRedirects(response, draft.get_absolute_url())
        draft.refresh_from_db()
        self.assertEqual(draft.state, UpdateState.WITHDRAWN)

    def test_stale_withdrawal(self) -> None:
        draft = self.drafted()
        response = Browser(self.staff).post("update-withdraw", draft.pk, version=99)
        self.assertEqual(response.status_code, 409)

    def test_manager_hands_a_draft_over(self) -> None:
        draft = self.drafted()
        response = Browser(self.manager).post(
            "update-hand-over", draft.pk, version=draft.version, to=self.other_manager.pk
        )
        self.assertEqual(response.status_code, 302)
        draft.refresh_from_db()
        self.assertEqual(draft.author, self.other_manager)

    def test_hand_over_to_somebody_who_may_not(self) -> None:
        draft = self.drafted()
        for to in (self.viewer.pk, self.other_staff.pk, self.staff.pk, 10**9, "x", ""):
            response = Browser(self.manager).post(
                "update-hand-over", draft.pk, version=draft.version, to=to
            )
            self.assertEqual(response.status_code, 400, to)
        draft.refresh_from_db()
        self.assertEqual(draft.author, self.staff)

    def test_correction_shows_what_it_changes(self) -> None:
        approved = self.make_approved(self.recommendation, what_happened="A metting took place.")
        window = Browser(self.staff)
        response = window.post("update-correct", approved.pk)
        correction = StatusUpdate.objects.get(corrects=approved)
        self.assertRedirects(response, correction.get_absolute_url())
        page = window.open("update-detail", correction.pk)
        self.assertNotContains(page, 'name="implementation_status"')
        window.send("update-save", correction.pk, what_happened="A meeting took place.")
        page = window.open("update-detail", correction.pk)
        self.assertAnswers(page, 200, "Changes", "<del>", "<ins>")
        self.assertRedirects(window.send("update-submit", correction.pk), reverse("my-work"))
        page = Browser(self.manager).open("review-item", correction.pk)
        self.assertAnswers(page, 200, "Correction", "metting", "meeting")

    def test_correction_cannot_move_the_status(self) -> None:
        approved = self.make_approved(self.recommendation)
        window = Browser(self.staff)
        window.post("update-correct", approved.pk)
        correction = StatusUpdate.objects.get(corrects=approved)
        window.open("update-detail", correction.pk)
        window.send(
            "update-save", correction.pk, implementation_status="implemented", remaining="X."
        )
        correction.refresh_from_db()
        self.assertEqual(correction.implementation_status, "in_progress")
        self.assertEqual(correction.remaining, "X.")

    def test_returned_retraction_asks_for_its_reason_and_for_no_day(self) -> None:
        approved = self.make_approved(self.recommendation)
        retraction = replacements.retract(update=approved, by=self.staff, reason="Wrong day.")
        decisions.return_update(
            update=retraction,
            by=self.manager,
            note="Which day?",
        )
        page = Browser(self.staff).open("update-detail", retraction.pk)
        self.assertAnswers(page, 200, "Reason for retraction", "Wrong day.")
        self.assertNotContains(page, 'name="as_of"')

    def test_retraction_needs_a_reason(self) -> None:
        approved = self.make_approved(self.recommendation)
        response = Browser(self.staff).post("update-retract", approved.pk, reason="  ")
        self.assertAnswers(response, 400, "Give the reason for the retraction.")
        response = Browser(self.staff).post("update-retract", approved.pk, reason="Wrong day.")
        self.assertEqual(response.status_code, 302)
        page = Browser(self.manager).open("review-item", self.latest().pk)
        self.assertAnswers(page, 200, "Requested retraction:", "Wrong day.")

    def test_what_is_replaced_cannot_be_replaced_again(self) -> None:
        approved = self.make_approved(self.recommendation)
        retraction = replacements.retract(update=approved, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=retraction, by=self.manager)
        for move in ("correct", "retract"):
            response = Browser(self.staff).post(f"update-{move}", approved.pk, reason="Again.")
            self.assertAnswers(response, 409, "This update was already replaced by the")

    def test_returned_no_change_and_retraction_are_amended_by_their_authors(self) -> None:
        approved = self.make_approved(self.recommendation)
        about: dict[str, Any] = {"by": self.staff}
        for begin in (
            lambda: replacements.no_change(recommendation=self.recommendation, **about),
            lambda: replacements.retract(update=approved, reason="Wrong day.", **about),
        ):
            update = begin()
            decisions.return_update(update=update, by=self.manager, note="Say more.")
            window = Browser(self.staff)
            self.assertAnswers(window.open("update-detail", update.pk), 200, "Say more.")
            window.send("update-submit", update.pk, what_happened="More is said.")
            update.refresh_from_db()
            self.assertEqual(update.state, UpdateState.SUBMITTED)
            self.assertEqual(update.what_happened, "More is said.")
