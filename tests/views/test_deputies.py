"""Deputies: whose work they see for how long, and that they may do no more than before.

That author and approver stay two people through any hand-over is tests/cases.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from recommendations import permissions
from recommendations.actions import people, recommendations
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.models import AuditEvent, Deputy, Recommendation, User
from recommendations.queries.frame import frame_for
from recommendations.queries.updates.review_queue import queue_of
from recommendations.views.lists import view_members
from tests.mail import outbox, sending
from tests.views.pages import PageTestCase

PAGE = "/accounts/deputies/"
ONE, WORK = "/recommendations/REP-1/", "/my-work/"
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

    def stand_in(self, person: User, deputy: User, *span: int, by: User | None = None) -> Deputy:
        """From today for ten days, unless the days of the span are others, counted from today."""
        first, last = span or (0, 9)
        days = {"starts_on": self.today + first * DAY, "ends_on": self.today + last * DAY}
        values = {"person": person, "deputy": deputy, **days}
        return people.add_deputy(by=by or person, values=values)

    def on_days(self, row: Deputy, first: int, last: int) -> None:
        """As if it were from one day to another; past the record."""
        days: dict[str, date] = {"starts_on": self.today + first * DAY}
        days["ends_on"] = self.today + last * DAY
        Deputy.objects.filter(pk=row.pk).update(**days)
        cache.clear()


class ActionTests(DeputyTestCase):
    def test_who_may_name_and_end_a_deputy_of_whom(self) -> None:
        for by in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(by.username), self.assertRaises(NotAllowed):
                self.stand_in(self.staff, self.manager, by=by)
        for number, by in enumerate((self.staff, self.manager, self.administrator)):
            row = self.stand_in(self.staff, self.manager, number, number, by=by)
        self.assertEqual(AuditEvent.objects.filter(verb="add_deputy").count(), 3)
        for by in (self.other_staff, self.viewer):
            with self.assertRaises(NotAllowed):
                people.end_deputy(deputy=row, by=by)
        people.end_deputy(deputy=row, by=self.manager)
        with self.assertRaises(ActionRefused):
            people.end_deputy(deputy=row, by=self.manager)

    def test_only_who_may_write_stands_in_one_at_a_time_and_not_in_the_past(self) -> None:
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        unfit = (self.viewer, self.auditor, self.administrator, self.other_manager, self.staff)
        for deputy in unfit:
            with self.subTest(deputy.username), self.assertRaises(ValidationError):
                self.stand_in(self.staff, deputy)
        row = self.stand_in(self.staff, self.other_staff)
        for span in ((0, 0), (-5, 0), (9, 20), (3, 4), (-5, 20), (-2, -1)):
            with self.subTest(span), self.assertRaises(ValidationError):
                self.stand_in(self.staff, self.manager, *span)
        self.stand_in(self.staff, self.manager, 10, 10)
        people.end_deputy(deputy=row, by=self.staff)
        self.stand_in(self.staff, self.manager)

    def test_a_deputy_who_can_do_nothing_looks_after_nobody(self) -> None:
        def change(**values: Any) -> None:
            version = User.objects.get(pk=self.other_staff.pk).version
            by, whom = self.administrator, self.other_staff
            people.change_user(user=whom, by=by, expected_version=version, values=values)

        other = self.stand_in(self.other_staff, self.manager)
        for act, is_ended in (
            (lambda: change(last_name="Renamed"), False),
            (lambda: change(groups=[Group.objects.get(name=Role.VIEWER)]), True),
            (lambda: change(is_active=False), True),
            (lambda: people.deactivate(person=self.other_staff, by=self.administrator), True),
        ):
            rows = [
                self.stand_in(self.staff, self.other_staff),
                self.stand_in(self.manager, self.other_staff, 1, 1),
            ]
            act()
            for row in rows:
                row.refresh_from_db()
                ended = (row.ended_by, row.state_on(self.today))
                self.assertEqual(ended == (self.administrator, "over"), is_ended)
                if not is_ended:
                    people.end_deputy(deputy=row, by=self.administrator)
            self.assert_no_words(self.read(ONE, self.viewer), "Deputy until")
            # Who is deputy of them goes on.
            other.refresh_from_db()
            self.assertIsNone(other.ended_at)
            User.objects.filter(pk=self.other_staff.pk).update(is_active=True)
            self.other_staff.groups.set([Group.objects.get(name=Role.STAFF)])

    def test_the_deputy_is_told_by_mail_unless_they_named_themselves(self) -> None:
        with sending():
            self.stand_in(self.staff, self.other_staff, by=self.manager)
            self.stand_in(self.other_staff, self.manager, by=self.manager)
        [message] = outbox()
        self.assertEqual(message.to, [self.other_staff.email])
        self.assertEqual(message.subject, "You are named as deputy of Staff")
        day = date_format(self.today + 9 * DAY)
        self.assert_words(message.body, "Manager named you as deputy of Staff", f"until {day}")


class WorkTests(DeputyTestCase):
    def counted(self, person: User) -> int:
        """The badge of My work."""
        cache.clear()
        return frame_for(User.objects.get(pk=person.pk)).mine

    def test_the_work_is_listed_while_they_stand_in_and_by_itself_no_longer(self) -> None:
        before = self.counted(self.other_staff)
        row = self.stand_in(self.staff, self.other_staff)
        words = self.read(WORK, self.other_staff)
        told = ("You are deputy of Staff until", "REP-1 Do the thing", "Lead officer: Staff")
        self.assert_words(words, *told)
        # An organisation that has nothing to do with it lets them see, and do nothing.
        self.assert_words(words.partition("Responsibility of others")[2], "REP-1")
        self.assertEqual(self.counted(self.other_staff), before)
        self.assert_words(self.read(ONE, self.viewer), "Deputy until")
        for first, last in ((-9, -1), (1, 9)):
            self.on_days(row, first, last)
            self.assert_no_words(self.read(WORK, self.other_staff), "REP-1", "deputy of")
            self.assert_no_words(self.read(ONE, self.viewer), "Deputy until")
        self.on_days(row, 0, 0)
        self.assert_words(self.read(WORK, self.other_staff), "REP-1 Do the thing")
        people.end_deputy(deputy=row, by=self.staff)
        self.assert_no_words(self.read(WORK, self.other_staff), "REP-1")

    def test_a_manager_does_the_work_and_it_is_counted(self) -> None:
        before = self.counted(self.other_manager)
        self.stand_in(self.staff, self.other_manager)
        words = self.read(WORK, self.other_manager)
        self.assert_words(words.partition("Due in the next")[0], "REP-1", "For Staff")
        self.assertEqual(self.counted(self.other_manager), before + 1)

    def test_it_gives_no_right(self) -> None:
        self.stand_in(self.staff, self.other_staff)
        self.stand_in(self.manager, self.other_staff)
        found = Recommendation.objects.get(pk=self.recommendation.pk)
        self.assertFalse(permissions.can_log(self.other_staff, found))
        self.assertFalse(permissions.can_review(self.other_staff))
        for path in (f"{ONE}updates/new/", "/review/"):
            self.assertEqual(self.get(path, self.other_staff).status_code, 403)

    def test_a_deputy_of_the_reviewer_is_told_and_finds_it_first_while_it_lasts(self) -> None:
        row = self.stand_in(self.manager, self.other_manager)
        with sending():
            update = self.make_submitted(self.recommendation)
        told = sorted(each.to[0] for each in outbox())
        self.assertEqual(told, ["manager@example.org", "other_manager@example.org"])
        self.assertEqual([place.rank for place in queue_of(self.other_manager)], [0])
        self.assert_words(self.read("/review/", self.other_manager), "as deputy")
        # An absence that ends in the middle of a review changes no right.
        self.on_days(row, -9, -1)
        self.assertEqual([place.rank for place in queue_of(self.other_manager)], [1])
        approved = decisions.approve_update(update=update, by=self.other_manager)
        self.assertEqual(approved.decided_by, self.other_manager)

    def test_reminders_go_to_the_deputy_who_may_act_as_well(self) -> None:
        row = self.stand_in(self.staff, self.other_staff)
        now = {"now": timezone.now(), "members": view_members}
        self.assertNotIn("Other Staff", dict(queue_reminders(**now, is_dry=True).queued))
        people.end_deputy(deputy=row, by=self.staff)
        self.stand_in(self.staff, self.other_manager)
        queued = dict(queue_reminders(**now).queued)
        [line] = queued["Other Manager"]
        self.assertEqual(line.title, "REP-1 Do the thing")
        self.assertIn("As deputy of Staff.", line.notes)
        self.assertEqual(len(queued["Staff"]), 1)


class PageTests(DeputyTestCase):
    def send(self, by: User, **data: Any) -> Any:
        days = {"starts_on": self.today, "ends_on": self.today + DAY}
        return self.client_for(by).post(PAGE, {**days, "deputy": self.manager.pk, **data})

    def test_a_person_names_their_own_and_ends_it(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(first_name="Ada", last_name="Port")
        self.assertContains(self.get("/", self.staff), PAGE)
        self.assertNotContains(self.get("/", self.viewer), PAGE)
        self.assert_words(self.read(PAGE, self.staff), "No deputy named yet.")
        self.assertRedirects(self.send(self.staff, reason="Leave"), PAGE)
        told = ("Ada Port Leave Manager", "Current", "End now")
        self.assert_words(self.read(PAGE, self.staff), *told)
        self.assert_words(self.read("/audit/", self.auditor), "Deputy named: Ada Port, by")
        # On paper what would end it read as if it had ended.
        page = self.get(PAGE, self.staff)
        for name in ("fold confirm", "panel"):
            self.assertContains(page, f'class="{name} screen-only"')
        row = Deputy.objects.get()
        self.assertEqual((row.person, row.recorded_by), (self.staff, self.staff))
        self.post(f"{PAGE}{row.pk}/end/", self.staff)
        self.assert_words(self.read(PAGE, self.staff), "Ended early on", "Ended")

    def test_it_is_to_come_current_and_over(self) -> None:
        row = self.stand_in(self.staff, self.manager)
        days = {-1: "to_come", 0: "current", 9: "current", 10: "over"}
        found = {day: row.state_on(self.today + day * DAY) for day in days}
        self.assertEqual(found, days)

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
