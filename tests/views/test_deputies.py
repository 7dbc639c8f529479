"""Deputies: whose work they see for how long, and that they may do no more than before."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from recommendations import permissions
from recommendations.actions import deputies, people, recommendations, watches
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.mail.reminders import queue_reminders
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.models import AuditEvent, Deputy, Recommendation, Reminder, User
from recommendations.queries.frame import frame_for
from recommendations.queries.updates.review_queue import queue_of
from recommendations.views.lists import view_members
from tests import factories
from tests.mail import outbox, sending
from tests.views.pages import PageTestCase
from tests.views.test_budgets import BudgetTestCase, table_of

PAGE = "/accounts/deputies/"
DAY = timedelta(days=1)


class DeputyTestCase(PageTestCase):
    """REP-1 is overdue; the ministry leads it, staff is its officer and the manager reviews it."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        recommendations.revise_recommendation(
            recommendation=cls.recommendation,
            by=cls.manager,
            expected_version=cls.recommendation.version,
            values={"reviewer": cls.manager},
        )

    def setUp(self) -> None:
        super().setUp()
        self.today = timezone.localdate()

    def stand_in(self, person: User, deputy: User, **values: Any) -> Deputy:
        given = {"starts_on": self.today, "ends_on": self.today + 9 * DAY, **values}
        by = given.pop("by", person)
        return deputies.add_deputy(by=by, values={"person": person, "deputy": deputy, **given})

    def on_day(self, row: Deputy, first: date, last: date) -> None:
        """As if it were from one day to another; past the record."""
        Deputy.objects.filter(pk=row.pk).update(starts_on=first, ends_on=last)
        cache.clear()


