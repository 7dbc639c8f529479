"""Approving and returning: who may, in which state, on what basis, and what follows."""

from datetime import UTC, date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import (
    ActionRefused,
    BasisChanged,
    NotAllowed,
    NotAsSeen,
    TransitionConflict,
)
from recommendations.actions.updates import decisions, drafts, replacements
from recommendations.choices import Role, UpdateState
from recommendations.models import Addressee, AuditEvent, Recommendation, StatusUpdate, User
from recommendations.queries.updates.shown import shown_update
from tests.base import TrackerTestCase, make_person
from tests.updates import begin_draft, save_draft, submit

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)


def approve(update: StatusUpdate, by: User, **values) -> StatusUpdate:
    return decisions.approve_update(update=update, by=by, **values)


def give_back(update: StatusUpdate, by: User, **values) -> StatusUpdate:
    return decisions.return_update(
        update=update,
        by=by,
        **{"note": "Name the day.", **values},
    )


DECISIONS = {"approve": approve, "return": give_back}


class DecisionTestCase(TrackerTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)

    def setUp(self):
        self.events_before = AuditEvent.objects.count()

    def stored(self) -> StatusUpdate:
        return StatusUpdate.objects.get(pk=self.update.pk)

    def standing(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def assert_undecided(self) -> None:
        self.assertEqual(self.stored().version, self.update.version)
        self.assertEqual(self.stored().state, UpdateState.SUBMITTED)
        self.assertEqual(AuditEvent.objects.count(), self.events_before)


class ApproveTests(DecisionTestCase):
    def test_a_manager_who_did_not_write_it_approves(self):
        for number, manager in enumerate((self.manager, self.other_manager)):
            with self.subTest(manager.username):
                update = self.make_submitted(self.make_recommendation(f"Thing {number}"))
                approved = approve(update, manager, note="Well done.")
                self.assertEqual(approved.state, UpdateState.APPROVED)
                self.assertEqual(approved.decided_by, manager)
                self.assertEqual(approved.decision_note, "Well done.")
                self.assertEqual(approved.version, update.version + 1)

    def test_it_comes_into_force_in_the_same_moment(self):
        approved = approve(self.update, self.manager)
        self.assertEqual(self.standing().current_update, approved)

    def test_it_leaves_one_event_with_the_note_as_its_reason(self):
        approve(self.update, self.manager, note="Well done.")
        [event] = AuditEvent.objects.filter(sequence__gt=self.events_before)
        self.assertEqual((event.verb, event.actor), ("approve", self.manager))
        self.assertEqual(event.reason.text if event.reason else "", "Well done.")

    def test_the_days_that_follow_from_it_are_set(self):
        recommendation = self.make_recommendation("Do another thing", at=MARCH, interval_months=3)
        self.assertEqual(recommendation.current_update, None)
        self.make_approved(recommendation, as_of=date(2024, 3, 31))
        recommendation.refresh_from_db()
        self.assertEqual(recommendation.next_due_on, date(2024, 6, 30))
        self.assertEqual(recommendation.rating_valid_until, date(2024, 7, 30))

    def test_what_is_closed_is_due_no_more(self):
        self.make_approved(
            self.recommendation,
            implementation_status="not_implemented",
            confidence="not_rated",
            closing_reason="No money.",
        )
        self.assertIsNone(self.standing().next_due_on)
        self.assertIsNone(self.standing().rating_valid_until)

    def test_an_older_day_approved_later_is_history(self):
        newer = approve(self.update, self.manager)
        older = self.make_approved(self.recommendation, as_of=date(2024, 2, 1))
        self.assertEqual(older.state, UpdateState.APPROVED)
        self.assertEqual(self.standing().current_update, newer)

    def test_the_state_of_one_addressee_is_not_the_state_overall(self):
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        approved = self.make_approved(self.recommendation, addressee=addressee)
        self.assertIsNone(self.standing().current_update)
        overall = approve(self.update, self.manager)
        self.assertEqual(self.standing().current_update, overall)
        scope = StatusUpdate.objects.of_scope(self.recommendation.pk, addressee.pk)
        now = timezone.now()
        self.assertEqual(scope.in_force(timezone.localdate(), now).first(), approved)

    def test_the_next_review_that_it_names_becomes_that_of_the_recommendation(self):
        recommendation = self.make_recommendation("Keep doing it", nature="continuous")
        self.make_approved(recommendation, review_on=date(2027, 1, 1))
        recommendation.refresh_from_db()
        self.assertEqual(recommendation.review_on, date(2027, 1, 1))
        self.make_approved(recommendation, review_on=date(2025, 1, 1), as_of=date(2024, 2, 1))
        recommendation.refresh_from_db()
        self.assertEqual(recommendation.review_on, date(2027, 1, 1), "history says nothing new")


class ReturnTests(DecisionTestCase):
    def test_a_manager_gives_it_back_with_a_note(self):
        returned = give_back(self.update, self.manager)
        self.assertEqual(returned.state, UpdateState.RETURNED)
        self.assertEqual(returned.decision_note, "Name the day.")
        self.assertEqual(returned.decided_by, self.manager)
        self.assertIsNone(self.standing().current_update)

    def test_it_is_not_given_back_without_a_word(self):
        for note in ("", " \n "):
            with self.subTest(note), self.assertRaises(ValidationError) as refusal:
                give_back(self.update, self.manager, note=note)
            self.assertEqual(list(refusal.exception.message_dict), ["note"])
        self.assert_undecided()

    def test_a_note_that_cannot_be_shown_or_has_no_end_is_refused(self):
        for name, decide in DECISIONS.items():
            for note in ("a\x00b", "a\u202eb", "x" * 200_000):
                with self.subTest(name, note=note[:3]), self.assertRaises(ValidationError) as no:
                    decide(self.update, self.manager, note=note)
                self.assertEqual(list(no.exception.message_dict), ["note"])
        self.assert_undecided()

    def test_whatever_it_lacks_it_can_be_given_back(self):
        update = self.make_submitted(self.recommendation, implementation_status="implemented")
        self.assertEqual(give_back(update, self.manager).state, UpdateState.RETURNED)


class RefusedDecisionTests(DecisionTestCase):
    """The same for both decisions: who may not, and when nobody may."""

    def assert_not_allowed(self, person: User, update: StatusUpdate | None = None) -> None:
        for name, decide in DECISIONS.items():
            with self.subTest(name, person=person.username), self.assertRaises(NotAllowed):
                decide(update or self.update, person)

    def test_nobody_without_the_role_decides(self):
        for person in (
            self.staff,
            self.other_staff,
            self.viewer,
            self.auditor,
            self.administrator,
            self.stranger,
        ):
            self.assert_not_allowed(person)
        self.assert_undecided()

    def test_a_superuser_decides_nothing_by_being_one(self):
        for person in (self.administrator, make_person("root", is_superuser=True, is_staff=True)):
            self.assertTrue(person.is_superuser)
            self.assert_not_allowed(person)
        self.assert_undecided()

    def test_a_manager_who_was_deactivated_decides_nothing(self):
        self.manager.is_active = False
        self.manager.save()
        self.assert_not_allowed(self.manager)

    def test_the_author_does_not_decide_even_as_manager_and_superuser(self):
        author = make_person("both", Role.MANAGER, self.ministry, is_superuser=True)
        self.assert_not_allowed(author, self.make_submitted(self.recommendation, by=author))

    def test_a_manager_who_wrote_an_earlier_version_does_not_decide(self):
        draft = begin_draft(recommendation=self.recommendation, by=self.manager)
        draft = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        update = submit(
            update=draft,
            by=self.staff,
            expected_version=draft.version,
            values={"implementation_status": "not_started"},
        )
        self.assertEqual((update.author, update.last_editor), (self.staff, self.staff))
        self.assert_not_allowed(self.manager, update)
        approve(update, self.other_manager)

    def test_a_manager_who_changed_the_text_of_staff_does_not_decide(self):
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        draft = drafts.hand_over(
            update=draft, to=self.manager, by=self.manager, expected_version=draft.version
        )
        draft = save_draft(
            update=draft,
            by=self.manager,
            expected_version=draft.version,
            values={"implementation_status": "not_started"},
        )
        draft = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        update = submit(update=draft, by=self.staff, expected_version=draft.version)
        self.assert_not_allowed(self.manager, update)
        approve(update, self.other_manager)

    def test_only_what_is_submitted_is_decided(self):
        withdrawn = self.make_submitted(self.recommendation)
        cases = {
            "draft": begin_draft(recommendation=self.recommendation, by=self.staff),
            "returned": give_back(self.make_submitted(self.recommendation), self.manager),
            "approved": self.make_approved(self.recommendation),
            "withdrawn": drafts.withdraw_update(
                update=withdrawn, by=self.staff, expected_version=withdrawn.version
            ),
        }
        for state, update in cases.items():
            for name, decide in DECISIONS.items():
                with self.subTest(name, state=state), self.assertRaises(TransitionConflict):
                    decide(update, self.other_manager)

    def test_nothing_is_decided_on_what_is_archived(self):
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        for name, decide in DECISIONS.items():
            with self.subTest(name), self.assertRaises(ActionRefused) as refusal:
                decide(self.update, self.manager)
            self.assertIn("REP-1 is archived", str(refusal.exception))

    def test_the_second_decision_is_told_who_decided_and_when(self):
        decided = approve(self.update, self.manager)
        assert decided.decided_at
        for name, decide in DECISIONS.items():
            with self.subTest(name), self.assertRaises(TransitionConflict) as conflict:
                decide(self.update, self.other_manager)
            message = str(conflict.exception)
            self.assertIn("approved by Manager", message)
            self.assertIn(f"{decided.decided_at:%H:%M:%S}", message)
            self.assertEqual(conflict.exception.update.decided_by, self.manager)
        self.assertEqual(self.stored().decided_by, self.manager)

    def test_a_window_that_shows_an_earlier_version_decides_nothing(self):
        seen = shown_update(self.update, None, [])
        returned = give_back(self.update, self.manager)
        again = submit(
            update=returned,
            by=self.staff,
            expected_version=returned.version,
            values={"remaining": "More"},
        )
        for name, decide in DECISIONS.items():
            with self.subTest(name), self.assertRaises(NotAsSeen) as refusal:
                decide(self.update, self.other_manager, seen=seen)
            self.assertIn("More", [change.after for change in refusal.exception.changes])
        approve(again, self.other_manager, seen=shown_update(again, None, []))


class BasisTests(DecisionTestCase):
    """Nothing is approved over something that its author did not know."""

    def test_an_update_that_came_into_force_since_is_shown(self):
        other = self.make_submitted(
            self.recommendation, confidence="not_rated", what_happened="A treaty."
        )
        newer = approve(other, self.manager)
        with self.assertRaises(BasisChanged) as refusal:
            approve(self.update, self.manager)
        error = refusal.exception
        self.assertEqual((error.update, error.in_force), (self.update, newer))
        shown = {each.field: (each.before, each.after) for each in error.differences}
        self.assertEqual(shown["what_happened"], ("", "A treaty."))
        self.assertEqual(self.stored().state, UpdateState.SUBMITTED)

    def test_only_what_differs_is_shown_with_the_words_of_the_pages(self):
        first = approve(self.update, self.manager)
        waiting = self.make_submitted(self.recommendation)
        self.assertEqual(waiting.based_on, first)
        self.make_approved(
            self.recommendation, confidence="red", asked_for="A decision.", as_of=first.as_of
        )
        with self.assertRaises(BasisChanged) as refusal:
            approve(waiting, self.manager)
        shown = {each.field: (each.before, each.after) for each in refusal.exception.differences}
        self.assertEqual(
            shown, {"confidence": ("On track", "Off track"), "asked_for": ("", "A decision.")}
        )

    def test_an_update_that_was_retracted_since_is_shown(self):
        first = approve(self.update, self.manager)
        waiting = self.make_submitted(self.recommendation)
        wrong = replacements.retract(update=first, by=self.staff, reason="Another meeting.")
        approve(wrong, self.manager)
        with self.assertRaises(BasisChanged) as refusal:
            approve(waiting, self.manager)
        self.assertIsNone(refusal.exception.in_force)
        shown = {each.field: (each.before, each.after) for each in refusal.exception.differences}
        self.assertEqual(shown["implementation_status"], ("In progress", ""))

    def test_history_that_came_in_late_is_no_reason_to_refuse(self):
        first = approve(self.update, self.manager)
        waiting = self.make_submitted(self.recommendation)
        self.make_approved(self.recommendation, as_of=date(2024, 2, 1))
        self.assertEqual(waiting.based_on, first)
        self.assertEqual(approve(waiting, self.manager).state, UpdateState.APPROVED)

    def test_it_is_given_back_all_the_same_and_the_author_rests_it_on_the_newer(self):
        newer = self.make_approved(self.recommendation)
        returned = give_back(self.update, self.manager)
        again = submit(
            update=returned, by=self.staff, expected_version=returned.version, basis=newer.pk
        )
        self.assertEqual(again.based_on, newer)
        self.assertEqual(approve(again, self.manager).state, UpdateState.APPROVED)

    def test_addressees_do_not_stand_in_each_others_way(self):
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        self.make_approved(self.recommendation, addressee=addressee)
        self.assertEqual(approve(self.update, self.manager).state, UpdateState.APPROVED)
