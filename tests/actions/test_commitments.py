"""Responses and actions: who may, what is refused, what is left on record, what never moves."""

from typing import Any

from django.core.exceptions import ValidationError

from recommendations import audit
from recommendations.actions import recommendations, responses
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AuditEvent,
    Recommendation,
    RecommendationState,
    Response,
    User,
)
from tests.base import TrackerTestCase, days_ago


class CommitmentTestCase(TrackerTestCase):
    addressees: list[Addressee]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        areas = [
            Area.objects.create(code=f"area-{n}", name=f"Area {n}", kind="country") for n in "123"
        ]
        cls.addressees = [
            Addressee.objects.create(recommendation=cls.recommendation, area=area) for area in areas
        ]

    def record(self, *numbers: int, by: User | None = None, **values: Any) -> list[Response]:
        seen = values.pop("expected_version", None)
        return responses.record_responses(
            addressees=[self.addressees[n - 1] for n in numbers],
            by=by or self.staff,
            values={"position": "accepted", "since": days_ago(3), **values},
            expected_version=seen,
        )

    def standing(self) -> Any:
        found = Recommendation.objects.values_list("current_update", "version", "next_due_on")
        return found.get(pk=self.recommendation.pk)


class ResponseTests(CommitmentTestCase):
    def test_one_answer_of_many_is_a_row_and_an_event_of_each(self) -> None:
        made = self.record(1, 2, 3)
        self.assertEqual([row.position for row in made], ["accepted"] * 3)
        events = AuditEvent.objects.filter(verb="respond")
        self.assertEqual(events.count(), 3)
        for event in events:
            self.assertEqual(event.recommendation_id, self.recommendation.pk)
            self.assertEqual(event.actor, self.staff)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_a_change_is_a_new_row_and_the_newest_counts(self) -> None:
        self.record(1, position="awaiting", due_on=days_ago(-30))
        self.record(1)
        self.record(1, position="withdrawn")
        self.assertEqual(Response.objects.count(), 3)
        current = Response.objects.current()
        self.assertEqual([row.position for row in current], ["withdrawn"])

    def test_considering_or_noting_neither_accepts_nor_rejects(self) -> None:
        self.record(1, position="under_consideration")
        self.record(2, position="noted")
        kept = RecommendationState.objects.get(pk=self.recommendation.pk)
        self.assertEqual(
            (
                kept.addressed,
                kept.said_accepted,
                kept.said_in_part,
                kept.said_neither,
                kept.said_no,
            ),
            (3, 0, 0, 2, 0),
        )

    def test_it_never_moves_the_status(self) -> None:
        before = self.standing()
        self.record(1, 2, 3)
        self.assertEqual(self.standing(), before)

    def test_all_or_nothing(self) -> None:
        gone = self.addressees[1]
        Addressee.objects.filter(pk=gone.pk).update(
            removed_at="2024-01-01T00:00Z", removed_by=self.manager
        )
        with self.assertRaises(ValidationError) as refusal:
            self.record(1, 2, 3)
        self.assertIn("is no longer an addressee", str(refusal.exception))
        self.assertFalse(Response.objects.exists())
        self.assertFalse(AuditEvent.objects.filter(verb="respond").exists())

    def test_nobody_chosen(self) -> None:
        with self.assertRaises(ValidationError):
            self.record()

    def test_what_is_refused(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"since": days_ago(-1)},
            {"position": "accepted_in_part"},
            {"position": "accepted", "part_accepted": "Half."},
            {"position": "rejected"},
            {"position": "accepted", "due_on": days_ago(-1)},
            {"position": "maybe"},
            {"reason": "a\0b"},
        ]
        for values in wrong:
            with self.subTest(values), self.assertRaises(ValidationError):
                self.record(1, 2, **values)
        self.assertFalse(Response.objects.exists())

    def test_who_may(self) -> None:
        for person in (self.staff, self.manager, self.other_manager):
            self.record(1, by=person)
        self.record(1, by=self.administrator)
        outsiders = (self.other_staff, self.viewer, self.auditor, self.stranger)
        for person in outsiders:
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.record(1, by=person)
        self.assertEqual(Response.objects.count(), 4)

    def test_nobody_for_what_is_archived(self) -> None:
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        with self.assertRaises(NotAllowed):
            self.record(1, by=self.manager)

    def test_who_may_on_one_may_not_on_another(self) -> None:
        """One addressee of a recommendation that is not theirs spoils the whole."""
        foreign = self.make_recommendation("Theirs", lead=self.agency, lead_officer=None)
        other = Addressee.objects.create(recommendation=foreign, organisation=self.ministry)
        with self.assertRaises(NotAllowed):
            responses.record_responses(
                addressees=[*self.addressees, other],
                by=self.staff,
                values={"position": "accepted", "since": days_ago(3)},
            )
        self.assertFalse(Response.objects.exists())

    def test_what_somebody_else_recorded_meanwhile_is_told_and_nothing_written(self) -> None:
        seen = self.record(1)[0].pk
        self.record(2, by=self.manager, position="rejected", reason="Too dear.")
        with self.assertRaises(StaleWrite) as refusal:
            self.record(1, 2, 3, expected_version=seen)
        (difference,) = refusal.exception.differences
        self.assertEqual(difference.label, "Area 2")
        self.assertIn("Rejected", difference.before)
        self.assertIn("Accepted", difference.after)
        self.assertEqual(Response.objects.count(), 2)
        # Of those that nobody touched nothing is stale.
        self.record(1, 3, expected_version=seen)
        self.assertEqual(Response.objects.count(), 4)

    def test_the_same_form_sent_twice_records_once(self) -> None:
        self.record(1, 2, expected_version=0)
        with self.assertRaises(StaleWrite):
            self.record(1, 2, expected_version=0)
        self.assertEqual(Response.objects.count(), 2)


