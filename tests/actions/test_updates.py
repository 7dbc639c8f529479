"""The moves of an author: hand over, submit, withdraw; and two at the same moment.

Beginning and saving stand in test_drafts.py, corrections and the like in test_replacements.py.
"""

from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import (
    ActionRefused,
    NotAllowed,
    StaleWrite,
    TransitionConflict,
)
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role, UpdateState
from recommendations.models import AuditEvent, StatusUpdate, User
from tests.actions.drafts import FIRST, UpdateTestCase
from tests.base import RaceTestCase, make_person
from tests.threads import at_once, failures
from tests.updates import begin_draft, save_draft, submit


class HandOverTests(UpdateTestCase):
    def hand_over(self, to: User, by: User, **values) -> StatusUpdate:
        update = values.get("update", self.draft)
        return drafts.hand_over(update=update, to=to, by=by, expected_version=update.version)

    def test_the_author_or_a_manager_gives_it_to_somebody_who_may_log_there(self):
        for by in (self.staff, self.manager):
            for to in (
                make_person(f"to_by_{by.username}", Role.STAFF, self.ministry),
                self.manager,
            ):
                with self.subTest(by=by.username, to=to.username):
                    update = begin_draft(
                        recommendation=self.recommendation, by=self.staff, values=FIRST
                    )
                    given = self.hand_over(to, by, update=update)
                    self.assertEqual(given.author, to)
                    self.assertEqual(given.last_editor, self.staff)
                    self.assertEqual(given.state, UpdateState.DRAFT)

    def test_the_new_author_edits_and_the_old_one_no_longer_does(self):
        given = self.hand_over(self.manager, self.staff)
        with self.assertRaises(NotAllowed):
            save_draft(update=given, by=self.staff, expected_version=given.version, values={})
        saved = save_draft(
            update=given,
            by=self.manager,
            expected_version=given.version,
            values={"remaining": "Much"},
        )
        self.assertEqual(set(saved.editors.all()), {self.staff, self.manager})

    def test_nobody_else_gives_it_away(self):
        for by in (self.other_staff, self.viewer, self.administrator):
            with self.subTest(by.username), self.assertRaises(NotAllowed):
                self.hand_over(self.manager, by)
        self.assert_nothing_written()

    def test_it_is_not_given_to_somebody_who_may_not_log_there(self):
        gone = make_person("gone", Role.STAFF, self.ministry, is_active=False)
        for to in (self.other_staff, self.viewer, self.administrator, self.stranger, gone):
            with self.subTest(to.username), self.assertRaises(ValidationError) as refusal:
                self.hand_over(to, self.staff)
            self.assertEqual(list(refusal.exception.message_dict), ["to"])
        self.assert_nothing_written()

    def test_what_is_submitted_is_not_given_away(self):
        update = self.submitted()
        with self.assertRaises(TransitionConflict):
            self.hand_over(self.manager, self.staff, update=update)

    def test_it_is_not_given_to_the_manager_who_returned_it(self):
        update = self.submitted()
        returned = decisions.return_update(update=update, by=self.manager, note="More, please.")
        with self.assertRaises(ValidationError) as refusal:
            self.hand_over(self.manager, self.staff, update=returned)
        self.assertIn("returned this update", str(refusal.exception))
        given = self.hand_over(self.other_manager, self.staff, update=returned)
        self.assertEqual(given.author, self.other_manager)

    def test_a_stale_window_gives_nothing_away(self):
        save_draft(
            update=self.draft,
            by=self.staff,
            expected_version=self.draft.version,
            values={"remaining": "x"},
        )
        with self.assertRaises(StaleWrite) as stale:
            self.hand_over(self.manager, self.staff)
        self.assertEqual(stale.exception.differences, [])
        self.assertEqual(self.stored().author, self.staff)


