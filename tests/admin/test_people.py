"""People, roles and sign-ins: audited, never deleted, and no trace of a password."""

import json
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from recommendations.actions.base import ActionRefused
from recommendations.actions.oversight.sign_ins import release
from recommendations.admin.people import pauses
from recommendations.choices import Role
from recommendations.forms.accounts import RecordedSetPasswordForm
from recommendations.models import AuditText, User
from tests.admin.base import AdminTestCase, Window, address, said
from tests.base import make_person
from tests.mail import sending

LONG = "quite a long word"


class RoleTests(AdminTestCase):
    def test_giving_a_role_leaves_an_event(self) -> None:
        role = Group.objects.get(name=Role.VIEWER)
        data = self.window.open(User, self.stranger.pk)
        self.assert_saved(self.window.send(User, self.stranger.pk, data, groups=[role.pk]))
        [event] = self.events()
        self.assertEqual(json.loads(event.payload)["changes"], {"groups": [[], [role.name]]})
        self.assertEqual(self.stranger.groups.get(), role)

    def test_nobody_shuts_themselves_out_or_gives_themselves_a_role(self) -> None:
        manager = Group.objects.get(name=Role.MANAGER)
        data = self.window.open(User, self.administrator.pk)
        sent = {"groups": [manager.pk], "is_active": None}
        response = self.window.send(User, self.administrator.pk, data, **sent)
        told = "You cannot change your own role or organisation. Ask another administrator."
        self.assertContains(response, told)
        self.administrator.refresh_from_db()
        self.assertTrue(self.administrator.is_active)
        self.assertEqual(self.administrator.groups.get().name, Role.ADMINISTRATOR)
        self.assertEqual(self.events(), [])

    def test_who_is_no_superuser_makes_none_and_touches_none(self) -> None:
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        data = keeper.open(User, self.staff.pk)
        self.assert_saved(keeper.send(User, self.staff.pk, data, is_superuser="on"))
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_superuser)
        refused = keeper.send(User, self.administrator.pk, data, first_name="X")
        self.assertEqual(refused.status_code, 403)

    def test_a_sign_in_shows_in_the_list_although_it_is_no_event(self) -> None:
        path = address(User, "changelist")
        words = self.window.client.get(path).content.decode()
        self.assertEqual(self.window.client.get(path).status_code, 200)
        signed_in = timezone.now().replace(year=2031)
        User.objects.filter(pk=self.staff.pk).update(last_login=signed_in)
        after = self.window.client.get(path).content.decode()
        self.assertNotIn("2031", words)
        self.assertIn("2031", after)


