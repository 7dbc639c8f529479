"""Beginning an update and saving its words."""

from datetime import timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import (
    NotAllowed,
    StaleWrite,
    TransitionConflict,
)
from recommendations.actions.updates import decisions, replacements
from recommendations.choices import Role, UpdateState
from recommendations.models import Addressee, Recommendation, StatusUpdate, User
from tests.actions.drafts import FIRST, UpdateTestCase
from tests.base import days_ago, make_person
from tests.updates import begin_draft, save_draft, submit


class DraftTests(UpdateTestCase):
    def begin(self, by: User, **values) -> StatusUpdate:
        return begin_draft(recommendation=self.recommendation, by=by, **values)

    def test_who_may_log_begins_a_draft(self):
        contributor = make_person("contributor", Role.STAFF, self.agency)
        officer = make_person("officer", Role.STAFF)
        self.recommendation.contributors.add(self.agency)
        Recommendation.objects.update(lead_officer=officer)
        for person in (self.staff, self.manager, self.other_manager, contributor, officer):
            with self.subTest(person.username):
                update = self.begin(person)
                self.assertEqual(update.state, UpdateState.DRAFT)
                self.assertEqual((update.author, update.last_editor), (person, person))
                self.assertEqual(list(update.editors.all()), [person])

    def test_nobody_else_begins_one(self):
        for person in (
            self.other_staff,
            self.viewer,
            self.auditor,
            self.administrator,
            self.stranger,
        ):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.begin(person)
        self.assert_nothing_written()

    def test_nobody_begins_one_on_what_is_archived(self):
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        for person in (self.staff, self.manager):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.begin(person)

    def test_somebody_who_was_deactivated_begins_none(self):
        self.staff.is_active = False
        self.staff.save()
        with self.assertRaises(NotAllowed):
            self.begin(self.staff)

    def test_it_speaks_of_today_unless_told_otherwise(self):
        self.assertEqual(self.begin(self.staff).as_of, timezone.localdate())
        earlier = self.begin(self.staff, values={"as_of": days_ago(3)})
        self.assertEqual(earlier.as_of, days_ago(3))

    def test_it_rests_on_the_update_in_force(self):
        self.assertIsNone(self.begin(self.staff).based_on)
        approved = self.make_approved(self.recommendation)
        self.assertEqual(self.begin(self.staff).based_on, approved)

    def test_it_leaves_one_event(self):
        self.begin(self.staff)
        self.assertEqual(self.verbs(), ["draft"])

    def test_a_form_that_is_sent_twice_begins_one(self):
        key = uuid4()
        first = self.begin(self.staff, key=key, values=FIRST)
        again = self.begin(self.staff, key=key, values=FIRST)
        self.assertEqual((again, again.version), (first, first.version))
        self.assertEqual(self.verbs(), ["draft"])

    def test_a_form_that_was_saved_in_the_background_continues_what_it_began(self):
        key = uuid4()
        first = self.begin(self.staff, key=key, values=FIRST)
        more = {**FIRST, "remaining": "Much"}
        self.assertEqual(self.begin(self.staff, key=key, values=more).pk, first.pk)
        self.assertEqual(self.stored(first).remaining, "Much")
        with self.assertRaises(StaleWrite) as stale:
            self.begin(self.staff, key=key, values=FIRST | {"remaining": "Little"})
        [difference] = stale.exception.differences
        self.assertEqual((difference.before, difference.after), ("Much", "Little"))

    def test_a_key_that_belongs_to_another_update_begins_nothing(self):
        elsewhere = self.make_recommendation("Do another thing")
        submitted = self.submitted()
        for by, recommendation in (
            (self.manager, self.recommendation),
            (self.staff, elsewhere),
            (self.staff, self.recommendation),
        ):
            with self.subTest(by=by.username), self.assertRaises(TransitionConflict) as conflict:
                begin_draft(recommendation=recommendation, by=by, key=submitted.key)
            self.assertEqual(conflict.exception.update, submitted)

    def test_it_may_speak_for_one_addressee_of_this_recommendation(self):
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        elsewhere = Addressee.objects.create(
            recommendation=self.make_recommendation("Do another thing"), organisation=self.agency
        )
        self.assertEqual(self.begin(self.staff, addressee=addressee).addressee, addressee)
        with self.assertRaises(ValidationError) as refusal:
            self.begin(self.staff, addressee=elsewhere)
        self.assertIn("addressee", refusal.exception.message_dict)

    def test_what_is_no_content_cannot_be_slipped_in(self):
        for name in ("state", "decided_by", "author", "recommendation", "version", "kind"):
            with self.subTest(name), self.assertRaises(TypeError):
                self.begin(self.staff, values={name: "approved"})