class SubmitTests(UpdateTestCase):
    def submit(self, by: User, **values) -> StatusUpdate:
        return submit(
            update=self.draft,
            by=by,
            expected_version=values.pop("expected_version", self.draft.version),
            **values,
        )

    def test_the_author_submits_with_the_last_words_in_the_same_move(self):
        update = self.submit(self.staff, values={"what_happened": "At last"})
        self.assertEqual(update.state, UpdateState.SUBMITTED)
        self.assertEqual(update.what_happened, "At last")
        self.assertEqual(update.submitted_at, update.updated_at)
        self.assertEqual(self.verbs(), ["submit"])

    def test_it_always_works_however_much_approval_still_needs(self):
        update = self.submit(
            self.staff, values={"implementation_status": "implemented", "confidence": "red"}
        )
        self.assertEqual(update.state, UpdateState.SUBMITTED)

    def test_it_needs_to_say_where_the_matter_stands(self):
        for values in ({"implementation_status": ""}, {"implementation_status": None}):
            with self.subTest(values), self.assertRaises(ValidationError) as refusal:
                self.submit(self.staff, values=values)
            self.assertEqual(list(refusal.exception.message_dict), ["implementation_status"])
        self.assert_nothing_written()

    def test_nobody_but_the_author_submits(self):
        for person in (self.manager, self.other_staff, self.administrator, self.viewer):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.submit(person)
        self.assert_nothing_written()

    def test_a_second_press_is_told_that_it_is_submitted_and_writes_nothing(self):
        seen = self.draft.version
        update = self.submit(self.staff)
        events = AuditEvent.objects.count()
        with self.assertRaises(TransitionConflict) as conflict:
            self.submit(self.staff, expected_version=seen)
        self.assertIn("awaiting review", str(conflict.exception))
        self.assertEqual(AuditEvent.objects.count(), events)
        self.assertEqual(self.stored().version, update.version)

    def test_a_returned_update_is_submitted_again_without_the_decision(self):
        update = self.submit(self.staff)
        returned = decisions.return_update(update=update, by=self.manager, note="More, please.")
        again = submit(
            update=returned,
            by=self.staff,
            expected_version=returned.version,
            values={"remaining": "More"},
        )
        self.assertEqual(again.state, UpdateState.SUBMITTED)
        self.assertEqual(
            (again.decided_by, again.decided_at, again.decision_note), (None, None, "")
        )
        self.assertEqual(
            AuditEvent.objects.get(verb="return").object_id, str(again.pk), "and the note stays"
        )

    def test_a_stale_window_submits_nothing(self):
        seen = self.draft.version
        save_draft(
            update=self.draft,
            by=self.staff,
            expected_version=seen,
            values={"what_happened": "Newer"},
        )
        with self.assertRaises(StaleWrite) as stale:
            self.submit(self.staff, expected_version=seen, values={"what_happened": "Older"})
        [difference] = stale.exception.differences
        self.assertEqual((difference.before, difference.after), ("Newer", "Older"))
        self.assertEqual(self.stored().state, UpdateState.DRAFT)


class SaveUpdateTests(UpdateTestCase):
    """Content, evidence and submission in one transaction."""

    ITEM = EvidenceInput(
        stance="supports", values={"title": "A law", "kind": "document", "citation": "Section 1"}
    )

    def save(self, update: StatusUpdate | None = None, **given: Any) -> StatusUpdate:
        update = update or self.draft
        values = {"update": update, "by": self.staff, "values": FIRST, **given}
        return drafts.save_update(**{"expected_version": update.version, **values})

    def test_begun_with_evidence_and_submitted_at_once(self):
        update = self.save(
            StatusUpdate(recommendation=self.recommendation), evidence=[self.ITEM], is_final=True
        )
        self.assertEqual(update.state, UpdateState.SUBMITTED)
        self.assertEqual(update.evidence_links.get().evidence.title, "A law")
        self.assertEqual(self.verbs(), ["draft", "create", "attach", "submit"])

    def test_what_is_refused_takes_all_of_it_back(self):
        wrong = EvidenceInput(stance="need", values={"title": "x", "kind": "document"})
        for given in (
            {"evidence": [self.ITEM, wrong]},
            {"evidence": [self.ITEM], "values": {"implementation_status": ""}, "is_final": True},
            {"evidence": [self.ITEM], "values": {"remaining": "x"}, "expected_version": 7},
        ):
            with self.subTest(given), self.assertRaises((ValidationError, StaleWrite)):
                self.save(**given)
        self.assert_nothing_written()
        self.assertFalse(self.draft.evidence_links.exists())

    def test_a_new_item_that_is_sent_twice_is_recorded_once(self):
        self.save(evidence=[self.ITEM])
        self.save(evidence=[self.ITEM], values={"remaining": "x"})
        self.assertEqual(self.draft.evidence_links.count(), 1)

    def test_the_same_words_write_nothing_but_are_submitted_from_an_old_version(self):
        seen = self.draft.version
        saved = self.save(values={"remaining": "More"})
        self.assertEqual(self.save(values={"remaining": "More"}, expected_version=seen), saved)
        self.assertEqual(self.verbs(), ["save"])
        done = self.save(values={"remaining": "More"}, expected_version=seen, is_final=True)
        self.assertEqual(done.state, UpdateState.SUBMITTED)

    def test_a_submission_reads_its_row_once(self):
        with CaptureQueriesContext(connection) as queries:
            self.save(values={"what_happened": "At last"}, is_final=True)
        table = '"recommendations_statusupdate"'
        of_the_row = (f'WHERE {table}."key" = ', f'WHERE {table}."id" = {self.draft.pk} ')
        reads = [
            query["sql"]
            for query in queries
            if query["sql"].startswith("SELECT") and any(of in query["sql"] for of in of_the_row)
        ]
        self.assertEqual(len(reads), 1, reads)


