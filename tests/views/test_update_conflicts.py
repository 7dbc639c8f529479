"""Saving in the background, two windows, two presses, two people: nothing is lost or overwritten,
nothing is written twice."""

import threading
from typing import Any

from django.db import close_old_connections, connection, connections

from recommendations.actions.updates import decisions, drafts
from recommendations.choices import UpdateState
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate
from tests.base import RaceTestCase
from tests.views.writing import Browser, WritingTestCase

SAVED = "Draft saved at"


class AutosaveTests(WritingTestCase):
    """It keeps what can be kept, says so, and never stands in the way."""

    def setUp(self) -> None:
        self.window = self.at()

    def save(self, **typed: Any) -> Any:
        """What htmx sends; the hidden fields of the answer go into the window."""
        return self.window.send("update-new-autosave", "REP-1", **typed)

    def test_the_draft_begins_with_the_first_words_and_grows(self) -> None:
        nothing = self.save(what_happened="   ")
        self.assertEqual((nothing.status_code, nothing.content), (200, b""))
        self.assertFalse(StatusUpdate.objects.exists())
        response = self.save(what_happened="A first word.")
        draft = self.latest()
        self.assertAnswers(response, 200, SAVED, 'hx-swap-oob="true"')
        self.assertEqual(response["HX-Replace-Url"], draft.get_absolute_url())
        before = AuditEvent.objects.count()
        self.assertContains(self.save(), SAVED)
        self.assertNothingWritten(before)
        self.save(what_happened="A first word, and a second.")
        draft = StatusUpdate.objects.get()
        self.assertEqual(
            (draft.what_happened, draft.state), ("A first word, and a second.", "draft")
        )
        window = self.at("update-detail", draft.pk)
        self.assertContains(window.send("update-autosave", draft.pk, remaining="Much."), SAVED)
        self.assertEqual(self.latest().remaining, "Much.")

    def test_a_press_that_overtakes_its_own_saving_is_no_conflict(self) -> None:
        """The answer to the saving, with the new version, had not arrived at the page yet."""
        self.save(**self.WORDS)
        before = dict(self.window.form)
        self.save(remaining="Much.")
        self.window.form = {**before, "remaining": "Much."}
        response = self.window.send("update-new", "REP-1", move="submit")
        self.assertEqual((response.status_code, self.latest().state), (302, "submitted"))
        self.assertEqual(self.save(what_happened="Later words.").status_code, 200)
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])

    def test_a_field_that_cannot_be_saved_is_named_and_the_rest_is_saved(self) -> None:
        self.save(what_happened="Words.", implementation_status="in_progress")
        draft = self.latest()
        for name, wrong, label in (
            ("completed_on", "2999-01-01", "Completion date"),
            ("what_happened", "x" * 200_000, "Progress since the last update"),
            ("as_of", "", "As of"),
        ):
            with self.subTest(name):
                response = self.save(remaining=f"Beside {name}.", **{name: wrong})
                self.assertContains(response, f"except: {label}")
                now = self.latest()
                self.assertEqual(now.remaining, f"Beside {name}.")
                self.assertEqual(getattr(now, name), getattr(draft, name))
                self.window.form[name] = str(getattr(draft, name) or "")

    def test_another_window_is_not_overwritten(self) -> None:
        self.save(what_happened="Mine.")
        other = self.at("update-detail", self.latest().pk)
        other.send("update-save", self.latest().pk, what_happened="Theirs.")
        told = "Not saved: the draft was changed elsewhere. Press “Save draft” to compare the"
        self.assertContains(self.save(what_happened="Mine, longer."), told)
        self.assertEqual(self.latest().what_happened, "Theirs.")

    def test_what_approval_needs_follows_the_answers(self) -> None:
        response = self.save(implementation_status="implemented")
        self.assertAnswers(response, 200, "Missing for approval:", 'id="needs"')

    def test_signed_out_or_without_a_key_it_says_that_nothing_is_saved(self) -> None:
        draft = self.drafted()
        for address in (("update-autosave", draft.pk), ("update-new-autosave", "REP-1")):
            response = Browser().post(*address, what_happened="Words.")
            self.assertAnswers(response, 200, "you are signed out")
        self.window.form["key"] = "x"
        self.assertContains(self.save(what_happened="Words."), "Not saved")
        draft = StatusUpdate.objects.get()
        self.assertEqual(draft.what_happened, self.WORDS["what_happened"])


