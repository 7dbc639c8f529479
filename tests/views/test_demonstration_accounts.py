"""Accounts of the demonstration, whose password everybody can read, on a site that is none."""

from typing import Any
from unittest import mock

from django.contrib.auth.tokens import default_token_generator
from django.core.checks import Tags, run_checks
from django.db import DatabaseError
from django.test import SimpleTestCase, override_settings
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.actions.errors import ActionRefused
from recommendations.actions.password_links import send_password_link
from recommendations.actions.people import set_password
from recommendations.models import User
from tests.base import PASSWORD
from tests.mail import outbox, sending
from tests.tracker.test_settings import setting
from tests.views.pages import words_of
from tests.views.test_accounts import LOGIN, NEW, AccountTestCase

TOLD = "This is a demonstration account. It cannot be used to sign in."


def on_a_site(**values: Any) -> Any:
    return override_settings(DEMONSTRATION_SIGNS_IN=False, **values)


class DemonstrationTestCase(AccountTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        User.objects.filter(username="viewer").update(is_demonstration=True)
        cls.viewer.refresh_from_db()

    def assert_out(self) -> None:
        self.assertFalse(self.is_signed_in())


class SignInTests(DemonstrationTestCase):
    def test_the_right_password_gets_a_sentence_and_nobody_in(self) -> None:
        with on_a_site():
            self.assertContains(self.sign_in("viewer", PASSWORD), TOLD)
        self.assert_out()

    def test_a_wrong_password_tells_nothing_of_the_account(self) -> None:
        with on_a_site():
            there, not_there = self.sign_in("viewer", "wrong"), self.sign_in("nobody", "wrong")
        self.assertEqual(
            words_of(there).replace("viewer", ""), words_of(not_there).replace("nobody", "")
        )

    def test_others_sign_in_and_the_demonstration_does_where_it_is_one(self) -> None:
        with on_a_site():
            self.assertRedirects(self.sign_in("staff", PASSWORD), "/my-work/")
        self.client.logout()
        self.assertRedirects(self.sign_in("viewer", PASSWORD), "/")

    def test_the_administration_lets_nobody_of_it_in_either(self) -> None:
        User.objects.filter(username="administrator").update(is_demonstration=True)
        sent = {"username": "administrator", "password": PASSWORD}
        with on_a_site():
            self.assertContains(self.client.post("/admin/login/", sent), TOLD)
        self.assert_out()
        self.assertEqual(self.client.post("/admin/login/?next=/admin/", sent).status_code, 302)

    def test_a_session_from_before_ends(self) -> None:
        self.client.force_login(self.viewer)
        self.assertEqual(self.client.get("/").status_code, 200)
        with on_a_site():
            self.assertRedirects(self.client.get("/"), f"{LOGIN}?next=/")


class PasswordTests(DemonstrationTestCase):
    def link_of(self, person: User) -> str:
        key = urlsafe_base64_encode(force_bytes(person.pk))
        return f"/accounts/reset/{key}/{default_token_generator.make_token(person)}/"

    def test_a_mailed_link_does_not_work(self) -> None:
        with on_a_site():
            page = self.client.get(self.link_of(self.viewer), follow=True)
            self.assertContains(page, "This link no longer works")
            page = self.client.get(self.link_of(self.staff), follow=True)
            self.assertContains(page, "Choose a new password")

    def test_nobody_of_it_is_mailed_a_link(self) -> None:
        for site, sent in ((on_a_site(), []), (override_settings(), ["viewer@example.org"])):
            with site, sending():
                self.client.post("/accounts/password_reset/", {"email": "viewer@example.org"})
            self.assertEqual([message.to[0] for message in outbox()], sent)

    def test_a_form_behind_a_link_from_before_sets_nothing(self) -> None:
        form = self.client.get(self.link_of(self.viewer), follow=True)
        sent = {"new_password1": NEW, "new_password2": NEW}
        with on_a_site():
            page = self.client.post(form.redirect_chain[-1][0], sent)
        self.assertContains(page, "This link no longer works")
        self.assertTrue(User.objects.get(pk=self.viewer.pk).check_password(PASSWORD))

    def test_no_door_sets_a_password_or_sends_a_link_for_one(self) -> None:
        for by in (None, self.viewer):
            with on_a_site(), self.assertRaises(ActionRefused):
                set_password(person=self.viewer, by=by, password=NEW)
        with on_a_site(), self.assertRaisesRegex(ActionRefused, "demonstration account"):
            send_password_link(person=self.viewer, by=self.administrator, address=self.viewer.email)


class CheckTests(DemonstrationTestCase):
    def found(self) -> list[str]:
        messages = run_checks(tags=[Tags.security], include_deployment_checks=True)
        return [each.msg for each in messages if each.id == "recommendations.W002"]

    def test_the_deployment_check_counts_those_that_are_open(self) -> None:
        with on_a_site():
            self.assertIn("has 1 open demonstration account", self.found()[0])
            User.objects.filter(is_demonstration=True).update(is_active=False)
            self.assertEqual(self.found(), [])

    def test_it_is_silent_where_the_demonstration_is_wanted(self) -> None:
        self.assertEqual(self.found(), [])

    def test_a_database_that_cannot_be_asked_fails_nothing(self) -> None:
        gone = mock.patch("django.db.models.query.QuerySet.count", side_effect=DatabaseError)
        with on_a_site(), gone:
            self.assertEqual(self.found(), [])


class SettingTests(SimpleTestCase):
    def test_no_environment_switches_it_on_outside_debug(self) -> None:
        place = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "tracker.example"}
        for environment, value in (
            ({**place, "DEMONSTRATION_SIGNS_IN": "on"}, "False"),
            ({"DEBUG": "on"}, "True"),
        ):
            self.assertEqual(setting("DEMONSTRATION_SIGNS_IN", **environment).stdout.strip(), value)