class PasswordTests(AdminTestCase):
    def test_nobody_sets_the_password_of_another(self) -> None:
        """Neither a keeper nor a superuser, by no address and with no form."""
        before = User.objects.get(pk=self.staff.pk).password
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        sent = {"usable_password": "true", "password1": LONG, "password2": LONG}
        form = self.window.open(User, self.staff.pk)
        page = reverse("admin:auth_user_password_change", args=[self.staff.pk])
        for window in (keeper, self.window):
            self.assertEqual(window.client.get(page).status_code, 403)
            for extra in ({}, {"set-password": "1"}, {"unset-password": "1"}):
                self.assertEqual(window.client.post(page, {**sent, **extra}).status_code, 403)
            self.assert_saved(window.send(User, self.staff.pk, form, password=LONG, **sent))
        self.assertEqual(self.events(), [])
        self.assertEqual(User.objects.get(pk=self.staff.pk).password, before)
        new = {**sent, "username": "fresh", "email": "fresh@example.org", "password": LONG}
        self.assert_saved(self.window.send(User, None, self.window.open(User), **new))
        self.assertFalse(User.objects.get(username="fresh").has_usable_password())

    def test_the_owner_is_sent_a_link_to_the_address_that_was_shown(self) -> None:
        page = reverse("admin:recommendations_user_password_link", args=[self.staff.pk])
        self.assertContains(self.window.client.get(page), "The link is sent to staff@example.org.")
        sent = {"expected": "staff@example.org", "confirmed": "x"}
        with sending():
            answer = self.window.client.post(page, sent)
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(self.verbs(), [("send_password_link", "user")])
        [message] = mail.outbox
        self.assertEqual(message.to, ["staff@example.org"])
        self.assertIn("/accounts/reset/", message.body)
        refused = self.window.client.post(page, {"expected": "other@example.org", "confirmed": "x"})
        self.assertContains(refused, "The email address changed", status_code=400)

    def test_who_may_send_no_link(self) -> None:
        looker = Window(make_person("looker", Role.AUDITOR, is_staff=True))
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        for window, person in (
            (looker, self.staff),
            (Window(self.manager), self.staff),
            (keeper, self.administrator),
        ):
            page = reverse("admin:recommendations_user_password_link", args=[person.pk])
            sent = {"expected": person.email, "confirmed": "x"}
            self.assertIn(window.client.get(page).status_code, {302, 403})
            self.assertIn(window.client.post(page, sent).status_code, {302, 403})
        self.assertEqual(self.events(), [])

    def test_no_page_shows_a_hash(self) -> None:
        self.staff.set_password(LONG)
        self.staff.save()
        salt = self.staff.password.split("$")[1]
        page = self.window.client.get(address(User, "change", self.staff.pk))
        for trace in (self.staff.password, self.staff.password[-12:], salt, "algorithm"):
            self.assertNotContains(page, trace)

    def test_ones_own_password_in_the_administration_is_the_one_of_the_site(self) -> None:
        response = self.window.client.get(reverse("admin:password_change"))
        self.assertRedirects(response, reverse("password_change"), fetch_redirect_response=False)
        self.administrator.set_password("the old word")
        self.administrator.save()
        self.window = Window(self.administrator)
        sent = {"old_password": "the old word", "new_password1": LONG, "new_password2": LONG}
        response = self.window.client.post(reverse("password_change"), sent)
        self.assertEqual(response.status_code, 302)
        [event] = self.events()
        self.assertEqual((event.verb, event.actor), ("set_password", self.administrator))
        # Still signed in.
        self.assertEqual(self.window.client.get(reverse("admin:index")).status_code, 200)
        self.assert_no_trace()

    def test_a_password_set_by_a_mailed_link_is_recorded_too(self) -> None:
        known = User.objects.get(pk=self.staff.pk)
        User.objects.filter(pk=self.staff.pk).update(email="new@example.org")
        form = RecordedSetPasswordForm(known, {"new_password1": LONG, "new_password2": LONG})
        self.assertTrue(form.is_valid(), form.errors)
        form.save()
        self.staff.refresh_from_db()
        self.assertTrue(self.staff.check_password(LONG))
        # Only the password was written, not the person as the form knew them.
        self.assertEqual(self.staff.email, "new@example.org")
        self.assertEqual([event.actor for event in self.events()], [self.staff])
        self.assert_no_trace()

    def assert_no_trace(self) -> None:
        payloads = " ".join(event.payload for event in self.events())
        texts = " ".join(AuditText.objects.values_list("text", flat=True))
        for trace in (LONG, "md5$"):
            self.assertNotIn(trace, payloads)
            self.assertNotIn(trace, texts)


class SignInTests(AdminTestCase):
    """Administrators see who fails to sign in and from where, and end a pause, on record."""

    def setUp(self) -> None:
        super().setUp()
        self.attempt = self.make_attempt("viewer", "192.0.2.1", 7)

    @staticmethod
    def make_attempt(name: str, place: str, failures: int) -> AccessAttempt:
        return AccessAttempt.objects.create(
            username=name, ip_address=place, failures_since_start=failures
        )

    def page(self, person: User) -> Any:
        return Window(person).client.get(address(AccessAttempt, "changelist"))

    def test_who_from_where_how_often_and_until_when(self) -> None:
        self.make_attempt("staff", "2001:db8:1:2::", 5)
        self.make_attempt("manager", "192.0.2.9", 4)
        long_ago = timezone.now() - timedelta(hours=2)
        AccessAttempt.objects.filter(username="staff").update(attempt_time=long_ago)
        page = self.page(self.administrator)
        self.assertContains(page, "2001:db8:1:2::/64")
        rows = {row.username: row for row in page.context["cl"].result_list}
        until = pauses(list(rows.values()))
        self.assertEqual(list(rows), ["viewer", "staff", "manager"])
        four = timedelta(minutes=4)
        self.assertEqual(until, {rows["viewer"].pk: self.attempt.attempt_time + four})

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
        with self.assertRaises(ActionRefused):
            release(attempt=self.attempt, by=self.administrator)

    def test_nobody_else_sees_or_ends_it(self) -> None:
        User.objects.update(is_staff=True)
        superuser = User.objects.create(username="super", is_staff=True, is_superuser=True)
        for person in (self.manager, self.auditor, self.staff, superuser):
            with self.subTest(person=person.username):
                self.assertEqual(self.page(person).status_code, 403)
                with self.assertRaises(PermissionDenied):
                    release(attempt=self.attempt, by=person)
        self.assertTrue(AccessAttempt.objects.exists())
        self.assertEqual(self.events(), [])
