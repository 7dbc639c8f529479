"""The owner of an account hears of many failed tries, once a day, and of who got in after them."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from axes.models import AccessAttempt
from django.core import mail
from django.test import Client

from recommendations.actions.mail import delivery, queue
from recommendations.actions.mail.sign_in_warnings import MANY, warn_of_entry, warn_owners
from recommendations.models import OutgoingMail, User
from tests.base import TrackerTestCase

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


class WarningTests(TrackerTestCase):
    def setUp(self) -> None:
        OutgoingMail.objects.all().delete()

    def fail(self, name: str, failures: int, at: datetime = NOW, place: str = "192.0.2.1") -> None:
        row = AccessAttempt.objects.create(
            username=name, ip_address=place, failures_since_start=failures
        )
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at)

    def told(self) -> list[str]:
        return [row.to.username for row in OutgoingMail.objects.order_by("to__username")]

    def test_ten_failures_at_whatever_places_within_an_hour(self) -> None:
        self.fail("viewer", MANY - 1)
        self.fail("staff", MANY - 1)
        self.fail("staff", 1, place="198.51.100.7")
        warn_owners(NOW)
        self.assertEqual(self.told(), ["staff"])
        [letter] = OutgoingMail.objects.all()
        self.assertIn(
            "Many sign-in attempts with your username failed within an hour.", letter.lines[0]
        )
        self.assertIn("Further attempts are delayed. You can still sign in.", letter.lines[1])
        self.assertFalse(letter.is_asked_for)

    def test_nobody_is_told_of_what_is_past(self) -> None:
        self.fail("staff", MANY, at=NOW - timedelta(hours=1))
        warn_owners(NOW)
        self.assertEqual(self.told(), [])

    def test_names_of_nobody_and_closed_accounts_get_no_mail(self) -> None:
        User.objects.filter(username="staff").update(is_active=False)
        for name in ("nobody", "staff"):
            self.fail(name, MANY)
        warn_owners(NOW)
        self.assertEqual(self.told(), [])

    def test_once_a_day(self) -> None:
        self.fail("staff", MANY)
        for _pass in range(3):
            warn_owners(NOW)
        self.assertEqual(self.told(), ["staff"])
        AccessAttempt.objects.update(attempt_time=NOW + timedelta(days=1))
        warn_owners(NOW + timedelta(days=1))
        self.assertEqual(self.told(), ["staff", "staff"])

    def test_whoever_gets_in_after_them_is_told_of(self) -> None:
        self.fail("staff", MANY)
        warn_of_entry(self.staff, NOW)
        self.assertEqual(self.told(), [])
        self.fail("staff", 1, place="198.51.100.7")
        warn_of_entry(self.staff, NOW)
        [letter] = OutgoingMail.objects.all()
        self.assertEqual(
            letter.lines[1], "Afterwards, a sign-in with the correct password succeeded."
        )

    def test_signing_in_asks_for_it_and_failing_does_not(self) -> None:
        self.fail("staff", MANY + 1, place="198.51.100.7")
        sent = {"username": "staff", "password": "wrong"}
        with mock.patch.object(queue.OutgoingMail.objects, "bulk_create") as queued:
            for _try in range(5):
                Client().post("/accounts/login/", sent, REMOTE_ADDR="198.51.100.8")
        queued.assert_not_called()
        AccessAttempt.objects.update(attempt_time=datetime.now(UTC))
        Client().force_login(self.staff)
        self.assertEqual(self.told(), ["staff"])

    def test_it_is_sent_by_the_queue(self) -> None:
        self.fail("staff", MANY, at=datetime.now(UTC))
        mail.outbox.clear()
        delivery.send_queue()
        delivery.send_queue()
        [message] = mail.outbox
        self.assertEqual(message.to, ["staff@example.org"])
        self.assertIn("Many failed sign-ins with your username", message.subject)