class ActionTests(CommitmentTestCase):
    def add(self, by: User | None = None, **values: Any) -> Action:
        return responses.add_action(
            recommendation=self.recommendation,
            by=by or self.staff,
            values={"title": "Write the law", **values},
        )

    def alter(self, action: Action, by: User | None = None, **values: Any) -> Action:
        seen = values.pop("expected_version", action.version)
        return responses.change_action(
            action=action, by=by or self.staff, expected_version=seen, values=values
        )

    def test_a_step_from_its_beginning_to_its_end(self) -> None:
        before = self.standing()
        action = self.add(due_on=days_ago(-9), owner="The ministry")
        self.assertEqual((action.slug, action.state), ("rep-1-write-the-law", "not_started"))
        action = self.alter(action, state="in_progress", started_on=days_ago(5))
        action = self.alter(action, state="done", done_on=days_ago(1))
        verbs = AuditEvent.objects.filter(object_type="recommendations.action")
        self.assertEqual(
            list(verbs.order_by("sequence").values_list("verb", flat=True)),
            ["add_action", "change_action", "change_action"],
        )
        self.assertEqual(action.version, 3)
        self.assertEqual(self.standing(), before)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_dropped_says_why_and_can_be_taken_up_again(self) -> None:
        action = self.add()
        with self.assertRaises(ValidationError):
            self.alter(action, state="dropped")
        action = self.alter(action, state="dropped", dropped_reason="Not needed.")
        action = self.alter(action, state="not_started", dropped_reason="")
        self.assertEqual(action.state, "not_started")

    def test_what_is_refused(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"title": ""},
            {"title": "a\nb"},
            {"title": "x" * 301},
            {"state": "done"},
            {"state": "done", "done_on": days_ago(-1)},
            {"state": "in_progress"},
            {"state": "in_progress", "started_on": days_ago(-1)},
            {"state": "done", "started_on": days_ago(1), "done_on": days_ago(2)},
            {"state": "lost"},
            {"dropped_reason": "Why."},
        ]
        for values in wrong:
            with self.subTest(values), self.assertRaises(ValidationError):
                self.add(**values)
        self.assertFalse(Action.objects.exists())
        with self.assertRaises(TypeError):
            self.add(slug="mine")

    def test_the_same_button_pressed_twice_adds_one(self) -> None:
        self.add()
        with self.assertRaises(ValidationError):
            self.add()
        self.assertEqual(Action.objects.count(), 1)

    def test_short_names_are_given_once(self) -> None:
        titles = ("Write the law", "Write the law!", "Write the law?")
        slugs = [self.add(title=title).slug for title in titles]
        self.assertEqual(
            slugs, ["rep-1-write-the-law", "rep-1-write-the-law-2", "rep-1-write-the-law-3"]
        )

    def test_a_stale_change_is_refused_with_what_the_other_wrote(self) -> None:
        action = self.add()
        self.alter(action, title="Write a better law")
        with self.assertRaises(StaleWrite) as refusal:
            self.alter(action, expected_version=1, title="Write a shorter law")
        (difference,) = refusal.exception.differences
        self.assertEqual(
            (difference.before, difference.after), ("Write a better law", "Write a shorter law")
        )

    def test_saving_without_a_change_leaves_no_event(self) -> None:
        action = self.add()
        self.alter(action, title=action.title, owner="")
        action.refresh_from_db()
        self.assertEqual(action.version, 1)
        self.assertFalse(AuditEvent.objects.filter(verb="change_action").exists())

    def test_who_may(self) -> None:
        action = self.add(by=self.manager)
        self.alter(action, by=self.staff, owner="Us")
        self.add(by=self.administrator, title="One of the administration")
        for person in (self.other_staff, self.viewer, self.auditor):
            with self.subTest(person.username):
                with self.assertRaises(NotAllowed):
                    self.add(by=person, title="Another")
                with self.assertRaises(NotAllowed):
                    self.alter(action, by=person, expected_version=2, owner="Me")
