"""Signing in and out, passwords: changed, forgotten, set anew; accounts of the demonstration."""

import re
from typing import Any
from unittest import mock

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.checks import Tags, run_checks
from django.db import DatabaseError
from django.test import SimpleTestCase, override_settings
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from recommendations.actions.base import ActionRefused
from recommendations.actions.people import send_password_link, set_password
from recommendations.models import AuditEvent, User
from tests.base import PASSWORD
from tests.mail import sending
from tests.tracker.test_settings import setting
from tests.views.pages import PageTestCase, counting, words_of

LOGIN = "/accounts/login/"
RESET = "/accounts/password_reset/"
NEW = "another long word for tests"
DEAD = "This link no longer works"


class AccountTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        User.objects.update(password=make_password(PASSWORD))
        for name in ("viewer", "staff", "administrator", "stranger"):
            getattr(cls, name).refresh_from_db()

    def sign_in(self, username: str, password: str, **extra: Any) -> Any:
        return self.client.post(LOGIN, {"username": username, "password": password, **extra})

    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session

    def ask(self, address: str, **extra: Any) -> Any:
        return self.client.post(RESET, {"email": address}, **extra)

    def choose(self, path: str, new: str) -> Any:
        """Choose a password on the page behind a link."""
        form = self.client.get(path, follow=True)
        self.assertContains(form, "Choose a new password")
        sent = {"new_password1": new, "new_password2": new}
        return self.client.post(form.redirect_chain[-1][0], sent)

    def password_is(self, password: str) -> bool:
        return User.objects.get(pk=self.viewer.pk).check_password(password)


class SignInTests(AccountTestCase):
    def test_everybody_is_led_to_where_they_work_or_to_what_they_asked_for(self):
        text = self.read(LOGIN)
        told = "An administrator of your organisation creates accounts."
        self.assert_words(text, "Sign in", "Reset password", told)
        self.assert_no_words(text, "Sign in to see this page.")
        asked = "/recommendations/?text=thing"
        for name, next_page, place in (
            ("staff", "", "/my-work/"),
            ("manager", "", "/"),
            ("viewer", "", "/"),
            ("auditor", "", "/"),
            ("viewer", asked, asked),
            # Never off the site.
            *(
                ("viewer", address, "/")
                for address in ("https://e.com/", "//e.com", "javascript:alert(1)", "/\\x.com")
            ),
        ):
            with self.subTest(name=name, next=next_page):
                response = self.sign_in(name, PASSWORD, next=next_page)
                self.assertRedirects(response, place, fetch_redirect_response=False)
                self.assertContains(self.client.get("/"), str(getattr(self, name)))
                self.client.logout()
        led = self.client.get(asked)["Location"]
        self.assertEqual(led, f"{LOGIN}?next=/recommendations/%3Ftext%3Dthing")
        self.assertContains(self.client.get(led), "Sign in to see this page.")
        self.assertFalse(AuditEvent.objects.filter(object_type="recommendations.user").exists())

    def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(self):
        pages = []
        for name in ("viewer", "nobody"):
            self.assertContains(page := self.sign_in(name, "wrong"), "Error:")
            pages.append(words_of(page).replace(name, ""))
        self.assertEqual(*pages)
        self.assertFalse(self.is_signed_in())


class ChangeTests(AccountTestCase):
    CHANGE = "/accounts/password_change/"

    def change(self, old: str, new: str, again: str | None = None) -> Any:
        data = {"old_password": old, "new_password1": new, "new_password2": again or new}
        return self.post(self.CHANGE, self.viewer, **data)

    def test_changed_and_still_signed_in_with_an_event_that_does_not_hold_it(self):
        self.assert_words(self.read(self.CHANGE, self.stranger), "Change password")
        response = self.change(PASSWORD, NEW)
        self.assertRedirects(response, f"{self.CHANGE}done/", fetch_redirect_response=False)
        done = self.read(f"{self.CHANGE}done/", self.viewer)
        self.assert_words(done, "Your password was changed")
        self.assertTrue(self.password_is(NEW))
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.actor, event.object_type), (self.viewer, "recommendations.user"))
        self.assertIn("password", event.payload)
        self.assert_no_words(event.payload, NEW, "md5$")

    def test_a_wrong_weak_or_mistyped_one_changes_nothing(self):
        for old, new, again in (
            ("wrong", NEW, NEW),
            (PASSWORD, "12345678", "12345678"),
            (PASSWORD, "short", "short"),
            (PASSWORD, "viewer@example.org", "viewer@example.org"),
            (PASSWORD, NEW, f"{NEW}!"),
            (PASSWORD, "", ""),
        ):
            with self.subTest(old=old, new=new):
                self.assertContains(self.change(old, new, again), "Error:")
                self.assertTrue(self.password_is(PASSWORD))