class ContentTests(UpdateTestCase):
    """What is asked of a draft already: days in order, and texts that can be read."""

    def assert_refused(self, field: str, **values: object) -> None:
        with self.subTest(**values), self.assertRaises(ValidationError) as refusal:
            save_draft(
                update=self.draft, by=self.staff, expected_version=self.draft.version, values=values
            )
        self.assertEqual(list(refusal.exception.message_dict), [field])
        self.assert_nothing_written()

    def test_days_that_are_out_of_order(self):
        tomorrow = timezone.localdate() + timedelta(days=1)
        self.assert_refused("as_of", as_of=tomorrow)
        self.assert_refused("completed_on", as_of=days_ago(2), completed_on=days_ago(1))
        self.assert_refused("completed_on", completed_on=tomorrow)

    def test_texts_that_are_too_long_or_cannot_be_shown(self):
        self.assert_refused("what_happened", what_happened="x" * 200_000)
        self.assert_refused("what_happened", what_happened="a\x00b")
        self.assert_refused("public_text", public_text="a\u202eb")
        self.assert_refused("response_owner", response_owner="one\ntwo")
        self.assert_refused("response_owner", response_owner="x" * 201)

    def test_codes_that_do_not_exist(self):
        self.assert_refused("implementation_status", implementation_status="done")
        self.assert_refused("confidence", confidence="blue")
        self.assert_refused("as_of", as_of=None)

    def test_a_recommendation_that_would_replace_itself(self):
        self.assert_refused("successor", successor=self.recommendation)

    def test_what_only_approval_asks_for_is_not_asked_of_a_draft(self):
        saved = save_draft(
            update=self.draft,
            by=self.staff,
            expected_version=self.draft.version,
            values={"implementation_status": "implemented", "confidence": "red"},
        )
        self.assertEqual(saved.implementation_status, "implemented")


class SaveTests(UpdateTestCase):
    def save(self, by: User, **values) -> StatusUpdate:
        return save_draft(
            update=self.draft,
            by=by,
            expected_version=values.pop("expected_version", self.draft.version),
            values=values or {"what_happened": "More"},
        )

    def test_the_author_saves(self):
        saved = self.save(self.staff, what_happened="More", confidence="red")
        self.assertEqual((saved.what_happened, saved.confidence), ("More", "red"))
        self.assertEqual(saved.version, self.draft.version + 1)
        self.assertIsNotNone(saved.updated_at)
        self.assertEqual(self.verbs(), ["save"])

    def test_nobody_else_saves_not_even_a_manager(self):
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        for person in (colleague, self.manager, self.administrator, self.viewer, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.save(person)
        self.assert_nothing_written()

    def test_two_windows_save_one_draft_and_the_second_sees_both_texts(self):
        seen = self.draft.version
        self.save(self.staff, what_happened="From the first window", confidence="green")
        with self.assertRaises(StaleWrite) as stale:
            self.save(
                self.staff,
                expected_version=seen,
                what_happened="From the second",
                confidence="amber",
            )
        shown = {each.field: (each.before, each.after) for each in stale.exception.differences}
        self.assertEqual(
            shown,
            {
                "what_happened": ("From the first window", "From the second"),
                "confidence": ("On track", "At risk"),
            },
        )
        self.assertEqual(stale.exception.current.what_happened, "From the first window")
        self.assertEqual(self.stored().what_happened, "From the first window")

    def test_only_a_draft_or_a_returned_update_is_saved(self):
        self.submitted()
        with self.assertRaises(TransitionConflict) as conflict:
            self.save(self.staff)
        self.assertIn("awaiting review", str(conflict.exception))
        self.assertEqual(self.stored().what_happened, "Mine")

    def test_it_is_not_saved_once_the_recommendation_is_archived_or_led_by_others(self):
        Recommendation.objects.update(lead=self.agency, lead_officer=None)
        with self.assertRaises(NotAllowed):
            self.save(self.staff)
        Recommendation.objects.update(lead=self.ministry)
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        with self.assertRaises(NotAllowed):
            self.save(self.staff)

    def test_the_rating_has_the_day_of_which_it_speaks(self):
        self.assertIsNone(self.save(self.staff, confidence="not_rated").rated_on)
        self.draft = self.stored()
        rated = self.save(self.staff, confidence="green", as_of=days_ago(4))
        self.assertEqual(rated.rated_on, days_ago(4))

    def test_it_rests_on_what_the_author_was_shown(self):
        approved = self.make_approved(
            self.recommendation, by=self.manager, decided_by=self.other_manager
        )
        draft = self.stored()

        def save(basis: int | None) -> StatusUpdate:
            return save_draft(
                update=draft,
                by=self.staff,
                expected_version=self.stored().version,
                values={},
                basis=basis,
            )

        self.assertIsNone(save(None).based_on, "nothing was shown")
        self.assertIsNone(save(0).based_on, "what was shown is not in force any more")
        self.assertEqual(save(approved.pk).based_on, approved)

    def test_it_can_rest_on_nothing_again_once_all_is_retracted(self):
        approved = self.make_approved(self.recommendation)
        draft = begin_draft(recommendation=self.recommendation, by=self.staff, values=FIRST)
        wrong = replacements.retract(update=approved, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=wrong, by=self.manager)
        saved = save_draft(
            update=draft, by=self.staff, expected_version=draft.version, values={}, basis=0
        )
        self.assertIsNone(saved.based_on)
        saved = submit(update=saved, by=self.staff, expected_version=saved.version)
        decisions.approve_update(update=saved, by=self.manager)
