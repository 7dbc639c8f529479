"""What people keep for themselves: watched items, their notifications, and deputies.

That author and approver stay two people through any hand-over is tests/cases.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from recommendations import permissions
from recommendations.actions import people, personal
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.mail import delivery
from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.personal import save_view
from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    Deputy,
    Indicator,
    NotificationSettings,
    Recommendation,
    Reminder,
    SavedView,
    User,
    Watch,
)
from recommendations.models.personal import QUIET_DAYS
from recommendations.queries.frame import frame_for
from recommendations.queries.updates.review_queue import queue_of
from recommendations.views.lists import view_members
from tests.base import make_person
from tests.edits import edit
from tests.mail import outbox, sending
from tests.views.pages import PageTestCase, client_of, words_of

PAGE = "/accounts/notifications/"
WATCH, STOP = "/accounts/watch/", "/accounts/watch/stop/"


class WatchTestCase(PageTestCase):
    indicator: Indicator
    view: SavedView

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator()
        cls.view = save_view(by=cls.viewer, values={"name": "Mine", "query": "only=open"})

    def pages(self) -> dict[tuple[str, int], str]:
        return {
            ("recommendation", self.recommendation.pk): "/recommendations/REP-1/",
            ("source", self.source.pk): f"/sources/{self.source.slug}/",
            ("view", self.view.pk): "/recommendations/views/",
            ("indicator", self.indicator.pk): f"/indicators/{self.indicator.code}/",
        }


class ButtonTests(WatchTestCase):
    def test_each_page_watches_what_it_is_of_for_its_reader_alone(self) -> None:
        other = make_person("other_viewer", "Viewer")
        for (kind, key), path in self.pages().items():
            with self.subTest(kind):
                self.assertContains(self.get(path, self.viewer), f'action="{WATCH}"')
                sent = {"kind": kind, "key": key, "next": path}
                self.assertRedirects(self.post(WATCH, self.viewer, **sent), path)
                self.assertContains(self.get(path, self.viewer), f'action="{STOP}"')
                if kind != "view":
                    self.assertNotContains(self.get(path, other), f'action="{STOP}"')
                    self.assertContains(self.get(f"{path}?page=1", self.viewer), STOP)
                self.post(STOP, self.viewer, **sent)
                self.assertNotContains(self.get(path, self.viewer), f'action="{STOP}"')
        told = AuditEvent.objects.filter(actor=self.viewer).order_by("sequence")
        verbs = [event.verb for event in told][1:]
        self.assertEqual(verbs, ["watch", "stop_watching"] * 4)

    def test_a_form_leads_to_a_path_of_the_site_or_to_the_list_or_names_nothing(self) -> None:
        of_source = {"kind": "source", "key": self.source.pk}
        for path in (WATCH, STOP):
            for to in ("0", "overview", "recommendations/", "//elsewhere.example/", "https:///x"):
                with self.subTest(to=to, path=path):
                    sent = {**of_source, "next": to}
                    self.assertRedirects(self.post(path, self.viewer, **sent), PAGE)
            for data in ({"kind": "person", "key": 1}, {"kind": "source", "key": "x"}):
                self.assertEqual(self.post(path, self.viewer, **data).status_code, 404)
        strict = client_of(self.viewer, enforce_csrf_checks=True)
        self.assertEqual(strict.post(WATCH, of_source).status_code, 403)

    def test_visitors_get_no_button(self) -> None:
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with self.settings(PUBLIC_PAGES=True):
            for path in ("/recommendations/REP-1/", f"/sources/{self.source.slug}/"):
                self.assertContains(self.get(path, self.viewer), WATCH)
                self.assertNotContains(self.get(path), "accounts/watch")


class ActionTests(WatchTestCase):
    def test_nobody_watches_what_they_may_not_see(self) -> None:
        for person, kind, key, refusal in (
            (self.staff, "view", self.view.pk, ActionRefused),
            (self.manager, "view", self.view.pk, ActionRefused),
            (self.stranger, "recommendation", self.recommendation.pk, NotAllowed),
            (self.staff, "source", 0, ActionRefused),
        ):
            with self.subTest(kind, person=person), self.assertRaises(refusal):
                personal.watch(by=person, kind=kind, key=key)
        self.assertFalse(Watch.objects.exists())

    def test_a_second_press_changes_nothing_and_there_is_a_most(self) -> None:
        of_source: dict[str, Any] = {"by": self.staff, "kind": "source", "key": self.source.pk}
        self.assertEqual(personal.watch(**of_source), personal.watch(**of_source))
        with mock.patch.object(personal, "MOST_WATCHED", 1):
            sent = {"kind": "recommendation", "key": self.recommendation.pk}
            self.post(WATCH, self.staff, **sent)
            self.assert_words(self.read(PAGE, self.staff), "which is the most")
        self.assertEqual(Watch.objects.in_use().count(), 1)
        for _press in range(2):
            personal.stop_watching(**of_source)
        self.assertEqual(AuditEvent.objects.filter(object_type__endswith=".watch").count(), 2)


class PageTests(WatchTestCase):
    def test_settings_are_shown_saved_and_refused(self) -> None:
        self.assertContains(self.get("/", self.viewer), PAGE)
        self.post(PAGE, self.viewer, frequency="weekly", quiet_days=QUIET_DAYS[5:], version=0)
        stored = NotificationSettings.of(self.viewer)
        self.assertEqual((stored.frequency, stored.quiet_days), ("weekly", {6, 7}))
        for sent, status, words in (
            ({"frequency": "daily", "quiet_days": QUIET_DAYS, "version": 1}, 400, "at least one"),
            ({"frequency": "none"}, 409, ""),
            ({"frequency": "x"}, 400, ""),
        ):
            answer = self.post(PAGE, self.viewer, **sent)
            self.assertContains(answer, words, status_code=status)
        User.objects.filter(pk=self.viewer.pk).update(email="")
        self.assert_words(self.read(PAGE, self.viewer), "has no email address", "No watched items")

    def test_what_is_watched_can_be_ended_there_also_when_it_is_gone(self) -> None:
        for kind, key in self.pages():
            personal.watch(by=self.viewer, kind=kind, key=key)
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Watched items 4 REP-1 Do the thing Recommendation Watched since",
            "Mine Saved view",
            f"{self.indicator.code} {self.indicator.title} Indicator",
        )
        SavedView.objects.update(removed_at="2024-01-01T00:00Z", removed_by=self.viewer)
        words = self.read(PAGE, self.viewer)
        self.assert_words(words, "No longer available to you")
        self.assert_no_words(words, "Mine")
        self.post(STOP, self.viewer, kind="view", key=self.view.pk)
        self.assert_no_words(self.read(PAGE, self.viewer), "No longer available to you")


class MessageTests(PageTestCase):
    """Staff has one message of reminders, which waits to be sent."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        due = Recommendation.objects.get(pk=cls.recommendation.pk).next_due_on
        assert due is not None
        queue_reminders(now=datetime.combine(due, time(6), UTC), members=view_members)
        cls.reminder = Reminder.objects.get(person=cls.staff)

    def sent(self) -> Any:
        mail.outbox.clear()
        delivery.send_queue()
        [found] = [each for each in outbox() if each.to == [self.staff.email]]
        return found

    def link(self) -> str:
        """The path of the link that both headers and both forms of the message give."""
        sent = self.sent()
        header = str(sent.extra_headers["List-Unsubscribe"])
        self.assertRegex(header, r"^<https?://[^>]+/unsubscribe/[^>]+/>$")
        self.assertEqual(sent.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        for form in (sent.body, sent.alternatives[0][0]):
            self.assertIn(header.strip("<>"), form)
        return "/unsubscribe/" + header.rstrip(">").split("/unsubscribe/")[1]

    def frequency(self) -> str:
        return NotificationSettings.of(self.staff).frequency

    def test_looking_asks_and_a_mail_program_unsubscribes_by_one_post_without_cookies(self) -> None:
        path = self.link()
        program = Client(enforce_csrf_checks=True)
        for answer in (program.head(path), program.get(path)):
            self.assertEqual((answer.status_code, self.frequency()), (200, "daily"))
        self.assertIn("Turn reminders off", words_of(answer))
        self.assertIn("no-store", answer["Cache-Control"])
        for wrong in (path[:-2] + "/", "/unsubscribe/x/", f"/unsubscribe/{self.staff.pk}/"):
            self.assertEqual(program.post(wrong).status_code, 404)
        self.assertEqual(self.frequency(), "daily")
        for _press in range(2):
            answer = program.post(path, {"List-Unsubscribe": "One-Click"})
            self.assertEqual((answer.status_code, self.frequency()), (200, "none"))
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertEqual(program.cookies, {})
        self.assertEqual(AuditEvent.objects.filter(verb="unsubscribe").count(), 1)

    def test_a_person_reads_their_own_messages_until_they_are_emptied(self) -> None:
        path = f"{PAGE}messages/{self.reminder.pk}/"
        self.assert_words(self.read(PAGE, self.staff), "Messages Reminders of")
        told = "Message to Staff", "REP-1 Do the thing", "Update due today"
        self.assert_words(self.read(path, self.staff), *told)
        # Nobody else does, but administrators of a demonstration.
        for is_demonstration, status in ((False, 404), (True, 200)):
            with self.settings(DEMONSTRATION_SIGNS_IN=is_demonstration):
                self.assertEqual(self.get(path, self.administrator).status_code, status)
                told_all = "messages to all people here" in self.read(PAGE, self.administrator)
                self.assertEqual(told_all, is_demonstration)
                self.assertEqual(self.get(path, self.manager).status_code, 404)
        Reminder.objects.update(content={})
        self.assertEqual(self.get(path, self.staff).status_code, 404)
        self.assert_words(self.read(PAGE, self.staff), "No messages in the last 30 days.")


DEPUTIES_PAGE = "/accounts/deputies/"
ONE, WORK = "/recommendations/REP-1/", "/my-work/"
DAY = timedelta(days=1)


class DeputyTestCase(PageTestCase):
    """REP-1 is overdue; the ministry leads it, staff is its officer and the manager reviews it."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        edit(cls.recommendation, cls.manager, reviewer=cls.manager)

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


class DeputiesActionTests(DeputyTestCase):
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
        again = client_of(self.staff).post(f"{DEPUTIES_PAGE}{row.pk}/end/", follow=True)
        self.assertContains(again, "This has already ended.")

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

    def test_a_manager_does_the_work_and_it_is_counted(self) -> None:
        before = self.counted(self.other_manager)
        self.stand_in(self.staff, self.other_manager)
        words = self.read(WORK, self.other_manager)
        self.assert_words(words.partition("Due in the next")[0], "REP-1", "For Staff")
        self.assertEqual(self.counted(self.other_manager), before + 1)


class DeputiesPageTests(DeputyTestCase):
    def send(self, by: User, **data: Any) -> Any:
        days = {"starts_on": self.today, "ends_on": self.today + DAY}
        return self.client_for(by).post(DEPUTIES_PAGE, {**days, "deputy": self.manager.pk, **data})

    def test_a_person_names_their_own_and_ends_it(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(first_name="Ada", last_name="Port")
        self.assert_words(self.read(DEPUTIES_PAGE, self.staff), "No deputy named yet.")
        self.assertRedirects(self.send(self.staff, reason="Leave"), DEPUTIES_PAGE)
        self.assertContains(self.get("/", self.staff), DEPUTIES_PAGE)
        self.assertNotContains(self.get("/", self.viewer), DEPUTIES_PAGE)
        told = ("Ada Port Leave Manager", "Current", "End now")
        self.assert_words(self.read(DEPUTIES_PAGE, self.staff), *told)
        self.assert_words(self.read("/audit/", self.auditor), "Deputy named: Ada Port, by")
        # On paper what would end it read as if it had ended.
        page = self.get(DEPUTIES_PAGE, self.staff)
        for name in ("fold confirm", "panel"):
            self.assertContains(page, f'class="{name} screen-only"')
        row = Deputy.objects.get()
        self.assertEqual((row.person, row.recorded_by), (self.staff, self.staff))
        self.post(f"{DEPUTIES_PAGE}{row.pk}/end/", self.staff)
        self.assert_words(self.read(DEPUTIES_PAGE, self.staff), "Ended early on", "Ended")

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