class ActionTests(DeputyTestCase):
    def test_who_may_name_a_deputy_of_whom(self) -> None:
        for by in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(by.username), self.assertRaises(NotAllowed):
                self.stand_in(self.staff, self.manager, by=by)
        for number, by in enumerate((self.staff, self.manager, self.administrator)):
            first = self.today + number * DAY
            self.stand_in(self.staff, self.manager, by=by, starts_on=first, ends_on=first)
        self.assertEqual(AuditEvent.objects.filter(verb="add_deputy").count(), 3)

    def test_only_who_may_write_stands_in(self) -> None:
        User.objects.filter(pk=self.other_staff.pk).update(is_active=False)
        for deputy in (self.viewer, self.auditor, self.administrator, self.other_staff, self.staff):
            with self.subTest(deputy.username), self.assertRaises(ValidationError):
                self.stand_in(self.staff, deputy)

    def test_one_at_a_time(self) -> None:
        row = self.stand_in(self.staff, self.other_staff)
        for first, last in ((0, 0), (-5, 0), (9, 20), (3, 4), (-5, 20)):
            days = {"starts_on": self.today + first * DAY, "ends_on": self.today + last * DAY}
            with self.subTest(days), self.assertRaises(ValidationError):
                self.stand_in(self.staff, self.manager, **days)
        after = row.ends_on + DAY
        self.stand_in(self.staff, self.manager, starts_on=after, ends_on=after)
        deputies.end_deputy(deputy=row, by=self.staff)
        self.stand_in(self.staff, self.manager)

    def test_the_log_calls_the_person_as_all_pages_do(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(first_name="Ada", last_name="Port")
        self.stand_in(self.staff, self.other_staff)
        self.assert_words(self.read("/audit/", self.auditor), "Deputy named: Ada Port, by")

    def test_it_is_ended_once_by_who_may_name_one(self) -> None:
        row = self.stand_in(self.staff, self.other_staff)
        for by in (self.other_staff, self.viewer):
            with self.assertRaises(NotAllowed):
                deputies.end_deputy(deputy=row, by=by)
        deputies.end_deputy(deputy=row, by=self.manager)
        with self.assertRaises(ActionRefused):
            deputies.end_deputy(deputy=row, by=self.manager)
        past = {"starts_on": self.today - 2 * DAY, "ends_on": self.today - DAY}
        with self.assertRaises(ValidationError):
            self.stand_in(self.staff, self.other_staff, **past)


class EndTests(DeputyTestCase):
    """A deputy who can do nothing looks after nobody."""

    def setUp(self) -> None:
        super().setUp()
        self.row = self.stand_in(self.staff, self.other_staff)
        self.later = self.stand_in(
            self.manager, self.other_staff, starts_on=self.today + DAY, ends_on=self.today + DAY
        )
        self.other = self.stand_in(self.other_staff, self.manager)

    def assert_ended(self) -> None:
        for row in (self.row, self.later):
            row.refresh_from_db()
            self.assertEqual((row.ended_by, row.state_on(self.today)), (self.administrator, "over"))
        # Who is deputy of them goes on.
        self.other.refresh_from_db()
        self.assertIsNone(self.other.ended_at)
        self.assert_no_words(self.read("/recommendations/REP-1/", self.viewer), "Deputy until")
        self.stand_in(self.staff, self.manager)

    def test_with_the_account(self) -> None:
        people.deactivate(person=self.other_staff, by=self.administrator)
        self.assert_ended()

    def test_with_the_account_by_the_form_of_the_person(self) -> None:
        self.change(is_active=False)
        self.assert_ended()

    def test_with_the_role(self) -> None:
        self.change(groups=[Group.objects.get(name=Role.VIEWER)])
        self.assert_ended()

    def test_not_by_another_change(self) -> None:
        self.change(last_name="Renamed")
        self.row.refresh_from_db()
        self.assertIsNone(self.row.ended_at)

    def change(self, **values: Any) -> None:
        version = User.objects.get(pk=self.other_staff.pk).version
        people.change_user(
            user=self.other_staff, by=self.administrator, expected_version=version, values=values
        )


class MailTests(DeputyTestCase):
    def test_the_deputy_is_told_by_mail(self) -> None:
        with sending():
            self.stand_in(self.staff, self.other_staff, by=self.manager)
        [message] = outbox()
        self.assertEqual(message.to, [self.other_staff.email])
        self.assertEqual(message.subject, "You are named as deputy of Staff")
        day = date_format(self.today + 9 * DAY)
        self.assert_words(message.body, "Manager named you as deputy of Staff", f"until {day}")

    def test_who_names_themselves_is_not(self) -> None:
        with sending():
            self.stand_in(self.staff, self.manager, by=self.manager)
        self.assertEqual(outbox(), [])


class WorkTests(DeputyTestCase):
    def test_the_work_is_listed_while_they_stand_in_and_by_itself_no_longer(self) -> None:
        before = self.counted(self.other_staff)
        row = self.stand_in(self.staff, self.other_staff)
        words = self.read("/my-work/", self.other_staff)
        self.assert_words(words, "You are deputy of Staff until", "REP-1 Do the thing", "For Staff")
        # An organisation that has nothing to do with it lets them see, and do nothing.
        self.assert_words(words.partition("Awaiting others")[2], "REP-1")
        self.assertEqual(self.counted(self.other_staff), before)
        self.assert_words(self.read("/recommendations/REP-1/", self.viewer), "Deputy until")
        for first, last in ((-9, -1), (1, 9)):
            self.on_day(row, self.today + first * DAY, self.today + last * DAY)
            self.assert_no_words(self.read("/my-work/", self.other_staff), "REP-1", "deputy of")
            page = self.read("/recommendations/REP-1/", self.viewer)
            self.assert_no_words(page, "Deputy until")
        self.on_day(row, self.today, self.today)
        self.assert_words(self.read("/my-work/", self.other_staff), "REP-1 Do the thing")
        cache.clear()
        deputies.end_deputy(deputy=row, by=self.staff)
        self.assert_no_words(self.read("/my-work/", self.other_staff), "REP-1")

    def counted(self, person: User) -> int:
        """The badge of My work."""
        cache.clear()
        return frame_for(User.objects.get(pk=person.pk)).mine

    def test_a_manager_does_the_work_and_it_is_counted(self) -> None:
        before = self.counted(self.other_manager)
        self.stand_in(self.staff, self.other_manager)
        words = self.read("/my-work/", self.other_manager)
        self.assert_words(words.partition("Due in the next")[0], "REP-1", "For Staff")
        # The update is overdue, and there is no target date, which a manager sets.
        self.assertEqual(self.counted(self.other_manager), before + 2)

    def test_it_gives_no_right(self) -> None:
        found = Recommendation.objects.get(pk=self.recommendation.pk)
        self.assertFalse(permissions.can_log(self.other_staff, found))
        self.stand_in(self.staff, self.other_staff)
        self.assertFalse(permissions.can_log(self.other_staff, found))
        new = "/recommendations/REP-1/updates/new/"
        self.assertEqual(self.get(new, self.other_staff).status_code, 403)
        self.stand_in(self.manager, self.other_staff)
        self.assertFalse(permissions.can_review(self.other_staff))
        self.assertEqual(self.get("/review/", self.other_staff).status_code, 403)

    def test_a_deputy_of_the_reviewer_is_told_and_finds_it_first(self) -> None:
        self.stand_in(self.manager, self.other_manager)
        with sending():
            self.make_submitted(self.recommendation)
        self.assertEqual(
            sorted(each.to[0] for each in outbox()),
            ["manager@example.org", "other_manager@example.org"],
        )
        [place] = queue_of(self.other_manager)
        self.assertEqual(place.rank, 0)
        self.assert_words(self.read("/review/", self.other_manager), "whose deputy you are")

    def test_reminders_go_to_the_deputy_as_well(self) -> None:
        self.stand_in(self.staff, self.other_staff)
        queued = dict(queue_reminders(now=timezone.now(), members=view_members).queued)
        [line] = queued["Other Staff"]
        self.assertEqual(line.title, "REP-1 Do the thing")
        self.assertIn("For Staff, whose deputy you are.", line.notes)
        self.assertEqual(len(queued["Staff"]), 1)


class DecisionTests(DeputyTestCase):
    """Nobody decides on what they wrote, whoever stands in for whom."""

    def test_author_and_approver_stay_two_through_every_hand_over(self) -> None:
        pairs = [
            (self.staff, self.manager),
            (self.manager, self.other_manager),
            (self.other_manager, self.manager),
        ]
        for person, deputy in pairs:
            self.stand_in(person, deputy)
        for author in (self.manager, self.other_manager):
            other = self.other_manager if author == self.manager else self.manager
            update = self.make_submitted(self.recommendation, by=author)
            with self.subTest(author.username):
                for refused in (author, self.staff, self.other_staff, self.administrator):
                    with self.assertRaises((NotAllowed, ActionRefused)):
                        decisions.approve_update(update=update, by=refused)
                approved = decisions.approve_update(update=update, by=other)
                self.assertEqual(approved.decided_by, other)

    def test_an_absence_that_ends_in_the_middle_of_a_review_changes_no_right(self) -> None:
        row = self.stand_in(self.manager, self.other_manager)
        update = self.make_submitted(self.recommendation)
        path = f"/review/{update.pk}/"
        self.assert_words(self.read(path, self.other_manager), "REP-1")
        self.on_day(row, self.today - 9 * DAY, self.today - DAY)
        self.assertEqual([place.rank for place in queue_of(self.other_manager)], [1])
        approved = decisions.approve_update(update=update, by=self.other_manager)
        self.assertEqual(approved.decided_by, self.other_manager)


class PageTests(DeputyTestCase):
    def send(self, by: User, **data: Any) -> Any:
        days = {"starts_on": self.today, "ends_on": self.today + DAY}
        return self.client_for(by).post(PAGE, {**days, "deputy": self.manager.pk, **data})

    def test_a_person_names_their_own_and_ends_it(self) -> None:
        self.assert_words(self.read(PAGE, self.staff), "No deputy named yet.")
        self.assertRedirects(self.send(self.staff, reason="Leave"), PAGE)
        self.assert_words(self.read(PAGE, self.staff), "Staff Leave Manager", "Current", "End now")
        # On paper what would end it read as if it had ended.
        page = self.get(PAGE, self.staff)
        self.assertContains(page, 'class="fold confirm screen-only"')
        self.assertContains(page, 'class="panel screen-only"')
        row = Deputy.objects.get()
        self.assertEqual((row.person, row.recorded_by), (self.staff, self.staff))
        self.assertEqual(self.post(f"{PAGE}{row.pk}/end/", self.other_staff).status_code, 404)
        self.post(f"{PAGE}{row.pk}/end/", self.staff)
        self.assert_words(self.read(PAGE, self.staff), "Ended early on", "Ended")

    def test_a_manager_names_one_of_another(self) -> None:
        self.send(self.manager, person=self.other_staff.pk, deputy=self.staff.pk)
        self.assertEqual(Deputy.objects.get().person, self.other_staff)
        self.assertEqual(self.send(self.manager).status_code, 400)

    def test_what_is_wrong_is_told_at_its_field(self) -> None:
        for data, words in (
            ({"deputy": self.staff.pk}, "Choose another person as deputy."),
            ({"ends_on": self.today - DAY}, "must not be in the past"),
            ({"starts_on": self.today + 5 * DAY}, "must not be before the first"),
            ({"deputy": ""}, "Choose the deputy."),
            ({"reason": "a\x00b"}, "Error"),
        ):
            with self.subTest(words):
                self.assertContains(self.send(self.staff, **data), words, status_code=400)
        self.assertFalse(Deputy.objects.exists())

    def test_who_answers_for_nothing_names_none(self) -> None:
        for person in (self.viewer, self.auditor):
            self.assertEqual(self.get(PAGE, person).status_code, 403)
            self.assertEqual(self.send(person).status_code, 403)
        self.assert_turned_away(PAGE)
        self.assertNotContains(self.get("/", self.viewer), PAGE)
        self.assertContains(self.get("/", self.staff), PAGE)


class OneAndThirtyTests(BudgetTestCase):
    def test_pages_ask_as_much_for_thirty_as_for_one(self) -> None:
        self.make_world()
        asked: dict[str, list[list[str]]] = {PAGE: [], "/accounts/notifications/": []}
        today = timezone.localdate()
        number = 0
        for count in (1, 29):
            for row in factories.recommendations(type(self), count):
                watches.watch(by=self.manager, kind="recommendation", key=row.pk)
                number += 1
                day = today + number * DAY
                values = {"person": self.manager, "deputy": self.other_manager}
                days = {"starts_on": day, "ends_on": day}
                deputies.add_deputy(by=self.manager, values={**values, **days})
                Reminder.objects.create(
                    person=self.manager, day=day, told_until=timezone.now(), content={"total": 1}
                )
            for path, found in asked.items():
                queries = self.queries_of(path, self.manager)
                found.append([table_of(sql) for sql in queries])
        for path, (few, many) in asked.items():
            with self.subTest(path):
                self.assertEqual(few, many)
                self.assertLessEqual(len(many), 10)