class TwoWindowsTests(WritingTestCase):
    FIRST, SECOND = "From the first window.", "From the second window."

    def setUp(self) -> None:
        self.draft = self.drafted()
        windows = (self.at("update-detail", self.draft.pk) for _window in range(3))
        self.first, self.second, self.third = windows
        self.first.send("update-save", self.draft.pk, what_happened=self.FIRST)

    def second_sends(self, move: str = "save", **typed: Any) -> Any:
        answer = self.second.send(f"update-{move}", self.draft.pk, **typed)
        self.draft.refresh_from_db()
        return answer

    def test_the_second_sees_both_texts_and_saves_again_on_purpose(self) -> None:
        before = AuditEvent.objects.count()
        for window, move in ((self.third, "submit"), (self.second, "save")):
            answer = window.send(f"update-{move}", self.draft.pk, what_happened=self.SECOND)
            told = ("This draft was saved elsewhere", self.FIRST, self.SECOND)
            self.assertAnswers(answer, 409, *told)
            self.assertEqual(answer.context["form"]["what_happened"].value(), self.SECOND)
            self.assertNothingWritten(before)
        self.assertRedirects(self.second_sends(), self.draft.get_absolute_url())
        self.assertEqual(self.draft.what_happened, self.SECOND)

    def test_same_words_in_both_windows_are_no_conflict(self) -> None:
        self.assertEqual(self.second_sends("submit", what_happened=self.FIRST).status_code, 302)
        self.assertEqual(self.draft.state, UpdateState.SUBMITTED)

    def test_unreadable_version_overwrites_nothing(self) -> None:
        for version in ("", "x", "-1", "9" * 30, "1.0", "\x00"):
            answer = self.second_sends(version=version, what_happened="Mine.")
            self.assertEqual(answer.status_code, 409, repr(version))
        self.assertEqual(self.draft.what_happened, self.FIRST)

    def test_words_typed_over_a_submitted_update_are_shown(self) -> None:
        self.first.open("update-detail", self.draft.pk)
        self.first.send("update-submit", self.draft.pk)
        answer = self.second_sends(what_happened="Too late.")
        self.assertAnswers(answer, 409, "This update has changed", "Too late.")


