"""Everything of one person goes to another: afterwards nothing of theirs is left waiting."""

import json
from typing import Any

from django.core import mail
from django.db.models import Q
from django.utils import timezone

from recommendations import audit
from recommendations.actions import dates, people, recommendations
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.updates import decisions
from recommendations.choices import DateChangeState, Role, UpdateState
from recommendations.models import AuditEvent, Recommendation, StatusUpdate, TargetDateChange, User
from recommendations.queries.people import Workload, hand_over_obstacles, workload_of
from recommendations.queries.updates.my_work import written_by
from tests.base import TrackerTestCase, days_ago, make_person
from tests.mail import sending
from tests.updates import begin_draft


class HandoverTestCase(TrackerTestCase):
    """``staff`` has something of every kind on their hands; ``heir`` sits in the same ministry."""

    heir: User
    second: Recommendation
    third: Recommendation
    draft: StatusUpdate
    submitted: StatusUpdate
    returned: StatusUpdate
    orphaned_updates: StatusUpdate
    request: TargetDateChange

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        Recommendation.objects.update(reviewer=cls.manager)
        cls.second = cls.make_recommendation("Do another thing")
        cls.third = cls.make_recommendation("Do a third thing")
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)
        cls.submitted = cls.make_submitted(cls.second)
        returned = cls.make_submitted(cls.third)
        cls.returned = decisions.return_update(
            update=returned, by=cls.manager, note="Name the day."
        )
        dates.set_first(
            recommendation=cls.second,
            by=cls.manager,
            new_date=days_ago(-100),
            reason="As the source says.",
        )
        cls.request = dates.request(
            recommendation=cls.second, by=cls.staff, new_date=days_ago(-200), reason="It is late."
        )
        old = cls.make_recommendation("Do an old thing")
        cls.orphaned_updates = begin_draft(recommendation=old, by=cls.staff)
        recommendations.archive(recommendation=old, by=cls.manager, reason="duplicate")

    def hand_over(self, of: User | None = None, to: User | None = None, **values: Any) -> Workload:
        of = of or self.staff
        given = {"by": self.administrator, "expected": workload_of(of).digest, **values}
        return people.hand_over_all(of=of, to=to or self.heir, **given)

    def assert_nothing_waits(self, person: User) -> None:
        self.assertEqual(workload_of(person).count, 0)
        self.assertEqual(sum(map(len, written_by(person).values())), 0)
        followed = Recommendation.objects.followed()
        self.assertFalse(followed.filter(Q(lead_officer=person) | Q(reviewer=person)).exists())
        self.assertFalse(
            TargetDateChange.objects.filter(
                requested_by=person, state=DateChangeState.REQUESTED
            ).exists()
        )