class WithdrawTests(UpdateTestCase):
    def withdraw(self, by: User, update: StatusUpdate) -> StatusUpdate:
        return drafts.withdraw_update(update=update, by=by, expected_version=update.version)

    def returned(self) -> StatusUpdate:
        update = self.submitted()
        return decisions.return_update(update=update, by=self.manager, note="More, please.")

    def test_the_author_takes_it_back_until_it_is_decided_and_it_stays_on_record(self):
        for state, make in (
            ("draft", lambda: begin_draft(recommendation=self.recommendation, by=self.staff)),
            ("submitted", lambda: self.make_submitted(self.recommendation)),
            ("returned", self.returned),
        ):
            with self.subTest(state):
                update = self.withdraw(self.staff, make())
                self.assertEqual(update.state, UpdateState.WITHDRAWN)
                self.assertTrue(StatusUpdate.objects.filter(pk=update.pk).exists())

    def test_what_is_approved_or_withdrawn_already_is_not_taken_back(self):
        approved = self.make_approved(self.recommendation)
        withdrawn = self.withdraw(self.staff, self.draft)
        for update in (approved, withdrawn):
            with self.subTest(update.state), self.assertRaises(TransitionConflict):
                self.withdraw(self.staff, update)

    def test_nobody_else_takes_it_back(self):
        for person in (self.manager, self.other_staff, self.administrator, self.viewer):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.withdraw(person, self.draft)
        self.assert_nothing_written()

    def test_it_is_taken_back_even_when_the_recommendation_is_archived(self):
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        self.assertEqual(self.withdraw(self.staff, self.draft).state, UpdateState.WITHDRAWN)

    def test_whoever_returned_it_is_not_said_to_have_withdrawn_it(self):
        withdrawn = self.withdraw(self.staff, self.returned())
        with self.assertRaises(TransitionConflict) as conflict:
            decisions.approve_update(update=withdrawn, by=self.manager)
        self.assertIn("withdrawn since", str(conflict.exception))
        self.assertNotIn("Manager", str(conflict.exception))

    def test_nothing_is_done_with_it_afterwards(self):
        update = self.withdraw(self.staff, self.draft)
        shown = {"expected_version": update.version}
        moves = (
            partial(save_draft, by=self.staff, values={}, **shown),
            partial(submit, by=self.staff, **shown),
            partial(drafts.hand_over, by=self.staff, to=self.manager, **shown),
            partial(decisions.approve_update, by=self.manager),
            partial(decisions.return_update, by=self.manager, note="x"),
        )
        for move in moves:
            with self.subTest(move.func.__name__), self.assertRaises(ActionRefused):
                move(update=update)


class RaceTests(RaceTestCase):
    def test_a_form_that_is_sent_twice_at_the_same_moment_begins_one(self):
        recommendation = self.make_recommendation()
        key = uuid4()
        begin = partial(begin_draft, recommendation=recommendation, by=self.staff, key=key)
        outcomes = at_once([begin] * 4)
        self.assertEqual(failures(outcomes), [])
        self.assertEqual(StatusUpdate.objects.get(key=key).version, 1)

    def test_two_windows_that_save_at_the_same_moment_keep_one_text_and_show_both(self):
        recommendation = self.make_recommendation()
        draft = begin_draft(recommendation=recommendation, by=self.staff)

        def save(text: str) -> StatusUpdate:
            return save_draft(
                update=draft,
                by=self.staff,
                expected_version=draft.version,
                values={"what_happened": text},
            )

        outcomes = at_once([partial(save, "One"), partial(save, "Two")])
        [stale] = failures(outcomes)
        self.assertIsInstance(stale, StaleWrite)
        kept = StatusUpdate.objects.get(pk=draft.pk).what_happened
        [difference] = stale.differences
        self.assertEqual(difference.before, kept)
        self.assertEqual({difference.before, difference.after}, {"One", "Two"})
