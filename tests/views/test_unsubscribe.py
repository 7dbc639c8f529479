"""Turning reminders off by the link of a message, and reading messages that were sent."""

from datetime import UTC, datetime
from typing import Any

from django.core import mail
from django.test import Client

from recommendations.actions.mail import delivery
from recommendations.actions.mail.reminders import queue_reminders
from recommendations.models import AuditEvent, NotificationSettings, Recommendation, Reminder, User
from recommendations.views.lists import view_members
from tests.mail import outbox
from tests.views.pages import PageTestCase, words_of

PAGE = "/accounts/notifications/"


class ReminderPageCase(PageTestCase):
    """Staff has one message of reminders, which waits to be sent."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        due = Recommendation.objects.get(pk=cls.recommendation.pk).next_due_on
        assert due is not None
        now = datetime(due.year, due.month, due.day, 6, tzinfo=UTC)
        queue_reminders(now=now, members=view_members)
        cls.reminder = Reminder.objects.get(person=cls.staff)


class LinkTests(ReminderPageCase):
    def sent(self) -> Any:
        mail.outbox.clear()
        delivery.send_queue()
        [found] = [each for each in outbox() if each.to == [self.staff.email]]
        return found

    def address(self) -> str:
        """The path of the link that the headers of the message give."""
        header = str(self.sent().extra_headers["List-Unsubscribe"])
        self.assertRegex(header, r"^<https?://[^>]+/unsubscribe/[^>]+/>$")
        return "/unsubscribe/" + header.rstrip(">").split("/unsubscribe/")[1]

    def frequency(self) -> str:
        return NotificationSettings.of(self.staff).frequency

    def test_a_mail_program_unsubscribes_by_one_post_without_cookies(self) -> None:
        path = self.address()
        program = Client(enforce_csrf_checks=True)
        body = {"List-Unsubscribe": "One-Click"}
        for _press in range(2):
            answer = program.post(path, body)
            self.assertEqual((answer.status_code, self.frequency()), (200, "none"))
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertEqual(program.cookies, {})
        self.assertEqual(AuditEvent.objects.filter(verb="unsubscribe").count(), 1)

    def test_both_headers_and_both_forms_have_it(self) -> None:
        sent = self.sent()
        self.assertEqual(sent.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        address = str(sent.extra_headers["List-Unsubscribe"]).strip("<>")
        self.assertIn(address, sent.body)
        self.assertIn(address, sent.alternatives[0][0])

    def test_looking_asks_and_changes_nothing(self) -> None:
        path = self.address()
        for method in ("get", "head"):
            answer = getattr(Client(), method)(path)
            self.assertEqual((answer.status_code, self.frequency()), (200, "daily"))
        self.assertIn("Turn reminders off?", words_of(Client().get(path)))
        self.assertIn("no-store", Client().get(path)["Cache-Control"])

    def test_a_link_that_is_nobodys_is_not_found(self) -> None:
        path = self.address()
        for wrong in (path[:-2] + "/", "/unsubscribe/x/", f"/unsubscribe/{self.staff.pk}/"):
            self.assertEqual(Client().post(wrong).status_code, 404)
        self.assertEqual(self.frequency(), "daily")

    def test_it_turns_off_chosen_settings_and_keeps_quiet_days(self) -> None:
        path = self.address()
        NotificationSettings.objects.create(person=self.staff, quiet_sunday=True)
        User.objects.filter(pk=self.staff.pk).update(is_active=False)
        Client().post(path)
        found = NotificationSettings.of(self.staff)
        self.assertEqual((found.frequency, found.quiet_days), ("none", {7}))


class MessageTests(ReminderPageCase):
    def test_a_person_reads_their_own_messages(self) -> None:
        self.assert_words(self.read(PAGE, self.staff), "Messages Reminders of")
        page = self.read(f"{PAGE}messages/{self.reminder.pk}/", self.staff)
        self.assert_words(page, "Message to Staff", "REP-1 Do the thing", "Update due today")

    def test_nobody_else_does_but_administrators_of_a_demonstration(self) -> None:
        path = f"{PAGE}messages/{self.reminder.pk}/"
        with self.settings(DEMONSTRATION_SIGNS_IN=False):
            for person in (self.manager, self.viewer, self.administrator, self.auditor):
                self.assertEqual(self.get(path, person).status_code, 404)
        with self.settings(DEMONSTRATION_SIGNS_IN=True):
            self.assertEqual(self.get(path, self.manager).status_code, 404)
            self.assert_words(self.read(path, self.administrator), "Message to Staff")
            self.assert_words(self.read(PAGE, self.administrator), "messages to all people here")
        self.assert_turned_away(path)

    def test_an_emptied_message_is_gone(self) -> None:
        Reminder.objects.update(content={})
        path = f"{PAGE}messages/{self.reminder.pk}/"
        self.assertEqual(self.get(path, self.staff).status_code, 404)
        self.assert_words(self.read(PAGE, self.staff), "No messages in the last 30 days.")