class HandedOverTests(HandoverTestCase):
    def test_nothing_is_left_waiting(self) -> None:
        load = self.hand_over(is_deactivated=True)
        self.assertEqual(
            (len(load.officer_of), len(load.drafts), len(load.returned), len(load.submitted)),
            (3, 1, 1, 1),
        )
        self.assertEqual((len(load.date_requests), len(load.orphaned_updates)), (1, 1))
        self.assert_nothing_waits(self.staff)
        work = written_by(self.heir)
        self.assertEqual({state: len(rows) for state, rows in work.items()}, dict.fromkeys(work, 1))
        self.orphaned_updates.refresh_from_db()
        self.assertEqual(self.orphaned_updates.state, UpdateState.WITHDRAWN)
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_active)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_one_event_a_thing_and_one_that_tells_of_it_all(self) -> None:
        first = AuditEvent.objects.count()
        self.hand_over(reason="She leaves the office.", is_deactivated=True)
        events = list(AuditEvent.objects.order_by("sequence")[first:])
        verbs = [event.verb for event in events]
        self.assertEqual(
            verbs,
            ["change_hands"] * 3
            + ["hand_over"] * 3
            + ["withdraw", "hand_over", "hand_over_all", "deactivate"],
        )
        told = events[-2]
        self.assertEqual(
            (told.object_type, told.object_id), ("recommendations.user", str(self.staff.pk))
        )
        assert told.reason
        self.assertEqual(told.reason.text, "She leaves the office.")
        changes = json.loads(told.payload)["changes"]
        self.assertEqual(changes["to"], [None, self.heir.pk])
        self.assertEqual(len(changes["updates"][1]), 3)
        self.assertEqual(changes["date_changes"], [None, [self.request.pk]])

    def test_neither_of_the_two_decides_on_what_changed_hands(self) -> None:
        other = make_person("boss", Role.MANAGER, self.ministry)
        asked = self.make_submitted(self.third, by=other)
        self.hand_over(of=other, to=self.other_manager)
        asked.refresh_from_db()
        for person in (other, self.other_manager):
            with self.assertRaises(NotAllowed):
                decisions.approve_update(update=asked, by=person)
        decisions.approve_update(update=asked, by=self.manager)

    def test_who_asked_for_a_date_does_not_decide_on_it_afterwards(self) -> None:
        third = self.make_recommendation("Do a dated thing")
        dates.set_first(
            recommendation=third, by=self.manager, new_date=days_ago(-10), reason="So it is."
        )
        asked = dates.request(
            recommendation=third, by=self.manager, new_date=days_ago(-20), reason="Late."
        )
        self.hand_over(of=self.manager, to=self.other_manager)
        for person in (self.manager, self.other_manager):
            with self.assertRaises(NotAllowed):
                dates.approve_date_change(date_change=asked, by=person)

    def test_reviews_go_to_a_manager_and_else_to_any(self) -> None:
        Recommendation.objects.filter(pk=self.third.pk).update(reviewer=self.manager)
        self.hand_over(of=self.manager, to=self.other_manager)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.reviewer, self.other_manager)
        self.hand_over(of=self.other_manager, to=self.heir)
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.reviewer)
        self.assert_nothing_waits(self.manager)

    def test_a_person_with_nothing_can_still_be_closed(self) -> None:
        first = AuditEvent.objects.count()
        self.hand_over(of=self.other_staff, is_deactivated=True)
        verbs = AuditEvent.objects.order_by("sequence").values_list("verb", flat=True)[first:]
        self.assertEqual(list(verbs), ["hand_over_all", "deactivate"])

    def test_who_takes_over_gets_one_message(self) -> None:
        with sending():
            self.hand_over()
        [message] = mail.outbox
        self.assertEqual(message.to, [self.heir.email])
        self.assertIn("8 items", message.body)

    def test_the_timeline_tells_of_it(self) -> None:
        self.hand_over()
        self.client.force_login(self.manager)
        page = self.client.get(f"{self.recommendation.get_absolute_url()}history/")
        self.assertContains(page, "Handed over")


class HandoverRefusedTests(HandoverTestCase):
    def test_only_managers_and_administrators(self) -> None:
        root = User.objects.create(username="root", is_superuser=True, is_staff=True)
        for person in (self.staff, self.viewer, self.auditor, root):
            with self.subTest(person), self.assertRaises(NotAllowed):
                self.hand_over(by=person)
        self.hand_over(by=self.manager)

    def test_only_administrators_close_accounts(self) -> None:
        with self.assertRaises(NotAllowed):
            self.hand_over(by=self.manager, is_deactivated=True)
        # Nothing of the step is kept.
        self.assertEqual(workload_of(self.staff).count, 8)

    def test_nobody_who_cannot_carry_on(self) -> None:
        gone = make_person("gone", Role.STAFF, self.ministry, is_active=False)
        for to in (self.viewer, self.administrator, gone, self.staff):
            with self.subTest(to), self.assertRaises(ActionRefused):
                self.hand_over(to=to)

    def test_somebody_of_another_body_where_they_may_not_log(self) -> None:
        Recommendation.objects.filter(pk=self.second.pk).update(lead_officer=None)
        with self.assertRaises(ActionRefused) as refusal:
            self.hand_over(to=self.other_staff)
        self.assertIn("REP-2 Do another thing: Other Staff may not log", str(refusal.exception))

    def test_not_to_who_returned_it(self) -> None:
        self.assertEqual(
            len(hand_over_obstacles(workload_of(self.staff), self.staff, self.manager)), 1
        )
        with self.assertRaises(ActionRefused) as refusal:
            self.hand_over(to=self.manager)
        self.assertIn("returned this update", str(refusal.exception))
        self.hand_over(to=self.other_manager)

    def test_what_changed_since_the_preview_is_looked_at_again(self) -> None:
        expected = workload_of(self.staff).digest
        begin_draft(recommendation=self.second, by=self.staff)
        with self.assertRaises(ActionRefused):
            self.hand_over(expected=expected)
        self.assertEqual(StatusUpdate.objects.filter(author=self.heir).count(), 0, timezone.now())