class DoubleClickTests(WritingTestCase):
    """A second press is told that the first counted, and nothing is written twice."""

    def test_of_every_button(self) -> None:
        approved = self.make_approved(self.make_recommendation("Another"))
        about = approved.recommendation.reference
        new, drafted = self.at(), self.drafted(by=self.manager)
        for name, of, by, typed, told in (
            ("update-new", "REP-1", self.staff, {**new.form, **self.WORDS, "move": "submit"},
             "The update was already submitted with your entries. No duplicate was created."),
            ("update-submit", drafted.pk, self.manager, None, "already submitted"),
            ("update-no-change", about, self.staff, {}, "already submitted"),
            ("update-retract", approved.pk, self.manager, {"reason": "So."}, "already submitted"),
            ("update-withdraw", self.drafted().pk, self.staff, {"version": 1}, "withdrawn since"),
        ):  # fmt: skip
            with self.subTest(name):
                data = self.at("update-detail", of, by).form if typed is None else typed
                window = Browser(by)
                self.assertEqual(window.post(name, of, **data).status_code, 302)
                before = AuditEvent.objects.count()
                self.assertAnswers(window.post(name, of, **data), 409, told)
                self.assertNothingWritten(before)

    def test_of_save_and_of_correct_leads_to_the_same(self) -> None:
        approved = self.make_approved(self.recommendation)
        form = {**self.at().form, **self.WORDS, "move": "save"}
        for name, of, data in (("update-new", "REP-1", form), ("update-correct", approved.pk, {})):
            window = Browser(self.staff)
            to = {window.post(name, of, **data)["Location"] for _press in range(2)}
            self.assertEqual(to, {self.latest().get_absolute_url()})

    def test_a_form_gone_back_to_does_not_overwrite_what_came_later(self) -> None:
        window = self.at()
        window.send("update-new", "REP-1", move="save", **self.WORDS)
        draft = self.latest()
        self.at("update-detail", draft.pk).send("update-save", draft.pk, what_happened="Later.")
        answer = window.send("update-new", "REP-1", move="save")
        self.assertAnswers(answer, 409, "Later.", "A meeting took place.")

    def test_a_key_of_another_persons_update_or_one_that_is_none_begins_nothing(self) -> None:
        theirs = self.drafted(by=self.manager)
        self.assertEqual(self.sent(key=str(theirs.key)).status_code, 409)
        told = "The form was received incomplete. Check it and send it again."
        for key in ("", "x", "\x00", "0" * 200):
            answer = self.sent("submit", key=key)
            self.assertAnswers(answer, 400, told, "A meeting took place.")
        self.assertEqual(StatusUpdate.objects.count(), 1)

    def test_no_change_again_after_taking_it_back(self) -> None:
        self.make_approved(self.recommendation)
        window = Browser(self.staff)
        for _press in range(2):
            self.assertEqual(window.post("update-no-change", "REP-1").status_code, 302)
            first = self.latest()
            drafts.withdraw_update(update=first, by=self.staff, expected_version=first.version)


class PressesAtOnceTests(RaceTestCase):
    """Presses that arrive together, on connections of their own."""

    def setUp(self) -> None:
        super().setUp()
        self.about = self.make_recommendation()

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
        window, of = Browser(self.staff), self.about.reference
        window.open("update-new", of)
        typed = {"evidence__title": "The permit", "evidence__url": "https://example.org/p"}
        typed |= {**WritingTestCase.WORDS, "move": "submit"}

        def press() -> int:
            return int(window.send("update-new", of, **typed).status_code)

        self.assertEqual(self.together(press), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.get().state, UpdateState.SUBMITTED)
        self.assertEqual(EvidenceLink.objects.count(), 1)

    def no_change(self) -> Any:
        self.make_approved(self.about)
        window = Browser(self.staff)
        return lambda: int(window.post("update-no-change", self.about.reference).status_code)

    def test_no_change_pressed_six_times_at_once(self) -> None:
        self.assertEqual(self.together(self.no_change()), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)

    def test_no_change_that_lands_between_the_look_at_the_recommendation_and_the_lock(self) -> None:
        press, landed = self.no_change(), []

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
    def test_approval_on_an_old_basis_shows_the_difference_before_and_after(self) -> None:
        update = self.make_submitted(self.recommendation)
        by = {"by": self.manager, "decided_by": self.other_manager}
        self.make_approved(self.recommendation, **by, remaining="The rest.")
        window = Browser(self.other_manager)
        page = window.open("review-item", update.pk)
        told = "Another update was approved after this update was written."
        self.assertAnswers(page, 200, told, "The rest.")
        answer = window.post("update-approve", update.pk)
        self.assertAnswers(answer, 409, "Not decided:", "The rest.")
        update.refresh_from_db()
        self.assertEqual(update.state, UpdateState.SUBMITTED)

    def test_update_approved_since_it_was_opened(self) -> None:
        update = self.make_submitted(self.recommendation)
        decisions.approve_update(update=update, by=self.manager)
        answer = Browser(self.other_manager).post("update-approve", update.pk)
        self.assertAnswers(answer, 409, "already decided: approved by Manager")
