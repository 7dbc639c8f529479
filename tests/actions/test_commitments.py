"""Responses and actions: what is refused, what is left on record, what never moves."""

from functools import partial
from typing import Any

from recommendations import audit
from recommendations.actions import responses
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.models import (
    Action,
    Addressee,
    Recommendation,
    RecommendationState,
    Response,
)
from tests.actions.acts import ActTestCase
from tests.base import days_ago


class CommitmentTestCase(ActTestCase):
    addressees: list[Addressee]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        areas = [cls.make_area(f"area-{n}", name=f"Area {n}", kind="country") for n in "123"]
        cls.addressees = [cls.address(area=area) for area in areas]

    def record(
        self, *numbers: int, by: Any = None, seen: int | None = None, **values: Any
    ) -> list[Response]:
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
    def test_one_answer_of_many_is_a_row_and_an_event_of_each_and_never_moves_the_status(self):
        before = self.standing()
        made = self.record(1, 2, 3)
        self.assertEqual([row.position for row in made], ["accepted"] * 3)
        for event in self.events():
            about = (event.verb, event.recommendation_id, event.actor)
            self.assertEqual(about, ("respond", self.recommendation.pk, self.staff))
        self.assertEqual(len(self.events()), 3)
        self.assertEqual(self.standing(), before)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_a_change_is_a_new_row_and_the_newest_counts(self):
        self.record(1, position="awaiting", due_on=days_ago(-30))
        self.record(1)
        self.record(1, position="withdrawn")
        self.assertEqual(Response.objects.count(), 3)
        current = Response.objects.current()
        self.assertEqual([row.position for row in current], ["withdrawn"])

    def test_considering_or_noting_neither_accepts_nor_rejects(self):
        self.record(1, position="under_consideration")
        self.record(2, position="noted")
        kept = RecommendationState.objects.get(pk=self.recommendation.pk)
        names = ("addressed", "said_accepted", "said_in_part", "said_neither", "said_no")
        self.assertEqual(self.held(kept, *names), (3, 0, 0, 2, 0))

    def test_what_is_refused_of_one_is_recorded_of_none(self):
        for field, values in (
            ("since", {"since": days_ago(-1)}),
            ("part_accepted", {"position": "accepted_in_part"}),
            ("part_accepted", {"position": "accepted", "part_accepted": "Half."}),
            ("reason", {"position": "rejected"}),
            ("due_on", {"position": "accepted", "due_on": days_ago(-1)}),
            ("position", {"position": "maybe"}),
            ("reason", {"reason": "a\0b"}),
        ):
            self.refused(field, partial(self.record, 1, 2, **values))
        self.refused("addressees", self.record)
        Addressee.objects.filter(pk=self.addressees[1].pk).update(
            removed_at="2024-01-01T00:00Z", removed_by=self.manager
        )
        self.refused("addressees", self.record, 1, 2, 3, words="is no longer an addressee")
        foreign = self.make_recommendation("Theirs", lead=self.agency, lead_officer=None)
        self.addressees.append(self.address(foreign, organisation=self.ministry))
        self.refused(NotAllowed, self.record, 1, 3, 4)
        self.assertFalse(Response.objects.exists())

    def test_what_another_person_recorded_meanwhile_is_told_and_nothing_written(self):
        seen = self.record(1)[0].pk
        self.record(2, by=self.manager, position="rejected", reason="Too dear.")
        stale = self.refused(StaleWrite, partial(self.record, 1, 2, 3, seen=seen))
        (difference,) = stale.differences
        self.assertEqual(difference.label, "Area 2")
        self.assertIn("Rejected", difference.before)
        self.assertIn("Accepted", difference.after)
        # Of those that nobody touched nothing is stale.
        self.record(1, 3, seen=seen)
        self.refused(StaleWrite, partial(self.record, 1, 3, seen=seen))
        self.assertEqual(Response.objects.count(), 4)

    def test_the_same_form_sent_twice_records_once(self):
        self.record(1, 2, seen=0)
        self.refused(StaleWrite, partial(self.record, 1, 2, seen=0))


class ActionTests(CommitmentTestCase):
    def add(self, **values: Any) -> Action:
        return responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "Write the law", **values},
        )

    def alter(self, action: Action, seen: int = 0, **values: Any) -> Action:
        seen = seen or action.version
        return responses.change_action(
            action=action, by=self.staff, expected_version=seen, values=values
        )

    def test_a_step_from_its_beginning_to_its_end(self):
        before = self.standing()
        action = self.add(due_on=days_ago(-9), owner="The ministry")
        self.assertEqual((action.slug, action.state), ("rep-1-write-the-law", "not_started"))
        self.refused("dropped_reason", partial(self.alter, action, state="dropped"))
        for version, values in enumerate(
            (
                {"state": "dropped", "dropped_reason": "Not needed."},
                {"state": "not_started", "dropped_reason": ""},
                {"state": "in_progress", "started_on": days_ago(5)},
                {"state": "done", "done_on": days_ago(1)},
            ),
            start=2,
        ):
            action = self.alter(action, **values)
            self.assertEqual((action.version, action.state), (version, values["state"]))
        self.alter(action, title=action.title, owner="The ministry")
        self.assertEqual(self.verbs(), ["add_action", *["change_action"] * 4])
        self.assertEqual(self.standing(), before)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_what_is_refused(self):
        for field, values in (
            ("title", {"title": ""}),
            ("title", {"title": "a\nb"}),
            ("title", {"title": "x" * 301}),
            ("done_on", {"state": "done"}),
            ("done_on", {"state": "done", "done_on": days_ago(-1)}),
            ("started_on", {"state": "in_progress"}),
            ("started_on", {"state": "in_progress", "started_on": days_ago(-1)}),
            ("__all__", {"state": "done", "started_on": days_ago(1), "done_on": days_ago(2)}),
            ("state", {"state": "lost"}),
            ("__all__", {"dropped_reason": "Why."}),
        ):
            self.refused(field, partial(self.add, **values))
        self.refused(TypeError, partial(self.add, slug="mine"))

    def test_short_names_are_given_once_and_the_same_title_is_refused(self):
        titles = ("Write the law", "Write the law!", "Write the law?")
        slugs = [self.add(title=title).slug for title in titles]
        first = "rep-1-write-the-law"
        self.assertEqual(slugs, [first, f"{first}-2", f"{first}-3"])
        self.refused("title", self.add)

    def test_a_stale_change_is_refused_with_what_the_other_wrote(self):
        action = self.add()
        self.alter(action, title="Write a better law")
        late = partial(self.alter, action, 1, title="Write a shorter law")
        stale = self.refused(StaleWrite, late)
        shown = {"title": ("Write a better law", "Write a shorter law")}
        self.assertEqual(self.shown(stale.differences), shown)
