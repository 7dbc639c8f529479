"""Two windows, two presses, two people: nothing is overwritten and nothing is written twice."""

import threading
from typing import Any

from django.db import close_old_connections, connection, connections

from recommendations.actions.updates import decisions, drafts
from recommendations.choices import UpdateState
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate
from tests.base import RaceTestCase
from tests.views.writing import Browser, WritingTestCase


class TwoWindowsTests(WritingTestCase):
    def setUp(self) -> None:
        self.draft = self.drafted()
        self.first, self.second = Browser(self.staff), Browser(self.staff)
        self.first.open("update-detail", self.draft.pk)
        self.second.open("update-detail", self.draft.pk)
        self.first.send("update-save", self.draft.pk, what_happened="From the first window.")

    def test_two_windows_save_the_same_draft(self) -> None:
        """The second sees both texts, keeps its own in the form, and nothing is overwritten."""
        before = AuditEvent.objects.count()
        response = self.second.send(
            "update-save", self.draft.pk, what_happened="From the second window."
        )
        self.assertAnswers(
            response,
            409,
            "This draft was saved elsewhere",
            "From the first window.",
            "From the second window.",
        )
        self.assertEqual(
            response.context["form"]["what_happened"].value(), "From the second window."
        )
        self.assertNothingWritten(before)

    def test_saving_again_is_a_deliberate_act(self) -> None:
        self.second.send("update-save", self.draft.pk, what_happened="From the second window.")
        response = self.second.send("update-save", self.draft.pk)
        self.assertRedirects(response, self.draft.get_absolute_url())
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.what_happened, "From the second window.")

    def test_submitting_over_it_is_refused_as_well(self) -> None:
        response = self.second.send(
            "update-submit", self.draft.pk, what_happened="From the second window."
        )
        self.assertEqual(response.status_code, 409)
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.state, UpdateState.DRAFT)

    def test_same_words_in_both_windows_are_no_conflict(self) -> None:
        response = self.second.send(
            "update-submit", self.draft.pk, what_happened="From the first window."
        )
        self.assertEqual(response.status_code, 302)
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.state, UpdateState.SUBMITTED)

    def test_unreadable_version_overwrites_nothing(self) -> None:
        for version in ("", "x", "-1", "9" * 30, "1.0", "\x00"):
            response = self.second.send(
                "update-save", self.draft.pk, version=version, what_happened="Mine."
            )
            self.assertEqual(response.status_code, 409, repr(version))
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.what_happened, "From the first window.")

    def test_words_typed_over_a_submitted_update_are_shown(self) -> None:
        self.first.open("update-detail", self.draft.pk)
        self.first.send("update-submit", self.draft.pk)
        response = self.second.send("update-save", self.draft.pk, what_happened="Too late.")
        self.assertAnswers(response, 409, "This update has changed", "Too late.")