class ResetTests(AccountTestCase):
    def link(self) -> str:
        with sending():
            self.ask("viewer@example.org")
        found = re.search(r"http://testserver(/accounts/reset/\S+)", mail.outbox[-1].body)
        assert found
        return found[1]

    def test_an_address_nobody_has_gets_the_same_answer_for_the_same_work(self):
        pages, statements = [], []
        with sending():
            for address in ("viewer@example.org", "nobody@example.org"):
                with counting() as found:
                    pages.append(words_of(self.ask(address, follow=True)))
                statements.append([query["sql"].split()[:3] for query in found])
        self.assertEqual(*pages)
        self.assertEqual(*statements)
        [letter] = mail.outbox
        self.assertEqual(letter.to, ["viewer@example.org"])
        self.assertEqual(letter.subject, "Recommendation Tracker: reset your password")
        wanted = "Your username is: viewer", "http://testserver/accounts/reset/"
        self.assert_words(letter.body, *wanted)
        self.assert_no_words(letter.body, PASSWORD)

    def test_the_link_sets_a_password_once_and_ends_a_pause_in_signing_in(self):
        for _time in range(6):
            paused = self.sign_in("viewer", "wrong")
        self.assertEqual(paused.status_code, 429)
        path = self.link()
        self.choose(path, "1")
        self.assertEqual(self.sign_in("viewer", "1").status_code, 429)
        self.assertRedirects(self.choose(path, NEW), "/accounts/reset/done/")
        self.assert_words(self.read("/accounts/reset/done/"), "Your new password was set")
        self.assertRedirects(self.sign_in("viewer", NEW), "/")
        self.client.logout()
        self.assertContains(self.client.get(path, follow=True), DEAD)

    def test_a_link_that_is_made_up_or_too_old_says_so(self):
        path = self.link()
        made_up = ("MQ/set-password", "MQ/abc-def", "%00/x", "😀/x")
        for address in (f"/accounts/reset/{each}/" for each in made_up):
            with self.subTest(address=address):
                self.assertContains(self.client.get(address, follow=True), DEAD)
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            self.assertContains(self.client.get(path, follow=True), DEAD)


TOLD = "This is a demonstration account. It cannot be used to sign in."


def on_a_site(**values: Any) -> Any:
    return override_settings(DEMONSTRATION_SIGNS_IN=False, **values)


class DemonstrationTests(AccountTestCase):
    """Accounts whose password everybody can read, on a site that is no demonstration."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        names = ("viewer", "administrator")
        User.objects.filter(username__in=names).update(is_demonstration=True)
        cls.viewer.refresh_from_db()

    def link_of(self, person: User) -> str:
        key = urlsafe_base64_encode(force_bytes(person.pk))
        return f"/accounts/reset/{key}/{default_token_generator.make_token(person)}/"

    def test_the_right_password_gets_a_sentence_and_nobody_in(self) -> None:
        admin = {"username": "administrator", "password": PASSWORD}
        with on_a_site():
            self.assertContains(self.sign_in("viewer", PASSWORD), TOLD)
            self.assertContains(self.client.post("/admin/login/", admin), TOLD)
            self.assertFalse(self.is_signed_in())
            pages = [words_of(self.sign_in(name, "wrong")) for name in ("viewer", "nobody")]
            # A wrong one tells nothing of the account.
            self.assertEqual(pages[0].replace("viewer", ""), pages[1].replace("nobody", ""))
            self.assertRedirects(self.sign_in("staff", PASSWORD), "/my-work/")
        self.client.logout()
        self.assertRedirects(self.sign_in("viewer", PASSWORD), "/")
        with on_a_site():  # a session from before ends
            self.assertRedirects(self.client.get("/"), f"{LOGIN}?next=/")
        sent = self.client.post("/admin/login/?next=/admin/", admin)
        self.assertEqual(sent.status_code, 302)

    def test_no_link_is_mailed_or_works_and_no_door_sets_a_password(self) -> None:
        path = self.link_of(self.viewer)
        form = self.client.get(path, follow=True).redirect_chain[-1][0]
        sent = {"new_password1": NEW, "new_password2": NEW}
        mail.outbox.clear()
        with on_a_site():
            self.assertContains(self.client.post(form, sent), DEAD)
            self.assertContains(self.client.get(path, follow=True), DEAD)
            page = self.client.get(self.link_of(self.staff), follow=True)
            self.assertContains(page, "Choose a new password")
            with sending():
                self.ask("viewer@example.org")
            self.assertEqual(mail.outbox, [])
            for by in (None, self.viewer):
                with self.assertRaises(ActionRefused):
                    set_password(person=self.viewer, by=by, password=NEW)
            with self.assertRaisesRegex(ActionRefused, "demonstration account"):
                email = self.viewer.email
                send_password_link(person=self.viewer, by=self.administrator, address=email)
        self.assertTrue(self.password_is(PASSWORD))
        with sending():
            self.ask("viewer@example.org")
        self.assertEqual([letter.to for letter in mail.outbox], [["viewer@example.org"]])

    def found(self) -> list[str]:
        messages = run_checks(tags=[Tags.security], include_deployment_checks=True)
        return [each.msg for each in messages if each.id == "recommendations.W002"]

    def test_the_deployment_check_counts_those_that_are_open(self) -> None:
        self.assertEqual(self.found(), [])
        gone = mock.patch("django.db.models.query.QuerySet.count", side_effect=DatabaseError)
        with on_a_site():
            self.assertIn("has 2 open demonstration account(s)", self.found()[0])
            with gone:
                self.assertEqual(self.found(), [])
            User.objects.filter(is_demonstration=True).update(is_active=False)
            self.assertEqual(self.found(), [])


class SettingTests(SimpleTestCase):
    def test_no_environment_switches_it_on_outside_debug(self) -> None:
        place = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "tracker.example"}
        for environment, value in (
            ({**place, "DEMONSTRATION_SIGNS_IN": "on"}, "False"),
            ({"DEBUG": "on"}, "True"),
        ):
            self.assertEqual(setting("DEMONSTRATION_SIGNS_IN", **environment).stdout.strip(), value)
