"""Administrators see who fails to sign in and from where, and end a pause, on record."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from recommendations.actions.errors import ActionRefused
from recommendations.actions.oversight.sign_ins import release
from recommendations.models import AuditEvent, AuditText, User
from tests.admin.base import AdminTestCase, Window, address, said


class SignInPageTests(AdminTestCase):
    attempt: AccessAttempt

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.attempt = cls.make_attempt("viewer", "192.0.2.1", 7)

    @staticmethod
    def make_attempt(name: str, place: str, failures: int, **values: Any) -> AccessAttempt:
        return AccessAttempt.objects.create(
            username=name, ip_address=place, failures_since_start=failures, **values
        )

    def page(self, person: User) -> Any:
        return Window(person).client.get(address(AccessAttempt, "changelist"))

    def test_who_from_where_how_often_and_until_when(self) -> None:
        self.make_attempt("staff", "2001:db8:1:2::", 5)
        self.make_attempt("manager", "192.0.2.9", 4)
        AccessAttempt.objects.filter(username="staff").update(
            attempt_time=timezone.now() - timedelta(hours=2)
        )
        page = self.page(self.administrator)
        self.assertContains(page, "2001:db8:1:2::/64")
        rows = {row.username: row for row in page.context["cl"].result_list}
        until = page.context["cl"].model_admin.until
        self.assertEqual(list(rows), ["viewer", "staff", "manager"])
        self.assertEqual(until(rows["viewer"]), self.attempt.attempt_time + timedelta(minutes=4))
        self.assertIsNone(until(rows["staff"]))
        self.assertIsNone(until(rows["manager"]))

    def test_ending_a_pause_is_on_record_with_who_did_it(self) -> None:
        page = self.window.act(AccessAttempt, "release", self.attempt)
        self.assertEqual(said(page), "viewer (192.0.2.1): may sign in again now.")
        self.assertFalse(AccessAttempt.objects.exists())
        [event] = self.events()
        self.assertEqual((event.verb, event.object_type), ("release", "axes.accessattempt"))
        self.assertEqual(event.actor, self.administrator)
        texts = set(AuditText.objects.values_list("text", flat=True))
        self.assertLessEqual({"viewer", "192.0.2.1"}, texts)
        self.assert_whole()

    def test_nobody_else_sees_or_ends_it(self) -> None:
        User.objects.update(is_staff=True)
        superuser = User.objects.create(username="super", is_staff=True, is_superuser=True)
        for person in (self.manager, self.auditor, self.staff, superuser):
            with self.subTest(person=person.username):
                window = Window(person)
                page = window.client.get(address(AccessAttempt, "changelist"))
                self.assertEqual(page.status_code, 403)
                page = window.act(AccessAttempt, "release", self.attempt)
                self.assertEqual(page.status_code, 403)
                with self.assertRaises(PermissionDenied):
                    release(attempt=self.attempt, by=person)
        self.assertTrue(AccessAttempt.objects.exists())
        self.assertEqual(self.events(), [])

    def test_a_pause_that_ended_meanwhile_is_said_to_have(self) -> None:
        AccessAttempt.objects.all().delete()
        with self.assertRaises(ActionRefused):
            release(attempt=self.attempt, by=self.administrator)
        self.assertEqual(AuditEvent.objects.count(), self.first_event)

    def test_nothing_of_it_can_be_changed_here(self) -> None:
        for page in ("add", "change", "delete"):
            given = [] if page == "add" else [self.attempt.pk]
            sent = self.window.client.post(address(AccessAttempt, page, *given), {"username": "x"})
            self.assertEqual(sent.status_code, 403)
