"""People and roles: audited, never deleted, and no trace of a password."""

import json

from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from recommendations.choices import Role
from recommendations.forms.passwords import RecordedSetPasswordForm
from recommendations.models import AuditText, User
from tests.admin.base import AdminTestCase, Window, address
from tests.base import make_person
from tests.mail import sending

LONG = "quite a long word"


class PeopleTests(AdminTestCase):
    def test_giving_a_role_leaves_an_event(self) -> None:
        role = Group.objects.get(name=Role.VIEWER)
        data = self.window.open(User, self.stranger.pk)
        self.assert_saved(self.window.send(User, self.stranger.pk, data, groups=[role.pk]))
        [event] = self.events()
        self.assertEqual(json.loads(event.payload)["changes"], {"groups": [[], [role.name]]})
        self.assertEqual(self.stranger.groups.get(), role)

    def test_saving_without_a_change_leaves_nothing(self) -> None:
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data))
        self.assertEqual(self.events(), [])

    def test_deactivating(self) -> None:
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data, is_active=None))
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_active)

    def test_nobody_shuts_themselves_out(self) -> None:
        data = self.window.open(User, self.administrator.pk)
        response = self.window.send(User, self.administrator.pk, data, is_active=None)
        self.assertContains(
            response, "You cannot close your own account. Ask another administrator."
        )

    def test_nobody_gives_themselves_a_role(self) -> None:
        manager = Group.objects.get(name=Role.MANAGER)
        data = self.window.open(User, self.administrator.pk)
        response = self.window.send(User, self.administrator.pk, data, groups=[manager.pk])
        self.assertContains(
            response, "You cannot change your own role or organisation. Ask another administrator."
        )
        self.assertEqual(self.administrator.groups.get().name, Role.ADMINISTRATOR)
        self.assertEqual(self.events(), [])

    def test_nobody_sets_the_password_of_another(self) -> None:
        """Neither a keeper nor a superuser, by no address and with no form."""
        before = User.objects.get(pk=self.staff.pk).password
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        sent = {"usable_password": "true", "password1": LONG, "password2": LONG}
        form = self.window.open(User, self.staff.pk)
        for window in (keeper, self.window):
            page = reverse("admin:auth_user_password_change", args=[self.staff.pk])
            self.assertEqual(window.client.get(page).status_code, 403)
            for extra in ({}, {"set-password": "1"}, {"unset-password": "1"}):
                self.assertEqual(window.client.post(page, {**sent, **extra}).status_code, 403)
            self.assert_saved(window.send(User, self.staff.pk, form, password=LONG, **sent))
        self.assertEqual(self.events(), [])
        self.assertEqual(User.objects.get(pk=self.staff.pk).password, before)

    def test_a_new_person_has_no_password_whatever_is_sent(self) -> None:
        data = self.window.open(User)
        sent = {"username": "fresh", "email": "fresh@example.org", "usable_password": "true"}
        response = self.window.send(
            User, None, data, **sent, password1=LONG, password2=LONG, password=LONG
        )
        self.assert_saved(response)
        self.assertEqual(self.verbs(), [("create", "user")])
        self.assertFalse(User.objects.get(username="fresh").has_usable_password())

    def test_the_owner_is_sent_a_link_to_the_address_that_was_shown(self) -> None:
        page = reverse("admin:recommendations_user_password_link", args=[self.staff.pk])
        self.assertContains(self.window.client.get(address(User, "change", self.staff.pk)), page)
        self.assertContains(self.window.client.get(page), "The link is sent to staff@example.org.")
        with sending():
            answer = self.window.client.post(
                page, {"expected": "staff@example.org", "confirmed": "x"}
            )
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

    def test_who_is_no_superuser_makes_none_and_touches_none(self) -> None:
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        data = keeper.open(User, self.staff.pk)
        self.assert_saved(keeper.send(User, self.staff.pk, data, is_superuser="on"))
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_superuser)
        refused = keeper.send(User, self.administrator.pk, data, first_name="X")
        self.assertEqual(refused.status_code, 403)

    def test_roles_are_only_shown(self) -> None:
        group = Group.objects.get(name=Role.MANAGER)
        page = address(Group, "change", group.pk)
        self.assertEqual(self.window.client.get(page).status_code, 200)
        self.assertEqual(self.window.client.post(page, {"name": "Boss"}).status_code, 403)

    def test_who_may_only_look_changes_nothing(self) -> None:
        auditor = make_person("looker", Role.AUDITOR, is_staff=True)
        window = Window(auditor)
        page = address(User, "change", self.staff.pk)
        shown = window.client.get(page)
        self.assertEqual(shown.status_code, 200)
        self.assertNotContains(shown, 'name="seen"')
        self.assertNotContains(shown, "Send a link to set a new password")
        self.assertContains(self.window.client.get(page), "Send a link to set a new password")
        self.assertEqual(window.client.post(page, {"first_name": "X"}).status_code, 403)

    def assert_no_trace(self) -> None:
        payloads = " ".join(event.payload for event in self.events())
        texts = " ".join(AuditText.objects.values_list("text", flat=True))
        for trace in (LONG, "md5$"):
            self.assertNotIn(trace, payloads)
            self.assertNotIn(trace, texts)

    def test_a_sign_in_shows_in_the_list_although_it_is_no_event(self) -> None:
        path = address(User, "changelist")
        words = self.window.client.get(path).content.decode()
        self.assertEqual(self.window.client.get(path).status_code, 200)
        signed_in = timezone.now().replace(year=2031)
        User.objects.filter(pk=self.staff.pk).update(last_login=signed_in)
        after = self.window.client.get(path).content.decode()
        self.assertNotIn("2031", words)
        self.assertIn("2031", after)
