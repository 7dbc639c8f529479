"""Everything of a person or an organisation goes to another, and nothing is left waiting."""

from functools import partial
from typing import Any

from django.core import mail
from django.db.models import Q

from recommendations import audit, permissions
from recommendations.actions import dates, invitations, organisations, people
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.choices import DateChangeState, Role, UpdateState
from recommendations.models import (
    Organisation,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.people import (
    Workload,
    hand_over_obstacles,
    holdings_of,
    workload_of,
)
from recommendations.queries.updates.my_work import written_by
from tests.actions.acts import ActTestCase, fresh, told
from tests.actions.test_invitations import ADDRESS, accept
from tests.base import days_ago, make_person
from tests.mail import sending


class HandoverTestCase(ActTestCase):
    """``staff`` has work of every kind; ``heir`` sits in the same ministry."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        Recommendation.objects.update(reviewer=cls.manager)
        cls.second, cls.third, old = (
            cls.make_recommendation(f"Do {each}") for each in ("another", "a third", "an old one")
        )
        cls.draft(), cls.make_submitted(cls.second)
        cls.give_back(cls.make_submitted(cls.third))
        dates.set_first(
            recommendation=cls.second, by=cls.manager, new_date=days_ago(-100), reason="As told."
        )
        cls.request = cls.ask(cls.second, cls.staff)
        cls.orphaned = cls.draft(about=old)
        cls.archive(old)

    @classmethod
    def ask(cls, about: Recommendation, by: User) -> TargetDateChange:
        late = {"new_date": days_ago(-200), "reason": "It is late."}
        return dates.request(recommendation=about, by=by, **late)

    def hand_over(self, to: User | None = None, of: User | None = None, **values: Any) -> Workload:
        of = of or self.staff
        given = {"by": self.administrator, "expected": workload_of(of).digest, **values}
        return people.hand_over_all(of=of, to=to or self.heir, **given)

    def assert_nothing_waits(self, person: User) -> None:
        self.assertEqual(workload_of(person).count, 0)
        self.assertEqual(sum(map(len, written_by(person).values())), 0)
        followed = Recommendation.objects.followed()
        self.assertFalse(followed.filter(Q(lead_officer=person) | Q(reviewer=person)).exists())
        asked = TargetDateChange.objects.filter(state=DateChangeState.REQUESTED)
        self.assertFalse(asked.filter(requested_by=person).exists())


class HandedOverTests(HandoverTestCase):
    def test_nothing_is_left_waiting_and_one_event_tells_of_each_and_one_of_all(self) -> None:
        load = self.hand_over(reason="She leaves the office.", is_deactivated=True)
        rows = (load.officer_of, load.drafts, load.returned, load.submitted, load.date_requests)
        self.assertEqual([len(each) for each in (*rows, load.orphaned_updates)], [3, 1, 1, 1, 1, 1])
        self.assert_nothing_waits(self.staff)
        work = written_by(self.heir)
        self.assertEqual({state: len(rows) for state, rows in work.items()}, dict.fromkeys(work, 1))
        self.assertEqual(self.held(self.orphaned, "state"), UpdateState.WITHDRAWN)
        self.assertFalse(fresh(self.staff).is_active)
        verbs = [*["change_hands"] * 3, *["hand_over"] * 3, "withdraw", "hand_over"]
        self.assertEqual(self.verbs(), [*verbs, "hand_over_all", "deactivate"])
        event = self.events()[-2]
        about = (event.object_type, event.object_id, event.reason.text)
        whole = ("recommendations.user", str(self.staff.pk), "She leaves the office.")
        self.assertEqual(about, whole)
        changes = told(event)
        self.assertEqual(changes["to"], [None, self.heir.pk])
        self.assertEqual(len(changes["updates"][1]), 3)
        self.assertEqual(changes["date_changes"], [None, [self.request.pk]])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_neither_of_the_two_decides_on_what_changed_hands(self) -> None:
        dates.withdraw_date_change(date_change=self.request, by=self.staff)
        asked, update = (
            self.ask(self.second, self.manager),
            self.make_submitted(self.third, by=self.manager),
        )
        self.hand_over(self.other_manager, self.manager)
        for person in (self.manager, self.other_manager):
            self.refused(NotAllowed, self.approve, update, person)
            self.refused(NotAllowed, dates.approve_date_change, date_change=asked, by=person)
        self.approve(update, make_person("boss", Role.MANAGER))

    def test_reviews_go_to_a_manager_and_else_to_any(self) -> None:
        for of, to, reviewer in (
            (self.manager, self.other_manager, self.other_manager),
            (self.other_manager, self.heir, None),
        ):
            self.hand_over(to, of)
            self.assertEqual(self.held(self.recommendation, "reviewer"), reviewer)
        self.assert_nothing_waits(self.manager)

    def test_a_person_with_nothing_can_still_be_closed(self) -> None:
        self.hand_over(of=self.other_staff, is_deactivated=True)
        self.assertEqual(self.verbs(), ["hand_over_all", "deactivate"])

    def test_who_takes_over_gets_one_message_and_the_timeline_tells_of_it(self) -> None:
        with sending():
            self.hand_over()
        [message] = mail.outbox
        self.assertEqual(message.to, [self.heir.email])
        self.assertIn("8 items", message.body)
        self.client.force_login(self.manager)
        page = self.client.get(f"{self.recommendation.get_absolute_url()}history/")
        self.assertContains(page, "Handed over")


class HandoverRefusedTests(HandoverTestCase):
    def test_nobody_who_cannot_carry_on(self) -> None:
        gone = make_person("gone", Role.STAFF, self.ministry, is_active=False)
        for to in (self.viewer, self.administrator, gone, self.staff):
            self.refused(ActionRefused, self.hand_over, to)
        Recommendation.objects.filter(pk=self.second.pk).update(lead_officer=None)
        words = "REP-2 Do another: Other Staff may not log"
        self.refused(ActionRefused, self.hand_over, self.other_staff, words=words)

    def test_not_to_who_returned_it(self) -> None:
        obstacles = hand_over_obstacles(workload_of(self.staff), self.staff, self.manager)
        self.assertEqual(len(obstacles), 1)
        words = "returned this update"
        self.refused(ActionRefused, self.hand_over, self.manager, words=words)
        self.hand_over(self.other_manager)

    def test_what_changed_since_the_preview_is_looked_at_again_and_nothing_kept(self) -> None:
        expected = workload_of(self.staff).digest
        self.draft(about=self.second)
        self.refused(ActionRefused, partial(self.hand_over, expected=expected))
        close = partial(self.hand_over, by=self.manager, is_deactivated=True)
        self.refused(NotAllowed, close)
        self.assertEqual(StatusUpdate.objects.filter(author=self.heir).count(), 0)


class SuccessionTests(ActTestCase):
    """An organisation ends: another takes its place, with what it holds if asked."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = Organisation.objects.create(slug="heir", name="Ministry H")
        cls.helped = cls.make_recommendation("Do another thing", lead=cls.agency)
        cls.revise(cls.helped, contributors=[cls.ministry])
        cls.archived = cls.make_recommendation("Do an old thing")
        cls.archive(cls.archived)

    def succeed(self, by: Any = None, **values: Any) -> None:
        given: dict[str, Any] = {"organisation": self.ministry, "successor": self.heir, **values}
        given = {"on": days_ago(1), "by": by or self.administrator, **given}
        expected = given.pop("expected", None) or holdings_of(given["organisation"]).digest
        organisations.succeed(expected=expected, **given)

    def test_only_the_name_changes_unless_more_is_asked(self) -> None:
        self.succeed()
        ended = self.held(self.ministry, "successor", "valid_to")
        self.assertEqual(ended, (self.heir, days_ago(1)))
        self.assertEqual(self.verbs(), ["succeed"])
        self.assertEqual(self.held(self.recommendation, "lead"), self.ministry)

    def test_what_it_holds_goes_along_and_what_is_archived_stays(self) -> None:
        self.succeed(moves_work=True, moves_people=True)
        self.assertEqual(set(Recommendation.objects.filter(lead=self.heir)), {self.recommendation})
        self.assertEqual(set(self.helped.contributors.all()), {self.heir})
        self.assertEqual(self.held(self.archived, "lead"), self.ministry)
        staff = fresh(self.staff)
        self.assertEqual(staff.organisation, self.heir)
        self.assertTrue(permissions.can_log(staff, fresh(self.helped)))
        self.assertEqual(sorted(self.verbs()), ["change_hands"] * 4 + ["succeed"])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_invitations_move_with_the_people_and_else_end(self) -> None:
        about = {"by": self.administrator, "role": Role.STAFF, "organisation": self.agency}
        for moves_people in (False, True):
            made = invitations.invite(email=ADDRESS, **about)
            self.succeed(organisation=self.agency, moves_people=moves_people)
            if moves_people:
                self.assertEqual(accept(made).organisation, self.heir)
            else:
                with self.assertRaisesMessage(invitations.InvitationRefused, "withdrawn"):
                    accept(made)
            Organisation.objects.update(successor=None, valid_to=None)

    def test_refused(self) -> None:
        User.objects.filter(pk=self.administrator.pk).update(organisation=self.ministry)
        keeper = fresh(self.administrator)
        self.refused("moves_people", partial(self.succeed, keeper, moves_people=True))
        self.refused("successor", partial(self.succeed, successor=self.ministry))
        before = holdings_of(self.ministry).digest
        self.make_recommendation("Do a new thing")
        self.refused(ActionRefused, partial(self.succeed, expected=before))
        Organisation.objects.filter(pk=self.heir.pk).update(valid_to=days_ago(30))
        self.refused("successor", self.succeed)
        Organisation.objects.filter(pk=self.heir.pk).update(valid_to=None)
        self.ministry.valid_from = days_ago(0)
        self.ministry.save()
        self.refused("on", self.succeed)
        self.ministry.valid_from = None
        self.ministry.save()
        self.succeed(keeper, moves_work=True)
        self.refused(ActionRefused, partial(self.succeed, successor=self.agency))
        circle = {"organisation": self.heir, "successor": self.ministry}
        self.refused("successor", partial(self.succeed, **circle))