class DoubleClickTests(WritingTestCase):
    def test_second_submit_by_double_click(self) -> None:
        """Two presses send the same form; the second is told, and nothing is written twice."""
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        self.assertEqual(
            window.send("update-new", "REP-1", move="submit", **self.WORDS).status_code, 302
        )
        before = AuditEvent.objects.count()
        response = window.send("update-new", "REP-1", move="submit")
        self.assertAnswers(
            response,
            409,
            "The update was already submitted with your entries. No duplicate was created.",
            "The update was already submitted with your entries. No duplicate was created.",
        )
        self.assertNothingWritten(before)
        self.assertEqual(StatusUpdate.objects.count(), 1)

    def test_second_press_of_save_goes_to_the_same_draft(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        addresses = {
            window.send("update-new", "REP-1", move="save", **self.WORDS)["Location"]
            for _press in range(2)
        }
        self.assertEqual(addresses, {StatusUpdate.objects.get().get_absolute_url()})

    def test_form_gone_back_to_does_not_overwrite_what_came_later(self) -> None:
        window, later = Browser(self.staff), Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new", "REP-1", move="save", **self.WORDS)
        draft = self.latest()
        later.open("update-detail", draft.pk)
        later.send("update-save", draft.pk, what_happened="Written later.")
        response = window.send("update-new", "REP-1", move="save")
        self.assertAnswers(response, 409, "Written later.", "A meeting took place.")

    def test_second_submit_of_a_draft(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        window.send("update-submit", draft.pk)
        before = AuditEvent.objects.count()
        self.assertAnswers(window.send("update-submit", draft.pk), 409, "already submitted")
        self.assertNothingWritten(before)

    def test_key_of_somebody_elses_update_begins_nothing(self) -> None:
        theirs = self.drafted()
        window = Browser(self.manager)
        window.open("update-new", "REP-1")
        response = window.send(
            "update-new", "REP-1", move="save", key=str(theirs.key), **self.WORDS
        )
        self.assertEqual(response.status_code, 409)
        self.assertEqual(StatusUpdate.objects.count(), 1)

    def test_unreadable_key_keeps_the_words(self) -> None:
        for key in ("", "x", "\x00", "0" * 200):
            window = Browser(self.staff)
            window.open("update-new", "REP-1")
            response = window.send("update-new", "REP-1", move="submit", key=key, **self.WORDS)
            self.assertAnswers(
                response,
                400,
                "The form was received incomplete. Check it and send it again.",
                "A meeting took place.",
            )
        self.assertFalse(StatusUpdate.objects.exists())

    def test_second_press_of_no_change(self) -> None:
        self.make_approved(self.recommendation)
        window = Browser(self.staff)
        self.assertEqual(window.post("update-no-change", "REP-1").status_code, 302)
        before = AuditEvent.objects.count()
        self.assertAnswers(window.post("update-no-change", "REP-1"), 409, "already submitted")
        self.assertNothingWritten(before)

    def test_no_change_again_after_taking_it_back(self) -> None:
        self.make_approved(self.recommendation)
        window = Browser(self.staff)
        window.post("update-no-change", "REP-1")
        first = self.latest()
        drafts.withdraw_update(update=first, by=self.staff, expected_version=first.version)
        self.assertEqual(window.post("update-no-change", "REP-1").status_code, 302)

    def test_second_press_of_retract(self) -> None:
        approved = self.make_approved(self.recommendation)
        window = Browser(self.staff)
        self.assertEqual(
            window.post("update-retract", approved.pk, reason="Wrong day.").status_code, 302
        )
        response = window.post("update-retract", approved.pk, reason="Wrong day.")
        self.assertAnswers(response, 409, "already submitted")
        self.assertEqual(approved.retractions.count(), 1)

    def test_second_press_of_correct_opens_the_same_correction(self) -> None:
        approved = self.make_approved(self.recommendation)
        window = Browser(self.staff)
        addresses = {window.post("update-correct", approved.pk)["Location"] for _press in range(2)}
        self.assertEqual(len(addresses), 1)

    def test_second_press_of_withdraw(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.post("update-withdraw", draft.pk, version=draft.version)
        response = window.post("update-withdraw", draft.pk, version=draft.version)
        self.assertAnswers(response, 409, "withdrawn since")


class PressesAtOnceTests(RaceTestCase):
    """Presses that arrive together, on connections of their own."""

    def together(self, press: Any, times: int = 6) -> list[int]:
        """Run ``press`` in threads that start at once; returns the statuses, sorted."""
        gate, found = threading.Barrier(times), []

        def run() -> None:
            try:
                gate.wait()
                found.append(press())
            finally:
                close_old_connections()
                connections.close_all()

        threads = [threading.Thread(target=run) for _time in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(found)

    def test_one_new_form_sent_six_times_at_once(self) -> None:
        recommendation = self.make_recommendation()
        window = Browser(self.staff)
        window.open("update-new", recommendation.reference)
        evidence = {"evidence__title": "The permit", "evidence__url": "https://example.org/p"}

        def press() -> int:
            status: int = window.send(
                "update-new",
                recommendation.reference,
                move="submit",
                **WritingTestCase.WORDS,
                **evidence,
            ).status_code
            return status

        self.assertEqual(self.together(press), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.get().state, UpdateState.SUBMITTED)
        self.assertEqual(EvidenceLink.objects.count(), 1)

    def test_no_change_pressed_six_times_at_once(self) -> None:
        recommendation = self.make_recommendation()
        self.make_approved(recommendation)
        window = Browser(self.staff)

        def press() -> int:
            status: int = window.post("update-no-change", recommendation.reference).status_code
            return status

        self.assertEqual(self.together(press), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)

    def test_no_change_that_lands_between_the_look_at_the_recommendation_and_the_lock(self) -> None:
        recommendation = self.make_recommendation()
        self.make_approved(recommendation)
        window, landed = Browser(self.staff), []

        def press() -> int:
            status: int = window.post("update-no-change", recommendation.reference).status_code
            return status

        def land_after_the_first_look(execute: Any, sql: str, *rest: Any) -> Any:
            found = execute(sql, *rest)
            if sql.startswith('SELECT "recommendations_recommendation"') and not landed:
                landed.append(302)
                self.assertEqual(self.together(press, times=1), landed)
            return found

        with connection.execute_wrapper(land_after_the_first_look):
            self.assertEqual(press(), 409)
        self.assertEqual(landed, [302])
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)


class BasisTests(WritingTestCase):
    def test_approval_on_an_old_basis_shows_the_difference(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.make_approved(
            self.recommendation,
            by=self.manager,
            decided_by=self.other_manager,
            remaining="The rest.",
        )
        with self.subTest("the queue says so before"):
            window = Browser(self.other_manager)
            page = window.open("review-item", update.pk)
            self.assertAnswers(
                page, 200, "Another update was approved after this update was written.", "The rest."
            )
        with self.subTest("and the decision is refused"):
            response = window.post("update-approve", update.pk)
            self.assertAnswers(response, 409, "Not decided:", "The rest.")
        update.refresh_from_db()
        self.assertEqual(update.state, UpdateState.SUBMITTED)

    def test_update_approved_since_it_was_opened(self) -> None:
        update = self.make_submitted(self.recommendation)
        decisions.approve_update(update=update, by=self.manager)
        response = Browser(self.other_manager).post("update-approve", update.pk)
        self.assertAnswers(response, 409, "already decided: approved by Manager")
